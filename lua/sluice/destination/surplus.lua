--- What an existing dataflow has beyond a definition. Applying never takes anything away, so that what somebody took
--- out of a definition, or changed elsewhere, stays: that has to be said, for it goes on being exported.

local activation = require "sluice.destination.activation"
local core = require "sluice.core"
local dates = require "sluice.activation.dates"
local suggest = require "sluice.suggest"

local M = {}

local PARAMS = "/transformations/0/params"

local function list_at(flow, pointer)
  local value = core.pointer.get(flow, pointer)
  return type(value) == "table" and value or {}
end

local function contains(list, wanted)
  for _, value in ipairs(list) do
    if value == wanted then return true end
  end
  return false
end

local function warn(report, place, message, list)
  if #list > 0 then report:warning(place, "derived", message, suggest.some(list)) end
end

local function audiences(report, plan, flow)
  local list, wanted = {}, plan.selectors
  for _, selector in ipairs(list_at(flow, PARAMS .. "/segmentSelectors/selectors")) do
    local value = selector.value
    if not activation.position_of_audience(wanted, value) then
      list[#list + 1] = type(value.name) == "string" and ("%s (%s)"):format(suggest.quote(value.name), value.id)
        or value.id
    end
  end
  warn(report, "/audiences", "the existing dataflow exports audiences that are not in this definition: %s. They stay; "
    .. "remove_audiences takes them out", list)
end

local function attributes(report, plan, flow)
  if not plan.profile_selectors then return end
  local list, wanted = {}, {}
  for i, selector in ipairs(plan.profile_selectors) do wanted[i] = selector.value.path end
  for _, selector in ipairs(list_at(flow, PARAMS .. "/profileSelectors/selectors")) do
    local path = selector.value.path
    if type(path) == "string" and not contains(wanted, path) then list[#list + 1] = path end
  end
  warn(report, "/attributes", "the existing dataflow has attributes that are not in this definition: %s. They stay; "
    .. "remove_attributes takes them out", list)
end

--- Columns of a newer card: `plan.columns` are those that the dataflow will have.
local function columns(report, plan)
  if not plan.mappings or not plan.columns then return end
  local list, wanted, kept = {}, {}, {}
  for i, row in ipairs(plan.mappings) do wanted[i] = row.destination end
  for _, row in ipairs(plan.columns) do
    local is_wanted = contains(wanted, row.destination)
    table.insert(is_wanted and kept or list, row.destination)
  end
  warn(report, "/attributes", "the existing dataflow has columns that are not in this definition: %s. They stay; "
    .. "remove_attributes takes them out", list)
  if table.concat(kept, "\0") ~= table.concat(wanted, "\0") then
    warn(report, "/attributes", "the columns stay in the order that the dataflow has: %s; set_attributes changes it",
      kept)
  end
end

local function key_of(field) return field.attributePath or field.identityNamespace end

--- Mandatory fields leave profiles out, deduplication keys rows.
local function fields(report, plan, flow)
  local place = plan.shape.name == "v2" and PARAMS or PARAMS .. "/profileSelectors"
  local list = {}
  for _, field in ipairs(list_at(flow, place .. "/mandatoryFields")) do
    if not contains(plan.mandatory_fields or {}, field) then list[#list + 1] = field end
  end
  warn(report, "/attributes", "in the existing dataflow these are mandatory as well: %s. Profiles without them go on "
    .. "being left out; replace_attributes changes that", list)
  if #(plan.primary_fields or {}) > 0 then return end -- they are put right as a whole
  list = {}
  for _, field in ipairs(list_at(flow, place .. "/primaryFields")) do list[#list + 1] = tostring(key_of(field)) end
  warn(report, "/attributes", "the existing dataflow deduplicates by %s, this definition does not. It goes on doing "
    .. "so; replace_attributes changes that", list)
end

local function actions(report, plan, flow)
  local list = {}
  for _, action in ipairs(list_at(flow, "/policy/enforcementRefs")) do
    if not contains(plan.marketing_actions, action) then list[#list + 1] = action end
  end
  warn(report, "/marketing_actions", "the existing dataflow enforces marketing actions that are not in this "
    .. "definition: %s. They stay; set_marketing_actions changes that", list)
end

local function datasets_end(report, plan, flow)
  local stored = list_at(flow, "/scheduleParams").endTime
  if plan.schedule_params and plan.schedule_params.endTime == nil and math.type(stored) == "integer" then
    report:warning("/schedule", "derived", "the existing dataflow ends on %s, which stays; set_dataset_schedule "
      .. "changes that", dates.stamp(stored))
  end
end

--- Tells what stays in a dataflow although the definition has it not.
---@param report sluice.report receives the warnings
---@param plan sluice.destination.plan complete
---@param flow table|nil the existing dataflow
function M.tell(report, plan, flow)
  if not flow then return end
  if not plan.schedule_params then
    audiences(report, plan, flow)
    attributes(report, plan, flow)
    columns(report, plan)
    fields(report, plan, flow)
  end
  actions(report, plan, flow)
  datasets_end(report, plan, flow)
end

return M
