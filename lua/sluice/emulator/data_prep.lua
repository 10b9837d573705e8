--- The part of Data Prep a mapping set needs: /data/foundation/conversion/schemas and /mappingSets [ACT].
-- A mapping set says which columns the files of a cloud-storage card have. Statuses of success and all
-- refusals are UNKNOWN here; 200 and a problem document stand in.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local request = require "sluice.emulator.request"

local json = core.json

local M = {}

local function refuse(pointer, message, ...)
  errors.problem(400, "BadRequestError", ("%s: %s"):format(pointer, message:format(...)))
end

local function new_id(rq, kind) -- 32 hexadecimal digits
  return rq.ids:digits(rq.ids:next(kind))
end

-- Schemas
-- -------------------------------------------------------------------------

--- POST /schemas: stores `{name, jsonSchema}`; gives `{id, version, jsonSchema}`. [ACT]
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.create_schema(rq)
  local body = request.json_object(rq.body)
  if type(body.name) ~= "string" or body.name == "" then refuse("/name", "expected a non-empty string") end
  local schema = body.jsonSchema
  if not request.is_object(schema) then refuse("/jsonSchema", "expected a JSON Schema, as an object") end
  if not request.is_object(schema.properties) then refuse("/jsonSchema/properties", "expected an object") end
  -- By name: input and output come at the same time, and which of them comes first is nobody's choice.
  local item = { id = new_id(rq, "conversion schema " .. body.name), version = 0, jsonSchema = schema }
  rq.scope:add("conversionSchemas", item)
  return 200, item
end

-- Mappings
-- -------------------------------------------------------------------------

-- "identityMap.Phone_E//.164" has two parts: a dot after "//" belongs to the name. [ACT]
local function split(path)
  local parts = {}
  local marked = path:gsub("//%.", "\0")
  for part in (marked .. "."):gmatch("([^.]*)%.") do parts[#parts + 1] = (part:gsub("\0", ".")) end
  return parts
end

local function member(schema, name)
  if type(schema) ~= "table" then return nil end
  if request.is_object(schema.properties) and schema.properties[name] then return schema.properties[name] end
  return request.is_object(schema.additionalProperties) and schema.additionalProperties or nil
end

-- Arrays and objects have no column, but for the identities of one namespace [GRD, UI, ACT].
local function check_source(source, schema, pointer)
  if type(source) ~= "string" or source == "" then refuse(pointer, "expected a path of the input schema") end
  local parts, found = split(source), schema
  for _, part in ipairs(parts) do
    found = part ~= "" and member(found, part) or nil
    if not found then refuse(pointer, "'%s' is not in the input schema", source) end
  end
  local identity = parts[1] == "identityMap" and #parts == 2
  if not identity and (found.type == "object" or found.type == "array") then
    refuse(pointer, "'%s' is an %s; name a single value", source, found.type)
  end
end

local function check_destination(destination, schema, seen, pointer, options)
  if type(destination) ~= "string" or destination == "" then refuse(pointer, "expected a column name") end
  if destination:find(".", 1, true) then refuse(pointer, "a column name has no dots; write _") end
  if seen[destination] then refuse(pointer, "the column '%s' comes twice", destination) end
  seen[destination] = true
  if options.mapping_columns == "declared" and not schema.properties[destination] then
    refuse(pointer, "'%s' is not among the properties of the output schema", destination)
  end
end

local function check_mappings(mappings, input, output, options)
  if not json.is_array(mappings) or #mappings == 0 then refuse("/mappings", "expected a non-empty array") end
  local seen = {}
  for i, mapping in ipairs(mappings) do
    local pointer = ("/mappings/%d"):format(i - 1)
    if not request.is_object(mapping) then refuse(pointer, "expected {destination, source, sourceType}") end
    -- The only type the sources show, for identities too [ACT].
    if mapping.sourceType ~= "ATTRIBUTE" then refuse(pointer .. "/sourceType", "expected ATTRIBUTE") end
    check_source(mapping.source, input, pointer .. "/source")
    check_destination(mapping.destination, output, seen, pointer .. "/destination", options)
  end
end

local function schema_of(rq, reference, pointer)
  if not request.is_object(reference) then refuse(pointer, "required: {id}") end
  local record = type(reference.id) == "string" and rq.scope:find("conversionSchemas", reference.id)
  if not record then refuse(pointer .. "/id", "no schema has the id '%s'", tostring(reference.id)) end
  return record.item.jsonSchema
end

-- Mapping sets
-- -------------------------------------------------------------------------

--- POST /mappingSets: `{inputSchema: {id}, outputSchema: {id}, mappings, xdmVersion}`. [ACT]
---@param rq sluice.emulator.Request
---@return integer status, table body `{id, version, createdDate, modifiedDate, createdBy, modifiedBy}`
function M.create_mapping_set(rq)
  local body = request.json_object(rq.body)
  local input = schema_of(rq, body.inputSchema, "/inputSchema")
  local output = schema_of(rq, body.outputSchema, "/outputSchema")
  check_mappings(body.mappings, input, output, rq.options)
  local user = rq.ids:digits("user " .. rq.client_id):sub(1, 24):upper() .. "@AdobeID"
  local item = { id = new_id(rq, "mapping set"), version = 0, createdDate = rq.now, modifiedDate = rq.now,
    createdBy = user, modifiedBy = user }
  local answer = {}
  for k, v in pairs(item) do answer[k] = v end
  item.inputSchema, item.outputSchema = body.inputSchema, body.outputSchema
  item.mappings, item.xdmVersion = body.mappings, body.xdmVersion
  rq.scope:add("mappingSets", item)
  return 200, answer
end

--- GET /mappingSets/{id}: what was stored. No source of destinations names this call, so an option takes it
--- away.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.get_mapping_set(rq)
  local record = rq.options.mapping_set_get == "offered" and rq.scope:find("mappingSets", rq.id)
  if not record then errors.problem(404, "Not Found", "no mapping set has the id " .. rq.id) end
  return 200, record.item
end

local function identities(item)
  local count = 0
  for _, mapping in ipairs(item.mappings) do
    if mapping.source:find("^identityMap%.") then count = count + 1 end
  end
  return count
end

--- Checks the profileMapping of a dataflow.
---@param rq { scope: sluice.emulator.Scope }
---@param mapping { mappingId: string, mappingVersion: integer }
---@param pointer string
--- Refuses with 1412-400 for a version the set does not have, 1419-400 for a set that does not exist or maps
--- more than one identity. [ERR, ACT]
function M.check_mapping(rq, mapping, pointer)
  local record = rq.scope:find("mappingSets", mapping.mappingId)
  if not record then
    errors.refuse("1419-400", "%s: no mapping set has the id '%s'", pointer, mapping.mappingId)
  end
  if record.item.version ~= mapping.mappingVersion then
    errors.refuse("1412-400", "%s: mapping set %s has version %d, not %d", pointer, mapping.mappingId,
      record.item.version, mapping.mappingVersion)
  end
  if identities(record.item) > 1 then
    errors.refuse("1419-400", "%s: a dataflow exports one identity, mapping set %s has %d", pointer,
      mapping.mappingId, identities(record.item))
  end
end

return M
