--- The recipes that change what is live, through the built program: on the embedded emulator as they stand, and twice
--- on one service.

local core = require "sluice.core"
local program = require "support.program"

local NAME = "Loyal customers to Campaign"
local SECRETS = { CAMPAIGN_SFTP_PASSWORD = program.SECRET, NEW_CREDENTIAL = program.SECRET }
local DAYS = { "--first-day", "2030-01-01", "--end-day", "2030-12-31" }

-- What each shows that it did, its words on a live service, what the second time shows there.
local RECIPES = {
  add_audiences = { "adds audience 'Abandoned carts'", "Abandoned carts", again = "exports it so already",
    words = { "--flow", NAME, "--audiences", "Abandoned carts", table.unpack(DAYS) } },
  remove_audiences = { "removes audience 'New subscribers'", "Loyal customers",
    again = "has no audience New subscribers", words = { "--flow", NAME, "--audiences", "New subscribers" } },
  reschedule = { "changes audience 'Loyal customers'", "every day at 02:00 UTC, from 2030-01-01",
    again = "leaves audience", words = { "--flow", NAME, "--time", "04:00", table.unpack(DAYS) } },
  rotate_credentials = { "replaces the credentials (domain, host, password and username)",
    "the destination takes the new credentials", words = { "--account", NAME .. " - account" } },
  export_now = { "exported audience 'Loyal customers'", "exported audience 'New subscribers'",
    words = { "--flow", NAME } },
  pause_and_resume = { "disables the dataflow", "enables the dataflow", again = "the dataflow is disabled already",
    words = { "--flow", NAME, "--action", "pause" } },
}
local NAMES = {}
for name in pairs(RECIPES) do NAMES[#NAMES + 1] = name end
table.sort(NAMES)

local function script(name) return ("scripts/%s.lua"):format(name) end

local function run_on(server, path, ...)
  return program.run({ "run", "--base-url", server.url, "--ims-url", server.url, path, ... },
    { env = program.CREDENTIALS, secrets = SECRETS })
end

--- A dataflow whose audiences can be exported today.
local function set_up(server)
  local path = program.write(program.folder(), "live.lua", ([[
    local sluice = require "sluice"
    local function audience(name)
      return { name = name, filename = "%%DESTINATION_NAME%%_%%SEGMENT_ID%%_%%TIMESTAMP%%",
        schedule = sluice.schedule.once { at = "00:00", on = os.date "!%%Y-%%m-%%d", past = true } }
    end
    sluice.destination({ name = %q, type = "adobe-campaign",
      auth = { domain = "d", host = "h", username = "u", password = "p" }, target = { remotePath = "/in" },
      audiences = { audience "Loyal customers", audience "New subscribers" },
      attributes = { "person.name.firstName" } }):apply(sluice.connect())]]):format(NAME))
  local result = run_on(server, path)
  assert.are.equal(0, result.code, result.err)
end

describe("a recipe that changes what is live", function()
  teardown(program.clean)

  for _, name in ipairs(NAMES) do
    local recipe = RECIPES[name]

    it("runs on the emulator as it stands: " .. name, function()
      local result = program.run { "run", script(name), "--emulate" }
      assert.are.equal(0, result.code, result.err)
      for _, text in ipairs { "\nWhat was done:\n", NAME, table.unpack(recipe) } do
        assert.is_truthy(result.out:find(text, 1, true), text .. " is missing in\n" .. result.out)
      end
      assert.is_truthy(result.err:find("so an example to be changed is set up first", 1, true), result.err)
      assert.is_truthy(result.err:find("\n%d %a+ made\n"), result.err)
      assert.is_truthy(result.err:match("([^\n]+)\n$"):find "^On the real platform, with ", result.err)
    end)

    it("prints one JSON document: " .. name, function()
      local result = program.run { "run", "--json", script(name), "--emulate" }
      assert.are.equal(0, result.code, result.err)
      local document = core.json.decode(result.out)
      assert.are.equal(name, document.recipe.name)
      assert.is_true(document.changed > 0)
      assert.is_true(core.json.is_array(document.explained) and core.json.is_array(document.warnings))
      assert.is_truthy((document.flow or document.account).id)
      assert.is_nil(result.out:find("example-password", 1, true))
    end)

    it("shows its own options, within 80 columns and with an example: " .. name, function()
      local result = program.run { "run", script(name), "--help" }
      assert.are.equal(0, result.code, result.err)
      assert.is_truthy(result.out:find("Example:\n  sluice run " .. script(name), 1, true))
      for line in result.out:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 80, line) end
    end)

    it("says what it lacks without an emulator: " .. name, function()
      local result = program.run({ "run", script(name) }, { env = program.CREDENTIALS })
      assert.are.equal(2, result.code, result.err)
      assert.is_truthy(result.err:find(recipe.words[1] .. " is missing", 1, true), result.err)
    end)

    it("says when there is no such thing: " .. name, function()
      local server <close> = program.emulate()
      local result = run_on(server, script(name), table.unpack(recipe.words))
      assert.are.equal(1, result.code, result.err)
      assert.is_truthy(result.err:find("^sluice: there is no [^\n]+\n$"), result.err)
    end)
  end

  it("works on a service, and the second time as well", function()
    local server <close> = program.emulate { "--seed", "1" }
    set_up(server)
    for _, name in ipairs { "export_now", "rotate_credentials", "add_audiences", "remove_audiences", "reschedule",
      "pause_and_resume" } do
      local recipe = RECIPES[name]
      for round = 1, 2 do
        local result = run_on(server, script(name), table.unpack(recipe.words))
        assert.are.equal(0, result.code, name .. "\n" .. result.err)
        assert.is_nil((result.out .. result.err):find(program.SECRET, 1, true))
        assert.is_nil(result.err:find("example", 1, true), result.err)
        if round == 2 and recipe.again then
          assert.is_truthy(result.out:find("\nNothing had to be done:\n", 1, true), result.out)
          assert.is_truthy(result.out:find(recipe.again, 1, true), result.out)
          assert.is_truthy(result.err:find("nothing had to be changed", 1, true), result.err)
        else
          assert.is_truthy(result.out:find("\nWhat was done:\n", 1, true), result.out)
        end
      end
    end
    local result = run_on(server, script "pause_and_resume", "--flow", NAME, "--action", "resume")
    assert.is_truthy(result.out:find("enables the dataflow", 1, true), result.out)
  end)

  it("lists all that is wrong, and sends nothing", function()
    local server <close> = program.emulate()
    set_up(server)
    local result = run_on(server, script "add_audiences", "--flow", NAME, "--audiences", "High value,Best of both",
      "--time", "02:30", "--first-day", "2030-02-28", "--end-day", "2030-01-01", "--filename", "%SEGMENT_NAME%")
    assert.are.equal(1, result.code, result.err)
    assert.is_truthy(result.err:find("error    /audiences/0/schedule/at: ", 1, true), result.err)
    local last = "\nsluice: this change has %d+ errors, listed above; nothing was changed\n$"
    assert.is_truthy(result.err:find(last), result.err)
  end)

  it("takes a new user name where the account has one", function()
    local server <close> = program.emulate()
    set_up(server)
    local words = { "--account", NAME .. " - account", "--identity", "v", "--json" }
    local result = run_on(server, script "rotate_credentials", table.unpack(words))
    assert.are.equal(0, result.code, result.err)
    local params = core.json.decode(result.out).account.auth.params
    assert.are.same({ "v", "‹secret password›" }, { params.username, params.password })
  end)
end)
