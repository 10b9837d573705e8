--- What there is to list: for each kind its place in the client, its columns, what the service may be asked for.

local facts = require "sluice.overview.facts"
local names_of = require "sluice.cli.list.names"
local values = require "sluice.cli.list.values"

local M = {}

---@class sluice.cli.list.Kind
---@field name string as on the command line
---@field noun string plural, for messages
---@field help string
---@field collection string field of the client
---@field columns fun(names: sluice.cli.list.Names): sluice.cli.Column[]
---@field fields string[] members of its entities (flow-service-api.md §4 to §10, §16)
---@field sends table<string, string> columns and paths → fields that the service may filter by (§11)
---@field property? string filter that the service is always sent
---@field keep? fun(item: table): boolean which entities belong to the kind
---@field page? integer entities of a page that are asked for; nil: the service decides

local at, member = values.at, values.member

-- ── columns that several kinds have ────────────────────────────────────────────────────────────────────────

local NAME = { name = "name", get = member "name", cut = true }
local ID = { name = "id", get = member "id" }
local UPDATED = { name = "updated", get = values.time_of("updatedAt", "createdAt"), show = values.show_time, goes = 3 }

local function state(get) return { name = "state", get = get, goes = 1, width = 8, colour = values.colour } end

local function spec_id(item) return at(item, "connectionSpec", "id") end

local function target_of(flow) return at(flow, "inheritedAttributes", "targetConnections", 1) end

local function system(names, id_of)
  return { name = "type", goes = 2, cut = true, get = function(item) return names:system(id_of(item)) end }
end

local function account(names, id_of)
  return { name = "account", goes = 4, cut = true, get = function(item) return names:account(id_of(item)) end }
end

