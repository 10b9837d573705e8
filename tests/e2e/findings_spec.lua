--- Everything wrong with a recipe is told in one run, each with its place, and nothing is sent.

local core = require "sluice.core"
local program = require "support.program"
local server = require "support.server"

--- A recipe of one destination, made of parts that a case may replace by Lua text.
local RECIPE = [[
local sluice = require "sluice"
local schedule = sluice.schedule
local NAME = %q
local function id(n) return "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d" .. n end
local function days(changes)
  local words = { at = "02:00", from = "2030-01-01", to = "2030-12-31" }
  for word, value in pairs(changes or {}) do words[word] = value end
  return words
end
return sluice.recipe { name = "r", version = "1", summary = "s", params = {}, run = function(ctx)
  return ctx.apply(sluice.destination { %s })
end }
]]

local LEGACY, V2 = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%", "%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%"

local GOOD = { LEGACY, [[
  name = "Good", type = "adobe-campaign",
  auth = { domain = "d.example.com", host = "d.example.com", username = "u", password = "p" },
  target = { remotePath = "/in" }, attributes = { "person.name.firstName" },
  audiences = { { id = id(0), filename = NAME, schedule = schedule.daily(days()) } },
]] }

local CASES = {
  ["of the tutorial"] = { LEGACY, [[
    name = " ", type = "adobe-campaign",
    auth = { spec = "SFTP with Password", domain = "d.example.com", host = "d.example.com", username = "u" },
    target = { mode = "FTP", path = "/in", remotePath = "/in" },
    audiences = {
      { id = "loyal-customers", filename = NAME, schedule = schedule.daily(days()) },
      { id = id(2), filename = "%%DESTINATION_NAME%%_%%TIMESTAMP%%", schedule = schedule.daily(days()) },
      { id = id(3), filename = NAME, schedule = schedule.daily(days { at = "17:30" }) },
      { id = id(4), filename = NAME, schedule = schedule.daily(days { to = "2029-12-31" }) },
      { id = id(5), filename = NAME, export = "DAILY_FULL_EXPORT", schedule = schedule.every_hours(6)(days()) },
    },
    attributes = { "xdm: person.name.firstName", { path = "personalEmail.address", manadtory = true } },
  ]], {
    "/name: expected a name for the dataflow",
    "/auth/password: missing",
    "/target/path: unknown key",
    '/audiences/0/id: "loyal-customers" is not an audience ID',
    "/audiences/1/filename: lacks %SEGMENT_ID%",
    '/audiences/2/schedule/at: exports start on the hour; write "17:00"',
    "/audiences/3/schedule/to: 2029-12-31 is before the start 2030-01-01",
    "/audiences/4/schedule: a full export runs ONCE or DAILY",
    '/attributes/0: attribute paths carry no "xdm:"; write "person.name.firstName"',
    '/attributes/1/manadtory: unknown key; .*did you mean "mandatory"?',
  } },
  ["of the newer cards"] = { V2, [[
    name = "Ten", type = "amazon-s3-v2",
    auth = { s3AccessKey = "short", s3SecretKey = ("k"):rep(40) },
    target = { bucketName = "my-bucket", path = "in", compression = "ZIP", fileType = "CSV" },
    audiences = {
      { id = id(1), filename = NAME .. "_%%SANDBOX%%", schedule = schedule.daily(days()) },
      { id = id(2), filename = NAME, export = "DAILY_FULL_EXPORT",
        schedule = { frequency = "WEEKLY", triggerType = "SCHEDULED", startDate = "2030-01-01", startTime = "02:00",
          endDate = "2030-12-31" } },
      { id = id(3), filename = NAME, schedule = schedule.daily(days { from = "2030-02-30" }) },
      { id = id(4), filename = NAME, schedule = schedule.daily(days { from = "2020-01-01", to = "2020-02-01" }) },
      { id = id(1), filename = NAME, schedule = schedule.daily(days()) },
      { filename = NAME, schedule = schedule.daily(days()) },
    },
    attributes = { { path = "person.name.firstName", column = "first.name" }, { identity = "Email" },
      { identity = "Phone" } },
  ]], {
    "/auth/s3AccessKey: ",
    "/target/compression: ",
    "/audiences/0/filename: unknown macro %SANDBOX%; did you mean",
    "/audiences/1/schedule/frequency: WEEKLY exists in the user interface only",
    '/audiences/2/schedule/from: expected a date such as "2030-12-31"; got "2030-02-30"',
    "/audiences/3/schedule/to: has passed",
    "/audiences/4/id: is the same audience as /audiences/0",
    "/audiences/5/id: missing",
    '/attributes/0/column: a column\'s name has no dots; write "first_name"',
    "/attributes/2: is a second identity beside /attributes/1",
  } },
  ["of streams"] = { LEGACY, [[
    name = "Ten", type = "amazon-kinesis", flow_spec = 7, description = "",
    auth = { accessKeyId = "a", secretKey = "s", region = "r" },
    target = { stream = "s" }, folder = "f",
    audiences = { { id = id(1), filename = NAME }, { id = id(2), export = "DAILY_FULL_EXPORT" },
      { id = id(3), schedule = schedule.daily(days()) }, "all" },
    attributes = { { path = "a", mandatory = true }, { path = "b", column = "c" } },
  ]], {
    "/flow_spec: expected text, got 7", '/description: expected text, got ""', "/target/region: missing", "/folder: ",
    "/audiences/0/filename: a streaming destination", "/audiences/1/export: a streaming destination",
    "/audiences/2/schedule: a streaming destination", '/audiences/3: expected a table, got "all"',
    "/attributes/0/mandatory: a streaming destination", "/attributes/1/column: a streaming destination",
  } },
}

--- Runs a recipe on a service in this process, which counts what comes in.
local function run(parts)
  local here = server.platform(function() return 400, {}, { message = "nobody should come here" } end)
  finally(here.close)
  local script = program.write(program.folder(), "recipe.lua", RECIPE:format(parts[1], (parts[2]:gsub("%%%%", "%%"))))
  local process = program.start({ "run", "--base-url", here.url, "--ims-url", here.url, script },
    { env = program.CREDENTIALS })
  local code
  for _ = 1, 3000 do -- the service lives in this process: its loop turns while we wait
    code = (program.read(process.folder .. "/code") or ""):match "%d+"
    if code then break end
    core.task.sleep(0.02)
  end
  return math.tointeger(code), process:errors(), here.requests
end

describe("a recipe with ten mistakes", function()
  teardown(program.clean)

  for kind, case in pairs(CASES) do
    it("for a destination " .. kind .. " reports ten findings, each with its place, and sends nothing", function()
      local code, told, requests = run(case)
      assert.are.equal(1, code, told)
      assert.are.equal(0, #requests)
      for _, expected in ipairs(case[3]) do
        local pattern = "error    " .. expected:gsub("[%%()%-?]", "%%%0")
        assert.is_truthy(told:find(pattern), expected .. " is not in:\n" .. told)
      end
      assert.are.equal(10, select(2, told:gsub("error    /", "")), told)
      assert.is_truthy(told:find "has 10 errors, listed above; nothing was changed\n$", told)
    end)
  end

  it("is told from a good one, which does send", function()
    local code, told, requests = run(GOOD)
    assert.are.equal(4, code, told)
    assert.is_true(#requests > 1)
    assert.is_nil(told:find("error    /", 1, true))
  end)
end)
