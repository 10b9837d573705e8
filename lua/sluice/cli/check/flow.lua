--- Which values of our API an expression stands for, as far as reading can tell: what is assigned once keeps its type,
--- what a recipe's `run` is given has one, and so has the argument of a local function that is only ever called with
--- it. All else has no type, and nothing is said of it.

local known = require "sluice.cli.check.known"
local walk = require "sluice.analysis.walk"

local M = {}

---@class sluice.check.Flow
---@field known sluice.check.Known
---@field recipes { call: table, definition: table, params: table|nil }[] the calls of sluice.recipe with a table
---@field record table<table, table> the type of the parameters by the recipe's table
local Flow = {}
Flow.__index = Flow

-- ── gathering ──────────────────────────────────────────────────────────────────────────────────────────────

--- Every use of a local that is no assignment to it, with what it stands in; calls by what they call.
local function gather(self, ast)
  local function use(node, parent)
    if not node.var then return end
    local uses = self.uses[node.var] or {}
    self.uses[node.var] = uses
    uses[#uses + 1] = { node = node, parent = parent }
  end
  walk.each(ast, {
    Id = use,
    Function = function(node) self.functions[#self.functions + 1] = node end,
    Call = function(node) self.calls[#self.calls + 1] = node end,
  })
end

--- The value of a table's key, where it is written as a name or a text.
---@param node table
---@param name string
---@return table|nil value
---@return table|nil key
function M.field(node, name)
  for _, item in ipairs(node) do
    if item.tag == "Pair" and item[1].tag == "String" and item[1][1] == name then return item[2], item[1] end
  end
end

--- What a local holds, if it is assigned once.
local function only_value(var)
  local value = #var.values == 1 and var.values[1]
  if not value or not value.item.rhs then return nil end
  for i, node in ipairs(value.item.lhs) do
    if node == value.var_node then return value.item.rhs[i] end
  end
end

--- The expression that a node comes to: of a local that is assigned once, what it was assigned.
---@param node table|nil
---@return table|nil
function M.origin(node)
  for _ = 1, 10 do
    if not node or node.tag ~= "Id" or not node.var then return node end
    local before = only_value(node.var)
    if not before then return node end
    node = before
  end
end

-- ── recipes ────────────────────────────────────────────────────────────────────────────────────────────────

--- The parameters that a recipe declares: names and types; nil where not all of them can be read.
local function declared(list)
  if not list or list.tag ~= "Table" then return nil end
  local record = {}
  for _, item in ipairs(list) do
    local name = item.tag == "Table" and M.field(item, "name")
    if not name or name.tag ~= "String" then return nil end
    local kind = M.field(item, "type")
    local is_text = not kind or kind.tag == "String" and (kind[1] == "string" or kind[1] == "enum")
    record[name[1]] = is_text and { live = "" } or true
  end
  return { record = record, of = "the recipe's parameters", params = list }
end

--- Finds the recipes, and what their functions are given.
local function find_recipes(self)
  for _, call in ipairs(self.calls) do
    local kind = #call == 2 and call[2].tag == "Table" and self:type(call[1])
    if type(kind) == "table" and kind.live == self.known.sluice.recipe then
      local definition = call[2]
      local params = declared(M.field(definition, "params"))
      local recipe = { definition = definition, params = params }
      local run = M.origin(M.field(definition, "run"))
      table.insert(self.recipes, recipe)
      if run and run.tag == "Function" then self.runs[run] = recipe end
    end
  end
  self.memory = {}
end

--- The context of a recipe: as described, with the parameters it declares.
local function context_of(self, recipe)
  local kind = self.known:class "sluice.recipe.context"
  if not kind then return nil end
  local made = { class = kind.class, module = kind.module, closed = true }
  local record = {}
  for name, field in pairs(self.known:members(made)) do record[name] = field end
  record.aep = self.known:class "sluice.Client"
  record.params = recipe.params or true
  return { record = record, of = "the context of a recipe", context = true }
end

-- ── types ──────────────────────────────────────────────────────────────────────────────────────────────────

--- The one type that all have; nil when they differ.
local function common(kinds)
  local first = kinds[1]
  for i = 2, #kinds do
    local other = kinds[i]
    if type(other) ~= type(first) or type(first) == "table" and other ~= first and
      not (first.live ~= nil and other.live == first.live) then
      return nil
    end
  end
  return first
end

--- The type of a local function's argument: the one that it has in every call. A function that is also handed on as a
--- value may be given anything.
local function given(self, fn, index)
  local var = fn.value and fn.value.var
  if not var then return nil end
  local kinds = {}
  for _, use in ipairs(self.uses[var] or {}) do
    if use.parent.tag == "Call" and use.parent[1] == use.node then
      local argument = use.parent[index + 1]
      kinds[#kinds + 1] = argument and self:type(argument) or false
    elseif use.node ~= fn.value.var_node then
      return nil
    end
  end
  return common(kinds) or nil
end

local function of_argument(self, var)
  local place = self.arguments[var]
  if not place then return nil end
  local recipe = self.runs[place.fn]
  if not recipe then return given(self, place.fn, place.index) end
  if place.index == 1 then
    recipe.context = recipe.context or context_of(self, recipe)
    return recipe.context
  end
  return place.index == 2 and recipe.params or nil
end

local function of_local(self, var)
  if var.type == "arg" then return #var.values <= 1 and of_argument(self, var) or nil end
  local value = only_value(var)
  return value and self:type(value) or nil
end

local OF = {}

function OF:Id(node)
  if node.var then return of_local(self, node.var) end
  return known.LIBRARIES[node[1]] and { live = _G[node[1]] } or nil
end

function OF:Index(node)
  local members = node[2].tag == "String" and self.known:members(self:type(node[1]))
  return members and members[node[2][1]] or nil
end

function OF:Call(node)
  if walk.is_global(node[1], "require") then
    return node[2] and node[2][1] == "sluice" and { live = self.known.sluice } or nil
  end
  return self.known:result(self:type(node[1]))
end

function OF:Invoke(node)
  local members = self.known:members(self:type(node[1]))
  return members and self.known:result(members[node[2][1]]) or nil
end

OF.String = function() return { live = "" } end

function OF:Paren(node) return self:type(node[1]) end

--- The type of an expression.
---@param node table
---@return sluice.check.Type|true|nil
function Flow:type(node)
  local found = self.memory[node]
  if found == nil then
    self.memory[node] = false -- while it is looked for: what hangs on itself has none
    found = OF[node.tag] and OF[node.tag](self, node) or false
    self.memory[node] = found
  end
  return found or nil
end

--- How an expression is written: "aep.flows"; nil for more than names.
---@param node table
---@return string|nil
function M.written(node)
  if node.tag == "Id" then return node[1] end
  local base = node.tag == "Index" and node[2].tag == "String" and M.written(node[1])
  return base and base .. "." .. node[2][1] or nil
end

--- What is known of the values in a tree.
---@param tree sluice.analysis.Tree
---@param knowledge sluice.check.Known
---@return sluice.check.Flow
function M.new(tree, knowledge)
  local self = setmetatable({ known = knowledge, memory = {}, uses = {}, calls = {}, functions = {}, recipes = {},
    runs = {}, arguments = {} }, Flow)
  gather(self, tree.ast)
  for _, fn in ipairs(self.functions) do
    for index, argument in ipairs(fn[1]) do
      if argument.var then self.arguments[argument.var] = { fn = fn, index = index } end
    end
  end
  find_recipes(self)
  return self
end

return M
