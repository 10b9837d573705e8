--- Runs of dataflows, in the shape of the documents of D. With a clock (`sluice.emulator.clock`) they come by
-- themselves and have counts and files; without one a flow has no runs until somebody makes one with `add`,
-- and all its counts are zero.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local jobs = require "sluice.emulator.jobs"
local resource = require "sluice.emulator.resource"
local volume = require "sluice.emulator.volume"

local json = core.json

local M = {}

local fields = resource.fields { flowId = "string", flowSpec = "object", providerRefId = "string",
  metrics = "object", activities = "array" }

M.definition = { name = "runs", fields = fields }

-- The two activities of every batch run [D]; the ids are those of the sample.
local PROCESSOR, PUBLISHER = "c4f238e3-7334-4933-8b56-64d7ea43ea54", "51d82b36-6b8f-11eb-9439-0242ac130002"
local SKIPPED = { code = "ACTIVATION_BATCH-0000-SKIP", message = "Records didn't match attribute filter." }
local FAILED = { code = "ACTIVATION_BATCH-0000-FAILED", message = "Job aborted." }
local NOTHING = { input = 0, skipped = 0, created = 0 }
local BYTES = 120 -- of a record, invented

-- "segment:<id>" is D's; what stands for a dataset there is UNKNOWN.
local function entity_id(job, subject) return (job.kind == "dataset" and "dataset:" or "segment:") .. subject.id end

local function total(volumes, key)
  local sum = 0
  for _, counts in ipairs(volumes) do sum = sum + counts[key] end
  return sum
end

-- One entry with the given counts, and below it one for each audience.
local function summaries(job, volumes, id, members)
  local function counted(entry, count)
    for name, key in pairs(members) do entry[name] = count(key) end
    return entry
  end
  local entities = json.array {}
  for i, subject in ipairs(job.subjects) do
    entities[i] = counted({ id = entity_id(job, subject) }, function(key) return volumes[i][key] end)
  end
  local entry = { id = id, entitySummaries = entities }
  return json.array { counted(entry, function(key) return total(volumes, key) end) }
end

local INPUT = { inputRecordCount = "input", skippedRecordCount = "skipped" }
local OUTPUT = { createdRecordCount = "created", outputRecordCount = "created" }

local function record_summary(job, volumes)
  local skipped = total(volumes, "skipped")
  local created = total(volumes, "created")
  return {
    inputRecordCount = total(volumes, "input"), skippedRecordCount = skipped,
    createdRecordCount = created, outputRecordCount = created,
    sourceSummaries = summaries(job, volumes, job.flow.sourceConnectionIds[1], INPUT),
    targetSummaries = summaries(job, volumes, job.flow.targetConnectionIds[1], OUTPUT),
    skippedInfo = skipped > 0
      and json.array { { code = SKIPPED.code, message = SKIPPED.message, count = skipped } } or nil,
  }
end

-- Audiences have counts in successful runs only [MOND]; which one it was remains to be found.
local function failed_summary(job)
  return { failedInfo = json.array { FAILED },
    sourceSummaries = summaries(job, {}, job.flow.sourceConnectionIds[1], {}),
    targetSummaries = summaries(job, {}, job.flow.targetConnectionIds[1], {}) }
end

local function metrics(job, outcome)
  local good = outcome.status == "success"
  local shown = {
    durationSummary = { startedAtUTC = job.at, completedAtUTC = job.done },
    sizeSummary = good and { inputBytes = total(outcome.volumes, "input") * BYTES,
      outputBytes = total(outcome.volumes, "created") * BYTES } or {},
    recordSummary = good and record_summary(job, outcome.volumes) or failed_summary(job),
    statusSummary = { status = outcome.status, errors = not good and json.array { FAILED } or nil },
  }
  if job.kind ~= "stream" then -- messages are no files, and a stream's activities are UNKNOWN
    local files = #outcome.files
    shown.fileSummary = good and { inputFileCount = files, outputFileCount = files } or {}
    shown.statusSummary.activityRefs = json.array { PROCESSOR }
  end
  return shown
