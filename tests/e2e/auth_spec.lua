--- Tokens that outlive a run, from the command line: `sluice auth`, runs one after the other, and runs side by side.

local core = require "sluice.core"
local program = require "support.program"
local tmux = require "support.tmux"

describe("sluice auth", function()
  local state, service, script

  --- Environment of a run that keeps its tokens in this test's folder.
  local function environment(changes)
    local env = { XDG_STATE_HOME = state, AEP_IMS_URL = service.url, AEP_BASE_URL = service.url }
    for _, variables in ipairs { program.CREDENTIALS, changes or {} } do
      for name, value in pairs(variables) do env[name] = value end
    end
    return { env = env }
  end

  local function run(words, changes)
    local result = program.run(words, environment(changes))
    assert.falsy((result.out .. result.err):find(program.SECRET, 1, true))
    return result
  end

  local function status()
    local result = run { "auth", "status", "--json" }
    assert.equal(0, result.code, result.err)
    return core.json.decode(result.out)
  end

  --- Starts a service; with the emulator's own options.
  local function serve(words) service = program.emulate(words) end

  --- How many tokens were asked for.
  local function asked()
    local answer = core.http.request { url = service.url .. "/_emulator/journal" }
    local count = select(2, answer.body:gsub("/ims/token/v3", ""))
    return count
  end

  local function kept()
    local pipe <close> = assert(io.popen(("find %s -name '*.json' | wc -l"):format(state)))
    return pipe:read "n"
  end

  before_each(function()
    state = program.folder()
    script = program.write(program.folder(), "list.lua", [[
      local aep = require("sluice").connect()
      print(#aep.flows:list())
    ]])
  end)
  after_each(function()
    service:signal "TERM"
    service:wait()
    program.clean()
  end)

  it("gets, shows and removes the token", function()
    serve {}
    assert.same({ state = "none" }, status().token)
    local login = run { "auth", "login" }
    assert.equal(0, login.code, login.err)
    assert.matches("\ntoken          kept until [%d-]+ %d%d:%d%d UTC, for another 23 h 59 min\n", login.out)
    assert.equal("", login.err)
    local shown = status()
    assert.equal("kept", shown.token.state)
    assert.equal("the environment", shown.source)
    assert.equal(state .. "/sluice/tokens", shown.folder)
    assert.equal(login.out, run({ "auth", "status" }).out)
    run { "auth", "login" }
    assert.equal(2, asked())
    assert.matches("token          removed; at the service it lasts until ", run({ "auth", "logout" }).out)
    assert.matches("token          none was kept", run({ "auth", "logout" }).out)
    assert.same({ removed = false }, core.json.decode(run({ "auth", "logout", "--json" }).out))
    assert.equal(0, kept())
  end)

  it("says what is wrong with credentials", function()
    serve { "--client", "client-id:right" }
    local result = run { "auth", "login" }
    assert.equal(3, result.code)
    assert.matches("compare AEP_CLIENT_ID, AEP_CLIENT_SECRET and AEP_SCOPES", result.err)
    result = run({ "auth", "login" }, { AEP_CLIENT_SECRET = "cmd:false" })
    assert.equal(3, result.code)
    assert.equal("sluice: client secret from the environment: the secret from the command false: it ended with code "
      .. "1\n", result.err)
    result = run({ "auth", "login" }, { AEP_CLIENT_SECRET = "cmd:echo right" })
    assert.equal(0, result.code, result.err)
    result = run({ "auth", "login" }, { AEP_CLIENT_SECRET = "", AEP_ACCESS_TOKEN = "token-by-hand" })
    assert.equal(3, result.code)
    assert.matches("leave AEP_ACCESS_TOKEN out", result.err)
    assert.matches("token          ready%-made; it is not kept",
      run({ "auth", "status" }, { AEP_CLIENT_SECRET = "", AEP_ACCESS_TOKEN = "token-by-hand" }).out)
  end)

  it("asks for a secret that is not configured; runs then do without one", function()
    serve { "--client", "client-id:" .. program.SECRET }
    local env = environment({ AEP_CLIENT_SECRET = "" }).env
    local result = run({ "run", script }, { AEP_CLIENT_SECRET = "" })
    assert.equal(3, result.code)
    assert.matches("lack: client secret or access token", result.err)
    result = program.run({ "auth", "login" }, { env = env, prefix = "setsid -w" })
    assert.equal("sluice: the secret from the terminal: there is no terminal to ask on (or set AEP_CLIENT_SECRET)\n",
      result.err)
    for typed, ending in pairs { wrong = "ended with 3", [program.SECRET] = "ended with 0" } do
      local terminal <close> = tmux.start({ "auth", "login" }, { env = env })
      terminal:sees "Client secret of client-id:"
      terminal:type(typed)
      terminal:press "Enter"
      assert.falsy(terminal:sees(ending):find(typed, 1, true))
    end
    local status_now = run({ "auth", "status", "--json" }, { AEP_CLIENT_SECRET = "" })
    assert.equal("kept", core.json.decode(status_now.out).token.state)
    assert.equal("0\n", run({ "run", script }, { AEP_CLIENT_SECRET = "" }).out)
    assert.equal(3, run({ "run", "--no-token-cache", script }, { AEP_CLIENT_SECRET = "" }).code)
    assert.matches("removed", run({ "auth", "logout" }, { AEP_CLIENT_SECRET = "" }).out)
    assert.equal(3, run({ "run", script }, { AEP_CLIENT_SECRET = "" }).code)
  end)

  it("refuses other actions", function()
    serve {}
    for _, words in ipairs { { "auth" }, { "auth", "lgoin" }, { "auth", "login", "more" }, { "auth", "--secret=x" } } do
      assert.equal(2, run(words).code)
    end
    assert.matches("did you mean \"login\"?", run({ "auth", "lgoin" }).err, 1, true)
  end)

  it("keeps the token of a run for the next", function()
    serve {}
    for _ = 1, 3 do assert.equal("0\n", run({ "run", script }).out) end
    assert.equal(1, asked())
    assert.equal("kept", status().token.state)
  end)

  it("keeps nothing with --no-token-cache, with a ready-made token, or where nobody says where", function()
    serve {}
    run { "run", "--no-token-cache", script }
    run({ "run", script }, { AEP_CLIENT_SECRET = "", AEP_ACCESS_TOKEN = "token-by-hand" })
    local result = run({ "run", script }, { XDG_STATE_HOME = "", HOME = "" })
    assert.equal("0\n", result.out, result.err)
    assert.equal(0, kept())
    run { "auth", "login" }
    run { "run", "--no-token-cache", script }
    assert.equal(4, asked())
  end)

  it("is left alone by emulated runs", function()
    serve {}
    run { "run", "--emulate", script }
    run { "run", "--emulate", "scripts/activate_amazon_s3.lua" }
    assert.equal(0, kept())
    assert.is_nil(program.read(state .. "/sluice"))
    assert.equal(0, asked())
  end)

  it("lets one of several processes ask", function()
    serve { "--fault", "token:delay=0.3" }
    local processes = {}
    for i = 1, 6 do processes[i] = program.start({ "run", script }, environment()) end
    for _, process in ipairs(processes) do
      assert.equal(0, process:wait(), process:errors())
      assert.equal("0\n", process:output())
    end
    assert.equal(1, asked())
  end)

  it("lets the next process ask when one was killed while it did", function()
    serve { "--fault", "token:nth=1:hang" }
    local killed <close> = program.start({ "run", script }, environment())
    for _ = 1, 500 do
      if asked() == 1 then break end
      core.task.sleep(0.02)
    end
    killed:signal "KILL"
    local result = run { "run", script }
    assert.equal("0\n", result.out, result.err)
    assert.equal(2, asked())
  end)

  it("replaces a token that the service refuses, in mid-run and for the next", function()
    serve { "--token-lifetime", "1" }
    local long = program.write(program.folder(), "long.lua", [[
      local sluice = require "sluice"
      local aep = sluice.connect()
      for _ = 1, 3 do
        print(#aep.flows:list())
        sluice.sleep(1.1)
      end
    ]])
    assert.equal("0\n0\n0\n", run({ "run", long }).out)
    assert.equal("0\n", run({ "run", script }).out)
    assert.equal(4, asked())
  end)

  it("replaces a token that is refused before its time", function()
    serve { "--fault", "flows.list:nth=2:expired-token" }
    for _ = 1, 4 do assert.equal("0\n", run({ "run", script }).out) end
    assert.equal(2, asked())
  end)

  it("replaces a token of a service that has been started again", function()
    serve { "--seed", "one" }
    local port = service.port
    assert.equal("0\n", run({ "run", script }).out)
    service:signal "TERM"
    service:wait()
    service = program.emulate { "--seed", "two", "--port", port }
    local result = run { "run", script }
    assert.equal("0\n", result.out, result.err)
    assert.equal(1, asked())
    assert.equal("0\n", run({ "run", script }).out)
    assert.equal(1, asked())
  end)

  it("goes on without its folder when others can reach that, and says so", function()
    serve {}
    os.execute("mkdir -p " .. state .. "/sluice/tokens; chmod 755 " .. state .. "/sluice/tokens")
    local result = run { "run", script }
    assert.equal("0\n", result.out)
    assert.matches("^sluice: the token is not kept for later runs: [^\n]* is open to others %(mode 0755%)[^\n]*\n$",
      result.err)
    result = run { "auth", "status" }
    assert.equal(1, result.code)
    assert.matches("^sluice: .* is open to others", result.err)
  end)
end)
