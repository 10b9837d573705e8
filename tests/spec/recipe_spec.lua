local core = require "sluice.core"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"

local function definition(changes)
  local made = {
    name = "demo", version = "1.0.0", summary = "Shows every kind of parameter",
    params = {
      { name = "bucket_name", help = "where to", example = "b" },
      { name = "count", type = "integer", default = 3 },
      { name = "ratio", type = "number", default = 0.5 },
      { name = "full", type = "boolean", default = false },
      { name = "mode", type = "enum", values = { "S3", "FTP" }, default = "S3" },
      { name = "audiences", type = "list", example = { "a", "b" } },
      { name = "password", type = "secret", env = "DEMO_PASSWORD", help = "the password", example = "pw" },
      { name = "host", env = "DEMO_HOST", help = "the server", example = "h.example.com" },
    },
    run = function(ctx, params) return { ctx = ctx, params = params } end,
  }
  for key, value in pairs(changes or {}) do made[key] = value ~= "none" and value or nil end
  return made
end

local demo = recipe.new(definition())

local function no_env() return nil end
local ENV = { DEMO_PASSWORD = "secret-word", DEMO_HOST = "env.example.com" }
local function env(name) return ENV[name] end

local function resolve(...)
  return (recipe.resolve(demo, { ... }, { env = env }))
end

