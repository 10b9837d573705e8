--- Finds and reads the public test data, which lies beside the project and is no part of it.
local lfs = require "lfs"

local M = {}

local ROOT = "../shared/conformance/"

--- The bytes of a data file; nil where it is absent.
---@param path string below the data's root
---@return string|nil bytes
function M.read(path)
  local file = io.open(ROOT .. path, "rb")
  if not file then
    return nil
  end
  local bytes = file:read "a"
  file:close()
  return bytes
end

--- The names in a data folder, sorted; none where it is absent.
---@param path string below the data's root
---@return string[] names
function M.list(path)
  local names = {}
  if lfs.attributes(ROOT .. path, "mode") == "directory" then
    for name in lfs.dir(ROOT .. path) do
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

--- Why a spec is skipped.
---@return string reason
function M.absent()
  return "the public data is not in " .. ROOT
end

return M
