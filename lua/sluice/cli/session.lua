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
  local code = self:within(not self.options.params, work)
  io.stdout:flush()
  if self.watch and not self.watch:finish(code ~= 0) and code == 0 then return 1 end
  return code
end

--- Calls within the deadline, if there is one. With --params it is set where the recipe runs: what ends many rows has
--- to tell of them afterwards.
---@param here boolean
---@param work fun(): any
function Session:within(here, work)
  if self.deadline and here then return core.task.deadline(self.deadline, work) end
  return work()
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

-- ── what a recipe is run with ──────────────────────────────────────────────────────────────────────────────

--- Is it nobody's platform that the recipe works on?
---@return boolean
function Session:emulated()
  local replay = self.watch and self.watch.replay
  return self.server ~= nil or replay ~= nil and replay.started.emulated == true
end

--- The variables that parameters may come from.
function Session:environment(recipe, call)
  local env = call.trusted and call.trusted.env(recipe.params) or os.getenv
  return self.watch and self.watch.replay and watching.replayed_environment(recipe, env) or env
end

--- The connection, made when it is first needed.
---@return table aep
function Session:connection()
  self.aep = self.aep or require("sluice").connect()
  return self.aep
end

--- Shows how far a piece of work is, on a terminal, once it takes long.
---@param done integer
---@param total integer|nil
---@param words string|nil
function Session:show(done, total, words)
  local line = (total and "%d of %d" or "%d done"):format(done, total) .. (words and "  " .. words or "")
  self.progress = self.progress or require("sluice.cli.output").progress({}, line)
  self.progress:say(line)
end

--- Takes away what is drawn, before a line is written.
function Session:clear()
  if self.progress then self.progress:clear() end
end

--- What the parameters of a recipe are read with.
---@param recipe table
---@param call sluice.cli.Call
---@return table opts for `sluice.recipe`.read
function Session:reading_options(recipe, call)
  local asking = require "sluice.cli.asking"
  local trusted = call.trusted or {} -- what the user's own words name is no matter of the recipe's permissions
  return { emulated = self:emulated(), env = self:environment(recipe, call), source = call.source,
    open = trusted.open, secrets = trusted.secrets,
    ask = asking.parameters(recipe),
    settle = function(param, value)
      return require("sluice.recipe.lookup").new(self:connection()):problems(param, value)[1]
    end }
end

--- What a recipe's context is made with.
---@param call sluice.cli.Call
---@return table opts for `sluice.recipe`.context
function Session:context_options(call)
  local step = self.watch and self.watch.dry_run and watching.planned_step or progress.step
  return {
    aep = self:connection(), emulated = self:emulated(), source = call.source,
    log = function(line)
      self:clear()
      progress.log(line)
    end,
    on_step = function(one)
      self:clear()
      step(one)
    end,
    show = function(...) self:show(...) end,
    confirm = require("sluice.cli.asking").confirmer(self.options, function() self:clear() end),
  }
end

-- ── running one ────────────────────────────────────────────────────────────────────────────────────────────

--- Runs a recipe.
---@return any result
---@return any output
function Session:execute(recipe, call, row)
  local library, opts = require "sluice.recipe", self:reading_options(recipe, call)
  opts.row = row
  local reading = library.read(recipe, call.rest, opts) -- before any word about the connection
  if self.server then progress.log("emulated service on " .. self.server.url) end
  local settings = self:context_options(call)
  settings.reading = reading
  local _ <close> = setmetatable({}, { __close = function()
    if self.progress then self.progress:close() end
  end })
  return library.execute(recipe, settings)
end

--- What a dry run held back, what the calls came to, which exports the time brought.
---@param document table gets them
function Session:complete(document)
  local made, watch = self:pass_time(true), self.watch or {}
  document.runs = made and require("sluice.cli.exports").document(made) or document.runs
  document.not_sent = watch.dry_run and watch.dry_run.writes
  document.summary = watch.summary and watch.summary:document() or document.summary
  return document
end

--- Prints what a recipe gave to `ctx.output`: texts as they are, all else as JSON.
local function print_output(output)
  local clean = require "sluice.terminal.clean"
  if type(output) == "table" or core.secret.is(output) then
    io.write(clean.json(core.json.encode(output, { indent = 2 })), "\n")
    return
  end
  local words = core.secret.mask(tostring(output))
  io.write(core.terminal.is "stdout" and clean.text(words) or words, words:sub(-1) == "\n" and "" or "\n")
end

--- Prints what a run came to.
function Session:print(recipe, result, output)
  local applied, changed = apply.is_result(result), report.is_change(result)
  if applied or changed then progress.finish(result, self.watch and self.watch.dry_run ~= nil) end
  if self.options.json then
    local document = self:complete(report.document(recipe, result, self.server ~= nil))
    if output ~= nil then document.result = output end
    io.write(core.json.encode(document, { indent = 2 }), "\n")
    return
  end
  if applied then io.write(report.dataflow(result)) elseif changed then io.write(report.change(result)) end
  if output ~= nil then print_output(output) end
end

--- What the file of --params holds.
---@return sluice.recipe.rows|nil
function Session:parameters(recipe, call)
  local options, open = self.options, call.trusted and call.trusted.open
  local read = options.params and require("sluice.recipe.rows").read(options.params, recipe, open)
  for _, name in ipairs { "concurrency", "outcome" } do
    if options[name] and not (read and read.many) then
      core.error.raise("usage", ("--%s is for many rows: with --params FILE, of CSV, NDJSON or a list"):format(name))
    end
  end
  return read
end

--- Runs a recipe, once or for each row of a file, and prints what came of it.
---@param recipe table
---@param call sluice.cli.Call
---@return integer exit_code
function Session:run(recipe, call)
  local _ <close> = require("sluice.cli.findings").on_failure()
  local read = self:parameters(recipe, call)
  if read and read.many then return require("sluice.cli.many").run(self, recipe, call, read) end
  local row = read and read.rows[1]
  local result, output
  self:within(row ~= nil, function() result, output = self:execute(recipe, call, row) end)
  self:print(recipe, result, output)
  io.stdout:flush() -- what follows comes last, wherever both streams go
  if not self.options.json then self:pass_time() end
  if self.server then progress.log(report.on_the_platform(recipe, call, self.options, row)) end
  return 0
end

return M
