--- An account at a destination (a base connection): its credentials are rotated by one call.
---
---     sluice.account(aep, "Loyal customers to Campaign - account"):rotate_credentials {
---       password = sluice.secret.env "CAMPAIGN_SFTP_PASSWORD",
---     }

local catalog = require "sluice.catalog"
local change = require "sluice.dataflow.change"
local check = require "sluice.destination.check"
local core = require "sluice.core"
local find = require "sluice.dataflow.find"
local findings = require "sluice.findings"
local shape = require "sluice.dataflow.shape"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.account
---@field id string
local Account = { __name = "sluice.account" }
Account.__index = Account

--- Takes hold of an account. An ID is taken as it is; a name is looked up at once.
---@param aep table a connection, from sluice.connect
---@param ref string ID or exact name of the base connection
---@param opts { pause: number|nil }|nil seconds between two readings while the service is at work, default 1
---@return sluice.account account; raises kind "recipe", code "not_found" or "ambiguous"
function M.open(aep, ref, opts)
  local id = find.id(aep.connections, "account", ref)
  local subject = { aep = aep, collection = aep.connections, what = "account", field = "account", id = id,
    pause = opts and opts.pause }
  return setmetatable({ id = id, aep = aep, subject = subject }, Account)
end

--- The base connection as the service holds it now.
---@return table item may show credentials: not for printing
function Account:read() return change.read(self.subject) end

-- ── what is stored ─────────────────────────────────────────────────────────────────────────────────────────

--- A stored param. Stored entities spell some keys in another case (`userName`); what is masked is not known.
local function stored_param(params, name)
  for key, value in pairs(params) do
    local masked = type(value) == "string" and value:find "^%*+$"
    if type(key) == "string" and key:lower() == name:lower() and not masked then return value end
  end
end

--- The account's system, and which of its kinds of credentials it holds.
local function kind_of(self, item)
  local label = change.label(self.subject, item)
  local spec_id = type(item.connectionSpec) == "table" and item.connectionSpec.id
  local system = shape.system_of(self.aep, spec_id)
  local stored = type(item.auth) == "table" and item.auth or {}
  if #system.auth == 0 then
    change.refuse("no_credentials", "%s has no credentials: %s needs none", label, system.title)
  end
  for _, spec in ipairs(system.auth) do
    if stored.specName == spec.name or spec.also ~= nil and stored.specName == spec.also then
      return system, spec, type(stored.params) == "table" and stored.params or {}
    end
  end
  change.refuse("unknown_credentials", "%s holds credentials of the kind %s, which %s does not have: %s", label,
    suggest.quote(stored.specName), system.title, suggest.expected(stored.specName, catalog.names(system.auth)))
end

--- The parts that say whose credentials they are (destinations.md §2, §4, §8).
local IDENTITIES = {
  username = true, accessId = true, s3AccessKey = true, accessKeyId = true, servicePrincipalId = true,
  sasKeyName = true,
}

