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

--- The line of the chunk's own `return`, its last statement; 1 when there is none.
local function return_line(text)
  local before = text:match "^(.*\n)return%f[^%w_]" or ""
  return 1 + select(2, before:gsub("\n", ""))
end

--- `return sluice.recipe {…}` is a tail call: the chunk is gone when its table is found wanting, and the caller's place
--- would be shown. So the caller stands where the `return` stands.
local function called_from_its_return(chunk, name, text)
  local caller = ("\n"):rep(return_line(text) - 1) .. "local f = ... return function(...) local v = f(...) return v end"
  return load(caller, name, "t")(chunk)
end

--- Loads a script without running it.
---@param path string a file name, or "-"
---@return function chunk gives the first value that the script returns
--- Raises kind "usage" when it cannot be read, "recipe" when it is not Lua text.
function M.load(path)
  local text = read(path)
  if #text > M.MAX_BYTES then fail("recipe", "%s: larger than %d MiB, no script is", path, M.MAX_BYTES >> 20) end
  if text:sub(1, 4) == "\27Lua" then fail("recipe", "%s: compiled Lua; expected Lua source text", path) end
  local name = path == "-" and "=stdin" or "@" .. path
  local source = without_interpreter(text)
  local chunk, reason = load(source, name, "t")
  if not chunk then fail("recipe", "%s", reason) end
  return called_from_its_return(chunk, name, source)
end

return M
