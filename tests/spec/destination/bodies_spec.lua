--- The requests of a set-up over real HTTP, field by field as the documentation writes them: every destination with
--- every kind of credentials, format and compression.

local combinations = require "support.combinations"
local core = require "sluice.core"
local emulator = require "sluice.emulator"
local sluice = require "sluice"

local AUDIENCE = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"
local TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
local STORE = { id = "8a9c3494-9708-43d7-ae3f-cda01e5030e1", version = "1.0" }
local LAKE = { id = "23598e46-f560-407b-88d5-ea6207e49db0", version = "1.0" }

-- Type → connection spec, flow spec of audiences, flow spec of datasets.
local SHARED = "71471eba-b620-49e4-90fd-23f1fa0174d8"
local IDS = {
  ["adobe-campaign"] = { "0b23e41a-cb4a-4321-a78f-3b654f5d7d97" },
  ["oracle-eloqua"] = { "c1e44b6b-e7c8-404b-9031-58f0ef760604", SHARED },
  ["oracle-responsys"] = { "a5e28ddf-e265-426e-83a1-9d03a3a6822b", "51d675ce-e270-408d-91fc-22717bdf2148" },
  ["salesforce-marketing-cloud"] = { "f599a5b3-60a7-4951-950a-cc4115c7ea27", "493b2bd6-26e4-4167-ab3b-5e910bba44f0" },
  ["amazon-s3"] = { "4890fc95-5a1f-4983-94bb-e060c08e3f81", SHARED },
  ["azure-blob"] = { "e258278b-a4cf-43ac-b158-4fa0ca0d948b", SHARED },
  sftp = { "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0", SHARED },
  ["amazon-s3-v2"] = { "4fce964d-3f37-408f-9778-e597338a21ee", "1a0514a6-33d4-4c7f-aff8-594799c47549",
    "269ba276-16fc-47db-92b0-c1049a3c131f" },
  ["azure-blob-v2"] = { "6d6b59bf-fb58-4107-9064-4d246c0e5bb2", "752d422f-b16f-4f0d-b1c6-26e448e3b388",
    "95bd8965-fc8a-4119-b9c3-944c2c2df6d2" },
  ["sftp-v2"] = { "36965a81-b1c6-401b-99f8-22508f1e6a26", "fd36aaa4-bf2b-43fb-9387-43785eeeb799",
    "354d6aad-4754-46e4-a576-1b384561c440" },
  ["adls-gen2"] = { "be2c3209-53bc-47e7-ab25-145db8b873e1", "db060570-a155-418a-a6d3-b4d97698e5dc",
    "17be2013-2549-41ce-96e7-a70363bec293" },
  ["data-landing-zone"] = { "10440537-2a7b-4583-ac39-ed38d4b848e8", "7e635b9f-e59b-4546-8ba8-fce6496693c8",
    "cd2fc47e-e838-4f38-a581-8fff2f99b63a" },
  ["google-cloud-storage"] = { "c5d93acb-ea8b-4b14-8f53-02138444ae99", "976d663b-80b4-4193-be6b-2d0487516623",
    "585c15c4-6cbf-4126-8f87-e26bff78b657" },
  ["amazon-kinesis"] = { "86043421-563b-46ec-8e6c-e23184711bf6", SHARED },
  ["azure-event-hubs"] = { "bf9f5905-92b7-48bf-bf20-455bc6b60a4e", SHARED },
}

local PARAMS = "/transformations/0/params"

local function add(path, value) return { op = "add", path = path, value = value } end

local function attribute(path, operator)
  return add(PARAMS .. "/profileSelectors/selectors/-",
    { type = "JSON_PATH", value = { path = path, operator = operator } })
end

local FILES = { type = "PLATFORM_SEGMENT", value = { id = AUDIENCE, name = "Loyal", filenameTemplate = TEMPLATE,
  exportMode = "DAILY_FULL_EXPORT", schedule = { frequency = "ONCE", triggerType = "SCHEDULED",
    startDate = "2030-01-01", startTime = "17:00" } } }
