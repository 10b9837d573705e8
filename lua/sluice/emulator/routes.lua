--- Every address of the emulator: the operation's name, method, path, handler, query parameters it knows.
-- `{id}` is one path segment. What lies below /_emulator has no name: it is no part of the platform.
local access = require "sluice.emulator.access"
local adhoc = require "sluice.emulator.adhoc"
local audiences = require "sluice.emulator.audiences"
local clock = require "sluice.emulator.clock"
local connections = require "sluice.emulator.connections"
local data_prep = require "sluice.emulator.data_prep"
local export_jobs = require "sluice.emulator.export_jobs"
local flows = require "sluice.emulator.flows"
local ims = require "sluice.emulator.ims"
local landing_zone = require "sluice.emulator.landing_zone"
local marketing_actions = require "sluice.emulator.marketing_actions"
local paging = require "sluice.emulator.paging"
local profile_schemas = require "sluice.emulator.profile_schemas"
local resource = require "sluice.emulator.resource"
local runs = require "sluice.emulator.runs"
local sandboxes = require "sluice.emulator.sandboxes"
local source_connections = require "sluice.emulator.source_connections"
local specs = require "sluice.emulator.specs"
local target_connections = require "sluice.emulator.target_connections"

local M = {}

local FLOW_SERVICE = "/data/foundation/flowservice"
local SANDBOXES = "/data/foundation/sandbox-management"
local UPS = "/data/core/ups"
local UNIONS = "/data/foundation/schemaregistry/tenant/unions"
local LANDING_ZONE = "/data/foundation/connectors/landingzone"
local ACCESS = "/data/foundation/access-control/acl"
local CONVERSION = "/data/foundation/conversion"

local NONE = {}
local CONTINUATION = { continuationToken = true }
local ACTION = { op = true, subOp = true }
local FILTER = { property = true }
local ZONE = { type = true, action = true }
local CONFIGS = { outputType = true, outputField = true, start = true, limit = true, properties = true }
local EXPLORE = { objectType = true, object = true, fileType = true, FileType = true, preview = true,
  compressionType = true, CompressionType = true }
local AUDIENCES = { start = true, limit = true, sort = true, property = true, name = true, description = true,
  entityType = true, totalCount = true } -- the last one comes from the service's own links
local DEFINITIONS = { start = true, limit = true, page = true, sort = true,
  ["evaluationInfo.continuous.enabled"] = true }

-- Success of a PATCH [T, STR: 202 empty; D, F, UPD, EDIT: 200 with a body].
local function flow_patched(options, item)
  if options.patch_status == "202" then return 202 end
  return 200, { id = item.id, etag = item.etag }
end

local function account_patched(_, item) return 200, { id = item.id, etag = item.etag } end

local function connection_patched(options, item)
  if options.connection_patch == "items" then return 200, { items = { item }, _links = {} } end
  return 200, { id = item.id, etag = item.etag }
end

---@class sluice.emulator.Route
---@field name? string the operation, such as "flows.create": what fault rules and the journal call it
---@field method string
---@field path string
---@field handler fun(rq: sluice.emulator.Request): integer, any, table?
---@field query table<string, boolean>
---@field orgwide? boolean needs no sandbox

---@type sluice.emulator.Route[]
M.list = {}

