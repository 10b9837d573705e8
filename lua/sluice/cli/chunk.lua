--- Reads a script: Lua text only, of a bounded size, from a file or (as `-`) from standard input.

local core = require "sluice.core"

local M = {}

M.MAX_BYTES = 16 * 1024 * 1024

local function fail(kind, message, ...)
  core.error.raise(kind, message:format(...))
end

local function read(path)
  if path == "-" then return io.read(M.MAX_BYTES + 1) or "" end
  local file <close>, missing = io.open(path, "rb")
  if not file then fail("usage", "cannot open %s", missing) end
  local text, reason = file:read(M.MAX_BYTES + 1)
  if reason then fail("usage", "cannot read %s: %s", path, reason) end
  return text or ""
end

--- A first line that names an interpreter is no Lua; its line end stays, so that line numbers are right.
local function without_interpreter(text)
  return (text:gsub("^\xEF\xBB\xBF", ""):gsub("^#[^\n]*", ""))
end

--- Loads a script without running it.
---@param path string a file name, or "-"
---@return function chunk
--- Raises kind "usage" when it cannot be read, "recipe" when it is not Lua text.
function M.load(path)
  local text = read(path)
  if #text > M.MAX_BYTES then fail("recipe", "%s: larger than %d MiB, no script is", path, M.MAX_BYTES >> 20) end
  if text:sub(1, 4) == "\27Lua" then fail("recipe", "%s: compiled Lua; expected Lua source text", path) end
  local chunk, reason = load(without_interpreter(text), path == "-" and "=stdin" or "@" .. path, "t")
  if not chunk then fail("recipe", "%s", reason) end
  return chunk
end

return M
