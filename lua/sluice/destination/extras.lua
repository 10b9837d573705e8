--- Checks the parts of a definition that are neither credentials nor target nor audiences: datasets, marketing
--- actions, plain texts.

local catalog = require "sluice.catalog"
local findings = require "sluice.findings"
local filename = require "sluice.activation.filename"
local schedule = require "sluice.activation.schedule"
local suggest = require "sluice.suggest"

local M = {}

local function check_id(report, place, id, seen)
  if not report:text(place, id, "the ID of a dataset", "D") then return end
  if not id:find("^" .. ("%x"):rep(24) .. "$") then
    report:warning(place, "EXP,AEPP", "dataset IDs have 24 hexadecimal digits, got %s", suggest.quote(id))
  end
  local mark = id:lower() -- hexadecimal: capitals make no other dataset
  if seen[mark] then report:error(place, "derived", "the dataset is there twice: also at %s", seen[mark]) end
  seen[mark] = seen[mark] or place
end

--- Checks a list of datasets.
---@param report sluice.report
---@param place string JSON pointer of the list
---@param datasets any
function M.check_list(report, place, datasets)
  if not report:list(place, datasets) then return end
  if #datasets == 0 then report:error(place, "D", "empty: expected at least one dataset") end
  local seen = {}
  for i, dataset in ipairs(datasets) do
    local here = findings.at(place, i)
    if report:object(here, dataset, { "id", "name" }, "D") then
      check_id(report, findings.at(here, "id"), dataset.id, seen)
      -- D requires the name, a client leaves it out.
      if dataset.name ~= nil then
        report:text(findings.at(here, "name"), dataset.name, "the name of a dataset", "D,AEPP")
      end
    end
  end
end

local function takes_datasets(system)
  if system.dataset_flow_spec then return true end
  for _, mode in ipairs(system.type == nil and system.document and system.modes or {}) do
    for _, param in ipairs(mode.params) do
      if param.exports == "datasets" then return true end
    end
  end
  return false
end

local function those_that_take()
  local keys = {}
  for _, key in ipairs(catalog.keys) do
    if catalog.systems[key].dataset_flow_spec then keys[#keys + 1] = key end
  end
  return keys
end

--- What stands only beside the other kind of export.
local ELSEWHERE = {
  audiences = {
    { "schedule", "is for datasets: every audience has a schedule of its own" },
    { "folder", "is for datasets: the folder of audiences is in the target" },
  },
  datasets = {
    { "audiences", "a destination exports audiences or datasets: make two of them" },
    { "attributes", "is for audiences: datasets are exported as they are" },
  },
}

--- Checks what is exported besides audiences.
---@param report sluice.report receives the findings
---@param definition table
---@param system sluice.catalog.system|nil nil when the destination is not known yet
---@param kind "audiences"|"datasets"
---@param opts { now: integer|nil, today: string|nil }
function M.check_datasets(report, definition, system, kind, opts)
  for _, row in ipairs(ELSEWHERE[kind]) do
    if definition[row[1]] ~= nil then report:error("/" .. row[1], "D,EXP", row[2]) end
  end
  if kind ~= "datasets" then return end
  if system and not takes_datasets(system) then
    report:error("/datasets", "D,EXP", "%s takes no datasets; they go to %s", system.title,
      suggest.either(those_that_take()))
  end
  M.check_list(report, "/datasets", definition.datasets)
  schedule.check_datasets(report, "/schedule", definition.schedule, opts)
  filename.check_folder(report, "/folder", definition.folder)
end

-- ── texts ──────────────────────────────────────────────────────────────────────────────────────────────────

local ACTION = "^/dulepolicy/marketingActions/%l+/[^/]+/constraints$"

local function check_actions(report, place, actions)
  if actions == nil or not report:list(place, actions) then return end
  local seen = {}
  for i, action in ipairs(actions) do
    local here = findings.at(place, i)
    if report:text(here, action, "a marketing action", "ACT") then
      if not action:find(ACTION) then
        report:error(here, "ACT", "expected a marketing action such as %s, got %s",
          suggest.quote "/dulepolicy/marketingActions/custom/<name>/constraints", suggest.quote(action))
      end
      if seen[action] then report:error(here, "derived", "the marketing action is there twice") end
      seen[action] = true
    end
  end
end

--- Checks name, description, flow spec and marketing actions.
---@param report sluice.report
---@param definition table
function M.check_texts(report, definition)
  report:text("/name", definition.name, "a name for the dataflow", "D")
  for _, key in ipairs { "description", "flow_spec" } do
    if definition[key] ~= nil then report:text("/" .. key, definition[key], "text", "D") end
  end
  check_actions(report, "/marketing_actions", definition.marketing_actions)
end

return M
