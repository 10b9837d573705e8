--- Which calls of the platform only read. Everything else may change something.

local M = {}

local READS = { GET = true, HEAD = true, OPTIONS = true }

--- What is asked by POST (flow-service-api.md §3, §16).
local ASKS = {
  "^/data/foundation/flowservice/%w+/search$", "^/data/foundation/access%-control/acl/effective%-policies$",
}

--- Does the call leave everything as it is?
---@param method string such as "GET"
---@param path string without host and query
---@return boolean
function M.is_read(method, path)
  if READS[method] then return true end
  for _, pattern in ipairs(ASKS) do
    if method == "POST" and path:find(pattern) then return true end
  end
  return false
end

return M
