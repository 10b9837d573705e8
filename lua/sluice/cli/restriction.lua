--- Runs what a stranger wrote: bundles, and with --restrict any recipe. Before a bundle runs for the first time on this
--- machine, people are shown what it may do, and asked.

local asking = require "sluice.cli.asking"
local core = require "sluice.core"
local permissions = require "sluice.restrict.permissions"
local progress = require "sluice.cli.progress"
local text = require "sluice.cli.text"

local M = {}

-- ── the first run ──────────────────────────────────────────────────────────────────────────────────────────

--- Where it is kept which bundles have been run.
local function folder()
  local tokens = require("sluice.tokens").folder()
  return tokens and tokens:gsub("tokens$", "bundles")
end

--- What a bundle is known by: its manifest, which holds the digest of each of its files.
local function digest_of(source) return core.store.name(core.json.encode(source.manifest)) end

local function is_known(source)
  local path = folder()
  local store <close> = path and core.store.open(path) or nil
  return store ~= nil and store:read(digest_of(source)) ~= nil
end

--- Keeps in mind that the bundle may run. Where that cannot be kept, it is asked for again.
local function remember(source)
  local path, name = folder(), digest_of(source)
  local store <close> = path and core.store.open(path, true) or nil
  if not store or not store:lock(name) then return end
  store:write(name, { name = source.manifest.name, version = source.manifest.version })
end

local function show(source)
  local manifest = source.manifest
  progress.log(("%s holds %s %s: %s"):format(source.path, manifest.name, manifest.version, manifest.summary))
  progress.log "It has not been run on this machine before. What it may do:"
  for _, line in ipairs(permissions.explain(manifest.permissions, manifest.params)) do progress.log("  " .. line) end
  if source.signature then
    progress.log(("  signed, it says, by %s: 'sluice verify --key FILE %s' makes sure"):format(source.signature.key,
      text.shell(source.path)))
  else
    progress.log "  nobody has signed it"
  end
end

--- Asks before the first run of a bundle. One that is a program runs already.
---@param call sluice.cli.Call
---@param options table
--- Raises kind "usage" when the answer is no, or nobody is there to give one.
function M.ask(call, options)
  local source = call.source
  if source.kind ~= "bundle" or call.itself or is_known(source) then return end
  show(source)
  if not options.trust then
    if not asking.is_possible() then
      core.error.raise("usage", ("%s has not been run before, and there is no terminal to ask at"):format(source.path),
        { hint = "--trust runs it, within the permissions above" })
    end
    io.stdout:flush()
    local typed = (core.terminal.ask "Run it? [y/N]" or ""):lower():match "^%s*(.-)%s*$"
    if typed ~= "y" and typed ~= "yes" then core.error.raise("usage", source.path .. " was not run") end
  end
  remember(source)
end

-- ── entering ───────────────────────────────────────────────────────────────────────────────────────────────

local function declared(source)
  if source.manifest then return source.manifest.permissions end
  return require("sluice.recipe.declared").permissions(source:read(source.entry), source:place(source.entry):sub(2))
end

--- The files that the user's own words to the recipe name: it may read them.
local function named(words)
  local found = {}
  for _, word in ipairs(words) do
    local path = word:match "^%-%-[^=]+=(.*)$" or word
    local file = path ~= "" and io.open(path, "rb")
    if file then
      found[#found + 1] = path
      file:close()
    end
  end
  return found
end

--- The places where the program itself writes while the recipe runs.
local function written(options)
  local places = {}
  for _, name in ipairs { "outcome", "har", "record", "journal", "exports" } do places[#places + 1] = options[name] end
  if options.outcome then places[#places + 1] = options.outcome .. ".part" end
  return places
end

--- What is left of permissions where nothing is sent and nobody is asked: reading.
local function looking(permitted)
  permitted = permitted or {}
  return { operations = {}, paths = { read = (permitted.paths or {}).read }, environment = permitted.environment }
end

--- Restricts the process for good, and loads the recipe.
---@param call sluice.cli.Call gets `trusted`, for what the program itself has to do
---@param options table of `sluice run`; nil: for a preview, where a recipe looks, and does nothing
---@return function chunk
---@return table env its globals
function M.load(call, options)
  local source, permitted = call.source, declared(call.source)
  if not options then permitted, options = looking(permitted), {} end
  local host = require "sluice.host"
  require "sluice.recipe.rows" -- keeps what is no longer to be had then
  local own = { write = written(options), read = { options.params, options.outcome } }
  local env, trusted = require("sluice.restrict").enter(permitted, source, { read = named(call.rest), own = own,
    watch = host.watch, interrupted = host.interrupted })
  call.trusted = trusted
  return source:chunk(env), env
end

return M
