--- When exports happen: the moments of a schedule, reckoned in UTC, and how a moment is written in UTC and in
--- another zone. Knows schedules in the API's form, which others have checked.

local dates = require "sluice.activation.dates"

local M = {}

local HOUR, DAY = dates.HOUR, dates.DAY

-- ── the moments of a schedule ──────────────────────────────────────────────────────────────────────────────

---@class sluice.preview.series
---@field first integer epoch seconds of the first export
---@field step integer|nil seconds between two exports; nil: there is one only
---@field stop integer|nil epoch seconds; what would fall on it or later does not happen
---@field after_evaluation boolean|nil moments stand for days: the time of day is not known beforehand

--- The moments of an audience's schedule. The end date itself is excluded (UI); after evaluation there is one
--- export a day, at a time that nobody knows (D, UI).
---@param schedule { frequency: string, triggerType: string|nil, startDate: string, startTime: string|nil,
---  endDate: string|nil }
---@return sluice.preview.series
function M.of_audience(schedule)
  local after = schedule.triggerType == "AFTER_SEGMENT_EVAL"
  local hours = schedule.frequency:match "^EVERY_(%d+)_HOURS$"
  local step = hours and math.tointeger(hours) * HOUR or schedule.frequency == "DAILY" and DAY or nil
  return {
    first = dates.seconds(schedule.startDate, not after and schedule.startTime or nil),
    step = step,
    stop = step and dates.seconds(schedule.endDate) or nil,
    after_evaluation = after or nil,
  }
end

local UNIT = { hour = HOUR, day = DAY }

--- The moments of a dataset export. Interval 0 means once (D, EXP). Whether an export happens at the very
--- endTime is UNKNOWN; here it does not, as with audiences.
---@param params { startTime: integer, endTime: integer|nil, timeUnit: string, interval: integer }
---@return sluice.preview.series
function M.of_datasets(params)
  local step = params.interval > 0 and UNIT[params.timeUnit] * params.interval or nil
  return { first = params.startTime, step = step, stop = step and params.endTime or nil }
end

--- How many exports there are from the first to the last.
---@param series sluice.preview.series
---@return integer|nil count nil: without end
function M.count(series)
  if not series.step then return 1 end
  if not series.stop then return nil end
  return math.max(0, (series.stop - series.first + series.step - 1) // series.step)
end

--- The last export of all.
---@param series sluice.preview.series
---@return integer|nil epoch nil: there is none, or no end
function M.last(series)
  local count = M.count(series)
  if not count or count == 0 then return nil end
  return series.first + (count - 1) * (series.step or 0)
end

--- The next exports from a moment on. After evaluation the day that contains the moment counts as to come.
---@param series sluice.preview.series
---@param now integer epoch seconds
---@param limit integer how many at most
---@return integer[] moments epoch seconds, ascending
---@return integer passed how many exports lie before
function M.upcoming(series, now, limit)
  local step, count = series.step or DAY, M.count(series) or math.maxinteger
  if series.after_evaluation then now = now - now % DAY end
  local passed = math.min(count, math.max(0, (now - series.first + step - 1) // step))
  local moments = {}
  for i = passed, math.min(count, passed + limit) - 1 do moments[#moments + 1] = series.first + i * step end
  return moments, passed
end

-- ── writing them ───────────────────────────────────────────────────────────────────────────────────────────

--- A moment in UTC by a format of os.date.
---@param epoch integer
---@param format string
---@return string
function M.utc(epoch, format)
  return os.date("!" .. format, epoch) --[[@as string]]
end

---@class sluice.preview.zone
---@field offset fun(epoch: integer): integer seconds ahead of UTC
---@field name fun(epoch: integer): string such as "CET"

local function seconds_of(offset)
  local sign, hours, minutes = offset:match "^([+-])(%d%d):?([0-5]%d)$"
  if not sign then return nil end
  local seconds = math.tointeger(hours) * HOUR + math.tointeger(minutes) * 60
  return sign == "-" and -seconds or seconds
end

local HERE = {
  offset = function(epoch) return seconds_of(os.date("%z", epoch) --[[@as string]]) or 0 end,
  name = function(epoch) return os.date("%Z", epoch) --[[@as string]] end,
}

--- A zone to show times in.
---@param timezone string|nil an offset such as "+02:00", "UTC", or nil for the machine's own zone (TZ counts)
---@return sluice.preview.zone|nil zone nil when the text is neither
function M.zone(timezone)
  if timezone == nil then return HERE end
  local seconds = timezone == "UTC" and 0 or type(timezone) == "string" and seconds_of(timezone)
  if not seconds then return nil end
  return {
    offset = function() return seconds end,
    name = function() return timezone == "UTC" and timezone or "UTC" .. timezone end,
  }
end

--- A moment in a zone by a format of os.date (without %z and %Z).
---@param epoch integer
---@param format string
---@param zone sluice.preview.zone
---@return string
function M.there(epoch, format, zone)
  return M.utc(epoch + zone.offset(epoch), format)
end

--- A moment in a zone as ISO 8601 has it: "2030-01-01T03:00:00+01:00".
---@param epoch integer
---@param zone sluice.preview.zone
---@return string
function M.iso(epoch, zone)
  local offset = zone.offset(epoch)
  local sign, minutes = offset < 0 and "-" or "+", math.abs(offset) // 60
  return M.there(epoch, "%Y-%m-%dT%H:%M:%S", zone) .. ("%s%02d:%02d"):format(sign, minutes // 60, minutes % 60)
end

return M
