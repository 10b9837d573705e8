local core = require "sluice.core"
local emulator = require "sluice.emulator"
local findings = require "sluice.findings"
local outcome = require "spec.support.outcome"
local sluice_client = require "sluice.client"
local tasks = require "sluice.tasks"
local union = require "sluice.activation.union"

local STRING = { type = "string" }
local SCHEMA = { type = "object", properties = {
  person = { type = "object", properties = {
    name = { type = "object", properties = { firstName = STRING, lastName = STRING } },
    birthYear = { type = "integer" },
  } },
  tags = { type = "array", items = { type = "object", properties = { id = STRING } } },
  counters = { type = "object", additionalProperties = { type = "integer" } },
  segmentMembership = { type = "object", additionalProperties = { type = "object", additionalProperties = {
    type = "object", properties = { status = STRING } } } },
} }
local NAMESPACES = { { code = "Email" }, { code = "Phone_E.164" } }

local function connection(answers)
  return { asked = {}, request = function(self, request)
    table.insert(self.asked, request.path .. " " .. request.headers.Accept)
    local answer = answers[request.path]
    if core.error.is(answer) then error(answer, 0) end
    return answer
  end }
end

local UNION_PATH = "/data/foundation/schemaregistry/tenant/unions/_xdm.context.profile__union"
local IDENTITIES_PATH = "/data/core/idnamespace/identities"

local function check(attributes, answers)
  local report = findings.new()
  local aep = connection(answers or { [UNION_PATH] = SCHEMA, [IDENTITIES_PATH] = NAMESPACES })
  union.check(aep, report, "/attributes", attributes)
  return outcome.lines(report), aep.asked
end

describe("attributes against the sandbox", function()
  for _, case in ipairs {
    { { "person.name.firstName", { path = "person.birthYear", mandatory = true }, { identity = "Email" } }, "" },
    { { "counters.visits" }, "" },
    { { "segmentMembership.status", "segmentMembership.ups.seg_id.status", "identityMap.Email" }, "" },
    { { "person.name.firstNam" },
      'error /attributes/0: is not in the union schema of profiles: person.name has no "firstNam"; did you mean '
      .. '"firstName"?' },
    { { { path = "persons.name" } },
      'error /attributes/0/path: is not in the union schema of profiles: the schema has no "persons"; did you mean' },
    { { "person.zzz" }, 'person has no "zzz"; it has birthYear, name' },
    { { "person.birthYear.month" }, 'person.birthYear is a single value, there is no "month" in it' },
    { { "tags.id" }, "tags is a list, whose entries cannot be exported one by one" },
    { { "person.name" }, "error /attributes/0: is a group of fields, not a value; name one of them: firstName" },
    { { "tags" }, "warning /attributes/0: is a list: the guardrails say that lists and maps are not exported" },
    { { "counters" }, "warning /attributes/0: is a map" },
    { { { identity = "Emial" } },
      'error /attributes/0/identity: there is no identity namespace "Emial"; did you mean "Email"?' },
    { { { identity = "ZZZ" } }, 'there is no identity namespace "ZZZ"; the sandbox has Email, Phone_E.164' },
    { { { identity = "Phone_E.164" } }, "" },
  } do
    it("are compared: " .. (case[2] == "" and "fine" or case[2]), function()
      local found = check(case[1])
      if case[2] == "" then return assert.equal("", found) end
      assert.truthy(found:find(case[2], 1, true), found)
      assert.falsy(found:find("\n", 1, true), found)
    end)
  end

  it("ask for the schema in full, and for namespaces only when there are identities", function()
    local _, asked = check { "person.birthYear" }
    assert.same({ UNION_PATH .. " application/vnd.adobe.xed-full+json; version=1" }, asked)
    _, asked = check { { identity = "Email" } }
    assert.equal(2, #asked)
    _, asked = check {}
    assert.same({}, asked)
  end)

  it("cannot be compared with what may not be read, and that is no failure", function()
    for _, status in ipairs { 403, 404 } do
      local refused = core.error.new { kind = "service", status = status, message = "no" }
      local found = check({ "zzz", { identity = "Email" } }, { [UNION_PATH] = refused, [IDENTITIES_PATH] = NAMESPACES })
      assert.equal("warning /attributes: could not be compared with the union schema of profiles: no", found)
    end
    local _, err = tasks.try(check, { "a" }, { [UNION_PATH] = core.error.new { kind = "http", message = "gone" } })
    assert.is_true(core.error.is(err, "http"))
  end)

  it("are compared with the emulator's", function()
    local emulated = emulator.start {}
    finally(emulated.stop)
    local aep = sluice_client.new { base_url = emulated.url, ims_url = emulated.url, org = "ORG@AdobeOrg",
      sandbox = "prod", client_id = "client", client_secret = core.secret.new("client_secret", "s"), scopes = "openid" }
    local report = findings.new()
    union.check(aep, report, "/attributes", { "person.name.firstName", "personalEmail.address", { identity = "Email" },
      "person.lastName", { identity = "Mail" } })
    local found = outcome.lines(report)
    assert.equal(2, #report, found)
    assert.truthy(found:find('error /attributes/3: is not in the union schema of profiles: person has no "lastName"', 1,
      true), found)
    assert.truthy(found:find('error /attributes/4/identity: there is no identity namespace "Mail"', 1, true), found)
  end)
end)
