--- Read-only lists of the platform's neighbouring APIs (flow-service-api.md §16): pages, finding, one by its key. Each
--- API names its list otherwise and links to the next page in its own way; a description says how.

local core = require "sluice.core"
local suggest = require "sluice.suggest"

local M = {}

--- A list that is longer than this many pages is refused rather than read for ever.
M.MAX_PAGES = 100000

-- ── what every list of the client does ─────────────────────────────────────────────────────────────────────

local LONGEST = 500 -- bytes of a value that is sent in an address

--- May a value be sent to be looked for? What is too long, or no UTF-8, is compared on our side alone.
---@param value any
---@return boolean
function M.is_sendable(value)
  local text = tostring(value)
  return value ~= nil and #text <= LONGEST and text:find "%S" ~= nil and utf8.len(text) ~= nil
end

--- Can the filter grammar hold the value, too (flow-service-api.md §11)? A comma separates values in it.
---@param value any
---@return boolean
function M.is_expressible(value) return M.is_sendable(value) and not tostring(value):find "[,<>=~\"]" end

--- Refuses query fields that a list does not have.
---@param query table
---@param fields string[]
function M.check_query(query, fields)
  local known = {}
  for _, field in ipairs(fields) do known[field] = true end
  for field in pairs(query) do
    if not known[field] then
      local near = suggest.nearest(tostring(field), fields)
      core.error.raise("usage", ("a query has no field '%s'%s; it has %s"):format(tostring(field),
        near and (", did you mean '%s'?"):format(near) or "", table.concat(fields, ", ")))
    end
  end
end

--- The value at a dotted path of an entity.
local function at(entity, path)
  for part in path:gmatch "[^.]+" do
    entity = type(entity) == "table" and entity[part] or nil
  end
  return entity
end

--- Does the entity hold exactly what `where` asks for? The service is asked too; this makes sure, also for values
--- that its filter grammar cannot express.
---@param entity table
---@param where table<string, any>|nil
---@return boolean
function M.matches(entity, where)
  for path, value in pairs(where or {}) do
    local found = at(entity, path)
    if found == nil or found == core.json.null or tostring(found) ~= tostring(value) then return false end
  end
  return true
end

