--- The one entity that a word of the command line means: by its ID, or by its exact name, among entities of some kinds.

local core = require "sluice.core"
local find = require "sluice.dataflow.find"
local suggest = require "sluice.suggest"
local tasks = require "sluice.tasks"

local M = {}

local NEIGHBOURS = 1000 -- names of a kind that are looked at for one that is near

--- What an entity of each kind is called.
---@type table<string, string>
M.NOUNS = { flows = "dataflow", connections = "account", source_connections = "source connection",
  target_connections = "target connection", connection_specs = "connection spec", flow_specs = "flow spec",
  runs = "run", audiences = "audience", sandboxes = "sandbox" }

local MANY = 4 -- kinds that are told one by one

--- "dataflow or account".
local function nouns(kinds)
  local words = {}
  for i, kind in ipairs(kinds) do words[i] = M.NOUNS[kind] end
  if #words < 3 then return table.concat(words, " or ") end
  return table.concat(words, ", ", 1, #words - 1) .. " or " .. words[#words]
end

local function is_missing(failure) return core.error.is(failure, "service") and failure.status == 404 end

--- One kind's entity of this ID, as a list.
local function by_id(collection, id)
  if collection.name == "sandboxes" then return {} end
  local ok, item = pcall(collection.get, collection, id)
  if ok then return { item } end
  if is_missing(item) then return {} end
  error(item, 0)
end

local function by_name(collection, name)
  if collection.name == "runs" then return {} end -- runs have no names
  return collection:list { where = { name = name } }
end

--- Looks in all kinds at once. A kind that may not be read keeps nobody from what is found among the others, unless all
--- have to be looked through.
---@return { kind: string, item: table }[]
local function look(aep, kinds, search, text, in_all)
  local found, closed = {}, nil
  local lists = tasks.map(kinds, function(kind)
    local ok, list = pcall(search, aep[kind], text)
    if ok then return list end
    if not (core.error.is(list, "service") and list.status == 403) then error(list, 0) end
    closed = closed or list
    return {}
  end)
  for i, kind in ipairs(kinds) do
    for _, item in ipairs(lists[i]) do found[#found + 1] = { kind = kind, item = item } end
  end
  if closed and (in_all or #found == 0) then error(closed, 0) end
  return found
end

--- The first names of a kind. What the service cannot tell is left out: names that are near only help.
local function names_of(collection)
  local names = {}
  if collection.name == "runs" then return names end
  local ok, failure = pcall(function()
    for item in collection:each() do
      if #names == NEIGHBOURS then break end
      names[#names + 1] = type(item.name) == "string" and item.name or nil
    end
  end)
  if ok or core.error.is(failure, "service") or core.error.is(failure, "http") then return names end
  error(failure, 0)
end

--- Names that there are, in the order of the kinds.
local function known_names(aep, kinds)
  local all = {}
  for _, names in ipairs(tasks.map(kinds, function(kind) return names_of(aep[kind]) end)) do
    table.move(names, 1, #names, #all + 1, all)
  end
  return all
end

local function not_found(aep, kinds, text)
  local is_id = find.is_id(text)
  local near = not is_id and suggest.nearest(text, known_names(aep, kinds))
  local what = #kinds > MANY and (is_id and "nothing has" or "nothing is")
    or ("there is no %s%s"):format(nouns(kinds), is_id and " with" or "")
  local place = kinds[1] == "sandboxes" and #kinds == 1 and "" or " in sandbox " .. aep.sandbox
  local which = is_id and "the ID " .. text or "called " .. suggest.quote(text)
  local hint = near and ("; did you mean %s?"):format(suggest.quote(near)) or ""
  core.error.raise("service", ("%s %s%s%s"):format(what, which, place, hint), { code = "not_found" })
end

--- A candidate as messages tell it: "dataflow 0b4d… (enabled)".
local function candidate(entry)
  local item = entry.item
  local state = item.state or item.lifecycleState
  return ("%s %s%s"):format(M.NOUNS[entry.kind], tostring(item.id or item.name),
    type(state) == "string" and (" (%s)"):format(state) or "")
end

local function ambiguous(found, text)
  local words, items = {}, {}
  for i, entry in ipairs(found) do words[i], items[i] = candidate(entry), entry.item end
  core.error.raise("service", ("%d are called %s: %s"):format(#found, suggest.quote(text), suggest.some(words)),
    { code = "ambiguous", candidates = items, hint = "say which by its ID" })
end

--- Finds the entity.
---@param aep sluice.Client
---@param kinds string[] fields of the client: { "flows", "connections", … }
---@param text string an ID, or an exact name
---@param in_all? boolean a name counts only where all kinds can be read: others of that name may be in the rest
---@return string kind
---@return table item
--- Raises kind "usage" for no text, kind "service" with code "not_found" or "ambiguous"; `candidates` are the items.
function M.resolve(aep, kinds, text, in_all)
  if not text:find "%S" then
    local known = nouns(kinds)
    core.error.raise("usage", ("expected %s, got nothing"):format(#kinds > MANY and "an ID or an exact name"
      or ("the ID or the exact name of %s %s"):format(known:find "^[aeiou]" and "an" or "a", known)))
  end
  local found = find.is_id(text) and look(aep, kinds, by_id, text) or {}
  if #found == 0 then found = look(aep, kinds, by_name, text, in_all) end
  if #found == 0 then not_found(aep, kinds, text) end
  if #found > 1 then ambiguous(found, text) end
  return found[1].kind, found[1].item
end

return M
