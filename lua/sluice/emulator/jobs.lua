--- What a dataflow exports, and when: its jobs within a stretch of time. A job holds the flow and its
-- connections as they were when it began, so that later changes do not reach it (whether they do on the
-- platform is UNKNOWN).
--
-- Granularity [MOND]: a run for each audience and scheduled export, one an hour for a stream, one an interval
-- for the datasets of a flow.
local audiences = require "sluice.emulator.audiences"
local calendar = require "sluice.emulator.calendar"
local connection_specs = require "sluice.emulator.connection_specs"
local timetable = require "sluice.emulator.timetable"
local volume = require "sluice.emulator.volume"

local M = {}

---@class sluice.emulator.Subject an audience or a dataset
---@field id string
---@field name string
---@field value table the audience's selector value, or the dataset

---@class sluice.emulator.Job one export
---@field kind "audience"|"dataset"|"stream"
---@field key string says which export it is; counts and failures follow from it and the seed
---@field at integer milliseconds: when it begins
---@field done integer milliseconds: when it ends
---@field step integer milliseconds since the export before
---@field mode? "full"|"incremental" set when it ends for a job with `history`; none for a stream
---@field history? string exports with the same history begin with a full one, then come increments
---@field scope sluice.emulator.Scope
---@field flow table
---@field target table? target connection; nil when it is gone
---@field title string the destination's name
---@field subjects sluice.emulator.Subject[]
---@field mandatory string[] mandatory fields

local function params_of(flow)
  local transformation = flow.transformations[1]
  return transformation and transformation.params or {}
end

local function audiences_of(flow)
  local list = {}
  for _, transformation in ipairs(flow.transformations) do
    local selectors = transformation.params.segmentSelectors
    for _, selector in ipairs(selectors and selectors.selectors or {}) do list[#list + 1] = selector.value end
  end
  return list
end

-- A selector need not name its audience: then it has the name that the audiences' own service knows.
local function audience_subject(emulator, scope, value)
  local name = value.name
  if not name then
    local known = audiences.find({ ids = emulator.ids, emulator = emulator, scope = scope }, value.id)
    name = known and known.name or value.id
  end
  return { id = value.id, name = name, value = value }
end

local function audience_subjects(emulator, scope, flow)
  local subjects = {}
  for i, value in ipairs(audiences_of(flow)) do subjects[i] = audience_subject(emulator, scope, value) end
  return subjects
end

local function dataset_subject(dataset)
  return { id = dataset.dataSetId, name = dataset.name or dataset.dataSetId, value = dataset }
end

local function mandatory_of(flow)
  local params = params_of(flow)
  local legacy = params.profileSelectors and params.profileSelectors.mandatoryFields or {}
  return #legacy > 0 and legacy or params.mandatoryFields or {}
end

local function find(scope, kind, id)
  local record = scope:find(kind, id)
  return record and record.item
end

local function source_of(scope, flow) return find(scope, "sourceConnections", flow.sourceConnectionIds[1]) end

local function datasets_of(scope, flow)
  local source, list = source_of(scope, flow), {}
  for i, dataset in ipairs(source and source.params.datasets or {}) do list[i] = dataset_subject(dataset) end
  return list
end

local function is_dataset_flow(flow)
  return flow.inheritedAttributes.sourceConnections[1].connectionSpec.id == connection_specs.DATA_LAKE
end

local function spec_of(emulator, flow)
  return emulator.connection_specs[flow.inheritedAttributes.targetConnections[1].connectionSpec.id]
end

-- A stream has no export mode: each of its runs holds what happened since the run before.
local function make(emulator, scope, flow, given)
  local job = given
  job.scope, job.flow, job.title = scope, flow, spec_of(emulator, flow).document.name
  job.target = find(scope, "targetConnections", flow.targetConnectionIds[1])
  job.mandatory = job.kind == "audience" and mandatory_of(flow) or {}
  job.key = ("%s %s %d"):format(flow.id, job.kind == "audience" and job.subjects[1].id or job.kind, job.at)
  job.done = job.at + volume.duration(emulator.ids, job)
  return job
end

local function add_audience(jobs, emulator, scope, flow, value, from, to)
  local plan = timetable.audience(value.schedule)
  for _, at in ipairs(timetable.moments(plan, from, to)) do
    local incremental = value.exportMode == "FIRST_FULL_THEN_INCREMENTAL"
    jobs[#jobs + 1] = make(emulator, scope, flow, { kind = "audience", at = at, mode = "full",
      step = plan.step or calendar.DAY, subjects = { audience_subject(emulator, scope, value) },
      history = incremental and table.concat({ flow.id, value.id, tostring(value.createTime) }, "\0") or nil })
  end
end

local function add_datasets(jobs, emulator, scope, flow, from, to)
  local params = flow.scheduleParams
  if not params then return end
  local plan = timetable.dataset(params, flow.createdAt)
  for _, at in ipairs(timetable.moments(plan, from, to)) do
    jobs[#jobs + 1] = make(emulator, scope, flow, { kind = "dataset", at = at, mode = "full",
      step = plan.step or calendar.DAY, subjects = datasets_of(scope, flow),
      history = plan.step and flow.id .. "\0" .. flow.sourceConnectionIds[1] or nil })
  end
end

local function add_stream(jobs, emulator, scope, flow, from, to)
  local subjects = audience_subjects(emulator, scope, flow)
  if #subjects == 0 then return end
  for _, at in ipairs(timetable.moments(timetable.stream(flow.createdAt), from, to)) do
    jobs[#jobs + 1] = make(emulator, scope, flow, { kind = "stream", at = at, step = calendar.HOUR,
      subjects = subjects })
  end
end

--- Adds the jobs of a flow that begin in a stretch of time.
---@param jobs sluice.emulator.Job[] grows
---@param emulator table
---@param scope sluice.emulator.Scope
---@param flow table
---@param from integer milliseconds
---@param to integer milliseconds, not included
function M.add(jobs, emulator, scope, flow, from, to)
  if flow.state ~= "enabled" then return end
  if is_dataset_flow(flow) then return add_datasets(jobs, emulator, scope, flow, from, to) end
  if spec_of(emulator, flow).family == "streaming" then
    return add_stream(jobs, emulator, scope, flow, from, to)
  end
  for _, value in ipairs(audiences_of(flow)) do
    if value.schedule then add_audience(jobs, emulator, scope, flow, value, from, to) end
  end
end

local function known_subject(list, id)
  for _, subject in ipairs(list) do
    if subject.id == id then return subject end
  end
  return { id = id, name = id, value = {} }
end

--- The job of an export out of turn: at once, and always in full [ADHOC].
---@param emulator table
---@param scope sluice.emulator.Scope
---@param flow table
---@param id string of an audience, or of a dataset in a dataset flow
---@param at integer milliseconds
---@return sluice.emulator.Job
function M.ad_hoc(emulator, scope, flow, id, at)
  local datasets = is_dataset_flow(flow)
  local subjects = datasets and datasets_of(scope, flow) or audience_subjects(emulator, scope, flow)
  local job = make(emulator, scope, flow, { kind = datasets and "dataset" or "audience", at = at, mode = "full",
    step = calendar.DAY, subjects = { known_subject(subjects, id) } })
  job.done = at
  return job
end

return M
