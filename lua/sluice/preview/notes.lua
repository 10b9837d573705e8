--- What a preview cannot promise: everything about names, times and contents that the documentation leaves open or
--- says in two ways. Data; the only code collects each note once.

local core = require "sluice.core"

local M = {}

---@class sluice.preview.note
---@field message string for people; names both sides of a contradiction
---@field source string where the rule comes from, "UNKNOWN" where nothing says it

--- Each note: its key, its text (a format where values follow), and its source.
local NOTES = {
  -- times
  { "planned", "The times in names are the planned ones, in UTC. Whether the service writes the planned moment or "
    .. "the actual one is not documented.", "UNKNOWN" },
  { "date_order", "Dates in names are shown as the placeholder spells them, year first; the user interface's "
    .. "guide describes them as month first.", "T,UI" },
  { "evaluated", "An export after evaluation has no hour known beforehand: HHmmss stands for it in file names, and "
    .. "today's may be over already. With flexible evaluation there may be several a day.", "D,UI" },
  { "begun", "The schedule has begun before now. The first export below is full if this is activated now; where it "
    .. "is running already, that export is incremental too.", "PEB,LEG" },
  { "changes", "An incremental file holds profiles whose membership changed; a changed attribute alone puts "
    .. "nobody into it. Who left the audience is in it too, for the membership's status is among the columns.",
    "PEB,LEG" },
  { "changes_without", "An incremental file holds profiles whose membership changed; a changed attribute alone puts "
    .. "nobody into it. Who left the audience is not in it: that takes the membership's status as a column.",
    "PEB,LEG" },
  { "daylight", "Exports keep to UTC: on this machine's clock their hour moves when daylight saving time begins or "
    .. "ends.", "T,D" },
  { "end_moment", "Whether an export planned for the very end still happens is not documented; it is left out here.",
    "UNKNOWN" },
  -- names
  { "blanks", "Blanks in names become underscores, as the tutorial shows it for the destination's name; for other "
    .. "names this is assumed.", "T,derived" },
  { "slash", "The name %s holds a slash; what the service makes of it in a file name is not documented.", "UNKNOWN" },
  { "too_long", "The name has %d characters, 255 are allowed. Whether that counts the template or the finished name "
    .. "is not documented: shorten it to be safe.", "UI" },
  { "same_name", "%s has files of the same name in the same folder: each overwrites the other. Put the audience's ID "
    .. "into the file name.", "derived" },
  { "ending", "The documentation names CSV files only; the ending %s is assumed.", "derived" },
  { "compressed", "How compressed files of audiences are named is not documented; the ending %s is assumed, after "
    .. "the names of dataset files.", "EXP,derived" },
  { "parts", "That parts are called _2, _3 … is documented for CSV files only.", "T,UI" },
  { "part_rows", "The given row count is taken for everybody in the audience, so only full exports are shown in "
    .. "parts: how many profiles an incremental one holds is not known beforehand.", "PEB" },
  { "path_macro", "Placeholders in folders are documented for Amazon S3 and Google Cloud Storage only; here they "
    .. "stay as they are.", "EXP" },
  -- placeholders
  { "{flow-id}", "{flow-id} stands for the dataflow's ID, which it gets when it is created.", "D" },
  { "{audience-id}", "{audience-id} stands for the ID of an audience given by name, looked up when this is "
    .. "applied.", "derived" },
  { "{audience-name}", "{audience-name} stands for the audience's name, which is not given here.", "derived" },
  { "{dataset-name}", "{dataset-name} stands for the dataset's name, which is not given here.", "D" },
  { "{organization-name}", "{organization-name} stands for the organisation's name, which is not given here.", "D" },
  { "{sandbox-name}", "{sandbox-name} stands for the sandbox, which is not given here.", "D" },
  { "{destination-name}", "{destination-name} stands for the destination's name, which the service knows.", "T" },
  { "{unix-seconds}", "{unix-seconds} stands for the time as ten digits, not known before the evaluation.", "D" },
  -- contents
  { "identity", "How the column of an identity is called is not documented; its namespace is assumed.", "UNKNOWN" },
  { "membership", "seg_namespace and seg_id in a column's name are shown as given; what the file's first line has in "
    .. "their place is not documented.", "UNKNOWN" },
  -- where
  { "container", "The folder lies in the landing zone's own container, whose name the service knows.", "AEPP" },
  { "unknown_type", "%s is not in the catalog: names, endings and columns are shown by the rules of the known "
    .. "destinations.", "derived" },
  -- datasets
  { "dataset_folder", "How a folder template and the target's own folder go together is not documented; the template "
    .. "is put below it.", "UNKNOWN" },
  { "dataset_mode", "No export mode is given; full first, then incremental is assumed, the only one there is for "
    .. "repeated exports.", "D,EXP" },
  { "no_plan", "Without both a schedule and a file name, what is exported here can only be told by the service.",
    "derived" },
  -- streams
  { "stream_status", "Older pages call the status of a member existing, newer ones realized.", "STR" },
}

local PLACE = {}
for i, note in ipairs(NOTES) do PLACE[note[1]] = i end

local Collection = {}
Collection.__index = Collection

--- An empty collection.
---@return table collection with `add` and `list`
function M.new()
  return setmetatable({}, Collection)
end

--- Is there a note of this key?
---@param key string
---@return boolean
function M.has(key) return PLACE[key] ~= nil end

--- Adds a note, unless the same one is there.
---@param key string
---@param ... any values of its format
function Collection:add(key, ...)
  local place = PLACE[key]
  local note = NOTES[place]
  local message = select("#", ...) > 0 and note[2]:format(...) or note[2]
  for _, present in ipairs(self) do
    if present.message == message then return end
  end
  self[#self + 1] = { message = message, source = note[3], place = place, turn = #self }
end

--- The notes in the order of the table above, whatever the order in which they came.
---@return sluice.preview.note[] a JSON array
function Collection:list()
  local sorted = table.move(self, 1, #self, 1, {})
  table.sort(sorted, function(a, b)
    if a.place ~= b.place then return a.place < b.place end
    return a.turn < b.turn
  end)
  local list = core.json.array {}
  for i, note in ipairs(sorted) do list[i] = { message = note.message, source = note.source } end
  return list
end

return M
