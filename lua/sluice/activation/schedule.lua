--- When audiences and datasets are exported: helpers to say it, the form the API wants, the check.
---
---     schedule = sluice.schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" }
---     schedule = sluice.schedule.every_hours(6) { at = "00:00", from = …, to = … }
---     schedule = sluice.schedule.once { at = "17:00", on = "2030-01-01" }
---     schedule = sluice.schedule.daily { after_evaluation = true, from = …, to = … }
---     schedule = sluice.schedule.datasets.daily { from = …, to = … }
---
--- A raw table in the API's words does as well: { frequency, triggerType, startDate, startTime, endDate }.
--- Dates are YYYY-MM-DD, times HH:00, both in UTC; the end date itself is not exported. `past = true` says that a
--- schedule may be over.

local check = require "sluice.activation.schedule.check"
local dates = require "sluice.activation.dates"
local rules = require "sluice.activation.schedule.rules"
local times = require "sluice.activation.schedule.times"
local words = require "sluice.activation.schedule.words"

--- What datasets alone need is loaded for them. A tail call: an error shows the caller's line.
local function of_datasets(name)
  return function(...) return require("sluice.activation.schedule.datasets")[name](...) end
end

local M = {
  daily = words.daily, once = words.once, every_hours = words.every_hours, after_evaluation = words.after_evaluation,
  datasets = { daily = of_datasets "daily", once = of_datasets "once", every_hours = of_datasets "every_hours" },
  KEYS = rules.KEYS, RULES = rules.RULES, EXPORT_MODES = rules.EXPORT_MODES, FREQUENCIES = rules.FREQUENCIES,
  TRIGGERS = rules.TRIGGERS,
}

--- Checks an audience's export mode and schedule; see `sluice.activation.schedule.check`.
M.check = check.check

--- Checks the schedule of a dataset export; see `sluice.activation.schedule.datasets`.
M.check_datasets = of_datasets "check"

--- The `scheduleParams` of a dataset export; see `sluice.activation.schedule.datasets`.
M.build_datasets = of_datasets "build"

--- The export mode and the schedule of a checked audience, as its selector carries them; both nil when it has none.
---@param audience table
---@return string|nil export_mode
---@return table|nil schedule
function M.build(audience)
  local plan = words.read(audience)
  if plan.fields == nil then return plan.export, nil end
  local schedule = {}
  for _, key in ipairs(rules.KEYS) do schedule[key] = plan.fields[key] end
  return plan.export, schedule
end

local MODES = {
  [rules.FULL] = "all members", [rules.INCREMENTAL] = "all members first, then only whose membership changed",
}

--- A checked audience's schedule as a sentence, with its last export spelt out, for the end date is not one.
---@param audience table
---@return string sentence "all members, daily at 17:00 UTC, from 2030-01-01 until the last export on 2030-12-30"
function M.explain(audience)
  local export, fields = M.build(audience)
  local after = fields.triggerType == rules.AFTER
  local hours = rules.hours(fields.frequency)
  local often = hours and ("every %d hours"):format(hours) or fields.frequency == "ONCE" and "once" or "daily"
  local parts = { MODES[export], often .. (after and " after the evaluation"
    or (hours and ", first at %s UTC" or " at %s UTC"):format(fields.startTime)) }
  local last = times.last(fields)
  if fields.frequency == "ONCE" then
    parts[#parts + 1] = "on " .. fields.startDate
  elseif not last then
    parts[#parts + 1] = ("never: the end date %s itself is not exported"):format(fields.endDate)
  elseif after then
    parts[#parts + 1] = ("from %s until %s"):format(fields.startDate, dates.date(last - dates.DAY))
  else
    parts[#parts + 1] = ("from %s until the last export on %s at %s"):format(fields.startDate, dates.date(last),
      os.date("!%H:%M", last))
  end
  return table.concat(parts, ", ")
end

return M
