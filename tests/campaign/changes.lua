--- Changes of what is live under faults. Each ends well and is there; or in an error, and then it is there as a whole
--- or not at all, and the error does not say what is not so. Done again without faults it is there.

local combinations = require "support.combinations"
local core = require "sluice.core"
local setups = require "campaign.setups"
local sluice = require "sluice"

local M = {}

-- ── what is live ───────────────────────────────────────────────────────────────────────────────────────────

local TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"

local function id(n) return ("0b4dd08e-92a1-4b0a-9c3d-%012d"):format(n) end

local function ids(...)
  local list = { ... }
  for i, n in ipairs(list) do list[i] = id(n) end
  return table.concat(list, " ")
end

local function audience(n, at)
  return { id = id(n), name = "Audience " .. n, filename = TEMPLATE,
    schedule = sluice.schedule.daily { at = at or "02:00", from = "2030-01-01", to = "2030-12-31" } }
end

local CARDS = {
  legacy = { type = "sftp", auth = { host = "h.example.com", username = "u", password = "a password" },
    target = { remotePath = "/in" }, attributes = { "person.name.firstName", "personalEmail.address" } },
  v2 = { type = "sftp-v2", auth = { domain = "h.example.com", username = "u", password = "a password" },
    target = { remotePath = "/in", fileType = "CSV", compression = "NONE" },
    attributes = { "person.name.firstName", "personalEmail.address" } },
}

local function definition(case, plan, audiences)
  local made = { name = case.name, audiences = audiences }
  for key, value in pairs(CARDS[plan.card]) do made[key] = value end
  return made
end

local function dataset_export(case)
  for _, combination in ipairs(combinations.list) do
    if combination.shape == "datasets" then return combinations.definition(combination, case.name) end
  end
end

local function prepare(case, plan)
  local made = plan.card == "datasets" and dataset_export(case)
    or definition(case, plan, { audience(1), audience(2), audience(3) })
  local aep = case:connect()
  case.live = sluice.destination(made):apply(aep).ids
  if plan.change.first then plan.change.first(aep, case.live) end
end

-- ── what shows a change ────────────────────────────────────────────────────────────────────────────────────

local function flow_of(case) return case.scope.flows[case.live.flow].item end

--- A part of every audience, sorted.
local function parts(case, pointer)
  local list = {}
  for i, selector in ipairs(setups.audiences(flow_of(case))) do list[i] = core.pointer.get(selector, pointer) end
  table.sort(list)
  return table.concat(list, " ")
end

local function audiences(case) return parts(case, "/value/id") end

local function times(case) return parts(case, "/value/schedule/startTime") end

local function attributes(case)
  local flow = flow_of(case)
  local mapping = core.pointer.get(flow, "/transformations/0/params/profileMapping/mappingId")
  if mapping then return #case.scope.mappingSets[mapping].item.mappings end
  return #core.pointer.get(flow, "/transformations/0/params/profileSelectors/selectors")
end

local function datasets(case)
  local source = case.scope.sourceConnections[flow_of(case).sourceConnectionIds[1]].item
  return source.params.datasets[1].dataSetId
end

-- ── the changes ────────────────────────────────────────────────────────────────────────────────────────────

local NAME = "new_" .. TEMPLATE
local OTHER = "5ef3e3259ad2a1191ab7dd7e"

---@class campaign.Change
---@field name string
---@field cards string[] what is live: a legacy or V2 destination, or an export of datasets
---@field work fun(aep: table, live: table<string, string>, case: campaign.Case, plan: table): table|nil
---@field shows fun(case: campaign.Case): any what the store shows of it; nil: the dataflow is gone
---@field wanted any what it shows when it is done
---@field first nil|fun(aep: table, live: table<string, string>)
---@field always boolean|nil done again it changes something again

local BOTH, EXPORT = { "legacy", "v2" }, { "datasets" }

local function on_flow(change)
  return function(aep, live) return change(sluice.dataflow(aep, live.flow, { pause = 0.01 })) end
end

