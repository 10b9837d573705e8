--- Bundles for tests: good ones, and such as no program of ours writes.

local core = require "sluice.core"
local manifests = require "sluice.bundle.manifest"
local recipes = require "sluice.recipe"
local write = require "sluice.bundle.write"

local M = {}

M.RECIPE = [[
return require("sluice").recipe { name = "tried", version = "1.0.0", summary = "Tries", params = {},
  run = function(ctx) ctx.log("ran") end }
]]

--- A recipe as a bundle needs it.
function M.recipe(fields)
  local definition = { name = "tried", version = "1.0.0", summary = "Tries", params = {}, run = function() end }
  for key, value in pairs(fields or {}) do definition[key] = value end
  return recipes.new(definition)
end

--- A good bundle: "a.lua" and "data/b.csv" unless told.
---@param files? table<string, string>
---@param options? table as of write
---@return string bytes
function M.good(files, options)
  return (write.write(M.recipe(), "a.lua", files or { ["a.lua"] = M.RECIPE, ["data/b.csv"] = "x,y\n" }, options))
end

--- A bundle of which the manifest or members are changed: `change(manifest, files)` before anything is written.
---@return string bytes
function M.changed(change)
  local files = { ["a.lua"] = M.RECIPE, ["b.lua"] = "return 1" }
  local manifest = write.manifest(M.recipe(), "a.lua", files)
  local replaced = change(manifest, files)
  files[manifests.NAME] = files[manifests.NAME] or replaced or manifests.encode(manifest)
  if files[manifests.NAME] == "" then files[manifests.NAME] = nil end
  local members = {}
  for name, bytes in pairs(files) do members[#members + 1] = { name = name, bytes = bytes } end
  table.sort(members, function(a, b) return a.name < b.name end)
  return core.archive.write(members)
end

-- ── zip files by hand ──────────────────────────────────────────────────────────────────────────────────────────────

local function crc32(bytes)
  local crc = 0xFFFFFFFF
  for i = 1, #bytes do
    crc = crc ~ bytes:byte(i)
    for _ = 1, 8 do crc = crc & 1 == 1 and crc >> 1 ~ 0xEDB88320 or crc >> 1 end
  end
  return crc ~ 0xFFFFFFFF
end

--- A zip file, strictly as bundles are, but for what members and `ending` say otherwise.
---@param members table[] name, bytes; flags, method, size, packed, crc, attributes, extra, comment, time, local_name,
---  offset, needed
---@param ending? table count, size, offset, comment, before (bytes in front of the directory)
---@return string
function M.zip(members, ending)
  ending = ending or {}
  local parts, directory, at = {}, {}, 0
  for i, m in ipairs(members) do
    local bytes = m.bytes or ""
    local flags = m.flags or (m.name:find "[\x80-\xFF]" and 0x800 or 0)
    local common = ("<I2I2I2I2I2I4I4I4I2I2"):pack(m.needed or 10, flags, m.method or 0, m.time or 0, 33,
      m.crc or crc32(bytes), m.packed or #bytes, m.size or #bytes, #m.name, #(m.extra or ""))
    local head = "PK\3\4" .. common .. (m.local_name or m.name) .. (m.extra or "")
    parts[i] = head .. bytes
    directory[i] = "PK\1\2" .. ("<I2"):pack(0x033F) .. common .. ("<I2I2I2I4I4"):pack(#(m.comment or ""), 0, 0,
      m.attributes or 0x81A40000, m.offset or at) .. m.name .. (m.extra or "") .. (m.comment or "")
    at = at + #parts[i]
  end
  local list = table.concat(directory)
  local before = table.concat(parts) .. (ending.before or "")
  local comment = ending.comment or ""
  return before .. list .. "PK\5\6" .. ("<I2I2I2I2I4I4I2"):pack(0, 0, ending.count or #members, ending.count or
    #members, ending.size or #list, ending.offset or #before, #comment) .. comment
end

--- The members of a good bundle, to be spoilt.
function M.members()
  return (core.archive.parse(M.good()))
end

return M
