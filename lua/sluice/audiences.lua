--- The audiences of a sandbox, read through the Segmentation API (SEG): `aep.audiences`.
---
---     for audience in aep.audiences:each { limit = 100, sort = "name:asc" } do print(audience.id, audience.name) end
---     aep.audiences:find { name = "Loyal customers" }
---
--- `name` and `description` of a query mean "contains", in any case; `property` and `where` mean "is". What `where`
--- asks for is compared here as well, so that a name holds whatever characters it likes.

local listing = require "sluice.listing"

local M = {}

--- The part of `where` that the service understands without its filter grammar: a name contains itself.
local function wire(query)
  local name = query.name
  if name == nil and query.where and listing.is_sendable(query.where.name) then name = query.where.name end
  return { start = query.start, limit = query.limit, sort = query.sort, property = query.property,
    name = name, description = query.description, entityType = query.entityType }
end

--- Makes the list of a client.
---@param client sluice.CoreClient
---@return sluice.Listing
M.new = listing.class {
  name = "audiences", path = "/data/core/ups/audiences", item_path = "/data/core/ups/audiences/",
  list_key = "children", key = "id", paging = { start = true, limit = true }, -- the link's totalCount is no parameter
  fields = { "start", "limit", "sort", "property", "name", "description", "entityType", "where" }, wire = wire,
}

return M
