--- One change of something that lives, a dataflow or a connection: read it, plan the patch on what was read, send it
--- once with its etag, read it again and prove that the change is there. Where nothing has to change nothing is sent.

local core = require "sluice.core"
local findings = require "sluice.findings"
local suggest = require "sluice.suggest"

local M = {}

--- What a change gives back; the type tells it from whatever else a recipe may return.
local Result = { __name = "sluice.change" }

--- Between two states the service changes an entity itself (flow-service-api.md §2): wait until it is done.
local TRANSITIONAL = {
  inProgress = true, updating = true, enabling = true, disabling = true, initializing = true,
  ["enabled-finalizing"] = true,
}
local MOST_READINGS = 60

---@class sluice.change.subject what is changed
---@field aep table a connection
---@field collection sluice.Resource
---@field what string "dataflow", "account" or "target connection"
---@field field string under which name a result holds the entity
---@field id string
---@field pause? number seconds between two readings while the service is at work, default 1

---@class sluice.change.step what a plan comes to
---@field patch table a `sluice.patch`, empty when nothing has to change; operations by identity are resolved
---@field explained? string[] sentences in place of those of the patch
---@field also? string[] sentences besides those
---@field kept? string[] sentences for what is as wanted already
---@field leaves? string what stays behind when the patch fails
---@field unseen? boolean what is read does not show whether it was done (secrets): on any doubt it is sent again
---@field lacks? fun(after: table, before: table): string[] what is missing after the change; without it the plan made
---  again has to be empty

---@class sluice.change.result
---@field changed integer operations sent, 0 when all was as wanted
---@field explained string[] what was done, or why nothing had to be
---@field warnings sluice.finding[]
---@field flow? table the dataflow as read back
---@field account? table the base connection as read back
---@field target? table the target connection as read back

--- What people call it: dataflow "Loyal customers" (5f1d…).
local function label(subject, item)
  return ("%s %s (%s)"):format(subject.what, suggest.quote(item.name or "without a name"), subject.id)
end
M.label = label

--- Reads the entity, in a state in which it can be changed.
---@param subject sluice.change.subject
---@return table item; raises kind "service", code "busy", when the service keeps changing it
function M.read(subject)
  local item = subject.collection:get(subject.id)
  for _ = 2, MOST_READINGS do
    if not TRANSITIONAL[item.state] then return item end
    core.task.sleep(subject.pause or 1)
    item = subject.collection:get(subject.id)
  end
  if not TRANSITIONAL[item.state] then return item end
  core.error.raise("service", ("the service is still changing %s: its state is %s"):format(label(subject, item),
    suggest.quote(item.state)), { code = "busy", hint = "try again later" })
end

--- Refuses a change whose arguments are wrong: all findings at once, nothing sent.
---@param report sluice.report
---@param what string such as "the new audiences"
---@return sluice.finding[] warnings when there is no error; raises kind "recipe" with `findings` otherwise
function M.refuse_errors(report, what)
  local errors = report:only "error"
  if #errors == 0 then return report:only "warning" end
  local count = #errors == 1 and "an error" or #errors .. " errors"
  core.error.raise("recipe", ("%s: %s; nothing was changed: %s"):format(what, count, findings.prose(errors)),
    { findings = report, subject = "this change" })
end

--- Refuses a change that cannot be made as things stand.
---@param code string
---@param message string a format when values follow
function M.refuse(code, message, ...)
  if select("#", ...) > 0 then message = message:format(...) end
  core.error.raise("recipe", message .. "; nothing was changed", { code = code, reason = message })
end

--- Makes a result.
---@param subject sluice.change.subject
---@param fields table
---@return sluice.change.result
function M.result(subject, item, fields)
  fields[subject.field] = item
  fields.name = item.name
  fields.warnings = fields.warnings or {}
  if subject.field == "flow" and item.state == "disabled" then
    table.insert(fields.warnings, { place = "", level = "warning", message = "the dataflow is disabled" })
  end
  return setmetatable(fields, Result)
end

--- Is this what a change gave back?
---@param value any
---@return boolean
function M.is_result(value) return getmetatable(value) == Result end

-- ── one attempt ────────────────────────────────────────────────────────────────────────────────────────────

--- A plan on a document: the patch in plain operations, and its sentences.
---@param make fun(item: table): sluice.change.step
local function plan_on(make, document)
  local step = make(document)
  step.plain = step.patch:resolve(document)
  step.sentences = step.explained or step.plain:explain(document)
  return step
end

--- What is not as planned, in sentences; empty when all is.
local function lacking(make, step, before, after)
  if step.lacks then return step.lacks(after, before) end
  local ok, again = pcall(plan_on, make, after)
  if not ok then return { tostring(core.error.is(again) and (again.reason or again.message) or again) } end
  return #again.plain == 0 and {} or again.sentences
end

local function is_stale(failure) return core.error.is(failure, "service") and failure.status == 412 end

--- May it be done all the same? The client repeats a guarded patch whose answer was lost: then a refusal as outdated
--- can come from the first attempt's success.
local function is_uncertain(failure)
  if not core.error.is(failure) then return false end
  return failure.unsure or (failure.attempts or 1) > 1 or failure.kind == "http" or failure.kind == "limit"
    or failure.kind == "service" and (failure.status or 0) >= 500
end

