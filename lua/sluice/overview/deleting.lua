--- Carries out a planned deletion, one step after the other, so that at any moment at most one thing is in doubt.

local core = require "sluice.core"
local removal = require "sluice.overview.removal"

local M = {}

--- Is it there after a failure? An answer that refuses says so by itself.
---@return "there"|"gone"|"unknown"
local function look(aep, step, failure)
  if core.error.is(failure, "service") and failure.status and failure.status < 500 then return "there" end
  if core.error.is(failure, "interrupted") then return "unknown" end
  local ok, problem = pcall(function() return aep[step.kind]:get(step.id) end)
  if ok then return "there" end
  return core.error.is(problem, "service") and problem.status == 404 and "gone" or "unknown"
end

--- Keeps with the failure what stands, and says it in short.
local function explain(failure, steps, at, state)
  failure.deleted, failure.left = table.move(steps, 1, at - 1, 1, {}), table.move(steps, at, #steps, 1, {})
  failure.unknown = state == "unknown" and steps[at] or nil
  failure.message = ("%s; %d of %d deleted%s"):format(failure.message or tostring(failure), at - 1, #steps,
    failure.unknown and (", and whether %s is deleted is not known"):format(removal.label(failure.unknown)) or "")
end

--- Deletes one thing. What is gone already needs nothing.
---@return "deleted"|"gone" done
local function delete(aep, step)
  local ok, failure = pcall(function() aep[step.kind]:delete(step.id) end)
  if ok then return "deleted" end
  if core.error.is(failure, "service") and failure.status == 404 then return "gone" end
  error(failure, 0)
end

--- Deletes what a plan names, in its order.
---@param aep sluice.Client
---@param steps sluice.overview.Step[]
---@param on_step fun(step: sluice.overview.Step, done: "deleted"|"gone") called after each
--- Raises what the service raises; the error then has `deleted` and `left`, the steps that are done and those that are
--- not, and `unknown`, the one of these that may be done.
function M.carry_out(aep, steps, on_step)
  for i, step in ipairs(steps) do
    local ok, outcome = pcall(delete, aep, step)
    if not ok then
      if not core.error.is(outcome) then error(outcome, 0) end
      local state = look(aep, step, outcome)
      if state ~= "gone" then
        explain(outcome, steps, i, state)
        error(outcome, 0)
      end
      outcome = "deleted"
    end
    on_step(step, outcome)
  end
end

return M
