--- Which of a dataflow's audiences a list of IDs and names means.

local core = require "sluice.core"
local activation = require "sluice.destination.activation"
local findings = require "sluice.findings"
local identity = require "sluice.activation.identity"
local suggest = require "sluice.suggest"

local M = {}

--- Where a dataflow keeps its audiences (activation.md §2).
M.PLACE = "/transformations/0/params/segmentSelectors/selectors"

--- The audiences of a dataflow.
---@param flow table
---@return table[] selectors
function M.all(flow)
  local list = core.pointer.get(flow, M.PLACE)
  return type(list) == "table" and list or {}
end

--- What tells an audience of the dataflow from the others, for patches by identity.
---@param id string
---@return table match
function M.match(id) return { ["/value/id"] = id } end

---@param selector table
---@return string for people: `"Loyal customers" (0b4d…)`
function M.label(selector)
  local value = selector.value
  return value.name and ("%s (%s)"):format(suggest.quote(value.name), value.id) or tostring(value.id)
end

--- The selector of this ID.
---@param flow table
---@param id string
---@return table|nil
function M.by_id(flow, id)
  for _, selector in ipairs(M.all(flow)) do
    if type(selector.value) == "table" and selector.value.id == id then return selector end
  end
end

--- The selector of the same audience, by whichever of its IDs.
---@param flow table
---@param value table of a selector
---@return table|nil
function M.by_value(flow, value)
  local selectors = M.all(flow)
  return selectors[activation.position_of_audience(selectors, value)]
end

local function names_in(flow)
  local names = {}
  for _, selector in ipairs(M.all(flow)) do names[#names + 1] = selector.value.name end
  return names
end

--- The selectors that this text names: by ID, by the platform's ID of an external audience, or by name.
local function matching(flow, text)
  for _, key in ipairs { "id", "systemSegmentId", "name" } do
    local found = {}
    for _, selector in ipairs(M.all(flow)) do
      local value = selector.value[key]
      local same = value == text or key ~= "name" and identity.comparable(value) == identity.comparable(text)
      if same then found[#found + 1] = selector end
    end
    if #found > 0 then return found end
  end
  return {}
end

--- The list a user gave, as texts; a single text counts as a list of one.
local function texts(report, place, list)
  if type(list) == "string" then list = { list } end
  if not report:list(place, list) then return {} end
  if #list == 0 then report:error(place, nil, "is empty: name at least one audience") end
  local given = {}
  for i, entry in ipairs(list) do
    local at, text = findings.at(place, i), entry
    if type(entry) == "table" then text = entry.id or entry.name end
    if report:text(at, text, "the ID or the exact name of an audience") then given[#given + 1] = { at, text } end
  end
  return given
end

--- Says that an audience is not in the dataflow, and which one may be meant.
---@param report sluice.report
---@param place string
---@param flow table
---@param text string
function M.report_missing(report, place, flow, text)
  local near = suggest.nearest(text, names_in(flow))
  report:error(place, nil, "the dataflow has no audience %s%s", suggest.quote(text),
    near and ("; did you mean %s?"):format(suggest.quote(near)) or "")
end

--- Finds the audiences that a list names.
---@param report sluice.report receives errors for what is no list, no name, or a name that several have
---@param place string JSON pointer of the list
---@param flow table
---@param list any IDs, exact names, or tables with `id` or `name`
---@return table[] selectors each once, in the list's order
---@return { [1]: string, [2]: string }[] missing place and text of those that are not in the dataflow
function M.pick(report, place, flow, list)
  local chosen, seen, missing = {}, {}, {}
  for _, entry in ipairs(texts(report, place, list)) do
    local at, text = entry[1], entry[2]
    local found = matching(flow, text)
    if #found > 1 then
      local ids = {}
      for i, selector in ipairs(found) do ids[i] = selector.value.id end
      report:error(at, nil, "%d audiences of the dataflow are named %s: %s; say which by its ID", #found,
        suggest.quote(text), suggest.some(ids))
    elseif #found == 0 then
      missing[#missing + 1] = entry
    elseif not seen[found[1].value.id] then
      seen[found[1].value.id] = true
      chosen[#chosen + 1] = found[1]
    end
  end
  return chosen, missing
end

--- Finds the audiences that a list names, all of which must be in the dataflow.
---@param report sluice.report
---@param place string
---@param flow table
---@param list any
---@return table[] selectors
function M.require(report, place, flow, list)
  local chosen, missing = M.pick(report, place, flow, list)
  for _, entry in ipairs(missing) do M.report_missing(report, entry[1], flow, entry[2]) end
  return chosen
end

return M
