--- Parameters as a spec document has them, joined with what the catalog knows of them. Where both speak, the
--- document counts, and the difference is noted; where it is silent, the catalog stands.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local findings = require "sluice.findings"
local schema = require "sluice.schema"
local suggest = require "sluice.suggest"

local M = {}

--- The mark of a fact from the organisation's own spec document.
M.SOURCE = "SPEC"

---@class sluice.destination.difference
---@field place string
---@field message string
---@field source string

--- Notes a difference.
---@param list sluice.destination.difference[]
---@param place string
---@param source string where the catalog has it from
---@param known string what the catalog says
---@param here string what the document says
function M.differ(list, place, source, known, here)
  list[#list + 1] = { place = place, source = source .. "," .. M.SOURCE,
    message = ("the catalog (%s) says: %s; the spec document of this organisation: %s. The document counts"):format(
      source, known, here) }
end

-- ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

--- A table of a document, {} for anything else.
---@param value any
---@return table
function M.table_of(value)
  return type(value) == "table" and value ~= core.json.null and value or {}
end

--- The elements of a list that are text; nil for what is no list.
---@param value any
---@return string[]|nil
function M.texts(value)
  if type(value) ~= "table" or value == core.json.null then return nil end
  local list = {}
  for _, element in ipairs(value) do
    if type(element) == "string" then list[#list + 1] = element end
  end
  return list
end

local function has(list, wanted)
  for _, element in ipairs(list or {}) do
    if element == wanted then return true end
  end
  return false
end

local WORKFLOW, DATASETS = "flowSpec.attributes._workflow", "DATASETS"

--- For which kind of export a property is meant; false as the second value where it is conditional on something
--- else, and the service has to decide.
local function exports_of(property)
  local condition = property.conditional
  if type(condition) ~= "table" then return nil, true end
  if condition.field ~= WORKFLOW or condition.value ~= DATASETS then return nil, false end
  if condition.operator == "CONTAINS" then return "datasets", true end
  if condition.operator == "NOT_CONTAINS" then return "audiences", true end
  return nil, false
end

--- A parameter that only the document knows.
local function new_param(name, property, required)
  local exports, is_clear = exports_of(property)
  return { name = name, required = required and is_clear or nil, exports = exports, schema = property,
    secret = property.format == "password" or nil, source = M.SOURCE }
end

-- ── joining ────────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.destination.joining
---@field schema table of the object that holds the params
---@field properties table
---@field required string[]|nil
---@field place string
---@field source string of the catalog's entry
---@field differences sluice.destination.difference[]

local function sorted(list)
  local copy = table.move(list, 1, #list, 1, {})
  table.sort(copy)
  return copy
end

local function join_values(joined, param, property, note)
  local values, known = M.texts(property.enum), param.values or param.only and { param.only }
  if not values or #values == 0 then return end
  if known and table.concat(sorted(known), "\0") ~= table.concat(sorted(values), "\0") then
    note(suggest.either(known), suggest.either(values))
  end
  joined.values, joined.only, joined.form = nil, nil, nil
  if not has(values, param.default) then joined.default = nil end
end

local function join_form(joined, param, property, note)
  if type(property.pattern) ~= "string" then return end
  local form = param.form
  if form and not form.own and form.pattern ~= property.pattern then
    note(form.says, "the form " .. suggest.quote(property.pattern), form.source)
  end
  joined.form = nil
end

local TYPE_WORDS = { string = "text", integer = "an integer", number = "a number", boolean = "true or false",
  object = "a table", array = "a list" }

local function join_type(joined, param, property, note)
  local here = TYPE_WORDS[property.type]
  local known = param.fields and "a table" or param.number and "an integer" or "text"
  if not here then return end
  if here ~= known then
    note(known, here)
    joined.form, joined.values, joined.only, joined.default, joined.fields = nil, nil, nil, nil, nil
  end
  joined.number = nil
end

local function join_requirement(joined, param, joining, property, note)
  local _, is_clear = exports_of(property)
  local listed = has(joining.required, param.name)
  if listed and not param.required then
    if is_clear then
      joined.required = true
      note("optional", "required")
    end
  elseif param.required and joining.required and not listed and next(joining.properties)
    and not schema.is_joined(joining.schema) then
    joined.required = nil
    note("required", joining.properties[param.name] == nil and "unknown" or "optional")
  end
end

--- One parameter of the catalog and what the document says of it; nil when it excludes the parameter.
local function join(param, joining)
  local given = joining.properties[param.name]
  local property, place = M.table_of(given), findings.at(joining.place, param.name)
  local source = param.source or joining.source
  local function note(known, here, from) M.differ(joining.differences, place, from or source, known, here) end
  if given == nil and joining.schema.additionalProperties == false then
    note(param.required and "required" or "optional", "unknown")
    return nil
  end
  local joined = {}
  for key, value in pairs(param) do joined[key] = value end
  join_requirement(joined, param, joining, property, note)
  if given == nil then return joined end
  joined.schema = property
  joined.secret = param.secret or property.format == "password" or nil
  joined.exports = exports_of(property) or param.exports
  join_values(joined, param, property, note)
  join_form(joined, param, property, note)
  join_type(joined, param, property, note)
  if joined.fields then
    joined.fields = M.join(joined.fields, property, { place = place, source = source,
      differences = joining.differences })
  end
  return joined
end

--- What the document names, as a property or as required.
local function names_of(joining)
  local names = {}
  for name in pairs(joining.properties) do names[name] = true end
  for _, name in ipairs(joining.required or {}) do names[name] = true end
  return schema.keys(names)
end

--- Joins the catalog's parameters with a JSON Schema.
---@param params sluice.catalog.param[] of the catalog; empty when it knows nothing
---@param document any the schema
---@param opts { place: string, source: string, differences: table[], skip: table<string, boolean>|nil, never:
---  string|nil } skip: names that are taken from the document only when it requires them; never: one that is not
---@return sluice.catalog.param[]
function M.join(params, document, opts)
  local object = M.table_of(document)
  local joining = { schema = object, properties = M.table_of(object.properties), required = M.texts(object.required),
    place = opts.place, source = opts.source, differences = opts.differences }
  local list = {}
  for _, param in ipairs(params) do list[#list + 1] = join(param, joining) end
  for _, name in ipairs(names_of(joining)) do
    local required = has(joining.required, name)
    local is_left_out = opts.skip and opts.skip[name] and not required
    if not catalog.named(params, name) and not is_left_out and not (opts.never and opts.never == name) then
      local param = new_param(name, M.table_of(joining.properties[name]), required)
      if param.required and #params > 0 then
        M.differ(opts.differences, findings.at(opts.place, name), opts.source, "unknown", "required")
      end
      list[#list + 1] = param
    end
  end
  return list
end

return M
