--- What holds for every document and pair. Each property has a name, `make()` for a random case, the `parts` of a case
--- that may be made smaller, and `check(case)`, which gives nil or says what is wrong. An error raised in `check` is
--- wrong, too.

local core = require "sluice.core"
local generate = require "property.generate"
local keyed = require "property.keyed"
local model = require "property.model"
local source = require "property.source"
local text = require "property.text"

local json, patch, pointer = core.json, core.patch, core.pointer
local random, same = source.random, model.same

local function show(value)
  return json.encode(value)
end

local function differs(result, expected)
  return ("gives %s, not %s"):format(show(result), show(expected))
end

local function a_document()
  return { a = generate.document(), form = random(1 << 30) }
end

local function a_pair()
  local a, b = generate.pair()
  return { a = a, b = b }
end

local function a_keyed_pair()
  local a, b, keys, places = keyed.pair()
  return { a = a, b = b, keys = keys, places = places, test = random(2) == 1, whole = ({ true, false })[random(3)] }
end

--- A document and operations made for it.
local function a_patch()
  local a = generate.document()
  return { a = a, operations = generate.operations(a, function(document, op)
    return model.step(json.copy(document), op)
  end) }
end

--- Are these operations a patch at all? A shrunk case may hold anything.
local function is_patch(operations)
  for _, op in ipairs(json.is_array(operations) and operations or { 0 }) do
    local whole = type(op) == "table" and type(op.path) == "string" and model.tokens(op.path)
    if not whole then return false end
    local moves = op.op == "move" or op.op == "copy"
    if moves and not (type(op.from) == "string" and model.tokens(op.from)) then return false end
    if not moves and op.op ~= "remove" and op.value == nil then return false end
    if not (moves or op.op == "remove" or op.op == "add" or op.op == "replace" or op.op == "test") then return false end
  end
  return true
end

--- Runs f; says so where it changed one of the values.
local function unchanged(values, f)
  local before = {}
  for i, value in ipairs(values) do before[i] = json.copy(value) end
  local fault = f()
  for i, value in ipairs(values) do
    if not same(before[i], value, true) then return "an argument was changed: now " .. show(value) end
  end
  return fault
end

local function check_round_trip(case)
  local written = json.encode(case.a)
  if not same(json.decode(written), case.a, true) then return "comes back as " .. show(json.decode(written)) end
  if json.encode(json.decode(written)) ~= written then return "is written in two ways" end
  if not same(json.decode(json.encode(case.a, { indent = 3 })), case.a, true) then return "with indent: differs" end
  math.randomseed(case.form)
  local other = text.write(case.a)
  if not same(json.decode(other), case.a, true) then return ("the text %q is read as %s"):format(other, written) end
  if not json.equal(json.decode(other), case.a) or not json.equal(case.a, json.copy(case.a)) then
    return "is not equal to itself"
  end
end

local function check_equal(case)
  return json.equal(case.a, case.b) ~= same(case.a, case.b) and "equal is wrong" or nil
end

local NO_INDEX = { "-", "00", "01", "+0", "-1", "1e0", " 0", "0x0", "", "1.0", "18446744073709551616" }

