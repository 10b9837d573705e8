--- The prompt: reads what somebody types, runs it, shows what comes of it, until Ctrl-D. Without a terminal it does the
--- same with what it reads, and says nothing else.
---
---   session   what is in scope, results, errors        place      the connection, sandbox and profile
---   chunk, lexer   what a text is                      commands   what begins with a colon
---   print, grid, clean, width, style, pager   showing  complete, names, hint   names in scope
---   docs, help, examples   from the sources' comments  history, script, secrets   what is kept

local chunk = require "sluice.repl.chunk"
local core = require "sluice.core"
local docs = require "sluice.repl.docs"
local history = require "sluice.repl.history"
local host = require "sluice.host"
local place = require "sluice.repl.place"
local session = require "sluice.repl.session"
local style = require "sluice.terminal.style"

local M = {}

local TERMINATED, INTERRUPTED = 143, 130

-- ── what is in scope ───────────────────────────────────────────────────────────────────────────────────────

--- `help(x)`, and `help "x"` as `:help x`; printed, it is the overview.
local function help_object(self)
  local commands = require "sluice.repl.commands"
  local function call(_, ...)
    if select("#", ...) == 0 then return self:show(commands.overview(self)) end
    local value = ...
    if type(value) == "string" then return commands.run(self, ":help " .. value) end
    self:show(self:help():of_value(value))
  end
  return setmetatable({}, { __call = call, __tostring = function() return commands.overview(self) end })
end

--- What is printed at a terminal cannot steer it.
local function print_safely(...)
  local clean, words = require "sluice.terminal.clean", table.pack(...)
  for i = 1, words.n do words[i] = clean.text(tostring(words[i])) end
  io.write(core.secret.mask(table.concat(words, "\t")), "\n")
end

--- Coroutines that a script makes hear Ctrl-C, too.
local function watch_coroutines()
  local create = coroutine.create
  coroutine.create = function(fn) -- luacheck: ignore 122
    local made = create(fn)
    host.watch(made)
    return made
  end
  local function pass(made, ok, ...)
    if ok then return ... end
    coroutine.close(made)
    error((...), 0)
  end
  coroutine.wrap = function(fn) -- luacheck: ignore 122
    local made = coroutine.create(fn)
    return function(...) return pass(made, coroutine.resume(made, ...)) end
  end
end

--- The parts of `sluice` are loaded when they are first named; completion looks, but names nothing.
local function load_parts(sluice)
  for name in pairs(debug.getmetatable(sluice).places) do assert(sluice[name], name) end
end

local function prepare_scope(self)
  local scope = self.scope
  scope.sluice = require "sluice"
  load_parts(scope.sluice)
  scope.help = help_object(self)
  if self.interactive then
    watch_coroutines()
    if core.terminal.is "stdout" then scope.print = print_safely end
  end
end

-- ── completion ─────────────────────────────────────────────────────────────────────────────────────────────

