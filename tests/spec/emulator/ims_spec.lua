local harness = require "spec.emulator.harness"

local FORM = { ["content-type"] = "application/x-www-form-urlencoded" }
local GOOD = "grant_type=client_credentials&client_id=id&client_secret=p8e-_s%26t&scope=openid%2CAdobeID"

describe("the token endpoint", function()
  local world
  before_each(function() world = harness.new() end)

  local function ask(address, headers, body, method)
    return world:send(method or "POST", address, headers or FORM, body or "")
  end

  it("gives a bearer token with its lifetime in seconds", function()
    local status, body = ask("/ims/token/v3", FORM, GOOD)
    assert.equal(200, status)
    assert.equal("bearer", body.token_type)
    assert.equal(86399, body.expires_in)
    assert.matches("^[^.]+%.[^.]+%.[^.]+$", body.access_token)
  end)

  it("reads the query, or query and body together, and the older path", function()
    assert.equal(200, (ask("/ims/token/v3?" .. GOOD)))
    assert.equal(200, (ask("/ims/token/v2?" .. GOOD)))
    assert.equal(200, (ask("/ims/token/v3?client_id=id", FORM,
      "grant_type=client_credentials&client_secret=s")))
  end)

  local refused = {
    { "no grant type", "client_id=i&client_secret=s", 400, "invalid_request" },
    { "another grant type", "grant_type=password&client_id=i&client_secret=s", 400,
      "unsupported_grant_type" },
    { "no client id", "grant_type=client_credentials&client_secret=s", 400, "invalid_request" },
    { "an empty secret", "grant_type=client_credentials&client_id=i&client_secret=", 400, "invalid_request" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1], function()
      local status, body = ask("/ims/token/v3", FORM, case[2])
      assert.equal(case[3], status)
      assert.equal(case[4], body.error)
      assert.is_string(body.error_description)
    end)
  end

  it("refuses a body that is not a form, and GET", function()
    assert.equal(400, (ask("/ims/token/v3", { ["content-type"] = "application/json" }, GOOD)))
    assert.equal(400, (ask("/ims/token/v3", {}, GOOD)))
    assert.equal(405, (ask("/ims/token/v3", {}, "", "GET")))
  end)

  it("can be restricted to one credential", function()
    world.emulator.options.client = "id:p8e-_s&t"
    assert.equal(200, (ask("/ims/token/v3", FORM, GOOD)))
    local status, body = ask("/ims/token/v3", FORM, (GOOD:gsub("26t", "26u")))
    assert.equal(401, status)
    assert.equal("invalid_client", body.error)
  end)

  it("gives every request its own token, all good until they expire", function()
    local _, first = ask("/ims/token/v3", FORM, GOOD)
    local _, second = ask("/ims/token/v3", FORM, GOOD)
    assert.not_equal(first.access_token, second.access_token)
    for _, token in ipairs { first, second } do
      assert.equal(200, (world:call("GET", "/flows", nil,
        { authorization = "Bearer " .. token.access_token, ["x-api-key"] = "id" })))
    end
  end)

  it("forgets the oldest of very many tokens", function()
    local _, first = ask("/ims/token/v3", FORM, GOOD)
    for _ = 1, 10000 do ask("/ims/token/v3", FORM, GOOD) end
    assert.equal(401, (world:call("GET", "/flows", nil, { authorization = "Bearer " .. first.access_token })))
  end)
end)
