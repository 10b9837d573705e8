--- How `sluice watch` shows what it sees: as a table that is redrawn in its place, as a line for each change, or as
--- JSON. All have the same face: `begin()`, `tell(changes)`, `trouble(text)`, `wait(seconds)`, `finish()`.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local running = require "sluice.cli.running"
local span = require "sluice.span"

local M = {}

---@class sluice.cli.watch.Scene
---@field watch sluice.watch.Watch
---@field names table<string, string> of dataflows, by ID
---@field clock { now: fun(self: table): integer }
---@field head fun(): string what is watched
---@field note fun(text: string) says something on standard error

-- ── lines ──────────────────────────────────────────────────────────────────────────────────────────────────

local Lines = {}
Lines.__index = Lines

local function write(text)
  local ok, reason = io.stdout:write(text, "\n")
  if ok then ok, reason = io.stdout:flush() end
  if not ok then core.error.raise("io", "cannot write to standard output: " .. tostring(reason)) end
end

local COUNTS = { { "input", "in" }, { "output", "out" }, { "failed", "failed" } }

--- What a run has done: "started 06:00, 4m 10s, 12,345 in, 12,300 out, 2 files, 1.4 MB".
local function figures(run)
  local words = {}
  local function add(word) words[#words + 1] = word end
  if run.started then add("started " .. running.short(running.iso(run.started))) end
  if run.duration then add(span.text(run.duration)) end
  for _, pair in ipairs(COUNTS) do
    if run[pair[1]] then add(running.count(run[pair[1]]) .. " " .. pair[2]) end
  end
  if run.files then add(running.plural(run.files, "file")) end
  if run.bytes then add(running.bytes(run.bytes)) end
  add(running.error(run))
  return table.concat(words, ", ")
end

function Lines.begin() end

function Lines:tell(changes)
  for _, change in ipairs(changes) do
    local run = change.run
    local name = self.scene.names[run.flow] or run.flow
    write(core.secret.mask(clean.line(("%s  %-10s  %s: %s"):format(running.iso(self.scene.clock:now()), run.status,
      name, figures(run)))))
  end
end

-- Trouble is told when it begins, and when it is over.
function Lines:trouble(text)
  if text and not self.told then
    self.scene.note(text)
  elseif not text and self.told then
    self.scene.note "the service answers again"
  end
  self.told = text ~= nil
end

function Lines.wait(_, seconds) core.task.sleep(seconds) end

function Lines.finish() end

-- ── JSON ───────────────────────────────────────────────────────────────────────────────────────────────────

local Json = setmetatable({}, { __index = Lines })
Json.__index = Json

local KINDS = { began = "began", ["went on"] = "progress", ended = "ended" }
local FIELDS = { "id", "outcome", "duration", "input", "output", "failed", "skipped", "files", "bytes", "code",
  "message" }

--- A change for programs.
---@param change sluice.watch.Change
---@param name string|nil
---@param now integer
---@return table
function M.document(change, name, now)
  local run = change.run
  local told = { state = run.status, started = running.iso(run.started), ended = running.iso(run.ended),
    audiences = core.json.array(run.subjects) }
  for _, field in ipairs(FIELDS) do told[field] = run[field] end
  return { time = running.iso(now), change = KINDS[change.kind], dataflow = { id = run.flow, name = name }, run = told }
end

function Json:tell(changes)
  for _, change in ipairs(changes) do
    write(clean.json(core.json.encode(M.document(change, self.scene.names[change.run.flow], self.scene.clock:now()))))
  end
end

-- ── a table in its place ───────────────────────────────────────────────────────────────────────────────────

local Live = { shows_sum = true }
Live.__index = Live

local LOOK = 0.2 -- seconds between two looks at the terminal's size
local BEAT = 1 -- seconds after which the durations of what goes on are written anew

function Live:draw()
  local columns, rows = self.frame:room()
  local scene = self.scene
  self.frame:draw(require("sluice.cli.watch.table").lines({ head = scene.head(), watch = scene.watch,
    names = scene.names, now = scene.clock:now(), problem = self.problem }, { columns = columns, rows = rows },
    self.style))
  self.drawn = core.task.now()
end

Live.begin, Live.tell = Live.draw, Live.draw

function Live:trouble(text)
  local changed = self.problem ~= text
  self.problem = text
  if changed then self:draw() end
end

function Live:wait(seconds)
  local ends = core.task.now() + seconds
  repeat
    core.task.sleep(math.max(0, math.min(LOOK, ends - core.task.now())))
    local beat = self.scene.watch.going > 0 and core.task.now() - self.drawn >= BEAT
    if beat or self.frame:is_resized() then self:draw() end
  until core.task.now() >= ends
end

function Live:finish()
  self.problem = nil
  self:draw() -- over a ^C that the terminal has shown
end

--- The view that the options ask for. A table needs a terminal that knows how to write over its lines, and nobody else
--- who writes there.
---@param scene sluice.cli.watch.Scene
---@param values table<string, any> of the options
---@return table view
function M.new(scene, values)
  if values.ndjson then return setmetatable({ scene = scene }, Json) end
  local style = require "sluice.terminal.style"
  local dumb = os.getenv "TERM" == "dumb" or os.getenv "TERM" == nil
  if not core.terminal.is "stdout" or dumb or values.trace then return setmetatable({ scene = scene }, Lines) end
  local frame = require("sluice.terminal.frame").new(io.stdout, function() return core.terminal.size "stdout" end)
  return setmetatable({ scene = scene, frame = frame, style = style.new(style.wanted()), drawn = 0 }, Live)
end

return M
