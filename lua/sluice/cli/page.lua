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
local SHORTEST = 12 -- columns that stay of a name

---@class sluice.cli.Page
---@field style sluice.terminal.Style
---@field room integer|nil columns of the terminal; nil: nothing is broken or cut
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
---@param room? integer columns it may take: the name is cut where that helps
---@return string
function M.named(item, room)
  local id, name = M.line(item.id), M.line(item.name)
  if name == "" then return id end
  if room then name = width.cut(name, math.max(SHORTEST, room - #id - 3)) end
  return ("%s (%s)"):format(name, id)
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

--- Adds a text behind something else. On a terminal it is broken between words, and goes on below its beginning.
---@param before string
---@param text string clean already
function Page:put(before, text)
  local margin, line = width.of(before), nil
  if not self.room or margin + width.of(text) <= self.room then return self:add(before .. text) end
  for word in text:gmatch "%S+" do
    if line and margin + width.of(line) + 1 + width.of(word) > self.room then
      self:add(before .. line)
      before, line = (" "):rep(margin), nil
    end
    line = line and line .. " " .. word or word
  end
  self:add(before .. (line or ""))
end

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
---@param columns? integer of the label, with the blanks behind it
function Page:field(label, value, columns)
  local line = M.line(value)
  if line ~= "" then self:put("  " .. width.pad(label, columns or LABEL), line) end
end

--- Adds rows of texts, aligned; columns that are empty in all of them are left out.
---@param rows string[][] clean or not; nil is not allowed, "" is nothing
---@param columns? { goes: integer|nil, cut: boolean|nil }[] what may go on a narrow terminal, the sooner the higher
---@param colour_of? fun(row: integer): string|nil a colour for a row's first cell
function Page:rows(rows, columns, colour_of)
  local made = {}
  for i = 1, rows[1] and #rows[1] or 0 do
    local given = columns and columns[i] or {}
    local column = { index = i, width = 0, goes = given.goes, cut = given.cut and self.room ~= nil }
    for _, row in ipairs(rows) do
      row[i] = M.line(row[i])
      column.width = math.max(column.width, width.of(row[i]))
    end
    if column.width > 0 then made[#made + 1] = column end
  end
  if self.room then fit.fit(made, self.room - 2) end
  for number, row in ipairs(rows) do
    local colour = colour_of and colour_of(number)
    self:add("  " .. fit.row(made, function(column) return row[column.index] end, colour and function(column, cell)
      return column.index == 1 and self.style:paint(colour, cell) or cell
    end or nil))
  end
end

--- The page as text of whole lines.
---@return string
function Page:text() return table.concat(self, "\n") .. "\n" end

--- An empty page; coloured, and as wide as the terminal, where it goes to one.
---@param stream? "stdout"|"stderr" where it goes, standard output unless told
---@return sluice.cli.Page
function M.new(stream)
  local room = core.terminal.size(stream or "stdout")
  return setmetatable({ style = style.new(room ~= nil and style.wanted()), room = room }, Page)
end

return M
