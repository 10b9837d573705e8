local core = require "sluice.core"
local tasks = require "sluice.tasks"

local task = core.task

describe("task", function()
  it("gives back what its function returned, nils included", function()
    local results = table.pack(task.spawn(function(...) return 1, nil, ... end, 5, nil):wait())
    assert.same({ 1, nil, 5, nil, n = 4 }, results)
  end)

  it("may be waited for more than once, and by several", function()
    local one = task.spawn(function() task.sleep(0.01) return "x" end)
    local others = {}
    for i = 1, 3 do others[i] = task.spawn(function() return one:wait() .. i end) end
    assert.equal("x", one:wait())
    assert.equal("x", one:wait())
    for i = 1, 3 do assert.equal("x" .. i, others[i]:wait()) end
  end)

  it("lets others go on while it sleeps", function()
    local order = {}
    local slow = task.spawn(function() task.sleep(0.02) order[#order + 1] = "slow" end)
    local fast = task.spawn(function() order[#order + 1] = "fast" end)
    slow:wait()
    fast:wait()
    assert.same({ "fast", "slow" }, order)
  end)

  it("raises in whoever waits, with the place and a traceback", function()
    local broken = task.spawn(function() local x = nil return x.y end)
    local ok, message = pcall(broken.wait, broken)
    assert.is_false(ok)
    assert.matches("task_spec.lua:%d+: attempt to index", message)
    assert.matches("stack traceback", message)
  end)

  it("hands error objects on as they are", function()
    local broken = task.spawn(function() core.error.raise("config", "no") end)
    local _, err = pcall(broken.wait, broken)
    assert.is_true(core.error.is(err, "config"))
  end)

  it("ends at its next wait when cancelled, closing its variables", function()
    local closed
    local sleeper = task.spawn(function()
      local _ <close> = setmetatable({}, { __close = function() closed = true end })
      task.sleep(60)
    end)
    task.sleep(0)
    sleeper:cancel()
    local ok, err = pcall(sleeper.wait, sleeper)
    assert.is_false(ok)
    assert.is_true(core.error.is(err, "interrupted"))
    assert.is_true(closed)
  end)

  it("may be cancelled before it has started", function()
    local never = task.spawn(function() task.sleep(60) end)
    never:cancel()
    assert.is_false((pcall(never.wait, never)))
  end)

  it("goes on after a coroutine.yield of the script's own", function()
    local turns = task.spawn(function() coroutine.yield(1, 2) coroutine.yield() return "done" end)
    assert.equal("done", turns:wait())
  end)

  it("waits inside a coroutine of the script's own", function()
    local value = task.spawn(function()
      local generator = coroutine.wrap(function() task.sleep(0.001) coroutine.yield "made" end)
      return generator()
    end):wait()
    assert.equal("made", value)
  end)

  it("waits across pcall and metamethods, and where it may not yield", function()
    task.spawn(function()
      assert.is_true((pcall(task.sleep, 0.001)))
      local sorted = { 3, 1, 2 }
      table.sort(sorted, function(a, b) task.sleep(0) return a < b end)
      assert.same({ 1, 2, 3 }, sorted)
    end):wait()
  end)

  it("cannot wait for itself, nor for nothing", function()
    local own
    own = task.spawn(function() return own:wait() end)
    assert.has_error(function() own:wait() end)
  end)

  it("refuses a sleep that makes no sense", function()
    assert.has_error(function() task.sleep(-1) end)
    assert.has_error(function() task.sleep(0 / 0) end)
    assert.has_error(function() task.sleep "x" end)
  end)

  it("is not harmed by a script that closes its coroutine while it waits", function()
    local here = core.listener.new {}
    for _, wait in ipairs {
      function() task.sleep(60) end,
      function() core.http.request { url = "http://127.0.0.1:" .. here.port } end,
      function() here:accept() end,
    } do
      local thread
      local robbed = task.spawn(function() thread = coroutine.running() wait() end)
      task.sleep(0)
      coroutine.close(thread)
      thread = nil -- luacheck: ignore 311
      collectgarbage()
      collectgarbage()
      robbed:cancel()
      local ok, err = pcall(robbed.wait, robbed)
      assert.is_false(ok)
      assert.matches("resumed or closed the coroutine", tostring(err))
    end
    here:close()
  end)

  it("is not harmed by a script that resumes its coroutine", function()
    local thread
    local robbed = task.spawn(function() thread = coroutine.running() task.sleep(0.001) return "slept" end)
    task.sleep(0)
    local ok, err = coroutine.resume(thread)
    assert.is_false(ok)
    assert.is_true(core.error.is(err, "usage"))
    assert.is_false((pcall(robbed.wait, robbed)))
    robbed = task.spawn(function() thread = coroutine.running() coroutine.yield() task.sleep(0.001) return "slept" end)
    task.sleep(0)
    assert.same({ true, "slept" }, { coroutine.resume(thread) })
    assert.is_false((pcall(robbed.wait, robbed)))
  end)

  it("goes on beside one that never waits, only yields", function()
    local done
    local restless = task.spawn(function() while not done do coroutine.yield() end return "done" end)
    task.sleep(0.001)
    done = true
    assert.equal("done", restless:wait())
  end)

  it("is cancelled inside a coroutine of the script's own, and where it may not yield", function()
    local function generator() for _ = 1, 500 do task.sleep(0.001) coroutine.yield(true) end end
    for _, body in ipairs {
      function() for _ in coroutine.wrap(generator) do end end,
      function() table.sort({ 1, 2 }, function(a, b) task.sleep(60) return a < b end) end,
    } do
      local long = task.spawn(body)
      task.spawn(function() task.sleep(0.002) long:cancel() end)
      local ok, err = pcall(long.wait, long)
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "interrupted"))
    end
  end)

  it("that failed unseen with an error that cannot be shown disturbs nobody", function()
    local reached = coroutine.wrap(function()
      task.spawn(function() error(setmetatable({}, { __tostring = function() error "no text" end })) end)
      task.sleep(0.001)
      collectgarbage()
      collectgarbage()
      return "reached"
    end)()
    assert.equal("reached", reached)
  end)

  it("has one loop, also when the module is loaded again", function()
    local sleeper = task.spawn(function() task.sleep(0.005) return "slept" end)
    task.sleep(0)
    package.loaded["sluice.core"] = nil
    require "sluice.core"
    package.loaded["sluice.core"] = core
    collectgarbage()
    collectgarbage()
    assert.equal("slept", sleeper:wait())
  end)

  it("runs thousands at once", function()
    local all, sum = {}, 0
    for i = 1, 5000 do all[i] = task.spawn(function() task.sleep(0) sum = sum + i end) end
    for _, one in ipairs(all) do one:wait() end
    assert.equal(5000 * 5001 // 2, sum)
  end)
end)

describe("tasks.all", function()
  it("returns the first result of each, in order", function()
    local a, b, c = tasks.all {
      function() task.sleep(0.01) return "a", "unused" end,
      function() return nil end,
      function() return "c" end,
    }
    assert.same({ "a", nil, "c" }, { a, b, c })
  end)

  it("raises the first failure and cancels the rest", function()
    local finished = false
    local ok, err = pcall(tasks.all, {
      function() task.sleep(0.001) error("broken", 0) end,
      function() task.sleep(60) finished = true end,
    })
    assert.is_false(ok)
    assert.matches("^broken", err)
    assert.is_false(finished)
  end)

  it("says what it expected", function()
    assert.error_matches(function() tasks.all(print) end, "expected a list of functions")
    assert.error_matches(function() tasks.all { print, 1 } end, "expected a function at 2, got number")
  end)
end)

describe("tasks.map", function()
  it("keeps the order and the limit", function()
    local running, most = 0, 0
    local list = {}
    for i = 1, 30 do list[i] = i end
    local doubled = tasks.map(list, function(item, index)
      running = running + 1
      most = math.max(most, running)
      task.sleep(0.0001 * (index % 3))
      running = running - 1
      return item * 2
    end, { concurrency = 4 })
    for i = 1, 30 do assert.equal(2 * i, doubled[i]) end
    assert.equal(4, most)
  end)

  it("takes an empty list and refuses a strange width", function()
    assert.same({}, tasks.map({}, print))
    assert.error_matches(function() tasks.map({}, print, { concurrency = 0 }) end, "at least 1")
  end)
end)

describe("tasks.try", function()
  it("turns a failure into a result", function()
    assert.same({ 1, nil, 2 }, { tasks.try(function() return 1, nil, 2 end) })
    local value, err = tasks.try(core.error.raise, "io", "no")
    assert.is_nil(value)
    assert.equal("no", tostring(err))
  end)
end)
