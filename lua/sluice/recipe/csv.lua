--- Comma-separated values (RFC 4180): reading and writing. A byte order mark, quoted cells with commas, quotes and line
--- ends in them, and both kinds of line end are understood.

local core = require "sluice.core"

local M = {}

M.MAX_COLUMNS = 1000
M.MAX_CELL = 1 << 20 -- bytes

local function fail(source, line, message, ...)
  core.error.raise("usage", ("%s:%d: %s"):format(source, line, message:format(...)))
end

local function line_ends(text) return select(2, text:gsub("\n", "")) end

--- The end of a quoted cell that begins at `from` (behind its quote), and what is in it.
local function quoted(text, from, source, line)
  local parts, at = {}, from
  while true do
    local quote = text:find('"', at, true)
    if not quote then fail(source, line, "a quoted cell begins here and never ends") end
    parts[#parts + 1] = text:sub(at, quote - 1)
    if text:sub(quote + 1, quote + 1) ~= '"' then return quote, table.concat(parts, '"') end
    at = quote + 2
  end
end

--- One cell from `from` on: what is in it, where what follows it begins, and the line that is reached.
local function cell_at(text, from, source, line)
  local first, last, content, after
  if text:sub(from, from) == '"' then
    last, content = quoted(text, from + 1, source, line)
    first, line = line, line + line_ends(content)
    after = last + 1
    if not text:find("^[,\n]", after) and not text:find("^\r\n", after) and after <= #text then
      fail(source, line, "text behind the quote that ends a cell; a quote inside of a cell is written twice")
    end
  else
    after = text:find("[,\n]", from) or #text + 1
    content = text:sub(from, after - 1)
    if text:sub(after, after) ~= "," then content = content:gsub("\r$", "") end
    if content:find('"', 1, true) then
      fail(source, line, "a quote in a cell that is not quoted; quote the cell, and write the quote twice")
    end
  end
  if #content > M.MAX_CELL then fail(source, first or line, "a cell of more than %d MiB", M.MAX_CELL >> 20) end
  return content, after, line
end

--- One record from `from` on.
local function record_at(text, from, source, line)
  local record = { line = line }
  while true do
    local content, after
    content, after, line = cell_at(text, from, source, line)
    record[#record + 1] = content
    if #record > M.MAX_COLUMNS then fail(source, record.line, "more than %d columns", M.MAX_COLUMNS) end
    if text:sub(after, after) ~= "," then
      local ended = text:match("^\r?\n()", after)
      return record, ended or #text + 1, line + (ended and 1 or 0)
    end
    from = after + 1
  end
end

--- The records of a text, each a list of cells with the number of its first line. Empty lines are none.
---@param text string
---@param source string what messages call it
---@return { line: integer, [integer]: string }[]
--- Raises kind "usage" with the line.
function M.parse(text, source)
  local records, from, line = {}, 1, 1
  text = text:gsub("^\xEF\xBB\xBF", "")
  while from <= #text do
    local after_empty = text:match("^\r?\n()", from)
    if after_empty then
      from, line = after_empty, line + 1
    else
      records[#records + 1], from, line = record_at(text, from, source, line)
    end
  end
  return records
end

--- A record as it is written, with its line end.
---@param cells string[]
---@return string
function M.record(cells)
  local written = {}
  for i, cell in ipairs(cells) do
    local bare = not cell:find '[",\r\n]' and not cell:find "^%s" and not cell:find "%s$"
    written[i] = bare and cell or '"' .. cell:gsub('"', '""') .. '"'
  end
  if #written == 1 and cells[1] == "" then written[1] = '""' end -- an empty line would be no record
  return table.concat(written, ",") .. "\r\n"
end

return M
