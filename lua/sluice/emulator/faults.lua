--- Decides what goes wrong with a call, by the rules it was given (see `fault_rule`). Nothing is done here: what
--- befalls the answer is done by `wire`, what befalls the service by the routes themselves.
local core = require "sluice.core"
local fault_rule = require "sluice.emulator.fault_rule"
local ids = require "sluice.emulator.ids"

local M = {}

---@class sluice.emulator.Plan what goes wrong with one call
---@field rules string[] texts of the rules that struck
---@field answer sluice.emulator.FaultRule|nil what becomes of the answer
---@field delay_before number seconds
---@field delay_after number seconds
---@field expired boolean|nil its token has ended
---@field edited boolean|nil somebody else is quicker
---@field lag number|nil seconds
---@field lag_calls integer|nil

local Faults = {}
Faults.__index = Faults

--- A number from 0 to below 1 that follows from the seed, the rule and how often it was asked.
local function chance(self, state)
  local source = state.rule.seed and ids.new(state.rule.seed) or self.ids
  local digits = source:digits(("fault %d %d"):format(state.place, state.count))
  return tonumber(digits:sub(1, 8), 16) / 0x100000000
end

local function strikes(self, state)
  local rule = state.rule
  state.count = state.count + 1
  if state.count < rule.from or state.count > rule.to or state.struck >= rule.times then return false end
  if rule.p < 1 and chance(self, state) >= rule.p then return false end
  state.struck = state.struck + 1
  return true
end

local SERVICE = { ["expired-token"] = "expired", edited = "edited", lag = "lag", ["lag-calls"] = "lag_calls" }

local function add(plan, rule)
  local name = rule.kind.name
  if rule.kind.family == "service" then
    plan[SERVICE[name]] = rule.value or true
  elseif rule.kind.family == "delay" then
    local field = "delay_" .. rule.time
    plan[field] = plan[field] + rule.value
  elseif plan.answer then
    return
  else
    plan.answer = rule
  end
  plan.rules[#plan.rules + 1] = rule.text
end

--- What goes wrong with the next call of an operation. Every rule for it counts the call; of those that would spoil
--- the answer the first one does.
---@param operation string|nil nil: no rule is for it
---@return sluice.emulator.Plan|nil plan nil when all is well
function Faults:plan(operation)
  local plan
  for _, state in ipairs(self.states) do
    if state.rule.operations[operation] and strikes(self, state) then
      plan = plan or { rules = {}, delay_before = 0, delay_after = 0 }
      add(plan, state.rule)
    end
  end
  return plan
end

--- Does a list that lags not show this entity yet? Counts the lists that would have shown it.
---@param record sluice.emulator.Record
---@param plan sluice.emulator.Plan
---@return boolean
function M.is_hidden(record, plan)
  if plan.lag_calls then record.listed = (record.listed or 0) + 1 end
  return plan.lag ~= nil and core.task.now() - record.made < plan.lag
    or plan.lag_calls ~= nil and record.listed <= plan.lag_calls
end

--- Makes the faults of an emulator.
---@param texts string[] rules
---@param operations string[] the operations there are
---@param source table of chance: ids of the emulator
---@return table faults
--- Raises kind "usage" for a rule that means nothing.
function M.new(texts, operations, source)
  local states = {}
  for place, rule in ipairs(fault_rule.read_all(texts, operations)) do
    states[place] = { rule = rule, place = place, count = 0, struck = 0 }
  end
  return setmetatable({ states = states, ids = source }, Faults)
end

return M
