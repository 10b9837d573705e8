--- What a file's columns are called, or a message's fields, and the line a CSV file begins with.

local attribute = require "sluice.activation.attribute"
local core = require "sluice.core"

local M = {}

local function entry_of(item)
  return type(item) == "table" and item or { path = item }
end

--- The names of all columns. The newer cards take the mapping's: no dots in them (ACT, MIG). The older ones write the
--- attribute's path as it is (T, MIG). A destination that the catalog does not know has what the definition says.
local function names_of(attributes, shape)
  local names = core.json.array {}
  for i, item in ipairs(attributes) do
    local entry = entry_of(item)
    names[i] = shape == "v2" and attribute.column(entry) or entry.column or entry.path or entry.identity
  end
  return names
end

--- Columns and what is asked of them, from a checked list of attributes.
---@param attributes table
---@param shape "legacy"|"v2"|"streaming"|nil
---@return { header: string[], mandatory: string[], deduplicate: string[], has_identity: boolean } columns
function M.read(attributes, shape)
  local columns = { header = names_of(attributes, shape), mandatory = core.json.array {},
    deduplicate = core.json.array {}, has_identity = false }
  for i, item in ipairs(attributes) do
    local entry = entry_of(item)
    if entry.mandatory then table.insert(columns.mandatory, columns.header[i]) end
    if entry.deduplicate then table.insert(columns.deduplicate, columns.header[i]) end
    if entry.identity and not entry.column then columns.has_identity = true end
  end
  return columns
end

--- Is the membership's status among the attributes? Only then do files name who left an audience (PEB).
---@param attributes table
---@return boolean
function M.has_status(attributes)
  for _, item in ipairs(attributes) do
    local path = entry_of(item).path
    if path and path:find "^segmentMembership%..*%f[%w]status$" or path == "segmentMembership.status" then
      return true
    end
  end
  return false
end

return M
