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

  -- shape, attributes, what is found ("" = nothing)
  local function identity(code, more)
    local entry = { identity = code }
    for name, value in pairs(more or {}) do entry[name] = value end
    return entry
  end

  for _, case in ipairs {
    { "v2", { { path = "person.name.lastName", column = "surname" }, "person.name.firstName", identity "Email" }, "" },
    { "v2", { identity("GAID", { deduplicate = true, mandatory = true }) }, "" },
    { "v2", { "identityMap.Email", "_tenant.crmId" }, "" },
    { "v2", { "identityMap.Phone_E//.164" }, "" },
    { "v2", { "segmentMembership.ups.seg_id.status" }, "" },
    { "legacy", { "segmentMembership.status", "segmentMembership.seg_namespace.seg_id.status" }, "" },
    { "streaming", { "person.name.firstName", identity "Email", "segmentMembership.status" }, "" },
    { nil, { { path = "a", column = "b", mandatory = true } }, "" },
    { "v2", { { path = "a", column = "x.y" } },
      'error /attributes/0/column: a column\'s name has no dots; write "x_y"' },
    { "v2", { { path = "a", column = "" } }, 'error /attributes/0/column: expected a name for the column, got ""' },
    { "v2", { "a.b", "a_b" }, 'error /attributes/1: has the same column as /attributes/0, "a_b"; give one' },
    { "v2", { "a.b", { path = "c", column = "a_b" } }, "error /attributes/1: has the same column as /attributes/0" },
    { "v2", { "a.b", { path = "a.b", column = "other" } }, "" },
    { "v2", { "a.b", "a.b" }, "error /attributes/1: is the same attribute as /attributes/0" },
    { "v2", { identity "Email", identity "Phone" },
      "error /attributes/1: is a second identity beside /attributes/0: one dataflow maps one identity" },
    { "v2", { identity "Email", "identityMap.GAID" }, "error /attributes/1: is a second identity beside" },
    { "legacy", { identity "Email", identity "Phone" }, "" },
    { "v2", { identity "Email", key "a" },
      "warning /attributes/1: the identity at /attributes/0 becomes the deduplication key by itself (user interface)" },
    { "v2", { identity("Email", { deduplicate = true }), key "a" },
      "error /attributes: deduplicates by attribute and by identity: choose one kind" },
    { "v2", { "identityMap.Phone_E.164" },
      'error /attributes/0: a dot inside a namespace has to be escaped; write { identity = "Phone_E.164" }' },
    { "legacy", { "identityMap.Phone_E//.164" },
      'warning /attributes/0: only the mapping sets .* names an identity: { identity = "Phone_E.164" }' },
    { "v2", { "segmentMembership.seg_namespace.seg_id.status" },
      "warning /attributes/0: the mapping reference .* the activation guide maps segmentMembership.ups.seg_id.status" },
    { "v2", { "segmentMembership.status" }, "warning /attributes/0: is the tutorial's older spelling" },
    { "legacy", { "segmentMembership.ups.seg_id.status" },
      "warning /attributes/0: stands in the mapping sets .* the page on attributes" },
    { "legacy", { "person.lastName" },
      "warning /attributes/0: the tutorial prints it in one place, the standard path is person.name.lastName" },
    { "legacy", { { path = "a", column = "b" } },
      "error /attributes/0/column: the files of this destination name their columns by the attributes' paths" },
    { "streaming", { { path = "a", column = "b" } }, "error /attributes/0/column: a streaming destination sends" },
    { "streaming", { key "a" }, "error /attributes/0/deduplicate: a streaming destination has no" },
    { "streaming", { { path = "a", mandatory = true } }, "error /attributes/0/mandatory: a streaming destination has" },
    { "streaming", {}, "warning /attributes: is empty: the messages will hold no attributes of yours" },
  } do
    local shape, attributes, expected = table.unpack(case, 1, 3)
    local what = type(attributes[#attributes]) == "table" and "table" or tostring(attributes[#attributes])
    it(("of a %s destination (%s): %s"):format(shape, what, expected == "" and "fine" or expected), function()
      local report = findings.new()
      attribute.check(report, "/attributes", attributes, { shape = shape })
      local found = outcome.lines(report)
      if expected == "" then return assert.equal("", found) end
      assert.truthy(found:find((expected:gsub("[%-?()]", "%%%0"))), found)
      assert.equal(1, #report, found)
    end)
  end

  it("have columns without dots, and keys by namespace", function()
    assert.equal("person_name_firstName", attribute.column "person.name.firstName")
    assert.equal("surname", attribute.column { path = "person.name.lastName", column = "surname" })
    assert.equal("Phone_E_164", attribute.column { identity = "Phone_E.164" })
    assert.same({ "Phone_E.164", "a" }, attribute.mandatory_fields {
      { path = "identityMap.Phone_E//.164", mandatory = true }, { path = "a", mandatory = true } })
    assert.same({ { fieldType = "IDENTITY", identityNamespace = "Email" } },
      attribute.primary_fields { { path = "identityMap.Email", deduplicate = true } })
  end)

  it("are warned about above the guardrail", function()
    local many = {}
    for i = 1, 51 do many[i] = "field" .. i end
    assert.equal("warning /attributes: has 51 attributes: one dataflow is meant for at most 50", check(many))
  end)
end)
