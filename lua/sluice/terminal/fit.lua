--- Columns of a table made to fit a line: the first that may be cut is narrowed, those that matter least are left out.

local width = require "sluice.terminal.width"

local M = {}

M.GAP = "  "
local SMALL, SMALLEST = 24, 12 -- columns of a name: before other columns go, and after

---@class sluice.terminal.Column
---@field width integer of the widest cell, or of what is shown of it
---@field cut? boolean its cells may be cut
---@field goes? integer it may be left out where there is no room, the sooner the higher; nil or 0: never
---@field right? boolean its cells stand at the right

local function total(columns)
  local sum = -#M.GAP
  for _, column in ipairs(columns) do sum = sum + column.width + #M.GAP end
  return sum
end

--- The column that goes first; nil when all have to stay.
local function dispensable(columns)
  local found
  for i, column in ipairs(columns) do
    if (column.goes or 0) > 0 and (not found or column.goes > columns[found].goes) then found = i end
  end
  return found
end

local function first_cut(columns)
  for _, column in ipairs(columns) do
    if column.cut then return column end
  end
  return { width = 0 }
end

--- Narrows the first column that may be cut, drops columns, and narrows again, until a row fits or nothing is left.
---@param columns sluice.terminal.Column[] changed in place
---@param room integer columns of a line
function M.fit(columns, room)
  local name = first_cut(columns)
  local natural = name.width
  local function narrow(least)
    name.width = natural
    local excess = total(columns) - room
    if excess > 0 then name.width = math.max(math.min(natural, least), natural - excess) end
  end
  narrow(SMALL)
  while total(columns) > room and dispensable(columns) do table.remove(columns, dispensable(columns)) end
  narrow(SMALLEST)
end

--- A row as a line, without blanks at its end.
---@param columns sluice.terminal.Column[]
---@param cell_of fun(column: sluice.terminal.Column): string text without control characters
---@param paint? fun(column: sluice.terminal.Column, padded: string): string colours a cell
---@return string
function M.row(columns, cell_of, paint)
  local parts = {}
  for i, column in ipairs(columns) do
    local cell = cell_of(column)
    if column.cut then cell = width.cut(cell, column.width) end
    if column.right then
      cell = (" "):rep(column.width - width.of(cell)) .. cell
    elseif i < #columns then
      cell = width.pad(cell, column.width)
    end
    parts[i] = paint and paint(column, cell) or cell
  end
  return (table.concat(parts, M.GAP):gsub("%s+$", ""))
end

return M
