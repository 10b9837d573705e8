--- Values as people read them: Lua's own notation, names sorted, as wide as the terminal, cut where it is deep or long.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local names = require "sluice.repl.names"
local width = require "sluice.terminal.width"

local M = {}

M.DEPTH = 4 -- of tables in tables
M.ITEMS = 100 -- of one table
M.BYTES = 300 -- of a string in a table
M.FIELDS = 8 -- of a table in an object; one with more is told by their number
local INDENT = "  "

---@class sluice.repl.Printing
---@field style sluice.terminal.Style
---@field width integer columns
---@field depth integer
---@field cut table<string, true> what was left out

local function is_identifier(key)
  return type(key) == "string" and key:find "^[%a_][%w_]*$" ~= nil and load("local " .. key, "=", "t") ~= nil
end

-- ── what is no table ───────────────────────────────────────────────────────────────────────────────────────

local function function_text(value)
  local info = debug.getinfo(value, "S")
  if info.what == "C" then return "function" end
  return ("function %s:%d"):format(clean.line(info.short_src), info.linedefined)
end

local function string_text(printing, value, top)
  if top or #value <= M.BYTES then return clean.quoted(value) end
  printing.cut.strings = true
  local cut = M.BYTES
  while cut > 1 and value:find("^[\x80-\xBF]", cut + 1) do cut = cut - 1 end
  return ("%s… %d bytes"):format(clean.quoted(value:sub(1, cut)), #value)
end

local KINDS = { number = "number", boolean = "word", ["nil"] = "word" }

local function scalar(printing, value, top)
  local kind = type(value)
  if kind == "string" then return printing.style:paint("string", string_text(printing, value, top)) end
  if value == core.json.null then return printing.style:paint("word", "null") end
  if kind == "function" then return printing.style:paint("faint", function_text(value)) end
  local ok, text = pcall(tostring, value)
  text = ok and clean.line(text) or kind
  return KINDS[kind] and printing.style:paint(KINDS[kind], text) or text
end

-- ── tables ─────────────────────────────────────────────────────────────────────────────────────────────────

local RANK = { number = 1, string = 2 }

local function before(a, b)
  local ranks = { RANK[type(a)] or 3, RANK[type(b)] or 3 }
  if ranks[1] ~= ranks[2] then return ranks[1] < ranks[2] end
  if ranks[1] == 3 then return tostring(a) < tostring(b) end
  return a < b
end

--- The keys of a table: those of a list are told by their places, so they need no names.
local function keys_of(value)
  local length, keys = #value, {}
  for key in next, value do
    if math.type(key) ~= "integer" or key < 1 or key > length then keys[#keys + 1] = key end
  end
  table.sort(keys, before)
  return length, keys
end

--- The class of an object; arrays and objects of JSON are plain tables.
local function class_of(value)
  local name = names.class(value)
  return name and not name:find "^sluice%.json%." and name or nil
end

--- Objects of a class show what says something: texts, numbers, and which objects they hold.
local function is_shown(value, member)
  return not class_of(value) or type(member) ~= "function" and type(member) ~= "userdata"
end

local render

local function count(value)
  local number = 0
  for _ in next, value do number = number + 1 end
  return number
end

--- Is it a document that an object holds beside what it says itself?
local function is_document(value, member)
  return type(member) == "table" and class_of(value) and not class_of(member) and count(member) > M.FIELDS
    and #member == 0
end

local function key_text(printing, key)
  if is_identifier(key) then return printing.style:paint("name", key) .. " = " end
  return "[" .. scalar(printing, key) .. "] = "
end

--- The members of a table as texts; at most so many.
local function members(printing, value, depth, room, seen)
  local list, length, keys = {}, keys_of(value)
  local function add(prefix, member)
    list[#list + 1] = prefix .. render(printing, member, depth, room, seen, width.of(printing.style.plain(prefix)))
  end
  for i = 1, math.min(length, M.ITEMS) do add("", rawget(value, i)) end
  local total = length
  for _, key in ipairs(keys) do
    local member = rawget(value, key)
    if is_shown(value, member) then
      total = total + 1
      if #list >= M.ITEMS then
        printing.cut.items = true
      elseif is_document(value, member) then
        printing.cut.depth = true
        list[#list + 1] = key_text(printing, key) .. ("{… %d fields}"):format(count(member))
      else
        add(key_text(printing, key), member)
      end
    end
  end
  if total > #list then
    printing.cut.items = true
    list[#list + 1] = printing.style:paint("faint", ("… %d more"):format(total - #list))
  end
  return list
end

--- Short members of a list, as many in a line as fit.
local function filled(printing, list, room)
  local lines, line, taken = {}, INDENT, #INDENT
  for i, text in ipairs(list) do
    local columns = width.of(printing.style.plain(text)) + 2
    if taken + columns > room and taken > #INDENT then
      lines[#lines + 1] = line:gsub("%s+$", "")
      line, taken = INDENT, #INDENT
    end
    line, taken = line .. text .. (i < #list and ", " or ""), taken + columns
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

local function is_short(value)
  for key, member in next, value do
    if type(key) ~= "number" or type(member) == "table" or type(member) == "function" then return false end
    if type(member) == "string" and #member > 40 then return false end
  end
  return #value > 8
end

--- Joins members in one line where they fit, else a line each.
local function joined(printing, list, room, prefix, short)
  local line = prefix .. "{ " .. table.concat(list, ", ") .. " }"
  if not line:find "\n" and width.of(printing.style.plain(line)) <= room then return line end
  if short then return prefix .. "{\n" .. filled(printing, list, room) .. "\n}" end
  local lines = {}
  for i, text in ipairs(list) do lines[i] = INDENT .. text:gsub("\n", "\n" .. INDENT) end
  return prefix .. "{\n" .. table.concat(lines, ",\n") .. "\n}"
end

local function object_text(value)
  local metatable = debug.getmetatable(value)
  if not metatable or not rawget(metatable, "__tostring") then return nil end
  local ok, text = pcall(tostring, value)
  return ok and clean.text(text) or nil
end

local function table_text(printing, value, depth, room, seen)
  local text = object_text(value)
  if text then return text end
  if seen[value] then return printing.style:paint("faint", "{… itself}") end
  local class = class_of(value)
  if class and depth > 1 then return printing.style:paint("faint", class) end
  local prefix = class and printing.style:paint("faint", class) .. " " or ""
  if next(value) == nil then return prefix .. "{}" end
  if depth > printing.depth then
    printing.cut.depth = true
    return "{…}"
  end
  seen[value] = true
  local list = members(printing, value, depth + 1, room - #INDENT, seen)
  seen[value] = nil
  return joined(printing, list, room, prefix, is_short(value))
end

--- A value within another; `used` columns of the line are taken.
render = function(printing, value, depth, room, seen, used)
  if type(value) ~= "table" then return scalar(printing, value, depth == 1) end
  return table_text(printing, value, depth, room - used, seen)
end

local NOTES = {
  { "depth", "{…} stands for more" }, { "items", "long tables are cut" }, { "strings", "long texts are cut" },
}

local function note(printing)
  local parts = {}
  for _, row in ipairs(NOTES) do
    if printing.cut[row[1]] then parts[#parts + 1] = row[2] end
  end
  if #parts == 0 then return "" end
  return "\n" .. printing.style:paint("faint", "-- " .. table.concat(parts, ", ") .. "; :json shows all")
end

--- A value as text, without a line end.
---@param value any
---@param options { style: sluice.terminal.Style, width: integer, depth?: integer, used?: integer } used: columns that
---  are taken in the first line
---@return string
function M.value(value, options)
  local printing = { style = options.style, width = options.width, depth = options.depth or M.DEPTH, cut = {} }
  local text = render(printing, value, 1, options.width, {}, options.used or 0)
  return core.secret.mask(text .. note(printing))
end

return M
