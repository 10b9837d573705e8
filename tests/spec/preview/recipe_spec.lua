--- Running a recipe to see what it would apply.

local core = require "sluice.core"
local destination = require "sluice.destination"
local preview = require "sluice.preview"
local recipe = require "sluice.recipe"
local runner = require "sluice.preview.recipe"
local schedule = require "sluice.activation.schedule"

local NOW = 1893369600 -- 2029-12-31 00:00 UTC

local function campaign(name, password)
  return destination.new {
    name = name, type = "adobe-campaign", target = { remotePath = "/in" },
    auth = { domain = "d.example.com", host = "h.example.com", username = "u", password = password },
    audiences = { { id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1",
      filename = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%",
      schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" } } },
    attributes = { "person.name.firstName" },
  }
end

local function made(run)
  return recipe.new { name = "demo", version = "1.0.0", summary = "s", run = run, params = {
    { name = "title", example = "Example title" },
    { name = "needed", type = "integer", default = 3 },
    { name = "password", type = "secret", env = "DEMO_PASSWORD" }, -- no example: none is needed
  } }
end

local function run(body, options)
  local opts = { env = function() return nil end, preview = { now = NOW, timezone = "UTC" } }
  for key, value in pairs(options or {}) do opts[key] = value end
  return runner.run(made(body), opts)
end

--- The error of a recipe's body.
local function failure(body)
  local ok, err = pcall(run, body)
  assert.is_false(ok)
  return err
end

describe("previewing a recipe", function()
  it("catches every destination that it applies", function()
    local previews = run(function(ctx, params)
      ctx.apply(campaign(params.title .. " 1", params.password))
      return ctx.apply(campaign(params.title .. " 2", params.password))
    end)
    assert.equal(2, #previews)
    assert.is_true(preview.is(previews[1]))
    assert.equal("Example title 1", previews[1].name)
    assert.equal("Example title 2", previews[2].name)
    assert.equal("2030-01-01T02:00:00Z", previews[2].audiences[1].exports[1].time.utc)
  end)

  it("takes arguments before examples, and says which examples it took", function()
    local lines = {}
    local body = function(ctx, params) return ctx.apply(campaign(params.title, params.password)) end
    run(body, { log = function(text) lines[#lines + 1] = text end })
    assert.same({ "not given, so the recipe's examples are used: --title" }, lines)
    lines = {}
    local previews = run(body, { args = { "--title", "Mine" }, log = function(text) lines[#lines + 1] = text end })
    assert.equal("Mine", previews[1].name)
    assert.same({}, lines)
  end)

  it("needs no secret and reads none", function()
    local asked = {}
    run(function(ctx, params)
      assert.is_true(core.secret.is(params.password))
      return ctx.apply(campaign("n", params.password))
    end, { env = function(variable) asked[variable] = true end })
    assert.is_nil(asked.DEMO_PASSWORD)
  end)

  it("passes its options on", function()
    local previews = run(function(ctx, params) return ctx.apply(campaign("n", params.password)) end,
      { preview = { now = NOW, exports = 2, rows = 6000000, timezone = "UTC" } })
    assert.equal(2, #previews[1].audiences[1].exports)
    assert.equal(2, #previews[1].audiences[1].exports[1].files)
  end)

  it("gives a recipe the definition's part of the result", function()
    run(function(ctx, params)
      local result = ctx.apply(campaign("n", params.password))
      assert.equal("n", result.name)
      assert.equal("adobe-campaign", result.type)
      assert.is_false(ctx.emulated)
      assert.equal(params, ctx.params)
    end)
  end)

  for what, body in pairs {
    ["ctx.aep.flows"] = function(ctx) return ctx.aep.flows:list() end,
    ["ctx.aep.request"] = function(ctx) return ctx.aep:request {} end,
    ["ctx.aep.sandbox"] = function(ctx) ctx.aep.sandbox = "x" end,
    ["ctx.aep"] = function(ctx) return ctx.aep() end,
    ["it needs 'flow' of the result of ctx.apply"] = function(ctx, params)
      return ctx.apply(campaign("n", params.password)).flow.id
    end,
  } do
    it("refuses to ask the service: " .. what, function()
      local err = failure(body)
      assert.is_true(core.error.is(err, "recipe"), tostring(err))
      assert.equal("preview sends nothing, but the recipe asks the service: " .. what
        .. " ('sluice run RECIPE --emulate' tries it on the emulated service)", tostring(err))
    end)
  end

  it("refuses an apply that goes around ctx.apply", function()
    local err = failure(function(ctx, params) return campaign("n", params.password):apply(ctx.aep) end)
    assert.is_truthy(tostring(err):find("preview sends nothing, but the recipe asks the service: ctx.aep.", 1, true))
  end)

  it("says when there is nothing to preview", function()
    local err = failure(function() return {} end)
    assert.equal("recipe demo applies no destination: there is nothing to preview", err.message)
    assert.is_truthy(tostring(failure(function(ctx) ctx.apply {} end)):find(
      "^tests/spec/preview/recipe_spec.lua:%d+: ctx.apply: expected a destination, got a table"))
  end)

  it("fails as the recipe fails", function()
    assert.equal("mine", failure(function() error("mine", 0) end))
    local err = failure(function(ctx) return ctx.apply(campaign("n", nil)) end)
    assert.is_truthy(err.message:find("/auth/spec: missing", 1, true), err.message)
  end)

  it("refuses wrong arguments", function()
    local ok, err = pcall(run, function() end, { args = { "--titel", "x" } })
    assert.is_false(ok)
    assert.is_true(core.error.is(err, "usage"))
  end)
end)
