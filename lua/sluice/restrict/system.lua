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

--- Names of variables that hold what is meant to be a secret.
local SENSITIVE = { "SECRET", "TOKEN", "PASS", "PWD", "KEY", "CREDENTIAL", "AUTH", "PRIVATE", "SESSION",
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

--- A URL with a password in it.
local function holds_password(value) return value:find "://[^/%s@]*:[^/%s@]+@" ~= nil end

--- Whether the manifest says the same of a parameter's variable: what people were shown is what holds.
local function is_told(param, told)
  for _, known in ipairs(told) do
    if known.name == param.name then return known.env == param.env and is_secret(known) == is_secret(param) end
  end
  return false
end

--- Why a parameter may not read its variable; nil: it may.
local function objection(param, value, told)
  if param.env:upper():find "^AEP_" then return "which is Sluice's own" end
  if not is_secret(param) and (is_sensitive(param.env) or holds_password(value)) then return "which is no secret" end
  if told and not is_told(param, told) then return "which the manifest says otherwise" end
end

--- The environment for a recipe's parameters: it says itself which variables they read. Unless the permissions name it,
--- one with a secret in it reaches a parameter of type secret only, and the credentials of the run none at all.
---@param names string[] of the permissions
---@param told table[]|nil the parameters of a bundle's manifest: no others read anything
---@return fun(params: table[]): fun(variable: string): string|nil
function M.of_parameters(names, told)
  local allowed = {}
  for _, name in ipairs(names) do allowed[name] = true end
  return function(params)
    return function(variable)
      local value = real.getenv(variable)
      for _, param in ipairs(value and not allowed[variable] and params or {}) do
        local reason = param.env == variable and objection(param, value, told)
        if reason then
          refusal.raise(("reading %s into the parameter %s, %s"):format(variable, param.name, reason), names,
            "environment = { … }")
        end
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
