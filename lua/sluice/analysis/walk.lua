--- Goes through a tree of `sluice.analysis.syntax`, node by node, in the order of the text.

local M = {}

--- Calls `visit[node.tag](node, parent)` for each node that has such an entry, parents first. Where it returns true,
--- what is below the node is left out.
---@param tree table a node, or a list of them
---@param visit table<string, fun(node: table, parent: table): boolean|nil>
---@param parent? table
function M.each(tree, visit, parent)
  local inner = visit[tree.tag]
  if inner and inner(tree, parent) then return end
  for _, node in ipairs(tree) do
    if type(node) == "table" then M.each(node, visit, tree.tag and tree or parent) end
  end
end

--- Is it the global of that name?
---@param node table
---@param name string
---@return boolean
function M.is_global(node, name)
  return node.tag == "Id" and not node.var and node[1] == name
end

return M
