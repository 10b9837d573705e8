--- Profiles: credential files that have a name, below ~/.config/sluice/profiles. Reading takes every form of
--- `sluice.config.file`; what is written is the flat form, whole or not at all, for the owner's eyes only.

local config = require "sluice.config"
local core = require "sluice.core"
local file = require "sluice.config.file"
local secret = require "sluice.secret"
local suggest = require "sluice.suggest"

local M = {}

local FLAT = { ["aepp configuration"] = true, ["Developer Console credential"] = true }
local OTHERS = 63 -- rights of group and others: 0077

local function fail(message, ...)
  core.error.raise("config", message:format(...))
end

-- ── where ──────────────────────────────────────────────────────────────────────────────────────────────────

--- The folder of the profiles.
---@param env? fun(variable: string): string|nil default os.getenv
---@return string|nil path nil when neither XDG_CONFIG_HOME nor HOME is set
function M.folder(env)
  local path = config.profile_path("default", env or os.getenv)
  return path and path:match "^(.*)/[^/]*$"
end

local function needed_folder(env)
  return M.folder(env) or fail "there is no place for profiles: neither XDG_CONFIG_HOME nor HOME is set"
end

--- The names of all profiles, sorted.
---@param files fun(folder: string): string[] the names in a folder
---@param env? fun(variable: string): string|nil
---@return string[]
function M.names(files, env)
  local folder, names = M.folder(env), {}
  for _, name in ipairs(folder and files(folder) or {}) do
    names[#names + 1] = name:match "^([%w_][%w._-]*)%.json$"
  end
  table.sort(names)
  return names
end

---@class sluice.config.Profile
---@field name string
---@field path string
---@field identity sluice.config.identity
---@field document table as it is written there
---@field open_to_others boolean

--- One profile. Raises kind "config" for a name or a file that is none.
---@param name string
---@param env? fun(variable: string): string|nil
---@return sluice.config.Profile|nil profile nil when there is no such file
function M.load(name, env)
  local path = config.profile_path(name, env or os.getenv)
  local found = path and core.files.look(path)
  if not found then return nil end
  local content, reason = file.read_stored(path)
  if not content then fail("profile %s: %s cannot be read: %s", name, path, reason) end
  local identity, document = file.parse(content, path)
  identity.name = ("profile %s, %s"):format(name, path)
  return { name = name, path = path, identity = identity, document = document,
    open_to_others = found.mode & OTHERS ~= 0 }
end

--- A profile that has to be there; else the error says which are.
---@param name string
---@param files fun(folder: string): string[]
---@param env? fun(variable: string): string|nil
---@return sluice.config.Profile
function M.get(name, files, env)
  local profile = M.load(name, env)
  if profile then return profile end
  local names = M.names(files, env)
  return fail("there is no profile %s; %s", suggest.quote(name), #names > 0 and suggest.expected(name, names)
    or "there are none yet: 'sluice config import FILE' makes one of a credential file")
end

-- ── keys ───────────────────────────────────────────────────────────────────────────────────────────────────

--- The keys that can be set, with the other spellings of the flat form and of people.
M.KEYS = {
  { name = "org_id", also = { "ims_org_id" }, alias = { "org" } },
  { name = "client_id", also = { "api_key" } },
  { name = "secret", also = { "client_secret", "client_secrets" }, alias = { "client_secret" } },
  { name = "scopes" },
  { name = "sandbox-name", alias = { "sandbox", "sandbox_name" } },
  { name = "environment" },
  { name = "base_url" },
  { name = "ims_url" },
  { name = "protected" },
}

local BY_NAME, NAMES, WORDS = {}, {}, {} -- WORDS: also what people call them
for i, key in ipairs(M.KEYS) do
  NAMES[i], BY_NAME[key.name] = key.name, key
  WORDS[#WORDS + 1] = key.name
  for _, alias in ipairs(key.alias or {}) do
    BY_NAME[alias], WORDS[#WORDS + 1] = key, alias
  end
end

--- The key that a word means.
---@param word string
---@return { name: string, also: string[]|nil }
function M.key(word)
  if BY_NAME[word] then return BY_NAME[word] end
  local near = suggest.nearest(word, WORDS)
  return fail("there is no key %s; %s", suggest.quote(word), near and
    ("did you mean %s?"):format(suggest.quote(BY_NAME[near].name)) or "expected " .. suggest.either(NAMES))
end

local BOOLEAN = { ["true"] = true, ["false"] = false }

--- What is written for a text that somebody gave. A secret itself never comes this way.
local function value_of(key, text)
  if text == "" then return nil end
  if key.name == "protected" then
    if BOOLEAN[text] == nil then fail("protected: expected true or false, got %s", suggest.quote(text)) end
    return BOOLEAN[text]
  elseif key.name == "secret" and not (secret.is(text) or secret.is_reference(text)) then
    core.error.raise("config", "secret: a secret is never given as an argument, where others can read it",
      { hint = "give a reference (env:NAME, file:PATH, cmd:PROGRAM), or --with-secret, which asks for it" })
  end
  return text
end

--- Puts a key into a document, in place of all its spellings.
local function put(document, key, value)
  local spellings = { [key.name] = true }
  for _, spelling in ipairs(key.also or {}) do spellings[spelling] = true end
  for name in pairs(document) do
    if spellings[tostring(name):lower()] then document[name] = nil end
  end
  document[key.name] = value
end

--- Changes a document.
---@param document table flat, or any form if only `protected` is changed; nothing is changed when it is refused
---@param changes { [1]: string, [2]: any }[] keys and texts; "" removes a key; the secret may be a secret
---@param form? string of the document
function M.change(document, changes, form)
  local planned = {}
  for i, change in ipairs(changes) do
    local key = M.key(change[1])
    if form and not FLAT[form] and key.name ~= "protected" then
      core.error.raise("config", ("%s cannot be changed in a %s, only protected can"):format(key.name, form),
        { hint = "'sluice config import FILE --as NAME --replace' makes a profile of it that can" })
    end
    planned[i] = { key, value_of(key, change[2]) }
  end
  for _, step in ipairs(planned) do put(document, step[1], step[2]) end
end

-- ── writing ────────────────────────────────────────────────────────────────────────────────────────────────

--- A document with its secrets under their names, as it may be checked.
local function checkable(document, path)
  local identity = file.parse(core.json.encode(document), path)
  identity.name = path
  config.check(identity)
end

local function open_store(env)
  local folder = needed_folder(env)
  local found = core.files.look(folder)
  local closed = found and found.own and found.mode & OTHERS ~= 0
  if closed then core.files.close_to_others(folder) end
  return core.store.open(folder, true), closed and folder or nil
end

--- Changes or makes a profile, while nobody else does.
---@param name string
---@param change fun(profile: sluice.config.Profile|nil): table gives the document that is to be there
---@param env? fun(variable: string): string|nil
---@return string path
---@return string|nil closed the folder, if it was open to others and is no more
function M.edit(name, change, env)
  local path = config.profile_path(name, env or os.getenv) or needed_folder(env)
  local store <close>, closed = open_store(env)
  if not store:lock(name .. ".json") then fail("profile %s is being changed by another process", name) end
  local document = change(M.load(name, env))
  checkable(document, path)
  store:write(name .. ".json", document, { indent = 2 })
  return path, closed
end

--- Removes a profile.
---@param name string
---@param env? fun(variable: string): string|nil
---@return boolean removed
function M.remove(name, env)
  local store <close> = open_store(env)
  return store:remove(name .. ".json")
end

-- ── importing ──────────────────────────────────────────────────────────────────────────────────────────────

--- The profile that a credential file comes to.
---@param identity sluice.config.identity
---@param with_secret boolean a secret that stands in the file comes along; a reference always does
---@return table document
---@return string|nil left_out "secret" or "token": what does not come along
function M.of_identity(identity, with_secret)
  local kept = identity.client_secret
  local is_reference = kept ~= nil and secret.is_reference(kept)
  if is_reference and kept:find "^file:" and not kept:find "^file:~?/" then
    fail("secret %s: expected a whole path, for it starts from the folder of the file", suggest.quote(kept))
  end
  local left_out = kept and not is_reference and not with_secret and "secret" or identity.token and "token" or nil
  return {
    org_id = identity.org, client_id = identity.client_id, scopes = file.scopes(identity.scopes),
    secret = (is_reference and kept) or (kept and with_secret and core.secret.new("client secret", kept)) or nil,
    ["sandbox-name"] = identity.sandbox, base_url = identity.base_url, ims_url = identity.ims_url,
    protected = identity.protected,
  }, left_out
end

return M
