--- Where a connection's credentials, sandbox and hosts come from: options, a named file, the environment, or
--- the default profile, in this order. The identity (organisation, client, secret, scopes, token) is one
--- piece: it comes from one source, so that two credentials are never mixed.

local core = require "sluice.core"
local file = require "sluice.config.file"
local secret = require "sluice.secret"
local suggest = require "sluice.suggest"

local M = {}

--- Sandbox and hosts where nobody says otherwise.
M.USUAL = { base_url = "https://platform.adobe.io", ims_url = "https://ims-na1.adobelogin.com", sandbox = "prod" }
local USUAL = M.USUAL
local USUAL_SCOPES = "openid,session,AdobeID,read_organizations,additional_info.projectedProductContext"

--- The environment variable of each setting.
local VARIABLES = {
  org = "AEP_ORG_ID", client_id = "AEP_CLIENT_ID", client_secret = "AEP_CLIENT_SECRET", scopes = "AEP_SCOPES",
  token = "AEP_ACCESS_TOKEN", sandbox = "AEP_SANDBOX", base_url = "AEP_BASE_URL", ims_url = "AEP_IMS_URL",
}
local IDENTITY = { "org", "client_id", "client_secret", "scopes", "token" }
local PLACE = { "sandbox", "base_url", "ims_url" }
--- Handed on as they are.
local TRANSPORT = { "cacert", "connect_timeout", "timeout", "call_timeout", "attempts", "max_body", "on_call",
  "intercept", "load_token", "save_token", "token_cache", "settle", "yes_production", "ask_production" }

--- What a missing piece is called, and the variables that give it.
local MISSING = {
  org = { "organisation ID", "AEP_ORG_ID" },
  client_id = { "client ID", "AEP_CLIENT_ID" },
  client_secret = { "client secret or access token", "AEP_CLIENT_SECRET or AEP_ACCESS_TOKEN" },
  scopes = { "scopes, usually " .. USUAL_SCOPES, "AEP_SCOPES" },
}

local function fail(message, ...)
  core.error.raise("config", message:format(...))
end

-- ── the sources ────────────────────────────────────────────────────────────────────────────────────────────

local function has_identity(source)
  for _, field in ipairs(IDENTITY) do
    if source[field] ~= nil then return true end
  end
  return false
end

local function from_options(opts)
  local source = { name = "the options", keys = {} }
  for field in pairs(VARIABLES) do source[field] = opts[field] end
  return source
end

local function from_environment(env)
  local source = { name = "the environment", keys = {} }
  for field, variable in pairs(VARIABLES) do
    local value = env(variable)
    value = value and value:match("^%s*(.-)%s*$")
    source[field] = value ~= "" and value or nil
  end
  return source
end

local function from_file(path, label, read)
  local content, reason = read(path)
  if not content then fail("%s: cannot be read: %s", label, reason) end
  local source = file.parse(content, path)
  source.name = ("%s (%s)"):format(label, source.form)
  source.path, source.folder = path, path:match "^(.*/)[^/]*$" or "."
  return source
end

local LONGEST = 95 -- of a profile's name; that of a private file has 100 characters (see `core.store`)

--- The file of a profile: $XDG_CONFIG_HOME/sluice/profiles/NAME.json, by default below ~/.config.
---@param name string letters, digits, dot, hyphen, underscore, 95 at most
---@param env fun(variable: string): string|nil
---@return string|nil path nil when neither XDG_CONFIG_HOME nor HOME is set
function M.profile_path(name, env)
  if #name > LONGEST or not name:match("^[%w_][%w._-]*$") then
    fail("profile %s: expected a name of letters, digits, dots, hyphens and underscores, %d at most",
      suggest.quote(name), LONGEST)
  end
  local base = require("sluice.folders").of("XDG_CONFIG_HOME", ".config", env)
  return base and ("%s/sluice/profiles/%s.json"):format(base, name)
end

local function named_file(opts, env)
  if opts.config and opts.profile then fail("give either a config file or a profile, not both") end
  if opts.config then return from_file(opts.config, "file " .. opts.config, file.read) end
  if not opts.profile then return nil end
  local path = M.profile_path(opts.profile, env)
  if not path then fail("profile %s: neither XDG_CONFIG_HOME nor HOME is set", opts.profile) end
  return from_file(path, ("profile %s, %s"):format(opts.profile, path), file.read_stored)
end

