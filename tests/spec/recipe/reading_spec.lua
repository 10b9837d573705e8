--- Where parameters come from, in which order, and how what lacks is asked for.

local core = require "sluice.core"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"

local demo = recipe.new { name = "demo", version = "1", summary = "s", run = function() end, params = {
  { name = "host", env = "HOST", example = "example" },
  { name = "count", type = "integer", env = "COUNT", min = 1 },
  { name = "who", type = "list", of = "audience" },
  { name = "tags", type = "list", default = { "d" } },
  { name = "password", type = "secret", env = "PASSWORD" },
} }

local function env_of(values) return function(name) return values[name] end end

local ENV = env_of { HOST = "from env", COUNT = "2", PASSWORD = "hush" }
local ROW = { number = 1, place = "f.json", values = { host = "from file", tags = { "f" }, who = "A" },
  places = { host = "f.json: /host", tags = "f.json: /tags", who = "f.json: /who" } }

describe("parameters", function()
  it("come from options before files, these before the environment, and that before defaults", function()
    local reading = recipe.read(demo, { "--tags", "o" }, { env = ENV, row = ROW, emulated = true })
    assert.same({ "from file", 2, "o", { { name = "A" } } },
      { reading.given.host, reading.given.count, reading.given.tags[1], reading.given.who })
    reading = recipe.read(demo, { "--who=B", "--host", "o" }, { env = ENV, emulated = true })
    assert.same({ "o", "d" }, { reading.given.host, reading.given.tags[1] })
    assert.same({}, reading.examples_used)
    local emulated = recipe.read(demo, { "--who=B", "--count=1" },
      { env = env_of { PASSWORD = "x" }, emulated = true })
    assert.equal("example", emulated.given.host)
  end)

  it("are all complained about, with their places", function()
    local row = { number = 3, place = "f.csv:4", columns = true, values = { count = "0", who = { "A", " " } },
      places = { count = "f.csv:4, count", who = "f.csv:4, who" } }
    local failure = outcome.failure(recipe.read, demo, { "--host=", "--nope" }, { env = env_of {}, row = row })
    assert.equal('demo: --host: got "", expected a value; unknown option "--nope"; expected "--host", "--count", '
      .. '"--who" or "--tags"; f.csv:4, count: got "0", expected at least 1; f.csv:4, who: got " ", expected a list '
      .. 'such as a,b; f.csv:4: password is missing: set PASSWORD', failure.message)
  end)

  it("are complained about where the environment holds them", function()
    local failure = outcome.failure(recipe.read, demo, { "--who=A" },
      { env = env_of { HOST = "h", COUNT = "many", PASSWORD = "p" } })
    assert.equal('demo: COUNT: got "many", expected a whole number', failure.message)
  end)

  it("do not show a secret that is wrong", function()
    local strange = recipe.new { name = "s", version = "1", summary = "s", run = print,
      params = { { name = "key", type = "secret", env = "KEY", check = function() return "is too short" end } } }
    local failure = outcome.failure(recipe.read, strange, {}, { env = env_of { KEY = "hunter2" } })
    assert.equal("s: KEY: got a secret, is too short", failure.message)
  end)
end)

describe("what lacks", function()
  --- Answers in turn; notes what was asked, and what was wrong with the answer before.
  local function answering(answers)
    local asked, at = {}, 0
    return function(param, problem, so_far)
      at = at + 1
      asked[at] = param.name .. (so_far and "+" or "") .. (problem and ": " .. problem or "")
      return answers[at]
    end, asked
  end

  it("is asked for until it will do", function()
    local ask, asked = answering { "h", "many", "0", "7", "A", " ", "B", nil, core.secret.new("typed", "hush") }
    local reading = recipe.read(demo, {}, { env = env_of {}, ask = ask })
    assert.same({ "h", 7, { { name = "A" }, { name = "B" } } },
      { reading.given.host, reading.given.count, reading.given.who })
    assert.is_true(core.secret.new("", "hush") == reading.given.password)
    assert.equal("‹secret PASSWORD›", tostring(reading.given.password))
    assert.same({ "host", "count", "count: expected a whole number", "count: expected at least 1", "who", "who+",
      "who+: expected a list such as a,b", "who+", "password" }, asked)
  end)

  it("is asked for once more when the platform does not know it", function()
    local ask = answering { "h", "1", "Nobody", "Somebody", nil, core.secret.new("s", "s") }
    local reading = recipe.read(demo, {}, { env = env_of {}, ask = ask, settle = function(param, value)
      return param.name == "who" and value[1].name == "Nobody" and "there is none" or nil
    end })
    assert.same({ { name = "Somebody" } }, reading.given.who)
  end)

  it("is missing when nobody answers", function()
    local ask = answering {}
    local failure = outcome.failure(recipe.read, demo, { "--count=1", "--who=A" },
      { env = env_of { PASSWORD = "p" }, ask = ask })
    assert.equal("demo: --host is missing (or set HOST)", failure.message)
  end)

  it("is not asked for while something else is wrong", function()
    local ask, asked = answering { "h" }
    pcall(recipe.read, demo, { "--count=x" }, { env = env_of {}, ask = ask })
    assert.same({}, asked)
  end)
end)
