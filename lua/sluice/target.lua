--- Where a destination's files go (a target connection): bucket, folder, format are changed by one call.
---
---     sluice.target(aep, "Loyal customers to S3 - target"):move { path = "exports/2031" }

local catalog = require "sluice.catalog"
local change = require "sluice.dataflow.change"
local check = require "sluice.destination.check"
local core = require "sluice.core"
local find = require "sluice.dataflow.find"
local findings = require "sluice.findings"
local shape = require "sluice.dataflow.shape"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.target
---@field id string
local Target = { __name = "sluice.target" }
Target.__index = Target

--- Takes hold of a target connection. An ID is taken as it is; a name is looked up at once.
---@param aep table a connection, from sluice.connect
---@param ref string ID or exact name
---@param opts { pause: number|nil }|nil seconds between two readings while the service is at work, default 1
---@return sluice.target target; raises kind "recipe", code "not_found" or "ambiguous"
function M.open(aep, ref, opts)
  local id = find.id(aep.target_connections, "target connection", ref)
  local subject = { aep = aep, collection = aep.target_connections, what = "target connection", field = "target",
    id = id, pause = opts and opts.pause }
  return setmetatable({ id = id, aep = aep, subject = subject }, Target)
end

--- The target connection as the service holds it now.
---@return table item
function Target:read() return change.read(self.subject) end

local function params_of(item) return type(item.params) == "table" and item.params or {} end

--- The params as a whole: a patch replaces all of them (EDIT). What was not given stays; so do the keys of a nested
--- object.
local function merged(stored, given)
  local full = {}
  for key, value in pairs(stored) do full[key] = value end
  for key, value in pairs(given) do
    local old = full[key]
    local nested = type(value) == "table" and type(old) == "table" and not core.json.is_array(value)
    full[key] = nested and merged(old, value) or value
  end
  return full
end

--- The params as the check knows them: what the service holds beyond the catalog is not the user's.
local function checkable(system, full, given)
  local known = { mode = true }
  for _, mode in ipairs(system.modes) do
    for _, param in ipairs(mode.params) do known[param.name] = true end
  end
  local shown = {}
  for key, value in pairs(full) do
    if known[key] or given[key] ~= nil then shown[key] = value end
  end
  -- Entities that were migrated keep a mode of the older card (MIG).
  if given.mode == nil and not catalog.named(system.modes, shown.mode) then shown.mode = nil end
  return shown
end

local function text(value)
  return type(value) == "table" and core.json.encode(value) or suggest.quote(value)
end

--- Sentences for what is not as wanted yet.
local function differences(stored, wanted)
  local names, list = {}, {}
  for name in pairs(wanted) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if not core.json.equal(stored[name], wanted[name]) then
      list[#list + 1] = ("sets %s to %s (before: %s)"):format(name, text(wanted[name]),
        stored[name] == nil and "nothing" or text(stored[name]))
    end
  end
  return list
end

--- Changes where the files go, or their form. The audiences' schedules stay; the next export goes to the new place.
---@param params table by the API's names: { path = … }; what is not given stays
---@return sluice.change.result result; raises kind "recipe" for what is wrong, kind "service", code "not_activated"
function Target:move(params)
  local report, item = findings.new(), self:read()
  if type(params) ~= "table" or next(params) == nil then
    report:error("/target", nil, "expected a table such as { path = … }, got %s", suggest.quote(params))
  else
    local system = shape.system_of(self.aep, type(item.connectionSpec) == "table" and item.connectionSpec.id)
    local kind = params_of(item).datasetFileType ~= nil and "datasets" or "audiences"
    check.check_target(report, system, checkable(system, merged(params_of(item), params), params), nil, kind)
  end
  local warnings = change.refuse_errors(report, "the new target")
  return change.run(self.subject, function(current)
    local stored = params_of(current)
    local wanted = merged(stored, params)
    local list, patch = differences(stored, wanted), core.patch.new()
    if #list == 0 then return { patch = patch, kept = { "the files go there already" } } end
    return { patch = patch[current.params == nil and "add" or "replace"](patch, "/params", wanted), explained = list }
  end, warnings, item)
end

return M
