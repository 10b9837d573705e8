--- The request bodies of a destination's resources, exactly as the tutorial writes them, and the names they
--- carry.

local core = require "sluice.core"
local attribute = require "sluice.activation.attribute"
local audience = require "sluice.activation.audience"
local catalog = require "sluice.catalog"

local M = {}

--- What each resource is called, behind the definition's name.
local SUFFIX = {
  profile_store_connection = " - Profile Store",
  source_connection = " - Profile Store source",
  base_connection = " - account",
  target_connection = " - target",
  flow = "",
}

---@class sluice.destination.plan
---@field title string the system's name for people
---@field type string
---@field names table<string, string> resource → name
---@field profile_store_spec string connection spec ID
---@field destination_spec string connection spec ID
---@field flow_spec { id: string|nil, name: string|nil }
---@field auth table { specName, params }
---@field auth_params sluice.catalog.param[]
---@field auth_also string|nil another name of the auth spec
---@field target_params table
---@field selectors table[] audience selectors
---@field profile_selectors table[]
---@field mandatory_fields string[]
---@field primary_fields table[]

local function auth_params(auth, spec)
  local params = {}
  for _, param in ipairs(spec.params) do
    local value = auth[param.name]
    if param.secret and type(value) == "string" then value = core.secret.new(param.name, value) end
    params[param.name] = value
  end
  return params
end

local function target_params(target, mode)
  local params = { mode = mode.name }
  for _, param in ipairs(mode.params) do
    local value = target[param.name]
    if value == nil then value = param.default end
    params[param.name] = value
  end
  return params
end

--- Everything a set-up sends, from a checked definition.
---@param definition table
---@param chosen { system: table, auth: table, mode: table }
---@return sluice.destination.plan
function M.plan(definition, chosen)
  local names, selectors = {}, {}
  for resource, suffix in pairs(SUFFIX) do names[resource] = definition.name .. suffix end
  for i, entry in ipairs(definition.audiences or {}) do selectors[i] = audience.selector(entry) end
  local attributes = definition.attributes or {}
  return {
    title = chosen.system.title,
    type = definition.type,
    names = names,
    profile_store_spec = catalog.profile_store.connection_spec,
    destination_spec = chosen.system.connection_spec,
    flow_spec = chosen.system.flow_spec,
    auth = { specName = chosen.auth.name, params = auth_params(definition.auth, chosen.auth) },
    auth_params = chosen.auth.params,
    auth_also = chosen.auth.also,
    target_params = target_params(definition.target, chosen.mode),
    selectors = selectors,
    profile_selectors = attribute.selectors(attributes),
    mandatory_fields = attribute.mandatory_fields(attributes),
    primary_fields = attribute.primary_fields(attributes),
  }
end

local function reference(id)
  return { id = id, version = catalog.spec_version }
end

--- POST /connections, Profile Store: no `auth`.
---@param plan sluice.destination.plan
---@return table body
function M.profile_store_connection(plan)
  return { name = plan.names.profile_store_connection, connectionSpec = reference(plan.profile_store_spec) }
end

--- POST /sourceConnections.
---@param plan sluice.destination.plan
---@param base_id string the Profile Store base connection
---@return table body
function M.source_connection(plan, base_id)
  return {
    name = plan.names.source_connection,
    connectionSpec = reference(plan.profile_store_spec),
    baseConnectionId = base_id,
    data = { format = "CSV", schema = core.json.null },
    params = {},
  }
end

--- POST /connections, the destination.
---@param plan sluice.destination.plan
---@return table body holds secrets
function M.base_connection(plan)
  return {
    name = plan.names.base_connection,
    connectionSpec = reference(plan.destination_spec),
    auth = plan.auth,
  }
end

--- POST /targetConnections. `data` is so for the legacy specs even though the files are CSV.
---@param plan sluice.destination.plan
---@param base_id string the destination's base connection
---@return table body
function M.target_connection(plan, base_id)
  return {
    name = plan.names.target_connection,
    baseConnectionId = base_id,
    connectionSpec = reference(plan.destination_spec),
    data = { format = "json", schema = { id = "1.0", version = "1.0" } },
    params = plan.target_params,
  }
end

--- POST /flows, with the legacy skeleton that the activation patch fills.
---@param plan sluice.destination.plan
---@param ids { flow_spec: string, source_connection: string, target_connection: string }
---@return table body
function M.flow(plan, ids)
  return {
    name = plan.names.flow,
    flowSpec = reference(ids.flow_spec),
    sourceConnectionIds = { ids.source_connection },
    targetConnectionIds = { ids.target_connection },
    transformations = { M.skeleton() },
  }
end

--- The transformation of a dataflow without audiences and attributes.
---@return table
function M.skeleton()
  return {
    name = "GeneralTransform",
    params = {
      segmentSelectors = { selectors = core.json.array {} },
      profileSelectors = { selectors = core.json.array {} },
    },
  }
end

return M
