--- Which export schedules the service takes: of audiences (T, D, UPD) and of datasets (D, EXP). The service's
-- texts for refusals are UNKNOWN.
local errors = require "sluice.emulator.errors"
local request = require "sluice.emulator.request"

local M = {}

-- exportMode → frequency → what endDate is. Weekly and monthly exist in the UI only;
-- their API names are UNKNOWN.
local FREQUENCIES = {
  DAILY_FULL_EXPORT = { ONCE = "absent", DAILY = "required" },
  FIRST_FULL_THEN_INCREMENTAL = { DAILY = "required", EVERY_3_HOURS = "required", EVERY_6_HOURS = "required",
    EVERY_8_HOURS = "required", EVERY_12_HOURS = "required" },
}

local function names(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return table.concat(list, ", ")
end

local function check_date(value, pointer)
  local year, month, day = tostring(value):match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  local days = year and { 31,
    tonumber(year) % 4 == 0 and (tonumber(year) % 100 ~= 0 or tonumber(year) % 400 == 0)
    and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
  local last = days and days[tonumber(month)]
  if type(value) ~= "string" or not last or tonumber(day) < 1 or tonumber(day) > last then
    errors.invalid(pointer, "expected a date YYYY-MM-DD")
  end
end

local function check_time(value, pointer, options) -- [D]: HH:MM, 24 hours, UTC, minutes 00
  local hour, minute = tostring(value):match("^(%d%d):(%d%d)$")
  if type(value) ~= "string" or not hour or tonumber(hour) > 23 or tonumber(minute) > 59 then
    errors.invalid(pointer, "expected a time HH:MM of 24 hours, UTC")
  end
  if minute ~= "00" and options.start_minutes == "reject" then
    errors.invalid(pointer, "the minutes must be 00")
  end
end

local function check_trigger(schedule, mode, pointer, options)
  local trigger = schedule.triggerType
  if trigger == nil then
    if mode == "DAILY_FULL_EXPORT" and options.trigger_type == "required" then
      errors.invalid(pointer .. "/triggerType", "required with DAILY_FULL_EXPORT")
    end
  elseif trigger ~= "SCHEDULED" and trigger ~= "AFTER_SEGMENT_EVAL" then
    errors.invalid(pointer .. "/triggerType", "expected SCHEDULED or AFTER_SEGMENT_EVAL")
  elseif trigger == "AFTER_SEGMENT_EVAL" and mode ~= "DAILY_FULL_EXPORT"
    and options.after_eval_incremental == "reject" then
    errors.invalid(pointer .. "/triggerType", "AFTER_SEGMENT_EVAL goes with DAILY_FULL_EXPORT only")
  end
end

local function check_start(schedule, mode, pointer, options)
  if schedule.startDate == nil then errors.invalid(pointer .. "/startDate", "required") end
  check_date(schedule.startDate, pointer .. "/startDate")
  -- With evaluation as the trigger the time does not apply [D] yet T asks for it: let through, whatever it
  -- is.
  if mode == "DAILY_FULL_EXPORT" and schedule.triggerType == "AFTER_SEGMENT_EVAL" then return end
  if schedule.startTime == nil then errors.invalid(pointer .. "/startTime", "required") end
  check_time(schedule.startTime, pointer .. "/startTime", options)
end

local function check_end(schedule, rule, pointer)
  if rule == "absent" then
    if schedule.endDate ~= nil then errors.invalid(pointer .. "/endDate", "not applicable to ONCE") end
  elseif schedule.endDate == nil then
    errors.invalid(pointer .. "/endDate", "required unless the frequency is ONCE")
  else
    check_date(schedule.endDate, pointer .. "/endDate")
  end
end

--- Checks export mode and schedule of an audience for a file-based destination.
---@param value table the selector's value with exportMode and schedule
---@param pointer string where it is
---@param options table resolved options
function M.check_audience(value, pointer, options)
  local frequencies = FREQUENCIES[value.exportMode]
  if not frequencies then errors.invalid(pointer .. "/exportMode", "expected %s", names(FREQUENCIES)) end
  local schedule, place = value.schedule, pointer .. "/schedule"
  if not request.is_object(schedule) then errors.invalid(place, "required: an object") end
  local end_rule = frequencies[schedule.frequency]
  if not end_rule then
    errors.invalid(place .. "/frequency", "with %s expected %s", value.exportMode, names(frequencies))
  end
  check_trigger(schedule, value.exportMode, place, options)
  check_start(schedule, value.exportMode, place, options)
  check_end(schedule, end_rule, place)
end

-- timeUnit → interval → exportMode [D, EXP]; day with interval 0 is one export.
local DATASET_INTERVALS = {
  day = { [0] = "DAILY_FULL_EXPORT", [1] = "FIRST_FULL_THEN_INCREMENTAL" },
  hour = { [3] = "FIRST_FULL_THEN_INCREMENTAL", [6] = "FIRST_FULL_THEN_INCREMENTAL",
    [9] = "FIRST_FULL_THEN_INCREMENTAL", [12] = "FIRST_FULL_THEN_INCREMENTAL" },
}

local function check_folder(params, pointer, options)
  local place = pointer .. "/folderNameTemplate"
  if params.folderNameTemplate ~= nil and options.foldername_key ~= "either" then
    errors.invalid(place, "the key is foldernameTemplate")
  end
  for _, key in ipairs { "foldernameTemplate", "folderNameTemplate" } do
    local template = params[key]
    if template ~= nil and (type(template) ~= "string" or template == "") then
      errors.invalid(pointer .. "/" .. key, "expected a non-empty string")
    end
  end
end

--- Checks the scheduleParams of a dataset flow.
---@param params any
---@param pointer string
---@param options table resolved options
function M.check_dataset(params, pointer, options)
  if not request.is_object(params) then errors.invalid(pointer, "required: an object") end
  if math.type(params.startTime) ~= "integer" then
    errors.invalid(pointer .. "/startTime", "required: epoch seconds")
  end
  if params.endTime ~= nil and math.type(params.endTime) ~= "integer" then
    errors.invalid(pointer .. "/endTime", "expected epoch seconds")
  end
  local intervals = DATASET_INTERVALS[params.timeUnit]
  if not intervals then errors.invalid(pointer .. "/timeUnit", "expected day or hour") end
  local mode = intervals[params.interval]
  if params.timeUnit == "hour" and params.interval == 8 and options.dataset_interval_8 == "accept" then
    mode = intervals[6]
  end
  if not mode then errors.invalid(pointer .. "/interval", "not an interval of %s", params.timeUnit) end
  if params.exportMode ~= nil and params.exportMode ~= mode then
    errors.invalid(pointer .. "/exportMode", "with this interval expected %s", mode)
  end
  check_folder(params, pointer, options)
end

return M
