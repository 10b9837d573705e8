--- What a dataflow lacks of what is wanted: audiences, attributes, schedules … Before the patch the answer is the
--- patch; after it, the proof: nothing may be lacking then. A shape picks the comparisons that hold for it, in the
--- order of the patch. Numbers such as #4 are those of activation.md §2.

local core = require "sluice.core"
local identity = require "sluice.activation.identity"

local M = {}

local PARAMS = "/transformations/0/params"
local AUDIENCES = PARAMS .. "/segmentSelectors/selectors"
local ATTRIBUTES = PARAMS .. "/profileSelectors/selectors"
local MAPPING = PARAMS .. "/profileMapping"
local POLICIES = "/policy/enforcementRefs"

--- A list of the flow, or an empty one where the service left it out.
local function list_at(flow, pointer)
  local value = core.pointer.get(flow, pointer)
  return type(value) == "table" and value or {}
end

local function is_set(value) return value ~= nil and value ~= core.json.null end

--- A schedule in the form in which two of them compare: an absent trigger means SCHEDULED, and after
--- evaluation the start time has no effect.
local function comparable(schedule)
  local plain = {}
  for key, value in pairs(type(schedule) == "table" and schedule or {}) do
    if is_set(value) then plain[key] = value end
  end
  if plain.triggerType == "AFTER_SEGMENT_EVAL" then plain.startTime = nil end
  plain.triggerType = plain.triggerType or "SCHEDULED"
  return plain
end

--- Does a stored value hold the wanted one? Members that the service added do not count.
local function holds(stored, wanted)
  if type(wanted) ~= "table" then return stored == wanted end
  if type(stored) ~= "table" then return false end
  if core.json.is_array(wanted) then return core.json.equal(stored, wanted) end
  for key, value in pairs(wanted) do
    if not holds(stored[key], value) then return false end
  end
  return true
end

--- Is the stored audience exported as wanted? Its name and description are words for people: the service may
--- hold the audience's own.
---@param stored table value of a selector as the service returned it
---@param wanted table value of a selector
---@return boolean
function M.same_export(stored, wanted)
  if wanted.enrichmentInfo and not holds(stored.enrichmentInfo, wanted.enrichmentInfo) then return false end
  return stored.exportMode == wanted.exportMode and stored.filenameTemplate == wanted.filenameTemplate
    and core.json.equal(comparable(stored.schedule), comparable(wanted.schedule))
end

local function position_of(selectors, key, value)
  for i, selector in ipairs(selectors) do
    if type(selector.value) == "table" and selector.value[key] == value then return i end
  end
end

--- Where the audience of a selector stands in a list: the same ID, or the platform's ID of one made elsewhere.
---@param selectors table[]
---@param wanted table value of a selector
---@return integer|nil
function M.position_of_audience(selectors, wanted)
  for i, selector in ipairs(selectors) do
    if type(selector.value) == "table" and identity.same(selector.value, wanted) then return i end
  end
end

local IDENTITY = { id = true, systemSegmentId = true, namespace = true }

--- The complete selector as stored, with the wanted values in place: a replacement has to be whole (UPD). An audience
--- that goes by another of its IDs keeps the one it has.
---@param stored table a selector
---@param wanted table a selector
---@return table selector
function M.renewed(stored, wanted)
  local value = {}
  for key, old in pairs(stored.value) do value[key] = old end
  local is_renamed = stored.value.id ~= wanted.value.id
  for key, new in pairs(wanted.value) do
    if not (is_renamed and IDENTITY[key]) then value[key] = new end
  end
  return { type = wanted.type, value = value }
end

