--- Profile attributes of a destination: which columns a file has, which of them must hold a value, which tell
--- one profile from another.
---
---     attributes = {
---       "person.name.firstName",
---       { path = "personalEmail.address", mandatory = true, deduplicate = true },
---       { path = "person.name.lastName", column = "surname" },   -- newer cloud-storage cards only
---       { identity = "Email" },
---     }

local core = require "sluice.core"
local findings = require "sluice.findings"
local suggest = require "sluice.suggest"

local M = {}

--- The keys of an attribute in a definition.
M.KEYS = { "path", "identity", "column", "mandatory", "deduplicate" }
local MANY = 50 -- attributes in one dataflow; a soft limit (GRD)
local MOST_KEYS = 2 -- attributes in a composite deduplication key (MAP)

--- Keys that say nothing in a kind of destination: why, and where that stands.
local IDLE = {
  legacy = {
    { "column", "the files of this destination name their columns by the attributes' paths; leave it out", "T,MIG" },
  },
  streaming = {
    { "column", "a streaming destination sends attributes by their paths; leave it out", "STR" },
    { "mandatory", "a streaming destination has no mandatory fields; leave it out", "STR" },
    { "deduplicate", "a streaming destination has no deduplication keys; leave it out", "STR" },
  },
}

--- Spellings of the membership that one source has and another replaces, by kind of destination.
local MEMBERSHIP = {
  legacy = {
    { "^segmentMembership%.ups%.seg_id%.", "T,LEG,ACT", "stands in the mapping sets of the newer cloud-storage cards; "
      .. "the tutorial writes segmentMembership.status, the page on attributes segmentMembership.seg_namespace."
      .. "seg_id.status" },
  },
  v2 = {
    { "^segmentMembership%.seg_namespace%.seg_id%.", "MAP,ACT", "the mapping reference lists it as a preset, the "
      .. "activation guide maps segmentMembership.ups.seg_id.status" },
    { "^segmentMembership%.status$", "T,ACT", "is the tutorial's older spelling; the activation guide maps "
      .. "segmentMembership.ups.seg_id.status" },
  },
}

--- Parts of a name: the tutorial prints person.lastName, which is no standard path.
local IN_NAME = { firstName = true, lastName = true, middleName = true, fullName = true }

--- An entry in full, whether written as text or as a table.
local function entry_of(attribute)
  if type(attribute) ~= "table" then return { path = attribute } end
  return attribute
end

local function label(entry) return entry.path or entry.identity end

--- The column of an attribute in the files of the newer cards: dots become underscores (UI, ACT).
---@param attribute string|table
---@return string
function M.column(attribute)
  local entry = entry_of(attribute)
  return entry.column or (label(entry):gsub("%.", "_"))
end

--- The namespace of an identity, whether it is written as one or as a path.
local function namespace_of(entry)
  if entry.identity ~= nil then return entry.identity end
  local namespace = type(entry.path) == "string" and entry.path:match "^identityMap%.(.+)$"
  return namespace and (namespace:gsub("//%.", ".")) or nil
end

-- ── one attribute ──────────────────────────────────────────────────────────────────────────────────────────

local function check_identity_path(report, place, path, shape)
  local namespace = path:match "^identityMap%.(.+)$"
  if not namespace then return end
  local instead = suggest.quote((namespace:gsub("//%.", ".")))
  if shape ~= "v2" then
    report:warning(place, "UPD,ACT", "only the mapping sets of the newer cloud-storage cards have such paths; "
      .. "the update guide names an identity: { identity = %s }", instead)
  elseif namespace:gsub("//%.", ""):find(".", 1, true) then
    report:error(place, "ACT", "a dot inside a namespace has to be escaped; write { identity = %s }, which does it",
      instead)
  end
end

