--- Requests and deadlines wherever they may wait: ended from outside, too late, by scripts that misbehave.

local core = require "sluice.core"
local server = require "support.server"
local tasks = require "sluice.tasks"

local task = core.task

local function failure(fn, ...)
  local value, err = tasks.try(fn, ...)
  assert.is_nil(value)
  assert.is_true(core.error.is(err), tostring(err))
  return err
end

local function collect()
  for _ = 1, 4 do collectgarbage() end
end

local running
local function platform(answer, tokens)
  running = server.platform(answer or function() return 200, {}, { fine = true } end, tokens)
  return running
end

local function client(settings) return server.client(running, settings) end

describe("a call's time", function()
  after_each(function() running.close() end)

  it("counts while it waits for its turn, and nothing is sent when it is up", function()
    platform(function() task.sleep(60) end)
    local own = client { call_timeout = 0.2 }
    own:authorise()
    local waiting, codes = {}, {}
    for i = 1, 40 do waiting[i] = task.spawn(own.request, own, { path = "/x", method = "POST" }) end
    for i = 1, 40 do
      local code = failure(waiting[i].wait, waiting[i]).code or "answer"
      codes[code] = (codes[code] or 0) + 1
    end
    assert.is_true(codes.deadline > 0)
    assert.equal(codes.answer, #running.requests - 1)
  end)

  it("counts while another asks for the token, and while it asks itself", function()
    platform(nil, { delay = 60 })
    local own = client { call_timeout = 0.1, timeout = 60 }
    local other = task.spawn(own.request, own, { path = "/x" })
    assert.matches("timed out", failure(own.request, own, { path = "/y" }).message)
    failure(other.wait, other)
    assert.equal(1, #running.requests)
  end)

  it("counts while load_token waits for other programs", function()
    platform()
    local looks = 0
    local own = client { call_timeout = 0.1, load_token = function()
      looks = looks + 1
      if looks > 500 then core.error.raise("internal", "without end") end
      return nil, looks < 3 and 0.01 or math.huge
    end }
    assert.equal("deadline", failure(own.request, own, { path = "/x" }).code)
  end)
end)

describe("a token hook", function()
  local told

  local function noting(settings)
    told = {}
    settings.load_token = settings.load_token or function() told[#told + 1] = "load" end
    settings.save_token = function(token) told[#told + 1] = token and "token" or "none" end
    return client(settings)
  end

  after_each(function() running.close() end)

  it("learns that a cancelled request asks no more", function()
    platform(nil, { delay = 60 })
    local own = noting {}
    local asking = task.spawn(own.request, own, { path = "/x" })
    task.sleep(0.01)
    asking:cancel()
    failure(asking.wait, asking)
    assert.same({ "load", "none" }, told)
  end)

  it("learns that there are no credentials to ask with", function()
    platform()
    local own = noting { client_secret = false }
    assert.equal("auth", failure(own.request, own, { path = "/x" }).kind)
    assert.same({ "load", "none" }, told)
  end)

  it("learns of a refusal once", function()
    running = server.start(function() return 400, {}, { error = "invalid_client" } end)
    local own = noting {}
    assert.equal("auth", failure(own.request, own, { path = "/x" }).kind)
    assert.same({ "load", "none" }, told)
  end)

  it("may be asked any number of times outside of tasks", function()
    platform()
    local looks = 0
    local own = noting { load_token = function()
      looks = looks + 1
      if looks <= 60000 then return nil, 1e-9 end
    end }
    assert.same({ fine = true }, (own:request { path = "/x" }))
  end)

  it("may collect garbage when a request is given up", function()
    platform(nil, { delay = 60 })
    local own = client { save_token = function() collect() end }
    local asking = task.spawn(own.request, own, { path = "/x" })
    task.sleep(0.01)
    asking:cancel()
    failure(asking.wait, asking)
    collect()
  end)
end)

describe("a coroutine that a script takes from its task", function()
  after_each(function() if running then running.close() end end)

  --- Tasks that all wait in a request, and their coroutines.
  local function waiting(own, count)
    local all, threads = {}, {}
    for i = 1, count do
      all[i] = task.spawn(function()
        threads[i] = coroutine.running()
        return own:request { path = "/" .. i }
      end)
    end
    task.sleep(0.05)
    return all, threads
  end

  it("gives its turn back", function()
    local open
    platform(function() while not open do task.sleep(0.01) end return 200, {}, { fine = true } end)
    local own = client { timeout = 60 }
    own:authorise()
    local all, threads = waiting(own, 40)
    for i = 1, 40 do assert.is_false((coroutine.resume(threads[i]))) end
    open = true
    for i = 1, 40 do assert.matches("the task.s own", failure(all[i].wait, all[i]).message) end
    assert.same({ fine = true }, (task.deadline(20, own.request, own, { path = "/last" })))
  end)

  it("leaves nothing behind in the queue when it is cancelled and collected", function()
    local open
    platform(function() while not open do task.sleep(0.01) end return 200, {}, { fine = true } end)
    local own = client { timeout = 60 }
    own:authorise()
    local all, threads = waiting(own, 40)
    for i = 31, 40 do
      coroutine.resume(threads[i])
      all[i]:cancel()
      threads[i], all[i] = nil, nil
    end
    task.sleep(0.01)
    collect()
    open = true
    for i = 1, 30 do assert.same({ fine = true }, (all[i]:wait())) end
  end)
end)

describe("a deadline", function()
  --- A coroutine that has yielded inside one, begun in a task that is over and collected.
  local function abandoned(seconds)
    local thread
    task.spawn(function()
      thread = coroutine.create(function() task.deadline(seconds, coroutine.yield) end)
      coroutine.resume(thread)
    end):wait()
    collect()
    return thread
  end

  it("may be closed when its task is no more", function()
    assert.is_true(coroutine.close(abandoned(60)))
  end)

  it("may pass when its task is no more", function()
    local thread = abandoned(0.001)
    task.sleep(0.01)
    assert.is_true(coroutine.close(thread))
  end)
end)
