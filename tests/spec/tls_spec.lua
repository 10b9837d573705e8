--- TLS against real servers (openssl s_server, nghttpx) with certificates made for the purpose.

local certificates = require "support.certificates"
local core = require "sluice.core"
local server = require "support.server"
local tasks = require "sluice.tasks"

local folder

local function refusal(options)
  local ok, err = pcall(core.http.request, options)
  assert.is_false(ok)
  assert.is_true(core.error.is(err, "http"))
  return tostring(err)
end

describe("TLS", function()
  setup(function() folder = certificates.make() end)
  teardown(function() folder:close() end)

  it("accepts a private CA when it is added, and only then", function()
    local url = folder:serve "good"
    assert.equal(200, core.http.request({ url = url, cacert = folder.cacert }).status)
    assert.matches("certificate", refusal { url = url })
  end)

  it("refuses a certificate that signs itself", function()
    assert.matches("self%-signed", refusal { url = folder:serve "self", cacert = folder.cacert })
  end)

  it("refuses a certificate of another host", function()
    assert.matches("no alternative certificate subject name",
      refusal { url = folder:serve "other", cacert = folder.cacert })
  end)

  it("refuses a certificate whose time is over", function()
    assert.matches("expired", refusal { url = folder:serve "expired", cacert = folder.cacert })
  end)

  it("refuses what is older than TLS 1.2", function()
    assert.matches("protocol version", refusal { url = folder:serve("good", "-tls1_1 -cipher ALL:@SECLEVEL=0"),
      cacert = folder.cacert })
  end)

  it("names a CA file that cannot be read", function()
    assert.matches("ca%-absent.pem", refusal { url = folder:serve "good", cacert = folder.path .. "/ca-absent.pem" })
  end)
end)

describe("HTTP/2", function()
  local behind, events

  local function client(extra)
    local url = ("https://127.0.0.1:%d"):format(folder:front(behind.port))
    local settings = { base_url = url, cacert = folder.cacert, on_call = function(e) events[#events + 1] = e end }
    for name, value in pairs(extra or {}) do settings[name] = value end
    return server.client(behind, settings)
  end

  setup(function() folder = certificates.make() end)
  teardown(function() folder:close() end)
  before_each(function()
    events = {}
    behind = server.platform(function() return 200, {}, { fine = true } end, { delay = 0.2 })
  end)
  after_each(function() behind.close() end)

  it("is spoken where it is offered, over a connection that was opened while the token came", function()
    local here = client()
    assert.same({ fine = true }, (here:request { path = "/x" }))
    assert.equal(2.0, events[2].http_version)
    assert.equal(0, events[2].connections)
    assert.equal(2, #behind.requests)
  end)

  it("carries many requests at once over one connection", function()
    local here, list, opened = client(), {}, 0
    for i = 1, 30 do list[i] = i end
    tasks.map(list, function() return here:request { path = "/x" } end, { concurrency = 30 })
    for _, event in ipairs(events) do
      if not event.token then opened = opened + event.connections end
    end
    assert.equal(0, opened)
  end)

  it("is not needed: a connection that serves nobody does no harm", function()
    local url = folder:serve("good", "-alpn http/1.1"):gsub("/$", "")
    local here = server.client(behind, { base_url = url, cacert = folder.cacert })
    local err = select(2, tasks.try(here.request, here, { path = "/x" }))
    assert.matches("should be JSON", tostring(err)) -- the page that s_server shows
  end)

  it("goes to nobody whose certificate is wrong, whatever is opened first", function()
    local url = folder:serve "self":gsub("/$", "")
    local here = server.client(behind, { base_url = url, cacert = folder.cacert, attempts = 5 })
    local err = select(2, tasks.try(here.request, here, { path = "/x" }))
    assert.matches("self%-signed", tostring(err))
    assert.is_nil(err.attempts)
  end)
end)
