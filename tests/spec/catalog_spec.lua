local catalog = require "sluice.catalog"

-- What the sources print: shape, connection spec, flow spec, dataset flow spec; the auth specs with their params
-- (* secret, [] optional), and the modes likewise.
local EXPECTED = {
  ["adobe-campaign"] = { "legacy", "0b23e41a-cb4a-4321-a78f-3b654f5d7d97", "upsToCampaign",
    auth = {
      "S3 > S3: accessId secretKey*",
      "SFTP with Password > FTP: domain host username password*",
      "SFTP with SSH Key > FTP: domain host username sshKey*",
      "Azure Blob > AZURE_BLOB: connectionString*",
    },
    modes = { "S3: bucketName path [format]", "AZURE_BLOB: container path [format]", "FTP: remotePath [format]" } },
  ["oracle-eloqua"] = { "legacy", "c1e44b6b-e7c8-404b-9031-58f0ef760604", "71471eba-b620-49e4-90fd-23f1fa0174d8",
    auth = {
      "SFTP with Password > FTP: domain host username password*",
      "SFTP with SSH Key > FTP: domain host username sshKey*",
    },
    modes = { "FTP: remotePath [format]", "S3: bucketName path [format]" } },
  ["oracle-responsys"] = { "legacy", "a5e28ddf-e265-426e-83a1-9d03a3a6822b",
    "51d675ce-e270-408d-91fc-22717bdf2148",
    auth = {
      "SFTP with Password > FTP: domain host username password*",
      "SFTP with SSH Key > FTP: domain host username sshKey*",
    },
    modes = { "FTP: remotePath [format]", "S3: bucketName path [format]" } },
  ["salesforce-marketing-cloud"] = { "legacy", "f599a5b3-60a7-4951-950a-cc4115c7ea27",
    "493b2bd6-26e4-4167-ab3b-5e910bba44f0",
    auth = {
      "SFTP with Password > FTP: domain host username password*",
      "SFTP with SSH Key > FTP: domain host username sshKey*",
    },
    modes = { "FTP: remotePath [format]", "S3: bucketName path [format]" } },
  ["amazon-s3"] = { "legacy", "4890fc95-5a1f-4983-94bb-e060c08e3f81", "71471eba-b620-49e4-90fd-23f1fa0174d8",
    auth = { "Access Key > S3: s3AccessKey s3SecretKey*" },
    modes = { "S3: bucketName path [format]" } },
  ["azure-blob"] = { "legacy", "e258278b-a4cf-43ac-b158-4fa0ca0d948b", "71471eba-b620-49e4-90fd-23f1fa0174d8",
    auth = { "ConnectionString > AZURE_BLOB: connectionString*" },
    modes = { "AZURE_BLOB: container path [format]" } },
  sftp = { "legacy", "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0", "71471eba-b620-49e4-90fd-23f1fa0174d8",
    auth = {
      "Basic Authentication for sftp > FTP: host username password* [domain]",
      "SFTP with SSH Key > FTP: domain host username sshKey* [port]",
    },
    modes = { "FTP: remotePath [format]" } },
  ["amazon-s3-v2"] = { "v2", "4fce964d-3f37-408f-9778-e597338a21ee", "1a0514a6-33d4-4c7f-aff8-594799c47549",
    "269ba276-16fc-47db-92b0-c1049a3c131f",
    auth = {
      "Access Key > Server-to-server: s3AccessKey s3SecretKey*",
      "Assumed Role > Server-to-server: s3Role*",
    },
    modes = { "Server-to-server: bucketName path compression fileType datasetFileType [csvOptions]" } },
  ["azure-blob-v2"] = { "v2", "6d6b59bf-fb58-4107-9064-4d246c0e5bb2", "752d422f-b16f-4f0d-b1c6-26e448e3b388",
    "95bd8965-fc8a-4119-b9c3-944c2c2df6d2",
    auth = { "ConnectionString > Server-to-server: connectionString*" },
    modes = { "Server-to-server: container path compression fileType datasetFileType [csvOptions]" } },
  ["sftp-v2"] = { "v2", "36965a81-b1c6-401b-99f8-22508f1e6a26", "fd36aaa4-bf2b-43fb-9387-43785eeeb799",
    "354d6aad-4754-46e4-a576-1b384561c440",
    auth = {
      "SFTP with Password > Server-to-server: domain username password* [port]",
      "SFTP with SSH Key > Server-to-server: domain username sshKey* [port]",
    },
    modes = { "Server-to-server: remotePath compression fileType datasetFileType [csvOptions]" } },
  ["adls-gen2"] = { "v2", "be2c3209-53bc-47e7-ab25-145db8b873e1", "db060570-a155-418a-a6d3-b4d97698e5dc",
    "17be2013-2549-41ce-96e7-a70363bec293",
    auth = {
      "Azure Service Principal Auth > Server-to-server: url servicePrincipalId servicePrincipalKey* tenant",
    },
    modes = { "Server-to-server: path compression fileType datasetFileType [csvOptions]" } },
  ["data-landing-zone"] = { "v2", "10440537-2a7b-4583-ac39-ed38d4b848e8", "7e635b9f-e59b-4546-8ba8-fce6496693c8",
    "cd2fc47e-e838-4f38-a581-8fff2f99b63a",
    auth = {},
    modes = { "Server-to-server: path compression fileType datasetFileType [csvOptions]" } },
  ["google-cloud-storage"] = { "v2", "c5d93acb-ea8b-4b14-8f53-02138444ae99",
    "976d663b-80b4-4193-be6b-2d0487516623", "585c15c4-6cbf-4126-8f87-e26bff78b657",
    auth = {
      "Google Cloud Storage authentication credentials > Server-to-server: accessKeyId secretAccessKey*",
    },
    modes = { "Server-to-server: bucketName path compression fileType datasetFileType [csvOptions]" } },
  ["amazon-kinesis"] = { "streaming", "86043421-563b-46ec-8e6c-e23184711bf6",
    "71471eba-b620-49e4-90fd-23f1fa0174d8",
    auth = { "Aws Kinesis authentication credentials > -: accessKeyId secretKey* region" },
    modes = { "-: stream region" } },
  ["azure-event-hubs"] = { "streaming", "bf9f5905-92b7-48bf-bf20-455bc6b60a4e",
    "71471eba-b620-49e4-90fd-23f1fa0174d8",
    auth = { "Azure EventHub authentication credentials > -: sasKeyName sasKey* namespace" },
    modes = { "-: eventHubName" } },
}

