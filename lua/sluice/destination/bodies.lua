--- The resources of a set-up: what each is called, where it lives, and its request body, exactly as the
--- documentation writes it. A shape picks what it needs from here.

local core = require "sluice.core"
local catalog = require "sluice.catalog"

local M = {}

---@class sluice.destination.resource
---@field what string what people call it
---@field suffix string behind the destination's name it makes the resource's own
---@field collection string|nil the field of `aep` that holds it
---@field path string|nil where it is created, when no collection holds it: it cannot be found again by name
---@field spec string|nil its connection spec ID; nil: the destination's own
---@field parent string|nil the resource that is its base connection
---@field is_ours nil|fun(item: table, plan: sluice.destination.plan): boolean false leaves one of the right name alone
---@field is_needed nil|fun(plan: sluice.destination.plan): boolean false when nothing has to be made
---@field made nil|fun(plan: sluice.destination.plan, answer: table) keeps what the answer to the creation tells
---@field body fun(plan: sluice.destination.plan, ids: table<string, string>): table

local PROFILE_STORE = catalog.profile_store.connection_spec

local function reference(id)
  return { id = id, version = catalog.spec_version }
end

--- The connection spec of a resource.
---@param resource sluice.destination.resource
---@param plan sluice.destination.plan
---@return string id
function M.spec_of(resource, plan)
  return resource.spec or plan.destination_spec
end

--- POST /connections, Profile Store: no `auth` (T).
M.profile_store_connection = {
  collection = "connections", what = "Profile Store connection", suffix = " - Profile Store", spec = PROFILE_STORE,
  body = function(plan)
    return { name = plan.names.profile_store_connection, connectionSpec = reference(PROFILE_STORE) }
  end,
}

--- POST /connections, the destination. A Data Landing Zone has no `auth` (ACT, EXP, AEPP). Holds secrets.
M.base_connection = {
  collection = "connections", what = "base connection", suffix = " - account",
  body = function(plan)
    return { name = plan.names.base_connection, connectionSpec = reference(plan.destination_spec),
      auth = plan.auth }
  end,
}

--- POST /sourceConnections.
---@param fields { suffix: string, spec: string, parent: string|nil, is_ours: function|nil, content: nil|fun(plan:
---  sluice.destination.plan): table } content: `data` and `params`, where the shape sends them
---@return sluice.destination.resource
function M.source_connection(fields)
  return {
    collection = "source_connections", what = "source connection", suffix = fields.suffix, spec = fields.spec,
    parent = fields.parent, is_ours = fields.is_ours,
    body = function(plan, ids)
      local body = fields.content and fields.content(plan) or {}
      body.name, body.connectionSpec = plan.names.source_connection, reference(fields.spec)
      body.baseConnectionId = fields.parent and ids[fields.parent]
      return body
    end,
  }
end

--- Where audiences come from. The tutorial's chain has a base connection and says `data` and `params`; the
--- newer cards send neither (T, STR, ACT).
---@param format "CSV"|"json"|nil nil: neither base connection nor contents
---@return sluice.destination.resource
function M.profile_store_source(format)
  return M.source_connection {
    suffix = " - Profile Store source", spec = PROFILE_STORE,
    parent = format and "profile_store_connection",
    content = function()
      if not format then return {} end
      local schema = format == "CSV" and core.json.null or nil
      return { data = { format = format, schema = schema }, params = {} }
    end,
  }
end

--- POST /targetConnections.
---@param data table|nil the `data` that the shape sends
---@return sluice.destination.resource
function M.target_connection(data)
  return {
    collection = "target_connections", what = "target connection", suffix = " - target", parent = "base_connection",
    body = function(plan, ids)
      return { name = plan.names.target_connection, baseConnectionId = ids.base_connection,
        connectionSpec = reference(plan.destination_spec), data = data, params = plan.target_params }
    end,
  }
end

--- POST /flows. `state` is never sent: the service refuses it (ERR).
---@param content fun(plan: sluice.destination.plan): table `transformations`, and `scheduleParams` of datasets
---@return sluice.destination.resource
function M.flow(content)
  return {
    collection = "flows", what = "dataflow", suffix = "",
    body = function(plan, ids)
      local body = content(plan)
      body.name, body.description = plan.names.flow, plan.description
      body.flowSpec = reference(plan.flow_spec_id)
      body.sourceConnectionIds = { ids.source_connection }
      body.targetConnectionIds = { ids.target_connection }
      return body
    end,
  }
end

--- The transformation of a dataflow of audiences before it has any: the patch fills it (T, ACT).
---@param params fun(): table the empty params of the shape
---@return fun(): table content for M.flow
function M.skeleton(params)
  return function()
    local filled = params()
    filled.segmentSelectors = { selectors = core.json.array {} }
    return { transformations = { { name = "GeneralTransform", params = filled } } }
  end
end

--- The order of the legacy and streaming chains (T, STR). What stands together is made at the same time.
M.TUTORIAL_STAGES = {
  { "profile_store_connection", "base_connection" }, { "source_connection", "target_connection" }, { "flow" },
}

return M
