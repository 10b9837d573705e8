local dates = require "sluice.activation.dates"
local findings = require "sluice.findings"
local outcome = require "spec.support.outcome"
local schedule = require "sluice.activation.schedule"

local FULL, INCREMENTAL = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"
local TODAY = "2029-06-15"

local function check(export, plan)
  local report = findings.new()
  schedule.check(report, "/a", { export = export, schedule = plan }, { shape = "legacy", today = TODAY })
  return outcome.lines(report)
end

local function plan(frequency, trigger, fields)
  local made = { frequency = frequency, triggerType = trigger,
    startDate = "2030-01-01", startTime = "17:00", endDate = "2030-12-31" }
  for key, value in pairs(fields or {}) do made[key] = value ~= "none" and value or nil end
  return made
end

local ONE = { endDate = "none" }
local TIMELESS = { startTime = "none" }
local STRAY = "warning /a/schedule/startTime: has no effect after evaluation: the API description .*the tutorial"
local MISSING = "error /a/schedule/%s: missing: expected"

-- The truth table: export, frequency, trigger, changes to a full set of fields, what is found ("" = valid).
local TABLE = {
  { FULL, "ONCE", "SCHEDULED", ONE, "" },
  { FULL, "ONCE", "SCHEDULED", {}, "error /a/schedule/endDate: has no place in a schedule that runs ONCE" },
  { FULL, "ONCE", nil, ONE,
    "warning /a/schedule/triggerType: no triggerType: the tutorial's table asks for one" },
  { FULL, "ONCE", "AFTER_SEGMENT_EVAL", { endDate = "none", startTime = "none" }, "" },
  { FULL, "ONCE", "AFTER_SEGMENT_EVAL", ONE, STRAY },
  { FULL, "DAILY", "SCHEDULED", {}, "" },
  { FULL, "DAILY", nil, {}, "warning /a/schedule/triggerType: no triggerType" },
  { FULL, "DAILY", "AFTER_SEGMENT_EVAL", TIMELESS, "" },
  { FULL, "DAILY", "AFTER_SEGMENT_EVAL", {}, STRAY },
  { FULL, "EVERY_3_HOURS", "SCHEDULED", {}, "error /a/schedule/frequency: a full export runs ONCE or DAILY" },
  { FULL, "EVERY_12_HOURS", nil, {}, "error /a/schedule/frequency: a full export runs ONCE or DAILY" },
  { INCREMENTAL, "DAILY", nil, {}, "" },
  { INCREMENTAL, "DAILY", "SCHEDULED", {}, "" },
  { INCREMENTAL, "EVERY_3_HOURS", nil, {}, "" },
  { INCREMENTAL, "EVERY_6_HOURS", "SCHEDULED", {}, "" },
  { INCREMENTAL, "EVERY_8_HOURS", nil, {}, "" },
  { INCREMENTAL, "EVERY_12_HOURS", nil, {}, "" },
  { INCREMENTAL, "DAILY", "AFTER_SEGMENT_EVAL", TIMELESS,
    "error /a/schedule/triggerType: AFTER_SEGMENT_EVAL goes" },
  { INCREMENTAL, "EVERY_6_HOURS", "AFTER_SEGMENT_EVAL", TIMELESS,
    "error /a/schedule/triggerType: AFTER_SEGMENT_EVAL goes" },
  { INCREMENTAL, "ONCE", nil, ONE, "error /a/schedule/frequency: an incremental export runs DAILY or every" },
  { INCREMENTAL, "ONCE", "SCHEDULED", ONE, "error /a/schedule/frequency: an incremental export runs DAILY or every" },
  { FULL, "EVERY_6_HOURS", "SCHEDULED", {}, "error /a/schedule/frequency: a full export runs ONCE or DAILY" },
  { FULL, "EVERY_8_HOURS", "AFTER_SEGMENT_EVAL", TIMELESS, "error /a/schedule/frequency: a full export runs" },
  { INCREMENTAL, "WEEKLY", nil, {}, "error /a/schedule/frequency: WEEKLY exists in the user interface only" },
  { FULL, "MONTHLY", "SCHEDULED", {}, "error /a/schedule/frequency: MONTHLY exists in the user interface only" },
  { FULL, "ONCE", "AFTER_SEGMENT_EVAL", { startTime = "none" },
    "error /a/schedule/endDate: has no place in a schedule that runs ONCE" },
  { FULL, "DAILY", "AFTER_SEGMENT_EVAL", { startTime = "none", endDate = "none" }, MISSING:format "endDate" },
  { INCREMENTAL, "DAILY", nil, { startTime = "none" }, MISSING:format "startTime" },
  { FULL, "WEEKLY", "SCHEDULED", {},
    "error /a/schedule/frequency: WEEKLY exists in the user interface only" },
  { INCREMENTAL, "MONTHLY", nil, {},
    "error /a/schedule/frequency: MONTHLY exists in the user interface only" },
  { FULL, "CHAINED", "SCHEDULED", {},
    'error /a/schedule/frequency: "CHAINED" is not known; expected "ONCE"' },
  { INCREMENTAL, "EVERY_6_HOUR", nil, {}, 'did you mean "EVERY_6_HOURS"?' },
  { FULL, "DAILY", "SCHEDULE", {}, 'error /a/schedule/triggerType: "SCHEDULE" is not known; .*"SCHEDULED"?' },
  { FULL, nil, "SCHEDULED", {}, 'error /a/schedule/frequency: missing: expected "ONCE"' },
  { nil, "DAILY", "SCHEDULED", {}, 'error /a/export: missing: expected "DAILY_FULL_EXPORT"' },
  { "DAILY_FULL", "DAILY", "SCHEDULED", {},
    'error /a/export: "DAILY_FULL" is not known; .*"DAILY_FULL_EXPORT"?' },
  { FULL, "DAILY", "SCHEDULED", { startDate = "none" }, MISSING:format "startDate" },
  { FULL, "DAILY", "SCHEDULED", { startTime = "none" }, MISSING:format "startTime" },
  { FULL, "DAILY", "SCHEDULED", { endDate = "none" }, MISSING:format "endDate" },
  { INCREMENTAL, "EVERY_6_HOURS", nil, { endDate = "none" }, MISSING:format "endDate" },
  { FULL, "DAILY", "SCHEDULED", { startTime = "17:30" },
    'exports start on the hour; write "17:00"; got "17:30"' },
  { FULL, "DAILY", "SCHEDULED", { startTime = "7:00" },
    'two digits for the hour; write "07:00"; got "7:00"' },
  { FULL, "DAILY", "SCHEDULED", { startTime = "24:00" },
    'expected a time in UTC such as "17:00"; got "24:00"' },
  { FULL, "DAILY", "SCHEDULED", { startTime = 17 }, "error /a/schedule/startTime: expected a time .*got 17" },
  { FULL, "DAILY", "SCHEDULED", { endDate = "2030-02-29" },
    'expected a date such as "2030-12-31"; got "2030-02-29"' },
  { FULL, "DAILY", "SCHEDULED", { endDate = "2032-02-29" }, "" },
  { FULL, "DAILY", "SCHEDULED", { startDate = "1/1/2030" }, "error /a/schedule/startDate: expected a date" },
  { FULL, "DAILY", "SCHEDULED", { startDate = "2030-13-01" },
    "error /a/schedule/startDate: expected a date" },
  { FULL, "DAILY", "SCHEDULED", { endDate = "2029-12-31" },
    "/endDate: 2029-12-31 is before the start 2030-01-01" },
  { FULL, "DAILY", "SCHEDULED", { endDate = "2030-01-01" },
    "warning /a/schedule/endDate: nothing will be exported" },
  { FULL, "DAILY", "SCHEDULED", { startDate = "2029-01-01", endDate = TODAY },
    "error /a/schedule/endDate: has passed: the last export was due by 2029-06-14 17:00 UTC; the end date "
      .. "2029-06-15 itself is not exported" },
  { FULL, "DAILY", "SCHEDULED", { startDate = "2029-01-01" }, "" },
  { FULL, "ONCE", "SCHEDULED", { startDate = "2029-06-14", endDate = "none" },
    "error /a/schedule/startDate: has passed: the last export was due by 2029-06-14 17:00 UTC" },
  { FULL, "DAILY", "SCHEDULED", { endDate = "2030-01-01" }, 'write "2030-01-02" to export on 2030-01-01' },
  { FULL, "DAILY", "SCHEDULED", { startDate = "2029-01-01", endDate = "2029-06-16" }, "" },
  { FULL, "DAILY", "SCHEDULED", { startDate = "2029-01-01", endDate = TODAY, past = true }, "" },
  { FULL, "DAILY", "SCHEDULED", { past = "yes" }, 'error /a/schedule/past: expected true or false, got "yes"' },
  { FULL, "ONCE", "SCHEDULED", { startDate = "2029-06-14", endDate = "none", past = true }, "" },
  { FULL, "ONCE", "AFTER_SEGMENT_EVAL", { startDate = "2029-06-14", startTime = "none", endDate = "none" },
    "error /a/schedule/startDate: has passed: the last export was due by 2029-06-15 00:00 UTC" },
  { FULL, "ONCE", "AFTER_SEGMENT_EVAL", { startDate = TODAY, startTime = "none", endDate = "none" }, "" },
  { FULL, "DAILY", "AFTER_SEGMENT_EVAL", { startDate = "2029-01-01", startTime = "none", endDate = TODAY },
    "error /a/schedule/endDate: has passed" },
  { FULL, "DAILY", "SCHEDULED", { startDate = TODAY, startTime = "00:00" },
    "warning /a/schedule/startTime: the first export, 2029-06-15 00:00 UTC, is less than an hour away" },
  { FULL, "DAILY", "SCHEDULED", { startDate = TODAY, startTime = "01:00" }, "" },
  { FULL, "DAILY", "SCHEDULED", { begin = "2029" }, "error /a/schedule/begin: unknown key; expected" },
}

