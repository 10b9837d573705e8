--- What commands print: lists as tables, JSON, lines of JSON or CSV, a page at a time; single documents; notes and
--- progress beside them. Tables hold nothing that could steer a terminal; JSON and CSV keep the data.

local core = require "sluice.core"
local clean = require "sluice.terminal.clean"

local M = {}

--- To be appended to a command's own options.
---@type sluice.cli.Option[]
M.options = {
  { name = "--columns", value = "A,B", help = "show these columns, or what is at these JSON paths" },
  { name = "--json", help = "print one JSON document" },
  { name = "--ndjson", help = "print a JSON object a line" },
  { name = "--csv", help = "print comma-separated values (RFC 4180)" },
  { name = "--quiet", help = "leave out notes and progress on standard error" },
}

local BATCH = 100 -- rows that are printed together when nobody says where a page ends

---@class sluice.cli.Column
---@field name string as in --columns, JSON and CSV
---@field title? string heading; the name in capitals without it
---@field get fun(item: table): any the value; nil for none
---@field show? fun(value: any): string|nil the value in a table, where it is not the value itself
---@field colour? fun(value: any): string|nil a kind of `sluice.terminal.style`, in a table on a terminal
---@field cut? boolean narrowed on a narrow terminal
---@field goes? integer left out on a narrow terminal, the sooner the higher
---@field width? integer least width, for what later pages may bring
---@field right? boolean a number
---@field extra? boolean in tables and CSV only when --columns names it; JSON has it always

-- ── columns ────────────────────────────────────────────────────────────────────────────────────────────────

