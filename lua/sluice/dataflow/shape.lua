--- What kind of dataflow this is, read off the dataflow itself: which card it goes to, and how that card takes
--- audiences and attributes.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local demands = require "sluice.destination.demands"

local M = {}

local DATA_LAKE = "23598e46-f560-407b-88d5-ea6207e49db0" -- source of dataset dataflows (EXP)
local PARAMS = "/transformations/0/params"

local function at(value, ...)
  for _, key in ipairs { ... } do
    value = type(value) == "table" and value[key] or nil
  end
  return value
end

--- The catalog's entry for a connection spec.
---@param spec_id any
---@return sluice.catalog.system|nil
function M.system(spec_id)
  for _, key in ipairs(catalog.keys) do
    local system = catalog.systems[key]
    if system.connection_spec == spec_id then return system, key end
  end
end

--- The organisation's spec document of a card.
---@param aep table
---@param spec_id any ID of its connection spec
---@return table document; raises kind "recipe", code "unknown_destination", when the service names no spec
function M.document(aep, spec_id)
  if type(spec_id) ~= "string" then
    core.error.raise("recipe", "the service names no connection spec: what kind of destination this is cannot be told",
      { code = "unknown_destination" })
  end
  return demands.document(aep, spec_id)
end

--- What is known about a card: the organisation's spec document, joined with the catalog.
---@param aep table
---@param spec_id any ID of its connection spec
---@return sluice.catalog.system
function M.system_of(aep, spec_id) return demands.system(M.document(aep, spec_id)) end

--- The spec document alone tells of a card that is in no catalog; where it cannot be read the dataflow has to.
local function ask(aep, spec_id)
  local ok, system = pcall(M.system_of, aep, spec_id)
  return ok and system or nil
end

--- Of a card that the catalog does not know, the dataflow's own form tells: a mapping set is V2, a schedule or a file
--- name says that files are written (activation.md §3.1, §4).
local function guess(flow)
  local params = core.pointer.get(flow, PARAMS)
  if at(params, "profileMapping") then return "v2" end
  for _, selector in ipairs(at(params, "segmentSelectors", "selectors") or {}) do
    if at(selector, "value", "schedule") or at(selector, "value", "filenameTemplate") then return "legacy" end
  end
end

---@class sluice.dataflow.shape
---@field name "legacy"|"v2"|"streaming"|nil nil where it cannot be told
---@field datasets boolean exports datasets, not audiences
---@field system sluice.catalog.system|nil
---@field key string|nil of the catalog
---@field spec_id string|nil its connection spec
---@field title string the destination for people

--- The kind of a dataflow.
---@param aep table asked about a card that is not in the catalog
---@param flow table
---@return sluice.dataflow.shape
function M.of(aep, flow)
  local inherited = flow.inheritedAttributes
  local spec_id = at(inherited, "targetConnections", 1, "connectionSpec", "id")
  local system, key = M.system(spec_id)
  system = system or ask(aep, spec_id)
  local dataset_spec = system and at(system, "dataset_flow_spec", "id")
  local flow_spec = at(flow, "flowSpec", "id")
  local datasets = at(inherited, "sourceConnections", 1, "connectionSpec", "id") == DATA_LAKE
    or flow_spec ~= nil and flow_spec == dataset_spec
  return {
    name = system and system.shape or guess(flow), datasets = datasets, system = system, key = key,
    spec_id = spec_id, title = system and system.title or "this destination",
  }
end

return M
