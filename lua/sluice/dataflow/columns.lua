--- A dataflow's attributes as a definition would write them, wherever the dataflow keeps them: as profile selectors
--- (legacy, streaming) or in a mapping set (V2).

local core = require "sluice.core"
local mapping = require "sluice.destination.mapping"

local M = {}

local PARAMS = "/transformations/0/params"

--- Where each kind of dataflow keeps what (activation.md §2, rows 4 to 10).
local SELECTORS = PARAMS .. "/profileSelectors"
M.PLACES = {
  legacy = { selectors = SELECTORS .. "/selectors", mandatory = SELECTORS .. "/mandatoryFields",
    primary = SELECTORS .. "/primaryFields" },
  streaming = { selectors = SELECTORS .. "/selectors" },
  v2 = { mapping = PARAMS .. "/profileMapping", mandatory = PARAMS .. "/mandatoryFields",
    primary = PARAMS .. "/primaryFields" },
}

---@class sluice.dataflow.column an attribute, as a definition writes it in full
---@field path string|nil
---@field identity string|nil namespace code; instead of a path
---@field column string|nil V2
---@field mandatory boolean
---@field deduplicate boolean

--- A list of the dataflow, or an empty one where the service left it out.
---@param flow table
---@param place string|nil
---@return table
function M.list_at(flow, place)
  local value = place and core.pointer.get(flow, place)
  return type(value) == "table" and value or {}
end

local function of_selector(selector)
  local value = type(selector.value) == "table" and selector.value or {}
  local identity = type(value.identity) == "table" and value.identity.namespace
  if identity then return { identity = identity } end
  return { path = value.path }
end

local function of_row(row)
  local namespace = tostring(row.source):match "^identityMap%.(.+)$"
  if namespace then return { identity = namespace:gsub("//%.", "."), column = row.destination } end
  return { path = row.source, column = row.destination }
end

--- The name that mandatory fields and deduplication keys have for it. Migrated dataflows say the column (MIG).
local function is_named(entry, name)
  return name ~= nil and (name == entry.path or name == entry.identity or name == entry.column)
end
M.is_named = is_named

--- Is this deduplication key that of the attribute?
---@param entry sluice.dataflow.column
---@param key table { fieldType, attributePath | identityNamespace }
---@return boolean
function M.is_key(entry, key) return is_named(entry, key.attributePath or key.identityNamespace) end

local function flagged(entry, flow, places)
  entry.mandatory, entry.deduplicate = false, false
  for _, name in ipairs(M.list_at(flow, places.mandatory)) do
    entry.mandatory = entry.mandatory or is_named(entry, name)
  end
  for _, key in ipairs(M.list_at(flow, places.primary)) do
    entry.deduplicate = entry.deduplicate or M.is_key(entry, key)
  end
  return entry
end

--- The attributes of a dataflow.
---@param aep table asked for the mapping set of a V2 dataflow
---@param flow table
---@param shape "legacy"|"v2"|"streaming"
---@return sluice.dataflow.column[]|nil list nil when the service does not show the mapping set
---@return string|nil mapping_id the mapping set's
function M.read(aep, flow, shape)
  local places, list = M.PLACES[shape], {}
  if shape ~= "v2" then
    for i, selector in ipairs(M.list_at(flow, places.selectors)) do
      list[i] = flagged(of_selector(selector), flow, places)
    end
    return list
  end
  local current = mapping.of(flow)
  if not current then return list end
  local rows = mapping.read(aep, current.mappingId)
  if not rows then return nil, current.mappingId end
  for i, row in ipairs(rows) do list[i] = flagged(of_row(row), flow, places) end
  return list, current.mappingId
end

--- Do two entries mean the same attribute?
---@param a sluice.dataflow.column
---@param b sluice.dataflow.column
---@return boolean
function M.same(a, b)
  if a.identity or b.identity then return a.identity == b.identity end
  return a.path == b.path
end

--- For people.
---@param entry sluice.dataflow.column
---@return string
function M.label(entry)
  return entry.identity and "identity " .. entry.identity or "attribute " .. tostring(entry.path)
end

return M
