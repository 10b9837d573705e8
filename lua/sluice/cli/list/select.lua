--- Which of the listed entities, and in which order: --filter, --sort, --limit.

local core = require "sluice.core"
local letters = require "sluice.letters"
local listing = require "sluice.listing"
local output = require "sluice.cli.output"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.cli.list.Filter
---@field field string column or path
---@field operator "=="|"!="|"~"
---@field value string
---@field column sluice.cli.Column

local function fail(message, ...) core.error.raise("usage", message:format(...)) end

--- "state==enabled", "name!=X", "name~loyal".
local function read_filter(text, columns)
  local field, operator, value = text:match "^([^=!~<>]+)([=!]=)(.*)$"
  if not field then field, operator, value = text:match "^([^=!~<>]+)(~)(.*)$" end
  if not field then
    fail("--filter %s: expected FIELD==VALUE, FIELD!=VALUE or FIELD~PART", suggest.quote(text))
  end
  if field:find "%s$" then value = value:match "^%s*(.-)%s*$" end -- "state == enabled": blanks for the eye
  field = field:match "^%s*(.-)%s*$"
  return { field = field, operator = operator, value = value, column = output.column(columns, field, "--filter") }
end

--- Reads --filter.
---@param texts string[]|nil
---@param columns sluice.cli.Column[]
---@return sluice.cli.list.Filter[]; raises kind "usage"
function M.filters(texts, columns)
  local filters = {}
  for i, text in ipairs(texts or {}) do filters[i] = read_filter(text, columns) end
  return filters
end

--- What the service can be asked for: fewer entities come; what it keeps back is compared here as well.
---@param filters sluice.cli.list.Filter[]
---@param sends table<string, string> fields that the service may filter by
---@return table<string, string>|nil where of a query
function M.where(filters, sends)
  local where = {}
  for _, filter in ipairs(filters) do
    local path = sends[filter.field]
    if path and filter.operator == "==" and listing.is_expressible(filter.value) then where[path] = filter.value end
  end
  return next(where) and where or nil
end

local function text_of(value)
  if value == nil or value == core.json.null then return nil end
  return type(value) == "table" and core.json.encode(value) or tostring(value)
end

local function is_equal(value, wanted)
  local text = text_of(value)
  return text == wanted or type(value) == "number" and tonumber(wanted) == value
    or text == nil and wanted == "" or text == "" and wanted == ""
end

--- Does any value of a list, or the value itself, pass?
local function any(value, test, wanted)
  if not core.json.is_array(value) then return test(value, wanted) end
  for _, element in ipairs(value) do
    if test(element, wanted) then return true end
  end
  return false
end

local function contains(value, part)
  local text = text_of(value)
  return text ~= nil and letters.lower(text):find(letters.lower(part), 1, true) ~= nil
end

local TESTS = {
  ["=="] = function(value, wanted) return any(value, is_equal, wanted) end,
  ["!="] = function(value, wanted) return not any(value, is_equal, wanted) end,
  ["~"] = function(value, part) return any(value, contains, part) end,
}

--- Does the entity pass all filters?
---@param item table
---@param filters sluice.cli.list.Filter[]
---@return boolean
function M.passes(item, filters)
  for _, filter in ipairs(filters) do
    if not TESTS[filter.operator](filter.column.get(item), filter.value) then return false end
  end
  return true
end

--- Reads --limit.
---@param word string|nil
---@return integer|nil; raises kind "usage"
function M.limit(word)
  if word == nil then return nil end
  local limit = word:find "^%d+$" and math.tointeger(tonumber(word))
  if limit and limit >= 1 then return limit end
  fail("--limit is %s; expected a whole number from 1", suggest.quote(word))
end

---@class sluice.cli.list.Order
---@field column sluice.cli.Column
---@field descending boolean

--- Reads --sort.
---@param word string|nil FIELD or -FIELD
---@param columns sluice.cli.Column[]
---@return sluice.cli.list.Order|nil; raises kind "usage"
function M.order(word, columns)
  if word == nil then return nil end
  local sign, field = word:match "^([+-]?)(.*)$"
  return { column = output.column(columns, field, "--sort"), descending = sign == "-" }
end

local RANK = { number = 1, string = 2, boolean = 3 }

--- Numbers by value, texts without regard to case, in this order.
local function is_before(a, b)
  local x, y = RANK[type(a)], RANK[type(b)]
  if x ~= y then return x < y end
  if x ~= 2 then return tostring(a) < tostring(b) and x == 3 or x == 1 and a < b end
  local low_a, low_b = letters.lower(a), letters.lower(b)
  if low_a == low_b then return a < b end
  return low_a < low_b
end

--- Sorts rows in place; equals keep their order, rows without a value come last.
---@param rows { key: any }[]
---@param descending boolean
function M.sort(rows, descending)
  for i, row in ipairs(rows) do
    row.place = i
    if type(row.key) == "table" then row.key = text_of(row.key) end
  end
  table.sort(rows, function(a, b)
    if a.key == b.key then return a.place < b.place end
    if a.key == nil or b.key == nil then return b.key == nil end
    if descending then a, b = b, a end
    return is_before(a.key, b.key)
  end)
end

return M
