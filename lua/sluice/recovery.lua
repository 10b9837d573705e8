--- What to do when it is not known whether the service did what was asked: a create is looked for before it is
--- repeated, a change is read back and compared, a deletion that finds nothing is done. Blind repeats make doubles
--- (flow-service-api.md §15: there is no key that would prevent it), giving up leaves orphans.

local core = require "sluice.core"
local effect = require "sluice.recovery.effect"
local lost = require "sluice.recovery.lost"
local suggest = require "sluice.suggest"

local M = {}

local TRIES = 3 -- creates of one resource, each looked for before the next

local function is_failure(failure, status)
  return core.error.is(failure) and failure.status == status
end

--- Was an earlier attempt's answer lost, or is the last one's meaning open?
local function is_doubtful(failure)
  return core.error.is(failure) and (failure.unsure or (failure.attempts or 1) > 1)
end

--- A success that cannot be read, such as a gateway's page: the core repeats no success.
local function is_nonsense(failure) return core.error.is(failure, "http") and failure.status ~= nil end

--- Did no answer come at all? Then the service may still be at work.
local function is_lost(failure) return failure.unsure and failure.status == nil end

local function say(failure, text)
  failure.message = ("%s; %s"):format(failure.message, text)
  error(failure, 0)
end

--- Tells what was there, under a name, before a creation of that name. See `sluice.recovery.lost`.
M.saw = lost.saw

-- ── creating ───────────────────────────────────────────────────────────────────────────────────────────────

--- Sends a create. A success that names no ID is as good as a lost answer.
local function send(resource, body)
  local ok, answer = pcall(resource.send, resource, "create", { body = body })
  if not ok then return nil, answer end
  if type(answer) == "table" and type(answer.id) == "string" and answer.id ~= "" then return answer end
  return nil, core.error.new { kind = "http", unsure = true, hint = "is the base URL right?",
    message = resource.name .. ": the answer to the creation holds no ID" }
end

--- Looks for what may have been created; a failure of that leaves the doubt, and says so.
local function find(resource, body, began, failure)
  local ok, found = pcall(lost.find, resource, body, began)
  if ok then return found end
  if core.error.is(found, "interrupted") or core.error.is(found) and found.code == "ambiguous" then error(found, 0) end
  say(failure, ("whether %s was created is not known, for looking for it failed too: %s"):format(
    suggest.quote(body.name), tostring(found)))
end

--- Creates an entity, once. When the answer is lost it is looked for by name, spec, parent and time of creation: the
--- one match is adopted, several are an error (code "ambiguous"), and only when there is none is the create repeated.
---@param resource sluice.Resource
---@param body table
---@return table { id, etag, adopted = true|nil }
function M.create(resource, body)
  local failure
  for _ = 1, TRIES do
    local began = core.task.now()
    local answer, problem = send(resource, body)
    if answer then
      lost.claim(resource, answer.id)
      return answer
    end
    failure = problem
    if not (core.error.is(failure) and failure.unsure and body.name) then error(failure, 0) end
    local found = find(resource, body, began, failure)
    if found then
      lost.claim(resource, found.id)
      return { id = found.id, etag = found.etag, adopted = true }
    end
  end
  failure.unsure = nil
  say(failure, ("%s was looked for by its name and is not there"):format(suggest.quote(body.name)))
end

--- Sends a create whose repetition does no harm, for what it leaves behind nobody sees or uses: schemas and mapping
--- sets of Data Prep, which have no name to look for them by. What the answer does not say clearly is asked for again.
---@param aep table a connection
---@param request { path: string, body: table }
---@param what string for messages, such as "mapping set"
---@return table answer with its `id`
function M.make(aep, request, what)
  local failure
  for _ = 1, TRIES do
    local ok, answer = pcall(aep.request, aep,
      { method = "POST", path = request.path, body = request.body, repeatable = true })
    if ok and type(answer) == "table" and type(answer.id) == "string" and answer.id ~= "" then return answer end
    failure = ok and core.error.new { kind = "http", unsure = true, hint = "is the base URL right?",
      message = ("the answer to the creation of the %s holds no ID"):format(what) } or answer
    if not ok and not is_nonsense(failure) then break end -- the rest has been repeated by now, as far as it may be
  end
  error(failure, 0)
