local dates = require "sluice.activation.dates"

describe("dates", function()
  it("are days of the calendar", function()
    for text, expected in pairs {
      ["2030-01-01"] = true, ["2028-02-29"] = true, ["2000-02-29"] = true, ["2030-12-31"] = true,
      ["2030-02-29"] = false, ["2100-02-29"] = false, ["2030-04-31"] = false, ["2030-00-10"] = false,
      ["2030-13-01"] = false, ["2030-01-00"] = false, ["2030-1-1"] = false, ["20300101"] = false, [""] = false,
    } do
      assert.equal(expected, dates.is_date(text), text)
    end
    assert.is_false(dates.is_date(nil))
    assert.is_false(dates.is_date(20300101))
  end)

  it("are times of the day", function()
    for text, expected in pairs { ["00:00"] = true, ["23:59"] = true, ["24:00"] = false, ["7:00"] = false,
      ["12:60"] = false, ["noon"] = false } do
      assert.equal(expected, dates.is_time(text), text)
    end
    assert.is_false(dates.is_time(7))
  end)

  it("are counted as the system counts, over leap years and centuries", function()
    for second = 0, 4200000000, 86400 * 17 + 3600 do
      local date, time = os.date("!%Y-%m-%d", second), os.date("!%H:%M", second)
      assert.equal(second, dates.seconds(date, time), date)
      assert.equal(date, dates.date(second))
    end
    assert.equal(0, dates.seconds "1970-01-01")
    assert.equal("2030-01-01 17:00 UTC", dates.stamp(dates.seconds("2030-01-01", "17:00")))
  end)

  it("know the present from what they are told", function()
    assert.equal(7, dates.now { now = 7, today = "2030-01-01" })
    assert.equal(dates.seconds "2030-01-01", dates.now { today = "2030-01-01" })
    assert.is_true(dates.now() > dates.seconds "2023-01-01")
  end)
end)
