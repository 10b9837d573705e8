--- What is declared and never used: parameters of a recipe, locals. Both are warnings.

local flow = require "sluice.cli.check.flow"
local walk = require "sluice.analysis.walk"

local M = {}

-- ── parameters ─────────────────────────────────────────────────────────────────────────────────────────────

--- Is it used in a way that shows what for: a field is read, it is given to a function that can be looked into, or it
--- gets another name?
local function is_plain_use(types, node, parent, kind)
  local tag = parent and parent.tag
  if tag == "Index" and parent[1] == node then return parent[2].tag == "String" end
  if tag == "Invoke" and parent[1] == node then return kind.context end
  if tag == "Local" or tag == "Localrec" or tag == "Function" then return true end
  if tag ~= "Call" or parent[1] == node then return false end
  local fn = flow.origin(parent[1])
  for i = 2, #parent do
    local argument = parent[i] == node and fn.tag == "Function" and fn[1][i - 1]
    if argument and argument.var and types:type(argument) == kind then return true end
  end
  return false
end

--- The names that are read of a recipe's parameters; nil where it cannot be told, for they, or the context that they
--- are in, go somewhere unseen.
local function names_read(types, ast, recipe, run)
  local read, hidden = {}, false
  for i = 1, math.min(#run[1], 2) do hidden = hidden or not types:type(run[1][i]) end
  local function look(node, parent)
    local kind = types:type(node)
    if kind ~= recipe.params and (not recipe.context or kind ~= recipe.context) then return end
    if not is_plain_use(types, node, parent, kind) then hidden = true end
    local is_base = kind == recipe.params and parent and parent.tag == "Index" and parent[1] == node
    if is_base and parent[2].tag == "String" then read[parent[2][1]] = true end
  end
  walk.each(ast, { Id = look, Index = look })
  return not hidden and read or nil
end

local function check_params(report, types, ast)
  for _, recipe in ipairs(types.recipes) do
    local run = recipe.params and flow.origin(flow.field(recipe.definition, "run"))
    local read = run and run.tag == "Function" and names_read(types, ast, recipe, run)
    for _, item in ipairs(read and recipe.params.params or {}) do
      local name = flow.field(item, "name")
      if not read[name[1]] then report:warning("param", name, "the parameter '%s' is never used", name[1]) end
    end
  end
end

-- ── locals ─────────────────────────────────────────────────────────────────────────────────────────────────

local LARGEST = 256 * 1024 -- bytes of a text whose flow is followed: it takes a while

local UNUSED = { ["211"] = "'%s' is never used", ["231"] = "'%s' is assigned and never used" }

local function check_locals(report, tree)
  if #tree.source_bytes > LARGEST then return end
  tree.warnings = {}
  require("luacheck.stages.resolve_locals").run(tree)
  require("luacheck.stages.detect_unused_locals").run(tree)
  for _, warning in ipairs(tree.warnings) do
    local text = UNUSED[warning.code]
    if text and not warning.name:find "^_" and not warning.secondary then
      report:warning("local", warning, text, warning.name)
    end
  end
end

--- Reports what is never used.
---@param report sluice.check.Report
---@param tree sluice.analysis.Tree
---@param types sluice.check.Flow
function M.check(report, tree, types)
  check_params(report, types, tree.ast)
  check_locals(report, tree)
end

return M
