--- Where the generators' decisions come from: math.random, or the bytes of a fuzzer.

local M = {}

local decide = math.random

--- Like math.random, called in the same three ways.
function M.random(...)
  return decide(...)
end

--- Takes all further decisions from a text, one byte each; two where there are more than 256 ways. After its end each
--- decision is the lowest one.
---@param bytes string
function M.feed(bytes)
  local at = 0
  local function byte()
    at = at + 1
    return bytes:byte(at) or 0
  end
  function decide(low, high)
    if not low then return byte() / 256 end
    if not high then low, high = 1, low end
    local number = high - low < 256 and byte() or byte() << 8 | byte()
    return low + number % (high - low + 1)
  end
end

return M
