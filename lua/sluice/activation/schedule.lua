--- When an audience is exported: helpers to say it, the table of what is valid, and the check against it.
---
---     schedule = sluice.schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" }
---     schedule = sluice.schedule.every_hours(6) { at = "00:00", from = …, to = … }
---     schedule = sluice.schedule.once { at = "17:00", on = "2030-01-01" }
---     schedule = sluice.schedule.after_evaluation { from = …, to = … }
---
--- A raw table in the API's words does as well: { frequency, triggerType, startDate, startTime, endDate }.
--- Dates are YYYY-MM-DD, times HH:00, both in UTC.

local findings = require "sluice.findings"
local suggest = require "sluice.suggest"

local M = {}

local FULL, INCREMENTAL = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"
local SCHEDULED, AFTER = "SCHEDULED", "AFTER_SEGMENT_EVAL"

M.EXPORT_MODES = { FULL, INCREMENTAL } -- T, D
M.FREQUENCIES = {
  "ONCE", "DAILY", "EVERY_3_HOURS", "EVERY_6_HOURS", "EVERY_8_HOURS", "EVERY_12_HOURS", -- T, D
}
M.TRIGGERS = { SCHEDULED, AFTER } -- T, D
M.KEYS = { "frequency", "triggerType", "startDate", "startTime", "endDate" }

local HOURLY = "hourly" -- stands for the four EVERY_… in the table below
local NONE = "none" -- stands for an absent triggerType

local NO_TRIGGER = "no triggerType: the tutorial's table asks for one with a full export, its own sample "
  .. "leaves it out; write SCHEDULED"
local STRAY_TIME = "startTime has no effect after evaluation: the API description calls it not applicable, "
  .. "the tutorial asks for it always; leave it out"

--- The truth table. A row is one combination; the fields say "required", "forbidden" or "idle" (has no
--- effect). `error` rejects the combination, `warning` lets it pass and names both sides.
M.RULES = {
  { export = FULL, frequency = "ONCE", trigger = SCHEDULED, source = "T,D",
    startDate = "required", startTime = "required", endDate = "forbidden" },
  { export = FULL, frequency = "ONCE", trigger = NONE, source = "T", warning = NO_TRIGGER,
    startDate = "required", startTime = "required", endDate = "forbidden" },
  { export = FULL, frequency = "ONCE", trigger = AFTER, source = "D",
    startDate = "required", startTime = "idle", endDate = "forbidden" },
  { export = FULL, frequency = "DAILY", trigger = SCHEDULED, source = "T,D,UPD",
    startDate = "required", startTime = "required", endDate = "required" },
  { export = FULL, frequency = "DAILY", trigger = NONE, source = "T,UPD", warning = NO_TRIGGER,
    startDate = "required", startTime = "required", endDate = "required" },
  { export = FULL, frequency = "DAILY", trigger = AFTER, source = "UPD,D",
    startDate = "required", startTime = "idle", endDate = "required" },
  { export = FULL, frequency = HOURLY, source = "T,D,GRD",
    error = 'a full export runs ONCE or DAILY; every few hours needs export = '
      .. '"FIRST_FULL_THEN_INCREMENTAL"' },
  { export = INCREMENTAL, trigger = AFTER, source = "T,D,UI",
    error = 'AFTER_SEGMENT_EVAL goes with export = "DAILY_FULL_EXPORT" only; leave triggerType out' },
  { export = INCREMENTAL, frequency = "ONCE", source = "T",
    error = 'an incremental export runs DAILY or every 3, 6, 8 or 12 hours; ONCE needs export = '
      .. '"DAILY_FULL_EXPORT"' },
  { export = INCREMENTAL, frequency = "DAILY", source = "T,D,UPD",
    startDate = "required", startTime = "required", endDate = "required" },
  { export = INCREMENTAL, frequency = HOURLY, source = "T,D",
    startDate = "required", startTime = "required", endDate = "required" },
}

-- ── saying it ──────────────────────────────────────────────────────────────────────────────────────────────

local RANGE = { at = "startTime", from = "startDate", to = "endDate" }

