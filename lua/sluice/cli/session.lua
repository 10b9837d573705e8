--- What one `sluice run` works with: the connection its options ask for, and the running of a recipe on it.

local apply = require "sluice.destination.apply"
local core = require "sluice.core"
local defaults = require "sluice.defaults"
local progress = require "sluice.cli.progress"
local report = require "sluice.cli.report"
local watching = require "sluice.cli.seeing"

local M = {}

local Session = {}
Session.__index = Session

local CONNECTION = { "profile", "config", "sandbox", "base_url", "ims_url", "cacert", "yes_production" }

--- Any identity does for the emulator; the real one is never sent there.
local function emulated_connection(url, sandbox)
  return {
    base_url = url, ims_url = url, sandbox = sandbox,
    org = "0123456789ABCDEF01234567@AdobeOrg", client_id = "emulated", scopes = "openid",
    client_secret = core.secret.new("client_secret", "emulated secret"), token_cache = false,
  }
end

-- The seed is fixed when time is, or what goes wrong: the same command then brings the same files and failures.
local function emulator_settings(options, sandbox)
  return { sandboxes = "prod,dev,stage," .. sandbox, clock = options.clock, exports = options.exports,
    faults = options.fault, latency = options.latency, journal = options.journal,
    seed = (options.clock or options.fault) and "sluice run" or nil }
end

local function sandbox_of(options)
  local variable = os.getenv "AEP_SANDBOX" or ""
  return options.sandbox or (variable ~= "" and variable or "prod")
end

local NEEDS = { { "clock", "emulate" }, { "through", "clock" }, { "exports", "clock" }, { "fault", "emulate" },
  { "latency", "emulate" }, { "journal", "emulate" } }

local function check_emulation(options)
  for _, pair in ipairs(NEEDS) do
    if options[pair[1]] and not options[pair[2]] then
      core.error.raise("usage", ("--%s needs --%s"):format(pair[1], pair[2]))
    end
  end
  return options.through and require("sluice.emulator.calendar").span(options.through, "--through")
end

local function start_emulator(options)
  for _, name in ipairs { "base_url", "ims_url" } do
    if options[name] then
      core.error.raise("usage", ("--emulate and --%s exclude each other"):format((name:gsub("_", "-"))))
    end
  end
  local sandbox = sandbox_of(options)
  local server = require("sluice.emulator").start(emulator_settings(options, sandbox))
  if options.clock then -- client and service live at the same time
    require("sluice.activation.dates").clock = function() return server.emulator.now() // 1000 end
  end
  return server
end

--- Where the calls of a session go, and as whom.
local function connection_of(session)
  local options, connection = session.options, {}
  if session.server then return emulated_connection(session.server.url, sandbox_of(options)) end
  if session.watch and session.watch.replay then
    return watching.replayed_connection(session.watch.replay, sandbox_of(options))
  end
  for _, name in ipairs(CONNECTION) do connection[name] = options[name] end
  if options.no_token_cache then connection.token_cache = false end
  return connection
end

--- Prepares a run. From here on `sluice.connect()` follows the options, in recipes and plain scripts alike.
---@param options table values of the options of `sluice run`
---@return table session
function M.open(options)
  local session = setmetatable({ options = options, seconds = check_emulation(options) }, Session)
  local limits, deadline = watching.limits(options)
  session.deadline = deadline
  if options.emulate then session.server = start_emulator(options) end
  session.watch = watching.open(options)
  for name, value in pairs(limits) do defaults[name] = value end
  for name, value in pairs(connection_of(session)) do defaults[name] = value end
  if session.watch then
    watching.before_exit(session.watch)
    local others = defaults.observe
    defaults.observe = function(settings)
      if others then others(settings) end
      session.watch:attach(settings)
    end
  end
  return session
end

--- Does what a run does: within its deadline, and seen by whoever watches.
---@param work fun(): integer gives the exit code
---@return integer exit_code 1 for a run that went well but could not be shown as asked
function Session:during(work)
  local _ <close> = watching.until_the_end(self.watch, self.deadline)
  local code = self.deadline and core.task.deadline(self.deadline, work) or work()
  io.stdout:flush()
  if self.watch and not self.watch:finish(code ~= 0) and code == 0 then return 1 end
  return code
end

--- Lets the time of --through pass, if that was asked for.
---@param quiet? boolean tell nothing
---@return table[]? made the exports on the way; nil when no time was to pass
function Session:pass_time(quiet)
  if not self.seconds then return nil end
  local emulator = self.server.emulator
  local start = emulator.now()
  local made = emulator:advance(self.seconds)
  if not quiet then
    local exports = require "sluice.cli.exports"
    io.stderr:write(exports.table(made, self.options.through, start, self.options.exports))
  end
  return made
end

--- Runs a recipe.
---@return any result
function Session:execute(recipe, call)
  local library, watch = require "sluice.recipe", self.watch or {}
  local emulated = self.server ~= nil or watch.replay ~= nil and watch.replay.started.emulated
  local env = watch.replay and watching.replayed_environment(recipe) or os.getenv
  library.resolve(recipe, call.rest, { emulated = emulated, env = env }) -- before any word about the connection
  if self.server then progress.log("emulated service on " .. self.server.url) end
  return library.execute(recipe, {
    aep = require("sluice").connect(), args = call.rest, emulated = emulated, env = env,
    on_step = watch.dry_run and watching.planned_step or progress.step, log = progress.log,
  })
end

--- Prints a result as one document, for programs.
function Session:print_document(recipe, result)
  local document, made = report.document(recipe, result, self.server ~= nil), self:pass_time(true)
  local watch = self.watch or {}
  document.runs = made and require("sluice.cli.exports").document(made) or document.runs
  document.not_sent = watch.dry_run and watch.dry_run.writes
  document.summary = watch.summary and watch.summary:document()
  io.write(core.json.encode(document, { indent = 2 }), "\n")
end

--- Runs a recipe and prints its result.
---@param recipe table
---@param call sluice.cli.Call
---@return integer exit_code
function Session:run(recipe, call)
  local _ <close> = require("sluice.cli.findings").on_failure()
  local result = self:execute(recipe, call)
  local applied, changed = apply.is_result(result), report.is_change(result)
  if applied or changed then progress.finish(result, self.watch and self.watch.dry_run ~= nil) end
  if self.options.json then
    self:print_document(recipe, result)
  elseif applied then
    io.write(report.dataflow(result))
  elseif changed then
    io.write(report.change(result))
  end
  io.stdout:flush() -- what follows comes last, wherever both streams go
  if not self.options.json then self:pass_time() end
  if self.server then progress.log(report.on_the_platform(recipe, call, self.options.sandbox)) end
  return 0
end

return M
