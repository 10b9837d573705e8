--- The moments of schedules, against a plain model: every hour of the calendar is asked whether it is one.

local moments = require "sluice.preview.moments"

local HOUR, DAY = 3600, 86400

local function utc(epoch, format) return os.date("!" .. (format or "%Y-%m-%d %H:%M"), epoch) end

local function shown(epochs, format)
  local list = {}
  for i, epoch in ipairs(epochs) do list[i] = utc(epoch, format) end
  return list
end

local function every(hours, from, at, to)
  return { frequency = hours == 24 and "DAILY" or ("EVERY_%d_HOURS"):format(hours), startDate = from, startTime = at,
    endDate = to }
end

--- All moments of a schedule, found by walking through the hours from long before its start to long after its end.
--- The walk knows the calendar from os.date alone.
local function model(schedule, from, to)
  local found, last = {}, nil
  local hours = math.tointeger(tonumber(schedule.frequency:match "%d+" or "24"))
  for epoch = from, to, HOUR do
    local date, time = utc(epoch, "%Y-%m-%d"), utc(epoch, "%H:%M")
    local begins = date == schedule.startDate and time == schedule.startTime
    if date >= schedule.endDate then break end
    if begins or last and epoch - last == hours * HOUR then
      found[#found + 1], last = epoch, epoch
    end
  end
  return found
end

--- Numbers that are the same in every run.
local function dice(seed)
  return function(least, most)
    seed = (seed * 1103515245 + 12345) % 2147483648
    return least + (seed >> 8) % (most - least + 1)
  end
end

describe("the moments of an audience's schedule", function()
  it("are those of the calendar, for any frequency, start and end", function()
    local roll = dice(20300101)
    local frequencies = { 3, 6, 8, 12, 24 }
    for _ = 1, 150 do
      local start = moments.of_audience(every(24, "1999-06-01", "00:00", "1999-06-02")).first
      local first = start + roll(0, 80 * 366) * DAY
      local schedule = every(frequencies[roll(1, 5)], utc(first, "%Y-%m-%d"), ("%02d:00"):format(roll(0, 23)),
        utc(first + roll(0, 9) * DAY, "%Y-%m-%d"))
      local expected = model(schedule, first - 2 * DAY, first + 12 * DAY)
      local series = moments.of_audience(schedule)
      local about = table.concat({ schedule.frequency, schedule.startDate, schedule.startTime, schedule.endDate }, " ")
      assert.same(shown(expected), shown((moments.upcoming(series, 0, 1000))), about)
      assert.equal(#expected, moments.count(series), about)
      assert.equal(expected[#expected], moments.last(series), about)
      local now, left = first + roll(-2 * DAY, 10 * DAY), {}
      for _, epoch in ipairs(expected) do
        if epoch >= now and #left < 7 then left[#left + 1] = epoch end
      end
      local upcoming, passed = moments.upcoming(series, now, 7)
      assert.same(shown(left), shown(upcoming), about .. " at " .. utc(now))
      for i, epoch in ipairs(upcoming) do assert.equal(expected[passed + i], epoch) end
    end
  end)

  for name, case in pairs {
    ["cross midnight"] = { every(6, "2030-01-30", "20:00", "2030-02-01"), "2030-01-30 20:00", "2030-01-31 02:00",
      "2030-01-31 08:00", "2030-01-31 14:00", "2030-01-31 20:00" },
    ["leave the end day out, at its first moment too"] = { every(12, "2030-01-01", "12:00", "2030-01-02"),
      "2030-01-01 12:00" },
    ["know the leap day"] = { every(24, "2032-02-28", "05:00", "2032-03-02"), "2032-02-28 05:00", "2032-02-29 05:00",
      "2032-03-01 05:00" },
    ["know the year without one"] = { every(24, "2100-02-28", "05:00", "2100-03-02"), "2100-02-28 05:00",
      "2100-03-01 05:00" },
    ["pass the end of the year"] = { every(8, "2030-12-31", "16:00", "2031-01-02"), "2030-12-31 16:00",
      "2031-01-01 00:00", "2031-01-01 08:00", "2031-01-01 16:00" },
    ["are none when start and end are one day"] = { every(24, "2030-01-01", "05:00", "2030-01-01") },
    ["are the days, after evaluation"] = { { frequency = "DAILY", triggerType = "AFTER_SEGMENT_EVAL",
      startDate = "2030-02-27", startTime = "17:00", endDate = "2030-03-02" }, "2030-02-27 00:00", "2030-02-28 00:00",
      "2030-03-01 00:00" },
    ["are one for ONCE"] = { { frequency = "ONCE", startDate = "2030-02-27", startTime = "17:00" },
      "2030-02-27 17:00" },
    ["are one day for ONCE after evaluation"] = { { frequency = "ONCE", triggerType = "AFTER_SEGMENT_EVAL",
      startDate = "2030-02-27" }, "2030-02-27 00:00" },
  } do
    it(name, function()
      local series = moments.of_audience(case[1])
      assert.same({ table.unpack(case, 2) }, shown((moments.upcoming(series, 0, 100))))
      assert.equal(#case - 1, moments.count(series))
    end)
  end

  it("count the present moment as to come, and a day after evaluation until it is over", function()
    local series = moments.of_audience(every(24, "2030-01-01", "05:00", "2030-01-09"))
    assert.same({ series.first + DAY }, moments.upcoming(series, series.first + DAY, 1))
    assert.same({ series.first + 2 * DAY }, moments.upcoming(series, series.first + DAY + 1, 1))
    series = moments.of_audience { frequency = "DAILY", triggerType = "AFTER_SEGMENT_EVAL", startDate = "2030-01-01",
      endDate = "2030-01-09" }
    assert.same({ series.first }, moments.upcoming(series, series.first + DAY - 1, 1))
    assert.same({ series.first + DAY }, moments.upcoming(series, series.first + DAY, 1))
  end)

  it("are none once it is over", function()
    local series = moments.of_audience(every(24, "2030-01-01", "05:00", "2030-01-03"))
    local upcoming, passed = moments.upcoming(series, series.first + 9 * DAY, 7)
    assert.same({}, upcoming)
    assert.equal(2, passed)
    series = moments.of_audience { frequency = "ONCE", startDate = "2030-01-01", startTime = "05:00" }
    assert.same({}, (moments.upcoming(series, series.first + 1, 7)))
  end)
end)

describe("the moments of datasets", function()
  local START = 1893456000 + 90 -- 2030-01-01 00:01:30

  it("follow unit and interval, and need no end", function()
    local series = moments.of_datasets { startTime = START, timeUnit = "hour", interval = 9 }
    assert.same({ START, START + 9 * HOUR, START + 18 * HOUR }, (moments.upcoming(series, 0, 3)))
    assert.is_nil(moments.count(series))
    assert.is_nil(moments.last(series))
    series = moments.of_datasets { startTime = START, endTime = START + 2 * DAY, timeUnit = "day", interval = 1 }
    assert.same({ START, START + DAY }, (moments.upcoming(series, 0, 9)))
    assert.equal(START + DAY, moments.last(series))
  end)

  it("are one for interval 0, whatever the end", function()
    local series = moments.of_datasets { startTime = START, endTime = START + DAY, timeUnit = "day", interval = 0 }
    assert.same({ START }, (moments.upcoming(series, 0, 9)))
    assert.equal(1, moments.count(series))
  end)
end)

describe("a zone", function()
  it("is an offset, UTC or the machine's own", function()
    local zone = moments.zone "-03:30"
    assert.equal(-12600, zone.offset(0))
    assert.equal("UTC-03:30", zone.name(0))
    assert.equal("1969-12-31T20:30:00-03:30", moments.iso(0, zone))
    assert.equal("1970-01-01T14:00:00+14:00", moments.iso(0, moments.zone "+1400"))
    assert.equal("UTC", moments.zone("UTC").name(0))
    assert.equal("1970-01-01T00:00:00+00:00", moments.iso(0, moments.zone "UTC"))
    assert.equal(os.date("%H:%M", 1893456000), moments.there(1893456000, "%H:%M", moments.zone(nil)))
    assert.equal(os.date("%Z", 1893456000), moments.zone(nil).name(1893456000))
  end)

  it("is nothing else", function()
    for _, text in ipairs { "", "CET", "+1", "+01:60", "01:00", 5, false } do assert.is_nil(moments.zone(text)) end
  end)
end)
