--- What the table of a recipe must hold: checked when the recipe is made, so that a slip is found in its file and
--- not in its run.

local rules = require "sluice.recipe.rules"
local suggest = require "sluice.suggest"
local types = require "sluice.recipe.types"

local M = {}

--- The keys of a recipe, and the type of each.
local SHAPE = {
  { key = "name", type = "string" },
  { key = "version", type = "string" },
  { key = "summary", type = "string" },
  { key = "description", type = "string", optional = true },
  { key = "params", type = "table" },
  { key = "permissions", type = "table", optional = true },
  { key = "run", type = "function" },
}
local KEYS = {}
for i, field in ipairs(SHAPE) do KEYS[i] = field.key end
M.KEYS = KEYS

--- The keys of a parameter, and the type of each; nil: any.
local PARAM_SHAPE = {
  { "name" }, { "type" }, { "help", "string" }, { "env", "string" }, { "example" }, { "examples", "table" },
  { "default" }, { "required", "boolean" }, { "values" }, { "of" }, { "separator" }, { "pattern", "string" },
  { "form", "string" }, { "min" }, { "max" }, { "check", "function" }, { "read", "boolean" }, { "unique", "boolean" },
}
local PARAM_KEYS = {}
for i, field in ipairs(PARAM_SHAPE) do PARAM_KEYS[i] = field[1] end
M.PARAM_KEYS = PARAM_KEYS

local function is_in(value, list)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

local function unknown_key(given, keys)
  for key in pairs(given) do
    if not is_in(key, keys) then
      return ("unknown key %s; %s"):format(suggest.quote(key), suggest.expected(key, keys))
    end
  end
end

-- ── defaults and examples ──────────────────────────────────────────────────────────────────────────────────

local function is_integer(value) return math.type(value) == "integer" end

local function is_list(value) return type(value) == "table" and next(value) ~= nil end

--- Is it written as its type is: a text, but for these?
local WRITTEN = {
  integer = is_integer, list = is_list, map = is_list,
  number = function(value) return type(value) == "number" end,
  boolean = function(value) return type(value) == "boolean" end,
}

local function is_written(param, value)
  local test = WRITTEN[param.type or "string"]
  if not test then return type(value) == "string" end
  if test ~= is_list then return test(value) end
  for _, element in pairs(test(value) and value or {}) do
    if not is_written(types.item(param), element) then return false end
  end
  return test(value)
end

local LATER = { secret = true, file = true } -- looked at when they are used

--- What is wrong with a value that the recipe itself names.
local function written_problem(param, value)
  local expected
  if not is_written(param, value) then
    expected = "expected a value of type " .. (param.type or "string")
  elseif not LATER[param.type] and not LATER[types.item(param).type] then
    local read, problem = types.of(param).accept(value, param, {})
    expected = read == nil and problem or rules.problem(param, read)
  end
  return expected and ("%s, got %s"):format(expected, suggest.quote(value))
end

local function values_problem(param)
  for _, key in ipairs { "default", "example" } do
    local problem = param[key] ~= nil and written_problem(param, param[key])
    if problem then return key .. ": " .. problem end
  end
  for i, example in ipairs(param.examples or {}) do
    local problem = written_problem(param, example)
    if problem then return ("examples: %d: %s"):format(i, problem) end
  end
end

-- ── a parameter ────────────────────────────────────────────────────────────────────────────────────────────

local function shape_problem(param, keys)
  for _, field in ipairs(PARAM_SHAPE) do
    local value = param[field[1]]
    if field[2] and value ~= nil and type(value) ~= field[2] then
      return ("%s: expected a %s, got %s"):format(field[1], field[2], suggest.quote(value))
    end
  end
  return unknown_key(param, keys)
end

local COMPARED = { date = "string", time = "string" }

local function range_problem(param)
  local name = param.type or "string"
  for _, key in ipairs { "min", "max" } do
    local value = param[key]
    if value ~= nil and not rules.has_range(name) then return ("%s: a %s has no range"):format(key, name) end
    if value ~= nil and type(value) ~= (COMPARED[name] or "number") then
      return ("%s: expected a %s, got %s"):format(key, COMPARED[name] or "number", suggest.quote(value))
    end
  end
end

