--- Writes a value as JSON in any of the forms that RFC 8259 allows: blanks everywhere, members in any order, characters
--- as they are or escaped, numbers with or without exponent.

local json = require "sluice.core".json
local generate = require "property.generate"
local source = require "property.source"

local M = {}

local random = source.random

local BLANKS = { "", "", "", "", " ", "\n", "\t", "\r\n", "  " }
local SHORT = {
  ["\""] = "\\\"", ["\\"] = "\\\\", ["/"] = "\\/", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t",
}

local function escaped(code)
  local form = random(2) == 1 and "\\u%04x" or "\\u%04X"
  if code < 0x10000 then return form:format(code) end
  code = code - 0x10000
  return form:format(0xD800 + (code >> 10)) .. form:format(0xDC00 + (code & 0x3FF))
end

local function character(text)
  local code = utf8.codepoint(text)
  local must = code < 0x20 or text == "\"" or text == "\\"
  if SHORT[text] and random(2) == 1 then return SHORT[text] end
  return (must or random(8) == 1) and escaped(code) or text
end

local function string_text(text)
  if random(3) > 1 and not text:find "[%c\"\\]" then return "\"" .. text .. "\"" end
  return "\"" .. text:gsub(utf8.charpattern, character) .. "\""
end

local function number_text(number)
  if math.type(number) == "integer" then return ("%d"):format(number) end
  local text = ("%.17g"):format(number)
  if not text:find "[.e]" then text = text .. (random(2) == 1 and ".0" or "e0") end
  if random(4) == 1 then text = text:gsub("e", random(2) == 1 and "E" or "e"):gsub("[Ee]%+", "e") end
  return text
end

local write

--- The keys of a table: indexes in their order, names from any of them on.
local function keys_of(value)
  local keys = generate.names(value)
  local turn = json.is_array(value) and 0 or random(0, #keys)
  return table.move(keys, 1, turn, #keys - turn + 1, table.move(keys, turn + 1, #keys, 1, {}))
end

local function table_text(value, out)
  local array = json.is_array(value)
  out[#out + 1] = array and "[" or "{"
  for i, key in ipairs(keys_of(value)) do
    out[#out + 1] = i > 1 and "," or ""
    if not array then
      out[#out + 1] = BLANKS[random(#BLANKS)] .. string_text(key) .. BLANKS[random(#BLANKS)] .. ":"
    end
    write(value[key], out)
  end
  out[#out + 1] = BLANKS[random(#BLANKS)] .. (array and "]" or "}")
end

function write(value, out)
  out[#out + 1] = BLANKS[random(#BLANKS)]
  if type(value) == "table" then
    table_text(value, out)
  elseif type(value) == "string" then
    out[#out + 1] = string_text(value)
  elseif type(value) == "number" then
    out[#out + 1] = number_text(value)
  else
    out[#out + 1] = value == json.null and "null" or tostring(value)
  end
  out[#out + 1] = BLANKS[random(#BLANKS)]
end

--- The value as a JSON text of a random form.
---@param value any
---@return string
function M.write(value)
  local out = {}
  write(value, out)
  return table.concat(out)
end

return M
