--- `sluice new`, `sluice check`, `sluice test`: what they write, find and run, as a user sees it.

local catalog = require "sluice.catalog"
local cjson = require "cjson"
local files = require "support.files"
local program = require "support.program"

--- A command line in a folder; both streams.
local function shell(folder, line, environment)
  local script = program.write(program.folder(), "line.sh", "cd '" .. folder .. "' || exit 99\n" .. line .. "\n")
  local result = program.run({ script }, { program = "sh", env = environment })
  return result.code, result.out, result.err
end

local function sluice(folder, line, environment)
  return shell(folder, "'" .. program.PATH .. "' " .. line, environment)
end

--- A folder with these files.
local function folder_of(content)
  local folder = program.folder()
  for name, text in pairs(content) do program.write(folder, name, text) end
  return folder
end

--- What a test of this body comes to.
local function run_test(body, more)
  local content = { ["x_test.lua"] = 'local sluice = require "sluice"\n' .. body }
  for name, text in pairs(more or {}) do content[name] = text end
  return sluice(folder_of(content), "test")
end

local RECIPE = [[
local sluice = require "sluice"
return sluice.recipe { name = "r", version = "1.0.0", summary = "r",
  params = { { name = "text", example = "example" }, { name = "count", type = "integer", default = 1 },
    { name = "words", type = "list", required = false },
    { name = "key", type = "secret", env = "R_KEY", example = "example" } },
  run = function(ctx, params)
    ctx.log("said " .. params.text)
    ctx.output { words = params.words, sure = ctx.confirm "sure?" }
    return { text = params.text, count = params.count, key = #params.key, file = ctx.read "data.txt",
      part = require "part", emulated = ctx.emulated, org = os.getenv "AEP_ORG_ID", home = os.getenv "HOME" ~= nil }
  end }
]]

