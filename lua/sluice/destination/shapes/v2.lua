--- Cloud-storage cards of the second generation: no base connection to the Profile Store, attributes as a mapping
--- set of the Data Prep service, which is made last, right before the patch that names it: once made, it cannot be
--- found by name again.

local core = require "sluice.core"
local activation = require "sluice.destination.activation"
local attribute = require "sluice.activation.attribute"
local audience = require "sluice.activation.audience"
local bodies = require "sluice.destination.bodies"
local mapping = require "sluice.destination.mapping"

local M = { name = "v2" }

M.stages = {
  { "source_connection", "base_connection" }, { "target_connection" }, { "flow" },
  { "input_schema", "output_schema" }, { "mapping_set" },
}

M.resources = {
  base_connection = bodies.base_connection,
  source_connection = bodies.profile_store_source(nil),
  target_connection = bodies.target_connection(nil),
  flow = bodies.flow(bodies.skeleton(function()
    return { mandatoryFields = core.json.array {}, primaryFields = core.json.array {}, profileMapping = {} }
  end)),
  input_schema = mapping.input_schema,
  output_schema = mapping.output_schema,
  mapping_set = mapping.mapping_set,
}

M.changes = {
  activation.audiences,
  activation.mapping,
  activation.mandatory "/mandatoryFields",
  activation.deduplication "/primaryFields",
  activation.marketing_actions,
  activation.description,
}

M.selector = audience.selector
M.prepare = mapping.prepare

--- What the shape sends of a definition's attributes.
---@param plan sluice.destination.plan
---@param definition table
function M.fill(plan, definition)
  local attributes = definition.attributes or {}
  plan.mappings = mapping.rows(attributes)
  plan.mandatory_fields = attribute.mandatory_fields(attributes, M.name)
  plan.primary_fields = attribute.primary_fields(attributes, M.name)
end

return M
