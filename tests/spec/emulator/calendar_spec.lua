--- Dates by arithmetic, and the moments of schedules.
local calendar = require "sluice.emulator.calendar"
local core = require "sluice.core"
local timetable = require "sluice.emulator.timetable"

local function iso(ms) return calendar.format(ms, "iso") end

describe("the emulator's calendar", function()
  it("knows every day from 1900 to 2400", function()
    local year, month, day = 1900, 1, 1
    local ms = calendar.day(year, month, day)
    while year < 2400 do
      local civil = calendar.civil(ms)
      assert(civil.year == year and civil.month == month and civil.day == day, iso(ms))
      assert(calendar.day(year, month, day) == ms)
      ms, day = ms + calendar.DAY, day + 1
      if not calendar.date(("%04d-%02d-%02d"):format(year, month, day)) then month, day = month + 1, 1 end
      if month == 13 then year, month = year + 1, 1 end
    end
    assert.equal(calendar.day(2400, 1, 1), ms)
    assert.equal(0, calendar.day(1970, 1, 1))
  end)

  it("writes times as the system does for UTC", function()
    for seconds = 0, 4102444800, 98765431 do
      assert.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", seconds), iso(seconds * 1000))
      assert.equal(os.date("!%Y%m%d_%H%M%S", seconds), calendar.format(seconds * 1000, "stamp"))
    end
    assert.equal("203001310605", calendar.format(calendar.instant("2030-01-31T06:05Z", "x"), "minute"))
  end)

  it("finds the last day of shorter months", function()
    for from, to in pairs { ["2029-08-31"] = "2030-02-28", ["2027-08-31"] = "2028-02-29", ["2030-01-15"] = "2030-07-15",
      ["2029-12-31"] = "2030-06-30" } do
      assert.equal(to, iso(calendar.add_months(calendar.date(from), 6)):sub(1, 10))
    end
  end)

  it("reads instants and spans, and refuses what is none", function()
    assert.equal("2030-01-01T06:30:00Z", iso(calendar.instant("2030-01-01T06:30Z", "x")))
    assert.equal("2028-02-29T23:59:59Z", iso(calendar.instant("2028-02-29T23:59:59Z", "x")))
    assert.equal("2030-01-01T00:00:00Z", iso(calendar.instant("2030-01-01", "x")))
    assert.same({ 45, 5400, 21600, 2678400, 1209600 }, { calendar.span("45s", "x"), calendar.span("90m", "x"),
      calendar.span("6h", "x"), calendar.span("31d", "x"), calendar.span("2w", "x") })
    for _, text in ipairs { "2030-02-29T00:00Z", "2030-01-01T24:00Z", "2030-01-01T00:00", "2030-01-01T00:00+01:00",
      "2030-13-01", "2030-1-1", "now", "", "2030-01-01T00:00Z " } do
      local ok, err = pcall(calendar.instant, text, "--clock")
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "usage"))
      assert.matches("--clock is '" .. text, err.message, 1, true)
    end
    for _, text in ipairs { "6", "h", "-6h", "1.5h", "6 h", "1M", "1000000000d" } do
      assert.is_false(pcall(calendar.span, text, "x"), text)
    end
  end)
end)

describe("the emulator's timetable", function()
  local function moments(schedule, from, to)
    local list = timetable.moments(timetable.audience(schedule), calendar.instant(from, "x"), calendar.instant(to, "x"))
    for i, at in ipairs(list) do list[i] = iso(at):sub(1, 16) end
    return list
  end

  it("repeats an export until the day before the last one", function()
    local plan = { frequency = "EVERY_12_HOURS", startDate = "2030-01-30", startTime = "17:00", endDate = "2030-02-01" }
    assert.same({ "2030-01-30T17:00", "2030-01-31T05:00", "2030-01-31T17:00" },
      moments(plan, "2030-01-01", "2031-01-01"))
    plan.frequency = "DAILY"
    assert.same({ "2030-01-31T17:00" }, moments(plan, "2030-01-30T17:01Z", "2031-01-01"))
    plan.startTime, plan.triggerType = nil, "AFTER_SEGMENT_EVAL"
    assert.same({ "2030-01-30T03:00", "2030-01-31T03:00" }, moments(plan, "2030-01-01", "2031-01-01"))
    plan.endDate = plan.startDate
    assert.same({}, moments(plan, "2030-01-01", "2031-01-01"))
  end)

  it("keeps to the rhythm of the first export, however late one looks", function()
    local plan = { frequency = "EVERY_8_HOURS", startDate = "2029-12-31", startTime = "23:00", endDate = "2040-01-01" }
    assert.same({ "2030-02-28T23:00", "2030-03-01T07:00", "2030-03-01T15:00" },
      moments(plan, "2030-02-28T15:01Z", "2030-03-01T23:00Z"))
  end)

  it("takes the first moment of a stretch and leaves the last", function()
    local plan = { frequency = "DAILY", startDate = "2030-01-01", startTime = "06:00", endDate = "2030-02-01" }
    assert.same({ "2030-01-02T06:00" }, moments(plan, "2030-01-02T06:00Z", "2030-01-03T06:00Z"))
  end)

  it("exports once", function()
    local plan = { frequency = "ONCE", startDate = "2030-01-01", startTime = "06:00" }
    assert.same({ "2030-01-01T06:00" }, moments(plan, "2030-01-01", "2031-01-01"))
    assert.same({}, moments(plan, "2030-01-01T06:01Z", "2031-01-01"))
    plan.triggerType = "AFTER_SEGMENT_EVAL"
    assert.same({ "2030-01-01T03:00" }, moments(plan, "2030-01-01", "2031-01-01"))
  end)

  it("ends a dataset's schedule after six months when it has no end", function()
    local created = calendar.instant("2029-08-31", "x")
    local plan = timetable.dataset({ startTime = created // 1000, timeUnit = "day", interval = 1 }, created)
    local list = timetable.moments(plan, created, calendar.instant("2031-01-01", "x"))
    assert.equal("2030-02-27T00:00:00Z", iso(list[#list]))
    plan = timetable.dataset({ startTime = created // 1000, endTime = created // 1000 + 9 * 3600, timeUnit = "hour",
      interval = 3 }, created)
    assert.equal(3, #timetable.moments(plan, created, calendar.instant("2031-01-01", "x")))
    plan = timetable.dataset({ startTime = created // 1000, timeUnit = "day", interval = 0 }, created)
    assert.equal(1, #timetable.moments(plan, created, calendar.instant("2031-01-01", "x")))
  end)
end)
