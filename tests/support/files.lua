--- The source tree, for the lint specs: which files there are and what they hold.

local M = {}

--- The files below a folder whose names end so, sorted.
---@param folder string from the project's root
---@param ending string such as ".lua"
---@return string[] paths
function M.list(folder, ending)
  local found = {}
  local pipe <close> = assert(io.popen(("find %s -type f -name '*%s' | LC_ALL=C sort"):format(folder, ending)))
  for path in pipe:lines() do found[#found + 1] = path end
  return found
end

---@param path string
---@return string content
function M.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

--- A C source without its comments and string literals; line numbers stay.
---@param path string
---@return string code
function M.c_code(path)
  local function blank(text) return (text:gsub("[^\n]", " ")) end
  return (M.read(path):gsub("/%*.-%*/", blank):gsub('\\"', "  "):gsub('"[^"\n]*"', blank))
end

--- The places where a pattern occurs in a text: "path:line".
---@param path string
---@param text string
---@param pattern string
---@return string[] places
function M.places(path, text, pattern)
  local places, number = {}, 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    if line:find(pattern) then places[#places + 1] = ("%s:%d: %s"):format(path, number, line) end
  end
  return places
end

return M
