--- When a dataflow's exports are due: of each audience or of its datasets the last one that should have begun, and the
--- next one to come, reckoned from the schedules as the service holds them.

local core = require "sluice.core"
local dates = require "sluice.activation.dates"
local moments = require "sluice.preview.moments"

local M = {}

local ENDLESS = "9999-12-31"

---@class sluice.health.Subject an audience, or all datasets of a dataflow
---@field id string|nil nil for datasets
---@field name string|nil
---@field series sluice.preview.series|nil nil: its schedule is none that is understood
---@field from integer seconds since 1970: what was due earlier was not due yet

local function is_frequency(value)
  return value == "DAILY" or value == "ONCE" or type(value) == "string" and value:find "^EVERY_[1-9]%d?_HOURS$" ~= nil
end

--- The moments of an audience's schedule; nil for one of which the documents say nothing, such as every week (UI).
local function audience_series(schedule)
  if type(schedule) ~= "table" or not is_frequency(schedule.frequency) or not dates.is_date(schedule.startDate) then
    return nil
  end
  local after = schedule.triggerType == "AFTER_SEGMENT_EVAL"
  if not after and not dates.is_time(schedule.startTime) then return nil end
  return moments.of_audience { frequency = schedule.frequency, triggerType = schedule.triggerType,
    startDate = schedule.startDate, startTime = schedule.startTime,
    endDate = dates.is_date(schedule.endDate) and schedule.endDate or ENDLESS }
end

local UNITS = { hour = true, day = true }
local LATEST, LONGEST = 253402300799, 1000000 -- seconds up to the year 9999; hours or days between two exports

--- A whole number that can be reckoned with; nil for anything else.
local function within(value, most)
  local whole = math.type(value) and math.tointeger(value)
  return whole and whole >= 0 and whole <= most and whole or nil
end

local function dataset_series(params)
  local start, interval = within(params.startTime, LATEST), within(params.interval, LONGEST)
  if not (start and interval and UNITS[params.timeUnit]) then return nil end
  return moments.of_datasets { startTime = start, timeUnit = params.timeUnit, interval = interval,
    endTime = within(params.endTime, LATEST) }
end

local function seconds_of(ms) return math.type(ms) == "integer" and ms // 1000 or 0 end

--- When an audience was put in, or changed: epoch seconds as text (flow-service-api.md §2).
local function changed_at(value)
  return math.max(math.tointeger(tonumber(value.createTime)) or 0, math.tointeger(tonumber(value.updateTime)) or 0)
end

local function text(value) return type(value) == "string" and value or nil end

--- What a dataflow exports by a schedule. Streams have none.
---@param flow table
---@return sluice.health.Subject[] subjects
---@return boolean streams does it send what comes, without a schedule?
function M.subjects(flow)
  local created, list, streams = seconds_of(flow.createdAt), {}, false
  if type(flow.scheduleParams) == "table" then
    list[1] = { series = dataset_series(flow.scheduleParams), from = created }
    return list, false
  end
  local selectors = core.pointer.get(flow, "/transformations/0/params/segmentSelectors/selectors")
  for _, selector in ipairs(core.json.is_array(selectors) and selectors or {}) do
    local value = type(selector) == "table" and type(selector.value) == "table" and selector.value or {}
    if value.schedule ~= nil then
      list[#list + 1] = { id = text(value.id), name = text(value.name), series = audience_series(value.schedule),
        from = math.max(created, changed_at(value)) }
    else
      streams = true
    end
  end
  return list, streams
end

--- The last export that should have begun by a moment. After evaluation that is a day, once it is over.
---@param subject sluice.health.Subject
---@param by integer seconds since 1970
---@return integer|nil seconds since 1970
function M.last(subject, by)
  local series = subject.series
  if not series then return nil end
  local _, passed = moments.upcoming(series, by + 1, 0)
  local last = passed > 0 and series.first + (passed - 1) * (series.step or 0) or nil
  return last and last >= subject.from and last or nil
end

---@class sluice.health.Next
---@field at integer seconds since 1970
---@field after_evaluation boolean|nil `at` stands for the day: the time of day is not known beforehand

--- The next export of a dataflow.
---@param subjects sluice.health.Subject[]
---@param now integer seconds since 1970
---@return sluice.health.Next|nil
function M.next(subjects, now)
  local found
  for _, subject in ipairs(subjects) do
    local at = subject.series and moments.upcoming(subject.series, now, 1)[1]
    if at and (not found or at < found.at) then
      found = { at = at, after_evaluation = subject.series.after_evaluation }
    end
  end
  return found
end

return M
