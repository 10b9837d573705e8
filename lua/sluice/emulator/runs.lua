--- Runs of dataflows. Nothing is exported here, so a flow has no runs until somebody makes one with `add`.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local resource = require "sluice.emulator.resource"

local json = core.json

local M = {}

local fields = resource.fields { flowId = "string", flowSpec = "object", providerRefId = "string",
  metrics = "object",
  activities = "array" }

M.definition = { name = "runs", fields = fields }

local function entity(audience, counts)
  counts.id = "segment:" .. audience
  return json.array { counts }
end

-- The shape of a successful run in the sources [D, MOND]; all counts are zero, because nothing was exported.
local function metrics(rq, flow, audience, status)
  local failed = status == "failed" and json.array {
    { code = "ACTIVATION_BATCH-0000-FAILED", message = "Job aborted." } } or nil
  return {
    durationSummary = { startedAtUTC = rq.now, completedAtUTC = rq.now },
    sizeSummary = { inputBytes = 0, outputBytes = 0 },
    recordSummary = {
      inputRecordCount = 0, createdRecordCount = 0, outputRecordCount = 0, skippedRecordCount = 0,
      failedInfo = failed,
      sourceSummaries = json.array { { id = flow.sourceConnectionIds[1], inputRecordCount = 0,
        skippedRecordCount = 0,
        entitySummaries = entity(audience, { inputRecordCount = 0, skippedRecordCount = 0 }) } },
      targetSummaries = json.array { { id = flow.targetConnectionIds[1], createdRecordCount = 0,
        outputRecordCount = 0,
        entitySummaries = entity(audience, { createdRecordCount = 0, outputRecordCount = 0 }) } },
    },
    fileSummary = { inputFileCount = 0, outputFileCount = 0 },
    statusSummary = { status = status, errors = failed },
  }
end

--- Makes a run of one audience, as a scheduled export leaves it.
---@param rq sluice.emulator.Request
---@param flow_id string
---@param audience string audience id
---@param status "success"|"failed"
---@return table item the run
function M.add(rq, flow_id, audience, status)
  local flow = rq.scope:get("flows", flow_id).item
  local run = resource.stamp(rq, "runs", { flowId = flow.id, flowSpec = flow.flowSpec,
    metrics = metrics(rq, flow, audience, status), activities = json.array {} })
  run.state, run.version = nil, nil
  rq.scope:add("runs", run)
  local shown = {}
  for k, v in pairs(flow) do shown[k] = v end
  shown.lastRunDetails = { id = run.id, state = status, startedAtUTC = rq.now, completedAtUTC = rq.now }
  resource.save(rq, "flows", shown) -- a background service changes the flow's etag [MON]
  return run
end

--- Writing runs is for providers; user tokens get 1427-400. [ERR]
function M.refuse_write()
  errors.refuse("1427-400", "runs are written by the services that make them")
end

return M
