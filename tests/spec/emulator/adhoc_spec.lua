local core = require "sluice.core"
local harness = require "spec.emulator.harness"

local json = core.json

local UPLOADED = "external-0a1b2c3d"
local SYSTEM = "0a1b2c3d-0000-4000-8000-000000000000"
local LATER = { schedule = { frequency = "DAILY", startDate = "2030-01-01", endDate = "2030-02-01",
  startTime = "17:00" } }
local NOW = { schedule = { frequency = "DAILY", startDate = "2023-11-01", endDate = "2023-12-01",
  startTime = "17:00" } }
local OVER = { name = "Winter", schedule = { frequency = "DAILY", startDate = "2023-10-01",
  endDate = "2023-11-13", startTime = "17:00" } }
local ONCE = { schedule = { frequency = "ONCE", startDate = "2023-01-01", startTime = "17:00" } }

describe("ad hoc activation", function()
  local world, flow

  local function map(id, changes)
    local _, answer = world:patch("flows", flow, { { op = "add", path = harness.AUDIENCES .. "/-",
      value = harness.audience(id, changes) } })
    assert.is_nil(answer)
  end

  local function setup_world(options)
    world = harness.new(options)
    flow = world:campaign().flow
    map("a1", NOW)
  end
  before_each(function() setup_world() end)

  local function ask(ids, accept) return world:ad_hoc({ activationInfo = { [flow] = ids } }, accept) end

  local function refused(ids)
    local status, body = ask(ids)
    assert.equal(400, status)
    assert.equal(0, world.emulator:counts().runs)
    return body.message
  end

  it("makes a run of each audience, and says where to look for it", function()
    world.headers.host = "127.0.0.1:1234"
    local status, body = ask { "a1" }
    assert.equal(200, status)
    local order = body.order[1]
    assert.same({ "a1", flow }, { order.segment, order.order })
    local id = order.statusURL:match("^http://127%.0%.0%.1:1234/data/foundation/flowservice/runs/(.+)$")
    assert.equal(flow, world:item("runs", id).flowId)
    assert.equal("success", world:item("runs", id).metrics.statusSummary.status)
  end)

  it("takes audiences whose schedule is under way, ONCE having no end", function()
    map("once", ONCE)
    map("later", LATER)
    map("over", OVER)
    assert.equal("Segments Audience later, Winter are not part of this dataflow or out of schedule range!",
      refused { "a1", "later", "over" })
    assert.equal(200, (ask { "a1", "once" }))
    world.emulator.options.adhoc_range = "ignore"
    assert.equal(200, (ask { "later", "over" }))
  end)

  it("refuses audiences that are not mapped, by the name they have", function()
    local _, body = world:send("GET", "/data/core/ups/audiences?limit=1", world.headers)
    assert.equal("Segments a2, Loyal customers are not part of this dataflow or out of schedule range!",
      refused { "a2", body.children[1].id })
  end)

  it("takes the system's id of an external audience, not the other", function()
    local changes = { systemSegmentId = SYSTEM, namespace = "CustomerAudienceUpload", name = "Fair",
      schedule = ONCE.schedule }
    map(UPLOADED, changes)
    assert.matches("^Segments " .. UPLOADED:gsub("%-", "%%-") .. " are not part", refused { UPLOADED })
    local _, body = ask { SYSTEM }
    assert.equal(SYSTEM, body.order[1].segment)
  end)

  it("takes at most 80 audiences, whichever flows they are of", function()
    local operations, ids = json.array {}, json.array {}
    for i = 1, 81 do
      ids[i] = "n" .. i
      operations[i] = { op = "add", path = harness.AUDIENCES .. "/-", value = harness.audience(ids[i], ONCE) }
    end
    world:patch("flows", flow, operations)
    assert.equal("activationInfo: at most 80 audiences, not 81", refused(ids))
    local first = flow
    flow = world:campaign().flow
    map("a1", NOW)
    table.remove(ids)
    local status, body = world:ad_hoc { activationInfo = { [first] = ids, [flow] = { "a1" } } }
    assert.same({ 400, "activationInfo: at most 80 audiences, not 81" }, { status, body.message })
    status, body = world:ad_hoc { activationInfo = { [first] = ids } }
    assert.equal(200, status)
    assert.equal(80, #body.order)
  end)

  it("takes no second run of an audience while one goes on", function()
    setup_world { adhoc_seconds = 600 }
    map("a2", NOW)
    local _, body = ask { "a1" }
    local id = body.order[1].statusURL:match("[^/]+$")
    local going = world:item("runs", id).metrics
    assert.equal("processing", going.statusSummary.status)
    assert.is_nil(going.durationSummary.completedAtUTC)
    assert.same({ id = id, state = "processing", startedAtUTC = harness.NOW },
      world:item("flows", flow).lastRunDetails)
    world.now = world.now + 599000
    local status, answer = ask { "a2", "a1" }
    assert.equal(400, status)
    assert.equal(("Run already going on for audience a1 for order %s with run id %s"):format(flow, id),
      answer.message)
    assert.equal(1, world.emulator:counts().runs)
    assert.equal(200, (ask { "a2" }))
    world.now = world.now + 1000
    assert.equal("success", world:item("runs", id).metrics.statusSummary.status)
    assert.equal(world.now, world:item("runs", id).metrics.durationSummary.completedAtUTC)
    assert.equal("processing", world:item("flows", flow).lastRunDetails.state) -- that of a2
    world.now = world.now + 599000
    assert.equal("success", world:item("flows", flow).lastRunDetails.state)
    world.headers = world:identify("client", "Org@AdobeOrg")
    assert.equal(200, (ask { "a1" }))
  end)

  it("says segment where the older text does, and refuses one audience twice", function()
    setup_world { adhoc_seconds = 1, adhoc_word = "segment" }
    assert.matches("a1 comes twice", refused { "a1", "a1" })
    ask { "a1" }
    assert.matches("^Run already going on for segment a1", select(2, ask { "a1" }).message)
  end)

  it("waits for a new audience when the option says so", function()
    setup_world { adhoc_wait = 3600 }
    assert.matches("^Segments Audience a1 are not part", refused { "a1" })
    world.now = world.now + 3600000
    world.headers = world:identify("client", "Org@AdobeOrg")
    assert.equal(200, (ask { "a1" }))
  end)

  it("goes to files only", function()
    local kinesis = world:stream()
    world:patch("flows", kinesis, { { op = "add", path = harness.AUDIENCES .. "/-",
      value = { type = "PLATFORM_SEGMENT", value = { id = "a1" } } } })
    local status, body = world:ad_hoc { activationInfo = { [kinesis] = { "a1" } } }
    assert.equal(400, status)
    assert.matches("file%-based", body.message)
  end)

  it("refuses what is no request", function()
    assert.equal(404, (world:ad_hoc { activationInfo = { [harness.UNKNOWN_ID] = { "a1" } } }))
    for _, body in ipairs { { flows = {} }, { activationInfo = { x = 1 }, } } do
      assert.is_true((world:ad_hoc(body)) >= 400)
    end
    for _, ids in ipairs { json.array {}, { 1 }, "a1" } do
      assert.matches("expected arrays of audience ids", refused(ids))
    end
    assert.equal(400, (world:ad_hoc { activationInfo = json.object {} }))
    world.headers["content-type"] = "text/plain"
    assert.equal(400, (ask { "a1" }))
  end)

  describe("without an Accept header", function()
    local function job(status, schema)
      local _, body = world:send("GET", "/data/core/ups/export/jobs?status=" .. status, world.headers)
      for _, record in ipairs(body.records) do
        if record.schema.name == schema then return record.id end
      end
    end
    local function version_1(ids, accept)
      local request = { activationInfo = { [flow] = { "a1" } }, exportIds = ids }
      local status, body = world:ad_hoc(request, accept or false)
      return status, body.message
    end

    it("needs the id of an export of profiles that succeeded", function()
      assert.matches("^exportIds: expected an array", select(2, version_1(nil)))
      assert.matches("^exportIds: expected an array", select(2, version_1(json.array {})))
      for _, id in ipairs { "x", job("SUCCEEDED", "_xdm.context.account"),
        job("FAILED", "_xdm.context.profile") } do
        assert.matches("^exportIds: no export job of profiles", select(2, version_1 { tostring(id) }))
      end
      assert.equal(200, (version_1 { tostring(job("SUCCEEDED", "_xdm.context.profile")) }))
      assert.equal(400, (version_1(nil, "*/*")))
    end)

    it("takes the other form of ids too", function()
      setup_world { export_job_id = "uuid" }
      assert.equal(200, (version_1 { job("SUCCEEDED", "_xdm.context.profile") }))
    end)

    it("refuses versions there are none of", function()
      local status, message = version_1(nil, "application/vnd.adobe.adhoc.activation+json; version=3")
      assert.equal(400, status)
      assert.matches("names no version", message)
    end)
  end)

  describe("of datasets", function()
    local DATASET = "5ef3e3259ad2a1191ab7dd7d"
    local ACCEPT = "application/vnd.adobe.adhoc.dataset.activation+json; version=1"
    local function ask_datasets(id, destination)
      return world:ad_hoc({ activationInfo = { destinations = {
        destination or { flowId = flow, datasets = { { id = id } } } } } }, ACCEPT)
    end
    before_each(function()
      flow = world:dataset_flow { timeUnit = "day", interval = 1, startTime = harness.NOW // 1000 - 10 }
    end)

    it("makes a run of each dataset of the flow", function()
      local status, body = ask_datasets(DATASET)
      assert.equal(200, status)
      assert.same({ DATASET, flow }, { body.order[1].segment, body.order[1].order })
    end)

    it("refuses other datasets, other times, other bodies", function()
      local other = ("a"):rep(24)
      assert.matches("^Datasets " .. other .. " are not part", select(2, ask_datasets(other)).message)
      assert.equal(400, (ask_datasets(nil, { flowId = flow })))
      assert.equal(400, (ask_datasets(nil, "x")))
      assert.equal(400, (world:ad_hoc({ activationInfo = { [flow] = { DATASET } } }, ACCEPT)))
      local _, body = world:ad_hoc { activationInfo = { [flow] = { DATASET } } }
      assert.matches("not part", body.message)
      world.now = world.now - 20000
      assert.equal(400, (ask_datasets(DATASET)))
      assert.equal(0, world.emulator:counts().runs)
    end)
  end)
end)
