--- The first run of a bundle: what it may do is shown, and somebody is asked; later runs are not, until it changes.

local program = require "support.program"
local tmux = require "support.tmux"

local RECIPE = [[
return require("sluice").recipe { name = "greet", version = "1.0.0", summary = "Greets %s",
  params = { { name = "rows", type = "file", read = true, required = false } },
  permissions = { hosts = { "files.example.com" }, operations = { "read" } },
  run = function(ctx, params) ctx.output("hello " .. (params.rows or "you")) end }]]

local ASKED = { "greet.sluice holds greet 1.0.0: Greets people", "It has not been run on this machine before.",
  "  hosts: the platform and token service of the run, and, with your credentials, files.example.com",
  "  operations: read; never create",
  "  nobody has signed it" }

describe("the first run of a bundle", function()
  local folder
  before_each(function() folder = program.folder() end)
  teardown(program.clean)

  --- Runs the program where the bundle is; what was run is kept there, too.
  local function run(...)
    return program.run({ ... }, { env = { XDG_STATE_HOME = folder .. "/state" }, prefix = "cd " .. folder .. " &&" })
  end

  local function bundle(word)
    program.write(folder, "greet.lua", RECIPE:format(word or "people"))
    os.remove(folder .. "/greet.sluice")
    local made = run("bundle", "greet.lua")
    assert.equal(0, made.code, made.err)
  end

  it("is refused where nobody can be asked, and says how it is allowed", function()
    bundle()
    local result = run("run", "greet.sluice", "--emulate")
    assert.same({ 2, "" }, { result.code, result.out })
    for _, part in ipairs(ASKED) do assert.truthy(result.err:find(part, 1, true), result.err) end
    assert.truthy(result.err:find("there is no terminal to ask at (--trust runs it", 1, true), result.err)
    assert.equal(2, run("run", "greet.sluice", "--emulate").code) -- that was no leave
  end)

  it("is allowed once, and then no more asked about, until the bundle is another", function()
    bundle()
    local result = run("run", "greet.sluice", "--emulate", "--trust")
    assert.same({ 0, "hello you\n" }, { result.code, result.out })
    result = run("greet.sluice", "--emulate")
    assert.equal(0, result.code, result.err)
    assert.falsy(result.err:find("It has not been run", 1, true))
    bundle "others"
    assert.equal(2, run("run", "greet.sluice", "--emulate").code)
    bundle "people" -- the same bytes as before
    assert.equal(0, run("run", "greet.sluice", "--emulate").code)
  end)

  it("needs no leave for its help, which runs nothing, or for a preview", function()
    bundle()
    local result = run("run", "greet.sluice", "--help")
    assert.equal(0, result.code)
    assert.truthy(result.out:find("greet 1.0.0: Greets people", 1, true) and result.out:find("--rows FILE", 1, true))
    assert.truthy(run("preview", "greet.sluice").err:find("applies no destination", 1, true))
  end)

  it("is asked about at a terminal", function()
    bundle()
    for answer, code in pairs { n = 2, [""] = 2, y = 0 } do
      local terminal <close> = tmux.start({ "run", "greet.sluice", "--emulate" },
        { folder = folder, env = { XDG_STATE_HOME = program.folder() }, columns = 100 })
      terminal:sees "Run it? [y/N]:"
      for _, part in ipairs(ASKED) do terminal:sees(part) end
      if answer ~= "" then terminal:type(answer) end
      terminal:press "Enter"
      local screen = terminal:sees("ended with " .. code)
      assert.equal(code == 0, screen:find("hello you", 1, true) ~= nil, screen)
    end
  end)

  it("is one of many rows as well, whose outcome is kept though the recipe may write nothing", function()
    bundle()
    program.write(folder, "text", "them")
    program.write(folder, "rows.csv", "rows\ntext\n\"\"\n")
    local result = run("run", "greet.sluice", "--emulate", "--trust", "--params", "rows.csv", "--outcome", "out.csv",
      "--json")
    assert.equal(0, result.code, result.err)
    assert.truthy(result.out:find('"result": "hello them"', 1, true) and result.out:find('"hello you"', 1, true))
    assert.truthy(program.read(folder .. "/out.csv"):find("1,text,emulated,,\r\n", 1, true))
  end)

  it("has a sister: a recipe from a folder with --restrict", function()
    program.write(folder, "greet.lua", RECIPE:format "people")
    program.write(folder, "text", "them")
    local result = run("run", "--restrict", "greet.lua", "--emulate", "--rows", "text")
    assert.same({ 0, "hello them\n" }, { result.code, result.out })
    program.write(folder, "odd.lua", "local p = {}\n" .. RECIPE:format("x"):gsub('{ hosts = .- } },\n', "p,\n"))
    result = run("run", "--restrict", "odd.lua", "--emulate")
    assert.equal(1, result.code)
    assert.truthy(result.err:find("odd.lua:4: the permissions have to be written out", 1, true), result.err)
  end)
end)
