local catalog = require "sluice.catalog"

-- What the tutorial prints: connection spec, flow spec, the auth specs with their params, the modes.
local EXPECTED = {
  ["adobe-campaign"] = {
    "0b23e41a-cb4a-4321-a78f-3b654f5d7d97", "upsToCampaign", "S3 AZURE_BLOB FTP",
    ["S3"] = "S3: accessId secretKey*",
    ["SFTP with Password"] = "FTP: domain host username password*",
    ["SFTP with SSH Key"] = "FTP: domain host username sshKey*",
    ["Azure Blob"] = "AZURE_BLOB: connectionString*",
  },
  ["oracle-eloqua"] = {
    "c1e44b6b-e7c8-404b-9031-58f0ef760604", "71471eba-b620-49e4-90fd-23f1fa0174d8", "FTP S3",
    ["SFTP with Password"] = "FTP: domain host username password*",
    ["SFTP with SSH Key"] = "FTP: domain host username sshKey*",
  },
  ["oracle-responsys"] = {
    "a5e28ddf-e265-426e-83a1-9d03a3a6822b", "51d675ce-e270-408d-91fc-22717bdf2148", "FTP S3",
    ["SFTP with Password"] = "FTP: domain host username password*",
    ["SFTP with SSH Key"] = "FTP: domain host username sshKey*",
  },
  ["salesforce-marketing-cloud"] = {
    "f599a5b3-60a7-4951-950a-cc4115c7ea27", "493b2bd6-26e4-4167-ab3b-5e910bba44f0", "FTP S3",
    ["SFTP with Password"] = "FTP: domain host username password*",
    ["SFTP with SSH Key"] = "FTP: domain host username sshKey*",
  },
  ["amazon-s3"] = {
    "4890fc95-5a1f-4983-94bb-e060c08e3f81", "71471eba-b620-49e4-90fd-23f1fa0174d8", "S3",
    ["Access Key"] = "S3: s3AccessKey s3SecretKey*",
  },
  ["azure-blob"] = {
    "e258278b-a4cf-43ac-b158-4fa0ca0d948b", "71471eba-b620-49e4-90fd-23f1fa0174d8", "AZURE_BLOB",
    ["ConnectionString"] = "AZURE_BLOB: connectionString*",
  },
  sftp = {
    "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0", "71471eba-b620-49e4-90fd-23f1fa0174d8", "FTP",
    ["Basic Authentication for sftp"] = "FTP: host username password* [domain]",
    ["SFTP with SSH Key"] = "FTP: domain host username sshKey* [port]",
  },
}

local function summary(auth)
  local words = {}
  for i, param in ipairs(auth.params) do
    local word = param.name .. (param.secret and "*" or "")
    words[i] = param.required and word or "[" .. word .. "]"
  end
  return auth.mode .. ": " .. table.concat(words, " ")
end

describe("catalog", function()
  it("holds the seven systems of the tutorial and no others", function()
    local count = 0
    for key in pairs(catalog.systems) do
      count = count + 1
      assert.truthy(EXPECTED[key], key)
    end
    assert.equal(7, count)
    assert.equal(7, #catalog.keys)
    for _, key in ipairs(catalog.keys) do assert.truthy(catalog.systems[key], key) end
    assert.equal("8a9c3494-9708-43d7-ae3f-cda01e5030e1", catalog.profile_store.connection_spec)
  end)

  for key, expected in pairs(EXPECTED) do
    it("knows " .. key, function()
      local system = catalog.systems[key]
      assert.equal(expected[1], system.connection_spec)
      assert.equal(expected[2], system.flow_spec.id or system.flow_spec.name)
      assert.equal(expected[3], table.concat(catalog.names(system.modes), " "))
      for name, text in pairs(expected) do
        if type(name) == "string" then assert.equal(text, summary(catalog.named(system.auth, name)), name) end
      end
    end)

    it("sends every way into " .. key .. " to a mode it has, and names its sources", function()
      for _, auth in ipairs(catalog.systems[key].auth) do
        assert.truthy(expected[auth.name], "not expected: " .. auth.name)
        assert.truthy(catalog.named(catalog.systems[key].modes, auth.mode), auth.name)
        assert.truthy(auth.source)
      end
      for _, mode in ipairs(catalog.systems[key].modes) do assert.truthy(mode.source) end
      assert.truthy(catalog.systems[key].source and catalog.systems[key].flow_spec.source)
    end)
  end

  it("sends the file format wherever the tutorial does", function()
    for key, system in pairs(catalog.systems) do
      for _, mode in ipairs(system.modes) do
        local format = catalog.named(mode.params, "format")
        assert.equal(key ~= "sftp" and "CSV" or nil, format.default, key)
      end
    end
  end)
end)
