--- One entity and what it hangs together with, as one document: a dataflow's accounts, connections, audiences and last
--- runs; an account's connections and dataflows; and so on. No secret is in it.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local facts = require "sluice.overview.facts"
local neighbours = require "sluice.overview.neighbours"
local redact = require "sluice.seeing.redact"
local tasks = require "sluice.tasks"

local M = {}

local LAST_RUNS = 5

---@class sluice.overview.Unread something that an entity names and that could not be read
---@field kind string as in `aep`
---@field id string
---@field reason string
---@field gone boolean|nil there is no such thing any more

---@class sluice.overview.Reading
---@field aep sluice.Client
---@field document table what is put together
---@field specs table<string, table> connection specs, by ID: { id, name }
---@field redactor table
local Reading = {}
Reading.__index = Reading

-- ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

--- What may be missing or closed to these credentials, without the rest being any less true.
local function is_local(failure)
  return core.error.is(failure, "service") and (failure.status == 403 or failure.status == 404)
end

--- Runs a reading; where it is refused, that is noted.
function Reading:try(kind, id, fn)
  local ok, value = pcall(fn)
  if ok then return value end
  if not is_local(value) then error(value, 0) end
  table.insert(self.document.unread, { kind = kind, id = id, reason = tostring(value),
    gone = value.status == 404 or nil })
end

