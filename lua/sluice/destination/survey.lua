--- Everything that has to be known before the first creation, asked for at the same time: the spec document, the
--- flow spec, the audiences' IDs, what exists already. Nothing is created here.

local core = require "sluice.core"
local audience = require "sluice.activation.audience"
local check = require "sluice.destination.check"
local demands = require "sluice.destination.demands"
local existing = require "sluice.destination.existing"
local findings = require "sluice.findings"
local planning = require "sluice.destination.plan"
local suggest = require "sluice.suggest"
local surplus = require "sluice.destination.surplus"
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

-- ── asking ─────────────────────────────────────────────────────────────────────────────────────────────────

--- The flow specs among which the one is that a dataflow needs; nil where the catalog's ID is beyond doubt. Of the
--- newer cards older pages print other IDs, so that theirs is confirmed (destinations.md §1).
local function list_flow_specs(definition, system, aep)
  local known = system[definition.datasets and "dataset_flow_spec" or "flow_spec"] or {}
  if not definition.flow_spec and known.id and system.shape ~= "v2" then return nil end
  if definition.flow_spec or not known.name then return aep.flow_specs:list() end
  local named = aep.flow_specs:list { where = { name = known.name } }
  return #named > 0 and named or aep.flow_specs:list()
end

--- What is asked about a definition itself.
local function questions(definition, system, aep)
  return {
    { "document", function() return system.document or demands.shared_document(aep, definition.type) end },
    { "flow_specs", function() return list_flow_specs(definition, system, aep) end },
    { "audiences", function()
      if definition.datasets then return {} end
      return table.pack(audience.resolve(aep, definition.audiences or {}))
    end },
  }
end

--- What the check makes of a destination that only the service knows, once its spec document is read.
local function identify(definition, chosen, aep)
  if chosen.system then return chosen end
  local report, found = check.check(definition, { system = demands.system(demands.document(aep, definition.type)) })
  M.refuse(report, definition.name)
  return found
end

--- Checks again, by what the organisation's documents say and what was found of the audiences.
local function check_again(definition, chosen, answers)
  local report
  report, chosen = check.check(definition, { system = demands.system(answers.document), before = chosen })
  local audiences, found = table.unpack(answers.audiences, 1, 2)
  table.move(found or {}, 1, #(found or {}), #report + 1, report)
  return report, chosen, audiences
end

-- ── answering ──────────────────────────────────────────────────────────────────────────────────────────────

--- The flow spec's ID, and its name where it had to be looked up.
local function flow_spec_of(definition, chosen, specs, report)
  local known = chosen.system[chosen.kind == "datasets" and "dataset_flow_spec" or "flow_spec"]
  if not specs then return known.id end
  local id, warnings = demands.flow_spec(specs, chosen.system, chosen.kind, definition.flow_spec)
  table.move(warnings, 1, #warnings, #report + 1, report)
  if not definition.flow_spec and known and known.id then return id end
  for _, spec in ipairs(specs) do
    if spec.id == id then return id, spec.name or id end
  end
end

--- Checks a definition. What the catalog alone finds wrong with credentials and target may be right in this
--- organisation: then its spec document is read, and has the last word. Where it cannot be read, the catalog has.
---@param definition any
---@param aep table
---@return sluice.report report
---@return table|nil chosen as `check.check` gives it
function M.check(definition, aep)
  local report, chosen = check.check(definition)
  if chosen or not check.is_contestable(definition, report) then return report, chosen end
  local is_read, system = pcall(function() return demands.system(demands.document(aep, definition.type)) end)
  if not is_read then return report end
  return check.check(definition, { system = system })
end

--- Asks, and makes the plan out of what is known then. Raises kind "recipe" when something stands in the way.
---@param definition table checked
---@param chosen { system: table|nil, auth: table|nil, mode: table|nil, kind: string, exports: table|nil } what the
---  check made of it
---@param aep table
---@return sluice.destination.plan
---@return table<string, table> existing resource → item
---@return sluice.report report all that is doubtful
function M.take(definition, chosen, aep)
  local report, audiences
  chosen = identify(definition, chosen, aep)
  local work = questions(definition, chosen.system, aep)
  local further = existing.questions(aep, planning.new(definition, chosen))
  table.move(further, 1, #further, #work + 1, work)
  local answers = together(work)
  report, chosen, audiences = check_again(definition, chosen, answers)
  M.refuse(report, definition.name)
  local plan = planning.new(definition, chosen)
  if audiences then planning.add_audiences(plan, audiences) end
  plan.document = answers.document
  plan.flow_spec_id, plan.flow_spec_name = flow_spec_of(definition, chosen, answers.flow_specs, report)
  local items = existing.choose(answers, plan)
  if plan.shape.prepare then plan.shape.prepare(plan, aep, items.flow, report) end
  surplus.tell(report, plan, items.flow)
  return plan, items, report
end

--- Turns a refusal into a finding; anything else that went wrong is raised.
local function as_finding(report, place, call, ...)
  local outcome = table.pack(pcall(call, ...))
  if outcome[1] then return table.unpack(outcome, 2, outcome.n) end
  local failure = outcome[2]
  local is_absent = core.error.is(failure, "service") and failure.status == 404
  if not (core.error.is(failure, "recipe") or is_absent) then error(failure, 0) end
  report:error(place, "SPEC", "%s", (failure.message:gsub("^" .. place .. ": ", "")))
end

--- Everything wrong or doubtful in a definition, as far as the organisation's documents can tell. What exists
--- already is not looked at.
---@param definition table checked
---@param aep table
---@param report sluice.report of the check
---@param opts { schema: boolean|nil } schema: are the attributes in the union schema?
---@return sluice.report report
function M.examine(definition, aep, report, opts)
  local document = as_finding(report, "/type", demands.document, aep, definition.type)
  local system = document and as_finding(report, "/type", demands.system, document)
  if not system then return report end
  local answers = together(questions(definition, system, aep))
  local chosen
  report, chosen = check_again(definition, nil, answers)
  if chosen and answers.flow_specs then
    as_finding(report, "/flow_spec", flow_spec_of, definition, chosen, answers.flow_specs, report)
  end
  if opts.schema and definition.attributes then
    require("sluice.activation.union").check(aep, report, "/attributes", definition.attributes)
  end
  return report
end

return M
