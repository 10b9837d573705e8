--- Foreign text made fit for one line of a terminal, and plain words for what the API abbreviates.

local core = require "sluice.core"
local host = require "sluice.host"

local M = {}

--- Any value as one line without control characters and secrets; "" for nil.
---@param value any
---@return string
function M.line(value)
  if value == nil then return "" end
  return (host.printable((core.secret.mask(tostring(value)):gsub("[\r\n\t]+", " "))))
end

--- A word for the shell, quoted when it must be.
---@param word string
---@return string
function M.shell(word)
  if word:find "^[%w_@%%+=:,./-]+$" then return word end
  return "'" .. M.line(word):gsub("'", "'\\''") .. "'"
end

--- A list as prose: "a, b and c".
---@param words string[]
---@return string
function M.list(words)
  if #words < 2 then return words[1] or "" end
  return table.concat(words, ", ", 1, #words - 1) .. " and " .. words[#words]
end

local MODES = {
  DAILY_FULL_EXPORT = "all profiles each time",
  FIRST_FULL_THEN_INCREMENTAL = "all profiles first, then the changes",
}

local function frequency(plan)
  local hours = tostring(plan.frequency):match "^EVERY_(%d+)_HOURS$"
  local at = plan.startTime and " at " .. plan.startTime .. " UTC" or ""
  if hours then return ("every %s hours%s"):format(hours, plan.startTime and ", first" .. at or "") end
  if plan.triggerType == "AFTER_SEGMENT_EVAL" then at = " after the audience's evaluation" end
  if plan.frequency == "ONCE" then return "once" .. at end
  if plan.frequency == "DAILY" then return "every day" .. at end
  return tostring(plan.frequency) .. at
end

local function interval(plan)
  if plan.frequency == "ONCE" then return plan.startDate and ", on " .. plan.startDate or "" end
  local from = plan.startDate and ", from " .. plan.startDate or ""
  return from .. (plan.endDate and " until the day before " .. plan.endDate or "") -- the end day is not exported (UI)
end

--- An audience's schedule: "every day at 02:00 UTC, from 2030-01-01 until the day before 2030-12-31; …".
---@param audience table value of an audience selector: `schedule`, `exportMode`
---@return string
function M.schedule(audience)
  local plan = audience.schedule
  if type(plan) ~= "table" then return "no schedule" end
  local mode = audience.exportMode and "; " .. (MODES[audience.exportMode] or tostring(audience.exportMode)) or ""
  return M.line(frequency(plan) .. interval(plan) .. mode)
end

local function moment(seconds)
  return math.type(seconds) == "integer" and os.date("!%Y-%m-%d %H:%M UTC", seconds) or tostring(seconds)
end

--- The schedule of a dataset export: "every 6 hours, from 2030-01-01 00:00 UTC until 2030-12-31 00:00 UTC; …".
---@param plan any scheduleParams
---@return string
function M.dataset_schedule(plan)
  if type(plan) ~= "table" then return "no schedule" end
  local mode = MODES[plan.exportMode] and "; " .. MODES[plan.exportMode]:gsub("profiles", "records") or ""
  if plan.timeUnit == "day" and plan.interval == 0 then return M.line("once, at " .. moment(plan.startTime)) end
  local often = plan.timeUnit == "day" and plan.interval == 1 and "every day"
    or ("every %s %ss"):format(plan.interval, plan.timeUnit)
  local last = plan.endTime and " until " .. moment(plan.endTime) or ""
  return M.line(("%s, from %s%s%s"):format(often, moment(plan.startTime), last, mode))
end

--- A deduplication key: an attribute's path, or an identity namespace.
---@param key table element of `primaryFields`
---@return string
function M.key(key)
  if type(key) ~= "table" then return M.line(key) end
  return M.line(key.attributePath or key.identityNamespace and "identity " .. key.identityNamespace or key.fieldType)
end

return M
