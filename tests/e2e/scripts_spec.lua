--- Plain scripts: arguments, exit codes, signals, errors, as a Unix programmer expects them.

local program = require "support.program"

local folder

--- Runs Lua text as a script.
local function script(text, words, options)
  local path = program.write(folder, "script.lua", text)
  return program.run({ path, table.unpack(words or {}) }, options), path
end

describe("a script", function()
  setup(function() folder = program.folder() end)
  teardown(program.clean)

  it("gets its arguments in arg and in ...", function()
    local text = "print(#arg, arg[1], arg[2], ...) print(arg[0], arg[-1], arg[-2])"
    local result, path = script(text, { "a b", "--own" })
    assert.are.equal(("2\ta b\t--own\ta b\t--own\n%s\t%s\tnil\n"):format(path, program.PATH), result.out)
    result = program.run { "run", path, "a b", "--own" }
    assert.are.equal(("2\ta b\t--own\ta b\t--own\n%s\trun\t%s\n"):format(path, program.PATH), result.out)
  end)

  it("gets everything after --, even our options", function()
    local result = script("print(...)", { "--profile", "p", "x", "--", "--json", "--profile" })
    assert.are.equal("x\t--json\t--profile\n", result.out)
  end)

  it("may come from standard input", function()
    local result = program.run({ "-", "word" }, { stdin = "print(arg[0], ...)" })
    assert.are.equal("-\tword\n", result.out)
    result = program.run({ "run", "-" }, { stdin = "x = = 1" })
    assert.are.equal("sluice: stdin:1: unexpected symbol near '='\n", result.err)
  end)

  it("runs by its first line", function()
    local path = program.write(folder, "tool", "#!/usr/bin/env " .. program.PATH .. "\nprint('here', ...)\n")
    os.execute("chmod +x " .. path)
    local result = program.run({ "one" }, { program = path })
    assert.are.equal("here\tone\n", result.out)
    assert.are.equal(0, result.code)
  end)

  it("has line numbers that count the first line", function()
    local result = script "#!/usr/bin/env sluice\nerror 'second line'"
    assert.is_truthy(result.err:find("script.lua:2: second line", 1, true))
  end)

  it("decides the exit code", function()
    assert.are.equal(0, script("").code)
    assert.are.equal(7, script("os.exit(7)").code)
    assert.are.equal(1, script("os.exit(false)").code)
    assert.are.equal(1, script("error 'no'").code)
    assert.are.equal(1, script("error {}").code)
    assert.are.equal(1, script("error()").code)
  end)

  it("ends with the code of its error's kind", function()
    local codes = {
      usage = 2, config = 3, auth = 3, http = 5, limit = 5, json = 1, patch = 1, recipe = 1, io = 1, internal = 6,
    }
    for kind, code in pairs(codes) do
      local result = script(("require('sluice').error.raise(%q, 'the reason')"):format(kind))
      assert.are.equal(code, result.code, kind)
      assert.is_truthy(result.err:find "^sluice: the reason", result.err)
    end
    for status, code in pairs { [400] = 4, [404] = 4, [500] = 5, [503] = 5 } do
      local text = "require('sluice').error.raise('service', 'refused', { status = %d })"
      assert.are.equal(code, script(text:format(status)).code)
    end
  end)

  it("that fails with a plain message shows where, with a traceback", function()
    local result = script "local function inner() error 'boom' end\ninner()"
    assert.is_truthy(result.err:find "^sluice: .-script.lua:1: boom\nstack traceback:\n", result.err)
  end)

  it("that meets a defect of ours is told so, with a traceback and code 6", function()
    local result = script "require('sluice.cli.text').schedule(nil)"
    assert.are.equal(6, result.code)
    assert.is_truthy(result.err:find "^sluice: lua/sluice/cli/text.lua:%d+: .-a defect of Sluice.-\nstack traceback:")
  end)

  it("that fails within a task shows the task's own traceback", function()
    local result = script "local function inner() error 'boom' end\nrequire('sluice').all { function() inner() end }"
    assert.is_truthy(result.err:find "^sluice: .-script.lua:1: boom\nstack traceback:\n.-script.lua:1: in ", result.err)
    assert.are.equal(1, select(2, result.err:gsub("stack traceback", "")))
    assert.are.equal(1, result.code)
  end)

  it("with a syntax error gets one line with its place", function()
    local result, path = script "local x =\nlocal y = 2"
    assert.are.equal(("sluice: %s:2: unexpected symbol near 'local'\n"):format(path), result.err)
    assert.are.equal(1, result.code)
    assert.are.equal("", result.out)
  end)

  it("may not be compiled Lua", function()
    local result, path = script(string.dump(load "print 'ran'"))
    assert.are.equal(("sluice: %s: compiled Lua; expected Lua source text\n"):format(path), result.err)
    assert.are.equal(1, result.code)
    result = script("print(load(string.dump(function() end), 'chunk', 't'))")
    assert.is_truthy(result.out:find "^nil")
  end)

  it("may not be of any size", function()
    local path = program.write(folder, "big.lua", (" "):rep(16 * 1024 * 1024 + 1))
    local result = program.run { path }
    assert.are.equal(("sluice: %s: larger than 16 MiB, no script is\n"):format(path), result.err)
  end)

  it("loads no code from the working directory or LUA_PATH", function()
    program.write(folder, "evil.lua", "print 'evil'")
    local path = program.write(program.folder(), "script.lua", "print(pcall(require, 'evil'))")
    local env = { LUA_PATH = folder .. "/?.lua", LUA_INIT = "print 'evil'", LUA_PATH_5_4 = folder .. "/?.lua" }
    local result = program.run({ path }, { env = env, prefix = "cd " .. folder .. " &&" })
    assert.is_truthy(result.out:find "^false", result.out)
    assert.is_nil(result.out:find("evil\n", 1, true))
  end)

  it("finds modules beside it, wherever the user stands", function()
    local beside = program.folder()
    program.write(beside, "helper.lua", "return { name = ..., line = function() error 'here' end }")
    local path = program.write(beside, "script.lua", "local h = require 'helper' print(h.name) h.line()")
    local result = program.run({ path }, { prefix = "cd / &&" })
    assert.are.equal("helper\n", result.out)
    assert.are.equal(("sluice: %s/helper.lua:1: here\n"):format(beside), result.err:match "^[^\n]*\n")
  end)

  it("cannot steer the terminal by its error", function()
    local result = script [[error("a\27[31mb\7\194\155c", 0)]]
    assert.is_truthy(result.err:find("a<U+001B>[31mb<U+0007><U+009B>c", 1, true), result.err)
    assert.is_nil(result.err:find "[\0-\8\11-\31]")
  end)

  it("ends with requests under way, also when a finalizer waits", function()
    local result = script [[
      local core = require "sluice.core"
      Last = setmetatable({}, { __gc = function() core.task.sleep(0.01) end })
      local listener = core.listener.new {}
      local url = "http://127.0.0.1:" .. listener.port
      local client = core.client.new { base_url = url, ims_url = url, org = "o", sandbox = "s", client_id = "i",
        client_secret = "s" }
      for _ = 1, 3 do core.task.spawn(client.request, client, { path = "/x" }) end
      core.task.spawn(core.http.request, { url = url })
      core.task.spawn(listener.accept, listener)
      core.task.sleep(0.01)
      print "end"]]
    assert.are.equal("end\n", result.out)
    assert.are.equal(0, result.code)
  end)

  it("may use the modules of the house and lua-cjson", function()
    local result = script [[
      local sluice, cjson = require "sluice", require "cjson"
      print(sluice.json.encode { a = cjson.null }, sluice.json.null == cjson.null)]]
    assert.are.equal('{"a":null}\ttrue\n', result.out)
  end)

  it("ends quietly when its reader goes away", function()
    local path = program.write(folder, "script.lua", "while true do print 'line' end")
    local command = "(timeout 20 %s %s 2>%s/err; echo $? >%s/code) | head -n 1"
    local pipe = assert(io.popen(command:format(program.PATH, path, folder, folder)))
    assert.are.equal("line\n", pipe:read "a")
    pipe:close()
    assert.are.equal("", program.read(folder .. "/err"))
    assert.are.equal("141\n", program.read(folder .. "/code"))
  end)

  it("survives another program that stops reading from it", function()
    local result = script [[
      local pipe = io.popen("exec true", "w")
      pipe:setvbuf "no"
      os.execute "sleep 0.1"
      print(pipe:write "unread")]]
    assert.is_truthy(result.out:find("Broken pipe", 1, true), result.out .. result.err)
    assert.are.equal(0, result.code)
  end)
end)

