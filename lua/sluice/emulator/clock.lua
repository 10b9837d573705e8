--- Virtual time: the clock stands until somebody moves it, and on its way everything due happens, in order.
-- An export begins when its schedule says and ends some minutes later; its run and files are there from then
-- on. What is changed while the clock stands holds from that moment.
local core = require "sluice.core"
local calendar = require "sluice.emulator.calendar"
local errors = require "sluice.emulator.errors"
local exporter = require "sluice.emulator.exporter"
local gateway = require "sluice.emulator.gateway"
local jobs = require "sluice.emulator.jobs"
local request = require "sluice.emulator.request"
local runs = require "sluice.emulator.runs"
local volume = require "sluice.emulator.volume"

local M = {}

local LONGEST = 3660 * calendar.DAY -- of one move
local STRIDE = calendar.DAY -- jobs are looked up for so long a stretch at a time

local Clock = {}
Clock.__index = Clock

--- Makes a clock.
---@param emulator table its options say where the clock stands and where files go
---@return table clock `now` is where it stands, in milliseconds
--- Raises kind "usage" for a time that is none, kind "io" when the exports' folder cannot be written to.
function M.new(emulator)
  local options = emulator.options
  return setmetatable({ emulator = emulator, now = calendar.instant(options.clock, "emulator option 'clock'"),
    exporter = exporter.new(options.exports, options.export_rows),
    running = {}, begun = {} }, Clock)
end

-- Scopes and flows in an order of their own, so that a seed gives the same runs every time.
local function sorted(list, less)
  table.sort(list, less)
  return list
end

