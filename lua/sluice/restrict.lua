--- Running what a stranger wrote: within the permissions that it declares, and nothing else. Two walls: a policy of the
--- process, sealed for good and asked by the core where things happen; and globals of the script's own, which lead to
--- nothing that the house works with.

local connection = require "sluice.restrict.connection"
local core = require "sluice.core"
local findings = require "sluice.findings"
local permissions = require "sluice.restrict.permissions"

local M = {}

-- ── the policy ─────────────────────────────────────────────────────────────────────────────────────────────────────

--- Where a path of the permissions starts from: the home folder for `~/`, else the working directory.
local function located(path)
  local home = path:match "^~/?(.*)$" and os.getenv "HOME"
  if not home or home == "" then return path end
  return home .. path:sub(2)
end

local function append(list, more)
  for _, item in ipairs(more or {}) do list[#list + 1] = located(item) end
  return list
end

--- Host and port of a URL, as a policy has them.
local function host_of(url)
  local scheme, host = url:match "^(%a+)://([^/?#]+)"
  if host:find ":%d+$" then return host end
  return host .. (scheme == "https" and ":443" or ":80")
end

local function hosts_of(whole, place)
  local hosts = table.move(whole.hosts, 1, #whole.hosts, 1, {})
  if not place then return hosts end
  local base, token = host_of(place.base_url), host_of(place.ims_url)
  hosts[#hosts + 1] = base
  if token ~= base then hosts[#hosts + 1] = token end
  return hosts
end

--- The recipe's own files.
local function folder_of(src)
  if not src or src.kind ~= "folder" then return {} end
  return { src.path:match "^(.*/)" or "." }
end

--- Where the program itself keeps things.
local function kept()
  local tokens = require("sluice.tokens").folder()
  return tokens and { tokens } or {}
end

--- Where the secrets of the program itself are: its profiles, its tokens, the file of the run's credentials.
local function closed(place)
  local places = kept()
  places[#places + 1] = require("sluice.config.profile").folder()
  places[#places + 1] = place and place.file
  return places
end

--- Those that are files. A word may look like a path and be none of this machine, such as the folder of a server; it
--- is not to open all that is below one of that name.
local function files_of(paths)
  local files = {}
  for _, path in ipairs(paths or {}) do
    local ok, found = pcall(core.files.look, path)
    if ok and found and found.kind == "file" then files[#files + 1] = path end
  end
  return files
end

local function policy_of(whole, place, src, opts)
  local own = opts.own or {}
  return {
    hosts = hosts_of(whole, place), operations = whole.operations, commands = whole.commands,
    sandboxes = whole.sandboxes or { place and place.sandbox },
    read = append(append({}, whole.paths.read), files_of(opts.read)),
    write = append(append({}, whole.paths.write), opts.write),
    own_read = append(folder_of(src), own.read), own_write = append(kept(), own.write),
    never = append({}, closed(place)),
  }
end

-- ── the globals ────────────────────────────────────────────────────────────────────────────────────────────────────

--- All of this is loaded before the policy is sealed, for it keeps the functions that are no longer to be had then.
local function makers()
  return { base = require "sluice.restrict.base", coroutines = require "sluice.restrict.coroutines",
    face = require "sluice.restrict.face", files = require "sluice.restrict.files",
    modules = require "sluice.restrict.modules", process = require "sluice.restrict.process",
    snapshot = require "sluice.restrict.snapshot", system = require "sluice.restrict.system", cjson = require "cjson" }
end

local function environment(make, whole, src, opts)
  local env = {}
  make.base.fill(env)
  if opts.interrupted then make.base.heed(opts.interrupted) end
  local getenv = make.system.environment(whole.environment)
  env.io, env.print = make.files.new()
  env.os, env.coroutine = make.system.new(getenv), make.coroutines.new(opts.watch)
  make.modules.fill(env, {
    sluice = function() return make.face.sluice(getenv, opts.watch) end,
    cjson = make.face.cjson,
  }, src)
  return env
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.restrict.options
---@field read string[]|nil files that the user names for the recipe: it may read them, too; folders do not count
---@field write string[]|nil the same for writing
---@field own { read: string[]|nil, write: string[]|nil }|nil paths that the user names for the program: an outcome, a
---  trace, a folder of exports; the recipe gets nowhere near them
---@field watch (fun(co: thread))|nil makes Ctrl-C reach a coroutine
---@field interrupted (fun(): boolean)|nil has Ctrl-C come?

---@class sluice.restrict.trusted
---@field open function `io.open` without a policy, for files that the user's own words name
---@field secrets { file: function, command: function } the same for secrets: for `sluice.secret.from`
---@field env fun(params: table[]): fun(variable: string): string|nil the environment for a recipe's parameters
---@field recipe fun(value: sluice.recipe): sluice.recipe the recipe as it is now, for all that is decided by it

--- Restricts this process for good, and gives the globals for what is to run in it. The connection of the run is found
--- before, as `sluice.connect()` would find it; the recipe may use it, and no other credentials.
---@param declared sluice.permissions|nil what the recipe declares; nil: the default
---@param src sluice.source|nil where its files come from
---@param opts sluice.restrict.options|nil
---@return table env globals for the recipe's chunk
---@return sluice.restrict.trusted trusted for the program's own work: never to be called with a recipe's words
--- Raises kind "recipe" for permissions that are none, "usage" when the process is restricted already.
function M.enter(declared, src, opts)
  opts = opts or {}
  if core.policy.sealed() then core.error.raise("usage", "this process is restricted already") end
  local problems = permissions.check(declared)
  if #problems > 0 then core.error.raise("recipe", "permissions: " .. findings.prose(problems)) end
  local whole, make, open = permissions.complete(declared), makers(), io.open
  local place = connection.settle()
  local free = core.policy.seal(policy_of(whole, place, src, opts))
  make.process.harden()
  return environment(make, whole, src, opts),
    { open = open, secrets = free, recipe = make.snapshot.of,
      env = make.system.of_parameters(whole.environment, src and src.manifest and src.manifest.params) }
end

return M
