--- `sluice doctor`: what it finds where all is well, and where one thing after the other is not.

local certificates = require "support.certificates"
local core = require "sluice.core"
local crowd = require "support.crowd"
local program = require "support.program"

local SCOPES = "openid,session,AdobeID,read_organizations,additional_info.projectedProductContext"
local NAMES = { "program", "libraries", "configuration", "hosts", "token service", "platform", "clock", "token",
  "sandbox", "permissions", "dataflows", "audiences", "connection specs", "flow specs" }

describe("sluice doctor", function()
  local org

  --- Runs it in this environment, and gives its checks by name, too.
  local function run(env, words, options)
    local command = { "doctor", "--json" }
    table.move(words or {}, 1, #(words or {}), 3, command)
    local outcome = program.run(command, { env = env, program = options and options.program,
      prefix = options and options.prefix })
    assert.is_nil((outcome.out .. outcome.err):find(program.SECRET, 1, true), outcome.out)
    local checks = {}
    for i, check in ipairs(core.json.decode(outcome.out)) do
      assert.equal(NAMES[i], check.check)
      checks[check.check] = check
    end
    return outcome.code, checks, outcome
  end

  local function env_of(changes)
    local env = { AEP_SCOPES = SCOPES }
    for name, value in pairs(org.env) do env[name] = env[name] or value end
    for name, value in pairs(changes or {}) do env[name] = value or nil end
    return env
  end

  --- The checks that are not "ok", as "name status".
  local function not_well(checks)
    local list = {}
    for _, name in ipairs(NAMES) do
      local status = checks[name].status
      if status ~= "ok" then list[#list + 1] = name .. " " .. status end
    end
    return list
  end

  local function says(check, message, advice)
    assert.is_truthy(check.message:find(message, 1, true), check.message)
    if advice then assert.is_truthy(tostring(check.advice):find(advice, 1, true), tostring(check.advice)) end
  end

  --- A server that behaves oddly, and an environment for it.
  local function odd(options, changes)
    local process = program.start { "run", "tests/support/odd_server.lua", core.json.encode(core.json.object(options)) }
    assert(process:says "\n", process:errors())
    local url = process:output():match "http://%S+"
    local env = env_of { AEP_BASE_URL = url, AEP_IMS_URL = url }
    for name, value in pairs(changes or {}) do env[name] = value end
    return process, env
  end

  setup(function() org = crowd.start { flows = 3 } end)
  teardown(function()
    org:__close()
    program.clean()
  end)

  it("says that all is well, a line each", function()
    local code, checks = run(env_of())
    assert.equal(0, code)
    assert.same({}, not_well(checks))
    says(checks.program, "sluice " .. core.version)
    says(checks.libraries, "libcurl 7.")
    says(checks.configuration, "the environment")
    says(checks.hosts, org.url .. " (the environment), tokens from " .. org.url)
    says(checks.token, "got a new one")
    says(checks.sandbox, "prod, production, active")
    says(checks["connection specs"], "all destinations of the catalog among them")
    local outcome = program.run({ "doctor" }, { env = env_of() })
    assert.equal(0, outcome.code)
    assert.equal("all is well\n", outcome.err)
    assert.equal(#NAMES, select(2, outcome.out:gsub("%f[^\n\0]ok       ", "")))
    assert.equal("", program.run({ "doctor", "--quiet" }, { env = env_of() }).err)
  end)

  it("knows the token that is kept", function()
    local env = env_of { XDG_STATE_HOME = program.folder() }
    run(env)
    local _, checks = run(env)
    says(checks.token, "kept, good for another 23 h")
  end)

  it("goes on without credentials, as far as it can", function()
    local code, checks = run { AEP_BASE_URL = org.url, AEP_IMS_URL = org.url }
    assert.equal(3, code)
    assert.same({ "configuration failed", "token skipped", "sandbox skipped", "permissions skipped",
      "dataflows skipped", "audiences skipped", "connection specs skipped", "flow specs skipped" }, not_well(checks))
    says(checks.configuration, "no credentials", "sluice config import FILE")
    says(checks.token, "needs what failed above: configuration")
  end)

  it("tells a refused secret, a token that has ended, and another organisation apart", function()
    local picky <close> = program.emulate { "--client", "client-id:another" }
    local code, checks = run(env_of { AEP_BASE_URL = picky.url, AEP_IMS_URL = picky.url })
    assert.equal(3, code)
    says(checks.token, "401: client id or secret is wrong", "AEP_CLIENT_SECRET")
    assert.equal("skipped", checks.sandbox.status)
    code, checks = run(env_of { AEP_CLIENT_SECRET = false, AEP_ACCESS_TOKEN = "ended" })
    assert.equal(3, code)
    says(checks.token, "ready-made")
    says(checks.sandbox, "401 401013", "get a new one")
  end)

  it("names missing permissions, and what each is for", function()
    local poor <close> = crowd.start { flows = 1, emulator = { permissions = "view-profiles,view-datasets" } }
    local code, checks = run(env_of { AEP_BASE_URL = poor.url, AEP_IMS_URL = poor.url })
    assert.equal(4, code)
    assert.same({ "permissions failed", "dataflows failed" }, not_well(checks))
    says(checks.permissions, "view-destinations (to see accounts, connections and dataflows), manage-destinations",
      "an administrator adds the permission")
    assert.is_nil(checks.permissions.message:find "view%-profiles")
    says(checks.dataflows, "2118-403")
  end)

  it("counts what managing covers, and warns of what only datasets need", function()
    local some <close> = crowd.start { flows = 1,
      emulator = { permissions = "manage-destinations,activate-destinations,manage-profiles" } }
    local code, checks = run(env_of { AEP_BASE_URL = some.url, AEP_IMS_URL = some.url })
    assert.equal(0, code)
    assert.same({ "permissions warning" }, not_well(checks))
    says(checks.permissions, "missing: view-datasets (to export datasets)")
  end)

  it("takes no empty list, and nothing else, for a permission", function()
    local policies = {}
    for i, name in ipairs { "manage-destinations", "activate-destinations", "manage-profiles", "manage-datasets" } do
      policies["/permissions/" .. name] = ({ core.json.array {}, core.json.null, "*", core.json.array { "*" } })[i]
    end
    local _ <close>, env = odd { refuse = { ["/data/foundation/access-control/acl/effective-policies"] = {
      status = 200, body = { policies = policies } } } }
    local code, checks = run(env)
    assert.equal(4, code)
    says(checks.permissions, "missing: view-destinations (to see accounts, connections and dataflows), "
      .. "manage-destinations (to create, change and delete them), activate-destinations (to activate audiences and "
      .. "export), view-profiles (to choose attributes of profiles)", "an administrator")
  end)

  it("is content with an empty organisation", function()
    local empty <close> = crowd.start { empty = true }
    local code, checks = run(env_of { AEP_BASE_URL = empty.url, AEP_IMS_URL = empty.url })
    assert.equal(0, code)
    says(checks.dataflows, "there are none yet")
    says(checks.audiences, "there are none yet")
  end)

  it("finds a clock that is wrong, whichever way", function()
    for off, words in pairs { [7210] = "2 h behind the service's", [-300] = "5 min ahead of the service's" } do
      local _ <close>, env = odd { off = off }
      local code, checks = run(env)
      assert.equal(3, code)
      says(checks.clock, words, "timedatectl")
    end
    local _ <close>, env = odd { off = 20 }
    local code, checks = run(env)
    assert.equal(0, code)
    says(checks.clock, "within 2")
  end)

  it("finds a server that is down, and one that never answers", function()
    local code, checks = run(env_of { AEP_BASE_URL = "http://127.0.0.1:1" })
    assert.equal(5, code)
    says(checks.platform, "http://127.0.0.1:1: ", "nobody listens there")
    assert.same({ "sandbox skipped" }, { table.unpack(not_well(checks), 2, 2) })
    local silent <close> = program.bad_server "silent"
    code, checks = run(env_of { AEP_BASE_URL = silent.url }, { "--timeout", "0.2" })
    assert.equal(5, code)
    says(checks.platform, silent.url, "no answer in time")
    local garbage <close> = program.bad_server "garbage"
    code, checks = run(env_of { AEP_IMS_URL = garbage.url })
    assert.equal(5, code)
    assert.equal("failed", checks["token service"].status)
    local html <close> = program.bad_server "html"
    code, checks = run(env_of { AEP_BASE_URL = html.url }, { "--attempts", "1" })
    assert.equal(5, code)
    assert.equal("failed", checks.sandbox.status)
  end)

  it("sends people to their proxy, and shows no password of it", function()
    local function proxied(proxy)
      local _, checks = run(env_of { AEP_BASE_URL = "https://platform.example", https_proxy = proxy })
      return checks.platform
    end
    says(proxied "http://127.0.0.1:1", "Failed to connect to 127.0.0.1", "is the proxy right that https_proxy names?")
    says(proxied("x://user:" .. program.SECRET .. "@proxy.example"), "'x://proxy.example'", "see https_proxy")
    local _, checks = run(env_of { AEP_BASE_URL = "https://user:" .. program.SECRET .. "@platform.example" })
    says(checks.hosts, "https://…@platform.example")
  end)

  it("tells certificates apart", function()
    local made = certificates.make()
    local _ <close> = setmetatable({}, { __close = function() made:close() end })
    local function tls(name, words)
      local url = made:serve(name):gsub("/$", "")
      return run(env_of { AEP_BASE_URL = url }, words)
    end
    local code, checks = tls("self", { "--cacert", made.cacert })
    assert.equal(5, code)
    says(checks.platform, "certificate", "--cacert FILE")
    code, checks = tls("good", {})
    assert.equal(5, code)
    says(checks.platform, "certificate", "--cacert FILE")
    code, checks = tls("expired", { "--cacert", made.cacert })
    assert.equal(5, code)
    says(checks.platform, "has expired", "clock")
    code, checks = tls("other", { "--cacert", made.cacert })
    assert.equal(5, code)
    says(checks.platform, "subject name", "another host")
    checks = select(2, tls("good", { "--cacert", made.cacert }))
    says(checks.platform, "answers, TLS verified")
    code, checks = tls("good", { "--cacert", made.path .. "/nothing.pem" })
    assert.equal(5, code)
    says(checks.platform, "nothing.pem", "PEM form")
  end)

  it("suggests a sandbox, and tells one that is not ready", function()
    local code, checks = run(env_of(), { "--sandbox", "stag" })
    assert.equal(4, code)
    says(checks.sandbox, '"stag" is none of the sandboxes that these credentials may use: prod, dev, stage',
      "did you mean --sandbox stage?")
    local _ <close>, env = odd { sandboxes = { { name = "prod", type = "production", state = "resetting" } } }
    code, checks = run(env)
    assert.equal(4, code)
    says(checks.sandbox, "prod, production, resetting", "wait until it is active")
  end)

  it("goes on where permissions are not told", function()
    local _ <close>, env = odd { refuse = {
      ["/data/foundation/access-control/acl/effective-policies"] = { status = 403, body = { message = "no" } } } }
    local code, checks = run(env)
    assert.equal(0, code)
    assert.same({ "permissions warning" }, not_well(checks))
    local _ <close>, quiet_env = odd { refuse = {
      ["/data/foundation/sandbox-management/"] = { status = 403, body = { message = "no" } } } }
    code, checks = run(quiet_env)
    assert.equal(0, code)
    assert.same({ "sandbox warning" }, not_well(checks))
    local _ <close>, other_env = odd { refuse = {
      ["/data/core/ups/audiences"] = { status = 403, body = { message = "forbidden" } } } }
    code, checks = run(other_env)
    assert.equal(4, code)
    says(checks.audiences, "403: forbidden", "View Segments")
  end)

  it("finds files that others can read", function()
    local home = program.folder()
    local path = program.write(home, "x.json", ('{"org_id":"%s","client_id":"c","secret":"%s","scopes":"%s"}'):format(
      program.CREDENTIALS.AEP_ORG_ID, program.SECRET, SCOPES))
    local env = { AEP_BASE_URL = org.url, AEP_IMS_URL = org.url, XDG_STATE_HOME = home .. "/state" }
    assert(os.execute("chmod 644 " .. path))
    local code, checks = run(env, { "--config", path })
    assert.equal(0, code)
    says(checks.configuration, "mode 0644: others can read the secret in it", "chmod go= " .. path)
    assert(os.execute(("chmod 600 %s; chmod 755 %s/state/sluice/tokens"):format(path, home)))
    code, checks = run(env, { "--config", path })
    says(checks.configuration, "mode 0600")
    assert.equal(3, code)
    says(checks.token, "chmod go= " .. home)
    code, checks = run(env, { "--config", home .. "/nothing.json" })
    assert.equal(3, code)
    says(checks.configuration, "No such file")
  end)

  it("finds libraries that cannot be loaded", function()
    local folder = program.folder()
    program.write(folder, "libedit.so.2", "no library")
    local code, checks = run(env_of { LD_LIBRARY_PATH = folder })
    assert.equal(0, code)
    assert.same({ "libraries warning" }, not_well(checks))
    says(checks.libraries, "libedit, needed for the prompt", "apt install libedit2")
    program.write(folder, "libcurl.so.4", "no library")
    code, checks = run(env_of { LD_LIBRARY_PATH = folder })
    assert.equal(3, code)
    says(checks.libraries, "libcurl, needed for HTTP and TLS", "apt install libcurl4 libedit2")
    assert.equal("skipped", checks.platform.status)
  end)

  it("shows foreign names so that they cannot steer a terminal", function()
    local evil = { { name = "\27[31mred\27[0m\n\u{202E}", type = "a\7", state = "b\r" } }
    local _ <close>, env = odd { sandboxes = evil }
    for _, words in ipairs { { "doctor" }, { "doctor", "--json" } } do
      local outcome = program.run(words, { env = env })
      assert.equal(4, outcome.code)
      assert.is_truthy(outcome.out:find "red")
      assert.is_nil((outcome.out .. outcome.err):find "[\27\7\r]")
      assert.is_nil((outcome.out .. outcome.err):find("\u{202E}", 1, true))
    end
  end)

  it("writes nothing", function()
    local journal = program.folder() .. "/journal"
    local watched <close> = program.emulate { "--journal", journal }
    run(env_of { AEP_BASE_URL = watched.url, AEP_IMS_URL = watched.url })
    for line in program.read(journal):gmatch "[^\n]+" do
      local call = core.json.decode(line)
      assert.is_truthy(call.method == "GET" or call.path:find "^/ims/" or call.path:find "effective%-policies$", line)
    end
  end)

  it("gives CSV, lines of JSON and chosen columns", function()
    local outcome = program.run({ "doctor", "--columns", "check,status", "--csv" }, { env = env_of() })
    assert.is_truthy(outcome.out:find("check,status\r\nprogram,ok\r\n", 1, true), outcome.out)
    outcome = program.run({ "doctor", "--ndjson" }, { env = env_of() })
    assert.equal(#NAMES, select(2, outcome.out:gsub("\n", "")))
    outcome = program.run({ "doctor", "--colums", "check" }, { env = env_of() })
    assert.equal(2, outcome.code)
  end)

  it("stops at Ctrl-C", function()
    local silent <close> = program.bad_server "silent"
    local process <close> = program.start({ "doctor" }, { env = env_of { AEP_BASE_URL = silent.url } })
    assert(process:says "token service")
    process:signal "INT"
    assert.equal(130, process:wait())
  end)
end)
