--- What is wrong with a definition, collected so that everything is said at once. A finding names its place
--- (a JSON pointer into the definition), its level and the source of the rule.

local core = require "sluice.core"
local suggest = require "sluice.suggest"

---@class sluice.finding
---@field place string JSON pointer into the definition, such as "/audiences/1/schedule/endDate"
---@field message string
---@field level "error"|"warning"
---@field source string|nil where the rule comes from: a tag of the reference, such as "T" for the tutorial

---@class sluice.report
---@field [integer] sluice.finding
local Report = {}
Report.__index = Report

local M = {}

--- An empty report: an array of findings with methods.
---@return sluice.report
function M.new()
  return setmetatable({}, Report)
end

--- The place of a key below a place.
---@param place string JSON pointer
---@param key any a string, or a 1-based index, which becomes the pointer's 0-based one
---@return string
function M.at(place, key)
  if math.type(key) == "integer" then return ("%s/%d"):format(place, key - 1) end
  return place .. "/" .. core.pointer.escape(tostring(key))
end

local function add(report, level, place, source, message, ...)
  if select("#", ...) > 0 then message = message:format(...) end
  report[#report + 1] = { place = place, message = message, level = level, source = source }
end

--- Adds an error: nothing may be sent while there is one.
---@param place string
---@param source string|nil
---@param message string a format when values follow
function Report:error(place, source, message, ...)
  add(self, "error", place, source, message, ...)
end

--- Adds a warning: contested or doubtful, but sendable.
---@param place string
---@param source string|nil
---@param message string a format when values follow
function Report:warning(place, source, message, ...)
  add(self, "warning", place, source, message, ...)
end

--- The findings of one level, in order.
---@param level "error"|"warning"
---@return sluice.finding[]
function Report:only(level)
  local chosen = {}
  for _, finding in ipairs(self) do
    if finding.level == level then chosen[#chosen + 1] = finding end
  end
  return chosen
end

--- Checks that a value is a table, and that it has no keys but the known ones.
---@param place string
---@param value any
---@param known string[] valid keys
---@param source string|nil
---@return boolean is_table
function Report:object(place, value, known, source)
  if type(value) ~= "table" then
    self:error(place, source, "expected a table, got %s", suggest.quote(value))
    return false
  end
  local valid, unknown = {}, {}
  for _, key in ipairs(known) do valid[key] = true end
  for key in pairs(value) do
    if not valid[key] then unknown[#unknown + 1] = key end
  end
  table.sort(unknown, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(unknown) do
    self:error(M.at(place, key), source, "unknown key; %s", suggest.expected(key, known))
  end
  return true
end

--- Checks that a value is a list: a table with the keys 1 … n and no others.
---@param place string
---@param value any
---@return boolean is_list
function Report:list(place, value)
  local count = 0
  for key in pairs(type(value) == "table" and value or {}) do
    if math.type(key) ~= "integer" then count = -1 break end
    count = count + 1
  end
  if type(value) == "table" and count == #value then return true end
  local got = type(value) == "table" and "a table with keys" or suggest.quote(value)
  self:error(place, nil, "expected a list, got %s", got)
  return false
end

--- Checks that a value is a non-empty string of UTF-8, as JSON demands it.
---@param place string
---@param value any nil counts as missing
---@param what string what was expected, for the message
---@param source string|nil
---@return boolean is_text
function Report:text(place, value, what, source)
  if type(value) == "string" and not utf8.len(value) then
    self:error(place, source, "expected %s, got bytes that are not UTF-8", what)
    return false
  end
  if type(value) == "string" and value:find("%S") then return true end
  if value == nil then
    self:error(place, source, "missing: expected %s", what)
  else
    self:error(place, source, "expected %s, got %s", what, suggest.quote(value))
  end
  return false
end

--- Findings as one line of prose: `/auth/host: missing: …; /target/mode: …`.
---@param list sluice.finding[]
---@return string
function M.prose(list)
  local parts = {}
  for i, finding in ipairs(list) do
    parts[i] = (finding.place == "" and "" or finding.place .. ": ") .. finding.message
  end
  return table.concat(parts, "; ")
end

return M
