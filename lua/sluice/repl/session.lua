--- One session of the prompt: what is in scope, what was typed and came of it, how it is shown.

local chunk = require "sluice.repl.chunk"
local clean = require "sluice.terminal.clean"
local commands = require "sluice.repl.commands"
local core = require "sluice.core"
local grid = require "sluice.repl.grid"
local hint = require "sluice.repl.hint"
local host = require "sluice.host"
local print_value = require("sluice.repl.print").value

local M = {}

local RESULTS = 100 -- kept under _1, _2, …
local SEEN = 5000 -- names of resources that completion remembers
local USUAL_WIDTH = 80

---@class sluice.repl.Session
---@field place sluice.repl.Place
---@field scope table globals
---@field interactive boolean at a terminal
---@field names_shown boolean results are shown with the names under which they are kept
---@field style sluice.terminal.Style of standard output
---@field errors sluice.terminal.Style of standard error
---@field done sluice.repl.Done[]
---@field results integer how many values were numbered
---@field last string|nil what was run last
---@field initial string|nil what stands at the next prompt
---@field failure table|nil the last error: { value, traceback }
---@field failed boolean something has failed
---@field interrupted boolean
---@field timing boolean
---@field sandboxes table<string, true> names that were seen
---@field seen string[] names of resources
---@field editor table|nil
local Session = {}
Session.__index = Session

-- ── showing ────────────────────────────────────────────────────────────────────────────────────────────────

--- Shows a text on standard output, by the pager where it is long.
---@param text string
function Session:show(text)
  local columns, rows = core.terminal.size "stdout"
  if not self.interactive then columns = nil end
  require("sluice.repl.pager").show(text:gsub("\n?$", "\n", 1), columns, rows)
end

--- Says something about the session, on standard error; nothing to a program.
---@param text string
function Session:note(text)
  if self.interactive then io.stderr:write(self.errors:paint("faint", "-- " .. clean.line(text)), "\n") end
end

--- A value as text.
---@param value any
---@param used? integer columns that are taken
---@return string
function Session:print(value, used)
  local options = { style = self.style, width = (core.terminal.size "stdout") or USUAL_WIDTH, used = used }
  if grid.is_resources(value) then return (used and used > 0 and "\n" or "") .. grid.text(value, options) end
  return print_value(value, options)
end

function Session:help()
  return require("sluice.repl.help").new { docs = self.docs, scope = self.scope, style = self.style,
    width = math.min((core.terminal.size "stdout") or USUAL_WIDTH, 100) }
end

-- ── results ────────────────────────────────────────────────────────────────────────────────────────────────

