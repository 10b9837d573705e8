local harness = require "spec.emulator.harness"

local UNIONS = "/data/foundation/schemaregistry/tenant/unions"
local ENTITY = "/data/core/ups/config/entityTypes/"
local NAME = "_xdm.context.profile__union"

local function at(schema, path)
  for part in path:gmatch "[^.]+" do
    local properties = schema and schema.properties or {}
    schema = properties[part] or (schema and schema.additionalProperties)
  end
  return schema
end

describe("the union schema", function()
  local world = harness.new()
  local function get(path, accept)
    local headers = {}
    for name, value in pairs(world.headers) do headers[name] = value end
    headers.accept = accept
    return world:send("GET", path, headers)
  end

  it("is a JSON Schema that clients can use as it is", function()
    local schema = world:ask("GET", ENTITY .. "_xdm.context.profile?property=fullSchema==true")
    assert.equal("object", schema.type)
    for path, kind in pairs {
      ["person.name.firstName"] = "string", ["person.name.lastName"] = "string",
      ["person.birthYear"] = "integer", ["personalEmail.address"] = "string",
      ["mobilePhone.number"] = "string", ["homeAddress.city"] = "string",
      ["_tenant.loyalty.id"] = "string", ["segmentMembership.ups.seg_id.status"] = "string",
      ["segmentMembership.seg_namespace.seg_id.lastQualificationTime"] = "string",
      ["identityMap.Email"] = "array", ["loyalty.points"] = "number", ["loyalty.loyaltyID"] = "array",
      ["consents.marketing.email.val"] = "string",
    } do
      assert.equal(kind, at(schema, path) and at(schema, path).type, path)
    end
    assert.is_nil(at(schema, "person.lastName"))
    assert.equal(404, (get(ENTITY .. "_xdm.context.moon")))
  end)

  it("is in the registry under either name, in the form that is asked for", function()
    local _, list = get(UNIONS, "application/vnd.adobe.xed-id+json")
    assert.equal(NAME, list.results[1]["meta:altId"])
    assert.is_nil(list.results[1].type)
    local encoded = list.results[1]["$id"]:gsub("[:/]", function(c) return ("%%%02X"):format(c:byte()) end)
    for _, id in ipairs { NAME, encoded } do
      local status, full = get(UNIONS .. "/" .. id, "application/vnd.adobe.xed-full+json; version=1")
      assert.equal(200, status)
      assert.equal("string", at(full, "person.name.firstName").type)
    end
    local _, short = get(UNIONS .. "/" .. NAME, "application/vnd.adobe.xed+json;version=1")
    assert.is_nil(short.properties)
    assert.is_table(short.allOf)
    assert.equal(404, (get(UNIONS .. "/x", "application/vnd.adobe.xed+json;version=1")))
  end)

  it("refuses other Accept headers with their code", function()
    for _, pair in ipairs { { UNIONS, "application/json" }, { UNIONS }, { UNIONS .. "/" .. NAME },
      { UNIONS, "application/vnd.adobe.xed+json; version=1" },
      { UNIONS .. "/" .. NAME, "application/vnd.adobe.xed-full+json" },
      { UNIONS .. "/" .. NAME, "application/vnd.adobe.xed-id+json; version=1" } } do
      local status, answer = get(pair[1], pair[2])
      assert.equal(400, status)
      assert.equal("http://ns.adobe.com/aep/errors/XDM-1006-400", answer.type)
    end
  end)
end)

describe("identities", function()
  it("are a bare array of namespaces", function()
    local list = harness.new():ask("GET", "/data/core/idnamespace/identities")
    local by_code = {}
    for _, namespace in ipairs(list) do by_code[namespace.code] = namespace end
    assert.same({ 6, "Email", "Standard" },
      { by_code.Email.id, by_code.Email.idType, by_code.Email.namespaceType })
    assert.equal("SHA256", by_code["Email_LC_SHA256"].hashFunction)
    assert.is_true(by_code.CRMID.custom)
    assert.is_table(by_code["Phone_E.164"])
  end)
end)
