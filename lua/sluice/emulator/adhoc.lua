--- `POST /data/core/activation/disflowprovider/adhocrun`: export mapped audiences, or datasets, now.
-- [AH, ADHOC] The Accept header says which of three bodies is sent. Each audience becomes a run. Waiting
-- times apply as far as options ask for them, so that scripts need not wait by default.
local core = require "sluice.core"
local audiences = require "sluice.emulator.audiences"
local errors = require "sluice.emulator.errors"
local export_jobs = require "sluice.emulator.export_jobs"
local request = require "sluice.emulator.request"
local resource = require "sluice.emulator.resource"
local runs = require "sluice.emulator.runs"

local json = core.json

local M = {}

local MAX_AUDIENCES = 80 -- a job with more fails [GRD, ADHOC]; the text is UNKNOWN
local FLOW_SERVICE = "/data/foundation/flowservice"
local NOT_NOW = "%s %s are not part of this dataflow or out of schedule range!" -- [AH] with Segments

local function fail(text, ...)
  errors.throw(400, { message = text:format(...) })
end

---@class sluice.emulator.Order one thing to export now
---@field flow table
---@field asked string id in the request
---@field id string id in the dataflow: that of an external audience is another
---@field value table the audience's selector value, or the dataset

-- What may be exported now
-- -------------------------------------------------------------------------

