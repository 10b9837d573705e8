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

local function labels(steps, first, last)
  local list = {}
  for i = first, last do list[#list + 1] = removal.label(steps[i]) end
  return #list > 0 and table.concat(list, ", ") or "nothing"
end

--- Says exactly what stands, and which command goes on.
local function explain(failure, steps, at, state, command)
  local ids = {}
  for i = at, #steps do ids[#ids + 1] = steps[i].id end
  local unknown = state == "unknown" and ("; not known: whether %s is deleted"):format(removal.label(steps[at])) or ""
  local left = state == "unknown" and at + 1 or at
  failure.message = ("%s; deleted: %s; still there: %s%s; to go on: %s"):format(failure.message or tostring(failure),
    labels(steps, 1, at - 1), labels(steps, left, #steps), unknown, command(ids))
  failure.deleted, failure.left = at - 1, ids
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
---@param options { on_step: fun(step: sluice.overview.Step, done: "deleted"|"gone"), command: fun(ids: string[]):
---  string } command: the command line that deletes these IDs, for messages
--- Raises what the service raises; the message then says what is deleted, what is still there, what is not known, and
--- which command goes on, and the error has `left`, the IDs of what is not deleted for certain.
function M.carry_out(aep, steps, options)
  for i, step in ipairs(steps) do
    local ok, outcome = pcall(delete, aep, step)
    if not ok then
      if not core.error.is(outcome) then error(outcome, 0) end
      local state = look(aep, step, outcome)
      if state ~= "gone" then
        explain(outcome, steps, i, state, options.command)
        error(outcome, 0)
      end
      outcome = "deleted"
    end
    options.on_step(step, outcome)
  end
end

return M
