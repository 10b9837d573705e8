--- `--dry-run`: reads are sent, writes are not: they are printed, and answered as if they had been done. What was
--- planned so is kept, and reading it gives it back, so that a run goes on to its end. The answers are ours, not the
--- service's: whether it would take a write only the service knows.

local core = require "sluice.core"
local reading = require "sluice.reading"
local target_of = require("sluice.seeing.call").target

local M = {}

local SERVICE = "^/data/foundation/flowservice/%w+" -- a collection of the Flow Service
local AD_HOC = "/data/core/activation/disflowprovider/adhocrun" -- activation.md §8
local RUNS = "/data/foundation/flowservice/runs/"
local MOST_REMEMBERED = 1000 -- entities read last, for patches to work on

---@class sluice.seeing.DryRun
---@field items table<string, table|false> by path: planned or changed entities; false: deleted
---@field planned table<string, string[]> collection → paths of planned entities
---@field ids table<string, boolean> that were made up
---@field remembered table<string, table> entities as they were read
---@field writes table[] what was not sent: { method, path, body }
local DryRun = {}
DryRun.__index = DryRun

-- ── answers ────────────────────────────────────────────────────────────────────────────────────────────────

local function answer(status, body)
  return { status = status, headers = { ["content-type"] = "application/json" },
    body = body and core.json.encode(body) or "" }
end

local function refuse(status, title, detail)
  return answer(status, { title = title, status = status, detail = detail })
end

--- An answer that holds one entity: the Flow Service wraps it, its neighbours don't.
local function entity(path, item)
  return answer(200, path:find(SERVICE) and { items = core.json.array { item } } or item)
end

--- An ID that no service has given out.
function DryRun:new_id()
  self.count = self.count + 1
  local id = ("00000000-0000-4000-8000-%012x"):format(self.count)
  self.ids[id] = true
  return id
end

function DryRun:new_etag()
  self.revisions = self.revisions + 1
  return ('"dry-run-%d"'):format(self.revisions)
end

--- Keeps a new state of an entity.
function DryRun:keep(path, item)
  item.etag = self:new_etag()
  self.items[path] = item
  return { id = item.id, etag = item.etag }
end

--- An entity as it is by now; nil when it was never read.
function DryRun:current(path)
  return self.items[path] or self.remembered[path]
end

-- ── writes ─────────────────────────────────────────────────────────────────────────────────────────────────

function DryRun:create(path, body)
  local item = type(body) == "table" and not core.json.is_array(body) and body or {}
  local now = core.task.time() * 1000 // 1
  item.id, item.version, item.createdAt, item.updatedAt = self:new_id(), 0, now | 0, now | 0
  if path:find(SERVICE) then item.state, item.version = "enabled", "dry-run" end
  local place = path .. "/" .. item.id
  self.planned[path] = self.planned[path] or {}
  table.insert(self.planned[path], place)
  local made = self:keep(place, item)
  made.version = item.version
  return answer(201, made)
end

