--- Audiences of a destination: check what a definition says about them, build their selectors.

local findings = require "sluice.findings"
local suggest = require "sluice.suggest"
local filename = require "sluice.activation.filename"
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
  if not report:text(findings.at(place, "id"), id, "the audience's ID", "T") then return end
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

local function check_one(report, place, audience, seen, today)
  if not report:object(place, audience, KEYS, "T") then return end
  check_id(report, place, audience, seen)
  for _, key in ipairs { "name", "description", "systemSegmentId", "namespace" } do
    if audience[key] ~= nil then report:text(findings.at(place, key), audience[key], "text", "T") end
  end
  filename.check(report, findings.at(place, "filename"), audience.filename)
  schedule.check(report, place, audience, today)
end

--- Checks a definition's list of audiences.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the list
---@param audiences any
---@param today string|nil YYYY-MM-DD, default today in UTC
function M.check(report, place, audiences, today)
  if not report:list(place, audiences) then return end
  if #audiences == 0 then report:warning(place, "derived", "is empty: nothing will be exported") end
  if #audiences > MANY then
    report:warning(place, "GRD", "has %d audiences: one dataflow is meant for at most %d", #audiences, MANY)
  end
  local seen = {}
  for i, audience in ipairs(audiences) do
    check_one(report, findings.at(place, i), audience, seen, today)
  end
end

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