local function scopes_of(emulator)
  local list = {}
  for _, scope in pairs(emulator.store.scopes) do list[#list + 1] = scope end
  return sorted(list, function(a, b) return a.sandbox_id < b.sandbox_id end)
end

local function flows_of(scope)
  local list = {}
  for _, record in pairs(scope.flows) do list[#list + 1] = record.item end
  return sorted(list, function(a, b) return a.id < b.id end)
end

local function by_end(a, b)
  if a.done ~= b.done then return a.done < b.done end
  return a.turn < b.turn
end

local function begin_jobs(self, from, to)
  local due = self.running
  for _, scope in ipairs(scopes_of(self.emulator)) do
    for _, flow in ipairs(flows_of(scope)) do jobs.add(due, self.emulator, scope, flow, from, to) end
  end
  for turn, job in ipairs(due) do job.turn = turn end
  self.running = sorted(due, by_end)
end

-- The first export that succeeds is the full one. That a failed one does not count is UNKNOWN.
local function set_mode(self, job)
  if job.kind == "stream" then
    job.mode = "stream"
  elseif job.history and self.begun[job.history] then
    job.mode = "incremental"
  end
end

---@class sluice.emulator.Made one export as it is told
---@field run string id
---@field flow string id
---@field flow_name string
---@field audiences { id: string, name: string }[] audiences, or datasets
---@field kind "audience"|"dataset"|"stream"
---@field mode "full"|"incremental"|"stream"
---@field started integer milliseconds
---@field completed integer milliseconds
---@field status "success"|"failed"
---@field records integer written
---@field skipped integer
---@field files string[] below the exports' folder

local function told(job, outcome)
  local made = { run = outcome.run.id, flow = job.flow.id, flow_name = job.flow.name, audiences = {},
    kind = job.kind, mode = job.mode, started = job.at, completed = job.done, status = outcome.status,
    records = 0, skipped = 0, files = outcome.files }
  for i, subject in ipairs(job.subjects) do
    made.audiences[i] = { id = subject.id, name = subject.name }
    made.records = made.records + outcome.volumes[i].created
    made.skipped = made.skipped + outcome.volumes[i].skipped
  end
  return made
end

local function finish(self, job)
  local emulator = self.emulator
  local rq = { emulator = emulator, options = emulator.options, ids = emulator.ids, now = job.done,
    scope = job.scope, client_id = "aep_activation_batch" }
  local fails = not job.target or volume.fails(emulator.ids, job, emulator.options.fail_runs)
  set_mode(self, job)
  local outcome = runs.finish(rq, job, fails and "failed" or "success")
  if job.history and outcome.status == "success" then self.begun[job.history] = true end
  return told(job, outcome)
end

-- After a failure the clock stands where it happened. What was to begin later is looked up again, and the
-- export that failed is tried again with the next move.
local function stop(self, job)
  local running = {}
  for _, other in ipairs(self.running) do
    if other.at < job.done then running[#running + 1] = other end
  end
  self.now, self.running = job.done, running
end

local function finish_jobs(self, to, made)
  while self.running[1] and self.running[1].done <= to do
    local job = self.running[1]
    local ok, result = pcall(finish, self, job)
    if not ok then
      stop(self, job)
      if errors.is(result) then core.error.raise("limit", result.body.detail) end
      error(result, 0)
    end
    made[#made + 1] = result
    table.remove(self.running, 1)
  end
end

--- Moves the clock.
---@param to integer milliseconds
---@return sluice.emulator.Made[] made the exports that ended on the way, in order
--- Raises kind "usage" when the time is past or too far ahead, kind "io" when a file cannot be written, kind
--- "limit" when the emulator is full; the clock then stands where it happened.
function Clock:advance_to(to)
  if math.type(to) ~= "integer" or to < self.now or to - self.now > LONGEST or to > calendar.LAST then
    local now, last = calendar.format(self.now, "iso"), math.min(self.now + LONGEST, calendar.LAST)
    core.error.raise("usage", ("the clock stands at %s; it can be moved to a time from there to %s"):format(now,
      calendar.format(last, "iso")))
  end
  local made = {}
  while self.now < to do
    local stride = math.min(to, self.now + STRIDE)
    begin_jobs(self, self.now, stride)
    finish_jobs(self, stride, made)
    self.now = stride
  end
  return made
end

-- ── by network ─────────────────────────────────────────────────────────────────────────────────────────────

local function shown(rq)
  local clock = rq.emulator.clock
  return { now = calendar.format(rq.now, "iso"), virtual = clock ~= nil }
end

--- GET /_emulator/clock: `{now, virtual}`.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.get(rq)
  return 200, shown(rq)
end

local function target_of(clock, body)
  if (body.to == nil) == (body.advance == nil) then
    core.error.raise("usage", 'expected {"to": "2030-01-31T00:00Z"} or {"advance": "6h"}')
  end
  if body.to ~= nil then return calendar.instant(body.to, "to") end
  return clock.now + calendar.span(body.advance, "advance") * calendar.SECOND
end

-- A disk that is full is no defect of the emulator: its keeper is told.
local function refuse(err)
  if not core.error.is(err) then error(err, 0) end
  local status = err.kind == "usage" and 400 or 507
  local detail = status == 400 and err.message or "the clock has stopped: " .. err.message
  errors.problem(status, status == 400 and "BadRequestError" or "Insufficient Storage", detail)
end

--- POST /_emulator/clock: `{"to": instant}` or `{"advance": span}`; gives `{now, virtual, runs, failed, files}`,
--- the counts being those of this move.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.post(rq)
  gateway.check_content_type(rq)
  local body, clock = request.json_object(rq.body), rq.emulator.clock
  if not clock then
    errors.problem(409, "Conflict", "the emulator has the machine's time; start it with --clock to move it")
  end
  local ok, made = pcall(function() return clock:advance_to(target_of(clock, body)) end)
  if not ok then
    if errors.is(made) then error(made, 0) end
    refuse(made)
  end
  rq.now = clock.now
  local answer = shown(rq)
  answer.runs, answer.failed, answer.files = #made, 0, 0
  for _, export in ipairs(made) do
    answer.files = answer.files + #export.files
    if export.status == "failed" then answer.failed = answer.failed + 1 end
  end
  return 200, answer
end

return M
