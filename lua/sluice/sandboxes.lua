--- The sandboxes that the credentials may use (SBX): `aep.sandboxes`. One is known by its name.

local listing = require "sluice.listing"

local M = {}

--- Makes the list of a client.
---@param client sluice.CoreClient
---@return sluice.Listing
M.new = listing.class {
  name = "sandboxes", path = "/data/foundation/sandbox-management/",
  item_path = "/data/foundation/sandbox-management/sandboxes/", list_key = "sandboxes", key = "name",
  fields = { "where" }, wire = function() return {} end,
}

return M
