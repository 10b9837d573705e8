--- The verdict on a dataflow, case by case: its schedules, its runs, and what follows from them.

local health = require "sluice.health"
local past = require "spec.support.past"

local NOW, HOUR, DAY = past.NOW, past.HOUR, past.DAY -- 2030-01-08 00:00
local SIX = NOW - DAY + 6 * HOUR -- of the day before

-- A run: { when it began, how it ended, audiences }. What is left out has succeeded, and names no audience.
local function ok(at, ...) return { at, "success", { ... } } end
local function bad(at, ...) return { at, "failed", { ... } } end
local function going(at, ...) return { at, "processing", { ... } } end

local HOURLY = { frequency = "EVERY_3_HOURS", startTime = "00:00" }
local AFTER = { triggerType = "AFTER_SEGMENT_EVAL", startTime = false }
local function once(date, time) return { frequency = "ONCE", startDate = date, startTime = time, endDate = false } end
local function ended(date) return { endDate = date } end
local function begins(date) return { startDate = date } end

--- { what, verdict, schedules of audiences a1, a2 …, runs, other fields of the dataflow }
local CASES = {
  { "daily, ran", "ok", { {} }, { ok(SIX, "a1") } },
  { "daily, a run that names no audience", "ok", { {} }, { ok(SIX) } },
  { "daily, goes on", "ok", { {} }, { going(SIX, "a1") } },
  { "daily, began a little early", "ok", { {} }, { ok(SIX - 299, "a1") } },
  { "daily, began too early", "late", { {} }, { ok(SIX - 301, "a1") } },
  { "daily, missed today", "late", { {} }, { ok(SIX - DAY, "a1") } },
  { "daily, never", "late", { {} }, {} },
  { "daily, failed", "failing", { {} }, { bad(SIX, "a1") } },
  { "daily, failed and missed", "failing", { {} }, { bad(SIX - DAY, "a1") } },
  { "daily, failed and repeated", "ok", { {} }, { bad(SIX, "a1"), ok(SIX + 60, "a1") } },
  { "daily, worked and failed", "failing", { {} }, { ok(SIX, "a1"), bad(SIX + 60, "a1") } },
  { "daily, failed and goes on", "failing", { {} }, { bad(SIX, "a1"), going(SIX + 60, "a1") } },
  { "daily, all over", "ok", { ended "2030-01-05" }, { ok(SIX - 3 * DAY, "a1") } },
  { "daily, all over, the last one missed", "late", { ended "2030-01-05" }, { ok(SIX - 4 * DAY, "a1") } },
  { "daily, not begun", "never ran", { begins "2030-02-01" }, {} },
  { "hourly, ran", "ok", { HOURLY }, { ok(NOW - 3 * HOUR, "a1") } },
  { "hourly, missed one", "late", { HOURLY }, { ok(NOW - 6 * HOUR, "a1") } },
  { "once, to come", "never ran", { once("2030-01-09", "06:00") }, {} },
  { "once, ran", "ok", { once("2030-01-07", "06:00") }, { ok(SIX, "a1") } },
  { "once, missed", "late", { once("2030-01-07", "06:00") }, {} },
  { "once, in its hour of grace", "never ran", { once("2030-01-07", "23:30") }, {} },
  { "after evaluation, ran", "ok", { AFTER }, { ok(SIX - DAY, "a1"), ok(SIX, "a1") } },
  { "after evaluation, today's may still come", "ok", { AFTER }, { ok(SIX - DAY, "a1") } },
  { "after evaluation, missed", "late", { AFTER }, { ok(SIX - 2 * DAY, "a1") } },
  { "two, both ran", "ok", { {}, {} }, { ok(SIX, "a1"), ok(SIX, "a2") } },
  { "two in one run", "ok", { {}, {} }, { ok(SIX, "a1", "a2") } },
  { "two, one missed", "late", { {}, {} }, { ok(SIX, "a1"), ok(SIX - DAY, "a2") } },
  { "two, one failed", "failing", { {}, {} }, { bad(SIX, "a2"), ok(SIX + 60, "a1") } },
  { "two, one failed, then both in one run", "ok", { {}, {} }, { bad(SIX, "a2"), ok(SIX + 60, "a1", "a2") } },
  { "two, both in a run that failed", "failing", { {}, {} }, { bad(SIX, "a1", "a2") } },
  { "an audience that is gone failed", "ok", { {} }, { bad(SIX, "gone"), ok(SIX, "a1") } },
  { "no schedule, nothing", "never ran", {}, {} },
  { "no schedule, ran", "ok", {}, { ok(SIX - 5 * DAY) } },
  { "no schedule, failed", "failing", {}, { bad(SIX - 5 * DAY) } },
  { "before the window, failed", "failing", {}, { bad(NOW - 30 * DAY) } },
  { "datasets, ran", "ok", nil, { ok(NOW - 2 * HOUR) }, { scheduleParams = { startTime = NOW - 50 * HOUR,
    timeUnit = "hour", interval = 24 } } },
  { "datasets, missed", "late", nil, { ok(NOW - 30 * HOUR) }, { scheduleParams = { startTime = NOW - 50 * HOUR,
    timeUnit = "hour", interval = 24 } } },
  { "datasets, once, ran", "ok", nil, { ok(NOW - 50 * HOUR) }, { scheduleParams = { startTime = NOW - 50 * HOUR,
    timeUnit = "hour", interval = 0 } } },
  { "made a minute after its time", "never ran", { {} }, {}, { createdAt = (SIX + 60) * 1000 } },
  { "disabled and failed", "disabled", { {} }, { bad(SIX, "a1") }, { state = "disabled" } },
}

describe("the verdict", function()
  local world
  setup(function() world = past.start() end)
  teardown(function() world.live.server.stop() end)

  local function put(n, case)
    local selectors, fields = {}, {}
    for i, schedule in ipairs(case[3] or {}) do selectors[i] = past.audience("a" .. i, schedule) end
    if case[3] then fields.transformations = past.audiences(table.unpack(selectors)) end
    for name, value in pairs(case[5] or {}) do fields[name] = value end
    local id = world:flow(n, fields)
    for _, run in ipairs(case[4]) do world:run(id, run[1], { status = run[2], audiences = run[3] }) end
  end

  it("is right in every case", function()
    local expected, found = {}, {}
    for n, case in ipairs(CASES) do
      put(n, case)
      expected[case[1]] = case[2]
    end
    local flows = world.aep.flows:list { limit = 100 }
    for _, report in ipairs(health.of(world.aep, flows, { since = NOW - 7 * DAY, now = NOW })) do
      found[CASES[tonumber(report.name:match "%d+")][1]] = report.verdict
    end
    assert.same(expected, found)
  end)
end)
