--- Checks the values of parameters: those of credentials and those of a target.

local core = require "sluice.core"
local catalog = require "sluice.catalog"
local findings = require "sluice.findings"
local schema = require "sluice.schema"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.destination.rules
---@field params sluice.catalog.param[]
---@field selector string|nil a further key, which chooses among rules: `spec`, `mode`
---@field of string who asks, for messages
---@field source string|nil
---@field kind "audiences"|"datasets"

local function shown(param, value)
  return param.secret and "" or ", got " .. suggest.quote(value)
end

local function check_form(report, place, param, value)
  local form = param.form
  if form and schema.matches(form.pattern, value, param.secret) == false then
    report[form.level](report, place, form.source, "expected %s%s", form.says, shown(param, value))
  end
end

local function one_of(report, place, param, value, values)
  for _, candidate in ipairs(values) do
    if candidate == value then return end
  end
  local word = not param.secret and type(value) == "string" and #value > 1 and value or nil -- a sign has no neighbour
  report:error(place, param.source, "unknown value%s; %s", param.secret and "" or " " .. suggest.quote(value),
    suggest.expected(word, values))
end

local function check_text(report, place, param, value)
  if param.secret and type(value) ~= "string" then
    report:error(place, param.source, "expected a secret or text")
  elseif report:text(place, value, "text", param.source) then
    check_form(report, place, param, value)
    if param.only and value ~= param.only then
      report:error(place, param.source, "expected %s%s", suggest.quote(param.only), shown(param, value))
    end
  end
end

--- What the spec document says of a value. Its type decides what else is asked.
local function check_by_document(report, place, param, value)
  local is_json, failure = pcall(core.json.encode, value)
  if not is_json then
    report:error(place, param.source, "cannot be written as JSON: %s", failure.message)
    return
  end
  local wanted = type(param.schema) == "table" and param.schema or {}
  schema.check(report, place, wanted, value, { hidden = param.secret })
  if type(value) ~= "string" then return end
  check_form(report, place, param, value)
  local is_free = not param.values and wanted.enum == nil and wanted.const == nil and not schema.is_joined(wanted)
  if wanted.type == "string" and is_free and not value:find "%S" then
    report:error(place, param.source, "expected text, and not blanks%s", shown(param, value))
  end
end

local WRITTEN_OUT = "the secret is written out here, for every reader of the recipe: take it from sluice.secret.env, "
  .. "sluice.secret.file, sluice.secret.command or a recipe's parameter of type secret"

--- Checks one value. A secret's own value is out of sight; a wrong plain value of a secret param is never shown.
local function check_value(report, place, param, value, kind)
  if core.secret.is(value) then return end
  if param.secret and type(value) == "string" and value ~= "" then report:warning(place, "derived", WRITTEN_OUT) end
  if param.fields then
    M.check(report, place, value, { params = param.fields, of = param.name, source = param.source, kind = kind })
  elseif param.schema then
    check_by_document(report, place, param, value)
    if param.values then one_of(report, place, param, value, param.values) end
  elseif param.number then
    if math.type(value) ~= "integer" then
      report:error(place, param.source, "expected an integer, got %s", suggest.quote(value))
    end
  elseif param.values then
    one_of(report, place, param, value, param.values)
  else
    check_text(report, place, param, value)
  end
end

--- Why a parameter has no place here; nil when it has one.
local function out_of_place(param, given, params, kind)
  if param.exports and param.exports ~= kind then
    return ("only where %s are exported: leave it out"):format(param.exports)
  end
  local other = param.when and catalog.named(params, param.when.name)
  if not other then return nil end
  local value = given[other.name]
  if value == nil then value = other.default end
  if value ~= param.when.value then
    return ("goes with %s %s only: leave it out"):format(other.name, suggest.quote(param.when.value))
  end
end

local function check_param(report, place, param, given, rules)
  local value, here = given[param.name], findings.at(place, param.name)
  local misplaced = out_of_place(param, given, rules.params, rules.kind)
  if misplaced then
    if value ~= nil then report:error(here, param.source or rules.source, misplaced) end
  elseif value ~= nil then
    check_value(report, here, param, value, rules.kind)
  elseif param.required and not (param.from and given[param.from] ~= nil) then
    report:error(here, param.source or rules.source, "missing: required by %s", rules.of)
  elseif param.unsettled then
    report:warning(here, param.source, "left out: %s; write which you want", param.unsettled)
  end
end

--- Checks a table of parameters: nothing unknown, nothing missing, every value as it should be.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the table
---@param given any
---@param rules sluice.destination.rules
function M.check(report, place, given, rules)
  local keys = { rules.selector }
  for _, param in ipairs(rules.params) do
    if param.exports == nil or param.exports == rules.kind or type(given) == "table" and given[param.name] ~= nil then
      keys[#keys + 1] = param.name
    end
  end
  if not report:object(place, given, keys, rules.source) then return end
  for _, param in ipairs(rules.params) do check_param(report, place, param, given, rules) end
end

local function holds(given, where)
  for name, value in pairs(where) do
    if given[name] ~= value then return false end
  end
  return true
end

--- Warns of combinations that one source forbids and another shows.
---@param report sluice.report
---@param place string
---@param given table
---@param doubts table[]|nil
function M.check_doubts(report, place, given, doubts)
  for _, doubt in ipairs(doubts or {}) do
    if holds(given, doubt.where) then
      report:warning(findings.at(place, doubt.param), doubt.source, doubt.says)
    end
  end
end

return M