local STREAMED = { type = "PLATFORM_SEGMENT", value = { id = AUDIENCE, name = "Loyal" } }

local LEGACY = '[{"name":"GeneralTransform","params":{"segmentSelectors":{"selectors":[]},'
  .. '"profileSelectors":{"selectors":[]}}}]'

-- What sets the shapes apart, as text where `[]` and `{}` matter.
local SHAPES = {
  legacy = {
    source = '{"data":{"format":"CSV","schema":null},"params":{}}',
    target_data = { format = "json", schema = { id = "1.0", version = "1.0" } },
    flow = { transformations = LEGACY },
    patch = function()
      return { add(PARAMS .. "/segmentSelectors/selectors/-", FILES), attribute "person.name.firstName",
        attribute "personalEmail.address",
        add(PARAMS .. "/profileSelectors/mandatoryFields", { "personalEmail.address" }),
        add(PARAMS .. "/profileSelectors/primaryFields",
          { { fieldType = "ATTRIBUTE", attributePath = "personalEmail.address" } }) }
    end,
  },
  streaming = {
    source = '{"data":{"format":"json"},"params":{}}',
    target_data = { format = "json" },
    flow = { transformations = LEGACY },
    patch = function()
      return { add(PARAMS .. "/segmentSelectors/selectors/-", STREAMED),
        attribute("person.name.firstName", "EXISTS"), attribute("personalEmail.address", "EXISTS") }
    end,
  },
  v2 = {
    source = "{}",
    flow = { transformations = '[{"name":"GeneralTransform","params":{"mandatoryFields":[],"primaryFields":[],'
      .. '"profileMapping":{},"segmentSelectors":{"selectors":[]}}}]' },
    patch = function(ids)
      return { add(PARAMS .. "/segmentSelectors/selectors/-", FILES),
        add(PARAMS .. "/profileMapping", { mappingId = ids.mapping_set, mappingVersion = 0 }),
        add(PARAMS .. "/mandatoryFields", { "personalEmail.address" }) }
    end,
  },
  datasets = {
    source = '{"params":{"datasets":[{"dataSetId":"5ef3e3259ad2a1191ab7dd7d","name":"Orders"}]}}',
    flow = { transformations = "[]", scheduleParams = '{"exportMode":"FIRST_FULL_THEN_INCREMENTAL","timeUnit":"hour",'
      .. '"interval":6,"startTime":1893456000,"endTime":1924992000,'
      .. '"foldernameTemplate":"%DESTINATION%_%DATASET_ID%_%DATETIME(YYYYMMdd_HHmmss)%"}' },
  },
}

