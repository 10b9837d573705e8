--- Recipes that are held to their permissions, from a folder and from a bundle, by the program as people run it.

local files = require "support.files"
local program = require "support.program"
local tmux = require "support.tmux"

--- A recipe with these permissions and this work.
local function recipe(permissions, work)
  return ([[
local sluice = require "sluice"
return sluice.recipe { name = "tries", version = "1.0.0", summary = "Tries", params = {}, %s
  run = function(ctx)
    local aep = ctx.aep
    %s
    print "done"
  end }
]]):format(permissions and "permissions = " .. permissions .. "," or "", work)
end

--- One entry for each kind of permission: what needs it, how it is declared, what is told without, and whether it
--- happened.
local KINDS = {
  { name = "create", work = [[aep.connections:create { name = "n", connectionSpec = { id = "x", version = "1.0" } }]],
    without = '{ operations = { "read" } }', told = "the operation create; permitted: read",
    with = '{ operations = { "create" } }', sent = '"POST"' },
  { name = "delete", work = [[aep.flows:delete "c0ffee00-0000-4000-8000-000000000000"]],
    told = "the operation delete; permitted: read, create, update", with = '{ operations = { "read", "delete" } }',
    sent = '"DELETE"' },
  { name = "sandbox", work = [[sluice.connect { sandbox = "dev" }.flows:list()]],
    told = "the sandbox dev; permitted: prod", with = '{ sandboxes = { "dev" } }', sent = '"GET"' },
  { name = "host", work = [[sluice.connect { base_url = "http://127.0.0.1:9" }.flows:list()]],
    told = "the host 127.0.0.1:9; permitted: 127.0.0.1:", with = '{ hosts = { "127.0.0.1:9" } }' },
  { name = "read", work = [[assert(io.open "given"):close()]], told = "reading given; permitted: none",
    with = '{ paths = { read = { "given" } } }' },
  { name = "write", work = [[assert(io.open("made", "w")):close()]], told = "writing made; permitted: none",
    with = '{ paths = { write = { "made" } } }', made = true },
  { name = "environment", work = [[assert(os.getenv "HOME")]], told = "reading the environment variable HOME",
    with = '{ environment = { "HOME" } }' },
  { name = "program", work = [[assert(io.popen "echo x > made"):close()]], told = "running a program, echo x > made",
    with = "{ commands = true }", made = true },
}

