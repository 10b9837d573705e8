--- Moving a target, on the emulator.

local live = require "spec.support.live"
local outcome = require "spec.support.outcome"
local sluice = require "sluice"

describe("a target", function()
  local service
  setup(function() service = live.start() end)
  teardown(function() service.server.stop() end)
  before_each(function() service:forget() end)

  local function target(extra)
    local _, result = service:flow(extra)
    return sluice.target(service.aep, result.ids.target_connection, { pause = 0 })
  end

  --- A target of a newer card.
  local function newer()
    local spec = { id = "4fce964d-3f37-408f-9778-e597338a21ee", version = "1.0" }
    local base = service.aep.connections:create { name = "S3", connectionSpec = spec, auth = { specName = "Access Key",
      params = { s3AccessKey = "AKIAEXAMPLEEXAMPLE22", s3SecretKey = ("x"):rep(40) } } }
    local made = service.aep.target_connections:create { name = "S3", connectionSpec = spec, baseConnectionId = base.id,
      params = { mode = "Server-to-server", bucketName = "bucket-a", path = "in", compression = "NONE",
        fileType = "CSV", csvOptions = { delimiter = ";", quote = '"' } } }
    service:forget()
    return sluice.target(service.aep, made.id)
  end

  it("moves, and keeps what was not named", function()
    local made = target { name = "Moves" }
    local result = made:move { remotePath = "/out" }
    assert.equal(1, result.changed)
    assert.same({ { op = "replace", path = "/params",
      value = { mode = "FTP", remotePath = "/out", format = "CSV" } } }, service:patch())
    assert.same({ 'sets remotePath to "/out" (before: "/in")' }, result.explained)
    assert.equal("/out", result.target.params.remotePath)
    service:forget()
    assert.equal(0, made:move({ remotePath = "/out" }).changed)
    assert.same({}, service:requests())
  end)

  it("changes a part of a nested object", function()
    local made = newer()
    local result = made:move { csvOptions = { delimiter = "," } }
    assert.same({ delimiter = ",", quote = '"' }, result.target.params.csvOptions)
    assert.equal("bucket-a", result.target.params.bucketName)
  end)

  it("refuses what is wrong, and sends nothing", function()
    local made = target { name = "Moves wrong" }
    for _, params in ipairs { { remotePath = "" }, { remotPath = "/x" }, { mode = "S3" }, {}, "/x" } do
      local failure = outcome.failure(made.move, made, params)
      assert.equal("recipe", failure.kind)
      assert.truthy(failure.message:find("/target", 1, true), failure.message)
      assert.same({}, service:requests())
    end
  end)

  it("is an error when the service takes the change and does not make it", function()
    local made = target { name = "Forgets" }
    service.before = function(request)
      if request.method == "PATCH" then return 200, {}, "{}" end
    end
    local failure = outcome.failure(made.move, made, { remotePath = "/out" })
    assert.equal("not_activated", failure.code)
    assert.truthy(failure.message:find('sets remotePath to "/out"', 1, true), failure.message)
  end)

  it("is found by its name", function()
    local made = target { name = "Named" }
    assert.equal(made.id, sluice.target(service.aep, "Named - target").id)
  end)
end)
