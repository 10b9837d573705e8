--- Credential files people already have, brought into one form: aepp's JSON, a Developer Console workspace, a
--- flat Console credential, a Postman environment. The form is detected by shape, never by file name.

local core = require "sluice.core"
local suggest = require "sluice.suggest"

local M = {}

local LARGEST = 1024 * 1024 -- bytes of a credential file

---@class sluice.config.identity
---@field form string how the file is called in messages
---@field org string|nil
---@field client_id string|nil
---@field client_secret string|nil
---@field scopes string|nil comma-separated
---@field token string|nil
---@field sandbox string|nil
---@field base_url string|nil
---@field ims_url string|nil
---@field protected boolean|nil writes ask for the sandbox's name (see `sluice.protection`)
---@field keys table<string, string> what each piece is called in this form, for messages

local function fail(name, message, ...)
  core.error.raise("config", ("%s: %s"):format(name, message:format(...)))
end

--- A non-empty string without surrounding blanks, or nil.
local function text(value)
  value = type(value) == "string" and value:match("^%s*(.-)%s*$")
  return value ~= "" and value or nil
end

local function kind_of(value)
  if type(value) ~= "table" then return "a " .. type(value) end
  return core.json.is_array(value) and "a list" or "an object"
end

--- A reader of keys that hold text: gives it without surrounding blanks, nil for absent, null or blank text. A
--- value of another kind is refused, not passed over, and never shown: it may be a secret.
local function reader(values, name)
  return function(key, or_list)
    local value = values[key]
    if or_list and core.json.is_array(value) then value = value[1] end
    if value == nil or value == core.json.null or type(value) == "string" then return text(value) end
    return fail(name, "%s: expected text, got %s", key, kind_of(value))
  end
end

