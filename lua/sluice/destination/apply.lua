--- Carries out a destination: look up, create what is missing, activate with one patch, read back and prove.

local core = require "sluice.core"
local activation = require "sluice.destination.activation"
local bodies = require "sluice.destination.bodies"
local demands = require "sluice.destination.demands"
local existing = require "sluice.destination.existing"
local suggest = require "sluice.suggest"
local together = require "sluice.destination.together"

---@class sluice.destination.run
local Run = {}
Run.__index = Run

--- What an apply gives back; the type tells it from whatever else a recipe may return.
local Result = { __name = "sluice.destination.result" }

local M = {}

--- Resources: the field of `aep`, and what people call them; and the order of the set-up.
local RESOURCES = {
  profile_store_connection = { collection = "connections", what = "Profile Store connection" },
  base_connection = { collection = "connections", what = "base connection" },
  source_connection = { collection = "source_connections", what = "source connection" },
  target_connection = { collection = "target_connections", what = "target connection" },
  flow = { collection = "flows", what = "dataflow" },
}
local ORDER = {
  "profile_store_connection", "base_connection", "source_connection", "target_connection", "flow",
}

-- ── steps ──────────────────────────────────────────────────────────────────────────────────────────────────

local function milliseconds(since)
  return (core.task.now() - since) * 1000
end

