--- Lua text turned into a function. Never bytecode, and with the line numbers of the file.

local core = require "sluice.core"

local M = {}

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
local function called_from_its_return(chunk, place, text)
  local caller = ("\n"):rep(return_line(text) - 1) .. "local f = ... return function(...) local v = f(...) return v end"
  return load(caller, place, "t")(chunk)
end

--- Loads Lua text without running it.
---@param text string
---@param place string the chunk's name: "@" and the file, as errors show it
---@param env? table its globals; by default those of the program
---@return function chunk
---@return string source the text that was loaded
--- Raises kind "recipe" when it is not Lua text.
function M.load(text, place, env)
  if text:sub(1, 4) == "\27Lua" then
    core.error.raise("recipe", place:sub(2) .. ": compiled Lua; expected Lua source text")
  end
  local source = without_interpreter(text)
  local chunk, reason = load(source, place, "t", env or _G)
  if not chunk then core.error.raise("recipe", reason) end
  return chunk, source
end

--- The same for a recipe's own file, of which errors in its last statement are to be told with their line.
---@param text string
---@param place string
---@param env? table
---@return function chunk gives the first value that the file returns
function M.load_entry(text, place, env)
  local chunk, source = M.load(text, place, env)
  return called_from_its_return(chunk, place, source)
end

return M
