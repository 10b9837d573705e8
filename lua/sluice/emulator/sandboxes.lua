--- GET /data/foundation/sandbox-management [SBX]: the sandboxes of the option `sandboxes`,
-- which every organization has.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"

local M = {}

local function sandbox(name)
  return { name = name, title = name, state = "active",
    type = name == "prod" and "production" or "development",
    region = "VA7", isDefault = name == "prod", etag = 1, createdDate = "2023-11-14 22:13:20" }
end

--- GET / and /sandboxes.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.list(rq)
  local items = core.json.array {}
  for i, name in ipairs(rq.emulator.sandbox_names) do items[i] = sandbox(name) end
  return 200, { sandboxes = items, _page = { limit = #items, count = #items }, _links = {} }
end

--- GET /sandboxes/{name}.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.get(rq)
  if rq.emulator.sandboxes[rq.id] then return 200, sandbox(rq.id) end
  errors.refuse("2100-404", "no sandbox is named '%s'", rq.id)
end

return M
