--- What is read off single entities of the Flow Service to show how they hang together. Nothing here asks the service,
--- and nothing trusts the form of what it shows.

local catalog = require "sluice.catalog"
local runs = require "sluice.runs.facts"

local M = {}

---@class sluice.overview.Kind
---@field noun string for people: "dataflow"
---@field word string for programs: "flow"

--- The kinds of entities, by their names in `aep`.
---@type table<string, sluice.overview.Kind>
M.KINDS = {
  flows = { noun = "dataflow", word = "flow" },
  connections = { noun = "account", word = "account" },
  source_connections = { noun = "source connection", word = "source_connection" },
  target_connections = { noun = "target connection", word = "target_connection" },
  audiences = { noun = "audience", word = "audience" },
  connection_specs = { noun = "connection spec", word = "connection_spec" },
  flow_specs = { noun = "flow spec", word = "flow_spec" },
  runs = { noun = "run", word = "run" },
  sandboxes = { noun = "sandbox", word = "sandbox" },
}

--- The members of a dataflow that name its connections.
M.ENDS = { target_connections = "targetConnectionIds", source_connections = "sourceConnectionIds" }

-- ── values ─────────────────────────────────────────────────────────────────────────────────────────────────

--- The value at a path of keys; nil where something on the way is no table.
---@param value any
---@return any
function M.at(value, ...)
  for _, key in ipairs { ... } do
    if type(value) ~= "table" then return nil end
    value = value[key]
  end
  return value
end

--- A text that is not empty, or nil.
---@param value any
---@return string|nil
function M.text(value) return type(value) == "string" and value ~= "" and value or nil end

--- The elements of a list that are texts.
---@param value any
---@return string[]
function M.texts(value)
  local list = {}
  for _, element in ipairs(type(value) == "table" and value or {}) do list[#list + 1] = M.text(element) end
  return list
end

--- What tells an entity from others: its ID; of a sandbox, its name.
---@param item table
---@return string
function M.id(item) return M.text(item.id) or M.text(item.name) or "" end

--- The parts of an entity by which it is named.
---@param item table
---@return { id: string, name: string|nil, state: string|nil }
function M.brief(item)
  return { id = M.id(item), name = M.text(item.name), state = M.text(item.state) }
end

--- The connection spec of a connection.
---@param item table
---@return string|nil id
function M.spec_id(item) return M.text(M.at(item, "connectionSpec", "id")) end

--- What a connection spec is called, as far as that is known without asking.
---@param spec_id string|nil
---@return string|nil title
---@return string|nil key in the catalog, of a destination
function M.known_title(spec_id)
  for _, source in ipairs { catalog.profile_store, catalog.data_lake } do
    if source.connection_spec == spec_id then return source.title end
  end
  local key = spec_id and catalog.keys_of(spec_id)[1]
  if key and catalog.systems[key].connection_spec == spec_id then return catalog.systems[key].title, key end
end

-- ── dataflows ──────────────────────────────────────────────────────────────────────────────────────────────

--- Does the dataflow lead to a destination, not from a source?
---@param flow table
---@return boolean
function M.is_to_destination(flow)
  return M.at(flow, "inheritedAttributes", "properties", "isDestinationFlow") ~= false
end

--- The audiences of a dataflow: the values of its selectors.
---@param flow table
---@return table[]
function M.audiences(flow)
  local list = {}
  for _, transformation in ipairs(type(flow.transformations) == "table" and flow.transformations or {}) do
    local selectors = M.at(transformation, "params", "segmentSelectors", "selectors")
    for _, selector in ipairs(type(selectors) == "table" and selectors or {}) do
      local value = M.at(selector, "value")
      if type(value) == "table" then list[#list + 1] = value end
    end
  end
  return list
end

--- A dataflow as the others show it that it belongs to.
---@param flow table
---@return { id: string, name: string|nil, state: string|nil, audiences: { id: string, name: string|nil }[] }
function M.brief_flow(flow)
  local brief = M.brief(flow)
  brief.audiences = {}
  for i, audience in ipairs(M.audiences(flow)) do
    brief.audiences[i] = { id = M.id(audience), name = M.text(audience.name) }
  end
  return brief
end

--- Is this a connection of the dataflow?
---@param flow table
---@param kind "target_connections"|"source_connections"
---@param ids table<string, any> keys are the IDs that count
---@return boolean
function M.uses(flow, kind, ids)
  for _, id in ipairs(M.texts(flow[M.ENDS[kind]])) do
    if ids[id] then return true end
  end
  return false
end

-- ── runs ───────────────────────────────────────────────────────────────────────────────────────────────────

--- What a run came to, for a list.
---@param run table
---@return { status: string, started: number|nil, records: number|nil } brief `started` in milliseconds
function M.brief_run(run)
  local known = runs.of(run)
  return { status = known.status, started = known.started and known.started * 1000, records = known.output }
end

return M
