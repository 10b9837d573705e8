--- A dataflow that lives: its audiences, attributes, schedules, name and state are changed by one call each.
---
---     local flow = sluice.dataflow(aep, "Loyal customers to Campaign")     -- an ID, or the exact name
---     flow:add_audiences { { name = "New subscribers", filename = …, schedule = sluice.schedule.daily { … } } }
---     flow:reschedule(sluice.schedule.daily { at = "05:00", from = "2030-01-01", to = "2031-01-01" })
---     flow:remove_audiences { "Abandoned carts" }
---     flow:disable()
---
--- Each change is checked as a destination is, sent in one request that is guarded against changes by others, and
--- proved by reading the dataflow back. Where all is as wanted already nothing is sent. A result says what was done:
--- { changed = operations sent, explained = sentences, flow = the dataflow as read back, warnings = findings }.

local adhoc = require "sluice.dataflow.adhoc"
local attributes = require "sluice.dataflow.attributes"
local audiences = require "sluice.dataflow.audiences"
local change = require "sluice.dataflow.change"
local core = require "sluice.core"
local datasets = require "sluice.dataflow.datasets"
local fields = require "sluice.dataflow.fields"
local find = require "sluice.dataflow.find"
local selected = require "sluice.dataflow.selected"
local shape = require "sluice.dataflow.shape"

local M = {}

---@class sluice.dataflow
---@field id string
local Dataflow = { __name = "sluice.dataflow" }
Dataflow.__index = Dataflow

---@class sluice.dataflow.context what the checks of a change know
---@field aep table
---@field subject sluice.change.subject
---@field flow table the dataflow as it is
---@field shape sluice.dataflow.shape
---@field today string|nil
---@field now integer|nil

--- Is it a dataflow to a destination? One from a source has other contents.
local function is_to_destination(flow)
  local inherited = flow.inheritedAttributes
  local properties = type(inherited) == "table" and inherited.properties
  return not (type(properties) == "table" and properties.isDestinationFlow == false)
end

--- Takes hold of a dataflow. An ID is taken as it is; a name is looked up at once.
---@param aep table a connection, from sluice.connect
---@param ref string ID or exact name
---@param opts { pause: number|nil, today: string|nil, now: integer|nil }|nil pause: seconds between two readings while
---  the service is at work, default 1; today (YYYY-MM-DD, UTC) and now (seconds since 1970): of the checks of dates
---@return sluice.dataflow dataflow; raises kind "recipe", code "not_found" or "ambiguous"
function M.open(aep, ref, opts)
  opts = opts or {}
  local id = find.id(aep.flows, "dataflow", ref, is_to_destination)
  local subject = { aep = aep, collection = aep.flows, what = "dataflow", field = "flow", id = id, pause = opts.pause }
  return setmetatable({ id = id, aep = aep, subject = subject, opts = opts }, Dataflow)
end

--- The dataflow as the service holds it now.
---@return table item
function Dataflow:read() return change.read(self.subject) end

--- What kind of dataflow it is.
---@return "legacy"|"v2"|"streaming"|"datasets"|nil kind nil when it cannot be told
function Dataflow:kind()
  local found = shape.of(self.aep, self:read())
  return found.datasets and "datasets" or found.name
end

local function context_of(self)
  local flow = self:read()
  if not is_to_destination(flow) then
    change.refuse("not_a_destination", "%s does not lead to a destination", change.label(self.subject, flow))
  end
  return { aep = self.aep, subject = self.subject, flow = flow, shape = shape.of(self.aep, flow),
    today = self.opts.today, now = self.opts.now }
end

--- The context of a change of audiences or attributes.
local function audience_context(self)
  local context = context_of(self)
  if context.shape.datasets then
    change.refuse("datasets", "%s exports datasets, it has no audiences", change.label(self.subject, context.flow))
  end
  if core.pointer.get(context.flow, selected.PLACE) == nil then -- some samples create dataflows so (ACT)
    change.refuse("no_audiences", "%s was created without a place for audiences (%s), and no page describes how it "
      .. "would get one: set the destination up anew", change.label(self.subject, context.flow), selected.PLACE)
  end
  return context
end

local function run(self, context, plan, warnings)
  return change.run(self.subject, plan, warnings, context and context.flow)
end

--- Adds audiences; all of them in one patch.
---@param list table[] as in a destination: { id= or name=, filename=, schedule=, export= }
---@return sluice.change.result result; raises kind "recipe" for what is wrong, code "differs" for one that is there
---  with other settings
function Dataflow:add_audiences(list)
  local context = audience_context(self)
  return run(self, context, audiences.add(context, list))
end

--- Removes audiences. Those that are not there need nothing.
---@param list string[] IDs or exact names
---@return sluice.change.result
function Dataflow:remove_audiences(list)
  local context = audience_context(self)
  return run(self, context, audiences.remove(context, list))
end

--- Gives audiences that are there other settings: schedule, file name, export mode.
---@param list table[] as in a destination
---@return sluice.change.result
function Dataflow:replace_audiences(list)
  local context = audience_context(self)
  return run(self, context, audiences.replace(context, list))
