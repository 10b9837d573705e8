--- What the table of a recipe must hold: checked when the recipe is made, so that a slip is found in its file and
--- not in its run.

local suggest = require "sluice.suggest"

local M = {}

--- The keys of a recipe, and the type of each.
local SHAPE = {
  { key = "name", type = "string" },
  { key = "version", type = "string" },
  { key = "summary", type = "string" },
  { key = "params", type = "table" },
  { key = "run", type = "function" },
}
local KEYS = { "name", "version", "summary", "params", "run" }
local PARAM_KEYS = { "name", "type", "help", "env", "example", "default", "values" }
local TYPES = { "string", "integer", "number", "boolean", "enum", "list", "secret" }

local function is_in(value, list)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

local function is_text(value) return type(value) == "string" end

--- Can this be the value of a parameter? One entry a type.
local ACCEPTS = {
  string = is_text,
  secret = is_text,
  integer = function(value) return math.type(value) == "integer" end,
  number = function(value) return type(value) == "number" end,
  boolean = function(value) return type(value) == "boolean" end,
  list = function(value) return type(value) == "table" and #value > 0 end,
  enum = function(value, param) return is_in(value, param.values) end,
}

local function unknown_key(given, keys)
  for key in pairs(given) do
    if not is_in(key, keys) then
      return ("unknown key %s; %s"):format(suggest.quote(key), suggest.expected(key, keys))
    end
  end
end

local function value_problem(param)
  for _, key in ipairs { "default", "example" } do
    local value = param[key]
    if value ~= nil and not ACCEPTS[param.type or "string"](value, param) then
      local expected = param.type == "enum" and suggest.expected(value, param.values)
        or "expected a value of type " .. (param.type or "string")
      return ("%s: %s, got %s"):format(key, expected, suggest.quote(value))
    end
  end
end

local function param_problem(param)
  if not is_in(param.type or "string", TYPES) then
    return ("unknown type %s; %s"):format(suggest.quote(param.type), suggest.expected(param.type, TYPES))
  end
  for _, key in ipairs { "help", "env" } do
    if param[key] ~= nil and not is_text(param[key]) then
      return ("%s: expected a string, got %s"):format(key, suggest.quote(param[key]))
    end
  end
  if param.type == "enum" and (type(param.values) ~= "table" or #param.values == 0) then
    return "an enum needs its values"
  elseif param.type == "secret" and param.env == nil then
    return "a secret needs the name of an environment variable in env"
  elseif param.type == "secret" and param.default ~= nil then
    return "a secret has no default"
  end
  return unknown_key(param, PARAM_KEYS) or value_problem(param)
end

local function params_problem(params)
  local seen, count = {}, 0
  for _ in pairs(params) do count = count + 1 end
  if count ~= #params then return "params: expected a list, { { name = … }, … }" end
  for _, param in ipairs(params) do
    if type(param) ~= "table" or not is_text(param.name) or not param.name:match("^%l[%l%d_]*$") then
      return "every parameter needs a name in lower_snake"
    elseif seen[param.name] then
      return ("parameter %s is declared twice"):format(param.name)
    end
    local problem = param_problem(param)
    if problem then return ("parameter %s: %s"):format(param.name, problem) end
    seen[param.name] = true
  end
end

--- The first thing wrong with a recipe's table.
---@param definition any
---@return string|nil problem nil when all is well
function M.problem(definition)
  if type(definition) ~= "table" then return "expected a table" end
  for _, field in ipairs(SHAPE) do
    if type(definition[field.key]) ~= field.type then
      return ("%s: expected a %s, got %s"):format(field.key, field.type, suggest.quote(definition[field.key]))
    end
  end
  return unknown_key(definition, KEYS) or params_problem(definition.params)
end

return M
