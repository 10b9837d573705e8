--- No secret anywhere: every way in which something comes out of the program is tried with a secret at hand, and all of
--- its output, and all files it leaves, are searched for that secret in every form.

local program = require "support.program"
local sentinel = require "support.sentinel"
local tmux = require "support.tmux"

local SECRET = sentinel.SECRET
local SHOWN = "‹secret S›"

--- The environment: the secret as the scripts' own, as the recipe's, and as the client's.
local ENV = { S = SECRET, SFTP_PASSWORD = SECRET, AEP_ORG_ID = "0123456789ABCDEF01234567@AdobeOrg",
  AEP_CLIENT_ID = "client-id", AEP_CLIENT_SECRET = SECRET, AEP_SCOPES = "openid" }

--- What every script begins with: `s` is the secret; `service(text, status)` a platform that answers so, to all but the
--- token service; `aep` a connection to it.
local HEAD = [==[
local sluice, core = require "sluice", require "sluice.core"
local s = sluice.secret.env "S"
local aep
local function service(answer, status)
  local listener = core.listener.new {}
  local url = "http://127.0.0.1:" .. listener.port
  core.task.spawn(function()
    for exchange in function() return listener:accept() end do
      local token = exchange.path:find "ims" and '{"access_token":"a-token","expires_in":9999}'
      exchange:respond(token and 200 or status or 200, {}, token or answer)
    end
  end)
  aep = sluice.connect { base_url = url, ims_url = url, token_cache = false }
end
local function hex(text, format) return (text:gsub("[^%w]", function(c) return format:format(c:byte()) end)) end
]==]

local RECIPE = "scripts/activate_sftp.lua"

