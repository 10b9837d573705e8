--- Runs of dataflows, asked for gently: many dataflows in one list, windows of time that the service cuts, and only as
--- many pages as are wanted.

local facts = require "sluice.runs.facts"
local tasks = require "sluice.tasks"

local M = {}

local PAGE = 100 -- the most that a list gives at once (flow-service-api.md §11)

--- Dataflows whose runs are asked for in one list, so that a request's line stays below 2 KiB.
M.TOGETHER = 40

--- Lists that are read at the same time.
M.CONCURRENCY = 4

--- `property=flowId==a,b` gives the runs of both (flow-service-api.md §11: any of the values).
local function of_flows(flows) return "flowId==" .. table.concat(flows, ",") end

--- The list's filters. Its words for a failure differ by their case (activation.md §9): both are sent.
local STATUS = {
  failed = "metrics.statusSummary.status==failed,Failed",
  succeeded = "metrics.statusSummary.status==success,Success",
}

---@class sluice.runs.Query
---@field flows string[]|nil IDs; nil: all dataflows of the sandbox, those of sources too
---@field since integer|nil seconds since 1970: runs that began then or later
---@field outcome "failed"|"succeeded"|nil
---@field limit integer|nil most runs

local function property_of(query, flows)
  local property = { flows and of_flows(flows) }
  if query.since and query.since > 0 then
    property[#property + 1] = ("metrics.durationSummary.startedAtUTC>%d"):format(query.since * 1000 - 1)
  end
  property[#property + 1] = STATUS[query.outcome]
  return property
end

local function set_of(list)
  local set = {}
  for _, element in ipairs(list) do set[element] = true end
  return set
end

--- Is it one of those asked for? The documents differ on whether a list heeds all of several filters
--- (flow-service-api.md §11 and the official contract), so what comes is compared here, too.
local function is_wanted(run, query, flows)
  return (not flows or flows[run.flow] ~= nil) and (not query.outcome or run.outcome == query.outcome)
    and (not query.since or not run.started or run.started >= query.since)
end

local function groups_of(list)
  local groups = {}
  for i = 1, #list, M.TOGETHER do
    groups[#groups + 1] = table.move(list, i, math.min(#list, i + M.TOGETHER - 1), 1, {})
  end
  return groups
end

--- Walks through runs, newest first as the service orders them, a page at a time. More than `runs.TOGETHER` dataflows
--- come in groups, one after the other.
---@param aep sluice.Client
---@param query sluice.runs.Query
---@return fun(): sluice.run.Facts|nil iterator
function M.each(aep, query)
  local groups, flows = query.flows and groups_of(query.flows) or { false }, query.flows and set_of(query.flows)
  local group, left, walk = 0, query.limit or math.maxinteger, nil
  return function()
    while left > 0 do
      local run = walk and walk()
      local found = run and facts.of(run)
      if found and is_wanted(found, query, flows) then
        left = left - 1
        return found
      elseif not found then
        group = group + 1
        if group > #groups then return nil end
        walk = aep.runs:each { limit = math.min(PAGE, left), property = property_of(query, groups[group] or nil) }
      end
    end
  end
end

--- All runs of a window of time, by dataflow. Groups of dataflows are read at the same time, a few.
---@param aep sluice.Client
---@param flows string[] IDs
---@param since integer seconds since 1970
---@return table<string, sluice.run.Facts[]> runs newest first; an empty list for a dataflow without any
function M.since(aep, flows, since)
  local by_flow = {}
  for _, id in ipairs(flows) do by_flow[id] = {} end
  tasks.map(groups_of(flows), function(group)
    for run in M.each(aep, { flows = group, since = since }) do
      local list = by_flow[run.flow]
      if list then list[#list + 1] = run end
    end
  end, { concurrency = M.CONCURRENCY })
  for _, list in pairs(by_flow) do
    table.sort(list, function(a, b) return (a.started or 0) > (b.started or 0) end)
  end
  return by_flow
end

--- Takes the newest run of each dataflow from one page; gives the dataflows that have none in it.
local function take(found, runs, flows)
  for _, item in ipairs(runs) do
    local run = facts.of(item)
    local known = found[run.flow]
    if not known or (run.started or 0) > (known.started or 0) then found[run.flow] = run end
  end
  local rest = {}
  for _, id in ipairs(flows) do
    if not found[id] then rest[#rest + 1] = id end
  end
  return rest
end

--- The newest run of each dataflow, whenever it was. A page may be full of one dataflow's runs: then the others are
--- asked for without it.
---@param aep sluice.Client
---@param flows string[] IDs
---@param outcome "failed"|"succeeded"|nil
---@return table<string, sluice.run.Facts> newest by dataflow; none where there is no run
function M.newest(aep, flows, outcome)
  local found = {}
  tasks.map(groups_of(flows), function(group)
    while #group > 0 do
      local items, more = aep.runs:page { limit = PAGE, property = property_of({ outcome = outcome }, group) }
      local rest = take(found, items, group)
      if not more or #rest == #group then return end
      group = rest
    end
  end, { concurrency = M.CONCURRENCY })
  return found
end

return M
