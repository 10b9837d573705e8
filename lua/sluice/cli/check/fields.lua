--- Fields and methods that our API does not have, and keys that the tables given to it cannot have.

local attribute = require "sluice.activation.attribute"
local audience = require "sluice.activation.audience"
local catalog = require "sluice.catalog"
local flow = require "sluice.cli.check.flow"
local suggest = require "sluice.suggest"
local walk = require "sluice.analysis.walk"

local M = {}

--- The name of a set that was probably meant: of two that are equally near, the one that is about as long.
local function did_you_mean(name, set)
  local list = {}
  for known in pairs(set) do
    if not known:find "^__" then list[#list + 1] = known end
  end
  table.sort(list, function(a, b)
    local by_a, by_b = math.abs(#a - #name), math.abs(#b - #name)
    if by_a ~= by_b then return by_a < by_b end
    return a < b
  end)
  local nearest = suggest.nearest(name, list)
  return nearest and ("; did you mean '%s'?"):format(nearest) or ""
end

-- ── fields ─────────────────────────────────────────────────────────────────────────────────────────────────

--- Names that the script itself gives to fields of anything: they may be what is read elsewhere.
local function assigned_names(ast)
  local found = {}
  walk.each(ast, { Set = function(node)
    for _, target in ipairs(node[1]) do
      if target.tag == "Index" and target[2].tag == "String" then found[target[2][1]] = true end
    end
  end })
  return found
end

--- What a value is called in messages.
local function called(node, kind)
  return flow.written(node) or kind.of or kind.class and kind.class.name
    or type(kind.live) == "string" and "a text" or "this value"
end

local function check_name(report, types, node, what, assigned)
  local key = node[2]
  if key.tag ~= "String" or assigned[key[1]] then return end
  local kind = types:type(node[1])
  local members = types.known:members(kind)
  if not members or members[key[1]] ~= nil then return end
  local near = did_you_mean(key[1], members)
  if kind.params then
    report:error("param", key, "the recipe has no parameter '%s'%s", key[1], near)
  else
    report:error("field", key, "%s has no %s '%s'%s", called(node[1], kind), what, key[1], near)
  end
end

-- ── colons ─────────────────────────────────────────────────────────────────────────────────────────────────

local PLAIN = { String = true, Table = true, Number = true, True = true, False = true, Nil = true, Function = true }

--- `aep.flows.list()`: the method is not given what it works on.
local function check_dot(report, types, call)
  local callee = call[1]
  local entry = callee.tag == "Index" and types.known:entry(types:type(callee))
  if not entry or not entry.method or call[2] and not PLAIN[call[2].tag] then return end
  local base = flow.written(callee[1])
  if base then
    report:error("field", callee[2], "%s is a method: call it with a colon, %s:%s(…)", entry.name, base, entry.name)
  end
end

--- `sluice:connect()`: the function is given the table that it is in.
local function check_colon(report, types, call)
  local base = types:type(call[1])
  local members = type(base) == "table" and type(base.live) == "table" and types.known:members(base)
  local entry = members and types.known:entry(members[call[2][1]])
  local written = flow.written(call[1])
  if entry and written and entry.kind == "function" and entry.method == false then
    report:error("field", call[2], "%s is no method: call it with a dot, %s.%s(…)", entry.name, written, entry.name)
  end
end

-- ── tables given to functions ──────────────────────────────────────────────────────────────────────────────

local function check_keys(report, level, node, known, what)
  for _, item in ipairs(node) do
    if item.tag == "Pair" and item[1].tag == "String" and known[item[1][1]] == nil then
      local key = item[1][1]
      report[level](report, "field", item[1], "%s takes no '%s'%s", what, key, did_you_mean(key, known))
    end
  end
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do set[name] = true end
  return set
end

--- The tables of a list that is written out.
local function each_table(node, visit)
  for _, item in ipairs(node and node.tag == "Table" and node or {}) do
    if item.tag == "Table" then visit(item) end
  end
end

--- Keys of credentials and of targets, as far as the catalog knows them.
local function params_of(kinds, selector)
  local found = { [selector] = true }
  for _, kind in ipairs(kinds) do
    for _, param in ipairs(kind.params) do found[param.name] = true end
  end
  return found
end

--- The parts of a destination's definition, which the comments leave open.
local function check_definition(report, node)
  each_table(flow.field(node, "audiences"), function(item)
    check_keys(report, "error", item, set_of(audience.KEYS), "an audience")
  end)
  each_table(flow.field(node, "attributes"), function(item)
    check_keys(report, "error", item, set_of(attribute.KEYS), "an attribute")
  end)
  local kind = flow.field(node, "type")
  local types = kind and kind.tag == "String" and catalog.keys_of(kind[1]) or {}
  local system = #types == 1 and catalog.systems[types[1]]
  local auth, target = flow.field(node, "auth"), flow.field(node, "target")
  if system and auth and auth.tag == "Table" and #system.auth > 0 then
    check_keys(report, "warning", auth, params_of(system.auth, "spec"), "the auth of " .. types[1])
  end
  if system and target and target.tag == "Table" then
    check_keys(report, "warning", target, params_of(system.modes, "mode"), "the target of " .. types[1])
  end
end

--- A table in the place of an argument, by what the comments say of it.
local function check_table(report, types, node, text, what)
  local element = text:gsub("|nil$", ""):match "^(.*)%[%]$"
  if element then
    each_table(node, function(item) check_table(report, types, item, element, "an entry of " .. what) end)
    return
  end
  local known = types.known:fields(text)
  if not known then return end
  check_keys(report, "error", node, known, what)
  for key, inner in pairs(known) do
    local value = type(inner) == "string" and flow.field(node, key)
    if value and value.tag == "Table" then check_table(report, types, value, inner, key) end
  end
end

--- The tables given in a call; `before` is how many parts of it stand before the arguments.
local function check_call(report, types, call, kind, before)
  local entry = types.known:entry(kind)
  if not entry then return end
  if entry.method and call.tag == "Call" then before = before + 1 end
  local is_definition = kind.live ~= nil and kind.live == types.known.sluice.destination
  for i, param in ipairs(entry.params) do
    local node = flow.origin(call[before + i])
    if node and node.tag == "Table" then
      check_table(report, types, node, param.type, call.tag == "Invoke" and call[2][1] or flow.written(call[1]))
      if is_definition then check_definition(report, node) end
    end
  end
end

--- `ctx.audiences(list, { … })`: what all audiences of the list have.
local function check_audiences(report, types, call)
  local callee, node = call[1], flow.origin(call[3])
  if callee.tag ~= "Index" or callee[2][1] ~= "audiences" or not node or node.tag ~= "Table" then return end
  local kind = types:type(callee[1])
  if type(kind) == "table" and kind.context then
    check_keys(report, "error", node, set_of(audience.KEYS), "an audience")
  end
end

--- Reports what is named and is not there.
---@param report sluice.check.Report
---@param tree sluice.analysis.Tree
---@param types sluice.check.Flow
function M.check(report, tree, types)
  local assigned = assigned_names(tree.ast)
  walk.each(tree.ast, {
    Index = function(node) check_name(report, types, node, "field", assigned) end,
    Call = function(node)
      check_dot(report, types, node)
      check_audiences(report, types, node)
      check_call(report, types, node, types:type(node[1]), 1)
    end,
    Invoke = function(node)
      check_name(report, types, node, "method", assigned)
      check_colon(report, types, node)
      local members = types.known:members(types:type(node[1]))
      check_call(report, types, node, members and members[node[2][1]], 2)
    end,
  })
end

return M
