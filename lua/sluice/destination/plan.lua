--- Everything a set-up sends, from a checked definition: which shape it has, what its resources are called, what
--- stands in their bodies.

local core = require "sluice.core"

local M = {}

---@class sluice.destination.shape
---@field name "legacy"|"v2"|"streaming"|"datasets"
---@field stages string[][] resources in the order of their making; those of one stage at the same time
---@field resources table<string, sluice.destination.resource>
---@field changes sluice.destination.comparison[] what the dataflow is compared in, in the order of the patch
---@field fill fun(plan: sluice.destination.plan, definition: table) the shape's own part of the plan
---@field selector nil|fun(audience: table): table the selector of an audience; nil where there are none
---@field prepare nil|fun(plan: sluice.destination.plan, aep: table, flow: table|nil, report: sluice.report) further
---  look-ups before the first creation
---@field source_may_change boolean|nil an existing dataflow may be led to another source connection

---@class sluice.destination.plan
---@field title string the system's name for people
---@field type string
---@field shape sluice.destination.shape
---@field description string|nil
---@field names table<string, string> resource → name
---@field ids table<string, string> resource → ID, filled while the set-up goes on
---@field destination_spec string connection spec ID
---@field document table|nil its spec document, once it is read
---@field flow_spec_id string|nil once it is settled
---@field flow_spec_name string|nil where it had to be looked up
---@field auth table|nil { specName, params }; nil without credentials
---@field auth_params sluice.catalog.param[]
---@field target_params table
---@field selectors table[] audience selectors
---@field profile_selectors table[] of the legacy and streaming shapes
---@field mappings table[] of the second generation: rows of its mapping set
---@field columns table[]|nil rows that the dataflow will have, as far as they are known
---@field mapping { rows: table[], union: table, partner: table }|nil the mapping set to be made
---@field profile_mapping { mappingId: string, mappingVersion: integer }|nil once it is made
---@field mandatory_fields string[]
---@field primary_fields table[]
---@field marketing_actions string[]
---@field datasets table[] of the shape of that name
---@field schedule_params table of the same

--- The values of checked params; a nested object has params of its own.
local function values_of(given, params, filled)
  for _, param in ipairs(params) do
    local value = given[param.name]
    if value == nil and param.required and param.from then value = given[param.from] end
    if value == nil then value = param.default end
    if param.fields and type(value) == "table" then value = values_of(value, param.fields, {}) end
    if param.secret and type(value) == "string" then value = core.secret.new(param.name, value) end
    filled[param.name] = value
  end
  return filled
end

local function auth_of(given, spec)
  return spec and { specName = spec.name, params = values_of(given, spec.params, {}) } or nil
end

--- The shape of a destination: a dataset export has its own, whatever the system.
---@param definition table
---@param system sluice.catalog.system
---@return sluice.destination.shape
function M.shape_of(definition, system)
  return require("sluice.destination.shapes." .. (definition.datasets and "datasets" or system.shape))
end

--- Everything a set-up sends, but for its audiences, whose IDs may have to be looked up first.
---@param definition table
---@param chosen { system: table, auth: table|nil, mode: table }
---@return sluice.destination.plan
function M.new(definition, chosen)
  local system, names = chosen.system, {}
  local shape = M.shape_of(definition, system)
  for key, resource in pairs(shape.resources) do names[key] = definition.name .. resource.suffix end
  local plan = {
    title = system.title, type = definition.type, shape = shape,
    description = definition.description, names = names, ids = {},
    destination_spec = system.connection_spec,
    auth = auth_of(definition.auth, chosen.auth),
    auth_params = chosen.auth and chosen.auth.params or {},
    target_params = values_of(definition.target, chosen.mode.params, { mode = chosen.mode.name }),
    selectors = {}, marketing_actions = definition.marketing_actions or {},
  }
  shape.fill(plan, definition)
  return plan
end

--- Puts the audiences in.
---@param plan sluice.destination.plan
---@param audiences table[] each with its ID
function M.add_audiences(plan, audiences)
  for i, entry in ipairs(audiences) do plan.selectors[i] = plan.shape.selector(entry) end
end

return M
