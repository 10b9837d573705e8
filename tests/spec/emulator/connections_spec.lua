local core = require "sluice.core"
local harness = require "spec.emulator.harness"

local json = core.json
local spec = harness.spec

-- A copy of a document with changes at pointers; json.null removes.
local function changed(document, operations)
  local patch = core.patch.new {}
  for pointer, value in pairs(operations) do
    if value == json.null then patch:remove(pointer) else patch:add(pointer, value) end
  end
  return patch:apply(document)
end

local function refused(world, path, body, case)
  local status, answer = world:call("POST", path, body)
  assert.equal(case.status or 400, status, json.encode(answer))
  if case.message then assert.same({ message = case.message }, answer) end
  if case.code then assert.equal(case.code, answer.error_code, json.encode(answer)) end
  if case.detail then assert.is_truthy(answer.detail:find(case.detail, 1, true), answer.detail) end
end

describe("base connections", function()
  local world
  local body = { name = "base", description = "an account", connectionSpec = spec(harness.CAMPAIGN),
    auth = harness.campaign_auth() }
  before_each(function() world = harness.new() end)

  it("are stored with what the service adds", function()
    local status, answer, headers = world:call("POST", "/connections", body)
    assert.equal(201, status)
    assert.equal("/connections/" .. answer.id, headers.Location)
    local item = world:item("connections", answer.id)
    assert.same({
      id = answer.id, name = "base", description = "an account", state = "enabled",
      createdAt = harness.NOW, updatedAt = harness.NOW, createdBy = item.createdBy,
        updatedBy = item.createdBy,
      createdClient = "client", updatedClient = "client", sandboxId = item.sandboxId, sandboxName = "prod",
      imsOrgId = "Org@AdobeOrg", connectionSpec = spec(harness.CAMPAIGN), etag = answer.etag,
        version = answer.etag,
      auth = { specName = "SFTP with Password", params = { domain = "d.example", host = "h.example",
        username = "u", password = "p", authorizedDate = "2023-11-14" } },
    }, item)
    assert.matches("^%x+@AdobeID$", item.createdBy)
  end)

  it("need no auth for the Profile Store", function()
    local id = world:create("connections", { name = "n", connectionSpec = spec(harness.PROFILE_STORE) })
    assert.is_nil(world:item("connections", id).auth)
  end)

  it("may have equal names", function()
    world:create("connections", body)
    world:create("connections", body)
    assert.equal(2, world.emulator:counts().connections)
  end)

  for name, case in pairs {
    ["an unknown spec id"] = { { ["/connectionSpec/id"] = harness.UNKNOWN_ID },
      message = "Please provide a valid spec id" },
    ["no spec version"] = { { ["/connectionSpec/version"] = json.null }, status = 422,
      message = "connectionSpec.version is required" },
    ["another spec version"] = { { ["/connectionSpec/version"] = "2.0" }, code = "1455-400",
      detail = "/connectionSpec/version" },
    ["no spec"] = { { ["/connectionSpec"] = json.null }, code = "1455-400", detail = "/connectionSpec" },
    ["no name"] = { { ["/name"] = json.null }, code = "1455-400", detail = "/name" },
    ["an unknown auth name"] = { { ["/auth/specName"] = "SFTP with password" }, code = "1415-400",
      detail = "SFTP with password" },
    ["no auth"] = { { ["/auth"] = json.null }, code = "1455-400", detail = "/auth" },
    ["no auth params"] = { { ["/auth/params"] = json.null }, code = "1455-400", detail = "/auth/params" },
    ["a missing auth param"] = { { ["/auth/params/host"] = json.null }, code = "1455-400",
      detail = "/auth/params/host" },
    ["an auth param of another type"] = { { ["/auth/params/host"] = 1 }, code = "1455-400",
      detail = "/auth/params/host" },
    ["auth for a spec without"] = { { ["/connectionSpec/id"] = harness.PROFILE_STORE }, code = "1415-400" },
  } do
    it("refuse " .. name, function() refused(world, "/connections", changed(body, case[1]), case) end)
  end

  it("refuse an empty, broken or foreign body", function()
    for text, code in pairs { [""] = "1405-400", ["null"] = "1405-400", ["{}"] = "1405-400",
      ["[1]"] = "1455-400" } do
      local status, answer = world:call("POST", "/connections", text)
      assert.equal(400, status)
      assert.equal(code, answer.error_code, text)
    end
    local status, answer = world:call("POST", "/connections", "{")
    assert.equal(400, status)
    assert.equal("BadRequestError", answer.title)
  end)

  it("take a port that is a number, and encryption that is an object", function()
    local sftp = { name = "sftp", connectionSpec = spec "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0", auth = {
      specName = "Basic Authentication for sftp",
        params = { host = "h", username = "u", password = "p", port = 22 } },
      encryption = { specName = "File Encryption",
        params = { encryptionAlgo = "PGP/GPG", publicKey = "k" } } }
    local id = world:create("connections", sftp)
    assert.same(sftp.encryption, world:item("connections", id).encryption)
    refused(world, "/connections", changed(sftp, { ["/auth/params/port"] = "22" }), { code = "1455-400" })
    refused(world, "/connections", changed(sftp, { ["/encryption"] = "PGP" }), { code = "1455-400" })
    refused(world, "/connections", changed(sftp, { ["/auth"] = "none" }),
      { code = "1455-400", detail = "/auth" })
  end)

  it("enforce the patterns of the second card generation", function()
    local v2 = { name = "s3", connectionSpec = spec(harness.S3_V2), auth = { specName = "Access Key",
      params = { s3AccessKey = ("A"):rep(20), s3SecretKey = ("b"):rep(40) } } }
    world:create("connections", v2)
    refused(world, "/connections", changed(v2, { ["/auth/params/s3AccessKey"] = "AKIA" }),
      { code = "1455-400", detail = "/auth/params/s3AccessKey" })
    refused(world, "/connections", changed(v2, { ["/auth/params/s3SecretKey"] = ("b"):rep(39) .. "!" }),
      { code = "1455-400", detail = "/auth/params/s3SecretKey" })
  end)

  it("answer 404 with the documented text", function()
    for _, method in ipairs { "GET", "DELETE", "PATCH" } do
      local status, answer = world:call(method, "/connections/" .. harness.UNKNOWN_ID,
        method == "PATCH" and "[]" or nil)
      assert.equal(404, status)
      assert.equal("connections not found with id = [" .. harness.UNKNOWN_ID .. "]", answer.errorMessage)
    end
  end)

  it("pass their test, and have nothing behind them to explore", function()
    local id = world:create("connections", body)
    assert.same({ result = true }, select(2, world:call("GET", "/connections/" .. id .. "/test")))
    for _, call in ipairs { "/explore?objectType=root", "/configs" } do
      local _, list = world:call("GET", "/connections/" .. id .. call)
      assert.same({}, list)
      assert.is_true(core.json.is_array(list))
    end
    assert.equal(404, (world:call("GET", "/connections/" .. harness.UNKNOWN_ID .. "/test")))
  end)

  it("take new credentials whole", function()
    local id, etag = world:create("connections", body)
    local status, answer = world:patch("connections", id, { { op = "replace", path = "/auth/params",
      value = { domain = "d2", host = "h2", username = "u2", password = "p2" } } })
    assert.equal(200, status)
    assert.equal(id, answer.id)
    assert.not_equal(etag, answer.etag)
    local item = world:item("connections", id)
    assert.equal(answer.etag, item.etag)
    assert.equal(answer.etag, item.version)
    assert.same({ domain = "d2", host = "h2", username = "u2", password = "p2",
      authorizedDate = "2023-11-14" },
      item.auth.params)
    status, answer = world:patch("connections", id,
      { { op = "add", path = "/auth/params", value = { host = "h" } } })
    assert.equal(400, status)
    assert.equal("1455-400", answer.error_code)
    assert.equal("h2", world:item("connections", id).auth.params.host)
  end)

  it("can change between authentications, lose params, never change their spec", function()
    local id = world:create("connections", body)
    assert.equal(200, (world:patch("connections", id, { { op = "replace", path = "/auth", value = {
      specName = "Azure Blob", params = { connectionString = "c" } } } })))
    assert.equal(200, (world:patch("connections", id, { { op = "remove", path = "/auth/params" } })))
    for path, code in pairs { ["/connectionSpec/id"] = "1414-400", ["/auth/specName"] = "1415-400",
      ["/state"] = "1420-400", ["/id"] = "1455-400", ["/etag"] = "1455-400" } do
      local status, answer = world:patch("connections", id, { { op = "replace", path = path, value = "x" } })
      assert.equal(400, status)
      assert.equal(code, answer.error_code, path)
    end
  end)
end)

