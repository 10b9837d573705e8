--- `sluice run RECIPE --params rows.csv`: one run a row, several at a time, with what became of each.

local batch = require "sluice.recipe.batch"
local core = require "sluice.core"
local crowds = require "sluice.recipe.many"
local output = require "sluice.cli.output"
local progress = require "sluice.cli.progress"
local suggest = require "sluice.suggest"
local text = require "sluice.cli.text"

local M = {}

local CONCURRENCY, MOST = 8, 64

local Run = {}
Run.__index = Run

-- ── what became of a row ───────────────────────────────────────────────────────────────────────────────────

--- The first line of what went wrong.
local function reason_of(failure)
  if failure == nil then return nil end
  local words = core.error.is(failure) and tostring(failure) or tostring(failure):gsub("\nstack traceback:.*$", "")
  return (text.line(words):gsub("^the task was cancelled", "interrupted"))
end

--- The IDs of what a row made or changed: those that its result names.
local function ids_of(entry)
  local result = entry.result
  if type(result) ~= "table" then return nil end
  if type(result.ids) == "table" and next(result.ids) ~= nil then return result.ids end
  local ids = {}
  for _, name in ipairs { "flow", "account", "target" } do
    local item = result[name]
    if type(item) == "table" and type(item.id) == "string" then ids[name] = item.id end
  end
  return next(ids) ~= nil and ids or nil
end

--- What a row is called in lists: its destination, or what tells it from others.
local function name_of(entry)
  if entry.name then return entry.name end
  local definition = entry.destination and entry.destination.definition
  if definition and type(definition.name) == "string" then return definition.name end
  for _, param in ipairs(entry.reading.recipe.params) do
    if param.unique and entry.params[param.name] ~= nil then return tostring(entry.params[param.name]) end
  end
  return entry.row.place
end

--- The word for a row that is done: what was only tried has to be done yet.
function Run:word(state)
  if state ~= "done" then return state end
  if self.session.watch and self.session.watch.dry_run then return "planned" end
  return self.session.server and "emulated" or "done"
end

function Run:state_of(entry)
  local error_text = entry.error ~= nil and entry.state ~= "done" and reason_of(entry.error) or nil
  return { outcome = self:word(entry.state), error = error_text, ids = ids_of(entry) }
end

-- ── while it goes on ───────────────────────────────────────────────────────────────────────────────────────

function Run:counts()
  local counts = { done = 0, failed = 0, running = 0 }
  for _, entry in ipairs(self.entries) do
    if counts[entry.state] then counts[entry.state] = counts[entry.state] + 1 end
  end
  return counts
end

function Run:draw(now)
  local counts = self:counts()
  self.bar:say(("%d of %d rows done, %d failed, %d at work%s"):format(counts.done, #self.entries, counts.failed,
    counts.running, now and "  " .. now or ""))
end

function Run:say(line)
  self.bar:clear()
  progress.log(line)
end

--- A line for a row that has ended; on a terminal, where a line shows how far all are, for what went wrong alone.
function Run:tell(entry, state)
  if entry.state == "done" and self.is_terminal then return end
  local took = entry.ms and ("%9.1f ms"):format(entry.ms) or (" "):rep(12)
  self:say(("%-11s row %-5d %s  %s%s"):format(state.outcome, entry.row.number, took, name_of(entry),
    state.error and ": " .. state.error or ""))
end

--- Of thousands of rows that are over only what is told of them stays in memory.
local function forget(entry)
  entry.name = name_of(entry)
  entry.result, entry.destination, entry.params, entry.reading, entry.task, entry.gate = nil, nil, nil, nil, nil, nil
end

