--- Files of parameters: JSON or Lua data, NDJSON, CSV. One object is one run, a list of them, or rows, are many.

local core = require "sluice.core"
local csv = require "sluice.recipe.csv"
local suggest = require "sluice.suggest"

local sethook = debug.sethook -- a restricted run has it no longer

local M = {}

M.MAX_BYTES = 64 << 20
M.MAX_ROWS = 10000

--- What a file that a run left behind has beside the parameters.
M.OWN = { "row", "outcome", "error", "ids" }

---@class sluice.recipe.row
---@field number integer counted from 1, also over several generations of a file
---@field place string "rows.csv:18" or "params.json: /3", for messages
---@field values table<string, any> parameter → text or value; of a column that stands there twice a list of texts
---@field places table<string, string> parameter → its place
---@field columns boolean|nil it comes from columns
---@field outcome string|nil what an earlier run came to
---@field ids any|nil
---@field error string|nil

---@class sluice.recipe.rows
---@field path string
---@field format "json"|"lua"|"ndjson"|"csv"
---@field many boolean one run a row
---@field rows sluice.recipe.row[]
---@field columns string[] names in their order
---@field continued boolean the file is what an earlier run left

local function fail(message, ...)
  core.error.raise("usage", message:format(...))
end

-- ── names ──────────────────────────────────────────────────────────────────────────────────────────────────

local function contains(list, name)
  for _, item in ipairs(list) do
    if item == name then return true end
  end
  return false
end

local function names_of(recipe)
  local names = {}
  for i, param in ipairs(recipe.params) do names[i] = param.name end
  return names
end

--- A parameter's name as it may be written: also in the way of its option.
local function plain(name)
  return (tostring(name):match "^%s*(.-)%s*$":gsub("^%-%-", ""):gsub("-", "_"))
end

local Reader = {}
Reader.__index = Reader

