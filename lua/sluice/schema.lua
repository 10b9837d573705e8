--- Checks values against the JSON Schema in spec documents: the part of draft 7 that they use. What is not
--- understood is left to the service; nothing in a document, however odd, makes the check fail itself.

local core = require "sluice.core"
local findings = require "sluice.findings"
local regex = require "sluice.schema.regex"
local suggest = require "sluice.suggest"

local M = {}

local DEEPEST = 64 -- schemas within schemas
local SOURCE = "SPEC" -- the organisation's spec document

---@class sluice.schema.run
---@field report sluice.report
---@field hidden boolean|nil a value is never shown
---@field depth integer

local function is_list(value)
  return core.json.is_array(value) or type(value) == "table" and #value > 0
end

local function is_object(value)
  return type(value) == "table" and value ~= core.json.null and not is_list(value)
end

local TYPES = {
  string = { "text", function(value) return type(value) == "string" end },
  integer = { "an integer", function(value) return math.type(value) ~= nil and math.tointeger(value) ~= nil end },
  number = { "a number", function(value) return type(value) == "number" end },
  boolean = { "true or false", function(value) return type(value) == "boolean" end },
  null = { "null", function(value) return value == core.json.null end },
  array = { "a list", function(value) return is_list(value) or type(value) == "table" and next(value) == nil end },
  object = { "a table", is_object },
}

local FORMATS = {
  date = { "a date such as 2030-01-31", [[^\d{4}-\d\d-\d\d$]] },
  ["date-time"] = { "a time such as 2030-01-31T12:00:00Z", [[^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d]] },
  email = { "an e-mail address", [[^[^@\s]+@[^@\s]+$]] },
  uri = { "a URI", [[^[A-Za-z][A-Za-z0-9+.-]*:\S+$]] },
  uuid = { "a UUID", "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$" },
  ipv4 = { "an IPv4 address", [[^\d{1,3}(\.\d{1,3}){3}$]] },
}
FORMATS.url = FORMATS.uri

local MOST_PROGRAMS = 100
local programs, program_count = {}, 0 -- pattern → program

local function program_of(pattern)
  if programs[pattern] then return programs[pattern] end
  local program, reason = regex.compile(pattern)
  if not program then return nil, reason end
  if program_count == MOST_PROGRAMS then programs, program_count = {}, 0 end
  programs[pattern], program_count = program, program_count + 1
  return program
end

--- Does a text match a pattern of the document? The last answer is kept: a value is checked more than once, and many
--- destinations share theirs.
---@param pattern any
---@param text string
---@param hidden boolean|nil the text is not to be kept
---@return boolean|nil matches nil when it cannot be told here
---@return string|nil reason
function M.matches(pattern, text, hidden)
  local program, reason = program_of(pattern)
  if not program then return nil, reason end
  if hidden then return regex.matches(program, text) end
  if program.text ~= text then
    program.text, program.answer = text, table.pack(regex.matches(program, text))
  end
  return table.unpack(program.answer, 1, 2)
end

-- ── the keywords ───────────────────────────────────────────────────────────────────────────────────────────

local function got(run, value)
  return run.hidden and "" or ", got " .. suggest.quote(value)
end

local function fail(run, place, message, ...)
  run.report:error(place, SOURCE, message, ...)
end

local check

local function passes(run, schema, value)
  local scratch = findings.new()
  check({ report = scratch, depth = run.depth }, "", schema, value)
  return #scratch:only "error" == 0
end

local function count_passing(run, schemas, value)
  local count = 0
  for _, schema in ipairs(schemas) do
    if passes(run, schema, value) then count = count + 1 end
  end
  return count
end

--- A keyword that bounds a number: `measure` gives it, or nil where the keyword does not apply.
local function bound(measure, is_kept, words)
  return function(run, place, limit, value)
    local size = type(limit) == "number" and measure(value)
    if size and not is_kept(size, limit) then fail(run, place, "expected " .. words .. "%s", limit, got(run, value)) end
  end