--- The value at a place in an item: a dotted path, or a JSON Pointer when it begins with a slash. Lists are entered by
--- number from 0, or as a whole by `[]`.
---@param item any
---@param path string
---@return any value nil when there is none
function M.at(item, path)
  if path:find "^/" then return (core.pointer.get(item, path)) end
  if path == "" then return item end
  if type(item) ~= "table" then return nil end
  local part, rest = path:match "^([^.]*)%.?(.*)$"
  local name, all = part:match "^(.-)%[%]$", core.json.array {}
  if not name then
    local index = core.json.is_array(item) and part:match "^%d+$"
    return M.at(item[index and tonumber(index) + 1 or part], rest)
  end
  for _, element in ipairs(type(item[name]) == "table" and item[name] or {}) do
    local value = M.at(element, rest)
    if core.json.is_array(value) then table.move(value, 1, #value, #all + 1, all) else all[#all + 1] = value end
  end
  return all
end

local function is_path(word) return word:find "^/" ~= nil or word:find("%.%w") ~= nil end

--- The member of an item in which a path begins.
local function member_of(path)
  if path:find "^/" then return (core.pointer.parse(path)[1]) end
  return path:match "^([^.%[]+)" or path
end

local redactor -- made for the first path

--- What is at a path, as a column. Accounts may show their credentials (flow-service-api.md §4): those are hidden.
local function path_column(path)
  local member = member_of(path)
  return { name = path, title = clean.line(path), cut = true, get = function(item)
    redactor = redactor or require("sluice.seeing.redact").new()
    return M.at(redactor:value { [member] = item[member] }, path)
  end }
end

local function named(columns, word)
  for _, column in ipairs(columns) do
    if column.name == word then return column end
  end
end

--- The column that a word of --columns, --filter or --sort means.
---@param columns sluice.cli.Column[] and in `fields` the names of further members of an item
---@param word string
---@param option string such as "--columns", for messages
---@return sluice.cli.Column; raises kind "usage" for a word that is none
function M.column(columns, word, option)
  local known = named(columns, word)
  if known then return known end
  local ok, member = pcall(member_of, word)
  if not ok then core.error.raise("usage", ("%s: %s"):format(option, member.message)) end
  local names, is_field = {}, columns.fields == nil and is_path(word)
  for i, column in ipairs(columns) do names[i] = column.name end
  local offered = table.concat(names, ", ")
  for _, field in ipairs(columns.fields or {}) do
    is_field = is_field or field == member
    names[#names + 1] = field
  end
  if is_field then return path_column(word) end
  local suggest = require "sluice.suggest"
  local near = suggest.nearest(member or word, names)
  core.error.raise("usage", ("%s: there is no column %s%s; there are %s"):format(option, suggest.quote(word),
    near and (", did you mean %s?"):format(suggest.quote(near)) or "", offered))
end

--- The columns that the options ask for.
---@param values table<string, any> of the options
---@param columns sluice.cli.Column[]
---@return sluice.cli.Column[]; raises kind "usage"
function M.columns(values, columns)
  local chosen = {}
  if not values.columns then
    for _, column in ipairs(columns) do
      if not column.extra or values.json or values.ndjson then chosen[#chosen + 1] = column end
    end
    return chosen
  end
  for word in values.columns:gmatch "[^,]+" do
    local column = M.column(columns, word:match "^%s*(.-)%s*$", "--columns")
    chosen[#chosen + 1] = setmetatable({ goes = false }, { __index = column }) -- who asks for it gets it
  end
  if #chosen == 0 then core.error.raise("usage", "--columns names no column") end
  return chosen
end

--- Which format the options ask for. Raises kind "usage" for two at once.
local function format_of(values)
  local found
  for _, name in ipairs { "json", "ndjson", "csv" } do
    if values[name] and found then
      core.error.raise("usage", ("--%s and --%s exclude each other"):format(found, name))
    end
    found = values[name] and name or found
  end
  return found or "table"
end

--- Checks the options before anything is sent. Raises kind "usage".
---@param values table<string, any> of the options
---@param columns? sluice.cli.Column[]
---@return "table"|"json"|"ndjson"|"csv" format
function M.check(values, columns)
  if columns then M.columns(values, columns) end
  return format_of(values)
end

-- ── writing ────────────────────────────────────────────────────────────────────────────────────────────────

--- Writes to standard output. Raises kind "io" when it takes no more.
local function write(text)
  local ok, reason = io.stdout:write(text)
  if not ok then core.error.raise("io", "cannot write to standard output: " .. tostring(reason)) end
end

local function flush()
  local ok, reason = io.stdout:flush()
  if not ok then core.error.raise("io", "cannot write to standard output: " .. tostring(reason)) end
end

--- A value as JSON, fit for a terminal: what nobody sees is escaped.
local function json(value, options) return clean.json(core.json.encode(value, options)) end

--- A value as the text of a cell; tables are JSON.
local function text_of(value)
  if value == nil or value == core.json.null then return "" end
  if type(value) == "table" then return core.json.encode(value) end
  return core.secret.mask(tostring(value))
end

local function csv_cell(text)
  if not text:find '[",\r\n]' then return text end
  return '"' .. text:gsub('"', '""') .. '"'
end

local function csv_line(cells)
  local line = table.concat(cells, ",")
  return (core.terminal.is "stdout" and clean.text(line) or line) .. "\r\n"
end

-- ── the formats ────────────────────────────────────────────────────────────────────────────────────────────

local Json, Lines, Csv, Table = {}, {}, {}, {}

local function object_of(columns, item)
  local object = {}
  for _, column in ipairs(columns) do
    local value = column.get(item)
    object[column.name] = value == nil and core.json.null or value
  end
  return core.json.object(object)
end

function Json:page(items)
  for _, item in ipairs(items) do
    write((self.begun and ",\n  " or "[\n  ") .. json(object_of(self.columns, item)))
    self.begun = true
  end
end

function Json:finish() write(self.begun and "\n]\n" or "[]\n") end

function Lines:page(items)
  for _, item in ipairs(items) do write(json(object_of(self.columns, item)) .. "\n") end
end

function Lines.finish() end

function Csv:head()
  local names = {}
  for i, column in ipairs(self.columns) do names[i] = csv_cell(column.name) end
  write(csv_line(names))
  self.begun = true
end

function Csv:page(items)
  if not self.begun then self:head() end
  for _, item in ipairs(items) do
    local cells = {}
    for i, column in ipairs(self.columns) do cells[i] = csv_cell(text_of(column.get(item))) end
    write(csv_line(cells))
  end
end

function Csv:finish()
  if not self.begun then self:head() end
end

local function shown(column, value)
  local text = value ~= nil and column.show and column.show(value)
  return clean.line(text_of(text or value))
end

--- Decides on the columns' widths by the first page; begins the table.
function Table:begin(items)
  local width, fit = require "sluice.terminal.width", require "sluice.terminal.fit"
  local room = core.terminal.size "stdout"
  local style = require "sluice.terminal.style"
  self.style = style.new(room ~= nil and style.wanted())
  local columns = {}
  for i, column in ipairs(self.columns) do
    local title = column.title or clean.line(column.name:upper())
    local made = { title = title, of = column, cut = column.cut and room ~= nil, goes = column.goes or 0,
      right = column.right, width = math.max(width.of(title), column.width or 0) }
    for _, item in ipairs(items) do made.width = math.max(made.width, width.of(shown(column, column.get(item)))) end
    columns[i] = made
  end
  if room then fit.fit(columns, room) end
  self.made, self.room, self.fit, self.begun = columns, room, fit, true
  self:line(function(column) return column.title end, function(_, cell) return self.style:paint("heading", cell) end)
end

--- A line, cut where a terminal is too narrow for the columns that have to stay; one that is cut has no colours.
function Table:line(cell_of, paint)
  local width, line = require "sluice.terminal.width", self.fit.row(self.made, cell_of)
  if self.room and width.of(line) > self.room then
    line = width.cut(line, self.room)
  elseif self.style.colour then
    line = self.fit.row(self.made, cell_of, paint)
  end
  write(line .. "\n")
end

function Table:page(items)
  if #items == 0 then return end
  if not self.begun then self:begin(items) end
  for _, item in ipairs(items) do
    local values = {}
    self:line(function(column)
      values[column] = column.of.get(item)
      return shown(column.of, values[column])
    end, function(column, cell)
      local kind = column.of.colour and values[column] ~= nil and column.of.colour(values[column])
      return kind and self.style:paint(kind, cell) or cell
    end)
  end
end

function Table.finish() end

local FORMATS = { json = Json, ndjson = Lines, csv = Csv, table = Table }

-- ── notes and progress ─────────────────────────────────────────────────────────────────────────────────────

--- Says something beside the result.
---@param values table<string, any>
---@param text string
function M.note(values, text)
  if not values.quiet then io.stderr:write(core.secret.mask(clean.line(text)), "\n") end
end

local Progress = {}
Progress.__index = Progress

--- What is shown from now on.
function Progress:say(text) self.text = text end

--- Takes the line away; it comes back while the work goes on.
function Progress:clear()
  if self.drawn then io.stderr:write "\r\27[K" end
  self.drawn = false
end

function Progress:close()
  if self.task then self.task:cancel() end
  self.task = nil
  self:clear()
end

--- What ends by Ctrl-C leaves no ^C in front of the message.
function Progress:__close(failure)
  self:close()
  if failure ~= nil and self.terminal then io.stderr:write "\r\27[K" end
end

local function draw(self)
  core.task.sleep(1)
  while true do
    local room = core.terminal.size "stderr" or 80
    io.stderr:write("\r", require("sluice.terminal.width").cut(clean.line(self.text), room - 1), "\27[K")
    io.stderr:flush()
    self.drawn = true
    core.task.sleep(0.25)
  end
end

--- Shows on standard error what is going on, where that is a terminal and it takes more than a second. For a variable
--- that is to be closed.
---@param values table<string, any>
---@param text string
---@return { say: fun(self: table, text: string), clear: fun(self: table), close: fun(self: table) } progress
function M.progress(values, text)
  local self = setmetatable({ text = text }, Progress)
  self.terminal = core.terminal.is "stderr" and os.getenv "TERM" ~= "dumb"
  if self.terminal and not values.quiet then self.task = core.task.spawn(draw, self) end
  return self
end

-- ── lists and documents ────────────────────────────────────────────────────────────────────────────────────

--- Prints a list, a page at a time: each is out before the next is asked for.
---@param values table<string, any> of the options
---@param columns sluice.cli.Column[]
---@param next_page fun(): table[]|nil, integer|nil items, nil at the end; how many were read, where those are more
---@param empty? string said on standard error in place of an empty table, such as "no dataflows in sandbox prod"
---@return integer count of rows
function M.pages(values, columns, next_page, empty)
  local format = format_of(values)
  local writer = setmetatable({ columns = M.columns(values, columns) }, { __index = FORMATS[format] })
  local count, seen, progress <close> = 0, 0, M.progress(values, "reading …")
  for items, read in next_page do
    progress:clear()
    writer:page(items)
    flush()
    count, seen = count + #items, seen + (read or #items)
    progress:say(("%d read …"):format(seen))
    if core.terminal.is "stdout" and count > 0 then progress:close() end -- the rows show that it goes on
  end
  progress:close()
  writer:finish()
  flush()
  if count == 0 and empty and format == "table" then M.note(values, empty) end
  return count
end

--- Prints a list, some rows at a time.
---@param values table<string, any> of the options
---@param columns sluice.cli.Column[]
---@param iterator fun(): table|nil gives the items
---@param empty? string said on standard error in place of an empty table
---@return integer count of rows
function M.rows(values, columns, iterator, empty)
  local over = false
  return M.pages(values, columns, function()
    if over then return nil end
    local items = {}
    while #items < BATCH and not over do
      local item = iterator()
      if item == nil then over = true else items[#items + 1] = item end
    end
    return #items > 0 and items or nil
  end, empty)
end

--- Prints one document: as JSON where that is asked for, else as the text.
---@param values table<string, any> of the options; --csv is refused
---@param document any
---@param text string|fun(): string for people, already clean
function M.value(values, document, text)
  local format = format_of(values)
  if format == "csv" then core.error.raise("usage", "--csv is for lists; this is one document") end
  if format == "table" then
    write(type(text) == "function" and text() or text --[[@as string]])
  else
    write(json(document, format == "json" and { indent = 2 } or nil) .. "\n")
  end
  flush()
end

return M
