--- The contents of a dataflow's transformation: audiences, attributes, mandatory fields, deduplication keys.
-- Checks what a client sent and fills in what the service adds. Texts of refusals are UNKNOWN.
local core = require "sluice.core"
local audiences = require "sluice.emulator.audiences"
local data_prep = require "sluice.emulator.data_prep"
local errors = require "sluice.emulator.errors"
local params = require "sluice.emulator.params"
local request = require "sluice.emulator.request"
local schedule = require "sluice.emulator.schedule"

local json = core.json

local M = {}

local MAX_FILENAME = 255 -- [UI]
local MANDATORY_MACROS = { "%DESTINATION_NAME%", "%SEGMENT_ID%" } -- of the legacy cards [T, UPD]
local TIME_MACROS = { "%DATETIME(YYYYMMdd_HHmmss)%", "%TIMESTAMP%" } -- one of the two [T]

local FILE_BASED = { email = true, storage = true, v2 = true }

local function copy(object)
  local result = {}
  for k, v in pairs(object) do result[k] = v end
  return result
end

local function check_filename(value, pointer, options, family)
  local template, key = value.filenameTemplate, "filenameTemplate"
  if template == nil and options.filename_key == "either" then
    template, key = value.fileNameTemplate, "fileNameTemplate"
  end
  local place = pointer .. "/" .. key
  params.text(template, place)
  if #template > MAX_FILENAME then errors.invalid(place, "at most %d characters", MAX_FILENAME) end
  if family == "v2" then return end -- every macro is optional there [D]
  for _, macro in ipairs(MANDATORY_MACROS) do
    if not template:find(macro, 1, true) then errors.invalid(place, "the macro %s is mandatory", macro) end
  end
  if template:find(TIME_MACROS[1], 1, true) and template:find(TIME_MACROS[2], 1, true) then
    errors.invalid(place, "use one of %s and %s", TIME_MACROS[1], TIME_MACROS[2])
  end
end

local FILE_KEYS = { "filenameTemplate", "exportMode", "schedule" }

-- A streaming selector is id, name, description. [STR]
local function check_streaming(value, pointer, options)
  if options.streaming_schedule == "accept" then return end
  for _, key in ipairs(FILE_KEYS) do
    if value[key] ~= nil then errors.invalid(pointer .. "/" .. key, "not applicable to a stream") end
  end
end

local function check_audience(selector, pointer, rules)
  if not request.is_object(selector) then errors.invalid(pointer, "expected an audience selector") end
  if selector.type ~= "PLATFORM_SEGMENT" then
    errors.invalid(pointer .. "/type", "expected PLATFORM_SEGMENT")
  end
  local value, place = selector.value, pointer .. "/value"
  if not request.is_object(value) then errors.invalid(place, "expected an object") end
  params.text(value.id, place .. "/id")
  params.optional_text(value.name, place .. "/name")
  params.optional_text(value.description, place .. "/description")
  audiences.check_external(value, place)
  if not FILE_BASED[rules.family] then return check_streaming(value, place, rules.rq.options) end
  check_filename(value, place, rules.rq.options, rules.family)
  schedule.check_audience(value, place, rules.rq.options)
end

