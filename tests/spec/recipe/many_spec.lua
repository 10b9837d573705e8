--- Many rows at once: the order of things, and what a row's failure does to the others.

local core = require "sluice.core"
local many = require "sluice.recipe.many"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"

--- Runs a body over so many rows; gives the entries, what happened in order, and what interrupted it.
local function run(body, count, concurrency, options)
  local events, entries = {}, {}
  for i = 1, count do entries[i] = { row = { number = i, place = "f.csv:" .. i + 1 }, params = { n = i } } end
  local made = recipe.new { name = "demo", version = "1", summary = "s", params = {}, run = body }
  local opts = {
    concurrency = concurrency or 2,
    make_context = function(entry, before_apply)
      return recipe.context(entry.params, { aep = { "aep" }, before_apply = before_apply })
    end,
    on_event = function(what, entry) events[#events + 1] = what .. (entry and " " .. entry.row.number or "") end,
  }
  for key, value in pairs(options or {}) do opts[key] = value end
  local _, interruption = many.run(made, entries, opts)
  return entries, events, interruption
end

--- Something that can be applied.
local function destination(name, apply)
  return { definition = { name = name }, apply = apply or function() return { name = name } end }
end

local function states(entries)
  local list = {}
  for i, entry in ipairs(entries) do list[i] = entry.state end
  return list
end

-- The check of definitions has its own specs; these are none.
local check = require "sluice.destination.check"

describe("many rows", function()
  local real = check.check
  before_each(function() check.check = function() return {}, {} end end)
  after_each(function() check.check = real end)

  it("all come to their first apply before one goes on", function()
    local applied, at_once, most = 0, 0, 0
    local entries, events = run(function(ctx, params)
      return ctx.apply(destination("d" .. params.n, function()
        applied, at_once = applied + 1, at_once + 1
        most = math.max(most, at_once)
        core.task.sleep(0.001)
        at_once = at_once - 1
        return params.n
      end))
    end, 5, 2)
    assert.same({ "opened", 5, 2 }, { events[1], applied, most })
    assert.same({ "done", "done", "done", "done", "done" }, states(entries))
    assert.same({ 1, 5 }, { entries[1].result, entries[5].result })
  end)

  it("send nothing when two would make one thing, or one is wrong", function()
    local sent = 0
    local function body(ctx, params)
      ctx.apply(destination(params.n == 3 and "d1" or "d" .. params.n, function() sent = sent + 1 end))
    end
    local failure = outcome.failure(run, body, 3)
    assert.same({ "usage", 0 }, { failure.kind, sent })
    assert.equal('demo: f.csv:4: would make the destination "d1", as f.csv:2 does; every row needs a name of its own',
      failure.message)
    check.check = function(definition)
      local list = { { place = "/x", message = "is wrong", level = "error" } }
      list.only = function(self) return self end
      return definition.name == "d2" and list or {}, definition.name ~= "d2" and {} or nil
    end
    check.is_contestable, real = (function() return false end), real
    failure = outcome.failure(run, function(ctx, params) ctx.apply(destination("d" .. params.n)) end, 2)
    assert.same({ "recipe", "demo: f.csv:3: /x: is wrong" }, { failure.kind, failure.message })
  end)

  it("compare later destinations as well, when they come", function()
    local entries = run(function(ctx, params)
      ctx.apply(destination("first " .. params.n))
      ctx.apply(destination "second")
    end, 2)
    assert.same({ "done", "failed" }, states(entries))
    assert.truthy(entries[2].error.message:find('f.csv:2 applies the destination "second", too', 1, true))
  end)

  it("wait at their first use of the connection, too", function()
    local order = {}
    run(function(ctx, params)
      order[#order + 1] = "begin " .. params.n
      assert(ctx.aep[1] == "aep")
      order[#order + 1] = "end " .. params.n
    end, 3, 3)
    assert.same({ "begin 1", "begin 2", "begin 3", "end 1", "end 2", "end 3" }, order)
  end)

  it("go on when one fails", function()
    local entries = run(function(ctx, params)
      ctx.apply(destination("d" .. params.n))
      if params.n == 1 then error "boom" end
    end, 3, 1)
    assert.same({ "failed", "done", "done" }, states(entries))
    assert.truthy(tostring(entries[1].error):find "boom\nstack traceback:")
  end)

  it("begin no further one after credentials failed, or nothing can be noted any more", function()
    local entries = run(function(ctx, params)
      ctx.apply(destination("d" .. params.n, function() core.error.raise("auth", "no") end))
    end, 3, 1)
    assert.same({ "failed", "not begun", "not begun" }, states(entries))
    entries = run(function(ctx, params) ctx.apply(destination("d" .. params.n)) end, 3, 1,
      { on_event = function(what) return what ~= "done" end })
    assert.same({ "done", "not begun", "not begun" }, states(entries))
  end)

  it("all end when one is interrupted", function()
    local entries, _, interruption = run(function(ctx, params)
      ctx.apply(destination("d" .. params.n, function()
        if params.n == 2 then core.error.raise("interrupted", "interrupted") end
        core.task.sleep(60)
      end))
    end, 4, 2)
    assert.equal("interrupted", interruption.kind)
    assert.same({ "interrupted", "interrupted", "not begun", "not begun" }, states(entries))
  end)

  it("end at a deadline", function()
    local entries, _, interruption = run(function(ctx, params)
      ctx.apply(destination("d" .. params.n, function() core.task.sleep(60) end))
    end, 3, 1, { deadline = 0.05 })
    assert.equal("deadline", interruption.code)
    assert.equal("not begun", entries[3].state)
    assert.truthy(entries[1].state == "failed" or entries[1].state == "interrupted")
  end)

  it("keep what each gave to ctx.output", function()
    local entries = run(function(ctx, params) ctx.output(params.n * 2) end, 2)
    assert.same({ 2, 4 }, { entries[1].output, entries[2].output })
  end)
end)
