--- One recipe over many rows, several at a time. Every row goes as far as its first `ctx.apply` (or its first use of
--- `ctx.aep`) and waits there; when all have come so far, what they are about to make is checked and compared, and
--- only then the first of them goes on to send anything.

local core = require "sluice.core"
local gates = require "sluice.recipe.gate"
local rows = require "sluice.recipe.rows"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.recipe.entry one row on its way
---@field row sluice.recipe.row
---@field params table
---@field state "waiting"|"ready"|"released"|"running"|"done"|"failed"|"interrupted"|"not begun"
---@field destination table|nil the first that it applies
---@field result any
---@field error any
---@field ms number|nil

---@class sluice.recipe.crowd
local Crowd = {}
Crowd.__index = Crowd

-- ── waking the foreman ─────────────────────────────────────────────────────────────────────────────────────

--- Waits until something has happened.
function Crowd:until_changed()
  self.changed = gates.new()
  self.changed:wait()
  self.changed = nil
  if self.interruption then error(self.interruption, 0) end
end

function Crowd:notify()
  if self.changed then self.changed:open() end
end

--- Waits until one more row may be at work.
function Crowd:until_room()
  while self.active >= self.concurrency do self:until_changed() end
end

-- ── one row ────────────────────────────────────────────────────────────────────────────────────────────────

--- A row that is about to send something: before the whistle it waits.
function Crowd:arrive(entry, destination)
  if entry.state ~= "waiting" then return end
  if not self.open then
    entry.state, entry.destination = "ready", destination
    entry.gate = gates.new()
    self.active = self.active - 1
    self:notify()
    entry.gate:wait()
  end
  entry.state, entry.began = "running", core.task.now()
  self.on_event("begun", entry)
end

--- Two rows that apply a destination of one name would make one thing of two.
function Crowd:claim(entry, destination)
  local definition = type(destination) == "table" and destination.definition
  local name = type(definition) == "table" and definition.name
  if type(name) ~= "string" then return end
  local other = self.names[name]
  if other and other ~= entry then
    core.error.raise("usage", ("%s applies the destination %s, too; every row needs a name of its own"):format(
      other.row.place, suggest.quote(name)))
  end
  self.names[name] = entry
end

--- The context of a row: what touches the service comes through here.
function Crowd:context(entry)
  local ctx, output = self.make_context(entry, function(destination)
    self:arrive(entry, destination)
    self:claim(entry, destination)
  end)
  local aep = ctx.aep
  ctx.aep = nil
  setmetatable(ctx, { __index = function(_, key)
    if key ~= "aep" then return nil end
    self:arrive(entry)
    rawset(ctx, "aep", aep)
    return aep
  end })
  return ctx, output
end

--- Failures that all further rows would meet as well.
local HOPELESS = { auth = true, config = true }

--- Did it end because all was to end?
local function is_end(failure)
  return core.error.is(failure, "interrupted") or core.error.is(failure, "limit") and failure.code == "deadline"
end

--- What became of a row that is over.
function Crowd:conclude(entry, ok, value)
  local begun = entry.state == "running"
  entry.ms = begun and (core.task.now() - entry.began) * 1000 or nil
  if entry.state ~= "ready" then self.active = self.active - 1 end
  if ok then
    entry.state, entry.result = "done", value
  elseif is_end(value) and not begun then
    entry.state = "not begun"
  else
    entry.state, entry.error = core.error.is(value, "interrupted") and "interrupted" or "failed", value
  end
  if core.error.is(value, "interrupted") and not self.stopping then
    self.interruption = self.interruption or value
  elseif core.error.is(value) and (HOPELESS[value.kind] or is_end(value)) then
    self.hopeless = value
  end
  if self.on_event(entry.state, entry) == false then self.hopeless = self.hopeless or true end
  self:notify()
end

function Crowd:start(entry)
  self.active = self.active + 1
  entry.task = core.task.spawn(function()
    local ok, value = xpcall(function()
      local ctx, output = self:context(entry)
      local result = self.recipe.run(ctx, entry.params)
      local kept = output()
      if kept ~= nil then entry.output = kept end
      return result
    end, function(failure)
      return core.error.is(failure) and failure or debug.traceback(tostring(failure), 2)
    end)
    self:conclude(entry, ok, value)
  end)
