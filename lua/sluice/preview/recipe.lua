--- Runs a recipe to see what it would apply: its destinations are caught and previewed, and there is no service to
--- ask. Secrets are not needed and not read.

local core = require "sluice.core"
local destinations = require "sluice.destination"
local recipes = require "sluice.recipe"
local suggest = require "sluice.suggest"

local M = {}

local HINT = "'sluice run RECIPE --emulate' tries it on the emulated service"

local function refuse(what)
  core.error.raise("recipe", "preview sends nothing, but the recipe asks the service: " .. what, { hint = HINT })
end

--- Stands for a connection: whatever is asked of it, the answer is the same clear error.
---@param name string what the recipe calls it
---@return table
function M.no_service(name)
  return setmetatable({}, {
    __index = function(_, key) refuse(("%s.%s"):format(name, tostring(key))) end,
    __newindex = function(_, key) refuse(("%s.%s"):format(name, tostring(key))) end,
    __call = function() refuse(name) end,
  })
end

--- Stands for the result of an apply, of which only the definition's part is known.
local function no_result(destination)
  local known = { name = destination.definition.name, type = destination.definition.type }
  return setmetatable(known, {
    __index = function(_, key) refuse(("it needs '%s' of the result of ctx.apply"):format(tostring(key))) end,
  })
end

--- Anything does as a secret, for none is sent.
local function environment(recipe, getenv)
  local secret = {}
  for _, param in ipairs(recipe.params) do
    if param.type == "secret" then secret[param.env] = true end
  end
  return function(variable) return secret[variable] and "not-needed-for-a-preview" or getenv(variable) end
end

--- A restricted recipe's parameters read what it may.
local function getenv_of(recipe, trusted) return trusted and trusted.env(recipe.params) or os.getenv end

--- Runs a recipe. What is not given is taken from the recipe's examples, as on the emulator. Raises what the recipe
--- raises, kind "recipe" for wrong definitions, for asking the service, and when nothing was applied.
---@param recipe sluice.recipe
---@param opts { args: string[]|nil, env: (fun(variable: string): string|nil)|nil, log: (fun(text: string))|nil,
---  preview: sluice.preview.options|nil, source: sluice.source|nil, trusted:
---  sluice.restrict.trusted|nil }
---@return sluice.preview[] previews one for each destination that it applies
function M.run(recipe, opts)
  local log = opts.log or function() end
  local params, info = recipes.resolve(recipe, opts.args or {},
    { emulated = true, env = environment(recipe, opts.env or getenv_of(recipe, opts.trusted)), source = opts.source,
      open = opts.trusted and opts.trusted.open })
  if #info.examples_used > 0 then
    log("not given, so the recipe's examples are used: " .. table.concat(info.examples_used, ", "))
  end
  local previews = {}
  local ctx = recipes.context(params, { aep = M.no_service "ctx.aep", log = log, source = opts.source,
    confirm = function() return true end })
  ctx.apply = function(destination)
    if not destinations.is(destination) then
      error("ctx.apply: expected a destination, got " .. suggest.quote(destination), 2)
    end
    previews[#previews + 1] = destination:preview(opts.preview)
    return no_result(destination)
  end
  recipe.run(ctx, params)
  if #previews > 0 then return previews end
  core.error.raise("recipe", ("recipe %s applies no destination: there is nothing to preview"):format(recipe.name))
end

return M
