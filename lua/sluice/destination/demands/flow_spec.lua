--- The flow spec of a destination: by the catalog's ID or name, confirmed by what the service lists; by the source
--- and target it joins and by its workflow; or by the name or ID that a definition gives.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local params = require "sluice.destination.demands.params"
local suggest = require "sluice.suggest"

local M = {}

local function fail(code, message, ...)
  core.error.raise("recipe", "/flow_spec: " .. message:format(...), { code = code })
end

-- ── reading flow specs ─────────────────────────────────────────────────────────────────────────────────────

local function label(spec)
  return ("%s (%s)"):format(suggest.quote(spec.name), tostring(spec.id))
end

local function labels(specs)
  local list = {}
  for i, spec in ipairs(specs) do list[i] = label(spec) end
  table.sort(list)
  return suggest.some(list)
end

local function matching(specs, is_wanted)
  local list = {}
  for _, spec in ipairs(specs) do
    if type(spec) == "table" and type(spec.id) == "string" and is_wanted(spec) then list[#list + 1] = spec end
  end
  return list
end

--- What a flow spec exports: its `_workflow` contains DATASETS, or not. Text or list: which is UNKNOWN.
local function kind_of(spec)
  local workflow = params.table_of(spec.attributes)._workflow
  local words = type(workflow) == "string" and { workflow } or params.texts(workflow) or {}
  for _, word in ipairs(words) do
    if word:find("DATASETS", 1, true) then return "datasets" end
  end
  return "audiences"
end

local function lists(ids, id)
  for _, candidate in ipairs(params.texts(ids) or {}) do
    if candidate == id then return true end
  end
  return false
end

--- The flow specs that lead audiences, or datasets, to a destination.
local function fitting(specs, system, kind)
  local source = kind == "datasets" and catalog.data_lake or catalog.profile_store
  return matching(specs, function(spec)
    return kind_of(spec) == kind and lists(spec.sourceConnectionSpecIds, source.connection_spec)
      and lists(spec.targetConnectionSpecIds, system.connection_spec)
  end)
end

-- ── choosing ───────────────────────────────────────────────────────────────────────────────────────────────

local CHOOSE = "write which one in the definition: flow_spec = \"<name or ID>\""

local function named(specs, wanted)
  local by_id = matching(specs, function(spec) return spec.id == wanted end)
  if #by_id > 0 then return by_id end
  return matching(specs, function(spec) return spec.name == wanted end)
end

--- The one a definition asks for.
local function chosen(specs, wanted)
  local found = named(specs, wanted)
  if #found == 1 then return found[1] end
  if #found > 1 then
    fail("ambiguous", "%d flow specs are called %s: %s; write the ID in flow_spec", #found, suggest.quote(wanted),
      labels(found))
  end
  local names = {}
  for _, spec in ipairs(matching(specs, function(spec) return type(spec.name) == "string" end)) do
    names[#names + 1] = spec.name
  end
  local nearest = suggest.nearest(wanted, names)
  fail("not_found", "the service has no flow spec %s%s", suggest.quote(wanted),
    nearest and ("; did you mean %s?"):format(suggest.quote(nearest)) or "")
end

--- The one that joins source and target, where the catalog knows none.
local function only_fitting(specs, system, kind)
  local found = fitting(specs, system, kind)
  if #found == 1 then return found[1] end
  if #found == 0 then
    fail("not_found", "the service lists no flow spec that leads %s to %s: is it available in this organisation and "
      .. "sandbox? If so, %s", kind, system.title, CHOOSE)
  end
  fail("ambiguous", "%d flow specs lead %s to %s: %s; %s", #found, kind, system.title, labels(found), CHOOSE)
end

local function warn(report, source, message, ...)
  report[#report + 1] = { place = "/flow_spec", level = "warning", source = source .. "," .. params.SOURCE,
    message = message:format(...) }
end

--- The catalog's ID, unless the service shows another one in its place.
local function confirmed(specs, system, kind, known, report)
  local listed = matching(specs, function(spec) return spec.id == known.id end)[1]
  if listed and kind_of(listed) == kind then return known.id end
  local found = fitting(specs, system, kind)
  local why = listed and ("%s exports %s"):format(label(listed), kind_of(listed))
    or ("the service lists no flow spec %s"):format(known.id)
  if #found == 1 then
    warn(report, known.source, "the catalog (%s) says %s, but here %s; %s leads %s to %s and is used", known.source,
      known.id, why, label(found[1]), kind, system.title)
    return found[1].id
  end
  warn(report, known.source, "the catalog (%s) says %s, but here %s; it is used all the same, as %s would fit",
    known.source, known.id, why, #found == 0 and "no other" or #found .. " others")
  return known.id
end

local function by_name(specs, system, kind, known, report)
  local found = matching(specs, function(spec) return spec.name == known.name end)
  if #found == 1 then return found[1].id end
  if #found > 1 then
    fail("ambiguous", "%d existing flow specs are called %s: %s; %s", #found, suggest.quote(known.name), labels(found),
      CHOOSE)
  end
  local others = fitting(specs, system, kind)
  if #others ~= 1 then
    fail("not_found", "the service has no flow spec called %s: %s is not available in this organisation and sandbox",
      suggest.quote(known.name), system.title)
  end
  warn(report, known.source, "the catalog (%s) says %s, but the service has none of that name; %s leads %s to %s and "
    .. "is used", known.source, suggest.quote(known.name), label(others[1]), kind, system.title)
  return others[1].id
end

--- What the catalog knows of a destination's flow spec.
---@param system sluice.catalog.system
---@param kind "audiences"|"datasets"
---@return { id: string|nil, name: string|nil, source: string }|nil
function M.known(system, kind)
  local known = system[kind == "datasets" and "dataset_flow_spec" or "flow_spec"]
  return known and (known.id or known.name) and known or nil
end

--- The ID of the flow spec a dataflow needs. Raises kind "recipe", code "not_found" or "ambiguous", with the
--- candidates.
---@param specs table[] what the service lists
---@param system sluice.catalog.system
---@param kind "audiences"|"datasets"
---@param wanted string|nil name or ID out of the definition
---@return string id
---@return sluice.finding[] warnings where the service differs from the catalog
function M.choose(specs, system, kind, wanted)
  local warnings, known = {}, M.known(system, kind)
  specs = params.table_of(specs)
  if wanted then return chosen(specs, wanted).id, warnings end
  if not known then return only_fitting(specs, system, kind).id, warnings end
  local settle = known.id and confirmed or by_name
  return settle(specs, system, kind, known, warnings), warnings
end

return M
