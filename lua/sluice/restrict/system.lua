--- `os` of a restricted recipe: time, the environment variables that it declares, files that it may write.

local base = require "sluice.restrict.base"
local core = require "sluice.core"
local refusal = require "sluice.restrict.refusal"

local M = {}

local real = { getenv = os.getenv, execute = os.execute, remove = os.remove, rename = os.rename }

--- Reads environment variables that are declared.
---@param names string[]
---@return fun(variable: string): string|nil
function M.environment(names)
  local allowed = {}
  for _, name in ipairs(names) do allowed[name] = true end
  return function(variable)
    variable = tostring(variable)
    if not allowed[variable] then
      refusal.raise("reading the environment variable " .. variable, names, "environment = { … }")
    end
    return real.getenv(variable)
  end
end

--- Names of variables that hold what is meant to be a secret, and our own.
local SENSITIVE = { "^AEP_", "SECRET", "TOKEN", "PASS", "PWD", "KEY", "CREDENTIAL", "AUTH", "PRIVATE", "SESSION",
  "COOKIE" }

--- Names of things that only point to a secret.
local HARMLESS = { "KEY_ID$", "KEY_NAME$" }

local function is_sensitive(variable)
  for _, pattern in ipairs(HARMLESS) do variable = variable:upper():gsub(pattern, "") end
  for _, pattern in ipairs(SENSITIVE) do
    if variable:find(pattern) then return true end
  end
  return false
end

--- Does the parameter keep what it reads secret?
local function is_secret(param)
  local of = type(param.of) == "table" and param.of.type or param.of
  return param.type == "secret" or of == "secret"
end

--- The environment for a recipe's parameters: it says itself which variables they read, so that one with a secret in
--- it reaches a parameter of type secret only, unless the permissions name it.
---@param names string[] of the permissions
---@return fun(params: table[]): fun(variable: string): string|nil
function M.of_parameters(names)
  local allowed = {}
  for _, name in ipairs(names) do allowed[name] = true end
  return function(params)
    local open = {}
    for _, param in ipairs(params) do
      if param.env and not is_secret(param) then open[param.env] = param.name end
    end
    return function(variable)
      local value = real.getenv(variable)
      if value and open[variable] and is_sensitive(variable) and not allowed[variable] then
        refusal.raise(("reading %s into the parameter %s, which is no secret"):format(variable, open[variable]), names,
          "environment = { … }")
      end
      return value
    end
  end
end

--- The library.
---@param getenv fun(variable: string): string|nil
---@return table
function M.new(getenv)
  local library = { clock = os.clock, date = os.date, difftime = os.difftime, time = os.time, getenv = getenv }
  function library.execute(command)
    if command ~= nil then core.policy.command(tostring(command)) end
    return real.execute(command)
  end
  function library.remove(path) return real.remove(core.policy.place(path, "write")) end
  function library.rename(from, to)
    return real.rename(core.policy.place(from, "write"), core.policy.place(to, "write"))
  end
  library.exit = refusal.stub("ending the program", "return from the recipe, or raise an error")
  library.setlocale = refusal.stub("os.setlocale", "the program's locale is its own")
  library.tmpname = refusal.stub("os.tmpname", "name a file that permissions.paths.write allows")
  return base.outward(library)
end

return M
