--- Runs named pieces of work at the same time and waits for all of them, also when one fails: what the others
--- did in the meantime must not be lost from sight.

local tasks = require "sluice.tasks"

--- Raises the first failure, in the order given, after everything has ended.
---@param work { [1]: string, [2]: fun(): any }[] name and function
---@return table results name → what the function returned
return function(work)
  local functions = {}
  for i, piece in ipairs(work) do
    functions[i] = function() return table.pack(pcall(piece[2])) end
  end
  local outcomes, results = table.pack(tasks.all(functions)), {}
  for i, piece in ipairs(work) do
    local outcome = outcomes[i]
    if not outcome[1] then error(outcome[2], 0) end
    results[piece[1]] = outcome[2]
  end
  return results
end
