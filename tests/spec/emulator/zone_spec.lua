local harness = require "spec.emulator.harness"

local ZONE = "/data/foundation/connectors/landingzone"
local CREDENTIALS = ZONE .. "/credentials"
local DESTINATION = "?type=dlz_destination"

describe("the landing zone", function()
  it("is a container on Azure, with a token that can be renewed", function()
    local world = harness.new()
    local zone = world:ask("GET", ZONE .. DESTINATION)
    assert.equal("dlz-destination", zone.containerName)
    assert.is_truthy(zone.containerTTL)
    local first = world:ask("GET", CREDENTIALS .. DESTINATION)
    assert.same(first, world:ask("GET", CREDENTIALS .. DESTINATION))
    assert.equal(zone.containerName, first.containerName)
    assert.is_truthy(first.SASUri:find(first.SASToken, 1, true))
    assert.is_truthy(first.SASUri:find("https://" .. first.storageAccountName, 1, true))
    local second = world:ask("POST", CREDENTIALS .. DESTINATION .. "&action=refresh")
    assert.not_equal(first.SASToken, second.SASToken)
    assert.same(second, world:ask("GET", CREDENTIALS .. DESTINATION))
  end)

  it("is a folder on Amazon when the option says so", function()
    local world = harness.new { landing_zone = "amazon" }
    local zone = world:ask("GET", ZONE .. DESTINATION)
    assert.same({ "Amazon S3", 7 }, { zone.dlzProvider, zone.dataTTL.timeQuantity })
    local credentials = world:ask("GET", CREDENTIALS .. DESTINATION)
    assert.equal(zone.dlzPath.dlzFolder, credentials.dlzPath.dlzFolder)
    assert.equal(20, #credentials.credentials.awsAccessKeyId)
    assert.equal(40, #credentials.credentials.awsSecretAccessKey)
    assert.is_string(credentials.credentials.awsSessionToken)
    assert.is_true(credentials.expiryTime > harness.NOW // 1000)
  end)

  it("is one a sandbox, and another for sources", function()
    local world = harness.new { landing_zone = "amazon" }
    local function folder(kind)
      return world:ask("GET", ZONE .. "?type=" .. kind).dlzPath.dlzFolder
    end
    local prod = folder "dlz_destination"
    assert.not_equal(prod, folder "user_drop_zone")
    world.headers["x-sandbox-name"] = "dev"
    assert.not_equal(prod, folder "dlz_destination")
  end)

  it("refuses other types and actions", function()
    local world = harness.new()
    for _, address in ipairs { ZONE, ZONE .. "?type=x", CREDENTIALS } do
      assert.equal(400, (world:send("GET", address, world.headers)))
    end
    assert.equal(400, (world:send("POST", CREDENTIALS .. DESTINATION, world.headers)))
    assert.equal(400, (world:send("POST", CREDENTIALS .. DESTINATION .. "&action=x", world.headers)))
  end)
end)

describe("export jobs", function()
  local world = harness.new()
  local JOBS = "/data/core/ups/export/jobs"

  it("are records, newest first, of more than profiles", function()
    local body = world:ask("GET", JOBS)
    local last, schemas = math.huge, {}
    for _, record in ipairs(body.records) do
      assert.is_true(record.creationTime < last and record.updateTime <= harness.NOW)
      last, schemas[record.schema.name] = record.creationTime, true
      assert.same(record, world:ask("GET", JOBS .. "/" .. tostring(record.id)))
    end
    assert.same({ ["_xdm.context.profile"] = true, ["_xdm.context.account"] = true }, schemas)
    assert.equal("_xdm.context.account", body.records[1].schema.name)
    assert.same({}, body.link)
    assert.equal(404, (world:send("GET", JOBS .. "/1", world.headers)))
  end)

  it("have pages, and can be found by status", function()
    local body = world:ask("GET", JOBS .. "?limit=1")
    assert.equal("/export/jobs?limit=1&offset=1", body.link.next)
    assert.equal("0", body.page.pageOffset)
    local all = world:ask("GET", JOBS).records
    assert.same(all[2], world:ask("GET", JOBS .. "?limit=1&offset=1").records[1])
    local failed = world:ask("GET", JOBS .. "?status=FAILED").records
    assert.equal(1, #failed)
    assert.equal("FAILED", failed[1].status)
    assert.equal(1, #failed[1].errors)
    assert.equal(0, #world:ask("GET", JOBS .. "?status=NEW").records)
    assert.equal(400, (world:send("GET", JOBS .. "?status=new", world.headers)))
    assert.equal(400, (world:send("GET", JOBS .. "?offset=x", world.headers)))
  end)

  it("come with each day", function()
    local id = world:ask("GET", JOBS).records[1].id
    world.now = world.now + 86400000
    world.headers = world:identify("client", "Org@AdobeOrg")
    assert.not_equal(id, world:ask("GET", JOBS).records[1].id)
  end)
end)