local AUDIENCES = { name = "audiences", goes = 5, right = true, get = function(flow) return #facts.audiences(flow) end }

-- ── members and filters ────────────────────────────────────────────────────────────────────────────────────

local COMMON = { "id", "name", "description", "state", "version", "etag", "createdAt", "updatedAt", "createdBy",
  "updatedBy", "createdClient", "updatedClient", "sandboxId", "sandboxName", "imsOrgId", "inheritedAttributes" }

local function fields(own) return table.move(COMMON, 1, #COMMON, #own + 1, own) end

local CONNECTION = fields { "connectionSpec", "auth", "encryption", "params", "data", "baseConnectionId" }
local FLOW = fields { "flowSpec", "sourceConnectionIds", "targetConnectionIds", "transformations", "scheduleParams",
  "runs", "lastOperation", "lastRunDetails", "policy" }

local function sends(list)
  local set = {}
  for path in list:gmatch "%S+" do set[path] = path end
  return set
end

local FLOW_SENDS = sends "id name description state flowSpec.id"
local CONNECTION_SENDS = sends "id name description state connectionSpec.id"
local END_SENDS = sends "id connectionSpec.id baseConnectionId"

-- ── the kinds ──────────────────────────────────────────────────────────────────────────────────────────────

---@type sluice.cli.list.Kind[]
M.list = {
  {
    name = "destinations", noun = "destination dataflows", collection = "flows", fields = FLOW, sends = FLOW_SENDS,
    help = "dataflows to a destination, with account and type",
    property = "inheritedAttributes.properties.isDestinationFlow==true",
    keep = function(flow) return at(flow, "inheritedAttributes", "properties", "isDestinationFlow") == true end,
    page = 100,
    columns = function(names)
      return {
        NAME, ID,
        system(names, function(flow) return at(target_of(flow), "connectionSpec", "id") end),
        account(names, function(flow) return at(target_of(flow), "baseConnection", "id") end),
        AUDIENCES, state(member "state"), UPDATED,
        { name = "account_id", extra = true,
          get = function(flow) return at(target_of(flow), "baseConnection", "id") end },
      }
    end,
  },
  {
    name = "flows", noun = "dataflows", collection = "flows", fields = FLOW, sends = FLOW_SENDS, page = 100,
    help = "all dataflows, those from sources among them",
    columns = function() return { NAME, ID, AUDIENCES, state(member "state"), UPDATED } end,
  },
  {
    name = "accounts", noun = "accounts", collection = "connections", fields = CONNECTION, sends = CONNECTION_SENDS,
    help = "base connections to systems outside the platform", page = 100,
    keep = function(item) return not names_of.is_store(spec_id(item)) end,
    columns = function(names) return { NAME, ID, system(names, spec_id), state(member "state"), UPDATED } end,
  },
  {
    name = "connections", noun = "base connections", collection = "connections", fields = CONNECTION,
    help = "all base connections, the platform's own stores among them", page = 100, sends = CONNECTION_SENDS,
    columns = function(names) return { NAME, ID, system(names, spec_id), state(member "state"), UPDATED } end,
  },
  {
    name = "source-connections", noun = "source connections", collection = "source_connections", page = 100,
    help = "where dataflows begin", fields = CONNECTION, sends = END_SENDS,
    columns = function(names) return { NAME, ID, system(names, spec_id), state(member "state"), UPDATED } end,
  },
  {
    name = "target-connections", noun = "target connections", collection = "target_connections", page = 100,
    help = "where in an account dataflows end", fields = CONNECTION, sends = END_SENDS,
    columns = function(names)
      return { NAME, ID, system(names, spec_id), account(names, member "baseConnectionId"), state(member "state"),
        UPDATED }
    end,
  },
  {
    name = "audiences", noun = "audiences", collection = "audiences", page = 100, sends = { name = "name" },
    help = "audiences, read through the Segmentation API",
    fields = { "id", "audienceId", "name", "description", "namespace", "originName", "type", "lifecycleState",
      "lifecycle", "evaluationInfo", "mergePolicyId", "schema", "creationTime", "createEpoch", "updateTime",
      "updateEpoch", "labels", "sandbox", "imsOrgId", "_etag" },
    columns = function()
      return {
        NAME, ID, state(function(item) return member "lifecycleState" (item) or member "lifecycle" (item) end),
        { name = "origin", get = member "originName", goes = 4 },
        { name = "created", get = values.time_of("creationTime", "createEpoch"), show = values.show_time, goes = 3 },
      }
    end,
  },
  {
    name = "specs", noun = "connection specs", collection = "connection_specs", sends = sends "id name providerId",
    help = "connection specs: kinds of systems",
    fields = { "id", "name", "version", "providerId", "authSpec", "encryptionSpecs", "targetSpec", "sourceSpec",
      "exploreSpec", "attributes", "permissionsInfo", "entitlementInfo", "policy", "settings" },
    columns = function()
      return { NAME, ID, { name = "type", goes = 1, get = function(item) return names_of.key(item.id) end },
        { name = "version", get = member "version", goes = 2 } }
    end,
  },
  {
    name = "flow-specs", noun = "flow specs", collection = "flow_specs", sends = sends "id name providerId",
    help = "flow specs: kinds of dataflows",
    fields = { "id", "name", "version", "providerId", "sourceConnectionSpecIds", "targetConnectionSpecIds",
      "attributes", "transformationSpecs", "transformationSpec", "optionSpec", "scheduleSpec", "runSpec",
      "permissionsInfo", "entitlementInfo", "policy" },
    columns = function() return { NAME, ID, { name = "version", get = member "version", goes = 1 } } end,
  },
  {
    name = "sandboxes", noun = "sandboxes", collection = "sandboxes", sends = {},
    help = "sandboxes that these credentials may use",
    fields = { "name", "title", "state", "type", "region", "isDefault", "etag", "createdDate", "id" },
    columns = function()
      return { { name = "name", get = member "name" }, { name = "title", get = member "title", cut = true },
        { name = "type", get = member "type" }, state(member "state"),
        { name = "region", get = member "region", goes = 2 } }
    end,
  },
  {
    name = "runs", noun = "runs", collection = "runs", sends = sends "id flowId", page = 100,
    help = "runs of all dataflows; 'sluice runs FLOW' knows more",
    fields = fields { "flowId", "flowSpec", "providerRefId", "metrics", "activities" },
    columns = function()
      local function brief(name) return function(item) return facts.brief_run(item)[name] end end
      return {
        ID, { name = "flow_id", title = "DATAFLOW", get = member "flowId" },
        { name = "status", get = brief "status", goes = 1, width = 8, colour = values.colour },
        { name = "started", get = function(item) return values.time(facts.brief_run(item).started) end,
          show = values.show_time, goes = 3 },
        { name = "records", get = brief "records", right = true, width = 9, goes = 4 },
      }
    end,
  },
}

-- Columns by which the service may filter under another name.
for _, pair in ipairs { { "runs", "flow_id", "flowId" } } do
  for _, kind in ipairs(M.list) do
    if kind.name == pair[1] then kind.sends[pair[2]] = pair[3] end
  end
end

--- The names of the kinds, in order.
---@type string[]
M.names = {}
for i, kind in ipairs(M.list) do
  M.names[i], M[kind.name] = kind.name, kind
end

return M
