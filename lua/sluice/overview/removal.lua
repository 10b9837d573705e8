--- What goes when dataflows, connections or accounts are deleted, and in which order (DELA): dataflows, then target and
--- source connections, then accounts. What others use stays. Nothing is deleted here; see `sluice.overview.deleting`.

local core = require "sluice.core"
local facts = require "sluice.overview.facts"
local neighbours = require "sluice.overview.neighbours"
local suggest = require "sluice.suggest"
local tasks = require "sluice.tasks"

local M = {}

--- The kinds that can be deleted, in the order in which they go.
M.KINDS = { "flows", "target_connections", "source_connections", "connections" }

local ENDS = { "target_connections", "source_connections" }
local MOST_USERS = 100 -- that are looked for; as many are certainly too many to go on

---@class sluice.overview.Step one entity that goes, or stays
---@field kind string as in `aep`
---@field id string
---@field name string|nil
---@field state string|nil
---@field spec string|nil ID of its connection spec
---@field users { kind: string, id: string, name: string|nil }[]|nil of what stays: who uses it, at most 100
---@field asked boolean it was named, not found on the way

---@class sluice.overview.Plan
---@field steps sluice.overview.Step[] what goes, in this order
---@field kept sluice.overview.Step[] what stays, for others use it

---@class sluice.overview.Planning
---@field doomed table<string, boolean> IDs of what goes
---@field candidates table<string, table<string, table>> kind → ID → entity that may go
---@field asked table<string, boolean> IDs of what was named
local Planning = {}
Planning.__index = Planning

local function label(kind, item)
  return ("%s %s (%s)"):format(facts.KINDS[kind].noun, suggest.quote(item.name or "without a name"), item.id)
end

--- What people call an entity: dataflow "Loyal customers" (5f1d…).
---@param step { kind: string, id: string, name: string|nil }
---@return string
function M.label(step) return label(step.kind, step) end

-- ── what may go ────────────────────────────────────────────────────────────────────────────────────────────

--- An entity, or nil when it is gone.
local function get(aep, kind, id)
  local ok, item = pcall(function() return aep[kind]:get(id) end)
  if ok then return item end
  if core.error.is(item, "service") and item.status == 404 then return nil end
  error(item, 0)
end

function Planning:add(kind, item)
  if not self.candidates[kind][item.id] then
    self.candidates[kind][item.id] = item
    table.insert(self.order[kind], item)
  end
end

