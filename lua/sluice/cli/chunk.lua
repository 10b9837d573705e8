--- Finds what the user named: a recipe of the library, a file, standard input.

local M = {}

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

local function say_which(word, name)
  require("sluice.cli.progress").log(("%s is the library's recipe; the file of that name here is ./%s"):format(name,
    word))
end

--- What may have been meant: `sluice --json list flows` has the command where a recipe stands.
local function hint_for(word)
  for _, command in ipairs(require("sluice.cli").COMMANDS) do
    if command == word then return ("a command comes before its options: sluice %s …"):format(word) end
  end
  return "'sluice recipes' lists those of the library"
end

--- A bare word means a recipe of the library, if it has one of that name: so no file that happens to lie there comes in
--- its place. Anything else is a file.
local function named(word)
  local library = require "sluice.recipe.library"
  if not library.may_be(word) then return nil end
  local source = library.open(word)
  if source and exists(word) then say_which(word, source.path) end
  if source or exists(word) then return source end
  local nearest = library.nearest(word)
  require("sluice.core").error.raise("usage", ("there is neither a file %s nor a recipe of that name%s"):format(word,
    nearest and ("; did you mean %s?"):format(nearest) or ""), { hint = hint_for(word) })
end

--- Opens what a word means.
---@param word string the name of a recipe or of a file, or "-"
---@return sluice.source
--- Raises kind "usage" when there is none.
function M.open(word)
  return not word:find "[./]" and word ~= "-" and named(word) or require("sluice.source").open(word)
end

return M
