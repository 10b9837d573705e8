--- Carries out the cases, many at the same time, on one emulator: each case is a client and an organisation of its own,
--- with faults of its own.

local clients = require "sluice.client"
local core = require "sluice.core"
local emulator = require "sluice.emulator"
local faults = require "campaign.faults"
local kinds = require "campaign.kinds"
local tasks = require "sluice.tasks"

local M = {}

local COLLECTIONS = { "connections", "sourceConnections", "targetConnections", "flows" }

local SETTLE = 0.05 -- seconds by which lists lag at most

---@class campaign.Case
---@field number integer
---@field name string of its destination
---@field client string its ID
---@field server table the emulator
---@field scope table the part of the emulator's store that is its own
---@field log string[] what happened, for the report
---@field tell fun(call: sluice.emulator.Call) is told each call
---@field edited boolean|nil has somebody else changed its dataflow?
---@field live table<string, string>|nil IDs of what was there first
local Case = {}
Case.__index = Case

local function new_case(server, number, tell)
  local org = ("CASE%d@AdobeOrg"):format(number)
  return setmetatable({ number = number, name = "Case " .. number, client = "case-" .. number, server = server,
    org = org, scope = server.emulator.store:scope(org, "prod"), log = {}, tell = tell }, Case)
end

--- A connection that knows nothing of what was before. Impatient, so that hours of waiting become seconds.
---@return table aep
function Case:connect()
  return clients.new { base_url = self.server.url, ims_url = self.server.url, org = self.org, sandbox = "prod",
    client_id = self.client, client_secret = "campaign secret", scopes = "openid", settle = SETTLE, timeout = 1,
    attempts = 3 }
end

--- The emulator keeps nothing of the case.
function Case:forget()
  local store = self.server.emulator.store
  for key, scope in pairs(store.scopes) do
    if scope.org == self.org then store.scopes[key] = nil end
  end
  store.size = 0
end

-- ── doing ──────────────────────────────────────────────────────────────────────────────────────────────────

