--- Dataflows in words: what an operation on one does to audiences, attributes and the rest (activation.md §2–6).

local core = require "sluice.core"
local words = require "sluice.explain.words"

local M = {}

local quote, value_text, list_text = words.quote, words.value, words.list

local function is_text(value) return type(value) == "string" and value ~= "" end

--- A member of a table, nil where there is none or null.
local function member(value, name)
  local found = type(value) == "table" and value[name]
  if found == core.json.null then return nil end
  return found or nil
end

-- ── audiences ──────────────────────────────────────────────────────────────────────────────────────────────

--- Export modes (activation.md §3.1).
local MODES = {
  DAILY_FULL_EXPORT = "full export",
  FIRST_FULL_THEN_INCREMENTAL = "a full export first, then incremental ones",
}

--- Frequencies (activation.md §5.1).
local FREQUENCIES = {
  ONCE = "once", DAILY = "daily", EVERY_3_HOURS = "every 3 hours", EVERY_6_HOURS = "every 6 hours",
  EVERY_8_HOURS = "every 8 hours", EVERY_12_HOURS = "every 12 hours",
}

--- "daily at 17:00 UTC from 2026-12-01 until 2026-12-31".
local function when(schedule)
  if not is_text(member(schedule, "frequency")) then return nil end
  local parts = { FREQUENCIES[schedule.frequency] or schedule.frequency }
  local after = member(schedule, "triggerType") == "AFTER_SEGMENT_EVAL"
  if after then
    parts[#parts + 1] = "after the audience is evaluated"
  elseif is_text(member(schedule, "startTime")) then
    parts[#parts + 1] = ("at %s UTC"):format(schedule.startTime)
  end
  if is_text(member(schedule, "startDate")) then
    parts[#parts + 1] = (schedule.frequency == "ONCE" and "on " or "from ") .. schedule.startDate
  end
  if is_text(member(schedule, "endDate")) then parts[#parts + 1] = "until " .. schedule.endDate end
  return table.concat(parts, " ")
end

local function audience_who(selector)
  local value = member(selector, "value")
  local id, name = member(value, "id"), member(value, "name")
  if is_text(name) then
    return ("audience %s%s"):format(quote(name), id ~= nil and (" (id %s)"):format(tostring(id)) or "")
  end
  return id ~= nil and ("audience (id %s)"):format(tostring(id)) or "an audience without an ID"
end

--- How an audience is exported; empty for streaming destinations.
local function audience_how(selector)
  local value, parts = member(selector, "value"), {}
  local mode = member(value, "exportMode")
  if is_text(mode) then parts[#parts + 1] = MODES[mode] or ("export mode " .. mode) end
  parts[#parts + 1] = when(member(value, "schedule"))
  return table.concat(parts, ", ")
end

local SHOWN_FIELDS = {
  { "filenameTemplate", "file name" }, { "name", "name" }, { "description", "description" },
}

--- What a replaced audience has that the one before had not.
local function audience_changes(old, new)
  local parts, how, how_before = {}, audience_how(new), audience_how(old)
  if how ~= how_before then
    parts[#parts + 1] = ("%s (before: %s)"):format(how ~= "" and how or "no export settings",
      how_before ~= "" and how_before or "no export settings")
  end
  for _, field in ipairs(SHOWN_FIELDS) do
    local now, before = member(new.value, field[1]), member(old.value, field[1])
    if now ~= before then parts[#parts + 1] = ("%s %s"):format(field[2], now == nil and "removed" or quote(now)) end
  end
  return #parts > 0 and table.concat(parts, ", ") or "other details"
end

-- ── attributes ─────────────────────────────────────────────────────────────────────────────────────────────

local function attribute_who(selector)
  local value = member(selector, "value")
  local namespace = member(member(value, "identity"), "namespace")
  if is_text(namespace) then return "identity " .. namespace end
  local path = member(value, "path")
  return is_text(path) and "attribute " .. path or "an attribute without a path"
end

-- ── the two lists ──────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.explain.List
---@field key string pointer of what its elements are known by
local LISTS = {
  ["/transformations/%d+/params/segmentSelectors/selectors"] = {
    noun = "audience", plural = "audiences", key = "/value/id", field = "id",
    who = audience_who, how = audience_how, changes = audience_changes,
  },
  ["/transformations/%d+/params/profileSelectors/selectors"] = {
    noun = "attribute", plural = "attributes", key = "/value/path", field = "path",
    who = attribute_who, how = function() return "" end, changes = function() return "its mapping" end,
  },
}

--- "audience 'X' (id …), full export, daily …".
local function in_full(list, selector)
  local how = list.how(selector)
  return list.who(selector) .. (how ~= "" and ", " .. how or "")
end

local function at_index(list, index) return ("the %s at index %s"):format(list.noun, index) end

local function replaced(list, index, new, old)
  if old == nil then return ("replaces %s by %s"):format(at_index(list, index), in_full(list, new)) end
  if type(member(old, "value")) == "table" and type(member(new, "value")) == "table"
    and core.json.equal(old.value[list.field], new.value[list.field]) then
    return ("changes %s: %s"):format(list.who(new), list.changes(old, new))
  end
  return ("replaces %s by %s"):format(list.who(old), in_full(list, new))
end

--- Operations on one element.
local ELEMENT = {
  add = function(list, op) return "adds " .. in_full(list, op.value) end,
  remove = function(list, _, index, old)
    return "removes " .. (old ~= nil and list.who(old) or at_index(list, index))
  end,
  replace = function(list, op, index, old) return replaced(list, index, op.value, old) end,
  test = function(list, op, index)
    return ("checks that %s is still %s, unchanged"):format(at_index(list, index), list.who(op.value))
  end,
}

--- The elements of the document that match, and the selector that the match itself describes.
local function matching(list, op, document)
  local key = op.match[list.key]
  if key == nil or next(op.match, next(op.match)) ~= nil then return nil end
  for _, selector in ipairs(document ~= nil and core.pointer.get(document, op.path) or {}) do
    if core.json.equal(core.pointer.get(selector, list.key), key) then return selector, true end
  end
  return { value = { [list.field] = key } }, false
end

--- Operations on the list that go by identity.
local BY_IDENTITY = {
  remove_by = function(list, _, selector) return "removes " .. list.who(selector) end,
  replace_by = function(list, op, selector, found)
    if found then return replaced(list, nil, op.value, selector) end
    return ("replaces %s by %s"):format(list.who(selector), in_full(list, op.value))
  end,
  add_unless = function(list, op, selector, found)
    if found then return ("leaves %s as it is: it is there already"):format(list.who(selector)) end
    return ("adds %s, unless it is there already"):format(in_full(list, op.value))
  end,
}

local function explain_whole(list, op)
  if op.op ~= "add" and op.op ~= "replace" or not core.json.is_array(op.value) then return nil end
  local names = {}
  for i, selector in ipairs(op.value) do names[i] = list.who(selector) end
  return ("replaces all %s by %s"):format(list.plural, list_text(names, "none"))
end

local function explain_identity(list, op, document)
  local selector, found = matching(list, op, document)
  return selector and BY_IDENTITY[op.op](list, op, selector, found)
end

--- A change inside an element.
local function explain_inside(list, op, old, document, base, index, inner)
  local selector = document ~= nil and core.pointer.get(document, base .. "/" .. index) or nil
  local who = selector ~= nil and list.who(selector) or at_index(list, index)
  local name = inner:gsub("^/value/", ""):gsub("^/", "")
  if op.op == "remove" then return ("removes %s of %s"):format(name, who) end
  if op.op == "test" then return ("checks that %s of %s is %s"):format(name, who, value_text(op.value)) end
  if op.op ~= "add" and op.op ~= "replace" then return nil end
  return ("sets %s of %s to %s%s"):format(name, who, value_text(op.value),
    old ~= nil and (" (before: %s)"):format(value_text(old)) or "")
end

local function explain_list(list, op, old, document, base)
  local rest = op.path:sub(#base + 1)
  if rest == "" then
    if BY_IDENTITY[op.op] then return explain_identity(list, op, document) end
    return explain_whole(list, op)
  end
  local index, inner = rest:match "^/([^/]+)(.*)$"
  if not index then return nil end
  if inner ~= "" then return explain_inside(list, op, old, document, base, index, inner) end
  return ELEMENT[op.op] and ELEMENT[op.op](list, op, index, old)
end

-- ── the rest of a dataflow ─────────────────────────────────────────────────────────────────────────────────

local function texts(value)
  local list = {}
  for i, item in ipairs(core.json.is_array(value) and value or { value }) do
    list[i] = is_text(item) and item or value_text(item)
  end
  return list
end

--- Deduplication keys (activation.md §3.4).
local function deduplication(value)
  local list = {}
  for i, field in ipairs(core.json.is_array(value) and value or { value }) do
    local namespace, path = member(field, "identityNamespace"), member(field, "attributePath")
    list[i] = namespace and "identity " .. tostring(namespace) or path and "attribute " .. tostring(path)
      or value_text(field)
  end
  return list
end

local function set_mandatory(value) return "makes mandatory: " .. list_text(texts(value), "nothing") end

local function set_deduplication(value)
  local list = deduplication(value)
  return #list == 0 and "no longer leaves out duplicates" or "leaves out duplicates by " .. list_text(list)
end

--- Schedules of dataset exports (destinations.md §9).
local function set_export_schedule(value)
  local interval, unit = member(value, "interval"), member(value, "timeUnit")
  if not interval or not is_text(unit) then return nil end
  local how = interval == 0 and "once"
    or interval == 1 and "every " .. unit or ("every %s %ss"):format(tostring(interval), unit)
  local start = math.tointeger(member(value, "startTime"))
  return ("exports the datasets %s%s"):format(how, start and os.date("! from %Y-%m-%d %H:%M UTC", start) or "")
end

local function set_mapping(value)
  if member(value, "mappingId") == nil then return nil end
  return ("uses mapping set %s, version %s"):format(tostring(value.mappingId),
    tostring(member(value, "mappingVersion") or "unknown"))
end

local function set_marketing_actions(value)
  return "enforces these marketing actions: " .. list_text(texts(member(value, "enforcementRefs") or value))
end

local function set_sources(value) return "reads from source connection " .. list_text(texts(value)) end

--- Names only: what is in here is secret.
local function set_credentials(value)
  local names = {}
  for name in pairs(type(value) == "table" and value or {}) do names[#names + 1] = tostring(name) end
  table.sort(names)
  return ("replaces the credentials (%s)"):format(list_text(names, "by nothing"))
end

--- Path patterns of fields: `set` explains add and replace, `remove` and `test` are the sentences for these; `show`
--- says what stands for "%s" when the value before is known.
local FIELDS = {
  { "^/name$", set = function(value) return "renames it to " .. quote(value) end },
  { "^/description$", set = function(value) return "describes it as " .. quote(value) end,
    remove = "removes the description" },
  { "^/transformations/%d+/params/mandatoryFields$", set = set_mandatory, remove = "makes nothing mandatory" },
  { "^/transformations/%d+/params/mandatoryFields/[^/]+$", set = set_mandatory,
    remove = "makes %s optional", show = tostring },
  { "^/transformations/%d+/params/primaryFields$", set = set_deduplication,
    remove = "no longer leaves out duplicates" },
  { "^/transformations/%d+/params/primaryFields/[^/]+$", set = set_deduplication,
    remove = "no longer leaves out duplicates by %s",
    show = function(value) return list_text(deduplication(value)) end },
  { "^/transformations/%d+/params/profileMapping$", set = set_mapping, remove = "uses no mapping set" },
  { "^/policy$", set = set_marketing_actions, remove = "enforces no marketing action" },
  { "^/policy/enforcementRefs$", set = set_marketing_actions, remove = "enforces no marketing action" },
  { "^/policy/enforcementRefs/[^/]+$",
    set = function(value) return "enforces marketing action " .. list_text(texts(value)) end,
    remove = "no longer enforces marketing action %s", show = tostring },
  { "^/scheduleParams$", set = set_export_schedule, remove = "removes the schedule of the export" },
  { "^/sourceConnectionIds$", set = set_sources },
  { "^/auth/params$", set = set_credentials, remove = "removes the credentials", test = "checks the credentials" },
  { "^/auth$", set = function() return "replaces the credentials" end, remove = "removes the credentials",
    test = "checks the credentials" },
  { "^/auth/", set = function() return "changes a part of the credentials" end,
    remove = "removes a part of the credentials", test = "checks a part of the credentials" },
}

local function explain_field(field, op, old)
  if op.op == "add" or op.op == "replace" then return field.set(op.value) end
  if op.op == "remove" and field.show then return old ~= nil and field.remove:format(field.show(old)) or nil end
  if op.op == "remove" then return field.remove end
  return op.op == "test" and field.test or nil
end

--- What the operation means to a dataflow; nil where nothing better can be said than path and value.
---@param op table an operation, checked
---@param old any what is at its path before it, nil where that is not known
---@param document any the document before it, or nil
---@return string|nil sentence
function M.explain(op, old, document)
  for pattern, list in pairs(LISTS) do
    local base = op.path:match("^" .. pattern)
    if base then return explain_list(list, op, old, document, base) end
  end
  local path = op.path:gsub("/profileSelectors(/%a+Fields)", "%1") -- the older place (activation.md §2, rows 8 and 9)
  for _, field in ipairs(FIELDS) do
    if path:find(field[1]) then return explain_field(field, op, old) end
  end
end

return M
