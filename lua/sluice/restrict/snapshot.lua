--- A stranger's recipe as it is at one moment: what is decided by its table must hold when the table is read again, and
--- its maker could change it, or have it say something else each time.

local core = require "sluice.core"
local definition = require "sluice.recipe.definition"
local recipe = require "sluice.recipe"

local M = {}

--- What is in a table, without what a metatable would make of it.
local function plain(value, seen)
  if type(value) ~= "table" then return value end
  if seen[value] then return seen[value] end
  local copied = {}
  seen[value] = copied
  for key, item in next, value do copied[key] = plain(item, seen) end
  return copied
end

--- A copy that nobody else has.
---@param value sluice.recipe
---@return sluice.recipe
--- Raises kind "recipe" when it is none without its metatables.
function M.of(value)
  local copied = plain(value, {})
  local problem = definition.problem(copied)
  if problem then core.error.raise("recipe", "sluice.recipe: " .. problem) end
  return recipe.new(copied)
end

return M
