--- Everything that has to be known before the first creation, asked for at the same time: the spec document, the
--- flow spec, the audiences' IDs, what exists already. Nothing is created here.

local core = require "sluice.core"
local audience = require "sluice.activation.audience"
local demands = require "sluice.destination.demands"
local existing = require "sluice.destination.existing"
local findings = require "sluice.findings"
local planning = require "sluice.destination.plan"
local suggest = require "sluice.suggest"
local together = require "sluice.destination.together"

local M = {}

--- Raises kind "recipe" with all errors of a report, when it has any.
---@param report sluice.report
---@param name any of the destination
function M.refuse(report, name)
  local errors = report:only "error"
  if #errors == 0 then return end
  local count = #errors == 1 and "an error" or #errors .. " errors"
  local subject = "destination " .. suggest.quote(name)
  core.error.raise("recipe", ("%s has %s: %s"):format(subject, count, findings.prose(errors)),
    { findings = report, subject = subject })
end

local function flow_spec_id(answers, plan)
  if plan.flow_spec.id then return plan.flow_spec.id end
  local specs = {}
  for _, spec in ipairs(answers.flow_specs) do
    if spec.name == plan.flow_spec.name then specs[#specs + 1] = spec end
  end
  local spec = existing.only(specs, "flow spec", plan.flow_spec.name)
  if not spec then
    core.error.raise("recipe", ("the service has no flow spec called %s: %s is not available in this organisation and "
      .. "sandbox"):format(suggest.quote(plan.flow_spec.name), plan.title), { code = "not_found" })
  end
  return spec.id
end

local function questions(definition, plan, aep)
  local work = existing.questions(aep, plan)
  table.insert(work, 1, { "document", function() return aep.connection_specs:get(plan.destination_spec) end })
  if plan.flow_spec.name then
    work[#work + 1] = { "flow_specs", function()
      return aep.flow_specs:list { where = { name = plan.flow_spec.name } }
    end }
  end
  if plan.shape.selector then
    work[#work + 1] = { "audiences", function()
      return table.pack(audience.resolve(aep, definition.audiences or {}))
    end }
  end
  return work
end

--- Asks, and makes the plan out of what is known then. Raises kind "recipe" when something stands in the way.
---@param definition table checked
---@param chosen { system: table, auth: table|nil, mode: table }
---@param aep table
---@param report sluice.report receives the warnings
---@return sluice.destination.plan
---@return table<string, table> existing resource → item
function M.take(definition, chosen, aep, report)
  local plan = planning.new(definition, chosen)
  local answers = together(questions(definition, plan, aep))
  plan.document = answers.document
  demands.meet(plan.document, plan)
  if plan.shape.selector then
    local audiences, found = table.unpack(answers.audiences, 1, 2)
    table.move(found, 1, #found, #report + 1, report)
    M.refuse(report, definition.name)
    planning.add_audiences(plan, audiences)
  end
  plan.flow_spec_id = flow_spec_id(answers, plan)
  local chosen_items = existing.choose(answers, plan)
  if plan.shape.prepare then plan.shape.prepare(plan, aep, chosen_items.flow, report) end
  return plan, chosen_items
end

return M
