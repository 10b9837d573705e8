--- What the columns of listings are made of: members of entities, as JSON and CSV have them and as tables show them.

local core = require "sluice.core"

local M = {}

--- A member that is a text, a number or a truth value; nothing else is a cell.
---@param name string
---@return fun(item: table): any
function M.member(name)
  return function(item)
    local value = item[name]
    return type(value) ~= "table" and value ~= core.json.null and value or nil
  end
end

--- The value at a path of keys.
---@param item any
---@return any value nil where something on the way is no table
function M.at(item, ...)
  for _, key in ipairs { ... } do
    item = type(item) == "table" and item[key] or nil
  end
  return item
end

--- A time as data: "2030-01-31T02:00:00Z"; milliseconds or seconds since 1970, or what the service writes.
---@param value any
---@return string|nil
function M.time(value)
  if type(value) == "string" then return value ~= "" and value or nil end
  if type(value) ~= "number" or value <= 0 or value >= 1e15 then return nil end
  return os.date("!%Y-%m-%dT%H:%M:%SZ", value > 1e11 and value // 1000 or value // 1) --[[@as string]]
end

--- The first of these members that is a time.
---@param ... string
---@return fun(item: table): string|nil
function M.time_of(...)
  local names = { ... }
  return function(item)
    for _, name in ipairs(names) do
      local time = M.time(item[name])
      if time then return time end
    end
  end
end

--- A time for people: "2030-01-31 02:00".
---@param time string
---@return string
function M.show_time(time)
  local day, minute = time:match "^(%d%d%d%d%-%d%d%-%d%d)[T ](%d%d:%d%d)"
  return day and day .. " " .. minute or time
end

local COLOURS = { failed = "bad", error = "bad", disabled = "faint", inactive = "faint", archived = "faint" }

--- The colour of a state.
---@param state any
---@return string|nil
function M.colour(state) return COLOURS[tostring(state):lower()] end

return M
