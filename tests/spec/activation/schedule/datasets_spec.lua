local dates = require "sluice.activation.dates"
local findings = require "sluice.findings"
local outcome = require "spec.support.outcome"
local schedule = require "sluice.activation.schedule"

local FULL, INCREMENTAL = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"
local datasets = schedule.datasets
local START, END = dates.seconds "2030-01-01", dates.seconds "2030-12-31"

local function check(plan, place)
  local report = findings.new()
  schedule.check_datasets(report, place or "/schedule", plan, { today = "2029-06-15" })
  return outcome.lines(report)
end

local function raw(export, unit, interval, changes)
  local made = { exportMode = export, timeUnit = unit, interval = interval, startTime = START, endTime = END }
  for key, value in pairs(changes or {}) do made[key] = value ~= "none" and value or nil end
  return made
end

local ONCE = { FULL, "day", 0 }
local SIX = { INCREMENTAL, "hour", 6 }

-- The truth table and each rule: export mode, unit, interval, changes, what is found ("" = nothing).
local TABLE = {
  { FULL, "day", 0, {}, "" },
  { FULL, "day", 1, {}, "error /schedule/interval: got 1: a full export of datasets happens once" },
  { FULL, "hour", 6, {}, "error /schedule/timeUnit: got 6: a full export of datasets happens once" },
  { INCREMENTAL, "day", 1, {}, "" },
  { INCREMENTAL, "day", 0, {},
    'error /schedule/interval: got 0: a single export has exportMode = "DAILY_FULL_EXPORT"' },
  { INCREMENTAL, "day", 2, {}, "error /schedule/interval: got 2: expected 1: once a day" },
  { INCREMENTAL, "hour", 3, {}, "" },
  { INCREMENTAL, "hour", 6, {}, "" },
  { INCREMENTAL, "hour", 9, {}, "" },
  { INCREMENTAL, "hour", 12, {}, "" },
  { INCREMENTAL, "hour", 8, {}, "warning /schedule/interval: every 8 hours: the user interface's page lists it" },
  { INCREMENTAL, "hour", 24, {}, 'error /schedule/interval: got 24: expected 3, 6, 9 or 12; once a day is timeUnit' },
  { INCREMENTAL, "hour", 4, {}, "error /schedule/interval: got 4: expected 3, 6, 9 or 12 hours" },
  { nil, "day", 0, {}, "" },
  { nil, "day", 1, {}, "" },
  { nil, "hour", 12, {}, "" },
  { nil, "hour", 5, {}, "error /schedule/interval: got 5: expected 3, 6, 9 or 12 hours" },
  { "FULL", "day", 0, {}, 'error /schedule/exportMode: "FULL" is not known; .*did you mean "DAILY_FULL_EXPORT"' },
  { INCREMENTAL, "week", 1, {}, 'error /schedule/timeUnit: "week" is not known: expected "hour" or "day"' },
  { INCREMENTAL, nil, 1, {}, 'error /schedule/timeUnit: missing: expected "hour" or "day"' },
  { INCREMENTAL, "hour", nil, {}, "error /schedule/interval: missing: expected a whole number" },
  { INCREMENTAL, "hour", "6", {}, 'error /schedule/interval: got "6", expected a whole number' },
  { SIX, { startTime = "none" }, "error /schedule/startTime: missing: expected seconds since 1970" },
  { SIX, { startTime = "2030-01-01" }, "such as 1893456000 for 2030-01-01, got \"2030-01-01\"" },
  { SIX, { startTime = START * 1000 }, "error /schedule/startTime: .*milliseconds; write 1893456000" },
  { SIX, { endTime = START }, "error /schedule/endTime: 2030-01-01 00:00 UTC is not after the start" },
  { SIX, { endTime = "none" }, "warning /schedule/endTime: missing: the service will end the export six months after" },
  { ONCE, { endTime = "none" }, "" },
  { SIX, { startTime = 1, endTime = dates.seconds "2029-06-14" },
    "error /schedule/endTime: 2029-06-14 00:00 UTC has passed: nothing will be exported" },
  { SIX, { startTime = 1, endTime = dates.seconds "2029-06-14", past = true }, "" },
  { SIX, { startTime = 1 }, "" },
  { ONCE, { startTime = 1, endTime = "none" }, "error /schedule/startTime: 1970-01-01 00:00 UTC has passed" },
  { SIX, { past = 1 }, "error /schedule/past: expected true or false, got 1" },
  { SIX, { frequency = "DAILY" }, "error /schedule/frequency: unknown key; " },
  { SIX, { foldernameTemplate = "%DESTINATION%_%DATASET_ID%" }, "" },
  { SIX, { foldernameTemplate = "%SEGMENT_ID%" }, "error /schedule/foldernameTemplate: %SEGMENT_ID% is a macro" },
  { SIX, { folderNameTemplate = "%DATASET_ID%" },
    "warning /schedule/folderNameTemplate: the API description's schema spells it so, the export guide and aepp" },
}

