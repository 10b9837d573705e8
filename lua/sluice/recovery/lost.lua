--- Looks for the entity whose creation was not answered.

local core = require "sluice.core"
local effect = require "sluice.recovery.effect"
local listing = require "sluice.listing"
local suggest = require "sluice.suggest"

local M = {}

--- When to look, in parts of the time by which a list may lag behind what was created.
local LOOKS = { 0, 0.2, 0.8 }
local SLACK = 2 -- seconds by which the service's clock, known to the second, may be misread

--- What tells an entity apart, besides its name and its time: the same spec and the same parents.
local LIKENESS = { "connectionSpec.id", "flowSpec.id", "baseConnectionId" }

local claimed = setmetatable({}, { __mode = "k" }) -- client → IDs that this program made or adopted
local seen = setmetatable({}, { __mode = "k" }) -- client → ID → when it was seen first, of core.task.now

--- Remembers what was there at this moment: it is no answer to a creation that comes later.
---@param resource sluice.Resource
---@param items table[]
function M.saw(resource, items)
  local known, now = seen[resource.client] or {}, core.task.now()
  seen[resource.client] = known
  for _, item in ipairs(items) do
    if item.id then known[item.id] = known[item.id] or now end
  end
end

--- Remembers that an entity has been accounted for: it is no answer to another creation.
---@param resource sluice.Resource
---@param id string
function M.claim(resource, id)
  claimed[resource.client] = claimed[resource.client] or {}
  claimed[resource.client][id] = true
end

local function at(entity, path)
  for part in path:gmatch "[^.]+" do
    entity = type(entity) == "table" and entity[part] or nil
  end
  return entity
end

local function filter(body)
  local where = { name = body.name }
  for _, path in ipairs(LIKENESS) do where[path] = at(body, path) end
  return where
end

local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11,
  Dec = 12 }

--- Seconds since 1970 of an HTTP date (RFC 9110 §5.6.7), or nil.
local function parse_date(text)
  local day, month, year, hour, minute, second =
    tostring(text):match "^%a+, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$"
  if not MONTHS[month] then return nil end
  year, month, day = tonumber(year), MONTHS[month], tonumber(day)
  local y = month <= 2 and year - 1 or year -- days since 1970 by the civil calendar, March first
  local from_march = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
  local days = 365 * y + y // 4 - y // 100 + y // 400 + from_march - 719468
  return days * 86400 + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
end

--- The service's time at which the creation was sent, by the date of a later answer.
local function sent_at(head, began)
  local now = parse_date(head and head.headers.date) or os.time()
  return now - (core.task.now() - began) - SLACK
end

local function has_same_ends(item, body)
  for _, field in ipairs { "sourceConnectionIds", "targetConnectionIds" } do
    local wanted = body[field] and core.json.array(core.json.copy(body[field]))
    if wanted and not core.json.equal(wanted, item[field]) then return false end
  end
  return true
end

--- Can a creation that began at `began` have made it? `since` is that moment on the service's clock.
local function is_new(resource, item, began, since)
  if (claimed[resource.client] or {})[item.id] then return false end
  local first = (seen[resource.client] or {})[item.id]
  if first and first < began then return false end
  return math.type(item.createdAt) ~= "integer" or item.createdAt / 1000 >= since
end

local function look(resource, body, began)
  local found, where = {}, filter(body)
  local items, link, head = resource:page { where = where }
  local since = sent_at(head, began)
  while items do
    for _, item in ipairs(items) do
      if listing.matches(item, where) and has_same_ends(item, body) and is_new(resource, item, began, since) then
        found[#found + 1] = item
      end
    end
    if not link then return found end
    items, link = resource:page(nil, link)
  end
end

local function refuse(resource, body, found, words, hint)
  local ids = {}
  for i, item in ipairs(found) do ids[i] = item.id end
  table.sort(ids)
  core.error.raise("service", ("%s: the answer to the creation of %s was lost, and %s: %s"):format(resource.name,
    suggest.quote(body.name), words, suggest.some(ids)), { code = "ambiguous", candidates = found, hint = hint })
end

--- The one that was found, if it is the one that was sent: name, spec, parent and time are not all of it.
local function only(resource, body, found)
  if #found > 1 then
    refuse(resource, body, found, ("%d that may be it are there"):format(#found),
      "keep one and delete the others, then run again")
  end
  for _, part in ipairs { "params", "data" } do
    if found[1] and body[part] ~= nil and not effect.holds(found[1][part], body[part]) then
      refuse(resource, body, found, ("one with other %s is there"):format(part),
        "if it is not yours, give yours another name")
    end
  end
  return found[1]
end

--- Looks for what a creation that began at `began` (of core.task.now) may have left, more than once, since lists may
--- lag. Raises code "ambiguous" when several come into question, or one that is not as it was sent.
---@param resource sluice.Resource
---@param body table
---@param began number
---@return table|nil item
function M.find(resource, body, began)
  for _, part in ipairs(LOOKS) do
    core.task.sleep(part * resource.settle)
    local found = only(resource, body, look(resource, body, began))
    if found then return found end
  end
end

return M
