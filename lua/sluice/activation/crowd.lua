--- What is wrong or doubtful about the audiences of a dataflow together: too many in one hour, too many uploaded, files
--- that overwrite one another.

local dates = require "sluice.activation.dates"
local filename = require "sluice.activation.filename"
local findings = require "sluice.findings"
local suggest = require "sluice.suggest"
local times = require "sluice.activation.schedule.times"

local M = {}

local AN_HOUR = 100 -- audiences exported in one hour; a soft limit (GRD)

--- Custom-upload audiences in one dataflow (UI).
M.MOST_UPLOADED = 10

--- The days on which each schedule exports at an hour of the day, as points at which they begin and end.
local function points_by_hour(plans)
  local hours = {}
  for _, fields in ipairs(plans) do
    local last = fields and times.last(fields)
    for _, hour in ipairs(last and times.hours(fields) or {}) do
      hours[hour] = hours[hour] or {}
      table.insert(hours[hour], { at = times.first(fields), step = 1 })
      table.insert(hours[hour], { at = last + 1, step = -1 })
    end
  end
  return hours
end

--- The largest number of schedules that are alive at the same time, and the day from which they are.
local function most(points)
  table.sort(points, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.step < b.step
  end)
  local alive, largest, since = 0, 0, nil
  for _, point in ipairs(points) do
    alive = alive + point.step
    if alive > largest then largest, since = alive, point.at end
  end
  return largest, since
end

local function check_hours(report, place, plans)
  local hours = points_by_hour(plans)
  for hour = 0, 23 do
    local count, since = most(hours[hour] or {})
    if count > AN_HOUR then
      report:warning(place, "GRD", "%d audiences are exported at %02d:00 UTC from %s on: at most %d an hour are meant; "
        .. "spread them over the day", count, hour, dates.date(since), AN_HOUR)
      return
    end
  end
end

local function check_uploaded(report, place, audiences)
  local count = 0
  for _, audience in ipairs(audiences) do
    if type(audience) == "table" and audience.enrichmentInfo ~= nil then count = count + 1 end
  end
  if count > M.MOST_UPLOADED then
    report:warning(place, "UI", "has %d custom-upload audiences: the user interface allows at most %d in one dataflow",
      count, M.MOST_UPLOADED)
  end
end

--- Names that do not tell audiences apart are only possible with the newer cards, whose macros are optional.
local function check_names(report, place, audiences)
  local first = {}
  for i, audience in ipairs(audiences) do
    local template = type(audience) == "table" and audience.filename
    if type(template) == "string" and not filename.names_audience(template) then
      local at = findings.at(findings.at(place, i), "filename")
      if first[template] then
        report:warning(at, "derived", "is the same name as %s, %s: unless the folder tells the audiences apart, one "
          .. "file overwrites the other; add %%SEGMENT_ID%%", first[template], suggest.quote(template))
      end
      first[template] = first[template] or at
    end
  end
end

--- Checks the audiences of one dataflow together.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the list
---@param audiences table[]
---@param plans (table|false)[] their schedules by the API's names, false where there is no valid one
function M.check(report, place, audiences, plans)
  check_hours(report, place, plans)
  check_uploaded(report, place, audiences)
  check_names(report, place, audiences)
end

return M