--- The default profile, when it exists.
local function default_profile(env)
  local path = M.profile_path("default", env)
  local ok, found = pcall(core.files.look, path or "")
  if not (ok and found) then return nil end
  return from_file(path, "profile default, " .. path, file.read_stored)
end

-- ── choosing ───────────────────────────────────────────────────────────────────────────────────────────────

--- The sources in order of precedence. The default profile counts only when nothing else brings an identity.
local function sources_of(opts, env)
  local options, environment = from_options(opts), from_environment(env)
  local list = { options, named_file(opts, env) }
  list[#list + 1] = environment
  for _, source in ipairs(list) do
    if has_identity(source) then return list, environment end
  end
  list[#list + 1] = default_profile(env)
  return list, environment
end

--- Fills gaps of an identity from the environment, but only where it speaks of the same client. With a secret
--- a token is no gap, and with a token neither secret nor scopes are.
local function fill(identity, environment)
  if identity == environment then return end
  local client = environment.client_id
  if client ~= nil and client ~= identity.client_id then return end
  if identity.client_secret == nil then identity.token = identity.token or environment.token end
  local fields = identity.token == nil and { "org", "client_secret", "scopes" } or { "org" }
  for _, field in ipairs(fields) do
    if identity[field] == nil then identity[field] = environment[field] end
  end
end

local function missing_pieces(identity)
  local fields = { "org", "client_id" }
  if identity.token == nil then fields[3], fields[4] = "client_secret", "scopes" end
  local missing = {}
  for _, field in ipairs(fields) do
    if identity[field] == nil then
      local what, variables = table.unpack(MISSING[field])
      local key = identity.keys[field] and " or the key " .. identity.keys[field] or ""
      missing[#missing + 1] = ("%s (set %s%s)"):format(what, variables, key)
    end
  end
  return missing
end

local function foreign_note(identity, environment)
  local client = environment.client_id
  if identity == environment or client == nil or client == identity.client_id then return "" end
  return "; the environment is not used to fill the gaps, because its AEP_CLIENT_ID is another client"
end

local function refuse_missing(identity, environment)
  local missing = missing_pieces(identity)
  if #missing > 0 then
    fail("the credentials from %s lack: %s%s", identity.name, table.concat(missing, "; "),
      foreign_note(identity, environment))
  end
end

--- Is a secret, or a token in its place, all that lacks?
local function lacks_only_secret(identity)
  return identity.client_secret == nil and identity.token == nil
    and identity.org ~= nil and identity.client_id ~= nil and identity.scopes ~= nil
end

local function choose_identity(sources, environment)
  for _, source in ipairs(sources) do
    if has_identity(source) then
      fill(source, environment)
      return source
    end
  end
  fail("no credentials: set AEP_ORG_ID, AEP_CLIENT_ID, AEP_CLIENT_SECRET and AEP_SCOPES, or give a "
    .. "credential file (--config FILE) or a profile (--profile NAME)")
end

-- ── checking ───────────────────────────────────────────────────────────────────────────────────────────────

local function is_loopback(host)
  return host == "localhost" or host == "[::1]" or host:match("^127%.%d+%.%d+%.%d+$") ~= nil
end

--- A URL as it may be shown: a user name and a password may stand in it.
---@param url any
---@return string
function M.shown_url(url)
  local scheme, rest = tostring(url):match "^(%a[%w+.-]*://)(.*)$"
  return (scheme or "") .. (rest or tostring(url)):gsub("^.*@", "…@")
end

--- A URL without its last slash; https, or http to this machine.
local function check_url(url, what, example)
  local scheme, host, path = tostring(url):match("^(%a+)://([%w.%-]+)(.*)$")
  if not host then scheme, host, path = tostring(url):match("^(%a+)://(%[[%x:.]+%])(.*)$") end
  local rest = path and path:match("^:%d+(.*)$") or path
  if not host or not rest:match("^[%w/._~-]*$") or (rest ~= "" and rest:sub(1, 1) ~= "/") then
    fail("%s %s: expected a URL such as %s", what, suggest.quote(M.shown_url(url)), example)
  elseif scheme ~= "https" and not (scheme == "http" and is_loopback(host)) then
    fail("%s %s: expected https (http is for this machine only)", what, suggest.quote(url))
  end
  return (url:gsub("/+$", ""))
end

local function check_plain(value, what)
  if type(value) ~= "string" or value:find("[%c%s]") or value == "" then
    fail("%s: expected text without blanks", what)
  end
end

local function check_org(org, from)
  check_plain(org, "organisation ID" .. from)
  if not org:find(".@AdobeOrg$") then
    fail("organisation ID %s%s: expected an ID that ends in @AdobeOrg", suggest.quote(org), from)
  end
end

local function check_identity(identity)
  local from = " from " .. identity.name
  check_plain(identity.client_id, "client ID" .. from)
  check_org(identity.org, from)
end

local function check_sandbox(sandbox)
  if type(sandbox) ~= "string" or not sandbox:match("^%w[%w-]*$") then
    fail("sandbox %s: expected a name of letters, digits and hyphens", suggest.quote(sandbox))
  end
  return sandbox
end

--- Checks what a credential file holds, as far as it holds it. Raises kind "config".
---@param source sluice.config.identity with its `name`
function M.check(source)
  local from = " from " .. source.name
  check_plain(source.client_id or "none", "client ID" .. from)
  check_org(source.org or "none@AdobeOrg", from)
  check_sandbox(source.sandbox or USUAL.sandbox)
  check_url(source.base_url or USUAL.base_url, "base URL", USUAL.base_url)
  check_url(source.ims_url or USUAL.ims_url, "IMS URL", USUAL.ims_url)
end

--- The secret itself, or what a reference stands for.
local function wrapped(identity, field, env)
  local value = identity[field]
  if value == nil or core.secret.is(value) then return value end
  local where = (field == "token" and "access token" or "client secret") .. " from " .. identity.name
  local ok, found = pcall(secret.from, tostring(value), VARIABLES[field], { folder = identity.folder, env = env })
  if not ok then
    if core.error.is(found) then found.where = found.where or where end
    error(found, 0)
  end
  if found then return found end
  check_plain(value, where)
  return core.secret.new(VARIABLES[field], value)
end

--- The first of the sources that has it, and its name.
local function first_of(sources, field)
  for _, source in ipairs(sources) do
    if source[field] ~= nil then return source[field], source.name end
  end
end

--- Sandbox and hosts, and where each comes from.
local function choose_place(sources)
  local place, origins = {}, {}
  for _, field in ipairs(PLACE) do
    local found, name = first_of(sources, field)
    place[field], origins[field] = found or USUAL[field], name or "the default"
  end
  return place, origins
end

---@class sluice.config.settings
---@field org string ends in @AdobeOrg
---@field client_id string
---@field client_secret userdata|nil a secret
---@field scopes string|nil comma-separated
---@field token userdata|nil a secret: a ready-made access token
---@field sandbox string default "prod"
---@field base_url string default https://platform.adobe.io
---@field ims_url string default https://ims-na1.adobelogin.com
---@field source string where the identity comes from, for people
---@field file string|nil that the identity comes from
---@field protected boolean a profile or file that is used says so (see `sluice.protection`)
---@field origins table<string, string> where sandbox, base_url and ims_url come from, for people

--- Finds everything a connection needs. In place of a client secret or token there may be a reference: `env:NAME`,
--- `file:PATH` (relative to the file that names it), `cmd:PROGRAM WORDS`. Raises kind "config", naming all missing
--- pieces at once and how to give each.
---@param opts table|nil org, client_id, client_secret, scopes, token, sandbox, base_url, ims_url; config = a
---  file, profile = a name; env = function for os.getenv; secretless = function that is given the settings when only
---  secret and token lack, may set one, and says whether that is fine; the settings of core.client.new are handed on
---@return sluice.config.settings
function M.resolve(opts)
  opts = opts or {}
  local env = opts.env or os.getenv
  local sources, environment = sources_of(opts, env)
  local identity = choose_identity(sources, environment)
  local secretless = opts.secretless and lacks_only_secret(identity)
  if not secretless then refuse_missing(identity, environment) end
  check_identity(identity)
  local place, origins = choose_place(sources)
  local settings = {
    org = identity.org,
    client_id = identity.client_id,
    client_secret = wrapped(identity, "client_secret", opts.env),
    scopes = file.scopes(identity.scopes),
    token = wrapped(identity, "token", opts.env),
    sandbox = check_sandbox(place.sandbox),
    base_url = check_url(place.base_url, "base URL", USUAL.base_url),
    ims_url = check_url(place.ims_url, "IMS URL", USUAL.ims_url),
    source = identity.name,
    file = identity.path,
    protected = first_of(sources, "protected") or false,
    origins = origins,
  }
  for _, field in ipairs(TRANSPORT) do settings[field] = opts[field] end
  if secretless and not opts.secretless(settings) then refuse_missing(identity, environment) end
  return settings
end

return M