--- Hears what happens to the rows; false when it cannot be kept any more.
function Run:hear(what, entry)
  if self.file and not self.file.handle and what ~= "not begun" then self.file:begin() end
  if what == "opened" then return true end
  local state = what == "begun" and { outcome = "begun" } or self:state_of(entry)
  if what ~= "begun" then
    if what ~= "not begun" then self:tell(entry, state) end
    self.states[entry.row] = state
    forget(entry)
  end
  self:draw(name_of(entry))
  if what == "not begun" or not self.file then return true end
  return self.file:note(entry.row, state)
end

-- ── before and after ───────────────────────────────────────────────────────────────────────────────────────

local function concurrency_of(options)
  local word = options.concurrency
  if word == nil then return CONCURRENCY end
  local value = word:find "^%d+$" and math.tointeger(tonumber(word))
  if value and value >= 1 and value <= MOST then return value end
  core.error.raise("usage", ("--concurrency is %s; expected a whole number from 1 to %d"):format(suggest.quote(word),
    MOST))
end

--- Reads the rows; nothing is written while something is wrong with one of them.
function Run:prepare()
  local session, recipe = self.session, self.recipe
  local opts = session:reading_options(recipe, self.call)
  opts.connect = function() return session:connection() end
  opts.warn = function(line) self:say("warning: " .. line) end
  local made = batch.read(recipe, self.call.rest, self.read, opts)
  if session.server then progress.log("emulated service on " .. session.server.url) end
  if #made.examples_used > 0 then
    progress.log("not given, so the recipe's examples are used: " .. table.concat(made.examples_used, ", "))
  end
  self.entries, self.states = made.entries, {}
  for _, row in ipairs(self.read.rows) do
    self.states[row] = batch.is_done(row) and { outcome = batch.DONE, ids = row.ids } or { outcome = "not begun" }
  end
  if session.options.outcome then
    self.file = require("sluice.recipe.outcome").new(session.options.outcome, recipe, self.read, self.states)
  end
end

--- The context of one row: what it says is told with its number, and it is not to ask anybody.
function Run:context(entry, before_apply)
  local settings = self.session:context_options(self.call)
  local mark = ("row %d: "):format(entry.row.number)
  settings.log = function(line) self:say(mark .. tostring(line)) end
  settings.on_step = function(step) self:draw(("row %d: %s"):format(entry.row.number, step.what)) end
  settings.show = function(_, _, words) self:draw(mark .. (words or "")) end
  settings.before_apply = before_apply
  if not self.session.options.yes then
    settings.confirm = function(question)
      core.error.raise("usage", "the recipe asks: " .. question .. " With many rows nobody can answer",
        { hint = "--yes answers every question with yes" })
    end
  end
  return require("sluice.recipe").context(entry.params, settings)
end

-- ── what came of all ───────────────────────────────────────────────────────────────────────────────────────

local ORDER = { "done", "emulated", "planned", "failed", "interrupted", "not begun" }