local function route(name, method, path, handler, query, extra)
  local entry = { name = name, method = method, path = path, handler = handler, query = query }
  for k, v in pairs(extra or {}) do entry[k] = v end
  M.list[#M.list + 1] = entry
end

-- Routes that ask for a permission: "read", "manage" or "activate" destinations.
local function guarded(name, method, path, action, handler, query)
  route(name, method, FLOW_SERVICE .. path, access.needing(action, handler), query)
end

-- sourceConnections → source_connections
local function name_of(definition)
  return (definition.name:gsub("%u", function(letter) return "_" .. letter:lower() end))
end

local function collection(definition, answer, patching)
  local name, path = name_of(definition), "/" .. definition.name
  guarded(name .. ".list", "GET", path, "read", adhoc.settling(resource.list(definition)), paging.QUERY)
  guarded(name .. ".create", "POST", path, "manage", resource.create(definition), NONE)
  guarded(name .. ".get", "GET", path .. "/{id}", "read", adhoc.settling(resource.get(definition)), NONE)
  guarded(name .. ".update", "PATCH", path .. "/{id}", patching or "manage", resource.patch(definition, answer), NONE)
  guarded(name .. ".delete", "DELETE", path .. "/{id}", "manage", resource.delete(definition), NONE)
end

local function spec_collection(definition)
  local name, path = name_of(definition), FLOW_SERVICE .. "/" .. definition.name
  route(name .. ".list", "GET", path, specs.list(definition), FILTER)
  route(name .. ".get", "GET", path .. "/{id}", specs.get(definition), NONE)
  route(name .. ".create", "POST", path, specs.refuse_write(definition), NONE)
  route(name .. ".replace", "PUT", path .. "/{id}", specs.refuse_write(definition), NONE)
end

-- A literal segment goes before `{id}`, which would match it too.
guarded("connections.search", "POST", "/connections/search", "read", resource.search(connections.definition),
  CONTINUATION)
guarded("flows.search", "POST", "/flows/search", "read", resource.search(flows.definition), CONTINUATION)
route("flow_specs.search", "POST", FLOW_SERVICE .. "/flowSpecs/search", specs.search, NONE)

collection(connections.definition, account_patched)
collection(source_connections.definition, connection_patched)
collection(target_connections.definition, connection_patched)
collection(flows.definition, flow_patched, "activate")
spec_collection(specs.connection_specs)
spec_collection(specs.flow_specs)

route("connections.test", "GET", FLOW_SERVICE .. "/connections/{id}/test", connections.test, NONE)
route("connections.explore", "GET", FLOW_SERVICE .. "/connections/{id}/explore", connections.explore, EXPLORE)
route("connections.configs", "GET", FLOW_SERVICE .. "/connections/{id}/configs", connections.configs, NONE)
route("connection_specs.configs", "GET", FLOW_SERVICE .. "/connectionSpecs/{id}/configs", specs.configs, CONFIGS)
route("connection_specs.explore", "GET", FLOW_SERVICE .. "/connectionSpecs/{id}/explore", specs.explore, EXPLORE)
guarded("flows.action", "POST", "/flows/{id}/action", "manage", flows.action, ACTION)

guarded("runs.list", "GET", "/runs", "read", adhoc.settling(resource.list(runs.definition)), paging.QUERY)
guarded("runs.get", "GET", "/runs/{id}", "read", adhoc.settling(resource.get(runs.definition)), NONE)
route("runs.create", "POST", FLOW_SERVICE .. "/runs", runs.refuse_write, NONE)
route("runs.replace", "PUT", FLOW_SERVICE .. "/runs/{id}", runs.refuse_write, NONE)
route("runs.action", "POST", FLOW_SERVICE .. "/runs/{id}/action", runs.refuse_write, ACTION)

route("adhoc.run", "POST", "/data/core/activation/disflowprovider/adhocrun", access.needing("activate", adhoc.run),
  NONE)
route("audiences.list", "GET", UPS .. "/audiences", audiences.list, AUDIENCES)
route("audiences.get", "GET", UPS .. "/audiences/{id}", audiences.get, NONE)
route("segment_definitions.list", "GET", UPS .. "/segment/definitions", audiences.definitions, DEFINITIONS)
route("segment_definitions.get", "GET", UPS .. "/segment/definitions/{id}", audiences.definition, NONE)

route("entity_types.get", "GET", UPS .. "/config/entityTypes/{id}", profile_schemas.entity_type, FILTER)
route("identities.list", "GET", "/data/core/idnamespace/identities", profile_schemas.identities, NONE)
route("unions.list", "GET", UNIONS, profile_schemas.unions,
  { property = true, orderby = true, start = true, limit = true })
route("unions.get", "GET", UNIONS .. "/{id}", profile_schemas.union, NONE)

route("export_jobs.list", "GET", UPS .. "/export/jobs", export_jobs.list,
  { limit = true, offset = true, status = true })
route("export_jobs.get", "GET", UPS .. "/export/jobs/{id}", export_jobs.get, NONE)

route("landing_zone.get", "GET", LANDING_ZONE, landing_zone.get, ZONE)
route("landing_zone.credentials", "GET", LANDING_ZONE .. "/credentials", landing_zone.credentials, ZONE)
route("landing_zone.refresh", "POST", LANDING_ZONE .. "/credentials", landing_zone.refresh, ZONE)

for _, kind in ipairs { "core", "custom" } do
  local path = ("/data/foundation/dulepolicy/marketingActions/%s"):format(kind)
  route("marketing_actions.list", "GET", path, marketing_actions.list(kind), NONE)
  route("marketing_actions.get", "GET", path .. "/{id}", marketing_actions.get(kind), NONE)
  route("marketing_actions.constraints", "GET", path .. "/{id}/constraints", marketing_actions.constraints(kind),
    { duleLabels = true })
end

route("access.reference", "GET", ACCESS .. "/reference", access.reference, NONE)
route("access.policies", "POST", ACCESS .. "/effective-policies", access.effective_policies, NONE)

route("schemas.create", "POST", CONVERSION .. "/schemas", data_prep.create_schema, NONE)
route("mapping_sets.create", "POST", CONVERSION .. "/mappingSets", data_prep.create_mapping_set, NONE)
route("mapping_sets.get", "GET", CONVERSION .. "/mappingSets/{id}", data_prep.get_mapping_set, NONE)

route("sandboxes.list", "GET", SANDBOXES, sandboxes.list, NONE, { orgwide = true })
route("sandboxes.list", "GET", SANDBOXES .. "/sandboxes", sandboxes.list, { property = true, orderBy = true },
  { orgwide = true })
route("sandboxes.get", "GET", SANDBOXES .. "/sandboxes/{id}", sandboxes.get, NONE)

route(nil, "GET", "/_emulator/journal", function(rq) return 200, { calls = rq.emulator.journal:list() } end, NONE)
route(nil, "GET", "/_emulator/clock", clock.get, NONE)
route(nil, "POST", "/_emulator/clock", clock.post, NONE)

route("token", "POST", "/ims/token/v3", ims.token, NONE)
route("token", "POST", "/ims/token/v2", ims.token, NONE)

for _, entry in ipairs(M.list) do
  entry.pattern = "^" .. entry.path:gsub("[%-.]", "%%%0"):gsub("{id}", "([^/]+)") .. "/?$"
end

--- The names of all operations, in order, each once.
---@type string[]
M.operations = {}

local seen = {}
for _, entry in ipairs(M.list) do
  if entry.name and not seen[entry.name] then table.insert(M.operations, entry.name) end
  seen[entry.name or ""] = true
end
table.sort(M.operations)

--- Finds the route of a request.
---@param method string
---@param path string
---@return sluice.emulator.Route? route nil when no route matches
---@return string id_or_methods the path's id (may be nil); without a route the methods the path knows, ""
--- when none
function M.find(method, path)
  local methods = {}
  for _, entry in ipairs(M.list) do
    local matched, _, id = path:find(entry.pattern)
    if matched and entry.method == method then return entry, id end
    if matched then methods[#methods + 1] = entry.method end
  end
  return nil, table.concat(methods, ", ")
end

return M
