--- What a recipe is given to work with.

local core = require "sluice.core"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"

--- Runs a recipe's body; gives its result, its output, and the steps and lines it told.
local function run(body, options)
  local told = { steps = {}, shown = {} }
  local opts = { aep = {}, args = {}, on_step = function(step) table.insert(told.steps, step) end,
    show = function(...) table.insert(told.shown, { ... }) end }
  for key, value in pairs(options or {}) do opts[key] = value end
  local made = recipe.new { name = "demo", version = "1", summary = "s", params = {}, run = body }
  local result, output = recipe.execute(made, opts)
  return result, output, told
end

describe("ctx.step", function()
  it("gives what its function gives, and tells that it is done", function()
    local result, _, told = run(function(ctx)
      return { ctx.step("add", function(a, b) return a + b, "more" end, 1, 2) }
    end)
    assert.same({ 3, "more" }, result)
    assert.same({ "step", "add", "done", "number" }, { told.steps[1].what, told.steps[1].name, told.steps[1].action,
      type(told.steps[1].ms) })
  end)

  it("is named in what goes wrong inside, around what goes wrong further inside", function()
    local failure = outcome.failure(run, function(ctx)
      ctx.step("outer", function()
        ctx.step("inner", function() core.error.raise("service", "refused", { status = 403 }) end)
      end)
    end)
    assert.same({ "service", 'step "outer": step "inner": refused', 403 },
      { failure.kind, failure.message, failure.status })
  end)

  it("keeps place and traceback of a plain error", function()
    local failure = outcome.failure(run, function(ctx) ctx.step("one", function() error "boom" end) end)
    assert.equal("recipe", failure.kind)
    assert.truthy(failure.message:find 'step "one": .*context_spec.lua:%d+: boom$', failure.message)
    assert.truthy(failure.traceback:find "context_spec.lua")
  end)

  it("leaves an interruption as it is", function()
    local failure = outcome.failure(run, function(ctx)
      ctx.step("one", function() core.error.raise("interrupted", "interrupted") end)
    end)
    assert.equal("interrupted", failure.message)
  end)

  it("wants a name and a function", function()
    local ok, message = pcall(run, function(ctx) ctx.step(function() end) end)
    assert.is_false(ok)
    assert.truthy(message:find "context_spec.lua:%d+: ctx.step: expected a name and a function")
  end)

  it("may wait", function()
    assert.equal("waited", run(function(ctx)
      return ctx.step("wait", function() core.task.sleep(0.001) return "waited" end)
    end))
  end)
end)

describe("a recipe's context", function()
  it("shows how far the work is", function()
    local _, _, told = run(function(ctx)
      local work = ctx.progress(3)
      work:step()
      work:step(3, "last")
    end)
    assert.same({ { 1, 3 }, { 3, 3, "last" } }, told.shown)
  end)

  it("has its questions answered, or fails", function()
    local asked
    local function confirm(question)
      asked = question
      return true
    end
    assert.is_true((run(function(ctx) return ctx.confirm "Really?" end, { confirm = confirm })))
    assert.equal("Really?", asked)
    local failure = outcome.failure(run, function(ctx) ctx.confirm "Really?" end)
    assert.same({ "usage", "--yes answers every question with yes" }, { failure.kind, failure.hint })
  end)

  it("keeps the last output, beside the result", function()
    local result, output = run(function(ctx)
      ctx.output(1)
      ctx.output { 2 }
      return "r"
    end)
    assert.same({ "r", { 2 } }, { result, output })
    assert.is_nil(select(2, run(function() end)))
  end)

  it("reads files beside the recipe", function()
    local source = { read = function(_, name) return "bytes of " .. name end }
    assert.equal("bytes of a.csv", (run(function(ctx) return ctx.read "a.csv" end, { source = source })))
    assert.equal("io", outcome.failure(run, function(ctx) ctx.read "a.csv" end).kind)
  end)
end)
