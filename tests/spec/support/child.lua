--- Runs Lua in a process of its own: what is sealed there is not sealed here.

local M = {}

--- A folder of its own below /tmp, which `remove` takes away.
---@return string path
function M.folder()
  local pipe <close> = assert(io.popen "mktemp -d /tmp/sluice-child-XXXXXX")
  return (pipe:read "l")
end

function M.remove(folder)
  assert(folder:find "^/tmp/sluice%-child%-%w+$")
  os.execute("rm -rf " .. folder)
end

--- Writes a file.
---@param path string
---@param text string
function M.write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

function M.read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

local function root()
  local pipe <close> = assert(io.popen "pwd")
  return pipe:read "l"
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Runs a text in a folder with the house's modules at hand.
---@param folder string
---@param text string Lua; it finds what `arguments` hold in `...`
---@param ... string arguments
---@return string output of both kinds
---@return integer code
function M.run(folder, text, ...)
  local words = {}
  for i, word in ipairs { ... } do words[i] = quote(word) end
  M.write(folder .. "/.chunk.lua", text)
  local home = root()
  local command = ("cd %s && LUA_PATH=%s LUA_CPATH=%s timeout 120 lua5.4 .chunk.lua %s 2>&1"):format(quote(folder),
    quote(home .. "/lua/?.lua;" .. home .. "/lua/?/init.lua;" .. home .. "/tests/?.lua;;"),
    quote(os.getenv "SLUICE_BUILD" .. "/lib/?.so;;"), table.concat(words, " "))
  local pipe = assert(io.popen(command))
  local output = pipe:read "a"
  local _, _, code = pipe:close()
  return output, code
end

return M
