--- Lists: orderby, limit, count and continuation. A listing fixes its ids and their order when it begins; a
-- continuation goes on in that order, leaves out what was deleted meanwhile and shows the rest as it is now.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local faults = require "sluice.emulator.faults"
local filter = require "sluice.emulator.filter"

local M = {}

--- Query parameters of a list.
M.QUERY = { property = true, limit = true, orderby = true, count = true, continuationToken = true }

local MAX_LIMIT = 100 -- [D]
local MAX_CURSORS = 1000 -- the oldest continuation is forgotten first

-- A positive integer; the maximum is 100 [D], in a search 1000 [F].
local function read_limit(text, maximum, options)
  if not text then return options.page_size end
  local limit = text:match("^%d+$") and math.tointeger(tonumber(text))
  if not limit or limit < 1 then
    errors.refuse("1452-400", "limit is '%s'; expected a positive integer", text)
  end
  maximum = maximum or MAX_LIMIT
  if limit > maximum and options.limit_over_100 == "reject" then
    errors.refuse("1452-400", "limit is %d; the maximum is %d", limit, maximum)
  end
  return limit
end

local function sort_key(part, fields)
  -- A "+" that was not percent-encoded arrives as a blank.
  local sign, path = part:match("^([^%w_]?)([%w_.]+)$")
  if not path then errors.refuse("1433-400", "'%s'", part) end
  if not ("+- "):find(sign, 1, true) then errors.refuse("1432-400", "'%s' in '%s'", sign, part) end
  local kind = fields[path:match("^[^.]+")]
  if not kind or kind == "array" or (kind == "object") ~= (path:find(".", 1, true) ~= nil) then
    errors.refuse("1433-400", "'%s'", path)
  end
  return { path = path, descending = sign == "-" }
end

local function value_at(item, path)
  for name in path:gmatch("[^.]+") do
    if type(item) ~= "table" then return nil end
    item = item[name]
  end
  return item
end

-- -1, 0 or 1. Numbers by value, all else as text; an absent value is greater than any other.
local function compare(a, b)
  if type(a) ~= "number" or type(b) ~= "number" then
    a, b = a ~= nil and tostring(a), b ~= nil and tostring(b)
    if not a or not b then return a and -1 or b and 1 or 0 end
  end
  return a < b and -1 or a > b and 1 or 0
end

--- Sorts records in place.
---@param records sluice.emulator.Record[] newest first, which stays the order of equals
---@param orderby? string comma-separated; "-f" descending, "+f" or "f" ascending [SF]
---@param fields sluice.emulator.Fields
--- Refuses a wrong sign with 1432-400, an unknown field with 1433-400. [ERR]
function M.sort(records, orderby, fields)
  local keys = {}
  for part in (orderby or ""):gmatch("[^,]+") do keys[#keys + 1] = sort_key(part, fields) end
  if #keys == 0 then return end
  table.sort(records, function(a, b)
    for _, key in ipairs(keys) do
      local order = compare(value_at(a.item, key.path), value_at(b.item, key.path))
      if order ~= 0 then return (order < 0) ~= key.descending end
    end
    return a.touched > b.touched
  end)
end

local function select_records(rq, definition, query)
  local keep = filter.compile(query.property, definition, rq.options.status_case == "ignore")
  local records = {}
  for _, record in ipairs(rq.scope:newest(definition.name)) do
    if keep(record.item) and not (rq.plan and faults.is_hidden(record, rq.plan)) then records[#records + 1] = record end
  end
  M.sort(records, query.orderby, definition.fields)
  return records
end

local Cursors = {}
Cursors.__index = Cursors

--- Makes an empty set of continuations.
---@param ids table source of tokens
---@return table cursors
function M.cursors(ids)
  return setmetatable({ ids = ids, by_token = {}, tokens = {}, first = 1, last = 0 }, Cursors)
end

function Cursors:add(cursor)
  local token = self.ids:digits(self.ids:next("continuation"))
  self.last = self.last + 1
  self.tokens[self.last], self.by_token[token] = token, cursor
  if self.last - self.first >= MAX_CURSORS then
    self.by_token[self.tokens[self.first]], self.tokens[self.first] = nil, nil
    self.first = self.first + 1
  end
  return token
end

local function begin(rq, definition, query)
  local ids = {}
  for i, record in ipairs(select_records(rq, definition, query)) do ids[i] = record.item.id end
  return { kind = definition.name, scope = rq.scope, ids = ids, position = 1,
    limit = read_limit(query.limit, query.maximum, rq.options) }
end

local function continue(rq, definition, query)
  local cursor = rq.emulator.cursors.by_token[query.continuationToken]
  if not cursor or cursor.kind ~= definition.name or cursor.scope ~= rq.scope then
    errors.refuse("1452-400", "continuationToken '%s' is not one this list gave", query.continuationToken)
  end
  filter.compile(query.property, definition)
  local limit = query.limit and read_limit(query.limit, query.maximum, rq.options) or cursor.limit
  return { kind = cursor.kind, scope = cursor.scope, ids = cursor.ids, position = cursor.position,
    limit = limit }
end

--- Takes the page at the cursor and moves the cursor behind it.
local function take(cursor)
  local items = core.json.array {}
  while #items < cursor.limit and cursor.position <= #cursor.ids do
    local record = cursor.scope:find(cursor.kind, cursor.ids[cursor.position])
    items[#items + 1] = record and record.item
    cursor.position = cursor.position + 1
  end
  return items
end

-- Python clients write True and False, the latter beside a limit.
local function wants_count(text)
  local word = (text or "false"):lower()
  if word == "true" or word == "false" then return word == "true" end
  errors.refuse("1452-400", "count is '%s'; expected true or false", text)
end

--- Answers a list request.
---@param rq sluice.emulator.Request
---@param definition sluice.emulator.Definition
---@param query table parsed query; `maximum` is the greatest limit, 100 without it
---@return integer status, table body `{items, _links}`, or with count=true `{count}` [SF]
--- The next link is relative to the service's base [D]. It carries the token alone, because the token stands
--- for the whole query and clients are known to cut the link at its first "=".
function M.list(rq, definition, query)
  local counting = wants_count(query.count)
  if counting and query.limit then errors.refuse("1401-400", "send one of them") end
  if counting and rq.options.count_body == "number" then
    return 200, { count = #select_records(rq, definition, query) }
  end
  local cursor = (query.continuationToken and continue or begin)(rq, definition, query)
  local items, links = take(cursor), {}
  if cursor.position <= #cursor.ids then
    links.next = { href = ("/%s?continuationToken=%s"):format(definition.name,
      rq.emulator.cursors:add(cursor)) }
  end
  return 200, { items = items, _links = links, count = counting and #cursor.ids or nil }
end

return M
