--- Is a document an HTTP Archive 1.2? Checks what the format's description requires: every mandatory member, of its
--- type.

local core = require "sluice.core"

local M = {}

local function is_text(value) return type(value) == "string" and "" or "a string" end
local function is_whole(value) return math.type(value) == "integer" and "" or "a whole number" end
local function is_number(value) return type(value) == "number" and "" or "a number" end

local function is_size(value)
  return math.type(value) == "integer" and value >= -1 and "" or "a size, or -1"
end

local function is_time(value)
  return type(value) == "number" and (value >= 0 or value == -1) and "" or "milliseconds, or -1"
end

local function is_moment(value)
  local pattern = "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d+Z$"
  return type(value) == "string" and value:find(pattern) and "" or "an ISO 8601 time"
end

local function list_of(shape) return { list = shape } end
local function optional(shape) return { optional = shape } end

local NAMED = { name = is_text, value = is_text, comment = optional(is_text) }

local MESSAGE = { httpVersion = is_text, cookies = list_of(NAMED), headers = list_of(NAMED), headersSize = is_size,
  bodySize = is_size, comment = optional(is_text) }

local function message(own)
  for name, shape in pairs(MESSAGE) do own[name] = shape end
  return own
end

local ENTRY = {
  startedDateTime = is_moment, time = is_number, cache = {}, comment = optional(is_text),
  pageref = optional(is_text), serverIPAddress = optional(is_text), connection = optional(is_text),
  request = message { method = is_text, url = is_text, queryString = list_of(NAMED),
    postData = optional { mimeType = is_text, params = optional(list_of(NAMED)), text = optional(is_text) } },
  response = message { status = is_whole, statusText = is_text, redirectURL = is_text,
    content = { size = is_size, mimeType = is_text, text = optional(is_text), encoding = optional(is_text),
      compression = optional(is_whole) } },
  timings = { send = is_time, wait = is_time, receive = is_time, blocked = optional(is_time), dns = optional(is_time),
    connect = optional(is_time), ssl = optional(is_time), comment = optional(is_text) },
}

local ARCHIVE = { log = { version = is_text, creator = { name = is_text, version = is_text },
  entries = list_of(ENTRY) } }

local check

local function check_object(value, shape, place, found)
  if type(value) ~= "table" or core.json.is_array(value) then
    found[#found + 1] = place .. ": expected an object"
    return
  end
  for name, inner in pairs(shape) do check(value[name], inner, place .. "/" .. name, found) end
  for name in pairs(value) do -- what the format does not know begins with an underscore
    if not shape[name] and not name:find "^_" then found[#found + 1] = place .. "/" .. name .. ": not in the format" end
  end
end

function check(value, shape, place, found)
  if type(shape) == "function" then
    local expected = shape(value)
    if expected ~= "" then found[#found + 1] = place .. ": expected " .. expected end
  elseif shape.optional then
    if value ~= nil then check(value, shape.optional, place, found) end
  elseif shape.list then
    if not core.json.is_array(value) then
      found[#found + 1] = place .. ": expected an array"
      return
    end
    for i, element in ipairs(value) do check(element, shape.list, place .. "/" .. i - 1, found) end
  else
    check_object(value, shape, place, found)
  end
end

--- What is wrong with an archive.
---@param text string
---@return string[] problems empty when there is none
---@return table document
function M.problems(text)
  local document, found = core.json.decode(text, "HAR"), {}
  check(document, ARCHIVE, "", found)
  if #found == 0 and document.log.version ~= "1.2" then found[1] = "/log/version: expected 1.2" end
  for i, entry in ipairs(#found == 0 and document.log.entries or {}) do
    local timings, sum = entry.timings, 0
    for _, name in ipairs { "blocked", "dns", "connect", "send", "wait", "receive" } do
      sum = sum + math.max(timings[name] or 0, 0)
    end
    if math.abs(sum - entry.time) > 0.01 then
      found[#found + 1] = ("/log/entries/%d/time: expected the sum of the timings"):format(i - 1)
    end
  end
  table.sort(found)
  return found, document
end

return M
