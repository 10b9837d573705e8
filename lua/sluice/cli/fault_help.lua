--- The part of the help pages that says how fault rules are written.

local fault_rule = require "sluice.emulator.fault_rule"

local M = {}

local WIDTH, MARGIN = 79, 26

local HEAD = [[
Faults are rules, OPERATION[:WHEN]:FAULT, as in flows.create:nth=2:reset-after.
OPERATION is a name such as token, flows.create, source_connections.list or
mapping_sets.get; * stands for any part of it, a comma for another one. WHEN is
nth=N (of these calls; also 2-4 or 2-), p=0.05 (by chance, the same with the
same --seed, or with seed=TEXT in the rule), times=N (at most). FAULT is one of
]]

local MIDDLE = [[
With -after the work is done and its answer lost; without, it is not done.
These names stand for sets of rules:
]]

--- A name and what it means, in two columns.
local function add(list, name, help)
  local line = "  " .. name
  line = line .. (" "):rep(MARGIN - 1 - #line)
  for word in help:gmatch "%S+" do
    if #line + 1 + #word > WIDTH then
      list[#list + 1], line = line, (" "):rep(MARGIN - 1)
    end
    line = line .. " " .. word
  end
  list[#list + 1] = line
end

local function form_of(kind)
  local value = kind.value and (kind.value == "calls" and "=N" or "=SECONDS") or ""
  return kind.name .. (kind.times[2] and "[-after]" or "") .. value
end

--- What a user has to know to write a rule.
---@return string
function M.text()
  local kinds, presets = {}, {}
  for _, kind in ipairs(fault_rule.kinds) do add(kinds, form_of(kind), kind.help) end
  for _, name in ipairs(fault_rule.preset_names()) do add(presets, name, fault_rule.presets[name].help) end
  return HEAD .. table.concat(kinds, "\n") .. "\n" .. MIDDLE .. table.concat(presets, "\n") .. "\n"
end

return M
