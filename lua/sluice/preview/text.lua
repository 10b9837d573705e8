--- A preview as a page for people: 80 columns, one block an audience, no word of the API's own.

local dates = require "sluice.activation.dates"
local moments = require "sluice.preview.moments"
local names = require "sluice.preview.names"

local M = {}

local WIDTH = 80 -- columns
local MARGIN = 14 -- columns of a label, with the two before it
local SHOWN_PARTS = 4 -- parts of one file that are listed

local Page = {}
Page.__index = Page

local function width_of(text) return utf8.len(text, 1, -1, true) or #text end

--- Text from elsewhere as one line that cannot steer a terminal.
local function plain(value)
  return (tostring(value):gsub("[%c]", " "):gsub("\xC2[\x80-\x9F]", " "))
end

function Page:line(format, ...)
  self[#self + 1] = select("#", ...) > 0 and format:format(...) or format
end

--- Pieces filled into lines; a piece that is too wide gets a line of its own.
local function fill(pieces, joint, width)
  local lines = {}
  for _, piece in ipairs(pieces) do
    local last = lines[#lines]
    if last and width_of(last) + #joint + width_of(piece) <= width then
      lines[#lines] = last .. joint .. piece
    else
      lines[#lines + 1] = piece
    end
  end
  return lines
end

local function words_of(text)
  local words = {}
  for word in text:gmatch "%S+" do words[#words + 1] = word end
  return words
end

--- Lines behind a label; further ones are put under the first.
function Page:put(label, lines)
  local margin = (" "):rep(MARGIN)
  for i, line in ipairs(lines) do
    local head = i == 1 and ("  " .. label .. (" "):rep(MARGIN - 2 - #label)) or margin
    self:line("%s%s", head, line)
  end
end

function Page:field(label, text)
  self:put(label, fill(words_of(plain(text)), " ", WIDTH - MARGIN))
end

--- A list of pieces that stay together, joined as they stand.
function Page:pieces(label, pieces)
  self:put(label, fill(pieces, "", WIDTH - MARGIN))
end

function Page:bullet(text)
  for i, line in ipairs(fill(words_of(plain(text)), " ", WIDTH - 4)) do
    self:line("%s%s", i == 1 and "  - " or "    ", line)
  end
end

-- ── times ──────────────────────────────────────────────────────────────────────────────────────────────────

local DAY, MINUTE = "%a %Y-%m-%d", "%a %Y-%m-%d %H:%M"

local function day_name(time) return moments.utc(dates.seconds(time.day), DAY) end

--- Is the local zone UTC at all times shown? Then one column does.
local function is_utc(entry)
  for _, export in ipairs(entry.exports) do
    if export.time.offset ~= nil and export.time.offset ~= 0 then return false end
  end
  return true
end

local function moment(time, utc_only)
  if time.after_evaluation then return day_name(time) .. " after the audience's evaluation" end
  local utc = moments.utc(time.epoch, MINUTE) .. " UTC"
  if utc_only then return utc end
  return ("%s   %s %s"):format(utc, moments.utc(time.epoch + time.offset, MINUTE), plain(time.zone))
end

local OFTEN = { ONCE = "once", DAILY = "every day" }

--- How often, in the words of either kind of schedule.
local function often(schedule)
  if schedule.frequency then
    local hours = schedule.frequency:match "^EVERY_(%d+)_HOURS$"
    return hours and ("every %s hours"):format(hours) or OFTEN[schedule.frequency]
  end
  if schedule.interval == 0 then return "once" end
  if schedule.timeUnit == "hour" then return ("every %d hours"):format(schedule.interval) end
  return "every day"
end

local function times_of(count) return count == 1 and "1 export" or ("%d exports"):format(count) end

--- "every day, first on Tue 2030-01-01 at 02:00 UTC, last on Mon 2030-12-30; 364 exports".
local function rhythm(entry)
  local how, first, last = often(entry.schedule), entry.first, entry.last
  if entry.count == 0 then return "never: the end day itself is left out, and it is the first day" end
  local function at(time)
    return day_name(time) .. (time.epoch and (" at %s UTC"):format(moments.utc(time.epoch, "%H:%M")) or "")
  end
  if first.after_evaluation then how = how .. " after the audience's evaluation" end
  if entry.count == 1 and how:find "^once" then return ("%s, on %s"):format(how, at(first)) end
  local text = ("%s, first on %s"):format(how, at(first))
  if not last then return text end
  local excluded = entry.schedule.endDate and (" (the end day, %s, is left out)"):format(entry.schedule.endDate) or ""
  return ("%s, last on %s%s; %s in all"):format(text, at(last), excluded, times_of(entry.count))
end

--- The line above the exports: how many of how many.
local function heading(entry)
  local shown, left = #entry.exports, entry.left
  if shown == 0 then
    return entry.count == 0 and "Nothing will be exported." or "The schedule is over: nothing will be exported."
  end
  if shown == 1 and left == 1 then return entry.count == 1 and "The only export:" or "The last export:" end
  if shown == left then return ("The %d exports to come:"):format(shown) end
  if shown == 1 then return "The next export:" end
  return ("The next %d exports:"):format(shown)
end

-- ── blocks ─────────────────────────────────────────────────────────────────────────────────────────────────

local CONTENT = {
  DAILY_FULL_EXPORT = "full: everybody in the audience",
  FIRST_FULL_THEN_INCREMENTAL = "the first one full (everybody in the audience), the others incremental (only whose "
    .. "membership changed)",
}
local DATASET_CONTENT = {
  DAILY_FULL_EXPORT = "full: all records",
  FIRST_FULL_THEN_INCREMENTAL = "the first one full (all records), the others incremental (what is new)",
}

--- The files of an export; of many parts the first ones and the last.
local function shown_files(files)
  if #files <= SHOWN_PARTS then return files end
  local shown = table.move(files, 1, SHOWN_PARTS - 2, 1, {})
  shown[#shown + 1] = ("… %d more parts …"):format(#files - SHOWN_PARTS + 1)
  shown[#shown + 1] = files[#files]
  return shown
end

local function add_exports(page, entry, utc_only, ending)
  local digits = #tostring(#entry.exports)
  local margin = (" "):rep(digits + 4)
  for i, export in ipairs(entry.exports) do
    page:line("  %" .. digits .. "d  %s   %s", i, moment(export.time, utc_only), export.mode)
    for _, file in ipairs(shown_files(export.files)) do page:line("%s%s", margin, plain(file)) end
    if ending then page:line("%s%s/", margin, plain(export.folder)) end
  end
end

--- The heading of a block: "Audience 2 of 3: New customers".
local function title(what, entry, i, count)
  local place = count > 1 and (" %d of %d"):format(i, count) or ""
  return ("%s%s: %s"):format(what, place, plain(entry.name or entry.id))
end

local function add_id(page, entry)
  if entry.id and entry.name then page:field("ID", entry.id) end
end

local function add_entry_notes(page, entry)
  for i, note in ipairs(entry.notes) do
    if i == 1 then page:line "" end
    page:bullet(note.message)
  end
end

--- Times, content, exports and notes of one audience or dataset.
local function add_schedule(page, entry, content, ending)
  if not entry.first then -- nothing is known about exports
    add_entry_notes(page, entry)
    return
  end
  page:field("When", rhythm(entry))
  page:field("Content", content[entry.count == 1 and "DAILY_FULL_EXPORT" or entry.mode])
  if not ending and entry.exports[1] then page:put("Folder", { plain(entry.exports[1].folder) }) end
  page:line ""
  page:line("  %s", heading(entry))
  if #entry.exports > 0 then page:line "" end
  add_exports(page, entry, is_utc(entry), ending)
  add_entry_notes(page, entry)
end

local BLOCKS = {}

function BLOCKS.files(page, preview)
  for i, entry in ipairs(preview.audiences) do
    page:line("\n%s\n", title("Audience", entry, i, #preview.audiences))
    add_id(page, entry)
    add_schedule(page, entry, CONTENT)
  end
end

function BLOCKS.datasets(page, preview)
  for i, entry in ipairs(preview.datasets) do
    page:line("\n%s\n", title("Dataset", entry, i, #preview.datasets))
    add_id(page, entry)
    add_schedule(page, entry, DATASET_CONTENT, preview.file.ending)
  end
end

function BLOCKS.stream(page, preview)
  for i, entry in ipairs(preview.audiences) do
    page:line("\n%s\n", title("Audience", entry, i, #preview.audiences))
    add_id(page, entry)
    page:field("When", "as profiles enter or leave the audience, without a schedule; 95 of 100 messages within 10 "
      .. "minutes")
    page:field("Message", ("the fields above, the profile's identities, and for audience %s whether the profile is "
      .. "in it and since when"):format(entry.id or entry.name))
    add_entry_notes(page, entry)
  end
end

-- ── the page ───────────────────────────────────────────────────────────────────────────────────────────────

--- Names with what stands between them, so that a line breaks behind it.
local function pieces(list, joint)
  local made = {}
  for i, name in ipairs(list) do made[i] = plain(name) .. (i < #list and joint or "") end
  return made
end

local SHOWN_AS = { ["\t"] = "⇥" } -- what would not be seen

local function add_columns(page, preview)
  local joint = preview.file and preview.file.delimiter
  if #preview.header == 0 then
    page:field("Columns", "none")
  elseif joint then
    page:pieces("Columns", pieces(preview.header, SHOWN_AS[joint] or joint))
  else
    page:put("Fields", fill(pieces(preview.header, ","), " ", WIDTH - MARGIN))
  end
  if #preview.mandatory > 0 then
    page:field("Left out", "profiles without " .. table.concat(preview.mandatory, " or without "))
  end
  if #preview.deduplicate > 0 then
    page:field("Doubles", ("one row for each %s: the profile that qualified last")
      :format(table.concat(preview.deduplicate, " and ")))
  end
end

local FILES = { CSV = "CSV, with the columns' names as first line", JSON = "JSON", PARQUET = "Parquet" }

--- 26000000 → "26,000,000".
local function grouped(number)
  return (tostring(number):reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
end

--- How the two columns of times are to be read; nothing where no time is shown.
local function add_times(page, entries)
  local is_timed, is_local = false, false
  for _, entry in ipairs(entries) do
    local export = entry.exports[1]
    is_timed = is_timed or export ~= nil and export.time.epoch ~= nil
    is_local = is_local or not is_utc(entry)
  end
  if is_timed then
    page:field("Times", is_local and "first in UTC, then in local time" or "in UTC, which is the local time here")
  end
end

local HEADS = {}

function HEADS.files(page, preview)
  local tabs = preview.file.delimiter == "\t" and ", separated by tabs (⇥)" or ""
  page:field("Files", (FILES[preview.file.type] or preview.file.type) .. tabs)
  if preview.rows then
    page:field("Rows", ("%s in each audience, as given; a file holds %s at most"):format(grouped(preview.rows),
      grouped(names.ROWS_PER_FILE)))
  end
  add_columns(page, preview)
  add_times(page, preview.audiences)
end

function HEADS.datasets(page, preview)
  page:field("Files", ("%s, with random names that end in %s"):format(FILES[preview.file.type] or preview.file.type,
    preview.file.ending))
  add_times(page, preview.datasets)
end

function HEADS.stream(page, preview)
  local names_of_stream, words = {}, {}
  for name in pairs(preview.stream) do names_of_stream[#names_of_stream + 1] = name end
  table.sort(names_of_stream)
  for _, name in ipairs(names_of_stream) do words[#words + 1] = name .. " " .. preview.stream[name] end
  page:field("Files", "none: profiles are sent as JSON messages")
  if #words > 0 then page:field("Sent to", table.concat(words, ", ")) end
  add_columns(page, preview)
end

local function add_list(page, heading_text, list, text_of)
  if #list == 0 then return end
  page:line("\n%s\n", heading_text)
  for _, item in ipairs(list) do page:bullet(text_of(item)) end
end

--- The page of a preview.
---@param preview sluice.preview
---@return string text ends with a newline
function M.page(preview)
  local page = setmetatable({}, Page)
  page:line("%s: what will be exported\n", plain(preview.name))
  page:field("To", preview.title)
  HEADS[preview.kind](page, preview)
  BLOCKS[preview.kind](page, preview)
  add_list(page, "Warnings", preview.warnings, function(warning)
    return warning.message .. (warning.place ~= "" and (" (%s)"):format(warning.place) or "")
  end)
  add_list(page, "Not certain", preview.notes, function(note) return note.message end)
  return table.concat(page, "\n") .. "\n"
end

return M