local function words(params)
  local list = {}
  for i, param in ipairs(params) do
    local word = param.name .. (param.secret and "*" or "")
    list[i] = param.required and word or "[" .. word .. "]"
  end
  return table.concat(list, " ")
end

local function summaries(list, head)
  local lines = {}
  for i, entry in ipairs(list) do lines[i] = head(entry) .. ": " .. words(entry.params) end
  return lines
end

local function each_param(params, visit)
  for _, param in ipairs(params) do
    visit(param, params)
    each_param(param.fields or {}, visit)
  end
end

describe("catalog", function()
  it("holds the seven systems of the tutorial, six storage cards, two streams, and no others", function()
    local count = 0
    for key in pairs(catalog.systems) do
      count = count + 1
      assert.truthy(EXPECTED[key], key)
    end
    assert.equal(15, count)
    assert.equal(15, #catalog.keys)
    for _, key in ipairs(catalog.keys) do assert.truthy(catalog.systems[key], key) end
    assert.equal("8a9c3494-9708-43d7-ae3f-cda01e5030e1", catalog.profile_store.connection_spec)
    assert.equal("23598e46-f560-407b-88d5-ea6207e49db0", catalog.data_lake.connection_spec)
  end)

  for key, expected in pairs(EXPECTED) do
    it("knows " .. key, function()
      local system = catalog.systems[key]
      assert.same({ expected[1], expected[2], expected[3] },
        { system.shape, system.connection_spec, system.flow_spec.id or system.flow_spec.name })
      assert.equal(expected[4], system.dataset_flow_spec and system.dataset_flow_spec.id)
      assert.same(expected.auth, summaries(system.auth, function(auth)
        return auth.name .. " > " .. (auth.mode or "-")
      end))
      assert.same(expected.modes, summaries(system.modes, function(mode) return mode.name or "-" end))
    end)

    it("sends every way into " .. key .. " to a mode it has, and names its sources", function()
      local system = catalog.systems[key]
      for _, auth in ipairs(system.auth) do
        assert.truthy(catalog.named(system.modes, auth.mode), auth.name)
        assert.truthy(auth.source)
      end
      for _, mode in ipairs(system.modes) do assert.truthy(mode.source) end
      assert.truthy(system.source and system.flow_spec.source)
      assert.truthy(not system.dataset_flow_spec or system.dataset_flow_spec.source)
    end)

    it("writes the params of " .. key .. " in words that mean something", function()
      for _, list in ipairs { catalog.systems[key].auth, catalog.systems[key].modes } do
        for _, entry in ipairs(list) do
          each_param(entry.params, function(param, siblings)
            if param.when then
              local other = assert(catalog.named(siblings, param.when.name))
              assert.truthy(table.concat(other.values, " "):find(param.when.value, 1, true))
            end
            assert.truthy(param.exports == nil or param.exports == "audiences" or param.exports == "datasets")
            assert.falsy(param.secret and (param.default or param.example))
          end)
        end
      end
    end)
  end

  it("sends the file format wherever the tutorial does", function()
    for _, key in ipairs(require("sluice.catalog.tutorial").keys) do
      for _, mode in ipairs(catalog.systems[key].modes) do
        local format = catalog.named(mode.params, "format")
        assert.equal(key ~= "sftp" and "CSV" or nil, format.default, key)
      end
    end
  end)

  it("knows which entries were replaced, and by what", function()
    local replaced = {}
    for key, system in pairs(catalog.systems) do
      if system.replaced_by then
        replaced[key] = system.replaced_by.type
        assert.equal("v2", catalog.systems[system.replaced_by.type].shape)
      end
    end
    assert.same({ ["amazon-s3"] = "amazon-s3-v2", ["azure-blob"] = "azure-blob-v2", sftp = "sftp-v2" }, replaced)
  end)

  it("knows the options of CSV files", function()
    local csv = catalog.named(catalog.systems["sftp-v2"].modes[1].params, "csvOptions")
    local found = {}
    for i, field in ipairs(csv.fields) do found[i] = field.name .. ": " .. table.concat(field.values, "  ") end
    assert.same({ "delimiter: ,  \t  |  ;  :", 'quote: "  ', "escape: \\  '", 'nullValue: null  ""  ',
      'emptyValue: null  ""  ' }, found)
    assert.same({ "audiences", "fileType", "CSV" }, { csv.exports, csv.when.name, csv.when.value })
  end)
end)