--- Scopes as the token request wants them: from a list, the text of a JSON list, or words between commas or
--- blanks.
---@param value any
---@return string|nil scopes comma-separated, nil when there are none
function M.scopes(value)
  if type(value) == "string" and value:find("^%s*%[") then
    local ok, list = pcall(core.json.decode, value, "scopes")
    value = ok and list or value
  end
  if type(value) ~= "table" then value = { text(value) } end
  local words = {}
  for _, item in ipairs(value) do
    for word in tostring(item):gmatch("[^,%s]+") do words[#words + 1] = word end
  end
  return #words > 0 and table.concat(words, ",") or nil
end

local function scopes_at(values, key, name)
  local value = values[key]
  local fine = value == nil or value == core.json.null or type(value) == "string" or core.json.is_array(value)
  for _, item in ipairs(type(value) == "table" and value or {}) do fine = fine and type(item) == "string" end
  if not fine then fail(name, "%s: expected text or a list of texts", key) end
  return M.scopes(value)
end

local function table_at(value, ...)
  for _, key in ipairs { ... } do
    value = type(value) == "table" and value[key] or nil
  end
  return type(value) == "table" and value or nil
end

-- ── the four forms ─────────────────────────────────────────────────────────────────────────────────────────

local WORKSPACE_CREDENTIALS = "project.workspace.details.credentials"

--- Developer Console project or workspace (auth.md 4.2): the credential that holds `oauth_server_to_server`.
local function from_workspace(document, name)
  local found = {}
  for _, credential in ipairs(table_at(document, "project", "workspace", "details", "credentials") or {}) do
    found[#found + 1] = table_at(credential, "oauth_server_to_server")
  end
  if #found == 0 then
    fail(name, "a Developer Console workspace without OAuth server-to-server credential: looked for %s[…]."
      .. "oauth_server_to_server", WORKSPACE_CREDENTIALS)
  elseif #found > 1 then
    fail(name, "a Developer Console workspace with %d OAuth server-to-server credentials: keep the one to be "
      .. "used", #found)
  end
  local credential = found[1]
  local read = reader(credential, name)
  return {
    form = "Developer Console workspace",
    org = reader(table_at(document, "project", "org") or {}, name) "ims_org_id",
    client_id = read "client_id",
    client_secret = read("client_secrets", true),
    scopes = scopes_at(credential, "scopes", name),
    keys = { org = "project.org.ims_org_id", client_id = "oauth_server_to_server.client_id",
      client_secret = "oauth_server_to_server.client_secrets", scopes = "oauth_server_to_server.scopes" },
  }
end

local function url_of(host)
  return host and (host:find("^%a+://") and host or "https://" .. host)
end

--- Postman environment (auth.md 4.4): enabled entries of `values`.
local function from_postman(document, name)
  local values = {}
  for _, entry in ipairs(document.values) do
    if entry.enabled ~= false then values[entry.key] = entry.value end
  end
  local read = reader(values, name)
  local secret = read("CLIENT_SECRET", true) or read("CLIENT_SECRETS", true)
  return {
    form = "Postman environment",
    org = read "IMS_ORG",
    client_id = read "API_KEY",
    client_secret = secret,
    scopes = scopes_at(values, "SCOPES", name),
    -- The token may have expired long ago: with a secret at hand a new one is fetched.
    token = not secret and read "ACCESS_TOKEN" or nil,
    sandbox = read "SANDBOX_NAME",
    base_url = url_of(read "PLATFORM_URL"),
    ims_url = url_of(read "IMS"),
    keys = { org = "IMS_ORG", client_id = "API_KEY", client_secret = "CLIENT_SECRET", scopes = "SCOPES",
      token = "ACCESS_TOKEN" },
  }
end

local STAGE_IMS = "https://ims-na1-stg1.adobelogin.com"

--- aepp's `environment` → the two hosts (auth.md 4.1).
local function environment_urls(environment, name)
  if environment == nil or environment == "prod" then return nil, nil end
  if environment == "support" then
    fail(name, 'environment "support" has an endpoint of its own: give it as base URL, and leave the key out')
  elseif not environment:match("^%w[%w-]*$") then
    fail(name, "environment %s is not a word such as \"prod\" or \"stage\"", suggest.quote(environment))
  end
  return ("https://platform-%s.adobe.io"):format(environment), STAGE_IMS
end

local FLAT_KEYS = {
  "org_id", "ims_org_id", "client_id", "api_key", "secret", "client_secret", "client_secrets", "scopes",
}

--- The keys of a flat object in lower case. Two spellings of one key must agree.
local function lower_case(document, name)
  local lower = {}
  for key, value in pairs(document) do
    local plain = tostring(key):lower()
    if lower[plain] ~= nil and not core.json.equal(lower[plain], value) then
      fail(name, "holds the key %s twice, with different values", suggest.quote(plain))
    end
    lower[plain] = value
  end
  return lower
end

local function refuse_flat(flat, name)
  for _, key in ipairs { "sandbox_name", "sandbox" } do
    if flat[key] ~= nil and flat["sandbox-name"] == nil then
      fail(name, 'key "%s" is not read; did you mean "sandbox-name"?', key)
    end
  end
  if flat.scopes == nil and flat.auth_code ~= nil then
    fail(name, "is for the authorization-code grant (auth_code); Sluice needs an OAuth server-to-server "
      .. "credential, with scopes")
  end
end

--- aepp's file and the flat Console credential (auth.md 4.1, 4.3): one reader, keys in any case.
local function from_flat(document, name)
  local flat = lower_case(document, name)
  local known = false
  for _, key in ipairs(FLAT_KEYS) do known = known or flat[key] ~= nil end
  if not known then
    fail(name, 'not a credential file: looked for "project" (Developer Console workspace), "values" (Postman '
      .. 'environment), or keys such as org_id, client_id, secret and scopes (aepp, Developer Console '
      .. 'credential)')
  end
  refuse_flat(flat, name)
  local read = reader(flat, name)
  local base_url, ims_url = environment_urls(read "environment", name)
  local aepp = flat.org_id ~= nil and flat.secret ~= nil
  return {
    form = aepp and "aepp configuration" or "Developer Console credential",
    org = read "org_id" or read "ims_org_id",
    client_id = read "api_key" or read "client_id",
    client_secret = read "secret" or read("client_secret", true) or read("client_secrets", true),
    scopes = scopes_at(flat, "scopes", name),
    sandbox = read "sandbox-name",
    base_url = read "base_url" or base_url,
    ims_url = read "ims_url" or ims_url,
    keys = { org = "org_id", client_id = "client_id", client_secret = aepp and "secret" or "client_secrets",
      scopes = "scopes" },
  }
end

--- Does the list hold {key, value} entries, as a Postman environment's does?
local function is_postman(values)
  if type(values) ~= "table" or #values == 0 then return false end
  for _, entry in ipairs(values) do
    if type(entry) ~= "table" or type(entry.key) ~= "string" then return false end
  end
  return true
end

local function identity_of(document, name)
  if table_at(document, "project") then return from_workspace(document, name) end
  if is_postman(document.values) then return from_postman(document, name) end
  return from_flat(document, name)
end

--- Our own key, in every form. What is nearly it would leave a profile open that is meant to be protected.
local function is_protected(document, name)
  local found
  for key, value in pairs(document) do
    local plain = tostring(key):lower()
    if plain == "protected" then
      if type(value) ~= "boolean" then fail(name, "%s: expected true or false", key) end
      found = found or value
    elseif suggest.distance(plain, "protected") <= 2 then
      fail(name, 'key %s is not read; did you mean "protected"?', suggest.quote(key))
    end
  end
  return found
end

--- Reads the text of a credential file.
---@param content string JSON
---@param name string what to call the file in messages
---@return sluice.config.identity
---@return table document as it is written there
function M.parse(content, name)
  local ok, document = pcall(core.json.decode, content, name)
  if not ok then core.error.raise("config", document.message) end
  if type(document) ~= "table" or core.json.is_array(document) then
    fail(name, "not a credential file: expected a JSON object")
  end
  local identity = identity_of(document, name)
  identity.protected = is_protected(document, name)
  return identity, document
end

--- The text of a file, at most one mebibyte.
---@param path string
---@return string|nil content nil when it cannot be opened
---@return string|nil reason why not
function M.read(path)
  local file <close>, reason = io.open(path, "rb")
  if not file then return nil, (reason:gsub("^.*: ", "")) end
  local content, trouble = file:read(LARGEST + 1)
  if not content then return nil, trouble or "it is empty" end
  if #content > LARGEST then fail(path, "larger than 1 MiB: not a credential file") end
  return content
end

--- The text of a file that lies among the profiles. Nobody may be writing into a FIFO there, and it would never end.
---@param path string
---@return string|nil content nil when it cannot be opened
---@return string|nil reason why not
function M.read_stored(path)
  local found = core.files.look(path)
  if found and found.kind == "other" then return nil, "it is no regular file" end
  return M.read(path)
end

return M
