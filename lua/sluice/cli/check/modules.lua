--- Modules that a script requires and that are nowhere.

local analysis = require "sluice.analysis"
local suggest = require "sluice.suggest"

local M = {}

--- Is it inside the program, or where Lua looks on this system? Nothing is loaded.
local function is_installed(name)
  if package.loaded[name] or package.preload[name] then return true end
  local inside, host = pcall(require, "sluice.host")
  if inside and host.source(name) then return true end
  return package.searchpath(name, package.path) ~= nil or package.searchpath(name, package.cpath) ~= nil
end

--- The folders above a file, as far as its name tells them: a module of a recipe names its neighbours from there.
local function folders_above(path)
  local found, folder = {}, path:match "^(.*/)[^/]*$"
  while folder do
    found[#found + 1] = folder
    folder = folder:match "^(.*/)[^/]+/$"
  end
  found[#found + 1] = path:find "^/" and "/" or ""
  return found
end

--- Is it in the folder of the recipe that the file may be a part of?
local function is_near(source, name)
  if source:find_module(name) then return true end
  local base = name:gsub("%.", "/")
  for _, folder in ipairs(source.kind == "folder" and folders_above(source.path) or {}) do
    for _, ending in ipairs { ".lua", "/init.lua" } do
      local file <close> = io.open(folder .. base .. ending, "rb")
      if file then return true end
    end
  end
  return false
end

--- Names that the program has inside, without those of its own parts.
local NEAR = { "sluice", "cjson", "cjson.safe" }

--- Reports modules that cannot be found beside the file, in the program, or on this system.
---@param report sluice.check.Report
---@param text string
---@param source sluice.source
function M.check(report, text, source)
  for _, module in ipairs((analysis.requires(text, ""))) do
    if not module.optional and not is_near(source, module.name) and not is_installed(module.name) then
      local nearest = suggest.nearest(module.name, NEAR)
      report:error("module", module, "the module '%s' is neither beside the file nor in the program%s", module.name,
        nearest and ("; did you mean '%s'?"):format(nearest) or "")
    end
  end
end

return M
