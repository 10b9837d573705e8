--- Changes of a live dataflow's attributes: add, remove, replace, set. What the dataflow is to have is worked out in
--- the words of a definition; the difference becomes the patch. A V2 dataflow gets a new mapping set.

local attribute = require "sluice.activation.attribute"
local change = require "sluice.dataflow.change"
local columns = require "sluice.dataflow.columns"
local core = require "sluice.core"
local findings = require "sluice.findings"
local mapping = require "sluice.dataflow.mapping"
local streaming = require "sluice.destination.shapes.streaming"
local suggest = require "sluice.suggest"

local M = {}

local same, label = columns.same, columns.label

--- An entry of a definition in full.
local function entry_of(item)
  if type(item) ~= "table" then return { path = item } end
  local entry = {}
  for key, value in pairs(item) do entry[key] = value end
  local namespace = type(entry.path) == "string" and entry.path:match "^identityMap%.(.+)$"
  if namespace then entry.path, entry.identity = nil, (namespace:gsub("//%.", ".")) end
  return entry
end

local function entries_of(list)
  local entries = {}
  for i, item in ipairs(list) do entries[i] = entry_of(item) end
  return entries
end

--- The entry of the list that means the same attribute; a V2 dataflow may have one attribute in several columns.
local function position_of(list, wanted)
  for i, entry in ipairs(list) do
    local other_column = wanted.column and entry.column and wanted.column ~= entry.column and not wanted.renames
    if same(entry, wanted) and not other_column then return i end
  end
end

-- ── edits: what the dataflow has → what it is to have ──────────────────────────────────────────────────────

