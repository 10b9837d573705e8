--- Takes secrets out of what is to be shown: by type (values of `core.secret`), by name (auth.md §8, and what spec
--- documents mark as passwords), by value (every secret that is alive). All that shows calls goes through here.

local core = require "sluice.core"

local M = {}

-- ── names ──────────────────────────────────────────────────────────────────────────────────────────────────

local function normal(name)
  return (tostring(name):lower():gsub("[^%w]", ""))
end

--- Names whose values are never shown, wherever they stand (auth.md §4, §8).
local SECRET = {}
for name in ([[
  access_token refresh_token id_token jwt_token client_secret client_secrets secret secretKey s3SecretKey password
  passphrase sshKey privateKey connectionString servicePrincipalKey secretAccessKey sasKey sasToken SASUri s3Role
  awsSecretAccessKey awsSessionToken accountKey sharedAccessKey Authorization Proxy-Authorization x-user-token Cookie
  Set-Cookie
]]):gmatch "%S+" do SECRET[normal(name)] = true end

--- Is the value under this name a secret wherever it stands?
---@param name string in any spelling: client_secret, clientSecret
---@return boolean
function M.is_secret_name(name)
  return SECRET[normal(name)] == true
end

--- Parameters of accounts that the catalog knows to be harmless, or to be secret.
local function known_params()
  local catalog, known = require "sluice.catalog", { authorizeddate = "harmless" } -- the service's own (D)
  for _, key in ipairs(catalog.keys) do
    for _, auth in ipairs(catalog.systems[key].auth) do
      for _, param in ipairs(auth.params) do
        local name = normal(param.name)
        known[name] = known[name] == "secret" and "secret" or param.secret and "secret" or "harmless"
      end
    end
  end
  return known
end

-- ── places ─────────────────────────────────────────────────────────────────────────────────────────────────

--- What kind of place the value under `key` is, for a value in a place of kind `place`:
---   "auth" an account's `auth`, "params" its parameters, "hidden" below a secret name, "schemas" a JSON Schema's
---   `properties`, whose names are those of fields
local function enter(place, key)
  if place == "hidden" or place == "params" then return place end
  if place == "schemas" then return nil end
  if key == "properties" then return "schemas" end
  if place == "auth" and key == "params" then return "params" end
  if key == "auth" then return "auth" end
  if SECRET[normal(key)] then return "hidden" end
end

---@class sluice.seeing.Redactor
---@field known table<string, "secret"|"harmless"> parameters of accounts, by name
local Redactor = {}
Redactor.__index = Redactor

--- Is what stands under `key` in a place to be hidden? In the parameters of an account all is that is not known to be
--- harmless.
---@private
function Redactor:is_secret(place, key)
  local name = normal(key)
  if place == "hidden" or SECRET[name] or self.known[name] == "secret" then return true end
  return place == "params" and self.known[name] ~= "harmless"
end

-- ── text ───────────────────────────────────────────────────────────────────────────────────────────────────

---@param name string
---@return string
local function shown(name) return ("‹secret %s›"):format(name) end

M.shown = shown

--- What a value of `core.secret` is called; `otherwise` where it has no name.
local function name_of(secret, otherwise)
  local name = tostring(secret):match "^‹secret (.+)›$"
  return name or otherwise
end

--- A text without the secrets that are alive, tokens after `Bearer`, and signatures of shared access URIs.
---@param text string
---@return string
function M.mask(text)
  text = core.secret.mask(text)
  text = text:gsub("([Bb][Ee][Aa][Rr][Ee][Rr]%s+)([%w%-._~+/]+=*)", function(scheme, token)
    return #token >= 16 and scheme .. shown "access token" or nil
  end)
  return (text:gsub("([?&;][Ss][Ii][Gg]=)[^&#%s\"'<]+", function(name) return name .. shown "sig" end))
end

