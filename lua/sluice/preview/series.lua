--- The exports of one schedule: which of them to show, each with its time, mode, folder and files.

local core = require "sluice.core"
local moments = require "sluice.preview.moments"
local names = require "sluice.preview.names"
local notes = require "sluice.preview.notes"

local M = {}

--- What all audiences or datasets of a destination share.
---@class sluice.preview.making
---@field now integer epoch seconds
---@field limit integer exports to show
---@field rows integer|nil
---@field zone sluice.preview.zone
---@field values table<string, string> macros that mean the same everywhere
---@field blanks table<string, any> macros whose words had blanks
---@field folder string of the target
---@field path_macros boolean are macros in it replaced?
---@field exits boolean do files say who left?
---@field ending string of file names
---@field csv boolean
---@field written table<string, table> path → the entry that writes it first
---@field notes table collection of notes on the whole

local ISO = "%Y-%m-%dT%H:%M:%SZ"

local function time_of(making, epoch, after_evaluation)
  local time = { day = moments.utc(epoch, "%Y-%m-%d"), after_evaluation = after_evaluation }
  if after_evaluation then return time end
  time.epoch, time.utc = epoch, moments.utc(epoch, ISO)
  time["local"], time.offset = moments.iso(epoch, making.zone), making.zone.offset(epoch)
  time.zone = making.zone.name(epoch)
  return time
end

--- What the macros of time stand for. After evaluation the day is known, the time of day is not.
---@param time sluice.preview.time
---@param epoch integer
---@return table<string, string>
function M.time_values(time, epoch)
  local date = time.after_evaluation and "%Y%m%d_HHmmss" or names.DATE
  return {
    ["DATETIME(YYYYMMdd_HHmmss)"] = moments.utc(epoch, date),
    TIMESTAMP = time.after_evaluation and "{unix-seconds}" or tostring(epoch),
    EXPORT_TIME = "exportTime=" .. moments.utc(epoch, "%Y%m%d%H%M"),
  }
end

--- The mode of the i-th export shown: what is activated now begins with a full one, however old its schedule (PEB,
--- LEG).
local function mode_of(export_mode, i)
  return export_mode == "FIRST_FULL_THEN_INCREMENTAL" and i > 1 and "incremental" or "full"
end

local MONTH, YEAR = 30 * 86400, 366 * 86400 -- seconds

--- Does the local zone change its distance to UTC while the schedule runs?
local function shifts(zone, series)
  if series.after_evaluation or not series.step then return false end
  local last = moments.last(series) or series.first + YEAR
  for epoch = series.first, math.min(last, series.first + YEAR), MONTH do
    if zone.offset(epoch) ~= zone.offset(series.first) then return true end
  end
  return zone.offset(last) ~= zone.offset(series.first)
end

local function note_times(making, entry, series, passed)
  if shifts(making.zone, series) then making.notes:add "daylight" end
  if series.after_evaluation then making.notes:add "evaluated" end
  if passed > 0 and #entry.exports > 0 and entry.mode == "FIRST_FULL_THEN_INCREMENTAL" then entry.notes:add "begun" end
end

--- Fills an entry with the exports of its schedule.
---@param making sluice.preview.making
---@param entry table an audience or a dataset, with `mode` and `notes`; gets count, left, first, last, exports
---@param series sluice.preview.series
---@param fill fun(export: sluice.preview.export, epoch: integer) adds folder and files
function M.add(making, entry, series, fill)
  local upcoming, passed = moments.upcoming(series, making.now, making.limit)
  local last, after = moments.last(series), series.after_evaluation
  entry.count = moments.count(series)
  entry.left = entry.count and entry.count - passed
  entry.first = time_of(making, series.first, after)
  entry.last = last and time_of(making, last, after)
  entry.exports = core.json.array {}
  for i, epoch in ipairs(upcoming) do
    local export = { time = time_of(making, epoch, after), mode = mode_of(entry.mode, i) }
    fill(export, epoch)
    entry.exports[i] = export
  end
  note_times(making, entry, series, passed)
end

local NOTES_OF = {
  ["DATETIME(YYYYMMdd_HHmmss)"] = { "planned", "date_order" }, TIMESTAMP = { "planned" },
}

--- Notes what the macros of a template leave open.
---@param making sluice.preview.making
---@param used table<string, string> what names.expand replaced
function M.note_macros(making, used)
  for macro, value in pairs(used) do
    for _, key in ipairs(NOTES_OF[macro] or {}) do making.notes:add(key) end
    if notes.has(value) then making.notes:add(value) end
    if making.blanks[macro] then making.notes:add "blanks" end
  end
end

--- Values of macros: an entry's own before the shared ones.
---@param making sluice.preview.making
---@param own table<string, string>
---@return table<string, string>
function M.values(making, own)
  return setmetatable(own, { __index = making.values })
end

return M
