--- Audiences of a destination: check what a definition says about them, build their selectors.
---
---     audiences = {
---       { name = "Loyal customers", filename = …, schedule = sluice.schedule.daily{…} },   -- looked up by its name
---       { id = "0b4dd08e-…", filename = …, schedule = … },
---       { id = "extaud9001", systemSegmentId = "0b4dd08e-…", namespace = "aamSegments", … },   -- made elsewhere
---       { name = "Trade fair list", enrichmentInfo = { mappingSet = { id = …, version = 0 } }, … },   -- uploaded
---     }

local crowd = require "sluice.activation.crowd"
local findings = require "sluice.findings"
local suggest = require "sluice.suggest"
local filename = require "sluice.activation.filename"
local identity = require "sluice.activation.identity"
local lookup = require "sluice.activation.lookup"
local schedule = require "sluice.activation.schedule"

local M = {}

--- The keys of an audience in a definition.
M.KEYS = {
  "id", "name", "description", "filename", "export", "schedule",
  "systemSegmentId", "namespace", -- audiences made elsewhere (D)
  "enrichmentInfo", -- uploaded ones (D)
}
local OF_FILES = { "filename", "export", "schedule" }
local MANY = 250 -- audiences in one dataflow; a soft limit (GRD)
local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"
local DATASET = "AUDIENCE_DATASET" -- where enrichment comes from; the only one in any source (D)

-- ── who ────────────────────────────────────────────────────────────────────────────────────────────────────

--- Says that an entry is an audience of one before: by one of its IDs, or by its name where it has no ID.
local function check_double(report, place, marks, seen)
  local first
  for _, mark in ipairs(marks) do first = first or seen[mark] end
  if first then report:error(place, "derived", "is the same audience as %s", first) end
  return first
end

--- An audience may be known by its name alone: then it is looked up. Two such entries of one name are one audience.
local function check_identity(report, place, audience, seen)
  local id, key, marks = audience.id, "id", identity.ids(audience)
  if id == nil and audience.name ~= nil then
    key = "name"
    if type(audience.name) ~= "string" then return end
    marks = { "name " .. audience.name }
  elseif not report:text(findings.at(place, "id"), id, "the audience's ID, or its exact name under the key name",
    "T") then
    return
  elseif not audience.systemSegmentId and not id:match(UUID) then
    report:error(findings.at(place, "id"), "T,D",
      "%s is not an audience ID: expected a UUID (an audience made elsewhere has its own ID here and the "
      .. "UUID as systemSegmentId)", suggest.quote(id))
  end
  local first = check_double(report, findings.at(place, key), marks, seen)
  for _, mark in ipairs(marks) do seen[mark] = first or place end
end

--- An audience made elsewhere has its own ID, the platform's beside it, and the namespace that it comes from (D).
local function check_origin(report, place, audience)
  local system = audience.systemSegmentId
  if type(system) == "string" and not system:match(UUID) then
    report:error(findings.at(place, "systemSegmentId"), "D", "%s is not the platform's ID of an audience: expected a "
      .. "UUID", suggest.quote(system))
  elseif system ~= nil and system == audience.id then
    report:warning(findings.at(place, "systemSegmentId"), "D", "is the same as id: an audience made elsewhere has an "
      .. "ID of its own; one of the platform's needs no systemSegmentId")
  elseif system == nil and audience.namespace ~= nil and audience.id ~= nil then
    report:warning(findings.at(place, "namespace"), "D", "belongs to an audience made elsewhere, which has a "
      .. "systemSegmentId as well")
  end
end

local function check_mapping_set(report, place, set)
  if set == nil then
    report:warning(place, "D", "missing: the only sample has one; what happens without it is not documented")
  elseif report:object(place, set, { "id", "version" }, "D") then
    report:text(findings.at(place, "id"), set.id, "the ID of a mapping set", "D")
    if math.type(set.version) ~= "integer" then
      report:error(findings.at(place, "version"), "D", "%sexpected a whole number, such as 0",
        set.version == nil and "missing: " or "")
    end
  end
end

--- What an uploaded audience brings along (D).
local function check_enrichment(report, place, info)
  if info == nil then return end
  place = findings.at(place, "enrichmentInfo")
  if not report:object(place, info, { "enabled", "sourceType", "mappingSet" }, "D") then return end
  if info.enabled ~= nil and type(info.enabled) ~= "boolean" then
    report:error(findings.at(place, "enabled"), "D", "expected true or false, got %s", suggest.quote(info.enabled))
  end
  if info.sourceType ~= nil and info.sourceType ~= DATASET then
    report:error(findings.at(place, "sourceType"), "D", "expected %s, got %s", suggest.quote(DATASET),
      suggest.quote(info.sourceType))
  end
  check_mapping_set(report, findings.at(place, "mappingSet"), info.mappingSet)
end

-- ── what becomes of it ─────────────────────────────────────────────────────────────────────────────────────

--- File name and schedule of a destination that gets files.
local function check_files(report, place, audience, opts)
  filename.check(report, findings.at(place, "filename"), audience.filename, opts)
  return schedule.check(report, place, audience, opts)
end

--- A streaming destination gets members as they change: no files, no hours (STR).
local function check_stream(report, place, audience)
  for _, key in ipairs(OF_FILES) do
    if audience[key] ~= nil then
      report:error(findings.at(place, key), "STR", "a streaming destination sends members as they change, without "
        .. "files and schedules; leave it out")
    end
  end
end

--- A destination whose kind is not known yet: what is said must make sense in itself.
local function check_given(report, place, audience, opts)
  if audience.filename ~= nil then
    filename.check(report, findings.at(place, "filename"), audience.filename, opts)
  end
  if audience.schedule ~= nil or audience.export ~= nil then return schedule.check(report, place, audience, opts) end
end

local EXPORT = { legacy = check_files, v2 = check_files, streaming = check_stream }

--- Checks one audience; gives its schedule when there is a valid one.
local function check_one(report, place, audience, seen, opts)
  if not report:object(place, audience, M.KEYS, "T") then return nil end
  check_identity(report, place, audience, seen)
  for _, key in ipairs { "name", "description", "systemSegmentId", "namespace" } do
    if audience[key] ~= nil then report:text(findings.at(place, key), audience[key], "text", "T") end
  end
  check_origin(report, place, audience)
  check_enrichment(report, place, audience.enrichmentInfo)
  return (EXPORT[opts.shape] or check_given)(report, place, audience, opts)
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
  local seen, plans = {}, {}
  opts = opts or {}
  for i, audience in ipairs(audiences) do
    plans[i] = check_one(report, findings.at(place, i), audience, seen, opts) or false
  end
  crowd.check(report, place, audiences, plans)
end

--- Gives every audience its ID; see `sluice.activation.lookup`.
M.resolve = lookup.resolve

-- ── what is sent ───────────────────────────────────────────────────────────────────────────────────────────

--- `enabled` is true and `sourceType` the only known one where the definition leaves them out (D).
local function enrichment(info)
  if info == nil then return nil end
  return { enabled = info.enabled ~= false, sourceType = info.sourceType or DATASET, mappingSet = info.mappingSet }
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
      enrichmentInfo = enrichment(audience.enrichmentInfo),
      filenameTemplate = audience.filename, exportMode = export_mode, schedule = plan,
    },
  }
end

return M