describe("schedules", function()
  for _, case in ipairs(TABLE) do
    local export, frequency, trigger, changes, expected = table.unpack(case, 1, 5)
    local words = {}
    for key, value in pairs(changes) do words[#words + 1] = key .. "=" .. tostring(value) end
    table.sort(words)
    it(("%s %s %s %s"):format(export, frequency, trigger, table.concat(words, " ")), function()
      local found = check(export, plan(frequency, trigger, changes))
      if expected == "" then return assert.equal("", found) end
      local pattern = expected:gsub("[%-?()]", "%%%0")
      assert.truthy(found:find(pattern), found)
      assert.falsy(found:find("\n", 1, true), found)
    end)
  end

  it("is over when the hour of its last export is, not before", function()
    local function at(hour)
      local report = findings.new()
      schedule.check(report, "/a", { export = INCREMENTAL, schedule = plan("EVERY_6_HOURS", nil,
        { startDate = "2029-01-01", startTime = "01:00", endDate = TODAY }) },
        { now = dates.seconds("2029-06-14", hour) })
      return outcome.lines(report)
    end
    assert.equal("", at "19:00")
    assert.truthy(at("19:01"):find("error /a/schedule/endDate: has passed: the last export was due by "
      .. "2029-06-14 19:00 UTC", 1, true), at "19:01")
  end)

  it("points nobody to a wrong kind of schedule", function()
    assert.truthy(check(nil, schedule.datasets.daily { from = "2030-01-01" })
      :find("error /a/schedule: is a schedule of datasets; for audiences write sluice.schedule.daily", 1, true))
  end)

  it("are explained with their last export, for the end date is not one", function()
    for _, case in ipairs {
      { schedule.daily { at = "17:00", from = "2026-01-04", to = "2026-01-11" }, nil,
        "all members, daily at 17:00 UTC, from 2026-01-04 until the last export on 2026-01-10 at 17:00" },
      { schedule.daily { at = "00:00", from = "2026-01-04", to = "2026-01-11" }, nil,
        "all members, daily at 00:00 UTC, from 2026-01-04 until the last export on 2026-01-10 at 00:00" },
      { schedule.every_hours(6) { at = "01:00", from = "2026-01-04", to = "2026-01-11" }, nil,
        "all members first, then only whose membership changed, every 6 hours, first at 01:00 UTC, from 2026-01-04 "
        .. "until the last export on 2026-01-10 at 19:00" },
      { schedule.once { at = "17:00", on = "2026-01-04" }, nil, "all members, once at 17:00 UTC, on 2026-01-04" },
      { schedule.daily { after_evaluation = true, from = "2026-01-04", to = "2026-01-11" }, nil,
        "all members, daily after the evaluation, from 2026-01-04 until 2026-01-10" },
      { schedule.daily { at = "17:00", from = "2026-01-04", to = "2026-01-04" }, nil,
        "all members, daily at 17:00 UTC, never: the end date 2026-01-04 itself is not exported" },
    } do
      assert.equal(case[3], schedule.explain { schedule = case[1], export = case[2] })
    end
  end)

  it("wants a schedule", function()
    assert.truthy(check(FULL, nil):find("error /a/schedule: missing: expected a schedule", 1, true))
    assert.truthy(check(FULL, "daily"):find('error /a/schedule: expected a table, got "daily"', 1, true))
  end)
end)

describe("schedule helpers", function()
  local RANGE = { at = "02:00", from = "2030-01-01", to = "2030-12-31" }

  for name, case in pairs {
    daily = { schedule.daily(RANGE), nil, FULL,
      { frequency = "DAILY", triggerType = "SCHEDULED", startDate = "2030-01-01", startTime = "02:00",
        endDate = "2030-12-31" } },
    ["daily, incremental"] = { schedule.daily(RANGE), INCREMENTAL, INCREMENTAL,
      { frequency = "DAILY", startDate = "2030-01-01", startTime = "02:00", endDate = "2030-12-31" } },
    every_hours = { schedule.every_hours(6)(RANGE), nil, INCREMENTAL,
      { frequency = "EVERY_6_HOURS", startDate = "2030-01-01", startTime = "02:00",
        endDate = "2030-12-31" } },
    once = { schedule.once { at = "17:00", on = "2030-01-01" }, nil, FULL,
      { frequency = "ONCE", triggerType = "SCHEDULED", startDate = "2030-01-01", startTime = "17:00" } },
    after_evaluation = { schedule.after_evaluation { from = "2030-01-01", to = "2030-12-31" }, nil, FULL,
      { frequency = "DAILY", triggerType = "AFTER_SEGMENT_EVAL", startDate = "2030-01-01",
        endDate = "2030-12-31" } },
    ["daily, after the evaluation"] = {
      schedule.daily { after_evaluation = true, from = "2030-01-01", to = "2030-12-31", past = false }, nil, FULL,
      { frequency = "DAILY", triggerType = "AFTER_SEGMENT_EVAL", startDate = "2030-01-01",
        endDate = "2030-12-31" } },
    ["once, after the evaluation"] = { schedule.once { after_evaluation = true, on = "2030-01-01" }, nil, FULL,
      { frequency = "ONCE", triggerType = "AFTER_SEGMENT_EVAL", startDate = "2030-01-01" } },
  } do
    it("say " .. name .. " in the API's words", function()
      assert.equal("", check(case[2], case[1]))
      local export, built = schedule.build { export = case[2], schedule = case[1] }
      assert.equal(case[3], export)
      assert.same(case[4], built)
    end)
  end

  it("may stand under export as well", function()
    local export, built = schedule.build { export = schedule.every_hours(3)(RANGE) }
    assert.equal(INCREMENTAL, export)
    assert.equal("EVERY_3_HOURS", built.frequency)
  end)

  it("point at the user's own words", function()
    assert.truthy(check(nil, schedule.daily { at = "2:00", from = "2030-01-01", to = "2030-12-31" })
      :find('error /a/schedule/at: expected two digits for the hour; write "02:00"', 1, true))
    assert.truthy(check(nil, schedule.daily { at = "02:00", form = "2030-01-01", from = "2030-01-01",
      to = "2031-01-01" })
      :find('error /a/schedule/form: unknown key; expected "after_evaluation", "at", "from", "past" or "to"; '
        .. 'did you mean "from"?', 1, true))
    assert.truthy(check(nil,
      schedule.once { at = "02:00" }):find("error /a/schedule/on: missing: expected a date", 1, true))
  end)

  it("point at the words of a trigger that does not go with the export", function()
    local after = schedule.daily { after_evaluation = true, from = "2030-01-01", to = "2030-12-31" }
    local found = check(INCREMENTAL, after)
    assert.truthy(found:find("error /a/schedule/after_evaluation: AFTER_SEGMENT_EVAL goes", 1, true), found)
    local wrong = schedule.daily { after_evaluation = "yes", at = "02:00", from = "2030-01-01", to = "2030-12-31" }
    assert.equal('error /a/schedule/after_evaluation: expected true or false, got "yes"', check(nil, wrong))
    local both = schedule.daily { after_evaluation = true, at = "02:00", from = "2030-01-01", to = "2030-12-31" }
    assert.truthy(check(nil, both):find("warning /a/schedule/at: has no effect after evaluation", 1, true))
  end)

  it("are pointed at as a whole for what they bring without naming it", function()
    local found = check(FULL, schedule.every_hours(6)(RANGE))
    assert.truthy(found:find("error /a/schedule: a full export runs ONCE or", 1, true), found)
    local after = schedule.after_evaluation { from = "2030-01-01", to = "2030-12-31" }
    assert.truthy(check(INCREMENTAL, after):find("error /a/schedule: AFTER_SEGMENT_EVAL goes", 1, true))
  end)

  it("refuse other intervals and other arguments at the caller's line", function()
    local ok, message = pcall(schedule.every_hours, 4)
    assert.falsy(ok)
    assert.truthy(tostring(message):find("expected 3, 6, 8 or 12, got 4", 1, true))
    ok, message = pcall(function()
      local wrong = schedule.daily "02:00"
      return wrong
    end)
    assert.falsy(ok)
    assert.truthy(message:find("schedule_spec.lua:%d+: expected words in braces"))
  end)
end)
