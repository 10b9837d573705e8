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

  it("has no unseen signs in a file's name, and no slash without a word", function()
    local function told(own)
      local definition = storage()
      definition.audiences[1].filename = "%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%_" .. own
      for _, finding in ipairs(sluice.destination(definition):validate()) do
        if finding.place == "/audiences/0/filename" then return finding.level .. ": " .. finding.message end
      end
      return ""
    end
    for _, own in ipairs { "a\nb", "\0", "\27[31m", "\127" } do
      assert.truthy(told(own):find "^error: has control characters", told(own))
    end
    for _, own in ipairs { "a/b", "..\\b" } do assert.truthy(told(own):find "^warning: has a slash", told(own)) end
    assert.are.equal("", told "own text, fine")
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

describe("a definition that has less than the dataflow", function()
  setup(function() service = live.start() end)
  teardown(function() service.server.stop() end)

  --- Applies, and gives the warnings about what is there, a line each; nothing may be sent.
  local function told(definition)
    service:forget()
    local result = sluice.destination(definition):apply(service.aep)
    assert.are.equal(0, #service:requests())
    local lines = {}
    for _, finding in ipairs(result.warnings) do
      local is_about_it = finding.message:find("dataflow", 1, true)
      if is_about_it then lines[#lines + 1] = finding.place .. ": " .. finding.message end
    end
    return table.concat(lines, "\n")
  end

  local function apply(definition) return sluice.destination(definition):apply(service.aep) end

  it("is told what stays: a destination of the tutorial", function()
    local action = "/dulepolicy/marketingActions/custom/newsletter/constraints"
    apply(live.definition { marketing_actions = { action } })
    assert.are.equal("", told(live.definition { marketing_actions = { action } }))
    local text = told(live.definition { audiences = { live.audience(1) }, attributes = { "person.name.firstName" } })
    for _, part in ipairs { '/audiences: the existing dataflow exports audiences that are not in this definition: '
      .. '"Audience 2" (' .. live.id(2) .. "). They stay; remove_audiences",
      "/attributes: the existing dataflow has attributes that are not in this definition: personalEmail.address. They",
      "these are mandatory as well: personalEmail.address", "deduplicates by personalEmail.address, this definition",
      "/marketing_actions: the existing dataflow enforces", action } do
      assert.truthy(text:find(part, 1, true), part .. " is missing in " .. text)
    end
  end)

  it("is told what stays: a newer card's columns and their order", function()
    apply(storage { attributes = { "person.name.firstName", "person.name.lastName" } })
    local text = told(storage { attributes = { "person.name.lastName" } })
    assert.truthy(text:find("has columns that are not in this definition: person_name_firstName. They", 1, true), text)
    text = told(storage { attributes = { "person.name.lastName", "person.name.firstName" } })
    local order = "in the order that the dataflow has: person_name_firstName, person_name_lastName;"
    assert.truthy(text:find(order, 1, true), text)
  end)

  it("is refused where together they would map two identities", function()
    apply(storage { name = "Identities", attributes = { "person.name.firstName", { identity = "Email" } } })
    local text = refused(storage { name = "Identities", attributes = { { identity = "Phone" } } })
    assert.truthy(text:find('/attributes: the existing dataflow maps identity "Email"', 1, true), text)
  end)

  it("is told what stays: the end of a dataset export", function()
    local function datasets(extra)
      local definition = { name = "Datasets", type = "sftp-v2", auth = { domain = "d", username = "u", password = "p" },
        target = { remotePath = "/x", compression = "GZIP", datasetFileType = "JSON" },
        datasets = { { id = "5ef3e3259ad2a1191ab7dd7d", name = "n" } },
        schedule = sluice.schedule.datasets.daily { from = "2030-01-01", to = "2030-12-01" } }
      for key, value in pairs(extra or {}) do definition[key] = value end
      return definition
    end
    apply(datasets())
    local text = told(datasets { schedule = sluice.schedule.datasets.daily { from = "2030-01-01" } })
    assert.truthy(text:find("ends on 2030-12-01 00:00 UTC, which stays", 1, true), text)
    local id = "5ef3e3259ad2a1191ab7dd7d"
    text = refused(datasets { datasets = { { id = id }, { id = id:upper() } } })
    assert.truthy(text:find("/datasets/1/id: the dataset is there twice", 1, true), text)
  end)

  it("says how a target is moved", function()
    apply(live.definition { name = "Target" })
    local text = refused(live.definition { name = "Target", target = { remotePath = "/other" } })
    assert.truthy(text:find('change that target connection first, such as by sluice.target(aep, "', 1, true), text)
  end)
end)
