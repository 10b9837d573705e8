--- `sluice tree`: accounts with their target connections, dataflows and audiences, and what nothing uses any more.

local connection = require "sluice.cli.connection"
local output = require "sluice.cli.output"
local page = require "sluice.cli.page"

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

local function label(item)
  if item.gone and item.id == "" then return "no account" end
  if item.gone then return ("account %s, which is gone"):format(page.line(item.id)) end
  return page.named(item) .. state_of(item)
end

---@class sluice.cli.Branches
---@field lines string[]
---@field style table

--- Adds entries below a stem; `below` gives an entry's text and what is below it.
local function add_branches(self, stem, entries, below)
  for i, entry in ipairs(entries) do
    local last = i == #entries
    local text, children, deeper = below(entry)
    table.insert(self.lines, stem .. (last and "└─ " or "├─ ") .. text)
    if children then add_branches(self, stem .. (last and "   " or "│  "), children, deeper) end
  end
end

local function audience_text(audience) return "audience " .. page.named(audience) end

local function mark(self, item, words)
  return item.orphan and "  " .. self.style:paint("bad", "← orphan: " .. words) or ""
end

local function flow_text(flow) return "dataflow " .. label(flow), flow.audiences, audience_text end

local function add_account(self, account)
  local spec = account.connection_spec
  local title = self.style:paint("heading", label(account))
  table.insert(self.lines, title .. (spec and "  " .. page.line(spec.name or spec.id) or "")
    .. mark(self, account, "nothing uses it"))
  add_branches(self, "", account.target_connections or {}, function(target)
    return "target " .. label(target) .. mark(self, target, "no dataflow uses it"), target.flows, flow_text
  end)
end

--- Of accounts that are read from there is nothing to say but how much they are used.
local function add_source(self, account)
  local used = 0
  for _, source in ipairs(account.source_connections) do used = used + (source.used > 0 and 1 or 0) end
  local spec = account.connection_spec
  table.insert(self.lines, self.style:paint("heading", label(account)) .. (spec and "  " .. page.line(spec.name
    or spec.id) or "") .. mark(self, account, "nothing uses it"))
  if #account.source_connections > 0 then
    table.insert(self.lines, ("└─ %s, %d of them used by dataflows"):format(
      M.plural(#account.source_connections, "source connection"), used))
  end
end

local NOUNS = { account = "account", target_connection = "target connection", source_connection = "source connection" }

local function add_orphans(self, orphans)
  table.insert(self.lines, self.style:paint("heading", ("Orphans: %d"):format(#orphans)))
  for _, orphan in ipairs(orphans) do
    table.insert(self.lines, ("  %s %s: %s"):format(NOUNS[orphan.kind], page.named(orphan), orphan.reason))
    table.insert(self.lines, "    sluice delete " .. page.line(table.concat(orphan.delete, " ")))
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
---@return string text of whole lines
function M.text(tree)
  local self = { lines = { summary(tree) }, style = page.new().style }
  local function gap() table.insert(self.lines, "") end
  for _, account in ipairs(tree.accounts) do
    gap()
    add_account(self, account)
  end
  if #tree.flows > 0 then
    gap()
    table.insert(self.lines, self.style:paint("heading", "Dataflows whose target connection is gone"))
    add_branches(self, "", tree.flows, flow_text)
  end
  if #tree.sources > 0 then
    gap()
    table.insert(self.lines, "Accounts that dataflows read from")
    for _, account in ipairs(tree.sources) do add_source(self, account) end
  end
  if #tree.orphans > 0 then
    gap()
    add_orphans(self, tree.orphans)
  end
  return table.concat(self.lines, "\n") .. "\n"
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
  local command = require "sluice.cli.command"
  local values = command.parse(M, words)
  if values.help then
    io.write(command.help(M))
    return 0
  end
  return connection.during(values, function(aep)
    local tree = read(aep, values)
    output.value(values, tree, function() return M.text(tree) end)
  end)
end

return M