end

local function activity(id, name, job, status, extensions)
  return { id = id, name = name, updatedAtUTC = job.done,
    statusSummary = { status = status, extensions = extensions } }
end

-- A failed run has the first activity only. [D]
local function activities(rq, job, status)
  if job.kind == "stream" then return json.array {} end
  local extensions = {}
  for _, name in ipairs { "incremental.batchId", "incremental.datasetId", "snapshot.batchId",
    "snapshot.datasetId" } do
    extensions[name] = rq.ids:digits(name .. " " .. job.key)
  end
  local first = activity(PROCESSOR, "Activation Batch XdmProcessor Activity", job, status, extensions)
  for _, name in ipairs { "duration", "latency", "size", "record", "file" } do first[name .. "Summary"] = {} end
  if status ~= "success" then return json.array { first } end
  return json.array { first, activity(PUBLISHER, "Activation Batch Publisher Activity", job, status, {}) }
end

-- A background service changes the flow and its etag. [MON]
local function mark_flow(rq, job, run, status)
  local record = rq.scope:find("flows", job.flow.id)
  if not record then return end
  local shown = {}
  for k, v in pairs(record.item) do shown[k] = v end
  shown.lastRunDetails = { id = run.id, state = status, startedAtUTC = job.at, completedAtUTC = job.done }
  resource.save(rq, "flows", shown)
end

local function store(rq, job, outcome)
  local run = resource.stamp(rq, "runs", { flowId = job.flow.id, flowSpec = job.flow.flowSpec,
    providerRefId = rq.ids:digits("provider " .. job.flow.flowSpec.id), metrics = metrics(job, outcome),
    activities = activities(rq, job, outcome.status) })
  run.state, run.version = nil, nil
  run.createdAt, run.updatedAt = job.at, job.done
  run.createdBy, run.createdClient = "aep_activation_batch@AdobeID", "aep_activation_batch" -- [D]
  run.updatedBy, run.updatedClient = "acp_foundation_connectors@AdobeID", "acp_foundation_connectors"
  rq.scope:add("runs", run)
  mark_flow(rq, job, run, outcome.status)
  return run
end

---@class sluice.emulator.Outcome what became of an export
---@field status "success"|"failed"
---@field volumes sluice.emulator.Volume[] one a subject
---@field files string[] their paths below the exports' folder
---@field run table the run

--- Ends a job: writes its files, stores its run.
---@param rq sluice.emulator.Request its `now` is when the job ends
---@param job sluice.emulator.Job
---@param status "success"|"failed"
---@return sluice.emulator.Outcome
--- Raises kind "io" when a file cannot be written; nothing is stored then.
function M.finish(rq, job, status)
  local clock, outcome = rq.emulator.clock, { status = status, volumes = {}, files = {} }
  for i, subject in ipairs(job.subjects) do
    outcome.volumes[i] = clock and status == "success" and volume.of(rq.ids, job, subject) or NOTHING
  end
  if clock and status == "success" and job.kind ~= "stream" then
    outcome.files = clock.exporter:export(rq, job, outcome.volumes)
  end
  outcome.run = store(rq, job, outcome)
  return outcome
end

--- Makes a run of one audience (in a dataset flow: of a dataset) out of turn; it begins and ends now.
---@param rq sluice.emulator.Request
---@param flow_id string
---@param audience string id
---@param status "success"|"failed"
---@return table item the run
--- Raises kind "io" when, with a clock, a file cannot be written.
function M.add(rq, flow_id, audience, status)
  local flow = rq.scope:get("flows", flow_id).item
  return M.finish(rq, jobs.ad_hoc(rq.emulator, rq.scope, flow, audience, rq.now), status).run
end

--- Writing runs is for providers; user tokens get 1427-400. [ERR]
function M.refuse_write()
  errors.refuse("1427-400", "runs are written by the services that make them")
end

return M
