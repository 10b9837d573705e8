--- Globals that nobody gave a value, and globals that are written where a local was meant.

local flow = require "sluice.cli.check.flow"
local known = require "sluice.cli.check.known"
local suggest = require "sluice.suggest"
local walk = require "sluice.analysis.walk"

local M = {}

--- All that is written, by name: the first place of each; and the names of all locals.
local function names_of(ast)
  local written, locals, environment = {}, {}, false
  walk.each(ast, {
    Set = function(node)
      for _, target in ipairs(node[1]) do
        if target.tag == "Id" and not target.var then written[target[1]] = written[target[1]] or target end
        local base = target.tag == "Index" and target[1]
        if base and walk.is_global(base, "_G") and target[2].tag == "String" then written[target[2][1]] = target end
      end
    end,
    Id = function(node)
      if node.var then locals[node[1]] = true end
      if node[1] == "_ENV" then environment = true end
    end,
  })
  return written, locals, environment
end

local MANY = 1000 -- names among which none is looked for that is near

local function near(name, lists)
  local candidates = {}
  for _, list in ipairs(lists) do
    if #list <= MANY then table.move(list, 1, #list, #candidates + 1, candidates) end
  end
  local nearest = suggest.nearest(name, candidates)
  return nearest and ("; did you mean '%s'?"):format(nearest) or ""
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

--- Where `sluice` and `aep` are used as if they were there, as they are at the prompt.
local FORGOTTEN = {
  sluice = '; a script begins with: local sluice = require "sluice"',
  aep = "; a script makes it: local aep = sluice.connect()",
}

--- Reports unknown globals, and the first writing of each. With an `_ENV` of its own a script decides what a global is.
---@param report sluice.check.Report
---@param tree sluice.analysis.Tree
---@param more string[] globals that there are besides Lua's own
function M.check(report, tree, more)
  local written, locals, environment = names_of(tree.ast)
  if environment then return end
  local there, local_names = {}, sorted(locals)
  for _, list in ipairs { known.GLOBALS, more } do
    for _, name in ipairs(list) do there[name] = true end
  end
  for name, node in pairs(written) do
    if node.tag == "Id" and not there[name] then
      report:warning("global", node, "'%s' is written as a global; write: local %s%s", name, name,
        near(name, { local_names }))
    end
  end
  walk.each(tree.ast, {
    Id = function(node)
      local name = node[1]
      if node.var or there[name] or written[name] then return end
      local hint = FORGOTTEN[name] or near(name, { local_names, known.GLOBALS, more })
      report:error("global", node, "'%s' is not defined%s", flow.written(node), hint)
    end,
  })
end

return M