local function catalog_names(titles)
  local catalog, list = require "sluice.catalog", {}
  for _, key in ipairs(catalog.keys) do
    list[#list + 1] = key
    if titles then list[#list + 1] = catalog.systems[key].title end
  end
  return list
end

--- Names of resources: of results, of what globals hold, of the catalog.
local function resource_names(self)
  local list = catalog_names(true)
  table.move(self.seen, 1, #self.seen, #list + 1, list)
  local grid = require "sluice.repl.grid"
  for _, value in next, self.scope do
    for _, item in ipairs(grid.is_resources(value) and value or {}) do
      if type(item.name) == "string" then list[#list + 1] = item.name end
    end
  end
  return list
end

local function module_names()
  local list = host.modules()
  for name in pairs(package.loaded) do list[#list + 1] = name end
  return list
end

local function completer(self)
  return require("sluice.repl.complete").new {
    scope = self.scope, docs = self.docs, modules = module_names, files = host.files,
    commands = function() return require("sluice.repl.commands").list end,
    resources = function() return resource_names(self) end,
    types = function() return catalog_names(true) end,
    sandboxes = function()
      local list = {}
      for name in pairs(self.sandboxes) do list[#list + 1] = name end
      return list
    end,
    columns = function() return core.terminal.size "stderr" or core.terminal.size "stdout" or 80 end,
  }
end

-- ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

local function is_complete(text)
  return chunk.read(text).kind ~= "incomplete"
end

--- Reads line by line what a program writes, until it is complete.
local function plain_reader()
  return function()
    local text
    for line in io.lines() do
      text = text and text .. "\n" .. line or line:gsub("^#!.*", "")
      if is_complete(text) then return text, "line" end
    end
    return text, text and "line" or "closed"
  end
end

--- The prompt: profile and sandbox; a production sandbox cannot be missed.
local function prompt(self)
  local here = self.place
  local function painted(kind, text)
    if not self.errors.colour then return text end
    local before, after = self.errors:paint(kind, "\0"):match "^(.-)%z(.*)$"
    return ("\1%s\1%s\1%s\1"):format(before, text, after)
  end
  local name = here.label .. (here.sandbox and ":" .. here.sandbox or "")
  local marks = (here.production and "PRODUCTION " or "") .. (here.protected and "PROTECTED " or "")
  if marks ~= "" then return painted("alarm", " " .. marks .. name .. " ") .. "> " end
  return painted("heading", name) .. "> "
end

local function recall(self)
  for _, text in ipairs(self.history:read()) do self.editor:remember(text) end
end

--- Reads from the terminal, with what was typed before at hand.
local function terminal_reader(self, keys)
  local helper = completer(self)
  self.editor = core.editor.new { is_complete = is_complete, keys = keys,
    complete = function(text, before) return helper:complete(text, before) end }
  recall(self)
  return function()
    self.place:look()
    local initial = self.initial
    self.initial = nil
    local text, reason = self.editor:read(prompt(self), initial)
    if reason == "edit" then
      self.initial = require("sluice.repl.commands").edited(text)
      return "", "line"
    end
    return text, reason
  end
end

--- The terminal's editor, or, where there is none or the terminal can do nothing, line by line with a prompt.
local function open_reader(self, keys)
  if not self.interactive then return plain_reader() end
  local kind = os.getenv "TERM" or ""
  if kind ~= "" and kind ~= "dumb" then
    local ok, reader = pcall(terminal_reader, self, keys)
    if ok then return reader end
    self:note(tostring(reader))
  end
  local plain = plain_reader()
  return function()
    io.stderr:write((prompt(self):gsub("\1", "")))
    return plain()
  end
end

-- ── the loop ───────────────────────────────────────────────────────────────────────────────────────────────

--- One text: reads and runs it. Gives the exit code when the session is over.
local function round(self, read)
  local text, reason = read()
  require("sluice.protection").ask_again()
  if host.terminated() then return TERMINATED end
  if reason == "closed" then return self.failed and not self.interactive and 1 or 0 end
  if not text then return nil end
  local ends = self:run(text)
  if host.terminated() then return TERMINATED end
  if self.interrupted and not self.interactive then return INTERRUPTED end
  text = text:gsub("%s+$", "")
  if text ~= "" and self.editor then
    if history.is_fit(text) then self.editor:remember(text) end
    self.history:add(text)
  end
  if ends == "quit" then return 0 end
end

--- Ctrl-C ends what runs and not the session; without a terminal, that too.
local function loop(self, read)
  while true do
    local ok, outcome = host.call(round, self, read)
    if ok and outcome then return outcome end
    if not ok then
      host.call(self.report, self, outcome)
      if not self.interactive then return self.interrupted and INTERRUPTED or 1 end
    end
  end
end

--- How the first connection is made, for a script.
local function connected_as(options)
  local fields = {}
  for _, name in ipairs { "profile", "config", "sandbox" } do
    if options[name] and not options.emulate then fields[#fields + 1] = ("%s = %q"):format(name, options[name]) end
  end
  return #fields > 0 and ("sluice.connect { %s }"):format(table.concat(fields, ", ")) or nil
end

--- Runs a session to its end.
---@param options table of the command line: connection, emulation, `keys`
---@return integer exit_code
function M.run(options)
  local interactive = core.terminal.is "stdin" and (core.terminal.is "stderr" or core.terminal.is "stdout")
  local function coloured(stream)
    return style.new(interactive and style.wanted() and core.terminal.is(stream))
  end
  local self = session.new { place = place.open(options), scope = _G, interactive = interactive, docs = docs.new(),
    names_shown = interactive and core.terminal.is "stdout", style = coloured "stdout", errors = coloured "stderr",
    connected_as = connected_as(options), history = history.open(nil) }
  if interactive then
    self.history_of = function(label) return history.open(history.path(label)) end
    self:note(("Sluice %s, %s; :help explains, Tab completes, Ctrl-D ends"):format(core.version, _VERSION))
  end
  prepare_scope(self)
  self:settle()
  local code = loop(self, open_reader(self, options.keys))
  if self.editor then self.editor:close() end
  return code
end

return M
