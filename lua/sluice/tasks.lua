--- Several calls at once. Inside a task a call that waits lets the others go on; see `core.task`.

local core = require "sluice.core"

local M = {}

local function check_functions(functions)
  if type(functions) ~= "table" then error("sluice.all: expected a list of functions", 3) end
  for i, fn in ipairs(functions) do
    if type(fn) ~= "function" then
      error(("sluice.all: expected a function at %d, got %s"):format(i, type(fn)), 3)
    end
  end
end

--- Waits for all tasks. The first failure in the list's order cancels the others and is raised after they ended.
local function gather(tasks)
  local results, failure = { n = #tasks }, nil
  for i, task in ipairs(tasks) do
    local ok, value = pcall(task.wait, task)
    if ok then
      results[i] = value
    elseif failure == nil then
      failure = { value }
      for _, other in ipairs(tasks) do other:cancel() end
    end
  end
  if failure then error(failure[1], 0) end
  return results
end

--- Runs functions at the same time and returns the first result of each, in order.
---@param functions (fun(): any)[]
---@return any ... one value for each function
function M.all(functions)
  check_functions(functions)
  local tasks = {}
  for i, fn in ipairs(functions) do tasks[i] = core.task.spawn(fn) end
  return table.unpack(gather(tasks), 1, #functions)
end

--- Calls `fn(item, index)` for each item of a list, at most `concurrency` at the same time.
---@generic T, R
---@param list T[]
---@param fn fun(item: T, index: integer): R
---@param options? { concurrency?: integer, on_error?: "raise"|"collect" } 8 at once unless told; "raise", the
---  default: the first failure cancels the others and is raised
---@return R[] results in the order of the list; with "collect" nil where `fn` failed
---@return table<integer, any> failures only with "collect": index → what was raised
function M.map(list, fn, options)
  options = options or {}
  local width = options.concurrency or 8
  if math.type(width) ~= "integer" or width < 1 then
    error("sluice.map: concurrency must be a whole number of at least 1", 2)
  elseif options.on_error ~= nil and options.on_error ~= "raise" and options.on_error ~= "collect" then
    error('sluice.map: on_error must be "raise" or "collect"', 2)
  end
  local results, failures, next_index = {}, {}, 0
  local collects = options.on_error == "collect"
  local function one(index)
    if not collects then
      results[index] = fn(list[index], index)
      return
    end
    local ok, value = pcall(fn, list[index], index)
    if not ok and core.error.is(value, "interrupted") then error(value, 0) end
    if ok then results[index] = value else failures[index] = value end
  end
  local function worker()
    while next_index < #list do
      next_index = next_index + 1
      one(next_index)
    end
  end
  local workers = {}
  for i = 1, math.min(width, #list) do workers[i] = core.task.spawn(worker) end
  gather(workers)
  return results, collects and failures or nil
end

--- Calls a function and turns what it raises into a result.
---@param fn function
---@param ... any its arguments
---@return any result nil on failure
---@return any err what was raised
function M.try(fn, ...)
  local outcome = table.pack(pcall(fn, ...))
  if outcome[1] then return table.unpack(outcome, 2, outcome.n) end
  return nil, outcome[2]
end

return M
