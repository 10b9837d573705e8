--- `sluice runs FLOW…`: what became of the exports of dataflows.

local connection = require "sluice.cli.connection"
local output = require "sluice.cli.output"

local WEEK = 7 * 86400

local M = {
  name = "runs",
  summary = "the runs of dataflows: when, how many records, what went wrong",
  usage = "FLOW... [options]",
  arguments = { { name = "FLOW", help = "a dataflow's ID or exact name", many = true } },
  options = connection.with({
    { name = "--since", value = "SPAN", help = "runs that began so long ago at most, such as 12h (default: 7d)" },
    { name = "--failed", help = "failed runs only" },
    { name = "--limit", value = "N", help = "the newest N runs, however old unless --since is given" },
  }, output.options),
  notes = [[
The newest run comes first, as the service orders them. IN, OUT and FAILED
count records; FILES and SIZE are what was written. A run that failed shows its
first error. What a run's document does not say stays empty. Times are in UTC.
]],
  example = "sluice runs \"Loyal customers\" --since 30d --failed\n"
    .. "sluice runs 7f8c6f6c-1f0e-4e35-9d4b-0b1f6f1f2a10 --limit 5 --json",
}

local function command() return require "sluice.cli.command" end

local MOST = math.maxinteger - 1 -- one more is asked for

local function limit_of(word)
  local limit = word == nil and MOST or word:find "^%d+$" and math.tointeger(tonumber(word))
  if limit and limit >= 1 then return math.min(limit, MOST) end
  return command().usage_error(M, ("--limit is '%s'; expected a whole number above 0"):format(word))
end

--- What there is to be shown, as an iterator that stops at the limit; says afterwards whether there is more.
local function bounded(each, limit)
  local count, state = 0, { more = false }
  return function()
    local run = each()
    if run and count == limit then
      state.more = true
      return nil
    end
    count = count + 1
    return run
  end, state
end

local function names_of(flows)
  local names, ids = {}, {}
  for i, flow in ipairs(flows) do ids[i], names[flow.id] = flow.id, require("sluice.cli.running").name_of(flow) end
  return names, ids
end

local function none_words(values, flows)
  local whose = #flows == 1 and "this dataflow" or "these dataflows"
  if values.limit and not values.since then
    return ("no %srun of %s"):format(values.failed and "failed " or "", whose)
  end
  return ("no %srun of %s began in the last %s"):format(values.failed and "failed " or "", whose, values.since or "7d")
end

local function show(aep, values, plan, clock)
  local running = require "sluice.cli.running"
  local flows = running.flows(aep, values.FLOW)
  local names, ids = names_of(flows)
  local each = require("sluice.runs").each(aep, { flows = ids, since = plan.span and clock:now() - plan.span,
    outcome = values.failed and "failed" or nil, limit = plan.limit + 1 })
  local iterator, state = bounded(each, plan.limit)
  output.rows(values, running.columns(names, #flows > 1), iterator, none_words(values, flows))
  if state.more then output.note(values, "there are more; --limit and --since say how many are shown") end
  return 0
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = command().read(M, words)
  if not values then return 0 end
  local running = require "sluice.cli.running"
  output.check(values, running.columns({}, true))
  local plan = { limit = limit_of(values.limit), span = running.span(values, "since") }
  if not plan.span and not values.limit then plan.span = WEEK end
  local clock = running.clock()
  return connection.during(values, function(aep) return show(aep, values, plan, clock) end)
end

return M
