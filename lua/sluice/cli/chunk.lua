--- Reads a script: Lua text only, of a bounded size, from a file or (as `-`) from standard input.

local M = {}

--- Loads a script without running it. What it requires is found beside it.
---@param path string a file name, or "-"
---@return function chunk gives the first value that the script returns
--- Raises kind "usage" when it cannot be read, "recipe" when it is not Lua text.
function M.load(path)
  local source = require("sluice.source").open(path)
  local chunk = source:chunk()
  source:install()
  return chunk
end

return M