--- Keeps a finished step and tells it. What was created is noted, for the case that a later step fails.
function Run:done(step)
  self.steps[#self.steps + 1] = step
  if step.action == "created" then
    self.created[#self.created + 1] = { what = step.what, name = step.name, id = step.id }
  end
  if self.on_step then self.on_step(step) end
end

--- Failures that leave open whether the service has done what it was asked.
local function is_uncertain(failure)
  return core.error.is(failure, "http") or core.error.is(failure, "limit")
    or core.error.is(failure, "interrupted")
    or core.error.is(failure, "service") and (failure.status or 0) >= 500
end

--- Creates a resource. While the answer is out it stands among the open ones: an interruption ends the wait, not
--- what the service does.
function Run:create(resource, body)
  local collection = self.aep[RESOURCES[resource].collection]
  self.open[resource] = true
  local ok, answer = pcall(collection.create, collection, body)
  if ok and not (type(answer) == "table" and type(answer.id) == "string" and answer.id ~= "") then
    core.error.raise("http", ("the answer to the creation of the %s holds no ID"):format(RESOURCES[resource].what),
      { hint = "is the base URL right?" })
  end
  if ok or not is_uncertain(answer) then self.open[resource] = nil end
  return ok and answer or error(answer, 0)
end

--- One resource: the existing one, or a new one.
function Run:make(resource, body)
  local item, began = self.existing[resource], core.task.now()
  local answer = item or self:create(resource, body)
  self.ids[resource] = answer.id
  if resource == "flow" then self.etag = answer.etag end
  self.made[resource] = { what = RESOURCES[resource].what, name = self.plan.names[resource], id = answer.id,
    ms = item and 0 or milliseconds(began), action = item and "found" or "created" }
end

--- Makes several resources at the same time; `make_body` gives the body of each.
function Run:make_together(resources, make_body)
  local work = {}
  for i, resource in ipairs(resources) do
    work[i] = { resource, function() self:make(resource, make_body[resource]()) end }
  end
  local ok, failure = pcall(together, work)
  for _, resource in ipairs(resources) do
    if self.made[resource] then self:done(self.made[resource]) end
  end
  if not ok then error(failure, 0) end
end

-- ── the stages ─────────────────────────────────────────────────────────────────────────────────────────────

function Run:look_up()
  local began = core.task.now()
  local answers = existing.look_up(self.aep, self.plan)
  demands.meet(answers.connection_spec, self.plan)
  self.existing = existing.choose(answers, self.plan)
  if self.plan.flow_spec.name then
    self:done { what = "flow spec", name = self.plan.flow_spec.name, id = self.existing.flow_spec_id,
      ms = milliseconds(began), action = "found" }
  end
end

function Run:connect()
  local plan, ids = self.plan, self.ids
  self:make_together({ "profile_store_connection", "base_connection" }, {
    profile_store_connection = function() return bodies.profile_store_connection(plan) end,
    base_connection = function() return bodies.base_connection(plan) end,
  })
  self:make_together({ "source_connection", "target_connection" }, {
    source_connection = function() return bodies.source_connection(plan, ids.profile_store_connection) end,
    target_connection = function() return bodies.target_connection(plan, ids.base_connection) end,
  })
  self:make_together({ "flow" }, {
    flow = function()
      return bodies.flow(plan, { flow_spec = self.existing.flow_spec_id,
        source_connection = ids.source_connection, target_connection = ids.target_connection })
    end,
  })
end

--- Sends the patch for what the flow lacks. Background services may have changed the flow since it was read:
--- then it is read again, once, and the patch is made anew.
function Run:patch(flow, etag, may_repeat)
  local changes = activation.changes(flow, self.plan)
  if #changes == 0 then return end
  local began, id = core.task.now(), self.ids.flow
  local flows = self.aep.flows
  local ok, failure = pcall(flows.update, flows, id, activation.patch(changes), { etag = etag })
  if not ok then
    local outdated = core.error.is(failure, "service") and failure.status == 412
    if not (outdated and may_repeat) then error(failure, 0) end
    local current = flows:get(id)
    return self:patch(current, current.etag, false)
  end
  self.changed = #changes
  self:done { what = "activation", name = activation.summary(changes), id = id, ms = milliseconds(began),
    action = "updated" }
end

function Run:activate()
  local flow = self.existing.flow or { transformations = { bodies.skeleton() } }
  self:patch(flow, self.etag, true)
end

--- Reads everything back. A success answer is no proof: only what the service now returns counts.
function Run:verify()
  local began, aep, ids = core.task.now(), self.aep, self.ids
  local stored = together {
    { "flow", function() return aep.flows:get(ids.flow) end },
    { "source", function() return aep.source_connections:get(ids.source_connection) end },
    { "target", function() return aep.target_connections:get(ids.target_connection) end },
  }
  local lacking = activation.changes(stored.flow, self.plan)
  if #lacking > 0 then
    local message = ("the service accepted the activation, yet dataflow %s (%s) lacks: %s"):format(
      suggest.quote(self.plan.names.flow), ids.flow, activation.prose(lacking))
    core.error.raise("service", message, { code = "not_activated" })
  end
  self:done { what = "verification", name = self.plan.names.flow, id = ids.flow, ms = milliseconds(began),
    action = "verified" }
  return stored
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

--- The creations whose end is not known, in words; nil when there are none.
function Run:doubts()
  local names = {}
  for _, resource in ipairs(ORDER) do
    if self.open[resource] then
      names[#names + 1] = ("the %s %s"):format(RESOURCES[resource].what, suggest.quote(self.plan.names[resource]))
    end
  end
  if #names == 0 then return nil end
  return ("whether %s %s created is not known"):format(table.concat(names, " and "), #names == 1 and "was" or "were")
end

--- Puts into an error what exists by now, or may exist, so that nothing is forgotten.
function Run:explain(failure)
  local created, doubts = self.created, self:doubts()
  if not core.error.is(failure) then
    failure = core.error.new { kind = "internal", message = tostring(failure) }
  end
  failure.created = created
  if doubts then failure.message = ("%s; %s"):format(failure.message, doubts) end
  if #created > 0 then
    local names = {}
    for i, entry in ipairs(created) do
      names[i] = ("%s %s (%s)"):format(entry.what, suggest.quote(entry.name), entry.id)
    end
    failure.message = ("%s; created so far: %s"):format(failure.message, table.concat(names, ", "))
  end
  if #created > 0 or doubts then
    failure.message = failure.message .. "; run the same recipe again to continue from there"
  end
  return failure
end

local function warnings_of(warnings, flow)
  local list = table.move(warnings, 1, #warnings, 1, {})
  if flow.state == "disabled" then
    list[#list + 1] = { place = "", level = "warning", message = "the dataflow is disabled" }
  end
  return list
end

--- Does the set-up of a plan.
---@param plan sluice.destination.plan
---@param aep table a connection
---@param opts { on_step: fun(step: table)|nil, warnings: sluice.finding[] }
---@return table result
function M.run(plan, aep, opts)
  local run = setmetatable({ plan = plan, aep = aep, on_step = opts.on_step, ids = {}, made = {}, steps = {},
    created = {}, open = {}, changed = 0 }, Run)
  local ok, outcome = pcall(function()
    run:look_up()
    run:connect()
    run:activate()
    return run:verify()
  end)
  if not ok then error(run:explain(outcome), 0) end
  return setmetatable({
    name = plan.names.flow, type = plan.type,
    created = #run.created, changed = run.changed,
    ids = run.ids, steps = run.steps,
    flow = outcome.flow, source = outcome.source, target = outcome.target,
    warnings = warnings_of(opts.warnings, outcome.flow),
  }, Result)
end

--- Is this what an apply gave back?
---@param value any
---@return boolean
function M.is_result(value)
  return getmetatable(value) == Result
end

return M
