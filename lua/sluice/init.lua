--- Sluice: automation for Adobe Experience Platform destinations. `require "sluice"` gives this table of contents;
--- what is behind a name is loaded when the name is first used.

local core = require "sluice.core"

---@class sluice
---@field version string
---@field json table decode, encode, array, object, null, equal, copy
---@field pointer table JSON Pointer, RFC 6901
---@field patch table JSON Patch, RFC 6902; callable
---@field merge_patch table JSON Merge Patch, RFC 7396: apply, create
---@field secret table values that never show: new, env, file, command, prompt, stdin, is, mask
---@field error table error objects
---@field catalog table the destinations known by name
---@field schedule table builders for export schedules
local M = {
  version = core.version,
  json = core.json, pointer = core.pointer, patch = core.patch, merge_patch = core.merge_patch,
  error = core.error,
  sleep = core.task.sleep, deadline = core.task.deadline,
}

--- Explaining is Lua's part of a patch: `patch:explain(document)`, `sluice.patch.explain(patch, document)`.
M.patch.explain = function(patch, document) return require("sluice.explain").explain(patch, document) end
getmetatable(M.patch.new()).__index.explain = M.patch.explain

--- Names and the modules that hold them; a function picks one value out of the module.
local LAZY = {
  all = { "sluice.tasks", "all" },
  map = { "sluice.tasks", "map" },
  try = { "sluice.tasks", "try" },
  catalog = { "sluice.catalog" },
  schedule = { "sluice.activation.schedule" },
  secret = { "sluice.secret" },
  destination = { "sluice.destination", "new" },
  recipe = { "sluice.recipe", "new" },
  dataflow = { "sluice.dataflow", "open" },
  account = { "sluice.account", "open" },
  target = { "sluice.target", "open" },
}

--- Connects to the platform: the credentials are found now, the first call sends the first byte. What is not given
--- comes from the options of `sluice run`, a credential file, or the environment; see `sluice.config`.
---@param options? { config?: string, profile?: string, sandbox?: string, base_url?: string, ims_url?: string,
---   org?: string, client_id?: string, client_secret?: any, scopes?: string, token?: any, cacert?: string,
---   connect_timeout?: number, timeout?: number, call_timeout?: number, attempts?: integer, max_body?: integer,
---   token_cache?: boolean, yes_production?: string } seconds and bytes: 10 s to connect, 60 s an attempt, 300 s a call
---   with all its repeats, 5 attempts, 32 MiB; the token is kept for later runs unless token_cache is false (see
---   `sluice.tokens`); yes_production names the sandbox of a protected profile, so that writes need not ask for it
---@return sluice.Client
function M.connect(options)
  local settings = {}
  for name, value in pairs(require "sluice.defaults") do settings[name] = value end
  for name, value in pairs(options or {}) do settings[name] = value end
  local tokens, opts = require "sluice.tokens", { env = settings.env }
  settings.secretless = function(resolved) return tokens.take(resolved, opts) end
  local resolved = (settings.resolve or require("sluice.config").resolve)(settings)
  tokens.attach(resolved, opts)
  if settings.observe then settings.observe(resolved) end
  require("sluice.protection").attach(resolved) -- last: what a dry run answers is not sent
  return require("sluice.client").new(resolved)
end

return setmetatable(M, {
  places = LAZY, -- for completion and help
  __index = function(self, name)
    local place = LAZY[name]
    if not place then return nil end
    local module = require(place[1])
    local value = place[2] and module[place[2]] or module
    rawset(self, name, value)
    return value
  end,
})