--- Exports now: a run of each audience, which is over as soon as it is asked for.
function DryRun:export(body)
  local order = core.json.array {}
  for flow, audiences in pairs(type(body) == "table" and body.activationInfo or {}) do
    for _, audience in ipairs(audiences) do
      local id = self:new_id()
      self.items[RUNS .. id] = { id = id, flowId = flow, metrics = { statusSummary = { status = "success" } } }
      order[#order + 1] = { segment = audience, order = flow, statusURL = RUNS .. id }
    end
  end
  return answer(200, { order = order })
end

function DryRun:patch(path, body)
  local before = self:current(path)
  if not before then return answer(200, { id = path:match "[^/]+$", etag = self:new_etag() }) end
  local ok, after = pcall(function() return core.patch.new(body):apply(before) end)
  if not ok then return refuse(400, "Bad Request", tostring(after)) end
  return answer(200, self:keep(path, core.json.copy(after)))
end

function DryRun:put(path, body)
  local item = type(body) == "table" and body or {}
  item.id = path:match "[^/]+$"
  return answer(200, self:keep(path, item))
end

function DryRun:delete(path)
  self.items[path] = false
  return answer(204)
end

local STATES = { enable = "enabled", disable = "disabled" }

--- An operation on an entity, such as "enable".
function DryRun:act(path, op)
  local before = self:current(path)
  if not before then return answer(200, { id = path:match "[^/]+$", etag = self:new_etag() }) end
  local item = core.json.copy(before)
  item.state = STATES[op] or item.state
  return answer(200, self:keep(path, item))
end

function DryRun:write(method, path, query, body)
  local acted_on = method == "POST" and path:find(SERVICE) and path:match "^(.*)/action$"
  if acted_on then return self:act(acted_on, query:match "op=(%w+)") end
  if path == AD_HOC then return self:export(body) end
  local act = ({ POST = self.create, PATCH = self.patch, PUT = self.put, DELETE = self.delete })[method]
  return act and act(self, path, body) or answer(200)
end

-- ── reads ──────────────────────────────────────────────────────────────────────────────────────────────────

local function unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- Does a text name something that exists in this run only?
function DryRun:names_planned(text)
  for id in text:gmatch "%x+%-%x+%-%x+%-%x+%-%x+" do
    if self.ids[id] then return true end
  end
  return false
end

--- The planned entities that a list would hold when it asks for their name. The service is not asked then: had it one
--- of that name and kind, it would not have been planned.
function DryRun:list(path, query)
  local name = query:match "property=name==([^&]*)"
  local found = core.json.array {}
  for _, place in ipairs(name and self.planned[path] or {}) do
    local item = self.items[place]
    if item and item.name == name then found[#found + 1] = item end
  end
  if #found > 0 or self:names_planned(query) then return answer(200, { items = found, _links = core.json.object() }) end
end

function DryRun:read(method, path, query)
  if method ~= "GET" then return nil end
  local item = self.items[path]
  if item then return entity(path, item) end
  if item == false then return refuse(404, "Not Found", "deleted in this dry run") end
  if path:find(SERVICE .. "$") then return self:list(path, query) end
  if self:names_planned(path) then return refuse(404, "Not Found", "what it is part of exists in this dry run only") end
end

--- Keeps an entity that was read: a patch may follow.
---@param event sluice.CallEvent
function DryRun:remember(event)
  if event.token or event.method ~= "GET" or event.status ~= 200 then return end
  local path = target_of(event.url):match "^[^?]*"
  if not path:find(SERVICE .. "/[^/]+$") then return end
  local ok, value = pcall(core.json.decode, event.body or "")
  local item = ok and type(value) == "table" and (value.items and value.items[1] or value)
  if type(item) ~= "table" or item.id == nil then return end
  if self.remembered_count >= MOST_REMEMBERED then self.remembered, self.remembered_count = {}, 0 end
  if not self.remembered[path] then self.remembered_count = self.remembered_count + 1 end
  self.remembered[path] = item
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

--- Prints a write, and what takes the place of its answer.
local function print_write(self, call, given)
  self.out.line(("dry run, not sent: %s %s"):format(call.event.method, call:target()))
  local body = call:body()
  if body ~= nil then
    for line in core.json.encode(body, { indent = 2 }):gmatch "[^\n]+" do self.out.line("  " .. line) end
  end
  local id = call.event.method == "POST" and given.body:match '"id":"(00000000%-[%x-]+)"'
  if id then self.out.line("  goes on with the made-up ID " .. id) end
  self.writes[#self.writes + 1] = { method = call.event.method, path = call:target(), body = body }
end

--- The answer to a call that is not to be sent; nil for one that is.
---@param call sluice.seeing.Call
---@return table|nil answer
---@return string|nil note
function DryRun:answer(call)
  local target = target_of(call.event.url)
  local path, query = target:match "^[^?]*", unescape(target:match "%?(.*)" or "")
  if reading.is_read(call.event.method, path) then
    local given = self:read(call.event.method, path, query)
    return given, given and "dry run"
  end
  local body = call.event.request.body
  body = body ~= nil and core.json.decode(core.json.encode(body)) or nil -- as it would be sent, but for secrets
  local given = self:write(call.event.method, path, query, body)
  print_write(self, call, given)
  return given, "dry run"
end

--- What a run came to, for people.
function DryRun:finish()
  self.out.line(#self.writes == 0 and "dry run: there was nothing to write"
    or ("dry run: %d write%s not sent, nothing was changed"):format(#self.writes, #self.writes == 1 and "" or "s"))
end

---@param out sluice.seeing.Output
---@return sluice.seeing.DryRun
function M.new(out)
  return setmetatable({ out = out, items = {}, planned = {}, ids = {}, remembered = {}, remembered_count = 0,
    writes = core.json.array {}, count = 0, revisions = 0 }, DryRun)
end

return M
