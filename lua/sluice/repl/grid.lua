--- Lists of resources as tables that fit the terminal: what each is called, its ID, how it is, when it changed.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local fit = require "sluice.terminal.fit"
local width = require "sluice.terminal.width"

local M = {}

M.ROWS = 1000

local function text_at(field)
  return function(item) return type(item[field]) == "string" and item[field] or nil end
end

local function status(item)
  local metrics = type(item.metrics) == "table" and item.metrics.statusSummary
  return text_at "state" (item) or text_at "lifecycleState" (item) or text_at "status" (item)
    or type(metrics) == "table" and text_at "status" (metrics) or nil
end

--- Milliseconds or seconds since 1970, or a time in words.
local function time(value)
  if type(value) == "string" then return value:match "^%d%d%d%d%-%d%d%-%d%d[T ]%d%d:%d%d" end
  if type(value) ~= "number" or value <= 0 or value >= 1e15 then return nil end
  return os.date("!%Y-%m-%dT%H:%M", value > 1e11 and value // 1000 or value // 1) --[[@as string]]
end

local function updated(item)
  local found = time(item.updatedAt) or time(item.updateEpoch) or time(item.updateTime) or time(item.createdAt)
    or time(item.createdDate)
  return found and found:gsub("T", " ") or nil
end

--- The columns, and which of them go first where there is no room: the higher, the sooner.
local COLUMNS = {
  { title = "NAME", of = text_at "name", cut = true },
  { title = "ID", of = text_at "id", goes = 0 },
  { title = "STATE", of = status, goes = 1 },
  { title = "TYPE", of = text_at "type", goes = 2 },
  { title = "VERSION", of = text_at "version", goes = 5 },
  { title = "FLOW", of = text_at "flowId", goes = 4 },
  { title = "UPDATED", of = updated, goes = 3 },
}

local function is_resource(item)
  if type(item) ~= "table" then return false end
  return type(item.id) == "string" or type(item.name) == "string" and (item.state ~= nil or item.type ~= nil)
end

--- Is it a list of resources?
---@param value any
---@return boolean
function M.is_resources(value)
  local class = type(value) == "table" and debug.getmetatable(value)
  if type(value) ~= "table" or class and rawget(class, "__name") ~= "sluice.json.array" or #value == 0 then
    return false
  end
  for key in next, value do
    if math.type(key) ~= "integer" or not is_resource(rawget(value, key)) then return false end
  end
  return true
end

--- The columns that some row has, with their cells.
local function filled_columns(items, rows)
  local columns = {}
  for _, column in ipairs(COLUMNS) do
    local made = { title = column.title, cut = column.cut, goes = column.goes, width = #column.title }
    local filled = false
    for i = 1, rows do
      local cell = column.of(items[i])
      filled = filled or cell ~= nil
      made[i] = clean.line(cell or "")
      made.width = math.max(made.width, width.of(made[i]))
    end
    if filled then columns[#columns + 1] = made end
  end
  return columns
end

--- The table, without a line end.
---@param items table[] for which `is_resources` holds
---@param options { style: sluice.terminal.Style, width: integer }
---@return string
function M.text(items, options)
  local rows = math.min(#items, M.ROWS)
  local numbers = { title = "", width = #tostring(rows), goes = 0 }
  for i = 1, rows do numbers[i] = tostring(i) end
  local columns = filled_columns(items, rows)
  fit.fit(columns, options.width - numbers.width - #fit.GAP)
  table.insert(columns, 1, numbers)
  local lines = { options.style:paint("heading", fit.row(columns, function(column) return column.title end)) }
  for i = 1, rows do
    lines[#lines + 1] = fit.row(columns, function(column) return column[i] end)
  end
  if rows < #items then
    lines[#lines + 1] = options.style:paint("faint", ("-- %d more; :json shows all"):format(#items - rows))
  end
  return core.secret.mask(table.concat(lines, "\n"))
end

return M
