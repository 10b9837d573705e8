--- Dataflows: one source connection to one target connection, with the audiences and attributes in between.
local core = require "sluice.core"
local connection_specs = require "sluice.emulator.connection_specs"
local errors = require "sluice.emulator.errors"
local marketing_actions = require "sluice.emulator.marketing_actions"
local params = require "sluice.emulator.params"
local request = require "sluice.emulator.request"
local resource = require "sluice.emulator.resource"
local schedule = require "sluice.emulator.schedule"
local selectors = require "sluice.emulator.selectors"

local json = core.json

local M = {}

local function contains(list, value)
  for _, element in ipairs(list) do
    if element == value then return true end
  end
  return false
end

local function flow_spec(rq, given)
  if not request.is_object(given) then errors.invalid("/flowSpec", "required: {id, version}") end
  local spec = rq.emulator.flow_specs[given.id]
  if not spec then errors.refuse("1413-400", "no flow spec has the id '%s'", tostring(given.id)) end
  if given.version ~= nil and given.version ~= spec.version then
    errors.invalid("/flowSpec/version", "expected '%s'", spec.version)
  end
  return spec
end

-- Every source shows exactly one id on either side. The refusals of a wrong one are UNKNOWN: an id that does
-- not exist gets the 404 of its collection, one the flow spec cannot join the code of a wrong spec.
local function connected(rq, kind, ids, allowed)
  local key = kind:match("^%l+") .. "ConnectionIds"
  if not json.is_array(ids) or #ids ~= 1 then errors.invalid("/" .. key, "expected an array with one id") end
  local item = rq.scope:get(kind, params.text(ids[1], ("/%s/0"):format(key))).item
  if not contains(allowed, item.connectionSpec.id) then
    errors.refuse("1413-400", "the flow spec does not join %s %s of connection spec %s", kind, item.id,
      item.connectionSpec.id)
  end
  return item
end

local function summary(item)
  return { id = item.id, connectionSpec = item.connectionSpec,
    baseConnection = item.inheritedAttributes.baseConnection }
end

local function inherited(source, target) -- [UPD, D]
  local from = summary(source)
  if source.connectionSpec.id == connection_specs.PROFILE_STORE then
    from.typeInfo = { type = "ProfileFragments", id = "ups" }
  end
  return { properties = { isDestinationFlow = true }, sourceConnections = json.array { from },
    targetConnections = json.array { summary(target) } }
end

local function check_name(name, pointer, options)
  local allowed = name == "GeneralTransform"
    or (name == "General Transform" and options.transformation_name == "either")
  if not allowed then errors.invalid(pointer, "expected GeneralTransform") end
end

-- `[]` is let through: samples of ACT create flows so, and dataset flows have nothing else [EXP].
local function finish_transformations(rq, given, before, family)
  if not json.is_array(given) then errors.invalid("/transformations", "expected an array") end
  local result = json.array {}
  for i, transformation in ipairs(given) do
    local pointer, old = ("/transformations/%d"):format(i - 1), before and before[i]
    if not request.is_object(transformation) then errors.invalid(pointer, "expected {name, params}") end
    check_name(transformation.name, pointer .. "/name", rq.options)
    result[i] = { name = transformation.name, params = selectors.finish(transformation.params,
      old and old.params,
      pointer .. "/params", { family = family, rq = rq }) }
  end
  return result
end

-- The workflows of a flow spec, which shows them as text or as an array.
local function workflows(spec)
  local given = spec.attributes._workflow
  return type(given) == "table" and given or { given }
end

local function is_dataset_flow(spec) return contains(workflows(spec), "DATASETS") end

-- The file type of a target goes with one kind of export [EXP: `conditional` in the spec documents]; what the
-- service says to another is UNKNOWN.
local function check_file_type(target, card, spec)
  local key = params.misfit(target.params, card.document.targetSpec.spec, workflows(spec))
  if key then
    errors.invalid("/targetConnectionIds/0", "target connection %s has %s, which %s does not export",
      target.id, key, spec.name)
  end
end

local function check_schedule(rq, spec, given)
  if given ~= nil or (is_dataset_flow(spec) and rq.options.dataset_schedule == "required") then
    schedule.check_dataset(given, "/scheduleParams", rq.options)
  end
end

-- A dataset flow transforms nothing. [EXP, D]
local function check_empty(spec, transformations)
  if is_dataset_flow(spec) and json.is_array(transformations) and #transformations > 0 then
    errors.invalid("/transformations", "expected [] in a flow of datasets")
  end
end

