--- Something that tasks wait for, and another opens.

local core = require "sluice.core"

local M = {}

---@class sluice.recipe.gate
local Gate = {}
Gate.__index = Gate

local LONG = 9e8 -- seconds

--- Lets through whoever waits, now and later.
function Gate:open() self.task:cancel() end

--- Waits until the gate is open. A task that is cancelled raises kind "interrupted" here.
function Gate:wait() self.task:wait() end

--- A closed gate.
---@return sluice.recipe.gate
function M.new()
  return setmetatable({ task = core.task.spawn(function() pcall(core.task.sleep, LONG) end) }, Gate)
end

return M