end

-- ── changing ───────────────────────────────────────────────────────────────────────────────────────────────

--- The patch in the operations of RFC 6902, on the entity as it was read.
local function resolved(patch, entity)
  return patch:is_plain() and patch or patch:resolve(entity)
end

local function current_answer(current) return { id = current.id, etag = current.etag } end

--- Reads what a failed call may have brought about; without that reading the doubt stays.
local function read_again(resource, id, failure, done)
  local ok, current = pcall(resource.get, resource, id)
  if ok then return current end
  say(failure, ("whether %s was %s is not known, for it could not be read: %s"):format(id, done, tostring(current)))
end

--- After a failed update: is it done all the same? If not, and if nobody's change is overwritten by it, it is sent
--- once more.
local function settle(resource, id, patch, before, sent, failure)
  local current = read_again(resource, id, failure, "changed")
  if is_doubtful(failure) and effect.is_there(before, sent, current) then return current_answer(current) end
  if current.etag ~= before.etag and patch:is_plain() then
    say(failure, "somebody else changed it meanwhile, and this patch goes by places: it was not sent again")
  end
  sent = resolved(patch, current)
  if #sent == 0 then return current_answer(current) end
  return (resource:send("update", { id = id, body = sent, etag = current.etag }))
end

--- Changes an entity by JSON Patch, once (flow-service-api.md §12). The entity is read first unless the etag is given
--- with a patch that goes by places: then an error with `unsure` leaves to the caller to see what is there. When the
--- answer is lost, or somebody else was quicker (412), it is read again: what is there is done; a patch by identity is
--- resolved anew and sent once more; a true conflict is an error.
---@param resource sluice.Resource
---@param id string
---@param patch table a `sluice.patch`
---@param etag string|nil
---@return table|nil { id, etag }; nil when the service answers without a body
function M.update(resource, id, patch, etag)
  local before = not (etag and patch:is_plain()) and resource:get(id) or nil
  local sent = before and resolved(patch, before) or patch
  if #sent == 0 then return current_answer(before) end
  local ok, answer = pcall(resource.send, resource, "update",
    { id = id, body = sent, etag = before and before.etag or etag })
  if ok then return answer end
  if not before and is_doubtful(answer) then answer.unsure = true end -- a 412 may come from its own first attempt
  if not before or not (is_failure(answer, 412) or is_doubtful(answer)) then error(answer, 0) end
  return settle(resource, id, patch, before, sent, answer)
end

-- ── deleting and switching ─────────────────────────────────────────────────────────────────────────────────

local function is_gone(resource, id, failure)
  local there, problem = pcall(resource.get, resource, id)
  if not there and is_failure(problem, 404) then return true end
  if there then return false end
  say(failure, ("whether %s was deleted is not known, for it could not be read: %s"):format(id, tostring(problem)))
end

--- Deletes an entity. One that is gone after a lost answer was deleted by it; reading has to find nothing, either.
---@param resource sluice.Resource
---@param id string
function M.delete(resource, id)
  local failure
  for _ = 1, 2 do
    local ok, problem = pcall(resource.send, resource, "delete", { id = id })
    if ok then return end
    failure = problem
    if not is_doubtful(failure) or not (failure.unsure or is_failure(failure, 404)) then error(failure, 0) end
    if is_gone(resource, id, failure) then return end
    if not is_nonsense(failure) then break end
  end
  say(failure, ("%s is still there%s"):format(id, is_lost(failure) and ", though the service may yet delete it" or ""))
end

local STATES = { enable = "enabled", disable = "disabled" }

--- Performs an operation such as "enable". When the answer is lost the state says whether it is done; if not it is
--- asked for once more.
---@param resource sluice.Resource
---@param id string
---@param op string
---@return table { id, etag }
function M.action(resource, id, op)
  local ok, answer = pcall(resource.send, resource, "action", { id = id, op = op })
  if ok then return answer end
  if not (core.error.is(answer) and answer.unsure and STATES[op]) then error(answer, 0) end
  local current = read_again(resource, id, answer, STATES[op])
  if current.state == STATES[op] then return current_answer(current) end
  return (resource:send("action", { id = id, op = op }))
end

return M
