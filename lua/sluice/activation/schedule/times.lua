--- When the exports of a valid schedule happen, in seconds since 1970, UTC. The end date itself is not exported (UI).

local dates = require "sluice.activation.dates"
local rules = require "sluice.activation.schedule.rules"

local M = {}

local function step_of(fields)
  return (rules.hours(fields.frequency) or 24) * dates.HOUR
end

--- The first export. After evaluation the hour is not known beforehand: the day's beginning.
---@param fields table a schedule by the API's names, its dates and time valid
---@return integer seconds
function M.first(fields)
  return dates.seconds(fields.startDate, fields.triggerType ~= rules.AFTER and fields.startTime or nil)
end

--- The moment by which all is exported: the last export, or, after evaluation, the end of the last day.
---@param fields table
---@return integer|nil seconds nil when there is no export at all
function M.last(fields)
  local first = M.first(fields)
  if fields.frequency == "ONCE" then
    return fields.triggerType == rules.AFTER and first + dates.DAY or first
  end
  local ending = dates.seconds(fields.endDate)
  if first >= ending then return nil end
  if fields.triggerType == rules.AFTER then return ending end
  local step = step_of(fields)
  return first + (ending - 1 - first) // step * step
end

--- The hours of the day (UTC) in which it exports; none after evaluation.
---@param fields table
---@return integer[]
function M.hours(fields)
  if fields.triggerType == rules.AFTER then return {} end
  local start, step, hours = tonumber(fields.startTime:sub(1, 2)), rules.hours(fields.frequency) or 24, {}
  for offset = 0, 23, step do hours[#hours + 1] = math.tointeger((start + offset) % 24) end
  return hours
end

return M
