--- What an organisation's own documents decide: destinations that the catalog does not know, flow specs, and what
--- `validate` finds with a connection. On a service in memory.

local core = require "sluice.core"
local destination = require "sluice.destination"
local fake_aep = require "spec.support.fake_aep"
local outcome = require "spec.support.outcome"
local schedule = require "sluice.activation.schedule"

local LOYAL = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"
local STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
local ACME, ACME_FLOWS = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-0000000000f1"
local S3_FLOWS = "1a0514a6-33d4-4c7f-aff8-594799c47549"

-- A destination that is in no catalog.
local DOCUMENT = { id = ACME, name = "Acme Storage",
  authSpec = { { name = "Token", spec = { type = "object", required = { "token", "account" },
    properties = { token = { type = "string", format = "password" }, account = { type = "string" } } } } },
  targetSpec = {
    spec = { type = "object", required = { "folder", "fileType" }, properties = {
      folder = { type = "string", pattern = "^/.*$" }, fileType = { type = "string", enum = { "CSV", "JSON" } } } },
    attributes = { partnerSchema = { jsonSchema = { type = "object", properties = {} } } },
  } }

local function changed(base, changes)
  for key, value in pairs(changes or {}) do base[key] = value ~= "none" and value or nil end
  return base
end

local function audiences()
  return { { id = LOYAL, filename = "%DESTINATION%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
    schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2999-12-31" } } }
end

local function acme(changes)
  return changed({ name = "N", type = "Acme Storage", auth = { token = "t0p-secret", account = "a" },
    target = { folder = "/in", fileType = "CSV" }, audiences = audiences(), attributes = { "person.name.firstName" } },
    changes)
end

local aep

local function flow_spec(id, name, target, workflow)
  return { id = id, name = name, sourceConnectionSpecIds = { STORE }, targetConnectionSpecIds = { target },
    attributes = { _workflow = workflow } }
end

local function apply(definition) return destination.new(definition):apply(aep) end

local function writes()
  return #fake_aep.requests(aep, "create") + #fake_aep.requests(aep, "update")
end

describe("a destination that the catalog does not know", function()
  before_each(function()
    aep = fake_aep.new()
    table.insert(aep.connection_specs.items, core.json.copy(DOCUMENT))
    table.insert(aep.flow_specs.items, flow_spec(ACME_FLOWS, "upsToAcme", ACME))
  end)

  for _, type_name in ipairs { "Acme Storage", ACME } do
    it("works by its spec document alone: " .. type_name, function()
      local result = apply(acme { type = type_name })
      assert.same({ "v2", "Acme Storage", 7 }, { result.shape, result.title, result.created })
      assert.equal(ACME_FLOWS, result.flow.flowSpec.id)
      assert.same({ folder = "/in", fileType = "CSV" }, result.target.params)
      local base = aep.connections.items[1]
      assert.same({ ACME, "Token", "a" }, { base.connectionSpec.id, base.auth.specName, base.auth.params.account })
      assert.is_true(core.secret.is(fake_aep.requests(aep, "create")[2].body.auth.params.token)
        or core.secret.is(fake_aep.requests(aep, "create")[1].body.auth.params.token))
      assert.truthy(outcome.lines(result.warnings):find("Acme Storage is not in the catalog", 1, true))
      assert.same({ 0, 0 }, { apply(acme { type = type_name }).created, apply(acme { type = type_name }).changed })
    end)
  end

  for name, case in pairs {
    ["a name that nobody has"] = { { type = "Acme Storge" }, "/type: ", 'did you mean "Acme Storage"?' },
    ["a target that does not fit"] = { { target = { folder = "in", fileType = "XML" } }, "/target/folder: ",
      "/target/fileType: " },
    ["credentials that lack"] = { { auth = { token = "t" } }, "/auth/account: missing" },
    ["a flow spec that is not there"] = { { flow_spec = "upsToAcmo" }, 'no flow spec "upsToAcmo"',
      'did you mean "upsToAcme"?' },
  } do
    it("is refused before anything is created: " .. name, function()
      local wanted = acme(case[1])
      local failure = outcome.failure(apply, wanted)
      assert.equal("recipe", failure.kind)
      local told = outcome.lines(destination.new(wanted):validate(aep))
      for i = 2, #case do
        assert.truthy(failure.message:find(case[i], 1, true), failure.message)
        assert.truthy(told:find((case[i]:gsub("^no flow", "no flow")), 1, true), told)
      end
      assert.falsy(failure.message:find("t0p", 1, true))
      assert.equal(0, writes())
    end)
  end

  it("takes the flow spec that the definition names", function()
    table.insert(aep.flow_specs.items, flow_spec("other", "upsToAcmeToo", ACME))
    local failure = outcome.failure(apply, acme())
    assert.truthy(failure.message:find("2 flow specs lead audiences to Acme Storage", 1, true), failure.message)
    local result = apply(acme { flow_spec = "upsToAcmeToo" })
    assert.same({ "other", "found flow spec" }, { result.flow.flowSpec.id,
      result.steps[1].action .. " " .. result.steps[1].what })
  end)
end)

describe("the flow spec of a newer card", function()
  local function s3()
    return { name = "N", type = "amazon-s3-v2",
      auth = { s3AccessKey = ("A2"):rep(10), s3SecretKey = ("a"):rep(40) },
      target = { bucketName = "abc", path = "p", fileType = "CSV", compression = "NONE" },
      audiences = audiences(), attributes = { "person.name.firstName" } }
  end
  local SPEC = "4fce964d-3f37-408f-9778-e597338a21ee"

  before_each(function() aep = fake_aep.new() end)

  it("is the catalog's where the service lists it for audiences", function()
    table.insert(aep.flow_specs.items, flow_spec(S3_FLOWS, "upsToS3", SPEC))
    local result = apply(s3())
    assert.equal(S3_FLOWS, result.flow.flowSpec.id)
    assert.equal("", outcome.lines(result.warnings))
  end)

  it("is another one where that exports datasets here, and this is told", function()
    table.insert(aep.flow_specs.items, flow_spec(S3_FLOWS, "datasetsToS3", SPEC, { "DATASETS" }))
    table.insert(aep.flow_specs.items, flow_spec(ACME_FLOWS, "upsToS3", SPEC))
    local result = apply(s3())
    assert.equal(ACME_FLOWS, result.flow.flowSpec.id)
    assert.truthy(outcome.lines(result.warnings):find("warning /flow_spec: ", 1, true))
  end)
end)

describe("validate with a connection", function()
  before_each(function()
    aep = fake_aep.new()
    aep.audience_items = { { id = LOYAL, name = "Loyal" } }
  end)

  local function campaign(changes)
    return changed({ name = "N", type = "adobe-campaign",
      auth = { domain = "d", host = "h", username = "u", password = "p" }, target = { remotePath = "/in" },
      audiences = { { name = "Loyal", filename = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%",
        schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2999-12-31" } } },
      attributes = { "person.name.firstName" } }, changes)
  end

  local function told(definition, opts) return outcome.lines(destination.new(definition):validate(aep, opts)) end

  it("finds nothing where all is well, and changes nothing", function()
    assert.equal("", told(campaign()))
    assert.equal(0, writes())
  end)

  it("sends nothing while there are errors that show without it", function()
    assert.truthy(told(campaign { name = "none" }):find "^error /name: missing")
    assert.equal(0, #aep.requests)
  end)

  it("finds audiences, flow spec and document that are not there", function()
    local wanted = campaign()
    wanted.audiences[1].name = "Royal"
    aep.flow_specs.items = {}
    local findings = told(wanted)
    assert.truthy(findings:find('error /audiences/0/name: there is no audience named "Royal"', 1, true), findings)
    aep.audience_items[1].name = "Royal"
    findings = told(wanted)
    assert.truthy(findings:find("error /flow_spec: the service has no flow spec", 1, true), findings)
    aep.connection_specs.items = {}
    assert.truthy(told(wanted):find "^error /type: ")
  end)

  it("raises what is no finding", function()
    aep.before = function() core.error.raise("http", "no answer") end
    assert.equal("http", outcome.failure(told, campaign()).kind)
  end)
end)
