--- What only the platform can say of parameters: which audience a name means, and whether a sandbox is there. Each is
--- asked once, whatever the number of rows it stands in.

local core = require "sluice.core"
local suggest = require "sluice.suggest"
local tasks = require "sluice.tasks"
local types = require "sluice.recipe.types"

local M = {}

-- ── audiences ──────────────────────────────────────────────────────────────────────────────────────────────

--- An audience made elsewhere goes by its own ID, with the platform's beside it (D, SEG).
local function known_by(item)
  local own = item.audienceId
  if type(own) ~= "string" or own == item.id then return { id = item.id, name = item.name } end
  return { id = own, systemSegmentId = item.id, namespace = item.namespace, name = item.name }
end

--- The audience of that ID, for IDs that do not look like one.
local function by_id(aep, id)
  if id:find "%s" then return nil end
  local ok, item = pcall(aep.audiences.get, aep.audiences, id)
  if ok and type(item) == "table" and type(item.id) == "string" then return known_by(item) end
  if not ok and not core.error.is(item, "service") then error(item, 0) end
end

local function find_audience(aep, wanted, warn)
  local resolved, report = require("sluice.activation.lookup").resolve(aep, { { name = wanted.name } }, "")
  local errors = report:only "error"
  if #errors == 0 then
    for _, finding in ipairs(report:only "warning") do warn(finding.message) end
    return resolved[1]
  end
  local found = by_id(aep, wanted.name)
  if found then return found end
  return nil, (errors[1].message:gsub("write the ID of the one you mean: id = ", "give the ID of the one you mean: "))
end

-- ── sandboxes ──────────────────────────────────────────────────────────────────────────────────────────────

--- Who may not list the sandboxes may work in one all the same: then nothing is said.
local function find_sandbox(aep, name)
  local ok, items = pcall(aep.sandboxes.list, aep.sandboxes)
  if not ok then
    if core.error.is(items) and (items.status == 403 or items.status == 404) then return {} end
    error(items, 0)
  end
  local names = {}
  for i, item in ipairs(items) do
    if item.name == name then return {} end
    names[i] = item.name
  end
  return nil, "there is no such sandbox; " .. suggest.expected(name, names)
end

-- ── all of them ────────────────────────────────────────────────────────────────────────────────────────────

local KINDS = {
  audience = { key = function(value) return value.id == nil and value.name or nil end, find = find_audience },
  sandbox = { key = function(value) return value end, find = function(aep, name) return find_sandbox(aep, name) end },
}

--- Calls `visit(kind, value)` for each value of a parameter that the platform has to be asked about.
local function each(param, value, visit)
  if value == nil then return end
  local name = param.type or "string"
  if KINDS[name] and KINDS[name].key(value) then visit(name, value) end
  if name ~= "list" and name ~= "map" then return end
  local item = types.item(param)
  for _, element in pairs(value) do each(item, element, visit) end
end

---@class sluice.recipe.lookup remembers what was asked
local Lookup = {}
Lookup.__index = Lookup

local function key_of(kind, value) return kind .. "\n" .. KINDS[kind].key(value) end

--- Asks for all that is not known yet, several at a time. Raises what keeps the service from answering.
---@param wanted { [1]: string, [2]: any }[] kind and value
function Lookup:ask(wanted)
  local open = {}
  for _, entry in ipairs(wanted) do
    local key = key_of(entry[1], entry[2])
    if not self.answers[key] then
      self.answers[key] = {}
      open[#open + 1] = { key = key, kind = entry[1], value = entry[2] }
    end
  end
  tasks.map(open, function(entry)
    local found, problem = KINDS[entry.kind].find(self.aep, entry.value, self.warn)
    self.answers[entry.key] = { found = found, problem = problem }
  end)
end

--- Puts an answer into the value it is about.
local function complete(value, found)
  if type(value) ~= "table" then return end
  for field, content in pairs(found) do value[field] = content end
end

--- What the platform has against a value; one that it knows is completed in place.
---@param param sluice.recipe.param
---@param value any
---@return string[] problems
function Lookup:problems(param, value)
  local wanted, problems = {}, {}
  each(param, value, function(kind, one) wanted[#wanted + 1] = { kind, one } end)
  self:ask(wanted)
  for _, entry in ipairs(wanted) do
    local answer = self.answers[key_of(entry[1], entry[2])]
    if answer.found then complete(entry[2], answer.found) else problems[#problems + 1] = answer.problem end
  end
  return problems
end

--- Asks about the parameters of many readings at once, so that each of them is settled without a wait.
---@param readings sluice.recipe.reading[]
function Lookup:prepare(readings)
  local wanted = {}
  for _, reading in ipairs(readings) do
    for _, param in ipairs(reading.recipe.params) do
      each(param, reading.given[param.name], function(kind, value) wanted[#wanted + 1] = { kind, value } end)
    end
  end
  self:ask(wanted)
end

--- Settles a reading: completes its values, and complains about those that the platform does not know.
---@param reading sluice.recipe.reading
function Lookup:settle(reading)
  for _, param in ipairs(reading.recipe.params) do
    for _, problem in ipairs(self:problems(param, reading.given[param.name])) do
      reading:complain(reading.places[param.name] or require("sluice.recipe.arguments").option(param), problem)
    end
  end
end

--- Begins to look up on a connection.
---@param aep table
---@param warn (fun(text: string))|nil told what is doubtful about what was found
---@return sluice.recipe.lookup
function M.new(aep, warn)
  return setmetatable({ aep = aep, warn = warn or function() end, answers = {} }, Lookup)
end

--- Does the recipe have parameters that the platform has to be asked about?
---@param recipe sluice.recipe
---@return boolean
function M.is_needed(recipe)
  for _, param in ipairs(recipe.params) do
    if KINDS[param.type] then return true end
    if (param.type == "list" or param.type == "map") and KINDS[types.item(param).type] then return true end
  end
  return false
end

return M
