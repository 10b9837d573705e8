--- Access tokens that outlive a run: one file for each organisation, client, scopes and token service, for the owner's
--- eyes only. Of several processes that need one, one asks and the others take it from there.

local core = require "sluice.core"

local M = {}

local VERSION = 1
local POLL = 0.1 -- seconds between looks at another's asking
local PATIENCE = 20 -- seconds that another may take to ask; then each asks for itself
local SKEW = 60 -- seconds by which clocks may differ before a file is not believed
local LONGEST = 7 * 24 * 3600 -- seconds; tokens live a day (auth.md §2), so what claims more is not believed
local ALMOST_OVER = 60 -- seconds, or a tenth of its life if that is less: not worth handing out

-- ── where ──────────────────────────────────────────────────────────────────────────────────────────────────

--- The folder of the tokens: $XDG_STATE_HOME/sluice/tokens, by default below ~/.local/state.
---@param env? fun(variable: string): string|nil default os.getenv
---@return string|nil path nil when neither variable names a folder by its whole path
function M.folder(env)
  local base = require("sluice.folders").of("XDG_STATE_HOME", ".local/state", env)
  return base and base .. "/sluice/tokens"
end

--- What a token belongs to.
local function identity_of(settings)
  return { org = settings.org, client_id = settings.client_id, scopes = settings.scopes or "",
    ims_url = settings.ims_url }
end

local function name_of(identity)
  return core.store.name(identity.org, identity.client_id, identity.scopes, identity.ims_url) .. ".json"
end

-- ── what a file says ───────────────────────────────────────────────────────────────────────────────────────

local function is_whole(document)
  return type(document) == "table" and document.version == VERSION and core.secret.is(document.access_token)
    and math.type(document.obtained) == "integer" and math.type(document.expires) == "integer"
end

--- Can the times be, by this machine's clock?
local function is_plausible(document, now)
  return document.obtained <= now + SKEW and document.obtained < document.expires
    and document.expires - document.obtained <= LONGEST
end

---@class sluice.tokens.entry
---@field token sluice.Secret
---@field obtained integer Unix seconds
---@field expires integer Unix seconds
---@field seconds integer that are left; 0 when it has ended

--- The token in a store, or nil for none, or for a file that is not what it should be.
local function read(store, identity, now)
  local ok, document = pcall(store.read, store, name_of(identity))
  if not ok and not core.error.is(document, "json") then error(document, 0) end
  if not ok or not is_whole(document) or not is_plausible(document, now) then return nil end
  for field, value in pairs(identity) do
    if document[field] ~= value then return nil end
  end
  return { token = core.secret.new("access token", document.access_token), obtained = document.obtained,
    expires = document.expires, seconds = math.max(0, document.expires - now) }
end

