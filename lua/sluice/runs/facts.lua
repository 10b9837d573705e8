--- A run of a dataflow as the service tells it (activation.md §9), read with care: every block of the document may be
--- absent, numbers may be anything, and the same word is spelt in several ways.

local M = {}

--- What the words for a run's status mean (activation.md §9: D's schema and data, SF, MOND; flow-service-api.md §7: F).
--- Any other word is an end where the run has one.
local MEANING = {
  success = "succeeded", completed = "succeeded",
  failed = "failed", partialfailure = "failed", partialsuccess = "failed",
  processing = "going on", inprogress = "going on", waiting = "going on", queued = "going on", scheduled = "going on",
}

---@class sluice.run.Facts
---@field id string
---@field flow string ID of the dataflow
---@field status string the service's word, in lower case
---@field outcome "going on"|"succeeded"|"failed"
---@field started integer|nil seconds since 1970
---@field ended integer|nil seconds since 1970
---@field duration integer|nil seconds; nil while it goes on
---@field input integer|nil records read
---@field output integer|nil records written
---@field failed integer|nil records that failed
---@field skipped integer|nil records left out
---@field files integer|nil files written
---@field bytes integer|nil written
---@field subjects string[] IDs of the audiences or datasets, as far as the run names them
---@field code string|nil of the first error
---@field message string|nil of the first error

local function block(parent, name)
  local value = type(parent) == "table" and parent[name]
  return type(value) == "table" and value or {}
end

local function text(value)
  if type(value) == "string" then return value end
  return type(value) == "number" and tostring(value) or nil
end

--- A count; floats that are whole are integers.
local function count(value)
  local whole = type(value) == "number" and math.tointeger(value)
  return whole and whole >= 0 and whole or nil
end

local LATEST = 253402300799999 -- the last millisecond of the year 9999

local function seconds(value)
  local ms = count(value)
  return ms and ms > 0 and ms <= LATEST and ms // 1000 or nil
end

local function outcome_of(status, ended, errors)
  local meaning = MEANING[(status:gsub("[%s_-]", ""))]
  if meaning then return meaning end
  if not ended then return "going on" end
  return errors and "failed" or "succeeded"
end

local ENTITY = "^%a+:(.+)$" -- segment:<audience>; what stands before a dataset is UNKNOWN

--- The audiences or datasets that a run names, without doubles.
local function subjects_of(records)
  local list, seen = {}, {}
  for _, name in ipairs { "targetSummaries", "sourceSummaries" } do
    for _, summary in ipairs(block(records, name)) do
      for _, entity in ipairs(block(summary, "entitySummaries")) do
        local id = text(block({ entity }, 1).id)
        id = id and (id:match(ENTITY) or id)
        if id and not seen[id] then list[#list + 1], seen[id] = id, true end
      end
    end
  end
  return list
end

local function first_error(status, records)
  local found = block(status, "errors")[1] or block(records, "failedInfo")[1]
  local err = block({ found }, 1)
  return text(err.code), text(err.message)
end

--- The facts of a run.
---@param run table as the service gave it
---@return sluice.run.Facts
function M.of(run)
  local metrics = block(run, "metrics")
  local time, records, files = block(metrics, "durationSummary"), block(metrics, "recordSummary"),
    block(metrics, "fileSummary")
  local state = block(metrics, "statusSummary")
  local started = seconds(time.startedAtUTC) or seconds(run.createdAt)
  local ended = seconds(time.completedAtUTC) or seconds(time.stoppedAtUTC) -- flow-service-api.md §17, 18
  local status = (text(state.status) or text(run.state) or "unknown"):lower()
  local outcome = outcome_of(status, ended, block(state, "errors")[1])
  local facts = { id = text(run.id) or "", flow = text(run.flowId) or "", status = status, outcome = outcome,
    started = started, ended = outcome ~= "going on" and ended or nil,
    input = count(records.inputRecordCount),
    output = count(records.outputRecordCount) or count(records.createdRecordCount),
    failed = count(records.failedRecordCount), skipped = count(records.skippedRecordCount),
    files = count(files.outputFileCount), bytes = count(block(metrics, "sizeSummary").outputBytes),
    subjects = subjects_of(records) }
  if facts.ended and started then facts.duration = math.max(0, facts.ended - started) end
  if outcome == "failed" then facts.code, facts.message = first_error(state, records) end
  return facts
end

return M
