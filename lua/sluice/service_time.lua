--- What time it is at the service: its answers say so (header Date). Schedules and runs are in its time, so a clock of
--- this machine that is wrong does no harm; until it has answered, this machine's clock counts.

local core = require "sluice.core"
local dates = require "sluice.activation.dates"

local M = {}

local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11,
  Dec = 12 }

--- Reads the date of an HTTP answer: "Tue, 01 Jan 2030 06:00:00 GMT".
---@param text any
---@return integer|nil seconds since 1970; nil when it is none
function M.parse(text)
  if type(text) ~= "string" then return nil end
  local day, name, year, hour, minute, second = text:match "^%a+, (%d%d) (%a+) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$"
  local date = MONTHS[name] and ("%s-%02d-%s"):format(year, MONTHS[name], day)
  local time = date and hour .. ":" .. minute
  if not (dates.is_date(date) and dates.is_time(time)) then return nil end
  return dates.seconds(date, time) + math.tointeger(tonumber(second))
end

---@class sluice.ServiceTime
---@field private told integer|nil seconds since 1970: what the last answer said
---@field private at number seconds: when that was
local Clock = {}
Clock.__index = Clock

--- Takes note of an answer.
---@param headers table<string, string>|nil names in lower case
function Clock:hear(headers)
  local told = M.parse(headers and headers.date)
  if told then self.told, self.at = told, core.task.now() end
end

--- Listens to all answers of a client that is about to be made. The token service has a clock of its own.
---@param settings table of the connection
function Clock:attach(settings)
  local others = settings.on_call
  settings.on_call = function(event)
    if not event.token then self:hear(event.headers) end
    if others then others(event) end
  end
end

--- The time at the service.
---@return integer seconds since 1970
function Clock:now()
  if not self.told then return dates.now() end
  return self.told + (core.task.now() - self.at) // 1 | 0
end

--- A clock that has heard nothing yet.
---@return sluice.ServiceTime
function M.new() return setmetatable({}, Clock) end

return M
