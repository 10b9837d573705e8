--- Folders and file names of exports, as the destination would see them, and made safe for a file system.
--
-- Macros [T, UPD, D, EXP]. Blanks become "_": of the destination's name by a sample of UI, of the other names
-- by analogy. UNKNOWN, and chosen so: the ending of a compressed file of an audience (like that of a dataset,
-- EXP), an organization's name (here its ID without "@AdobeOrg"), the file names of datasets (random [EXP]).
local calendar = require "sluice.emulator.calendar"

local M = {}

local MAX_COMPONENT = 255 -- bytes of one name in a folder, on common file systems

local ENDINGS = {
  CSV = { NONE = ".csv", GZIP = ".csv.gz" },
  JSON = { NONE = ".json", GZIP = ".json.gz" },
  PARQUET = { NONE = ".parquet", GZIP = ".gz.parquet" },
}

--- What kind of file a job writes.
---@param job sluice.emulator.Job
---@return "CSV"|"JSON"|"PARQUET" format legacy cards write CSV only [T]
---@return "NONE"|"GZIP" compression
function M.format(job)
  local params = job.target.params
  local format = job.kind == "dataset" and params.datasetFileType or params.fileType
  return ENDINGS[format] and format or "CSV", params.compression == "GZIP" and "GZIP" or "NONE"
end

local function underscored(text) return (tostring(text):gsub("%s", "_")) end

local function macros(job, subject)
  local at = calendar.format(job.at, "stamp")
  return {
    DESTINATION_NAME = underscored(job.title), DESTINATION = underscored(job.title),
    SEGMENT_ID = subject.id, SEGMENT_NAME = underscored(subject.name),
    DATASET_ID = subject.id, DATASET_NAME = underscored(subject.name),
    ["DATETIME(YYYYMMdd_HHmmss)"] = at, TIMESTAMP = tostring(job.at // calendar.SECOND),
    EXPORT_TIME = "exportTime=" .. calendar.format(job.at, "minute"),
    DESTINATION_INSTANCE_ID = job.flow.id, DESTINATION_INSTANCE_NAME = underscored(job.flow.name),
    ORGANIZATION_NAME = underscored((job.scope.org:gsub("@AdobeOrg$", ""))),
    SANDBOX_NAME = underscored(job.scope.sandbox),
  }
end

-- Text of one's own may stand between percent signs [UPD]: it loses them.
local function expand(template, values)
  return (template:gsub("%%([^%%]*)%%", function(name) return values[name] or name end))
end

local function percent(text)
  return (text:gsub(".", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- The digest keeps names apart that begin alike.
local function shortened(text, ids)
  if #text <= MAX_COMPONENT then return text end
  local ending = text:match "(%.%w+%.?%w*)$" or ""
  local tail = "~" .. ids:digits("name " .. text):sub(1, 8) .. (#ending < 20 and ending or "")
  local last = MAX_COMPONENT - #tail
  while text:byte(last + 1) & 0xC0 == 0x80 do last = last - 1 end -- whole characters
  return text:sub(1, last) .. tail
end

--- Makes one name of a folder or file fit for a file system: what would lead elsewhere or steer a terminal is
--- percent-encoded, and a name that is too long ends in a digest.
---@param text string
---@param ids table source of ids
---@return string
function M.safe(text, ids)
  text = text:gsub("[%c/]", percent)
  if text == "." or text == ".." then text = percent(text) end
  return shortened(text, ids)
end

local function safe_path(text, ids)
  local parts = {}
  for part in text:gmatch "[^/]+" do parts[#parts + 1] = M.safe(part, ids) end
  return table.concat(parts, "/")
end

local function joined(...)
  local parts = {}
  for _, part in ipairs { ... } do
    if part ~= "" then parts[#parts + 1] = part end
  end
  return table.concat(parts, "/")
end

local function text_or_empty(value) return type(value) == "string" and value or "" end

--- The folder of an export, without a leading or trailing "/".
---@param job sluice.emulator.Job
---@param subject sluice.emulator.Subject
---@param ids table source of ids
---@return string
function M.folder(job, subject, ids)
  local params, values = job.target.params, macros(job, subject)
  local path = text_or_empty(params.path or params.remotePath)
  if params.bucketName then -- only these cards have macros in their path [EXP]
    path = path:gsub("%%SEGMENT_NAME%%", function() return values.SEGMENT_NAME end)
      :gsub("%%SEGMENT_ID%%", function() return values.SEGMENT_ID end)
  end
  local folder = joined(text_or_empty(params.bucketName or params.container), path)
  if job.kind == "dataset" then
    local template = job.flow.scheduleParams and job.flow.scheduleParams.foldernameTemplate
    folder = joined(folder, expand(text_or_empty(template or "%DATASET_ID%/%EXPORT_TIME%"), values))
  end
  return safe_path(folder, ids)
end

--- The name of a file of an export.
---@param job sluice.emulator.Job
---@param subject sluice.emulator.Subject
---@param part integer 1 for the first file, which has no number
---@param ids table source of ids
---@return string
function M.file(job, subject, part, ids)
  local format, compression = M.format(job)
  local name
  if job.kind == "dataset" then
    name = "part-" .. ids:uuid(("file %s %s"):format(job.key, subject.id))
  else
    local value = subject.value
    name = expand(text_or_empty(value.filenameTemplate or value.fileNameTemplate), macros(job, subject))
    if name == "" then name = expand("%DESTINATION_NAME%_%SEGMENT_ID%", macros(job, subject)) end
  end
  local number = part > 1 and "_" .. part or ""
  return M.safe(name .. number .. ENDINGS[format][compression], ids)
end

return M
