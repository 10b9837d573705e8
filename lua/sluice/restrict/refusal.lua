--- What a restricted recipe is told when it tries what it may not do: what that was, what is allowed, and how its
--- author declares it.

local core = require "sluice.core"

local M = {}

--- Raises kind "permission" for what could have been declared.
---@param what string that was tried, such as "reading the environment variable HOME"
---@param permitted string[] what is allowed
---@param declared string how it is declared, such as "environment = { … }"
function M.raise(what, permitted, declared)
  core.error.raise("permission", ("not permitted: %s; permitted: %s"):format(what,
    #permitted > 0 and table.concat(permitted, ", ") or "none"),
    { hint = ("a recipe declares what it needs: permissions = { %s }"):format(declared) })
end

--- Raises kind "permission" for what no declaration allows.
---@param what string
---@param instead string what to do
function M.never(what, instead)
  core.error.raise("permission", ("not permitted in a restricted recipe: %s"):format(what), { hint = instead })
end

--- A function that stands where one is that no declaration allows.
---@param what string
---@param instead string
---@return function
function M.stub(what, instead)
  return function() M.never(what, instead) end
end

return M
