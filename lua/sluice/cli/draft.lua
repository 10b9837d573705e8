--- Files that a command writes for the user to go on with: each as a whole or not at all, and where nothing is yet.

local core = require "sluice.core"

local M = {}

local WORDS = {
  file = "is there already, and stays as it is", folder = "is a folder", link = "is a link, which is not followed",
  other = "is neither a file nor a folder",
}

--- What lies at a place, in words.
---@param path string
---@return "file"|"folder"|"link"|"other"|nil kind nil: nothing
---@return string|nil words
function M.look(path)
  local found = core.files.look(path, "link")
  if found then return found.kind, ("%s %s"):format(path, WORDS[found.kind]) end
end

--- Refuses a place where something is, whatever it is. Raises kind "usage".
---@param path string
---@param hint? string what to do about a file
function M.refuse(path, hint)
  local kind, words = M.look(path)
  if not kind then return end
  core.error.raise("usage", words, { hint = kind == "file" and hint or "remove it, or write elsewhere" })
end

--- Says of a folder that is not there what can be done about it.
local function explain(failure, path)
  local folder = path:match "^(.*)/"
  if core.error.is(failure, "io") and folder and folder ~= "" and not core.files.look(folder) then
    failure.hint = "make the folder first: mkdir -p " .. require("sluice.cli.text").shell(folder)
  end
  return failure
end

--- Writes new files, all of them or none. Raises kind "io".
---@param files { path: string, text: string }[]
function M.write(files)
  for i, file in ipairs(files) do
    local ok, failure = pcall(core.archive.save, file.path, file.text, "new")
    if not ok then
      for j = 1, i - 1 do os.remove(files[j].path) end
      error(explain(failure, file.path), 0)
    end
  end
end

return M