local function is_usable(entry)
  return entry ~= nil and entry.seconds > math.min(ALMOST_OVER, (entry.expires - entry.obtained) // 10)
end

local function write(store, identity, token, seconds, now)
  local document = { version = VERSION, access_token = token, obtained = now, expires = now + math.floor(seconds) }
  for field, value in pairs(identity) do document[field] = value end
  store:write(name_of(identity), document)
end

-- ── one client's share in it ───────────────────────────────────────────────────────────────────────────────

---@class sluice.tokens.Cache
---@field identity table
---@field path string
---@field store userdata|nil while it is open
---@field last sluice.Secret|nil the token that the client has had; it wants another when it asks again
---@field locked boolean others wait for us
---@field waited number seconds that we have waited for others
---@field anew boolean
---@field now fun(): integer
local Cache = {}
Cache.__index = Cache

function Cache:open()
  self.store = self.store or core.store.open(self.path, true)
  return self.store
end

--- Lets others go on.
function Cache:release()
  if self.store then self.store:close() end
  self.store, self.locked, self.waited = nil, false, 0
end

--- A token that the client has not had yet.
function Cache:fresh()
  local store = self:open()
  local entry = not self.anew and read(store, self.identity, self.now()) or nil
  if is_usable(entry) and entry.token ~= self.last then return entry end
end

--- Gives a token and its seconds; or nothing, for the client is to ask; or nil and seconds to wait.
function Cache:load()
  local entry = self:fresh()
  if not entry and not self.locked then
    self.locked = self.store:lock(name_of(self.identity))
    entry = self.locked and self:fresh() or nil -- somebody may have been quicker
  end
  if entry then
    self.last = entry.token
    self:release()
    return entry.token, entry.seconds
  end
  if self.locked then
    if not self.anew then self.store:remove(name_of(self.identity)) end -- it has ended, or was refused
  elseif self.waited < PATIENCE then
    self.waited = self.waited + POLL
    return nil, POLL
  end
  return nil
end

--- Keeps a new token for others, if asking was our part.
function Cache:save(token, seconds)
  self.last, self.anew = token, false
  if self.locked and token and seconds > 0 and seconds <= LONGEST then
    write(self.store, self.identity, token, seconds, self.now())
  end
  self:release()
end

--- A hook that never fails: without its cache a client asks for itself.
local function guarded(cache, method, notice)
  return function(...)
    if cache.broken then return nil end
    local results = table.pack(pcall(cache[method], cache, ...))
    if results[1] then return table.unpack(results, 2, results.n) end
    if core.error.is(results[2], "interrupted") then error(results[2], 0) end
    cache.broken = true
    pcall(cache.release, cache)
    notice("the token is not kept for later runs: " .. tostring(results[2]))
  end
end

--- Is there anything to keep for a client of these settings? A ready-made token is the user's own business.
local function wants_cache(settings)
  return settings.token_cache ~= false and settings.token == nil and settings.client_secret ~= nil
    and settings.load_token == nil and settings.save_token == nil
end

--- Gives the settings of a client the hooks that share its token with other runs.
---@param settings sluice.config.settings `token_cache = false` leaves them as they are, and so does a ready-made token
---@param opts? { env?: (fun(variable: string): string|nil), now?: (fun(): integer), notice?: fun(text: string),
---  anew?: boolean } notice: is told once when the token cannot be kept, default a line on standard error; anew: the
---  one that is kept is not taken
function M.attach(settings, opts)
  opts = opts or {}
  local path = M.folder(opts.env)
  if not path or not wants_cache(settings) then return end
  local cache = setmetatable({ identity = identity_of(settings), path = path, locked = false, waited = 0,
    now = opts.now or os.time, anew = opts.anew or false }, Cache)
  local notice = opts.notice or function(text) io.stderr:write("sluice: ", text, "\n") end
  settings.load_token = guarded(cache, "load", notice)
  settings.save_token = guarded(cache, "save", notice)
end

-- ── looking and forgetting ─────────────────────────────────────────────────────────────────────────────────

--- The token that is kept for a client. Raises kind "io" for a folder or file that others can reach.
---@param settings sluice.config.settings
---@param opts? { env?: (fun(variable: string): string|nil), now?: fun(): integer }
---@return sluice.tokens.entry|nil
function M.find(settings, opts)
  opts = opts or {}
  local path = M.folder(opts.env)
  local store <close> = path and core.store.open(path) or nil
  return store and read(store, identity_of(settings), (opts.now or os.time)())
end

--- Gives the settings of a client without a secret the token that is kept for it: `sluice auth login` got that one.
---@param settings sluice.config.settings
---@param opts? { env?: (fun(variable: string): string|nil), now?: fun(): integer }
---@return boolean taken
function M.take(settings, opts)
  local entry = settings.token_cache ~= false and M.find(settings, opts) or nil
  if not is_usable(entry) then return false end
  settings.token = entry.token
  return true
end

--- Removes the token that is kept for a client.
---@param settings sluice.config.settings
---@param opts? { env?: fun(variable: string): string|nil }
---@return boolean removed false when there was none
function M.forget(settings, opts)
  local path = M.folder(opts and opts.env)
  local store <close> = path and core.store.open(path) or nil
  return store ~= nil and store:remove(name_of(identity_of(settings)))
end

return M
