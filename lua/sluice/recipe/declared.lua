--- The permissions that a recipe's text declares, found by reading: nothing of it is run.

local core = require "sluice.core"

local M = {}

--- Is it what makes a recipe: `sluice.recipe`, or a local `recipe`?
local function makes_recipe(node)
  if node.tag == "Index" then return node[2].tag == "String" and node[2][1] == "recipe" end
  return node.tag == "Id" and node[1] == "recipe"
end

local CONSTANTS = { True = true, False = false }

--- The value that a node writes out; raises its line for what only running would tell.
local function constant(node)
  if node.tag == "String" then return node[1] end
  if CONSTANTS[node.tag] ~= nil then return CONSTANTS[node.tag] end
  if node.tag ~= "Table" then error(node.line, 0) end
  local value, count = {}, 0
  for _, item in ipairs(node) do
    if item.tag == "Pair" then
      value[constant(item[1])] = constant(item[2])
    else
      count = count + 1
      value[count] = constant(item)
    end
  end
  return value
end

local function field(list, name)
  for _, item in ipairs(list) do
    if item.tag == "Pair" and item[1].tag == "String" and item[1][1] == name then return item[2] end
  end
end

--- Reads the permissions.
---@param text string of the recipe's file
---@param name string what the text is called in errors
---@return sluice.permissions|nil declared nil when it declares none
--- Raises kind "recipe" for a text that is no Lua, and for permissions that are not written out.
function M.permissions(text, name)
  local tree, problem = require("sluice.analysis.syntax").read(text)
  if not tree then core.error.raise("recipe", ("%s:%d: %s"):format(name, problem.line, problem.message)) end
  local node
  require("sluice.analysis.walk").each(tree.ast, { Call = function(call)
    local definition = makes_recipe(call[1]) and call[2]
    if definition and definition.tag == "Table" then node = node or field(definition, "permissions") end
  end })
  if not node then return nil end
  local ok, value = pcall(constant, node)
  if ok then return value end
  core.error.raise("recipe", ("%s:%s: the permissions have to be written out as texts, true and false, so that they "
    .. "are known before anything runs"):format(name, value))
end

return M
