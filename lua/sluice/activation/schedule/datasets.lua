--- When datasets are exported: helpers to say it, the table of what is valid, the check against it.
---
---     schedule = sluice.schedule.datasets.every_hours(6) { from = "2030-01-01", to = "2030-12-31" }
---     schedule = sluice.schedule.datasets.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" }
---     schedule = sluice.schedule.datasets.once { on = "2030-01-01" }
---
--- `at` is a time in UTC, midnight without it. A raw table in the API's words (`scheduleParams`) does as well.

local dates = require "sluice.activation.dates"
local filename = require "sluice.activation.filename"
local findings = require "sluice.findings"
local rules = require "sluice.activation.schedule.rules"
local suggest = require "sluice.suggest"
local words = require "sluice.activation.schedule.words"

local M = {}

local FULL, INCREMENTAL = rules.FULL, rules.INCREMENTAL
local KIND = "sluice.schedule.datasets"
local FOLDER, OTHER_FOLDER = "foldernameTemplate", "folderNameTemplate"

M.KEYS = { "startTime", "endTime", "timeUnit", "interval", "exportMode", FOLDER, OTHER_FOLDER, "past" }
M.UNITS = { "hour", "day" } -- D, EXP

--- The truth table (destinations.md §9): the first row that fits decides. An interval that is left out of a row
--- stands for any.
M.RULES = {
  { export = FULL, unit = "day", interval = 0, source = "D,EXP" },
  { export = FULL, unit = "day", source = "D,EXP",
    error = "a full export of datasets happens once: interval 0; again and again they are exported with "
      .. 'exportMode = "FIRST_FULL_THEN_INCREMENTAL"' },
  { export = FULL, unit = "hour", source = "D,EXP", key = "timeUnit",
    error = 'a full export of datasets happens once: timeUnit = "day", interval = 0' },
  { export = INCREMENTAL, unit = "day", interval = 1, source = "D,EXP" },
  { export = INCREMENTAL, unit = "day", interval = 0, source = "D,EXP",
    error = 'a single export has exportMode = "DAILY_FULL_EXPORT"' },
  { export = INCREMENTAL, unit = "day", source = "D,EXP", error = "expected 1: once a day" },
  { export = INCREMENTAL, unit = "hour", interval = 3, source = "D,EXP" },
  { export = INCREMENTAL, unit = "hour", interval = 6, source = "D,EXP" },
  { export = INCREMENTAL, unit = "hour", interval = 9, source = "D,EXP" },
  { export = INCREMENTAL, unit = "hour", interval = 12, source = "D,EXP" },
  { export = INCREMENTAL, unit = "hour", interval = 8, source = "D,EXP,EXPU",
    warning = "every 8 hours: the user interface's page lists it (3, 6, 8, 12), the API description and the export "
      .. "guide do not (3, 6, 9, 12)" },
  { export = INCREMENTAL, unit = "hour", interval = 24, source = "D,EXP",
    error = 'expected 3, 6, 9 or 12; once a day is timeUnit = "day", interval = 1' },
  { export = INCREMENTAL, unit = "hour", source = "D,EXP", error = "expected 3, 6, 9 or 12 hours" },
}

--- The row of a combination of known words.
---@param export string
---@param unit string
---@param interval integer
---@return table
function M.row(export, unit, interval)
  for _, row in ipairs(M.RULES) do
    if row.export == export and row.unit == unit and (row.interval == nil or row.interval == interval) then
      return row
    end
  end
end

-- ── saying it ──────────────────────────────────────────────────────────────────────────────────────────────

local RANGE = { at = true, from = true, to = true, past = true }

local function helper(unit, interval, export, known)
  return words.helper { name = KIND, unit = unit, interval = interval, export = export, known = known,
    example = known.on and '{ on = "2030-01-01" }' or '{ from = "2030-01-01", to = "2030-12-31" }' }
end

--- Every day: the first time in full, then what is new.
---@param words { at: string|nil, from: string, to: string|nil, past: boolean|nil } UTC; `to` is the day after the last
---  export, six months after the creation when it is left out
---@return table schedule
M.daily = helper("day", 1, INCREMENTAL, RANGE)

--- One full export.
---@param words { at: string|nil, on: string, past: boolean|nil } UTC
---@return table schedule
M.once = helper("day", 0, FULL, { at = true, on = true, past = true })

