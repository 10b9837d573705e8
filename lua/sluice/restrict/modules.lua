--- `require` of a restricted recipe: modules beside it, and those few of the house that are safe. Each module of its
--- own gets the recipe's own globals.

local refusal = require "sluice.restrict.refusal"

local M = {}

--- The modules of Lua itself, by the names under which they stand in the globals.
local LIBRARIES = { "coroutine", "io", "math", "os", "string", "table", "utf8" }

local function preloader(env)
  return function(name)
    local loader = env.package.preload[name]
    if loader ~= nil then return loader, ":preload:" end
    return ("no field package.preload['%s']"):format(name)
  end
end

local function find(env, name)
  local tried = {}
  for _, searcher in ipairs(env.package.searchers) do
    local loader, place = searcher(name)
    if type(loader) == "function" then return loader, place end
    tried[#tried + 1] = type(loader) == "string" and "\n\t" .. loader or nil
  end
  error(("module '%s' not found:\n\tno module '%s' that a restricted recipe may use%s"):format(name, name,
    table.concat(tried)), 3)
end

--- Fills in `package` and `require`.
---@param env table
---@param safe table<string, fun(): any> makers of the house's modules
---@param src sluice.source|nil where the recipe's own are
function M.fill(env, safe, src)
  local loaded = { _G = env }
  for _, name in ipairs(LIBRARIES) do loaded[name] = env[name] end
  env.package = { config = package.config, cpath = "", path = "", loaded = loaded, preload = {},
    loadlib = refusal.stub("package.loadlib", "C modules cannot be restricted") }
  env.package.searchers = { preloader(env), src and src:searcher(env) }
  loaded.package = env.package
  env.require = function(name)
    if type(name) ~= "string" then error("bad argument #1 to 'require' (string expected)", 2) end
    local list = env.package.loaded
    if list[name] ~= nil then return list[name] end
    if safe[name] then
      list[name] = safe[name]()
      return list[name]
    end
    local loader, place = find(env, name)
    local value = loader(name, place)
    if value ~= nil then list[name] = value end
    if list[name] == nil then list[name] = true end
    return list[name], place
  end
end

return M
