--- Runs followed as they go: each look asks for what may have changed since the look before, and tells what did. Knows
--- no terminal and waits for nothing.

local runs = require "sluice.runs"

local M = {}

local HOUR = 3600
local LONGEST = 24 * HOUR -- a run that began earlier than this before the first look is over, or not waited for
local OVERLAP = HOUR -- a run may be listed so much later than it began
local KEPT = 1000 -- runs in the list, unless told otherwise and while they can still change

-- Lists have the newest first, so what is new stands before what is known. Whether that holds while many runs begin in
-- the same second, no document says: now and then the whole window is read.
local ENOUGH = 100 -- runs in a row that tell nothing new: no more pages are read
local THOROUGH = 10 -- one look of so many reads on

---@class sluice.watch.Change
---@field kind "began"|"went on"|"ended"
---@field run sluice.run.Facts

---@class sluice.watch.Watch
---@field flows string[]|nil IDs; nil: whatever `wanted` takes
---@field list sluice.run.Facts[] the runs seen, newest first
---@field going integer how many of them go on
---@field succeeded integer how many have ended so, also those no longer in the list
---@field failed integer
---@field private known table<string, sluice.run.Facts> by ID, `false` for one that was over before
---@field private looks integer so far
local Watch = {}
Watch.__index = Watch

--- Many dataflows are asked for in one list of all runs.
local function names_flows(self) return self.flows ~= nil and #self.flows <= runs.TOGETHER end

local function earliest(self, now)
  if not self.looked then return math.min(now - LONGEST, self.since) end
  local first = self.looked - OVERLAP
  for _, run in ipairs(self.list) do
    if run.outcome == "going on" then first = math.min(first, run.started or first) end
  end
  return first
end

local function differs(a, b)
  for _, name in ipairs { "status", "outcome", "ended", "input", "output", "failed", "skipped", "files", "bytes" } do
    if a[name] ~= b[name] then return true end
  end
  return false
end

--- What a run tells that was not told before; nil for nothing.
local function change_of(self, run)
  local before = self.known[run.id]
  if before == false or before and not differs(before, run) then return nil end
  local over = run.outcome ~= "going on"
  if before == nil and over and not self.looked and (run.started or 0) < self.since then
    self.known[run.id] = false
    return nil
  end
  return { run = run, kind = over and "ended" or before and "went on" or "began" }
end

local function by_start(a, b)
  if (a.started or 0) ~= (b.started or 0) then return (a.started or 0) > (b.started or 0) end
  return a.id > b.id
end

--- Forgets what no later look will bring again.
local function forget(self, before)
  for i = #self.list, self.kept + 1, -1 do
    local run = self.list[i]
    if run.outcome ~= "going on" and (run.started or 0) < before then
      table.remove(self.list, i)
      self.known[run.id] = nil
    end
  end
end

local function count(self)
  self.going = 0
  for _, run in ipairs(self.list) do
    if run.outcome == "going on" then self.going = self.going + 1 end
  end
end

local function apply(self, change)
  local run, before = change.run, self.known[change.run.id]
  if before then
    for name in pairs(before) do before[name] = nil end
    for name, value in pairs(run) do before[name] = value end
    change.run = before
  else
    self.list[#self.list + 1], self.known[run.id] = run, run
  end
  if change.kind == "ended" then self[run.outcome] = self[run.outcome] + 1 end
end

--- What the list tells that was not told before. It is read no further than need be.
local function read(self, first)
  local changes, seen = {}, {} -- a run that ends meanwhile may be on two pages
  local unseen, same = self.going, 0
  for run in runs.each(self.aep, { flows = names_flows(self) and self.flows or nil, since = first }) do
    local change
    if not seen[run.id] and self.wanted(run.flow) then
      local before = self.known[run.id]
      if before and before.outcome == "going on" then unseen = unseen - 1 end
      seen[run.id], change = true, change_of(self, run)
      changes[#changes + 1] = change
    end
    same = change and 0 or same + 1
    if same >= ENOUGH and unseen == 0 and self.looks % THOROUGH > 0 then break end
  end
  return changes
end

--- Looks once. What a look that fails would have told, the next one tells.
---@return sluice.watch.Change[] changes in the order in which the runs began
--- Raises what the service's list raises; nothing has changed then.
function Watch:look()
  local now = self.clock:now()
  local changes = read(self, earliest(self, now))
  for _, change in ipairs(changes) do apply(self, change) end
  table.sort(changes, function(a, b) return by_start(b.run, a.run) end)
  table.sort(self.list, by_start)
  count(self)
  self.looked, self.looks = now, self.looks + 1
  forget(self, earliest(self, now))
  return changes
end

--- Is what was to be seen over: has a run been seen, and does none go on?
---@return boolean
function Watch:is_done() return self.going == 0 and self.succeeded + self.failed > 0 end

--- Begins to follow runs: those that go on, and those that begin from `since` on.
---@param aep sluice.Client
---@param options { flows: string[]|nil, wanted: nil|fun(flow: string): boolean, since: integer, kept: integer|nil,
---  clock: { now: fun(self: table): integer } } flows: IDs, nil for all; wanted: which of the dataflows found count,
---  by ID; since: seconds since 1970; kept: runs in the list; clock: what tells the time at the service
---@return sluice.watch.Watch
function M.new(aep, options)
  local among
  if options.flows then
    among = {}
    for _, id in ipairs(options.flows) do among[id] = true end
  end
  return setmetatable({ aep = aep, flows = options.flows, since = options.since, clock = options.clock,
    wanted = options.wanted or function(flow) return not among or among[flow] == true end,
    list = {}, known = {}, kept = options.kept or KEPT, looks = 0, going = 0, succeeded = 0, failed = 0 }, Watch)
end

return M
