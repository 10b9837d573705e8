--- Long texts through the pager that the user likes; $PAGER, or less.

local M = {}

local USUAL = "less -FRX"

local function exists(program)
  return os.execute(("command -v %s >/dev/null 2>&1"):format(program)) == true
end

--- The command of the pager; nil where none is wanted or there.
---@param env? fun(name: string): string|nil
---@return string|nil
function M.command(env)
  local wanted = (env or os.getenv) "PAGER"
  if wanted then return wanted:find "%S" and wanted or nil end
  return exists "less" and USUAL or nil
end

--- How many lines a text takes on a terminal.
local function lines(text, columns)
  local width, count = require "sluice.terminal.width", 0
  local plain = require("sluice.terminal.style").new(true).plain
  for line in text:gmatch "([^\n]*)\n?" do
    count = count + math.max(1, (width.of(plain(line)) + columns - 1) // columns)
  end
  return count - 1
end

--- Writes a text to standard output, page by page where it is longer than the terminal.
---@param text string with its last newline
---@param columns integer|nil nil: there is no terminal
---@param rows integer|nil
function M.show(text, columns, rows)
  local command = columns and lines(text, columns) > rows - 1 and M.command()
  local pipe = command and io.popen(command, "w")
  if not pipe then
    io.write(text)
    io.stdout:flush()
    return
  end
  io.stdout:flush()
  pipe:write(text)
  pipe:close()
end

return M
