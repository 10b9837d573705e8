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

--- Names that the program has inside, without those of its own parts.
local NEAR = { "sluice", "cjson", "cjson.safe" }

--- Reports modules that cannot be found beside the file, in the program, or on this system.
---@param report sluice.check.Report
---@param text string
---@param source sluice.source|nil nil: nothing is beside it
function M.check(report, text, source)
  for _, module in ipairs((analysis.requires(text, ""))) do
    local beside = source and source:find_module(module.name)
    if not module.optional and not beside and not is_installed(module.name) then
      local nearest = suggest.nearest(module.name, NEAR)
      report:error("module", module, "the module '%s' is neither beside the file nor in the program%s", module.name,
        nearest and ("; did you mean '%s'?"):format(nearest) or "")
    end
  end
end

return M
