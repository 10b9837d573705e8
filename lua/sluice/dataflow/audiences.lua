--- Changes of a live dataflow's audiences: add, remove, replace, reschedule, rename the files. Each function checks
--- what it was given and returns the plan of `sluice.dataflow.change`.

local activation = require "sluice.destination.activation"
local audience = require "sluice.activation.audience"
local change = require "sluice.dataflow.change"
local core = require "sluice.core"
local filename = require "sluice.activation.filename"
local findings = require "sluice.findings"
local schedule = require "sluice.activation.schedule"
local selected = require "sluice.dataflow.selected"
local streaming = require "sluice.destination.shapes.streaming"

local M = {}

local PLACE = selected.PLACE
local MANY = 250 -- audiences in one dataflow; a soft limit (GRD)

local same_export, renewed = activation.same_export, activation.renewed

local function as_it_is(selector)
  return ("leaves audience %s as it is"):format(selected.label(selector))
end

-- ── checking ───────────────────────────────────────────────────────────────────────────────────────────────

local function options_of(context)
  return { shape = context.shape.name, today = context.today, now = context.now }
end

--- Checks entries as a destination does, and looks up those that go by name.
local function checked(context, what, entries)
  local report = findings.new()
  audience.check(report, "/audiences", entries, options_of(context))
  local warnings = change.refuse_errors(report, what)
  local resolved, looked_up = audience.resolve(context.aep, entries)
  table.move(change.refuse_errors(looked_up, what), 1, #looked_up, #warnings + 1, warnings)
  return resolved, warnings
end

--- The selector of a checked audience, as this kind of destination has it.
local function selector_of(context, entry)
  return (context.shape.name == "streaming" and streaming or audience).selector(entry)
end

local function refuse_streaming(context, what)
  if context.shape.name == "streaming" then
    change.refuse("no_files", "%s is a stream: its audiences have no %s", context.shape.title, what)
  end
end

-- ── adding and replacing ───────────────────────────────────────────────────────────────────────────────────

local function warn_of_many(context, count, warnings)
  local total = #selected.all(context.flow) + count
  if count > 0 and total > MANY then
    warnings[#warnings + 1] = { place = "/audiences", level = "warning", source = "GRD",
      message = ("the dataflow would have %d audiences: one is meant for at most %d"):format(total, MANY) }
  end
end

--- Adds audiences. Those that the dataflow exports so already stay.
---@param context sluice.dataflow.context
---@param entries table[] as in a destination
---@return fun(flow: table): sluice.change.step plan raises kind "recipe", code "differs", when the dataflow has one of
---  them with another schedule or file name
---@return sluice.finding[] warnings
function M.add(context, entries)
  local resolved, warnings = checked(context, "the new audiences", entries)
  local selectors = {}
  for i, entry in ipairs(resolved) do selectors[i] = selector_of(context, entry) end
  local new = 0
  for _, selector in ipairs(selectors) do
    if not selected.by_value(context.flow, selector.value) then new = new + 1 end
  end
  warn_of_many(context, new, warnings)
  return function(flow)
    local patch, kept, other = core.patch.new(), {}, {}
    for _, selector in ipairs(selectors) do
      local stored = selected.by_value(flow, selector.value)
      if not stored then
        patch:add_unless(PLACE, selected.match(selector.value.id), selector)
      elseif same_export(stored.value, selector.value) then
        kept[#kept + 1] = as_it_is(stored) .. ": the dataflow exports it so already"
      else
        other[#other + 1] = selected.label(stored)
      end
    end
    if #other > 0 then
      change.refuse("differs", "the dataflow exports audience %s already, with another schedule or file name; use "
        .. "replace_audiences, reschedule or rename_files to change that", table.concat(other, ", "))
    end
    return { patch = patch, kept = kept }
  end, warnings
end

--- Puts other settings in the place of those an audience has.
---@param context sluice.dataflow.context
---@param entries table[] as in a destination; each must be in the dataflow
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.replace(context, entries)
  local resolved, warnings = checked(context, "the new settings", entries)
  return function(flow)
    local patch, kept, missing = core.patch.new(), {}, {}
    for _, entry in ipairs(resolved) do
      local wanted = selector_of(context, entry)
      local stored = selected.by_value(flow, wanted.value)
      if not stored then
        missing[#missing + 1] = selected.label(wanted)
      elseif same_export(stored.value, wanted.value) then
        kept[#kept + 1] = as_it_is(stored)
      else
        patch:replace_by(PLACE, selected.match(stored.value.id), renewed(stored, wanted))
      end
    end
    if #missing > 0 then
      change.refuse("not_found", "the dataflow has no audience %s; add_audiences adds one",
        table.concat(missing, ", "))
    end
    return { patch = patch, kept = kept }
  end, warnings
end

-- ── removing ───────────────────────────────────────────────────────────────────────────────────────────────

--- What is not in the dataflow has nothing to be removed from it. A name must be that of an audience all the same:
--- otherwise it is a slip.
local function check_absent(context, report, missing)
  local named, places = {}, {}
  for _, entry in ipairs(missing) do
    if not entry[2]:match "^%x+%-%x+%-%x+%-%x+%-%x+$" then
      named[#named + 1], places[#places + 1] = { name = entry[2] }, entry[1]
    end
  end
  if #named == 0 then return end
  local resolved = audience.resolve(context.aep, named)
  for i, entry in ipairs(resolved) do
    if not entry.id then selected.report_missing(report, places[i], context.flow, named[i].name) end
  end
end

--- Removes audiences.
---@param context sluice.dataflow.context
---@param list any IDs or exact names
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.remove(context, list)
  local report = findings.new()
  local chosen, missing = selected.pick(report, "/audiences", context.flow, list)
  check_absent(context, report, missing)
  local warnings = change.refuse_errors(report, "the audiences to remove")
  return function(flow)
    local patch, kept = core.patch.new(), {}
    for _, entry in ipairs(missing) do kept[#kept + 1] = ("the dataflow has no audience %s"):format(entry[2]) end
    for _, selector in ipairs(chosen) do
      local id = selector.value.id
      if selected.by_id(flow, id) then -- the value is the shell that the documents show (UPD)
        patch:remove_by(PLACE, selected.match(id), { type = "PLATFORM_SEGMENT", value = {} })
      else
        kept[#kept + 1] = ("the dataflow has no audience %s"):format(selected.label(selector))
      end
    end
    return { patch = patch, kept = kept }
  end, warnings
end

-- ── schedules and file names ───────────────────────────────────────────────────────────────────────────────

--- The audiences a change is for: those named, or all that the dataflow has at that moment.
local function chooser(context, report, list)
  if list == nil then
    if #selected.all(context.flow) == 0 then report:error("/audiences", nil, "the dataflow has no audience") end
    return selected.all
  end
  local chosen = selected.require(report, "/audiences", context.flow, list)
  return function(flow)
    local current = {}
    for i, selector in ipairs(chosen) do
      current[i] = selected.by_id(flow, selector.value.id)
      if not current[i] then
        change.refuse("not_found", "somebody removed audience %s meanwhile", selected.label(selector))
      end
    end
    return current
  end
end

--- Replaces some values of the chosen audiences.
local function with_values(choose, values_of)
  return function(flow)
    local patch, kept = core.patch.new(), {}
    for _, stored in ipairs(choose(flow)) do
      local wanted = renewed(stored, { type = stored.type, value = values_of(stored.value) })
      if same_export(stored.value, wanted.value) then
        kept[#kept + 1] = as_it_is(stored)
      else
        patch:replace_by(PLACE, selected.match(stored.value.id), wanted)
      end
    end
    return { patch = patch, kept = kept }
  end
end

--- The export modes to try: the one asked for; else the audience's own and then the one that the schedule's words
--- bring (`every_hours` means incremental, `once` full).
local function modes(value, wanted, options)
  if options.export ~= nil then return { options.export } end
  if type(wanted) == "table" and getmetatable(wanted) then return { value.exportMode or false, false } end
  return { value.exportMode or false }
end

--- An audience with the new schedule, and what is wrong with it.
local function rescheduled(value, wanted, options)
  local entry, report
  for _, export in ipairs(modes(value, wanted, options)) do
    entry, report = { export = export or nil, schedule = wanted }, findings.new()
    schedule.check(report, "", entry, options)
    if #report:only "error" == 0 then break end
  end
  return entry, report
end

--- Adds the findings that are not there yet: one schedule is checked once for each audience.
local function add_new(report, more)
  for _, finding in ipairs(more) do
    local known = false
    for _, old in ipairs(report) do known = known or old.place == finding.place and old.message == finding.message end
    if not known then report[#report + 1] = finding end
  end
end

--- Gives audiences another schedule.
---@param context sluice.dataflow.context
---@param wanted table from `sluice.schedule`, or raw
---@param opts { audiences: any, export: string|nil }|nil without audiences: all
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.reschedule(context, wanted, opts)
  refuse_streaming(context, "schedule")
  opts = opts or {}
  local report, options = findings.new(), options_of(context)
  options.export = opts.export
  local choose = chooser(context, report, opts.audiences)
  if opts.audiences == nil or #report == 0 then
    for _, selector in ipairs(choose(context.flow)) do
      local _, found = rescheduled(selector.value, wanted, options)
      add_new(report, found)
    end
  end
  local warnings = change.refuse_errors(report, "the new schedule")
  return with_values(choose, function(value)
    local export, plan = schedule.build((rescheduled(value, wanted, options)))
    return { exportMode = export, schedule = plan }
  end), warnings
end

--- Gives the files of audiences another name.
---@param context sluice.dataflow.context
---@param template string
---@param opts { audiences: any }|nil without audiences: all
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.rename_files(context, template, opts)
  refuse_streaming(context, "file name")
  local report = findings.new()
  filename.check(report, "/filename", template, options_of(context))
  local choose = chooser(context, report, opts and opts.audiences)
  local warnings = change.refuse_errors(report, "the new file name")
  return with_values(choose, function() return { filenameTemplate = template } end), warnings
end

return M