--- Scripts that try to make the secret show: name, text, and what must be in the output to prove that it was shown.
local SCRIPTS = {
  { "print", "print(s)", SHOWN },
  { "print of its parts", "print(s .. 'x', 'x' .. s, s .. 1, #s)", SHOWN .. "\t" .. SHOWN .. "\t" .. SHOWN },
  { "string.format", "print(('%s %10s'):format(s, s))", SHOWN .. " " .. SHOWN },
  { "string.format %q", "print(('%q'):format(s))", "no literal form" },
  { "tostring", "io.write(tostring(s))", SHOWN },
  { "io.write", "io.write(s)", "string expected, got secret" },
  { "table.concat", "print(table.concat { 'a', s })", "invalid value" },
  { "string methods", "print(s:reverse())", "no fields or methods" },
  { "an index", "print(s.text)", "no fields or methods" },
  { "arithmetic", "print(s + 1)", "arithmetic on a secret value" },
  { "an order", "print(s < 'x')", "no order" },
  { "a call", "s()", "attempt to call a secret value" },
  { "a loop", "for _ in pairs(s) do end", "table expected, got secret" },
  { "a file name", "io.open(s)", "string expected, got secret" },
  { "another program", "os.execute(s)", "string expected, got secret" },
  { "a chunk", "load(s)", "secret" },
  { "an error", "error(s)", SHOWN },
  { "an error with its text", "error('no: ' .. tostring(s))", "no: " .. SHOWN },
  { "an error with the plain text", "error('no: ' .. os.getenv 'S')", "no: " .. SHOWN },
  { "an error object", "core.error.raise('recipe', 'no: ' .. os.getenv 'S', { hint = os.getenv 'S' })", SHOWN },
  { "assert", "assert(false, s)", SHOWN },
  { "a traceback", "local function f(x) error('no ' .. tostring(x)) end f(s)", "stack traceback" },
  { "a traceback across tasks", "core.task.spawn(function() error(s) end):wait()", SHOWN },
  { "a task that nobody waits for", "core.task.spawn(function() error(os.getenv 'S') end) core.task.sleep(0.01)",
    "a task failed" },
  { "a warning", "warn('@on') warn('no: ', tostring(s))", SHOWN },
  { "JSON", "print(sluice.json.encode { s, { s = s } })", SHOWN },
  { "JSON of what holds it by right", "print(sluice.json.encode(sluice.secret.wrap { password = os.getenv 'S' }))",
    "‹secret password›" },
  { "JSON that cannot be", "print(sluice.json.encode { s, print })", "a function has no JSON form" },
  { "a patch", "print(sluice.patch():add('/p', s):test('/p', s))", SHOWN },
  { "a comparison", "print(sluice.patch.diff({ p = 1 }, { p = s }))", SHOWN },
  { "a patch that fails", "sluice.patch():test('/p', s):apply { p = sluice.secret.new('T', 'other') }", "test" },
  { "a patch in words", "print(sluice.patch():replace('/auth/params/password', s):explain()[1])", "credentials" },
  { "a definition", "sluice.destination { name = s, type = s, auth = s, target = { path = s } }:apply()", "error" },
  { "a definition with it written out", [[
    local d = sluice.destination { name = "n", type = "adobe-campaign", auth = { password = os.getenv "S", host = 5 } }
    for _, finding in ipairs(d:validate()) do print(finding.place, finding.message) end]], "written out" },
  { "misuse of the client", "service('{}') aep:request { path = s }", "path must be a string" },
  { "misuse of headers", "service('{}') aep:request { path = '/x', headers = { ['a b'] = s } }", "name of a header" },
  { "a header with a line end", "service('{}') aep:request { path = '/x', headers = { a = s .. '\\n' } }", "control" },
  { "a query", "service('{}') aep:request { path = '/x', query = { q = s } }", "query q: expected a string" },
  { "an answer with credentials", [[
    service(core.json.encode { auth = { params = { password = os.getenv "S", sasUri = os.getenv "S" } } })
    local item = aep:request { path = "/x" }
    print(item.auth.params.password, core.json.encode(item))]], "‹secret password›" },
  { "an answer with new credentials", [[
    service(core.json.encode { SASToken = os.getenv "S", awsSessionToken = os.getenv "S", n = "plain" })
    print(core.json.encode(aep:request { path = "/x" }))]], "‹secret SASToken›" },
  { "a refusal that repeats it", "service(core.json.encode { message = 'bad: ' .. os.getenv 'S' }, 400) "
    .. "aep:request { method = 'POST', path = '/x', body = { s } }", "bad: ‹secret" },
  { "a refusal that repeats it in base64", [[
    local pipe = io.popen "printf '%s' \"user:$S\" | base64 -w 0"
    service(core.json.encode { message = "Basic " .. pipe:read "a" .. " is bad" }, 403)
    aep:request { path = "/x" }]], "‹secret" },
  { "a refusal that repeats it percent-encoded", [[
    service(core.json.encode { title = hex(os.getenv "S", "%%%02X"), message = hex(os.getenv "S", "%%%02x") }, 422)
    aep:request { path = "/x" }]], "‹secret" },
  { "a refusal that repeats the request", [[
    service(core.json.encode { message = "bad body " .. core.json.encode { password = os.getenv "S" } }, 400)
    aep:request { method = "POST", path = "/x", body = { s } }]], "bad body" },
  { "an answer that is no JSON", "service('<html>' .. os.getenv 'S' .. '</html>', 502) aep:request { path = '/x' }",
    "gave no reason" },
  { "a program's output", "print(sluice.secret.command { 'sh', '-c', 'printf %s \"$S\"' })", "‹secret sh›" },
  { "a program that fails", "sluice.secret.command { 'sh', '-c', 'echo \"$S\"; exit 1', os.getenv 'S' }", "code 1" },
  { "a program that is not there", "sluice.secret.command { os.getenv 'S' }", "cannot be started" },
  { "a file that is not there", "sluice.secret.file('/no/' .. os.getenv 'S')", "cannot be opened" },
  { "a reference that leads nowhere", "sluice.connect { org = 'a@AdobeOrg', client_id = 'c', scopes = 'o', "
    .. "client_secret = 'file:/no/' .. os.getenv 'S' }", "cannot be opened" },
  { "a script that is no Lua", "local x = = " .. '"' .. "no" .. '"', "unexpected symbol" },
}

--- Command lines: name, words, what must be in the output; FILE stands for a file of its own.
local EMULATED = {
  { "a run", {}, "created" },
  { "--json", { "--json" }, '"emulated": true' },
  { "--trace", { "--trace" }, "POST" },
  { "--trace=full", { "--trace=full" }, "‹secret" },
  { "--curl", { "--curl" }, "$SFTP_PASSWORD" },
  { "--har", { "--har", "FILE" }, "created", "‹secret" },
  { "--record", { "--record", "FILE" }, "created", "‹secret" },
  { "--dry-run", { "--dry-run" }, "‹secret" },
  { "--dry-run --json", { "--dry-run", "--json" }, "‹secret" },
  { "--summary", { "--summary" }, "calls" },
  { "--journal", { "--journal", "FILE" }, "created", "/connections" },
  { "--exports", { "--clock", "2030-01-01T00:00Z", "--through", "2d", "--exports", "FILE" }, "created" },
  { "a refusal", { "--fault", "connections.create:400", "--trace=full" }, "400" },
  { "lost answers", { "--fault", "connections.create:nth=1:reset-after", "--trace=full", "--curl" }, "created" },
  { "broken answers", { "--fault", "target_connections.create:garbage", "--trace=full" }, "target" },
  { "everything at once", { "--trace=full", "--curl", "--summary", "--json", "--har", "FILE" }, "$SFTP_PASSWORD" },
  { "a wrong option", { "--bogus" }, "unknown option" },
}

