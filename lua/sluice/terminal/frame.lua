--- Lines of a terminal that are written again and again in their place. Nothing of the terminal is changed that would
--- have to be put back: whatever ends the program, also from outside, leaves the last lines and a cursor below them.

local width = require "sluice.terminal.width"

local M = {}

---@class sluice.terminal.Frame
---@field private out { write: fun(self: any, ...: string), flush: fun(self: any) }
---@field private size fun(): integer|nil, integer|nil columns and rows
---@field private lines string[] as they stand, without colours
local Frame = {}
Frame.__index = Frame

--- Rows that the lines take now: where a terminal has become narrower it has wrapped them.
local function rows_of(lines, columns)
  local rows = 0
  for _, line in ipairs(lines) do rows = rows + math.max(1, (width.of(line) + columns - 1) // columns) end
  return rows
end

--- Columns and rows for a frame. The last column stays free, for some terminals wrap there, and so does the row of the
--- cursor.
---@return integer columns
---@return integer rows
function Frame:room()
  local columns, rows = self.size()
  return math.max(2, columns or 80) - 1, math.max(2, rows or 24) - 1
end

--- Has the terminal another size than at the last drawing?
---@return boolean
function Frame:is_resized()
  local columns, rows = self:room()
  return self.columns ~= columns or self.rows ~= rows
end

--- Writes lines over those that stand.
---@param lines string[] no more than there are rows; what is too long is cut
---@param painted? string[] the same in colours, where they fit
function Frame:draw(lines, painted)
  local columns, rows = self:room()
  local up = math.min(rows_of(self.lines, columns + 1), rows)
  local parts, shown = { "\r" .. (up > 0 and ("\27[%dA"):format(up) or "") }, {}
  for i = 1, math.min(#lines, rows) do
    shown[i] = width.cut(lines[i], columns)
    parts[#parts + 1] = (shown[i] == lines[i] and painted and painted[i] or shown[i]) .. "\27[K\n"
  end
  parts[#parts + 1] = "\27[J"
  self.out:write(table.concat(parts))
  self.out:flush()
  self.lines, self.columns, self.rows = shown, columns, rows
end

--- A frame where the cursor stands.
---@param out { write: fun(self: any, ...: string), flush: fun(self: any) } such as io.stdout
---@param size fun(): integer|nil, integer|nil columns and rows of the terminal
---@return sluice.terminal.Frame
function M.new(out, size) return setmetatable({ out = out, size = size, lines = {} }, Frame) end

return M