--- Those of a page that hold what `where` asks for.
---@param items table[]
---@param where table<string, any>|nil
---@return table[]
function M.matching(items, where)
  if not where then return items end
  local kept = core.json.array {}
  for _, item in ipairs(items) do
    if M.matches(item, where) then kept[#kept + 1] = item end
  end
  return kept
end

--- The entities of pages, one after the other. The first page is asked for at once.
---@param next_page fun(): table[]|nil
---@return fun(): table|nil iterator
function M.flat(next_page)
  local items, index = next_page(), 0
  return function()
    while items do
      index = index + 1
      if items[index] then return items[index] end
      items, index = next_page(), 0
    end
  end
end

--- The only one of what was found. Several raise kind "service", code "ambiguous", with the candidates.
---@param found table[]
---@param name string of the list
---@return table|nil
function M.only(found, name)
  if #found <= 1 then return found[1] end
  local names = {}
  for i, item in ipairs(found) do names[i] = ("%s (%s)"):format(item.id, item.name or "no name") end
  core.error.raise("service", ("%s: %d match, expected one: %s"):format(name, #found, suggest.some(names)),
    { code = "ambiguous", candidates = found, hint = "name one by its ID" })
end

--- The `__index` of a class: a method, or an error that names those there are.
---@param name string as in `aep.flows`
---@param class table<string, function>
---@return fun(self: table, key: any): function
function M.index(name, class)
  local methods = {}
  for method in pairs(class) do methods[#methods + 1] = method end
  table.sort(methods)
  return function(_, key)
    if class[key] then return class[key] end
    local near = suggest.nearest(tostring(key), methods)
    error(("aep.%s has no method '%s'%s"):format(name, tostring(key),
      near and (", did you mean '%s'?"):format(near) or "; it has " .. table.concat(methods, ", ")), 2)
  end
end

-- ── the neighbours' lists ──────────────────────────────────────────────────────────────────────────────────

---@class sluice.Listing a list of the platform that can be read: `aep.audiences`, `aep.sandboxes`
---@field name string as in `aep.audiences`
---@field private path string of the list
---@field private item_path string of one, without its key
---@field private list_key string where a page holds its entities
---@field key string the field that tells entities apart
---@field fields string[] of a query
---@field private wire fun(query: table): table what is sent for a query
---@field private paging table<string, boolean>|nil the parameters taken from a link to the next page; all without it
local Listing = {}

local function escape(text)
  return (text:gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- The parameters of a link such as "@/audiences?start=20&limit=20". Links leave filters out, so they are put on top
--- of the query of the page before.
local function link_parameters(link)
  local parameters = {}
  for name, value in (link:match "%?(.*)" or ""):gmatch "([^&=]+)=([^&]*)" do
    parameters[unescape(name)] = unescape(value)
  end
  return parameters
end

local function next_link(page)
  local links = page._links
  local link = type(links) == "table" and links.next
  local href = type(link) == "table" and link.href or link
  return type(href) == "string" and href:find "%?" and href or nil
end

local function nonsense(self, holds)
  core.error.raise("http", ("%s: the answer holds %s"):format(self.name, holds), { hint = "is the base URL right?" })
end

--- Has it the form of an entity: an object with a key, and no name but a text?
local function is_sound(self, item)
  if type(item) ~= "table" or core.json.is_array(item) then return false end
  local key, name = item[self.key], item.name
  return type(key) == "string" and key ~= "" and (name == nil or name == core.json.null or type(name) == "string")
end

--- One page.
---@param query? table
---@param next? string what the page before gave
---@return table[] items
---@return string|nil next for the following page
function Listing:page(query, next)
  query = query or {}
  M.check_query(query, self.fields)
  local sent = self.wire(query)
  for name, value in pairs(next and link_parameters(next) or {}) do
    if not self.paging or self.paging[name] then sent[name] = value end
  end
  local page = self.client:request { path = self.path, query = sent, headers = { Accept = "application/json" } }
  local items = type(page) == "table" and page[self.list_key] or nil
  if not core.json.is_array(items) then nonsense(self, "no list of " .. self.list_key) end
  for _, item in ipairs(items) do
    if not is_sound(self, item) then nonsense(self, "no list of " .. self.list_key) end
  end
  return items, next_link(page)
end

--- Those of a page that no page before had.
local function unseen(self, items, seen)
  local kept = core.json.array {}
  for _, item in ipairs(items) do
    local key = item[self.key]
    if not seen[key] then kept[#kept + 1] = item end
    seen[key] = true
  end
  return kept
end

--- Walks through all entities, a page at a time: each is asked for when its turn comes. An entity is given once, even
--- where pages overlap.
---@param query? table
---@return fun(): table[]|nil iterator gives the entities of a page, which may be none
function Listing:pages(query)
  query = query or {}
  local pages, link, seen, links = 0, nil, {}, {}
  return function()
    if pages > 0 and not link then return nil end
    if link and (links[link] or pages >= M.MAX_PAGES) then
      core.error.raise("limit", ("%s: the list does not end (page %d)"):format(self.name, pages))
    end
    links[link or ""] = true
    local items
    items, link = self:page(query, link)
    if #items == 0 then link = nil end
    pages = pages + 1
    return M.matching(unseen(self, items, seen), query.where)
  end
end

--- Walks through all entities, a page at a time in memory. The first page is asked for at once. An entity is given
--- once, even where pages overlap.
---@param query? table
---@return fun(): table|nil iterator
function Listing:each(query) return M.flat(self:pages(query)) end

--- All entities.
---@param query? table
---@return table[] items an array, in the service's order
function Listing:list(query)
  local list = core.json.array {}
  for item in self:each(query) do list[#list + 1] = item end
  return list
end

--- The one entity that has exactly these values.
---@param fields table { name = "…" }
---@return table|nil item nil when there is none; several raise kind "service", code "ambiguous"
function Listing:find(fields)
  return M.only(self:list { where = fields }, self.name)
end

--- One entity.
---@param key string
---@return table item
function Listing:get(key)
  local item = self.client:request { path = self.item_path .. escape(key), headers = { Accept = "application/json" } }
  if is_sound(self, item) then return item end
  nonsense(self, "no entity with its " .. self.key)
end

--- A table that nobody else has: what a list holds is in its user's hands.
local function copied(words)
  local copy = {}
  for key, value in pairs(words) do copy[key] = value end
  return copy
end

--- A maker of lists of one kind.
---@param description table the fields of `sluice.Listing`
---@return fun(client: table): sluice.Listing
function M.class(description)
  local methods = { page = Listing.page, pages = Listing.pages, each = Listing.each, list = Listing.list,
    find = Listing.find, get = Listing.get }
  local metatable = { __name = "sluice." .. description.name, methods = methods,
    __index = M.index(description.name, methods) }
  return function(client)
    local list = { client = client }
    for field, value in pairs(description) do
      list[field] = type(value) == "table" and copied(value) or value
    end
    return setmetatable(list, metatable)
  end
end

return M
