--- Reads a request: path, query, form and JSON body. Knows HTTP, not the Flow Service.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"

local json = core.json

local M = {}

M.MAX_BODY = 8 * 1024 * 1024
M.MAX_QUERY = 32 * 1024

--- Refuses text that is not UTF-8, so that every answer can quote what came in.
---@param text string
---@return string text
function M.check_text(text)
  return utf8.len(text) and text or errors.problem(400, "BadRequestError", "a request is written in UTF-8")
end

--- Undoes percent encoding.
---@param text string
---@return string
function M.unescape(text)
  return M.check_text((text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)))
end

local function unescape(text)
  return M.unescape((text:gsub("+", " ")))
end

--- Splits a query string or form body.
---@param text? string without the "?"
---@return { name: string, value: string }[] pairs decoded, in order
function M.pairs(text)
  local list = {}
  for part in (text or ""):gmatch("[^&]+") do
    local name, value = part:match("^([^=]*)=?(.*)$")
    list[#list + 1] = { name = unescape(name), value = unescape(value) }
  end
  return list
end

--- Reads the query of a Flow Service request.
---@param text? string
---@param allowed table<string, boolean> names the route knows
---@return table query name → last value; `property` → array of all values
--- Refuses another name with 1451-400. [ERR]
function M.query(text, allowed)
  local query = { property = {} }
  for _, pair in ipairs(M.pairs(text)) do
    if not allowed[pair.name] then
      errors.refuse("1451-400", "query parameter '%s' is not known here", pair.name)
    elseif pair.name == "property" then
      table.insert(query.property, pair.value)
    else
      query[pair.name] = pair.value
    end
  end
  return query
end

--- Tells whether a decoded JSON value is an object.
---@param value any
---@return boolean
function M.is_object(value)
  return type(value) == "table" and not json.is_array(value)
end

--- Decodes a JSON body.
---@param text string
---@return any value
--- Refuses an empty body or `null` with 1405-400 [ERR], broken JSON with 400 (the service's text is UNKNOWN).
function M.json(text)
  if not text:find("%S") then errors.refuse("1405-400", "the request body must not be empty") end
  local ok, value = pcall(json.decode, text, "request body")
  if not ok then
    errors.problem(400, "BadRequestError", core.error.is(value) and value.message or tostring(value))
  end
  if value == nil or value == json.null or (type(value) == "table" and next(value) == nil) then
    errors.refuse("1405-400", "the request body must not be empty")
  end
  return value
end

--- Decodes a JSON body that must be an object.
---@param text string
---@return table
function M.json_object(text)
  local value = M.json(text)
  if not M.is_object(value) then errors.invalid("/", "the request body must be a JSON object") end
  return value
end

--- Refuses requests beyond the emulator's bounds, or with headers that are not text.
---@param request { query?: string, headers: table<string, string>, body?: string }
function M.check(request)
  for _, value in pairs(request.headers) do M.check_text(value) end
  if #(request.query or "") > M.MAX_QUERY then
    errors.problem(414, "URI Too Long", ("a query may have %d bytes"):format(M.MAX_QUERY))
  end
  if #(request.body or "") > M.MAX_BODY then
    errors.problem(413, "Payload Too Large", ("a body may have %d bytes"):format(M.MAX_BODY))
  end
end

return M
