--- The prompt without a terminal: the same, and silent. And what it is given away: saved scripts, help's examples.

local examples = require "sluice.repl.examples"
local program = require "support.program"

local function session(text, options)
  options = options or {}
  options.stdin = text
  return program.run({ "repl", "--emulate", "--clock", "2030-01-01T00:00Z" }, options)
end

--- Runs lines that go well, and gives what they print.
local function printed(text)
  local result = session(text)
  assert.are.equal("", result.err)
  assert.are.equal(0, result.code)
  return result.out
end

describe("sluice without arguments and without a terminal", function()
  teardown(program.clean)

  it("runs a script from standard input, as lua does", function()
    local result = program.run({}, { stdin = "local a = 1\nprint(a, ...)\nstring.rep('x', 2)" })
    assert.are.same({ code = 0, out = "1\n", err = "" }, result)
    assert.are.same({ code = 0, out = "", err = "" }, program.run {})
  end)

  it("fails as a script does", function()
    local result = program.run({}, { stdin = "error 'no'" })
    assert.are.equal(1, result.code)
    assert.is_truthy(result.err:find "^sluice: stdin:1: no\n")
  end)
end)

describe("sluice repl without a terminal", function()
  teardown(program.clean)

  it("prints values and nothing else", function()
    assert.are.equal('2\n"a"\n{ 1, 2 }\nnil\n3\n"x"\n', printed '1 + 1\n"a"\n{ 1, 2 }\nnil\n=3\nx = 1\n"x"\n')
  end)

  it("keeps results and outermost locals", function()
    assert.are.equal("5\n6\n11\n5\n", printed "local x = 5\nx\nx + 1\n_ + x\n_1\n")
    assert.are.equal("nil\n2\n", printed "return nil, 2\n")
  end)

  it("reads a text until it is complete", function()
    assert.are.equal("1\n2\n3\n", printed "for i = 1, 2 do\nprint(i)\nend\n(1 +\n2)\n")
    assert.are.equal("1\n", printed "#!/usr/bin/env sluice\n1")
  end)

  it("goes on after errors, and ends with code 1", function()
    local result = session "error 'one'\nx +\n)\n1\naep.flows:get 'none'\n:nope\n{} .. 1\nerror {}"
    assert.are.equal(1, result.code)
    assert.are.equal("1\n", result.out)
    local lines = {}
    for line in result.err:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.are.equal("error: prompt:1: one", lines[1])
    assert.are.equal("error: prompt:2: unexpected symbol near ')'", lines[2])
    assert.is_truthy(lines[3]:find("error: GET http://127.0.0.1:", 1, true))
    assert.is_truthy(lines[3]:find("404", 1, true))
    assert.are.equal("error: there is no command :nope (:help lists them)", lines[4])
    assert.are.equal("error: prompt:1: attempt to concatenate a table value", lines[5])
    assert.are.equal("error: a table was raised; :trace shows it", lines[6])
  end)

  it("says so when the text ends too early", function()
    local result = session "for i = 1, 2 do"
    assert.are.equal(1, result.code)
    assert.are.equal("error: prompt:1: the text ends too early\n", result.err)
  end)

  it("is ended by Ctrl-C", function()
    local fifo = program.folder() .. "/in"
    assert(os.execute("mkfifo " .. fifo))
    local script = ("exec %s repl --emulate <%s"):format(program.PATH, fifo)
    local process = program.start({ "-c", script }, { program = "/bin/sh" })
    local input <close> = assert(io.open(fifo, "w"))
    input:write "print 'busy' io.stdout:flush() while true do end\n"
    input:flush()
    assert.is_true(process:says "busy")
    process:signal "INT"
    assert.are.equal(130, process:wait())
  end)

  it("shows an error's findings, a line each", function()
    local result = session "sluice.destination { name = 'x', type = 'sftp' }:apply(aep)"
    assert.is_truthy(result.err:find("\n  error    /target: missing", 1, true) or
      result.err:find("^  error    /", 1), result.err)
    assert.is_truthy(result.err:find "error: %d errors, listed above; nothing was changed\n$")
  end)

  it("writes JSON in full", function()
    assert.are.equal('[\n  1,\n  {}\n]\n{\n  "a": true\n}\n', printed ":json {1, {}}\nx = { a = true }\n:json x\n")
    assert.are.equal("7\n7\n", printed "7\n:json\n")
  end)

  it("explains", function()
    local out = printed ":help aep.flows:update\n"
    for _, text in ipairs { "aep.flows:update(id, patch, options)\n", "Changes an entity by JSON Patch.", "\nTakes\n",
      "  patch  table\n", "\nGives\n", "\nExample\n  aep.flows:update(found.id" } do
      assert.is_truthy(out:find(text, 1, true), out)
    end
    assert.are.equal(out, printed "help(aep.flows.update)\n":gsub("aep.flows.update", "aep.flows:update", 1))
    assert.is_truthy(printed("help(sluice.json)\n"):find("decode(text, source)", 1, true))
    assert.is_truthy(printed("help 'schedule.daily'\n"):find("daily(", 1, true))
    assert.is_truthy(printed("help(string.rep)\n"):find("#pdf-string.rep", 1, true))
    assert.is_truthy(printed("help\n"):find("\n  :save FILE\n", 1, true))
    assert.is_truthy(printed(":help :save\n"):find("the session as a script", 1, true))
    local result = session ":help aep.flows:updaet"
    assert.is_truthy(result.err:find("did you mean 'update'?", 1, true), result.err)
  end)

  it("explains everything in scope", function()
    local lines = {}
    for _, name in ipairs { "aep", "sluice", "sluice.schedule", "sluice.catalog", "aep.flows", "aep.audiences" } do
      lines[#lines + 1] = (":help %s\n"):format(name)
    end
    for _, name in ipairs { "connect", "destination", "recipe", "dataflow", "account", "target", "all", "try" } do
      lines[#lines + 1] = (":help sluice.%s\n"):format(name)
    end
    local out = printed(table.concat(lines))
    for line in out:gmatch "[^\n]+" do
      assert.is_true(utf8.len(line) <= 80 or line:find "^  " ~= nil, line) -- examples stay as they are
      assert.is_nil(line:find("its source says nothing", 1, true), line)
    end
  end)

  it("has examples that run", function()
    local lines = {}
    for _, row in ipairs(examples.list) do lines[#lines + 1] = row[2] .. "\n" end
    printed(table.concat(lines))
  end)

  it("shows what is known of the last error", function()
    local result = session "aep.flows:get 'none'\n:trace\n"
    for _, text in ipairs { 'kind = "service"', "status = 404", "stack traceback:" } do
      assert.is_truthy(result.out:find(text, 1, true), result.out)
    end
    assert.is_nil(result.out:find("sluice/repl", 1, true))
  end)

  it("measures", function()
    local result = session ":time aep.sandboxes:list()\n1\n"
    assert.is_truthy(result.err:find "^%-%- %d+%.%d%d%d s, %d calls?, %d+ bytes received\n$", result.err)
  end)

  it("hides secrets", function()
    assert.are.equal('"say ‹secret word›"\n{ ‹secret word› }\n',
      printed 's = sluice.secret.new("word", "open sesame")\n"say open sesame"\n{ s }\n')
  end)

  it("goes to another sandbox of the same emulator, and to a fresh one", function()
    assert.are.equal('"dev"\n"prod"\n', printed ":sandbox dev\naep.sandbox\n:emulate\n:sandbox prod\naep.sandbox\n")
    local result = session ":sandbox nowhere\naep.flows:list()\n:sandbox no where\n:emulate colour=red\n"
    assert.is_truthy(result.err:find("no sandbox is named 'nowhere'", 1, true))
    assert.is_truthy(result.err:find('error: :sandbox: "no where" is no name of a sandbox', 1, true))
    assert.is_truthy(result.err:find('no setting "colour"', 1, true))
  end)

  it("lists sandboxes, and marks the current one", function()
    assert.are.equal("  dev\n* prod\n  stage\n", printed ":sandbox\n")
  end)

  it("goes on without credentials, which only the connection needs", function()
    local result = program.run({ "repl" }, { stdin = "1\naep.flows:list()\n2\n" })
    assert.are.equal("1\n2\n", result.out)
    assert.is_truthy(result.err:find "^error: no credentials: [^\n]+\n$")
    assert.are.equal(1, result.code)
  end)

  it("refuses options that make no sense", function()
    assert.are.equal(2, program.run({ "repl", "--keys", "ed" }).code)
    assert.are.equal(2, program.run({ "repl", "--emulate", "--base-url", "http://127.0.0.1:1" }).code)
    assert.are.equal(2, program.run({ "repl", "extra" }).code)
  end)
end)

describe("a saved session", function()
  teardown(program.clean)

  local function saved(text)
    local path = program.folder() .. "/saved.lua"
    local result = session(text .. "\n:save " .. path .. "\n")
    return program.read(path), path, result
  end

  it("is a script that does the same", function()
    local text, path = saved [[
local count = #aep.connection_specs:list()
count + 1
_ * 2
aep.nothing.here
function twice(x)
  return 2 * x
end
twice(_1)
print("last", _3)
:sandbox dev
aep.sandbox]]
    assert.is_nil(text:find("nothing", 1, true))
    local run = program.run { "run", "--emulate", path }
    assert.are.equal("", run.err)
    assert.are.equal("36\nlast\t36\ndev\n", run.out)
    local pipe <close> = assert(io.popen("stat -c %a " .. path))
    assert.are.equal("600", pipe:read "l")
  end)

  it("has references in place of secrets", function()
    local text, path = saved [[
s = sluice.secret.new("SFTP_PASSWORD", "open sesame")
d = { auth = { password = "tell nobody", host = "h" } }
t = "open sesame"
print("the word is open sesame")
#t]]
    assert.is_nil(text:find("sesame", 1, true), text)
    assert.is_nil(text:find("nobody", 1, true), text)
    assert.is_truthy(text:find('sluice.secret.new("SFTP_PASSWORD", sluice.secret.env "SFTP_PASSWORD")', 1, true), text)
    assert.is_truthy(text:find('auth = { password = sluice.secret.env "PASSWORD", host = "h" }', 1, true))
    assert.is_truthy(text:find("-- It takes its secrets from these variables: PASSWORD, SFTP_PASSWORD\n", 1, true))
    assert.is_truthy(text:find("\n-- left out here: a line with a secret in it\n", 1, true))
    local secrets = { SFTP_PASSWORD = "open sesame", PASSWORD = "x" }
    local run = program.run({ "run", "--emulate", path }, { secrets = secrets })
    assert.is_nil(run.err:find("saved.lua:%d+: unexpected"), run.err)
  end)

  it("overwrites nothing", function()
    local path = program.write(program.folder(), "there.lua", "mine")
    local result = session("1\n:save " .. path .. "\n:save\n")
    assert.are.equal("mine", program.read(path))
    assert.is_truthy(result.err:find("is there already", 1, true))
    assert.is_truthy(result.err:find("expected a file", 1, true))
  end)
end)
