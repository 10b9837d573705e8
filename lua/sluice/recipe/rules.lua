--- What a parameter asks of its value beyond its type: a pattern, a range, a check of its own.

local suggest = require "sluice.suggest"
local types = require "sluice.recipe.types"

local M = {}

--- How much of a value `min` and `max` count, and in which words. One entry a type.
local function itself(value) return value end

local function entries(value)
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  return count
end

local MEASURES = {
  string = { function(value) return utf8.len(value, 1, -1, true) or #value end, " characters" },
  integer = { itself, "" }, number = { itself, "" }, date = { itself, "" }, time = { itself, "" },
  list = { entries, " entries" }, map = { entries, " entries" },
}

--- Has the type a range?
---@param type_name string
---@return boolean
function M.has_range(type_name) return MEASURES[type_name] ~= nil end

--- The range in words: "from 1 to 5", "at most 20 characters"; nil when there is none.
---@param param table
---@return string|nil
function M.range(param)
  local measure = MEASURES[param.type or "string"]
  local low, high = param.min, param.max
  if not measure or low == nil and high == nil then return nil end
  local unit = measure[2]
  if low == nil then return ("at most %s%s"):format(high, unit) end
  if high == nil then return ("at least %s%s"):format(low, unit) end
  return low == high and ("exactly %s%s"):format(low, unit) or ("from %s to %s%s"):format(low, high, unit)
end

local function out_of_range(param, value)
  if param.min == nil and param.max == nil then return nil end
  local size = MEASURES[param.type or "string"][1](value)
  if param.min ~= nil and size < param.min or param.max ~= nil and size > param.max then
    return "expected " .. M.range(param)
  end
end

--- A pattern has to match the whole value.
local function off_pattern(param, value)
  if param.pattern and not value:find("^" .. param.pattern:gsub("^%^", ""):gsub("%$$", "") .. "$") then
    return "expected " .. (param.form or "what matches the pattern " .. param.pattern)
  end
end

--- The parameter's own check: true, or false with a message, or the message alone.
local function own_check(param, value)
  if not param.check then return nil end
  local verdict, message = param.check(value)
  if verdict == true then return nil end
  if type(verdict) == "string" then return verdict end
  if type(message) == "string" then return message end
  return param.form and "expected " .. param.form or "is not what the recipe takes"
end

local function items_problem(param, value)
  local item = types.item(param)
  for key, element in pairs(value) do
    local problem = M.problem(item, element)
    if problem then
      local shown = param.type == "list" and suggest.quote(M.shown(element)) or tostring(key)
      return ("%s: %s"):format(shown, problem)
    end
  end
end

--- A value in words, for messages.
---@param value any
---@return any
function M.shown(value)
  if type(value) ~= "table" then return value end
  return value.name or value.id or value
end

--- What is wrong with a value of the right type.
---@param param table
---@param value any
---@return string|nil problem "expected …", or what the check says
function M.problem(param, value)
  local of_items = (param.type == "list" or param.type == "map") and items_problem(param, value) or nil
  return of_items or out_of_range(param, value) or off_pattern(param, value) or own_check(param, value)
end

return M
