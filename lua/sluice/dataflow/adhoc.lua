--- Exporting audiences now, besides their schedule (activation.md §8): at most 80 in one request, never one audience
--- twice at a time, and every run is followed to its end.

local change = require "sluice.dataflow.change"
local core = require "sluice.core"
local dates = require "sluice.activation.dates"
local findings = require "sluice.findings"
local selected = require "sluice.dataflow.selected"
local suggest = require "sluice.suggest"
local tasks = require "sluice.tasks"

local M = {}

local PATH = "/data/core/activation/disflowprovider/adhocrun"
local JOBS = "/data/core/ups/export/jobs"
local PROFILES = "_xdm.context.profile" -- the schema of the job that version 1 asks for (ADHOC)
local ACCEPT = "application/vnd.adobe.adhoc.activation+json; version=2" -- AH
local MOST = 80 -- audiences in one request; more fail as a whole (GRD, ADHOC)
local RECENT = 100 -- runs looked at before anything is started

local DONE = { success = true, failed = true, completed = true } -- D, data and schema; MOND

---@class sluice.dataflow.export
---@field audience string ID in the dataflow
---@field name string|nil
---@field id string of the run
---@field status string as the service writes it
---@field records integer|nil
---@field files integer|nil

-- ── runs ───────────────────────────────────────────────────────────────────────────────────────────────────

local function at(value, ...)
  for _, key in ipairs { ... } do
    value = type(value) == "table" and value[key] or nil
  end
  return value
end

--- The list at a place, an empty one where there is none.
local function list_at(value, ...)
  local found = at(value, ...)
  return type(found) == "table" and found or {}
end

local function status_of(run) return tostring(at(run, "metrics", "statusSummary", "status") or "") end

local function is_done(run) return DONE[status_of(run):lower()] == true end

--- Waits for a run, as long as the deadline allows.
---@return table|nil run nil when it did not end in time
local function follow(job, id)
  while true do
    local run = job.aep.runs:get(id)
    if is_done(run) then return run end
    if core.task.now() + job.poll > job.deadline then return nil end
    core.task.sleep(job.poll)
  end
end

--- The IDs of the audiences that a run exports (SF, D).
local function audiences_of(run)
  local ids = {}
  for _, side in ipairs { "sourceSummaries", "targetSummaries" } do
    for _, summary in ipairs(list_at(run, "metrics", "recordSummary", side)) do
      for _, entity in ipairs(list_at(summary, "entitySummaries")) do
        local id = tostring(at(entity, "id") or ""):match "^segment:(.+)$"
        if id then ids[id] = true end
      end
    end
  end
  return ids
end

local function too_late(job, words)
  core.error.raise("limit", ("%s after %g seconds; %s"):format(words, job.seconds,
    "what was started goes on by itself, and the service refuses to start it twice"), { code = "deadline" })
end

--- One audience is never exported twice at a time: what runs already is waited for first.
local function wait_for_running(job)
  local recent = job.aep.runs:page { property = "flowId==" .. job.flow.id, orderby = "-createdAt", limit = RECENT }
  for _, run in ipairs(recent) do
    local ids = is_done(run) and {} or audiences_of(run)
    for _, selector in ipairs(job.selectors) do
      local value = selector.value
      if ids[value.id] or ids[value.systemSegmentId or value.id] then
        job.log[#job.log + 1] = ("waited for run %s, which exported audience %s already"):format(run.id,
          selected.label(selector))
        if not follow(job, run.id) then too_late(job, "run " .. run.id .. " of the same audience had not ended") end
        break
      end
    end
  end
end

-- ── starting ───────────────────────────────────────────────────────────────────────────────────────────────

--- The ID that the request wants: of an audience made elsewhere the platform's own (AH).
local function sent_id(selector) return selector.value.systemSegmentId or selector.value.id end

--- The newest export of profiles, which version 1 has to name (ADHOC).
local function latest_export(aep)
  local answer = aep:request { method = "GET", path = JOBS, query = { limit = 100 } }
  local newest
  for _, job in ipairs(list_at(answer, "records")) do
    local usable = at(job, "schema", "name") == PROFILES and (job.status == nil or job.status == "SUCCEEDED")
    if usable and (not newest or (tonumber(job.creationTime) or 0) > (tonumber(newest.creationTime) or 0)) then
      newest = job
    end
  end
  if newest then return tostring(newest.id) end
  change.refuse("no_export", "there is no export job of %s that has succeeded: version 1 of the ad hoc activation "
    .. "needs one; use version 2", PROFILES)
