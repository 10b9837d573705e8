local core = require "sluice.core"
local server = require "support.server"
local tasks = require "sluice.tasks"

local function failure(fn, ...)
  local value, err = tasks.try(fn, ...)
  assert.is_nil(value)
  assert.is_true(core.error.is(err), tostring(err))
  return err
end

local running, events
local function platform(...)
  running = server.platform(...)
  return running
end

local function client(settings)
  events = {}
  local all = { attempts = 5, on_call = function(event) events[#events + 1] = event end }
  for name, value in pairs(settings or {}) do all[name] = value end
  return server.client(running, all)
end

--- An answer that fails `count` times before it is fine.
local function failing(count, status, headers)
  local seen = 0
  return function()
    seen = seen + 1
    if seen <= count then return status, headers or {}, status and "" end
    return 200, {}, { fine = true }
  end
end

describe("repeating", function()
  after_each(function()
    if running then running.close() end
    running = nil
  end)

  for _, status in ipairs { 408, 429, 500, 502, 503, 504 } do
    it("goes on after a passing " .. status, function()
      platform(failing(2, status))
      assert.same({ fine = true }, (client():request { path = "/x" }))
      assert.equal(4, #running.requests) -- one for the token
    end)
  end

  it("goes on after a connection that ended", function()
    platform(failing(1, nil))
    assert.same({ fine = true }, (client():request { path = "/x" }))
  end)

  for _, status in ipairs { 400, 401, 403, 404, 409, 412, 422, 501 } do
    it("leaves a " .. status .. " alone", function()
      platform(failing(9, status))
      local err = failure(client().request, client(), { path = "/x" })
      assert.equal(status, err.status)
      assert.is_nil(err.attempts)
    end)
  end

  it("ends after the attempts allowed, and says how many", function()
    platform(failing(9, 503))
    local err = failure(function() return client { attempts = 3 }:request { path = "/x" } end)
    assert.equal(3, err.attempts)
    assert.matches("[3 attempts]", tostring(err), 1, true)
    assert.is_nil(err.unsure)
  end)

  it("never repeats a create that may have been done, and says that this is not known", function()
    for _, answer in ipairs { failing(9, 503), failing(9, nil), failing(9, 408) } do
      platform(answer)
      local err = failure(function() return client():request { method = "POST", path = "/x", body = {} } end)
      assert.is_true(err.unsure)
      assert.equal(2, #running.requests)
      running.close()
    end
  end)

  it("takes a success that cannot be read for a create of unknown end", function()
    platform(function() return 201, { ["Content-Type"] = "text/html" }, "<html>" end)
    local err = failure(function() return client():request { method = "POST", path = "/x", body = {} } end)
    assert.equal("http", err.kind)
    assert.is_true(err.unsure)
  end)

  it("knows that a refused create was not done", function()
    platform(failing(9, 400))
    local err = failure(function() return client():request { method = "POST", path = "/x", body = {} } end)
    assert.is_nil(err.unsure)
  end)

  it("repeats a create that was turned away at the door", function()
    platform(failing(1, 429))
    client():request { method = "POST", path = "/x", body = {} }
    assert.equal(3, #running.requests)
  end)

  it("repeats a create that never left this machine", function()
    platform(failing(0))
    local gone = server.start(function() return 200, {}, {} end)
    gone.close()
    core.task.sleep(0)
    local err = failure(function()
      return client { base_url = gone.url, attempts = 2 }:request { method = "POST", path = "/x", body = {} }
    end)
    assert.equal(2, err.attempts)
    assert.is_nil(err.unsure)
  end)

  it("repeats what the caller says may be repeated", function()
    platform(failing(1, 503))
    client():request { method = "POST", path = "/search", body = {}, repeatable = true }
    assert.equal(3, #running.requests)
    platform(failing(1, 503))
    failure(function() return client():request { method = "PATCH", path = "/x", body = { 1 } } end)
  end)

  it("waits as long as the service asks for", function()
    platform(failing(1, 503, { ["Retry-After"] = "1" }))
    client():request { path = "/x" }
    local first = events[2]
    assert.equal(503, first.status)
    assert.is_true(first.wait >= 1 and first.wait <= 1.5)
    assert.is_nil(events[3].wait)
  end)

  it("understands a date, and gives up when it is far", function()
    local far = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 3600)
    platform(failing(1, 503, { ["Retry-After"] = far }))
    local err = failure(function() return client():request { path = "/x" } end)
    assert.equal(503, err.status)
    assert.is_nil(err.attempts)
  end)

  it("takes a date that is past for no wait at all", function()
    platform(failing(1, 503, { ["Retry-After"] = "Mon, 01 Jan 2001 00:00:00 GMT" }))
    assert.same({ fine = true }, (client():request { path = "/x" }))
    assert.is_true(events[2].wait >= 0)
  end)

  it("asks again for a token that could not be had", function()
    local refused = 0
    running = server.start(function(request)
      if request.path == "/ims/token/v3" and refused < 2 then
        refused = refused + 1
        return 503, {}, ""
      end
      return 200, {}, { access_token = "a-token", expires_in = 1000 }
    end)
    client():request { path = "/x" }
    assert.equal(4, #running.requests)
    assert.is_true(events[1].token)
    assert.is_nil(events[1].body)
  end)

  it("asks for one token although many wait and the first requests fail", function()
    local asked = 0
    running = server.start(function(request)
      if request.path ~= "/ims/token/v3" then return 200, {}, {} end
      asked = asked + 1
      if asked < 3 then return 500, {}, "" end
      return 200, {}, { access_token = "a-token", expires_in = 1000 }
    end)
    local here = client()
    tasks.map({ 1, 2, 3, 4, 5 }, function() return here:request { path = "/x" } end)
    assert.equal(3, asked)
  end)

  it("tells every attempt", function()
    platform(failing(1, 503))
    client():request { method = "DELETE", path = "/x" }
    assert.equal(3, #events)
    assert.equal("POST", events[1].method)
    local first, second = events[2], events[3]
    assert.same({ "DELETE", 503, 1 }, { first.method, first.status, first.attempt })
    assert.same({ 200, 2 }, { second.status, second.attempt })
    assert.is_true(second.seconds > 0 and second.received > 0 and second.sent > 0)
    assert.equal(1.1, second.http_version)
    assert.equal("/x", second.request.path)
  end)
end)

describe("as many calls at once as the service bears", function()
  after_each(function() running.close() end)

  it("are sixteen at first, and more while all goes well", function()
    local now, most, first = 0, 0, nil
    platform(function()
      now = now + 1
      most = math.max(most, now)
      core.task.sleep(0.05) -- all of a round are here by then
      first = first or now
      now = now - 1
      return 200, {}, {}
    end)
    local here, list = client(), {}
    for i = 1, 60 do list[i] = i end
    tasks.map(list, function() return here:request { path = "/x" } end, { concurrency = 60 })
    assert.equal(16, first)
    assert.is_true(most >= 24 and most <= 44, "at most " .. most)
  end)

  it("lets go of the place of a call that is cancelled", function()
    platform(function()
      core.task.sleep(0.01)
      return 200, {}, {}
    end)
    local here, waiting = client(), {}
    for i = 1, 40 do waiting[i] = core.task.spawn(here.request, here, { path = "/x" }) end
    core.task.sleep(0.005)
    for i = 1, 40, 2 do waiting[i]:cancel() end
    for i = 2, 40, 2 do waiting[i]:wait() end
    assert.same({}, (here:request { path = "/x" }))
  end)
end)

describe("an intercepted call", function()
  it("never reaches the network, nor asks for a token", function()
    running = nil
    local seen
    local here = core.client.new { base_url = "http://127.0.0.1:1", ims_url = "http://127.0.0.1:1", org = "O",
      sandbox = "s", client_id = "c", client_secret = "s",
      intercept = function(request)
        seen = request
        return { status = 201, headers = { ["x-a"] = "b" }, body = '{"id":"1"}' }
      end }
    local value, head = here:request { method = "POST", path = "/x", query = { a = 1 }, body = { b = 2 } }
    assert.same({ id = "1" }, value)
    assert.same({ status = 201, headers = { ["x-a"] = "b" } }, head)
    assert.same({ method = "POST", url = "http://127.0.0.1:1/x?a=1", path = "/x", query = { a = 1 }, body = { b = 2 } },
      seen)
  end)

  it("may be a failure", function()
    local here = core.client.new { base_url = "http://127.0.0.1:1", ims_url = "http://127.0.0.1:1", org = "O",
      sandbox = "s", token = "t", intercept = function() return { status = 404, body = '{"message":"gone"}' } end }
    local err = failure(here.request, here, { path = "/x" })
    assert.same({ 404, "gone" }, { err.status, err.message })
  end)

  it("is shown with its headers, and may have taken several attempts", function()
    local seen
    local here = core.client.new { base_url = "http://127.0.0.1:1", ims_url = "http://127.0.0.1:1", org = "O",
      sandbox = "s", token = "t", intercept = function(request)
        seen = request.headers
        return { status = 404, attempts = 2 }
      end }
    local err = failure(here.request, here, { path = "/x", headers = { ["If-Match"] = '"e"' } })
    assert.same({ ["If-Match"] = '"e"' }, seen)
    assert.same({ 404, 2 }, { err.status, err.attempts })
  end)
end)

describe("a deadline", function()
  after_each(function()
    if running then running.close() end
    running = nil
  end)

  it("ends a sleep", function()
    local began = core.task.now()
    local err = failure(core.task.deadline, 0.05, core.task.sleep, 10)
    assert.same({ "limit", "deadline" }, { err.kind, err.code })
    assert.is_true(core.task.now() - began < 5)
  end)

  it("gives back what the function gives, and is over with it", function()
    assert.same({ 1, 2 }, { core.task.deadline(1, function(...) return ... end, 1, 2) })
    core.task.deadline(0.02, function() end)
    core.task.sleep(0.04)
  end)

  it("holds for the tasks within, and the nearer one counts", function()
    local err = failure(core.task.deadline, 0.05, function()
      return core.task.deadline(10, function()
        return tasks.all { function() core.task.sleep(10) end }
      end)
    end)
    assert.equal("deadline", err.code)
  end)

  it("ends waiting for another task, inside a task too", function()
    local other = core.task.spawn(core.task.sleep, 0.2)
    local task = core.task.spawn(function() return core.task.deadline(0.02, other.wait, other) end)
    assert.equal("deadline", failure(task.wait, task).code)
    other:wait()
  end)

  it("ends a call, and what the call was stays known", function()
    platform(function()
      core.task.sleep(0.5)
      return 200, {}, {}
    end)
    local here = client()
    local err = failure(core.task.deadline, 0.1, here.request, here, { method = "POST", path = "/x", body = {} })
    assert.same({ "POST", true }, { err.method, err.unsure })
  end)

  it("allows no repeat that would come too late", function()
    platform(failing(9, 503, { ["Retry-After"] = "30" }))
    local here = client()
    local err = failure(core.task.deadline, 5, here.request, here, { path = "/x" })
    assert.equal(503, err.status)
  end)
end)

describe("a list of calls", function()
  it("collects failures when asked to", function()
    local results, failures = tasks.map({ 1, 2, 3 }, function(n)
      if n == 2 then error("two", 0) end
      return n * 10
    end, { on_error = "collect" })
    assert.same({ 10, nil, 30 }, results)
    assert.same({ [2] = "two" }, failures)
    assert.has_error(function() tasks.map({}, print, { on_error = "x" }) end,
      'sluice.map: on_error must be "raise" or "collect"')
  end)
end)
