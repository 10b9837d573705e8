--- The mapping sets of a V2 dataflow's attributes. A set cannot be changed: another one is made and the dataflow is led
--- to it (activation.md §4). It is made once, also where the change has to be planned again.

local change = require "sluice.dataflow.change"
local columns = require "sluice.dataflow.columns"
local mapping = require "sluice.destination.mapping"
local recovery = require "sluice.recovery"
local shape = require "sluice.dataflow.shape"
local together = require "sluice.destination.together"

local M = {}

local PLACE = columns.PLACES.v2.mapping

--- Makes one of the resources of a mapping set.
local function make(aep, resource, plan, ids)
  return recovery.make(aep, { path = resource.path, body = resource.body(plan, ids) }, resource.what)
end

--- Two schemas, then the mapping set (ACT).
---@return { mappingId: string, mappingVersion: integer }
local function create(context, rows)
  local aep, flow = context.aep, context.flow
  local name = type(flow.name) == "string" and flow.name or flow.id
  local document = shape.document(aep, context.shape.spec_id)
  local plan = { names = {}, mapping = mapping.materials(aep, document, context.shape.title, rows) }
  for _, key in ipairs { "input_schema", "output_schema", "mapping_set" } do
    plan.names[key] = name .. mapping[key].suffix
  end
  local schemas = together {
    { "input", function() return make(aep, mapping.input_schema, plan) end },
    { "output", function() return make(aep, mapping.output_schema, plan) end },
  }
  local answer = make(aep, mapping.mapping_set, plan, { input_schema = schemas.input.id,
    output_schema = schemas.output.id })
  mapping.mapping_set.made(plan, answer)
  return plan.profile_mapping
end

local function same_rows(a, b)
  if #a ~= #b then return false end
  for i, row in ipairs(a) do
    if row.destination ~= b[i].destination or row.source ~= b[i].source then return false end
  end
  return true
end

--- What changes between two lists of rows, in sentences.
local function sentences(before, after)
  local list, old, new = {}, {}, {}
  for _, row in ipairs(before) do old[row.destination] = row.source end
  for _, row in ipairs(after) do
    new[row.destination] = row.source
    local source = old[row.destination]
    if source == nil then
      list[#list + 1] = ("adds column %s from %s"):format(row.destination, row.source)
    elseif source ~= row.source then
      list[#list + 1] = ("fills column %s from %s (before: %s)"):format(row.destination, row.source, source)
    end
  end
  for _, row in ipairs(before) do
    if new[row.destination] == nil then list[#list + 1] = ("removes column %s"):format(row.destination) end
  end
  return list
end

--- The mapping sets of one change: read and made once each.
---@param context sluice.dataflow.context
---@return { read: fun(flow: table): sluice.dataflow.column[], change: fun(flow: table, patch: table, stored: table,
---  wanted: table): string[], string|nil } sets read raises kind "recipe", code "mapping_set", when the service does
---  not show a set; change gives sentences and what stays behind when the patch fails
function M.sets(context)
  local made, known = {}, {} -- ID of the set before → the new one; ID of a set → rows

  local function read(flow)
    local current = context.shape.name == "v2" and mapping.of(flow)
    if current and known[current.mappingId] then return known[current.mappingId] end
    local list, id = columns.read(context.aep, flow, context.shape.name)
    if list == nil and not context.whole then
      change.refuse("mapping_set", "the service does not show what mapping set %s holds, so nothing can be added to "
        .. "it or taken from it; set_attributes puts a whole list in its place", id)
    end
    if current and list then known[current.mappingId] = list end
    return list or {}
  end

  local function lead(flow, patch, stored, wanted)
    local rows, before = mapping.rows(wanted), mapping.rows(stored)
    if same_rows(rows, before) then return {} end
    local current = mapping.of(flow)
    local key = current and current.mappingId or ""
    made[key] = made[key] or create(context, rows)
    known[made[key].mappingId] = wanted
    patch:add(PLACE, made[key])
    local leaves = "mapping set %s was made for it and is not used"
    return sentences(before, rows), leaves:format(made[key].mappingId)
  end

  return { read = read, change = lead }
end

return M
