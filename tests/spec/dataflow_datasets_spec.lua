--- Changes of a live dataset export, on the emulator.

local live = require "spec.support.live"
local outcome = require "spec.support.outcome"
local sluice = require "sluice"

local A, B = { id = ("a"):rep(24), name = "Orders" }, { id = ("b"):rep(24), name = "Returns" }
local SIX = sluice.schedule.datasets.every_hours(6) { from = "2030-01-01", to = "2031-01-01" }

describe("a dataset export", function()
  local service
  setup(function() service = live.start() end)
  teardown(function() service.server.stop() end)
  before_each(function() service:forget() end)

  local function export(name)
    return service:flow { name = name, type = "sftp-v2", auth = { domain = "d", username = "u", password = "p" },
      target = { remotePath = "/in", compression = "GZIP", datasetFileType = "JSON" }, audiences = false,
      attributes = false, datasets = { A }, schedule = SIX, folder = "%DATASET_ID%" }
  end

  local function refused(code, fn, ...)
    local failure = outcome.failure(fn, ...)
    assert.same({ "recipe", code }, { failure.kind, failure.code })
    assert.same({}, service:requests())
    return failure
  end

  it("gets another schedule, as a whole, in the same folder", function()
    local flow = export "Schedule"
    local twelve = sluice.schedule.datasets.every_hours(12) { from = "2030-02-01", to = "2031-01-01" }
    local result = flow:set_dataset_schedule(twelve)
    assert.equal(1, result.changed)
    assert.same({ "hour", 12, "%DATASET_ID%" }, { result.flow.scheduleParams.timeUnit,
      result.flow.scheduleParams.interval, result.flow.scheduleParams.foldernameTemplate })
    local patch = service:patch()
    assert.same({ "replace", "/scheduleParams" }, { patch[1].op, patch[1].path })
    assert.truthy(result.explained[1]:find("every 12 hours", 1, true), result.explained[1])
    service:forget()
    assert.equal(0, flow:set_dataset_schedule(twelve).changed)
    assert.same({}, service:requests())
    assert.equal("%DATASET_NAME%",
      flow:set_dataset_schedule(twelve, { folder = "%DATASET_NAME%" }).flow.scheduleParams.foldernameTemplate)
  end)

  it("refuses a schedule that is wrong", function()
    local flow = export "Wrong schedule"
    refused(nil, flow.set_dataset_schedule, flow, nil)
    refused(nil, flow.set_dataset_schedule, flow, sluice.schedule.daily { at = "01:00", from = "2030-01-01",
      to = "2031-01-01" })
    refused(nil, flow.set_dataset_schedule, flow, { timeUnit = "hour", interval = 7, startTime = 1900000000 })
    refused(nil, flow.set_dataset_schedule, flow, SIX, { folder = 7 })
  end)

  it("gets other datasets: another source connection, then one patch", function()
    local flow, made = export "Datasets"
    local result = flow:set_datasets { A, B }
    assert.equal(1, result.changed)
    assert.same({ { what = "source connection", name = "Datasets - datasets", id = result.created[1].id } },
      result.created)
    assert.same({ result.created[1].id }, result.flow.sourceConnectionIds)
    local source = service.aep.source_connections:get(result.created[1].id)
    assert.same({ { dataSetId = A.id, name = "Orders" }, { dataSetId = B.id, name = "Returns" } },
      source.params.datasets)
    local text = table.concat(result.explained, "\n")
    assert.truthy(text:find("exports the datasets Orders, Returns", 1, true), text)
    assert.truthy(text:find(made.ids.source_connection .. " no longer; it stays", 1, true), text)
    service:forget()
    assert.equal(0, flow:set_datasets({ B, A }).changed)
    assert.same({}, service:requests())
    result = flow:set_datasets { A } -- the one before is there still
    assert.same({ 1, {} }, { result.changed, result.created })
    assert.same({ made.ids.source_connection }, result.flow.sourceConnectionIds)
  end)

  it("says what stands when the dataflow could not be led to them", function()
    local flow = export "Stuck"
    service.before = function(request)
      if request.method == "PATCH" then return 400, {}, '{"message":"no"}' end
    end
    local failure = outcome.failure(flow.set_datasets, flow, { B })
    assert.truthy(failure.message:find('is as it was; source connection "Stuck - datasets"', 1, true), failure.message)
    service:forget()
    assert.same({}, flow:set_datasets({ B }).created)
    service.before = function(request)
      if request.method == "POST" then return 503, {}, "" end
    end
    failure = outcome.failure(flow.set_datasets, flow, { A, B })
    assert.truthy(failure.message:find("is not there; the dataflow was not changed", 1, true), failure.message)
    assert.falsy(failure.message:find("is not known", 1, true), failure.message)
    service.before = function(request)
      if request.method == "PATCH" then return 202, {}, "" end
    end
    assert.equal("not_activated", outcome.failure(flow.set_datasets, flow, { A, B }).code)
  end)

  it("names what was created when the change cannot be read back", function()
    local flow = export "Unread"
    service.before = function(request)
      local patched = #service:requests "PATCH" > 0
      if patched and request.method == "GET" then return 400, {}, '{"message":"no"}' end
    end
    local failure = outcome.failure(flow.set_datasets, flow, { B })
    assert.truthy(failure.message:find('the service accepted the change of dataflow "Unread"', 1, true))
    assert.truthy(failure.message:find('it could not be read back; source connection "Unread - datasets"', 1, true))
    assert.equal("source connection", failure.created[1].what)
  end)

  it("refuses datasets that are none", function()
    local flow = export "Wrong datasets"
    refused(nil, flow.set_datasets, flow, {})
    refused(nil, flow.set_datasets, flow, { { name = "Orders" } })
    refused(nil, flow.set_datasets, flow, { A, A })
    refused(nil, flow.set_datasets, flow, "a")
  end)

  it("has no audiences, and a dataflow of audiences no datasets", function()
    local flow = export "Kinds"
    refused("datasets", flow.add_audiences, flow, { live.audience(1) })
    refused("datasets", flow.add_attributes, flow, { "a.b" })
    refused("datasets", flow.export_now, flow)
    local other = service:flow { name = "Audiences" }
    refused("audiences", other.set_datasets, other, { A })
    refused("audiences", other.set_dataset_schedule, other, SIX)
  end)
end)