local function check_spelling(report, place, path, shape)
  local part = path:match "^person%.(%w+)$"
  if IN_NAME[part] then
    report:warning(place, "T,derived", "the tutorial prints it in one place, the standard path is person.name.%s", part)
  end
  for _, form in ipairs(MEMBERSHIP[shape] or {}) do
    if path:find(form[1]) then report:warning(place, form[2], "%s", form[3]) end
  end
end

local function check_path(report, place, path, shape)
  if not report:text(place, path, 'a dotted path such as "person.name.firstName"', "T") then return end
  local bare = path:match "^%s*xdm:%s*(.*)$"
  if bare then
    report:error(place, "UI,LEG", 'attribute paths carry no "xdm:"; write %s', suggest.quote(bare))
  elseif path:find "^identityMap%." then
    check_identity_path(report, place, path, shape)
  elseif not (path .. "."):match "^[%w_]" or (path .. "."):gsub("[%w_%-]+%.", "") ~= "" then
    report:error(place, "T",
      '%s is not an attribute path: expected names joined by dots, such as "person.name.firstName"',
      suggest.quote(path))
  else
    check_spelling(report, place, path, shape)
  end
end

local function check_column(report, place, column)
  if column == nil or not report:text(place, column, "a name for the column", "ACT") then return end
  if column:find(".", 1, true) then
    report:error(place, "ACT,UI", "a column's name has no dots; write %s", suggest.quote((column:gsub("%.", "_"))))
  end
end

local function check_keys(report, place, entry, shape)
  for _, key in ipairs { "mandatory", "deduplicate" } do
    if entry[key] ~= nil and type(entry[key]) ~= "boolean" then
      report:error(findings.at(place, key), nil, "expected true or false, got %s", suggest.quote(entry[key]))
    end
  end
  for _, idle in ipairs(IDLE[shape] or {}) do
    if entry[idle[1]] then report:error(findings.at(place, idle[1]), idle[3], "%s", idle[2]) end
  end
end

local function check_entry(report, place, entry, shape)
  if not report:object(place, entry, M.KEYS, "T") then return end
  if entry.identity ~= nil then
    report:text(findings.at(place, "identity"), entry.identity, "an identity namespace code", "UPD")
    if entry.path ~= nil then
      report:error(findings.at(place, "path"), "UPD", "expected a path or an identity, not both")
    end
  else
    check_path(report, findings.at(place, "path"), entry.path, shape)
  end
  check_column(report, findings.at(place, "column"), entry.column)
  check_keys(report, place, entry, shape)
end

local function check_one(report, place, attribute, shape)
  if type(attribute) == "table" then
    check_entry(report, place, attribute, shape)
  else
    check_path(report, place, attribute, shape)
  end
end

-- ── the list ───────────────────────────────────────────────────────────────────────────────────────────────

--- The same attribute twice; for the newer cards, whose columns have names of their own, the same column twice.
local function check_doubles(report, place, attributes, shape)
  local names, columns = {}, {}
  for i, attribute in ipairs(attributes) do
    local entry, at = entry_of(attribute), findings.at(place, i)
    local name = label(entry)
    if type(name) == "string" then
      local column = type(entry.column) == "string" and entry.column or M.column { path = name }
      if names[name] and (shape ~= "v2" or columns[column]) then
        report:error(at, "derived", "is the same attribute as %s", names[name])
      elseif shape == "v2" and columns[column] then
        report:error(at, "derived", "has the same column as %s, %s; give one of them another name with column = …",
          columns[column], suggest.quote(column))
      end
      names[name], columns[column] = names[name] or at, columns[column] or at
    end
  end
end

--- One dataflow of a newer card maps one identity, which by itself becomes mandatory and the deduplication key.
local function check_identities(report, place, attributes, shape)
  if shape ~= "v2" then return end
  local first, by_path, by_identity
  for i, attribute in ipairs(attributes) do
    local entry, at = entry_of(attribute), findings.at(place, i)
    if namespace_of(entry) then
      if first then
        report:error(at, "ACT", "is a second identity beside %s: one dataflow maps one identity", first)
      end
      first, by_identity = first or at, by_identity or entry.deduplicate
    elseif entry.deduplicate then
      by_path = by_path or at
    end
  end
  if first and by_path and not by_identity then
    report:warning(by_path, "UI,MAP", "the identity at %s becomes the deduplication key by itself (user interface), "
      .. "and a key is attributes or an identity, never both (mapping reference): leave out deduplicate or the "
      .. "identity", first)
  end
