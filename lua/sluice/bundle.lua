--- What goes into a bundle: the recipe's file, the modules that it requires, found by reading, and what is included.

local core = require "sluice.core"
local names = require "sluice.source.name"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.bundle.gathered
---@field files table<string, string> bytes by name
---@field problems string[] what keeps it from being a bundle: one line each
---@field warnings string[] what may be missing, for all that reading tells

local function add(list, message, ...) list[#list + 1] = message:format(...) end

local STANDARD = {}
for name in ("_G coroutine debug io math os package string table utf8"):gmatch "%S+" do STANDARD[name] = true end

--- Is the module inside the program? Where Lua runs outside of it, what is preloaded is taken for it.
local function is_inside(module)
  if STANDARD[module] or package.preload[module] or module == "sluice" or module:find "^sluice%." then return true end
  local ok, host = pcall(require, "sluice.host")
  return ok and host.source(module) ~= nil
end

local function read_file(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

--- A module of Lua text that is installed on this machine: its name in the bundle, and its bytes.
local function installed(module)
  local path = package.searchpath(module, package.path)
  local bytes = path and read_file(path)
  if not bytes then return nil end
  local base = module:gsub("%.", "/")
  return base .. (path:find "/init%.lua$" and "/init.lua" or ".lua"), bytes
end

local Gathering = {}
Gathering.__index = Gathering

--- Why there is no such module.
local function explain(module)
  local library = package.searchpath(module, package.cpath)
  if library then return ("a module in C (%s), which no bundle can hold"):format(library) end
  return "neither beside the recipe, nor installed, nor inside the program"
end

--- Takes a module that a file requires.
function Gathering:take_module(from, found)
  if self.modules[found.name] or is_inside(found.name) then return end
  self.modules[found.name] = true
  local beside = self.source:find_module(found.name)
  if beside then return self:take_lua(beside, self.source:read(beside)) end
  local name, bytes = installed(found.name)
  if name then return self:take_lua(name, bytes) end
  local place = ("%s:%d: the module %s"):format(from, found.line, suggest.quote(found.name))
  if found.optional then
    add(self.warnings, "%s is left out: %s", place, explain(found.name))
  else
    add(self.problems, "%s: %s", place, explain(found.name))
  end
end

--- Takes a file that is Lua text, and what it requires.
function Gathering:take_lua(name, bytes)
  if self.files[name] then return end
  self:take(name, bytes)
  if bytes:sub(1, 4) == "\27Lua" then return add(self.problems, "%s: compiled Lua; expected Lua source text", name) end
  local read, found, unknown = pcall(require("sluice.analysis").requires, bytes, name)
  if not read then
    if not core.error.is(found, "recipe") then error(found, 0) end
    return add(self.problems, "%s", found.message)
  end
  for _, place in ipairs(unknown) do
    add(self.warnings, "%s:%d: cannot tell what this requires: %s; if it is a file of yours, add it with --include",
      name, place.line, place.text)
  end
  for _, module in ipairs(found) do self:take_module(name, module) end
end

--- Takes a file as it is.
function Gathering:take(name, bytes)
  local problem = names.problem(name)
  if name:find(require("sluice.bundle.manifest").OURS) then problem = "is a name that bundles keep for themselves" end
  if problem then return add(self.problems, "%s %s", suggest.quote(name), problem) end
  local folded = names.fold(name)
  local other = self.folded[folded]
  if other and other ~= name then
    return add(self.problems, "%s and %s are one file where names are compared without regard to case",
      suggest.quote(other), suggest.quote(name))
  end
  self.folded[folded], self.files[name] = name, bytes
end

--- Gathers the files of a recipe, of which nothing is run.
---@param source sluice.source
---@param include? string[] names of further files beside the recipe; Lua files bring what they require
---@return sluice.bundle.gathered
function M.gather(source, include)
  local gathering = setmetatable({ source = source, files = {}, folded = {}, modules = {}, problems = {},
    warnings = {} }, Gathering)
  gathering:take_lua(source.entry, source:read(source.entry))
  for _, name in ipairs(include or {}) do
    local read, bytes = pcall(source.read, source, name)
    if not read then
      add(gathering.problems, "%s", bytes.message or tostring(bytes))
    elseif name:find "%.lua$" then
      gathering:take_lua(name, bytes)
    else
      gathering:take(name, bytes)
    end
  end
  return gathering
end

return M
