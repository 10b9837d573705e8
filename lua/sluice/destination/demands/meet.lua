--- Compares a plan with the organisation's spec document.

local core = require "sluice.core"
local catalog = require "sluice.catalog"
local suggest = require "sluice.suggest"

local function table_at(value, ...)
  for _, key in ipairs { ... } do
    value = type(value) == "table" and value[key] or nil
  end
  return type(value) == "table" and value or nil
end

local function missing_keys(params, required)
  local missing = {}
  for _, key in ipairs(required or {}) do
    if params[key] == nil then missing[#missing + 1] = key end
  end
  return missing
end

local function auth_problems(document, plan, problems)
  local specs = table_at(document, "authSpec")
  if not specs or #specs == 0 then return end
  local spec = catalog.named(specs, plan.auth.specName)
    or plan.auth_also and catalog.named(specs, plan.auth_also)
  if not spec then
    local names = catalog.names(specs)
    problems[#problems + 1] = "/auth/spec: here " .. suggest.expected(plan.auth.specName, names)
    return
  end
  plan.auth.specName = spec.name
  for _, key in ipairs(missing_keys(plan.auth.params, table_at(spec, "spec", "required"))) do
    -- The legacy SFTP card: the tutorial sends no domain, an organisation's spec may ask for it: the host.
    if key == "domain" and plan.auth.params.host then
      plan.auth.params.domain = plan.auth.params.host
    else
      problems[#problems + 1] = ("/auth/%s: missing: required here by %s"):format(key, suggest.quote(spec.name))
    end
  end
end

local function target_problems(document, plan, problems)
  local params = plan.target_params
  local modes = table_at(document, "targetSpec", "spec", "properties", "mode", "enum")
  local allowed = not modes
  for _, mode in ipairs(modes or {}) do allowed = allowed or mode == params.mode end
  if not allowed then
    problems[#problems + 1] = "/target/mode: here " .. suggest.expected(params.mode, modes)
  end
  for _, key in ipairs(missing_keys(params, table_at(document, "targetSpec", "spec", "required"))) do
    local property = table_at(document, "targetSpec", "spec", "properties", key)
    if not (property and property.conditional) then
      problems[#problems + 1] = ("/target/%s: missing: required here"):format(key)
    end
  end
end

--- Compares the plan with the spec document, and adds to the credentials what the document asks for and the
--- plan knows. Raises kind "recipe" with everything that does not fit.
---@param document table a connection spec as the service returned it
---@param plan sluice.destination.plan
return function(document, plan)
  local problems = {}
  auth_problems(document, plan, problems)
  target_problems(document, plan, problems)
  if #problems > 0 then
    core.error.raise("recipe", ("%s asks for something else in this organisation: %s"):format(plan.title,
      table.concat(problems, "; ")), { code = "spec" })
  end
end
