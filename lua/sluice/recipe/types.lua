--- The types of parameters: how a text becomes a value, and which values of a file or a recipe are taken as they are.

local core = require "sluice.core"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.recipe.type
---@field placeholder string what stands for a value in usage texts; "" for a flag
---@field repeats boolean|nil may be given again and again
---@field parse fun(text: string, param: table, opts: table): any, string|nil value, or nil and what was expected
---@field accept fun(value: any, param: table, opts: table): any, string|nil the same for what is no text
---@field written string|nil what a value is called that a recipe writes down, where it is not a text

local function is_text(value) return type(value) == "string" end

--- What is written as text only.
local function only_text(value, param, opts)
  if is_text(value) then return M.parse(param, value, opts) end
  return nil, "expected a text"
end

-- ── plain values ───────────────────────────────────────────────────────────────────────────────────────────

local BOOLEAN = { ["true"] = true, yes = true, ["1"] = true, ["false"] = false, no = false, ["0"] = false }

local function accept_integer(value)
  local number = type(value) == "number" and math.tointeger(value)
  if number then return number end
  return nil, "expected a whole number"
end

local function accept_number(value)
  if type(value) == "number" and value == value then return value end
  return nil, "expected a number"
end

local string_type = { placeholder = "TEXT", parse = function(text) return text end, accept = only_text }

local integer_type = {
  placeholder = "N", accept = accept_integer,
  parse = function(text) return accept_integer(text:match "^[+-]?%d+$" and tonumber(text)) end,
}

local number_type = {
  placeholder = "N", accept = accept_number,
  parse = function(text) return accept_number(text:match "^[+-]?[%d.]" and tonumber(text)) end,
}

local boolean_type = {
  placeholder = "",
  parse = function(text)
    local value = BOOLEAN[text:lower()]
    if value ~= nil then return value end
    return nil, "expected true or false"
  end,
  accept = function(value)
    if type(value) == "boolean" then return value end
    return nil, "expected true or false"
  end,
}

local enum_type = {
  placeholder = "WORD", accept = only_text,
  parse = function(text, param)
    for _, value in ipairs(param.values) do
      if text == value then return value end
    end
    return nil, suggest.expected(text, param.values)
  end,
}

local date_type = {
  placeholder = "DATE", accept = only_text,
  parse = function(text)
    if require("sluice.activation.dates").is_date(text) then return text end
    return nil, "expected a day of the calendar, such as 2030-01-31"
  end,
}

local time_type = {
  placeholder = "HH:MM", accept = only_text,
  parse = function(text)
    if require("sluice.activation.dates").is_time(text) then return text end
    return nil, "expected a time of the day, such as 17:00"
  end,
}

-- ── secrets and files ──────────────────────────────────────────────────────────────────────────────────────

local secret_type = {
  placeholder = "REF",
  --- The secret that a reference stands for, or the text itself as one.
  parse = function(text, param, opts)
    local secret = require "sluice.secret"
    local from = opts.secrets or {}
    local ok, found = pcall(secret.from, text, param.env, { env = opts.env, file = from.file, command = from.command })
    if ok then return found or core.secret.new(param.env, text) end
    if core.error.is(found, "config") then return nil, found.message end
    return error(found, 0)
  end,
  accept = function(value, param, opts)
    if core.secret.is(value) then return core.secret.new(param.env, value) end
    return only_text(value, param, opts)
  end,
}

local MOST_BYTES = 16 << 20 -- of a file that is read

--- The bytes of a file; without `all` its first only, to see whether it can be read.
local function read_file(path, all, open)
  local file <close>, missing = (open or io.open)(path, "rb")
  if not file then return nil, "cannot be opened: " .. missing:gsub("^.*: ", "") end
  local bytes, reason = file:read(all and MOST_BYTES + 1 or 1)
  if reason then return nil, "cannot be read: " .. reason end
  if bytes and #bytes > MOST_BYTES then return nil, ("is larger than %d MiB"):format(MOST_BYTES >> 20) end
  return bytes or ""
end

local file_type = {
  placeholder = "FILE", accept = only_text,
  parse = function(text, param, opts)
    local bytes, problem = read_file(text, param.read, opts.open)
    if not bytes then return nil, problem end
    return param.read and bytes or text
  end,
}

-- ── what the platform knows ────────────────────────────────────────────────────────────────────────────────

local sandbox_type = {
  placeholder = "NAME", accept = only_text,
  parse = function(text)
    if text:find "^%w[%w-]*$" then return text end
    return nil, "expected the name of a sandbox: letters, digits and hyphens"
  end,
}

--- An ID is known by its form; anything else is taken for a name until it is looked up.
local audience_type = {
  placeholder = "AUDIENCE", accept = only_text,
  parse = function(text)
    text = text:match "^%s*(.-)%s*$"
    if text == "" or not utf8.len(text) then return nil, "expected the ID or the exact name of an audience" end
    if text:find "^%x+%-%x+%-%x+%-%x+%-%x+$" then return { id = text } end
    return { name = text }
  end,
}