end

local function post(job, batch)
  local ids = core.json.array {}
  for i, selector in ipairs(batch) do ids[i] = sent_id(selector) end
  local body = { activationInfo = { [job.flow.id] = ids } }
  if job.version == 1 then body.exportIds = core.json.array { job.export_id } end
  return job.aep:request { method = "POST", path = PATH, body = body,
    headers = job.version == 2 and { Accept = ACCEPT } or nil } -- version 1 has none (AH)
end

--- The run that stands in the way, as the service names it (AH, ADHOC).
local function running_already(failure)
  if not core.error.is(failure, "service") or failure.status ~= 400 then return nil end
  return tostring(failure.message):match "already going on .- with run id ([%w%-]+)"
end

local function started_so_far(job)
  local parts = {}
  for i, run in ipairs(job.runs) do parts[i] = ("%s (run %s)"):format(run.name or run.audience, run.id) end
  return #parts == 0 and "nothing was started" or "started so far: " .. suggest.some(parts)
end

local function explain(job, failure)
  if core.error.is(failure) then
    local open = core.error.is(failure, "http") or (failure.status or 0) >= 500
    failure.message = ("%s; %s%s"):format(failure.message or "", started_so_far(job), open
      and "; whether the last request started anything is not known: called again, this waits for what runs" or "")
  end
  error(failure, 0)
end

