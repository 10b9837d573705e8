--- How a `sluice run` is watched and bounded: the options that show its calls, and its limits.

local core = require "sluice.core"
local dates = require "sluice.activation.dates"
local progress = require "sluice.cli.progress"

local M = {}

local CALL_SECONDS = 300 -- one call with all its repeats, unless a single attempt may take longer

-- ── limits ─────────────────────────────────────────────────────────────────────────────────────────────────

local function seconds(options, name)
  local word = options[name]
  if word == nil then return nil end
  local value = word:find "^%d*%.?%d+$" and tonumber(word)
  if value and value > 0 and value <= 1e6 then return value end
  core.error.raise("usage", ("--%s is '%s'; expected a number of seconds above 0, such as 30"):format(name, word))
end

local function attempts(word)
  if word == nil then return nil end
  local value = word:find "^%d+$" and math.tointeger(tonumber(word))
  if value and value >= 1 and value <= 100 then return value end
  core.error.raise("usage", ("--attempts is '%s'; expected a whole number from 1 to 100"):format(word))
end

--- The limits of a run. Raises kind "usage" for values that are none.
---@param options table values of --attempts, --timeout, --deadline
---@return table settings of the connection
---@return number|nil deadline seconds that the whole run may take
function M.limits(options)
  local timeout = seconds(options, "timeout")
  local settings = { attempts = attempts(options.attempts), timeout = timeout }
  if timeout and timeout > CALL_SECONDS then settings.call_timeout = timeout end
  return settings, seconds(options, "deadline")
end

-- ── watching ───────────────────────────────────────────────────────────────────────────────────────────────

local ASKS = { "trace", "curl", "summary", "har", "record", "replay", "replay_match", "dry_run" }

local function is_asked_for(options)
  for _, name in ipairs(ASKS) do
    if options[name] then return true end
  end
  return false
end

--- Begins to watch, if the options ask for it.
---@param options table of `sluice run`
---@return table|nil watch
function M.open(options)
  if not is_asked_for(options) then return nil end
  if options.replay and options.emulate then
    core.error.raise("usage", "--replay and --emulate exclude each other: a replay is answered from its file")
  end
  local wanted = {}
  for name, value in pairs(options) do wanted[name] = value end
  if options.trace then wanted.trace = options.trace[1] or "line" end
  wanted.started = { emulated = options.emulate or nil, time = dates.now {} }
  return require("sluice.seeing").open(wanted, { line = progress.log })
end

--- The connection of a replay: nobody's, for it sends nothing. Its day is that of the recording.
---@param replay sluice.seeing.Replay
---@param sandbox string
---@return table settings
function M.replayed_connection(replay, sandbox)
  if replay.started.time then
    dates.clock = function() return replay.started.time end
  end
  return { org = "0123456789ABCDEF01234567@AdobeOrg", client_id = "replayed", sandbox = sandbox,
    token = core.secret.new("access token", "nobody's, for it is never sent") }
end

--- The environment of a replay: secrets that are not set have their example, for they are not sent.
---@param recipe table
---@param env fun(variable: string): string|nil what is there
---@return fun(variable: string): string|nil
function M.replayed_environment(recipe, env)
  local examples = {}
  for _, param in ipairs(recipe.params) do
    if param.type == "secret" and param.env then examples[param.env] = param.example or "replayed" end
  end
  return function(variable)
    local value = env(variable)
    return value ~= nil and value ~= "" and value or examples[variable]
  end
end

local PLANNED = { created = "planned", updated = "planned" }

--- Tells a step of a dry run, in which nothing was made and nothing proved.
---@param step table
function M.planned_step(step)
  if step.action == "verified" then return end
  local shown = {}
  for name, value in pairs(step) do shown[name] = value end
  shown.action = PLANNED[step.action] or step.action
  progress.step(shown)
end

--- For a variable that is to be closed: when the block ends, in whatever way, the watch does. What came too late is
--- told which limit it met.
---@param watch table|nil
---@param deadline number|nil seconds
---@return table
function M.until_the_end(watch, deadline)
  return setmetatable({}, { __close = function(_, failure)
    if deadline and core.error.is(failure, "limit") and failure.code == "deadline" and not failure.hint then
      failure.hint = ("--deadline gave the run %g seconds"):format(deadline)
    end
    if watch then watch:finish(failure ~= nil) end
  end })
end

--- A script may end by `os.exit`: what is to be said at the end is said before.
---@param watch table
function M.before_exit(watch)
  local exit = os.exit
  os.exit = function(code, close) -- luacheck: ignore 122
    local failed = not (code == nil or code == true or code == 0)
    local whole = watch:finish(failed)
    exit(not whole and not failed and 1 or code, close)
  end
end

return M
