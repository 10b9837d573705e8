--- The requests of a set-up over real HTTP, field by field as the tutorial writes them: seven systems, every
-- auth spec.

local core = require "sluice.core"
local emulator = require "sluice.emulator"
local sluice = require "sluice"

local AUDIENCE = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"
local TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
local STORE = { id = "8a9c3494-9708-43d7-ae3f-cda01e5030e1", version = "1.0" }
local SKELETON = '[{"name":"GeneralTransform","params":{"segmentSelectors":{"selectors":[]},'
  .. '"profileSelectors":{"selectors":[]}}}]'

local KEY = "BASE64BASE64"
local PASSWORD = { domain = "d.example.com", host = "h.example.com", username = "u", password = "p" }
local SSH_KEY = { domain = "d.example.com", host = "h.example.com", username = "u", sshKey = KEY }
local BASIC = { host = "h.example.com", username = "u", password = "p" }
local IN = { mode = "FTP", remotePath = "/in", format = "CSV" }
local BUCKET = { mode = "S3", bucketName = "b-1", path = "p", format = "CSV" }
local CONTAINER = { mode = "AZURE_BLOB", container = "c-1", path = "p", format = "CSV" }

local CAMPAIGN = { type = "adobe-campaign", spec = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97" }
local ELOQUA = { type = "oracle-eloqua", spec = "c1e44b6b-e7c8-404b-9031-58f0ef760604",
  flow = "71471eba-b620-49e4-90fd-23f1fa0174d8" }
local RESPONSYS = { type = "oracle-responsys", spec = "a5e28ddf-e265-426e-83a1-9d03a3a6822b",
  flow = "51d675ce-e270-408d-91fc-22717bdf2148" }
local MARKETING_CLOUD = { type = "salesforce-marketing-cloud", spec = "f599a5b3-60a7-4951-950a-cc4115c7ea27",
  flow = "493b2bd6-26e4-4167-ab3b-5e910bba44f0" }
local S3 = { type = "amazon-s3", spec = "4890fc95-5a1f-4983-94bb-e060c08e3f81",
  flow = "71471eba-b620-49e4-90fd-23f1fa0174d8" }
local BLOB = { type = "azure-blob", spec = "e258278b-a4cf-43ac-b158-4fa0ca0d948b",
  flow = "71471eba-b620-49e4-90fd-23f1fa0174d8" }
local SFTP = { type = "sftp", spec = "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0",
  flow = "71471eba-b620-49e4-90fd-23f1fa0174d8" }

-- System, auth spec, its params, the params of the target connection.
local COMBINATIONS = {
  { CAMPAIGN, "S3", { accessId = "AKIA", secretKey = "s" }, BUCKET },
  { CAMPAIGN, "SFTP with Password", PASSWORD, IN },
  { CAMPAIGN, "SFTP with SSH Key", SSH_KEY, IN },
  { CAMPAIGN, "Azure Blob", { connectionString = "cs" }, CONTAINER },
  { ELOQUA, "SFTP with Password", PASSWORD, IN },
  { ELOQUA, "SFTP with SSH Key", SSH_KEY, IN },
  { RESPONSYS, "SFTP with Password", PASSWORD, IN },
  { RESPONSYS, "SFTP with SSH Key", SSH_KEY, IN },
  { MARKETING_CLOUD, "SFTP with Password", PASSWORD, IN },
  { MARKETING_CLOUD, "SFTP with SSH Key", SSH_KEY, IN },
  { S3, "Access Key", { s3AccessKey = ("A2"):rep(10), s3SecretKey = ("aB1/"):rep(10) }, BUCKET },
  { BLOB, "ConnectionString", { connectionString = "cs" }, CONTAINER },
  { SFTP, "Basic Authentication for sftp", BASIC, { mode = "FTP", remotePath = "/in" } },
}

local function definition(system, auth_spec, params, target)
  local auth, place = { spec = auth_spec }, {}
  for key, value in pairs(params) do auth[key] = value end
  for key, value in pairs(target) do
    if key ~= "mode" and key ~= "format" then place[key] = value end
  end
  return {
    name = "N", type = system.type, auth = auth, target = place,
    audiences = { { id = AUDIENCE, name = "Loyal", filename = TEMPLATE, export = "DAILY_FULL_EXPORT",
      schedule = { frequency = "ONCE", triggerType = "SCHEDULED", startDate = "2030-01-01",
        startTime = "17:00" } } },
    attributes = { "person.name.firstName", { path = "personalEmail.address", mandatory = true,
      deduplicate = true } },
  }
end

local PARAMS = "/transformations/0/params"
local PATCH = {
  { op = "add", path = PARAMS .. "/segmentSelectors/selectors/-", value = { type = "PLATFORM_SEGMENT",
    value = {
    id = AUDIENCE, name = "Loyal", filenameTemplate = TEMPLATE, exportMode = "DAILY_FULL_EXPORT",
    schedule = { frequency = "ONCE", triggerType = "SCHEDULED", startDate = "2030-01-01",
      startTime = "17:00" } } } },
  { op = "add", path = PARAMS .. "/profileSelectors/selectors/-",
    value = { type = "JSON_PATH", value = { path = "person.name.firstName" } } },
  { op = "add", path = PARAMS .. "/profileSelectors/selectors/-",
    value = { type = "JSON_PATH", value = { path = "personalEmail.address" } } },
  { op = "add", path = PARAMS .. "/profileSelectors/mandatoryFields", value = { "personalEmail.address" } },
  { op = "add", path = PARAMS .. "/profileSelectors/primaryFields",
    value = { { fieldType = "ATTRIBUTE", attributePath = "personalEmail.address" } } },
}

describe("the requests of", function()
  local server, aep, requests

  setup(function()
    server = emulator.start {}
    local handle = server.emulator.handle
    -- Written down where they arrive: what counts is the text on the wire.
    server.emulator.handle = function(self, request)
      table.insert(requests, request)
      return handle(self, request)
    end
    aep = sluice.connect { base_url = server.url, ims_url = server.url,
      org = "0123456789ABCDEF01234567@AdobeOrg",
      client_id = "c", client_secret = "s", scopes = "openid", sandbox = "prod" }
  end)
  teardown(function() server.stop() end)
  before_each(function() requests = {} end)

  local function bodies(method, path)
    local found = {}
    for _, request in ipairs(requests) do
      if request.method == method and request.path:find(path .. "$") then
        found[#found + 1] = core.json.decode(request.body)
      end
    end
    return found
  end

  local function same(expected, body)
    assert.is_true(core.json.equal(expected, body), core.json.encode(body))
  end

  for i, combination in ipairs(COMBINATIONS) do
    local system, auth_spec, params, target = table.unpack(combination)
    it(system.type .. " with " .. auth_spec, function()
      local wanted = definition(system, auth_spec, params, target)
      wanted.name = "N" .. i
      local result = sluice.destination(wanted):apply(aep)
      local spec, ids = { id = system.spec, version = "1.0" }, result.ids
      local flow_spec = system.flow or aep.flow_specs:find({ name = "upsToCampaign" }).id

      local connections = bodies("POST", "/connections")
      table.sort(connections, function(a,
        b) return (a.auth == nil and 0 or 1) < (b.auth == nil and 0 or 1) end)
      assert.equal(2, #connections)
      same({ name = wanted.name .. " - Profile Store", connectionSpec = STORE }, connections[1])
      same({ name = wanted.name .. " - account", connectionSpec = spec,
        auth = { specName = auth_spec, params = params } }, connections[2])

      local sources = bodies("POST", "/sourceConnections")
      assert.equal(1, #sources)
      same({ name = wanted.name .. " - Profile Store source", connectionSpec = STORE,
        baseConnectionId = ids.profile_store_connection, data = { format = "CSV", schema = core.json.null },
        params = {} }, sources[1])

      local targets = bodies("POST", "/targetConnections")
      assert.equal(1, #targets)
      same({ name = wanted.name .. " - target", connectionSpec = spec, baseConnectionId = ids.base_connection,
        data = { format = "json", schema = { id = "1.0", version = "1.0" } }, params = target }, targets[1])

      local flows = bodies("POST", "/flows")
      assert.equal(1, #flows)
      same({ name = wanted.name, flowSpec = { id = flow_spec, version = "1.0" },
        sourceConnectionIds = { ids.source_connection }, targetConnectionIds = { ids.target_connection },
        transformations = core.json.decode(SKELETON) }, flows[1])

      local patches = bodies("PATCH", "/flows/" .. ids.flow:gsub("%-", "%%-"))
      assert.equal(1, #patches)
      same(PATCH, patches[1])
      assert.equal(5, result.created)
    end)
  end

  it("a set-up look before they create, and read back at the end", function()
    sluice.destination(definition(table.unpack(COMBINATIONS[1]))):apply(aep)
    local methods = {}
    for _, request in ipairs(requests) do
      if request.path:find("/flowservice/", 1, true) then methods[#methods + 1] = request.method end
    end
    assert.equal("GET GET GET GET GET GET GET POST POST POST POST POST PATCH GET GET GET",
      table.concat(methods, " "))
    for _, request in ipairs(requests) do
      assert.equal(request.method == "PATCH", request.headers["if-match"] ~= nil)
      assert.equal("prod", request.headers["x-sandbox-name"] or "prod")
    end
  end)

  it("a second run create and change nothing", function()
    local wanted = definition(table.unpack(COMBINATIONS[1]))
    sluice.destination(wanted):apply(aep)
    local counts = core.json.encode(server.emulator:counts())
    requests = {}
    local result = sluice.destination(wanted):apply(aep)
    assert.same({ 0, 0 }, { result.created, result.changed })
    assert.equal(counts, core.json.encode(server.emulator:counts()))
    for _, request in ipairs(requests) do assert.equal("GET", request.method) end
  end)
end)