--- Audiences: #1, or #3 with the complete selector.
---@type sluice.destination.comparison
function M.audiences(flow, plan, changes)
  local stored = list_at(flow, AUDIENCES)
  for _, wanted in ipairs(plan.selectors) do
    local change = { kind = "audience", what = "audience " .. (wanted.value.name or wanted.value.id) }
    local position = M.position_of_audience(stored, wanted.value)
    if not position then
      change.op, change.path, change.value = "add", AUDIENCES .. "/-", wanted
      changes[#changes + 1] = change
    elseif not M.same_export(stored[position].value, wanted.value) then
      change.op, change.path = "replace", ("%s/%d"):format(AUDIENCES, position - 1)
      change.value = M.renewed(stored[position], wanted)
      change.what = change.what .. " with its schedule and file name"
      changes[#changes + 1] = change
    end
  end
end

--- Attributes of the legacy and streaming destinations: #4.
---@type sluice.destination.comparison
function M.attributes(flow, plan, changes)
  local stored = list_at(flow, ATTRIBUTES)
  for _, wanted in ipairs(plan.profile_selectors) do
    if not position_of(stored, "path", wanted.value.path) then
      changes[#changes + 1] = { op = "add", path = ATTRIBUTES .. "/-", value = wanted,
        what = "attribute " .. wanted.value.path, kind = "attribute" }
    end
  end
end

--- Attributes of the second generation: #10, once a new mapping set is made.
---@type sluice.destination.comparison
function M.mapping(flow, plan, changes)
  local wanted = plan.profile_mapping
  if not wanted or holds((core.pointer.get(flow, MAPPING)), wanted) then return end
  changes[#changes + 1] = { op = "add", path = MAPPING, value = wanted, kind = "mapping",
    what = ("mapping set %s, version %s"):format(wanted.mappingId, wanted.mappingVersion) }
end

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

--- Mandatory fields: #6, #8. They are only added to: what the flow has beyond the wanted ones stays.
---@param place string below the params of the transformation
---@return sluice.destination.comparison
function M.mandatory(place)
  return function(flow, plan, changes)
    local all, lacking = core.json.array {}, {}
    for _, field in ipairs(list_at(flow, PARAMS .. place)) do all[#all + 1] = field end
    for _, field in ipairs(plan.mandatory_fields) do
      if not contains(all, field) then
        all[#all + 1], lacking[#lacking + 1] = field, field
      end
    end
    if #lacking > 0 then
      changes[#changes + 1] = { op = "add", path = PARAMS .. place, value = all,
        what = "mandatory " .. table.concat(lacking, ", "), kind = "mandatory" }
    end
  end
end

local function key_of(field) return field.attributePath or field.identityNamespace end

local function has_key(list, wanted)
  for _, field in ipairs(list) do
    if field.fieldType == wanted.fieldType and key_of(field) == key_of(wanted) then return true end
  end
  return false
end

--- Deduplication keys: #7, #9. They are one setting: another set than the wanted one is put right as a whole.
---@param place string below the params of the transformation
---@return sluice.destination.comparison
function M.deduplication(place)
  return function(flow, plan, changes)
    local stored, same = list_at(flow, PARAMS .. place), true
    if #plan.primary_fields == 0 then return end
    local names = {}
    for i, field in ipairs(plan.primary_fields) do
      same, names[i] = same and has_key(stored, field), key_of(field)
    end
    if not same or #stored ~= #plan.primary_fields then
      changes[#changes + 1] = { op = "add", path = PARAMS .. place, value = plan.primary_fields,
        what = "deduplication by " .. table.concat(names, ", "), kind = "deduplication" }
    end
  end
end

--- Marketing actions: #12 where the flow has no policy, else #11 for each that lacks.
---@type sluice.destination.comparison
function M.marketing_actions(flow, plan, changes)
  local stored, lacking = core.pointer.get(flow, POLICIES), core.json.array {}
  for _, action in ipairs(plan.marketing_actions) do
    if not (type(stored) == "table" and contains(stored, action)) then lacking[#lacking + 1] = action end
  end
  local function add(path, value, words)
    changes[#changes + 1] = { op = "add", path = path, value = value, what = "marketing action " .. words,
      kind = "policy" }
  end
  if type(stored) == "table" then
    for _, action in ipairs(lacking) do add(POLICIES .. "/-", action, action) end
  elseif #lacking > 0 then
    add("/policy", { enforcementRefs = lacking }, table.concat(lacking, ", "))
  end
end

--- A member of the flow that is one value: replaced as a whole, added where the flow has none.
local function whole(flow, place, value, kind, what, changes)
  local stored = core.pointer.get(flow, place)
  if holds(stored, value) then return end
  changes[#changes + 1] = { op = is_set(stored) and "replace" or "add", path = place, value = value, kind = kind,
    what = what }
end

--- The description: #14.
---@type sluice.destination.comparison
function M.description(flow, plan, changes)
  if plan.description then
    whole(flow, "/description", plan.description, "description", "its description", changes)
  end
end

--- The schedule of a dataset export: #15.
---@type sluice.destination.comparison
function M.dataset_schedule(flow, plan, changes)
  whole(flow, "/scheduleParams", plan.schedule_params, "schedule", "its schedule", changes)
end

--- The datasets of an export: #16, another source connection.
---@type sluice.destination.comparison
function M.source(flow, plan, changes)
  whole(flow, "/sourceConnectionIds", core.json.array { plan.ids.source_connection }, "datasets",
    "datasets, by source connection " .. plan.ids.source_connection, changes)
end

---@alias sluice.destination.comparison fun(flow: table, plan: sluice.destination.plan, changes:
---  sluice.destination.change[])

---@class sluice.destination.change
---@field op "add"|"replace"
---@field path string JSON pointer
---@field value any
---@field what string for people
---@field kind string what the summary counts it under

--- What has to be done to a flow so that it holds what the plan wants, in the order of its shape.
---@param flow table a dataflow as the service returned it
---@param plan sluice.destination.plan
---@return sluice.destination.change[] changes empty when nothing is lacking
function M.changes(flow, plan)
  local changes = {}
  for _, comparison in ipairs(plan.shape.changes) do comparison(flow, plan, changes) end
  return changes
end

--- The changes as one JSON Patch.
---@param changes sluice.destination.change[]
---@return table patch
function M.patch(changes)
  local patch = core.patch.new()
  for _, change in ipairs(changes) do patch[change.op](patch, change.path, change.value) end
  return patch
end

local KINDS = {
  { "audience", "%d audience%s" }, { "attribute", "%d attribute%s" }, { "mapping", "mapping set" },
  { "mandatory", "mandatory fields" }, { "deduplication", "deduplication keys" },
  { "datasets", "datasets" }, { "schedule", "schedule" }, { "policy", "marketing actions" },
  { "description", "description" },
}

--- The changes in numbers: `2 audiences, 4 attributes, mandatory fields`.
---@param changes sluice.destination.change[]
---@return string
function M.summary(changes)
  local words = {}
  for _, kind in ipairs(KINDS) do
    local count = 0
    for _, change in ipairs(changes) do
      if change.kind == kind[1] then count = count + 1 end
    end
    if count > 0 then words[#words + 1] = kind[2]:format(count, count == 1 and "" or "s") end
  end
  return table.concat(words, ", ")
end

--- The changes in words.
---@param changes sluice.destination.change[]
---@return string
function M.prose(changes)
  local words = {}
  for i, change in ipairs(changes) do words[i] = change.what end
  return table.concat(words, "; ")
end

return M
