--- The live table of `sluice watch`: which lines stand on a terminal of some size.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local fit = require "sluice.terminal.fit"
local running = require "sluice.cli.running"
local span = require "sluice.span"
local width = require "sluice.terminal.width"

local M = {}

local function count_of(field)
  return function(run) return run[field] and running.count(run[field]) or "" end
end

--- How long it takes, or has been going on.
local function duration(run, now)
  local seconds = run.duration or run.outcome == "going on" and run.started and now - run.started
  return seconds and span.text(math.max(0, seconds)) or ""
end

local COLUMNS = {
  { title = "STARTED", of = function(run) return run.started and running.short(running.iso(run.started)) or "" end },
  { title = "DURATION", of = duration, right = true, goes = 2 },
  { title = "STATE", of = function(run) return run.status end, state = true },
  { title = "IN", of = count_of "input", right = true, goes = 4 },
  { title = "OUT", of = count_of "output", right = true, goes = 1 },
  { title = "FAILED", of = count_of "failed", right = true, goes = 3 },
  { title = "FILES", of = count_of "files", right = true, goes = 6 },
  { title = "SIZE", right = true, goes = 5,
    of = function(run) return run.bytes and running.bytes(run.bytes) or "" end },
  { title = "DATAFLOW", of = function(run, _, names) return names[run.flow] or run.flow end, cut = true },
  { title = "ERROR", of = function(run) return running.error(run) or "" end, error = true },
}

local NAME, REASON = 28, 48 -- columns of a name and of an error, at most; an error has a third of the terminal

--- The columns that some run fills, with their cells, as wide as these need.
local function filled(runs, page, room)
  local columns, reason = {}, math.min(REASON, room.columns // 3)
  for _, column in ipairs(COLUMNS) do
    local made = { title = column.title, right = column.right, cut = column.cut, goes = column.goes,
      state = column.state, width = #column.title }
    local empty = true
    for row, run in ipairs(runs) do
      local text = clean.line(core.secret.mask(column.of(run, page.now, page.names)))
      made[row] = column.error and width.cut(text, reason) or column.cut and width.cut(text, NAME) or text
      made.width, empty = math.max(made.width, width.of(made[row])), empty and text == ""
    end
    if not empty then columns[#columns + 1] = made end
  end
  return columns
end

--- The runs that are shown where not all can be: those that go on first, then the newest.
local function chosen(list, rows)
  local runs = {}
  for _, going in ipairs { true, false } do
    for _, run in ipairs(list) do
      if #runs == rows then return runs end
      if (run.outcome == "going on") == going then runs[#runs + 1] = run end
    end
  end
  return runs
end

--- What the runs have come to: "2 going on, 5 succeeded, 1 failed".
---@param watch sluice.watch.Watch
---@return string
function M.sum(watch)
  return ("%s going on, %s succeeded, %s failed"):format(running.count(watch.going), running.count(watch.succeeded),
    running.count(watch.failed))
end

---@class sluice.cli.watch.Page
---@field head string what is watched
---@field watch sluice.watch.Watch
---@field names table<string, string> of dataflows, by ID
---@field now integer seconds since 1970, at the service
---@field problem string|nil why the last look failed

--- The lines, plain and in colours.
---@param page sluice.cli.watch.Page
---@param room { columns: integer, rows: integer }
---@param style sluice.terminal.Style
---@return string[] lines
---@return string[] painted
function M.lines(page, room, style)
  local lines, painted = {}, {}
  local function add(line, kind)
    lines[#lines + 1] = line
    painted[#painted + 1] = kind and style:paint(kind, line) or line
  end
  add(clean.line(page.head), "faint")
  local free = room.rows - (page.problem and 4 or 3) -- below the table its sum, and what is wrong
  local runs = chosen(page.watch.list, math.max(1, #page.watch.list > free and free - 1 or free))
  local columns = filled(runs, page, room)
  fit.fit(columns, room.columns)
  if #runs > 0 then add(fit.row(columns, function(column) return column.title end), "heading") end
  for i, run in ipairs(runs) do
    local function cell(column) return column[i] end
    lines[#lines + 1] = fit.row(columns, cell)
    painted[#painted + 1] = fit.row(columns, cell, function(column, text)
      return column.state and style:paint(running.colour(run), text) or text
    end)
  end
  local hidden = #page.watch.list - #runs
  if hidden > 0 then add(("… and %s more"):format(running.count(hidden)), "faint") end
  add(#page.watch.list == 0 and "no run yet" or M.sum(page.watch))
  if page.problem then add(clean.line(page.problem), "bad") end
  return lines, painted
end

return M
