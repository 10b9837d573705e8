--- All accounts of a sandbox with their target connections, dataflows and audiences, and what nothing uses any more.
--- One pass through the pages of each kind, all kinds at the same time; of each entity only what is shown is kept.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local facts = require "sluice.overview.facts"
local neighbours = require "sluice.overview.neighbours"
local tasks = require "sluice.tasks"

local M = {}

local PAGE = 100 -- the most a page may hold (D)

---@class sluice.overview.Orphan
---@field kind "account"|"target_connection"|"source_connection"
---@field id string
---@field name string|nil
---@field reason string
---@field delete string[] arguments of `sluice delete` that remove it

---@class sluice.overview.Tree
---@field sandbox string
---@field accounts table[] at destinations: { id, name, state, connection_spec, target_connections = { { …, flows = {
---  { …, audiences } } } }, gone = true|nil, orphan = true|nil }
---@field sources table[] accounts that are read from: { …, source_connections = { { …, used } } }
---@field flows table[] dataflows to destinations that have no target connection
---@field orphans sluice.overview.Orphan[]
---@field counts table<string, integer>

-- ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

local function brief_connection(item)
  local brief = facts.brief(item)
  brief.base, brief.spec = facts.text(item.baseConnectionId), facts.spec_id(item)
  return brief
end

local function brief_flow(flow)
  local brief = facts.brief_flow(flow)
  brief.audiences = core.json.array(brief.audiences)
  brief.to_destination = facts.is_to_destination(flow)
  for kind, member in pairs(facts.ENDS) do brief[kind] = facts.texts(flow[member]) end
  return brief
end

local function by_name(a, b)
  local x, y = a.name or "", b.name or ""
  if x ~= y then return x < y end
  return a.id < b.id
end

