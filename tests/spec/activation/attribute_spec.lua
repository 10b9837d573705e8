local attribute = require "sluice.activation.attribute"
local findings = require "sluice.findings"
local outcome = require "spec.support.outcome"

local function check(list)
  local report = findings.new()
  attribute.check(report, "/attributes", list)
  return outcome.lines(report)
end

local function key(path) return { path = path, deduplicate = true } end

describe("attributes", function()
  local list = {
    "person.name.firstName",
    { path = "personalEmail.address", mandatory = true, deduplicate = true },
    { identity = "Email", mandatory = true },
  }

  it("become profile selectors", function()
    assert.same({
      { type = "JSON_PATH", value = { path = "person.name.firstName" } },
      { type = "JSON_PATH", value = { path = "personalEmail.address" } },
      { type = "JSON_PATH", value = { path = "Email", identity = { namespace = "Email" } } },
    }, attribute.selectors(list))
  end)

  it("become mandatory fields and deduplication keys", function()
    assert.same({ "personalEmail.address", "Email" }, attribute.mandatory_fields(list))
    assert.same({ { fieldType = "ATTRIBUTE", attributePath = "personalEmail.address" } },
      attribute.primary_fields(list))
    assert.same({ { fieldType = "IDENTITY", identityNamespace = "GAID" } },
      attribute.primary_fields { { identity = "GAID", deduplicate = true } })
    assert.same({}, attribute.mandatory_fields { "person.name.firstName" })
  end)

  for _, case in ipairs {
    { list, "" },
    { { "_tenant.loyalty.id", "segmentMembership.seg_namespace.seg_id.status", "a.b-c" }, "" },
    { { key "a", key "b" }, "" },
    { {}, "warning /attributes: is empty" },
    { "person.name", 'error /attributes: expected a list, got "person.name"' },
    { { "xdm: person.name.firstName" },
      '/attributes/0: attribute paths carry no "xdm:"; write "person.name.firstName"' },
    { { "person/name" }, 'error /attributes/0: "person/name" is not an attribute path' },
    { { "person..name" }, "is not an attribute path" },
    { { "person.name." }, "is not an attribute path" },
    { { ".person" }, "is not an attribute path" },
    { { 7 }, 'error /attributes/0: expected a dotted path such as "person.name.firstName", got 7' },
    { { { path = "a", manadtory = true } },
      'error /attributes/0/manadtory: unknown key; .*mean "mandatory"?' },
    { { { path = "a", mandatory = "yes" } },
      'error /attributes/0/mandatory: expected true or false, got "yes"' },
    { { { path = "a", identity = "Email" } },
      "error /attributes/0/path: expected a path or an identity, not both" },
    { { { mandatory = true } }, "error /attributes/0/path: missing: expected a dotted path" },
    { { "a.b", { path = "a.b" } }, "error /attributes/1: is the same attribute as /attributes/0" },
    { { key "a", key "b", key "c" },
      "error /attributes: deduplicates by 3 attributes: at most 2 are allowed" },
    { { { identity = "A", deduplicate = true }, { identity = "B", deduplicate = true } },
      "error /attributes: deduplicates by 2 identities: one is allowed" },
    { { key "a", { identity = "B", deduplicate = true } },
      "error /attributes: deduplicates by attribute and by identity: choose one kind" },
    { { { identity = "GAID", deduplicate = true } },
      "warning /attributes/0: deduplicates by identity: the API description .* the migration guide" },
  } do
    it("are checked: " .. (case[2] == "" and "fine" or case[2]), function()
      local found = check(case[1])
      if case[2] == "" then return assert.equal("", found) end
      assert.truthy(found:find((case[2]:gsub("[%-?]", "%%%0"))), found)
    end)
  end

  it("are warned about above the guardrail", function()
    local many = {}
    for i = 1, 51 do many[i] = "field" .. i end
    assert.equal("warning /attributes: has 51 attributes: one dataflow is meant for at most 50", check(many))
  end)
end)
