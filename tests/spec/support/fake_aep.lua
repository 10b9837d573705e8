--- A connection without a network: the face `sluice.connect` gives, on tables in memory. Records what is
-- asked
--- of it, and fails or forgets on demand. For specs of what stands above the client; the emulator is for the
--- whole.

local core = require "sluice.core"
local catalog = require "sluice.catalog"

local M = {}

local COLLECTIONS = {
  "connections", "source_connections", "target_connections", "flows", "connection_specs", "flow_specs",
}

local PARTNER = { type = "object", properties = { identityMap = { type = "object" } } }

local Collection = {}
Collection.__index = Collection

function Collection:record(verb, details)
  local request = { verb = verb, collection = self.name }
  for key, value in pairs(details) do request[key] = value end
  table.insert(self.service.requests, request)
  if self.service.before then self.service.before(request) end
end

function Collection:list(query)
  self:record("list", { query = query })
  local matching = {}
  for _, item in ipairs(self.items) do
    local where = query and query.where or {}
    if where.name == nil or where.name == item.name then matching[#matching + 1] = core.json.copy(item) end
  end
  return matching
end

function Collection:find_item(id)
  for i, item in ipairs(self.items) do
    if item.id == id then return item, i end
  end
  local message = ("%s not found with id = [%s]"):format(self.name, tostring(id))
  core.error.raise("service", message, { status = 404 })
end

function Collection:get(id)
  self:record("get", { id = id })
  return core.json.copy((self:find_item(id)))
end

function Collection:create(body)
  self:record("create", { body = body })
  local item = core.json.copy(body)
  item.id = ("%s-%d"):format(self.name, #self.items + 1)
  item.etag = '"1"'
  item.state = "enabled"
  table.insert(self.items, item)
  return { id = item.id, etag = item.etag }
end

function Collection:update(id, patch, options)
  local operations = core.json.decode(core.json.encode(patch))
  self:record("update", { id = id, patch = operations, options = options })
  local item, position = self:find_item(id)
  if options.etag and options.etag ~= item.etag then
    core.error.raise("service", "Supplied version does not match", { status = 412 })
  end
  if self.service.forgetful then return nil end
  self.items[position] = patch:apply(item)
  self.items[position].etag = item.etag .. "+"
  return { id = id, etag = self.items[position].etag }
end

--- The Data Prep service and the union schema: what a mapping set is made with.
local function prepare(aep, call)
  table.insert(aep.requests, { verb = call.method == "POST" and "create" or "get", collection = call.path,
    body = call.body, query = call.query })
  if aep.before then aep.before(aep.requests[#aep.requests]) end
  if call.path:find("entityTypes", 1, true) then return { title = "union", properties = {} } end
  local folder, id = call.path:match "^/data/foundation/conversion/(%a+)/?(.*)$"
  local items = assert(aep.prepared[folder], call.path)
  if call.method == "POST" then
    items[#items + 1] = core.json.copy(call.body)
    items[#items].id, items[#items].version = ("%s-%d"):format(folder, #items), 0
    return { id = items[#items].id, version = 0 }
  end
  for _, item in ipairs(aep.unreadable and {} or items) do
    if item.id == id then return core.json.copy(item) end
  end
  core.error.raise("service", "no such thing", { status = 404 })
end

--- The audiences whose name contains what is asked for, in any case.
local function audiences(aep, query)
  table.insert(aep.requests, { verb = "list", collection = "audiences", query = query })
  local found = {}
  for _, item in ipairs(aep.audience_items) do
    if item.name:lower():find(query.name:lower(), 1, true) then found[#found + 1] = item end
  end
  return found
end

--- A service that knows the spec documents of the catalog and nothing else.
---@return table aep with requests = {…}; set before = function(request) to interfere, forgetful = true to
--- lose patches, unreadable = true to hide mapping sets
function M.new()
  local aep = { requests = {}, request = prepare, prepared = { schemas = {}, mappingSets = {} }, audience_items = {},
    sandbox = "prod" }
  aep.audiences = { list = function(_, query) return audiences(aep, query) end }
  for _, name in ipairs(COLLECTIONS) do
    aep[name] = setmetatable({ name = name, service = aep, items = {} }, Collection)
  end
  for _, key in ipairs(catalog.keys) do
    local system = catalog.systems[key]
    local target = system.shape == "v2" and { attributes = { partnerSchema = { jsonSchema = PARTNER } } } or nil
    table.insert(aep.connection_specs.items, { id = system.connection_spec, name = system.title,
      targetSpec = target })
  end
  aep.flow_specs.items[1] = { id = "5f1d6b0a-0000-4000-8000-0000000000c0", name = "upsToCampaign" }
  return aep
end

--- The recorded requests of one verb.
---@param aep table
---@param verb "list"|"get"|"create"|"update"
---@return table[]
function M.requests(aep, verb)
  local chosen = {}
  for _, request in ipairs(aep.requests) do
    if request.verb == verb then chosen[#chosen + 1] = request end
  end
  return chosen
end

return M
