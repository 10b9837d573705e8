--- What is easily got wrong at the edges of a definition, held on the emulator: values that look empty and are meant,
--- one audience in two disguises, what only a connection tells, texts that only look right.

local core = require "sluice.core"
local live = require "spec.support.live"
local sluice = require "sluice"

local CSV = { ",", "\t", "|", ";", ":" }
local ACCESS = { s3AccessKey = ("A2"):rep(10), s3SecretKey = ("aB1/"):rep(10) }

local service

local function storage(extra)
  local definition = { name = "Storage", type = "amazon-s3-v2", auth = ACCESS,
    target = { bucketName = "b-1", path = "p", compression = "NONE", fileType = "CSV", csvOptions = { quote = '"' } },
    audiences = { live.audience(1, { filename = "%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%" }) },
    attributes = { "person.name.firstName" } }
  for key, value in pairs(extra or {}) do definition[key] = value end
  return definition
end

--- The errors of a definition, a line each: without a connection, and with one.
local function errors(definition)
  local function told(...)
    local lines = {}
    for _, finding in ipairs(sluice.destination(definition):validate(...):only "error") do
      lines[#lines + 1] = finding.place .. ": " .. finding.message
    end
    return table.concat(lines, "\n")
  end
  return told(), told(service.aep)
end

--- The refusal of an apply, which sent nothing.
local function refused(definition)
  service:forget()
  local ok, failure = pcall(function() return sluice.destination(definition):apply(service.aep) end)
  assert.is_false(ok)
  assert.are.equal("recipe", failure.kind, tostring(failure))
  assert.are.equal(0, #service:requests())
  return tostring(failure)
end

describe("a definition at its edges", function()
  setup(function() service = live.start() end)
  teardown(function() service.server.stop() end)

  it("may have tabs and empty texts where the catalog lists them", function()
    for key, values in pairs { delimiter = CSV, quote = { '"', "" }, escape = { "\\", "'" },
      nullValue = { "null", '""', "" }, emptyValue = { "null", '""', "" } } do
      for _, value in ipairs(values) do
        local definition = storage()
        definition.target.csvOptions[key] = value
        local offline, online = errors(definition)
        assert.are.equal("", offline)
        assert.are.equal("", online)
      end
    end
  end)
end)