end

--- Gives audiences another schedule; all of them unless some are named. An export mode stays where it goes with the
--- new schedule.
---@param schedule table from `sluice.schedule`, or raw
---@param opts { audiences: string[]|nil, export: string|nil }|nil
---@return sluice.change.result
function Dataflow:reschedule(schedule, opts)
  local context = audience_context(self)
  return run(self, context, audiences.reschedule(context, schedule, opts))
end

--- Gives the files of audiences another name; of all of them unless some are named.
---@param template string
---@param opts { audiences: string[]|nil }|nil
---@return sluice.change.result
function Dataflow:rename_files(template, opts)
  local context = audience_context(self)
  return run(self, context, audiences.rename_files(context, template, opts))
end

--- Adds attributes; what is said of one that is there already (`mandatory`, `deduplicate`, for V2 another `column`) is
--- set. A V2 dataflow gets a new mapping set.
---@param list table[] as in a destination
---@return sluice.change.result result; raises kind "recipe", code "mapping_set", where the service does not show the
---  mapping set that a V2 dataflow has
function Dataflow:add_attributes(list)
  local context = audience_context(self)
  return run(self, context, attributes.add(context, list))
end

--- Removes attributes, also as mandatory fields and deduplication keys. Those that are not there need nothing.
---@param list string[] paths, identity namespace codes or columns
---@return sluice.change.result
function Dataflow:remove_attributes(list)
  local context = audience_context(self)
  return run(self, context, attributes.remove(context, list))
end

--- Replaces what is said of attributes that are there: mandatory or not, a deduplication key or not, the column.
---@param list table[] as in a destination
---@return sluice.change.result
function Dataflow:replace_attributes(list)
  local context = audience_context(self)
  return run(self, context, attributes.replace(context, list))
end

--- Sets the attributes as a whole: these and no others.
---@param list table[] as in a destination
---@return sluice.change.result
function Dataflow:set_attributes(list)
  local context = audience_context(self)
  return run(self, context, attributes.set(context, list))
end

--- Gives the dataflow another name.
---@param name string
---@return sluice.change.result
function Dataflow:rename(name) return run(self, nil, fields.text("name", name)) end

--- Gives the dataflow another description.
---@param text string
---@return sluice.change.result
function Dataflow:describe(text) return run(self, nil, fields.text("description", text)) end

--- Sets the marketing actions that the dataflow enforces; these and no others.
---@param list string[] such as "/dulepolicy/marketingActions/custom/<id>/constraints"; empty: none
---@return sluice.change.result
function Dataflow:set_marketing_actions(list) return run(self, nil, fields.marketing_actions(list)) end

--- Lets the dataflow export again.
---@return sluice.change.result
function Dataflow:enable() return fields.switch(self.subject, "enable") end

--- Stops the dataflow's exports. What a running export does then is UNKNOWN.
---@return sluice.change.result
function Dataflow:disable() return fields.switch(self.subject, "disable") end

-- ── datasets ───────────────────────────────────────────────────────────────────────────────────────────────

local function dataset_context(self)
  local context = context_of(self)
  if not context.shape.datasets then
    change.refuse("audiences", "%s exports audiences, not datasets", change.label(self.subject, context.flow))
  end
  return context
end

--- Gives a dataset export another schedule. Its folder template stays unless another is given.
---@param schedule table from `sluice.schedule.datasets`, or raw scheduleParams
---@param opts { folder: string|nil }|nil
---@return sluice.change.result
function Dataflow:set_dataset_schedule(schedule, opts)
  local context = dataset_context(self)
  return run(self, context, datasets.schedule(context, schedule, opts))
end

--- Exports other datasets: these and no others. They cannot be changed in a source connection, so a new one is made,
--- unless one that reads just these is there.
---@param list table[] { id = "24 hex", name = "…" }
---@return sluice.change.result result with `created`: what was made for it
function Dataflow:set_datasets(list) return datasets.set(dataset_context(self), list) end

-- ── now ────────────────────────────────────────────────────────────────────────────────────────────────────

--- Exports audiences now, in full, besides their schedule, and waits until the files are written. Adobe's conditions
--- (ADHOC, NOW): the audience has been in the dataflow for an hour, its schedule overlaps today, and the file holds
--- the last scheduled snapshot.
---@param list string[]|nil IDs or exact names; nil: all audiences of the dataflow
---@param opts { version: 1|2|nil, wait: boolean|nil, deadline: number|nil, poll: number|nil }|nil version of the ad
---  hoc activation, default 2; wait = false: only start; deadline: seconds to wait at most, default 3600; poll:
---  seconds between two looks at a run, default 5
---@return sluice.change.result result with `runs`: { audience, name, id, status, records, files }; raises kind "limit",
---  code "deadline", when they did not end in time; kind "service", code "export_failed"
function Dataflow:export_now(list, opts) return adhoc.export(audience_context(self), list, opts) end

return M
