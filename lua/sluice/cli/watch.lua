--- `sluice watch [FLOW…]`: the runs of dataflows as they go.

local connection = require "sluice.cli.connection"
local core = require "sluice.core"

local M = {
  name = "watch",
  summary = "follow the runs of dataflows as they go",
  usage = "[FLOW...] [options]",
  arguments = { { name = "FLOW", help = "a dataflow's ID or exact name; none: all to destinations", many = true,
    optional = true } },
  options = connection.with {
    { name = "--interval", value = "SECONDS", help = "time between two looks, 1 to 3600 (default: 15)" },
    { name = "--for", value = "SPAN", help = "end after this time, such as 30m" },
    { name = "--until-done", help = "end when a run has been seen and none goes on any longer" },
    { name = "--since", value = "SPAN", help = "also runs that began so long before (1h; with --until-done 0s)" },
    { name = "--ndjson", help = "print a JSON object for each change" },
    { name = "--quiet", help = "leave out notes on standard error" },
  },
  notes = [[
On a terminal a table is redrawn in its place; elsewhere each change is a line.
Seen are the runs that go on, and those that begin later; --since adds earlier
ones. A look is one request while there are few new runs, for any number of
dataflows. A look that fails for want of network or service is told, and
repeated at the next turn; a refusal ends the command.

Exit codes: 0 no run that was seen has failed, 1 one has, or with --until-done
the time of --for was over too early; 130 ended by Ctrl-C; others as for every
command.
]],
  example = "sluice watch \"Loyal customers\" --until-done --for 2h\nsluice watch --ndjson >> runs.ndjson",
}

local INTERVAL, LEAST, MOST = 15, 1, 3600 -- seconds
local HOUR = 3600

local function command() return require "sluice.cli.command" end

-- ── options ────────────────────────────────────────────────────────────────────────────────────────────────

local function interval_of(word)
  local seconds = word == nil and INTERVAL or word:find "^%d*%.?%d+$" and tonumber(word)
  if seconds and seconds >= LEAST and seconds <= MOST then return seconds end
  return command().usage_error(M, ("--interval is '%s'; expected a number of seconds from %d to %d"):format(word,
    LEAST, MOST))
end

local function plan_of(values)
  local running = require "sluice.cli.running"
  return { interval = interval_of(values.interval), time = running.span(values, "for"),
    since = running.span(values, "since") or values.until_done and 0 or HOUR, until_done = values.until_done or false }
end

-- ── the dataflows ──────────────────────────────────────────────────────────────────────────────────────────

--- All dataflows to destinations, with those that are made while the watch goes on: a run of one that is not known is
--- the reason to ask for them, once a look. What is still not known belongs to a source.
---@return fun(id: string): boolean wanted
---@return fun() turn to be called before each look
local function all_flows(aep, clock, names)
  local running = require "sluice.cli.running"
  local strangers, asked, fresh = {}, nil, false
  local function read(since)
    asked = clock:now()
    local property = { running.DESTINATIONS, since and ("createdAt>%d"):format(since * 1000 - 1) }
    for flow in aep.flows:each { limit = 100, property = property } do names[flow.id] = running.name_of(flow) end
  end
  read()
  return function(id)
    if names[id] == nil and not strangers[id] then
      if not fresh then read(asked - HOUR) end
      fresh = true
      strangers[id] = names[id] == nil or nil
    end
    return names[id] ~= nil
  end, function() fresh = false end
end

--- What is watched: options of the watch, and names by ID.
local function subject_of(aep, words, clock)
  local running, names = require "sluice.cli.running", {}
  if not words then
    local wanted, turn = all_flows(aep, clock, names)
    return { wanted = wanted, turn = turn }, names
  end
  local ids = {}
  for i, flow in ipairs(running.flows(aep, words)) do
    ids[i], names[flow.id] = flow.id, running.name_of(flow)
  end
  return { flows = ids, turn = function() end }, names
end

local function head_of(aep, names, plan)
  local running = require "sluice.cli.running"
  return function()
    local count, only = 0, nil
    for _, name in pairs(names) do count, only = count + 1, name end
    return ("%s in %s, looked at every %g s; Ctrl-C ends"):format(
      count == 1 and only or running.plural(count, "dataflow"), aep.sandbox, plan.interval)
  end
end

-- ── watching ───────────────────────────────────────────────────────────────────────────────────────────────

local PASSING = { [408] = true, [429] = true }

--- May it go better the next time?
local function is_passing(failure)
  if core.error.is(failure, "http") or core.error.is(failure, "json") then return true end
  local status = core.error.is(failure) and failure.status
  return status and (status >= 500 or PASSING[status]) or false
end

--- Looks once; says whether it went well.
local function look(watch, view, plan)
  plan.turn()
  local ok, changes = pcall(watch.look, watch)
  if ok then
    view:trouble(nil)
    view:tell(changes)
  elseif is_passing(changes) then
    view:trouble(("cannot look, again in %g s: %s"):format(plan.interval, tostring(changes)))
  else
    error(changes, 0)
  end
  return ok
end

--- Looks until it is over; says whether what --until-done waits for has come.
local function follow(watch, view, plan)
  local ends = plan.time and core.task.now() + plan.time or math.huge
  while true do
    local ok = look(watch, view, plan)
    if ok and plan.until_done and watch:is_done() then return true end
    local left = ends - core.task.now()
    if left <= 0 then return false end
    view:wait(math.min(left, plan.interval))
  end
end

--- What the end means: the exit code, and a word when it came too early.
local function judge(watch, plan, done, note)
  if plan.until_done and not done then
    note("the time of --for is over " .. (watch.going > 0 and "while runs go on" or "and no run was seen"))
    return 1
  end
  return watch.failed > 0 and 1 or 0
end

local function start(aep, values, plan, clock)
  local options, names = subject_of(aep, values.FLOW, clock)
  options.since, options.clock, plan.turn = clock:now() - plan.since, clock, options.turn
  local watch = require("sluice.runs.watch").new(aep, options)
  local function note(text) require("sluice.cli.output").note(values, text) end
  local view = require("sluice.cli.watch.view").new({ watch = watch, names = names, clock = clock, note = note,
    head = head_of(aep, names, plan) }, values)
  view:begin()
  local ok, done = pcall(follow, watch, view, plan)
  view:finish()
  if not view.shows_sum and (ok or core.error.is(done, "interrupted")) then
    note(require("sluice.cli.watch.table").sum(watch))
  end
  if not ok then error(done, 0) end
  return judge(watch, plan, done, note)
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = command().read(M, words)
  if not values then return 0 end
  local plan, clock = plan_of(values), require("sluice.cli.running").clock()
  return connection.during(values, function(aep) return start(aep, values, plan, clock) end)
end

return M
