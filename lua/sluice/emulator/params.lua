--- Checks parameters against the schema in a spec document: the part of JSON Schema those documents use,
-- namely required, type, properties, enum, oneOf with const, and pattern; and their own `conditional`.
-- Parameters a schema does not name are let through, as it does not forbid them.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local patterns = require "sluice.emulator.patterns"
local request = require "sluice.emulator.request"

local M = {}

local WORKFLOW = "flowSpec.attributes._workflow"

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

-- In the order of their names, so that the first mistake reported is always the same.
local function sorted_keys(object)
  local keys = {}
  for key in pairs(object) do keys[#keys + 1] = key end
  table.sort(keys)
  return ipairs(keys)
end

local function choices(schema)
  if not schema.oneOf then return schema.enum end
  local list = {}
  for i, choice in ipairs(schema.oneOf) do list[i] = choice.const end
  return list
end

-- Blanks and quotes show in the list, where a bare value would not be seen.
local function shown(list)
  local words = {}
  for i, value in ipairs(list) do
    words[i] = value:find("^[%w_-]+$") and value or core.json.encode(value)
  end
  return table.concat(words, ", ")
end

local check_properties

local function check_value(value, schema, pointer)
  if not IS_TYPE[schema.type](value) then
    errors.invalid(pointer, "expected a value of type %s", schema.type)
  end
  local list = choices(schema)
  if list and not contains(list, value) then
    errors.invalid(pointer, "'%s' is not one of %s", value, shown(list))
  end
  if schema.pattern and not patterns.matches[schema.pattern](value) then
    errors.invalid(pointer, "the value does not match %s", schema.pattern)
  end
  if schema.properties then check_properties(value, schema, pointer) end
end

-- One of the two parameters whose `conditional` asks for opposite workflows has to be sent [EXP]. Which one
-- is settled by the dataflow that uses the connection (`M.misfit`).
local function workflow_sibling(key, schema, params)
  local condition = schema.properties[key] and schema.properties[key].conditional
  if not condition or condition.field ~= WORKFLOW then return nil end
  for _, other in sorted_keys(schema.properties) do
    local theirs = schema.properties[other].conditional
    if other ~= key and theirs and theirs.field == WORKFLOW and params[other] ~= nil then return other end
  end
end

-- A condition on another parameter: csvOptions EQUALS fileType CSV [ACT].
local function check_condition(key, schema, params, pointer)
  local condition = schema.properties[key].conditional
  if not condition then return end
  if condition.field == WORKFLOW then
    local other = workflow_sibling(key, schema, params)
    if other then errors.invalid(pointer .. "/" .. key, "send this or %s, not both", other) end
  elseif params[condition.field] ~= condition.value then
    errors.invalid(pointer .. "/" .. key, "goes with %s %s only", condition.field, condition.value)
  end
end

function check_properties(params, schema, pointer)
  for _, key in sorted_keys(params) do
    if schema.properties[key] then
      check_value(params[key], schema.properties[key], pointer .. "/" .. key)
      check_condition(key, schema, params, pointer)
    end
  end
end

--- Checks an object of parameters.
---@param params any
---@param schema table JSON schema of the spec document
---@param pointer string where the object is in the body
--- Refuses a wrong type, an absent required parameter, a value outside enum or pattern, a parameter whose
--- condition does not hold; the service's texts are UNKNOWN.
function M.check(params, schema, pointer)
  if not request.is_object(params) then errors.invalid(pointer, "expected an object of parameters") end
  for _, key in ipairs(schema.required) do
    if params[key] == nil and not workflow_sibling(key, schema, params) then
      errors.invalid(pointer .. "/" .. key, "the spec requires this parameter")
    end
  end
  check_properties(params, schema, pointer)
end

--- Tells whether parameters fit a workflow: which of them do not, and why.
---@param params table
---@param schema table JSON schema of the spec document
---@param workflows string[] `_workflow` of the flow spec; empty when it has none
---@return string? key the parameter that belongs to another workflow; nil when all fit [EXP, ACT]
function M.misfit(params, schema, workflows)
  for _, key in sorted_keys(schema.properties) do
    local condition = schema.properties[key].conditional
    if params[key] ~= nil and condition and condition.field == WORKFLOW then
      local holds = contains(workflows, condition.value) == (condition.operator == "CONTAINS")
      if not holds then return key end
    end
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
