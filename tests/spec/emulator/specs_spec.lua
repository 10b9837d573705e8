local core = require "sluice.core"
local harness = require "spec.emulator.harness"
local patterns = require("sluice.emulator.patterns").matches

-- Card → its authentications with what they require, its target modes, its flow spec.
local SFTP_EMAIL = { ["SFTP with Password"] = "domain host username password",
  ["SFTP with SSH Key"] = "domain host username sshKey" }
local CARDS = {
  ["0b23e41a-cb4a-4321-a78f-3b654f5d7d97"] = { auth = { S3 = "accessId secretKey",
    ["SFTP with Password"] = "domain host username password",
      ["SFTP with SSH Key"] = "domain host username sshKey",
    ["Azure Blob"] = "connectionString" }, modes = "S3 AZURE_BLOB FTP", required = "mode" },
  ["c1e44b6b-e7c8-404b-9031-58f0ef760604"] = { auth = SFTP_EMAIL, modes = "S3 FTP", required = "mode",
    flow = "71471eba-b620-49e4-90fd-23f1fa0174d8" },
  ["a5e28ddf-e265-426e-83a1-9d03a3a6822b"] = { auth = SFTP_EMAIL, modes = "S3 FTP", required = "mode",
    flow = "51d675ce-e270-408d-91fc-22717bdf2148" },
  ["f599a5b3-60a7-4951-950a-cc4115c7ea27"] = { auth = SFTP_EMAIL, modes = "S3 FTP", required = "mode",
    flow = "493b2bd6-26e4-4167-ab3b-5e910bba44f0" },
  ["4890fc95-5a1f-4983-94bb-e060c08e3f81"] = { auth = { ["Access Key"] = "s3AccessKey s3SecretKey" },
    modes = "S3",
    required = "mode bucketName path", flow = "71471eba-b620-49e4-90fd-23f1fa0174d8" },
  ["e258278b-a4cf-43ac-b158-4fa0ca0d948b"] = { auth = { ConnectionString = "connectionString" },
    modes = "AZURE_BLOB", required = "mode container path", flow = "71471eba-b620-49e4-90fd-23f1fa0174d8" },
  ["64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0"] = { auth = {
    ["Basic Authentication for sftp"] = "host username password",
      ["SFTP with SSH Key"] = "host username sshKey" },
    modes = "FTP", required = "mode remotePath", flow = "71471eba-b620-49e4-90fd-23f1fa0174d8" },
}

local SECRET = { password = true, sshKey = true, secretKey = true, s3SecretKey = true,
  connectionString = true }