--- Adds; a flag that is given is set on what is there, too.
local function added(stored, list)
  local wanted = table.move(stored, 1, #stored, 1, {})
  for _, entry in ipairs(list) do
    local i = position_of(wanted, entry)
    local merged = {}
    for key, value in pairs(i and wanted[i] or { mandatory = false, deduplicate = false }) do merged[key] = value end
    for key, value in pairs(entry) do merged[key] = value end
    wanted[i or #wanted + 1] = merged
  end
  return wanted
end

local function removed(stored, chosen)
  local wanted = {}
  for _, entry in ipairs(stored) do
    local gone = false
    for _, other in ipairs(chosen) do gone = gone or entry == other end
    if not gone then wanted[#wanted + 1] = entry end
  end
  return wanted
end

--- Replaces: what is not said of an attribute it no longer has.
local function replaced(stored, list)
  local wanted = table.move(stored, 1, #stored, 1, {})
  for _, entry in ipairs(list) do
    entry.renames = true
    local i = position_of(wanted, entry)
    entry.renames = nil
    wanted[i] = { path = entry.path, identity = entry.identity, column = entry.column,
      mandatory = entry.mandatory == true, deduplicate = entry.deduplicate == true }
  end
  return wanted
end

-- ── checking ───────────────────────────────────────────────────────────────────────────────────────────────

local function check_list(report, context, list)
  if type(list) == "table" and #list == 0 then
    return report:error("/attributes", nil, "is empty: name at least one attribute")
  end
  attribute.check(report, "/attributes", list, { shape = context.shape.name })
end

--- Rules that hold for the dataflow as a whole: one identity, deduplication keys of one kind, the number of
--- attributes. Errors that the dataflow had before are not this change's.
local function check_whole(context, before, wanted)
  local function said(list)
    local report, texts = findings.new(), {}
    if #list > 0 then attribute.check(report, "/attributes", list, { shape = context.shape.name }) end
    for _, finding in ipairs(report) do texts[finding.message] = true end
    return report, texts
  end
  local _, old = said(before)
  local report = findings.new()
  for _, finding in ipairs((said(wanted))) do
    if not old[finding.message] then
      report[#report + 1] = { place = "/attributes", level = finding.level, source = finding.source,
        message = "with what the dataflow has: " .. finding.message }
    end
  end
  return change.refuse_errors(report, "the attributes")
end

local function names_of(stored)
  local names = {}
  for _, entry in ipairs(stored) do
    for _, key in ipairs { "path", "identity", "column" } do names[#names + 1] = entry[key] end
  end
  return names
end

--- The attributes of the dataflow that a list names by path, namespace or column.
local function pick(report, stored, list)
  if type(list) == "string" then list = { list } end
  if not report:list("/attributes", list) then return {}, {} end
  if #list == 0 then report:error("/attributes", nil, "is empty: name at least one attribute") end
  local chosen, missing = {}, {}
  for i, item in ipairs(list) do
    local at, name = findings.at("/attributes", i), item
    if type(item) == "table" then name = item.column or item.identity or item.path end
    if report:text(at, name, "the path of an attribute, an identity namespace code or a column") then
      local found = false
      for _, entry in ipairs(stored) do
        if columns.is_named(entry, name) then chosen[#chosen + 1], found = entry, true end
      end
      if not found then missing[#missing + 1] = name end
    end
  end
  return chosen, missing
end

-- ── the difference ─────────────────────────────────────────────────────────────────────────────────────────

local function match(entry) return { ["/value/path"] = entry.path or entry.identity } end

local function selector_of(context, entry)
  local selector = attribute.selectors { entry }[1]
  if context.shape.name == "streaming" then
    local plan = {}
    streaming.fill(plan, { attributes = { entry } })
    selector = plan.profile_selectors[1]
  end
  return selector
end

--- Profile selectors: removals, then additions, by identity.
local function selector_changes(context, patch, stored, wanted)
  local place = columns.PLACES[context.shape.name].selectors
  for _, entry in ipairs(stored) do
    if not position_of(wanted, entry) then
      patch:remove_by(place, match(entry), { type = "JSON_PATH", value = { path = entry.path or entry.identity } })
    end
  end
  for _, entry in ipairs(wanted) do
    if not position_of(stored, entry) then patch:add_unless(place, match(entry), selector_of(context, entry)) end
  end
end

--- A list of fields with the flags of the entries in place. What belongs to none of them stays, unless the attributes
--- are set as a whole.
local function fields_of(context, current, stored, wanted, flag, is_named, make)
  local kept, here = core.json.array {}, {}
  for _, field in ipairs(current) do
    local owner, known
    for _, entry in ipairs(wanted) do
      if is_named(entry, field) then owner = owner or entry end
    end
    for _, entry in ipairs(stored) do known = known or is_named(entry, field) end
    if owner and owner[flag] or not owner and not known and not context.whole then
      kept[#kept + 1] = field
      if owner then here[owner] = true end
    end
  end
  for _, entry in ipairs(wanted) do
    if entry[flag] and not here[entry] then kept[#kept + 1] = make { entry }[1] end
  end
  return kept
end

local function field_changes(flow, patch, place, wanted)
  if place == nil then return end
  local current = columns.list_at(flow, place)
  if core.json.equal(core.json.array(table.move(current, 1, #current, 1, {})), wanted) then return end
  patch:add(place, wanted) -- add also sets what is there (activation.md §2, rows 6 to 9)
end

local function flag_changes(context, flow, patch, stored, wanted)
  local places = columns.PLACES[context.shape.name]
  field_changes(flow, patch, places.mandatory, fields_of(context, columns.list_at(flow, places.mandatory), stored,
    wanted, "mandatory", columns.is_named, attribute.mandatory_fields))
  field_changes(flow, patch, places.primary, fields_of(context, columns.list_at(flow, places.primary), stored,
    wanted, "deduplicate", columns.is_key, attribute.primary_fields))
end

--- The plan of an edit.
---@param edit fun(stored: sluice.dataflow.column[]): sluice.dataflow.column[], string[]|nil what the dataflow is to
---  have, and sentences for what it has already
local function plan_of(context, edit)
  local sets = mapping.sets(context)
  return function(flow)
    local stored = sets.read(flow)
    local wanted, kept = edit(stored)
    local patch, also, leaves = core.patch.new(), nil, nil
    if context.shape.name == "v2" then
      also, leaves = sets.change(flow, patch, stored, wanted)
    else
      selector_changes(context, patch, stored, wanted)
    end
    flag_changes(context, flow, patch, stored, wanted)
    kept = kept or #patch == 0 and { "the dataflow has these attributes already" } or nil
    return { patch = patch, kept = kept, also = also, leaves = leaves }
  end
end

-- ── the changes ────────────────────────────────────────────────────────────────────────────────────────────

local function refuse_unknown(context)
  if not columns.PLACES[context.shape.name] then
    change.refuse("unknown_destination", "how this dataflow takes attributes cannot be told: its destination is not in "
      .. "the catalog")
  end
end

local function append(list, more)
  table.move(more, 1, #more, #list + 1, list)
  return list
end

--- Checks a list, and the dataflow as it would be with it.
local function checked(context, list, edit)
  refuse_unknown(context)
  local report = findings.new()
  check_list(report, context, list)
  local warnings = change.refuse_errors(report, "the attributes")
  local stored, entries = mapping.sets(context).read(context.flow), entries_of(list)
  local function edited(current) return edit(current, entries) end
  return edited, append(warnings, check_whole(context, stored, edited(stored))), stored, entries
end

--- Adds attributes; `mandatory`, `deduplicate` and `column` of one that is there are set.
---@param context sluice.dataflow.context
---@param list table[] as in a destination
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.add(context, list)
  local edited, warnings = checked(context, list, added)
  return plan_of(context, edited), warnings
end

--- Replaces what is said of attributes that are there.
---@param context sluice.dataflow.context
---@param list table[] as in a destination
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.replace(context, list)
  local function edit(stored, entries)
    local missing = {}
    for _, entry in ipairs(entries) do
      local there = false
      for _, old in ipairs(stored) do there = there or same(old, entry) end
      if not there then missing[#missing + 1] = label(entry) end
    end
    if #missing > 0 then
      change.refuse("not_found", "the dataflow has no %s; add_attributes adds one", table.concat(missing, ", "))
    end
    return replaced(stored, entries)
  end
  local edited, warnings = checked(context, list, edit)
  return plan_of(context, edited), warnings
end

--- Sets the attributes as a whole: these and no others.
---@param context sluice.dataflow.context
---@param list table[] as in a destination
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.set(context, list)
  refuse_unknown(context)
  local report = findings.new()
  check_list(report, context, list)
  local warnings = change.refuse_errors(report, "the attributes")
  local entries = entries_of(list)
  for _, entry in ipairs(entries) do
    entry.mandatory, entry.deduplicate = entry.mandatory == true, entry.deduplicate == true
  end
  context.whole = true
  return plan_of(context, function() return entries end), warnings
end

--- Removes attributes, and what names them as mandatory or as deduplication keys. Those that are not there need
--- nothing.
---@param context sluice.dataflow.context
---@param list any paths, namespace codes or columns
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.remove(context, list)
  refuse_unknown(context)
  local report = findings.new()
  local stored = mapping.sets(context).read(context.flow)
  local chosen = pick(report, stored, list)
  if #removed(stored, chosen) == 0 and #chosen > 0 then
    report:error("/attributes", "derived", "are all that the dataflow has: its files would have no columns")
  end
  local warnings = change.refuse_errors(report, "the attributes to remove")
  return plan_of(context, function(current)
    local gone, missing = pick(findings.new(), current, list)
    local kept = {}
    for i, name in ipairs(missing) do
      local near = suggest.nearest(name, names_of(current))
      kept[i] = ("the dataflow has no attribute %s%s"):format(name,
        near and (", but it has %s"):format(near) or "")
    end
    return removed(current, gone), kept
  end), warnings
end

return M