describe("the requests of", function()
  local server, aep, requests

  local function connect()
    return sluice.connect { base_url = server.url, ims_url = server.url, org = "0123456789ABCDEF01234567@AdobeOrg",
      client_id = "c", client_secret = "s", scopes = "openid", sandbox = "prod" }
  end

  setup(function()
    server = emulator.start {}
    local handle = server.emulator.handle
    -- Written down where they arrive: what counts is the text on the wire.
    server.emulator.handle = function(self, request)
      table.insert(requests, request)
      return handle(self, request)
    end
    aep = connect()
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

  --- The one body that was sent there.
  local function body(path)
    local found = bodies("POST", path)
    assert.equal(1, #found, path)
    return found[1]
  end

  local function check_connections(combination, name, spec)
    local connections = bodies("POST", "/connections")
    local has_store = combination.shape == "legacy" or combination.shape == "streaming"
    table.sort(connections, function(a, b)
      return (a.connectionSpec.id == STORE.id and 0 or 1) < (b.connectionSpec.id == STORE.id and 0 or 1)
    end)
    assert.equal(has_store and 2 or 1, #connections)
    if has_store then same({ name = name .. " - Profile Store", connectionSpec = STORE }, connections[1]) end
    same({ name = name .. " - account", connectionSpec = spec, auth = combination.auth }, connections[#connections])
  end

  local function check_source(combination, name, ids)
    local wanted = core.json.decode(SHAPES[combination.shape].source)
    local is_lake = combination.shape == "datasets"
    wanted.name = name .. (is_lake and " - datasets" or " - Profile Store source")
    wanted.connectionSpec, wanted.baseConnectionId = is_lake and LAKE or STORE, ids.profile_store_connection
    same(wanted, body "/sourceConnections")
  end

  local function check_flow(combination, name, ids, flow_spec)
    local wanted = { name = name, flowSpec = { id = flow_spec, version = "1.0" },
      sourceConnectionIds = { ids.source_connection }, targetConnectionIds = { ids.target_connection } }
    for key, text in pairs(SHAPES[combination.shape].flow) do wanted[key] = core.json.decode(text) end
    same(wanted, body "/flows")
  end

  local function check_mapping(name, ids)
    local schemas = bodies("POST", "/conversion/schemas")
    table.sort(schemas, function(a, b) return a.name < b.name end)
    assert.equal(2, #schemas)
    assert.equal(name .. " - input schema", schemas[1].name)
    assert.equal(name .. " - output schema", schemas[2].name)
    local columns = schemas[2].jsonSchema.properties
    for _, column in ipairs { "firstName", "personalEmail_address", "Email" } do
      same({ type = "string" }, columns[column])
    end
    local function row(destination, source)
      return { destination = destination, source = source, sourceType = "ATTRIBUTE" }
    end
    same({ inputSchema = { id = ids.input_schema }, outputSchema = { id = ids.output_schema }, mappings = {
      row("firstName", "person.name.firstName"), row("personalEmail_address", "personalEmail.address"),
      row("Email", "identityMap.Email") }, xdmVersion = "1.0" }, body "/conversion/mappingSets")
  end

  for i, combination in ipairs(combinations.list) do
    it(combination.title, function()
      local shape, known = SHAPES[combination.shape], IDS[combination.definition.type]
      local name, spec = "N" .. i, { id = known[1], version = "1.0" }
      local result = sluice.destination(combinations.definition(combination, name)):apply(aep)
      local ids = result.ids
      check_connections(combination, name, spec)
      check_source(combination, name, ids)
      same({ name = name .. " - target", connectionSpec = spec, baseConnectionId = ids.base_connection,
        data = shape.target_data, params = combination.target }, body "/targetConnections")
      check_flow(combination, name, ids, known[combination.shape == "datasets" and 3 or 2]
        or aep.flow_specs:find({ name = "upsToCampaign" }).id)
      if combination.shape == "v2" then check_mapping(name, ids) end
      local patches = bodies("PATCH", "/flows/" .. ids.flow:gsub("%-", "%%-"))
      same(shape.patch and { shape.patch(ids) } or {}, patches)
      assert.equal(combination.created, result.created)
    end)
  end

  it("a set-up look before they create, and read back at the end", function()
    sluice.destination(combinations.definition(combinations.list[1], "N")):apply(connect())
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

  it("several set-ups share the spec document, those of a check with a connection do not", function()
    local here, definition = connect(), combinations.definition(combinations.list[1], "shared")
    local function count()
      local found = 0
      for _, request in ipairs(requests) do
        if request.path:find "/connectionSpecs/" then found = found + 1 end
      end
      return found
    end
    sluice.destination(definition):apply(here)
    sluice.destination(definition):apply(here)
    assert.equal(1, count())
    sluice.destination(definition):validate(here)
    assert.equal(2, count())
    sluice.destination(definition):apply(connect())
    assert.equal(3, count())
  end)

  it("a second run create and change nothing", function()
    local wanted = combinations.definition(combinations.list[1], "N")
    sluice.destination(wanted):apply(aep)
    local counts = core.json.encode(server.emulator:counts())
    requests = {}
    local result = sluice.destination(wanted):apply(aep)
    assert.same({ 0, 0 }, { result.created, result.changed })
    assert.equal(counts, core.json.encode(server.emulator:counts()))
    for _, request in ipairs(requests) do assert.equal("GET", request.method) end
  end)
end)
