--- How dataflows fare, by what the service holds of them.

local core = require "sluice.core"
local health = require "sluice.health"
local past = require "spec.support.past"

local NOW, HOUR, DAY = past.NOW, past.HOUR, past.DAY

describe("health", function()
  local world
  before_each(function() world = past.start() end)
  after_each(function() world.live.server.stop() end)

  local function reports(days)
    local flows = world.aep.flows:list()
    return health.of(world.aep, flows, { since = NOW - (days or 7) * DAY, now = NOW })
  end

  --- The report on a dataflow that has these audiences, by default one at 06:00 every day.
  local function one(fields, days)
    fields = fields or {}
    fields.transformations = fields.transformations or past.audiences(past.audience "a1")
    local id = past.id(1)
    if not world.scope:find("flows", id) then world:flow(1, fields) end
    return reports(days)[1], id
  end

  local TODAY = NOW - DAY + 6 * HOUR -- the last export that fell due: 2030-01-07 06:00

  it("is well after a success that came when it was due", function()
    world:run(past.id(1), TODAY, { audiences = { "a1" } })
    local report = one()
    assert.same({ id = past.id(1), name = "Flow 1", state = "enabled", verdict = "ok", runs = 1, failures = 0,
      last_success = TODAY + 300, next = { at = NOW + 6 * HOUR }, streams = false }, report)
    assert.is_false(health.is_unwell(report))
  end)

  it("fails while no success has made the last failure good", function()
    world:run(past.id(1), TODAY - DAY, { audiences = { "a1" } })
    world:run(past.id(1), TODAY, { status = "failed", audiences = { "a1" } })
    local report = one()
    assert.same({ "failing", "ACTIVATION_BATCH-0000-FAILED: Job aborted.", 2, 1, TODAY - DAY + 300 },
      { report.verdict, report.reason, report.runs, report.failures, report.last_success })
    assert.is_true(health.is_unwell(report))
    world:run(past.id(1), TODAY + HOUR, { status = "processing", audiences = { "a1" } })
    assert.equal("failing", one().verdict)
    world:run(past.id(1), TODAY + 2 * HOUR, { audiences = { "a1" } })
    report = one()
    assert.same({ "ok", 1 }, { report.verdict, report.failures })
  end)

  it("fails for one audience, though others do well; not for one that is gone", function()
    local transformations = past.audiences(past.audience "a1", past.audience "a2")
    world:run(past.id(1), TODAY, { status = "failed", audiences = { "gone" } })
    world:run(past.id(1), TODAY, { audiences = { "a1" } })
    local bad = world:run(past.id(1), TODAY, { audiences = { "a2" }, status = "failed", message = "full" })
    world:run(past.id(1), TODAY + HOUR, { audiences = { "a1" } })
    assert.equal("ACTIVATION_BATCH-0000-FAILED: full", one({ transformations = transformations }).reason)
    world:run(past.id(1), TODAY, { id = bad, audiences = { "a2" } })
    assert.equal("ok", one().verdict)
  end)

  it("fails where the run does not say of which audience it was", function()
    world:run(past.id(1), TODAY, { status = "failed" })
    assert.equal("failing", one().verdict)
    world:run(past.id(1), TODAY + HOUR, { audiences = { "a1" } })
    assert.equal("ok", one().verdict)
  end)

  it("is late when an export was due more than an hour ago and nothing has begun", function()
    world:run(past.id(1), TODAY - DAY, { audiences = { "a1" } })
    local report = one()
    assert.same({ "late", "the export of 2030-01-07 06:00 UTC (Audience a1) has not begun" },
      { report.verdict, report.reason })
    assert.is_true(health.is_unwell(report))
    world:run(past.id(1), TODAY - 60, { status = "processing", audiences = { "a1" } })
    assert.equal("ok", one().verdict)
  end)

  it("is late for the audience that was left out", function()
    world:run(past.id(1), TODAY, { audiences = { "a1" } })
    local report = one { transformations = past.audiences(past.audience "a1", past.audience "a2") }
    assert.same({ "late", true }, { report.verdict, report.reason:find("Audience a2", 1, true) ~= nil })
    world:run(past.id(1), TODAY) -- of which, nobody knows
    assert.equal("ok", one().verdict)
  end)

  it("gives an export an hour to begin, and one after evaluation its day and an hour", function()
    local function verdict(schedule)
      world.scope:add("flows", { id = past.id(1), state = "enabled", createdAt = 0,
        transformations = past.audiences(past.audience("a1", schedule)) })
      local report = reports()[1]
      world.scope:remove("flows", past.id(1))
      return report.verdict
    end
    local function at(time)
      return { frequency = "ONCE", endDate = false, startDate = "2030-01-07", startTime = time }
    end
    assert.same({ "late", "never ran" }, { verdict(at "23:00"), verdict(at "23:01") })
    local after = { triggerType = "AFTER_SEGMENT_EVAL", startTime = false, startDate = "2030-01-07" }
    assert.equal("never ran", verdict(after)) -- the day has been over for no time at all
    after.startDate = "2030-01-06"
    assert.equal("late", verdict(after))
  end)

  it("does not expect what was due before the dataflow, or its audience, was there", function()
    assert.equal("late", one { createdAt = (TODAY - 60) * 1000 }.verdict)
    world.scope:remove("flows", past.id(1))
    assert.equal("never ran", one { createdAt = (TODAY + 60) * 1000 }.verdict)
    world.scope:remove("flows", past.id(1))
    local selector = past.audience "a1"
    selector.value.createTime = tostring(TODAY + 60)
    assert.equal("never ran", one { transformations = past.audiences(selector) }.verdict)
  end)

  it("looks behind the window as far as it must", function()
    local once = past.audiences(past.audience("a1", { frequency = "ONCE", startDate = "2029-11-01", endDate = false }))
    world:flow(1, { transformations = once })
    world:run(past.id(1), NOW - 67 * DAY, { audiences = { "a1" } }) -- 2029-11-02
    world:flow(2, { transformations = once })
    world:run(past.id(2), NOW - 67 * DAY, { audiences = { "a1" } })
    world:run(past.id(2), NOW - 66 * DAY, { audiences = { "a1" }, status = "failed" })
    world:flow(3, { lastRunDetails = { id = "x", state = "success", startedAtUTC = (NOW - 50 * DAY) * 1000,
      completedAtUTC = (NOW - 50 * DAY) * 1000 + 9000 } })
    world:flow(4, { transformations = once })
    world:flow(5)
    local found = {}
    for _, report in ipairs(reports()) do
      found[tonumber(report.id:sub(-2))] = { report.verdict, report.last_success or false, report.runs }
    end
    assert.same({ { "ok", NOW - 67 * DAY + 300, 0 }, { "failing", NOW - 67 * DAY + 300, 0 },
      { "ok", NOW - 50 * DAY + 9, 0 }, { "late", false, 0 }, { "never ran", false, 0 } }, found)
  end)

  it("judges an export from before the window by any run since", function()
    local transformations = past.audiences(past.audience "a1",
      past.audience("a2", { frequency = "ONCE", startDate = "2029-11-01", endDate = false }))
    world:run(past.id(1), TODAY, { audiences = { "a1" } })
    assert.equal("ok", one({ transformations = transformations }).verdict)
  end)

  it("is disabled, whatever there was", function()
    world:run(past.id(1), TODAY, { status = "failed" })
    local report = one { state = "disabled" }
    assert.same({ "disabled", 1 }, { report.verdict, report.failures })
    assert.is_nil(report.next)
  end)

  it("knows the next export of datasets and of days, and none of streams", function()
    world:flow(1, { scheduleParams = { startTime = NOW - 5 * HOUR, timeUnit = "hour", interval = 3 } })
    world:flow(2, { transformations = past.audiences(past.audience("a1",
      { triggerType = "AFTER_SEGMENT_EVAL", startTime = false })) })
    world:flow(3, { transformations = past.audiences { type = "PLATFORM_SEGMENT", value = { id = "a1" } } })
    world:flow(4, { transformations = past.audiences(past.audience("a1", { startDate = "2031-02-03", endDate = false }),
      past.audience("a2", { startDate = "2030-05-01", startTime = "07:00" })) })
    local found = {}
    for _, report in ipairs(reports()) do found[tonumber(report.id:sub(-2))] = report end
    assert.same({ { at = NOW + HOUR }, { at = NOW, after_evaluation = true } }, { found[1].next, found[2].next })
    assert.same({ true, false }, { found[3].streams, found[1].streams })
    assert.is_nil(found[3].next)
    assert.equal("2030-05-01 07:00", os.date("!%Y-%m-%d %H:%M", found[4].next.at))
  end)

  it("says nothing of schedules that no document explains", function()
    local odd = { { frequency = "WEEKLY" }, { frequency = 5 }, { startDate = "soon" }, { startTime = "24:00" },
      { frequency = "EVERY_0_HOURS" } }
    for i, schedule in ipairs(odd) do
      world:flow(i, { transformations = past.audiences(past.audience("a1", schedule)) })
    end
    local datasets = { { timeUnit = "month", startTime = NOW, interval = 1 }, { startTime = "now" },
      { startTime = NOW, timeUnit = "day", interval = -1 }, { startTime = NOW, timeUnit = "day", interval = 1 << 58 },
      { startTime = math.mininteger, timeUnit = "day", interval = 1 },
      { startTime = math.maxinteger, timeUnit = "hour", interval = 0 } }
    for i, params in ipairs(datasets) do world:flow(#odd + i, { scheduleParams = params }) end
    for i, broken in ipairs { "x", core.json.array { "x" }, core.json.array { { params = 5 } },
      past.audiences("x", { value = 5 }, { value = { schedule = 7 } }) } do
      world:flow(#odd + #datasets + i, { transformations = broken })
    end
    local all = reports()
    assert.equal(15, #all)
    for _, report in ipairs(all) do assert.same({ "never ran" }, { report.verdict, report.next }) end
  end)

  it("asks for little: a hundred dataflows in a few lists", function()
    for i = 1, 100 do
      world:flow(i, { transformations = past.audiences(past.audience "a1") })
      if i % 2 == 0 then world:run(past.id(i), TODAY, { audiences = { "a1" } }) end
    end
    local flows = world.aep.flows:list { limit = 100 }
    world:forget()
    local counts = { ok = 0, late = 0 }
    for _, report in ipairs(health.of(world.aep, flows, { since = NOW - 7 * DAY, now = NOW })) do
      counts[report.verdict] = counts[report.verdict] + 1
    end
    assert.same({ ok = 50, late = 50 }, counts)
    assert.equal(3 + 2, #world:queries "runs") -- 50 that have run in no window are asked for once more
  end)
end)