-- createTime and updateTime are the service's: epoch seconds as text [D]. An untouched selector keeps both.
local function stamp_audience(selector, before, now)
  local old = before[selector.value.id]
  if old and json.equal(old, selector) then return selector end
  local stamped, seconds = copy(selector), tostring(now // 1000)
  stamped.value = copy(selector.value)
  stamped.value.createTime = old and old.value.createTime or seconds
  stamped.value.updateTime = seconds
  return stamped
end

local function check_attribute(selector, pointer)
  if not request.is_object(selector) then errors.invalid(pointer, "expected an attribute selector") end
  if selector.type ~= "JSON_PATH" then errors.invalid(pointer .. "/type", "expected JSON_PATH") end
  if not request.is_object(selector.value) then errors.invalid(pointer .. "/value", "expected an object") end
  params.text(selector.value.path, pointer .. "/value/path")
end

-- What the service stores for {"path": …} [T, D]; `identity` stays false even for an identity [UPD].
local function fill_attribute(selector)
  local filled, path = copy(selector), selector.value.path
  filled.value = copy(selector.value)
  filled.value.operator = filled.value.operator or "EXISTS"
  filled.value.mapping = filled.value.mapping or {
    sourceType = "text/x.schema-path", source = path, destination = path, identity = false,
    primaryIdentity = false,
    functionVersion = 0, copyModeMapping = false, sourceAttribute = path, destinationXdmPath = path,
  }
  return filled
end

local function check_list(value, pointer)
  if not json.is_array(value) then errors.invalid(pointer, "expected an array") end
  return value
end

local function check_mandatory(fields, pointer)
  for i, field in ipairs(check_list(fields, pointer)) do
    params.text(field, ("%s/%d"):format(pointer, i - 1))
  end
end

-- One or two attributes, or one namespace. [MAP]
local function check_primary(fields, pointer)
  local counts = { ATTRIBUTE = 0, IDENTITY = 0 }
  for i, field in ipairs(check_list(fields, pointer)) do
    local place = ("%s/%d"):format(pointer, i - 1)
    if not request.is_object(field) or not counts[field.fieldType] then
      errors.invalid(place .. "/fieldType", "expected ATTRIBUTE or IDENTITY")
    end
    counts[field.fieldType] = counts[field.fieldType] + 1
    local key = field.fieldType == "ATTRIBUTE" and "attributePath" or "identityNamespace"
    params.text(field[key], place .. "/" .. key)
  end
  if counts.ATTRIBUTE > 2 or counts.IDENTITY > 1 or (counts.ATTRIBUTE > 0 and counts.IDENTITY > 0) then
    errors.invalid(pointer, "expected at most two attributes, or one identity namespace")
  end
end

local function check_fields(object, pointer)
  if object.mandatoryFields ~= nil then
    check_mandatory(object.mandatoryFields, pointer .. "/mandatoryFields")
  end
  if object.primaryFields ~= nil then check_primary(object.primaryFields, pointer .. "/primaryFields") end
end

local function check_mapping(rq, mapping, pointer)
  if mapping == nil then return end
  if not request.is_object(mapping) then errors.invalid(pointer, "expected an object") end
  if next(mapping) == nil then return end -- the skeleton's {}
  if type(mapping.mappingId) ~= "string" or math.type(mapping.mappingVersion) ~= "integer" then
    errors.refuse("1419-400", "%s: expected mappingId and mappingVersion", pointer)
  end
  data_prep.check_mapping(rq, mapping, pointer)
end

local function selectors_of(object, pointer)
  if not request.is_object(object) then errors.invalid(pointer, "expected an object") end
  return check_list(object.selectors, pointer .. "/selectors")
end

local function finish_audiences(object, pointer, before, rules)
  local known = {}
  if before then
    for _, selector in ipairs(before.selectors) do known[selector.value.id] = selector end
  end
  local given = selectors_of(object, pointer)
  local result = copy(object)
  result.selectors = json.array {}
  for i, selector in ipairs(given) do
    check_audience(selector, ("%s/selectors/%d"):format(pointer, i - 1), rules)
    result.selectors[i] = stamp_audience(selector, known, rules.rq.now)
  end
  audiences.check_selectors(rules.rq, given, pointer .. "/selectors")
  return result
end

local function finish_attributes(object, pointer)
  local given = selectors_of(object, pointer)
  local result = copy(object)
  result.selectors = json.array {}
  for i, selector in ipairs(given) do
    check_attribute(selector, ("%s/selectors/%d"):format(pointer, i - 1))
    result.selectors[i] = fill_attribute(selector)
  end
  check_fields(result, pointer)
  return result
end

--- Checks and completes the params of a flow's GeneralTransform.
---@param given table as the client wants them
---@param before? table as stored until now
---@param pointer string where they are
---@param rules { family: string, rq: sluice.emulator.Request }
---@return table params to store
--- A cloud-storage card of the second generation takes attributes by mapping set only: profileSelectors sent
--- to it are accepted and do not show up. [UPD]
function M.finish(given, before, pointer, rules)
  if not request.is_object(given) then errors.invalid(pointer, "expected an object") end
  local result = copy(given)
  if rules.family == "v2" then result.profileSelectors = nil end
  if result.segmentSelectors ~= nil then
    result.segmentSelectors = finish_audiences(result.segmentSelectors, pointer .. "/segmentSelectors",
      before and before.segmentSelectors, rules)
  end
  if result.profileSelectors ~= nil then
    result.profileSelectors = finish_attributes(result.profileSelectors, pointer .. "/profileSelectors")
  end
  check_fields(result, pointer)
  check_mapping(rules.rq, result.profileMapping, pointer .. "/profileMapping")
  return result
end

return M
