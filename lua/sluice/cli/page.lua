--- Pages of facts for people: headings, labelled values, aligned rows. Whatever comes from elsewhere is shown without
--- secrets, and as text that cannot steer a terminal.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local fit = require "sluice.terminal.fit"
local redact = require "sluice.seeing.redact"
local style = require "sluice.terminal.style"
local width = require "sluice.terminal.width"

local M = {}

--- Some of a list of options, by their names.
---@param options sluice.cli.Option[]
---@param ... string
---@return sluice.cli.Option[]
function M.only(options, ...)
  local wanted, list = {}, {}
  for _, name in ipairs { ... } do wanted[name] = true end
  for _, option in ipairs(options) do
    if wanted[option.name] then list[#list + 1] = option end
  end
  return list
end

--- To be appended to the options of a command that prints one document.
---@type sluice.cli.Option[]
M.options = M.only(require("sluice.cli.output").options, "--json", "--quiet")

local LABEL = 16 -- columns of a label and the blanks behind it

---@class sluice.cli.Page
---@field style sluice.terminal.Style
local Page = {}
Page.__index = Page

--- Any value as one clean line; "" for nil.
---@param value any
---@return string
function M.line(value)
  if value == nil or value == core.json.null then return "" end
  if type(value) == "table" then value = core.json.encode(value) end
  return clean.line(redact.mask(tostring(value)))
end

--- "Name (id)", or the ID alone.
---@param item { id: string, name: string|nil }
---@return string
function M.named(item)
  if not item.name then return M.line(item.id) end
  return ("%s (%s)"):format(M.line(item.name), M.line(item.id))
end

--- A moment in UTC.
---@param time any milliseconds since 1970, as entities have it
---@return string|nil
function M.moment(time)
  if type(time) ~= "number" or time <= 0 or time >= 1e15 then return nil end
  return os.date("!%Y-%m-%d %H:%M UTC", time // 1000 | 0) --[[@as string]]
end

--- Adds a line as it is.
---@param text string clean already
function Page:add(text) self[#self + 1] = text end

--- Begins a part: "Dataflow: Loyal customers", after an empty line.
---@param title string
---@param value any shown behind a colon; nil: nothing
function Page:heading(title, value)
  if #self > 0 then self:add "" end
  self:add(self.style:paint("heading", title) .. (value == nil and "" or ": " .. M.line(value)))
end

--- Adds a labelled value, unless there is none.
---@param label string
---@param value any
function Page:field(label, value)
  local line = M.line(value)
  if line ~= "" then self:add("  " .. width.pad(label, LABEL) .. line) end
end

--- Adds rows of texts, aligned; columns that are empty in all of them are left out.
---@param rows string[][] clean or not; nil is not allowed, "" is nothing
---@param paint? fun(row: integer): string|nil a colour for a row's first cell
function Page:rows(rows, paint)
  local columns = {}
  for i = 1, rows[1] and #rows[1] or 0 do
    local column = { index = i, width = 0 }
    for _, row in ipairs(rows) do
      row[i] = M.line(row[i])
      column.width = math.max(column.width, width.of(row[i]))
    end
    if column.width > 0 then columns[#columns + 1] = column end
  end
  for number, row in ipairs(rows) do
    local colour = paint and paint(number)
    self:add("  " .. fit.row(columns, function(column) return row[column.index] end, colour and function(column, cell)
      return column.index == 1 and self.style:paint(colour, cell) or cell
    end or nil))
  end
end

--- The page as text of whole lines.
---@return string
function Page:text() return table.concat(self, "\n") .. "\n" end

--- An empty page; coloured where it goes to a terminal.
---@param stream? "stdout"|"stderr" where it goes, standard output unless told
---@return sluice.cli.Page
function M.new(stream)
  return setmetatable({ style = style.new(core.terminal.is(stream or "stdout") and style.wanted()) }, Page)
end

return M