--- The entities of these IDs, at the same time, in this order.
---@return table[]
function Reading:get_all(kind, ids)
  local found = tasks.map(ids, function(id)
    return self:try(kind, id, function() return self.aep[kind]:get(id) end) or false
  end)
  local list = core.json.array {}
  for _, item in ipairs(found) do
    if item then list[#list + 1] = item end
  end
  return list
end

--- Learns what a connection spec is called, and which of its credentials are secret.
function Reading:learn_spec(id)
  if not id or self.specs[id] then return end
  local title = facts.known_title(id)
  self.specs[id] = { id = id, name = title }
  if title then return end
  local spec = self:try("connection_specs", id, function() return self.aep.connection_specs:get(id) end)
  self.redactor:learn(spec)
  self.specs[id].name = spec and facts.text(spec.name)
end

--- The accounts of connections, each once.
function Reading:accounts_of(...)
  local ids, seen = {}, {}
  for _, list in ipairs { ... } do
    for _, item in ipairs(list) do
      local id = facts.text(item.baseConnectionId)
      if id and not seen[id] then ids[#ids + 1], seen[id] = id, true end
    end
  end
  local accounts = self:get_all("connections", ids)
  for _, account in ipairs(accounts) do self:learn_spec(facts.spec_id(account)) end
  return accounts
end

local function collect(iterator, form)
  local list = core.json.array {}
  for item in iterator do list[#list + 1] = form and form(item) or item end
  return list
end

local function brief_flow(flow)
  local brief = facts.brief_flow(flow)
  brief.audiences = core.json.array(brief.audiences)
  for _, member in pairs(facts.ENDS) do brief[member] = core.json.array(facts.texts(flow[member])) end
  return brief
end

local function ids_of(items)
  local ids = {}
  for i, item in ipairs(items) do ids[i] = item.id end
  return ids
end

--- The dataflows of connections, in short form, each once.
function Reading:flows_of(targets, sources)
  local seen, list = {}, core.json.array {}
  for kind, items in pairs { target_connections = targets, source_connections = sources } do
    for flow in neighbours.flows(self.aep, kind, ids_of(items)) do
      if not seen[flow.id] then
        seen[flow.id], list[#list + 1] = true, brief_flow(flow)
      end
    end
  end
  table.sort(list, function(a, b)
    local x, y = a.name or "", b.name or ""
    if x ~= y then return x < y end
    return a.id < b.id
  end)
  return list
end

-- ── kinds ──────────────────────────────────────────────────────────────────────────────────────────────────

local GATHER = {}

function GATHER.flows(reading, flow)
  local document, aep = reading.document, reading.aep
  document.target_connections, document.source_connections, document.flow_spec, document.runs = tasks.all {
    function() return reading:get_all("target_connections", facts.texts(flow.targetConnectionIds)) end,
    function() return reading:get_all("source_connections", facts.texts(flow.sourceConnectionIds)) end,
    function()
      local id = facts.text(facts.at(flow, "flowSpec", "id"))
      local spec = id and reading:try("flow_specs", id, function() return aep.flow_specs:get(id) end)
      return id and { id = id, name = spec and facts.text(spec.name) }
    end,
    function()
      local runs = reading:try("runs", flow.id, function()
        return (aep.runs:page { property = "flowId==" .. flow.id, orderby = "-createdAt", limit = LAST_RUNS })
      end)
      return runs and core.json.array(table.move(runs, 1, math.min(#runs, LAST_RUNS), 1, {}))
    end,
  }
  document.accounts = reading:accounts_of(document.target_connections, document.source_connections)
  document.audiences = core.json.array(facts.audiences(flow))
end

function GATHER.connections(reading, account)
  local document, aep = reading.document, reading.aep
  reading:learn_spec(facts.spec_id(account))
  document.target_connections, document.source_connections = tasks.all {
    function() return collect(neighbours.connections(aep, "target_connections", { account.id })) end,
    function() return collect(neighbours.connections(aep, "source_connections", { account.id })) end,
  }
  document.flows = reading:flows_of(document.target_connections, document.source_connections)
end

--- A source or target connection: its account, and the dataflows that use it.
local function gather_end(kind)
  return function(reading, item)
    local document = reading.document
    reading:learn_spec(facts.spec_id(item))
    document.accounts = reading:accounts_of { item }
    document.flows = collect(neighbours.flows(reading.aep, kind, { item.id }), brief_flow)
  end
end

GATHER.target_connections = gather_end "target_connections"
GATHER.source_connections = gather_end "source_connections"

--- An audience made elsewhere may stand in a dataflow by its own ID.
local function audience_ids(audience)
  local ids = { audience.id }
  local own = facts.text(audience.audienceId)
  if own and own ~= audience.id and own:find "^[%w-]+$" then ids[2] = own end
  return ids
end

function GATHER.audiences(reading, audience)
  local wanted = {}
  for _, id in ipairs(audience_ids(audience)) do wanted[id] = true end
  reading.document.flows = collect(neighbours.flows_of_audience(reading.aep, audience_ids(audience)), function(flow)
    local brief = brief_flow(flow)
    for _, value in ipairs(facts.audiences(flow)) do
      if wanted[value.id] then brief.audience = value end
    end
    brief.audiences = nil
    return brief
  end)
end

function GATHER.connection_specs(reading, spec)
  reading.redactor:learn(spec)
  reading.document.catalog = catalog.keys_of(spec.id)[1]
  reading.document.accounts = collect(neighbours.each(reading.aep.connections, "connectionSpec.id", { spec.id },
    function(item) return facts.spec_id(item) == spec.id end), facts.brief)
end

function GATHER.flow_specs(reading, spec)
  reading.document.flows = collect(neighbours.each(reading.aep.flows, "flowSpec.id", { spec.id },
    function(item) return facts.at(item, "flowSpec", "id") == spec.id end), brief_flow)
end

function GATHER.runs(reading, run)
  local id = facts.text(run.flowId)
  local flow = id and reading:try("flows", id, function() return reading.aep.flows:get(id) end)
  reading.document.flow = flow and brief_flow(flow)
end

function GATHER.sandboxes() end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

--- The names of the specs that connections of the document have.
local function specs_of(reading)
  local list = core.json.array {}
  for _, spec in pairs(reading.specs) do list[#list + 1] = spec end
  table.sort(list, function(a, b) return a.id < b.id end)
  return list
end

--- An entity with what it hangs together with.
---@param aep sluice.Client
---@param kind string as in `aep`: "flows", "connections", …
---@param item table the entity, as read
---@return table document { kind = "flow", flow = …, accounts = {…}, target_connections = {…}, source_connections = {…},
---  audiences = {…}, flows = {…}, runs = {…}, connection_specs = { {id, name} }, unread = sluice.overview.Unread[] }:
---  what applies to the kind. Raises what the service raises, but for parts that are gone or may not be read.
function M.of(aep, kind, item)
  local word = facts.KINDS[kind].word
  local reading = setmetatable({ aep = aep, specs = {}, redactor = redact.new(),
    document = { kind = word, [word] = item, unread = core.json.array {} } }, Reading)
  GATHER[kind](reading, item)
  if next(reading.specs) then reading.document.connection_specs = specs_of(reading) end
  return reading.redactor:value(reading.document)
end

return M