--- A text that is no JSON: `name=value` and `"name": "value"` of secret names are hidden, too.
---@param text string
---@return string
function Redactor:text(text)
  text = text:gsub("([%w_.-]+)(%s*=%s*)([^&%s;,\"'<]+)", function(name, between)
    return self:is_secret(nil, name) and name .. between .. shown(name) or nil
  end)
  text = text:gsub("([\"'])([%w_.-]+)%1(%s*:%s*)([\"'])(.-)%4", function(quote, name, between, mark)
    return self:is_secret(nil, name) and quote .. name .. quote .. between .. mark .. shown(name) .. mark or nil
  end)
  return M.mask(text)
end

--- A URL: values of secret names in its query are hidden.
---@param url string
---@return string
function Redactor:url(url)
  return M.mask((url:gsub("([?&])([^=&#]+)=([^&#]*)", function(mark, name)
    return self:is_secret(nil, name) and mark .. name .. "=" .. shown(name) or nil
  end)))
end

-- ── values ─────────────────────────────────────────────────────────────────────────────────────────────────

local walk

--- Where in a document an operation of a JSON Patch works: the place that holds the target, and the target's name.
local function target_of(path, place)
  local ok, tokens = pcall(core.pointer.parse, path)
  if not ok or #tokens == 0 then return place, "" end
  for i = 1, #tokens - 1 do place = enter(place, tokens[i]) end
  return place, tokens[#tokens]
end

local function walk_table(self, value, place, key, hide)
  local copy = core.json.is_array(value) and core.json.array {} or {}
  if core.json.is_array(value) then
    for i, element in ipairs(value) do copy[i] = walk(self, element, place, key, hide) end
    return copy
  end
  local inner = enter(place, key)
  local target, last = inner, nil
  if type(value.op) == "string" and type(value.path) == "string" then target, last = target_of(value.path, nil) end
  for name, member in pairs(value) do
    if last and name == "value" then
      copy[name] = walk(self, member, target, last, hide)
    else
      copy[name] = walk(self, member, inner, name, hide)
    end
  end
  return copy
end

--- The value under `key` in a place.
function walk(self, value, place, key, hide)
  if core.secret.is(value) then return hide(name_of(value, key)) end
  local kind = type(value)
  if kind == "table" then return walk_table(self, value, place, key, hide) end
  if kind ~= "string" and kind ~= "number" then return value end
  if value ~= "" and self:is_secret(place, key) then return hide(key) end
  return kind == "string" and M.mask(value) or value
end

--- A copy of a JSON value with secrets hidden.
---@param value any of a request, or decoded from an answer
---@param hide? fun(name: string): string what stands in a secret's place; ‹secret NAME› without it
---@return any
function Redactor:value(value, hide)
  return walk(self, value, nil, "", hide or shown)
end

--- A header's value.
---@param name string
---@param value any
---@param hide? fun(name: string): string
---@return string
function Redactor:header(name, value, hide)
  if core.secret.is(value) then return (hide or shown)(name_of(value, name)) end
  if self:is_secret(nil, name) then return (hide or shown)(name) end
  return M.mask(tostring(value))
end

-- ── learning ───────────────────────────────────────────────────────────────────────────────────────────────

--- Keeps what the properties of an auth spec are; a name that is secret once stays so.
local function learn_properties(known, schema)
  for name, property in pairs(type(schema.properties) == "table" and schema.properties or {}) do
    if type(property) == "table" then
      local key = normal(name)
      if property.format == "password" then
        known[key] = "secret"
      elseif property.type == "object" then
        learn_properties(known, property)
      else
        known[key] = known[key] or "harmless"
      end
    end
  end
end

--- Learns from an answer which parameters of accounts are secret: spec documents say so (`"format": "password"`).
---@param answer any decoded
function Redactor:learn(answer)
  if type(answer) ~= "table" then return end
  for _, item in ipairs(type(answer.items) == "table" and answer.items or { answer }) do
    local auth = type(item) == "table" and item.authSpec
    for _, spec in ipairs(type(auth) == "table" and auth or {}) do
      if type(spec) == "table" and type(spec.spec) == "table" then learn_properties(self.known, spec.spec) end
    end
  end
end

--- A redactor; it learns as answers come.
---@return sluice.seeing.Redactor
function M.new()
  return setmetatable({ known = known_params() }, Redactor)
end

return M