describe("Ctrl-C", function()
  setup(function() folder = program.folder() end)
  teardown(program.clean)

  local function interrupted(text, signal)
    local path = program.write(folder, "script.lua", "print 'started' io.stdout:flush()\n" .. text)
    local process = program.start { path }
    assert.is_true(process:says "started")
    process:signal(signal or "INT")
    return process:wait(), process
  end

  it("ends a loop with code 130 and one line", function()
    local code, process = interrupted "while true do end"
    assert.are.equal(130, code)
    assert.are.equal("sluice: interrupted\n", process:errors())
  end)

  it("ends a wait", function()
    local code, process = interrupted "require('sluice').sleep(60)"
    assert.are.equal(130, code)
    assert.are.equal("sluice: interrupted\n", process:errors())
  end)

  it("ends a loop within a task", function()
    assert.are.equal(130, (interrupted "require('sluice').all { function() while true do end end }"))
  end)

  it("ends a wait within a task", function()
    assert.are.equal(130, (interrupted "local s = require 'sluice' s.all { function() s.sleep(60) end }"))
  end)

  it("ends the program also when it comes while another task runs", function()
    local code, process = interrupted [[
      local task = require("sluice.core").task
      task.spawn(function() while true do end end)
      task.sleep(60)]]
    assert.are.equal(130, code)
    assert.are.equal("sluice: interrupted\n", process:errors())
  end)

  it("can be caught where a task is waited for, once", function()
    local code, process = interrupted [[
      local task = require("sluice.core").task
      local busy = task.spawn(function() while true do end end)
      print((pcall(busy.wait, busy)))
      task.sleep(0.001)
      print "went on"]]
    assert.are.equal(0, code)
    assert.are.equal("started\nfalse\nwent on\n", process:output())
  end)

  it("can be caught once, and what follows goes on", function()
    local code, process = interrupted [[
      local s = require "sluice"
      local _, err = s.try(s.sleep, 60)
      for _ = 1, 1000 do s.json.encode {} end
      print(err.kind, tostring(err))]]
    assert.are.equal(0, code)
    assert.are.equal("started\ninterrupted\tinterrupted\n", process:output())
  end)

  it("twice ends the process at once", function()
    local path = program.write(folder, "script.lua", [[
      print "started" io.stdout:flush()
      while true do
        pcall(function() while true do end end)
        print "caught" io.stdout:flush()
      end]])
    local process = program.start { path }
    assert.is_true(process:says "started")
    process:signal "INT"
    assert.is_true(process:says "caught")
    process:signal "INT"
    local code = process:wait()
    process:signal "KILL"
    assert.are.equal(130, code)
    assert.are.equal("", process:errors())
  end)

  it("stays ignored where the shell says so", function()
    local path = program.write(folder, "script.lua", [[
      print "started" io.stdout:flush()
      local start = os.clock()
      repeat until os.clock() - start > 0.3
      print "done"]])
    local process = program.start({ path }, { signals = "--ignore-signal=INT" })
    assert.is_true(process:says "started")
    process:signal "INT"
    assert.are.equal(0, process:wait())
    assert.are.equal("started\ndone\n", process:output())
  end)

  it("has a sister: SIGTERM ends with code 143", function()
    assert.are.equal(143, (interrupted("while true do end", "TERM")))
  end)
end)
