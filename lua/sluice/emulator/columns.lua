--- The columns of exported files: the attribute paths of a legacy card in their order [T], the columns of the
-- mapping set of a V2 card [ACT]. A dataset's schema is not known here; its columns are invented.
local M = {}

local DATASET = { "_id", "timestamp", "person.name.firstName", "person.name.lastName", "personalEmail.address" }

local function of_mapping(scope, mapping)
  local columns = {}
  local record = mapping.mappingId and scope:find("mappingSets", mapping.mappingId)
  for i, entry in ipairs(record and record.item.mappings or {}) do columns[i] = entry.destination end
  return columns
end

local function of_selectors(selectors)
  local columns = {}
  for i, selector in ipairs(selectors) do columns[i] = selector.value.path end
  return columns
end

--- The columns of a job's files, in their order; none for a flow without attributes.
---@param job sluice.emulator.Job
---@return string[]
function M.of(job)
  if job.kind == "dataset" then return DATASET end
  local transformation = job.flow.transformations[1]
  local params = transformation and transformation.params or {}
  if params.profileMapping then return of_mapping(job.scope, params.profileMapping) end
  return of_selectors(params.profileSelectors and params.profileSelectors.selectors or {})
end

return M