--- What a helper returns keeps the user's own words, so that findings can point at them; its metatable says
--- what they mean: `words` → the API's field names, `export` the mode meant when the audience names none.
local function helper(meaning)
  meaning.__name = "sluice.schedule"
  return function(words)
    if type(words) ~= "table" then
      error('expected words in braces, such as { at = "02:00", from = "2030-01-01", to = "2030-12-31" }', 2)
    end
    local plan = {}
    for word, value in pairs(words) do plan[word] = value end
    return setmetatable(plan, meaning)
  end
end

local HOURS = {}
for _, frequency in ipairs(M.FREQUENCIES) do
  local hours = math.tointeger(tonumber(frequency:match "%d+"))
  if hours then HOURS[hours] = helper { frequency = frequency, export = INCREMENTAL, words = RANGE } end
end

--- Every day at an hour, in full unless the audience says export = "FIRST_FULL_THEN_INCREMENTAL".
---@param words { at: string, from: string, to: string } UTC hour, first day, day after the last export
---@return table schedule
M.daily = helper { frequency = "DAILY", export = FULL, words = RANGE }

--- One full export.
---@param words { at: string, on: string } UTC hour and day
---@return table schedule
M.once = helper { frequency = "ONCE", export = FULL, words = { at = "startTime", on = "startDate" } }

--- A full export each day when the audience has been evaluated.
---@param words { from: string, to: string } first day, day after the last export
---@return table schedule
M.after_evaluation = helper { frequency = "DAILY", export = FULL, trigger = AFTER,
  words = { from = "startDate", to = "endDate" } }

--- Incremental exports every few hours.
---@param hours 3|6|8|12
---@return fun(words: { at: string, from: string, to: string }): table
function M.every_hours(hours)
  local chosen = HOURS[hours]
  if chosen then return chosen end
  error(("every_hours: expected 3, 6, 8 or 12, got %s"):format(suggest.quote(hours)), 2)
end

-- ── reading it ─────────────────────────────────────────────────────────────────────────────────────────────

