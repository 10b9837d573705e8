--- Days and times in UTC, without the machine's time zone: is it a date, which second is it, how is it written.

local M = {}

M.DAY, M.HOUR = 86400, 3600 -- seconds

local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function parts_of(date)
  local year, month, day = date:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)$"
  return math.tointeger(tonumber(year)), math.tointeger(tonumber(month)), math.tointeger(tonumber(day))
end

--- Is this a day of the calendar, written YYYY-MM-DD?
---@param date any
---@return boolean
function M.is_date(date)
  if type(date) ~= "string" then return false end
  local year, month, day = parts_of(date)
  if not year or month < 1 or month > 12 then return false end
  local leap = month == 2 and year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return day >= 1 and day <= DAYS[month] + (leap and 1 or 0)
end

--- Is this a time of the day, written HH:MM?
---@param time any
---@return boolean
function M.is_time(time)
  if type(time) ~= "string" then return false end
  local hour, minute = time:match "^(%d%d):(%d%d)$"
  return hour ~= nil and tonumber(hour) < 24 and tonumber(minute) < 60
end

--- Days since 1970-01-01: years are counted from March, so that the leap day is the last of a year.
local function days_since_1970(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end

--- Seconds since 1970 of a day and a time in UTC.
---@param date string a valid YYYY-MM-DD
---@param time string|nil a valid HH:MM, default midnight
---@return integer
function M.seconds(date, time)
  local hour, minute = (time or "00:00"):match "^(%d+):(%d+)$"
  local year, month, day = parts_of(date)
  return days_since_1970(year, month, day) * M.DAY + math.tointeger(tonumber(hour)) * M.HOUR
    + math.tointeger(tonumber(minute)) * 60
end

--- The day of a second.
---@param seconds integer since 1970
---@return string YYYY-MM-DD in UTC
function M.date(seconds) return os.date("!%Y-%m-%d", seconds) end

--- A second as people read it.
---@param seconds integer since 1970
---@return string such as "2030-01-01 17:00 UTC"
function M.stamp(seconds) return os.date("!%Y-%m-%d %H:%M UTC", seconds) end

--- What time it is, in seconds since 1970. `sluice run --clock` puts the emulated time here.
M.clock = os.time

--- The moment that checks take for the present.
---@param opts { now: integer|nil, today: string|nil }|nil now: seconds since 1970; today: a day, its midnight is meant
---@return integer seconds since 1970
function M.now(opts)
  return opts and (opts.now or opts.today and M.seconds(opts.today)) or M.clock()
end

return M
