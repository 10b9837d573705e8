--- The platform as an object: one field for each resource of the Flow Service, with paging, finding and waiting
--- on top of the C bindings. Nothing is sent before the first call.

local core = require "sluice.core"
local audiences = require "sluice.audiences"
local listing = require "sluice.listing"
local recovery = require "sluice.recovery"
local sandboxes = require "sluice.sandboxes"
local sound = require "sluice.sound"

local M = {}

--- A list that is longer than this many pages is refused rather than read for ever.
M.MAX_PAGES = 100000

--- Seconds by which a list may lag behind what was created; nothing documents it.
M.SETTLE = 5

-- ── queries ────────────────────────────────────────────────────────────────────────────────────────────────

local QUERY_FIELDS = { "limit", "orderby", "property", "where", "count" }

--- The fields of `where` that are sent: the ID or the name alone where there is one, for the sources differ on
--- whether filters may be repeated (SF: yes, D: one string); all else is compared on our side.
local function sent_fields(where)
  for _, field in ipairs { "id", "name" } do
    if listing.is_expressible(where[field]) then return { field } end
  end
  local fields = {}
  for field, value in pairs(where) do
    if listing.is_expressible(value) then fields[#fields + 1] = field end
  end
  table.sort(fields)
  return fields
end

--- The filters of a query, in a fixed order, so that the same query is the same request.
local function filters(query)
  local property, where, list = query.property, query.where or {}, {}
  if type(property) == "string" then property = { property } end
  for _, filter in ipairs(property or {}) do list[#list + 1] = filter end
  for _, field in ipairs(sent_fields(where)) do list[#list + 1] = ("%s==%s"):format(field, tostring(where[field])) end
  return #list > 0 and list or nil
end

local function wire_query(query)
  return { limit = query.limit, orderby = query.orderby, count = query.count, property = filters(query) }
end

-- ── resources ──────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.Resource the entities of one kind that the Flow Service keeps: dataflows, connections, runs, specs
---@field name string as in `aep.flows`
---@field private settle number seconds by which lists may lag
local Resource = {}

local function call(self, action, args)
  return core.flow_service.call(self.client, self.name .. "." .. action, args)
end

--- Where the next page is; nil at the end. A link that is none would be a list cut short.
local function next_link(self, page)
  local links = page._links
  local link = type(links) == "table" and links.next or nil
  local href = type(link) == "table" and link.href or link
  if href == nil or href == core.json.null or href == "" or type(href) == "table" then return nil end
  if type(href) == "string" then return href end
  core.error.raise("http", ("%s: the link to the next page is no text but %s"):format(self.name, tostring(href)),
    { hint = "is the base URL right?" })
end

--- Those of a page that the page before did not have: pages overlap where something is added while they are read.
local function unseen(items, before)
  local kept, ids = core.json.array {}, {}
  for _, item in ipairs(items) do
    if not (before[item.id] or ids[item.id]) then kept[#kept + 1] = item end
    ids[item.id] = true
  end
  return kept, ids
end

--- One page.
---@param query? table { limit =, orderby =, property =, where = } (flow-service-api.md §11)
---@param next? string what the page before gave; the query is then ignored
---@return table[] items
---@return string|nil next for the following page
---@return { status: integer, headers: table<string, string> } head of the answer
function Resource:page(query, next)
  query = query or {}
  listing.check_query(query, QUERY_FIELDS)
  local page, head = call(self, "list", next and { next = next } or { query = wire_query(query) })
  return sound.page(self.name, page.items or core.json.array {}), next_link(self, page), head
end

--- Walks through all entities, a page at a time: each is asked for when its turn comes. However long the list is,
--- little is remembered of it: the entities of the page before, and one link, a later one each time the pages have
--- doubled, to which links that go in a circle come back (Brent).
---@param query? table
---@return fun(): table[]|nil iterator gives the entities of a page, which may be none
function Resource:pages(query)
  query = query or {}
  local pages, link, kept, turn, before = 0, nil, nil, 1, {}
  return function()
    if pages > 0 and not link then return nil end
    if link and (link == kept or pages >= M.MAX_PAGES) then
      core.error.raise("limit", ("%s: the list does not end (page %d)"):format(self.name, pages))
    end
    if pages == turn then kept, turn = link, turn * 2 end
    local items
    items, link = self:page(query, link)
    pages = pages + 1
    items, before = unseen(items, before)
    return listing.matching(items, query.where)
  end
end

--- Walks through all entities, a page at a time in memory. The first page is asked for at once.
---@param query? table
---@return fun(): table|nil iterator
function Resource:each(query) return listing.flat(self:pages(query)) end

--- All entities.
---@param query? table
---@return table[] items an array, in the service's order
function Resource:list(query)
  local list = core.json.array {}
  for item in self:each(query) do list[#list + 1] = item end
  if query and query.where and query.where.name then recovery.saw(self, list) end
  return list
end

--- The one entity that has these values.
---@param fields table { name = "…", ["connectionSpec.id"] = "…" }
---@return table|nil item nil when there is none; several raise kind "service", code "ambiguous"
function Resource:find(fields)
  return listing.only(self:list { where = fields }, self.name)
end

--- One entity.
---@param id string
---@return table item
function Resource:get(id)
  local item = sound.entity(self.name, (call(self, "get", { id = id })))
  if item.id:lower() == id:lower() then return item end
  core.error.raise("http", ("%s: asked for %s, the service shows %s"):format(self.name, id, item.id),
    { hint = "is the base URL right?" })
end

--- Performs one operation, without any recovery.
---@param action string such as "create"
---@param args table
---@return any answer
function Resource:send(action, args) return (call(self, action, args)) end

--- Creates an entity, once: when the answer is lost the entity is looked for before anything is repeated (see
--- `sluice.recovery`).
---@param body table
---@return table { id, etag, adopted = true|nil }
function Resource:create(body) return recovery.create(self, body) end

--- Changes an entity by JSON Patch. The etag is read first when none is given (flow-service-api.md §12). A patch
--- that goes by identity (`remove_by`, `replace_by`, `add_unless`) is resolved against the entity as it is read at
--- this moment, and guarded by the etag of that reading; where it comes to nothing, nothing is sent. A lost answer
--- and another's change in between are dealt with (see `sluice.recovery`).
---@param id string
---@param patch table a `sluice.patch`, or a list of operations
---@param options? { etag?: string }
---@return table|nil { id, etag }; nil when the service answers without a body
function Resource:update(id, patch, options)
  return recovery.update(self, id, core.patch.new(patch), options and options.etag)
end

--- Deletes an entity. That it is gone already is no failure.
---@param id string
function Resource:delete(id) recovery.delete(self, id) end

--- Performs an operation such as "enable".
---@param id string
---@param op string
---@return table { id, etag }
function Resource:action(id, op) return recovery.action(self, id, op) end

--- Lets a dataflow run.
---@param id string
---@return table { id, etag }
function Resource:enable(id) return self:action(id, "enable") end

--- Stops a dataflow.
---@param id string
---@return table { id, etag }
function Resource:disable(id) return self:action(id, "disable") end

--- Tries the credentials of a base connection.
---@return boolean
function Resource:test(id) return call(self, "test", { id = id }).result == true end

--- What a base connection offers to be configured.
---@param id string
---@param query? table
---@return any
function Resource:configs(id, query) return (call(self, "configs", { id = id, query = query })) end

--- What a base connection shows of its system.
---@param id string
---@param query? table
---@return any
function Resource:explore(id, query) return (call(self, "explore", { id = id, query = query })) end

--- Entities by the search endpoint's own query language (flow-service-api.md §7).
---@param body table { queryString =, limit =, orderby = }
---@return table[] items of the first page
---@return string|nil next
function Resource:search(body)
  local page = call(self, "search", { body = body })
  return page.items or core.json.array {}, next_link(self, page)
end

--- Which operation of the service a method needs, where the names differ.
local NEEDS = { page = "list", pages = "list", each = "list", find = "list", send = "get", enable = "action",
  disable = "action" }
local ONLY_FLOWS = { enable = true, disable = true }

--- One class for each resource, holding just the methods that the service offers for it.
local function make_classes()
  local offered, classes = {}, {}
  for _, operation in ipairs(core.flow_service.operations) do
    offered[operation.resource] = offered[operation.resource] or {}
    offered[operation.resource][operation.action] = true
  end
  for name, actions in pairs(offered) do
    local class = {}
    for method, fn in pairs(Resource) do
      if actions[NEEDS[method] or method] and (name == "flows" or not ONLY_FLOWS[method]) then class[method] = fn end
    end
    classes[name] = { __name = "sluice." .. name, methods = class, __index = listing.index(name, class) }
  end
  return classes
end

local CLASSES = make_classes()

-- ── the client ─────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.Client a connection to the platform: one field for each kind of entity
---@field sandbox string
---@field base_url string
---@field source string where the credentials come from
---@field protected boolean writes need the sandbox's name (see `sluice.protection`)
---@field connections sluice.Resource base connections: accounts at destinations
---@field source_connections sluice.Resource
---@field target_connections sluice.Resource
---@field flows sluice.Resource dataflows
---@field runs sluice.Resource of dataflows
---@field connection_specs sluice.Resource kinds of destinations and sources
---@field flow_specs sluice.Resource
---@field audiences sluice.Listing
---@field sandboxes sluice.Listing
local Client = {}
Client.__index = Client
Client.__name = "sluice.client"

--- Anything else of the platform, authorised.
---@param request { method?: string, path: string, query?: table, headers?: table, body?: any }
---@return any value the decoded answer, nil when it is empty
---@return table response { status, headers }
function Client:request(request)
  return self.client:request(request)
end

--- A client for these settings (see `sluice.config`).
---@param settings table
---@return sluice.Client
function M.new(settings)
  local client = core.client.new(settings)
  local self = { client = client, sandbox = settings.sandbox, base_url = settings.base_url, source = settings.source,
    protected = settings.protected or false }
  for name, class in pairs(CLASSES) do
    self[name] = setmetatable({ client = client, name = name, settle = settings.settle or M.SETTLE }, class)
  end
  self.audiences, self.sandboxes = audiences.new(client), sandboxes.new(client)
  return setmetatable(self, Client)
end

return M
