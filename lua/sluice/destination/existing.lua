--- What the sandbox already holds of a destination: all look-ups at once, then, for each resource, the one to
--- use, none, or an error that names what stands in the way. Nothing is created here.

local core = require "sluice.core"
local suggest = require "sluice.suggest"
local together = require "sluice.destination.together"

local M = {}

local function fail(code, message, ...)
  core.error.raise("recipe", message:format(...), { code = code })
end

-- ── asking ─────────────────────────────────────────────────────────────────────────────────────────────────

local function named(items, name, spec_field, spec_id)
  local matching = {}
  for _, item in ipairs(items) do
    local spec = item[spec_field]
    if item.name == name and type(spec) == "table" and spec.id == spec_id then
      matching[#matching + 1] = item
    end
  end
  return matching
end

--- Asks the service everything that has to be known before the first creation, at the same time.
---@param aep table
---@param plan sluice.destination.plan
---@return table answers connection_spec, flow_specs, profile_store_connections, base_connections,
---  source_connections, target_connections, flows
function M.look_up(aep, plan)
  local store, spec, names = plan.profile_store_spec, plan.destination_spec, plan.names
  local function list(collection, name, connection_spec)
    local where = { name = name, ["connectionSpec.id"] = connection_spec }
    return function() return aep[collection]:list { where = where } end
  end
  local work = {
    { "connection_spec", function() return aep.connection_specs:get(spec) end },
    { "profile_store_connections", list("connections", names.profile_store_connection, store) },
    { "base_connections", list("connections", names.base_connection, spec) },
    { "source_connections", list("source_connections", names.source_connection, store) },
    { "target_connections", list("target_connections", names.target_connection, spec) },
    { "flows", list("flows", names.flow) },
  }
  if plan.flow_spec.name then
    table.insert(work, 2, { "flow_specs", list("flow_specs", plan.flow_spec.name) })
  end
  return together(work)
end

-- ── comparing ──────────────────────────────────────────────────────────────────────────────────────────────

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- Where stored params differ from wanted ones: `path is "/a", wanted "/b"`. What the service added does not
--- count.
local function differences(stored, wanted)
  local list = {}
  stored = type(stored) == "table" and stored or {}
  for _, key in ipairs(sorted_keys(wanted)) do
    if stored[key] ~= wanted[key] then
      local is = stored[key] == nil and "missing" or suggest.quote(stored[key])
      local should_be = suggest.quote(wanted[key])
      list[#list + 1] = ("%s is %s, wanted %s"):format(key, is, should_be)
    end
  end
  return list
end

--- A stored value of an auth param; stored entities spell some keys in another case (`userName`).
local function stored_param(params, name)
  for key, value in pairs(params) do
    if key:lower() == name:lower() then return value end
  end
end

--- Where an existing base connection differs, as far as it can be seen: secrets, and what the service masks, cannot.
local function base_differences(item, plan)
  local auth = type(item.auth) == "table" and item.auth or {}
  local stored = type(auth.params) == "table" and auth.params or {}
  local seen, wanted = { specName = auth.specName }, { specName = plan.auth.specName }
  for _, param in ipairs(plan.auth_params) do
    local value = plan.auth.params[param.name]
    local there = stored_param(stored, param.name)
    local visible = there ~= nil and not (type(there) == "string" and there:find("^%*+$"))
    if not param.secret and not core.secret.is(value) and value ~= nil and visible then
      seen[param.name], wanted[param.name] = there, value
    end
  end
  return differences(seen, wanted)
end

local function candidates(items)
  local ids = {}
  for i, item in ipairs(items) do ids[i] = tostring(item.id) end
  table.sort(ids)
  return suggest.some(ids)
end

--- The only one of several matches, or none.
local function only(items, what, name)
  if #items > 1 then
    fail("ambiguous", "%d existing %ss are called %s: %s; rename or delete all but one", #items, what,
      suggest.quote(name), candidates(items))
  end
  return items[1]
end

local function refuse_differences(item, what, list)
  if #list > 0 then
    fail("differs", "the existing %s %s (%s) differs: %s; give this destination another name, or change that "
      .. "%s first", what, suggest.quote(item.name), item.id, table.concat(list, "; "), what)
  end
end

-- ── choosing ───────────────────────────────────────────────────────────────────────────────────────────────

local function below(items, parent)
  local children = {}
  for _, item in ipairs(items) do
    if parent and item.baseConnectionId == parent.id then children[#children + 1] = item end
  end
  return children
end

local function flow_spec_id(answers, plan)
  if plan.flow_spec.id then return plan.flow_spec.id end
  local specs = {}
  for _, spec in ipairs(answers.flow_specs) do
    if spec.name == plan.flow_spec.name then specs[#specs + 1] = spec end
  end
  local spec = only(specs, "flow spec", plan.flow_spec.name)
  if not spec then
    fail("not_found", "the service has no flow spec called %s: %s is not available in this organisation and "
      .. "sandbox", suggest.quote(plan.flow_spec.name), plan.title)
  end
  return spec.id
end

--- The ID in a list of one, as flows hold their connections.
local function single(ids)
  return type(ids) == "table" and #ids == 1 and ids[1] or nil
end

local function flow_differences(flow, source, target)
  return differences({ source = single(flow.sourceConnectionIds), target = single(flow.targetConnectionIds) },
    { source = source and source.id or "a new one", target = target and target.id or "a new one" })
end

--- The flow of the wanted name and spec that joins the chosen source and target.
local function choose_flow(flows, source, target, name)
  local joined = {}
  for _, flow in ipairs(flows) do
    if #flow_differences(flow, source, target) == 0 then joined[#joined + 1] = flow end
  end
  local flow = only(joined, "dataflow", name)
  if not flow and #flows > 0 then
    refuse_differences(flows[1], "dataflow", flow_differences(flows[1], source, target))
  end
  return flow
end

--- Chooses among the answers what the set-up uses instead of creating it.
---@param answers table from look_up
---@param plan sluice.destination.plan
---@return table existing flow_spec_id, profile_store_connection, base_connection, source_connection,
---  target_connection, flow: an item, or nil when it has to be created
function M.choose(answers, plan)
  local store, spec, names = plan.profile_store_spec, plan.destination_spec, plan.names
  local function matching(items, resource, spec_id)
    return named(items, names[resource], "connectionSpec", spec_id)
  end
  local existing = { flow_spec_id = flow_spec_id(answers, plan) }
  existing.profile_store_connection = only(
    matching(answers.profile_store_connections, "profile_store_connection", store),
    "Profile Store connection", names.profile_store_connection)
  local base = only(matching(answers.base_connections, "base_connection", spec),
    "base connection", names.base_connection)
  if base then refuse_differences(base, "base connection", base_differences(base, plan)) end
  existing.base_connection = base
  local sources = matching(answers.source_connections, "source_connection", store)
  existing.source_connection = only(below(sources, existing.profile_store_connection),
    "source connection", names.source_connection)
  local target = only(below(matching(answers.target_connections, "target_connection", spec), base),
    "target connection", names.target_connection)
  if target then
    refuse_differences(target, "target connection", differences(target.params, plan.target_params))
  end
  existing.target_connection = target
  existing.flow = choose_flow(named(answers.flows, names.flow, "flowSpec", existing.flow_spec_id),
    existing.source_connection, target, names.flow)
  return existing
end

return M