--- The same against a service of its own, where the client's secret and its token are used: beyond those above.
local ONLINE = {
  { "a run with a token", { "run", "--trace=full", "--curl", RECIPE }, "$AEP_CLIENT_SECRET" },
  { "a record", { "run", "--record", "FILE", RECIPE }, "created", "‹secret" },
  { "auth login", { "auth", "login" }, "kept until" },
  { "auth status", { "auth", "status", "--json" }, "client-id" },
  { "auth logout", { "auth", "logout" }, "removed" },
  { "a token that is refused", { "run", "--trace=full", "--profile", "wrong", RECIPE }, "401" },
}

local OFFLINE = {
  { "help of a recipe", { "run", RECIPE, "--help" }, "SFTP_PASSWORD" },
  { "a secret as an argument", { "run", RECIPE, "--emulate", "--password", SECRET }, "never an argument" },
  { "a secret as an argument, by =", { "run", RECIPE, "--emulate", "--password=" .. SECRET }, "never an argument" },
  { "a preview", { "preview", RECIPE }, "Audience" },
  { "a preview as JSON", { "preview", "--json", RECIPE }, "audiences" },
  { "no network", { "run", "--base-url", "http://127.0.0.1:1", "--ims-url", "http://127.0.0.1:1", "--trace=full",
    "--curl", RECIPE, "--host", "h", "--username", "u", "--remote-path", "/in",
    "--audience", "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", "--first-day", "2030-01-01", "--end-day", "2030-12-31" },
    "connect" },
}