function Reader:complain(place, message, ...)
  self.wrong[#self.wrong + 1] = { place = place, message = message:format(...) }
end

--- Is it a parameter? Says so if not.
function Reader:knows(name, place, what)
  if contains(self.names, name) then return true end
  self:complain(place, "unknown %s %s; %s", what, suggest.quote(name), suggest.expected(name, self.names))
  return false
end

--- Puts what a run left behind where it belongs.
local function take_own(row, values)
  local number = math.tointeger(tonumber(values.row))
  row.number = number and number > 0 and number or row.number
  row.outcome, row.error, row.ids = values.outcome, values.error, values.ids
end

-- ── CSV ────────────────────────────────────────────────────────────────────────────────────────────────────

local function check_header(reader, header)
  if #header == 1 and header[1]:find "[;\t]" then
    fail("%s:%d: the columns are separated by %s; expected commas", reader.path, header.line,
      header[1]:find ";" and "semicolons" or "tabs")
  end
  local place, seen, params = ("%s:%d"):format(reader.path, header.line), {}, {}
  for _, param in ipairs(reader.recipe.params) do params[param.name] = param end
  for _, name in ipairs(header) do
    local own = reader.continued and contains(M.OWN, name)
    if not own and reader:knows(name, place, "column") and seen[name] and params[name].type ~= "list" then
      reader:complain(place, "the column %s stands there twice; only a list may", suggest.quote(name))
    end
    seen[name] = true
  end
end

local function row_of_record(reader, header, record, number)
  local place = ("%s:%d"):format(reader.path, record.line)
  local row, own = { number = number, place = place, values = {}, places = {}, columns = true }, {}
  if #record ~= #header then reader:complain(place, "has %d cells, expected %d", #record, #header) end
  for i = 1, math.min(#record, #header) do
    local name, cell = header[i], record[i]
    if reader.continued and contains(M.OWN, name) then
      own[name] = cell ~= "" and cell or nil
    elseif cell ~= "" then
      local before = row.values[name]
      if type(before) == "table" then before[#before + 1] = cell end
      row.values[name] = type(before) == "string" and { before, cell } or before or cell
      row.places[name] = ("%s, %s"):format(place, name)
    end
  end
  take_own(row, own)
  return row
end

local function is_outcome(names)
  for _, name in ipairs(M.OWN) do
    if not contains(names, name) then return false end
  end
  return true
end

local function read_csv(reader, text)
  local records = csv.parse(text, reader.path)
  local header = records[1] or fail("%s: is empty; expected a line of column names", reader.path)
  for i, name in ipairs(header) do header[i] = plain(name) end
  reader.continued = is_outcome(header)
  check_header(reader, header)
  local rows = {}
  for i = 2, #records do rows[i - 1] = row_of_record(reader, header, records[i], i - 1) end
  return rows, table.move(header, 1, #header, 1, {})
end

-- ── objects ────────────────────────────────────────────────────────────────────────────────────────────────

local function row_of_object(reader, object, number, place, pointer)
  local row, own, names = { number = number, place = place, values = {}, places = {} }, {}, {}
  if type(object) ~= "table" or core.json.is_array(object) then
    reader:complain(place, "expected an object of parameters")
    return row
  end
  for key in pairs(object) do names[#names + 1] = tostring(key) end
  table.sort(names)
  local continued = is_outcome(names)
  reader.continued = reader.continued or continued
  for _, key in ipairs(names) do
    local value, name = object[key], plain(key)
    if continued and contains(M.OWN, name) then
      if value ~= core.json.null then own[name] = value end
    elseif reader:knows(name, place, "key") and value ~= core.json.null then
      row.values[name], row.places[name] = value, ("%s%s/%s"):format(pointer, pointer:find ": /" and "" or ": ", key)
    end
  end
  take_own(row, own)
  return row
end

local function read_document(reader, document)
  local is_list = type(document) == "table" and (core.json.is_array(document) or #document > 0)
  if not is_list then
    return { row_of_object(reader, document, 1, reader.path, reader.path) }
  end
  local rows = {}
  for i, object in ipairs(document) do
    local place = ("%s: /%d"):format(reader.path, i - 1)
    rows[i] = row_of_object(reader, object, i, place, place)
  end
  reader.many = true
  return rows
end

local function read_lines(reader, text)
  local rows, line = {}, 0
  for words in (text .. "\n"):gmatch "(.-)\r?\n" do
    line = line + 1
    local place = ("%s:%d"):format(reader.path, line)
    if words:find "%S" then
      local ok, object = pcall(core.json.decode, words, place)
      if not ok then fail("%s", object.message) end
      rows[#rows + 1] = row_of_object(reader, object, #rows + 1, place, place)
    end
  end
  return rows
end

-- ── Lua data ───────────────────────────────────────────────────────────────────────────────────────────────

local MOST_STEPS = 10000000 -- instructions that data may take to come about

--- Resumes with nothing at hand: not even the methods of strings.
local function resume_bare(thread)
  local strings = getmetatable ""
  local methods = strings.__index
  strings.__index = nil
  local ok, value = coroutine.resume(thread)
  strings.__index = methods
  return ok, value
end

--- Runs a text that has nothing at hand, and takes what it returns.
local function read_lua(reader, text)
  if text:sub(1, 1) == "\27" then fail("%s: compiled Lua; expected text", reader.path) end
  local place = "@" .. reader.path
  local chunk, reason = load("return " .. text, place, "t", {})
  if not chunk then chunk, reason = load(text, place, "t", {}) end
  if not chunk then fail("%s", reason) end
  local thread = coroutine.create(chunk)
  sethook(thread, function() error("takes too long; data needs no such work", 0) end, "", MOST_STEPS)
  local ok, value = resume_bare(thread)
  if not ok then fail("%s: %s", reader.path, tostring(value):gsub("^" .. reader.path:gsub("%p", "%%%0") .. ":", "")) end
  if coroutine.status(thread) ~= "dead" then fail("%s: yields; expected it to return its data", reader.path) end
  return read_document(reader, value)
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

local FORMATS = {
  json = function(reader, text)
    local ok, document = pcall(core.json.decode, text, reader.path)
    if not ok then fail("%s", document.message) end
    return read_document(reader, document)
  end,
  lua = read_lua, ndjson = read_lines, csv = read_csv,
}
local ENDINGS = { json = "json", lua = "lua", ndjson = "ndjson", jsonl = "ndjson", csv = "csv" }

--- The format that a file's name tells.
---@param path string
---@return "json"|"lua"|"ndjson"|"csv"|nil
function M.format_of(path)
  local ending = path:match "%.(%w+)$"
  return ending and ENDINGS[ending:lower()]
end

local function read_file(path, open)
  local file <close>, missing = (open or io.open)(path, "rb")
  if not file then fail("--params: cannot open %s", missing) end
  local text, reason = file:read(M.MAX_BYTES + 1)
  if reason then fail("--params: cannot read %s: %s", path, reason) end
  if text and #text > M.MAX_BYTES then fail("--params: %s is larger than %d MiB", path, M.MAX_BYTES >> 20) end
  if text and not utf8.len(text) then fail("--params: %s is not UTF-8", path) end
  return text or ""
end

--- A later entry of a row stands in the place of an earlier one.
local function latest(rows)
  local by_number, order = {}, {}
  for _, row in ipairs(rows) do
    if not by_number[row.number] then order[#order + 1] = row.number end
    by_number[row.number] = row
  end
  table.sort(order)
  for i, number in ipairs(order) do order[i] = by_number[number] end
  return order
end

local MOST_FINDINGS = 50

--- Raises findings: one in the message, several also as a list for those who show it.
---@param found { place: string|nil, message: string }[]
---@param subject string
---@param kind? string of the error, by default "usage"
function M.refuse(found, subject, kind)
  if #found == 0 then return end
  local parts, list = {}, {}
  for i, finding in ipairs(found) do
    if i > MOST_FINDINGS then
      list[i] = { place = "", message = ("and %d more"):format(#found - MOST_FINDINGS), level = "error" }
      parts[i] = list[i].message
      break
    end
    list[i] = { place = finding.place or "", message = finding.message, level = "error" }
    parts[i] = (finding.place and finding.place .. ": " or "") .. finding.message
  end
  core.error.raise(kind or "usage", ("%s: %s"):format(subject, table.concat(parts, "; ")),
    { findings = list, count = #found, subject = subject, places = true })
end

--- Reads a file of parameters. The values are not looked at yet, but every column and key must be known.
---@param path string
---@param recipe sluice.recipe
---@param open? function in place of io.open
---@return sluice.recipe.rows
--- Raises kind "usage" with all that is wrong.
function M.read(path, recipe, open)
  local format = M.format_of(path)
  if not format then
    fail("--params: cannot tell what %s holds; expected a name that ends in .csv, .json, .ndjson or .lua", path)
  end
  local reader = setmetatable({ path = path, recipe = recipe, names = names_of(recipe), wrong = {}, continued = false,
    many = format == "csv" or format == "ndjson" }, Reader)
  local rows, header = FORMATS[format](reader, read_file(path, open))
  M.refuse(reader.wrong, recipe.name)
  if reader.continued then rows = latest(rows) end
  if reader.many and #rows == 0 then fail("--params: %s has no rows", path) end
  if #rows > M.MAX_ROWS then fail("--params: %s has %d rows, at most %d may be run", path, #rows, M.MAX_ROWS) end
  return { path = path, format = format, many = reader.many, rows = rows, columns = header or reader.names,
    continued = reader.continued }
end

return M
