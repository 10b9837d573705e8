--- Lengths of time as people write and read them: "7d" and "3m 20s".

local core = require "sluice.core"
local suggest = require "sluice.suggest"

local M = {}

local UNITS = { s = 1, m = 60, h = 3600, d = 86400, w = 7 * 86400 }
local DIGITS = 6

--- Reads a length of time: a whole number and its unit, such as 90s, 10m, 6h, 7d or 4w.
---@param text string
---@param what string what it is called in the error, such as "--since"
---@return integer seconds
--- Raises kind "usage".
function M.seconds(text, what)
  local count, unit = tostring(text):match "^(%d+)([smhdw])$"
  if count and #count <= DIGITS then return math.tointeger(tonumber(count)) * UNITS[unit] end
  core.error.raise("usage", ("%s is %s; expected a length of time such as 90s, 10m, 6h or 7d"):format(what,
    suggest.quote(text)))
end

local STEPS = { { "d", 86400 }, { "h", 3600 }, { "m", 60 }, { "s", 1 } }

--- Writes a length of time by its two largest units: "3m 20s", "2d 4h"; "0s" for less than a second.
---@param seconds number not below 0
---@return string
function M.text(seconds)
  local rest, words = seconds // 1 | 0, {}
  for _, step in ipairs(STEPS) do
    local count = rest // step[2]
    rest = rest % step[2]
    if count > 0 then words[#words + 1] = count .. step[1] end
    if #words == 2 or #words == 1 and count == 0 then break end
  end
  return words[1] and table.concat(words, " ") or "0s"
end

return M
