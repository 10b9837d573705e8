--- What passing through virtual time brought: the exports as a short table, or as a list for programs.

local calendar = require "sluice.emulator.calendar"
local core = require "sluice.core"
local text = require "sluice.cli.text"

local M = {}

local HEAD, TAIL = 10, 5 -- rows shown of a longer list

local function what(export)
  return export.status == "failed" and "failed" or export.mode
end

local function names_of(export)
  local names = {}
  for i, audience in ipairs(export.audiences) do names[i] = audience.name end
  return text.list(names)
end

--- The first file, and how many there are besides; for a stream or a failure who it was about.
local function place(export)
  local first, more = export.files[1], #export.files - 1
  if not first then return export.flow_name .. ": " .. names_of(export) end
  return more > 0 and ("%s and %d more"):format(first, more) or first
end

local function row(export)
  return ("%s  %-11s %10d  %s"):format(calendar.format(export.started, "people"), what(export), export.records,
    text.line(place(export)))
end

local function counted(made)
  local counts = { full = 0, incremental = 0, stream = 0, failed = 0, records = 0, files = 0 }
  for _, export in ipairs(made) do
    counts[what(export)] = counts[what(export)] + 1
    counts.records, counts.files = counts.records + export.records, counts.files + #export.files
  end
  return counts
end

local function plural(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

local function summary(made, folder)
  local counts, words = counted(made), {}
  for _, name in ipairs { "full", "incremental", "stream", "failed" } do
    if counts[name] > 0 then words[#words + 1] = counts[name] .. " " .. name end
  end
  local files = ""
  if counts.files > 0 then
    files = " in " .. plural(counts.files, "file")
      .. (folder and " below " .. text.line(folder) or ", not written without --exports DIR")
  end
  return ("%s (%s): %s%s"):format(plural(#made, "run"), table.concat(words, ", "), plural(counts.records, "record"),
    files)
end

--- The table for people.
---@param made sluice.emulator.Made[]
---@param span string as it was given, "31d"
---@param start integer milliseconds: where the clock stood
---@param folder? string where the files are
---@return string text of whole lines
function M.table(made, span, start, folder)
  local lines = { ("\nIn %s from %s UTC:"):format(span, calendar.format(start, "people")) }
  if #made == 0 then
    lines[2] = "no dataflow exported anything; their schedules may lie outside this time\n"
    return table.concat(lines, " ")
  end
  lines[2] = ("%-16s  %-11s %10s  %s"):format("began (UTC)", "export", "records", "file")
  local hidden = #made > HEAD + TAIL + 1 and #made - HEAD - TAIL or 0
  for i, export in ipairs(made) do
    if hidden > 0 and i == HEAD + 1 then lines[#lines + 1] = ("… %d more …"):format(hidden) end
    if hidden == 0 or i <= HEAD or i > HEAD + hidden then lines[#lines + 1] = row(export) end
  end
  lines[#lines + 1] = summary(made, folder)
  return table.concat(lines, "\n") .. "\n"
end

--- The list for programs: times as ISO 8601.
---@param made sluice.emulator.Made[]
---@return table list
function M.document(made)
  local list = core.json.array {}
  for i, export in ipairs(made) do
    local entry = {}
    for name, value in pairs(export) do entry[name] = value end
    entry.started, entry.completed = calendar.format(export.started, "iso"), calendar.format(export.completed, "iso")
    entry.audiences, entry.files = core.json.array(export.audiences), core.json.array(export.files)
    list[i] = entry
  end
  return list
end

return M
