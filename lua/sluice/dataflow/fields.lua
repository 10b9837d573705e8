--- Changes of what a live dataflow says about itself: name, description, marketing actions, enabled or disabled.

local change = require "sluice.dataflow.change"
local core = require "sluice.core"
local extras = require "sluice.destination.extras"
local findings = require "sluice.findings"
local suggest = require "sluice.suggest"

local M = {}

-- ── name and description ───────────────────────────────────────────────────────────────────────────────────

local function set(flow, field, value)
  local patch = core.patch.new()
  if flow[field] == value then return { patch = patch, kept = { ("the %s is so already"):format(field) } } end
  patch[flow[field] == nil and "add" or "replace"](patch, "/" .. field, value)
  return { patch = patch }
end

--- Another name or description (UPD).
---@param field "name"|"description"
---@param value any
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.text(field, value)
  local report = findings.new()
  report:text("/" .. field, value, field == "name" and "a name for the dataflow" or "a description", "UPD")
  local warnings = change.refuse_errors(report, "the new " .. field)
  return function(flow) return set(flow, field, value) end, warnings
end

-- ── marketing actions ──────────────────────────────────────────────────────────────────────────────────────

local function same_set(a, b)
  if #a ~= #b then return false end
  local present = {}
  for _, value in ipairs(a) do present[value] = true end
  for _, value in ipairs(b) do
    if not present[value] then return false end
  end
  return true
end

--- The marketing actions of a dataflow, as a whole (activation.md §2, row 12). An empty list enforces none.
---@param list string[]
---@return fun(flow: table): sluice.change.step plan
---@return sluice.finding[] warnings
function M.marketing_actions(list)
  local report = findings.new()
  if list == nil then
    report:error("/marketing_actions", "ACT", "missing: expected a list; an empty one enforces none")
  else
    extras.check_texts(report, { name = "it has one", marketing_actions = list })
  end
  local warnings = change.refuse_errors(report, "the marketing actions")
  return function(flow)
    local policy = type(flow.policy) == "table" and flow.policy or {}
    local stored = type(policy.enforcementRefs) == "table" and policy.enforcementRefs or {}
    local patch = core.patch.new()
    if same_set(stored, list) then
      return { patch = patch, kept = { "the dataflow enforces just these marketing actions already" } }
    end
    local wanted = { enforcementRefs = core.json.array(table.move(list, 1, #list, 1, {})) }
    for key, value in pairs(policy) do
      if wanted[key] == nil then wanted[key] = value end
    end
    return { patch = patch:add("/policy", wanted) }
  end, warnings
end

-- ── enabled, disabled ──────────────────────────────────────────────────────────────────────────────────────

local STATES = { enable = "enabled", disable = "disabled" }

--- The refusal of an action that is not applicable in this state; in the code or in the text (ERR).
local function is_settled_already(failure)
  return core.error.is(failure, "service") and tostring(failure.code or ""):find "1422" ~= nil
end

--- Enables or disables a dataflow: no patch, an action (UPD).
---@param subject sluice.change.subject
---@param action "enable"|"disable"
---@return sluice.change.result result; raises kind "service", code "not_activated", when the state stays another
function M.switch(subject, action)
  local wanted, before = STATES[action], change.read(subject)
  local function done(item, changed, sentence)
    return change.result(subject, item, { changed = changed, explained = core.json.array { sentence } })
  end
  if before.state == wanted then return done(before, 0, ("the dataflow is %s already"):format(wanted)) end
  local ok, failure = pcall(subject.collection.action, subject.collection, subject.id, action)
  -- Refused as not applicable, or the answer lost: somebody, or this call, may have done it.
  local read, after = pcall(change.read, subject)
  if not ok and not (read and after.state == wanted) then
    if core.error.is(failure) and not is_settled_already(failure) then
      failure.message = ("%s; %s"):format(failure.message or "", not read and "its state now is not known"
        or ("%s is %s"):format(change.label(subject, after), after.state))
    end
    error(failure, 0)
  end
  if not read then error(after, 0) end
  if after.state ~= wanted then
    core.error.raise("service", ("the service accepted to %s %s, yet its state is %s"):format(action,
      change.label(subject, after), suggest.quote(after.state)), { code = "not_activated" })
  end
  return done(after, ok and 1 or 0, ok and ("%ss the dataflow"):format(action) or ("the dataflow is %s"):format(wanted))
end

return M