--- How many rows have come to what.
function Run:totals()
  local totals = { rows = #self.read.rows }
  for _, row in ipairs(self.read.rows) do
    local outcome = self.states[row].outcome
    totals[outcome] = (totals[outcome] or 0) + 1
  end
  return totals
end

function Run:summary()
  local totals, parts = self:totals(), {}
  for _, outcome in ipairs(ORDER) do
    if totals[outcome] then parts[#parts + 1] = ("%d %s"):format(totals[outcome], outcome) end
  end
  local before = #self.read.rows - #self.entries
  local note = before > 0 and (" (%d of them before)"):format(before) or ""
  return ("%d row%s: %s%s"):format(totals.rows, totals.rows == 1 and "" or "s", table.concat(parts, ", "), note)
end

--- The rows for lists and documents, in the order of the file.
function Run:list()
  local by_row, list = {}, core.json.array {}
  for _, entry in ipairs(self.entries) do by_row[entry.row] = entry end
  for i, row in ipairs(self.read.rows) do
    local entry, state = by_row[row], self.states[row]
    local ids = type(state.ids) == "string" and select(2, pcall(core.json.decode, state.ids)) or state.ids
    list[i] = { row = row.number, outcome = state.outcome, error = state.error, ids = ids,
      result = entry and entry.output, name = entry and name_of(entry) or row.place }
  end
  return list
end

local COLOURS = { failed = "bad", interrupted = "bad" }

local COLUMNS = {
  { name = "row", right = true, get = function(item) return item.row end },
  { name = "outcome", get = function(item) return item.outcome end, colour = function(word) return COLOURS[word] end },
  { name = "name", cut = true, get = function(item) return item.name end },
  { name = "dataflow", goes = 1, get = function(item) return type(item.ids) == "table" and item.ids.flow or nil end },
  { name = "error", cut = true, get = function(item) return item.error end },
}

--- Prints what came of the rows: as a document, or a table where no file keeps it.
function Run:print()
  local list = self:list()
  if self.session.options.json then
    local document = { recipe = { name = self.recipe.name, version = self.recipe.version },
      emulated = self.session.server ~= nil, rows = list, totals = self:totals() }
    io.write(core.json.encode(self.session:complete(document), { indent = 2 }), "\n")
  elseif not self.file then
    local at = 0
    output.rows({}, COLUMNS, function()
      at = at + 1
      return list[at]
    end)
  end
  io.stdout:flush()
end

--- How to go on with what is not done.
function Run:advice()
  local totals, done = self:totals(), 0
  for _, outcome in ipairs { "done", "emulated", "planned" } do done = done + (totals[outcome] or 0) end
  if not self.file or done == totals.rows then return nil end
  local path = text.shell(self.file.path)
  return ("the same with --params %s --outcome %s goes on with those that are not done"):format(path, path)
end

local CODES = { usage = 2, config = 3, auth = 3, http = 5, limit = 5, permission = 1, internal = 6 }

--- The exit code that a failure would have had alone.
local function code_of(failure)
  if not core.error.is(failure) then return 1 end
  if failure.kind == "service" then return (failure.status or 0) >= 500 and 5 or 4 end
  return CODES[failure.kind] or 1
end

--- 0 when all rows are done, else the code of the first in the file that failed.
function Run:code()
  for _, entry in ipairs(self.entries) do
    if entry.state == "failed" then return code_of(entry.error) end
  end
  return 0
end

function Run:finish()
  local kept, trouble = true, nil
  if self.file then kept, trouble = pcall(self.file.finish, self.file) end
  self:print()
  progress.log(self:summary())
  if self.file and kept then progress.log("what became of each is in " .. self.file.path) end
  local advice = self:advice()
  if advice then progress.log(advice) end
  if self.file and self.file.failed then
    core.error.raise("io", ("--outcome: %s could not be written: %s"):format(self.file.path, self.file.failed))
  end
  if not kept then error(trouble, 0) end
end

--- Runs a recipe over all rows of a file.
---@param session table
---@param recipe sluice.recipe
---@param call sluice.cli.Call
---@param read sluice.recipe.rows
---@return integer exit_code 0 when every row is done, else that of the first row that failed
--- Raises, before anything is sent, all that is wrong with the rows; at the end what interrupted them.
function M.run(session, recipe, call, read)
  local run = setmetatable({ session = session, recipe = recipe, call = call, read = read,
    is_terminal = core.terminal.is "stderr" and os.getenv "TERM" ~= "dumb" }, Run)
  local concurrency = concurrency_of(session.options)
  run.bar = { say = function() end, clear = function() end }
  run:prepare()
  session:connection()
  local bar <close> = output.progress({}, "preparing …")
  run.bar = bar
  local _, interruption = crowds.run(recipe, run.entries, { concurrency = concurrency, deadline = session.deadline,
    make_context = function(...) return run:context(...) end,
    on_event = function(...) return run:hear(...) end })
  bar:close()
  run:finish()
  if not session.options.json then session:pass_time() end
  if interruption then error(interruption, 0) end
  return run:code()
end

return M
