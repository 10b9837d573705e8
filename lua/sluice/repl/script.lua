--- A session as a script: what went well, in its order; secrets as references to environment variables.

local chunk = require "sluice.repl.chunk"
local lexer = require "sluice.repl.lexer"
local secrets = require "sluice.repl.secrets"

local M = {}

---@class sluice.repl.Done
---@field kind "expression"|"statement"|"connect"
---@field text string
---@field first integer|nil number of the first value that an expression gave
---@field count integer|nil how many it gave

local function variable(name)
  local word = name:upper():gsub("[^%w]", "_")
  return word:find "^%d" and "_" .. word or word
end

--- The text with a reference in place of each secret; nil where a secret is only part of a text in quotes, or stands
--- elsewhere.
---@param text string
---@param used table<string, true> the variables that it refers to are added
---@return string|nil
function M.without_secrets(text, used)
  local found = secrets.find(text)
  for i = #found, 1, -1 do
    local place = found[i]
    if not place.name then return nil end
    local word = variable(place.name)
    used[word] = true
    local reference = ('sluice.secret.env "%s"'):format(word)
    text = text:sub(1, place.first - 1) .. reference .. text:sub(place.last + 1)
  end
  if require("sluice.core").secret.mask(text) ~= text then return nil end
  return text
end

--- Which results are used later: `_`, `_1`, …; by the index of what was done.
local function names_used(done)
  local used = {}
  for i, entry in ipairs(done) do
    for _, token in ipairs(lexer.tokens(entry.text)) do
      if token.kind == "name" and token.text:find "^_%d*$" then used[#used + 1] = { at = i, name = token.text } end
    end
  end
  return used
end

--- The names that have to be given to the values of an expression: `_3`, and `_` as long as it is the newest.
local function names_for(done, i, used)
  local entry, wanted, latest = done[i], {}, true
  local newest = #done
  for later = i + 1, #done do
    if done[later].kind == "expression" and (done[later].count or 0) > 0 and latest then
      newest, latest = later, false
    end
  end
  for _, use in ipairs(used) do
    local number = math.tointeger(tonumber(use.name:sub(2)))
    if number and number >= entry.first and number < entry.first + entry.count then wanted[use.name] = true end
    if use.name == "_" and use.at > i and use.at <= newest then wanted._ = true end
  end
  return wanted
end

local function is_call(text)
  return load(text, "=" .. chunk.NAME, "t") ~= nil
end

--- An expression as a statement: its values get their names if anybody uses them, else a call stands as it is, and
--- anything else is printed.
local function statement(done, i, used)
  local entry = done[i]
  local wanted = entry.count and entry.count > 0 and names_for(done, i, used) or {}
  if next(wanted) then
    local targets = {}
    for n = entry.first, entry.first + entry.count - 1 do targets[#targets + 1] = "_" .. n end
    local line = ("%s = %s"):format(table.concat(targets, ", "), entry.text)
    return wanted._ and ("%s\n_ = %s"):format(line, targets[1]) or line
  end
  if is_call(entry.text) then return entry.text end
  return (entry.text:find("--", 1, true) and "print(\n%s\n)" or "print(%s)"):format(entry.text)
end

local HEAD = [[
#!/usr/bin/env sluice
-- A session of sluice as a script%s.
]]

--- The script.
---@param done sluice.repl.Done[] what went well
---@param options { emulated: boolean|nil, connect: string|nil } connect: how the first connection was made
---@return string text
---@return integer left_out lines that give a secret away and cannot be written otherwise
function M.text(done, options)
  local used_names, variables, left_out = names_used(done), {}, 0
  local lines = {}
  for i, entry in ipairs(done) do
    local text = entry.kind == "expression" and statement(done, i, used_names) or entry.text
    local safe = M.without_secrets(text, variables)
    if not safe then left_out = left_out + 1 end
    lines[#lines + 1] = safe or "-- left out here: a line with a secret in it"
  end
  local head = HEAD:format(options.emulated and "; to be run with: sluice run --emulate FILE" or "")
  local list = {}
  for name in pairs(variables) do list[#list + 1] = name end
  table.sort(list)
  if #list > 0 then
    head = head .. "-- It takes its secrets from these variables: " .. table.concat(list, ", ") .. "\n"
  end
  local connect = options.connect or "sluice.connect()"
  local opening = ('\nlocal sluice = require "sluice"\nlocal aep = %s\n\n'):format(connect)
  return head .. opening .. table.concat(lines, "\n") .. "\n", left_out
end

return M
