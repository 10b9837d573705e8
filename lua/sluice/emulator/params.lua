--- Checks parameters against the schema in a spec document: the part of JSON Schema those documents use,
-- namely required, type, enum and pattern. Parameters a schema does not name are let through,
-- as it does not forbid them.
local errors = require "sluice.emulator.errors"
local request = require "sluice.emulator.request"
local connection_specs = require "sluice.emulator.connection_specs"

local M = {}

local IS_TYPE = {
  string = function(value) return type(value) == "string" end,
  integer = function(value) return math.type(value) == "integer" end,
  object = request.is_object,
}

local function contains(list, value)
  for _, allowed in ipairs(list) do
    if allowed == value then return true end
  end
  return false
end

local function check_value(value, schema, pointer)
  if not IS_TYPE[schema.type](value) then
    errors.invalid(pointer, "expected a value of type %s", schema.type)
  end
  if schema.enum and not contains(schema.enum, value) then
    errors.invalid(pointer, "'%s' is not one of %s", value, table.concat(schema.enum, ", "))
  end
  if schema.pattern and not connection_specs.PATTERNS[schema.pattern](value) then
    errors.invalid(pointer, "the value does not match %s", schema.pattern)
  end
end

-- Only one of two parameters whose `conditional` asks for opposite workflows can be sent. [EXP]
local function required_here(key, schema, params)
  local property = schema.properties[key]
  if not property or not property.conditional then return params[key] == nil end
  for other, sibling in pairs(schema.properties) do
    if sibling.conditional and params[other] ~= nil then return false end
  end
  return true
end

--- Checks an object of parameters.
---@param params any
---@param schema table JSON schema of the spec document
---@param pointer string where the object is in the body
--- Refuses a wrong type, an absent required parameter, a value outside enum or pattern;
--- the service's texts are UNKNOWN.
function M.check(params, schema, pointer)
  if not request.is_object(params) then errors.invalid(pointer, "expected an object of parameters") end
  for _, key in ipairs(schema.required) do
    if required_here(key, schema, params) then
      errors.invalid(pointer .. "/" .. key, "the spec requires this parameter")
    end
  end
  for key, value in pairs(params) do
    if schema.properties[key] then check_value(value, schema.properties[key], pointer .. "/" .. key) end
  end
end

--- Checks that a member is a non-empty string.
---@param value any
---@param pointer string
---@return string value
function M.text(value, pointer)
  if type(value) ~= "string" or value == "" then errors.invalid(pointer, "expected a non-empty string") end
  return value
end

--- Checks that a member is a string when it is there.
---@param value any
---@param pointer string
function M.optional_text(value, pointer)
  if value ~= nil and type(value) ~= "string" then errors.invalid(pointer, "expected a string") end
end

return M
