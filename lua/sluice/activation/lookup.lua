--- Audiences that a definition names without their ID are looked up, by exact name, through the Segmentation API.

local crowd = require "sluice.activation.crowd"
local dates = require "sluice.activation.dates"
local findings = require "sluice.findings"
local identity = require "sluice.activation.identity"
local suggest = require "sluice.suggest"
local tasks = require "sluice.tasks"
local times = require "sluice.activation.schedule.times"
local words = require "sluice.activation.schedule.words"

local M = {}

local UPLOADED = "CUSTOM_UPLOAD" -- originName (SEG)
local AT_REST = { draft = true, inactive = true, archived = true } -- lifecycleState (SEG)

--- A candidate as people tell it from others of its name.
local function describe(item)
  local marks = { item.originName or item.namespace, item.lifecycleState }
  return #marks == 0 and tostring(item.id) or ("%s (%s)"):format(item.id, table.concat(marks, ", "))
end

local function named(items, name)
  local exact = {}
  for _, item in ipairs(items) do
    if item.name == name then exact[#exact + 1] = item end
  end
  return exact
end

local function names_of(items)
  local names = {}
  for i, item in ipairs(items) do names[i] = tostring(item.name) end
  return names
end

local function longest_word(text)
  local longest = ""
  for word in text:gmatch "%S+" do
    if #word > #longest then longest = word end
  end
  return longest
end

--- The name that was probably meant: among those that contain the name, in any case, or else its longest word.
local function meant(aep, name, containing)
  local near = suggest.nearest(name, names_of(containing))
  if near or longest_word(name) == name then return near end
  return suggest.nearest(name, names_of(aep.audiences:list { name = longest_word(name) }))
end

--- Looks one name up. Nothing but findings are told when it cannot be settled.
local function look_up(aep, report, place, name)
  local containing = aep.audiences:list { name = name }
  local found = named(containing, name)
  if #found == 1 then return found[1] end
  if #found == 0 then
    local near = meant(aep, name, containing)
    report:error(place, "SEG", "there is no audience named %s in sandbox %s%s", suggest.quote(name),
      suggest.quote(aep.sandbox), near and ("; did you mean %s?"):format(suggest.quote(near)) or "")
    return nil
  end
  local candidates = {}
  for i, item in ipairs(found) do candidates[i] = describe(item) end
  report:error(place, "SEG", "%d audiences are named %s; write the ID of the one you mean: id = %s", #found,
    suggest.quote(name), suggest.some(candidates))
end

--- The entry with what its selector needs. An audience made elsewhere goes by its own ID, with the platform's beside
--- it (D, SEG).
local function completed(entry, item)
  local made = {}
  for key, value in pairs(entry) do made[key] = value end
  made.id = item.id
  if type(item.audienceId) == "string" and item.audienceId ~= item.id then
    made.id, made.systemSegmentId = item.audienceId, item.id
    made.namespace = made.namespace or item.namespace
  end
  return made
end

local function check_same(report, place, audiences)
  local seen = {}
  for i, audience in ipairs(audiences) do
    local ids, first = identity.ids(audience), nil
    for _, id in ipairs(ids) do first = first or seen[id] end
    if first then
      report:error(findings.at(place, i), "derived", "is the same audience as %s (%s)", first, audience.id)
    end
    for _, id in ipairs(ids) do seen[id] = first or findings.at(place, i) end
  end
end

--- The moment an audience was made; nil when the answer does not say.
local function made_at(item)
  if math.type(item.createEpoch) == "integer" then return item.createEpoch end
  return math.type(item.creationTime) == "integer" and item.creationTime // 1000 or nil
end

--- An audience that is evaluated in batches has no members before its first night (UI).
local function check_age(report, place, entry, item, now)
  local made = made_at(item)
  local continuous = type(item.evaluationInfo) == "table" and item.evaluationInfo.continuous
  if not made or now >= made + dates.DAY or type(continuous) == "table" and continuous.enabled == true then return end
  local fields = words.read(entry).fields
  local planned = type(fields) == "table" and dates.is_date(fields.startDate)
  if not planned or times.first(fields) >= made + dates.DAY then return end
  report:warning(place, "UI", "%s is younger than a day: its first export may find nobody; start on %s",
    suggest.quote(entry.name), dates.date(made + dates.DAY + dates.DAY - 1))
end

--- What is worth saying about the audience that was found.
local function check_found(report, place, entry, item, now)
  if AT_REST[item.lifecycleState] then
    report:warning(place, "SEG,derived", "%s is %s: it may hold nobody to export; publish it first",
      suggest.quote(entry.name), item.lifecycleState)
  end
  check_age(report, place, entry, item, now)
end

local function check_uploaded(report, place, audiences, uploaded)
  local known = 0
  for _, audience in ipairs(audiences) do
    if audience.enrichmentInfo ~= nil then known = known + 1 end
  end
  if uploaded > crowd.MOST_UPLOADED and known <= crowd.MOST_UPLOADED then -- else the definition itself shows it
    report:warning(place, "UI", "has %d custom-upload audiences: the user interface allows at most %d in one dataflow",
      uploaded, crowd.MOST_UPLOADED)
  end
end

--- Gives every audience its ID. Those that have one stay as they are, and nothing is asked about them.
---@param aep table a connection
---@param audiences table[] a checked list of a definition
---@param place string|nil JSON pointer of the list, default "/audiences"
---@param opts { now: integer|nil, today: string|nil }|nil the present, default the clock's
---@return table[] audiences a new list, its entries with `id`; those made elsewhere with `systemSegmentId` and
---  `namespace`
---@return sluice.report report errors for names that no audience has, or several have
function M.resolve(aep, audiences, place, opts)
  place = place or "/audiences"
  local resolved, reports, uploaded = {}, {}, 0
  tasks.map(audiences, function(entry, i)
    local report = findings.new()
    reports[i], resolved[i] = report, entry
    if entry.id ~= nil then return end
    local at = findings.at(findings.at(place, i), "name")
    local item = look_up(aep, report, at, entry.name)
    if not item then return end
    resolved[i] = completed(entry, item)
    if item.originName == UPLOADED then uploaded = uploaded + 1 end
    check_found(report, at, entry, item, dates.now(opts))
  end)
  local all = findings.new()
  for _, report in ipairs(reports) do table.move(report, 1, #report, #all + 1, all) end
  check_same(all, place, resolved)
  check_uploaded(all, place, audiences, uploaded)
  return resolved, all
end

return M
