--- Set-ups of destinations under faults. Each ends well, or in an error that names what is there; done again without
--- faults it ends well, with everything there once.

local combinations = require "support.combinations"
local core = require "sluice.core"
local sluice = require "sluice"

local M = {}

local ONE = { connections = 1, sourceConnections = 1, targetConnections = 1, flows = 1 }
local WITH_STORE = { connections = 2, sourceConnections = 1, targetConnections = 1, flows = 1 }

--- How many of each there are in the end.
local EXPECTED = { legacy = WITH_STORE, streaming = WITH_STORE, v2 = ONE, datasets = ONE }

local function apply(case, plan, aep)
  return sluice.destination(combinations.definition(plan.combination, case.name)):apply(aep)
end

--- The audiences of a dataflow.
---@param flow table
---@return table[] selectors
function M.audiences(flow)
  local selectors = core.pointer.get(flow, "/transformations/0/params/segmentSelectors/selectors")
  return type(selectors) == "table" and selectors or {}
end

local function check_counts(case, expected)
  for collection, count in pairs(expected) do
    local found = 0
    for _ in pairs(case.scope[collection]) do found = found + 1 end
    case:check(found == count, "%d %s instead of %d", found, collection, count)
  end
end

local function check_audiences(case, flow, entries)
  local seen = {}
  for _, selector in ipairs(M.audiences(flow)) do
    case:check(not seen[selector.value.id], "audience %s is in the dataflow twice", selector.value.id)
    seen[selector.value.id] = true
  end
  for _, entry in ipairs(entries) do case:check(seen[entry.id], "audience %s is not in the dataflow", entry.id) end
end

--- Everything is there once, as the result says, and what somebody else did in between is there, too.
local function check_complete(case, plan, result)
  case:check_no_doubles()
  check_counts(case, EXPECTED[plan.combination.shape])
  for _, key in ipairs { "source_connection", "target_connection", "base_connection", "flow" } do
    case:check(case:ids()[result.ids[key]], "the result names %s %s, which is not there", key, result.ids[key])
  end
  local flow = case.scope.flows[result.ids.flow].item
  check_audiences(case, flow, plan.combination.definition.audiences or {})
  case:check(not case.edited or flow.description == "edited by somebody else", "somebody else's change is lost")
end

--- One run under faults, cut off after some seconds if told.
local function set_up(case, plan, rules, seconds)
  local before = case:ids()
  local ok, outcome = case:under(rules, seconds, apply, case, plan, case:connect())
  case:check_no_doubles()
  if ok then
    check_complete(case, plan, outcome)
  else
    case:check_named(outcome, before)
    case:check_truthful(outcome)
  end
  return ok
end

local function carry_out(case, plan)
  local first = set_up(case, plan, plan.first, plan.seconds)
  case:check(first or not plan.must_pass, "one fault of this kind must not be the end")
  local second = plan.again and set_up(case, plan, plan.second)
  local done, result = case:under({}, nil, apply, case, plan, case:connect())
  case:check(done, "without faults it fails: %s", tostring(result))
  check_complete(case, plan, result)
  if first or second then
    case:check(result.created == 0 and result.changed == 0, "%d created and %d changed after all was done",
      result.created, result.changed)
  end
  return first
end

--- Set-ups of one shape.
---@param shape "legacy"|"v2"|"streaming"|"datasets"
---@return campaign.Kind
function M.of(shape)
  local list = {}
  for _, combination in ipairs(combinations.list) do
    if combination.shape == shape then list[#list + 1] = combination end
  end
  local function choose()
    local combination = list[math.random(#list)]
    return { combination = combination, title = combination.title, key = shape .. " " .. combination.definition.type }
  end
  return { name = "set-ups, " .. shape, choose = choose, work = apply, carry_out = carry_out }
end

return M
