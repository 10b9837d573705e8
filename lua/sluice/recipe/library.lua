--- The recipes inside the program: `sluice recipes`, `sluice run NAME`. Where Lua runs outside of the program there are
--- none.

local suggest = require "sluice.suggest"

local M = {}

local PREFIX = "sluice.library."

--- What holds the program's own sources; nil outside of it.
local function holder()
  local ok, host = pcall(require, "sluice.host")
  return ok and host or nil
end

--- The names of all recipes, sorted.
---@return string[]
function M.names()
  local names, host = {}, holder()
  for _, module in ipairs(host and host.modules() or {}) do
    local name = module:match "^sluice%.library%.(.+)$"
    if name then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- A name as the library has it: `activate-sftp` is `activate_sftp`.
local function plain(name) return (name:gsub("-", "_")) end

--- Can the word be a name of the library? One with a slash or an ending is a file.
---@param word string
---@return boolean
function M.may_be(word) return word:find "^%l[%w_-]*$" ~= nil end

--- The text of a recipe.
---@param name string also with hyphens
---@return string|nil text nil when there is none of that name
---@return string name as the library has it
function M.text(name)
  local host = M.may_be(name) and holder()
  if not host then return nil, plain(name) end
  return (host.source(PREFIX .. plain(name))), plain(name)
end

--- Where a recipe's files come from.
---@param name string
---@return sluice.source|nil
function M.open(name)
  local text, plain_name = M.text(name)
  if not text then return nil end
  local entry = plain_name .. ".lua"
  return require("sluice.source").of_library(plain_name, entry, { [entry] = text })
end

--- A recipe of the library, loaded.
---@param name string
---@return sluice.recipe|nil
function M.load(name)
  local source = M.open(name)
  return source and source:chunk()()
end

--- The name that was probably meant.
---@param name string
---@return string|nil
function M.nearest(name) return suggest.nearest(plain(name), M.names()) end

return M