--- Brings an audience's `export` and `schedule` into the API's form. A helper's result may stand under either
--- key. names: the API's field → the key the definition used for it; known: the keys the definition may use.
local function read(audience)
  local export, plan = audience.export, audience.schedule
  local at = "schedule"
  if type(export) == "table" and plan == nil then export, plan, at = nil, export, "export" end
  if type(plan) ~= "table" then return { export = export, fields = plan, at = at } end
  local meaning = getmetatable(plan)
  if type(meaning) ~= "table" or meaning.__name ~= "sluice.schedule" then
    return { export = export, fields = plan, given = plan, at = at, names = {}, known = M.KEYS }
  end
  export = export == nil and meaning.export or export
  local fields, names, known = { frequency = meaning.frequency }, {}, {}
  fields.triggerType = meaning.trigger or (export == FULL and SCHEDULED or nil)
  for word, field in pairs(meaning.words) do
    fields[field], names[field], known[#known + 1] = plan[word], word, word
  end
  table.sort(known)
  return { export = export, fields = fields, given = plan, at = at, names = names, known = known }
end

--- The export mode and the schedule of a checked audience, as its selector carries them.
---@param audience table
---@return string export_mode
---@return table schedule
function M.build(audience)
  local plan = read(audience)
  local schedule = {}
  for _, key in ipairs(M.KEYS) do schedule[key] = plan.fields[key] end
  return plan.export, schedule
end

-- ── checking it ────────────────────────────────────────────────────────────────────────────────────────────

local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_date(text)
  local year, month, day = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if not year or month < 1 or month > 12 then return false end
  local leap = month == 2 and year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return day >= 1 and day <= DAYS[month] + (leap and 1 or 0)
end

local function time_problem(text)
  local hour, minute = text:match("^(%d?%d):(%d%d)$")
  if not hour or tonumber(hour) > 23 or tonumber(minute) > 59 then
    return 'expected a time in UTC such as "17:00"', "T"
  elseif #hour < 2 then
    return ('expected two digits for the hour; write "%02d:00"'):format(hour), "T"
  elseif minute ~= "00" then
    return ('exports start on the hour; write "%s:00"'):format(hour), "D"
  end
end

local function date_problem(text)
  if not is_date(text) then return 'expected a date such as "2030-12-31"', "T" end
end

local FIELDS = {
  { name = "startDate", missing = 'a date such as "2030-12-31"', problem = date_problem },
  { name = "startTime", missing = 'a time in UTC such as "17:00"', problem = time_problem },
  { name = "endDate", missing = 'a date such as "2030-12-31"', problem = date_problem },
}

local function family(frequency)
  return frequency:match("^EVERY_") and HOURLY or frequency
end

local function row_of(export, frequency, trigger)
  for _, row in ipairs(M.RULES) do
    if row.export == export and (not row.frequency or row.frequency == family(frequency))
      and (not row.trigger or row.trigger == trigger) then
      return row
    end
  end
end

local function one_of(report, place, value, words, source)
  for _, word in ipairs(words) do
    if value == word then return true end
  end
  if value == "WEEKLY" or value == "MONTHLY" then
    report:error(place, "UI", "%s exists in the user interface only; %s", value, suggest.expected(nil, words))
  elseif value == nil then
    report:error(place, source, "missing: %s", suggest.expected(nil, words))
  else
    report:error(place, source, "%s is not known; %s", suggest.quote(value), suggest.expected(value, words))
  end
  return false
end

local function check_field(report, place, field, value, rule, row)
  if value == nil then
    if rule == "required" then report:error(place, row.source, "missing: expected " .. field.missing) end
    return
  elseif rule == "forbidden" then
    report:error(place, row.source, "has no place in a schedule that runs ONCE; leave it out")
    return
  elseif rule == "idle" then
    report:warning(place, "D,T", STRAY_TIME)
  end
  if not report:text(place, value, field.missing, row.source) then return end
  local problem, source = field.problem(value)
  if problem then report:error(place, source, "%s; got %s", problem, suggest.quote(value)) end
end

local function check_dates(report, place_of, fields, today)
  local first, last = fields.startDate, fields.endDate
  if not (type(first) == "string" and is_date(first)) then return end
  if last == nil then
    if fields.frequency == "ONCE" and first < today then
      report:warning(place_of "startDate", "derived", "%s has passed: nothing will be exported", first)
    end
  elseif type(last) ~= "string" or not is_date(last) then
    return
  elseif last < first then
    report:error(place_of "endDate", "derived", "%s is before the start %s", last, first)
  elseif last == first then
    report:warning(place_of "endDate", "UI", "nothing will be exported: the end date itself never is")
  elseif last <= today then
    report:warning(place_of "endDate", "UI,derived", "%s has come: nothing will be exported any more", last)
  end
end

local function check_fields(report, place_of, plan, row, today)
  if row.error then
    report:error(place_of(row.trigger and "triggerType" or "frequency"), row.source, row.error)
    return
  end
  if row.warning then report:warning(place_of "triggerType", "T", row.warning) end
  for _, field in ipairs(FIELDS) do
    check_field(report, place_of(field.name), field, plan.fields[field.name], row[field.name], row)
  end
  check_dates(report, place_of, plan.fields, today)
end

--- Checks an audience's export mode and schedule against the truth table.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the audience
---@param audience table its `export` and `schedule`
---@param opts { shape: string|nil, today: string|nil, now: integer|nil }|nil today: YYYY-MM-DD, default today in UTC
function M.check(report, place, audience, opts)
  local plan = read(audience)
  local schedule_place = findings.at(place, plan.at)
  local function place_of(field)
    return findings.at(schedule_place, plan.names[field] or field)
  end
  if plan.fields == nil then
    report:error(schedule_place, "T", "missing: expected a schedule, such as sluice.schedule.daily{…}")
    if plan.export == nil then return end -- a schedule may bring it
  end
  local export_known = one_of(report, findings.at(place, "export"), plan.export, M.EXPORT_MODES, "T,D")
  if plan.fields == nil then return end
  if not report:object(schedule_place, plan.given or plan.fields, plan.known or M.KEYS, "T") then return end
  local frequency_known = one_of(report, place_of "frequency", plan.fields.frequency, M.FREQUENCIES, "T,D")
  local trigger = plan.fields.triggerType
  local trigger_known = trigger == nil or one_of(report, place_of "triggerType", trigger, M.TRIGGERS, "T,D")
  if export_known and frequency_known and trigger_known then
    local row = row_of(plan.export, plan.fields.frequency, trigger or NONE)
    check_fields(report, place_of, plan, row, opts and opts.today or os.date("!%Y-%m-%d"))
  end
end

return M
