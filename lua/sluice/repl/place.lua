--- Where a session works: the connection that its options ask for, made when there are credentials; nothing is sent
--- before somebody asks for something. Knows whether that is a production sandbox.

local core = require "sluice.core"
local dates = require "sluice.activation.dates"
local defaults = require "sluice.defaults"

local M = {}

local LOOK_SECONDS = 3 -- for asking what kind of sandbox it is

---@class sluice.repl.Place
---@field options table of the command line, as they hold now
---@field aep table the connection, or what raises why there is none
---@field label string the profile, "environment", "emulator", "offline"
---@field sandbox string|nil
---@field emulated boolean
---@field production boolean
---@field protected boolean writes ask for the sandbox's name
---@field problem table|nil why there is no connection
---@field calls integer answered so far
---@field received integer bytes
local Place = {}
Place.__index = Place

--- Stands in for a connection that cannot be made: whoever uses it learns why.
local function unconnected(problem)
  local function refuse() error(problem, 0) end
  return setmetatable({}, { __index = refuse, __newindex = refuse, __call = refuse,
    __tostring = function() return "not connected: " .. tostring(problem) end })
end

--- What the prompt calls the credentials' source.
local function label_of(options, aep)
  if options.emulate then return "emulator" end
  if options.profile then return options.profile end
  if options.config then return options.config:match "([^/]+)$" or options.config end
  local source = aep.source or ""
  return source:match "^profile ([^,]+)," or source:match "^the (%a+)" or "sluice"
end

--- Counts the calls of every connection made from here on.
function Place:observe()
  local others = defaults.observe
  defaults.observe = function(settings)
    if others then others(settings) end
    local also = settings.on_call
    settings.on_call = function(event)
      self.calls, self.received = self.calls + 1, self.received + event.received
      if event.status and event.status < 400 and not event.token then self.answered = true end
      if also then also(event) end
    end
  end
end

local function by_name(sandbox)
  return sandbox == "prod" or sandbox == "production" or sandbox:find "^prod%A" ~= nil
end

--- Makes the connection. Credentials that are missing or wrong become `problem`.
function Place:join()
  local ok, aep = pcall(require("sluice").connect)
  self.problem = not ok and aep or nil
  self.aep = ok and aep or unconnected(aep)
  self.emulated = self.options.emulate == true
  self.sandbox = ok and aep.sandbox or nil
  self.label = ok and label_of(self.options, aep) or "offline"
  self.production = ok and not self.emulated and by_name(aep.sandbox)
  self.protected = ok and aep.protected
  self.looked, self.answered = not ok or self.emulated or self.production, false
end

--- Connects as the options say. Raises what is wrong with the options themselves.
function Place:connect()
  for name in pairs(self.settings) do defaults[name] = nil end
  dates.clock = self.clock
  if self.session and self.session.server then self.session.server.stop() end
  local before = {}
  for name in pairs(defaults) do before[name] = true end
  self.session = require("sluice.cli.session").open(self.options)
  self:observe()
  self.settings = {}
  for name in pairs(defaults) do self.settings[name] = not before[name] or nil end
  self:join()
end

--- Goes on in another sandbox.
---@param sandbox string
function Place:enter(sandbox)
  self.options.sandbox, defaults.sandbox = sandbox, sandbox
  self.options.yes_production, defaults.yes_production = nil, nil -- it named another
  self.settings.sandbox = true
  self:join()
end

--- Asks, once, after a call that went well, whether the sandbox is one for production; its name does not always tell.
function Place:look()
  if self.looked or not self.answered then return end
  self.looked = true
  local ok, sandbox = pcall(core.task.deadline, LOOK_SECONDS, self.aep.sandboxes.get, self.aep.sandboxes, self.sandbox)
  if not ok and core.error.is(sandbox, "interrupted") then error(sandbox, 0) end
  self.production = ok and type(sandbox) == "table" and sandbox.type == "production"
end

--- Changes options and connects anew.
---@param changes table<string, any> `false` takes an option back
function Place:change(changes)
  local options, before = {}, self.options
  for name, value in pairs(before) do options[name] = value end
  for name, value in pairs(changes) do options[name] = value or nil end
  self.options = options
  local ok, problem = pcall(self.connect, self)
  if ok then return end
  self.options = before
  self:connect()
  error(problem, 0)
end

--- A place.
---@param options table of the command line
---@return sluice.repl.Place
function M.open(options)
  local self = setmetatable({ options = options, settings = {}, clock = dates.clock, calls = 0, received = 0 }, Place)
  self:connect()
  return self
end

return M
