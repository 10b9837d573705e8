--- Documents with keyed arrays: random ones, and what "equal up to the order of keyed arrays" means.

local core = require "sluice.core"
local generate = require "property.generate"
local model = require "property.model"
local source = require "property.source"

local json, pointer = core.json, core.pointer

local M = {}

local random = source.random

local function inside(id)
  local element = { id = id, value = { id = id, path = id, name = generate.scalar() } }
  if random(3) == 1 then element.value.schedule = generate.value(random(5)) end
  local name = generate.name()
  if random(3) == 1 and element[name] == nil then element[name] = generate.value(random(4)) end
  return element
end

local IDS = { "", "a", "b", "~/", "é", 1, 2, 3.0, "1", true, "x-1", "x-2", "x-3", "x-4", "x-5", "x-6", "x-7", "x-8" }

local made = setmetatable({}, { __mode = "k" }) -- the arrays of elements

--- An array of elements with different ids, in any order.
local function elements()
  local list, used = json.array(), {}
  made[list] = true
  for _ = 1, random(0, 8) do
    local id = IDS[random(#IDS)]
    if not used[id] then
      used[id] = true
      list[#list + 1] = inside(id)
    end
  end
  return list
end

local function groups()
  local list = json.array()
  made[list] = true
  for i = 1, random(0, 3) do list[i] = { items = elements(), id = random(3) == 1 and i or "g" .. i } end
  return list
end

local function flow()
  local segments, profile = elements(), elements()
  return { name = generate.scalar(), transformations = json.array { { name = "GeneralTransform", params = {
    segmentSelectors = { selectors = segments }, profileSelectors = { selectors = profile },
  } } } }
end

--- The kinds of documents: what makes one, where its keyed arrays stand, and what `diff` is told of them.
local KINDS = {
  { make = function() return { list = elements(), other = generate.value(4) } end, keys = { ["/list"] = "/id" } },
  { make = elements, keys = { [""] = "/value/id" } },
  { make = function() return { ["a/b"] = { ["~"] = elements() } } end, keys = { ["/a~1b/~0"] = "/value/id" } },
  { make = function() return { groups = groups() } end, keys = { ["/groups/*/items"] = "/value/path" } },
  { make = function() return { groups = groups() } end, keys = { ["/groups"] = "/id", ["/groups/*/items"] = "/id" } },
  {
    make = flow,
    keys = "flow",
    flow_keys = {
      ["/transformations/*/params/segmentSelectors/selectors"] = "/value/id",
      ["/transformations/*/params/profileSelectors/selectors"] = "/value/path",
    },
  },
}

--- All arrays of the document that stand where a keyed one may.
local function lists(value, found)
  if type(value) ~= "table" then return found end
  if json.is_array(value) then
    found[#found + 1] = value
    for _, item in ipairs(value) do lists(item, found) end
  else
    for _, name in ipairs(generate.names(value)) do lists(value[name], found) end
  end
  return found
end

local function twist(list)
  local at, kind = random(#list), random(20)
  local value = type(list[at]) == "table" and list[at].value
  if kind <= 5 then
    local j = random(#list)
    list[at], list[j] = list[j], list[at]
  elseif kind <= 9 then
    table.remove(list, at)
  elseif kind <= 13 then
    table.insert(list, at, inside(IDS[random(#IDS)]))
  elseif kind <= 18 and type(value) == "table" and not json.is_array(value) then
    value[random(2) == 1 and "name" or generate.name()] = generate.value(random(4))
  elseif kind == 19 then
    list[at] = generate.value(3) -- no key
  else
    table.insert(list, json.copy(list[at])) -- a doubled key
  end
end

--- Two documents with keyed arrays and what `diff` is told of them.
---@return any a, any b, table|string keys for diff, table keys as pointers
function M.pair()
  local kind = KINDS[random(#KINDS)]
  local a = kind.make()
  local b = random(5) == 1 and kind.make() or json.copy(a)
  local found = lists(b, {})
  for _ = 1, #found > 0 and random(0, 4) or 0 do
    local list = found[random(#found)]
    if #list > 0 then twist(list) end
  end
  if random(4) == 1 then b = generate.changed(b) end
  if random(2) == 1 then a, b = b, a end
  return a, b, kind.keys, kind.flow_keys or kind.keys
end

--- Adds { pointer, list } for each array of elements in the document that holds some.
local function addressed(value, tokens, found)
  if type(value) ~= "table" then return found end
  if made[value] then
    if #value > 0 then found[#found + 1] = { pointer = pointer.format(tokens), list = value } end
    if not value[1] or not value[1].items then return found end
  end
  for _, key in ipairs(generate.names(value)) do
    tokens[#tokens + 1] = json.is_array(value) and key - 1 or key
    addressed(value[key], tokens, found)
    tokens[#tokens] = nil
  end
  return found
end

local METHODS = { "remove_by", "replace_by", "add_unless" }

--- A document and calls that address elements by what they are. Few of them cannot be done.
---@return any document, table calls { method, array, match, value }
function M.calls()
  local document, calls = KINDS[random(#KINDS)].make(), json.array()
  local found = addressed(document, {}, {})
  for _, place in ipairs(found) do
    if random(3) == 1 then table.insert(place.list, json.copy(place.list[random(#place.list)])) end
  end
  for _ = 1, #found > 0 and random(5) or 0 do
    local place, method = found[random(#found)], METHODS[random(#METHODS)]
    local element = place.list[random(#place.list)]
    local id = random(method == "add_unless" and 2 or 8) > 1 and element.id or IDS[random(#IDS)]
    local match = { ["/id"] = id }
    if random(2) == 1 then match["/value/path"] = id end
    local value = inside(random(4) == 1 and IDS[random(#IDS)] or id)
    calls[#calls + 1] = { method = method, array = place.pointer, match = match, value = value }
  end
  return document, calls
end

--- The pointer to the key inside an element where the array at these tokens is keyed.
local function key_pointer(keys, tokens)
  for array, key in pairs(keys) do
    local pattern = model.tokens(array)
    local fits = #pattern == #tokens
    for i = 1, fits and #tokens or 0 do
      fits = fits and (pattern[i] == "*" or pattern[i] == tokens[i])
    end
    if fits then return key end
  end
end

--- The elements of an array by key; nil where a key is doubled or missing or no scalar.
local function by_key(list, key)
  local found = {}
  for _, element in ipairs(list) do
    local id = type(element) == "table" and model.get(element, key)
    if id == nil or id == json.null or type(id) == "table" or found[id] ~= nil then return nil end
    if type(element) ~= "table" then return nil end
    found[id] = element
  end
  return found
end

M.by_key, M.key_pointer = by_key, key_pointer

--- Are both the same JSON, where the order of an array does not count when it is keyed on both
--- sides?
---@param tokens string[] where both stand; given back as it came
function M.same(a, b, keys, tokens)
  if type(a) ~= "table" or type(b) ~= "table" or json.is_array(a) ~= json.is_array(b) then return model.same(a, b) end
  local depth, key = #tokens + 1, json.is_array(a) and key_pointer(keys, tokens)
  local left, right = key and by_key(a, key), key and by_key(b, key)
  if not left or not right then key, left, right = nil, a, b end
  for name in next, right do
    if left[name] == nil then return false end
  end
  for name, value in next, left do
    tokens[depth] = key and "0" or math.type(name) and tostring(name - 1) or name
    local equal = right[name] ~= nil and M.same(value, right[name], keys, tokens)
    tokens[depth] = nil
    if not equal then return false end
  end
  return true
end

return M
