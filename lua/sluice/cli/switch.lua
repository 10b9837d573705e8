--- What `sluice enable` and `sluice disable` share: dataflows are found, then switched one after the other.

local M = {}

local STATES = { enable = "enabled", disable = "disabled" }

--- Some of the dataflows in words; "none" of none.
local function labels(flows, first, last)
  local label, list = require("sluice.overview.removal").label, {}
  for i = first, last do list[#list + 1] = label { kind = "flows", id = flows[i].id, name = flows[i].name } end
  return #list > 0 and require("sluice.suggest").some(list) or "none"
end

--- Says what is done when a switch fails among several, or somebody ends it.
local function explain(failure, verb, flows, at)
  if require("sluice.core").error.is(failure) and #flows > 1 then
    failure.message = ("%s; %s before: %s; stopped at: %s; not tried: %s"):format(failure.message or "", STATES[verb],
      labels(flows, 1, at - 1), labels(flows, at, at), labels(flows, at + 1, #flows))
  end
  error(failure, 0)
end

local function switch(aep, values, verb, flow)
  local handle = require("sluice.dataflow").open(aep, flow.id)
  local result = handle[verb](handle)
  local done = result.changed > 0 and (values.dry_run and "planned" or STATES[verb]) or "unchanged"
  if not values.json then
    local before = { planned = "would be ", unchanged = "already " }
    local words = (before[done] or "") .. STATES[verb]
    io.stdout:write(("%s: dataflow %s\n"):format(words, require("sluice.cli.page").named(flow)))
    io.stdout:flush()
  end
  return { id = flow.id, name = flow.name, result = done, state = result.flow.state }
end

--- Switches one after the other, until one fails.
---@return table[] results
---@return any failure, and the number of what failed
local function switch_all(aep, values, verb, flows)
  local results = require("sluice.core").json.array {}
  for i, flow in ipairs(flows) do
    local ok, result = pcall(switch, aep, values, verb, flow)
    if not ok then
      for j = i, #flows do
        results[j] = { id = flows[j].id, name = flows[j].name, result = j == i and "failed" or "left" }
      end
      return results, result, i
    end
    results[i] = result
  end
  return results
end

local function perform(aep, values, verb)
  local flows = require("sluice.cli.running").flows(aep, values.FLOW)
  local results, failure, at = switch_all(aep, values, verb, flows)
  if values.json then require("sluice.cli.output").value(values, { results = results }, "") end
  if failure ~= nil then explain(failure, verb, flows, at) end
  return 0
end

--- The options of a command that writes, but asks only where a profile is protected.
---@return sluice.cli.Option[]
function M.options()
  local page = require "sluice.cli.page"
  return require("sluice.cli.connection").with(
    { { name = "--dry-run", help = "send nothing but reads; print what would be sent" } },
    page.only(require("sluice.cli.confirm").options, "--yes-production"), page.options)
end

--- Runs one of the two commands.
---@param self sluice.cli.Command
---@param words string[]
---@return integer exit_code
function M.run(self, words)
  local values = require("sluice.cli.command").read(self, words)
  if not values then return 0 end
  return require("sluice.cli.connection").during(values, function(aep) return perform(aep, values, self.name) end)
end

return M