local function today(rq) return os.date("!%Y-%m-%d", rq.now // 1000) end

-- The schedule overlaps today; ONCE has no end. [ADHOC]
local function in_range(rq, schedule)
  if rq.options.adhoc_range == "ignore" or not schedule then return true end
  local day = today(rq)
  return schedule.startDate <= day and (schedule.frequency == "ONCE" or day <= schedule.endDate)
end

-- An hour passes on the platform before a new audience is ready [ADHOC].
local function is_ready(rq, value)
  local mapped = tonumber(value.createTime)
  return not mapped or rq.now // 1000 >= mapped + rq.options.adhoc_wait
end

-- By the id of a request: for external and uploaded audiences the one the system made. [AH]
local function audiences_of(flow)
  local values = {}
  for _, transformation in ipairs(flow.transformations) do
    local selectors = transformation.params.segmentSelectors
    for _, selector in ipairs(selectors and selectors.selectors or {}) do
      values[selector.value.systemSegmentId or selector.value.id] = selector.value
    end
  end
  return values
end

local function shown(rq, value, id)
  if value and value.name then return value.name end
  local known = audiences.find(rq, id)
  return known and known.name or id
end

-- File-based destinations only. [ADHOC]
local function check_card(rq, flow)
  local target = flow.inheritedAttributes.targetConnections[1].connectionSpec.id
  if rq.emulator.connection_specs[target].family == "streaming" then
    fail("dataflow %s does not go to a file-based destination", flow.id)
  end
end

local function add_audiences(rq, orders, flow, ids)
  if not json.is_array(ids) or #ids == 0 then fail("activationInfo: expected arrays of audience ids") end
  check_card(rq, flow)
  local values, refused = audiences_of(flow), {}
  for _, id in ipairs(ids) do
    if type(id) ~= "string" then fail("activationInfo: expected arrays of audience ids") end
    local value = values[id]
    if value and in_range(rq, value.schedule) and is_ready(rq, value) then
      orders[#orders + 1] = { flow = flow, asked = id, id = value.id, value = value }
    else
      refused[#refused + 1] = shown(rq, value, id)
    end
  end
  if #refused > 0 then fail(NOT_NOW, "Segments", table.concat(refused, ", ")) end
end

-- Flows in a fixed order, so that ids do not depend on the order of a Lua table.
local function sorted_keys(object)
  local keys = {}
  for key in pairs(object) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function order_audiences(rq, activation)
  local orders = {}
  for _, id in ipairs(sorted_keys(activation)) do
    add_audiences(rq, orders, rq.scope:get("flows", id).item, activation[id])
  end
  if #orders == 0 then fail("activationInfo: expected arrays of audience ids") end
  if #orders > MAX_AUDIENCES then
    fail("activationInfo: at most %d audiences, not %d", MAX_AUDIENCES, #orders)
  end
  return orders
end

-- Datasets [AEPP]; that the range of the schedule matters here too is a guess.
local function datasets_of(rq, flow)
  local source = rq.scope:find("sourceConnections", flow.sourceConnectionIds[1])
  local datasets = {}
  for _, dataset in ipairs(source and source.item.params and source.item.params.datasets or {}) do
    datasets[dataset.dataSetId] = dataset
  end
  return datasets
end

local function dataset_range(rq, schedule)
  if rq.options.adhoc_range == "ignore" or not schedule then return true end
  local now = rq.now // 1000
  return schedule.startTime <= now and (not schedule.endTime or now < schedule.endTime)
end

local function add_datasets(rq, orders, destination)
  if not request.is_object(destination) or type(destination.flowId) ~= "string"
    or not json.is_array(destination.datasets) or #destination.datasets == 0 then
    fail("activationInfo/destinations: expected {flowId, datasets: [{id}]}")
  end
  local flow = rq.scope:get("flows", destination.flowId).item
  local known = datasets_of(rq, flow)
  for _, dataset in ipairs(destination.datasets) do
    local id = request.is_object(dataset) and dataset.id
    if not known[id] or not dataset_range(rq, flow.scheduleParams) then
      fail(NOT_NOW, "Datasets", tostring(id))
    end
    orders[#orders + 1] = { flow = flow, asked = id, id = id, value = known[id] }
  end
end

local function order_datasets(rq, activation)
  local orders = {}
  if not json.is_array(activation.destinations) or #activation.destinations == 0 then
    fail("activationInfo/destinations: expected an array")
  end
  for _, destination in ipairs(activation.destinations) do add_datasets(rq, orders, destination) end
  return orders
end

-- Runs that are going on
-- -------------------------------------------------------------------------

local function key_of(order) return order.flow.id .. "\0" .. order.id end

local function replaced(object, changes)
  local result = {}
  for k, v in pairs(object) do result[k] = v end
  for k, v in pairs(changes) do result[k] = v end
  return result
end

-- The run as it shows until it ends: no end yet, no counts. [D: status Processing; data write it small]
local function unfinished(run)
  return replaced(run, { activities = json.array {}, metrics = {
    durationSummary = { startedAtUTC = run.metrics.durationSummary.startedAtUTC },
    sizeSummary = {}, recordSummary = {}, fileSummary = {}, statusSummary = { status = "processing" } } })
end

-- The flow shows its last run too.
local function mark_flow(rq, run, details)
  local record = rq.scope:find("flows", run.flowId)
  local last = record and record.item.lastRunDetails
  if not last or last.id ~= run.id then return end
  resource.save(rq, "flows", replaced(record.item, { lastRunDetails = details }))
end

local function finish(rq, pending)
  local run, started = pending.run, pending.run.metrics.durationSummary.startedAtUTC
  local duration = replaced(run.metrics.durationSummary, { completedAtUTC = pending.ends })
  rq.scope:replace("runs", replaced(run, { updatedAt = pending.ends,
    metrics = replaced(run.metrics, { durationSummary = duration }) }))
  mark_flow(rq, run, { id = run.id, state = "success", startedAtUTC = started,
    completedAtUTC = pending.ends })
end

local function settle(rq)
  for _, key in ipairs(sorted_keys(rq.scope.adhoc or {})) do
    local pending = rq.scope.adhoc[key]
    if rq.now >= pending.ends then
      finish(rq, pending)
      rq.scope.adhoc[key] = nil
    end
  end
end

--- Ends the runs that are over before a handler looks at them.
---@param handler function
---@return function handler
function M.settling(handler)
  return function(rq)
    settle(rq)
    return handler(rq)
  end
end

local function check_running(rq, orders)
  local seen = {}
  for _, order in ipairs(orders) do
    local going = rq.scope.adhoc and rq.scope.adhoc[key_of(order)]
    if going then
      fail("Run already going on for %s %s for order %s with run id %s", rq.options.adhoc_word, order.asked,
        order.flow.id, going.run.id)
    end
    if seen[key_of(order)] then fail("activationInfo: %s comes twice", order.asked) end
    seen[key_of(order)] = true
  end
end

local function start(rq, order)
  local run = runs.add(rq, order.flow.id, order.id, "success")
  if rq.options.adhoc_seconds > 0 then
    rq.scope.adhoc = rq.scope.adhoc or {}
    rq.scope.adhoc[key_of(order)] = { run = run, ends = rq.now + rq.options.adhoc_seconds * 1000 }
    rq.scope:replace("runs", unfinished(run))
    mark_flow(rq, run, { id = run.id, state = "processing", startedAtUTC = rq.now })
  end
  return { segment = order.asked, order = order.flow.id,
    statusURL = ("http://%s%s/runs/%s"):format(rq.headers.host or "127.0.0.1", FLOW_SERVICE, run.id) }
end

-- Versions
-- -------------------------------------------------------------------------

-- v1: the ids of export jobs that have succeeded. [AH]
local function check_export_ids(rq, ids)
  if not json.is_array(ids) or #ids == 0 then
    fail("exportIds: expected an array with the id of the latest export job")
  end
  for _, id in ipairs(ids) do
    if not export_jobs.succeeded(rq, id) then
      fail("exportIds: no export job of profiles %s has succeeded", tostring(id))
    end
  end
end

local VERSIONS = {
  ["application/vnd.adobe.adhoc.activation+json;version=2"] = function(rq, body)
    return order_audiences(rq, body.activationInfo)
  end,
  ["application/vnd.adobe.adhoc.dataset.activation+json;version=1"] = function(rq, body)
    return order_datasets(rq, body.activationInfo)
  end,
}

local function version_1(rq, body)
  check_export_ids(rq, body.exportIds)
  return order_audiences(rq, body.activationInfo)
end

-- No Accept header means version 1 [AH]; so does one that speaks of no version of this service.
local function version_of(rq)
  local accept = (rq.headers.accept or ""):lower():gsub("%s", "")
  local version = VERSIONS[accept]
  if not version and accept:find("vnd.adobe", 1, true) then
    fail("Accept '%s' names no version of ad hoc activation", rq.headers.accept)
  end
  return version or version_1
end

--- Starts runs: 200 `{order: [{segment, order, statusURL}]}`, one entry an audience. [AH] For datasets the
--- answer is UNKNOWN, and the same here.
---@param rq sluice.emulator.Request
---@return integer status, table body
--- Refuses with 400 and a message; an unknown dataflow with 404. Nothing has begun then.
function M.run(rq)
  settle(rq)
  local body = request.json_object(rq.body)
  if not request.is_object(body.activationInfo) then fail("activationInfo is required") end
  local orders = version_of(rq)(rq, body)
  check_running(rq, orders)
  local answer = json.array {}
  for i, order in ipairs(orders) do answer[i] = start(rq, order) end
  return 200, { order = answer }
end

return M
