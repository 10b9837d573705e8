--- The world in which one test runs: an emulator of its own, its clock, and nothing else. No credentials are looked
--- for, nothing but loopback is reached, and what a test changes in the program is put back.

local core = require "sluice.core"
local dates = require "sluice.activation.dates"
local defaults = require "sluice.defaults"
local suggest = require "sluice.suggest"

local M = {}

local BEGINS = "2030-01-01T00:00Z" -- in every test

-- ── the emulator, as tests see it ──────────────────────────────────────────────────────────────────────────

---@class sluice.test.Emulator the emulated service of a test
---@field url string
---@field package emulator table
local Emulator = {}
Emulator.__index = Emulator
Emulator.__name = "sluice.test.Emulator"

--- How many entities there are, by the API's names: connections, sourceConnections, targetConnections, flows, runs.
---@return table<string, integer> counts
function Emulator:counts() return self.emulator:counts() end

--- The entities of a kind, in the order in which they were last changed.
---@param kind string "connections", "sourceConnections", "targetConnections", "flows" or "runs"
---@return table[] items
function Emulator:items(kind)
  local counts, kinds, records, items = self:counts(), {}, {}, core.json.array {}
  for name in pairs(counts) do kinds[#kinds + 1] = name end
  table.sort(kinds)
  if not counts[kind] then
    error(("items: got %s, %s"):format(suggest.quote(kind), suggest.expected(kind, kinds)), 2)
  end
  for _, scope in pairs(self.emulator.store.scopes) do
    for _, record in pairs(scope[kind]) do records[#records + 1] = record end
  end
  table.sort(records, function(a, b) return a.touched < b.touched end)
  for i, record in ipairs(records) do items[i] = core.json.copy(record.item) end
  return items
end

--- The calls that were made, in their order.
---@return { operation: string, method: string, path: string, status: integer }[] calls
function Emulator:calls() return self.emulator.journal:list() end

--- Lets time pass; scheduled exports happen on the way.
---@param span string|integer "90m", "6h", "31d", or seconds
---@return table[] made the exports, in their order
function Emulator:advance(span)
  local seconds = math.type(span) == "integer" and span or require("sluice.emulator.calendar").span(span, "advance")
  return self.emulator:advance(seconds)
end

--- The time of the test.
---@return integer seconds since 1970
function Emulator:now() return self.emulator.now() // 1000 end

--- Lets calls go wrong from now on, by the rules of `sluice emulate --fault`.
---@param rules string[] such as { "flows.create:503" }; empty: nothing goes wrong
function Emulator:faults(rules) self.emulator:set_faults(rules) end

-- ── recipes ────────────────────────────────────────────────────────────────────────────────────────────────

--- Parameters as a file would give them, secrets as the environment would.
local function given_to(recipe, params)
  local row, by_name, names, variables = { values = {}, places = {} }, {}, {}, {}
  for i, param in ipairs(recipe.params) do
    by_name[param.name], names[i] = param, param.name
  end
  for name, value in pairs(params) do
    local param = by_name[name]
    if not param then
      core.error.raise("usage", ("%s has no parameter %s; %s"):format(recipe.name, suggest.quote(name),
        suggest.expected(name, names)))
    elseif param.type == "secret" then
      variables[param.env] = value
    else
      row.values[name], row.places[name] = value, name
    end
  end
  return row, variables
end

--- The file that a test means: beside its own.
local function path_of(folder, file)
  return file:find "^/" and file or folder .. file
end

local function run(world, file, params, options)
  if type(file) ~= "string" then error("run: expected the name of a file, got " .. suggest.quote(file), 3) end
  local source = require("sluice.source").open(path_of(world.folder, file))
  source:install()
  local recipe = source:chunk()()
  local library = require "sluice.recipe"
  if not library.is(recipe) then return recipe end
  local row, variables = given_to(recipe, params or {})
  local opts = {
    aep = world.face.aep, emulated = true, row = row, env = function(name) return variables[name] end, source = source,
    log = function(text) table.insert(world.face.log, text) end,
    on_step = function(step) table.insert(world.face.steps, step) end,
    confirm = function(question)
      table.insert(world.face.log, question)
      return options.confirm ~= false
    end,
  }
  opts.reading = library.read(recipe, {}, opts)
  return library.execute(recipe, opts)
end

---@class sluice.test what a test's file finds under `sluice.test`
---@field emulator sluice.test.Emulator
---@field aep sluice.Client a connection to the emulator
---@field log string[] what recipes said so far
---@field steps { what: string, name: string, id: string, action: string }[] that recipes took so far
local Face = { __name = "sluice.test" }
Face.__index = Face

--- Runs a recipe as `sluice run --emulate` does; what is not given has its default or example. Of a script that is no
--- recipe it gives what the script returns.
---@param file string beside the test
---@param params? table by name; a secret as a text
---@param options? { confirm?: boolean } the answer to every question of the recipe, true by default
---@return any result what the recipe returned
---@return any output what it gave to `ctx.output`
function Face.run(file, params, options)
  if not Face.world then error("run: only a test runs recipes, not the file around it", 2) end
  return run(Face.world, file, params, options or {})
end

--- The same table without a test around it, for those who look what is in it.
---@return sluice.test
function M.face()
  local aep = require("sluice.client").new { base_url = "http://127.0.0.1:9", ims_url = "http://127.0.0.1:9",
    org = "none", client_id = "none", token = core.secret.new("token", "a token of no service"),
    sandbox = "prod", source = "none" }
  return setmetatable({ emulator = setmetatable({ url = "" }, Emulator), aep = aep, log = {}, steps = {} }, Face)
end

-- ── one test ───────────────────────────────────────────────────────────────────────────────────────────────

--- Changes fields of tables until the value is closed.
local function changed(holder, values)
  local before = {}
  for name, value in pairs(values) do
    before[name] = { rawget(holder, name) }
    rawset(holder, name, value)
  end
  return function()
    for name in pairs(values) do rawset(holder, name, before[name][1]) end
  end
end

--- Puts a table back as it was: what was loaded, and who looks for modules.
local function kept(holder)
  local copy = {}
  for key, value in next, holder do copy[key] = value end
  return function()
    for key in pairs(holder) do
      if copy[key] == nil and not tostring(key):find "^sluice" and not tostring(key):find "^luacheck" then
        holder[key] = nil
      end
    end
    for key, value in pairs(copy) do holder[key] = value end
  end
end

--- Time as the emulator has it, for whoever asks for today.
local function clock_of(now)
  local time, date = os.time, os.date
  return { time = function(moment) return moment and time(moment) or now() end,
    date = function(form, moment) return date(form or "%c", moment or now()) end }
end

local function connection(url)
  return { base_url = url, ims_url = url, sandbox = "prod", org = "0123456789ABCDEF01234567@AdobeOrg",
    client_id = "emulated", client_secret = core.secret.new("client_secret", "emulated secret"), scopes = "openid",
    token_cache = false }
end

--- Runs one test on an emulator of its own.
---@param folder string of the test's file, with its slash
---@param work fun() raises what it will
function M.during(folder, work)
  local real_time = os.time
  local server = require("sluice.emulator").start { clock = BEGINS, seed = "sluice test", sandboxes = "prod,dev,stage",
    now = function() return real_time() * 1000 end }
  local sluice, emulator = require "sluice", server.emulator
  local function now() return emulator.now() // 1000 end
  local undo = { kept(package.loaded), kept(package.searchers), changed(os, clock_of(now)),
    changed(dates, { clock = now }), changed(defaults, connection(server.url)) }
  local face = setmetatable({ emulator = setmetatable({ url = server.url, emulator = emulator }, Emulator),
    aep = sluice.connect(), log = {}, steps = {} }, Face)
  undo[#undo + 1] = changed(sluice, { test = face })
  undo[#undo + 1] = changed(Face, { world = { folder = folder, face = face } })
  local _ <close> = setmetatable({}, { __close = function()
    for i = #undo, 1, -1 do undo[i]() end
    server.stop()
  end })
  math.randomseed(1)
  work()
end

-- ── all tests ──────────────────────────────────────────────────────────────────────────────────────────────

local function refuse_exit()
  error("a test cannot end the program: its call of exit was refused", 2)
end

local function is_loopback(url)
  local host = tostring(url):match "^%a+://([^/:]+)" or tostring(url):match "^%a+://(%[[%x:]+%])"
  return host == "localhost" or host == "[::1]" or host ~= nil and host:find "^127%.%d+%.%d+%.%d+$" ~= nil
end

--- A function of the C module that is given addresses, for loopback alone.
local function near_home(fn, fields)
  return function(settings, ...)
    for _, field in ipairs(fields) do
      local url = type(settings) == "table" and settings[field]
      if url and not is_loopback(url) then
        core.error.raise("usage", ("%s: tests reach nothing but this machine"):format(url))
      end
    end
    return fn(settings, ...)
  end
end

--- Cuts the program off from credentials, from the network and from its own end, until the value is closed.
---@return table to be closed
function M.apart()
  local getenv = os.getenv
  local undo = {
    changed(os, { exit = refuse_exit, getenv = function(name)
      return not tostring(name):find "^AEP_" and getenv(name) or nil
    end }),
    changed(core.http, { request = near_home(core.http.request, { "url" }) }),
    changed(core.client, { new = near_home(core.client.new, { "base_url", "ims_url" }) }),
  }
  return setmetatable({}, { __close = function()
    for i = #undo, 1, -1 do undo[i]() end
  end })
end

return M
