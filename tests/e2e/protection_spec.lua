--- Protected profiles: every write waits for the sandbox's name, in scripts, recipes and at the prompt.

local core = require "sluice.core"
local crowd = require "support.crowd"
local program = require "support.program"
local tmux = require "support.tmux"

local SCRIPT = [[
local aep = require "sluice".connect()
print(#aep.flows:list() .. " read")
aep.flows:delete "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"
]]
local RECIPE = [[
local sluice = require "sluice"
return sluice.recipe {
  name = "protected", version = "1.0.0", summary = "Exports an audience", params = {},
  run = function(ctx)
    return ctx.apply(sluice.destination {
      name = "Loyal customers", type = "sftp",
      auth = { domain = "example.com", host = "sftp.example.com", username = "me",
        password = sluice.secret.env "SFTP_PASSWORD" },
      target = { remotePath = "/in" },
      audiences = { { name = "Loyal customers", filename = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%",
        schedule = sluice.schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" } } },
      attributes = { "person.name.firstName" },
    })
  end,
}
]]

describe("a protected profile", function()
  local server, home, env

  local function writes()
    local found = {}
    for line in (program.read(server.journal) or ""):gmatch "[^\n]+" do
      local call = core.json.decode(line)
      local is_write = call.method ~= "GET" and not call.path:find "^/ims"
      if is_write then found[#found + 1] = call.method .. " " .. call.path end
    end
    return found
  end

  local function run(words) return program.run(words, { env = env }) end

  --- A run of the recipe, with these options.
  local function recipe(...)
    return { "run", "--profile", "live", program.write(home, "recipe.lua", RECIPE), ... }
  end

  --- Starts the program in a terminal whose home has the profile.
  local function terminal(words) return tmux.start(words, { env = env, columns = 240 }) end

  setup(function() server = program.emulate { "--journal", program.folder() .. "/journal" } end)
  before_each(function()
    server:signal "TERM"
    server:wait()
    local journal = program.folder() .. "/journal"
    server = program.emulate { "--journal", journal, "--seed", "1" }
    server.journal, home = journal, program.folder()
    env = { XDG_CONFIG_HOME = home .. "/config", XDG_STATE_HOME = home .. "/state", SFTP_PASSWORD = program.SECRET,
      AEP_BASE_URL = server.url, AEP_IMS_URL = server.url, LIVE = program.SECRET }
    local made = run { "config", "set", "live", "org_id=0123456789ABCDEF01234567@AdobeOrg", "client_id=c",
      "secret=env:LIVE", "scopes=openid", "sandbox=stage", "protected=true" }
    assert.equal(0, made.code, made.err)
  end)
  teardown(function()
    server:signal "TERM"
    program.clean()
  end)

  it("lets a script read, and write nothing where nobody can be asked", function()
    local outcome = run { "run", "--profile", "live", program.write(home, "x.lua", SCRIPT) }
    assert.equal(2, outcome.code)
    assert.equal("0 read\n", outcome.out)
    assert.is_truthy(outcome.err:find("nothing was written in sandbox stage: there is no terminal to ask at "
      .. "(--yes-production stage says that you mean it)", 1, true), outcome.err)
    assert.same({}, writes())
  end)

  it("holds recipes back as well, and what they start with", function()
    local outcome = run(recipe())
    assert.equal(2, outcome.code, outcome.err)
    assert.is_truthy(outcome.err:find("--yes-production stage", 1, true), outcome.err)
    assert.same({}, writes())
  end)

  it("takes the sandbox's name from the option, the right one", function()
    local outcome = run(recipe("--yes-production", "prod"))
    assert.equal(2, outcome.code)
    assert.is_truthy(outcome.err:find('--yes-production names "prod"', 1, true), outcome.err)
    assert.same({}, writes())
    outcome = run(recipe("--yes-production", "stage"))
    assert.equal(0, outcome.code, outcome.err)
    assert.is_true(#writes() > 4)
  end)

  it("needs no name for a dry run", function()
    local outcome = run(recipe("--dry-run"))
    assert.equal(0, outcome.code, outcome.err)
    assert.same({}, writes())
  end)

  it("is protected as the default profile, too", function()
    assert(os.execute(("cd %s/config/sluice/profiles && mv live.json default.json"):format(home)))
    assert.equal(2, run({ "run", program.write(home, "x.lua", SCRIPT) }).code)
    assert.same({}, writes())
  end)

  it("holds every command back that writes", function()
    local journal = program.folder() .. "/journal"
    local org <close> = crowd.start { flows = 4, emulator = { journal = journal } }
    server.journal = journal
    local made = #writes() -- by the crowd itself
    local hosts = { "--profile", "live", "--sandbox", "prod", "--base-url", org.url, "--ims-url", org.url }
    env.AEP_BASE_URL, env.AEP_IMS_URL = nil, nil
    for _, command in ipairs { { "disable", crowd.flow_name(2) }, { "enable", crowd.flow_name(4) },
      { "delete", crowd.flow_name(3), "--yes" } } do
      local words = table.move(hosts, 1, #hosts, #command + 1, { table.unpack(command) })
      local outcome = run(words)
      assert.equal(2, outcome.code, command[1] .. outcome.err)
      assert.is_truthy(outcome.err:find("--yes-production prod", 1, true), command[1] .. outcome.err)
      assert.equal(made, #writes())
    end
    local words = { "disable", crowd.flow_name(2), "--yes-production", "prod", table.unpack(hosts) }
    local outcome = run(words)
    assert.equal(0, outcome.code, outcome.err)
    assert.equal(made + 1, #writes())
  end)

  it("asks at a terminal, once", function()
    local screen = terminal(recipe())
    screen:sees "Type the sandbox's name to go on:"
    screen:type "stage"
    screen:press "Enter"
    local shown = screen:sees "ended with 0"
    screen:close()
    assert.equal(1, select(2, shown:gsub("Type the sandbox", "")))
    assert.is_true(#writes() > 4)
  end)

  it("writes nothing after another answer, or Ctrl-C", function()
    for _, keys in ipairs { { "prod", "Enter", "ended with 2" }, { "", "Enter", "ended with 2" },
      { "sta", "C-c", "ended with 130" }, { "", "C-d", "ended with 2" } } do
      local screen = terminal(recipe())
      screen:sees "Type the sandbox's name to go on:"
      screen:type(keys[1])
      screen:press(keys[2])
      screen:sees(keys[3])
      screen:close()
      assert.same({}, writes())
    end
  end)

  it("is marked at the prompt, which asks before the first write", function()
    local screen = terminal { "repl", "--profile", "live" }
    screen:sees " PROTECTED live:stage >"
    screen:type "aep.flows:delete 'x'"
    screen:press "Enter"
    screen:sees "Type the sandbox's name to go on:"
    screen:type "no"
    screen:press "Enter"
    screen:sees "what was typed is not its name"
    assert.same({}, writes())
    screen:type "aep.flows:delete 'y'"
    screen:press "Enter"
    screen:sees("delete 'y'.*Type the sandbox's name to go on:", false)
    screen:type "stage"
    screen:press "Enter"
    screen:sees "flows/y: 404"
    screen:type "aep.flows:delete 'z'"
    screen:press "Enter"
    screen:sees "flows/z: 404"
    screen:close()
    local path = "DELETE /data/foundation/flowservice/flows/"
    assert.same({ path .. "y", path .. "z" }, writes())
  end)
end)
