--- Runs the tests of files, one after another, and tells what came of each.

local core = require "sluice.core"
local expect = require "sluice.cli.test.expect"
local show = require "sluice.cli.test.show"
local suite = require "sluice.cli.test.suite"
local world = require "sluice.cli.test.world"

local M = {}

---@class sluice.test.Outcome
---@field file string
---@field name string
---@field state "passed"|"failed"|"pending"
---@field text string|nil what went wrong, or why it is pending

-- ── failures ───────────────────────────────────────────────────────────────────────────────────────────────

--- The line of the test's file that was at work: the innermost one.
---@return string|nil place "x_test.lua:12"
---@return string|nil short the same as Lua's own messages have it, which cut long names
local function place_in(file)
  for level = 3, 200 do
    local info = debug.getinfo(level, "Sl")
    if not info then return nil end
    if info.source == "@" .. file and info.currentline > 0 then
      return ("%s:%d"):format(file, info.currentline), ("%s:%d"):format(info.short_src, info.currentline)
    end
  end
end

--- What was raised, as text; of a plain table what is in it.
local function said_by(raised)
  if type(raised) ~= "table" or (getmetatable(raised) or {}).__tostring then return tostring(raised) end
  return table.concat(show.lines(raised), "\n")
end

--- Runs a function. Ctrl-C is raised again: it ends the tests, not one of them.
---@return nil|{ text: string, place: string|nil, short: string|nil, raised: any } failure nil when all went well
local function try(file, fn, ...)
  local failure
  local ok = xpcall(fn, function(raised)
    local said, text = pcall(said_by, raised)
    failure = { raised = raised }
    failure.place, failure.short = place_in(file)
    failure.text = said and text or "a value that cannot be shown was raised"
    return raised
  end, ...)
  if ok then return nil end
  failure = failure or { text = "too deeply nested calls" }
  if core.error.is(failure.raised, "interrupted") then error(failure.raised, 0) end
  return failure
end

local function failure_text(failure)
  local text, place = failure.text, failure.place
  if not place then return text end
  if text:sub(1, #failure.short + 1) == failure.short .. ":" then return place .. text:sub(#failure.short + 1) end
  return ("%s: %s%s"):format(place, expect.is_failure(failure.raised) and "" or "error: ", text)
end

-- ── one test ───────────────────────────────────────────────────────────────────────────────────────────────

--- All that a test is: what is done before, itself, and what is done after, whatever became of it.
local function whole(file, test)
  local before, after = suite.around(test.block)
  local failure
  for _, fn in ipairs(before) do
    failure = failure or try(file, fn)
  end
  failure = failure or try(file, test.run)
  for _, fn in ipairs(after) do
    local later = try(file, fn)
    failure = failure or later
  end
  return failure
end

---@return sluice.test.Outcome
local function run_test(file, test)
  local outcome = { file = file, name = test.name, state = "passed" }
  if not test.run then
    outcome.state, outcome.text = "pending", test.reason
    return outcome
  end
  local failure
  world.during(file:match "^.*/" or "", function() failure = whole(file, test) end)
  local reason = failure and suite.pending_reason(failure.raised)
  if reason then
    outcome.state, outcome.text = "pending", reason
  elseif failure then
    outcome.state, outcome.text = "failed", failure_text(failure)
  end
  return outcome
end

-- ── a file ─────────────────────────────────────────────────────────────────────────────────────────────────

--- What the file says: its tests, or why it could not be read.
local function collect(source)
  local scope, gathered = suite.scope()
  local environment = setmetatable(scope, { __index = _G })
  local failure = try(source.path, function() source:chunk(environment)() end)
  gathered.running = true
  return gathered.tests, failure
end

--- Runs the tests of a file.
---@param source sluice.source
---@param wanted fun(test: sluice.test.Test): boolean
---@param tell fun(outcome: sluice.test.Outcome) is told each outcome as soon as it is there
function M.run(source, wanted, tell)
  local searchers = table.move(package.searchers, 1, #package.searchers, 1, {})
  source:install()
  local tests, failure = collect(source)
  if failure then
    tell { file = source.path, name = "the file as a whole", state = "failed", text = failure_text(failure) }
  else
    for _, test in ipairs(tests) do
      if wanted(test) then tell(run_test(source.path, test)) end
    end
  end
  for i = #package.searchers, 1, -1 do package.searchers[i] = searchers[i] end
end

return M
