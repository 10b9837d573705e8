--- How dataflows fare: for each its last success, its failures in a window of time, its next export, and a verdict.

local due = require "sluice.health.due"
local facts = require "sluice.runs.facts"
local runs = require "sluice.runs"

local M = {}

--- Seconds by which an export may begin later than its schedule says before it counts as late.
M.GRACE = 3600

local EARLY = 300 -- seconds by which a run may seem to begin before its time: clocks differ

---@class sluice.health.Report
---@field id string of the dataflow
---@field name string|nil
---@field state string|nil
---@field verdict "ok"|"late"|"failing"|"disabled"|"never ran"
---@field reason string|nil why, where something is to be said
---@field runs integer in the window
---@field failures integer in the window
---@field last_success integer|nil seconds since 1970: when it ended
---@field next sluice.health.Next|nil
---@field streams boolean it sends what comes, without a schedule

-- ── what is known of a dataflow's runs ─────────────────────────────────────────────────────────────────────

local function newest(list, fits)
  for _, run in ipairs(list) do
    if fits(run) then return run end
  end
end

local function succeeded(run) return run.outcome == "succeeded" end

--- The run that the dataflow itself tells of (flow-service-api.md §7, lastRunDetails).
local function told_by(flow)
  local last = flow.lastRunDetails
  if type(last) ~= "table" or last.state == nil then return nil end
  return facts.of { id = last.id, flowId = flow.id, metrics = { statusSummary = { status = last.state },
    durationSummary = { startedAtUTC = last.startedAtUTC, completedAtUTC = last.completedAtUTC } } }
end

--- Asks for the newest runs of those that lack them, and notes them under a name.
local function look_up(aep, all, name, outcome, lacks)
  local ids = {}
  for _, known in ipairs(all) do
    if lacks(known) then ids[#ids + 1] = known.flow.id end
  end
  if #ids == 0 then return end
  local found = runs.newest(aep, ids, outcome)
  for _, known in ipairs(all) do known[name] = known[name] or found[known.flow.id] end
end

--- Asks for as little as settles it: the window first, then what is older where the window leaves it open.
local function read(aep, flows, since)
  local ids, all = {}, {}
  for i, flow in ipairs(flows) do ids[i] = flow.id end
  local by_flow = runs.since(aep, ids, since)
  for i, flow in ipairs(flows) do
    local list = by_flow[flow.id]
    local told = told_by(flow)
    all[i] = { flow = flow, list = list, since = since, newest = list[1] or told,
      success = newest(list, succeeded) or told and succeeded(told) and told or nil }
  end
  look_up(aep, all, "newest", nil, function(known) return known.newest == nil end)
  for _, known in ipairs(all) do
    if known.newest and succeeded(known.newest) then known.success = known.success or known.newest end
  end
  look_up(aep, all, "success", "succeeded", function(known) return known.newest ~= nil and known.success == nil end)
  return all
end

-- ── the verdict ────────────────────────────────────────────────────────────────────────────────────────────

--- The audience that a run is of; nil where it names none, or several.
local function subject_of(run) return #run.subjects == 1 and run.subjects[1] or nil end

--- The newest failure that no success has made good: of the same audience, or, where the run does not name it, of any.
local function open_failure(known, subjects)
  local wanted, good = {}, {}
  for _, subject in ipairs(subjects) do
    if subject.id then wanted[subject.id] = true end
  end
  local any_good = false
  for _, run in ipairs(known.list) do -- newest first
    local subject = subject_of(run)
    if succeeded(run) then
      any_good = true
      for _, id in ipairs(run.subjects) do good[id] = true end
    elseif run.outcome == "failed" then
      local names = subject ~= nil and next(wanted) ~= nil
      if names and wanted[subject] and not good[subject] or not names and not any_good then return run end
    end
  end
  local last = known.newest
  return #known.list == 0 and last and last.outcome == "failed" and last or nil
end

local function is_of(run, subject)
  if not subject.id or #run.subjects == 0 then return true end
  for _, id in ipairs(run.subjects) do
    if id == subject.id then return true end
  end
  return false
end

--- Has a run begun at or after a moment? Of what was before the window only the dataflow's newest run is known, so that
--- there any run counts.
local function has_begun(known, subject, moment)
  local any = moment < known.since
  local function fits(run) return (run.started or 0) >= moment - EARLY and (any or is_of(run, subject)) end
  return newest(known.list, fits) ~= nil or known.newest ~= nil and fits(known.newest)
end

--- The export that should have begun and has not; nil when there is none.
local function missed(known, subjects, now)
  for _, subject in ipairs(subjects) do
    local moment = due.last(subject, now - M.GRACE)
    if moment and not has_begun(known, subject, moment) then return subject, moment end
  end
end

local function failure_words(run)
  if run.code and run.message then return run.code .. ": " .. run.message end
  return run.code or run.message or "the run says no reason"
end

local function late_words(subject, moment)
  local day = subject.series.after_evaluation
  return ("the export of %s%s has not begun"):format(os.date(day and "!%Y-%m-%d" or "!%Y-%m-%d %H:%M UTC", moment),
    subject.name and (" (%s)"):format(subject.name) or "")
end

local function verdict_of(known, subjects, now)
  if known.flow.state == "disabled" then return "disabled" end
  local failure = open_failure(known, subjects)
  if failure then return "failing", failure_words(failure) end
  local subject, moment = missed(known, subjects, now)
  if subject then return "late", late_words(subject, moment) end
  return known.newest and "ok" or "never ran"
end

local function report_of(known, now)
  local flow, failures = known.flow, 0
  local subjects, streams = due.subjects(flow)
  local verdict, reason = verdict_of(known, subjects, now)
  for _, run in ipairs(known.list) do
    if run.outcome == "failed" then failures = failures + 1 end
  end
  local success = known.success
  return { id = flow.id, name = flow.name, state = flow.state, verdict = verdict, reason = reason,
    runs = #known.list, failures = failures, last_success = success and (success.ended or success.started),
    next = verdict ~= "disabled" and due.next(subjects, now) or nil, streams = streams and #subjects == 0 }
end

--- Is this a verdict that somebody should look into?
---@param report sluice.health.Report
---@return boolean
function M.is_unwell(report) return report.verdict == "failing" or report.verdict == "late" end

--- Reports on dataflows, in their order.
---@param aep sluice.Client
---@param flows table[] as the service gave them
---@param options { since: integer, now: integer } seconds since 1970: the window, and what time it is at the service
---@return sluice.health.Report[]
function M.of(aep, flows, options)
  local reports = {}
  for i, known in ipairs(read(aep, flows, options.since)) do reports[i] = report_of(known, options.now) end
  return reports
end

return M
