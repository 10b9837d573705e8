--- Random JSON values, pairs of documents and patches. Everything follows from `source` and from sorted names, so
--- the same seed makes the same case in every run.

local core = require "sluice.core"
local source = require "property.source"
local json, pointer = core.json, core.pointer

local M = {}

local random = source.random

local NAMES = {
  "", "a", "b", "c", "id", "name", "value", "~", "/", "~0", "~1", "~01", "a/b", "m~n", "//", "~~", "0", "1", "2", "01",
  "-", "-1", "*", " ", "é", "日本", "\u{1F600}", "\u{FFFF}", "a\0b", "\n", "\"", "\\", "\x7f", "\x7fa",
  "op", "path", "__jsontype",
}
local STRINGS = {
  "", "a", "b", "ab", "é", "日本語", "\u{10FFFF}", "\x7f", "\x7fa", "\x7fn1", "\x7f\x7f", "\0", "tab\there", "null", "[]",
  "{}", "1", "line\nbreak", "\"quoted\"", "back\\slash", "/", "~", ("long "):rep(20), "\u{2028}", "\u{E000}",
  "\x1f",
}
local NUMBERS = {
  0, 1, 2, -1, 0.0, 1.0, -0.0, 0.5, 1e300, -1e-300, 5e-324, 1e15, 1e16, 123456789012345678,
  math.maxinteger, math.mininteger, 2 ^ 53, 2 ^ 53 + 2, (1 << 53) + 1, 9007199254740993, 0.1, 1 / 3,
  1.7976931348623157e308, 1670880253121,
}

local function one_of(list)
  return list[random(#list)]
end

function M.name()
  return random(4) > 1 and one_of(NAMES) or one_of(NAMES) .. one_of(NAMES)
end

function M.scalar()
  local kind = random(10)
  if kind <= 4 then return one_of(STRINGS) end
  if kind <= 6 then return random(0, 9) end
  if kind == 7 then return one_of(NUMBERS) end
  if kind == 8 then return random() * 10 ^ random(-20, 20) end
  if kind == 9 then return json.null end
  return random(2) == 1
end

--- A value of about `size` scalars and tables.
---@param size integer
---@return any
function M.value(size)
  if size <= 1 and random(8) > 1 then return M.scalar() end
  local parts, left = random(0, math.min(size, random(4) == 1 and size or 5)), size - 1
  local is_array, value = random(2) == 1, {}
  if is_array then value = json.array(value) end
  for i = 1, parts do
    local share = i == parts and left or random(0, left)
    left = left - share
    value[is_array and i or M.name()] = M.value(share)
  end
  return value
end

local function deep(levels)
  local value = M.value(3)
  for _ = 1, levels do
    value = random(2) == 1 and json.array { value } or { [M.name()] = value }
  end
  return value
end

--- A document: mostly small, now and then wide or deep.
function M.document()
  local kind = random(100)
  if kind == 100 then return deep(random(20, 300)) end
  if kind > 96 then return M.value(random(60, 200)) end
  if kind > 80 then return M.value(random(16, 60)) end
  return M.value(random(1, 16))
end

--- A document without null as the value of a member: what a merge patch can say.
function M.without_null_members(value)
  if type(value) ~= "table" then return value end
  local kept = json.is_array(value) and json.array() or {}
  for key, item in pairs(value) do
    if item ~= json.null or json.is_array(value) then kept[key] = M.without_null_members(item) end
  end
  return kept
end

--- Names of the members of an object, sorted.
function M.names(object)
  local names = {}
  for name in pairs(object) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- A key of a table: an index from 1 or a name; nil where it is empty.
local function some_key(t)
  if json.is_array(t) then return #t > 0 and random(#t) or nil end
  local names = M.names(t)
  return names[1] and one_of(names)
end

--- A random place in a document: the table that holds it, its key there, and its reference tokens. No holder: the
--- document itself.
function M.place(document)
  local holder, key, tokens, at = nil, nil, {}, document
  while type(at) == "table" and random(4) > 1 do
    local next_key = some_key(at)
    if next_key == nil then break end
    tokens[#tokens + 1] = json.is_array(at) and next_key - 1 or next_key
    holder, key, at = at, next_key, at[next_key]
  end
  return holder, key, tokens
end

local function shuffle(list)
  for i = #list, 2, -1 do
    local j = random(i)
    list[i], list[j] = list[j], list[i]
  end
end

local function insert_into(holder)
  local value = random(3) == 1 and M.value(random(6)) or M.scalar()
  if json.is_array(holder) then table.insert(holder, random(#holder + 1), value) else holder[M.name()] = value end
end

local function remove_from(holder, key)
  if json.is_array(holder) then table.remove(holder, key) else holder[key] = nil end
end

local MUTATIONS = {
  function(holder, key) holder[key] = M.scalar() end,
  function(holder, key) holder[key] = M.value(random(8)) end,
  function(holder, key) holder[key] = json.array { holder[key] } end,
  function(holder) insert_into(holder) end,
  remove_from,
  remove_from,
  function(holder, key) -- the value stands somewhere else
    local value = holder[key]
    remove_from(holder, key)
    if json.is_array(holder) then table.insert(holder, random(#holder + 1), value) else holder[M.name()] = value end
  end,
  function(holder, key) -- the value stands twice
    local value = json.copy(holder[key])
    if json.is_array(holder) then table.insert(holder, random(#holder + 1), value) else holder[M.name()] = value end
  end,
  function(holder) if json.is_array(holder) then shuffle(holder) end end,
  function(holder)
    for _ = 1, random(6) do insert_into(holder) end
  end,
}

--- A copy of a document with a few changes.
function M.changed(document)
  local copy = json.copy(document)
  for _ = 1, random(4) do
    local holder, key = M.place(copy)
    if holder then one_of(MUTATIONS)(holder, key) else copy = type(copy) == "table" and copy or M.scalar() end
  end
  return copy
end

--- Two documents: mostly one and what a few changes make of it, else two that have nothing in common.
function M.pair()
  local a = M.document()
  return a, random(4) > 1 and M.changed(a) or M.document()
end

local function pointer_near(document)
  local holder, _, tokens = M.place(document)
  local kind = random(12)
  if kind == 1 then
    tokens[#tokens + 1] = M.name()
  elseif kind == 2 then
    tokens[#tokens + 1] = random(0, 4)
  elseif kind == 3 then
    tokens[#tokens + 1] = "-"
  elseif kind == 4 and holder and json.is_array(holder) then
    tokens[#tokens] = one_of { "0", "00", "+", "-", "" } .. tokens[#tokens]
  elseif kind <= 6 and holder then
    tokens[#tokens] = json.is_array(holder) and random(0, #holder) or M.name()
  end
  return pointer.format(tokens)
end

local OPS = { "add", "remove", "replace", "move", "copy", "test" }

--- One operation, most of the time one that can be carried out.
local function operation(document)
  local op = { op = one_of(OPS), path = pointer_near(document) }
  if op.op == "move" or op.op == "copy" then
    op.from = pointer_near(document)
  elseif op.op == "test" and random(8) > 1 then
    op.value = pointer.get(document, op.path)
  end
  if op.value == nil and op.op ~= "remove" and not op.from then op.value = M.value(random(5)) end
  return op
end

--- A list of operations made for a document; `step(document, op)` says what the document is after one, or nil.
function M.operations(document, step)
  local list = json.array()
  for i = 1, random(6) do
    local op = operation(document)
    list[i] = op
    local after = step(document, op)
    if after == nil then
      if random(3) > 1 then list[i] = nil end
      break
    end
    document = after
  end
  return list
end

return M