local destination_type = {
  placeholder = "TYPE", accept = only_text,
  parse = function(text)
    local catalog = require "sluice.catalog"
    local keys = catalog.keys_of(text)
    if #keys == 1 then return keys[1] end
    return nil, suggest.expected(text, #keys > 0 and keys or catalog.keys)
  end,
}

-- ── lists and maps ─────────────────────────────────────────────────────────────────────────────────────────

--- The declaration of what is in a list or a map.
---@param param table
---@return table param of its own
function M.item(param)
  local of = param.of or "string"
  local item = { name = param.name, env = param.env }
  for key, value in pairs(type(of) == "table" and of or { type = of }) do item[key] = value end
  return item
end

--- What separates the items of a list in one text; names of audiences hold commas, so nothing does there.
---@param param table
---@return string|nil
function M.separator(param)
  if param.separator ~= nil then return param.separator or nil end
  if param.type == "map" or M.item(param).type == "audience" then return nil end
  return ","
end

local function split(text, separator)
  local parts, from = {}, 1
  while separator do
    local at, last = text:find(separator, from, true)
    if not at then break end
    parts[#parts + 1], from = text:sub(from, at - 1), last + 1
  end
  parts[#parts + 1] = text:sub(from)
  for i = #parts, 1, -1 do
    parts[i] = parts[i]:match "^%s*(.-)%s*$"
    if parts[i] == "" then table.remove(parts, i) end
  end
  return parts
end

--- A text that is a JSON document of this kind.
local function json_of(text, opening)
  if text:sub(1, 1) ~= opening then return nil end
  local ok, value = pcall(core.json.decode, text)
  return ok and value or nil
end

local function accept_list(value, param, opts)
  if type(value) ~= "table" or #value == 0 then return nil, "expected a list of at least one" end
  local item, list, count = M.item(param), {}, 0
  for _ in pairs(value) do count = count + 1 end
  if count ~= #value then return nil, "expected a list" end
  for i, element in ipairs(value) do
    local made, expected = M.read(item, element, opts)
    if made == nil then return nil, ("%s: %s"):format(suggest.quote(element), expected) end
    list[i] = made
  end
  return list
end

local list_type = {
  repeats = true, accept = accept_list,
  parse = function(text, param, opts)
    local parts = json_of(text, "[") or split(text, M.separator(param))
    if #parts == 0 then return nil, "expected a list such as a,b" end
    local list, expected = accept_list(parts, param, opts)
    if list or #parts > 1 then return list, expected end
    return nil, (expected:gsub("^.-: ", "", 1)) -- the whole text was quoted already
  end,
}

local function accept_map(value, param, opts)
  if type(value) ~= "table" or next(value) == nil then return nil, "expected KEY=VALUE" end
  local item, map = M.item(param), {}
  for key, element in pairs(value) do
    if not is_text(key) or key == "" then return nil, "expected texts as keys" end
    local made, expected = M.read(item, element, opts)
    if made == nil then return nil, ("%s: %s"):format(key, expected) end
    map[key] = made
  end
  return map
end

local map_type = {
  placeholder = "KEY=VALUE", repeats = true, accept = accept_map,
  parse = function(text, param, opts)
    local pairs_of = json_of(text, "{")
    if not pairs_of then
      pairs_of = {}
      for _, part in ipairs(split(text, M.separator(param))) do
        local key, value = part:match "^([^=]+)=(.*)$"
        if not key then return nil, "expected KEY=VALUE" end
        if pairs_of[key] then return nil, ("has the key %s twice"):format(suggest.quote(key)) end
        pairs_of[key] = value
      end
    end
    return accept_map(pairs_of, param, opts)
  end,
}

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

---@type table<string, sluice.recipe.type>
M.types = {
  string = string_type, integer = integer_type, number = number_type, boolean = boolean_type, enum = enum_type,
  date = date_type, time = time_type, list = list_type, map = map_type, file = file_type, secret = secret_type,
  sandbox = sandbox_type, audience = audience_type, destination_type = destination_type,
}

--- Their names, in the order in which messages list them.
M.names = { "string", "integer", "number", "boolean", "enum", "date", "time", "list", "map", "file", "secret",
  "sandbox", "audience", "destination_type" }

--- The type of a parameter.
---@param param table
---@return sluice.recipe.type
function M.of(param) return M.types[param.type or "string"] end

--- A text → its value.
---@param param table
---@param text string
---@param opts { env: function|nil }|nil
---@return any value nil when it is none
---@return string|nil expected what was expected, then
function M.parse(param, text, opts)
  return M.of(param).parse(text, param, opts or {})
end

--- A value of a file → the value of the parameter: texts are read as an option's, all else must be of the type.
---@param param table
---@param value any
---@param opts { env: function|nil }|nil
---@return any value
---@return string|nil expected
function M.read(param, value, opts)
  if is_text(value) then
    if value == "" then return nil, "expected a value" end
    return M.parse(param, value, opts)
  end
  return M.of(param).accept(value, param, opts or {})
end

local function placeholder_of_list(param)
  return M.separator(param) and "A,B" or M.of(M.item(param)).placeholder
end

--- What stands for a value in usage texts; "" for a flag.
---@param param table
---@return string
function M.placeholder(param)
  return param.type == "list" and placeholder_of_list(param) or M.of(param).placeholder
end

return M
