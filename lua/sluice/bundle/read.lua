--- Bundles, read: everything is checked before anything is given out. Nothing of a bundle is run here.

local core = require "sluice.core"
local manifests = require "sluice.bundle.manifest"
local names = require "sluice.source.name"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.bundle
---@field path string as errors show it
---@field manifest sluice.bundle.manifest
---@field bytes string of the manifest: what a signature is for
---@field files table<string, string> the recipe's files by name
---@field members sluice.archive.Member[] all, in their order
---@field signature { key: string, bytes: string }|nil the fingerprint of the key that it claims to be by
---@field front integer how many bytes of a program stand before it

--- Raises kind "recipe": one line that names the bundle.
---@param path string
---@param message string a format when values follow
function M.refuse(path, message, ...)
  if select("#", ...) > 0 then message = message:format(...) end
  core.error.raise("recipe", ("%s: %s"):format(path, message))
end

-- ── members ────────────────────────────────────────────────────────────────────────────────────────────────────────

local function check_names(path, members)
  local seen = {}
  for _, member in ipairs(members) do
    local problem = names.problem(member.name)
    if problem then M.refuse(path, "the member %s %s", suggest.quote(member.name), problem) end
    local folded = names.fold(member.name)
    if seen[folded] then
      M.refuse(path, "the members %s and %s are one file where names are compared without regard to case",
        suggest.quote(seen[folded]), suggest.quote(member.name))
    end
    seen[folded] = member.name
  end
end

--- No name is the folder of another.
local function check_folders(path, members)
  for name in pairs(members) do
    local folder = name:match "^(.+)/"
    while folder do
      if members[folder] then
        M.refuse(path, "the member %s is a folder to %s", suggest.quote(folder), suggest.quote(name))
      end
      folder = folder:match "^(.+)/"
    end
  end
end

local function by_name(members)
  local found = {}
  for _, member in ipairs(members) do found[member.name] = member end
  return found
end

local function read_document(path, member)
  local document, problem = manifests.decode(member.bytes)
  if not document then M.refuse(path, "the member %s %s", member.name, problem) end
  return document
end

local function read_manifest(path, members)
  local member = members[manifests.NAME]
  if not member then M.refuse(path, "an archive without a manifest (%s), so no bundle", manifests.NAME) end
  local manifest = read_document(path, member)
  local problem = manifests.problem(manifest)
  if problem then M.refuse(path, "the manifest is wrong: %s", problem) end
  return manifest
end

--- Every member is as the manifest says, and every one that it names is there.
local function check_members(path, members, manifest)
  for _, member in ipairs(members) do
    local expected, name = manifest.members[member.name], suggest.quote(member.name)
    if not expected and not member.name:find(manifests.OURS) then
      M.refuse(path, "the member %s is not in the manifest", name)
    elseif expected and expected ~= member.sha256 then
      M.refuse(path, "the member %s is not the one of the manifest: its SHA-256 differs", name)
    elseif member.bytes:sub(1, 4) == "\27Lua" then
      M.refuse(path, "the member %s is compiled Lua; expected Lua source text", name)
    end
  end
end

local function check_complete(path, members, manifest)
  local missing = {}
  for name in pairs(manifest.members) do
    if not members[name] then missing[#missing + 1] = name end
  end
  table.sort(missing)
  if missing[1] then M.refuse(path, "the member %s of the manifest is missing", suggest.quote(missing[1])) end
  for name in pairs(members) do
    if name:find(manifests.OURS) and name ~= manifests.NAME and name ~= manifests.SIGNATURE then
      M.refuse(path, "the member %s is none that bundles have", suggest.quote(name))
    end
  end
end

-- ── what stands around ─────────────────────────────────────────────────────────────────────────────────────────────

local function is_hex(value, digits)
  return type(value) == "string" and #value == digits and not value:find "[^0-9a-f]"
end

--- What is claimed; whether it is true, only a key can tell.
local function read_signature(path, member)
  if not member then return nil end
  local document = read_document(path, member)
  local key, signature = document.key, document.signature
  local known = { algorithm = "Ed25519", key = key, signature = signature }
  if not is_hex(key, 64) or not is_hex(signature, 128) or manifests.encode(known) ~= member.bytes then
    M.refuse(path, "the member %s is no signature", manifests.SIGNATURE)
  end
  return { key = key, bytes = (signature:gsub("%x%x", function(hex) return string.char(tonumber(hex, 16)) end)) }
end

local function check_front(path, front, program)
  local expected = program and program.size or 0
  if front == expected then return end
  M.refuse(path, "%d bytes stand before the bundle; its manifest says %d", front, expected)
end

--- A bundle of members.
---@param path string for errors
---@param members sluice.archive.Member[]|nil as the archive gives them
---@param front integer|string
---@return sluice.bundle
--- Raises kind "recipe" for anything that is not as it should be.
function M.of(path, members, front)
  if not members then M.refuse(path, "%s%s", front:find "^the member" and "" or "the archive ", front) end
  check_names(path, members)
  local found = by_name(members)
  check_folders(path, found)
  local manifest = read_manifest(path, found)
  check_members(path, members, manifest)
  check_complete(path, found, manifest)
  check_front(path, front, manifest.program)
  local files = {}
  for name in pairs(manifest.members) do files[name] = found[name].bytes end
  return { path = path, manifest = manifest, bytes = found[manifests.NAME].bytes, files = files, members = members,
    signature = read_signature(path, found[manifests.SIGNATURE]), front = front }
end

--- What a file is that has no archive at its end, by its beginning; nil for one that begins as archives do.
local function otherwise(path)
  local file <close> = io.open(path, "rb")
  local first = file and file:read(4)
  if first == "PK\3\4" then return nil end
  return first == "\127ELF" and "a program without a bundle, or one that is cut off" or "no bundle"
end

--- Opens a bundle: a file of its own, or one behind a program.
---@param path string
---@param shown? string what errors call it
---@return sluice.bundle
--- Raises kind "usage" when the file cannot be read, "recipe" for one that is no good bundle.
function M.open(path, shown)
  shown = shown or path
  local read, members, front = pcall(core.archive.read, path)
  if read then
    local other = not members and front:find "^is cut off" and otherwise(path)
    if other then M.refuse(shown, other) end
    return M.of(shown, members, front)
  end
  if core.error.is(members, "io") then core.error.raise("usage", ("%s %s"):format(shown, members.message)) end
  error(members, 0)
end

return M