describe("restricted", function()
  teardown(program.clean)

  --- Runs a recipe in a folder of its own, from the folder or as a bundle; gives what the emulator heard, too.
  local function run(text, form)
    local folder = program.folder()
    local name = "tries.lua"
    program.write(folder, name, text)
    program.write(folder, "given", "x")
    local prefix = "env -C " .. folder
    if form == "bundle" then
      local made = program.run({ "bundle", name }, { prefix = prefix })
      assert.equal(0, made.code, made.err)
      name = "tries.sluice"
    end
    local words = { "run", form == "bundle" and "--trust" or "--restrict", "--emulate", "--attempts", "1",
      "--journal", "journal", name }
    local result = program.run(words, { prefix = prefix })
    result.journal, result.made = program.read(folder .. "/journal") or "", program.read(folder .. "/made") ~= nil
    return result
  end

  for _, kind in ipairs(KINDS) do
    for _, form in ipairs { "folder", "bundle" } do
      it(("%s: what is not declared is stopped, from a %s"):format(kind.name, form), function()
        local result = run(recipe(kind.without, kind.work), form)
        assert.equal(1, result.code, result.err)
        assert.is_truthy(result.err:find("not permitted: " .. kind.told, 1, true), result.err)
        assert.is_truthy(result.err:find("(a recipe declares what it needs: permissions = {", 1, true), result.err)
        assert.is_nil(result.out:find("done", 1, true))
        assert.is_false(result.made)
        assert.equal("", result.journal)
      end)
    end

    it(kind.name .. ": what is declared happens", function()
      local result = run(recipe(kind.with, kind.work), "folder")
      assert.is_nil(result.err:find("not permitted", 1, true), result.err)
      assert.equal(kind.made or false, result.made)
      if kind.sent then assert.is_truthy(result.journal:find(kind.sent, 1, true), result.journal) end
    end)
  end

  it("recipes of the library do their work", function()
    for _, path in ipairs(files.list("scripts", ".lua")) do
      local result = program.run { "run", "--restrict", "--emulate", path }
      assert.equal(0, result.code, path .. ": " .. result.err)
    end
  end)

  it("recipes are trusted without --restrict", function()
    local folder = program.folder()
    program.write(folder, "tries.lua", recipe(nil, [[assert(io.popen "echo x > made"):close()]]))
    local result = program.run({ "run", "--emulate", "tries.lua" }, { prefix = "env -C " .. folder })
    assert.equal(0, result.code, result.err)
    assert.is_truthy(program.read(folder .. "/made"))
  end)

  it("no command runs a bundle any other way", function()
    local folder = program.folder()
    local text = ("os.execute 'touch %s/ran'\n"):format(folder) .. recipe(nil, "")
    program.write(folder, "tries.lua", text)
    local made = program.run({ "bundle", "tries.lua", "-o", "evil.sluice" }, { prefix = "env -C " .. folder })
    assert.equal(0, made.code, made.err)
    os.remove(folder .. "/ran") -- who bundles runs the recipe's file
    for _, words in ipairs { { "run", "--trust", "--emulate" }, { "run", "--trust", "--help" }, { "preview" },
      { "check" }, { "test" },
      { "bundle", "--list" }, { "bundle", "--verify" }, { "bundle", "--extract" }, { "bundle" },
      { "recipes", "show" }, { "emulate" }, {} } do
      words[#words + 1] = "evil.sluice"
      program.run(words, { prefix = "env -C " .. folder })
      assert.is_nil(program.read(folder .. "/ran"), table.concat(words, " "))
    end
  end)

  it("parameters read no secret of the environment into plain sight", function()
    local folder = program.folder()
    program.write(folder, "tries.lua", [[
      local reads = 0
      local flipping = setmetatable({ name = "x", default = "none" }, { __index = function(_, key)
        reads = reads + 1
        if key == "env" and reads > 1 then return "AEP_CLIENT_SECRET" end
      end })
      local given = { name = "tries", version = "1.0.0", summary = "Tries", params = { flipping } }
      function given.run(ctx) print("x is " .. ctx.params.x) end
      local made = require("sluice").recipe(given)
      if PLAIN then given.params[1] = { name = "x", env = "AEP_CLIENT_SECRET" } end
      return made]])
    local options = { secrets = program.CREDENTIALS }
    local result = program.run({ "run", "--restrict", "--emulate", folder .. "/tries.lua" }, options)
    assert.equal("x is none\n", result.out, result.err)
    program.write(folder, "tries.lua", "PLAIN = true\n" .. program.read(folder .. "/tries.lua"))
    result = program.run({ "run", "--restrict", "--emulate", folder .. "/tries.lua" }, options)
    assert.equal(1, result.code)
    assert.is_nil((result.out .. result.err):find(program.SECRET, 1, true))
    assert.is_truthy(result.err:find("not permitted: reading AEP_CLIENT_SECRET into the parameter x", 1, true))
  end)

  it("loops end by Ctrl-C, whatever catches errors around them", function()
    local folder = program.folder()
    for name, loop in pairs {
      plain = "while true do pcall(function() while true do end end) end",
      coroutine = "coroutine.wrap(function() while true do pcall(function() while true do end end) end end)()",
      handler = "while true do xpcall(function() while true do end end, function() return 1 end) end",
      resume = [[
        while true do coroutine.resume(coroutine.create(function() while true do end end)) end]],
      closed = [[
        while true do
          pcall(function()
            local _ <close> = setmetatable({}, { __close = function(_, failure) failure.kind = "io" end })
            while true do end
          end)
        end]],
      tasks = [[
        local sluice = require "sluice"
        while true do sluice.try(sluice.map, { 1, 2, 3 }, function() while true do end end) end]],
      task = [[require("sluice").all { function() while true do pcall(function() while true do end end) end end }]],
    } do
      local script = program.write(folder, name .. ".lua", "print 'go' io.stdout:flush()\n" .. loop)
      local process <close> = program.start { "run", "--restrict", script }
      assert.is_true(process:says "go", process:errors())
      process:signal "INT"
      assert.equal(130, process:wait(), name)
    end
  end)

  it("a terminal is not steered", function()
    local folder = program.folder()
    local script = program.write(folder, "steer.lua",
      [[print "\27[2Jover \u{202E}there" io.write("\27]0;title\7", "end\n") io.stderr:write "\27[1mloud\n"]])
    local terminal <close> = tmux.start({ "run", "--restrict", script })
    terminal:sees "\\x1b[2Jover \\u{202e}there"
    terminal:sees "\\x1b]0;title\\aend"
    terminal:sees "\\x1b[1mloud"
  end)
end)
