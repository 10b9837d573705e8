--- When exports fall due: the moments of a schedule within a stretch of time. All times are UTC.
--
-- The day of endDate is not exported [UI]. AFTER_SEGMENT_EVAL follows the evaluation of the audiences, whose
-- time no document gives: here it is invented, 03:00 each day. That the end of a dataset's schedule is left
-- out as well is UNKNOWN.
local calendar = require "sluice.emulator.calendar"

local M = {}

--- When audiences are evaluated, after midnight.
M.EVALUATION = 3 * calendar.HOUR

local DATASET_MONTHS = 6 -- a dataset's schedule without endTime ends so long after the flow was made [EXP]
local UNITS = { hour = calendar.HOUR, day = calendar.DAY }

---@class sluice.emulator.Plan
---@field first integer milliseconds
---@field step? integer milliseconds; nil: once
---@field limit? integer milliseconds; from there on nothing happens

--- The plan of an audience.
---@param schedule table a selector's schedule, as the emulator has let it in
---@return sluice.emulator.Plan
function M.audience(schedule)
  local day = calendar.date(schedule.startDate)
  if schedule.frequency == "ONCE" then
    local after = schedule.triggerType == "AFTER_SEGMENT_EVAL"
    return { first = day + (after and M.EVALUATION or calendar.time(schedule.startTime)) }
  end
  local limit = calendar.date(schedule.endDate)
  if schedule.triggerType == "AFTER_SEGMENT_EVAL" then
    return { first = day + M.EVALUATION, step = calendar.DAY, limit = limit }
  end
  local hours = schedule.frequency:match "^EVERY_(%d+)_HOURS$"
  return { first = day + calendar.time(schedule.startTime), limit = limit,
    step = hours and math.tointeger(tonumber(hours)) * calendar.HOUR or calendar.DAY }
end

--- The plan of a dataset flow.
---@param params table scheduleParams
---@param created integer milliseconds: when the flow was made
---@return sluice.emulator.Plan
function M.dataset(params, created)
  local limit = params.endTime and params.endTime * calendar.SECOND
    or calendar.add_months(created, DATASET_MONTHS)
  return { first = params.startTime * calendar.SECOND, limit = limit,
    step = params.interval > 0 and params.interval * UNITS[params.timeUnit] or nil }
end

--- The plan of a streaming flow: its runs stand for hourly windows [MOND].
---@param created integer milliseconds: when the flow was made
---@return sluice.emulator.Plan
function M.stream(created)
  return { first = (created // calendar.HOUR + 1) * calendar.HOUR, step = calendar.HOUR }
end

--- The moments of a plan from one instant up to, but not including, another.
---@param plan sluice.emulator.Plan
---@param from integer milliseconds
---@param to integer milliseconds
---@return integer[] moments milliseconds
function M.moments(plan, from, to)
  local moments, at = {}, plan.first
  to = math.min(to, plan.limit or to)
  if plan.step and at < from then at = at + (from - at + plan.step - 1) // plan.step * plan.step end
  while at >= from and at < to do
    moments[#moments + 1] = at
    if not plan.step then break end
    at = at + plan.step
  end
  return moments
end

return M
