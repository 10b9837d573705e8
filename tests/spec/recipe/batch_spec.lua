--- The parameters of many rows, read together.

local batch = require "sluice.recipe.batch"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"

local demo = recipe.new { name = "demo", version = "1", summary = "s", run = function() end, params = {
  { name = "name", unique = true, default = "same" }, { name = "count", type = "integer", required = false },
  { name = "tags", type = "list", required = false }, { name = "key", type = "secret", env = "KEY" },
  { name = "host", example = "h" },
} }

--- Rows as a file would give them.
local function rows(...)
  local list = {}
  for i, values in ipairs { ... } do
    local place, places = "f.csv:" .. i + 1, {}
    for name in pairs(values) do places[name] = place .. ", " .. name end
    list[i] = { number = i, place = place, values = values, places = places, outcome = values.outcome }
    values.outcome = nil
  end
  return { rows = list }
end

local function read(args, list, options)
  local opts = { env = function() return nil end }
  for key, value in pairs(options or {}) do opts[key] = value end
  return batch.read(demo, args, list, opts)
end

local GIVEN = { "--key", "cmd:echo x", "--host=h" }

--- The places and messages of what is wrong.
local function complaints(...)
  local failure = outcome.failure(read, ...)
  local list = {}
  for i, finding in ipairs(failure.findings) do
    list[i] = (finding.place ~= "" and finding.place .. ": " or "") .. finding.message
  end
  return list, failure
end

describe("the parameters of many rows", function()
  it("are read for those that are not done", function()
    local made = read(GIVEN, rows({ name = "a", count = "1" }, { name = "b", outcome = "done", count = "x" },
      { name = "c", outcome = "failed" }))
    assert.same({ 1, 3 }, { made.entries[1].row.number, made.entries[2].row.number })
    assert.equal(2, #made.entries)
    local first = made.entries[1].params
    assert.same({ "a", 1, "h" }, { first.name, first.count, first.host })
  end)

  it("are complained about together", function()
    local list, failure = complaints(GIVEN, rows({ name = "a", count = "x" }, { name = "b", count = "1.5" }))
    assert.same({ 'f.csv:2, count: got "x", expected a whole number',
      'f.csv:3, count: got "1.5", expected a whole number' }, list)
    assert.same({ "usage", 2, "demo" }, { failure.kind, failure.count, failure.subject })
  end)

  it("are complained about once where it is one thing", function()
    assert.same({ "key is missing: set KEY", "--host is missing",
      'unknown option "--nope"; expected "--name", "--count", "--tags" or "--host"; did you mean "--name"?' },
      (complaints({ "--nope" }, rows({ name = "a" }, { name = "b" }))))
    assert.same({ "key is missing: set KEY", "f.csv:2: --host is missing" },
      (complaints({}, rows({ name = "a" }, { name = "b", host = "h" }))))
    assert.equal("config", select(2, complaints({ "--host=h" }, rows({ name = "a" }, { name = "b" }))).kind)
  end)

  it("are no two the same where they may not be", function()
    local failure = outcome.failure(read, GIVEN, rows({ name = "a" }, { name = "b" }, { name = "a" }))
    assert.equal('demo: f.csv:4, name: --name is "a", as in f.csv:2; every row needs its own', failure.message)
    failure = outcome.failure(read, GIVEN, rows({ name = "a", outcome = "done" }, { name = "a" }))
    assert.truthy(failure.message:find('f.csv:3, name: --name is "a", as in f.csv:2', 1, true), failure.message)
    failure = outcome.failure(read, GIVEN, rows({ name = "a" }, { name = "a", outcome = "done" }))
    assert.truthy(failure.message:find('f.csv:2, name: --name is "a", as in f.csv:3', 1, true), failure.message)
    failure = outcome.failure(read, GIVEN, rows({}, {}))
    assert.truthy(failure.message:find('f.csv:3: --name is "same", as in f.csv:2', 1, true), failure.message)
  end)

  it("are asked for once where all lack the same", function()
    local asked = {}
    local made = read({ "--key=cmd:echo x" }, rows({ name = "a" }, { name = "b" }, { name = "c" }), {
      ask = function(param)
        asked[#asked + 1] = param.name
        return "typed"
      end })
    assert.same({ "host" }, asked)
    for i = 1, 3 do assert.equal("typed", made.entries[i].params.host) end
  end)

  it("are not asked for where some lack it", function()
    local failure = outcome.failure(read, { "--key=cmd:echo x" }, rows({ name = "a" }, { name = "b", host = "h" }),
      { ask = function() error "must not ask" end })
    assert.equal("demo: f.csv:2: --host is missing", failure.message)
  end)

  it("take examples when emulated, and say so once", function()
    local made = read({ "--key=cmd:echo x" }, rows({ name = "a" }, { name = "b" }), { emulated = true })
    assert.same({ "--host" }, made.examples_used)
  end)
end)
