--- How many records an export has. All figures are invented, but always the same for a seed: an audience has
-- a size, changes a little each day, and loses some records to mandatory fields.
local calendar = require "sluice.emulator.calendar"

local M = {}

local SMALLEST, LARGEST = 2000, 10000000 -- profiles of an audience; about one in twelve needs split files
local SWING = 0.02 -- a full export differs from the audience's size by up to half of this
local SLOWEST, FASTEST = 0.002, 0.02 -- part of an audience that changes in a day
local LEAST_SKIPPED, MOST_SKIPPED = 0.001, 0.008 -- part of the records that lacks a mandatory field

--- A number from 0 up to, but not including, 1 that belongs to a name.
---@param ids table source of ids
---@param name string
---@return number
function M.fraction(ids, name)
  return tonumber(ids:digits("volume " .. name):sub(1, 8), 16) / 0x100000000
end

local function between(low, high, fraction) return low + (high - low) * fraction end

local function size(ids, subject)
  return SMALLEST * (LARGEST / SMALLEST) ^ M.fraction(ids, "size " .. subject.id)
end

local function records(ids, job, subject)
  local at = ("%s %d"):format(subject.id, job.at)
  if job.mode == "full" then
    return size(ids, subject) * (1 - SWING * M.fraction(ids, "swing " .. at))
  end
  local rate = between(SLOWEST, FASTEST, M.fraction(ids, "rate " .. subject.id))
  return size(ids, subject) * rate * job.step / calendar.DAY * between(0.5, 1.5, M.fraction(ids, "part " .. at))
end

---@class sluice.emulator.Volume
---@field input integer records read
---@field skipped integer without a mandatory field
---@field created integer records written

--- The counts of one audience or dataset in one export.
---@param ids table source of ids
---@param job sluice.emulator.Job
---@param subject sluice.emulator.Subject
---@return sluice.emulator.Volume
function M.of(ids, job, subject)
  local input = math.max(1, math.floor(records(ids, job, subject)))
  local skipped = 0
  if #job.mandatory > 0 then
    local part = between(LEAST_SKIPPED, MOST_SKIPPED, M.fraction(ids, "skip " .. subject.id))
    skipped = math.min(input - 1, math.ceil(input * part))
  end
  return { input = input, skipped = skipped, created = input - skipped }
end

--- Whether a run fails.
---@param ids table source of ids
---@param job sluice.emulator.Job
---@param percent integer of all runs
---@return boolean
function M.fails(ids, job, percent)
  return M.fraction(ids, "failure " .. job.key) * 100 < percent
end

--- How long a run takes.
---@param ids table source of ids
---@param job sluice.emulator.Job
---@return integer ms some minutes
function M.duration(ids, job)
  local shortest, longest = 4 * calendar.MINUTE, 25 * calendar.MINUTE
  if job.kind == "stream" then shortest, longest = calendar.MINUTE // 2, 3 * calendar.MINUTE end
  local ms = between(shortest, longest, M.fraction(ids, "duration " .. job.key))
  return math.floor(ms) // calendar.SECOND * calendar.SECOND
end

return M