--- Which kind of credentials the account holds, and what its parts are called.
---@return { spec: string, secret: string, identity: string|nil, others: string[] } kind secret: the part that never
---  shows; identity: the user name or key ID
function Account:kind()
  local _, spec = kind_of(self, self:read())
  local kind = { spec = spec.name, others = {} }
  for _, param in ipairs(spec.params) do
    if param.secret then
      kind.secret = kind.secret or param.name
    else
      kind.others[#kind.others + 1] = param.name
      if IDENTITIES[param.name] then kind.identity = param.name end
    end
  end
  return kind
end

-- ── rotating ───────────────────────────────────────────────────────────────────────────────────────────────

--- The credentials as a whole: patching replaces everything that is stored (D, EDIT). What is no secret and was not
--- given stays; a secret that was read is never sent back, for it may be masked.
local function complete(given, spec, stored)
  local full = { spec = spec.name }
  for _, param in ipairs(spec.params) do
    if not param.secret then full[param.name] = stored_param(stored, param.name) end
  end
  for key, value in pairs(given) do full[key] = value end
  return full
end

local function sendable(full, spec)
  local params = {}
  for _, param in ipairs(spec.params) do
    local value = full[param.name]
    if value == nil and param.required and param.from then value = full[param.from] end
    if param.secret and type(value) == "string" then value = core.secret.new(param.name, value) end
    params[param.name] = value
  end
  return params
end

--- What shows that the new credentials are stored: the account has a new version, and what is no secret is as wanted.
local function lacks(spec, wanted)
  return function(after, before)
    local list = {}
    if after.etag == before.etag then list[1] = "replaces the credentials" end
    local stored = type(after.auth) == "table" and type(after.auth.params) == "table" and after.auth.params or {}
    for _, param in ipairs(spec.params) do
      local now = stored_param(stored, param.name)
      if not param.secret and wanted[param.name] ~= nil and now ~= nil and now ~= wanted[param.name] then
        list[#list + 1] = ("sets %s to %s"):format(param.name, suggest.quote(wanted[param.name]))
      end
    end
    return list
  end
end

--- The account without its secrets: the service may show them.
local function without_secrets(item, spec)
  local shown = core.json.copy(item)
  for _, param in ipairs(spec.params) do
    local params = core.pointer.get(shown, "/auth/params")
    local value = type(params) == "table" and params[param.name]
    if param.secret and type(value) == "string" then params[param.name] = core.secret.new(param.name, value) end
  end
  return shown
end

--- Lets the service try the new credentials (F: GET /connections/{id}/test). Where it cannot, that is a warning.
local function try(self, result)
  local ok, answer = pcall(self.aep.connections.test, self.aep.connections, self.id)
  if ok and answer then
    table.insert(result.explained, "the destination takes the new credentials")
  elseif ok then
    core.error.raise("service", ("%s has the new credentials, but they were tried and the destination does not take "
      .. "them; the old ones are gone, so rotate again with the right ones"):format(change.label(self.subject,
        result.account)), { code = "credentials_refused" })
  else
    table.insert(result.warnings, { place = "/auth", level = "warning", source = "F",
      message = "the new credentials could not be tried: " .. tostring(answer) })
  end
  return result
end

--- Puts new credentials in the place of the old ones. Since secrets cannot be compared, they are always sent.
---@param auth table the secret part, and what else changes, by the API's names: { password = … }
---@param opts { try: boolean|nil }|nil false: the new credentials are not tried, default true
---@return sluice.change.result result; raises kind "recipe" for what is wrong, kind "service" with code
---  "not_activated", or "credentials_refused" when they are stored and do not work
function Account:rotate_credentials(auth, opts)
  local report, item = findings.new(), self:read()
  local system, spec, stored = kind_of(self, item)
  if type(auth) ~= "table" then
    report:error("/auth", nil, "expected a table with the new credentials, got %s", suggest.quote(auth))
  elseif auth.spec ~= nil and auth.spec ~= spec.name and auth.spec ~= spec.also then
    -- UNKNOWN whether /auth/specName may change (activation.md §2).
    report:error("/auth/spec", nil, "the account holds %s; whether another kind may take its place is not documented: "
      .. "make a new account for %s", suggest.quote(spec.name), suggest.quote(auth.spec))
  else
    auth = complete(auth, spec, stored)
    check.check_auth(report, system, auth, "audiences")
  end
  local warnings = change.refuse_errors(report, "the new credentials")
  local params = sendable(auth, spec)
  local result = change.run(self.subject, function(current)
    local there = core.pointer.get(current, "/auth/params") ~= nil
    local patch = core.patch.new()
    patch[there and "replace" or "add"](patch, "/auth/params", params)
    return { patch = patch, lacks = lacks(spec, params), unseen = true }
  end, warnings, item)
  result.account = without_secrets(result.account, spec)
  if opts and opts.try == false then return result end
  return try(self, result)
end

return M
