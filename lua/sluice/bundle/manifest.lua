--- The manifest of a bundle: what it is, what it needs, what it may do, and the SHA-256 of each of its files. What is
--- read is believed in nothing: every field is checked before anybody looks at it.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local definition = require "sluice.recipe.definition"
local names = require "sluice.source.name"
local permissions = require "sluice.restrict.permissions"
local suggest = require "sluice.suggest"

local M = {}

M.NAME = "sluice/manifest.json"
M.SIGNATURE = "sluice/signature.json"
M.OURS = "^sluice/" -- where no file of a recipe may be
M.FORMAT = 1
M.MAX_BYTES = 256 * 1024
M.MAX_PARAMS = 200

local MAX_TEXT = 300
local MAX_DESCRIPTION = 4000

---@class sluice.bundle.manifest
---@field format 1
---@field name string
---@field version string
---@field summary string
---@field description string|nil
---@field entry string the recipe's file
---@field params table[] the declarations, as far as they are data
---@field permissions sluice.permissions
---@field requires_sluice string ">= 0.1.0"
---@field members table<string, string> SHA-256 by name, of all files but this one and the signature
---@field program { size: integer, sha256: string }|nil of the program that it stands behind

-- ── what is wrong with a field ─────────────────────────────────────────────────────────────────────────────────────

local function is_object(value) return type(value) == "table" and not core.json.is_array(value) end

local function is_digest(value) return type(value) == "string" and #value == 64 and not value:find "[^0-9a-f]" end

--- Text that people are shown: none that could steer a terminal.
local function text_problem(value, longest, clean_text)
  if type(value) ~= "string" then return "expected a text, got " .. suggest.quote(value) end
  if value == "" then return "is empty" end
  if #value > longest then return ("has %d bytes; at most %d are allowed"):format(#value, longest) end
  if clean_text(value) ~= value then return "holds what cannot be shown" end
end

local function line_problem(value) return text_problem(value, MAX_TEXT, clean.line) end

local function number_of(version)
  local a, b, c = version:match "^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$"
  return a and tonumber(a) * 1000000 + tonumber(b) * 1000 + tonumber(c)
end

local function requirement_problem(value)
  local version = type(value) == "string" and value:match "^>= ([%d.]+)$"
  if not version or not number_of(version) then
    return "expected a text such as '>= 0.1.0', got " .. suggest.quote(value)
  elseif number_of(version) > number_of(core.version) then
    return ("needs Sluice %s or later; this is %s"):format(version, core.version)
  end
end

local function params_problem(value)
  if type(value) ~= "table" or not core.json.is_array(value) then return "expected a list" end
  if #value > M.MAX_PARAMS then return ("has %d entries; at most %d are allowed"):format(#value, M.MAX_PARAMS) end
  for i, param in ipairs(value) do
    if not is_object(param) then return ("entry %d: expected an object"):format(i) end
    if type(param.name) ~= "string" or not param.name:find "^%l[%l%d_]*$" then
      return ("entry %d: expected a name in lower_snake, got %s"):format(i, suggest.quote(param.name))
    end
    local problem = definition.declaration_problem(param)
    if problem then return ("%s: %s"):format(param.name, problem) end
    problem = param.help and text_problem(param.help, MAX_DESCRIPTION, clean.text)
    if problem then return ("%s: help: %s"):format(param.name, problem) end
  end
end

local function permissions_problem(value)
  if not is_object(value) then return "expected an object" end
  local found = permissions.check(value)[1]
  return found and (found.place == "" and found.message or ("%s: %s"):format(found.place, found.message))
end

local function entry_problem(value, manifest)
  local problem = names.problem(value)
  if problem then return suggest.quote(value) .. " " .. problem end
  if is_object(manifest.members) and manifest.members[value] == nil then
    return ("%s is none of the members"):format(suggest.quote(value))
  end
end

local function members_problem(value)
  if not is_object(value) then return "expected an object" end
  for name, digest in pairs(value) do
    local problem = names.problem(name) or name:find(M.OURS) and "is a name that bundles keep for themselves"
    if problem then return suggest.quote(name) .. " " .. problem end
    if not is_digest(digest) then return ("%s: expected a SHA-256"):format(suggest.quote(name)) end
  end
end

local function program_problem(value)
  if not is_object(value) or math.type(value.size) ~= "integer" or not is_digest(value.sha256) or value.size <= 0 then
    return "expected the size and the SHA-256 of a program"
  end
end

local function format_problem(value)
  if value ~= M.FORMAT then return ("expected %d, got %s"):format(M.FORMAT, suggest.quote(value)) end
end

--- In the order in which they are looked at: the format says what the others mean.
local FIELDS = {
  { "format", format_problem }, { "requires_sluice", requirement_problem }, { "name", line_problem },
  { "version", line_problem }, { "summary", line_problem },
  { "description", function(value) return text_problem(value, MAX_DESCRIPTION, clean.text) end, optional = true },
  { "members", members_problem }, { "entry", entry_problem }, { "params", params_problem },
  { "permissions", permissions_problem }, { "program", program_problem, optional = true },
}

local KEYS = {}
for i, field in ipairs(FIELDS) do KEYS[i] = field[1] end

local function unknown_key(manifest)
  local known, unknown = {}, {}
  for _, key in ipairs(KEYS) do known[key] = true end
  for key in pairs(manifest) do
    if not known[key] then unknown[#unknown + 1] = key end
  end
  table.sort(unknown)
  return unknown[1] and ("has an unknown field %s"):format(suggest.quote(unknown[1]))
end

--- The first thing wrong with a manifest.
---@param manifest any a decoded document
---@return string|nil problem such as "entry: …", fit for one line of a terminal
function M.problem(manifest)
  if not is_object(manifest) then return "is no object" end
  for _, field in ipairs(FIELDS) do
    local value = manifest[field[1]]
    if value == nil and not field.optional then return ("has no field '%s'"):format(field[1]) end
    local problem = value ~= nil and field[2](value, manifest)
    if problem then return clean.line(("%s: %s"):format(field[1], problem)) end
  end
  return unknown_key(manifest)
end

-- ── reading and writing ────────────────────────────────────────────────────────────────────────────────────────────

--- The one form in which a document of a bundle is written.
---@param document table
---@return string bytes
function M.encode(document)
  return core.json.encode(document, { indent = 2 }) .. "\n"
end

--- A document of a bundle from its bytes, which must be in that form.
---@param bytes string
---@return table|nil document
---@return string|nil problem
function M.decode(bytes)
  if #bytes > M.MAX_BYTES then return nil, ("has %d bytes; at most %d are allowed"):format(#bytes, M.MAX_BYTES) end
  local read, document = pcall(core.json.decode, bytes, "JSON")
  if not read then return nil, "is no JSON: " .. document.message end
  local written, again = pcall(M.encode, document)
  if not written or again ~= bytes then return nil, "is not written as in a bundle" end
  return document
end

return M