local HOURS = {}
for _, row in ipairs(M.RULES) do
  if row.unit == "hour" and row.interval and not row.error and not row.warning then
    HOURS[row.interval] = helper("hour", row.interval, INCREMENTAL, RANGE)
  end
end

--- Every few hours: the first time in full, then what is new.
---@param hours 3|6|9|12
---@return fun(words: { at: string|nil, from: string, to: string|nil, past: boolean|nil }): table
function M.every_hours(hours)
  local chosen = HOURS[hours]
  if chosen then return chosen end
  error(("datasets.every_hours: expected 3, 6, 9 or 12, got %s"):format(suggest.quote(hours)), 2)
end

-- ── building it ────────────────────────────────────────────────────────────────────────────────────────────

local function own(schedule)
  local meaning = words.meaning(schedule)
  return meaning and meaning.name == KIND and meaning or nil
end

--- The folder template that a definition means: its own, or that of a raw schedule in either spelling.
local function folder_of(schedule, folder)
  if folder ~= nil or own(schedule) then return folder end
  return schedule[FOLDER] or schedule[OTHER_FOLDER]
end

--- The `scheduleParams` of a checked schedule. The folder's key is spelt as current pages spell it (EXP, AEPP); the
--- API description's schema has folderNameTemplate.
---@param schedule table
---@param folder string|nil the definition's folder template
---@return table params
function M.build(schedule, folder)
  local meaning, params = own(schedule), {}
  if meaning then
    params.timeUnit, params.interval, params.exportMode = meaning.unit, meaning.interval, meaning.export
    params.startTime = dates.seconds(schedule.from or schedule.on, schedule.at)
    params.endTime = schedule.to and dates.seconds(schedule.to) or nil
  else
    for _, key in ipairs { "startTime", "endTime", "timeUnit", "interval", "exportMode" } do
      params[key] = schedule[key]
    end
  end
  params[FOLDER] = folder_of(schedule, folder)
  return params
end

-- ── checking it ────────────────────────────────────────────────────────────────────────────────────────────

local MILLISECONDS = 100000000000 -- as seconds, the year 5138

