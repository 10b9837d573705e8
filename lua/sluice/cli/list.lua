--- `sluice list KIND`: what there is in a sandbox.

local connection = require "sluice.cli.connection"
local kinds = require "sluice.cli.list.kinds"
local output = require "sluice.cli.output"

local function kind_lines()
  local lines = {}
  for i, kind in ipairs(kinds.list) do lines[i] = ("  %-19s %s\n"):format(kind.name, kind.help) end
  return table.concat(lines)
end

local M = {
  name = "list",
  summary = "list dataflows, accounts, audiences and what else there is",
  usage = "[options] KIND",
  arguments = { { name = "KIND", help = "what to list, see below", optional = true } },
  options = connection.with({
    { name = "--filter", value = "TEST", many = true,
      help = "FIELD==VALUE, FIELD!=VALUE, or FIELD~PART for what contains it in any case; all of them must hold" },
    { name = "--sort", value = "FIELD", signed = true,
      help = "order by a field, -FIELD the other way round; reads the whole list before the first row" },
    { name = "--limit", value = "N", signed = true, help = "print so many at most" },
  }, output.options),
  notes = "Kinds:\n" .. kind_lines() .. [[

FIELD is a column, or a JSON path of the entity: flowSpec.id, or as a JSON
Pointer /transformations/0/name; sourceConnectionIds[] is any of a list. JSON
and CSV have the columns' names in lower case, as --filter takes them. The
service is asked for what a filter with == says where it can be; all else is
compared here. Rows are printed as they come, newest first, but with --sort.
]],
  example = "sluice list destinations --filter state==disabled\n"
    .. "sluice list flows --sort -updated --limit 10 --columns name,flowSpec.id",
}

local function usage_error(message) require("sluice.cli.command").usage_error(M, message) end

local function kind_of(word)
  local kind = word and kinds[word]
  if kind and kind.name == word then return kind end
  local expected = require("sluice.suggest").expected(word, kinds.names)
  usage_error(word and ("no kind '%s' to list: %s"):format(require("sluice.cli.text").line(word), expected)
    or "KIND is missing; expected one of " .. table.concat(kinds.names, ", "))
end

--- What is to be listed, checked before anything is sent.
---@param values table<string, any>
local function read(values)
  local select = require "sluice.cli.list.select"
  local kind = kind_of(values.KIND)
  local names = require("sluice.cli.list.names").new()
  local columns = kind.columns(names)
  columns.fields = kind.fields
  output.check(values, columns)
  return { kind = kind, names = names, columns = columns, limit = select.limit(values.limit),
    filters = select.filters(values.filter, columns), order = select.order(values.sort, columns) }
end

--- The pages of the entities that are wanted, as they come.
local function pages_of(list, aep)
  local select, kind = require "sluice.cli.list.select", list.kind
  local where = select.where(list.filters, kind.sends)
  -- One filter of the service's is enough: documents differ on whether there may be several (SF, D).
  local query = { where = where, property = not where and kind.property or nil, limit = kind.page }
  if list.limit and not list.order and #list.filters == 0 and kind.page then
    query.limit = math.min(list.limit, kind.page)
  end
  local next_page, taken = aep[kind.collection]:pages(query), 0
  return function()
    if list.limit and not list.order and taken >= list.limit then return nil end
    local items = next_page()
    if not items then return nil end
    local kept = {}
    for _, item in ipairs(items) do
      local over = list.limit and not list.order and taken >= list.limit
      if not over and (not kind.keep or kind.keep(item)) and select.passes(item, list.filters) then
        kept[#kept + 1], taken = item, taken + 1
      end
    end
    return kept, #items
  end
end

--- All rows, in order: of each entity only what is printed is kept.
local function sorted(list, next_page, values)
  local select, rows = require "sluice.cli.list.select", {}
  local wanted = output.columns(values, list.columns)
  local seen, progress <close> = 0, output.progress(values, "reading, to sort …")
  for items, count in next_page do
    seen = seen + count
    for _, item in ipairs(items) do
      local row = { key = list.order.column.get(item) }
      for i, column in ipairs(wanted) do row[i] = column.get(item) end
      rows[#rows + 1] = row
    end
    progress:say(("%d read, to sort …"):format(seen))
  end
  select.sort(rows, list.order.descending)
  return wanted, rows
end

local function print_sorted(list, next_page, values, empty)
  local wanted, rows = sorted(list, next_page, values)
  local columns = {}
  for i, column in ipairs(wanted) do
    columns[i] = setmetatable({ get = function(row) return row[i] end }, { __index = column })
  end
  local index, last = 0, math.min(list.limit or #rows, #rows)
  output.rows(values, columns, function()
    index = index + 1
    return index <= last and rows[index] or nil
  end, empty)
end

local function perform(list, values, aep)
  list.names.aep = aep
  local empty = "no " .. list.kind.noun
    .. (list.kind.collection == "sandboxes" and "" or " in sandbox " .. aep.sandbox)
    .. (#list.filters > 0 and " pass the filters" or "")
  local next_page = pages_of(list, aep)
  if list.order then
    print_sorted(list, next_page, values, empty)
  else
    output.pages(values, list.columns, next_page, empty)
  end
  return 0
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = require("sluice.cli.command").read(M, words)
  if not values then return 0 end
  local list = read(values)
  return connection.during(values, function(aep) return perform(list, values, aep) end)
end

return M
