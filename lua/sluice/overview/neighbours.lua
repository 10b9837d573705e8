--- Who uses what: the dataflows of connections, the connections of an account. Asked for by filters that are documented
--- (flow-service-api.md §11), many IDs in one request, and compared here as well.

local facts = require "sluice.overview.facts"
local sound = require "sluice.sound"

local M = {}

local IDS_AT_ONCE = 20 -- in one filter: an address of less than a kilobyte
local PAGE = 100 -- the most a page may hold (D)

--- Walks through the entities whose `path` is one of these IDs. Raises kind "http" for one that cannot be understood:
--- passed over it would count as no neighbour.
---@param collection sluice.Resource
---@param path string of the filter
---@param ids string[]
---@param keep fun(item: table): boolean what is asked for, compared here
---@return fun(): table|nil iterator gives each entity once
function M.each(collection, path, ids, keep)
  local first, seen, pages = 1, {}, nil
  return function()
    while true do
      local item = pages and pages()
      if item and not seen[item.id] and keep(sound.entity(collection.name, item)) then
        seen[item.id] = true
        return item
      elseif not item then
        if first > #ids then return nil end
        local some = table.concat(ids, ",", first, math.min(first + IDS_AT_ONCE - 1, #ids))
        first = first + IDS_AT_ONCE
        pages = collection:each { property = ("%s==%s"):format(path, some), limit = PAGE }
      end
    end
  end
end

local function set_of(ids)
  local set = {}
  for _, id in ipairs(ids) do set[id] = true end
  return set
end

--- The dataflows that use one of these connections.
---@param aep sluice.Client
---@param kind "target_connections"|"source_connections"
---@param ids string[]
---@return fun(): table|nil iterator
function M.flows(aep, kind, ids)
  local wanted = set_of(ids)
  return M.each(aep.flows, facts.ENDS[kind] .. "[]", ids, function(flow) return facts.uses(flow, kind, wanted) end)
end

--- The connections of one kind that belong to one of these accounts.
---@param aep sluice.Client
---@param kind "target_connections"|"source_connections"
---@param ids string[]
---@return fun(): table|nil iterator
function M.connections(aep, kind, ids)
  local wanted = set_of(ids)
  return M.each(aep[kind], "baseConnectionId", ids, function(item) return wanted[item.baseConnectionId] end)
end

--- The dataflows that export one of these audiences.
---@param aep sluice.Client
---@param ids string[]
---@return fun(): table|nil iterator
function M.flows_of_audience(aep, ids)
  local wanted = set_of(ids)
  local path = "transformations[].params.segmentSelectors.selectors[].value.id"
  return M.each(aep.flows, path, ids, function(flow)
    for _, audience in ipairs(facts.audiences(flow)) do
      if wanted[audience.id] then return true end
    end
    return false
  end)
end

return M
