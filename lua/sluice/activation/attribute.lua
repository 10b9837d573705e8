--- Profile attributes of a destination: which columns a file has, which of them must hold a value, which tell
--- one profile from another.
---
---     attributes = {
---       "person.name.firstName",
---       { path = "personalEmail.address", mandatory = true, deduplicate = true },
---       { identity = "Email" },
---     }

local core = require "sluice.core"
local findings = require "sluice.findings"
local suggest = require "sluice.suggest"

local M = {}

local KEYS = { "path", "identity", "mandatory", "deduplicate" }
local MANY = 50 -- attributes in one dataflow; a soft limit (GRD)
local MOST_KEYS = 2 -- attributes in a composite deduplication key (MAP)

--- An entry in full, whether written as text or as a table.
local function entry_of(attribute)
  if type(attribute) ~= "table" then return { path = attribute } end
  return attribute
end

local function label(entry) return entry.path or entry.identity end

local function check_path(report, place, path)
  if not report:text(place, path, 'a dotted path such as "person.name.firstName"', "T") then return end
  local bare = path:match("^%s*xdm:%s*(.*)$")
  if bare then
    report:error(place, "UI,LEG", 'attribute paths carry no "xdm:"; write %s', suggest.quote(bare))
  elseif not (path .. "."):match("^[%w_]") or (path .. "."):gsub("[%w_%-]+%.", "") ~= "" then
    report:error(place, "T",
      '%s is not an attribute path: expected names joined by dots, such as "person.name.firstName"',
      suggest.quote(path))
  end
end

local function check_one(report, place, attribute, seen)
  if type(attribute) ~= "table" then
    check_path(report, place, attribute)
  elseif report:object(place, attribute, KEYS, "T") then
    if attribute.identity ~= nil then
      report:text(findings.at(place, "identity"), attribute.identity, "an identity namespace code", "UPD")
      if attribute.path ~= nil then
        report:error(findings.at(place, "path"), "UPD", "expected a path or an identity, not both")
      end
    else
      check_path(report, findings.at(place, "path"), attribute.path)
    end
    for _, key in ipairs { "mandatory", "deduplicate" } do
      if attribute[key] ~= nil and type(attribute[key]) ~= "boolean" then
        report:error(findings.at(place, key), nil, "expected true or false, got %s",
          suggest.quote(attribute[key]))
      end
    end
  end
  local name = label(entry_of(attribute))
  if type(name) ~= "string" then return end
  if seen[name] then report:error(place, "derived", "is the same attribute as %s", seen[name]) end
  seen[name] = seen[name] or place
end

--- Deduplication: one attribute, two attributes, or one identity namespace, never mixed (MAP).
local function check_deduplication(report, place, attributes)
  local paths, identities = 0, 0
  for i, attribute in ipairs(attributes) do
    local entry = entry_of(attribute)
    if entry.deduplicate and entry.identity then
      identities = identities + 1
      report:warning(findings.at(place, i), "D,MIG",
        "deduplicates by identity: the API description allows attributes only, the migration guide "
        .. "shows an identity")
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
---@param _opts { shape: string|nil }|nil
function M.check(report, place, attributes, _opts)
  if not report:list(place, attributes) then return end
  local count = #attributes
  if count == 0 then
    report:warning(place, "derived", "is empty: the files will have no columns of yours")
  elseif count > MANY then
    report:warning(place, "GRD", "has %d attributes: one dataflow is meant for at most %d", count, MANY)
  end
  local seen = {}
  for i, attribute in ipairs(attributes) do check_one(report, findings.at(place, i), attribute, seen) end
  check_deduplication(report, place, attributes)
end

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

--- The fields a profile must have to be exported (activation by the tutorial's read-back form, T).
---@param attributes table
---@return string[] fields a JSON array
function M.mandatory_fields(attributes)
  local fields = core.json.array {}
  for _, attribute in ipairs(attributes) do
    local entry = entry_of(attribute)
    if entry.mandatory then fields[#fields + 1] = label(entry) end
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
    if entry.deduplicate then
      fields[#fields + 1] = entry.identity and { fieldType = "IDENTITY", identityNamespace = entry.identity }
        or { fieldType = "ATTRIBUTE", attributePath = entry.path }
    end
  end
  return fields
end

return M
