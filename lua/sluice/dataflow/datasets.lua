--- Changes of a live dataset export: its schedule, its datasets.

local change = require "sluice.dataflow.change"
local core = require "sluice.core"
local extras = require "sluice.destination.extras"
local filename = require "sluice.activation.filename"
local findings = require "sluice.findings"
local schedule = require "sluice.activation.schedule"
local shape = require "sluice.destination.shapes.datasets"
local sound = require "sluice.sound"
local suggest = require "sluice.suggest"

local M = {}

-- ── the schedule ───────────────────────────────────────────────────────────────────────────────────────────

--- Does the stored schedule hold the wanted one? The service adds an end where none is given (EXP).
local function holds(stored, wanted)
  for key, value in pairs(wanted) do
    if not core.json.equal(stored[key], value) then return false end
  end
  return true
end

--- Gives the export another schedule, as a whole (activation.md §2, row 15). The folder template stays unless another
--- is given.
---@param context sluice.dataflow.context
---@param wanted table from `sluice.schedule.datasets`, or raw scheduleParams
---@param opts { folder: string|nil }|nil
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.schedule(context, wanted, opts)
  local report, folder = findings.new(), opts and opts.folder
  schedule.check_datasets(report, "/schedule", wanted, { today = context.today, now = context.now })
  filename.check_folder(report, "/folder", folder)
  local warnings = change.refuse_errors(report, "the new schedule")
  return function(flow)
    local stored = type(flow.scheduleParams) == "table" and flow.scheduleParams or {}
    local params = schedule.build_datasets(wanted, folder)
    params.foldernameTemplate = params.foldernameTemplate or stored.foldernameTemplate
    local patch = core.patch.new()
    if holds(stored, params) then return { patch = patch, kept = { "the datasets are exported so already" } } end
    return { patch = patch[flow.scheduleParams == nil and "add" or "replace"](patch, "/scheduleParams", params) }
  end, warnings
end

-- ── the datasets ───────────────────────────────────────────────────────────────────────────────────────────

local RESOURCE = shape.resources.source_connection

--- What the set-up of a dataset export would send: the same name, so that applying the destination finds it again.
local function plan_of(flow, list)
  local name = type(flow.name) == "string" and flow.name or flow.id
  local plan = { names = { source_connection = name .. RESOURCE.suffix }, datasets = core.json.array {} }
  for i, dataset in ipairs(list) do plan.datasets[i] = { dataSetId = dataset.id, name = dataset.name } end
  return plan
end

--- A source connection that reads these datasets: the one there is, or a new one, for they cannot be changed (EXP).
---@return string id
---@return boolean created
local function source_for(aep, plan)
  local name = plan.names.source_connection
  local where = { name = name, ["connectionSpec.id"] = RESOURCE.spec }
  for _, item in ipairs(aep.source_connections:list { where = where }) do
    if RESOURCE.is_ours(sound.entity("source_connections", item), plan) then return item.id, false end
  end
  local ok, answer = pcall(aep.source_connections.create, aep.source_connections, RESOURCE.body(plan, {}))
  if ok then return answer.id, true end
  if core.error.is(answer) then
    local is_open = answer.unsure or answer.kind == "interrupted" or answer.code == "deadline"
    answer.message = ("%s; the dataflow was not changed%s"):format(answer.message or "", is_open and ("; whether the "
      .. "source connection %s was created is not known: the same call looks for it first"):format(suggest.quote(name))
      or "")
  end
  error(answer, 0)
end

local function single(ids) return type(ids) == "table" and #ids == 1 and ids[1] or nil end

local function sentences(list, before)
  local names = {}
  for i, dataset in ipairs(list) do names[i] = dataset.name or dataset.id end
  return { "exports the datasets " .. table.concat(names, ", "),
    before and ("reads source connection %s no longer; it stays"):format(before) or nil }
end

--- Raises a failure that names what was created before it.
local function name_created(failure, created)
  if core.error.is(failure) and created[1] then
    failure.created = created
    failure.message = ("%s; source connection %s (%s) was created for it; the same call will use it"):format(
      failure.message, suggest.quote(created[1].name), created[1].id)
  end
  error(failure, 0)
end

--- Puts other datasets in the place of those that are exported: a new source connection, then one patch
--- (activation.md §2, row 16).
---@param context sluice.dataflow.context
---@param list table[] { id = "24 hex", name = "…" }
---@return sluice.change.result
function M.set(context, list)
  local report, aep = findings.new(), context.aep
  extras.check_list(report, "/datasets", list)
  local warnings = change.refuse_errors(report, "the datasets")
  local plan, current = plan_of(context.flow, list), single(context.flow.sourceConnectionIds)
  if current and RESOURCE.is_ours(aep.source_connections:get(current), plan) then
    return change.result(context.subject, context.flow, { changed = 0, warnings = warnings,
      explained = core.json.array { "the dataflow exports just these datasets already" } })
  end
  local id, is_new = source_for(aep, plan)
  local created = core.json.array { is_new and { what = "source connection", name = plan.names.source_connection,
    id = id } or nil }
  local ok, result = pcall(change.run, context.subject, function(flow)
    local patch, before = core.patch.new(), single(flow.sourceConnectionIds)
    if before == id then return { patch = patch, kept = { "the dataflow reads the new source connection already" } } end
    patch:replace("/sourceConnectionIds", core.json.array { id })
    return { patch = patch, explained = sentences(list, before) }
  end, warnings, context.flow)
  if not ok then name_created(result, created) end
  result.created = created
  return result
end

return M
