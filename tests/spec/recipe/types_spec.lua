--- Each type of parameter: what it takes from an option, from a file, and what it refuses.

local core = require "sluice.core"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"

local function made(param)
  param.name = param.name or "x"
  return recipe.new { name = "demo", version = "1", summary = "s", params = { param }, run = function() end }
end

--- The value of a parameter from options.
local function value(param, ...)
  return recipe.resolve(made(param), { ... }, { env = function() return nil end }).x
end

--- The value of a parameter that a file holds.
local function from_file(param, raw)
  local row = { number = 1, place = "f.json", values = { x = raw }, places = { x = "f.json: /x" } }
  return recipe.read(made(param), {}, { env = function() return nil end, row = row }).given.x
end

local function refusal(param, ...) return outcome.failure(value, param, ...).message end

local UUID = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"

describe("a parameter of type", function()
  local folder_file = os.tmpname()
  teardown(function() os.remove(folder_file) end)

  for _, row in ipairs {
    { "date", { type = "date" }, "2032-02-29", "2032-02-29", "2031-02-29", "expected a day of the calendar" },
    { "time", { type = "time" }, "23:59", "23:59", "24:00", "expected a time of the day, such as 17:00" },
    { "sandbox", { type = "sandbox" }, "dev-2", "dev-2", "dev 2", "expected the name of a sandbox" },
    { "destination_type", { type = "destination_type" }, "Oracle Eloqua", "oracle-eloqua", "oracle-eloquo",
      'did you mean "oracle-eloqua"?' },
    { "audience", { type = "audience" }, "Loyal, north ", { name = "Loyal, north" }, " ",
      "expected the ID or the exact" },
    { "audience by ID", { type = "audience" }, UUID, { id = UUID }, "\xff", "expected the ID or the exact name" },
    { "list of audiences", { type = "list", of = "audience" }, "Loyal, north", { { name = "Loyal, north" } }, " ",
      "expected a list" },
    { "list of numbers", { type = "list", of = "integer" }, "1, 2", { 1, 2 }, "1,b", '"b": expected a whole number' },
    { "list with a separator of its own", { type = "list", separator = ";" }, "a,b;c", { "a,b", "c" }, ";",
      "expected a list" },
    { "list of an enum", { type = "list", of = { type = "enum", values = { "a", "b" } } }, "b,a", { "b", "a" }, "c",
      'x: got "c", expected "a" or "b"' },
    { "map", { type = "map" }, "a=b=c", { a = "b=c" }, "ab", "expected KEY=VALUE" },
    { "map of numbers", { type = "map", of = "number", separator = "," }, "a=1.5,b=2", { a = 1.5, b = 2 }, "a=z",
      "a: expected a number" },
    { "string with a pattern", { pattern = "[a-z]+" }, "abc", "abc", "abc1",
      "expected what matches the pattern [a-z]+" },
    { "string with a form", { pattern = "%d+", form = "digits only" }, "12", "12", "x12",
      'got "x12", expected digits only' },
    { "string with a length", { min = 2, max = 3 }, "äöü", "äöü", "ä", 'got "ä", expected from 2 to 3 characters' },
    { "integer with a range", { type = "integer", min = 1, max = 5 }, "5", 5, "6", "expected from 1 to 5" },
    { "date with a range", { type = "date", min = "2030-01-01" }, "2030-01-01", "2030-01-01", "2029-12-31",
      "expected at least 2030-01-01" },
    { "list with a length", { type = "list", max = 2 }, "a,b", { "a", "b" }, "a,b,c", "expected at most 2 entries" },
    { "list whose items have rules", { type = "list", of = { type = "integer", min = 1 } }, "1", { 1 }, "1,0",
      "0: expected at least 1" },
    { "integer with a check", { type = "integer", check = function(n) return n % 2 == 0, "must be even" end }, "2", 2,
      "3", 'got "3", must be even' },
    { "text with a check", { check = function(text) return text == "a" or "say a" end }, "a", "a", "b", "say a" },
    { "file", { type = "file" }, folder_file, folder_file, "/no/such", "cannot be opened: No such file" },
  } do
    it(row[1] .. " takes what it is, and says what it wants", function()
      assert.same(row[4], value(row[2], "--x", row[3]))
      assert.same(row[4], from_file(row[2], row[3]))
      local message = refusal(row[2], "--x", row[5])
      assert.truthy(message:find(row[6], 1, true), message)
    end)
  end

  it("list and map may be repeated", function()
    assert.same({ { name = "a" }, { name = "b" } },
      value({ type = "list", of = "audience" }, "--x", "a", "--x=b"))
    assert.same({ a = "1", b = "2" }, value({ type = "map" }, "--x", "a=1", "--x", "b=2"))
    assert.truthy(refusal({ type = "map" }, "--x", "a=1", "--x", "a=2"):find('the key "a" is given twice', 1, true))
    assert.truthy(refusal({}, "--x", "a", "--x", "b"):find("--x: given twice", 1, true))
  end)

  it("list, map and numbers come from files as they are there", function()
    assert.same({ "a", "b,c" }, from_file({ type = "list" }, core.json.array { "a", "b,c" }))
    assert.same({ a = 1 }, from_file({ type = "map", of = "integer" }, { a = 1 }))
    assert.equal(3, from_file({ type = "integer" }, 3.0))
    assert.is_false(from_file({ type = "boolean" }, false))
    local failure = outcome.failure(from_file, { type = "string" }, 12)
    assert.equal("demo: f.json: /x: got 12, expected a text", failure.message)
    failure = outcome.failure(from_file, { type = "list" }, core.json.array {})
    assert.truthy(failure.message:find("expected a list of at least one", 1, true))
  end)

  it("file may be read", function()
    local file <close> = assert(io.open(folder_file, "wb"))
    file:write "a\0b"
    file:flush()
    assert.equal("a\0b", value({ type = "file", read = true }, "--x", folder_file))
    assert.truthy(refusal({ type = "file" }, "--x", "/"):find "cannot be read")
  end)

  it("file has a default beside the recipe", function()
    local source = { has = function(_, name) return name == "data.csv" end, read = function() return "bytes" end }
    local reading = recipe.read(made { type = "file", read = true, default = "data.csv" }, {}, { source = source })
    assert.equal("bytes", reading.given.x)
  end)

  it("secret does not stand in a file", function()
    local param = { type = "secret", env = "DEMO_X" }
    local failure = outcome.failure(from_file, param, "hunter2")
    assert.truthy(failure.message:find("f.json: /x: a secret does not stand in a file of parameters", 1, true))
    assert.falsy(failure.message:find("hunter2", 1, true))
    local row = { number = 1, place = "f", values = { x = "env:OTHER" }, places = { x = "f" } }
    local env = function(name) return name == "OTHER" and "hush" or nil end
    local reading = recipe.read(made(param), {}, { env = env, row = row })
    assert.is_true(core.secret.new("", "hush") == reading.given.x)
  end)

  it("any may be left out when it says so", function()
    assert.is_nil(value { required = false })
    assert.equal("a", value({ required = false }, "--x", "a"))
  end)
end)

