--- What `sluice run` shows of its calls: on a terminal, in files, as commands; rehearsed, recorded and played again.

local core = require "sluice.core"
local har = require "support.har"
local program = require "support.program"

local RECIPE = "scripts/activate_adobe_campaign.lua"

local folder

local function run(words, options)
  return program.run({ "run", table.unpack(words) }, options)
end

local function file(name) return folder .. "/" .. name end

local function contains(text, part) return assert.is_truthy(text:find(part, 1, true), text) end

local function without(text, part) return assert.is_nil(text:find(part, 1, true), text) end

--- Options for a run against a served emulator.
local function at(server)
  return "--base-url=" .. server.url, "--ims-url=" .. server.url
end

local function recipes()
  local list = {}
  local pipe <close> = assert(io.popen "ls scripts/activate_*.lua scripts/export_datasets_*.lua")
  for path in pipe:lines() do list[#list + 1] = path end
  return list
end

describe("sluice run", function()
  before_each(function() folder = program.folder() end)
  teardown(program.clean)

  it("shows calls on standard error, and nothing else changes", function()
    local plain = run { RECIPE, "--emulate", "--clock", "2029-01-01T00:00Z" }
    local shown = run { RECIPE, "--emulate", "--clock", "2029-01-01T00:00Z", "--trace=full", "--curl", "--summary",
      "--har", file "a.har", "--record", file "a.cassette" }
    assert.same({ 0, plain.out }, { shown.code, shown.out })
    assert.is_truthy(shown.err:find "\n202 PATCH +[%d.]+ ms +%d+%.%d kB out +%d+ B in  try 1  /data/found")
    contains(shown.err, '\n> [\n>   {\n>     "op": "add",')
    assert.is_truthy(shown.err:find "\n%d+ calls %(1 for a token%) in %d+ attempts, 0 repeated\n")
    assert.same({}, (har.problems(program.read(file "a.har"))))
    without(run({ RECIPE, "--emulate", "--trace" }).err, "\n> ")
  end)

  it("shows no secret anywhere, in no form", function()
    local server <close> = program.emulate { "--client", "client-id:" .. program.SECRET }
    local result = run({ RECIPE, "--host", "h.example.com", "--username", "u", "--remote-path", "/in", "--audience",
      "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", "--first-day", "2030-01-01", "--end-day",
      "2030-12-31", "--trace=full", "--curl", "--har", file "a.har", "--record", file "a.cassette", "--summary",
      "--json", at(server) }, { env = program.CREDENTIALS, secrets = { CAMPAIGN_SFTP_PASSWORD = program.SECRET } })
    assert.equal(0, result.code, result.err)
    local again = run({ RECIPE, "--emulate", "--dry-run", "--trace=full", "--curl" },
      { secrets = { CAMPAIGN_SFTP_PASSWORD = program.SECRET } })
    assert.equal(0, again.code, again.err)
    for _, text in ipairs { result.out, result.err, program.read(file "a.har"), program.read(file "a.cassette"),
      again.out, again.err } do
      without(text, program.SECRET)
      without(text, "access_token\":")
      without(text, "Bearer ey")
    end
    contains(result.err, '"password": "‹secret CAMPAIGN_SFTP_PASSWORD›"')
    contains(result.err, '"password":"\'"$(json "$CAMPAIGN_SFTP_PASSWORD")"\'"')
    for _, name in ipairs { "a.har", "a.cassette" } do
      local pipe <close> = assert(io.popen("stat -c %a " .. file(name)))
      assert.equal("600", pipe:read "l")
    end
  end)

  it("prints commands that a shell runs", function()
    local first <close> = program.emulate { "--seed", "7" }
    local second <close> = program.emulate { "--seed", "7" }
    local script = program.write(folder, "s.lua", [==[
      local sluice = require "sluice"
      local aep = sluice.connect()
      local made = aep.connections:create { name = "it's \"quoted\" $HOME `id` \\ ü€😀\t\n", auth = { specName =
        "Basic Authentication for sftp", params = { host = "h", username = "u",
        password = sluice.secret.env "SFTP_PASSWORD" } },
        connectionSpec = { id = "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0", version = "1.0" } }
      aep.connections:update(made.id, sluice.patch():add("/description", "*?[a-z]{1,2} & ; | > \127 %s"))
      aep.connections:list { where = { name = "it's" } }
      print(made.id)
    ]==])
    local secrets = { SFTP_PASSWORD = "p'a\"s\\s$w`o rd\twith\nlines\n" }
    local result = run({ script, "--curl", at(first) }, { env = program.CREDENTIALS, secrets = secrets })
    assert.equal(0, result.code, result.err)
    local commands = result.err:gsub(first.url:gsub("%p", "%%%0"), second.url)
    local shell = program.run({ program.write(folder, "s.sh", commands .. "\necho\n" .. commands:match
      "(AEP_ACCESS_TOKEN=.-%))\n" .. [[

curl -sS ]] .. second.url .. "/data/foundation/flowservice/connections/" .. result.out:match "%S+" .. [[ \
  -H "Authorization: Bearer $AEP_ACCESS_TOKEN" -H x-api-key:client-id -H "x-gw-ims-org-id: $AEP_ORG_ID" \
  -H x-sandbox-name:prod]]) }, { program = "/bin/sh", env = program.CREDENTIALS, secrets = secrets })
    assert.same({ 0, "" }, { shell.code, shell.err })
    local made = core.json.decode(shell.out:match "([^\n]+)$").items[1]
    assert.equal("it's \"quoted\" $HOME `id` \\ ü€😀\t\n", made.name)
    assert.equal("*?[a-z]{1,2} & ; | > \127 %s", made.description)
    assert.equal(secrets.SFTP_PASSWORD, made.auth.params.password)
  end)

  it("sends nothing that writes in a dry run, and says what it would", function()
    local server <close> = program.emulate()
    local options = { env = program.CREDENTIALS, secrets = { CAMPAIGN_SFTP_PASSWORD = "p" } }
    local words = { RECIPE, "--host", "h.example.com", "--username", "u", "--remote-path", "/in", "--audience",
      "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", "--first-day", "2030-01-01", "--end-day",
      "2030-12-31", at(server) }
    local dry = run({ "--dry-run", "--json", table.unpack(words) }, options)
    assert.equal(0, dry.code, dry.err)
    contains(dry.err, "\ndry run, not sent: POST /data/foundation/flowservice/flows\n  {\n")
    contains(dry.err, "\nplanned   dataflow                 00000000-0000-4000-8000-000000000005")
    contains(dry.err, "5 resources would be created, 7 changes would be made\n")
    assert.is_truthy(dry.err:find "\ndry run: 6 writes not sent, nothing was changed\n$", dry.err)
    without(dry.err, "created   ")
    local document = core.json.decode(dry.out)
    assert.equal(6, #document.not_sent)
    assert.same({ "POST", "/data/foundation/flowservice/connections" },
      { document.not_sent[1].method, document.not_sent[1].path })
    assert.equal(1, #document.flow.transformations[1].params.segmentSelectors.selectors)
    contains(run(words, options).err, "5 resources created")
    contains(run({ "--dry-run", table.unpack(words) }, options).err, "\ndry run: there was nothing to write\n")
  end)

  it("plays every recipe again from what was recorded, without network and credentials", function()
    for _, recipe in ipairs(recipes()) do
      local cassette = file(recipe:match "[^/]+$")
      local recorded = run { recipe, "--emulate", "--record", cassette }
      assert.equal(0, recorded.code, recorded.err)
      local replayed = run { recipe, "--replay", cassette }
      assert.same({ 0, recorded.out }, { replayed.code, replayed.out }, replayed.err)
      local dry = run { recipe, "--emulate", "--dry-run" }
      assert.equal(0, dry.code, dry.err)
    end
  end)

  it("says what a replay lacks, and that something was not asked for", function()
    local cassette = file "c"
    run { RECIPE, "--emulate", "--record", cassette }
    local other = run { RECIPE, "--replay", cassette, "--remote-path", "/other" }
    assert.equal(1, other.code)
    contains(other.err, "recorded with another body, different at /params/remotePath")
    contains(other.err, "('--replay-match loose' compares less)")
    assert.equal(0, run({ RECIPE, "--replay", cassette, "--replay-match", "loose", "--remote-path", "/other" }).code)
    local script = program.write(folder, "s.lua", "print(require('sluice').connect().sandbox)")
    local unasked = run { script, "--replay", cassette }
    assert.same({ 1, "prod\n" }, { unasked.code, unasked.out })
    assert.is_truthy(unasked.err:find
      "^sluice: %-%-replay %S+: %d+ recorded calls were not made; the first is GET /data/[^\n]+\n$", unasked.err)
  end)

  it("leaves readable files when it is killed", function()
    local script = program.write(folder, "s.lua", [[
      local aep = require("sluice").connect()
      aep.flows:list()
      io.stdout:write "listed\n"
      io.stdout:flush()
      require("sluice").sleep(60)]])
    local process = program.start { "run", "--emulate", "--har", file "a.har", "--record", file "c", script }
    assert.is_true(process:says "listed")
    process:signal "KILL"
    assert.equal(137, process:wait())
    local problems, document = har.problems(program.read(file "a.har"))
    assert.same({}, problems)
    assert.equal(2, #document.log.entries)
    local replayed = run { program.write(folder, "again.lua", "require('sluice').connect().flows:list()"), "--replay",
      file "c" }
    assert.equal(0, replayed.code, replayed.err)
  end)

  it("tells its sums when Ctrl-C ends it, and when the script does", function()
    local script = program.write(folder, "s.lua", [[
      local aep = require("sluice").connect()
      aep.flows:list()
      if arg[1] then os.exit(tonumber(arg[1])) end
      io.stdout:write "listed\n"
      io.stdout:flush()
      while true do end]])
    local process = program.start { "run", "--emulate", "--summary", script }
    assert.is_true(process:says "listed")
    process:signal "INT"
    assert.equal(130, process:wait())
    assert.is_truthy(process:errors():find "^2 calls %(1 for a token%).-from start to end\nsluice: interrupted\n$")
    for _, code in ipairs { 0, 7 } do
      local ended = run { "--emulate", "--summary", script, tostring(code) }
      assert.equal(code, ended.code)
      assert.is_truthy(ended.err:find "^2 calls .-from start to end\n$", ended.err)
    end
    assert.equal(1, run({ "--emulate", "--har", "/dev/full", script, "0" }).code)
    assert.equal(7, run({ "--emulate", "--har", "/dev/full", script, "7" }).code)
  end)

  it("says once that a file cannot be written, goes on, and ends with code 1", function()
    for _, option in ipairs { "--har", "--record" } do
      local result = run { RECIPE, "--emulate", option, "/dev/full" }
      assert.equal(1, result.code)
      contains(result.out, "Dataflow: Loyal customers to Campaign")
      assert.equal(1, select(2, result.err:gsub("/dev/full", "")))
      contains(result.err, ("sluice: %s /dev/full: No space left on device; it lacks what follows"):format(option))
      local refused = run { RECIPE, "--emulate", option, "/nowhere/file" }
      assert.same({ 1, "", ("sluice: %s: cannot write /nowhere/file: No such file or directory\n"):format(option) },
        { refused.code, refused.out, refused.err })
    end
  end)

  it("keeps to its limits", function()
    local silent <close> = program.bad_server "silent"
    local script = program.write(folder, "s.lua", "require('sluice').connect().flows:list()")
    local options = { env = program.TOKEN }
    local slow = run({ script, "--base-url", silent.url, "--timeout", "0.2", "--attempts", "1", "--trace" }, options)
    assert.equal(5, slow.code)
    assert.equal(1, select(2, slow.err:gsub("try %d", "")))
    local late = run({ script, "--base-url", silent.url, "--deadline", "0.2", "--timeout", "20" }, options)
    assert.equal(5, late.code)
    local sleepy = program.write(folder, "sleepy.lua", "require('sluice').sleep(60)")
    assert.equal("sluice: the deadline passed (--deadline gave the run 0.2 seconds)\n",
      run({ sleepy, "--deadline", "0.2" }).err)
    local garbage <close> = program.bad_server "html"
    local twice = run({ script, "--base-url", garbage.url, "--attempts", "2", "--trace" }, options)
    assert.equal(5, twice.code)
  end)

  it("refuses options that make no sense", function()
    for _, row in ipairs {
      { "--timeout is '0'", "--timeout", "0" }, { "--timeout is '-1'", "--timeout=-1" },
      { "--deadline is '1h'; expected a number of seconds above 0, such as 30", "--deadline", "1h" },
      { "--attempts is '0'; expected a whole number from 1 to 100", "--attempts", "0" },
      { "--attempts is '1.5'", "--attempts", "1.5" }, { "--attempts is '101'", "--attempts", "101" },
      { "argument for option '--trace' must be one of 'full'", "--trace=bodies" },
      { "argument for option '--replay-match' must be one of", "--replay-match", "x" },
      { "--replay-match needs --replay", "--replay-match", "loose" },
      { "--replay and --emulate exclude each other", "--replay", "x", "--emulate" },
      { "--replay and --record exclude each other", "--replay", "x", "--record", "y" },
      { "--replay and --dry-run exclude each other", "--replay", "x", "--dry-run" },
      { "--record and --dry-run exclude each other", "--record", "x", "--dry-run" },
      { "--har and --record name the same file", "--har", "x", "--record", "x" },
    } do
      local result = run { RECIPE, table.unpack(row, 2) }
      assert.same({ 2, "" }, { result.code, result.out }, row[1])
      contains(result.err, row[1])
    end
    local result = run { RECIPE, "--replay", "/nowhere/x" }
    assert.same({ 1, "sluice: --replay /nowhere/x: No such file or directory\n" }, { result.code, result.err })
  end)

  it("has colour on a terminal only, and not where NO_COLOR is set", function()
    without(run({ RECIPE, "--emulate", "--trace" }).err, "\27")
    local line = "TERM=xterm %s script -qec '%s run %s --emulate --trace' /dev/null </dev/null"
    local function on_a_terminal(prefix)
      local pipe <close> = assert(io.popen(line:format(prefix, program.PATH, RECIPE)))
      return pipe:read "a"
    end
    contains(on_a_terminal "", "\27[32m201 \27[0mPOST")
    without(on_a_terminal "NO_COLOR=1", "\27[3")
  end)
end)