--- Remembers what resources are called, for completion.
local function remember_names(self, value)
  if type(value) ~= "table" then return end
  local items = grid.is_resources(value) and value or { value }
  for _, item in ipairs(items) do
    local name = rawget(item, "name")
    if type(name) == "string" and not self.seen[name] and #self.seen < SEEN and #name < 200 then
      self.seen[name] = true
      self.seen[#self.seen + 1] = name
    end
    if type(name) == "string" and rawget(item, "region") and rawget(item, "type") then self.sandboxes[name] = true end
  end
end

--- Gives the values of an expression their names: a single nil has none.
local function keep(self, values)
  if values.n == 0 or values.n == 1 and values[1] == nil then return nil, 0 end
  local first = self.results + 1
  for i = 1, values.n do
    self.results = self.results + 1
    self.scope["_" .. self.results] = values[i]
    self.scope["_" .. self.results - RESULTS] = nil
    remember_names(self, values[i])
  end
  self.scope._ = values[1]
  return first, values.n
end

--- Shows the values of an expression, at a terminal with the names under which they are kept.
local function show_values(self, values, first, text)
  local parts = {}
  for i = 1, values.n do
    local name = self.names_shown and first and ("_%d = "):format(first + i - 1) or ""
    parts[i] = self.style:paint("faint", name) .. self:print(values[i], #name)
  end
  if #parts > 0 then self:show(table.concat(parts, "\n")) end
  if values.n == 1 and values[1] == nil and self.interactive then
    local near = hint.of_nothing(text, self.scope)
    if near then self:note(near) end
  end
end

-- ── failures ───────────────────────────────────────────────────────────────────────────────────────────────

--- Several findings, a line each; nil where there are none.
local function findings_text(value)
  local lines, errors = {}, 0
  for _, finding in ipairs(core.error.is(value, "recipe") and value.findings or {}) do
    local place = finding.place ~= "" and finding.place .. ": " or ""
    lines[#lines + 1] = ("  %-7s  %s\n"):format(finding.level, clean.line(place .. finding.message))
    if finding.level == "error" then errors = errors + 1 end
  end
  if #lines < 2 then return nil end
  return table.concat(lines), ("%d errors, listed above; nothing was changed"):format(errors)
end

local function failure_text(value)
  local ok, text = pcall(tostring, value)
  if type(value) == "table" and not core.error.is(value) and not (debug.getmetatable(value) or {}).__tostring then
    return "a table was raised; :trace shows it"
  end
  return ok and text or "a value that cannot be shown was raised"
end

--- Tells what was raised.
---@param failure { value: any, traceback: string, interrupted: boolean|nil } what fails after Ctrl-C fails for it
---@param text? string what was run
function Session:report(failure, text)
  local value = failure.value
  if failure.interrupted or core.error.is(value, "interrupted") then
    self.interrupted = true
    return not host.terminated() and self:note "interrupted"
  end
  self.failure, self.failed = failure, true
  local findings, count = findings_text(value)
  local message = count or failure_text(value)
  local near = text and type(value) == "string" and hint.of_message(message, text, self.scope)
  io.stdout:flush()
  io.stderr:write(core.secret.mask(findings or ""), self.errors:paint("bad", "error: "),
    core.secret.mask(clean.text(message)), "\n", near and "  " .. near .. "\n" or "")
end

-- ── running ────────────────────────────────────────────────────────────────────────────────────────────────

--- Runs a text for a command, and gives its value. Raises what it raises.
---@param text string
---@return any
function Session:evaluate(text)
  local run, message = load(text, "=" .. chunk.NAME, "t", self.scope)
  if not run then core.error.raise("usage", message) end
  local outcome = table.pack(host.call(run))
  if not outcome[1] then error(outcome[2].value, 0) end
  return outcome[2]
end

local function plural(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

local function show_time(self, started, calls, received)
  local spent = core.task.now() - started
  local made = self.place.calls - calls
  local told = made > 0 and (", %s, %d bytes received"):format(plural(made, "call"), self.place.received - received)
    or ""
  io.stderr:write(self.errors:paint("faint", ("-- %.3f s%s"):format(spent, told)), "\n")
end

--- Runs what is complete, shows its values or its error, and keeps it for :save if it went well.
local function run_chunk(self, read)
  local started, calls, received = core.task.now(), self.place.calls, self.place.received
  local outcome = table.pack(host.call(read.run))
  local ok = table.remove(outcome, 1)
  if not ok then
    self:report(outcome[1], read.text)
  else
    outcome.n = outcome.n - 1
    local first, count = keep(self, outcome)
    if read.kind == "statement" or count > 0 or load(read.text, "=", "t") then -- a name that is nil is nothing to save
      self.done[#self.done + 1] = { kind = read.kind, text = read.text, first = first, count = count }
    end
    if read.kind == "expression" or outcome.n > 0 then show_values(self, outcome, first, read.text) end
  end
  if self.timing then show_time(self, started, calls, received) end
end

--- `help(x)` knows what x was called; `help`, `quit` and `exit` alone are what people try first.
local function as_command(self, text)
  local plain = text:match "^(%a+)%s*%(?%s*%)?$"
  if plain == "quit" or plain == "exit" then return self.scope[plain] == nil and ":quit" or nil end
  if plain == "help" then return ":help" end
  local name = text:match "^help%s*%(%s*([%a_][%w_.:]*)%s*%)$"
  return name and self:help():of_name(name) and ":help " .. name or nil
end

--- Runs a text that was typed.
---@param text string
---@return string|nil "quit" ends the session
function Session:run(text)
  local read = chunk.read(text)
  local command = read.kind == "command" and read.text or as_command(self, read.text)
  if command then
    local outcome = table.pack(host.call(commands.run, self, command))
    if outcome[1] then return outcome[2] end
    self:report(outcome[2])
  elseif read.run then
    run_chunk(self, read)
    self.last = read.text
  elseif read.kind ~= "empty" then
    self:report({ value = read.message or chunk.NAME .. ":1: the text ends too early", traceback = "" }, text)
    self.last = read.text
  end
end

-- ── where ──────────────────────────────────────────────────────────────────────────────────────────────────

--- The connection in scope is that of the place.
function Session:settle(as)
  local place = self.place
  self.scope.aep = place.aep
  if place.sandbox then self.sandboxes[place.sandbox] = true end
  if as then self.done[#self.done + 1] = { kind = "connect", text = as } end
  if self.history_of then self.history = self.history_of(place.label) end
  if place.problem then
    self:note("not connected: " .. tostring(place.problem))
    self:note ":emulate starts an emulator, which needs no credentials"
  elseif self.interactive then
    local word = (place.production and " (production)" or "") .. (place.protected and " (protected)" or "")
    self:note(("%s: sandbox %s%s at %s"):format(place.label, place.sandbox, word, place.aep.base_url))
  end
end

--- Goes on elsewhere.
---@param changes table options of the command line; `false` takes one back
function Session:move(changes)
  self.place:change(changes)
  local profile = self.place.options.profile
  self:settle(("aep = sluice.connect%s"):format(profile and (" { profile = %q }"):format(profile) or "()"))
end

--- Goes on in another sandbox.
---@param sandbox string
function Session:enter(sandbox)
  self.place:enter(sandbox)
  self:settle(("aep = sluice.connect { sandbox = %q }"):format(sandbox))
end

--- A session.
---@param fields table
---@return sluice.repl.Session
function M.new(fields)
  local self = setmetatable(fields, Session)
  self.done, self.results, self.failed, self.interrupted, self.timing = {}, 0, false, false, false
  self.seen, self.sandboxes = {}, {}
  return self
end

return M