describe("a declaration", function()
  for expected, param in pairs {
    ["parameter x: default: expected a day of the calendar, such as 2030-01-31, got \"soon\""] = {
      type = "date", default = "soon" },
    ["parameter x: example: expected at most 3, got 4"] = { type = "integer", max = 3, example = 4 },
    ["parameter x: examples: 2: expected a value of type integer"] = { type = "integer", examples = { 1, "a" } },
    ["parameter x: examples: expected a list of at least one"] = { examples = {} },
    ["parameter x: min: a boolean has no range"] = { type = "boolean", min = 1 },
    ["parameter x: min: expected a string, got 3"] = { type = "date", min = 3 },
    ["parameter x: pattern: only a string has one"] = { type = "integer", pattern = "%d" },
    ["parameter x: pattern: malformed pattern"] = { pattern = "[a" },
    ["parameter x: of: only a list or a map has it"] = { of = "string" },
    ["parameter x: of: a list cannot hold a secret"] = { type = "list", of = "secret" },
    ["parameter x: of: unknown type \"audiense\"; did you mean \"audience\""] = { type = "list", of = "audiense" },
    ["parameter x: of: an enum needs its values"] = { type = "list", of = "enum" },
    ["parameter x: of: unknown key \"name\""] = { type = "list", of = { name = "y" } },
    ["parameter x: separator: expected a text"] = { type = "list", separator = 1 },
    ["parameter x: check: expected a function"] = { check = true },
    ["parameter x: required: expected a boolean"] = { required = "yes" },
    ["parameter x: default: expected a value of type list"] = { type = "list", of = "integer", default = { "1" } },
  } do
    it("is refused: " .. expected, function()
      local ok, message = pcall(made, param)
      assert.is_false(ok)
      assert.truthy(tostring(message):find(expected, 1, true), message)
    end)
  end

  it("may have permissions, which are checked", function()
    local definition = { name = "n", version = "1", summary = "s", params = {}, run = print,
      permissions = { operations = { "raed" } } }
    local ok, message = pcall(recipe.new, definition)
    assert.is_false(ok)
    assert.truthy(message:find('permissions: /operations/0: ', 1, true), message)
    definition.permissions = { operations = { "read" } }
    assert.is_true(recipe.is(recipe.new(definition)))
  end)
end)