-- The checks a new and a patched flow share; gives the members that follow from them.
local function finish(rq, given, before)
  local spec = flow_spec(rq, given.flowSpec)
  local source = connected(rq, "sourceConnections", given.sourceConnectionIds, spec.sourceConnectionSpecIds)
  local target = connected(rq, "targetConnections", given.targetConnectionIds, spec.targetConnectionSpecIds)
  local card = rq.emulator.connection_specs[target.connectionSpec.id]
  check_file_type(target, card, spec)
  check_schedule(rq, spec, given.scheduleParams)
  check_empty(spec, given.transformations)
  marketing_actions.check_policy(rq, given.policy)
  return inherited(source, target), finish_transformations(rq, given.transformations, before, card.family)
end

local function operation(rq, name, ops) -- [D]
  return { started = rq.now, updated = rq.now, percentCompleted = 100, ops = ops, operation = name,
    status = { value = "completed", properties = json.null, errors = json.array {} } }
end

-- D wants the arrays empty at first. What the service does with others is UNKNOWN, so an option decides.
local function refuse_filled(transformations)
  for i, transformation in ipairs(transformations) do
    for _, key in ipairs { "segmentSelectors", "profileSelectors" } do
      local object = transformation.params[key]
      if object and #object.selectors > 0 then
        errors.invalid(("/transformations/%d/params/%s/selectors"):format(i - 1, key), "expected []")
      end
    end
  end
end

local function create(rq, body)
  if body.state ~= nil then errors.refuse("1410-400", "leave it out; a new flow is enabled") end
  local attributes, transformations = finish(rq, body)
  if rq.options.filled_selectors == "reject" then refuse_filled(transformations) end
  return {
    flowSpec = { id = body.flowSpec.id, version = body.flowSpec.version or "1.0" },
    sourceConnectionIds = body.sourceConnectionIds, targetConnectionIds = body.targetConnectionIds,
    transformations = transformations, scheduleParams = body.scheduleParams, policy = body.policy,
    inheritedAttributes = attributes, lastOperation = operation(rq, "create", json.array {}),
  }
end

local function update(rq, old, new, operations)
  new.inheritedAttributes, new.transformations = finish(rq, new, old.transformations)
  new.lastOperation = operation(rq, "update", operations)
  return new
end

local PROFILE_SELECTORS = "^/transformations/%d+/params/profileSelectors"

-- A card that takes mapping sets accepts operations on profileSelectors and forgets them. [UPD]
local function before_patch(rq, old, operations)
  local target = old.inheritedAttributes.targetConnections[1]
  if rq.emulator.connection_specs[target.connectionSpec.id].family ~= "v2" then return operations end
  local kept = json.array {}
  for _, candidate in ipairs(operations) do
    if not candidate.path:find(PROFILE_SELECTORS) then kept[#kept + 1] = candidate end
  end
  return kept
end

M.definition = {
  name = "flows",
  fields = resource.fields {
    flowSpec = "object", sourceConnectionIds = "array", targetConnectionIds = "array",
    transformations = "array", scheduleParams = "object", policy = "object", runs = "string",
    lastOperation = "object", lastRunDetails = "object",
  },
  writable = { name = true, description = true, transformations = true, scheduleParams = true, policy = true,
    sourceConnectionIds = true, targetConnectionIds = true },
  create = create, update = update, before_patch = before_patch,
  created = function(_, item) item.runs = "/runs?property=flowId==" .. item.id end, -- [D]
  refuse_delete = function() end, -- a flow may go at any time; its connections stay [DELF]
}

local STATES = { enable = "enabled", disable = "disabled" }
local PROVIDER_ONLY = { finalize = true, finalize_update = true }
local SUB_ACTIONS = { APPLY = true, ROLLBACK = true, PROGRESS = true } -- [F]

local function check_sub_action(action, given)
  local name = given:upper()
  if not SUB_ACTIONS[name] then errors.refuse("1435-400", "'%s'", given) end
  if name == "PROGRESS" and action == "enable" then errors.refuse("1436-400", "leave out subOp") end
end

--- POST /flows/{id}/action?op=enable or disable: no body, no If-Match [UPD]; either case, subOp ignored [F].
---@param rq sluice.emulator.Request
---@return integer status, table body
--- Refuses with 1402 (a provider's action), 1422 (not applicable in this state), 1435, 1436 or 1451-400.
--- [ERR]
function M.action(rq)
  local old = rq.scope:get("flows", rq.id).item
  if not rq.query.op then errors.refuse("1451-400", "op=enable or op=disable is required") end
  local action = rq.query.op:lower()
  if PROVIDER_ONLY[action] then errors.refuse("1402-400", "'%s'", rq.query.op) end
  local state = STATES[action]
  if not state then errors.refuse("1422-400", "'%s' is not an action of flows", rq.query.op) end
  if rq.query.subOp then check_sub_action(action, rq.query.subOp) end
  if old.state == state then errors.refuse("1422-400", "the flow is %s", state) end
  local new = {}
  for k, v in pairs(old) do new[k] = v end
  new.state = state
  resource.save(rq, "flows", new)
  return 200, { id = new.id, etag = new.etag }
end

return M