describe("sluice new", function()
  teardown(program.clean)

  it("writes drafts that pass check and test, for all destinations and all recipes of the library", function()
    local folder, lines = program.folder(), {}
    for _, key in ipairs(catalog.keys) do
      lines[#lines + 1] = ("'%s' new --type %s to-%s || exit 9"):format(program.PATH, key, key)
    end
    for _, path in ipairs(files.list("scripts", ".lua")) do
      local name = path:match "([%w_]+)%.lua$"
      lines[#lines + 1] = ("'%s' new --from %s my_%s || exit 9"):format(program.PATH, name, name)
    end
    assert.equal(0, (shell(folder, table.concat(lines, "\n"))))
    local code, out, err = sluice(folder, "check *.lua")
    assert.equal("", out .. err)
    assert.equal(0, code)
    code, out = sluice(folder, "test")
    assert.equal(0, code, out)
    assert.equal(4 * #catalog.keys - 2 + #files.list("scripts", ".lua"),
      math.tointeger(tonumber(out:match "\n(%d+) passed, 0 failed\n$")), out)
  end)

  it("writes a draft that runs with other values, and says what comes next", function()
    local folder = program.folder()
    local code, out, err = sluice(folder, "new --type sftp-v2 to_partner")
    assert.equal(0, code)
    assert.equal("to_partner.lua\nto_partner_test.lua\n", out)
    assert.equal("next:\n  sluice check to_partner.lua to_partner_test.lua\n  sluice test to_partner_test.lua\n"
      .. "  sluice run to_partner.lua --emulate\n", err)
    code, out = sluice(folder, "run to_partner.lua --emulate --name Mine --json")
    assert.equal(0, code)
    assert.equal("Mine", cjson.decode(out).name)
    assert.equal(2, (sluice(folder, "run to_partner.lua --emulate --first-day tomorrow")))
  end)

  it("leaves alone what is there", function()
    for _, name in ipairs { "a.lua", "a_test.lua" } do
      local folder = folder_of { [name] = "mine" }
      local code, out, err = sluice(folder, "new a")
      assert.equal(2, code)
      assert.equal("", out)
      assert.matches(name .. " is there already, and stays as it is", err, 1, true)
      assert.equal("mine", program.read(folder .. "/" .. name))
      assert.equal(name .. "\n", select(2, shell(folder, "ls")))
    end
  end)

  it("follows no link, waits for no pipe, and leaves nothing half done", function()
    for _, name in ipairs { "a.lua", "a_test.lua" } do
      for command, said in pairs { ["ln -s nowhere"] = "a link, which is not followed", mkdir = "a folder",
        mkfifo = "neither a file nor a folder" } do
        local folder = program.folder()
        shell(folder, command .. " " .. name)
        local code, _, err = sluice(folder, "new a")
        assert.equal(2, code)
        assert.equal(("sluice: %s is %s (remove it, or write elsewhere)\n"):format(name, said), err)
        assert.equal(name .. "\n", select(2, shell(folder, "ls")))
      end
    end
    local folder = program.folder()
    local code, _, err = shell(folder, "trap '' XFSZ; ulimit -f 1; '" .. program.PATH .. "' new a")
    assert.equal(1, code)
    assert.equal("sluice: cannot write a.lua: File too large\n", err)
    assert.equal("", (select(2, shell(folder, "ls -A"))))
    code, _, err = sluice(folder, "new 'no such/a'")
    assert.equal(1, code)
    assert.equal("sluice: cannot write no such/a.lua: No such file or directory (make the folder first: mkdir -p "
      .. "'no such')\n", err)
  end)

  it("takes plain names only, and knows what was meant", function()
    for words, said in pairs {
      ["'Activate S3'"] = "did you mean 'activate_s3'", ["1a"] = "did you mean 'a'", ["a_test"] = "its recipe is 'a'",
      ["sub/A_test"] = "did you mean 'sub/a'?", ["a_test_test"] = "its recipe is 'a'", ["a/"] = "ends with its folder",
      ["''"] = "NAME is missing", [".."] = "letter first (", [".lua"] = "letter first (", [""] = "NAME is missing",
      ["a --type sftpp"] = 'did you mean "sftp"', ["a --from activate_sfpt"] = "did you mean 'activate_sftp'",
      ["a b"] = "too many arguments", ["a --type sftp --from activate_sftp"] = "exclude each other",
      [("a"):rep(200)] = "is too long a name for a recipe: 200 bytes, expected at most 100 (",
    } do
      local folder = program.folder()
      local code, out, err = sluice(folder, "new " .. words)
      assert.equal(2, code, words)
      assert.equal("", out)
      assert.matches(said, err, 1, true)
      assert.equal("", select(2, shell(folder, "ls")))
    end
    assert.equal(1, (sluice(program.folder(), "new nowhere/a")))
    assert.equal(0, (sluice(program.folder(), "new a.lua")))
  end)
end)

describe("sluice check", function()
  teardown(program.clean)

  it("prints a line for each finding, or JSON", function()
    local folder = folder_of { ["a.lua"] = "\n  print(x)\n", ["b.lua"] = "local b = 1\n", ["c.lua"] = "return 1\n" }
    local code, out, err = sluice(folder, "check a.lua b.lua c.lua")
    assert.equal(1, code)
    assert.equal("", err)
    assert.equal("a.lua:2:9: error: 'x' is not defined\nb.lua:1:7: warning: 'b' is never used\n", out)
    code, out = sluice(folder, "check --json a.lua c.lua")
    assert.equal(1, code)
    assert.same({ { file = "a.lua", line = 2, column = 9, level = "error", rule = "global",
      message = "'x' is not defined" } }, cjson.decode(out))
    code, out = sluice(folder, "check --json c.lua")
    assert.equal(0, code)
    assert.equal("[]\n", out)
  end)

  it("knows recipes of the library, and standard input", function()
    assert.equal(0, (sluice(program.folder(), "check activate_sftp")))
    local code, out = sluice(program.folder(), "check - <<'X'\nprint(y)\nX")
    assert.equal(1, code)
    assert.equal("-:1:7: error: 'y' is not defined\n", out)
  end)

  it("finds the modules of a recipe from its folder, in those modules as well", function()
    local folder = folder_of { ["a.lua"] = 'return require "part.one"\n' }
    shell(folder, "mkdir part; echo 'return require \"part.two\"' >part/one.lua\n"
      .. "echo 'require \"part.no\"' >part/two.lua")
    local code, out = sluice(folder, "check a.lua part/one.lua part/two.lua")
    assert.equal(1, code)
    assert.equal("part/two.lua:1:1: error: the module 'part.no' is neither beside the file nor in the program\n", out)
  end)

  it("runs nothing, and steers no terminal", function()
    local folder = folder_of { ["a.lua"] = "io.open('made', 'w')\nos.exit(7)\n",
      ["\27[31m.lua"] = "return '\27]0;x\7' + \27" }
    local code, out = sluice(folder, "check *.lua")
    assert.equal(1, code)
    assert.is_nil(out:find "[\27\7]")
    assert.is_nil(program.read(folder .. "/made"))
  end)

  it("refuses what it cannot read", function()
    for words, said in pairs { ["missing.lua"] = "missing.lua: No such file", ["."] = "Is a directory",
      [""] = "FILE is missing", ["--jsn a"] = "did you mean" } do
      local code, out, err = sluice(program.folder(), "check " .. words)
      assert.equal(2, code, words)
      assert.equal("", out)
      assert.matches(said, err, 1, true)
    end
    local big = "head -c 17000000 /dev/zero >b.lua; '" .. program.PATH .. "' check b.lua"
    local code, _, err = shell(program.folder(), big)
    assert.equal(1, code)
    assert.matches("b.lua: larger than 16 MiB", err, 1, true)
  end)
end)

describe("sluice test", function()
  teardown(program.clean)

  it("runs recipes on the emulator, with what they were given", function()
    local code, out = run_test([[
      describe("r", function()
        it("has what it was given", function()
          local result, output = sluice.test.run("r.lua", { text = "a, b", count = 3, words = { "x, y", "z" },
            key = "sesame" })
          assert.same({ text = "a, b", count = 3, key = 6, file = "data\n", part = "a part", emulated = true,
            home = true }, result)
          assert.same({ words = { "x, y", "z" }, sure = true }, output)
          assert.same({ "said a, b", "sure?" }, sluice.test.log)
        end)
        it("has its examples and defaults", function()
          local result, output = sluice.test.run("r.lua", {}, { confirm = false })
          assert.equal("example", result.text)
          assert.equal(1, result.count)
          assert.is_false(output.sure)
        end)
        it("knows what is wrong", function()
          assert.has_error(function() sluice.test.run("r.lua", { txet = 1 }) end, { kind = "usage" })
          assert.error_matches(function() sluice.test.run("r.lua", { count = "x" }) end, "whole number")
          assert.error_matches(function() sluice.test.run("s.lua") end, "s.lua: No such file")
        end)
      end)
    ]], { ["r.lua"] = RECIPE, ["data.txt"] = "data\n", ["part.lua"] = 'return "a part"' })
    assert.equal("x_test.lua\n  ok      r: has what it was given\n  ok      r: has its examples and defaults\n"
      .. "  ok      r: knows what is wrong\n3 passed, 0 failed\n", out)
    assert.equal(0, code)
  end)

  it("begins each test anew: service, clock, modules, chance", function()
    local one = [[
      it("is as fresh as the other", function()
        local part = require "part"
        assert.is_nil(part.seen)
        part.seen = true
        assert.same({ connections = 0, sourceConnections = 0, targetConnections = 0, flows = 0, runs = 0 },
          sluice.test.emulator:counts())
        assert.equal("2030-01-01 00:00:00", os.date "!%F %T")
        assert.equal(os.time(), sluice.test.emulator:now())
        assert.equal(0, #sluice.test.log + #sluice.test.steps + #sluice.test.emulator:calls())
        io.write(math.random(1000000), " ")
        local made = sluice.test.run "activate.lua"
        io.write(made.ids.flow, "\n")
        assert.equal("target connection", sluice.test.steps[5].what)
        assert.equal(1, #sluice.test.aep.flows:list())
        assert.equal(1, #sluice.connect().flows:list())
        assert.equal(3, #sluice.test.emulator:advance "3d")
        assert.equal("2030-01-04", os.date "!%F")
        local last = sluice.test.emulator:calls()
        assert.equal("flows.list", last[#last].operation)
        sluice.test.emulator:faults { "flows.list:400" }
        assert.has_error(function() sluice.connect().flows:list() end, { kind = "service", status = 400 })
      end)
    ]]
    local code, out = run_test(one .. one, { ["part.lua"] = "return {}",
      ["activate.lua"] = files.read "scripts/activate_adobe_campaign.lua" })
    assert.equal(0, code, out)
    local first, second = out:match "^x_test.lua\n(.-)\n.-\n(.-)\n"
    assert.equal(first, second)
    assert.matches("^%d+ %x+%-%x+%-", first)
  end)

  it("looks for no credentials, and reaches nothing but this machine", function()
    local folder = folder_of { ["x_test.lua"] = [[
      local sluice = require "sluice"
      it("has none", function()
        assert.is_nil(os.getenv "AEP_ORG_ID")
        assert.equal("prod", sluice.connect().sandbox)
      end)
      it("stays here", function()
        for _, url in ipairs { "https://platform.adobe.io", "https://127.0.0.1.example.com", "http://[fe80::1]/" } do
          assert.error_matches(function() sluice.connect { base_url = url }.flows:list() end, "this machine")
          assert.error_matches(function() require "sluice.core".http.request { url = url } end, "this machine")
        end
      end)
    ]] }
    local code, out = sluice(folder, "test", { AEP_ORG_ID = "X@AdobeOrg", AEP_SANDBOX = "dev",
      AEP_BASE_URL = "https://platform.adobe.io" })
    assert.equal(0, code, out)
  end)

  it("shows what was expected, and where", function()
    local code, out = run_test [[
      it("one", function() assert.equal(1, 2, "a message") end)
      it("two", function() assert.same({ a = { 1, 2 }, b = "x" }, { a = { 1, 3 }, b = "x" }) end)
      it("three", function() local x x.y = 1 end)
      it("four", function() require "sluice.core".error.raise("config", "because") end)
      it("five", function() error { a = 1 } end)
      it("six", function() assert.is_equl(1, 1) end)
      it("seven", function() assert(nil, "so") end)
      it("eight", function() assert.has_error(function() end) end)
    ]]
    assert.equal(1, code)
    assert.equal([[
x_test.lua
  FAILED  one
          x_test.lua:2: a message
          expected: 1
               got: 2
  FAILED  two
          x_test.lua:3: expected (-) and got (+):
            {
              a = {
                1,
          -     2,
          +     3,
              },
              b = "x",
            }
  FAILED  three
          x_test.lua:4: attempt to index a nil value (local 'x')
  FAILED  four
          x_test.lua:5: error: because
  FAILED  five
          x_test.lua:6: error: {
            a = 1,
          }
  FAILED  six
          x_test.lua:7: error: assert has no 'is_equl'; did you mean 'equal'?
  FAILED  seven
          x_test.lua:8: so
  FAILED  eight
          x_test.lua:9: expected an error, and there was none
0 passed, 8 failed
]], out)
  end)

  it("speaks TAP, and runs those that are asked for", function()
    local folder = folder_of { ["x_test.lua"] = 'describe("a", function() it("#1", function() end)\n'
      .. 'it("two", function() assert.is_nil(1) end) pending "three" it("four", function() pending "later" end) end)',
      ["y_test.lua"] = 'it("fi\\n\\27[ve", function() end)' }
    local code, out = sluice(folder, "test --tap")
    assert.equal(1, code)
    assert.equal("# x_test.lua\nok 1 - x_test.lua: a: \\#1\nnot ok 2 - x_test.lua: a: two\n"
      .. "# x_test.lua:2: expected: nil\n#      got: 1\nok 3 - x_test.lua: a: three # SKIP to be written\n"
      .. "ok 4 - x_test.lua: a: four # SKIP later\n# y_test.lua\nok 5 - y_test.lua: fi <U+001B>[ve\n1..5\n"
      .. "# 2 passed, 1 failed, 2 pending\n", out)
    code, out = sluice(folder, "test --filter '#1' x_test.lua y_test.lua")
    assert.equal(0, code)
    assert.equal("x_test.lua\n  ok      a: #1\ny_test.lua\n1 passed, 0 failed\n", out)
    local err
    code, out, err = sluice(folder, "test --filter nothing")
    assert.equal(1, code)
    assert.matches("0 passed, 0 failed\n$", out)
    assert.matches("no test was run", err)
  end)

  it("does what stands before and after each test, whatever becomes of it", function()
    local _, out = run_test [[
      local function say(text) return function() io.write(text, " ") end end
      before_each(say "a")
      after_each(say "z")
      describe("in", function()
        before_each(say "b")
        after_each(say "y")
        it("passes", say "1")
        it("fails", function() say "2" () error "x" end)
      end)
      it("is outside", say "3")
      describe("after", function()
        after_each(function() error "later" end)
        it("is spoilt", say "4")
      end)
    ]]
    assert.matches("FAILED  after: is spoilt\n +x_test.lua:13: later\n", out)
    assert.matches("^x_test.lua\na b 1 y z   ok .-\na b 2 y z   FAILED  in: fails\n.-\na 3 z   ok      is outside\n",
      out)
  end)

  it("goes on after a file that is none, and after tests that end the program", function()
    local folder = folder_of { ["a_test.lua"] = "describe(", ["b_test.lua"] = 'error "x"', ["c_test.lua"] = "\27Lua",
      ["d_test.lua"] = 'it("ends", function() os.exit(0) end)', ["e_test.lua"] = 'it("goes on", function() end)',
      ["f_test.lua"] = 'it("nests", function() it("x", function() end) end)', ["g_test.lua"] = "return '\0'\0" }
    local code, out = sluice(folder, "test")
    assert.equal(1, code)
    assert.matches("a_test.lua:1: ", out, 1, true)
    assert.matches("b_test.lua:1: x", out, 1, true)
    assert.matches("c_test.lua: compiled Lua; expected Lua source text", out, 1, true)
    assert.matches("d_test.lua:1: a test cannot end the program", out, 1, true)
    assert.matches("  ok      goes on", out, 1, true)
    assert.matches("it stands outside of tests, not in one", out, 1, true)
    assert.matches("\n1 passed, 6 failed\n$", out)
  end)

  it("is ended by Ctrl-C, in the middle of a test", function()
    for _, body in ipairs { "while true do end", 'require "sluice".sleep(60)',
      'assert.has_error(function() require "sluice".sleep(60) end)' } do
      local folder = folder_of { ["x_test.lua"] = 'it("passes", function() end)\nit("spins", function() print "now" '
        .. 'io.stdout:flush() ' .. body .. ' end)\nit("never", function() end)' }
      local process <close> = program.start { "test", folder .. "/x_test.lua" }
      assert.is_true(process:says "now")
      process:signal "INT"
      assert.equal(130, process:wait())
      assert.matches("\n1 passed, 0 failed\n$", process:output())
    end
  end)

  it("refuses what it cannot run", function()
    for words, said in pairs { [""] = "no file *_test.lua in this folder", ["missing_test.lua"] = "No such file",
      ["."] = "Is a directory", ["--tpa"] = "did you mean" } do
      local code, out, err = sluice(program.folder(), "test " .. words)
      assert.equal(2, code, words)
      assert.equal("", out)
      assert.matches(said, err, 1, true)
    end
  end)
end)

describe("the README's tour of writing a recipe", function()
  teardown(program.clean)

  it("goes as printed", function()
    local session = assert(files.read("README.md"):match "## Writing your own recipe\n.-```text\n(%$ sluice new.-)```")
    local folder, count = program.folder(), 0
    shell(folder, "mkdir bin && ln -s '" .. program.PATH .. "' bin/sluice")
    for line, expected in (session .. "$ "):gmatch "%$ ([^\n]+)\n(.-)%f[$\0]" do
      local _, out = shell(folder, "PATH=\"$PWD/bin:$PATH\"\n(" .. line .. ") 2>&1")
      assert.equal(expected, out, line)
      count = count + 1
    end
    assert.is_true(count >= 5)
  end)
end)
