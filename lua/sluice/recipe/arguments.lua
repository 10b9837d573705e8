--- From words on the command line, and the environment, to the parameters of a recipe.

local core = require "sluice.core"
local secret = require "sluice.secret"
local suggest = require "sluice.suggest"

local M = {}

--- The option of a parameter: bucket_name → --bucket-name.
---@param param sluice.recipe.param
---@return string
function M.option(param)
  return "--" .. param.name:gsub("_", "-")
end

--- The option as usage texts show it: `--bucket-name TEXT`.
---@param param sluice.recipe.param
---@return string
function M.synopsis(param)
  local placeholder = { integer = " N", number = " N", boolean = "", enum = " WORD", list = " A,B" }
  return M.option(param) .. (placeholder[param.type] or " TEXT")
end

-- ── values ─────────────────────────────────────────────────────────────────────────────────────────────────

local BOOLEAN = { ["true"] = true, yes = true, ["1"] = true, ["false"] = false, no = false, ["0"] = false }

local function parse_list(text)
  local list = {}
  for item in text:gmatch("[^,]+") do
    item = item:match("^%s*(.-)%s*$")
    if item ~= "" then list[#list + 1] = item end
  end
  if #list > 0 then return list end
  return nil, "expected a list such as a,b"
end

local function parse_enum(text, param)
  for _, value in ipairs(param.values) do
    if text == value then return value end
  end
  return nil, suggest.expected(text, param.values)
end

--- The secret that a reference stands for, or the text itself as one.
local function parse_secret(text, param, env)
  local ok, found = pcall(secret.from, text, param.env, { env = env })
  if ok then return found or core.secret.new(param.env, text) end
  if core.error.is(found, "config") then return nil, found.message end
  return error(found, 0)
end

--- Text → value, or nil and what was expected. One entry a type.
local PARSE = {
  string = function(text) return text end,
  integer = function(text)
    local number = text:match("^[+-]?%d+$") and math.tointeger(tonumber(text))
    if number then return number end
    return nil, "expected a whole number"
  end,
  number = function(text)
    local number = text:match("^[+-]?[%d.]") and tonumber(text)
    if number then return number end
    return nil, "expected a number"
  end,
  boolean = function(text)
    local value = BOOLEAN[text:lower()]
    if value ~= nil then return value end
    return nil, "expected true or false"
  end,
  list = parse_list,
  enum = parse_enum,
  secret = parse_secret,
}

-- ── the command line ───────────────────────────────────────────────────────────────────────────────────────

---@class sluice.recipe.reading
---@field recipe sluice.recipe
---@field given table<string, any> parameter → value
---@field wrong string[] findings
---@field missing_option boolean
---@field missing string[] findings
---@field env function|nil

local function options_of(recipe)
  local by_option, names = {}, {}
  for _, param in ipairs(recipe.params) do
    local option = M.option(param)
    by_option[option] = param
    if param.type ~= "secret" then names[#names + 1] = option end
  end
  return by_option, names
end

local function take_value(reading, param, text, where)
  local value, expected = nil, "expected a value"
  if text ~= "" then value, expected = PARSE[param.type or "string"](text, param, reading.env) end
  if value == nil then
    table.insert(reading.wrong, ("%s: got %s, %s"):format(where, suggest.quote(text), expected))
  elseif param.type == "list" and reading.given[param.name] then
    table.move(value, 1, #value, #reading.given[param.name] + 1, reading.given[param.name])
  elseif reading.given[param.name] ~= nil then
    table.insert(reading.wrong, where .. ": given twice")
  else
    reading.given[param.name] = value
  end
end

local function refuse_secret(reading, param, option)
  table.insert(reading.wrong, ("%s: a secret is never an argument, where other users could see it; set %s, or give a "
    .. "reference: env:NAME, file:PATH or cmd:PROGRAM"):format(option, param.env))
  reading.given[param.name] = false -- not missing as well
end

--- Reads one word, or two; gives the index of the next.
local function read_word(reading, args, i, by_option, names)
  local word = args[i]
  local option, value = word:match("^(%-%-[^=]+)=(.*)$")
  option = option or word
  local param = by_option[option]
  if not param then
    local is_option = option:find("^%-.")
    local hint = is_option and #names > 0 and "; " .. suggest.expected(option, names) or ""
    local what = is_option and "unknown option " or "unexpected argument "
    table.insert(reading.wrong, what .. suggest.quote(option) .. hint)
    local has_value = option:find("^%-%-") and not value and args[i + 1] and not args[i + 1]:find("^%-")
    return has_value and i + 2 or i + 1
  elseif param.type == "secret" and not secret.is_reference(value or args[i + 1] or "") then
    refuse_secret(reading, param, option)
    return value and i + 1 or i + 2
  elseif value then
    take_value(reading, param, value, option)
  elseif param.type == "boolean" then
    take_value(reading, param, "true", option)
  elseif args[i + 1] == nil or by_option[args[i + 1]] then
    table.insert(reading.wrong, option .. ": needs a value")
    reading.given[param.name] = false
  else
    take_value(reading, param, args[i + 1], option)
    return i + 2
  end
  return i + 1
end

-- ── what was not given ─────────────────────────────────────────────────────────────────────────────────────

--- An example or default in the form a given value would have.
local function ready(param, value)
  if param.type == "secret" then return core.secret.new(param.env, value) end
  if param.type == "list" then return table.move(value, 1, #value, 1, {}) end
  return value
end

local function way_in(param)
  if param.type == "secret" then return param.env end
  return M.option(param)
end

local function fill(reading, param, opts, info)
  local text = param.env and (opts.env or os.getenv)(param.env)
  if text and text ~= "" then
    take_value(reading, param, text, param.env)
  elseif param.default ~= nil then
    reading.given[param.name] = ready(param, param.default)
  elseif opts.emulated and param.example ~= nil then
    reading.given[param.name] = ready(param, param.example)
    table.insert(info.examples_used, way_in(param))
  elseif param.type == "secret" then
    table.insert(reading.missing, ("%s is missing: set %s"):format(param.name, param.env))
  else
    reading.missing_option = true
    local variable = param.env and (" (or set %s)"):format(param.env) or ""
    table.insert(reading.missing, ("%s is missing%s"):format(M.option(param), variable))
  end
end

local function refuse(reading)
  local only_secrets = #reading.wrong == 0 and not reading.missing_option
  local problems = table.move(reading.missing, 1, #reading.missing, #reading.wrong + 1, reading.wrong)
  if #problems == 0 then return end
  core.error.raise(only_secrets and "config" or "usage", ("%s: %s"):format(reading.recipe.name,
    table.concat(problems, "; ")))
end

--- Parameters from arguments, environment, defaults and examples. See `sluice.recipe`.resolve.
---@param recipe sluice.recipe
---@param args string[]
---@param opts { emulated: boolean|nil, env: (fun(variable: string): string|nil)|nil }
---@return table params
---@return { examples_used: string[] } info
function M.resolve(recipe, args, opts)
  local reading = { recipe = recipe, given = {}, wrong = {}, missing = {}, missing_option = false,
    env = opts.env }
  local info = { examples_used = {} }
  local by_option, names = options_of(recipe)
  local i = 1
  while i <= #args do i = read_word(reading, args, i, by_option, names) end
  for _, param in ipairs(recipe.params) do
    if reading.given[param.name] == nil then fill(reading, param, opts, info) end
  end
  refuse(reading)
  return reading.given, info
end

return M
