--- The mapping set of a second-generation card: which column takes its value from where. It is made by the Data
--- Prep service from two schemas: the organisation's union schema, and the card's partner schema with the wanted
--- columns added (ACT).

local attribute = require "sluice.activation.attribute"
local core = require "sluice.core"
local suggest = require "sluice.suggest"

local M = {}

local SCHEMAS = "/data/foundation/conversion/schemas"
local MAPPING_SETS = "/data/foundation/conversion/mappingSets"
local UNION = "/data/core/ups/config/entityTypes/_xdm.context.profile"
local UNION_QUERY = { property = { "fullSchema==true", "includeRelationshipDescriptors==true" } }
local PARTNER = "/targetSpec/attributes/partnerSchema/jsonSchema"

-- ── the rows ───────────────────────────────────────────────────────────────────────────────────────────────

--- Where a value comes from. A dot in the namespace of an identity is escaped (ACT).
local function source_of(entry)
  return entry.path or "identityMap." .. entry.identity:gsub("%.", "//.")
end

--- The mappings of checked attributes, in the order of the columns. An identity is an ATTRIBUTE here, too (ACT).
---@param attributes table[]
---@return { destination: string, source: string, sourceType: string }[] rows a JSON array
function M.rows(attributes)
  local rows = core.json.array {}
  for i, item in ipairs(attributes) do
    local entry = type(item) == "table" and item or { path = item }
    rows[i] = { destination = attribute.column(entry), source = source_of(entry), sourceType = "ATTRIBUTE" }
  end
  return rows
end

-- ── comparing ──────────────────────────────────────────────────────────────────────────────────────────────

--- The mapping set that a dataflow names; nil for the empty one of the skeleton.
---@param flow table|nil
---@return { mappingId: string, mappingVersion: integer }|nil
function M.of(flow)
  local found = flow and core.pointer.get(flow, "/transformations/0/params/profileMapping")
  return type(found) == "table" and type(found.mappingId) == "string" and found or nil
end

--- Stored mappings with the wanted ones in place: a column of another source gets the wanted one, what lacks is
--- added, what is there beyond stays.
---@param stored table[]
---@param wanted table[]
---@return table[]|nil rows nil when nothing lacks
function M.merge(stored, wanted)
  local merged, place, changed = core.json.array {}, {}, false
  for i, row in ipairs(stored) do
    merged[i], place[row.destination] = row, i
  end
  for _, row in ipairs(wanted) do
    local at = place[row.destination]
    if not at then at = #merged + 1 end
    local old = merged[at]
    if not old or old.source ~= row.source then merged[at], changed = row, true end
  end
  return changed and merged or nil
end

--- Does the service lack this call? The reading of a mapping set is in no source: where it is not offered, it is
--- refused like this.
local function is_not_offered(failure)
  return core.error.is(failure, "service") and (failure.status == 404 or failure.status == 405)
end