describe("connection specs", function()
  local world = harness.new()

  for id, card in pairs(CARDS) do
    it("describe the tutorial's card " .. id, function()
      local spec = world:item("connectionSpecs", id)
      assert.equal("1.0", spec.version)
      local auth = {}
      for _, entry in ipairs(spec.authSpec) do
        auth[entry.name] = table.concat(entry.spec.required, " ")
        for _, key in ipairs(entry.spec.required) do
          assert.equal(SECRET[key] and "password" or nil, entry.spec.properties[key].format)
        end
      end
      assert.same(card.auth, auth)
      assert.equal(card.modes, table.concat(spec.targetSpec.spec.properties.mode.enum, " "))
      assert.equal(card.required, table.concat(spec.targetSpec.spec.required, " "))
    end)
  end

  it("say which are destinations", function()
    assert.is_true(world:item("connectionSpecs",
      harness.ELOQUA).targetSpec.attributes.uiAttributes.isDestination)
    assert.is_nil(world:item("connectionSpecs", harness.DATA_LAKE).targetSpec)
  end)

  it("check what their patterns say", function()
    local v2 = function(id) return world:item("connectionSpecs", id).targetSpec.spec.properties end
    local s3, blob = v2(harness.S3_V2), v2 "6d6b59bf-fb58-4107-9064-4d246c0e5bb2"
    local rows = {
      { s3.bucketName, "abc my-bucket a.b.c 1.2.3.x 0ab",
        "ab Abc my_bucket a..b .ab ab. -ab ab- a.-b 1.2.3.4" },
      { s3.path, "a/b in/%SEGMENT_NAME% %SEGMENT_ID%/%SEGMENT_NAME%/ a!'()*._-", "a,b in/%SEGMENT% é a%" },
      { blob.container, "abc a-b-c 0a0", "ab a--b Abc -ab ab- a.b" },
      { blob.path, "a a/b!'()*._-", "%SEGMENT_ID% a,b" },
    }
    for _, row in ipairs(rows) do
      local matches = patterns[row[1].pattern]
      for value in row[2]:gmatch("%S+") do assert.is_true(matches(value), value) end
      for value in row[3]:gmatch("%S+") do assert.is_false(matches(value), value) end
    end
    assert.is_true(patterns[s3.bucketName.pattern](("a"):rep(63)))
    assert.is_false(patterns[s3.bucketName.pattern](("a"):rep(64)))
    assert.is_true(patterns[blob.container.pattern](("a"):rep(63)))
    assert.is_false(patterns[blob.container.pattern](("a"):rep(64)))
  end)

  it("are all in one list without pages, Profile Store among them", function()
    local status, body = world:call("GET", "/connectionSpecs")
    assert.equal(200, status)
    assert.equal(17, #body.items)
    assert.same({}, body._links)
    assert.same({}, world:item("connectionSpecs", harness.PROFILE_STORE).authSpec)
    assert.is_true(core.json.is_array(world:item("connectionSpecs", harness.PROFILE_STORE).authSpec))
  end)

  it("can be filtered by name, and attributes in the quoted form", function()
    local _, body = world:call("GET", "/connectionSpecs?property=name==Adobe%20Campaign")
    assert.equal(harness.CAMPAIGN, body.items[1].id)
    _, body = world:call("GET", '/connectionSpecs?property=attributes.category=%22emailMarketing%22')
    assert.equal(4, #body.items)
    _, body = world:call("GET", "/connectionSpecs?property=attributes.isSource==true")
    assert.equal(2, #body.items)
  end)

  it("refuse other filter fields, other parameters, writing", function()
    for path, code in pairs {
      ["/connectionSpecs?property=version==1.0"] = "1423-400",
      ["/connectionSpecs?limit=1"] = "1451-400",
      ["/connectionSpecs?property=name=x"] = "1450-400",
    } do
      local status, body = world:call("GET", path)
      assert.equal(400, status)
      assert.equal(code, body.error_code)
    end
    local status, body = world:call("POST", "/connectionSpecs", { name = "x" })
    assert.equal(400, status)
    assert.equal("1426-400", body.error_code)
    status, body = world:call("GET", "/connectionSpecs/" .. harness.UNKNOWN_ID)
    assert.equal(404, status)
    assert.equal("connectionSpecs not found with id = [" .. harness.UNKNOWN_ID .. "]", body.errorMessage)
  end)

  it("follow the options about legacy SFTP and target modes", function()
    local strict = harness.new { sftp_domain = "required", target_mode = "optional",
      sftp_ssh_name = "SSH PublicKey Authentication for sftp" }
    local spec = strict:item("connectionSpecs", "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0")
    assert.equal("SSH PublicKey Authentication for sftp", spec.authSpec[2].name)
    assert.same({ "domain", "host", "username", "sshKey" }, spec.authSpec[2].spec.required)
    assert.same({ "remotePath" }, spec.targetSpec.spec.required)
  end)

  it("list datasets for export", function()
    local path = "/connectionSpecs/" .. harness.DATA_LAKE .. "/configs"
    local query = "?outputType=activationDatasets&outputField=datasets"
    local _, body = world:call("GET", path .. query .. "&limit=3")
    assert.equal(3, #body.items)
    assert.matches("^%x+$", body.items[1].id)
    assert.same({ start = 0, ["end"] = 3, total = 24, hasNext = true }, body.pageInfo)
    _, body = world:call("GET", path .. query .. "&start=23")
    assert.same({ start = 23, ["end"] = 24, total = 24, hasNext = false }, body.pageInfo)
    assert.equal("1451-400", select(2, world:call("GET", path)).error_code)
    assert.equal("1452-400", select(2, world:call("GET", path .. query .. "&limit=101")).error_code)
  end)
end)

describe("flow specs", function()
  local world = harness.new()

  it("join the Profile Store with each of the tutorial's cards", function()
    local _, body = world:call("GET", "/flowSpecs")
    local flow_of = {}
    for _, spec in ipairs(body.items) do
      if spec.sourceConnectionSpecIds[1] == harness.PROFILE_STORE then
        for _, target in ipairs(spec.targetConnectionSpecIds) do flow_of[target] = spec.id end
      end
    end
    for id, card in pairs(CARDS) do assert.equal(card.flow or flow_of[id], flow_of[id]) end
  end)

  it("hide Campaign's behind its name", function()
    local id = world:flow_spec("upsToCampaign")
    assert.is_string(id)
    assert.not_equal("71471eba-b620-49e4-90fd-23f1fa0174d8", id)
    assert.not_equal(id, harness.new({ seed = "other" }):flow_spec("upsToCampaign"))
  end)

  it("say which export datasets", function()
    assert.same({ "DATASETS" }, world:item("flowSpecs",
      "269ba276-16fc-47db-92b0-c1049a3c131f").attributes._workflow)
    assert.is_nil(world:item("flowSpecs", "1a0514a6-33d4-4c7f-aff8-594799c47549").attributes._workflow)
  end)

  it("say so as text when the option asks", function()
    local text = harness.new { workflow = "text" }
    assert.equal("DATASETS", text:item("flowSpecs",
      "269ba276-16fc-47db-92b0-c1049a3c131f").attributes._workflow)
    assert.is_string(text:dataset_flow { timeUnit = "hour", interval = 3, startTime = 1 })
    assert.is_string(text:v2_flow())
  end)

  it("can be searched, not written", function()
    local status, body = world:call("POST", "/flowSpecs/search", { queryString = "name==upsToCampaign" })
    assert.equal(200, status)
    assert.equal(1, #body.items)
    assert.equal(400, (world:call("POST", "/flowSpecs/search", { queryString = 1 })))
    status, body = world:call("PUT", "/flowSpecs/" .. body.items[1].id, { name = "x" })
    assert.equal(403, status)
    assert.equal("2118-403", body.error_code)
  end)
end)