local function check_pointers(value, root, tokens)
  local written = pointer.format(tokens)
  local found, err = pointer.get(root, written)
  if found == nil then return tostring(err) end
  if not rawequal(found, value) then return written .. " finds " .. show(found) end
  if not same(pointer.parse(written), json.array(model.tokens(written))) then return written .. " is read wrongly" end
  if type(value) ~= "table" then return nil end
  local missing = json.is_array(value) and { #value, NO_INDEX[(#value + #tokens) % #NO_INDEX + 1] } or { "\1" }
  for _, token in ipairs(missing) do
    tokens[#tokens + 1] = token
    if pointer.get(root, pointer.format(tokens)) ~= nil then return pointer.format(tokens) .. " is found" end
    tokens[#tokens] = nil
  end
  for key, item in next, value do
    tokens[#tokens + 1] = json.is_array(value) and key - 1 or key
    local fault = check_pointers(item, root, tokens)
    if fault then return fault end
    tokens[#tokens] = nil
  end
end

local function check_every_pointer(case)
  return check_pointers(case.a, case.a, {})
end

local function check_apply(case)
  if not is_patch(case.operations) then return nil end
  local expected = model.apply(case.a, case.operations)
  return unchanged({ case.a, case.operations }, function()
    local done, result = pcall(function() return patch(case.operations):apply(case.a) end)
    if not done and not core.error.is(result, "patch") then return tostring(result) end
    if done ~= (expected ~= nil) then return done and "is carried out: " .. show(result) or tostring(result) end
    if done and not same(result, expected, true) then return differs(result, expected) end
  end)
end

--- An equal value in other tables, filled in another order.
local function rebuilt(value)
  return json.decode(json.encode(value))
end

local function check_diff(case)
  return unchanged({ case.a, case.b }, function()
    local found = patch.diff(case.a, case.b)
    local result = found:apply(case.a)
    if not same(result, case.b) then return ("%s gives %s"):format(show(found), show(result)) end
    if same(case.a, case.b) and #found > 0 then return "finds changes where there are none" end
    local whole = { { op = "replace", path = "", value = case.b } }
    if #show(found) > #show(whole) then return "longer than one replace: " .. show(found) end
    if not same(patch(rebuilt(found)):apply(case.a), case.b) then return "differs once it was written as JSON" end
    local again = patch.diff(rebuilt(case.a), rebuilt(case.b))
    if show(again) ~= show(found) then return "depends on the order of members: " .. show(found) end
  end)
end

--- What is wrong with the guards of a patch: every value that goes away must have been tested.
local function missing_guard(document, operations)
  document = json.copy(document)
  local tested
  for i, op in ipairs(operations) do
    local goes = op.op == "remove" or op.op == "replace" or op.op == "move"
    local place = op.op == "move" and op.from or op.path
    if goes and tested ~= place then return ("operation %d (%s %s) has no guard"):format(i, op.op, place) end
    tested = op.op == "test" and op.path or nil
    document = model.step(document, op)
    if document == nil then return "operation " .. i .. " cannot be carried out" end
  end
end

local function check_guarded(case)
  local found = patch.diff(case.a, case.b, { test = true })
  if not same(found:apply(case.a), case.b) then return show(found) .. " gives " .. show(found:apply(case.a)) end
  return missing_guard(case.a, found)
end

--- How many elements of a keyed array were removed, added or changed; nil where it has no keys to go by.
local function count_changes(a, b, key)
  local left, right, count = json.is_array(a) and keyed.by_key(a, key), json.is_array(b) and keyed.by_key(b, key), 0
  if not left or not right then return nil end
  for id, element in next, left do
    if right[id] == nil or not same(element, right[id]) then count = count + 1 end
  end
  for id in next, right do
    if left[id] == nil then count = count + 1 end
  end
  return count
end

--- One operation for each element that is removed, added or changed, where elements are replaced as a whole.
local function wrong_count(case, found)
  local key = case.places[""]
  local count = key and case.whole ~= false and not case.test and count_changes(case.a, case.b, key)
  return count and count ~= #found and ("%d operations for %d changes: %s"):format(#found, count, show(found)) or nil
end

--- An array without keys to go by on one side must have become that of `b`, order and all.
local function lost_order(case, result)
  for array, key in next, case.places do
    if next(case.places, array) or next(case.places) ~= array then return nil end -- arrays inside keyed ones may differ
    local a, b = model.get(case.a, array), model.get(case.b, array)
    local usable = json.is_array(a) and keyed.by_key(a, key) and json.is_array(b) and keyed.by_key(b, key)
    if array:find("*", 1, true) then return nil end
    if a ~= nil and b ~= nil and not usable then
      return not same(model.get(result, array), b) and array .. " has no keys, but another order" or nil
    end
  end
end

local function check_keyed(case)
  return unchanged({ case.a, case.b }, function()
    local found = patch.diff(case.a, case.b, { keys = case.keys, test = case.test, whole = case.whole })
    local result = found:apply(case.a)
    if not keyed.same(result, case.b, case.places, {}) then return ("%s gives %s"):format(show(found), show(result)) end
    if keyed.same(case.a, case.b, case.places, {}) and #found > 0 then
      return "finds changes where there is only another order: " .. show(found)
    end
    return case.test and missing_guard(case.a, found) or wrong_count(case, found) or lost_order(case, result)
  end)
end

local function check_inverse(case)
  local forth = patch.diff(case.a, case.b, { keys = case.keys, test = case.test, whole = case.whole })
  return unchanged({ case.a, forth }, function()
    local after = forth:apply(case.a)
    local back = forth:inverse(case.a)
    local result = back:apply(after)
    if not same(result, case.a, true) then
      return ("%s is undone by %s: %s"):format(show(forth), show(back), show(result))
    end
  end)
end

local function check_patch_inverse(case)
  if not is_patch(case.operations) then return nil end
  local done, after = pcall(function() return patch(case.operations):apply(case.a) end)
  if not done then return nil end
  local forth = patch(case.operations)
  local back = forth:inverse(case.a)
  local result = back:apply(after)
  if not same(result, case.a, true) then return ("is undone by %s: %s"):format(show(back), show(result)) end
end

local function calls_by_identity()
  local a, calls = keyed.calls()
  return { a = a, calls = calls }
end

--- Can these calls be made at all? A shrunk case may hold anything.
local function are_calls(case)
  for _, call in ipairs(json.is_array(case.calls) and case.calls or { 0 }) do
    local whole = type(call) == "table" and type(call.method) == "string" and patch.new()[call.method]
      and type(call.array) == "string" and type(call.match) == "table" and next(call.match) and call.value ~= nil
    if not whole or not model.tokens(call.array) then return false end
    for place in next, call.match do
      if not (type(place) == "string" and model.tokens(place)) then return false end
    end
  end
  return true
end

--- What the calls make of the document, and the codes of what fails: the first of each array.
local function expected_of_calls(case)
  local document, failed, codes = json.copy(case.a), {}, {}
  for _, call in ipairs(case.calls) do
    local code = not failed[call.array] and model.call(document, call)
    if code then failed[call.array], codes[code] = true, true end
  end
  return document, codes
end

local function patch_of_calls(calls)
  local built = patch()
  for _, call in ipairs(calls) do
    if call.method == "remove_by" then
      built:remove_by(call.array, call.match)
    else
      built[call.method](built, call.array, call.match, call.value)
    end
  end
  return built
end

local function are_nested(calls)
  for _, outer in ipairs(calls) do
    for _, inner in ipairs(calls) do
      if inner.array:sub(1, #outer.array + 1) == outer.array .. "/" then return true end
    end
  end
  return false
end

--- The removals from one array must name ever smaller indexes, unless another array that moves it is at work, too.
local function rising_removal(operations, calls)
  if are_nested(calls) then return nil end
  local last = {}
  for i, op in ipairs(operations) do
    local array, index = op.path:match "^(.*)/(%d+)$"
    if op.op == "remove" then
      if tonumber(index) >= (last[array] or math.huge) then return "operation " .. i .. " removes upwards" end
      last[array] = tonumber(index)
    end
  end
end

local function check_resolve(case)
  if not are_calls(case) then return nil end
  local expected, codes = expected_of_calls(case)
  return unchanged({ case.a }, function()
    local built = patch_of_calls(case.calls)
    local done, plain = pcall(built.resolve, built, case.a)
    if not done and not core.error.is(plain, "patch") then return tostring(plain) end
    if not done then return not (codes[plain.code] or codes.gone) and "raises " .. tostring(plain) or nil end
    if next(codes) then return ("is resolved in spite of %s: %s"):format(next(codes), show(plain)) end
    if not plain:is_plain() then return "stays unresolved" end
    if not same(plain:apply(case.a), expected) then return show(plain) .. " gives " .. show(plain:apply(case.a)) end
    if not same(built:apply(case.a), expected) then return "apply differs from resolve" end
    return rising_removal(plain, case.calls)
  end)
end

local function check_merge(case)
  return unchanged({ case.a, case.b }, function()
    local result, expected = core.merge_patch.apply(case.a, case.b), model.merge(case.a, case.b)
    if not same(result, expected, true) then return differs(result, expected) end
    local b = generate.without_null_members(case.b)
    local found = core.merge_patch.create(case.a, b)
    if not same(core.merge_patch.apply(case.a, found), b) then return "create gives " .. show(found) end
    if not same(model.merge(case.a, found), b) then return "create gives " .. show(found) end
  end)
end

local function property(name, make, parts, check)
  return { name = name, make = make, parts = parts, check = check }
end

return {
  property("JSON comes back as it was written", a_document, { "a" }, check_round_trip),
  property("equal values are equal, others are not", a_pair, { "a", "b" }, check_equal),
  property("a pointer finds each value", a_document, { "a" }, check_every_pointer),
  property("apply does what RFC 6902 says", a_patch, { "a", "operations" }, check_apply),
  property("diff leads from one to the other", a_pair, { "a", "b" }, check_diff),
  property("guarded diff leads there, too", a_pair, { "a", "b" }, check_guarded),
  property("keyed diff leads there but for the order", a_keyed_pair, { "a", "b" }, check_keyed),
  property("inverse undoes a diff", a_pair, { "a", "b" }, check_inverse),
  property("inverse undoes a keyed diff", a_keyed_pair, { "a", "b" }, check_inverse),
  property("inverse undoes any patch", a_patch, { "a", "operations" }, check_patch_inverse),
  property("addressing by identity is resolved", calls_by_identity, { "a", "calls" }, check_resolve),
  property("merge patch does what RFC 7396 says", a_pair, { "a", "b" }, check_merge),
}