describe("source connections", function()
  local world, base
  before_each(function()
    world = harness.new()
    base = world:create("connections", { name = "store", connectionSpec = spec(harness.PROFILE_STORE) })
  end)

  it("keep the tutorial's body and inherit the base connection", function()
    local id = world:create("sourceConnections", { name = "s", connectionSpec = spec(harness.PROFILE_STORE),
      baseConnectionId = base, data = { format = "CSV", schema = json.null }, params = {} })
    local item = world:item("sourceConnections", id)
    assert.same({ format = "CSV", schema = json.null }, item.data)
    assert.equal(base, item.baseConnectionId)
    assert.same({ id = base, connectionSpec = spec(harness.PROFILE_STORE) },
      item.inheritedAttributes.baseConnection)
  end)

  it("get a base connection of the service's own when none is named", function()
    local id = world:create("sourceConnections", { name = "s", connectionSpec = spec(harness.PROFILE_STORE) })
    local item = world:item("sourceConnections", id)
    assert.is_nil(item.baseConnectionId)
    assert.is_string(item.inheritedAttributes.baseConnection.id)
    assert.equal(1, world.emulator:counts().connections)
  end)

  it("need one when the option says so", function()
    world.emulator.options.source_base = "required"
    refused(world, "/sourceConnections", { name = "s", connectionSpec = spec(harness.PROFILE_STORE) },
      { code = "1455-400", detail = "/baseConnectionId" })
  end)

  it("refuse data and params that are no objects", function()
    local body = { name = "s", connectionSpec = spec(harness.PROFILE_STORE) }
    for _, key in ipairs { "data", "params" } do
      refused(world, "/sourceConnections", changed(body, { ["/" .. key] = "x" }),
        { code = "1455-400", detail = "/" .. key })
    end
  end)

  it("name datasets for the Data Lake, and never change them", function()
    local body = { name = "d", connectionSpec = spec(harness.DATA_LAKE),
      params = { datasets = { { dataSetId = "5ef3e3259ad2a1191ab7dd7d", name = "d" } } } }
    local id = world:create("sourceConnections", body)
    refused(world, "/sourceConnections", changed(body, { ["/params/datasets"] = json.array {} }),
      { code = "1455-400", detail = "/params/datasets" })
    refused(world, "/sourceConnections", changed(body, { ["/params/datasets/0/dataSetId"] = json.null }),
      { code = "1455-400", detail = "/params/datasets/0/dataSetId" })
    assert.equal(400, (world:patch("sourceConnections", id,
      { { op = "replace", path = "/params/datasets/0/dataSetId",
      value = "other" } })))
    assert.equal(200, (world:patch("sourceConnections", id,
      { { op = "replace", path = "/name", value = "e" } })))
  end)

  it("refuse a base connection that is absent or of another spec", function()
    local body = { name = "s", connectionSpec = spec(harness.PROFILE_STORE),
      baseConnectionId = harness.UNKNOWN_ID }
    local status, answer = world:call("POST", "/sourceConnections", body)
    assert.equal(404, status)
    assert.equal("connections not found with id = [" .. harness.UNKNOWN_ID .. "]", answer.errorMessage)
    body.baseConnectionId = world:create("connections",
      { name = "c", connectionSpec = spec(harness.CAMPAIGN), auth = harness.campaign_auth() })
    refused(world, "/sourceConnections", body, { code = "1455-400", detail = "/connectionSpec/id" })
  end)
end)

