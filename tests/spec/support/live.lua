--- A live dataflow on the emulator, reached through real requests, and a hand in between.

local emulator = require "sluice.emulator"
local sluice = require "sluice"

local M = {}

M.TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"

--- IDs of audiences, as good as any.
function M.id(n) return ("0b4dd08e-92a1-4b0a-9c3d-%012d"):format(n) end

--- An audience of a definition; `false` in `extra` takes a key away.
function M.audience(n, extra)
  local entry = { id = M.id(n), name = "Audience " .. n, filename = M.TEMPLATE,
    schedule = sluice.schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" } }
  for key, value in pairs(extra or {}) do entry[key] = value or nil end
  return entry
end

--- A definition on SFTP; `extra` replaces its parts.
function M.definition(extra)
  local definition = {
    name = "Loyal customers to Campaign", type = "adobe-campaign",
    auth = { domain = "d.example.com", host = "h.example.com", username = "u", password = "first password" },
    target = { remotePath = "/in" },
    audiences = { M.audience(1), M.audience(2) },
    attributes = { "person.name.firstName", { path = "personalEmail.address", mandatory = true, deduplicate = true } },
  }
  for key, value in pairs(extra or {}) do definition[key] = value or nil end
  return definition
end

---@class spec.Live
---@field aep table
---@field server table
---@field sent table[] requests since `forget`
local Live = {}
Live.__index = Live

--- Starts an emulator and a connection to it. `before(request)` may answer in its place, `after(request, status,
--- headers, body)` may replace an answer: both are fields of what this returns.
---@param options? table of the emulator
function M.start(options)
  local server = emulator.start(options or {})
  local live = setmetatable({ server = server, sent = {} }, Live)
  local handle = server.emulator.handle
  live.handle = handle
  server.emulator.handle = function(self, exchange)
    local request = { method = exchange.method, path = exchange.path, query = exchange.query,
      headers = exchange.headers, body = exchange.body }
    if not request.path:find "^/ims" then table.insert(live.sent, request) end
    if live.before then
      local status, headers, body = live.before(request)
      if status then return status, headers, body end
    end
    local status, headers, body = handle(self, exchange)
    if live.after then
      local other, other_headers, other_body = live.after(request, status, headers, body)
      if other then return other, other_headers, other_body end
    end
    return status, headers, body
  end
  live.aep = sluice.connect { base_url = server.url, ims_url = server.url, org = "0123456789ABCDEF01234567@AdobeOrg",
    client_id = "c", client_secret = "s", scopes = "openid", sandbox = "prod", settle = 0.05,
    attempts = 3, token_cache = false } -- another port's old token would cost a call
  return live
end

--- Changes an entity as somebody else would, while `request` (a PATCH of it) is on its way.
function Live:meddle(request, operations)
  local function ask(method, etag, body)
    local headers = {}
    for name, value in pairs(request.headers) do headers[name] = value end
    headers["if-match"] = etag
    return self.handle(self.server.emulator, { method = method, path = request.path, headers = headers, body = body })
  end
  local _, _, text = ask "GET"
  local status = ask("PATCH", sluice.json.decode(text).items[1].etag, sluice.json.encode(operations))
  assert(status < 300, status)
end

--- Sets a destination up and takes hold of its dataflow.
function Live:flow(extra)
  local result = sluice.destination(M.definition(extra)):apply(self.aep)
  self:forget()
  return sluice.dataflow(self.aep, result.ids.flow, { pause = 0 }), result
end

function Live:forget() self.sent, self.before, self.after = {}, nil, nil end

--- The requests of a method since then; those of all methods that change something without one.
function Live:requests(method)
  local chosen = {}
  for _, request in ipairs(self.sent) do
    if method == nil and request.method ~= "GET" or request.method == method then chosen[#chosen + 1] = request end
  end
  return chosen
end

--- The operations of the one patch that was sent.
function Live:patch()
  local patches = self:requests "PATCH"
  assert(#patches == 1, #patches .. " patches were sent")
  return sluice.json.decode(patches[1].body)
end

--- IDs and names of the audiences that the dataflow has.
function M.audiences(flow)
  local ids = {}
  for i, selector in ipairs(flow.transformations[1].params.segmentSelectors.selectors) do ids[i] = selector.value.id end
  return ids
end

return M
