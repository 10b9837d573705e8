--- Which exports of audiences there are: the truth table of export mode, frequency and trigger, as data.

local M = {}

local FULL, INCREMENTAL = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"
local SCHEDULED, AFTER = "SCHEDULED", "AFTER_SEGMENT_EVAL"

M.FULL, M.INCREMENTAL, M.SCHEDULED, M.AFTER = FULL, INCREMENTAL, SCHEDULED, AFTER

M.EXPORT_MODES = { FULL, INCREMENTAL } -- T, D
M.FREQUENCIES = {
  "ONCE", "DAILY", "EVERY_3_HOURS", "EVERY_6_HOURS", "EVERY_8_HOURS", "EVERY_12_HOURS", -- T, D
}
M.TRIGGERS = { SCHEDULED, AFTER } -- T, D
M.KEYS = { "frequency", "triggerType", "startDate", "startTime", "endDate" }

local HOURLY = "hourly" -- stands for the four EVERY_… in the table below

M.NONE = "none" -- stands for an absent triggerType

--- Hours between two exports; nil for what does not run every few hours.
---@param frequency string
---@return integer|nil
function M.hours(frequency) return math.tointeger(tonumber(frequency:match "^EVERY_(%d+)_HOURS$")) end

local NO_TRIGGER = "no triggerType: the tutorial's table asks for one with a full export, its own sample "
  .. "leaves it out; write SCHEDULED"

--- What is said of a startTime that has no effect.
M.STRAY_TIME = "has no effect after evaluation: the API description calls startTime not applicable, "
  .. "the tutorial asks for it always; leave it out"

--- The truth table. A row is one combination; the fields say "required", "forbidden" or "idle" (has no
--- effect). `error` rejects the combination, `warning` lets it pass and names both sides.
M.RULES = {
  { export = FULL, frequency = "ONCE", trigger = SCHEDULED, source = "T,D",
    startDate = "required", startTime = "required", endDate = "forbidden" },
  { export = FULL, frequency = "ONCE", trigger = M.NONE, source = "T", warning = NO_TRIGGER,
    startDate = "required", startTime = "required", endDate = "forbidden" },
  { export = FULL, frequency = "ONCE", trigger = AFTER, source = "D",
    startDate = "required", startTime = "idle", endDate = "forbidden" },
  { export = FULL, frequency = "DAILY", trigger = SCHEDULED, source = "T,D,UPD",
    startDate = "required", startTime = "required", endDate = "required" },
  { export = FULL, frequency = "DAILY", trigger = M.NONE, source = "T,UPD", warning = NO_TRIGGER,
    startDate = "required", startTime = "required", endDate = "required" },
  { export = FULL, frequency = "DAILY", trigger = AFTER, source = "UPD,D",
    startDate = "required", startTime = "idle", endDate = "required" },
  { export = FULL, frequency = HOURLY, source = "T,D,GRD",
    error = 'a full export runs ONCE or DAILY; every few hours needs export = '
      .. '"FIRST_FULL_THEN_INCREMENTAL"' },
  { export = INCREMENTAL, trigger = AFTER, source = "T,D,UI",
    error = 'AFTER_SEGMENT_EVAL goes with export = "DAILY_FULL_EXPORT" only; leave it out' },
  { export = INCREMENTAL, frequency = "ONCE", source = "T",
    error = 'an incremental export runs DAILY or every 3, 6, 8 or 12 hours; ONCE needs export = '
      .. '"DAILY_FULL_EXPORT"' },
  { export = INCREMENTAL, frequency = "DAILY", source = "T,D,UPD",
    startDate = "required", startTime = "required", endDate = "required" },
  { export = INCREMENTAL, frequency = HOURLY, source = "T,D",
    startDate = "required", startTime = "required", endDate = "required" },
}

--- The row of a combination of known words.
---@param export string
---@param frequency string
---@param trigger string|nil
---@return table
function M.row(export, frequency, trigger)
  local family = M.hours(frequency) and HOURLY or frequency
  for _, row in ipairs(M.RULES) do
    if row.export == export and (not row.frequency or row.frequency == family)
      and (not row.trigger or row.trigger == (trigger or M.NONE)) then
      return row
    end
  end
end

return M