local BASE = { "--bucket-name", "x", "--audiences", "a" }
local function with(...)
  return resolve(table.unpack(table.move({ ... }, 1, select("#", ...), #BASE + 1,
    table.move(BASE, 1, #BASE, 1, {}))))
end

describe("a recipe's options", function()
  it("come as two words or one", function()
    assert.equal("x", with().bucket_name)
    assert.equal("y=z", resolve("--bucket-name=y=z", "--audiences=a").bucket_name)
  end)

  it("become values of their type", function()
    local params = with("--count", "-12", "--ratio=2.5", "--full", "--mode", "FTP")
    assert.equal(-12, params.count)
    assert.equal("integer", math.type(params.count))
    assert.equal(2.5, params.ratio)
    assert.is_true(params.full)
    assert.equal("FTP", params.mode)
    assert.is_false(with("--full=no").full)
  end)

  it("gather lists from commas and repetition", function()
    assert.same({ "a", "b", "c" }, with("--audiences", "b, c").audiences)
  end)

  it("fall back on the environment and the defaults", function()
    local params = with()
    assert.equal("env.example.com", params.host)
    assert.equal("arg.example.com", with("--host", "arg.example.com").host)
    assert.equal(3, params.count)
    assert.is_false(params.full)
    assert.is_true(core.secret.is(params.password))
    assert.equal("‹secret DEMO_PASSWORD›", tostring(params.password))
  end)

  for words, expected in pairs {
    ["--bucket x"] = 'demo: unknown option "--bucket"; expected .*did you mean "--bucket-name"?',
    ["stray"] = 'demo: unexpected argument "stray"$',
    ["--count many"] = 'demo: --count: got "many", expected a whole number',
    ["--count 1.5"] = "--count: got .*, expected a whole number",
    ["--ratio 1,5"] = "--ratio: got .*, expected a number",
    ["--full=perhaps"] = '--full: got "perhaps", expected true or false',
    ["--mode=ftp"] = '--mode: got "ftp", expected "S3" or "FTP"; did you mean "FTP"?',
    ["--host="] = '--host: got "", expected a value',
    ["--host"] = "--host: needs a value",
    ["--host --full"] = "--host: needs a value",
    ["--host a --host b"] = "--host: given twice",
    ["--audiences ,"] = "--audiences: got .*, expected a list such as a,b",
    ["--password hunter2"] = "--password: a secret is never an argument, .*; set DEMO_PASSWORD",
    ["--password=hunter2"] = "--password: a secret is never an argument",
    ["--password env:DEMO_NOWHERE"] =
      '--password: got "env:DEMO_NOWHERE", env:DEMO_NOWHERE: that environment variable is not set',
    ["--password=cmd:false"] = '--password: got "cmd:false", the secret from the command false: it ended with code 1',
    ["--password env:DEMO_PASSWORD --password env:DEMO_PASSWORD"] = "--password: given twice",
  } do
    it("are refused: " .. words, function()
      local args = {}
      for word in words:gmatch "%S+" do args[#args + 1] = word end
      local failure = outcome.failure(with, table.unpack(args))
      assert.equal("usage", failure.kind)
      assert.truthy(failure.message:find((expected:gsub("[%-?]", "%%%0"))), failure.message)
      assert.falsy(failure.message:find("hunter2", 1, true))
    end)
  end

  it("take secrets by reference, as options and from the environment", function()
    local function password(variables, ...)
      local args = table.move(BASE, 1, #BASE, 1, {})
      for _, word in ipairs { ... } do args[#args + 1] = word end
      return recipe.resolve(demo, args, { env = function(name) return variables[name] or env(name) end }).password
    end
    local hush = core.secret.new("hush", "hush")
    assert.is_true(hush == password({ OTHER = "hush" }, "--password", "env:OTHER"))
    assert.is_true(hush == password({ OTHER = "hush" }, "--password=env:OTHER"))
    assert.is_true(hush == password({ DEMO_PASSWORD = "cmd:printf '%s' hush" }))
    assert.is_true(hush == password({ DEMO_PASSWORD = "hush" }))
    assert.is_true(core.secret.new("", "vault:hush") == password({ DEMO_PASSWORD = "vault:hush" }))
    assert.is_true(core.secret.new("", "env:B") == password({ A = "env:B", B = "hush" }, "--password", "env:A"))
    assert.equal("‹secret DEMO_PASSWORD›", tostring(password({ OTHER = "hush" }, "--password", "env:OTHER")))
  end)

  it("are all complained about at once", function()
    local failure = outcome.failure(recipe.resolve, demo, { "--count", "x", "--hots", "y" }, { env = no_env })
    for _, part in ipairs {
      '--count: got "x", expected a whole number', 'unknown option "--hots"', 'did you mean "--host"?',
      "--bucket-name is missing", "--audiences is missing", "password is missing: set DEMO_PASSWORD",
      "--host is missing (or set DEMO_HOST)",
    } do
      assert.truthy(failure.message:find(part, 1, true), failure.message)
    end
    assert.equal("usage", failure.kind)
  end)

  it("take the word behind an unknown one for its value, and an empty variable for none", function()
    local function empty(name) return name == "DEMO_HOST" and "" or ENV[name] end
    local failure = outcome.failure(recipe.resolve, demo, { "--hots", "x", table.unpack(BASE) }, { env = empty })
    assert.falsy(failure.message:find("unexpected", 1, true), failure.message)
    assert.truthy(failure.message:find("; --host is missing (or set DEMO_HOST)", 1, true), failure.message)
  end)

  it("are a matter of configuration when only secrets are missing", function()
    local failure = outcome.failure(recipe.resolve, demo,
      { "--bucket-name", "x", "--audiences", "a", "--host", "h" }, { env = no_env })
    assert.equal("config", failure.kind)
    assert.equal("demo: password is missing: set DEMO_PASSWORD", failure.message)
  end)

  it("take their examples when emulated, and only then", function()
    local params, info = recipe.resolve(demo, { "--bucket-name", "x" }, { env = no_env, emulated = true })
    assert.equal("x", params.bucket_name)
    assert.equal("h.example.com", params.host)
    assert.same({ "a", "b" }, params.audiences)
    assert.is_true(core.secret.is(params.password))
    assert.same({ "--audiences", "DEMO_PASSWORD", "--host" }, info.examples_used)
    assert.same({}, select(2, recipe.resolve(demo, BASE, { env = env, emulated = true })).examples_used)
  end)
end)

describe("a recipe", function()
  it("is known by what made it", function()
    assert.is_true(recipe.is(demo))
    assert.is_false(recipe.is(definition()))
    assert.is_false(recipe.is "demo")
  end)

  for expected, changes in pairs {
    ["name: expected a string, got nil"] = { name = "none" },
    ["run: expected a function"] = { run = "none" },
    ["params: expected a table"] = { params = "none" },
    ["every parameter needs a name in lower_snake"] = { params = { { name = "Bucket-Name" } } },
    ["parameter a is declared twice"] = { params = { { name = "a" }, { name = "a" } } },
    ['parameter a: unknown type "int"; did you mean "integer"'] = { params = { { name = "a",
      type = "int" } } },
    ["parameter a: an enum needs its values"] = { params = { { name = "a", type = "enum" } } },
    ["parameter a: a secret needs the name"] = { params = { { name = "a", type = "secret" } } },
    ["params: expected a list"] = { params = { host = { type = "string" } } },
    ["parameter a: env: expected a string, got 5"] = { params = { { name = "a", env = 5 } } },
    ["parameter a: help: expected a string, got a table"] = {
      params = { { name = "a", help = {} } } },
    ['parameter a: unknown key "exmaple"; did you mean "example"'] = {
      params = { { name = "a", exmaple = "x" } } },
    ["parameter a: default: expected a value of type integer, got 1.5"] = {
      params = { { name = "a", type = "integer", default = 1.5 } } },
    ['parameter a: default: expected a value of type list, got "x"'] = {
      params = { { name = "a", type = "list", default = "x" } } },
    ["parameter a: default: expected a value of type boolean"] = {
      params = { { name = "a", type = "boolean", default = "no" } } },
    ["parameter a: example: expected a value of type number"] = {
      params = { { name = "a", type = "number", example = "0.5" } } },
    ["parameter a: example: expected a value of type string, got true"] = {
      params = { { name = "a", example = true } } },
    ['parameter a: default: expected "S3" or "FTP"; did you mean "FTP".*, got "ftp"'] = {
      params = { { name = "a", type = "enum", values = { "S3", "FTP" }, default = "ftp" } } },
    ['unknown key "parms"; expected .*did you mean "params"'] = { parms = {} },
    ["parameter a: a secret has no default"] = {
      params = { { name = "a", type = "secret", env = "A", default = "b" } } },
  } do
    it("is refused at its own line: " .. expected, function()
      local ok, message = pcall(function()
        local made = recipe.new(definition(changes))
        return made
      end)
      assert.is_false(ok)
      assert.truthy(message:find("recipe_spec.lua:%d+: sluice.recipe: " .. expected), message)
    end)
  end

  it("explains itself", function()
    local usage = recipe.usage(demo)
    for _, part in ipairs {
      "demo 1.0.0: Shows every kind of parameter\n", "--bucket-name TEXT  where to (such as b)\n",
      "--count N", "(default 3)", "--mode WORD", "(S3, FTP; default S3)", "--audiences A,B ", "such as a,b",
      "--host TEXT", "the server (or DEMO_HOST; such as h.example.com)",
      "Secrets, from the environment, or by a REF: env:NAME, file:PATH, cmd:PROGRAM\n"
        .. "  DEMO_PASSWORD, --password REF  the password\n",
    } do
      assert.truthy(usage:find(part, 1, true), part .. "\n" .. usage)
    end
    assert.equal("\n", usage:sub(-1))
    assert.falsy(usage:find "\n\n$")
  end)

  it("runs with a context and names the examples it used", function()
    local lines, applied = {}, nil
    local aep, step = { "aep" }, function() end
    local running = recipe.new(definition { run = function(ctx, params)
      ctx.log("hello " .. params.host)
      return ctx.apply { apply = function(_, connection, options)
        applied = { connection, options.on_step }
        return { created = 5 }
      end }
    end })
    local result = recipe.execute(running, { aep = aep, args = { "--host", "h" }, emulated = true,
      env = no_env,
      on_step = step, log = function(line) lines[#lines + 1] = line end })
    assert.same({ created = 5 }, result)
    assert.equal(aep, applied[1])
    assert.equal(step, applied[2])
    assert.same({ "not given, so the recipe's examples are used: --bucket-name, --audiences, DEMO_PASSWORD",
      "hello h" }, lines)
  end)

  it("may return nothing", function()
    local silent = recipe.new(definition { params = {}, run = function() end })
    assert.same({}, recipe.execute(silent, { aep = {} }))
  end)
end)
