--- GET /data/core/ups/audiences [SEG]: a few example audiences, the same in every sandbox, so that scripts
-- have something to activate. All of them are invented.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"

local json = core.json

local M = {}

-- { name, description, external? }
local EXAMPLES = {
  { "Loyal customers", "Three or more orders in the last year" },
  { "New subscribers", "Signed up in the last 30 days" },
  { "Abandoned carts", "Left a cart in the last 7 days" },
  { "High value", "Lifetime value above 1000" },
  { "Trade fair contacts", "Uploaded list", external = true },
}

local CREATED = 1700000000 -- seconds

local function audience(rq, row)
  local id = rq.ids:uuid("audience " .. row[1])
  return {
    id = id, name = row[1], description = row[2],
    audienceId = row.external and "external-" .. id:sub(1, 8) or id,
    namespace = row.external and "CustomerAudienceUpload" or "AEPSegments",
    originName = row.external and "CUSTOM_UPLOAD" or "REAL_TIME_CUSTOMER_PROFILE",
    type = row.external and "ExternalAudience" or "SegmentDefinition", lifecycleState = "published",
    imsOrgId = rq.scope.org, schema = { name = "_xdm.context.profile" }, labels = json.array {},
    sandbox = { sandboxId = rq.scope.sandbox_id, sandboxName = rq.scope.sandbox, type = "production",
      default = rq.scope.sandbox == "prod" },
    creationTime = CREATED * 1000, createEpoch = CREATED,
    _etag = rq.ids:etag(id, 1),
  }
end

local function contains(text, part)
  return part == nil or text:lower():find(part:lower(), 1, true) ~= nil
end

local function has_property(item, expressions)
  for _, expression in ipairs(expressions) do
    local name, value = expression:match("^([%w_]+)==(.*)$")
    if not name or tostring(item[name]) ~= value then return false end
  end
  return true
end

local function sort(items, text)
  local field, direction = (text or ""):match("^([%w_]+):(%l+)$")
  if not field then return end
  table.sort(items, function(a, b)
    local x, y = tostring(a[field]), tostring(b[field])
    if direction == "desc" then x, y = y, x end
    return x < y
  end)
end

local function number(text, default, name)
  if text == nil then return default end
  local value = text:match("^%d+$") and math.tointeger(tonumber(text))
  return value or errors.problem(400, "BadRequestError", ("%s must be a whole number"):format(name))
end

--- GET of the list, whose key is `children`.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.list(rq)
  local found, query = {}, rq.query
  for _, row in ipairs(EXAMPLES) do
    local item = audience(rq, row)
    if contains(item.name, query.name) and contains(item.description, query.description)
      and has_property(item, query.property) then
      found[#found + 1] = item
    end
  end
  sort(found, query.sort)
  local start, limit = number(query.start, 0, "start"), math.max(1, number(query.limit, 20, "limit"))
  local page = json.array { table.unpack(found, start + 1, math.min(start + limit, #found)) }
  local after, links = start + #page, {}
  if after < #found then
    links.next = { href = ("@/audiences?start=%d&limit=%d&totalCount=%d"):format(after, limit, #found) }
  end
  return 200, { children = page, _links = links, _page = {
    totalCount = #found, totalPages = -(-#found // limit), pageSize = #page, limit = limit,
    start = tostring(start), next = after < #found and tostring(after) or nil } }
end

--- GET of one, without a wrapper.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.get(rq)
  for _, row in ipairs(EXAMPLES) do
    local item = audience(rq, row)
    if item.id == rq.id or item.audienceId == rq.id then return 200, item end
  end
  local message = "No audience has the id " .. rq.id
  errors.throw(404, { type = "https://ns.adobe.com/aep/errors/UPAPI-113430-404", title = message,
    status = 404, requestId = rq.ids:digits(rq.ids:next "request"),
    errors = { ["404"] = json.array { { code = 404, message = message } } } })
end

return M
