--- Holds the entities: organization → sandbox → collection → id. Items are never changed in place, only
-- replaced, so an item handed out stays what it was.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"

local M = {}

M.COLLECTIONS = { "connections", "sourceConnections", "targetConnections", "flows", "runs" }

local NEIGHBOURS = { "conversionSchemas", "mappingSets" } -- of other services; not counted

---@class sluice.emulator.Record
---@field item table the entity as clients see it
---@field touched integer grows with every write of the store; the newest write has the greatest
---@field revision integer 1 for a new entity
---@field made number when, by core.task.now
---@field listed? integer how many lists that lag would have shown it

---@class sluice.emulator.Scope one sandbox of one organization
---@field org string
---@field sandbox string
---@field sandbox_id string
local Scope = {}
Scope.__index = Scope

local Store = {}
Store.__index = Store

function Store:touch()
  self.clock = self.clock + 1
  return self.clock
end

--- Adds an entity. The new record has revision 1.
---@param kind string collection
---@param item table with `id`
function Scope:add(kind, item)
  local store = self.store
  if store.size >= store.limit then
    errors.problem(507, "EmulatorFull", ("the emulator holds its maximum of %d entities"):format(store.limit))
  end
  store.size = store.size + 1
  self[kind][item.id] = { item = item, touched = store:touch(), revision = 1, made = core.task.now() }
end

--- Gives the record of an id.
---@param kind string
---@param id string
---@return sluice.emulator.Record? record
function Scope:find(kind, id)
  return self[kind][id]
end

--- Gives the record of an id, or refuses with 404.
---@param kind string
---@param id string
---@return sluice.emulator.Record
function Scope:get(kind, id)
  return self[kind][id] or errors.not_found(kind, id)
end

--- Stores a new version of an entity.
---@param kind string
---@param item table
function Scope:replace(kind, item)
  local record = self[kind][item.id]
  record.item, record.touched, record.revision = item, self.store:touch(), record.revision + 1
end

--- Removes an entity.
---@param kind string
---@param id string
function Scope:remove(kind, id)
  self[kind][id] = nil
  self.store.size = self.store.size - 1
end

--- All records of a collection, the most recently written first. [D: newest first]
---@param kind string
---@return sluice.emulator.Record[]
function Scope:newest(kind)
  local list = {}
  for _, record in pairs(self[kind]) do list[#list + 1] = record end
  table.sort(list, function(a, b) return a.touched > b.touched end)
  return list
end

--- Gives the store of one sandbox, making it at first use.
---@param org string
---@param sandbox string
---@return sluice.emulator.Scope
function Store:scope(org, sandbox)
  local key = org .. "\0" .. sandbox
  local scope = self.scopes[key]
  if not scope then
    scope = { store = self, org = org, sandbox = sandbox, sandbox_id = self.ids:uuid("sandbox " .. key) }
    for _, kind in ipairs(M.COLLECTIONS) do scope[kind] = {} end
    for _, kind in ipairs(NEIGHBOURS) do scope[kind] = {} end
    self.scopes[key] = setmetatable(scope, Scope)
  end
  return scope
end

--- Counts the entities of all organizations and sandboxes.
---@return table<string, integer> counts by collection
function Store:counts()
  local counts = {}
  for _, kind in ipairs(M.COLLECTIONS) do
    counts[kind] = 0
    for _, scope in pairs(self.scopes) do
      for _ in pairs(scope[kind]) do counts[kind] = counts[kind] + 1 end
    end
  end
  return counts
end

--- Makes an empty store.
---@param ids table from `sluice.emulator.ids`
---@param limit integer most entities it takes; above it creating answers 507
---@return table store
function M.new(ids, limit)
  return setmetatable({ ids = ids, limit = limit, size = 0, clock = 0, scopes = {} }, Store)
end

return M