describe("a secret is not to be seen", function()
  local folder

  before_each(function() folder = program.folder() end)
  after_each(function() program.clean() end)

  --- Runs a command line and searches all it leaves; gives what it printed.
  local function search(words, env)
    local file, line = folder .. "/made", {}
    for i, word in ipairs(words) do line[i] = word == "FILE" and file or word end
    local variables = { XDG_STATE_HOME = folder .. "/state" }
    for name, value in pairs(env or ENV) do variables[name] = value end
    local result = program.run(line, { env = variables })
    local text = result.out .. result.err
    assert.same({}, sentinel.found(text), text)
    assert.same({}, sentinel.files(folder, folder .. "/script.lua"))
    return text, program.read(file) or ""
  end

  local function check(row, words, env)
    local text, made = search(words, env)
    assert.truthy(text:find(row[3], 1, true), row[3] .. " is not in\n" .. text)
    if row[4] then assert.truthy(made:find(row[4], 1, true), row[4] .. " is not in the file") end
  end

  for _, row in ipairs(SCRIPTS) do
    it("in a script: " .. row[1], function()
      check(row, { "run", program.write(folder, "script.lua", HEAD .. row[2] .. "\n") })
    end)
  end

  for _, row in ipairs(EMULATED) do
    it("in an emulated run: " .. row[1], function()
      check(row, { "run", "--emulate", RECIPE, table.unpack(row[2]) })
    end)
  end

  for _, row in ipairs(OFFLINE) do
    it("without a service: " .. row[1], function()
      check(row, row[2])
    end)
  end

  it("against a service", function()
    local service <close> = program.emulate { "--client", "client-id:" .. SECRET }
    local env = { AEP_BASE_URL = service.url, AEP_IMS_URL = service.url, XDG_CONFIG_HOME = folder .. "/config",
      SFTP_HOST = "sftp.example.com", SFTP_USERNAME = "me" }
    for name, value in pairs(ENV) do env[name] = value end
    os.execute("mkdir -p " .. folder .. "/config/sluice/profiles")
    program.write(folder .. "/config/sluice/profiles", "wrong.json", [[{"org_id":"0123456789ABCDEF01234567@AdobeOrg",
      "client_id":"client-id","secret":"cmd:printf '%s%s' no \"]] .. "x" .. [[\"","scopes":"openid"}]])
    for _, row in ipairs(ONLINE) do
      local words = table.move(row[2], 1, #row[2], 1, {})
      if words[1] == "run" then
        for _, word in ipairs { "--remote-path", "/in", "--audience", "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1",
          "--first-day", "2030-01-01", "--end-day", "2030-12-31", "--name", row[1] } do
          words[#words + 1] = word
        end
      end
      check(row, words, env)
      os.remove(folder .. "/made")
    end
    assert.same({}, sentinel.found(service:output() .. service:errors()))
  end)

  it("at the prompt, and in its history", function()
    local terminal <close> = tmux.start({ "repl", "--emulate" }, { home = folder, env = ENV })
    local lines = { "s = sluice.secret.env 'S'", "s", "{ s, s = s }", "print(s)", "=s .. 'x'", "error(s)",
      "os.getenv 'S'", "print(os.getenv 'S')", "error(os.getenv 'S')", "s.x",
      "local t <const> = { password = os.getenv 'S' }", "t" }
    for _, line in ipairs(lines) do terminal:enter(line) end
    terminal:enter("sluice.secret.new('typed', [==[" .. SECRET .. "]==])") -- typing it shows it, and nothing after that
    local screen = terminal:screen()
    assert.truthy(screen:find(SHOWN, 1, true), screen)
    assert.same(1, select(2, screen:gsub("Sent1nel", "")), screen)
    terminal:press "C-d"
    terminal:sees "ended with"
    assert.same({}, sentinel.files(folder))
    local pipe <close> = assert(io.popen("cat " .. folder .. "/.local/state/sluice/history/*"))
    assert.truthy(pipe:read("a"):find("error(s)", 1, true))
  end)

  it("in what a replay shows", function()
    search { "run", "--emulate", RECIPE, "--record", "FILE" }
    assert.matches("created", search { "run", "--replay", "FILE", "--trace=full", RECIPE })
  end)

  it("in memory, when it is no longer needed", function()
    if os.getenv "LUA_PRELOAD" then return end -- AddressSanitizer keeps what is freed, to find its use
    local service <close> = program.emulate {}
    local script = program.write(folder, "script.lua", [[
      local sluice = require "sluice"
      local function work()
        local s, aep = sluice.secret.env "S", sluice.connect()
        local body = { name = "user:" .. s, more = ("x"):rep(5000) }
        local ok, err = pcall(aep.request, aep, { method = "POST", path = "/data/foundation/flowservice/connections",
          body = body, headers = { ["x-secret"] = s } })
        print(ok, err.status)
        local text = os.getenv "S"
        return #(text .. sluice.json.encode { text } .. text:rep(300))
      end
      local function stir(...) return select("#", ...) end -- over what the calls have left on the stack
      print(work())
      print(stir(table.unpack({}, 1, 200)))
      collectgarbage()
      collectgarbage()
      print "ready"
      io.stdout:flush()
      sluice.sleep(30)
    ]])
    local env = { AEP_BASE_URL = service.url, AEP_IMS_URL = service.url }
    for name, value in pairs(ENV) do env[name] = value end
    local process <close> = program.start({ "run", "--no-token-cache", script }, { env = env })
    assert.is_true(process:says "ready", process:errors())
    assert.matches("^false\t400\n", process:output())
    local count, reason = sentinel.in_memory(process.pid, SECRET)
    if not count then return assert.matches("Permission denied", reason) end
    -- The environment, where the system keeps it, holds it three times.
    assert.equal(3, count)
  end)

  it("in a core dump, for there is none", function()
    local script = program.write(folder, "script.lua", HEAD .. [[
      local stat <close> = io.open "/proc/self/stat"
      os.execute("kill -ABRT " .. stat:read "n")
      core.task.sleep(30)
    ]])
    local function dumps(words)
      local judge = 'my $p = fork; if (!$p) { exec @ARGV } waitpid($p, 0); print $? & 127, " ", $? & 128 ? 1 : 0'
      local result = program.run({ "-e", judge, table.unpack(words) }, { program = "perl", env = ENV,
        prefix = "ulimit -c unlimited; cd " .. folder .. ";" })
      return result.out
    end
    local able = dumps { "perl", "-e", "kill ABRT => $$; sleep 9" }
    assert.matches("^6 [01]$", able) -- the system may write none at all
    assert.equal("6 0", dumps { program.PATH, "run", script })
  end)
end)

describe("the search for a secret", function()
  after_each(function() program.clean() end)

  it("finds every form of it", function()
    local folder = program.folder()
    for name, form in pairs(sentinel.forms()) do
      local script = program.write(folder, "script.lua", ("io.write(%q)"):format("before" .. form .. "behind"))
      local found = sentinel.found(program.run({ "run", script }).out)
      local there = false
      for _, other in ipairs(found) do there = there or other == name end
      assert.is_true(there, name)
      assert.equal(1, #sentinel.files(folder))
    end
  end)

  it("finds it in memory", function()
    local script = program.write(program.folder(), "script.lua", [[
      local text = "not-" .. "in-the-script"
      io.stdout:write "ready\n"
      io.stdout:flush()
      require("sluice").sleep(30)
      print(text)
    ]])
    local process <close> = program.start { "run", script }
    assert.is_true(process:says "ready", process:errors())
    local count, reason = sentinel.in_memory(process.pid, "not-in-the-script")
    if count then assert.is_true(count > 0) else assert.matches("Permission denied", reason) end
  end)
end)