describe("schedules of datasets", function()
  for _, case in ipairs(TABLE) do
    if type(case[1]) == "table" then
      case = { case[1][1], case[1][2], case[1][3], case[2], case[3] }
    end
    local export, unit, interval, changes, expected = table.unpack(case, 1, 5)
    it(("%s %s %s: %s"):format(export, unit, interval, expected == "" and "fine" or expected), function()
      local found = check(raw(export, unit, interval, changes))
      if expected == "" then return assert.equal("", found) end
      assert.truthy(found:find((expected:gsub("[%-?()%%]", "%%%0"))), found)
      assert.falsy(found:find("\n", 1, true), found)
    end)
  end

  it("are wanted, and of the right kind", function()
    assert.truthy(check(nil):find("error /schedule: missing: expected when datasets are exported", 1, true))
    assert.truthy(check("daily"):find('error /schedule: expected a table, got "daily"', 1, true))
    assert.truthy(check(schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" })
      :find("error /schedule: is a schedule of audiences; for datasets write", 1, true))
  end)

  it("may not name the folder in two spellings", function()
    local found = check(raw(INCREMENTAL, "day", 1, { folderNameTemplate = "a", foldernameTemplate = "b" }))
    assert.truthy(found:find("error /schedule/folderNameTemplate: says the same as foldernameTemplate", 1, true), found)
  end)
end)

describe("helpers for datasets", function()
  for name, case in pairs {
    daily = { datasets.daily { from = "2030-01-01", to = "2030-12-31" },
      { exportMode = INCREMENTAL, timeUnit = "day", interval = 1, startTime = START, endTime = END } },
    ["daily at an hour"] = { datasets.daily { at = "02:30", from = "2030-01-01", to = "2030-12-31" },
      { exportMode = INCREMENTAL, timeUnit = "day", interval = 1, startTime = START + 9000, endTime = END } },
    every_hours = { datasets.every_hours(9) { from = "2030-01-01", to = "2030-12-31" },
      { exportMode = INCREMENTAL, timeUnit = "hour", interval = 9, startTime = START, endTime = END } },
    once = { datasets.once { on = "2030-01-01", at = "01:00" },
      { exportMode = FULL, timeUnit = "day", interval = 0, startTime = START + 3600 } },
  } do
    it("say " .. name .. " in the API's words", function()
      assert.equal("", check(case[1]))
      assert.same(case[2], schedule.build_datasets(case[1]))
    end)
  end

  it("take the folder from the definition or from a raw schedule, in the current spelling", function()
    assert.equal("f", schedule.build_datasets(datasets.once { on = "2030-01-01" }, "f").foldernameTemplate)
    assert.equal("g", schedule.build_datasets({ foldernameTemplate = "g" }).foldernameTemplate)
    local built = schedule.build_datasets { folderNameTemplate = "g", past = true, timeUnit = "day" }
    assert.same({ foldernameTemplate = "g", timeUnit = "day" }, built)
  end)

  for _, case in ipairs {
    { datasets.daily {}, "error /schedule/from: missing: expected a date" },
    { datasets.daily { from = "2030-02-30", to = "2031-01-01" },
      'error /schedule/from: expected a date such as "2030-12-31"; got "2030-02-30"' },
    { datasets.daily { from = "2030-01-01", to = "soon" }, "error /schedule/to: expected a date" },
    { datasets.daily { at = "2am", from = "2030-01-01", to = "2031-01-01" },
      'error /schedule/at: expected a time in UTC such as "17:00", got "2am"' },
    { datasets.daily { from = "2030-01-01", to = "2030-01-01" }, "error /schedule/to: 2030-01-01 00:00 UTC is not" },
    { datasets.daily { from = "2030-01-01" }, "warning /schedule/to: missing: the service will end the export" },
    { datasets.daily { from = "2029-01-01", to = "2029-06-01" }, "error /schedule/to: 2029-06-01 00:00 UTC has" },
    { datasets.daily { from = "2029-01-01", to = "2029-06-01", past = true }, "" },
    { datasets.once { on = "2029-01-01" }, "error /schedule/on: 2029-01-01 00:00 UTC has passed" },
    { datasets.once { on = "2030-01-01", to = "2030-02-01" }, 'error /schedule/to: unknown key; expected "at", "on"' },
    { datasets.daily { on = "2030-01-01", from = "2030-01-01", to = "2030-02-01" }, "error /schedule/on: unknown key" },
  } do
    it("are checked: " .. (case[2] == "" and "fine" or case[2]), function()
      local found = check(case[1])
      if case[2] == "" then return assert.equal("", found) end
      assert.truthy(found:find(case[2], 1, true), found)
      assert.falsy(found:find("\n", 1, true), found)
    end)
  end

  it("refuse other intervals and other arguments at the caller's line", function()
    for _, hours in ipairs { 4, 8, 24 } do
      local ok, message = pcall(datasets.every_hours, hours)
      assert.falsy(ok)
      assert.truthy(tostring(message):find("expected 3, 6, 9 or 12, got " .. hours, 1, true))
    end
    local ok, message = pcall(function()
      local wrong = datasets.once "2030-01-01"
      return wrong
    end)
    assert.falsy(ok)
    assert.truthy(message:find 'datasets_spec.lua:%d+: expected words in braces, such as { on = "2030%-01%-01" }')
  end)
end)
