--- Virtual time from the command line: a recipe watched through a month, a server whose clock is moved.

local core = require "sluice.core"
local program = require "support.program"

local RECIPE = "scripts/activate_adobe_campaign.lua"

local function refused(words, code, ...)
  local result = program.run(words)
  assert.are.equal(code, result.code, result.err)
  assert.are.equal("", result.out)
  for _, text in ipairs { ... } do assert.is_truthy(result.err:find(text, 1, true), result.err) end
end

local function listing(folder)
  local pipe <close> = assert(io.popen(("cd %s && find . -type f -exec sha256sum {} + | LC_ALL=C sort"):format(folder)))
  return pipe:read "a"
end

local function lines(text)
  return select(2, text:gsub("\n", "\n"))
end

describe("sluice run --clock", function()
  teardown(program.clean)

  it("tells the exports of a month in a short table, and writes their files", function()
    local folder = program.folder() .. "/new"
    local result = program.run { "run", RECIPE, "--emulate", "--clock", "2030-01-01T00:00Z", "--through", "31d",
      "--exports", folder }
    assert.are.equal(0, result.code, result.err)
    assert.is_truthy(result.out:find "Dataflow:")
    local table_text = result.err:match "(In 31d from 2030%-01%-01 00:00 UTC:\n.-records? in .-\n)"
    assert.is_truthy(table_text, result.err)
    assert.are.equal(1 + 1 + 10 + 1 + 5 + 1, lines(table_text))
    assert.is_truthy(table_text:find("… 16 more …", 1, true))
    assert.is_truthy(table_text:find("31 runs (31 full): ", 1, true), table_text)
    assert.is_truthy(table_text:find("in 31 files below " .. folder, 1, true), table_text)
    assert.are.equal(31, lines(listing(folder)))
  end)

  it("gives the same, to the byte, whenever and wherever it runs", function()
    local function run(zone)
      local folder = program.folder()
      local result = program.run({ "--emulate", "--clock", "2030-03-25T00:00Z", "--through", "2w", "--exports", folder,
        "--json", RECIPE }, { env = { TZ = zone } })
      assert.are.equal(0, result.code, result.err)
      local document = core.json.decode(result.out)
      return document.runs, listing(folder), result.err
    end
    local runs, files, err = run "UTC"
    assert.are.equal(14, #runs)
    assert.is_nil(err:find "UTC:")
    local first = runs[1]
    assert.are.same({ "audience", "full", "success", 1 }, { first.kind, first.mode, first.status, #first.files })
    assert.is_truthy(first.started:find "^2030%-03%-25T%d%d:00:00Z$")
    assert.is_true(first.records > 0)
    local again, same = run "Europe/Paris" -- summer time begins on 31 March
    assert.are.same(runs, again)
    assert.are.equal(files, same)
  end)

  it("holds for the client, too: a day that is past on the clock is past", function()
    local words = { "run", RECIPE, "--emulate", "--clock", "2020-01-01T00:00Z", "--through", "10d", "--first-day",
      "2020-01-02", "--end-day", "2020-01-05" }
    local result = program.run(words)
    assert.are.equal(0, result.code, result.err)
    assert.is_truthy(result.err:find("3 runs (3 full)", 1, true), result.err)
    words[5] = "2021-01-01T00:00Z"
    result = program.run(words)
    assert.are.equal(1, result.code)
    assert.is_truthy(result.err:find "has passed", result.err)
  end)

  it("says so when nothing was exported", function()
    local result = program.run { "run", RECIPE, "--emulate", "--clock", "2029-01-01T00:00Z", "--through", "6h" }
    assert.are.equal(0, result.code, result.err)
    assert.is_truthy(result.err:find("no dataflow exported anything", 1, true), result.err)
  end)

  it("lets time pass after a script that is no recipe", function()
    local script = program.write(program.folder(), "script.lua", [[
      local aep = require("sluice").connect()
      print(#aep.flows:list())]])
    local result = program.run { "run", "--emulate", "--clock", "2030-01-01", "--through", "1d", script }
    assert.are.equal("0\n", result.out)
    assert.is_truthy(result.err:find("In 1d from 2030-01-01 00:00 UTC: no dataflow", 1, true), result.err)
  end)

  it("refuses what makes no sense, in one line", function()
    refused({ "run", RECIPE, "--clock", "2030-01-01T00:00Z" }, 2, "--clock needs --emulate")
    refused({ "run", RECIPE, "--emulate", "--through", "1d" }, 2, "--through needs --clock")
    refused({ "run", RECIPE, "--emulate", "--exports", "x" }, 2, "--exports needs --clock")
    refused({ "run", RECIPE, "--emulate", "--clock", "2030-02-30" }, 2, "'2030-02-30'", "2030-01-01T00:00Z")
    refused({ "run", RECIPE, "--emulate", "--clock", "2030-01-01", "--through", "month" }, 2, "--through is 'month'",
      "31d")
    refused({ "run", RECIPE, "--emulate", "--clock", "2030-01-01", "--exports", "/dev/null" }, 1,
      "cannot make the folder /dev/null: Not a directory")
    refused({ "emulate", "--exports", "x" }, 2, "'exports' needs the option 'clock'")
    refused({ "emulate", "--fail-runs", "101" }, 2, "from 0 to 100")
  end)

  it("ends with an error on a full disk, after the result of the recipe", function()
    local folder = program.folder()
    local words = { "run", RECIPE, "--emulate", "--clock", "2030-01-01T00:00Z", "--through", "2d", "--exports", folder }
    assert.are.equal(0, program.run(words).code)
    local pipe <close> = assert(io.popen(("find %s -type f"):format(folder)))
    local path = pipe:read "l"
    assert(os.execute(("ln -sf /dev/full '%s'"):format(path)))
    local result = program.run(words)
    assert.are.equal(1, result.code)
    assert.is_truthy(result.out:find "Dataflow:")
    local message = ("cannot write the export %s: No space left on device"):format(path)
    assert.is_truthy(result.err:find(message, 1, true), result.err)
  end)
end)

describe("sluice emulate --clock", function()
  teardown(program.clean)

  it("moves its clock by request, and says how", function()
    local folder = program.folder()
    local server <close> = program.emulate { "--clock", "2030-01-01T00:00Z", "--exports", folder, "--export-rows", "3",
      "--fail-runs", "20", "--seed", "1" }
    assert.is_truthy(server:says(server.url .. "/_emulator/clock", "err"), server:errors())
    local result = program.run({ "run", "--base-url", server.url, "--ims-url", server.url, RECIPE, "--host",
      "h.example", "--username", "u", "--remote-path", "/in", "--audience", "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1",
      "--first-day", "2030-01-01", "--end-day", "2030-12-31" },
      { env = program.CREDENTIALS, secrets = { CAMPAIGN_SFTP_PASSWORD = program.SECRET } })
    assert.are.equal(0, result.code, result.err)
    local answer = core.http.request { method = "POST", url = server.url .. "/_emulator/clock",
      headers = { ["Content-Type"] = "application/json" }, body = '{"to":"2030-01-31T00:00Z"}' }
    assert.are.equal(200, answer.status, answer.body)
    local body = core.json.decode(answer.body)
    assert.are.same({ "2030-01-31T00:00:00Z", 30 }, { body.now, body.runs })
    assert.is_true(body.failed > 0)
    assert.are.equal(body.files, lines(listing(folder)))
    assert.are.equal(body.runs - body.failed, body.files)
    answer = core.http.request { method = "GET", url = server.url .. "/_emulator/clock" }
    assert.are.same({ now = "2030-01-31T00:00:00Z", virtual = true }, core.json.decode(answer.body))
  end)
end)