local function pattern_problem(param)
  if param.pattern == nil then return nil end
  if (param.type or "string") ~= "string" then return "pattern: only a string has one" end
  local ok, reason = pcall(string.find, "", param.pattern)
  if not ok then return "pattern: " .. tostring(reason):gsub("^.-:%d+: ", "") end
end

local function type_problem(param)
  local name = param.type or "string"
  if not is_in(name, types.names) then
    return ("unknown type %s; %s"):format(suggest.quote(param.type), suggest.expected(param.type, types.names))
  elseif name == "enum" and (type(param.values) ~= "table" or #param.values == 0) then
    return "an enum needs its values"
  elseif param.examples and #param.examples == 0 then
    return "examples: expected a list of at least one"
  elseif name ~= "list" and name ~= "map" and (param.of ~= nil or param.separator ~= nil) then
    return ("%s: only a list or a map has it"):format(param.of ~= nil and "of" or "separator")
  elseif param.separator ~= nil and type(param.separator) ~= "string" and param.separator ~= false then
    return "separator: expected a text, or false for none"
  end
end

local ITEM_KEYS = { "type", "values", "pattern", "form", "min", "max", "check", "read" }
local NOT_INSIDE = { list = true, map = true, secret = true, boolean = true }

--- What is wrong with the declaration of what a list or map holds.
local function item_problem(param)
  if param.type ~= "list" and param.type ~= "map" or param.of == nil then return nil end
  if type(param.of) ~= "string" and type(param.of) ~= "table" then return "of: expected a type" end
  local item = types.item(param)
  if NOT_INSIDE[item.type] then return ("of: a %s cannot hold a %s"):format(param.type, item.type) end
  local problem = type_problem(item) or type(param.of) == "table" and shape_problem(param.of, ITEM_KEYS)
    or range_problem(item) or pattern_problem(item)
  return problem and "of: " .. problem
end

local MAX_VARIABLE = 100 -- bytes

local function variable_problem(param)
  local name = param.env
  if name == nil or #name <= MAX_VARIABLE and name:find "^[%a_][%w_]*$" then return nil end
  return "env: expected the name of an environment variable, got " .. suggest.quote(name)
end

--- What is wrong with the declaration of a parameter, but for the values that it names: those are looked at where the
--- recipe itself is.
---@param param table
---@return string|nil problem
function M.declaration_problem(param)
  return shape_problem(param, PARAM_KEYS) or type_problem(param) or variable_problem(param) or item_problem(param)
    or range_problem(param)
end

local function secret_problem(param)
  if param.type ~= "secret" then return nil end
  if param.env == nil then return "a secret needs the name of an environment variable in env" end
  if param.default ~= nil then return "a secret has no default" end
end

local function param_problem(param)
  return type_problem(param) or shape_problem(param, PARAM_KEYS) or variable_problem(param) or secret_problem(param)
    or item_problem(param) or range_problem(param) or pattern_problem(param) or values_problem(param)
end

local function params_problem(params)
  local seen, count = {}, 0
  for _ in pairs(params) do count = count + 1 end
  if count ~= #params then return "params: expected a list, { { name = … }, … }" end
  for _, param in ipairs(params) do
    if type(param) ~= "table" or type(param.name) ~= "string" or not param.name:match "^%l[%l%d_]*$" then
      return "every parameter needs a name in lower_snake"
    elseif seen[param.name] then
      return ("parameter %s is declared twice"):format(param.name)
    end
    local problem = param_problem(param)
    if problem then return ("parameter %s: %s"):format(param.name, problem) end
    seen[param.name] = true
  end
end

local function permissions_problem(permissions)
  if permissions == nil then return nil end
  local found = require("sluice.restrict.permissions").check(permissions)
  if #found > 0 then return "permissions: " .. require("sluice.findings").prose(found) end
end

--- The first thing wrong with a recipe's table.
---@param definition any
---@return string|nil problem nil when all is well
function M.problem(definition)
  if type(definition) ~= "table" then return "expected a table" end
  for _, field in ipairs(SHAPE) do
    local value = definition[field.key]
    if type(value) ~= field.type and not (field.optional and value == nil) then
      return ("%s: expected a %s, got %s"):format(field.key, field.type, suggest.quote(value))
    end
  end
  return unknown_key(definition, KEYS) or params_problem(definition.params)
    or permissions_problem(definition.permissions)
end

return M
