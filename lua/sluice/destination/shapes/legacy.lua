--- The tutorial's destinations: base and source connection to the Profile Store, profile selectors in the dataflow.

local core = require "sluice.core"
local activation = require "sluice.destination.activation"
local attribute = require "sluice.activation.attribute"
local audience = require "sluice.activation.audience"
local bodies = require "sluice.destination.bodies"

local M = { name = "legacy", stages = bodies.TUTORIAL_STAGES }

M.resources = {
  profile_store_connection = bodies.profile_store_connection,
  base_connection = bodies.base_connection,
  source_connection = bodies.profile_store_source "CSV",
  -- `data` is so even though the files are CSV (T).
  target_connection = bodies.target_connection { format = "json", schema = { id = "1.0", version = "1.0" } },
  flow = bodies.flow(bodies.skeleton(function()
    return { profileSelectors = { selectors = core.json.array {} } }
  end)),
}

-- Mandatory fields and deduplication keys: their place is derived from the tutorial's read-back.
M.changes = {
  activation.audiences,
  activation.attributes,
  activation.mandatory "/profileSelectors/mandatoryFields",
  activation.deduplication "/profileSelectors/primaryFields",
  activation.marketing_actions,
  activation.description,
}

M.selector = audience.selector

--- What the shape sends of a definition's attributes.
---@param plan sluice.destination.plan
---@param definition table
function M.fill(plan, definition)
  local attributes = definition.attributes or {}
  plan.profile_selectors = attribute.selectors(attributes, M.name)
  plan.mandatory_fields = attribute.mandatory_fields(attributes, M.name)
  plan.primary_fields = attribute.primary_fields(attributes, M.name)
end

return M