--- The mappings of a stored set. UNKNOWN whether the service offers them: no source has this call.
---@param aep table
---@param id string
---@return table[]|nil rows nil when they cannot be read
function M.read(aep, id)
  local ok, answer = pcall(aep.request, aep, { method = "GET", path = MAPPING_SETS .. "/" .. id })
  if not ok and not is_not_offered(answer) then error(answer, 0) end
  local stored, rows = ok and type(answer) == "table" and answer.mappings, core.json.array {}
  if type(stored) ~= "table" then return nil end
  for _, row in ipairs(stored) do -- what the service adds to a row is not for a new set
    local is_known = type(row) == "table" and type(row.destination) == "string" and type(row.source) == "string"
    if not is_known then return nil end -- of no form that any source has
    rows[#rows + 1] = { destination = row.destination, source = row.source, sourceType = row.sourceType }
  end
  return rows
end

--- What a mapping set is made from.
---@param aep table
---@param document table the card's spec document
---@param title string the card for people
---@param rows table[]
---@return { rows: table[], partner: table, union: table } materials; raises kind "recipe", code "spec", when the
---  document has no schema of columns
function M.materials(aep, document, title, rows)
  local partner = core.pointer.get(document, PARTNER)
  if type(partner) ~= "table" then
    core.error.raise("recipe", ("the spec document of %s has no %s, from which the schema of the columns is made")
      :format(title, PARTNER), { code = "spec" })
  end
  return { rows = rows, partner = partner, union = aep:request { method = "GET", path = UNION, query = UNION_QUERY } }
end

--- One dataflow maps one identity (ACT): what is there counts, too.
local function refuse_identities(rows)
  local found = {}
  for _, row in ipairs(rows) do found[#found + 1] = row.source:match "^identityMap%.(.+)$" end
  if #found > 1 then
    core.error.raise("recipe", ("/attributes: the existing dataflow maps identity %s; with %s it would be %d, and one "
      .. "dataflow maps one identity. remove_attributes takes it out first"):format(suggest.quote(found[1]),
      suggest.quote(found[2]), #found), { code = "differs" })
  end
end

--- Reads what has to be known before anything is created: is a new mapping set needed, and from what is it made?
--- Sets `plan.mapping` when it is, and `plan.columns` to the rows that will hold; nil where they cannot be known.
---@param plan sluice.destination.plan
---@param aep table
---@param flow table|nil the existing dataflow
---@param report sluice.report receives a warning when a stored mapping set cannot be compared
function M.prepare(plan, aep, flow, report)
  local rows, current = plan.mappings, M.of(flow)
  plan.columns = rows
  if #rows == 0 and not current then return end
  if current then
    local stored = M.read(aep, current.mappingId)
    plan.columns = stored
    if not stored then
      if #rows == 0 then return end
      return report:warning("/attributes", nil, "mapping set %s of the existing dataflow cannot be read here, so it "
        .. "is neither compared nor changed", current.mappingId)
    end
    rows = M.merge(stored, rows)
    if not rows then return end
    refuse_identities(rows)
    plan.columns = rows
  end
  plan.mapping = M.materials(aep, plan.document, plan.title, rows)
end

-- ── making ─────────────────────────────────────────────────────────────────────────────────────────────────

local function is_needed(plan) return plan.mapping ~= nil end

--- The partner schema with the columns that it does not have yet; text, as every column of a file is.
local function with_columns(partner, rows)
  local schema, properties = {}, {}
  for key, value in pairs(partner) do schema[key] = value end
  for key, value in pairs(type(partner.properties) == "table" and partner.properties or {}) do
    properties[key] = value
  end
  for _, row in ipairs(rows) do
    properties[row.destination] = properties[row.destination] or { type = "string" }
  end
  schema.properties = properties
  return schema
end

--- POST conversion/schemas, the input: the answer of the union schema's look-up as a whole (ACT).
M.input_schema = {
  path = SCHEMAS, what = "input schema", suffix = " - input schema", is_needed = is_needed,
  body = function(plan) return { name = plan.names.input_schema, jsonSchema = plan.mapping.union } end,
}

--- POST conversion/schemas, the output.
M.output_schema = {
  path = SCHEMAS, what = "output schema", suffix = " - output schema", is_needed = is_needed,
  body = function(plan)
    return { name = plan.names.output_schema,
      jsonSchema = with_columns(plan.mapping.partner, plan.mapping.rows) }
  end,
}

--- POST conversion/mappingSets (ACT).
M.mapping_set = {
  path = MAPPING_SETS, what = "mapping set", suffix = " - mapping set", is_needed = is_needed,
  body = function(plan, ids)
    return { inputSchema = { id = ids.input_schema }, outputSchema = { id = ids.output_schema },
      mappings = plan.mapping.rows, xdmVersion = "1.0" }
  end,
  made = function(plan, answer)
    plan.profile_mapping = { mappingId = answer.id, mappingVersion = math.tointeger(answer.version) or 0 }
  end,
}

return M
