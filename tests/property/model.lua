--- What the C module is compared with: equality, JSON Patch, merge patch and keyed arrays once more, written as plainly
--- as the RFCs say them and without regard to speed. Shares no code with the module but `json.copy` and `is_array`.

local json = require "sluice.core".json

local M = {}

local is_array, null = json.is_array, json.null

--- Are both the same JSON? With `strict` 1 and 1.0 differ, and 0.0 and -0.0, as they do in a text.
---@return boolean
function M.same(a, b, strict)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b and (not strict or math.type(a) == math.type(b) and (a ~= 0 or 1 / a == 1 / b))
  end
  if is_array(a) ~= is_array(b) then return false end
  for key, value in next, a do
    local other = b[key]
    if other == nil or not M.same(value, other, strict) then return false end
  end
  for key in next, b do
    if a[key] == nil then return false end
  end
  return true
end

--- The unescaped reference tokens of a pointer; nil where its form is wrong.
function M.tokens(text)
  if text == "" then return {} end
  if text:sub(1, 1) ~= "/" or text:gsub("~[01]", ""):find("~", 1, true) then return nil end
  local tokens = {}
  for token in text:gmatch "/([^/]*)" do
    tokens[#tokens + 1] = token:gsub("~1", "/"):gsub("~0", "~")
  end
  return tokens
end

--- The key that a token says in a table: an index from 1, or a name. `last` is the largest index allowed.
local function key_of(holder, token, last)
  if not is_array(holder) then return token end
  if not (token == "0" or token:find "^[1-9]%d*$") or #token > 9 then return nil end
  local index = math.tointeger(tonumber(token)) + 1
  return index <= last and index or nil
end

--- The table that holds a place and the last token; nil where there is none.
local function find_holder(document, tokens)
  local at = document
  for i = 1, #tokens - 1 do
    if type(at) ~= "table" then return nil end
    local key = key_of(at, tokens[i], #at)
    at = key and at[key]
    if at == nil then return nil end
  end
  return type(at) == "table" and at or nil, tokens[#tokens]
end

--- The value at a place; nil where there is none.
function M.get(document, text)
  local tokens = M.tokens(text)
  if not tokens or #tokens == 0 then return tokens and document end
  local holder, token = find_holder(document, tokens)
  local key = holder and key_of(holder, token, #holder)
  if key == nil then return nil end
  return holder[key]
end

--- Puts a value at a place; gives the document, or nil.
local function put(document, text, value)
  local tokens = M.tokens(text)
  if not tokens then return nil end
  if #tokens == 0 then return value end
  local holder, token = find_holder(document, tokens)
  if not holder then return nil end
  if is_array(holder) then
    local key = token == "-" and #holder + 1 or key_of(holder, token, #holder + 1)
    if not key then return nil end
    table.insert(holder, key, value)
  else
    holder[token] = value
  end
  return document
end

--- Takes out the value at a place; gives it, or nil.
local function take(document, text)
  local value = M.get(document, text)
  local tokens = M.tokens(text)
  if value == nil or #tokens == 0 then return nil end
  local holder, token = find_holder(document, tokens)
  if is_array(holder) then table.remove(holder, key_of(holder, token, #holder)) else holder[token] = nil end
  return value
end

local STEPS = {
  add = function(document, op) return put(document, op.path, json.copy(op.value)) end,
  remove = function(document, op)
    if take(document, op.path) == nil then return nil end
    return document
  end,
  test = function(document, op)
    local value = M.get(document, op.path)
    if value == nil or not M.same(value, op.value) then return nil end
    return document
  end,
  copy = function(document, op)
    local value = M.get(document, op.from)
    if value == nil then return nil end
    return put(document, op.path, json.copy(value))
  end,
  move = function(document, op)
    if M.get(document, op.from) == nil or op.path:sub(1, #op.from + 1) == op.from .. "/" then return nil end
    if op.from == op.path then return document end
    return put(document, op.path, take(document, op.from))
  end,
}

function STEPS.replace(document, op)
  if M.get(document, op.path) == nil then return nil end
  if op.path == "" then return json.copy(op.value) end
  local tokens = M.tokens(op.path)
  local holder, token = find_holder(document, tokens)
  holder[key_of(holder, token, #holder)] = json.copy(op.value)
  return document
end

--- One operation on a document, which it changes; nil where it cannot be carried out.
function M.step(document, op)
  return STEPS[op.op](document, op)
end

--- The document that operations make of one, which stays as it is; nil where one cannot be carried out.
function M.apply(document, operations)
  document = json.copy(document)
  for _, op in ipairs(operations) do
    document = M.step(document, op)
    if document == nil then return nil end
  end
  return document
end

local function matches(element, match)
  for place, expected in next, match do
    local value = M.get(element, place)
    if value == nil or not M.same(value, expected) then return false end
  end
  return true
end

--- Carries out { method, array, match, value } on a document, which it changes.
---@return string|nil code of the error where it cannot be carried out; "gone" where there is no such array any more
function M.call(document, call)
  local list, places = M.get(document, call.array), {}
  if type(list) ~= "table" or not is_array(list) then return "gone" end
  for i, element in ipairs(list) do
    if matches(element, call.match) then table.insert(places, 1, i) end
  end
  if call.method == "add_unless" then
    if #places == 0 then list[#list + 1] = json.copy(call.value) end
  elseif #places == 0 then
    return "not_found"
  elseif call.method == "remove_by" then
    for _, i in ipairs(places) do table.remove(list, i) end
  elseif #places > 1 then
    return "ambiguous"
  else
    list[places[1]] = json.copy(call.value)
  end
end

--- RFC 7396, section 2, word for word.
function M.merge(target, patch)
  if type(patch) ~= "table" or is_array(patch) then return patch end
  if type(target) ~= "table" or is_array(target) then target = {} end
  local result = {}
  for name, value in next, target do result[name] = value end
  for name, value in next, patch do
    if value == null then result[name] = nil else result[name] = M.merge(result[name], value) end
  end
  return result
end

return M
