--- Streaming destinations (Kinesis, Event Hubs): the tutorial's chain in JSON, without files and schedules (STR).

local core = require "sluice.core"
local activation = require "sluice.destination.activation"
local attribute = require "sluice.activation.attribute"
local bodies = require "sluice.destination.bodies"

local M = { name = "streaming", stages = bodies.TUTORIAL_STAGES }

M.resources = {
  profile_store_connection = bodies.profile_store_connection,
  base_connection = bodies.base_connection,
  source_connection = bodies.profile_store_source "json",
  target_connection = bodies.target_connection { format = "json" },
  flow = bodies.flow(bodies.skeleton(function()
    return { profileSelectors = { selectors = core.json.array {} } }
  end)),
}

M.changes = {
  activation.audiences,
  activation.attributes,
  activation.marketing_actions,
  activation.description,
}

--- The selector of an audience: ID and words for people, nothing else.
---@param entry table
---@return table selector
function M.selector(entry)
  return { type = "PLATFORM_SEGMENT", value = { id = entry.id, name = entry.name, description = entry.description } }
end

--- What the shape sends of a definition's attributes: selectors with `operator`, which the older form has.
---@param plan sluice.destination.plan
---@param definition table
function M.fill(plan, definition)
  plan.profile_selectors = attribute.selectors(definition.attributes or {}, M.name)
  for _, selector in ipairs(plan.profile_selectors) do selector.value.operator = "EXISTS" end
end

return M
