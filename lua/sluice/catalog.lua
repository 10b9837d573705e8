--- The destinations known by name: spec IDs, ways to authenticate, target parameters, flow specs. Data; the only
--- code is look-up. Each fact names its source, by the tags of `sources`.
--- The spec documents of a real organisation have the last word; `destination` asks for them before it
--- creates anything.

local M = {}

---@class sluice.catalog.auth
---@field name string specName, exact to the letter
---@field also string|nil the name some organisations' spec has in its place
---@field mode string|nil the target mode it goes with; nil where targets have no mode
---@field params sluice.catalog.param[]
---@field source string

---@class sluice.catalog.mode
---@field name string|nil `params.mode` of the target; nil where none is sent
---@field params sluice.catalog.param[]
---@field doubts { where: table<string, string>, param: string, says: string, source: string }[]|nil combinations
---  that one source forbids and another shows
---@field source string

---@class sluice.catalog.system
---@field title string
---@field shape "legacy"|"v2"|"streaming" how its connections and dataflows are built
---@field connection_spec string ID
---@field flow_spec { id: string|nil, name: string|nil, source: string } of audiences; by ID, or to be looked up
---@field dataset_flow_spec { id: string, source: string }|nil of datasets; nil when it takes none
---@field replaced_by { type: string, source: string }|nil the entry that took its place
---@field auth sluice.catalog.auth[] empty: no credentials at all
---@field modes sluice.catalog.mode[]
---@field source string

---@type table<string, sluice.catalog.system>
M.systems = {}

--- What the tags of sources stand for.
M.sources = {
  T = "tutorial for batch destinations",
  D = "Destinations API description",
  ACT = "guide to file-based activation",
  EXP = "guide to dataset export",
  MIG = "guide for the move to the newer cloud-storage cards",
  STR = "guide to streaming destinations",
  FMT = "page on file formatting options",
  AEPP = "aepp, a client in Python",
  CARD = "the destination's own page",
  UI = "page on activation in the user interface",
  SPEC = "the organisation's own spec document",
  derived = "a conclusion, in no source",
}

--- The systems' keys in the order listings show them.
---@type string[]
M.keys = {}

for _, part in ipairs { "tutorial", "storage", "streaming" } do
  local group = require("sluice.catalog." .. part)
  table.move(group.keys, 1, #group.keys, #M.keys + 1, M.keys)
  for key, system in pairs(group.systems) do M.systems[key] = system end
end

--- Where audiences come from: the Profile Store (Unified Profile Service), the source of every audience
--- dataflow (T).
M.profile_store = {
  title = "Profile Store", source = "T",
  connection_spec = "8a9c3494-9708-43d7-ae3f-cda01e5030e1",
}

--- Where datasets come from: the source of every dataset dataflow.
M.data_lake = {
  title = "Data Lake", source = "EXP,AEPP",
  connection_spec = "23598e46-f560-407b-88d5-ea6207e49db0",
}

--- The version every spec reference carries (D).
M.spec_version = "1.0"

local by_id, by_title = {}, {}
for _, key in ipairs(M.keys) do
  local system = M.systems[key]
  by_id[system.connection_spec] = key
  by_title[system.title] = by_title[system.title] or {}
  table.insert(by_title[system.title], key)
end

--- The keys a destination's type may mean: the key itself, the ID of a connection spec, or a title, which two
--- entries may share.
---@param type any
---@return string[] keys empty when the catalog does not know it
function M.keys_of(type)
  if M.systems[type] then return { type } end
  if by_id[type] then return { by_id[type] } end
  return by_title[type] or {}
end

--- The entry of a list of named things.
---@generic T
---@param list T[] entries with a `name`
---@param name any
---@return T|nil
function M.named(list, name)
  for _, entry in ipairs(list) do
    if entry.name == name then return entry end
  end
end

--- The names of a list of named things, in its order.
---@param list { name: string }[]
---@return string[]
function M.names(list)
  local names = {}
  for i, entry in ipairs(list) do names[i] = entry.name end
  return names
end

return M
