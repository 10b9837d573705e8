--- What a Lua text says of itself, found by reading: nothing of it is run.

local core = require "sluice.core"
local syntax = require "sluice.analysis.syntax"
local walk = require "sluice.analysis.walk"

local M = {}

-- ── what it requires ───────────────────────────────────────────────────────────────────────────────────────

local function tree_of(text, name)
  local tree, problem = syntax.read(text)
  if tree then return tree end
  return core.error.raise("recipe", ("%s:%d:%d: %s"):format(name, problem.line, problem.column, problem.message))
end

--- The name that a call requires: `require "x"`, `pcall(require, "x")`; nil when it is no such call, false when the
--- name is not written there.
local function required(call)
  local at = walk.is_global(call[1], "require") and 2
    or walk.is_global(call[1], "pcall") and call[2] and walk.is_global(call[2], "require") and 3
  if not at then return nil end
  local name = call[at]
  return name ~= nil and name.tag == "String" and #call == at and name[1]
end

--- The modules that a text requires, and the places where it may require what cannot be told by reading: a name that
--- is computed, and `require` handed on as a value.
---@param text string
---@param chunk_name string what the text is called in errors
---@return { name: string, line: integer, column: integer, optional: boolean }[] found in the order of the text; by
---  `pcall(require, "x")` one is optional
---@return { line: integer, text: string }[] unknown the places, and the text of their lines
--- Raises kind "recipe" for a text that is no Lua, with line and column.
function M.requires(text, chunk_name)
  local tree, found, unknown, seen = tree_of(text, chunk_name), {}, {}, {}
  walk.each(tree.ast, {
    Call = function(node)
      local name = required(node)
      if not name then return end
      local line, column = syntax.place(tree, node)
      found[#found + 1] = { name = name, line = line, column = column, optional = node[1][1] == "pcall" }
      seen[node[1]], seen[node[2]] = true, true
    end,
    Id = function(node)
      if seen[node] or not walk.is_global(node, "require") then return end
      local first = tree.line_offsets[node.line]
      local line = tree.source:get_substring(first, first + tree.line_lengths[node.line] - 1)
      unknown[#unknown + 1] = { line = node.line, text = line:match "^%s*(.-)%s*$" }
    end,
  })
  return found, unknown
end

return M
