--- Seeing what a run does: each call, as it ends, goes to whatever shows or keeps it (trace, HAR, curl, cassette,
--- summary), and a dry run or a replay may answer calls in place of the service. Nothing shown holds a secret.

local call = require "sluice.seeing.call"
local core = require "sluice.core"
local redact = require "sluice.seeing.redact"

local M = {}

---@class sluice.seeing.Options as those of `sluice run`
---@field trace? "line"|"full"
---@field curl? boolean
---@field summary? boolean
---@field har? string file
---@field record? string file
---@field replay? string file
---@field replay_match? "strict"|"loose"
---@field dry_run? boolean
---@field started? sluice.seeing.Started kept with --record

local Watch = {}
Watch.__index = Watch

-- ── options ────────────────────────────────────────────────────────────────────────────────────────────────

--- What cannot go together, and why.
local EXCLUDE = {
  { "replay", "record", "a replay would only be copied" },
  { "replay", "dry_run", "a replay writes nothing to the service anyway" },
  { "record", "dry_run", "what a dry run makes up is no answer of the service" },
}

local function option(name) return "--" .. name:gsub("_", "-") end

--- Refuses what makes no sense. Raises kind "usage".
---@param options table
function M.check(options)
  for _, row in ipairs(EXCLUDE) do
    if options[row[1]] and options[row[2]] then
      core.error.raise("usage", ("%s and %s exclude each other: %s"):format(option(row[1]), option(row[2]), row[3]))
    end
  end
  if options.replay_match and not options.replay then core.error.raise("usage", "--replay-match needs --replay") end
  if options.har and options.har == options.record then
    core.error.raise("usage", ("--har and --record name the same file, %s"):format(options.har))
  end
end

-- ── calls ──────────────────────────────────────────────────────────────────────────────────────────────────

--- Gives a call to one of those who show it. What goes wrong there is said, and counts at the end; the run goes on.
local function give(self, sink, shown)
  local ok, failure = pcall(sink.call, sink, shown)
  if ok then return end
  if core.error.is(failure, "interrupted") then error(failure, 0) end
  self.broken[sink] = true
  self.say("calls are not shown any more: " .. redact.mask(tostring(failure)))
end

local function see(self, shown)
  for _, sink in ipairs(self.sinks) do
    if not self.broken[sink] then give(self, sink, shown) end
  end
end

--- What `on_call` would tell of a call that is not sent.
local function event_of(request, answer)
  local body = answer and answer.body or ""
  local headers = answer and answer.headers or {}
  return { method = request.method, url = request.url, request = request, attempt = 1, seconds = 0, first_byte = 0,
    sent = 0, received = 0, connections = 0, http_version = 0, status = answer and answer.status, body = body,
    headers = headers, request_id = headers["x-request-id"] }
end

local function intercept(self, settings, request)
  local asked = call.new(event_of(request), settings, self.redactor)
  local answer, note = self.source:answer(asked)
  if answer then see(self, call.new(event_of(request, answer), settings, self.redactor, note)) end
  return answer
end

--- Lets a client be seen: puts the hooks into its settings, in front of those that are there.
---@param settings table of `core.client.new`
function Watch:attach(settings)
  local own_call, own_intercept = settings.on_call, settings.intercept
  settings.on_call = function(event)
    if self.dry_run then self.dry_run:remember(event) end
    see(self, call.new(event, settings, self.redactor))
    if own_call then own_call(event) end
  end
  if not self.source then return end
  settings.intercept = function(request)
    return own_intercept and own_intercept(request) or intercept(self, settings, request)
  end
end

-- ── the end ────────────────────────────────────────────────────────────────────────────────────────────────

--- Ends the watch, once: files are closed, sums are told.
---@param failed? boolean the run itself has failed
---@return boolean whole false when something could not be shown, or a replay was not what was recorded
function Watch:finish(failed)
  if self.finished then return self.whole end
  self.finished, self.whole = true, not next(self.broken)
  if self.replay and not failed then self.whole = self.replay:check_end(self.say) and self.whole end
  for _, sink in ipairs(self.sinks) do
    if sink.finish then sink:finish() end
    if sink.file and sink.file.failed then self.whole = false end
  end
  if self.dry_run then self.dry_run:finish() end
  return self.whole
end

--- Begins to watch. Files are made now, so that what cannot be written is known before anything is sent. Raises kind
--- "usage" for options that exclude each other, kind "io" for files.
---@param options sluice.seeing.Options
---@param out sluice.seeing.Output where lines for people go
---@return table watch with attach(settings), finish(), `dry_run`, `replay`, `summary`
function M.open(options, out)
  M.check(options)
  local function say(message) out.line("sluice: " .. message) end
  local watch = setmetatable({ sinks = {}, broken = {}, say = say, redactor = redact.new() }, Watch)
  local function add(name, ...)
    if not options[name] then return end
    local module = require("sluice.seeing." .. (name == "record" and "cassette" or name))
    watch[name] = (module.new or module.record)(...)
    table.insert(watch.sinks, watch[name])
  end
  if options.replay then watch.replay = require("sluice.seeing.replay").open(options.replay, options.replay_match) end
  if options.dry_run then watch.dry_run = require("sluice.seeing.dry_run").new(out) end
  watch.source = watch.replay or watch.dry_run
  add("trace", out, options.trace == "full")
  add("curl", out)
  add("har", options.har, say)
  add("record", options.record, say, options.started)
  add("summary", out)
  return watch
end

return M
