local core = require "sluice.core"
local harness = require "spec.emulator.harness"
local patterns = require("sluice.emulator.patterns").matches

local json = core.json

local S3 = harness.S3_V2
local BLOB, SFTP = "6d6b59bf-fb58-4107-9064-4d246c0e5bb2", "36965a81-b1c6-401b-99f8-22508f1e6a26"
local ADLS, GCS = "be2c3209-53bc-47e7-ab25-145db8b873e1", "c5d93acb-ea8b-4b14-8f53-02138444ae99"
local DLZ, EVENT_HUBS = harness.LANDING_ZONE, "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"

local KEYS = { s3AccessKey = ("A"):rep(20), s3SecretKey = ("b"):rep(40) }

-- Card → name, what each authentication requires, where files go, its two flow specs, params that fit.
local CARDS = {
  [S3] = { "Amazon S3", { ["Access Key"] = "s3AccessKey s3SecretKey", ["Assumed Role"] = "s3Role" },
    { bucketName = "my-bucket", path = "in/%SEGMENT_ID%" },
    "1a0514a6-33d4-4c7f-aff8-594799c47549", "269ba276-16fc-47db-92b0-c1049a3c131f" },
  [BLOB] = { "Azure Blob Storage", { ConnectionString = "connectionString" },
    { container = "my-box", path = "in" },
    "752d422f-b16f-4f0d-b1c6-26e448e3b388", "95bd8965-fc8a-4119-b9c3-944c2c2df6d2" },
  [SFTP] = { "SFTP", { ["SFTP with Password"] = "domain password username",
    ["SFTP with SSH Key"] = "domain sshKey username" }, { remotePath = "/in" },
    "fd36aaa4-bf2b-43fb-9387-43785eeeb799", "354d6aad-4754-46e4-a576-1b384561c440" },
  [ADLS] = { "Azure Data Lake Gen2", { ["Azure Service Principal Auth"] =
    "servicePrincipalId servicePrincipalKey tenant url" }, { path = "in" },
    "db060570-a155-418a-a6d3-b4d97698e5dc", "17be2013-2549-41ce-96e7-a70363bec293" },
  [DLZ] = { "Data Landing Zone", {}, { path = "in" },
    "7e635b9f-e59b-4546-8ba8-fce6496693c8", "cd2fc47e-e838-4f38-a581-8fff2f99b63a" },
  [GCS] = { "Google Cloud Storage", { ["Google Cloud Storage authentication credentials"] =
    "accessKeyId secretAccessKey" }, { bucketName = "my_bucket", path = "in/%SEGMENT_NAME%/" },
    "976d663b-80b4-4193-be6b-2d0487516623", "585c15c4-6cbf-4126-8f87-e26bff78b657" },
}

local SECRETS = { s3SecretKey = true, s3Role = true, connectionString = true, password = true, sshKey = true,
  servicePrincipalKey = true, secretAccessKey = true }

local function sorted(list)
  local copy = { table.unpack(list) }
  table.sort(copy)
  return table.concat(copy, " ")
end

local function with(given, changes)
  local result = {}
  for k, v in pairs(given) do result[k] = v end
  for k, v in pairs(changes) do
    if v == json.null then v = nil end
    result[k] = v
  end
  return result
end

--- An account at a card; gives its id.
local function account(world, id)
  local auth
  for _, spec in ipairs(world:item("connectionSpecs", id).authSpec) do
    local params = {}
    for _, key in ipairs(spec.spec.required) do params[key] = KEYS[key] or "x" end
    auth = { specName = spec.name, params = params }
  end
  return world:create("connections", { name = "b", connectionSpec = harness.spec(id), auth = auth })
end

local function post_target(world, id, params)
  return world:call("POST", "/targetConnections", { name = "t", baseConnectionId = account(world, id),
    connectionSpec = harness.spec(id), params = params })
end

