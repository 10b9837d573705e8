local core = require "sluice.core"
local harness = require "spec.emulator.harness"

describe("the gateway", function()
  local world
  before_each(function() world = harness.new() end)

  -- { what, header changes (false removes), status, code, text }
  local cases = {
    { "no token", { authorization = false }, 403, "403010", "Oauth token is missing." },
    { "an empty token header", { authorization = " " }, 403, "403010", "Oauth token is missing." },
    { "a token it did not issue", { authorization = "Bearer x.y.z" }, 401, "401013",
      "Oauth token is not valid" },
    { "another scheme", { authorization = "Basic abc" }, 401, "401013", "Oauth token is not valid" },
    { "no api key", { ["x-api-key"] = false }, 403, "403000", "Api Key is required" },
    { "another api key", { ["x-api-key"] = "other" }, 403, "403003", "Api Key is invalid" },
    { "no organization", { ["x-gw-ims-org-id"] = false }, 400, "400003", "Missing header" },
    { "a malformed organization", { ["x-gw-ims-org-id"] = "Org@example" }, 403, "403027",
      "User region is missing" },
  }
  for _, case in ipairs(cases) do
    it("refuses " .. case[1], function()
      local status, body = world:call("GET", "/flows", nil, case[2])
      assert.equal(case[3], status)
      assert.same({ error_code = case[4], message = case[5] }, body)
    end)
  end

  it("writes its codes as numbers when the option says so", function()
    world.emulator.options.gateway_code = "number"
    local _, body = world:call("GET", "/flows", nil, { ["x-api-key"] = false })
    assert.equal(403000, body.error_code)
  end)

  it("refuses an expired token", function()
    assert.equal(200, (world:call("GET", "/flows")))
    world.now = world.now + 86398 * 1000
    assert.equal(200, (world:call("GET", "/flows")))
    world.now = world.now + 1000
    local status, body = world:call("GET", "/flows")
    assert.equal(401, status)
    assert.equal("401013", body.error_code)
  end)

  it("lets a token serve one organization only", function()
    assert.equal(200, (world:call("GET", "/flows")))
    local status, body = world:call("GET", "/flows", nil, { ["x-gw-ims-org-id"] = "Other@AdobeOrg" })
    assert.equal(403, status)
    assert.same({ error_code = "403025", message = "Profile is not valid" }, body)
  end)

  it("compares the scheme without regard to case", function()
    local token = world.headers.authorization:match("%S+$")
    assert.equal(200, (world:call("GET", "/flows", nil, { authorization = "bearer " .. token })))
  end)

  it("asks for a JSON content type with a body", function()
    for _, value in ipairs { false, "text/plain", "application/x-www-form-urlencoded" } do
      local status, body = world:call("POST", "/connections", "{}", { ["content-type"] = value })
      assert.equal(400, status)
      assert.same({ type = "/placeholder/type/uri", status = 400, title = "BadRequestError",
        detail = "A valid content-type must be specified" }, body)
    end
    local status = world:call("POST", "/connections", { name = "x" },
      { ["content-type"] = "Application/JSON; charset=utf-8" })
    assert.equal(400, status)
    assert.equal(200, (world:call("GET", "/connections", nil, { ["content-type"] = false })))
  end)

  describe("sandbox headers", function()
    it("means prod when absent", function()
      local id = world:profile_store "n"
      assert.equal("prod", world:item("connections", id).sandboxName)
      assert.equal(200, (world:call("GET", "/connections/" .. id, nil, { ["x-sandbox-name"] = "prod" })))
    end)

    it("is required when the option says so", function()
      world = harness.new { sandbox_header = "required" }
      local status, body = world:call("GET", "/flows")
      assert.equal(400, status)
      assert.equal("2105-400", body.error_code)
      assert.equal(200, (world:call("GET", "/flows", nil, { ["x-sandbox-name"] = "dev" })))
    end)

    for _, case in ipairs {
      { "an unknown sandbox", { ["x-sandbox-name"] = "nowhere" }, 404, "2100-404" },
      { "every sandbox at once", { ["x-sandbox-name"] = "*" }, 403, "2111-403" },
      { "x-sandbox-id", { ["x-sandbox-id"] = "1" }, 400, "2110-400" },
    } do
      it("refuses " .. case[1], function()
        local status, body = world:call("GET", "/flows", nil, case[2])
        assert.equal(case[3], status)
        assert.equal(case[4], body.error_code)
      end)
    end

    it("keeps sandboxes and organizations apart", function()
      local id = world:profile_store "n"
      assert.equal(404, (world:call("GET", "/connections/" .. id, nil, { ["x-sandbox-name"] = "dev" })))
      local here = world:item("connections", id)
      world.headers = world:identify("second", "Other@AdobeOrg")
      assert.equal(404, (world:call("GET", "/connections/" .. id)))
      local _, list = world:call("GET", "/connections")
      assert.equal(0, #list.items)
      assert.is_true(core.json.is_array(list.items))
      local other = world:profile_store "n"
      assert.not_equal(here.sandboxId, world:item("connections", other).sandboxId)
      assert.equal(2, world.emulator:counts().connections)
    end)
  end)

  it("does not know other addresses and methods", function()
    local status, body = world:call("GET", "/nothing")
    assert.equal(404, status)
    assert.matches("nothing is served at", body.detail)
    status, body = world:call("PUT", "/flows")
    assert.equal(405, status)
    assert.matches("GET, POST", body.detail)
    assert.equal(404, (world:call("GET", "/connectionspecs"))) -- camelCase only
  end)

  it("accepts a trailing slash", function()
    assert.equal(200, (world:call("GET", "/connections/")))
    local id = world:profile_store "n"
    assert.equal(200, (world:call("GET", "/connections/" .. id .. "/")))
    assert.equal(202, (world:call("DELETE", "/connections/" .. id .. "/")))
  end)

  it("bounds the query and the body", function()
    assert.equal(414, (world:call("GET", "/flows?property=name==" .. ("x"):rep(40000))))
    assert.equal(413, (world:call("POST", "/flows", '"' .. ("x"):rep(9 * 1024 * 1024) .. '"')))
  end)

  it("bounds the number of entities", function()
    world.emulator.store.limit = 2
    local first = world:profile_store "a"
    world:profile_store "b"
    local body = { name = "c", connectionSpec = harness.spec(harness.PROFILE_STORE) }
    local status, answer = world:call("POST", "/connections", body)
    assert.equal(507, status)
    assert.matches("maximum of 2 entities", answer.detail)
    world:call("DELETE", "/connections/" .. first)
    assert.equal(201, (world:call("POST", "/connections", body)))
  end)

  it("refuses what is not UTF-8, wherever it stands", function()
    for _, address in ipairs { "/flows/%ff", "/flows/\xff", "/\xff", "/flows?property=name==%ff",
      "/flows?%ff=1" } do
      local status, body = world:call("GET", address)
      assert.equal(400, status)
      assert.equal("BadRequestError", body.title)
    end
    for _, name in ipairs { "x-gw-ims-org-id", "authorization", "if-match" } do
      assert.equal(400, (world:call("GET", "/flows", nil, { [name] = "\xff@AdobeOrg" })))
    end
    assert.equal(404, (world:call("GET", "/flows/%F0%9F%90%8D%00")))
  end)

  it("turns a defect of its own into 500 with a trace in the log", function()
    local traces = {}
    world = harness.new { log = function(trace) traces[#traces + 1] = trace end }
    world.emulator.store.scope = function() error("broken on purpose") end
    local status, body = world:call("GET", "/flows")
    assert.equal(500, status)
    assert.equal("1400-500", body.error_code)
    assert.equal(1, #traces)
    assert.matches("broken on purpose.*stack traceback", traces[1])
  end)
end)
