--- The text that explains a recipe: what it is for, its options, its secrets.

local arguments = require "sluice.recipe.arguments"
local rules = require "sluice.recipe.rules"
local types = require "sluice.recipe.types"

local M = {}

local WIDTH = 79 -- columns of a usage text

local function pairs_of(map)
  local words = {}
  for key, value in pairs(map) do words[#words + 1] = ("%s=%s"):format(key, value) end
  table.sort(words)
  return table.concat(words, ",")
end

local function shown(param, value)
  if param.type == "map" then return pairs_of(value) end
  if type(value) ~= "table" then return tostring(value) end
  return table.concat(value, types.separator(param) or " and ")
end

--- What a parameter is like: "such as a or b".
---@param param sluice.recipe.param
---@return string|nil
function M.like(param)
  if param.type == "secret" then return nil end
  local examples = param.examples or param.example ~= nil and { param.example } or {}
  local words = {}
  for i, example in ipairs(examples) do words[i] = shown(param, example) end
  return #words > 0 and "such as " .. table.concat(words, " or ") or nil
end

local function words_of(param)
  local item = (param.type == "list" or param.type == "map") and types.item(param) or param
  return item.values and table.concat(item.values, ", ")
end

local function form_of(param)
  return param.form or (param.type == "list" or param.type == "map") and types.item(param).form or nil
end

--- What is known of a parameter besides its help.
---@param param sluice.recipe.param
---@return string[]
function M.notes(param)
  local notes = {}
  local function add(note) notes[#notes + 1] = note or nil end
  add(words_of(param))
  add(form_of(param))
  add(rules.range(param))
  add(param.env and param.type ~= "secret" and "or " .. param.env)
  if param.default ~= nil then add("default " .. shown(param, param.default)) else add(M.like(param)) end
  add(param.required == false and param.default == nil and "may be left out")
  add(types.of(param).repeats and not types.separator(param) and "again for more")
  return notes
end

--- The help of a parameter with what else there is to know.
local function explanation(param)
  local notes, text = M.notes(param), param.help or ""
  local known = #notes > 0 and (" (%s)"):format(table.concat(notes, "; ")) or ""
  return (text .. known):match "^ ?(.*)$"
end

--- Words filled into lines of at most `width` characters; a longer word gets a line of its own.
local function fill(text, width)
  local lines = { "" }
  for word in text:gmatch "%S+" do
    local line = lines[#lines]
    if line ~= "" and utf8.len(line, 1, -1, true) + 1 + utf8.len(word, 1, -1, true) > width then
      lines[#lines + 1] = word
    else
      lines[#lines] = line == "" and word or line .. " " .. word
    end
  end
  return lines
end

local function block(title, rows)
  if #rows == 0 then return "" end
  local width, lines = 0, { title }
  for _, row in ipairs(rows) do width = math.max(width, #row[1]) end
  local margin = (" "):rep(width + 4)
  for _, row in ipairs(rows) do
    local text = table.concat(fill(row[2], WIDTH - #margin), "\n" .. margin)
    lines[#lines + 1] = ("  %s%s  %s"):format(row[1], (" "):rep(width - #row[1]), text)
  end
  return table.concat(lines, "\n") .. "\n"
end

--- A description: its paragraphs, filled.
local function paragraphs(text)
  local parts = {}
  for part in (text .. "\n\n"):gmatch "(.-)\n%s*\n" do
    if part:find "%S" then parts[#parts + 1] = table.concat(fill(part, WIDTH), "\n") end
  end
  return #parts > 0 and table.concat(parts, "\n\n") .. "\n" or ""
end

--- The text that explains a recipe's own options and secrets.
---@param recipe sluice.recipe
---@return string text ends with a newline
function M.text(recipe)
  local options, secrets = {}, {}
  for _, param in ipairs(recipe.params) do
    if param.type == "secret" then
      secrets[#secrets + 1] = { ("%s, %s REF"):format(param.env, arguments.option(param)), explanation(param) }
    else
      options[#options + 1] = { arguments.synopsis(param), explanation(param) }
    end
  end
  local head = ("%s %s: %s"):format(recipe.name, recipe.version, recipe.summary)
  local parts = { table.concat(fill(head, WIDTH), "\n") .. "\n" }
  for _, part in ipairs {
    paragraphs(recipe.description or ""), block("Options:", options),
    block("Secrets, from the environment, or by a REF: env:NAME, file:PATH, cmd:PROGRAM", secrets),
  } do
    if part ~= "" then parts[#parts + 1] = part end
  end
  return (table.concat(parts, "\n"):gsub("\n+$", "\n"))
end

return M
