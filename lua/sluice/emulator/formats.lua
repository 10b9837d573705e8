--- Turns rows into the text of a file: CSV, JSON with one object a line, or a description where the format is
-- beyond the emulator (Parquet). GZIP files are well formed, but their data are stored, not compressed: any
-- gunzip reads them.
local core = require "sluice.core"

local M = {}

local DEFAULTS = { delimiter = ",", quote = '"', escape = "\\", nullValue = "null", emptyValue = "" } -- [D]

local function settings_of(options, quote)
  local settings = { quote = quote }
  for name, default in pairs(DEFAULTS) do
    local given = options[name]
    settings[name] = type(given) == "string" and given or settings[name] or default
  end
  return settings
end

local function escaped(text, settings)
  return (text:gsub(settings.quote:gsub("%W", "%%%0"), function(quote) return settings.escape .. quote end))
end

local function field(value, settings)
  if not value then return settings.nullValue end
  if value == "" then return settings.emptyValue end
  local quote = settings.quote
  if quote == "" then return value end -- no quoting at all [D]
  if value:find("[\r\n]") or value:find(quote, 1, true) or value:find(settings.delimiter, 1, true) then
    return quote .. escaped(value, settings) .. quote
  end
  return value
end

--- CSV with a header line.
---@param columns string[]
---@param rows (string|false)[][] false: no value
---@param options? table csvOptions
---@param quote? string the quote when the options have none, `"` unless told otherwise; "" is no quoting
---@return string
function M.csv(columns, rows, options, quote)
  if #columns == 0 then return "" end
  local settings, lines = settings_of(type(options) == "table" and options or {}, quote), {}
  for _, row in ipairs { columns, table.unpack(rows) } do
    local fields = {}
    for i in ipairs(columns) do fields[i] = field(row[i], settings) end
    lines[#lines + 1] = table.concat(fields, settings.delimiter)
  end
  return table.concat(lines, "\n") .. "\n"
end

--- JSON, one object a line; a missing value is left out.
---@param columns string[]
---@param rows (string|false)[][]
---@return string
function M.json(columns, rows)
  local lines = {}
  for r, row in ipairs(rows) do
    local object = {}
    for i, column in ipairs(columns) do object[column] = row[i] or nil end
    lines[r] = core.json.encode(object) .. "\n"
  end
  return table.concat(lines)
end

-- The checksum of gzip (RFC 1952), bit by bit: the texts are small.
local CRC = {}
for byte = 0, 255 do
  local value = byte
  for _ = 1, 8 do value = value & 1 == 1 and 0xEDB88320 ~ (value >> 1) or value >> 1 end
  CRC[byte] = value
end

local function checksum(text)
  local value = 0xFFFFFFFF
  for i = 1, #text do value = CRC[(value ~ text:byte(i)) & 0xFF] ~ (value >> 8) end
  return value ~ 0xFFFFFFFF
end

local MAX_BLOCK = 65535 -- bytes of a stored block (RFC 1951)
local HEADER = "\31\139\8\0\0\0\0\0\0\255" -- no name, no time

--- A gzip file that holds the text as it is.
---@param text string
---@return string
function M.gzip(text)
  local parts = { HEADER }
  for at = 1, math.max(1, #text), MAX_BLOCK do
    local block = text:sub(at, at + MAX_BLOCK - 1)
    parts[#parts + 1] = ("<BI2I2"):pack(at + MAX_BLOCK > #text and 1 or 0, #block, ~#block & 0xFFFF) .. block
  end
  parts[#parts + 1] = ("<I4I4"):pack(checksum(text), #text & 0xFFFFFFFF)
  return table.concat(parts)
end

--- What stands in for a Parquet file.
---@param name string of the file
---@param columns string[]
---@param records integer
---@return string
function M.description(name, columns, records)
  return ("%s would be here: a Parquet file of %d records.\nThe emulator writes no Parquet. Its columns:\n  %s\n")
    :format(name, records, table.concat(columns, "\n  "))
end

return M
