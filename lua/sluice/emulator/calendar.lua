--- Dates and times in UTC, in milliseconds since 1970, by arithmetic alone: the machine's time zone and its
-- summer time play no part.
local core = require "sluice.core"

local M = {}

M.SECOND, M.MINUTE, M.HOUR, M.DAY = 1000, 60 * 1000, 3600 * 1000, 86400 * 1000

local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local LAST_YEAR = 9999

local function is_leap(year) return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0) end

local function month_days(year, month)
  return month == 2 and is_leap(year) and 29 or MONTH_DAYS[month]
end

-- Days from 1 March of the year 0: a year that begins in March has its leap day at its end.
local function day_number(year, month, day)
  if month < 3 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 1
end

local EPOCH = day_number(1970, 1, 1)

--- Midnight of a day.
---@param year integer
---@param month integer
---@param day integer
---@return integer ms
function M.day(year, month, day)
  return (day_number(year, month, day) - EPOCH) * M.DAY
end

--- Reads `YYYY-MM-DD`.
---@param text any
---@return integer? ms midnight; nil when it is no date of the calendar
function M.date(text)
  local year, month, day = tostring(text):match "^(%d%d%d%d)%-(%d%d)%-(%d%d)$"
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if not year or month < 1 or month > 12 or day < 1 or day > month_days(year, month) then return nil end
  return M.day(year, month, day)
end

--- Reads `HH:MM` or `HH:MM:SS`.
---@param text any
---@return integer? ms since midnight; nil when it is no time of day
function M.time(text)
  local hour, minute, second = tostring(text):match "^(%d%d):(%d%d)(.*)$"
  second = second == "" and "00" or (second or ""):match "^:(%d%d)$"
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if not second or hour > 23 or minute > 59 or second > 59 then return nil end
  return hour * M.HOUR + minute * M.MINUTE + second * M.SECOND
end

--- Reads an instant: `2030-01-01T00:00Z`, with or without seconds, or a day alone for its midnight.
---@param text any
---@param what string what it is called in the error
---@return integer ms
--- Raises kind "usage".
function M.instant(text, what)
  local date, time = tostring(text):match "^([%d-]+)T([%d:]+)Z$"
  local day, clock = M.date(date or text), M.time(time or "00:00")
  if day and clock then return day + clock end
  core.error.raise("usage", ("%s is '%s'; expected a time in UTC such as 2030-01-01T00:00Z"):format(what,
    tostring(text)))
end

local UNITS = { s = 1, m = 60, h = 3600, d = 86400, w = 7 * 86400 }
local MAX_DIGITS = 9

--- Reads a length of time: `90m`, `6h`, `31d`, `4w`.
---@param text any
---@param what string what it is called in the error
---@return integer seconds
--- Raises kind "usage".
function M.span(text, what)
  local count, unit = tostring(text):match "^(%d+)([smhdw])$"
  if count and #count <= MAX_DIGITS then return math.tointeger(tonumber(count)) * UNITS[unit] end
  core.error.raise("usage", ("%s is '%s'; expected a length of time such as 90m, 6h or 31d"):format(what,
    tostring(text)))
end

---@class sluice.emulator.Civil
---@field year integer
---@field month integer
---@field day integer
---@field hour integer
---@field minute integer
---@field second integer

--- The date and time of an instant.
---@param ms integer
---@return sluice.emulator.Civil
function M.civil(ms)
  local days, rest = ms // M.DAY, ms % M.DAY
  local shifted = days + EPOCH - day_number(0, 3, 1)
  local era, of_era = shifted // 146097, shifted % 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  local civil = { day = of_year - (153 * month + 2) // 5 + 1, month = month < 10 and month + 3 or month - 9 }
  civil.year = year + era * 400 + (civil.month < 3 and 1 or 0)
  civil.hour, civil.minute, civil.second = rest // M.HOUR, rest % M.HOUR // M.MINUTE, rest % M.MINUTE // M.SECOND
  return civil
end

local FORMS = {
  iso = { "%04d-%02d-%02dT%02d:%02d:%02dZ", "year", "month", "day", "hour", "minute", "second" },
  stamp = { "%04d%02d%02d_%02d%02d%02d", "year", "month", "day", "hour", "minute", "second" },
  minute = { "%04d%02d%02d%02d%02d", "year", "month", "day", "hour", "minute" },
  people = { "%04d-%02d-%02d %02d:%02d", "year", "month", "day", "hour", "minute" },
}

--- Writes an instant.
---@param ms integer
---@param form "iso"|"stamp"|"minute"|"people" 2030-01-01T06:00:00Z, 20300101_060000, 203001010600, 2030-01-01 06:00
---@return string
function M.format(ms, form)
  local civil, parts = M.civil(ms), {}
  for i = 2, #FORMS[form] do parts[i - 1] = civil[FORMS[form][i]] end
  return FORMS[form][1]:format(table.unpack(parts))
end

--- The same day and time some months later; the last day of a shorter month.
---@param ms integer
---@param count integer
---@return integer ms
function M.add_months(ms, count)
  local civil = M.civil(ms)
  local months = civil.year * 12 + civil.month - 1 + count
  local year, month = months // 12, months % 12 + 1
  return M.day(year, month, math.min(civil.day, month_days(year, month))) + ms % M.DAY
end

--- The last instant a clock can show.
M.LAST = M.day(LAST_YEAR, 12, 31)

return M
