--- Writes the files of exports below a folder of this machine, where otherwise a destination would receive
-- them. A file holds a few invented rows; how many records there would be is in the run's metrics.
local core = require "sluice.core"
local columns = require "sluice.emulator.columns"
local formats = require "sluice.emulator.formats"
local people = require "sluice.emulator.people"
local places = require "sluice.emulator.places"

local M = {}

local MAX_RECORDS = 5000000 -- of a file of an audience, then it is split [GRD, T]
local PROBE = ".sluice-can-write" -- made and removed once, so that a folder without leave is found at the start

local Exporter = {}
Exporter.__index = Exporter

local function fail(path, reason)
  reason = tostring(reason):gsub("^.*: ", "")
  core.error.raise("io", ("cannot write the export %s: %s"):format(path, reason))
end

local function write(path, text)
  local file, reason = io.open(path, "wb")
  if not file then fail(path, reason) end
  local written
  written, reason = file:write(text)
  local closed, late = file:close() -- a full disk may show here only
  if not written or not closed then fail(path, reason or late) end
end

--- Makes an exporter.
---@param folder? string where files go; nil: file names are made, files are not
---@param rows integer most rows of a file
---@return table exporter
--- Raises kind "io" when the folder cannot be made or written to.
function M.new(folder, rows)
  local self = setmetatable({ folder = folder, rows = rows, made = {} }, Exporter)
  if folder then
    core.files.make_folder(folder)
    write(folder .. "/" .. PROBE, "")
    os.remove(folder .. "/" .. PROBE)
  end
  return self
end

function Exporter:make(folder)
  if not self.made[folder] then core.files.make_folder(folder) end
  self.made[folder] = true
end

-- Whether the values of a V2 card stand in quotes by default is contested, hence an option.
local function default_quote(rq, job)
  return job.target.params.fileType and rq.options.csv_quote_default == "none" and "" or nil
end

-- The text of a file, and what its name gets when it only stands for the file.
local function content(self, rq, job, subject, part, records)
  local format, compression = places.format(job)
  local names = columns.of(job)
  if format == "PARQUET" then
    return formats.description(places.file(job, subject, part, rq.ids), names, records), ".txt"
  end
  local rows = people.rows(rq.ids, job, subject, names, (part - 1) * MAX_RECORDS + 1, math.min(self.rows, records))
  local text = format == "CSV" and formats.csv(names, rows, job.target.params.csvOptions, default_quote(rq, job))
    or formats.json(names, rows)
  return compression == "GZIP" and formats.gzip(text) or text, ""
end

--- How many files an export of an audience or dataset has. That datasets are not split is UNKNOWN.
local function parts_of(job, records)
  return job.kind == "dataset" and 1 or math.max(1, (records + MAX_RECORDS - 1) // MAX_RECORDS)
end

local function write_part(self, rq, job, subject, part, records)
  local folder, name = places.folder(job, subject, rq.ids), places.file(job, subject, part, rq.ids)
  local path = folder == "" and name or folder .. "/" .. name
  if self.folder then
    local text, ending = content(self, rq, job, subject, part, records)
    local place = self.folder .. (folder == "" and "" or "/" .. folder)
    self:make(place)
    write(place .. "/" .. places.safe(name .. ending, rq.ids), text)
  end
  return path
end

--- Writes the files of a job.
---@param rq sluice.emulator.Request
---@param job sluice.emulator.Job
---@param volumes sluice.emulator.Volume[] one a subject
---@return string[] paths below the folder, as the destination would see them
--- Raises kind "io".
function Exporter:export(rq, job, volumes)
  local paths = {}
  for i, subject in ipairs(job.subjects) do
    local left = volumes[i].created
    for part = 1, parts_of(job, left) do
      local records = part < parts_of(job, volumes[i].created) and MAX_RECORDS or left
      paths[#paths + 1] = write_part(self, rq, job, subject, part, records)
      left = left - records
    end
  end
  return paths
end

return M