end

local function at_least(a, b) return a >= b end
local function at_most(a, b) return a <= b end
local function number(value) return type(value) == "number" and value or nil end
local function characters(value) return type(value) == "string" and utf8.len(value) or nil end
local function elements(value) return is_list(value) and #value or nil end

local KEYWORDS = {}

function KEYWORDS.type(run, place, wanted, value)
  local words = {}
  for _, name in ipairs(type(wanted) == "table" and wanted or { wanted }) do
    local kind = TYPES[name]
    if not kind or kind[2](value) then return end -- a type that is not known is left to the service
    words[#words + 1] = kind[1]
  end
  if #words > 0 then fail(run, place, "expected %s%s", table.concat(words, " or "), got(run, value)) end
end

function KEYWORDS.enum(run, place, values, value)
  if not is_list(values) then return end
  local texts = {}
  for i, candidate in ipairs(values) do
    if core.json.equal(candidate, value) then return end
    texts[i] = type(candidate) == "string" and candidate or tostring(candidate)
  end
  fail(run, place, "unknown value%s; %s", run.hidden and "" or " " .. suggest.quote(value),
    suggest.expected(not run.hidden and value or nil, texts))
end

function KEYWORDS.const(run, place, wanted, value)
  if not core.json.equal(wanted, value) then
    fail(run, place, "expected %s%s", suggest.quote(wanted), got(run, value))
  end
end

function KEYWORDS.pattern(run, place, pattern, value)
  if type(value) ~= "string" or type(pattern) ~= "string" then return end
  local matches, reason = M.matches(pattern, value, run.hidden)
  if matches == false then
    fail(run, place, "expected text of the form %s%s", suggest.quote(pattern), got(run, value))
  elseif matches == nil then
    run.report:warning(place, SOURCE, "whether it has the form %s is left to the service: its pattern has %s",
      suggest.quote(pattern), reason)
  end
end

function KEYWORDS.format(run, place, name, value)
  local format = type(name) == "string" and FORMATS[name]
  if format and type(value) == "string" and not M.matches(format[2], value, run.hidden) then
    run.report:warning(place, SOURCE, "expected %s%s", format[1], got(run, value))
  end
end

function KEYWORDS.contentEncoding(run, place, name, value)
  if name == "base64" and type(value) == "string" and not M.matches([[^[A-Za-z0-9+/\s]+=*\s*$]], value) then
    fail(run, place, "expected text in Base64%s", got(run, value))
  end
end

KEYWORDS.minLength = bound(characters, at_least, "at least %s characters")
KEYWORDS.maxLength = bound(characters, at_most, "at most %s characters")
KEYWORDS.minimum = bound(number, at_least, "%s or more")
KEYWORDS.maximum = bound(number, at_most, "%s or less")
KEYWORDS.exclusiveMinimum = bound(number, function(a, b) return a > b end, "more than %s")
KEYWORDS.exclusiveMaximum = bound(number, function(a, b) return a < b end, "less than %s")
KEYWORDS.minItems = bound(elements, at_least, "at least %s elements")
KEYWORDS.maxItems = bound(elements, at_most, "at most %s elements")

function KEYWORDS.required(run, place, names, value)
  if not is_object(value) or type(names) ~= "table" then return end
  for _, name in ipairs(names) do
    if type(name) == "string" and value[name] == nil then
      fail(run, findings.at(place, name), "missing: required by the spec document")
    end
  end
end

function KEYWORDS.properties(run, place, properties, value)
  if not is_object(value) or type(properties) ~= "table" then return end
  for _, name in ipairs(M.keys(properties)) do
    if value[name] ~= nil then check(run, findings.at(place, name), properties[name], value[name]) end
  end
end

function KEYWORDS.additionalProperties(run, place, allowed, value, schema)
  if allowed ~= false or not is_object(value) then return end
  local known = M.keys(type(schema.properties) == "table" and schema.properties or {})
  local names = {}
  for _, name in ipairs(known) do names[name] = true end
  for _, name in ipairs(M.keys(value)) do
    if not names[name] then
      fail(run, findings.at(place, name), "unknown to the spec document; %s", suggest.expected(name, known))
    end
  end
end

function KEYWORDS.items(run, place, schema, value)
  if not is_list(value) or is_list(schema) then return end
  for i, element in ipairs(value) do check(run, findings.at(place, i), schema, element) end
end

function KEYWORDS.allOf(run, place, schemas, value)
  for _, schema in ipairs(type(schemas) == "table" and schemas or {}) do check(run, place, schema, value) end
end

function KEYWORDS.anyOf(run, place, schemas, value)
  if is_list(schemas) and count_passing(run, schemas, value) == 0 then
    fail(run, place, "fits none of the %d forms that the spec document allows", #schemas)
  end
end

function KEYWORDS.oneOf(run, place, schemas, value)
  local count = is_list(schemas) and count_passing(run, schemas, value) or 1
  if count ~= 1 then
    fail(run, place, "fits %d of the forms in the spec document; expected one", count)
  end
end

KEYWORDS["not"] = function(run, place, schema, value)
  if type(schema) == "table" and passes(run, schema, value) then
    fail(run, place, "has a form that the spec document excludes")
  end
end

KEYWORDS["if"] = function(run, place, condition, value, schema)
  local branch = schema[passes(run, condition, value) and "then" or "else"]
  if branch ~= nil then check(run, place, branch, value) end
end

KEYWORDS["$ref"] = function(run, place, name)
  run.report:warning(place, SOURCE, "a part of the spec document, %s, is left to the service", suggest.quote(name))
end

--- The order in which keywords speak.
local ORDER = {
  "type", "const", "enum", "minLength", "maxLength", "pattern", "format", "contentEncoding", "minimum", "maximum",
  "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "required", "properties", "additionalProperties",
  "items", "allOf", "anyOf", "oneOf", "not", "if", "$ref",
}

--- Those that join further schemas to one.
local JOINING = { "allOf", "anyOf", "oneOf", "not", "if", "$ref" }

local function check_keywords(run, place, keywords, schema, value)
  for _, keyword in ipairs(keywords) do
    if schema[keyword] ~= nil then KEYWORDS[keyword](run, place, schema[keyword], value, schema) end
  end
end

function check(run, place, schema, value)
  if type(schema) ~= "table" or schema == core.json.null or core.secret.is(value) then return end
  if run.depth >= DEEPEST then return end
  run.depth = run.depth + 1
  check_keywords(run, place, ORDER, schema, value)
  run.depth = run.depth - 1
end

-- ── the face ───────────────────────────────────────────────────────────────────────────────────────────────

--- The text keys of a table, sorted.
---@param map table
---@return string[]
function M.keys(map)
  local keys = {}
  for key in pairs(map) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  return keys
end

--- Checks a value. Values of secrets are out of sight and pass.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the value
---@param schema any a JSON Schema as decoded; what is no table asks for nothing
---@param value any
---@param opts { hidden: boolean|nil }|nil hidden: the value appears in no message
function M.check(report, place, schema, value, opts)
  check({ report = report, depth = 0, hidden = opts and opts.hidden }, place, schema, value)
end

--- Checks only what a schema joins by `allOf`, `if` and their like, for callers that checked the rest in other words.
---@param report sluice.report
---@param place string
---@param schema any
---@param value any
function M.check_joined(report, place, schema, value)
  if type(schema) ~= "table" then return end
  check_keywords({ report = report, depth = 1 }, place, JOINING, schema, value)
end

--- Does a schema join others?
---@param schema any
---@return boolean
function M.is_joined(schema)
  for _, keyword in ipairs(type(schema) == "table" and JOINING or {}) do
    if schema[keyword] ~= nil then return true end
  end
  return false
end

return M
