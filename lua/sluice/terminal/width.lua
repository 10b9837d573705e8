--- How many columns a text takes on a terminal, and texts cut to so many.

local M = {}

--- Characters that take two columns (East Asian wide, emoji), as ranges.
local WIDE = { { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0x33FF }, { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF },
  { 0xA000, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 },
  { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1FAFF }, { 0x20000, 0x3FFFD } }
--- Those that take none: they change the one before.
local NARROW = { { 0x0300, 0x036F }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F } }

local function is_among(code, ranges)
  for _, range in ipairs(ranges) do
    if code < range[1] then return false end
    if code <= range[2] then return true end
  end
  return false
end

local function of_character(code)
  if code < 0x300 then return 1 end
  return is_among(code, NARROW) and 0 or is_among(code, WIDE) and 2 or 1
end

--- The columns of a text in UTF-8; a byte that is none counts as one.
---@param text string
---@return integer
function M.of(text)
  if not text:find "[\x80-\xFF]" then return #text end
  local columns, at = 0, 1
  while at <= #text do
    local ok, code = pcall(utf8.codepoint, text, at)
    columns = columns + (ok and of_character(code) or 1)
    at = ok and utf8.offset(text, 2, at) or at + 1
  end
  return columns
end

--- The text, or its beginning and "…" where it takes more columns.
---@param text string
---@param columns integer
---@return string
function M.cut(text, columns)
  if M.of(text) <= columns then return text end
  local taken, at = 0, 1
  while at <= #text do
    local ok, code = pcall(utf8.codepoint, text, at)
    local width = ok and of_character(code) or 1
    if taken + width > columns - 1 then break end
    taken, at = taken + width, ok and utf8.offset(text, 2, at) or at + 1
  end
  return text:sub(1, at - 1) .. "…"
end

--- The text with blanks behind it.
---@param text string
---@param columns integer
---@return string
function M.pad(text, columns)
  return text .. (" "):rep(columns - M.of(text))
end

return M