--- The run of each audience, by the order of meaning: `order` holds the dataflow, `segment` the audience (AH).
local function keep_runs(job, batch, answer)
  local by_audience, without = {}, {}
  for _, entry in ipairs(list_at(answer, "order")) do
    local id = tostring(at(entry, "statusURL") or ""):match "/runs/([^/?#]+)"
    if id then by_audience[tostring(entry.segment)] = id end
  end
  for _, selector in ipairs(batch) do
    local value = selector.value
    local id = by_audience[sent_id(selector)] or by_audience[value.id]
    if id then
      job.runs[#job.runs + 1] = { audience = value.id, name = value.name, id = id }
    else
      without[#without + 1] = selected.label(selector)
    end
  end
  if #without > 0 then
    core.error.raise("service", ("the service accepted the export, yet names no run for %s"):format(
      suggest.some(without)), { code = "not_activated" })
  end
end

local function start(job, batch)
  while true do
    local ok, answer = pcall(post, job, batch)
    if ok then return keep_runs(job, batch, answer) end
    local other = running_already(answer)
    if not other then explain(job, answer) end
    job.log[#job.log + 1] = ("waited for run %s, which exported one of the audiences already"):format(other)
    if not follow(job, other) then
      too_late(job, ("run %s of the same audience had not ended, %s"):format(other, started_so_far(job)))
    end
    if core.task.now() + job.poll > job.deadline then
      too_late(job, "others kept exporting the same audiences, " .. started_so_far(job))
    end
    core.task.sleep(job.poll)
  end
end

-- ── ending ─────────────────────────────────────────────────────────────────────────────────────────────────

local function problem_of(run)
  local problem = at(run, "metrics", "statusSummary", "errors", 1)
    or at(run, "metrics", "recordSummary", "failedInfo", 1)
  local code, message = at(problem, "code"), at(problem, "message")
  if not (code or message) then return "no reason given" end
  return (tostring(code or "") .. " " .. tostring(message or "")):match "^%s*(.-)%s*$"
end

local function finish(job)
  local ended = tasks.map(job.runs, function(run) return follow(job, run.id) or false end)
  local failed, open = {}, {}
  for i, run in ipairs(job.runs) do
    local record, label = ended[i], ("%s (run %s)"):format(job.runs[i].name or run.audience, run.id)
    if not record then
      open[#open + 1] = label
    else
      run.status = status_of(record)
      run.records = math.tointeger(at(record, "metrics", "recordSummary", "outputRecordCount"))
      run.files = math.tointeger(at(record, "metrics", "fileSummary", "outputFileCount"))
      if run.status:lower() == "failed" then failed[#failed + 1] = label .. ": " .. problem_of(record) end
    end
  end
  if #failed > 0 then
    core.error.raise("service", ("%d of %d exports failed: %s; %d succeeded, %d still run"):format(#failed, #job.runs,
      suggest.some(failed), #job.runs - #failed - #open, #open), { code = "export_failed", runs = job.runs })
  end
  if #open > 0 then
    too_late(job, ("%d of %d exports had not ended: %s"):format(#open, #job.runs, suggest.some(open)))
  end
end

--- Waits for all that was started. Whatever ends the wait early, what was started is said.
local function wait_for_all(job)
  local ok, failure = pcall(finish, job)
  if ok then return end
  local told = core.error.is(failure) and (failure.code == "deadline" or failure.code == "export_failed")
  if told or not core.error.is(failure) then error(failure, 0) end
  failure.message = ("%s; %s"):format(failure.message or "", started_so_far(job))
  error(failure, 0)
end

local function sentences(job)
  local list = core.json.array(table.move(job.log, 1, #job.log, 1, {}))
  for _, run in ipairs(job.runs) do
    local who = run.name and ("'%s' (id %s)"):format(run.name, run.audience) or run.audience
    local counts = run.records and (", %d records in %d file%s"):format(run.records, run.files or 0,
      run.files == 1 and "" or "s") or ""
    list[#list + 1] = run.status and ("exported audience %s: %s%s"):format(who, run.status:lower(), counts)
      or ("started the export of audience %s"):format(who)
  end
  return list
end

-- ── checking ───────────────────────────────────────────────────────────────────────────────────────────────

--- The schedule has to overlap today; ONCE counts as open-ended (ADHOC, NOW).
local function check_range(report, place, selector, today)
  local plan = selector.value.schedule
  if type(plan) ~= "table" then return end
  local first, last = plan.startDate, plan.endDate
  if type(first) == "string" and first > today then
    report:error(place, "ADHOC", "%s is exported from %s on: an export now needs a schedule that has begun",
      selected.label(selector), first)
  elseif plan.frequency ~= "ONCE" and type(last) == "string" and last < today then
    report:error(place, "ADHOC", "the schedule of %s ended on %s: an export now needs one that has not ended",
      selected.label(selector), last)
  end
end

local function number(report, opts, name, default)
  local value = opts[name]
  if value == nil then return default end
  if type(value) ~= "number" or value ~= value or value < 0 then
    report:error("/" .. name, nil, "expected a number of seconds, got %s", suggest.quote(value))
    return default
  end
  return value
end

local function check(context, list, opts)
  local report = findings.new()
  if context.shape.name == "streaming" then
    change.refuse("no_files", "%s is a stream: only what writes files exports on demand (ADHOC)", context.shape.title)
  end
  local chosen = list == nil and selected.all(context.flow)
    or selected.require(report, "/audiences", context.flow, list)
  if list == nil and #chosen == 0 then report:error("/audiences", nil, "the dataflow has no audience") end
  local today = dates.date(dates.now(context))
  for i, selector in ipairs(chosen) do check_range(report, findings.at("/audiences", i), selector, today) end
  if opts.version ~= nil and opts.version ~= 1 and opts.version ~= 2 then
    report:error("/version", "AH", "expected 1 or 2, got %s", suggest.quote(opts.version))
  end
  local seconds, poll = number(report, opts, "deadline", 3600), number(report, opts, "poll", 5)
  local warnings = change.refuse_errors(report, "the export")
  return chosen, warnings, seconds, poll
end

--- Exports audiences now.
---@param context sluice.dataflow.context
---@param list any IDs or exact names; nil: all of the dataflow
---@param opts { version: 1|2|nil, wait: boolean|nil, deadline: number|nil, poll: number|nil }|nil
---@return sluice.change.result result with `runs`: sluice.dataflow.export[]
function M.export(context, list, opts)
  opts = opts or {}
  local chosen, warnings, seconds, poll = check(context, list, opts)
  local job = { aep = context.aep, flow = context.flow, selectors = chosen, version = opts.version or 2, log = {},
    runs = {}, seconds = seconds, poll = poll, deadline = core.task.now() + seconds }
  if job.version == 1 then job.export_id = latest_export(job.aep) end
  wait_for_running(job)
  for first = 1, #chosen, MOST do
    start(job, table.move(chosen, first, math.min(first + MOST - 1, #chosen), 1, {}))
  end
  if opts.wait ~= false then wait_for_all(job) end
  return change.result(context.subject, change.read(context.subject), { changed = #job.runs,
    explained = sentences(job), runs = core.json.array(job.runs), warnings = warnings })
end

return M
