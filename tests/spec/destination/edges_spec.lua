--- What is easily got wrong at the edges of a definition, held on the emulator: values that look empty and are meant,
--- one audience in two disguises, what only a connection tells, texts that only look right.

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

  it("is refused for what the service would refuse after half of the work", function()
    local text = refused(storage { marketing_actions = { "newsletter" } })
    assert.truthy(text:find("/marketing_actions/0: expected a marketing action such as", 1, true), text)
  end)

  it("names the place of a flow spec that is not there", function()
    local text = refused(storage { flow_spec = "upsToNowhere" })
    assert.truthy(text:find("/flow_spec: the service has no flow spec", 1, true), text)
    local _, online = errors(storage { flow_spec = "upsToNowhere" })
    assert.truthy(online:find "^/flow_spec: the service has no flow spec", online)
  end)

  it("has no secrets where few values are possible, and none that a second run stumbles over", function()
    local secret = sluice.secret.new("hidden", "b-1")
    for key, place in pairs { compression = "/target/compression", csvOptions = "/target/csvOptions" } do
      local definition = storage()
      definition.target[key] = secret
      local text = refused(definition)
      assert.truthy(text:find(place .. ": a secret has no place here", 1, true), text)
    end
    local definition = storage { name = "Hidden bucket" }
    definition.target.bucketName = secret
    assert.are.equal(7, sluice.destination(definition):apply(service.aep).created)
    assert.are.equal(0, sluice.destination(definition):apply(service.aep).created)
    definition.target.csvOptions.delimiter = secret
    assert.are.equal("recipe", select(2, pcall(function() return sluice.destination(definition):preview() end)).kind)
  end)

  describe("with one audience in two disguises", function()
    local EXTERNAL = { id = "external-4f726a51", systemSegmentId = "4f726a51-ece2-45f9-b2d3-38c6f5920a2d",
      namespace = "CustomerAudienceUpload" }

    local function entry(fields)
      local made = live.audience(1, { id = false, name = false })
      for key, value in pairs(fields) do made[key] = value end
      return made
    end

    it("is refused: capitals and small letters", function()
      local offline = errors(live.definition {
        audiences = { entry { id = live.id(1) }, entry { id = live.id(1):upper() } } })
      assert.truthy(offline:find("/audiences/1/id: is the same audience as /audiences/0", 1, true), offline)
    end)

    it("is refused: its own ID and the platform's", function()
      for _, other in ipairs { { id = EXTERNAL.systemSegmentId },
        { id = "another", systemSegmentId = EXTERNAL.systemSegmentId, namespace = "n" } } do
        local offline = errors(live.definition { audiences = { entry(EXTERNAL), entry(other) } })
        assert.truthy(offline:find("/audiences/1/id: is the same audience as /audiences/0", 1, true), offline)
      end
    end)

    it("is refused: its name and the platform's ID", function()
      local found = service.aep.audiences:find { name = "Trade fair contacts" }
      local text = refused(live.definition { audiences = { entry { name = "Trade fair contacts" },
        entry { id = found.id } } })
      assert.truthy(text:find("/audiences/1: is the same audience as /audiences/0", 1, true), text)
    end)

    it("is not added a second time by another ID", function()
      local function apply(audience)
        return sluice.destination(live.definition { name = "Disguised", audiences = { audience } }):apply(service.aep)
      end
      apply(entry { id = EXTERNAL.systemSegmentId })
      local again = apply(entry(EXTERNAL))
      assert.are.equal(0, again.changed)
      local flow = sluice.dataflow(service.aep, again.ids.flow, { pause = 0 })
      assert.are.equal(0, flow:add_audiences({ entry(EXTERNAL) }).changed)
      assert.are.equal(0, flow:add_audiences({ entry { id = EXTERNAL.systemSegmentId:upper() } }).changed)
      local later = sluice.schedule.daily { at = "05:00", from = "2030-01-01", to = "2030-12-31" }
      local moved = entry(EXTERNAL)
      moved.schedule = later
      assert.are.equal(1, flow:replace_audiences({ moved }).changed)
      assert.are.same({ EXTERNAL.systemSegmentId }, live.audiences(flow:read()))
      assert.are.equal(1, flow:remove_audiences({ EXTERNAL.systemSegmentId:upper() }).changed)
    end)
  end)
end)