end

--- Deduplication: one attribute, two attributes, or one identity namespace, never mixed (MAP).
local function check_deduplication(report, place, attributes, shape)
  local paths, identities = 0, 0
  for i, attribute in ipairs(attributes) do
    local entry = entry_of(attribute)
    if entry.deduplicate and namespace_of(entry) then
      identities = identities + 1
      if shape ~= "v2" then
        report:warning(findings.at(place, i), "D,MIG",
          "deduplicates by identity: the API description allows attributes only, the migration guide "
          .. "shows an identity")
      end
    elseif entry.deduplicate then
      paths = paths + 1
    end
  end
  if paths > 0 and identities > 0 then
    report:error(place, "MAP", "deduplicates by attribute and by identity: choose one kind")
  elseif identities > 1 then
    report:error(place, "MAP", "deduplicates by %d identities: one is allowed", identities)
  elseif paths > MOST_KEYS then
    report:error(place, "MAP", "deduplicates by %d attributes: at most %d are allowed", paths, MOST_KEYS)
  end
end

--- Checks a definition's list of attributes.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the list
---@param attributes any
---@param opts { shape: "legacy"|"v2"|"streaming"|nil }|nil of the destination; nil when it is not known
function M.check(report, place, attributes, opts)
  local shape = opts and opts.shape
  if not report:list(place, attributes) then return end
  local count = #attributes
  if count == 0 then
    report:warning(place, "derived", shape == "streaming" and "is empty: the messages will hold no attributes of yours"
      or "is empty: the files will have no columns of yours")
  elseif count > MANY then
    report:warning(place, "GRD", "has %d attributes: one dataflow is meant for at most %d", count, MANY)
  end
  for i, attribute in ipairs(attributes) do check_one(report, findings.at(place, i), attribute, shape) end
  check_doubles(report, place, attributes, shape)
  if shape == "streaming" then return end
  check_identities(report, place, attributes, shape)
  check_deduplication(report, place, attributes, shape)
end

-- ── what is sent ───────────────────────────────────────────────────────────────────────────────────────────

--- The profile selectors of checked attributes (T; the identity form UPD).
---@param attributes table
---@return table[] selectors
function M.selectors(attributes)
  local selectors = {}
  for i, attribute in ipairs(attributes) do
    local entry = entry_of(attribute)
    selectors[i] = { type = "JSON_PATH", value = {
      path = label(entry),
      identity = entry.identity and { namespace = entry.identity } or nil,
    } }
  end
  return selectors
end

--- The fields a profile must have to be exported: paths and namespace codes (T's read-back form, D). Dataflows that
--- were migrated hold column names instead (MIG).
---@param attributes table
---@return string[] fields a JSON array
function M.mandatory_fields(attributes)
  local fields = core.json.array {}
  for _, attribute in ipairs(attributes) do
    local entry = entry_of(attribute)
    if entry.mandatory then fields[#fields + 1] = namespace_of(entry) or entry.path end
  end
  return fields
end

--- The deduplication keys (T; the identity form D, ACT, MIG).
---@param attributes table
---@return table[] fields a JSON array
function M.primary_fields(attributes)
  local fields = core.json.array {}
  for _, attribute in ipairs(attributes) do
    local entry = entry_of(attribute)
    local namespace = namespace_of(entry)
    if entry.deduplicate then
      fields[#fields + 1] = namespace and { fieldType = "IDENTITY", identityNamespace = namespace }
        or { fieldType = "ATTRIBUTE", attributePath = entry.path }
    end
  end
  return fields
end

return M
