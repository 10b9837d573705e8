--- Texts that may go to a terminal: nothing in them could steer it, turn the direction of writing, or hide.

local M = {}

local function is_hidden(code)
  return code >= 0x80 and code <= 0x9F or code >= 0x200B and code <= 0x200F or code >= 0x202A and code <= 0x202E
    or code >= 0x2066 and code <= 0x2069
end

--- Fails for a text with control characters but line ends, or with what nobody sees.
---@param text string
function M.check(text)
  local at = text:gsub("\n", " "):find "%c"
  assert(not at, at and ("a control character at byte %d: %q"):format(at, text:sub(math.max(1, at - 20), at + 20)))
  for place, code in utf8.codes(text) do
    assert(not is_hidden(code), ("U+%04X at byte %d"):format(code, place))
  end
end

return M
