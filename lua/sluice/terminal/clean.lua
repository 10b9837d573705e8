--- Foreign text made harmless: what would steer a terminal, or turn its direction, is shown as Lua writes it.

local M = {}

local SHORT = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f",
  ["\v"] = "\\v" }

--- Characters that nobody sees: C1 controls, marks and turns of direction, line and paragraph ends, a byte order mark.
local function is_hidden(code)
  return code >= 0x80 and code <= 0x9F or code == 0xAD or code == 0x61C or code >= 0x200B and code <= 0x200F
    or code >= 0x2028 and code <= 0x202E or code >= 0x2060 and code <= 0x206F or code == 0xFEFF
    or code >= 0xFFF9 and code <= 0xFFFB or code >= 0xE0000 and code <= 0xE007F
end

local function control(byte) return SHORT[byte] or ("\\x%02x"):format(byte:byte()) end

--- Bytes from 0x80 on: characters that can be seen stay.
local function beyond_ascii(bytes)
  local parts, at = {}, 1
  while at <= #bytes do
    local ok, code = pcall(utf8.codepoint, bytes, at)
    local length = ok and #utf8.char(code) or 1
    local character = bytes:sub(at, at + length - 1)
    if not ok then
      character = ("\\x%02x"):format(character:byte())
    elseif is_hidden(code) then
      character = ("\\u{%x}"):format(code)
    end
    parts[#parts + 1] = character
    at = at + length
  end
  return table.concat(parts)
end

--- The text with every such character as an escape.
---@param text string
---@return string
function M.line(text)
  return (text:gsub("[\x80-\xFF]+", beyond_ascii):gsub("%c", control))
end

--- The same, with newlines and tabs as they are.
---@param text string
---@return string
function M.text(text)
  return (text:gsub("[\x80-\xFF]+", beyond_ascii):gsub("%c", function(byte)
    return byte ~= "\n" and byte ~= "\t" and control(byte) or nil
  end))
end

--- A JSON text with every such character as JSON writes it: the same document.
---@param text string
---@return string
function M.json(text)
  return (text:gsub("[\x7F-\xFF]+", function(bytes)
    return (bytes:gsub(utf8.charpattern, function(character)
      local ok, code = pcall(utf8.codepoint, character)
      if not ok or code ~= 0x7F and not is_hidden(code) then return nil end
      if code < 0x10000 then return ("\\u%04x"):format(code) end
      return ("\\u%04x\\u%04x"):format(0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code & 0x3FF))
    end))
  end))
end

--- The text as Lua would read it, in quotes.
---@param text string
---@return string
function M.quoted(text)
  return '"' .. M.line((text:gsub('[\\"]', "\\%0"))) .. '"'
end

return M
