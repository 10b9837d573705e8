--- What the sandbox already holds of a destination: all look-ups at once, then, for each resource, the one to
--- use, none, or an error that names what stands in the way. Nothing is created here.

local core = require "sluice.core"
local bodies = require "sluice.destination.bodies"
local sound = require "sluice.sound"
local suggest = require "sluice.suggest"

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

--- The questions to the service about what may exist already: one for each resource that can be found by name.
---@param aep table
---@param plan sluice.destination.plan
---@return { [1]: string, [2]: fun(): table[] }[] work for `together`; the answers go by the resource's key
function M.questions(aep, plan)
  local work = {}
  for _, stage in ipairs(plan.shape.stages) do
    for _, key in ipairs(stage) do
      local resource = plan.shape.resources[key]
      local where = { name = plan.names[key] }
      if key ~= "flow" then where["connectionSpec.id"] = bodies.spec_of(resource, plan) end
      if resource.collection then
        work[#work + 1] = { key, function() return aep[resource.collection]:list { where = where } end }
      end
    end
  end
  return work
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
local function differences(stored, wanted, list, above)
  list, above = list or {}, above or ""
  stored = type(stored) == "table" and stored or {}
  for _, key in ipairs(sorted_keys(wanted)) do
    local is_hidden = core.secret.is(wanted[key]) -- what a secret holds is out of sight, so it cannot be compared
    if type(wanted[key]) == "table" then
      differences(stored[key], wanted[key], list, above .. key .. ".")
    elseif not is_hidden and stored[key] ~= wanted[key] then
      local is = stored[key] == nil and "missing" or suggest.quote(stored[key])
      local should_be = suggest.quote(wanted[key])
      list[#list + 1] = ("%s is %s, wanted %s"):format(above .. key, is, should_be)
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
  if not plan.auth then return {} end
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
    local how = what == "target connection" and (", such as by sluice.target(aep, %s):move"):format(
      suggest.quote(item.id)) or ""
    fail("differs", "the existing %s %s (%s) differs: %s; give this destination another name, or change that "
      .. "%s first%s", what, suggest.quote(item.name), item.id, table.concat(list, "; "), what, how)
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

--- The ID in a list of one, as flows hold their connections.
local function single(ids)
  return type(ids) == "table" and #ids == 1 and ids[1] or nil
end

--- Where a flow joins other connections than the chosen ones. A source that may change is no difference.
local function flow_differences(flow, existing, plan)
  local is, wanted = {}, {}
  for field, key in pairs { source = "source_connection", target = "target_connection" } do
    if not (field == "source" and plan.shape.source_may_change) then
      is[field] = single(flow[field .. "ConnectionIds"])
      wanted[field] = existing[key] and existing[key].id or "a new one"
    end
  end
  return differences(is, wanted)
end

--- The flow of the wanted name and spec that joins the chosen source and target.
local function choose_flow(flows, existing, plan)
  local joined = {}
  for _, flow in ipairs(flows) do
    if #flow_differences(flow, existing, plan) == 0 then joined[#joined + 1] = flow end
  end
  local flow = only(joined, "dataflow", plan.names.flow)
  if not flow and #flows > 0 then
    refuse_differences(flows[1], "dataflow", flow_differences(flows[1], existing, plan))
  end
  return flow
end

--- In what an existing resource may not differ.
local COMPARED = {
  base_connection = base_differences,
  target_connection = function(item, plan) return differences(item.params, plan.target_params) end,
}

--- The resource to use, among those that have its name.
local function choose_one(items, key, existing, plan)
  local resource, name = plan.shape.resources[key], plan.names[key]
  local matching = named(items, name, "connectionSpec", bodies.spec_of(resource, plan))
  for _, item in ipairs(matching) do sound.entity(resource.collection, item) end
  if resource.parent then matching = below(matching, existing[resource.parent]) end
  local ours = {}
  for _, item in ipairs(matching) do
    if not resource.is_ours or resource.is_ours(item, plan) then ours[#ours + 1] = item end
  end
  local item = only(ours, resource.what, name)
  if item and COMPARED[key] then refuse_differences(item, resource.what, COMPARED[key](item, plan)) end
  return item
end

--- Chooses among the answers what the set-up uses instead of creating it.
---@param answers table<string, table[]> to the questions, resource → items of its name
---@param plan sluice.destination.plan
---@return table<string, table> existing resource → item; none where it has to be created
function M.choose(answers, plan)
  local existing = {}
  for _, stage in ipairs(plan.shape.stages) do
    for _, key in ipairs(stage) do
      if answers[key] and key ~= "flow" then
        existing[key] = choose_one(answers[key], key, existing, plan)
      end
    end
  end
  local flows = named(answers.flow, plan.names.flow, "flowSpec", plan.flow_spec_id)
  for _, flow in ipairs(flows) do sound.entity("flows", flow) end
  existing.flow = choose_flow(flows, existing, plan)
  return existing
end

M.only = only

return M
