local core = require "sluice.core"
local emulator = require "sluice.emulator"
local harness = require "spec.emulator.harness"

describe("the emulator on a port", function()
  local server
  before_each(function() server = emulator.start { seed = "network" } end)
  after_each(function() server.stop() end)

  local function token()
    local answer = core.http.request { method = "POST", url = server.url .. "/ims/token/v3",
      headers = { ["Content-Type"] = "application/x-www-form-urlencoded" },
      body = "grant_type=client_credentials&client_id=c&client_secret=s&scope=openid" }
    assert.equal(200, answer.status)
    return core.json.decode(answer.body).access_token
  end

  local function send(method, path, bearer, body, extra)
    local headers = { Authorization = "Bearer " .. bearer, ["x-api-key"] = "c",
      ["x-gw-ims-org-id"] = "O@AdobeOrg",
      ["x-sandbox-name"] = "prod", ["Content-Type"] = body and "application/json" or nil }
    for name, value in pairs(extra or {}) do headers[name] = value end
    local answer = core.http.request { method = method,
      url = server.url .. "/data/foundation/flowservice" .. path,
      headers = headers, body = body and core.json.encode(body) }
    return answer.status, answer.body ~= "" and core.json.decode(answer.body) or nil, answer.headers
  end

  it("answers over HTTP as it answers without", function()
    local bearer = token()
    local status, made, headers = send("POST", "/connections", bearer,
      { name = "store", connectionSpec = harness.spec(harness.PROFILE_STORE) })
    assert.equal(201, status)
    assert.equal("/connections/" .. made.id, headers.location)
    assert.equal("application/json", headers["content-type"])
    local _, body = send("GET", "/connections/" .. made.id, bearer)
    assert.equal("store", body.items[1].name)
    status, body = send("PATCH", "/connections/" .. made.id, bearer,
      { { op = "replace", path = "/name", value = "é \0 \u{1F40D}" } }, { ["If-Match"] = made.etag })
    assert.equal(200, status)
    assert.not_equal(made.etag, body.etag)
    _, body = send("GET", "/connections?property=name==%C3%A9%20%00%20%F0%9F%90%8D", bearer)
    assert.equal(1, #body.items)
    status, body = send("DELETE", "/connections/" .. made.id, bearer)
    assert.equal(202, status)
    assert.is_nil(body)
    assert.equal(403, core.http.request({ url = server.url .. "/data/foundation/flowservice/flows" }).status)
  end)

  it("serves many requests at once, each with an id of its own", function()
    local bearer, tasks, seen = token(), {}, {}
    for i = 1, 60 do
      tasks[i] = core.task.spawn(send, "POST", "/connections", bearer,
        { name = "c" .. i, connectionSpec = harness.spec(harness.PROFILE_STORE) })
    end
    for _, task in ipairs(tasks) do
      local status, made = task:wait()
      assert.equal(201, status)
      assert.is_nil(seen[made.id])
      seen[made.id] = true
    end
    assert.equal(60, server.emulator:counts().connections)
  end)

  it("goes on after an interruption, in an answer and between two", function()
    server.stop()
    local new, times = core.listener.new, { accept = 1, handle = 1 }
    local function interrupted(what)
      times[what] = times[what] - 1
      if times[what] == 0 then core.error.raise("interrupted", "interrupted") end
    end
    core.listener.new = function(options)
      local listener = new(options)
      return { port = listener.port, close = function() listener:close() end, accept = function()
        interrupted "accept"
        return listener:accept()
      end }
    end
    server = emulator.start { seed = "network" }
    core.listener.new = new
    local handle = server.emulator.handle
    server.emulator.handle = function(...)
      interrupted "handle"
      return handle(...)
    end
    assert.has_error(token)
    assert.is_string(token())
    assert.is_true(times.accept < 0 and times.handle < 0)
  end)

  it("lives on after a defect and says so on its log", function()
    local traces = {}
    server.emulator.log = function(trace) traces[#traces + 1] = trace end
    local bearer = token()
    local now = server.emulator.now
    server.emulator.now = function() error "no clock" end
    local status, body = send("GET", "/flows", bearer)
    server.emulator.now = now
    assert.equal(500, status)
    assert.equal("1400-500", body.error_code)
    assert.matches("no clock", traces[1])
    assert.equal(200, (send("GET", "/flows", bearer)))
  end)

  it("does not mind a client that gives up", function()
    local bearer = token()
    local url = server.url .. "/data/foundation/flowservice/connectionSpecs"
    local task = core.task.spawn(core.http.request,
      { url = url, headers = { Authorization = "Bearer " .. bearer } })
    task:cancel()
    assert.equal(200, (send("GET", "/flows", bearer)))
  end)

  it("stops, and frees its port", function()
    local port = server.port
    server.stop()
    server.task:wait()
    assert.is_false((pcall(core.http.request, { url = server.url .. "/ims/token/v3", connect_timeout = 2 })))
    server = emulator.start { port = port }
    assert.equal(port, server.port)
    token()
  end)
end)
