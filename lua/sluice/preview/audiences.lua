--- The exports of a destination's audiences, file by file.

local core = require "sluice.core"
local moments = require "sluice.preview.moments"
local names = require "sluice.preview.names"
local notes = require "sluice.preview.notes"
local schedule = require "sluice.activation.schedule"
local series = require "sluice.preview.series"
local suggest = require "sluice.suggest"

local M = {}

local FULL = "full"

local function macros_of(audience)
  return {
    SEGMENT_ID = audience.id or "{audience-id}",
    SEGMENT_NAME = audience.name and names.word(audience.name) or "{audience-name}",
  }
end

--- The target's folder for one audience. Macros in it are documented for the two cards with buckets only (EXP).
local function folder_of(making, values)
  local folder, used = making.folder, {}
  if not folder:find "%%SEGMENT_%u+%%" then return folder end
  if not making.path_macros then
    making.notes:add "path_macro"
    return folder
  end
  folder = folder:gsub("%%(SEGMENT_%u+)%%", function(macro)
    used[macro] = values[macro]
    return values[macro]
  end)
  series.note_macros(making, used)
  return folder
end

local function note_name(making, entry)
  local names_used = entry.filename .. (making.path_macros and making.folder or "")
  if not (entry.name and names_used:find("%SEGMENT_NAME%", 1, true)) then return end
  if entry.name:find "%s" then making.notes:add "blanks" end
  if entry.name:find "/" then entry.notes:add("slash", suggest.quote(entry.name)) end
end

local function note_length(entry, files)
  local longest = files[#files]
  local length = utf8.len(longest) or #longest
  if length > names.LONGEST then entry.notes:add("too_long", length) end
end

local function note_rows(making, mode, files)
  if #files > 1 and not making.csv then making.notes:add "parts" end
  if mode ~= FULL and making.rows then making.notes:add "part_rows" end
end

--- Files that two audiences would write under the same name.
local function note_same(making, entry, export)
  for _, file in ipairs(export.files) do
    local path = names.join(export.folder, file)
    local owner = making.written[path]
    if owner and owner ~= entry then entry.notes:add("same_name", suggest.quote(owner.name or owner.id)) end
    making.written[path] = owner or entry
  end
end

local function filler(making, entry, template)
  local own = macros_of(entry)
  local folder = folder_of(making, own)
  return function(export, epoch)
    local values = series.time_values(export.time, epoch)
    for macro, value in pairs(own) do values[macro] = value end
    local name, used = names.expand(template, series.values(making, values))
    export.folder = folder
    export.files = core.json.array(names.parts(name, making.ending, export.mode == FULL and making.rows or nil))
    series.note_macros(making, used)
    note_rows(making, export.mode, export.files)
    note_length(entry, export.files)
    note_same(making, entry, export)
  end
end

local function note_changes(making, entry)
  if entry.mode ~= "FIRST_FULL_THEN_INCREMENTAL" or #entry.exports == 0 then return end
  making.notes:add(making.exits and "changes" or "changes_without")
end

--- One audience with its next exports. Of a destination that only the service knows an audience may lack what exports
--- need.
---@param making sluice.preview.making
---@param audience table checked
---@return sluice.preview.entry
function M.entry(making, audience)
  local mode, plan = schedule.build(audience)
  local entry = { id = audience.id, name = audience.name, filename = audience.filename, mode = mode, schedule = plan,
    exports = core.json.array {}, notes = notes.new() }
  if plan and audience.filename then
    note_name(making, entry)
    series.add(making, entry, moments.of_audience(plan), filler(making, entry, audience.filename))
    note_changes(making, entry)
  else
    entry.notes:add "no_plan"
  end
  entry.notes = entry.notes:list()
  return entry
end

return M
