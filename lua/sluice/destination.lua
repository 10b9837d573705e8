--- A destination as desired state: one table says where audiences or datasets go, how and when; `validate` checks
--- it, with or without a network, `preview` shows it, `apply` makes it so. Applying again changes nothing.
---
---     local d = sluice.destination {
---       name = "Loyal customers to Campaign", type = "adobe-campaign",
---       auth = { domain = …, host = …, username = …, password = … },
---       target = { remotePath = "/in" },
---       audiences = { { id = …, filename = …, schedule = sluice.schedule.daily { … } } },
---       attributes = { "person.name.firstName", { path = "personalEmail.address", mandatory = true } },
---     }

local apply = require "sluice.destination.apply"
local check = require "sluice.destination.check"
local suggest = require "sluice.suggest"
local survey = require "sluice.destination.survey"

---@class sluice.destination
local Destination = { __name = "sluice.destination" }
Destination.__index = Destination

local M = {}

--- Makes a destination from its definition. Nothing is checked yet but that it is a table.
---@param definition { name: string, description: string|nil, type: string, flow_spec: string|nil, auth: table|nil,
---  target: table, audiences: table[]|nil, attributes: table[]|nil, datasets: table[]|nil, schedule: table|nil, folder:
---  string|nil, marketing_actions: string[]|nil } `type`: key of the catalog, ID or exact name of a connection spec;
---  `flow_spec`: name or ID, where the type does not settle it; `datasets`, with `schedule` and `folder`, stand in
---  place of `audiences` and `attributes`
---@return sluice.destination
function M.new(definition)
  if type(definition) ~= "table" then
    error(("sluice.destination: expected a table, got %s"):format(suggest.quote(definition)), 2)
  end
  return setmetatable({ definition = definition }, Destination)
end

--- Is this a destination?
---@param value any
---@return boolean
function M.is(value)
  return getmetatable(value) == Destination
end

--- Everything wrong or doubtful in the definition: without a connection, what can be told without the service; with
--- one also by the organisation's spec documents, flow specs and audiences. Nothing is sent while there are errors
--- that show without it; of credentials and target, the spec document decides. Raises the service's error when it
--- cannot be asked.
---@param aep table|nil a connection, from sluice.connect
---@param opts { schema: boolean|nil }|nil schema: look the attributes up in the union schema, too
---@return sluice.finding[] findings empty when all is well
function Destination:validate(aep, opts)
  local report, chosen
  if aep then
    report, chosen = survey.check(self.definition, aep)
  else
    report, chosen = check.check(self.definition)
  end
  if not aep or not chosen then return report end
  return survey.examine(self.definition, aep, report, opts or {})
end

--- What will be exported, without asking the service: `print(d:preview())`. Raises kind "recipe" with all findings,
--- as `apply` does.
---@param options sluice.preview.options|nil
---@return sluice.preview preview
function Destination:preview(options)
  local preview = require "sluice.preview"
  options = options or {}
  local problem = preview.problem(options)
  if problem then error("preview: " .. problem, 2) end
  local report, chosen = check.check(self.definition, { now = options.now })
  survey.refuse(report, self.definition.name)
  return preview.of(self.definition, chosen, report, options)
end

--- Makes it so: uses what exists under the same name, spec and parent, creates the rest, activates the
--- audiences and attributes with one patch, and reads the dataflow back as proof. Raises kind "recipe" with
--- all findings (field `findings`) before anything is sent, when an existing resource differs or is
--- ambiguous, or when the service's spec asks for something else; otherwise the service's error. An error of
--- a later step holds what was created so far in `created` = list of { what, name, id }, and names it in its
--- message.
---@param aep table a connection, from sluice.connect
---@param opts { on_step: fun(step: { what: string, name: string, id: string, ms: number, action: string
---  })|nil }|nil
---@return { name: string, type: string, title: string, shape: "legacy"|"v2"|"streaming"|"datasets", created: integer,
---  changed: integer, ids: table<string, string>, mappings: table[]|nil, flow: table, source: table, target: table,
---  steps: table[], warnings: sluice.finding[] } result `mappings`: rows of a mapping set, where they are known
function Destination:apply(aep, opts)
  local report, chosen = survey.check(self.definition, aep)
  survey.refuse(report, self.definition.name)
  return apply.run(self.definition, chosen, aep, { on_step = opts and opts.on_step })
end

return M
