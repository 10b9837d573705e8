--- What a destination will export, before anything is sent: for each audience or dataset the next exports with time,
--- folder, file names and mode, the columns, and notes on all that the documentation leaves open. Asks nobody.
---
---     print(destination:preview { exports = 3 })
---     destination:preview().audiences[1].exports[1].files[1]

local audiences = require "sluice.preview.audiences"
local catalog = require "sluice.catalog"
local check = require "sluice.destination.check"
local columns = require "sluice.preview.columns"
local core = require "sluice.core"
local datasets = require "sluice.preview.datasets"
local dates = require "sluice.activation.dates"
local moments = require "sluice.preview.moments"
local names = require "sluice.preview.names"
local notes = require "sluice.preview.notes"
local suggest = require "sluice.suggest"

local M = {}

M.EXPORTS = 7 -- shown unless told otherwise
M.MOST_EXPORTS = 100
M.MOST_ROWS = 500000000 -- a hundred files

---@class sluice.preview.options
---@field now integer|nil epoch seconds, default this moment
---@field exports integer|nil how many exports to show, default 7
---@field rows integer|nil profiles in an audience; default: not known
---@field sandbox string|nil name, for file names
---@field organization string|nil name, for file names
---@field timezone string|nil an offset such as "+02:00" or "UTC"; default: the machine's zone

---@class sluice.preview.time
---@field epoch integer|nil seconds; nil after evaluation
---@field utc string|nil ISO 8601
---@field local string|nil ISO 8601 in the local zone
---@field zone string|nil name of that zone at that time
---@field offset integer|nil of that zone, seconds ahead of UTC
---@field day string the day in UTC, YYYY-MM-DD
---@field after_evaluation boolean|nil the time of day is not known beforehand

---@class sluice.preview.export
---@field time sluice.preview.time
---@field mode "full"|"incremental"
---@field folder string
---@field files string[] empty for a dataset, whose files get random names

---@class sluice.preview.entry
---@field id string|nil
---@field name string|nil
---@field filename string|nil the template
---@field mode string|nil the API's word
---@field schedule table|nil in the API's form
---@field count integer|nil exports from the first to the last; nil: without end
---@field left integer|nil how many of them are to come
---@field first sluice.preview.time|nil
---@field last sluice.preview.time|nil
---@field exports sluice.preview.export[] none for streams
---@field notes sluice.preview.note[]

---@class sluice.preview
---@field name string of the dataflow
---@field type string
---@field title string of the destination
---@field kind "files"|"stream"|"datasets"
---@field file { type: string, ending: string, delimiter: string|nil, random: boolean|nil }|nil what files are written;
---  random: their names cannot be foreseen
---@field header string[]|nil columns of a file, or attributes of a message
---@field header_line string|nil the first line of a CSV file
---@field mandatory string[]|nil a profile without one of these is not exported
---@field deduplicate string[]|nil there is one row for each value of these
---@field stream table<string, string>|nil where messages go
---@field audiences sluice.preview.entry[]|nil
---@field datasets sluice.preview.entry[]|nil
---@field rows integer|nil how many profiles were said to be in an audience
---@field notes sluice.preview.note[]
---@field warnings sluice.finding[]
local Preview = { __name = "sluice.preview" }
Preview.__index = Preview

--- The text for people.
---@return string
function Preview:__tostring() return require("sluice.preview.text").page(self) end

--- Is this a preview?
---@param value any
---@return boolean
function M.is(value) return getmetatable(value) == Preview end

-- ── options ────────────────────────────────────────────────────────────────────────────────────────────────

local function whole(least, most)
  return function(value) return math.type(value) == "integer" and value >= least and value <= most end
end

local function is_text(value) return type(value) == "string" and value:find "%S" ~= nil end

local OPTIONS = {
  now = { is = whole(0, 253402300799), expected = "seconds since 1970 as an integer" },
  exports = { is = whole(1, M.MOST_EXPORTS), expected = "a whole number from 1 to " .. M.MOST_EXPORTS },
  rows = { is = whole(1, M.MOST_ROWS), expected = "a whole number from 1 to " .. M.MOST_ROWS },
  sandbox = { is = is_text, expected = "a name" },
  organization = { is = is_text, expected = "a name" },
  timezone = { is = function(value) return moments.zone(value) ~= nil end,
    expected = 'an offset such as "+02:00", or "UTC"' },
}
local OPTION_NAMES = { "now", "exports", "rows", "sandbox", "organization", "timezone" }

--- What is wrong with options, as a sentence; nil when nothing is.
---@param options any
---@return string|nil problem
function M.problem(options)
  if type(options) ~= "table" then return "expected a table of options, got " .. suggest.quote(options) end
  for name in pairs(options) do
    if not OPTIONS[name] then
      return ("unknown option %s; %s"):format(suggest.quote(name), suggest.expected(name, OPTION_NAMES))
    end
  end
  for _, name in ipairs(OPTION_NAMES) do
    local value, option = options[name], OPTIONS[name]
    if value ~= nil and not option.is(value) then
      return ("%s: expected %s, got %s"):format(name, option.expected, suggest.quote(value))
    end
  end
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

