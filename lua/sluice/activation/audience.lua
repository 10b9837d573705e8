--- Audiences of a destination: check what a definition says about them, build their selectors.

local findings = require "sluice.findings"
local suggest = require "sluice.suggest"
local filename = require "sluice.activation.filename"
local lookup = require "sluice.activation.lookup"
local schedule = require "sluice.activation.schedule"

local M = {}

local KEYS = {
  "id", "name", "description", "filename", "export", "schedule",
  "systemSegmentId", "namespace", -- audiences made elsewhere (D)
}
local MANY = 250 -- audiences in one dataflow; a soft limit (GRD)
local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

local function check_id(report, place, audience, seen)
  local id = audience.id
  if id == nil and audience.name ~= nil then return end -- looked up by its name
  local expected = "the audience's ID, or its exact name under the key name"
  if not report:text(findings.at(place, "id"), id, expected, "T") then return end
  if not audience.systemSegmentId and not id:match(UUID) then
    report:error(findings.at(place, "id"), "T,D",
      "%s is not an audience ID: expected a UUID (an audience made elsewhere has its own ID here and the "
      .. "UUID as systemSegmentId)",
      suggest.quote(id))
  end
  if seen[id] then
    report:error(findings.at(place, "id"), "derived", "is the same audience as %s", seen[id])
  end
  seen[id] = seen[id] or place
end

local function check_one(report, place, audience, seen, opts)
  if not report:object(place, audience, KEYS, "T") then return end
  check_id(report, place, audience, seen)
  for _, key in ipairs { "name", "description", "systemSegmentId", "namespace" } do
    if audience[key] ~= nil then report:text(findings.at(place, key), audience[key], "text", "T") end
  end
  filename.check(report, findings.at(place, "filename"), audience.filename)
  schedule.check(report, place, audience, opts)
end

--- Checks a definition's list of audiences.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the list
---@param audiences any
---@param opts { shape: string|nil, today: string|nil, now: integer|nil }|nil shape: "legacy", "v2", "streaming",
---  nil when it is not known; today: YYYY-MM-DD in UTC; now: seconds since 1970
function M.check(report, place, audiences, opts)
  if not report:list(place, audiences) then return end
  if #audiences == 0 then report:warning(place, "derived", "is empty: nothing will be exported") end
  if #audiences > MANY then
    report:warning(place, "GRD", "has %d audiences: one dataflow is meant for at most %d", #audiences, MANY)
  end
  local seen = {}
  opts = opts or {}
  for i, audience in ipairs(audiences) do
    check_one(report, findings.at(place, i), audience, seen, opts)
  end
end

--- Gives every audience its ID; see `sluice.activation.lookup`.
M.resolve = lookup.resolve

--- The selector of a checked audience (T).
---@param audience table
---@return table selector { type = "PLATFORM_SEGMENT", value = {…} }
function M.selector(audience)
  local export_mode, plan = schedule.build(audience)
  return {
    type = "PLATFORM_SEGMENT",
    value = {
      id = audience.id, name = audience.name, description = audience.description,
      systemSegmentId = audience.systemSegmentId, namespace = audience.namespace,
      filenameTemplate = audience.filename, exportMode = export_mode, schedule = plan,
    },
  }
end

return M