for id, card in pairs(CARDS) do
  describe(card[1] .. " of the second generation", function()
    local world = harness.new()
    local spec = world:item("connectionSpecs", id)
    local target = spec.targetSpec.spec
    local params = with(card[3], { mode = "Server-to-server", compression = "GZIP", fileType = "PARQUET" })

    local function post(changes) return (post_target(world, id, with(params, changes))) end

    it("says how to authenticate, and what is secret", function()
      assert.equal(card[1], spec.name)
      local found = {}
      for _, entry in ipairs(spec.authSpec) do
        found[entry.name] = sorted(entry.spec.required)
        for key, property in pairs(entry.spec.properties) do
          assert.equal(SECRETS[key] and "password" or nil, property.format, key)
        end
      end
      assert.same(card[2], found)
      assert.equal(id == DLZ and 0 or 1, #spec.encryptionSpecs)
      assert.is_true(json.is_array(spec.encryptionSpecs))
    end)

    it("says where files go and of which kind they are", function()
      local required = { "compression", "datasetFileType", "fileType" }
      for key in pairs(card[3]) do required[#required + 1] = key end
      assert.equal(sorted(required), sorted(target.required))
      assert.same({ field = "flowSpec.attributes._workflow", operator = "NOT_CONTAINS", value = "DATASETS" },
        target.properties.fileType.conditional)
      assert.equal("CONTAINS", target.properties.datasetFileType.conditional.operator)
      assert.same({ "CSV", "JSON", "PARQUET" }, target.properties.fileType.enum)
      assert.same({ "JSON", "PARQUET" }, target.properties.datasetFileType.enum)
      local schema = spec.targetSpec.attributes.partnerSchema.jsonSchema
      for _, key in ipairs { "attributes", "identityMap", "segmentMembership" } do
        assert.is_table(schema.properties[key])
      end
    end)

    it("takes each file type of audiences, and those of datasets", function()
      for _, kind in ipairs { "CSV", "JSON", "PARQUET" } do
        for _, compression in ipairs { "NONE", "GZIP" } do
          assert.equal(201, post { fileType = kind, compression = compression })
        end
      end
      for _, kind in ipairs { "JSON", "PARQUET" } do
        assert.equal(201, post { fileType = json.null, datasetFileType = kind })
      end
      assert.equal(400, post { fileType = json.null, datasetFileType = "CSV" })
      assert.equal(400, post { datasetFileType = "JSON" })
      assert.equal(400, post { fileType = json.null })
      assert.equal(400, post { fileType = "csv" })
      assert.equal(400, post { compression = "ZIP" })
      assert.equal(400, post { mode = "S3" })
      assert.equal(id == SFTP and 201 or 400, post { mode = "FTP" })
      assert.equal(201, post { mode = json.null })
      for key in pairs(card[3]) do assert.equal(400, post { [key] = json.null }) end
    end)

    it("takes csvOptions with CSV only", function()
      assert.equal(201, post { fileType = "CSV", csvOptions = { delimiter = "\t", quote = "", escape = "'",
        nullValue = '""', emptyValue = "null" } })
      assert.equal(400, post { csvOptions = { delimiter = ";" } })
      assert.equal(400, post { fileType = "CSV", csvOptions = "x" })
      local wrong = { delimiter = ".", quote = "'", escape = '"', nullValue = "x", emptyValue = 0 }
      for key, value in pairs(wrong) do
        assert.equal(400, post { fileType = "CSV", csvOptions = { [key] = value } }, key)
      end
    end)

    it("has a flow spec for audiences and one for datasets", function()
      local audiences, datasets = world:item("flowSpecs", card[4]), world:item("flowSpecs", card[5])
      assert.same({ { harness.PROFILE_STORE }, { id } },
        { audiences.sourceConnectionSpecIds, audiences.targetConnectionSpecIds })
      assert.same({ { harness.DATA_LAKE }, { id }, { "DATASETS" } }, { datasets.sourceConnectionSpecIds,
        datasets.targetConnectionSpecIds, datasets.attributes._workflow })
      assert.is_nil(audiences.attributes._workflow)
    end)

    it("joins files of audiences with the one, files of datasets with the other", function()
      local source = world:create("sourceConnections",
        { name = "s", connectionSpec = harness.spec(harness.PROFILE_STORE) })
      local lake = world:create("sourceConnections", { name = "s",
        connectionSpec = harness.spec(harness.DATA_LAKE), params = { datasets = { { dataSetId = ("a"):rep(24) } } } })
      local _, audiences = post_target(world, id, params)
      local _, datasets = post_target(world, id,
        with(params, { fileType = json.null, datasetFileType = "JSON" }))
      local function flow(spec_id, from, to)
        return (world:call("POST", "/flows", { name = "f", flowSpec = harness.spec(spec_id),
          sourceConnectionIds = { from }, targetConnectionIds = { to }, transformations = json.array {},
          scheduleParams = from == lake and { timeUnit = "hour", interval = 3, startTime = 1 } or nil }))
      end
      assert.equal(201, flow(card[4], source, audiences.id))
      assert.equal(400, flow(card[4], source, datasets.id))
      assert.equal(201, flow(card[5], lake, datasets.id))
      assert.equal(400, flow(card[5], lake, audiences.id))
      assert.equal(400, flow(card[5], source, datasets.id))
    end)
  end)
end

describe("cards of the second generation", function()
  it("check names of buckets on Google's rules", function()
    local property = harness.new():item("connectionSpecs", GCS).targetSpec.spec.properties.bucketName
    local matches = patterns[property.pattern]
    local long = ("a"):rep(63)
    for value in ("abc my_bucket a-b_c a.b.c 0a0 %s %s.%s"):format(long, long, long):gmatch "%S+" do
      assert.is_true(matches(value), value)
    end
    for value in ("ab Abc abc_. googbucket my-g00gle _ab ab_ -ab 1.2.3.4 a..b a" .. long):gmatch "%S+" do
      assert.is_false(matches(value), value)
    end
  end)

  it("encrypt files as their document says", function()
    local world = harness.new()
    local function post(id, encryption)
      local body = { name = "b", connectionSpec = harness.spec(id), encryption = encryption }
      if id == S3 then body.auth = { specName = "Access Key", params = KEYS } end
      return (world:call("POST", "/connections", body))
    end
    local good = { specName = "File PGP/GPG Encryption",
      params = { encryptionAlgo = "PGPGPG", publicKey = "k" } }
    assert.equal(201, post(S3, good))
    assert.equal(400, post(S3, with(good, { specName = "File Encryption" })))
    assert.equal(400, post(S3, with(good, { params = { encryptionAlgo = "PGPGPG" } })))
    assert.equal(400, post(S3, with(good, { params = { encryptionAlgo = "AES", publicKey = "k" } })))
    assert.equal(400, post(S3, "x"))
    assert.equal(400, post(DLZ, good))
    local id = account(world, BLOB)
    local function patch(value)
      return (world:patch("connections", id, { { op = "add", path = "/encryption", value = value } }))
    end
    assert.same({ 200, 400 }, { patch(good), patch(with(good, { params = {} })) })
    world = harness.new { landing_zone_encryption = "offered" }
    assert.equal(201, post(DLZ, good))
  end)

  it("follow the options about JSON datasets and the default quote", function()
    local world = harness.new { dataset_json = "compressed", csv_quote_default = "quote" }
    local params = { path = "p", datasetFileType = "JSON", compression = "NONE" }
    assert.equal(400, (post_target(world, DLZ, params)))
    assert.equal(201, (post_target(world, DLZ, with(params, { compression = "GZIP" }))))
    assert.equal(201, (post_target(world, DLZ, with(params, { datasetFileType = "PARQUET" }))))
    local function quote(of)
      return of:item("connectionSpecs", DLZ).targetSpec.spec.properties.csvOptions.properties.quote.default
    end
    assert.same({ '"', "" }, { quote(world), quote(harness.new()) })
    assert.equal(201, (post_target(harness.new(), DLZ, params)))
  end)
end)

describe("streams", function()
  it("say how to authenticate and where events go", function()
    local world = harness.new()
    local function facts(id)
      local spec = world:item("connectionSpecs", id)
      return { spec.authSpec[1].name, sorted(spec.authSpec[1].spec.required),
        sorted(spec.targetSpec.spec.required) }
    end
    assert.same({ "Aws Kinesis authentication credentials", "accessKeyId region secretKey", "region stream" },
      facts(harness.KINESIS))
    assert.same({ "Azure EventHub authentication credentials", "namespace sasKey sasKeyName",
      "eventHubName" }, facts(EVENT_HUBS))
    world = harness.new { kinesis_region = "connectionUrl" }
    assert.equal("accessKeyId connectionUrl secretKey", facts(harness.KINESIS)[2])
  end)

  it("take audiences without file name, mode or schedule, and attributes", function()
    local world = harness.new()
    local flow = world:stream()
    local function add(place, value)
      return (world:patch("flows", flow, { { op = "add", path = harness[place] .. "/-", value = value } }))
    end
    local plain = { type = "PLATFORM_SEGMENT", value = { id = "a", name = "n", description = "d" } }
    assert.equal(202, add("AUDIENCES", plain))
    assert.equal(202, add("ATTRIBUTES",
      { type = "JSON_PATH", value = { operator = "EXISTS", path = "person.name.firstName" } }))
    for _, key in ipairs { "filenameTemplate", "exportMode", "schedule" } do
      local value = harness.audience("b").value
      assert.equal(400, add("AUDIENCES",
        { type = "PLATFORM_SEGMENT", value = { id = "b", [key] = value[key] } }))
    end
    world.emulator.options.streaming_schedule = "accept"
    assert.equal(202, add("AUDIENCES", harness.audience "b"))
  end)
end)

describe("dataset flows", function()
  local GOOD = { timeUnit = "hour", interval = 6, startTime = 1 }
  local function post(options, schedule, changes)
    local status, answer = harness.new(options):post_dataset_flow(with(GOOD, schedule or {}), changes)
    return status, answer.detail
  end

  it("transform nothing", function()
    assert.equal(201, (post()))
    local status, detail = post(nil, nil, { transformations = harness.skeleton() })
    assert.equal(400, status)
    assert.matches("^/transformations: ", detail)
  end)

  it("follow the options about intervals and folders", function()
    assert.equal(400, (post(nil, { interval = 8 })))
    assert.equal(201, (post({ dataset_interval_8 = "accept" }, { interval = 8 })))
    assert.equal(400, (post({ dataset_interval_8 = "accept" }, { interval = 24 })))
    assert.equal(201, (post(nil, { foldernameTemplate = "%DATASET_ID%" })))
    assert.equal(400, (post(nil, { foldernameTemplate = "" })))
    assert.matches("^/scheduleParams/folderNameTemplate: ",
      select(2, post(nil, { folderNameTemplate = "x" })))
    assert.equal(201, (post({ foldername_key = "either" }, { folderNameTemplate = "x" })))
  end)

  it("name datasets as the option asks, by ids of the platform's form", function()
    local function source(dataset, options)
      return (harness.new(options):call("POST", "/sourceConnections", { name = "s",
        connectionSpec = harness.spec(harness.DATA_LAKE), params = { datasets = { dataset } } }))
    end
    local id = ("0a"):rep(12)
    assert.equal(201, source { dataSetId = id })
    assert.equal(400, source({ dataSetId = id }, { dataset_name = "required" }))
    assert.equal(201, source({ dataSetId = id, name = "n" }, { dataset_name = "required" }))
    assert.equal(400, source { dataSetId = id, name = 1 })
    assert.equal(400, source { dataSetId = "x" })
    assert.equal(400, source { dataSetId = id .. "0" })
  end)

  it("find datasets with either spec, or only the Data Lake's", function()
    local world = harness.new()
    local query = "/configs?outputType=activationDatasets&outputField=datasets"
    assert.equal(200, (world:call("GET", "/connectionSpecs/" .. DLZ .. query)))
    world.emulator.options.configs_spec = "data-lake"
    assert.equal(400, (world:call("GET", "/connectionSpecs/" .. DLZ .. query)))
    assert.equal(200, (world:call("GET", "/connectionSpecs/" .. harness.DATA_LAKE .. query)))
  end)
end)

describe("audiences of a dataflow", function()
  local world, flow
  local function setup_world(options)
    world = harness.new(options)
    flow = world:v2_flow()
  end
  before_each(function() setup_world() end)

  local function add(id, changes)
    local status, answer = world:patch("flows", flow, { { op = "add", path = harness.AUDIENCES .. "/-",
      value = harness.audience(id, changes) } })
    return status, answer and answer.detail
  end

  local INFO = { enabled = true, sourceType = "AUDIENCE_DATASET", mappingSet = { id = "m", version = 0 } }

  it("may come from elsewhere, with attributes of their own", function()
    assert.equal(202, (add("extaud9001", { systemSegmentId = "s", namespace = "aamSegments" })))
    assert.equal(202, (add("x", { enrichmentInfo = INFO })))
    assert.equal(202, (add("y", { enrichmentInfo = { sourceType = "AUDIENCE_DATASET" } })))
    for key, changes in pairs {
      systemSegmentId = { systemSegmentId = 1 }, namespace = { namespace = "" },
      enrichmentInfo = { enrichmentInfo = "x" },
      ["enrichmentInfo/enabled"] = { enrichmentInfo = with(INFO, { enabled = "yes" }) },
      ["enrichmentInfo/sourceType"] = { enrichmentInfo = with(INFO, { sourceType = "FILE" }) },
      ["enrichmentInfo/mappingSet"] = { enrichmentInfo = with(INFO, { mappingSet = { id = "m" } }) },
    } do
      local status, detail = add("z", changes)
      assert.equal(400, status)
      assert.equal(harness.AUDIENCES .. "/3/value/" .. key, detail:match("^[^:]*"))
    end
  end)

  it("hold at most ten uploaded ones", function()
    local list = world:ask("GET",
      "/data/core/ups/audiences?limit=100&property=originName==CUSTOM_UPLOAD").children
    for i = 1, 10 do
      local external = i % 2 == 0
      assert.equal(202, (add(external and list[i].audienceId or list[i].id,
        { systemSegmentId = external and list[i].id or nil })))
    end
    local status, detail = add(list[11].id)
    assert.equal(400, status)
    assert.matches("at most 10 uploaded audiences", detail)
    assert.equal(202, (add "another"))
  end)

  it("exist when the option asks for it", function()
    setup_world { audience_check = "known" }
    local known = world:ask("GET", "/data/core/ups/audiences?limit=1").children[1]
    assert.equal(202, (add(known.id)))
    assert.equal(202, (add "extaud9001"))
    assert.equal(400, (add "another"))
  end)

  it("come later when the option says so", function()
    local source = world:create("sourceConnections",
      { name = "s", connectionSpec = harness.spec(harness.PROFILE_STORE) })
    local target = world:item("flows", flow).targetConnectionIds[1]
    local body = { name = "f", flowSpec = harness.spec(CARDS[S3][4]), sourceConnectionIds = { source },
      targetConnectionIds = { target }, transformations = { { name = "GeneralTransform",
        params = { segmentSelectors = { selectors = { harness.audience "a" } } } } } }
    assert.equal(201, (world:call("POST", "/flows", body)))
    world.emulator.options.filled_selectors = "reject"
    local status, answer = world:call("POST", "/flows", body)
    assert.equal(400, status)
    assert.equal(harness.AUDIENCES, answer.detail:match("^[^:]*"))
    body.transformations[1].params.segmentSelectors.selectors = json.array {}
    assert.equal(201, (world:call("POST", "/flows", body)))
  end)
end)
