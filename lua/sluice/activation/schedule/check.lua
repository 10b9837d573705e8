--- The check of an audience's export mode and schedule: the words, the truth table, the dates.

local dates = require "sluice.activation.dates"
local findings = require "sluice.findings"
local rules = require "sluice.activation.schedule.rules"
local suggest = require "sluice.suggest"
local times = require "sluice.activation.schedule.times"
local words = require "sluice.activation.schedule.words"

local M = {}

local SOON = dates.HOUR -- a first export nearer than this may be missed (UI)

-- ── values ─────────────────────────────────────────────────────────────────────────────────────────────────

local function time_problem(text)
  local hour, minute = text:match("^(%d?%d):(%d%d)$")
  if not hour or tonumber(hour) > 23 or tonumber(minute) > 59 then
    return 'expected a time in UTC such as "17:00"', "T"
  elseif #hour < 2 then
    return ('expected two digits for the hour; write "%02d:00"'):format(tonumber(hour)), "T"
  elseif minute ~= "00" then
    return ('exports start on the hour; write "%s:00"'):format(hour), "D"
  end
end

local function date_problem(text)
  if not dates.is_date(text) then return 'expected a date such as "2030-12-31"', "T" end
end

local FIELDS = {
  { name = "startDate", missing = 'a date such as "2030-12-31"', problem = date_problem },
  { name = "startTime", missing = 'a time in UTC such as "17:00"', problem = time_problem },
  { name = "endDate", missing = 'a date such as "2030-12-31"', problem = date_problem },
}

--- Checks that a word is one of the API's.
local function one_of(report, place, value, known, source)
  for _, word in ipairs(known) do
    if value == word then return true end
  end
  if value == "WEEKLY" or value == "MONTHLY" then
    report:error(place, "UI", "%s exists in the user interface only; %s", value, suggest.expected(nil, known))
  elseif value == nil then
    report:error(place, source, "missing: %s", suggest.expected(nil, known))
  else
    report:error(place, source, "%s is not known; %s", suggest.quote(value), suggest.expected(value, known))
  end
  return false
end

--- Checks one field; says whether its value can be counted with.
local function check_field(report, place, field, value, row)
  local rule = row[field.name]
  if value == nil then
    if rule == "required" then report:error(place, row.source, "missing: expected " .. field.missing) end
    return rule ~= "required"
  elseif rule == "forbidden" then
    report:error(place, row.source, "has no place in a schedule that runs ONCE; leave it out")
    return true
  elseif rule == "idle" then
    report:warning(place, "D,T", rules.STRAY_TIME)
  end
  if not report:text(place, value, field.missing, row.source) then return false end
  local problem, source = field.problem(value)
  if problem then report:error(place, source, "%s; got %s", problem, suggest.quote(value)) end
  return problem == nil
end

-- ── dates ──────────────────────────────────────────────────────────────────────────────────────────────────

local function check_order(report, place, first, last)
  if last < first then
    report:error(place, "derived", "%s is before the start %s", last, first)
  elseif last == first then
    report:warning(place, "UI", "nothing will be exported, for the end date itself never is; write %s to export on %s",
      suggest.quote(dates.date(dates.seconds(first) + dates.DAY)), first)
  end
  return first < last
end

--- A schedule that is over exports nothing; a first export that is very near may be missed.
local function check_present(report, place_of, plan, now)
  local fields = plan.fields
  local first, last = times.first(fields), times.last(fields)
  if last < now or last == now and fields.triggerType == rules.AFTER then
    if plan.given.past == true then return end
    local key = fields.frequency == "ONCE" and "startDate" or "endDate"
    local excluded = key == "endDate" and ("; the end date %s itself is not exported"):format(fields.endDate) or ""
    report:error(place_of(key), "UI,derived",
      "has passed: the last export was due by %s%s. Choose a later date, or write past = true in the schedule",
      dates.stamp(last), excluded)
  elseif fields.triggerType ~= rules.AFTER and first >= now and first - now < SOON then
    report:warning(place_of "startTime", "UI", "the first export, %s, is less than an hour away and may be missed: "
      .. "start at least an hour after the activation", dates.stamp(first))
  end
end

local function check_dates(report, place_of, plan, row, now)
  local fields = plan.fields
  local ordered = row.endDate ~= "required"
    or check_order(report, place_of "endDate", fields.startDate, fields.endDate)
  if ordered then check_present(report, place_of, plan, now) end
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

local function check_row(report, place_of, plan, row, now)
  if row.error then
    report:error(place_of(row.trigger and "triggerType" or "frequency"), row.source, row.error)
    return
  end
  if row.warning then report:warning(place_of "triggerType", "T", row.warning) end
  local countable = true
  for _, field in ipairs(FIELDS) do
    local fine = check_field(report, place_of(field.name), field, plan.fields[field.name], row)
    countable = countable and (fine or row[field.name] == "idle")
  end
  if countable then check_dates(report, place_of, plan, row, now) end
end

local function check_switches(report, place, given)
  for _, word in ipairs { "after_evaluation", "past" } do
    if given[word] ~= nil and type(given[word]) ~= "boolean" then
      report:error(findings.at(place, word), nil, "expected true or false, got %s", suggest.quote(given[word]))
    end
  end
end

--- The schedule's words, when there is a schedule that audiences can have.
local function check_table(report, place, plan)
  if plan.fields == nil then
    report:error(place, "T", "missing: expected a schedule, such as sluice.schedule.daily{…}")
    return false
  end
  local meaning = words.meaning(plan.given)
  if meaning and meaning.name ~= "sluice.schedule" then
    report:error(place, "T", "is a schedule of datasets; for audiences write sluice.schedule.daily{…}")
    return false
  end
  if not report:object(place, plan.given or plan.fields, plan.known, "T") then return false end
  check_switches(report, place, plan.given)
  return true
end

--- Checks an audience's export mode and schedule against the truth table.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the audience
---@param audience table its `export` and `schedule`
---@param opts { now: integer|nil, today: string|nil }|nil the present, default the clock's
---@return table|nil fields the schedule by the API's names, when nothing is wrong with it
function M.check(report, place, audience, opts)
  local plan, errors = words.read(audience), #report:only "error"
  local schedule_place = findings.at(place, plan.at)
  local function place_of(field)
    if plan.names[field] then return findings.at(schedule_place, plan.names[field]) end
    return plan.spoken and schedule_place or findings.at(schedule_place, field) -- a helper brings some unnamed
  end
  local is_schedule = check_table(report, schedule_place, plan)
  if not is_schedule and plan.export == nil then return nil end -- a schedule may bring it
  local known = one_of(report, findings.at(place, "export"), plan.export, rules.EXPORT_MODES, "T,D")
  if not is_schedule then return nil end
  local trigger = plan.fields.triggerType
  known = one_of(report, place_of "frequency", plan.fields.frequency, rules.FREQUENCIES, "T,D") and known
  known = (trigger == nil or one_of(report, place_of "triggerType", trigger, rules.TRIGGERS, "T,D")) and known
  if known then
    local row = rules.row(plan.export, plan.fields.frequency, trigger)
    check_row(report, place_of, plan, row, dates.now(opts))
  end
  return #report:only "error" == errors and plan.fields or nil
end

return M
