local core = require "sluice.core"
local harness = require "spec.emulator.harness"

local json = core.json

local CONVERSION = "/data/foundation/conversion"
local MAPPING = "/transformations/0/params/profileMapping"

describe("mapping sets", function()
  local world
  before_each(function() world = harness.new() end)

  local function refused(expected, ...)
    local status, answer = world:mapping_set(...)
    assert.equal(400, status)
    assert.is_truthy(answer.detail:find(expected, 1, true), answer.detail)
  end

  it("join an input schema and an output schema", function()
    local status, set = world:mapping_set({ "person.name.firstName", "firstName" },
      { "identityMap.Email", "Email" }, { "segmentMembership.ups.seg_id.status", "segmentMembership_status" },
      { "_tenant.loyalty.id", "_tenant_loyalty_id" })
    assert.equal(200, status)
    assert.matches("^" .. ("%x"):rep(32) .. "$", set.id)
    assert.same({ 0, harness.NOW, harness.NOW }, { set.version, set.createdDate, set.modifiedDate })
    assert.matches("@AdobeID$", set.createdBy)
    assert.is_nil(set.mappings)
    local stored = world:ask("GET", CONVERSION .. "/mappingSets/" .. set.id)
    assert.equal("firstName", stored.mappings[1].destination)
    assert.equal("1.0", stored.xdmVersion)
    assert.same({ connections = 0, sourceConnections = 0, targetConnections = 0, flows = 0, runs = 0 },
      world.emulator:counts())
  end)

  it("are where they were made, and readable when the option offers it", function()
    local _, set = world:mapping_set { "person.name.firstName", "firstName" }
    local path = CONVERSION .. "/mappingSets/" .. set.id
    world.headers["x-sandbox-name"] = "dev"
    assert.equal(404, (world:send("GET", path, world.headers)))
    world.headers["x-sandbox-name"] = nil
    assert.equal(200, (world:send("GET", path, world.headers)))
    world.emulator.options.mapping_set_get = "absent"
    assert.equal(404, (world:send("GET", path, world.headers)))
  end)

  it("keep a dot in a namespace apart with two slashes", function()
    assert.equal(200, (world:mapping_set { "identityMap.Phone_E//.164", "phone" }))
    refused("is not in the input schema", { "identityMap.Phone_E.164", "phone" })
  end)

  it("take single values only", function()
    for source, expected in pairs {
      ["person.lastName"] = "/mappings/0/source: 'person.lastName' is not in the input schema",
      ["person.name"] = "'person.name' is an object",
      ["loyalty.loyaltyID"] = "is an array", identityMap = "is an object",
      ["person..name"] = "is not in the input schema",
      ["person.name.firstName.x"] = "is not in the input schema",
      [""] = "expected a path",
    } do
      refused(expected, { source, "x" })
    end
  end)

  it("name each column once, without dots", function()
    refused("no dots", { "person.name.firstName", "person.name" })
    refused("comes twice", { "person.name.firstName", "name" }, { "person.name.lastName", "name" })
    refused("/mappings/1/destination: expected a column name", { "person.name.firstName", "a" },
      { "person.name.firstName", "" })
  end)

  local function schema(document)
    return { id = world:ask("POST", CONVERSION .. "/schemas", { name = "n", jsonSchema = document }).id }
  end
  local INPUT = { type = "object", properties = { a = { type = "string" } } }
  local EMPTY = { type = "object", properties = json.object {} }
  local function set(changes)
    local body = { inputSchema = schema(INPUT), outputSchema = schema(EMPTY), xdmVersion = "1.0",
      mappings = { { source = "a", destination = "b", sourceType = "ATTRIBUTE" } } }
    for k, v in pairs(changes) do body[k] = v end
    local status, answer = world:send("POST", CONVERSION .. "/mappingSets", world.headers, body)
    return status, answer.detail
  end

  it("name columns of the output schema, unless the option lets any", function()
    assert.matches("'b' is not among the properties of the output schema", select(2, set {}))
    assert.equal(200, (set { outputSchema = schema { properties = { b = { type = "string" } } } }))
    world.emulator.options.mapping_columns = "any"
    assert.equal(200, (set {}))
  end)

  it("refuse what is no mapping set", function()
    world.emulator.options.mapping_columns = "any"
    for detail, changes in pairs {
      ["/inputSchema/id"] = { inputSchema = { id = ("a"):rep(32) } },
      ["/outputSchema"] = { outputSchema = "x" },
      ["/mappings"] = { mappings = json.array {} },
      ["/mappings/0"] = { mappings = { "x" } },
      ["/mappings/0/sourceType"] = { mappings = { { source = "a", destination = "b" } } },
      ["/mappings/0/source"] = { mappings = { { source = 1, destination = "b", sourceType = "ATTRIBUTE" } } },
    } do
      local status, text = set(changes)
      assert.equal(400, status)
      assert.equal(detail, text:match("^[^:]*"))
    end
    for _, body in ipairs { { name = "n" }, { name = "n", jsonSchema = "{}" }, { jsonSchema = INPUT },
      { name = "n", jsonSchema = { type = "object" } } } do
      assert.equal(400, (world:send("POST", CONVERSION .. "/schemas", world.headers, body)))
    end
  end)

  describe("of a dataflow", function()
    local flow
    before_each(function() flow = world:v2_flow() end)
    local function map(id, version)
      return world:patch("flows", flow, { { op = "add", path = MAPPING,
        value = { mappingId = id, mappingVersion = version } } })
    end

    it("must exist, in that version", function()
      local _, set_1 = world:mapping_set { "person.name.firstName", "firstName" }
      assert.equal(202, (map(set_1.id, 0)))
      assert.equal("1412-400", select(2, map(set_1.id, 1)).error_code)
      assert.equal("1419-400", select(2, map(("a"):rep(32), 0)).error_code)
      assert.equal("1419-400", select(2, map(set_1.id, "0")).error_code)
      assert.same({ mappingId = set_1.id, mappingVersion = 0 },
        world:item("flows", flow).transformations[1].params.profileMapping)
    end)

    it("hold one identity", function()
      local _, two = world:mapping_set({ "identityMap.Email", "Email" }, { "identityMap.ECID", "ECID" })
      local _, answer = map(two.id, 0)
      assert.equal("1419-400", answer.error_code)
      assert.matches("exports one identity", answer.detail)
    end)
  end)
end)
