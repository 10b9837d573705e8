--- Lua text as a tree, read and never run. Lua itself says what is Lua; where a text is not, and what was expected
--- there, is said by the parser of luacheck, whose tree and scopes all checks work on.
---
--- luacheck (the package lua-check; its modules `luacheck.*` are embedded in the program) comes with this notice:
---
---     Copyright 2014 - 2018 Peter Melnichenko
---
---     Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
---     documentation files (the "Software"), to deal in the Software without restriction, including without
---     limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the
---     Software, and to permit persons to whom the Software is furnished to do so, subject to the following
---     conditions:
---
---     The above copyright notice and this permission notice shall be included in all copies or substantial portions
---     of the Software.
---
---     THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED
---     TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL
---     THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
---     CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
---     DEALINGS IN THE SOFTWARE.

local M = {}

--- The steps of luacheck that put scopes to a parsed tree.
local STAGES = { "unwrap_parens", "linearize" }

local MAX_DEPTH = 5000 -- levels of a tree: a().b().c() has one for each call

---@class sluice.analysis.Problem
---@field line integer
---@field column integer in characters
---@field message string

---@class sluice.analysis.Tree luacheck's state of a text
---@field ast table nodes { tag =, line =, offset =, … }; an `Id` of a local has its `var`
---@field comments { contents: string, line: integer }[]
---@field lines table[] one for each function, for the stages that look at the flow

--- A first line that names an interpreter is no Lua. Its line end stays, so that line numbers are right.
local function without_interpreter(text)
  return (text:gsub("^\xEF\xBB\xBF", ""):gsub("^#[^\n]*", ""))
end

--- Where a node begins.
---@param tree sluice.analysis.Tree
---@param node table
---@return integer line
---@return integer column in characters
function M.place(tree, node)
  return node.line, tree:offset_to_column(node.line, node.offset)
end

--- Is the tree deeper than that? What goes through it calls itself for each level.
local function is_deeper(node, levels)
  if levels == 0 then return true end
  for _, child in ipairs(node) do
    if type(child) == "table" and is_deeper(child, levels - 1) then return true end
  end
  return false
end

local function stages(tree)
  require("luacheck.stages.parse").run(tree)
  if is_deeper(tree.ast, MAX_DEPTH) then error "too deep" end
  for _, name in ipairs(STAGES) do require("luacheck.stages." .. name).run(tree) end
end

--- What luacheck threw: a place and what was expected there, or something else that is wrong with the text.
local function problem_of(tree, thrown)
  if type(thrown) ~= "table" or not thrown.msg then return nil end
  local line, column = M.place(tree, thrown)
  return { line = line, column = column, message = thrown.msg }
end

--- Lua's own word for it, where luacheck takes what this Lua does not.
local function problem_of_lua(reason)
  local line, message = reason:match "^text:(%d+): (.*)$"
  return { line = math.tointeger(tonumber(line or "1")), column = 1, message = message or reason }
end

--- Reads a text.
---@param text string
---@return sluice.analysis.Tree|nil tree
---@return sluice.analysis.Problem|nil problem what is wrong where, when there is no tree
function M.read(text)
  if text:sub(1, 4) == "\27Lua" then
    return nil, { line = 1, column = 1, message = "compiled Lua; expected Lua source text" }
  end
  local source = without_interpreter(text)
  local chunk, reason = coroutine.wrap(load)(source, "=text", "t") -- apart: nesting too deep calls handlers of errors
  local tree = require("luacheck.check_state").new(source)
  local ok, thrown = pcall(stages, tree)
  if chunk and ok then return tree end
  local problem = not ok and problem_of(tree, thrown)
  if problem then return nil, problem end
  if chunk then return nil, { line = 1, column = 1, message = "too deeply nested to be looked into" } end
  return nil, problem_of_lua(reason)
end

return M
