local harness = require "spec.emulator.harness"

describe("runs", function()
  local world, flow
  before_each(function()
    world = harness.new()
    flow = world:campaign().flow
    world:patch("flows", flow, { { op = "add", path = harness.AUDIENCES .. "/-",
      value = harness.audience "a1" } })
  end)

  it("don't exist until made", function()
    local status, body = world:call("GET", "/runs?property=flowId==" .. flow)
    assert.equal(200, status)
    assert.same({ items = {}, _links = {} }, body)
    assert.is_nil(world:item("flows", flow).lastRunDetails)
    status, body = world:call("GET", "/runs/" .. harness.UNKNOWN_ID)
    assert.equal(404, status)
    assert.matches("^runs not found with id", body.errorMessage)
  end)

  it("show what happened, and on the flow", function()
    local run = world.emulator:add_run(flow, "a1")
    local _, body = world:call("GET", "/runs?property=flowId==" .. flow)
    assert.equal(run.id, body.items[1].id)
    local item = world:item("runs", run.id)
    assert.equal("success", item.metrics.statusSummary.status)
    assert.equal("segment:a1", item.metrics.recordSummary.targetSummaries[1].entitySummaries[1].id)
    assert.same({ id = run.id, state = "success", startedAtUTC = harness.NOW, completedAtUTC = harness.NOW },
      world:item("flows", flow).lastRunDetails)
    assert.is_nil(item.metrics.statusSummary.errors)
    assert.is_nil(world.emulator:add_run(harness.UNKNOWN_ID, "a1"))
    local add = function(place) return world.emulator:add_run(flow, "a1", "failed", place) end
    assert.is_nil(add { org = "Other@AdobeOrg" })
    assert.is_nil(add { org = "Org@AdobeOrg", sandbox = "dev" })
    assert.equal("ACTIVATION_BATCH-0000-FAILED",
      add({ org = "Org@AdobeOrg" }).metrics.statusSummary.errors[1].code)
  end)

  it("can be found by status, in its case or in any", function()
    world.emulator:add_run(flow, "a1", "failed")
    local function count(status)
      local path = "/runs?count=true&property=metrics.statusSummary.status=="
      return select(2, world:call("GET", path .. status)).count
    end
    assert.same({ 1, 0, 0 }, { count "failed", count "Failed", count "success" })
    world.emulator.options.status_case = "ignore"
    assert.same({ 1, 1, 0 }, { count "failed", count "Failed", count "success" })
    local path = "metrics.recordSummary.targetSummaries%5B%5D.entitySummaries%5B%5D.id==segment:a1"
    assert.equal(1, #select(2, world:call("GET", "/runs?property=" .. path)).items)
  end)

  it("cannot be written with a user token", function()
    local run = world.emulator:add_run(flow, "a1")
    for _, request in ipairs { { "POST", "/runs" }, { "PUT", "/runs/" .. run.id },
      { "POST", "/runs/" .. run.id .. "/action?op=RE_TRIGGER" } } do
      local status, body = world:call(request[1], request[2], { flowId = flow })
      assert.equal(400, status)
      assert.equal("1427-400", body.error_code)
    end
  end)
end)

describe("sandboxes", function()
  local world = harness.new { sandboxes = "prod, trial,prod" }
  local function get(path)
    return world:send("GET", "/data/foundation/sandbox-management" .. path, world.headers)
  end

  it("are those of the option", function()
    for _, path in ipairs { "/", "", "/sandboxes" } do
      local status, body = get(path)
      assert.equal(200, status)
      assert.same({ "prod", "trial" }, { body.sandboxes[1].name, body.sandboxes[2].name })
      assert.equal(2, #body.sandboxes)
      assert.is_true(body.sandboxes[1].isDefault)
    end
    world.headers["x-sandbox-name"] = "dev" -- who asks which sandboxes there are need not name one of them
    assert.equal(200, (get "/"))
    assert.equal(200, (get "/sandboxes?property=name==prod&orderBy=asc:created"))
    world.headers["x-sandbox-name"] = nil
    assert.equal("production", select(2, get "/sandboxes/prod").type)
    assert.equal("development", select(2, get "/sandboxes/trial").type)
    assert.equal(404, (get "/sandboxes/dev"))
    assert.equal(200, (world:call("GET", "/flows", nil, { ["x-sandbox-name"] = "trial" })))
  end)
end)
