--- The connection of a restricted run: found before anything of the recipe's runs, for credential files and the
--- programs that give secrets are the user's business, and not within the recipe's permissions.

local core = require "sluice.core"
local defaults = require "sluice.defaults"

local M = {}

local IDENTITY = { "org", "client_id", "client_secret", "scopes", "token" }
local PLACE = { "sandbox", "base_url", "ims_url" }
local ABOUT = { "source", "file", "protected", "origins" } -- of where it comes from

--- The settings of a connection that is told nothing, or why there are none.
---@return table|nil settings
---@return any failure
local function find()
  local config, tokens = require "sluice.config", require "sluice.tokens"
  local opts = { env = defaults.env }
  local asked = { secretless = function(resolved) return tokens.take(resolved, opts) end }
  for name, value in pairs(defaults) do asked[name] = value end
  local ok, found = pcall(config.resolve, asked)
  if ok then return found end
  if not core.error.is(found, "config") then error(found, 0) end
  return nil, found
end

--- The settings of a further connection: the same credentials, checked as any others are.
local function resolver(found)
  return function(settings)
    settings.config, settings.profile = nil, nil
    settings.yes_production, settings.ask_production = defaults.yes_production, defaults.ask_production
    for _, name in ipairs(IDENTITY) do settings[name] = found[name] end
    for _, name in ipairs(PLACE) do settings[name] = settings[name] or found[name] end
    local resolved = require("sluice.config").resolve(settings)
    for _, name in ipairs(ABOUT) do resolved[name] = found[name] end
    return resolved
  end
end

--- Finds the connection; what connects from here on gets it.
---@return { base_url: string, ims_url: string, sandbox: string }|nil place nil where there are no credentials
function M.settle()
  local found, failure = find()
  defaults.resolve = found and resolver(found) or function() error(failure, 0) end
  return found
end

return M