--- Reads one kind to its end.
local function read(aep, kind, form, on_progress)
  local list, by_id = {}, {}
  for item in aep[kind]:each { limit = PAGE } do
    local brief = form(item)
    if not by_id[brief.id] then -- pages may overlap while somebody adds something
      list[#list + 1], by_id[brief.id] = brief, brief
      on_progress(kind, #list)
    end
  end
  table.sort(list, by_name)
  return { list = list, by_id = by_id }
end

local function read_all(aep, on_progress)
  local function pass(kind, form)
    return function() return read(aep, kind, form, on_progress) end
  end
  local all = {}
  all.connections, all.target_connections, all.source_connections, all.flows = tasks.all {
    pass("connections", brief_connection), pass("target_connections", brief_connection),
    pass("source_connections", brief_connection), pass("flows", brief_flow),
  }
  return all
end

--- What connection specs are called: as the catalog has it, the others in one question for all.
local function titles_of(aep, connections)
  local titles, unknown = {}, {}
  for _, item in ipairs(connections) do
    local id = item.spec
    if id and titles[id] == nil then
      titles[id] = facts.known_title(id) or false
      if not titles[id] then unknown[#unknown + 1] = id end
    end
  end
  local function is_wanted(spec) return titles[spec.id] ~= nil end
  for spec in neighbours.each(aep.connection_specs, "id", unknown, is_wanted) do
    titles[spec.id] = facts.text(spec.name)
  end
  return titles
end

-- ── joining ────────────────────────────────────────────────────────────────────────────────────────────────

local function group(lists, key, item)
  if key == nil then return end
  lists[key] = lists[key] or {}
  table.insert(lists[key], item)
end

--- Which dataflows each connection has.
local function users_of(all)
  local users = { target_connections = {}, source_connections = {} }
  for _, flow in ipairs(all.flows.list) do
    for kind, lists in pairs(users) do
      for _, id in ipairs(flow[kind]) do group(lists, id, flow) end
    end
  end
  return users
end

--- Which connections each account has.
local function children_of(all)
  local children = { target_connections = {}, source_connections = {} }
  for kind, lists in pairs(children) do
    for _, item in ipairs(all[kind].list) do group(lists, item.base, item) end
  end
  return children
end

local function shown_flow(flow)
  return { id = flow.id, name = flow.name, state = flow.state, audiences = flow.audiences }
end

local function shown_target(target, flows)
  local shown = { id = target.id, name = target.name, state = target.state, flows = core.json.array {},
    gone = target.gone, orphan = #flows == 0 or nil }
  for i, flow in ipairs(flows) do shown.flows[i] = shown_flow(flow) end
  return shown
end

local SOURCES = { [catalog.profile_store.connection_spec] = true, [catalog.data_lake.connection_spec] = true }

---@class sluice.overview.Joining
local Joining = {}
Joining.__index = Joining

function Joining:orphan(kind, item, reason, delete)
  table.insert(self.tree.orphans, { kind = facts.KINDS[kind].word, id = item.id, name = item.name, reason = reason,
    delete = core.json.array(delete or { item.id }) })
end

function Joining:shown_account(account)
  return { id = account.id, name = account.name, state = account.state, gone = account.gone,
    connection_spec = account.spec and { id = account.spec, name = self.titles[account.spec] or nil } }
end

--- Does the target connection belong to a destination? One that dataflows from sources write to does not.
function Joining:is_ours(target)
  local users = self.users.target_connections[target.id]
  if not users then return true end
  for _, flow in ipairs(users) do
    if flow.to_destination then return true end
  end
  return false
end

--- Target connections that no dataflow uses; when the account has no others, it may go with them.
function Joining:mark_targets(account, targets)
  local unused = {}
  for _, target in ipairs(targets) do
    if not self.users.target_connections[target.id] then unused[#unused + 1] = target end
  end
  local all = #unused == #targets and not account.gone and not self.children.source_connections[account.id]
  for _, target in ipairs(unused) do
    self:orphan("target_connections", target, "no dataflow uses it",
      all and #targets == 1 and { target.id, "--with-connections" } or nil)
  end
end

function Joining:add_account(account, targets)
  local shown = self:shown_account(account)
  shown.target_connections = core.json.array {}
  for i, target in ipairs(targets) do
    shown.target_connections[i] = shown_target(target, self.users.target_connections[target.id] or {})
  end
  self:mark_targets(account, targets)
  table.insert(self.tree.accounts, shown)
  return shown
end

function Joining:add_source(account, sources)
  local shown = self:shown_account(account)
  shown.source_connections = core.json.array {}
  for i, source in ipairs(sources) do
    shown.source_connections[i] = { id = source.id, name = source.name, state = source.state,
      used = #(self.users.source_connections[source.id] or {}) }
  end
  table.insert(self.tree.sources, shown)
  return shown
end

--- An account goes where it is used; one that nothing uses goes by its spec.
function Joining:place(account)
  local targets, sources = {}, self.children.source_connections[account.id] or {}
  for _, target in ipairs(self.children.target_connections[account.id] or {}) do
    if self:is_ours(target) then targets[#targets + 1] = target end
  end
  local has_targets = self.children.target_connections[account.id] ~= nil
  if #targets > 0 then self:add_account(account, targets) end
  if #sources > 0 then self:add_source(account, sources) end
  if has_targets or #sources > 0 then return end
  local shown = SOURCES[account.spec] and self:add_source(account, {}) or self:add_account(account, {})
  shown.orphan = true
  self:orphan("connections", account, "neither a target nor a source connection uses it")
end

--- Target connections whose account is gone, below what is left of it: its ID.
function Joining:place_homeless()
  local lost = {}
  for _, target in ipairs(self.all.target_connections.list) do
    if not self.all.connections.by_id[target.base or ""] and self:is_ours(target) then
      group(lost, target.base or "", target)
    end
  end
  local ids = {}
  for id in pairs(lost) do ids[#ids + 1] = id end
  table.sort(ids)
  for _, id in ipairs(ids) do self:add_account({ id = id, gone = true }, lost[id]) end
end

--- Dataflows whose target connection is gone, and source connections that no dataflow uses.
function Joining:place_rest()
  for _, flow in ipairs(self.all.flows.list) do
    local found = false
    for _, id in ipairs(flow.target_connections) do found = found or self.all.target_connections.by_id[id] ~= nil end
    if flow.to_destination and not found then table.insert(self.tree.flows, shown_flow(flow)) end
  end
  for _, source in ipairs(self.all.source_connections.list) do
    if not self.users.source_connections[source.id] then
      self:orphan("source_connections", source, "no dataflow uses it")
    end
  end
end

-- ── counting ───────────────────────────────────────────────────────────────────────────────────────────────

local function count(tree, all)
  local counts = { accounts = 0, target_connections = 0, source_connections = #all.source_connections.list, flows = 0,
    disabled_flows = 0, audiences = 0, orphans = #tree.orphans }
  local audiences = {}
  for _, account in ipairs(tree.accounts) do
    if not account.gone then counts.accounts = counts.accounts + 1 end
    counts.target_connections = counts.target_connections + #account.target_connections
  end
  for _, flow in ipairs(all.flows.list) do
    if flow.to_destination then
      counts.flows = counts.flows + 1
      if flow.state == "disabled" then counts.disabled_flows = counts.disabled_flows + 1 end
      for _, audience in ipairs(flow.audiences) do audiences[audience.id] = true end
    end
  end
  for _ in pairs(audiences) do counts.audiences = counts.audiences + 1 end
  return counts
end

--- The accounts of a sandbox and all that belongs to them.
---@param aep sluice.Client
---@param on_progress? fun(kind: string, count: integer) called as entities come
---@return sluice.overview.Tree tree sorted by name; what nothing uses is marked `orphan` and listed under `orphans`
function M.read(aep, on_progress)
  local all = read_all(aep, on_progress or function() end)
  local tree = { sandbox = aep.sandbox, accounts = core.json.array {}, sources = core.json.array {},
    flows = core.json.array {}, orphans = core.json.array {} }
  local joining = setmetatable({ all = all, tree = tree, users = users_of(all), children = children_of(all),
    titles = titles_of(aep, all.connections.list) }, Joining)
  for _, account in ipairs(all.connections.list) do joining:place(account) end
  joining:place_homeless()
  joining:place_rest()
  tree.counts = count(tree, all)
  return tree
end

return M