--- The calls of this case from number `first` on, once all of them are over: what a client has given up, the service
--- may still do.
function Case:calls_since(first)
  local journal, calls = self.server.emulator.journal, {}
  for number = first, journal.last do
    local call = journal.calls[number]
    if call and call.client == self.client then
      calls[#calls + 1] = call
      while not call.seconds do core.task.sleep(0.01) end
    end
  end
  return calls
end

function Case:note(rules, calls, ok, outcome)
  table.insert(self.log, "rules: " .. (#rules > 0 and table.concat(rules, "  ") or "none"))
  for _, call in ipairs(calls) do
    table.insert(self.log, ("  %-28s %-4s %s %s"):format(call.operation, call.status or "-", call.id or "",
      call.fault or ""))
    local is_edit = call.operation == "flows.update" and (call.fault or ""):find(":edited", 1, true)
    self.edited = self.edited or is_edit ~= nil and is_edit and call.status ~= nil
    self.tell(call)
  end
  table.insert(self.log, ok and "  ended well" or "  ended in " .. tostring(outcome))
end

--- Lets so much time pass that lists show everything.
local function settle() core.task.sleep(SETTLE) end

--- Does something while these rules hold.
---@param rules string[]
---@param seconds number|nil after which it is cut off
---@param work function
---@param ... any its arguments
---@return boolean ok
---@return any outcome result or failure
function Case:under(rules, seconds, work, ...)
  local service = self.server.emulator
  service:set_faults(rules, self.client)
  local first = service.journal.last + 1
  local ok, outcome = pcall(core.task.deadline, seconds or 3600, work, ...)
  if seconds then table.insert(self.log, ("cut off after %.3f seconds, with"):format(seconds)) end
  self:note(rules, self:calls_since(first), ok, outcome)
  service:set_faults(nil, self.client)
  settle()
  return ok, outcome
end

-- ── checking ───────────────────────────────────────────────────────────────────────────────────────────────

--- Raises what is wrong with the case, unless the condition holds.
---@param condition any
---@param message string a format when values follow
function Case:check(condition, message, ...)
  if condition then return end
  error({ wrong = select("#", ...) > 0 and message:format(...) or message, case = self.number }, 0)
end

--- Calls `each` with collection, ID and entity.
function Case:each(each)
  for _, collection in ipairs(COLLECTIONS) do
    for id, record in pairs(self.scope[collection]) do each(collection, id, record.item) end
  end
end

--- IDs of all entities.
---@return table<string, boolean>
function Case:ids()
  local ids = {}
  self:each(function(_, id) ids[id] = true end)
  return ids
end

--- What makes an entity the same as another one: its name, and the datasets that it reads.
local function identity_of(collection, item)
  local datasets = core.pointer.get(item, "/params/datasets")
  return collection .. " " .. item.name .. (datasets and core.json.encode(datasets) or "")
end

--- Nothing is there twice.
function Case:check_no_doubles()
  local seen = {}
  self:each(function(collection, id, item)
    local identity = identity_of(collection, item)
    self:check(not seen[identity], "%s: %q is there twice: %s and %s", collection, item.name, seen[identity], id)
    seen[identity] = id
  end)
end

--- Every entity that is new since `before` is named in the error: among what was created, or in its words.
---@param failure any
---@param before table<string, boolean> IDs
function Case:check_named(failure, before)
  self:check(core.error.is(failure), "no error object was raised: %s", tostring(failure))
  local named = {}
  for _, entry in ipairs(failure.created or {}) do named[entry.id] = true end
  self:each(function(collection, id, item)
    local told = failure.message:find(id, 1, true) or failure.message:find('"' .. item.name .. '"', 1, true)
    self:check(before[id] or named[id] or told, "%s %s (%s) is there, and the error does not say so", collection,
      item.name, id)
  end)
end

local UNSEEN = { ["input schema"] = true, ["output schema"] = true, ["mapping set"] = true }

--- What the error says was created is there.
---@param failure sluice.Error
function Case:check_truthful(failure)
  local ids = self:ids()
  for _, entry in ipairs(failure.created or {}) do
    self:check(ids[entry.id] or UNSEEN[entry.what], "the error names %s %s, which is not there", entry.what, entry.id)
  end
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

--- How often a piece of work calls each operation when nothing goes wrong.
local function learn(server, plan)
  local case = new_case(server, 0, function() end)
  if plan.kind.prepare then plan.kind.prepare(case, plan) end
  local first, counts = server.emulator.journal.last + 1, {}
  plan.kind.work(case, plan, case:connect())
  for _, call in ipairs(case:calls_since(first)) do counts[call.operation] = (counts[call.operation] or 0) + 1 end
  case:forget()
  return counts
end

--- What a case is about, and what goes wrong in it: all that is decided by chance.
local function plan_of(server, known, seed, number)
  math.randomseed(seed, number)
  local plan = kinds.choose()
  if not known[plan.key] then known[plan.key] = learn(server, plan) end
  math.randomseed(number, seed)
  local counts, place = known[plan.key], number * 7919 + seed
  plan.first, plan.second = faults.rules(counts, place), faults.for_later(faults.rules(counts, place + 1))
  if plan.kind.prepare then plan.first = faults.for_later(plan.first) end
  plan.again, plan.number = math.random(2) == 1, number
  plan.must_pass = faults.must_pass(plan.first)
  plan.seconds = not plan.must_pass and math.random(5) == 1 and math.random() ^ 2 / 2 or nil
  return plan
end

local function text_of(failure)
  return type(failure) == "table" and failure.wrong or debug.traceback(tostring(failure), 2)
end

local function prepare_and_carry_out(case, plan)
  if plan.kind.prepare then
    plan.kind.prepare(case, plan)
    settle()
  end
  return plan.kind.carry_out(case, plan)
end

--- One case.
local function carry_out(server, plan, report)
  local case = new_case(server, plan.number, report.tell)
  local ok, outcome = xpcall(prepare_and_carry_out, text_of, case, plan)
  case:forget()
  local tally = report.tallies[plan.kind.name]
  tally.cases = tally.cases + 1
  tally.errors = tally.errors + (ok and not outcome and 1 or 0)
  if ok then return end
  table.insert(tally.failures, { number = plan.number,
    text = ("%s, case %d: %s\n%s"):format(plan.title, plan.number, outcome, table.concat(case.log, "\n")) })
end

--- Counts what struck.
local function new_report()
  local report, seen = { tallies = {}, struck = 0, faults = 0, operations = 0, pairs = 0, possible = 0 }, {}
  local function count(field, key)
    if not seen[field .. key] then report[field] = report[field] + 1 end
    seen[field .. key] = true
  end
  function report.count_possible(list)
    for _, pair in ipairs(list) do count("possible", pair[1] .. " " .. pair[2]) end
  end
  function report.tell(call)
    for rule in (call.fault or ""):gmatch "%S+" do
      local fault = rule:gsub("^[^:]*:", ""):gsub("nth=[^:]*:", ""):gsub("p=[^:]*:", "")
      report.struck = report.struck + 1
      count("faults", fault)
      count("operations", call.operation)
      count("pairs", call.operation .. " " .. fault)
    end
  end
  for _, kind in ipairs(kinds.list) do report.tallies[kind.name] = { cases = 0, errors = 0, failures = {} } end
  return report
end

--- Runs cases.
---@param seed integer
---@param from integer number of the first case
---@param count integer
---@param width integer how many at the same time
---@return table report `tallies` by kind: { cases, errors, failures }; what struck: `struck`, different `faults`,
---  `operations`, `pairs` of them; `possible` pairs for what the cases call
function M.run(seed, from, count, width)
  local report, server = new_report(), emulator.start { seed = "campaign " .. seed }
  local known, plans = {}, {}
  for number = from, from + count - 1 do plans[#plans + 1] = plan_of(server, known, seed, number) end
  for _, counts in pairs(known) do report.count_possible(faults.pairs_of(counts)) end
  tasks.map(plans, function(plan) carry_out(server, plan, report) end, { concurrency = width })
  server.stop()
  return report
end

return M
