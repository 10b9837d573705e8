--- What the organisation's own spec documents ask for. The catalog is the default, the documents the authority: of
--- both an entry in the catalog's form is made, and where they differ that is noted, to be told. A destination
--- that the catalog does not know is made of its document alone.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local params = require "sluice.destination.demands.params"
local suggest = require "sluice.suggest"

local M = {}

local function fail(code, message, ...)
  core.error.raise("recipe", message:format(...), { code = code })
end

-- ── finding the document ───────────────────────────────────────────────────────────────────────────────────

local function of_name(documents, name)
  local found = {}
  for _, document in ipairs(documents) do
    if type(document) == "table" and document.name == name then found[#found + 1] = document end
  end
  return found
end

local function refuse_name(name, documents)
  local names = {}
  for _, document in ipairs(documents) do
    if type(document) == "table" and type(document.name) == "string" then names[#names + 1] = document.name end
  end
  local nearest = suggest.nearest(name, names)
  fail("not_found", "/type: neither the catalog nor the service knows a destination called %s%s", suggest.quote(name),
    nearest and ("; did you mean %s?"):format(suggest.quote(nearest)) or "")
end

--- The spec document of a destination. Raises kind "recipe", code "not_found" or "ambiguous", or the service's
--- error.
---@param aep table a connection
---@param type_name string key of the catalog, ID or exact name of a connection spec
---@return table document
function M.document(aep, type_name)
  local keys = catalog.keys_of(type_name)
  local id = #keys == 1 and catalog.systems[keys[1]].connection_spec
    or type_name:find "^%x+%-%x+%-%x+%-%x+%-%x+$" and type_name
  if id then return aep.connection_specs:get(id) end
  local found = of_name(aep.connection_specs:list { where = { name = type_name } }, type_name)
  if #found == 0 then
    local all = aep.connection_specs:list() -- a comma in the name means something else to the filter
    found = of_name(all, type_name)
    if #found == 0 then refuse_name(type_name, all) end
  end
  if #found > 1 then
    local ids = {}
    for i, document in ipairs(found) do ids[i] = tostring(document.id) end
    table.sort(ids)
    fail("ambiguous", "/type: %d connection specs are called %s; write the ID of one: %s", #found,
      suggest.quote(type_name), suggest.some(ids))
  end
  return found[1]
end

local SHARED_FOR = 10 -- seconds
local shared = setmetatable({}, { __mode = "k" }) -- connection → type → { document, time of reading }

--- The same, shared by set-ups that run beside each other or follow each other at once; it is not to be changed.
---@param aep table a connection
---@param type_name string
---@return table document
function M.shared_document(aep, type_name)
  shared[aep] = shared[aep] or {}
  local last = shared[aep][type_name]
  if not last or core.task.now() > last[2] + SHARED_FOR then
    last = { M.document(aep, type_name), core.task.now() }
    shared[aep][type_name] = last
  end
  return last[1]
end

-- ── credentials ────────────────────────────────────────────────────────────────────────────────────────────

--- The auth specs of a document that can be read.
local function auth_specs(document)
  local list = params.texts(document.authSpec) and {} or nil
  for _, spec in ipairs(list and document.authSpec or {}) do
    if type(spec) == "table" and type(spec.name) == "string" then list[#list + 1] = spec end
  end
  return list
end

--- One auth spec, of the document and of the catalog, if it is there.
local function join_auth(spec, base, is_known)
  local differences = {}
  local entry = { name = spec.name, mode = base and base.mode, schema = params.table_of(spec.spec),
    source = base and base.source or params.SOURCE, differences = differences }
  if base then entry.also = base.name ~= spec.name and base.name or base.also end
  if is_known and not base then
    differences[1] = { place = "/auth/spec", source = params.SOURCE,
      message = ("the catalog does not know the auth spec %s; it is taken from the spec document"):format(
        suggest.quote(spec.name)) }
  end
  entry.params = params.join(base and base.params or {}, spec.spec,
    { place = "/auth", source = entry.source, differences = differences })
  return entry
end

local function join_auths(document, base, differences)
  local specs = auth_specs(document)
  if not specs then return base and base.auth or {} end
  local list, found = {}, {}
  for i, spec in ipairs(specs) do
    local known
    for _, candidate in ipairs(base and base.auth or {}) do
      if spec.name == candidate.name or spec.name == candidate.also then known = candidate end
    end
    if known then found[known] = true end
    list[i] = join_auth(spec, known, base ~= nil)
  end
  for _, known in ipairs(base and base.auth or {}) do
    if not found[known] then
      params.differ(differences, "/auth/spec", known.source, "there is " .. suggest.quote(known.name),
        #list == 0 and "no credentials are needed" or "only " .. suggest.either(catalog.names(list)))
    end
  end
  return list
end

-- ── target ─────────────────────────────────────────────────────────────────────────────────────────────────

--- The params of other modes, which one schema may hold beside those of a mode.
local function of_other_modes(modes, mode)
  local names = { mode = true }
  for _, other in ipairs(modes) do
    for _, param in ipairs(other ~= mode and other.params or {}) do names[param.name] = true end
  end
  return names
end

local function join_mode(name, mode, modes, schema)
  local differences = {}
  local entry = { name = name, schema = schema, differences = differences, doubts = mode and mode.doubts,
    source = mode and mode.source or params.SOURCE }
  entry.params = params.join(mode and mode.params or {}, schema, { place = "/target", source = entry.source,
    differences = differences, skip = of_other_modes(mode and modes or {}, mode), never = "mode" })
  return entry
end

--- The modes of a document that lists them.
local function listed_modes(names, modes, schema, differences)
  local list = {}
  for i, name in ipairs(names) do list[i] = join_mode(name, catalog.named(modes, name), modes, schema) end
  for _, mode in ipairs(modes) do
    if not catalog.named(list, mode.name) then
      params.differ(differences, "/target/mode", mode.source,
        mode.name and "there is " .. suggest.quote(mode.name) or "targets have no mode",
        "only " .. suggest.either(names))
    end
  end
  return list
end

local function join_modes(document, base, differences)
  local target = params.table_of(document.targetSpec)
  if type(target.spec) ~= "table" and base then return base.modes end
  local schema, modes = params.table_of(target.spec), base and base.modes or {}
  local names = params.texts(params.table_of(params.table_of(schema.properties).mode).enum)
  if names and #names > 0 then return listed_modes(names, modes, schema, differences) end
  if #modes == 0 then
    local has_mode = params.table_of(schema.properties).mode ~= nil
    local made = join_mode(nil, nil, {}, schema)
    if has_mode then -- a mode without a list of values is a parameter like any other
      made.params = params.join({}, schema, { place = "/target", source = params.SOURCE, differences = {} })
    end
    return { made }
  end
  local list = {}
  for i, mode in ipairs(modes) do list[i] = join_mode(mode.name, mode, modes, schema) end
  return list
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

local LEGACY_MODES = { S3 = true, AZURE_BLOB = true, FTP = true }

--- How the connections of a destination are built that only its document describes. No source says how to tell;
--- the second generation has file types or a schema of its columns, the older cards have modes and files, streams
--- have neither.
local function shape_of(document, modes)
  local attributes = params.table_of(params.table_of(document.targetSpec).attributes)
  if type(attributes.partnerSchema) == "table" then return "v2", "its spec document has a schema of columns" end
  for _, mode in ipairs(modes) do
    for _, name in ipairs { "fileType", "datasetFileType" } do
      if catalog.named(mode.params, name) then return "v2", ("its target has a %s"):format(name) end
    end
    if LEGACY_MODES[mode.name] then return "legacy", ("its target has the mode %s"):format(mode.name) end
  end
  return "streaming", "its target has neither file types nor modes"
end

local SHAPES = { legacy = "like the older file destinations", v2 = "like the newer cloud-storage destinations",
  streaming = "like a stream" }

local function of_document_alone(document, differences)
  if type(document.targetSpec) ~= "table" then
    fail("spec", "/type: %s (%s) is no destination: its spec document describes no target",
      suggest.quote(document.name), document.id)
  end
  local system = { title = type(document.name) == "string" and document.name or document.id,
    connection_spec = document.id, source = params.SOURCE, flow_spec = { source = params.SOURCE } }
  system.auth = join_auths(document, nil, differences)
  system.modes = join_modes(document, nil, differences)
  local why
  system.shape, why = shape_of(document, system.modes)
  differences[#differences + 1] = { place = "/type", source = "derived",
    message = ("%s is not in the catalog: it is set up %s, because %s"):format(system.title, SHAPES[system.shape],
      why) }
  return system
end

local function make_system(document)
  local differences, key = {}, catalog.keys_of(document.id)[1]
  local base, system = catalog.systems[key], {}
  if base then
    for name, value in pairs(base) do system[name] = value end
    system.auth = join_auths(document, base, differences)
    system.modes = join_modes(document, base, differences)
  else
    system = of_document_alone(document, differences)
  end
  system.type, system.document, system.differences = key, document, differences
  return system
end

local systems = setmetatable({}, { __mode = "k" }) -- document → system

--- Makes an entry in the catalog's form of a spec document and, if it knows the destination, the catalog. Nothing
--- in the document is trusted to have the right type. Raises kind "recipe", code "spec", for a document that is none,
--- or not a destination's.
---@param document any a connection spec as the service returned it
---@return sluice.catalog.system system not to be changed; further fields: `type`, the catalog's key or nil,
---  `document`, `differences` from the catalog, here and in auth specs and modes; `schema` in those
function M.system(document)
  if type(document) ~= "table" or type(document.id) ~= "string" then
    fail("spec", "/type: what the service returned is no spec document: it has no ID")
  end
  systems[document] = systems[document] or make_system(document)
  return systems[document]
end

--- The ID of the flow spec a dataflow needs, out of those the service lists; see `demands.flow_spec`.
function M.flow_spec(...) return require("sluice.destination.demands.flow_spec").choose(...) end

return M
