--- Makes a failing case smaller as long as it goes on failing.

local json = require "sluice.core".json
local generate = require "property.generate"
local model = require "property.model"

local M = {}

local TRIES = 20000

--- Smaller forms of a value, the boldest first.
local function smaller(value)
  local forms = {}
  if type(value) == "table" then
    local array = json.is_array(value)
    if next(value) ~= nil then forms[1] = array and json.array() or {} end
    for _, key in ipairs(generate.names(value)) do forms[#forms + 1] = value[key] end
    if #value > 3 then
      local half = #value // 2
      forms[#forms + 1] = json.array(table.move(value, 1, half, 1, {}))
      forms[#forms + 1] = json.array(table.move(value, half + 1, #value, 1, {}))
    end
  elseif type(value) == "string" and value ~= "" then
    forms = { "", #value > 1 and value:match("^" .. utf8.charpattern) or nil }
  elseif type(value) == "number" and math.type(value) .. value ~= "integer0" then
    forms = { 0 }
  elseif value == true then
    forms = { false }
  end
  return forms
end

--- The places of all values below `holder`, from the outside in.
local function places(holder, keys, found)
  for _, key in ipairs(keys) do
    found[#found + 1] = { holder = holder, key = key }
    local value = holder[key]
    if type(value) == "table" then places(value, generate.names(value), found) end
  end
  return found
end

local function remove(holder, key)
  if json.is_array(holder) then table.remove(holder, key) else holder[key] = nil end
end

--- Carries one change out on a copy of the case, at one place or, so that what two documents have in common stays
--- common, wherever the value of that place stands. Gives the copy back when it still fails.
local function attempt(case, parts, number, change, fails, everywhere)
  local copy = {}
  for name, value in pairs(case) do copy[name] = value end
  for _, name in ipairs(parts) do copy[name] = json.copy(case[name]) end
  local found, count = places(copy, parts, {}), 0
  local value = json.copy(found[number].holder[found[number].key])
  for i = #found, 1, -1 do -- from the end: a removal moves what comes later
    local place = found[i]
    local here = everywhere and place.holder ~= copy and model.same(place.holder[place.key], value)
    if i == number or here then
      change(place.holder, place.key)
      count = count + 1
    end
  end
  return (not everywhere or count > 1) and fails(copy) and copy or nil
end

local function pass(case, parts, fails, budget)
  for number, place in ipairs(places(case, parts, {})) do
    local changes = {}
    if place.holder ~= case then changes[1] = remove end
    for _, form in ipairs(smaller(place.holder[place.key])) do
      changes[#changes + 1] = function(holder, key) holder[key] = json.copy(form) end
    end
    for _, change in ipairs(changes) do
      for _, everywhere in ipairs { false, true } do
        budget.left = budget.left - 1
        if budget.left < 0 then return nil end
        local copy = attempt(case, parts, number, change, fails, everywhere)
        if copy then return copy end
      end
    end
  end
end

--- The smallest case found that fails, too.
---@param case table<string, any>
---@param parts string[] names of the case's JSON values that may change
---@param fails fun(case: table): boolean
---@return table<string, any>
function M.shrink(case, parts, fails)
  local budget = { left = TRIES }
  local next_case = case
  while next_case do
    case = next_case
    next_case = pass(case, parts, fails, budget)
  end
  return case
end

return M
