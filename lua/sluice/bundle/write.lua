--- Bundles, written: the same recipe gives the same bytes at any time, in any folder.

local core = require "sluice.core"
local definition = require "sluice.recipe.definition"
local manifests = require "sluice.bundle.manifest"
local permissions = require "sluice.restrict.permissions"

local M = {}

--- What of a value is data; lists are arrays for JSON, whatever made them.
local function as_document(value)
  if type(value) == "function" then return nil end
  if type(value) ~= "table" then return value end
  local copy = #value > 0 and core.json.array {} or {}
  for key, element in pairs(value) do copy[key] = as_document(element) end
  return copy
end

local function declaration(param)
  local data = {}
  for _, key in ipairs(definition.PARAM_KEYS) do data[key] = as_document(param[key]) end
  return data
end

local function declarations(recipe)
  local list = core.json.array {}
  for i, param in ipairs(recipe.params) do list[i] = declaration(param) end
  return list
end

--- Permissions with their lists as lists, empty ones, too.
local function permissions_of(recipe)
  local whole = permissions.complete(recipe.permissions)
  local function list(value) return value and core.json.array(value) end
  return {
    hosts = list(whole.hosts), sandboxes = list(whole.sandboxes), operations = list(whole.operations),
    paths = { read = list(whole.paths.read), write = list(whole.paths.write) },
    environment = list(whole.environment), commands = whole.commands,
  }
end

--- The manifest of a recipe.
---@param recipe sluice.recipe
---@param entry string
---@param files table<string, string>
---@param program? string the bytes that it will stand behind
---@return sluice.bundle.manifest
function M.manifest(recipe, entry, files, program)
  local members = {}
  for name, bytes in pairs(files) do members[name] = core.signature.digest(bytes) end
  return {
    format = manifests.FORMAT, name = recipe.name, version = recipe.version, summary = recipe.summary,
    description = recipe.description, entry = entry, params = declarations(recipe),
    permissions = permissions_of(recipe), requires_sluice = ">= " .. core.version, members = members,
    program = program and { size = #program, sha256 = core.signature.digest(program) } or nil,
  }
end

--- Files as an archive's members.
local function in_order(files)
  local members = {}
  for name, bytes in pairs(files) do members[#members + 1] = { name = name, bytes = bytes } end
  table.sort(members, function(a, b) return a.name < b.name end)
  return members
end

--- Writes a bundle.
---@param recipe sluice.recipe
---@param entry string the recipe's file, one of the files
---@param files table<string, string> bytes by name
---@param options? { program: string|nil, key: sluice.Secret|string|nil, key_name: string|nil } the bytes it will stand
---  behind; the private key that signs it, and what errors call that
---@return string bytes
---@return sluice.bundle.manifest
--- Raises kind "recipe" when the recipe says what no manifest may, "config" for a key that is none, "limit" and
--- "usage" as core.archive.write does.
function M.write(recipe, entry, files, options)
  options = options or {}
  local manifest = M.manifest(recipe, entry, files, options.program)
  local bytes = manifests.encode(manifest)
  local document, problem = manifests.decode(bytes)
  problem = problem or manifests.problem(document)
  if problem then core.error.raise("recipe", ("recipe %s: the manifest %s"):format(recipe.name, problem)) end
  local all = { [manifests.NAME] = bytes }
  for name, content in pairs(files) do all[name] = content end
  if options.key then
    all[manifests.SIGNATURE] = require("sluice.bundle.signing").sign(bytes, options.key, options.key_name)
  end
  return core.archive.write(in_order(all), options.program and #options.program or 0), manifest
end

return M
