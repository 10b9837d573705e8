--- Carries out a destination: look up, create what is missing, activate with one patch, read back and prove. What
--- there is to create, and how, is the plan's shape to say.

local core = require "sluice.core"
local activation = require "sluice.destination.activation"
local recovery = require "sluice.recovery"
local suggest = require "sluice.suggest"
local survey = require "sluice.destination.survey"
local together = require "sluice.destination.together"

---@class sluice.destination.run
local Run = {}
Run.__index = Run

--- What an apply gives back; the type tells it from whatever else a recipe may return.
local Result = { __name = "sluice.destination.result" }

local M = {}

local MOST_PATCHES = 3 -- of one activation

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

--- Failures that leave open whether the service has done what it was asked: the client says so, or the wait for it was
--- cut off.
local function is_uncertain(failure)
  return core.error.is(failure) and (failure.unsure or failure.kind == "interrupted" or failure.code == "deadline"
    or failure.code == "ambiguous")
end

local function post(aep, resource, body)
  if resource.collection then return aep[resource.collection]:create(body) end
  return recovery.make(aep, { path = resource.path, body = body }, resource.what)
end

--- Creates a resource. While the answer is out it stands among the open ones: an interruption ends the wait, not
--- what the service does.
function Run:create(key, resource)
  self.open[key] = true
  self.bodies[key] = resource.body(self.plan, self.plan.ids)
  local ok, answer = pcall(post, self.aep, resource, self.bodies[key])
  if ok or not is_uncertain(answer) then self.open[key] = nil end
  return ok and answer or error(answer, 0)
end

--- One resource: the existing one, or a new one.
function Run:make(key)
  local resource, item, began = self.plan.shape.resources[key], self.existing[key], core.task.now()
  local answer = item or self:create(key, resource)
  self.plan.ids[key] = answer.id
  if resource.made then resource.made(self.plan, answer) end
  if key == "flow" then self.etag = answer.etag end
  self.made[key] = { what = resource.what, name = self.plan.names[key], id = answer.id,
    ms = item and 0 or milliseconds(began), action = item and "found" or "created" }
end

--- Makes the resources of a stage at the same time.
function Run:make_together(stage)
  local work = {}
  for _, key in ipairs(stage) do
    local resource = self.plan.shape.resources[key]
    if not resource.is_needed or resource.is_needed(self.plan) then
      work[#work + 1] = { key, function() self:make(key) end }
    end
  end
  local ok, failure = pcall(together, work)
  for _, piece in ipairs(work) do
    if self.made[piece[1]] then self:done(self.made[piece[1]]) end
  end
  if not ok then error(failure, 0) end
end

-- ── the stages ─────────────────────────────────────────────────────────────────────────────────────────────

function Run:look_up()
  local began = core.task.now()
  self.plan, self.existing, self.report = survey.take(self.definition, self.chosen, self.aep)
  if self.plan.flow_spec_name then
    self:done { what = "flow spec", name = self.plan.flow_spec_name, id = self.plan.flow_spec_id,
      ms = milliseconds(began), action = "found" }
  end
end

function Run:connect()
  for _, stage in ipairs(self.plan.shape.stages) do self:make_together(stage) end
end

--- May the patch be sent anew after this failure? Somebody else's change in between (412) is no reason to stop; a
--- service that leaves open twice what it does is.
local function may_repeat(failure, tries)
  if core.error.is(failure, "service") and failure.status == 412 then return tries < MOST_PATCHES end
  return tries < 2
end

--- After a failed patch: the dataflow as it is now, which alone says what still lacks.
function Run:read_again(failure)
  local flows, id = self.aep.flows, self.plan.ids.flow
  local is_stale = core.error.is(failure, "service") and failure.status == 412
  if not (is_stale or core.error.is(failure) and failure.unsure) then error(failure, 0) end
  local ok, current = pcall(flows.get, flows, id)
  if ok then return current end
  failure.message = ("%s; whether dataflow %s (%s) was activated is not known, for it could not be read: %s"):format(
    failure.message, suggest.quote(self.plan.names.flow), id, tostring(current))
  error(failure, 0)
end

--- Sends the patch for what the flow lacks. When somebody else has changed the flow since it was read, or the answer is
--- lost, it is read again: the patch is made anew for what is lacking then.
function Run:patch(flow, etag, tries)
  local changes = activation.changes(flow, self.plan)
  if #changes == 0 then return end
  local began, id = core.task.now(), self.plan.ids.flow
  local flows = self.aep.flows
  local ok, failure = pcall(flows.update, flows, id, activation.patch(changes), { etag = etag })
  if not ok then
    local current = self:read_again(failure)
    if #activation.changes(current, self.plan) > 0 then
      if not may_repeat(failure, tries) then error(failure, 0) end
      return self:patch(current, current.etag, tries + 1)
    end
  end
  self.changed = #changes
  self:done { what = "activation", name = activation.summary(changes), id = id, ms = milliseconds(began),
    action = "updated" }
end

function Run:activate()
  self:patch(self.existing.flow or self.bodies.flow, self.etag, 1)
end

--- Reads everything back. A success answer is no proof: only what the service now returns counts.
function Run:verify()
  local began, aep, ids = core.task.now(), self.aep, self.plan.ids
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

--- The creations whose end is not known, in words; nil when there are none, or the message has told it.
function Run:doubts(told)
  local names = {}
  for _, stage in ipairs(self.plan and self.plan.shape.stages or {}) do
    for _, key in ipairs(stage) do
      local name = suggest.quote(self.plan.names[key])
      if self.open[key] and not told:find(name .. " was created is not known", 1, true) then
        names[#names + 1] = ("the %s %s"):format(self.plan.shape.resources[key].what, name)
      end
    end
  end
  if #names == 0 then return nil end
  return ("whether %s %s created is not known"):format(table.concat(names, " and "), #names == 1 and "was" or "were")
end

--- Puts into an error what exists by now, or may exist, so that nothing is forgotten.
function Run:explain(failure)
  if not core.error.is(failure) then
    failure = core.error.new { kind = "internal", message = tostring(failure) }
  end
  local created, doubts = self.created, self:doubts(failure.message)
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

local function warnings_of(report, flow)
  local list = report:only "warning"
  if flow.state == "disabled" then
    list[#list + 1] = { place = "", level = "warning", message = "the dataflow is disabled" }
  end
  return list
end

--- Does the set-up of a checked definition.
---@param definition table
---@param chosen { system: table|nil, auth: table|nil, mode: table|nil } what the check made of it
---@param aep table a connection
---@param opts { on_step: fun(step: table)|nil }
---@return table result
function M.run(definition, chosen, aep, opts)
  local run = setmetatable({ definition = definition, chosen = chosen, aep = aep, on_step = opts.on_step,
    bodies = {}, made = {}, steps = {}, created = {}, open = {}, changed = 0 }, Run)
  local ok, outcome = pcall(function()
    run:look_up()
    run:connect()
    run:activate()
    return run:verify()
  end)
  if not ok then error(run:explain(outcome), 0) end
  local plan = run.plan
  return setmetatable({
    name = plan.names.flow, type = plan.type, title = plan.title, shape = plan.shape.name,
    created = #run.created, changed = run.changed,
    ids = plan.ids, steps = run.steps, mappings = plan.columns,
    flow = outcome.flow, source = outcome.source, target = outcome.target,
    warnings = warnings_of(run.report, outcome.flow),
  }, Result)
end

--- Is this what an apply gave back?
---@param value any
---@return boolean
function M.is_result(value)
  return getmetatable(value) == Result
end

return M
