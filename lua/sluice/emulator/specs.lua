--- The two collections of spec documents: read only, one answer without pages. [F, T]
local core = require "sluice.core"
local connection_specs = require "sluice.emulator.connection_specs"
local errors = require "sluice.emulator.errors"
local filter = require "sluice.emulator.filter"
local params = require "sluice.emulator.params"
local request = require "sluice.emulator.request"

local json = core.json

local M = {}

M.connection_specs = { name = "connectionSpecs", spec_collection = true,
  fields = { id = "string", name = "string", providerId = "string", attributes = "object" } }
M.flow_specs = { name = "flowSpecs", spec_collection = true, -- attributes: samples of EXP filter by them
  fields = { id = "string", name = "string", providerId = "string", attributes = "object" } }

local function matching(documents, definition, expressions)
  local keep, items = filter.compile(expressions, definition), json.array {}
  for _, document in ipairs(documents) do
    if keep(document) then items[#items + 1] = document end
  end
  return 200, { items = items, _links = {} }
end

--- GET of a spec collection.
---@param definition table `connection_specs` or `flow_specs` of this module
---@return function handler
function M.list(definition)
  return function(rq)
    return matching(rq.emulator.documents[definition.name], definition, rq.query.property)
  end
end

--- GET of one spec; its 404 text is that of the other collections (its own is UNKNOWN).
---@param definition table
---@return function handler
function M.get(definition)
  return function(rq)
    for _, document in ipairs(rq.emulator.documents[definition.name]) do
      if document.id == rq.id then return 200, { items = json.array { document } } end
    end
    errors.not_found(definition.name, rq.id)
  end
end

--- POST /flowSpecs/search [F]; the grammar of queryString is UNKNOWN, taken as that of `property`.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.search(rq)
  local body = request.json_object(rq.body)
  params.optional_text(body.queryString, "/queryString")
  local expressions = {}
  for part in (body.queryString or ""):gmatch("[^&]+") do expressions[#expressions + 1] = part end
  return matching(rq.emulator.documents.flowSpecs, M.flow_specs, expressions)
end

--- Writing specs is for providers [ERR 1426; for flow specs the code is UNKNOWN,
--- a missing permission stands in].
---@param definition table
---@return function handler
function M.refuse_write(definition)
  local code = definition == M.connection_specs and "1426-400" or "2118-403"
  return function() errors.refuse(code, "specs are written by their providers") end
end

--- GET /connectionSpecs/{id}/explore [F]: an array.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.explore(rq)
  M.get(M.connection_specs)(rq)
  return 200, json.array {}
end

-- Datasets ready for export: invented, in the shape of D and EXP.
local DATASETS = { "Profiles", "Loyalty members", "Orders", "Web sessions" }
for year = 2019, 2023 do
  for quarter = 1, 4 do DATASETS[#DATASETS + 1] = ("Orders %d, quarter %d"):format(year, quarter) end
end

local function dataset(rq, name)
  return { id = rq.ids:digits("dataset " .. name):sub(1, 24), name = name, description = "Example dataset",
    fileDescription = { persisted = true, containerFormat = "parquet", format = "parquet" },
    aspect = "production", state = "DRAFT" }
end

local function whole(text, default, low, high, name)
  if text == nil then return default end
  local number = text:match("^%d+$") and math.tointeger(tonumber(text))
  if not number or number < low or number > high then
    errors.refuse("1452-400", "%s is '%s'; expected %d to %d", name, text, low, high)
  end
  return number
end

--- GET /connectionSpecs/{id}/configs: datasets that can be exported. [D, EXP]
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.configs(rq)
  M.get(M.connection_specs)(rq)
  if rq.options.configs_spec == "data-lake" and rq.id ~= connection_specs.DATA_LAKE then
    errors.refuse("1451-400", "datasets are listed for connection spec %s", connection_specs.DATA_LAKE)
  end
  if rq.query.outputType ~= "activationDatasets" or rq.query.outputField ~= "datasets" then
    errors.refuse("1451-400", "outputType=activationDatasets and outputField=datasets are required")
  end
  local start = whole(rq.query.start, 0, 0, math.maxinteger, "start")
  local limit = whole(rq.query.limit, 20, 1, 100, "limit")
  local items = json.array {}
  for i = start + 1, math.min(start + limit, #DATASETS) do items[#items + 1] = dataset(rq, DATASETS[i]) end
  local last = start + #items
  return 200, { items = items, _links = {},
    pageInfo = { start = start, ["end"] = last, total = #DATASETS, hasNext = last < #DATASETS } }
end

return M
