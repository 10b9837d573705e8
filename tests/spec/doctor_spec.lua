--- The doctor's words for what libcurl says, without a network.
local core = require "sluice.core"
local doctor = require "sluice.doctor"

local function check_named(name)
  for _, check in ipairs(doctor.checks) do
    if check.name == name then return check end
  end
end

describe("doctor", function()
  local request = core.http.request
  after_each(function() core.http.request = request end)

  --- What the check of the platform finds when there is this failure.
  local function platform(message)
    core.http.request = function() core.error.raise("http", message, { hint = "the usual" }) end
    return check_named("platform").run { hosts = { platform = "https://p.example" }, options = {} }
  end

  it("knows what to do about each way of not getting there", function()
    for _, case in ipairs {
      { "Could not resolve host: p.example", "the name is not known here" },
      { "Could not resolve proxy: proxy.example", "the name of the proxy is not known" },
      { "Unsupported proxy scheme for 'x://proxy.example'", "not understood" },
      { "Failed to connect to p.example port 443 after 3 ms: Couldn't connect to server", "nobody listens there" },
      { "SSL certificate problem: self-signed certificate in certificate chain", "--cacert FILE trusts it" },
      { "SSL certificate problem: certificate is not yet valid", "clock" },
      { "SSL: no alternative certificate subject name matches target host name 'p.example'", "another host" },
      { "CONNECT tunnel failed, response 407", "the proxy lets nobody through" },
      { "Connection timed out after 10001 milliseconds", "no answer in time" },
      { "something new", "the usual" },
    } do
      local found = platform(case[1])
      assert.same({ "failed", 5, "https://p.example: " .. case[1] }, { found.status, found.exit, found.message })
      assert.is_truthy(found.advice:find(case[2], 1, true), found.advice)
    end
  end)

  it("lets Ctrl-C through, and what is no error object", function()
    for _, raised in ipairs { core.error.new { kind = "interrupted", message = "interrupted" }, "a defect" } do
      local ok, failure = pcall(doctor.refused, raised)
      assert.is_false(ok)
      assert.equal(raised, failure)
    end
  end)

  it("tells classes of failures apart", function()
    for _, case in ipairs { { "auth", nil, 3 }, { "config", nil, 3 }, { "io", nil, 3 }, { "service", 403, 4 },
      { "service", 503, 5 }, { "http", nil, 5 }, { "limit", nil, 5 } } do
      assert.equal(case[3], doctor.class(core.error.new { kind = case[1], status = case[2], message = "x" }))
    end
  end)

  it("says what to do about every refusal", function()
    for _, case in ipairs { { 400, "base URL" }, { 401, "token" }, { 403, "administrator" }, { 404, "base URL" },
      { 429, "wait a minute" }, { 500, "try again later" }, { 503, "try again later" } } do
      local refusal = core.error.new { kind = "service", status = case[1], message = "x" }
      assert.is_truthy(doctor.refused(refusal).advice:find(case[2], 1, true), case[1])
    end
    local known = core.error.new { kind = "service", status = 403, message = "x", hint = "known" }
    assert.equal("known", doctor.refused(known).advice)
  end)

  it("compares clocks when they are told", function()
    local time = core.task.time
    finally(function() core.task.time = time end)
    local hosts = { ["token service"] = "https://i.example", platform = "https://p.example" }
    local now, state = 1893456000, { hosts = hosts, options = {} }
    core.task.time = function() return now end
    core.http.request = function(asked)
      if asked.url:find "i.example" then return { headers = { date = "Tue, 01 Jan 2030 00:00:00 GMT" } } end
      now = now + 300
      return core.error.raise("http", "Connection timed out")
    end
    assert.equal("ok", check_named("token service").run(state).status)
    assert.equal("failed", check_named("platform").run(state).status)
    assert.equal("ok", check_named("clock").run(state).status)
  end)

  it("has secrets in no line", function()
    local secret <const> = core.secret.new("client secret", "p8e-sentinel-in-an-answer")
    core.http.request = function() core.error.raise("http", "echo p8e-sentinel-in-an-answer") end
    for found in doctor.run { options = { base_url = "https://p.example", ims_url = "https://i.example" } } do
      assert.is_nil(found.message:find("p8e", 1, true))
    end
    assert.is_truthy(secret)
  end)
end)
