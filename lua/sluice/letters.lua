--- Letters without regard to case, beyond ASCII: the Latin ones of Europe, Greek and Cyrillic.

local M = {}

--- Ranges of capitals, and how far their small letters are; 1: capitals and small letters alternate.
local CAPITALS = { { 0xC0, 0xD6, 32 }, { 0xD8, 0xDE, 32 }, { 0x100, 0x12F, 1 }, { 0x132, 0x137, 1 },
  { 0x139, 0x148, 1 }, { 0x14A, 0x177, 1 }, { 0x179, 0x17E, 1 }, { 0x391, 0x3A9, 32 }, { 0x400, 0x40F, 80 },
  { 0x410, 0x42F, 32 }, { 0x460, 0x481, 1 } }

local function small(character)
  local code = utf8.codepoint(character)
  for _, range in ipairs(CAPITALS) do
    local first, last, step = table.unpack(range)
    if code >= first and code <= last then
      return (step > 1 or (code - first) % 2 == 0) and utf8.char(code + step) or nil
    end
  end
end

--- The text in small letters.
---@param text string in UTF-8; other bytes stay as they are
---@return string
function M.lower(text) return (text:lower():gsub("[\xC3-\xD2][\x80-\xBF]", small)) end

return M