describe("target connections", function()
  local world, base, body
  before_each(function()
    world = harness.new()
    base = world:create("connections", { name = "c", connectionSpec = spec(harness.CAMPAIGN),
      auth = harness.campaign_auth() })
    body = { name = "t", baseConnectionId = base, connectionSpec = spec(harness.CAMPAIGN),
      data = { format = "json", schema = { id = "1.0", version = "1.0" } },
      params = { mode = "FTP", remotePath = "/in", format = "CSV" } }
  end)

  it("are stored with the base connection inherited", function()
    local item = world:item("targetConnections", (world:create("targetConnections", body)))
    assert.same(body.params, item.params)
    assert.same(body.data, item.data)
    assert.same({ baseConnection = { id = base, connectionSpec = spec(harness.CAMPAIGN) } },
      item.inheritedAttributes)
  end)

  it("take each mode with its parameters", function()
    for _, params in ipairs {
      { mode = "S3", bucketName = "my-bucket", path = "in", format = "CSV" },
      { mode = "AZURE_BLOB", container = "c", path = "in", format = "CSV" },
      { mode = "FTP", remotePath = "/in" },
    } do
      body.params = params
      world:create("targetConnections", body)
    end
  end)

  for name, case in pairs {
    ["no mode"] = { { ["/params/mode"] = json.null }, detail = "/params/mode" },
    ["a mode the card lacks"] = { { ["/params/mode"] = "Server-to-server" }, detail = "S3, AZURE_BLOB, FTP" },
    ["a missing parameter of the mode"] = { { ["/params/remotePath"] = json.null },
      detail = "/params/remotePath" },
    ["parameters of another mode"] = { { ["/params/mode"] = "S3" }, detail = "/params/bucketName" },
    ["a bad bucket name"] = { { ["/params/bucketName"] = "My_Bucket" }, detail = "/params/bucketName" },
    ["another file format"] = { { ["/params/format"] = "TAB_DELIMITED" }, detail = "/params/format" },
    ["no params"] = { { ["/params"] = json.null }, detail = "/params" },
    ["no base connection"] = { { ["/baseConnectionId"] = json.null }, detail = "/baseConnectionId" },
    ["another spec than the base's"] = { { ["/connectionSpec/id"] = harness.ELOQUA },
      detail = "/connectionSpec/id" },
    ["data of another type"] = { { ["/data"] = "json" }, detail = "/data" },
  } do
    it("refuse " .. name, function()
      case.code = "1455-400"
      refused(world, "/targetConnections", changed(body, case[1]), case)
    end)
  end

  it("refuse a base connection that is no destination", function()
    body.baseConnectionId = world:create("connections",
      { name = "p", connectionSpec = spec(harness.PROFILE_STORE) })
    body.connectionSpec = spec(harness.PROFILE_STORE)
    refused(world, "/targetConnections", body, { code = "1455-400", detail = "not a destination" })
  end)

  it("need data when the option says so", function()
    body.data = nil
    world:create("targetConnections", body)
    world.emulator.options.target_data = "required"
    refused(world, "/targetConnections", body, { code = "1455-400", detail = "/data" })
  end)

  it("need mode in a card with one mode only if the option says so", function()
    local function create(options)
      world = harness.new(options)
      local s3 = "4890fc95-5a1f-4983-94bb-e060c08e3f81"
      local id = world:create("connections", { name = "c", connectionSpec = spec(s3), auth = {
        specName = "Access Key", params = { s3AccessKey = "k", s3SecretKey = "s" } } })
      return (world:call("POST", "/targetConnections",
        { name = "t", baseConnectionId = id, connectionSpec = spec(s3),
        params = { bucketName = "bucket", path = "in" } }))
    end
    assert.equal(400, create {})
    assert.equal(201, create { target_mode = "optional" })
  end)

  it("of the second generation take one of two file types", function()
    local id = world:create("connections", { name = "dlz",
      connectionSpec = spec "10440537-2a7b-4583-ac39-ed38d4b848e8" })
    local v2 = { name = "t", baseConnectionId = id,
      connectionSpec = spec "10440537-2a7b-4583-ac39-ed38d4b848e8",
      params = { mode = "Server-to-server", path = "p", compression = "NONE", fileType = "CSV" } }
    world:create("targetConnections", v2)
    world:create("targetConnections", changed(v2, { ["/params/fileType"] = json.null,
      ["/params/datasetFileType"] = "PARQUET" }))
    refused(world, "/targetConnections", changed(v2, { ["/params/fileType"] = json.null }),
      { code = "1455-400" })
    refused(world, "/targetConnections", changed(v2, { ["/params/compression"] = "ZIP" }),
      { code = "1455-400" })
  end)

  it("are patched with id and etag in the answer, or items", function()
    local id = world:create("targetConnections", body)
    local patch = { { op = "replace", path = "/params", value = { mode = "FTP", remotePath = "/out" } } }
    local status, answer, _ = world:patch("targetConnections", id, patch)
    assert.equal(200, status)
    assert.same({ id = id, etag = world:item("targetConnections", id).etag }, answer)
    assert.equal("/out", world:item("targetConnections", id).params.remotePath)
    world.emulator.options.connection_patch = "items"
    _, answer = world:patch("targetConnections", id,
      { { op = "add", path = "/params/appendSegmentId", value = true } })
    assert.is_true(answer.items[1].params.appendSegmentId)
    assert.equal(400, (world:patch("targetConnections", id,
      { { op = "remove", path = "/params/remotePath" } })))
  end)
end)