--- Adds the entities of these IDs, as far as they are there.
function Planning:add_ids(kind, ids)
  local missing = {}
  for _, id in ipairs(ids) do
    if not self.candidates[kind][id] then missing[#missing + 1] = id end
  end
  local found = tasks.map(missing, function(id) return get(self.aep, kind, id) or false end)
  for _, item in ipairs(found) do
    if item then self:add(kind, item) end
  end
end

--- Follows the chain from what was named: connections of dataflows, unused connections of accounts, accounts of
--- connections.
function Planning:follow()
  for _, kind in ipairs(ENDS) do
    local ids = {}
    for _, flow in ipairs(self.order.flows) do
      local texts = facts.texts(flow[facts.ENDS[kind]])
      table.move(texts, 1, #texts, #ids + 1, ids)
    end
    self:add_ids(kind, ids)
    local accounts = {}
    for _, account in ipairs(self.order.connections) do accounts[#accounts + 1] = account.id end
    for item in neighbours.connections(self.aep, kind, accounts) do self:add(kind, item) end
  end
  local bases = {}
  for _, kind in ipairs(ENDS) do
    for _, item in ipairs(self.order[kind]) do bases[#bases + 1] = facts.text(item.baseConnectionId) end
  end
  self:add_ids("connections", bases)
end

-- ── who stands in the way ──────────────────────────────────────────────────────────────────────────────────

--- Lists may still show what is gone: the first user that is shown as one has to be there.
function Planning:living(users)
  while users[1] and not get(self.aep, users[1].kind, users[1].id) do table.remove(users, 1) end
  return users
end

--- Does one of the dataflows or connections that go use the entity?
local function is_user(user_kind, user, kind, id)
  if user_kind ~= "flows" then return user.baseConnectionId == id end
  return facts.uses(user, kind, { [id] = true })
end

--- What goes and is known to use the entity has to be among its users as the service lists them: a list that lacks it
--- may lack others.
function Planning:check_list(user_kind, listed, kind, item)
  for _, user in ipairs(self.order[user_kind]) do
    if not listed[user.id] and is_user(user_kind, user, kind, item.id) and get(self.aep, user_kind, user.id) then
      local message = "the service lists what uses %s, but not %s, which does; nothing was deleted"
      core.error.raise("service", message:format(label(kind, item), label(user_kind, user)),
        { code = "incomplete", hint = "lists lag behind what was made a moment ago: try again" })
    end
  end
end

--- Adds what the service lists as users of an entity and what stays; at most so many that it is clear.
function Planning:add_users(users, user_kind, iterator, kind, item)
  local listed = {}
  for user in iterator do
    if #users == MOST_USERS then return end
    listed[user.id] = true
    if not self.doomed[user.id] then
      users[#users + 1] = { kind = user_kind, id = user.id, name = facts.text(user.name) }
    end
  end
  self:check_list(user_kind, listed, kind, item)
end

--- Who uses an entity, besides what goes with it.
function Planning:users_of(kind, item)
  local users = {}
  if kind == "connections" then
    for _, side in ipairs(ENDS) do
      self:add_users(users, side, neighbours.connections(self.aep, side, { item.id }), kind, item)
    end
  elseif kind ~= "flows" then
    self:add_users(users, "flows", neighbours.flows(self.aep, kind, { item.id }), kind, item)
  end
  return self:living(users)
end

local function step_of(self, kind, item, users)
  local step = facts.brief(item)
  step.kind, step.spec, step.users, step.asked = kind, facts.spec_id(item), users, self.asked[item.id] or false
  return step
end

--- Puts what nobody else uses among what goes, the rest among what stays.
function Planning:decide(kind)
  for _, item in ipairs(self.order[kind]) do
    local users = self:users_of(kind, item)
    if #users == 0 then
      self.doomed[item.id] = true
      table.insert(self.plan.steps, step_of(self, kind, item))
    else
      table.insert(self.plan.kept, step_of(self, kind, item, users))
    end
  end
end

--- Who uses it, in words: dataflow "B" (…) and 3 more.
---@param step sluice.overview.Step of what stays
---@return string
function M.users(step)
  local first = label(step.users[1].kind, step.users[1])
  local more = #step.users - 1
  if more == 0 then return first end
  return ("%s and %s more"):format(first, #step.users == MOST_USERS and "at least " .. more or tostring(more))
end

--- What was named cannot stay in silence: nothing is deleted then.
local function refuse_shared(plan)
  local parts, first = {}, nil
  for _, step in ipairs(plan.kept) do
    if step.asked then
      first = first or step.users[1]
      parts[#parts + 1] = ("%s is used by %s"):format(M.label(step), M.users(step))
    end
  end
  if #parts == 0 then return end
  core.error.raise("service", ("%s; nothing was deleted"):format(table.concat(parts, "; ")), { code = "in_use",
    hint = ("delete first what uses it, or name both: 'sluice show %s' shows more"):format(first.id) })
end

--- Plans a deletion.
---@param aep sluice.Client
---@param chosen { kind: string, item: table }[] what was named, as read
---@param with_connections boolean of dataflows their connections and accounts, too; of accounts the connections that no
---  dataflow uses; of connections their accounts
---@return sluice.overview.Plan plan; raises kind "service", code "in_use", when others use what was named
function M.plan(aep, chosen, with_connections)
  local self = setmetatable({ aep = aep, doomed = {}, asked = {}, candidates = {}, order = {},
    plan = { steps = {}, kept = {} } }, Planning)
  for _, kind in ipairs(M.KINDS) do self.candidates[kind], self.order[kind] = {}, {} end
  for _, entry in ipairs(chosen) do
    self.asked[entry.item.id] = true
    self:add(entry.kind, entry.item)
  end
  if with_connections then self:follow() end
  for _, kind in ipairs(M.KINDS) do self:decide(kind) end
  refuse_shared(self.plan)
  return self.plan
end

return M