local function text_of(value) return type(value) == "string" and value or nil end

local function title_of(definition, system)
  if system then return system.title end
  return not check.is_id(definition.type) and definition.type or nil
end

--- What macros mean everywhere in this destination.
local function shared_values(definition, title, options)
  local destination = title and names.word(title) or "{destination-name}"
  return {
    DESTINATION_NAME = destination, DESTINATION = destination,
    DESTINATION_INSTANCE_ID = "{flow-id}", DESTINATION_INSTANCE_NAME = names.word(definition.name),
    ORGANIZATION_NAME = options.organization and names.word(options.organization) or "{organization-name}",
    SANDBOX_NAME = options.sandbox and names.word(options.sandbox) or "{sandbox-name}",
  }
end

local function making_of(definition, system, options)
  local target = type(definition.target) == "table" and definition.target or {}
  local title = title_of(definition, system)
  local shape = system and system.shape
  return {
    definition = definition, system = system, shape = shape, target = target, title = title,
    now = dates.now(options), limit = options.exports or M.EXPORTS, rows = options.rows,
    zone = moments.zone(options.timezone), values = shared_values(definition, title, options),
    folder = names.folder(target), path_macros = shape ~= "legacy" and type(target.bucketName) == "string",
    blanks = { DESTINATION_INSTANCE_NAME = definition.name:find "%s", ORGANIZATION_NAME = (options.organization or "")
      :find "%s" },
    exits = columns.has_status(definition.attributes or {}), written = {}, notes = notes.new(),
  }
end

--- Is this for a stream of messages, and not for files? A destination that the catalog does not know shows it by
--- its audiences: they have neither file name nor schedule.
local function streams(making)
  if making.shape then return making.shape == "streaming" end
  for _, audience in ipairs(making.definition.audiences or {}) do
    if audience.filename or audience.schedule or audience.export then return false end
  end
  return making.definition.datasets == nil
end

local function add_columns(result, making)
  local read = columns.read(making.definition.attributes or {}, making.shape)
  result.header, result.mandatory, result.deduplicate = read.header, read.mandatory, read.deduplicate
  if result.kind ~= "files" then return end
  if read.has_identity and making.shape ~= "v2" then making.notes:add "identity" end
  if table.concat(read.header, " "):find "seg_namespace" then making.notes:add "membership" end
end

local function add_file(result, making, file_type)
  local compression = text_of(making.target.compression)
  making.ending, making.csv = names.ending(file_type, compression), file_type == "CSV"
  result.file = { type = file_type, ending = making.ending }
  if result.kind == "files" and compression == "GZIP" then
    making.notes:add("compressed", making.ending)
  elseif result.kind == "files" and not making.csv then
    making.notes:add("ending", making.ending)
  end
end

local function add_header_line(result, making)
  if not making.csv then return end
  local options = type(making.target.csvOptions) == "table" and making.target.csvOptions or {}
  result.file.delimiter = options.delimiter or ","
  result.header_line = table.concat(result.header, result.file.delimiter)
end

local KINDS = {}

function KINDS.files(result, making)
  add_file(result, making, text_of(making.target.fileType) or "CSV")
  add_columns(result, making)
  add_header_line(result, making)
  result.audiences = core.json.array {}
  for i, audience in ipairs(making.definition.audiences or {}) do
    result.audiences[i] = audiences.entry(making, audience)
  end
end

function KINDS.stream(result, making)
  add_columns(result, making)
  making.notes:add "stream_status"
  result.stream, result.audiences = {}, core.json.array {}
  for name, value in pairs(making.target) do
    if name ~= "mode" and type(value) == "string" then result.stream[name] = value end
  end
  for i, audience in ipairs(making.definition.audiences or {}) do
    result.audiences[i] = { id = audience.id, name = audience.name, exports = core.json.array {},
      notes = core.json.array {} }
  end
end

function KINDS.datasets(result, making)
  add_file(result, making, text_of(making.target.datasetFileType) or "PARQUET")
  result.file.random = true
  result.datasets = datasets.entries(making, making.definition)
end

--- Makes the preview of a checked definition.
---@param definition table
---@param chosen { system: sluice.catalog.system|nil } what the check made of it
---@param report sluice.report the check's findings
---@param options sluice.preview.options
---@return sluice.preview preview prints as a page for people
function M.of(definition, chosen, report, options)
  local making = making_of(definition, chosen.system, options)
  local kind = definition.datasets and "datasets" or streams(making) and "stream" or "files"
  local result = { name = definition.name, type = definition.type, title = making.title or definition.type, kind = kind,
    rows = kind == "files" and options.rows or nil }
  if not making.system then making.notes:add("unknown_type", suggest.quote(definition.type)) end
  if making.system == catalog.systems["data-landing-zone"] then making.notes:add "container" end
  KINDS[kind](result, making)
  result.notes = making.notes:list()
  result.warnings = core.json.array(report:only "warning")
  return setmetatable(result, Preview)
end

return M
