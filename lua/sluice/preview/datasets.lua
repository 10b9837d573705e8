--- The exports of a destination's datasets, folder by folder: the files in them get random names (EXP).

local core = require "sluice.core"
local moments = require "sluice.preview.moments"
local names = require "sluice.preview.names"
local notes = require "sluice.preview.notes"
local schedule = require "sluice.activation.schedule"
local series = require "sluice.preview.series"

local M = {}

local USUAL = "%DATASET_ID%/%EXPORT_TIME%" -- what the service takes without a template (D, EXP)
local ONCE, AGAIN = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"

local function note_params(making, params)
  if params.foldernameTemplate then making.notes:add "dataset_folder" end
  if params.exportMode == nil then making.notes:add "dataset_mode" end
  if params.endTime and params.interval > 0 then making.notes:add "end_moment" end
end

local function filler(making, dataset, template)
  local own = { DATASET_ID = dataset.id, DATASET_NAME = dataset.name and names.word(dataset.name) or "{dataset-name}" }
  return function(export, epoch)
    local values = series.time_values(export.time, epoch)
    for macro, value in pairs(own) do values[macro] = value end
    local folder, used = names.expand(template, series.values(making, values))
    export.folder, export.files = names.join(making.folder, folder), core.json.array {}
    series.note_macros(making, used)
  end
end

--- All datasets with their next exports.
---@param making sluice.preview.making
---@param definition table checked, with datasets and schedule
---@return sluice.preview.entry[] a JSON array
function M.entries(making, definition)
  local params = schedule.build_datasets(definition.schedule, definition.folder)
  local mode = params.exportMode or (params.interval > 0 and AGAIN or ONCE)
  local entries = core.json.array {}
  for i, dataset in ipairs(definition.datasets) do
    local entry = { id = dataset.id, name = dataset.name, filename = params.foldernameTemplate, mode = mode,
      schedule = params, notes = notes.new() }
    making.blanks.DATASET_NAME = making.blanks.DATASET_NAME or dataset.name and dataset.name:find "%s"
    series.add(making, entry, moments.of_datasets(params), filler(making, dataset, params.foldernameTemplate or USUAL))
    entry.notes = entry.notes:list()
    entries[i] = entry
  end
  note_params(making, params)
  return entries
end

return M
