--- Schedules in plain words: helpers that keep what the user wrote, and the reading of it in the API's form.

local rules = require "sluice.activation.schedule.rules"
local suggest = require "sluice.suggest"

local M = {}

local FULL, INCREMENTAL = rules.FULL, rules.INCREMENTAL
local RANGE = { at = "startTime", from = "startDate", to = "endDate" }

--- A function that takes words and keeps them, with a metatable that says what they mean.
---@param meaning table `name` of the kind of schedule, and whatever its reader needs
---@return fun(words: table): table
function M.helper(meaning)
  meaning.__name = meaning.name
  return function(words)
    if type(words) ~= "table" then
      error(("expected words in braces, such as %s"):format(meaning.example), 2)
    end
    local plan = {}
    for word, value in pairs(words) do plan[word] = value end
    return setmetatable(plan, meaning)
  end
end

--- What a helper's words mean; nil for anything that no helper made.
---@param plan any
---@return table|nil
function M.meaning(plan)
  local meaning = type(plan) == "table" and getmetatable(plan)
  return type(meaning) == "table" and meaning.name and meaning or nil
end

--- `words`: word → the API's field; `export`: the mode meant when the audience names none; `may_follow`: may the
--- export wait for the evaluation instead of an hour.
local function audience_helper(meaning)
  meaning.name = "sluice.schedule"
  meaning.example = meaning.example or '{ at = "02:00", from = "2030-01-01", to = "2030-12-31" }'
  return M.helper(meaning)
end

local HOURS = {}
for _, frequency in ipairs(rules.FREQUENCIES) do
  local hours = rules.hours(frequency)
  if hours then HOURS[hours] = audience_helper { frequency = frequency, export = INCREMENTAL, words = RANGE } end
end

--- Every day at an hour, in full unless the audience says export = "FIRST_FULL_THEN_INCREMENTAL".
---@param words { at: string|nil, from: string, to: string, after_evaluation: boolean|nil, past: boolean|nil } UTC hour,
---  first day, day after the last export; after_evaluation = true in place of `at`
---@return table schedule
M.daily = audience_helper { frequency = "DAILY", export = FULL, words = RANGE, may_follow = true }

--- One full export.
---@param words { at: string|nil, on: string, after_evaluation: boolean|nil, past: boolean|nil } UTC hour and day
---@return table schedule
M.once = audience_helper { frequency = "ONCE", export = FULL, words = { at = "startTime", on = "startDate" },
  may_follow = true, example = '{ at = "17:00", on = "2030-01-01" }' }

--- A full export each day when the audience has been evaluated.
---@param words { from: string, to: string, past: boolean|nil } first day, day after the last export
---@return table schedule
M.after_evaluation = audience_helper { frequency = "DAILY", export = FULL, trigger = rules.AFTER,
  words = { from = "startDate", to = "endDate" }, example = '{ from = "2030-01-01", to = "2030-12-31" }' }

--- Incremental exports every few hours.
---@param hours 3|6|8|12
---@return fun(words: { at: string, from: string, to: string, past: boolean|nil }): table
function M.every_hours(hours)
  local chosen = HOURS[hours]
  if chosen then return chosen end
  error(("every_hours: expected 3, 6, 8 or 12, got %s"):format(suggest.quote(hours)), 2)
end

local function raw_keys()
  local keys = table.move(rules.KEYS, 1, #rules.KEYS, 1, {})
  keys[#keys + 1] = "past"
  return keys
end

local function read_helper(plan, meaning, export)
  export = export == nil and meaning.export or export
  local fields, names, known = { frequency = meaning.frequency }, {}, { "past" }
  fields.triggerType = meaning.trigger or (export == FULL and rules.SCHEDULED or nil)
  if meaning.may_follow then
    known[#known + 1], names.triggerType = "after_evaluation", "after_evaluation"
    if plan.after_evaluation == true then fields.triggerType = rules.AFTER end
  end
  for word, field in pairs(meaning.words) do
    fields[field], names[field], known[#known + 1] = plan[word], word, word
  end
  table.sort(known)
  return { export = export, fields = fields, given = plan, names = names, known = known, spoken = true }
end

---@class sluice.schedule.read
---@field export any the export mode
---@field fields any the schedule by the API's names; as it was given when it is no table
---@field given table|nil the schedule as the user wrote it
---@field at "schedule"|"export" the key of the audience that holds it
---@field names table<string, string> the API's name → the user's word
---@field known string[] the keys that `given` may have
---@field spoken boolean|nil a helper made it: words stand where the API has fields

--- Brings an audience's `export` and `schedule` into the API's form. A helper's result may stand under either key.
---@param audience table
---@return sluice.schedule.read
function M.read(audience)
  local export, plan, at = audience.export, audience.schedule, "schedule"
  if type(export) == "table" and plan == nil then export, plan, at = nil, export, "export" end
  local meaning = M.meaning(plan)
  local read
  if meaning and meaning.name == "sluice.schedule" then
    read = read_helper(plan, meaning, export)
  else
    read = { export = export, fields = plan, given = type(plan) == "table" and plan or nil, names = {},
      known = raw_keys() }
  end
  read.at = at
  return read
end

return M
