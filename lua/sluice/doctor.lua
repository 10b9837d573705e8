--- Looks at everything a run stands on, from this machine to the organisation's permissions, and says what to do about
--- what is not well. A check runs as soon as those it needs have not failed, whatever else has. Changes nothing but
--- that a new access token is kept, as in any run.

local core = require "sluice.core"

local M = {}

---@class sluice.doctor.Outcome
---@field status "ok"|"warning"|"failed"|"skipped"
---@field message string what was found
---@field advice string|nil what to do
---@field exit integer|nil of a failed check: 3 configuration or credentials, 4 refused, 5 network or service

---@class sluice.doctor.Check
---@field name string
---@field needs string[]|nil names of checks that must not have failed
---@field run fun(state: table): sluice.doctor.Outcome

local CONFIGURATION, REFUSED, NETWORK = 3, 4, 5

-- ── outcomes ───────────────────────────────────────────────────────────────────────────────────────────────

local function outcome(status, message, advice, exit)
  return { status = status, message = message, advice = advice, exit = exit }
end

--- All is well.
function M.ok(message, ...) return outcome("ok", select("#", ...) > 0 and message:format(...) or message) end

--- It works, but not as it should.
function M.warning(message, advice) return outcome("warning", message, advice) end

--- It does not work.
function M.failed(exit, message, advice) return outcome("failed", message, advice, exit) end

--- It could not be found out.
function M.skipped(message) return outcome("skipped", message) end

M.CONFIGURATION, M.REFUSED, M.NETWORK = CONFIGURATION, REFUSED, NETWORK

local HERE = { auth = true, config = true, io = true } -- what has to be put right on this machine

--- The exit code of a failure's class.
---@param failure sluice.Error
---@return integer
function M.class(failure)
  if HERE[failure.kind] then return CONFIGURATION end
  return failure.kind == "service" and (failure.status or 0) < 500 and REFUSED or NETWORK
end

--- What an error object says, without what the line says already.
local function words_of(failure)
  local parts = {}
  for _, field in ipairs { "status", "code" } do
    if failure[field] ~= nil then parts[#parts + 1] = tostring(failure[field]) end
  end
  local head = table.concat(parts, " ")
  return head == "" and failure.message or head .. ": " .. failure.message
end

--- What to do about a permission.
M.ADMINISTRATOR = "an administrator adds the permission to a role of the credential: Permissions, Roles, "
  .. "API credentials"

--- What to do where the failure itself does not say.
local ADVICE = {
  [401] = "the token is not taken: compare organisation and client ID with the Developer Console",
  [403] = M.ADMINISTRATOR,
  [429] = "too many calls just now: wait a minute, and see what else uses these credentials",
}

local function advice_for(failure)
  local status = failure.kind == "service" and failure.status
  if failure.hint or not status then return failure.hint end
  if status >= 500 then return "the trouble is the service's own: try again later" end
  return ADVICE[status] or "compare organisation, sandbox and base URL with those in Experience Platform"
end

--- A failure of a call as the outcome of a check.
---@param failure any what was raised; all but error objects is raised again
---@param before? string words in front
---@return sluice.doctor.Outcome
function M.refused(failure, before)
  if not core.error.is(failure) or failure.kind == "interrupted" or failure.kind == "internal" then
    error(failure, 0)
  end
  return M.failed(M.class(failure), (before or "") .. words_of(failure), advice_for(failure))
end

-- ── running ────────────────────────────────────────────────────────────────────────────────────────────────

--- The checks, in their order.
---@type sluice.doctor.Check[]
M.checks = {}
for _, part in ipairs { "machine", "network", "access" } do
  require("sluice.doctor." .. part)(M)
end

local function missing(check, done)
  for _, name in ipairs(check.needs or {}) do
    local status = done[name]
    if status == "failed" or status == "skipped" then return name end
  end
end

local function perform(check, state)
  local ok, found = pcall(check.run, state)
  return ok and found or M.refused(found)
end

--- Runs the checks one by one.
---@param state { options: table<string, any> } options of the connection: base_url, ims_url, cacert, timeout
---@return fun(): (sluice.doctor.Outcome|nil) iterator outcomes with the name of their `check`
function M.run(state)
  local done, i = {}, 0
  return function()
    i = i + 1
    local check = M.checks[i]
    if not check then return nil end
    local lacks = missing(check, done)
    local found = lacks and M.skipped("needs what failed above: " .. lacks) or perform(check, state)
    found.message = core.secret.mask(found.message)
    found.check, done[check.name] = check.name, found.status
    return found
  end
end

return M
