--- How places and values show in a sentence: short, on one line, credentials never.

local core = require "sluice.core"

local M = {}

local LONGEST = 120 -- bytes of a value that a sentence shows

--- Cuts a text between two characters.
local function cut(text)
  if #text <= LONGEST then return text end
  local last = utf8.offset(text, 0, LONGEST + 1) or LONGEST + 1
  return text:sub(1, last - 1) .. "…"
end

--- A value as JSON, cut where it is long; the member `auth` of a connection is left out.
---@param value any
---@return string
function M.value(value)
  if type(value) == "table" and value.auth ~= nil then
    local shown = {}
    for name, item in pairs(value) do shown[name] = item end
    shown.auth = "…"
    value = shown
  end
  return cut(core.json.encode(value))
end

--- A text in quotes, cut where it is long.
---@param text any
---@return string
function M.quote(text) return type(text) == "string" and ("'%s'"):format(cut(text)) or M.value(text) end

--- What a pointer names.
---@param path string
---@return string
function M.place(path) return path == "" and "the whole document" or path end

--- "a, b and c"; `none` where the list is empty.
---@param list string[]
---@param none? string default "none"
---@return string
function M.list(list, none)
  if #list < 2 then return list[1] or none or "none" end
  return table.concat(list, ", ", 1, #list - 1) .. " and " .. list[#list]
end

return M