--- An answer of success that cannot be read, such as a gateway's page: the client does not repeat what brought it.
local function is_nonsense(failure) return core.error.is(failure, "http") and failure.status ~= nil end

--- Adds to a failure what stands now.
local function explain_failure(failure, words, step)
  if core.error.is(failure) then
    local left = step and step.leaves and "; " .. step.leaves or ""
    failure.message = ("%s; %s%s"):format(failure.message or "", words, left)
  end
  error(failure, 0)
end

local function unknown(subject, before, why)
  return ("whether %s was changed is not known%s"):format(label(subject, before), why and ": " .. why or "")
end

--- The answer to the patch is lost: only what the service now holds can say whether it was carried out.
---@return table|nil after the entity when it was; nil when it was not and may be tried again
local function look_again(subject, make, step, before, failure, may_repeat)
  if step.unseen then
    explain_failure(failure, unknown(subject, before, "reading it does not show that"), step)
  end
  local ok, after = pcall(M.read, subject)
  if not ok then explain_failure(failure, unknown(subject, before, "it could not be read again"), step) end
  if after.etag ~= before.etag and #lacking(make, step, before, after) == 0 then return after end
  if is_stale(failure) or may_repeat and is_nonsense(failure) then return nil end
  local words = after.etag == before.etag and label(subject, before) .. " is as it was"
    or ("%s was changed meanwhile, but this change is not in it"):format(label(subject, before))
  local may_come = failure.status == nil and ", though the service may yet make it" or "" -- no answer came at all
  explain_failure(failure, words .. may_come, step)
end

--- Sends the patch. Gives nil when it was accepted, "done" with the entity when a look at it shows that it was, "stale"
--- when it was not and may be sent again, "open" when nothing shows whether it was and it may be sent again.
---@param turn { first: boolean, open: boolean } open: the turn before left it open
local function send(subject, make, step, before, turn)
  local collection = subject.collection
  local ok, failure = pcall(collection.update, collection, subject.id, step.plain, { etag = before.etag })
  if ok then return nil end
  if is_uncertain(failure) then
    if step.unseen and turn.first then return "open" end
    local after = look_again(subject, make, step, before, failure, turn.first)
    return after and "done" or "stale", after
  end
  if is_stale(failure) then return "stale" end
  if turn.open or core.error.is(failure, "interrupted") then
    explain_failure(failure, unknown(subject, before), step)
  end
  explain_failure(failure, label(subject, before) .. " is as it was", step)
end

local function all_sentences(step)
  local list = core.json.array {}
  for _, part in ipairs { step.sentences, step.also or {}, step.kept or {} } do
    table.move(part, 1, #part, #list + 1, list)
  end
  return list
end

--- The first plan may have had to create something, which can fail.
local function first_plan(subject, make, before)
  local ok, step = pcall(plan_on, make, before)
  if ok then return step end
  if core.error.is(step, "recipe") or not core.error.is(step) then error(step, 0) end
  explain_failure(step, label(subject, before) .. " is as it was")
end

--- Reads an accepted change back.
local function read_back(subject, before)
  local ok, after = pcall(M.read, subject)
  if ok then return after end
  explain_failure(after, ("the service accepted the change of %s, but it could not be read back"):format(
    label(subject, before)))
end

local function proved(subject, make, step, before, after)
  after = after or read_back(subject, before)
  local missing = lacking(make, step, before, after)
  if #missing > 0 then
    core.error.raise("service", ("the service accepted the change of %s, yet reading it back shows that this is still "
      .. "to be done: %s"):format(label(subject, after), table.concat(missing, "; ")), { code = "not_activated" })
  end
  return after
end

--- The entity for a turn: for the first one as it was just read, if it was.
local function read_for(turn, subject, before)
  if turn.first then return before or M.read(subject) end
  local ok, item = pcall(M.read, subject)
  if ok then return item end
  explain_failure(item, turn.open and unknown(subject, before)
    or ("this change of %s was not made"):format(label(subject, before)))
end

--- Changes something.
---@param subject sluice.change.subject
---@param make fun(item: table): sluice.change.step plans the change on the entity as it is; called again when
---  somebody else changed the entity in between (once), and to prove the change
---@param warnings? sluice.finding[]
---@param first? table the entity, when it was just read
---@return sluice.change.result result; raises kind "service", code "not_activated", when the service took the change
---  and does not show it; code "conflict" when the entity changed twice under our hands
function M.run(subject, make, warnings, first)
  local before, turn = first, { first = true, open = false }
  for _ = 1, 2 do
    before = read_for(turn, subject, before)
    local step = first_plan(subject, make, before)
    if #step.plain == 0 then
      return M.result(subject, before, { changed = 0, explained = all_sentences(step), warnings = warnings })
    end
    local outcome, after = send(subject, make, step, before, turn)
    if outcome ~= "stale" and outcome ~= "open" then
      after = proved(subject, make, step, before, after)
      return M.result(subject, after, { changed = #step.plain, explained = all_sentences(step), warnings = warnings })
    end
    turn = { first = false, open = turn.open or outcome == "open" }
  end
  core.error.raise("service", ("somebody else changed %s %s while this change was on its way: %s"):format(subject.what,
    subject.id, turn.open and "whether it was made is not known" or "it was not made"),
    { code = "conflict", status = 412, hint = "try again" })
end

return M