end

-- ── all rows ───────────────────────────────────────────────────────────────────────────────────────────────

--- The errors of a definition that need no service to be seen.
local function faults_of(destination)
  local is_ours = type(destination) == "table" and type(destination.definition) == "table"
  if not is_ours then return {} end
  local check = require "sluice.destination.check"
  local report, chosen = check.check(destination.definition)
  if chosen or check.is_contestable(destination.definition, report) then return {} end
  return report:only "error"
end

--- Compares what all rows are about to make. Raises all that is wrong, before anything is sent.
function Crowd:compare()
  local found, first, kind = {}, {}, "usage"
  for _, entry in ipairs(self.entries) do
    local definition = entry.state == "ready" and entry.destination and entry.destination.definition
    local name = type(definition) == "table" and definition.name
    if type(name) == "string" and first[name] then
      found[#found + 1] = { place = entry.row.place, message = ("would make the destination %s, as %s does; every row "
        .. "needs a name of its own"):format(suggest.quote(name), first[name]) }
    elseif type(name) == "string" then
      first[name] = entry.row.place
    end
    for _, finding in ipairs(entry.state == "ready" and faults_of(entry.destination) or {}) do
      kind = "recipe"
      found[#found + 1] = { place = ("%s: %s"):format(entry.row.place, finding.place), message = finding.message }
    end
  end
  rows.refuse(found, self.recipe.name, kind)
end

function Crowd:prepare()
  for _, entry in ipairs(self.entries) do
    self:until_room()
    if self.hopeless then return end
    self:start(entry)
  end
  while self.active > 0 do self:until_changed() end
end

function Crowd:work()
  self:prepare()
  if not self.hopeless then
    self:compare()
    self.open = true
    self.on_event "opened"
  end
  for _, entry in ipairs(self.entries) do
    if entry.state == "ready" then
      self:until_room()
      if self.hopeless then break end
      self.active, entry.state = self.active + 1, "released"
      entry.gate:open()
    end
  end
  while self.active > 0 do self:until_changed() end
end

local UNTOUCHED = { waiting = true, ready = true, released = true }

--- Ends what is under way, and waits until it has ended.
function Crowd:stop()
  self.stopping = true
  if self.changed then self.changed:open() end
  for _, entry in ipairs(self.entries) do
    if entry.task then entry.task:cancel() end
    if entry.gate then entry.gate:open() end
  end
  for _, entry in ipairs(self.entries) do
    if entry.task then pcall(entry.task.wait, entry.task) end
    if UNTOUCHED[entry.state] then entry.state = "not begun" end
  end
end

--- Runs the recipe over all rows. Failed rows do not keep others from running, but for failures of credentials and
--- the deadline, after which no further row is begun.
---@param recipe sluice.recipe
---@param entries { row: sluice.recipe.row, params: table }[]
---@param opts { concurrency: integer, deadline: number|nil, make_context: (fun(entry: table, before_apply:
---  fun(destination: any)): sluice.recipe.context, function), on_event: fun(what: string, entry: table|nil): any }
---  seconds; events: "opened" when rows may send, "begun", and the state a row ended in; false from it lets no further
---  row begin
---@return sluice.recipe.entry[] entries each with its `state`
---@return any interruption what ended the run early
--- Raises kind "usage" or "recipe", with all findings, when rows would collide or are wrong.
function M.run(recipe, entries, opts)
  local crowd = setmetatable({ recipe = recipe, entries = entries, concurrency = opts.concurrency, active = 0,
    names = {}, make_context = opts.make_context, on_event = opts.on_event }, Crowd)
  for _, entry in ipairs(entries) do entry.state = "waiting" end
  local ok, failure
  if opts.deadline then
    ok, failure = pcall(core.task.deadline, opts.deadline, crowd.work, crowd)
  else
    ok, failure = pcall(crowd.work, crowd)
  end
  crowd:stop()
  if ok then return entries end
  if is_end(failure) then return entries, failure end
  return error(failure, 0)
end

return M