local function keys_of(set)
  local list = {}
  for key in pairs(set) do list[#list + 1] = key end
  table.sort(list)
  return list
end

local function check_switch(report, place, value)
  if value ~= nil and type(value) ~= "boolean" then
    report:error(place, nil, "expected true or false, got %s", suggest.quote(value))
  end
end

--- Is the day there and real?
local function check_day(report, place, value, optional)
  if value == nil and optional then return true end
  if not report:text(place, value, 'a date such as "2030-12-31"', "EXP") then return false end
  if dates.is_date(value) then return true end
  report:error(place, "EXP", 'expected a date such as "2030-12-31"; got %s', suggest.quote(value))
  return false
end

local function check_words(report, place, schedule, meaning)
  if not report:object(place, schedule, keys_of(meaning.known), "EXP") then return nil end
  local first = meaning.known.on and "on" or "from"
  local fine = check_day(report, findings.at(place, first), schedule[first])
  fine = check_day(report, findings.at(place, "to"), schedule.to, true) and fine
  if schedule.at ~= nil and not dates.is_time(schedule.at) then
    report:error(findings.at(place, "at"), "EXP", 'expected a time in UTC such as "17:00", got %s',
      suggest.quote(schedule.at))
    fine = false
  end
  return fine and { params = M.build(schedule), first = first, last = "to" } or nil
end

--- Is it a time in seconds since 1970?
local function check_second(report, place, value, optional)
  if value == nil and optional then return true end
  if math.type(value) ~= "integer" or value < 0 then
    report:error(place, "D,EXP", "%sexpected seconds since 1970, such as %d for 2030-01-01, got %s",
      value == nil and "missing: " or "", dates.seconds "2030-01-01", suggest.quote(value))
    return false
  elseif value >= MILLISECONDS then
    report:error(place, "D,EXP", "expected seconds since 1970, got what seem to be milliseconds; write %d",
      value // 1000)
    return false
  end
  return true
end

local function check_folder_key(report, place, schedule)
  if schedule[OTHER_FOLDER] == nil then return end
  report:warning(findings.at(place, OTHER_FOLDER), "D,EXP,AEPP", "the API description's schema spells it so, the "
    .. "export guide and aepp write %s, which is what is sent", FOLDER)
  if schedule[FOLDER] ~= nil then
    report:error(findings.at(place, OTHER_FOLDER), "EXP", "says the same as %s: choose one", FOLDER)
  end
end

local function check_unit(report, place, unit)
  for _, known in ipairs(M.UNITS) do
    if unit == known then return true end
  end
  report:error(findings.at(place, "timeUnit"), "D,EXP", "%s: %s", unit == nil and "missing"
    or suggest.quote(unit) .. " is not known", suggest.expected(unit, M.UNITS))
  return false
end

local function check_mode(report, place, mode)
  if mode == nil or mode == FULL or mode == INCREMENTAL then return true end
  report:error(findings.at(place, "exportMode"), "D,EXP", "%s is not known; %s", suggest.quote(mode),
    suggest.expected(mode, rules.EXPORT_MODES))
  return false
end

--- The combination against the table. Without an export mode the only one that fits the interval is meant.
local function check_combination(report, place, schedule)
  local known = check_unit(report, place, schedule.timeUnit)
  known = check_mode(report, place, schedule.exportMode) and known
  local interval, at = schedule.interval, findings.at(place, "interval")
  if math.type(interval) ~= "integer" or interval < 0 then
    report:error(at, "D,EXP", "%sexpected a whole number: hours 3, 6, 9 or 12, days 1, or 0 for a single export",
      interval == nil and "missing: " or "got " .. suggest.quote(interval) .. ", ")
  elseif known then
    local once = schedule.timeUnit == "day" and interval == 0
    local row = M.row(schedule.exportMode or (once and FULL or INCREMENTAL), schedule.timeUnit, interval)
    if row.error then
      report:error(findings.at(place, row.key or "interval"), row.source, "got %s: %s", interval, row.error)
    elseif row.warning then
      report:warning(at, row.source, row.warning)
    end
  end
end

local function check_raw(report, place, schedule)
  if not report:object(place, schedule, M.KEYS, "D,EXP") then return nil end
  check_folder_key(report, place, schedule)
  check_combination(report, place, schedule)
  local fine = check_second(report, findings.at(place, "startTime"), schedule.startTime)
  fine = check_second(report, findings.at(place, "endTime"), schedule.endTime, true) and fine
  return fine and { params = M.build(schedule), first = "startTime", last = "endTime" } or nil
end

--- Order and present of a schedule whose times are known.
local function check_times(report, place, schedule, plan, now)
  local params = plan.params
  local once = params.timeUnit == "day" and params.interval == 0
  local last_place = findings.at(place, plan.last)
  if params.endTime and params.endTime <= params.startTime then
    report:error(last_place, "derived", "%s is not after the start %s", dates.stamp(params.endTime),
      dates.stamp(params.startTime))
    return
  elseif not params.endTime and not once then
    report:warning(last_place, "EXP", "missing: the service will end the export six months after its creation")
  end
  local over = once and params.startTime or params.endTime
  if over and over < now and schedule.past ~= true then
    report:error(findings.at(place, once and plan.first or plan.last), "derived",
      "%s has passed: nothing will be exported. Choose a later date, or write past = true in the schedule",
      dates.stamp(over))
  end
end

--- Checks the schedule of a dataset export.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the schedule
---@param schedule any
---@param opts { now: integer|nil, today: string|nil }|nil the present, default the clock's
function M.check(report, place, schedule, opts)
  local meaning = words.meaning(schedule)
  if schedule == nil then
    report:error(place, "D,EXP", "missing: expected when datasets are exported, such as "
      .. "sluice.schedule.datasets.daily{…}")
    return
  elseif meaning and meaning.name ~= KIND then
    report:error(place, "EXP", "is a schedule of audiences; for datasets write sluice.schedule.datasets.daily{…}")
    return
  end
  local plan
  if meaning then
    plan = check_words(report, place, schedule, meaning)
  else
    plan = check_raw(report, place, schedule)
  end
  if type(schedule) ~= "table" then return end
  check_switch(report, findings.at(place, "past"), schedule.past)
  if not meaning and schedule[FOLDER] ~= nil then
    filename.check_folder(report, findings.at(place, FOLDER), schedule[FOLDER])
  elseif not meaning and schedule[OTHER_FOLDER] ~= nil then
    filename.check_folder(report, findings.at(place, OTHER_FOLDER), schedule[OTHER_FOLDER])
  end
  if plan then check_times(report, place, schedule, plan, dates.now(opts)) end
end

return M