---@type campaign.Change[]
local CHANGES = {
  { name = "add_audiences", cards = BOTH, shows = audiences, wanted = ids(1, 2, 3, 4, 5),
    work = on_flow(function(flow) return flow:add_audiences { audience(4), audience(5) } end) },
  { name = "remove_audiences", cards = BOTH, shows = audiences, wanted = ids(2),
    work = on_flow(function(flow) return flow:remove_audiences { id(1), id(3) } end) },
  { name = "reschedule", cards = BOTH, shows = times, wanted = "05:00 05:00 05:00",
    work = on_flow(function(flow)
      return flow:reschedule(sluice.schedule.daily { at = "05:00", from = "2030-02-01", to = "2030-12-31" })
    end) },
  { name = "rename_files", cards = BOTH, wanted = table.concat({ NAME, NAME, NAME }, " "),
    shows = function(case) return parts(case, "/value/filenameTemplate") end,
    work = on_flow(function(flow) return flow:rename_files(NAME) end) },
  { name = "add_attributes", cards = BOTH, shows = attributes, wanted = 3,
    work = on_flow(function(flow) return flow:add_attributes { "person.name.lastName" } end) },
  { name = "rename", cards = BOTH, wanted = "Another name", shows = function(case) return flow_of(case).name end,
    work = on_flow(function(flow) return flow:rename "Another name" end) },
  { name = "disable", cards = BOTH, wanted = "disabled", shows = function(case) return flow_of(case).state end,
    work = on_flow(function(flow) return flow:disable() end) },
  { name = "enable", cards = BOTH, wanted = "enabled", shows = function(case) return flow_of(case).state end,
    first = function(aep, live) aep.flows:disable(live.flow) end,
    work = on_flow(function(flow) return flow:enable() end) },
  { name = "delete", cards = BOTH, wanted = nil,
    shows = function(case) return case.scope.flows[case.live.flow] and "there" end,
    work = function(aep, live) aep.flows:delete(live.flow) end },
  { name = "rotate_credentials", cards = BOTH, wanted = "another password", always = true,
    shows = function(case) return case.scope.connections[case.live.base_connection].item.auth.params.password end,
    work = function(aep, live)
      return sluice.account(aep, live.base_connection, { pause = 0.01 })
        :rotate_credentials { password = "another password" }
    end },
  { name = "move", cards = BOTH, wanted = "/elsewhere",
    shows = function(case) return case.scope.targetConnections[case.live.target_connection].item.params.remotePath end,
    work = function(aep, live)
      return sluice.target(aep, live.target_connection, { pause = 0.01 }):move { remotePath = "/elsewhere" }
    end },
  { name = "apply", cards = BOTH, wanted = ids(1, 2, 3, 4) .. ", 02:00 05:00 05:00 05:00",
    shows = function(case) return audiences(case) .. ", " .. times(case) end,
    work = function(aep, _, case, plan)
      local list = { audience(4), audience(3, "05:00"), audience(1, "05:00"), audience(2, "05:00") }
      return sluice.destination(definition(case, plan, list)):apply(aep)
    end },
  { name = "set_datasets", cards = EXPORT, shows = datasets, wanted = OTHER,
    work = on_flow(function(flow) return flow:set_datasets { { id = OTHER, name = "Visits" } } end) },
  { name = "set_dataset_schedule", cards = EXPORT, wanted = "day",
    shows = function(case) return flow_of(case).scheduleParams.timeUnit end,
    work = on_flow(function(flow)
      return flow:set_dataset_schedule(sluice.schedule.datasets.daily { from = "2031-01-01", to = "2031-12-31" })
    end) },
}

-- ── carrying them out ──────────────────────────────────────────────────────────────────────────────────────

local function work(case, plan, aep) return plan.change.work(aep, case.live, case, plan) end

local DENIALS = { "is as it was", "nothing was changed", "was not made", "change is not in it", "is still there" }

--- Does it say that nothing was done, and leave no doubt about it?
local function denies(failure)
  if failure.message:find("may yet", 1, true) then return false end
  for _, words in ipairs(DENIALS) do
    if failure.message:find(words, 1, true) then return true end
  end
  return false
end

--- One call under faults, cut off after some seconds if told.
local function change(case, plan, rules, seconds)
  local shows, wanted, ids_before = plan.change.shows, plan.change.wanted, case:ids()
  local before = shows(case)
  local ok, outcome = case:under(rules, seconds, work, case, plan, case:connect())
  local now = shows(case)
  case:check_no_doubles()
  if ok then
    case:check(now == wanted, "it ended well, but shows %s, not %s", tostring(now), tostring(wanted))
    return true
  end
  case:check_named(outcome, ids_before)
  case:check(now == before or now == wanted, "half of it is done: %s, between %s and %s", tostring(now),
    tostring(before), tostring(wanted))
  case:check(now == before or not denies(outcome), "it is done, and the error says that it is not: %s",
    outcome.message)
  return false
end

local function carry_out(case, plan)
  local wanted = plan.change.wanted
  local first = change(case, plan, plan.first, plan.seconds)
  case:check(first or not plan.must_pass, "one fault of this kind must not be the end")
  local second = plan.again and plan.change.shows(case) ~= nil and change(case, plan, plan.second)
  local done, result = case:under({}, nil, work, case, plan, case:connect())
  local is_gone = wanted == nil and plan.change.shows(case) == nil -- deleting what is not there is an error
  case:check(done or is_gone, "without faults it fails: %s", tostring(result))
  local now = plan.change.shows(case)
  case:check(now == wanted, "in the end it shows %s, not %s", tostring(now), tostring(wanted))
  case:check_no_doubles()
  if (first or second) and result and done and not plan.change.always then
    case:check(result.changed == 0, "%d changed after all was done", result.changed)
  end
  return first
end

local function choose()
  local chosen = CHANGES[math.random(#CHANGES)]
  local card = chosen.cards[math.random(#chosen.cards)]
  return { change = chosen, card = card, title = ("%s, %s"):format(chosen.name, card), key = chosen.name .. card }
end

---@type campaign.Kind
M.kind = { name = "changes", choose = choose, prepare = prepare, work = work, carry_out = carry_out }

return M
