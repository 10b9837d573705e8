local harness = require "spec.emulator.harness"

local ACL = "/data/foundation/access-control/acl"
local DESTINATIONS = { "/permissions/manage-destinations", "/permissions/view-destinations",
  "/permissions/activate-destinations", "/resource-types/destinations", "/resource-types/segments" }

describe("effective policies", function()
  local function policies(permissions, asked)
    local world = harness.new { permissions = permissions }
    return world:ask("POST", ACL .. "/effective-policies", asked or DESTINATIONS).policies
  end

  it("are all there for a client that may do everything", function()
    local held = policies()
    assert.same({ "*" }, held["/permissions/manage-destinations"])
    assert.same({ "read", "write", "delete" }, held["/resource-types/segments"])
  end)

  it("leave out what is not held or not known", function()
    assert.same({ ["/permissions/view-destinations"] = { "*" },
      ["/resource-types/destinations"] = { "read" } }, policies "view-destinations")
    assert.same({ "read", "write", "delete" },
      policies("view-profiles, manage-destinations")["/resource-types/destinations"])
    assert.same({}, policies("all", { "/permissions/fly", "/resource-types/moons", "x", "/permissions/" }))
  end)

  it("are asked for with an array", function()
    local world = harness.new()
    assert.equal(400, (world:send("POST", ACL .. "/effective-policies", world.headers, { a = 1 })))
    local reference = world:ask("GET", ACL .. "/reference")
    assert.is_table(reference.permissions["manage-destinations"])
    assert.is_table(reference["resource-types"].segments)
  end)
end)

describe("permissions", function()
  local world, ids
  before_each(function()
    world = harness.new()
    ids = world:campaign()
  end)

  local function answers(permissions)
    local etag = world:item("flows", ids.flow).etag
    world.emulator.options.permissions = permissions
    local body = { name = "n", connectionSpec = harness.spec(harness.PROFILE_STORE) }
    return { (world:call("GET", "/flows")), (world:call("POST", "/connections", body)),
      (world:call("PATCH", "/flows/" .. ids.flow, { { op = "replace", path = "/name", value = "x" } },
        { ["if-match"] = etag })), (world:ad_hoc { activationInfo = { [ids.flow] = { "a" } } }) }
  end

  -- What the permission does not cover is 403; the ad hoc call is 400 when it is let through, as nothing is
  -- mapped.
  for permissions, expected in pairs {
    ["all"] = { 200, 201, 202, 400 },
    ["view-destinations"] = { 200, 403, 403, 403 },
    ["manage-destinations"] = { 200, 201, 403, 403 },
    ["manage-destinations,activate-destinations"] = { 200, 201, 202, 400 },
    ["view-destinations, activate-destinations"] = { 200, 403, 202, 400 },
    ["activate-destinations"] = { 403, 403, 403, 403 },
    ["view-profiles"] = { 403, 403, 403, 403 },
  } do
    it("allow with " .. permissions .. " what they cover", function()
      assert.same(expected, answers(permissions))
    end)
  end

  it("are refused with the code for it", function()
    world.emulator.options.permissions = "view-destinations"
    local _, answer = world:call("DELETE", "/flows/" .. ids.flow)
    assert.equal("2118-403", answer.error_code)
    assert.matches("manage%-destinations", answer.detail)
  end)
end)

describe("marketing actions", function()
  local world = harness.new()
  local ROOT = "/data/foundation/dulepolicy/marketingActions"

  it("are listed by kind, and found by name", function()
    assert.equal(3, #world:ask("GET", ROOT .. "/custom").children)
    assert.equal("emailTargeting", world:ask("GET", ROOT .. "/core/emailTargeting").name)
    assert.same({}, world:ask("GET", ROOT .. "/custom/newsletter/constraints?duleLabels=C1").violatedPolicies)
    assert.equal(404, (world:send("GET", ROOT .. "/custom/emailTargeting", world.headers)))
    assert.equal(404, (world:send("GET", ROOT .. "/other", world.headers)))
  end)

  it("are referred to in one form only, and exist when the option asks", function()
    local flow = world:campaign().flow
    local function enforce(reference)
      return (world:patch("flows", flow, { { op = "add", path = "/policy",
        value = { enforcementRefs = { reference } } } }))
    end
    assert.equal(202, enforce "/dulepolicy/marketingActions/custom/mine/constraints")
    assert.equal(202, enforce "/dulepolicy/marketingActions/core/emailTargeting/constraints")
    for _, reference in ipairs { "newsletter", "/dulepolicy/marketingActions/own/x/constraints",
      "/dulepolicy/marketingActions/custom/x", "/dulepolicy/marketingActions/custom//constraints" } do
      assert.equal(400, enforce(reference))
    end
    world.emulator.options.marketing_check = "known"
    assert.equal(400, enforce "/dulepolicy/marketingActions/custom/mine/constraints")
    assert.equal(202, enforce "/dulepolicy/marketingActions/custom/newsletter/constraints")
  end)
end)
