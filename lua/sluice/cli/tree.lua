--- `sluice tree`: accounts with their target connections, dataflows and audiences, and what nothing uses any more.

local connection = require "sluice.cli.connection"
local output = require "sluice.cli.output"
local page = require "sluice.cli.page"
local width = require "sluice.terminal.width"

local M = {
  name = "tree",
  summary = "show accounts and all that belongs to them; mark what nothing uses",
  usage = "[options]",
  options = connection.with({}, page.options),
  notes = [[
Below each account stand its target connections, below these their dataflows
and audiences. An orphan is what nothing uses: an account without connections, a
target or source connection without a dataflow. Orphans are marked, and listed
at the end with the command that deletes them. Everything is read in one pass
through the pages of each kind.
]],
  example = "sluice tree\nsluice tree --json",
}

-- ── lines ──────────────────────────────────────────────────────────────────────────────────────────────────

local function state_of(item)
  if item.gone then return "" end
  return item.state and item.state ~= "enabled" and ", " .. page.line(item.state) or ""
end

---@class sluice.cli.Branches
---@field page sluice.cli.Page
local Branches = {}
Branches.__index = Branches

--- "target Name (id), disabled": on a terminal the name is cut so that it fits behind so many columns.
function Branches:label(noun, item, taken)
  if item.gone and item.id == "" then return noun .. "no account" end
  if item.gone then return ("%saccount %s, which is gone"):format(noun, page.line(item.id)) end
  local state, orphan = state_of(item), item.orphan and "  ← orphan" or ""
  local room = self.page.room and self.page.room - taken - width.of(noun .. state .. orphan)
  return noun .. page.named(item, room) .. state
    .. (item.orphan and "  " .. self.page.style:paint("bad", "← orphan") or "")
end

--- Adds entries below a stem; `below` names what is below an entry, and how.
function Branches:add(stem, noun, entries, below)
  for i, entry in ipairs(entries) do
    local last = i == #entries
    self.page:add(stem .. (last and "└─ " or "├─ ") .. self:label(noun, entry, width.of(stem) + 3))
    if below then below(self, stem .. (last and "   " or "│  "), entry) end
  end
end

local function add_audiences(self, stem, flow) self:add(stem, "audience ", flow.audiences) end

local function add_flows(self, stem, target) self:add(stem, "dataflow ", target.flows, add_audiences) end

--- An account's line.
function Branches:account(account)
  local spec = account.connection_spec
  local title = spec and "  " .. page.line(spec.name or spec.id) or ""
  self.page:add(self:label("", account, width.of(title)) .. title)
end

--- Of accounts that are read from there is nothing to say but how much they are used.
function Branches:source(account)
  local used = 0
  for _, source in ipairs(account.source_connections) do used = used + (source.used > 0 and 1 or 0) end
  self:account(account)
  if #account.source_connections > 0 then
    self.page:add(("└─ %s, %d of them used by dataflows"):format(
      M.plural(#account.source_connections, "source connection"), used))
  end
end

local NOUNS = { account = "account", target_connection = "target connection", source_connection = "source connection" }

function Branches:orphans(orphans, values)
  self.page:heading("Orphans", #orphans)
  for _, orphan in ipairs(orphans) do
    self.page:put("  ", ("%s %s: %s"):format(NOUNS[orphan.kind], page.named(orphan), orphan.reason))
    self.page:add("    " .. connection.command_line(values, "delete", orphan.delete))
  end
end

-- ── the page ───────────────────────────────────────────────────────────────────────────────────────────────

--- "1 account", "2 accounts".
function M.plural(count, noun) return require("sluice.cli.running").plural(count, noun) end

local function summary(tree)
  local counts, plural = tree.counts, M.plural
  local disabled = counts.disabled_flows > 0 and (" (%d disabled)"):format(counts.disabled_flows) or ""
  return ("Sandbox %s: %s, %s, %s%s, %s"):format(page.line(tree.sandbox), plural(counts.accounts, "account"),
    plural(counts.target_connections, "target connection"), plural(counts.flows, "dataflow"), disabled,
    plural(counts.audiences, "audience"))
end

--- The tree for people.
---@param tree sluice.overview.Tree
---@param values table<string, any> of the options
---@return string text of whole lines
function M.text(tree, values)
  local shown = page.new()
  local self = setmetatable({ page = shown }, Branches)
  shown:put("", summary(tree))
  for _, account in ipairs(tree.accounts) do
    shown:add ""
    self:account(account)
    self:add("", "target ", account.target_connections, add_flows)
  end
  if #tree.flows > 0 then
    shown:heading "Dataflows whose target connection is gone"
    self:add("", "dataflow ", tree.flows, add_audiences)
  end
  if #tree.sources > 0 then
    shown:heading "Accounts that dataflows read from"
    for _, account in ipairs(tree.sources) do self:source(account) end
  end
  if #tree.orphans > 0 then self:orphans(tree.orphans, values) end
  return shown:text()
end

--- Reads the tree, telling how far it is where that takes long.
local function read(aep, values)
  local counts, total = {}, 0
  local progress <close> = output.progress(values, "reading …")
  return require("sluice.overview.tree").read(aep, function(kind, count)
    total, counts[kind] = total + count - (counts[kind] or 0), count
    progress:say(("%d read …"):format(total))
  end)
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = require("sluice.cli.command").read(M, words)
  if not values then return 0 end
  return connection.during(values, function(aep)
    local tree = read(aep, values)
    output.value(values, tree, function() return M.text(tree, values) end)
  end)
end

return M
