--- Datasets to the cloud-storage cards: the Data Lake as source, a schedule of their own, no audiences, no patch
--- when everything is new (EXP, D).

local core = require "sluice.core"
local activation = require "sluice.destination.activation"
local bodies = require "sluice.destination.bodies"
local catalog = require "sluice.catalog"
local schedule = require "sluice.activation.schedule"

local M = { name = "datasets" }

M.stages = { { "source_connection", "base_connection" }, { "target_connection" }, { "flow" } }

--- Does a source connection read exactly the wanted datasets? They cannot be changed: another set of datasets
--- needs another source connection (EXP).
local function reads_the_same(item, plan)
  local wanted, count = {}, 0
  for _, dataset in ipairs(plan.datasets) do wanted[dataset.dataSetId], count = true, count + 1 end
  local stored = core.pointer.get(item, "/params/datasets")
  if type(stored) ~= "table" or #stored ~= count then return false end
  for _, dataset in ipairs(stored) do
    if not wanted[dataset.dataSetId] then return false end
    wanted[dataset.dataSetId] = nil
  end
  return true
end

M.resources = {
  base_connection = bodies.base_connection,
  source_connection = bodies.source_connection {
    suffix = " - datasets", spec = catalog.data_lake.connection_spec, is_ours = reads_the_same,
    content = function(plan) return { params = { datasets = plan.datasets } } end,
  },
  target_connection = bodies.target_connection(nil),
  flow = bodies.flow(function(plan)
    return { transformations = core.json.array {}, scheduleParams = plan.schedule_params }
  end),
}

--- The dataflow may be led to another source connection.
M.source_may_change = true

M.changes = {
  activation.source,
  activation.dataset_schedule,
  activation.marketing_actions,
  activation.description,
}

--- What the shape sends of a definition: datasets, and when they are exported.
---@param plan sluice.destination.plan
---@param definition table
function M.fill(plan, definition)
  plan.datasets = core.json.array {}
  for i, dataset in ipairs(definition.datasets) do
    plan.datasets[i] = { dataSetId = dataset.id, name = dataset.name }
  end
  plan.schedule_params = schedule.build_datasets(definition.schedule, definition.folder)
end

return M
