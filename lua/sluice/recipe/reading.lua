--- Where the parameters of a recipe come from: options, before a row of a file, before the environment, before
--- defaults and, emulated, examples. All that is wrong is gathered with its place.

local arguments = require "sluice.recipe.arguments"
local core = require "sluice.core"
local rules = require "sluice.recipe.rules"
local suggest = require "sluice.suggest"
local types = require "sluice.recipe.types"

local M = {}

---@class sluice.recipe.reading
---@field recipe sluice.recipe
---@field given table<string, any> parameter → value
---@field settled table<string, boolean> parameters of which something was said already
---@field wrong { place: string|nil, message: string }[]
---@field missing { param: sluice.recipe.param, message: string }[]
---@field examples_used string[] options and variables
---@field opts table
local Reading = {}
Reading.__index = Reading

--- Notes what is wrong.
---@param place string|nil an option, a variable, a place in a file
---@param message string
function Reading:complain(place, message)
  self.wrong[#self.wrong + 1] = { place = place, message = message }
end

--- What a message may show of what was given.
local function shown(param, raw)
  if param.type == "secret" and arguments.is_bare_secret(param, raw) then return "a secret" end
  return suggest.quote(raw)
end

local function merge(reading, param, value, place)
  local before = reading.given[param.name]
  if param.type == "list" then
    table.move(value, 1, #value, #before + 1, before)
    return
  end
  for key, element in pairs(value) do
    if before[key] ~= nil then
      reading:complain(place, ("the key %s is given twice"):format(suggest.quote(key)))
    end
    before[key] = element
  end
end

--- Takes what stands at a place for a parameter.
---@param param sluice.recipe.param
---@param raw any a text, or a value of a file
---@param place string
---@param opts table|nil in place of the reading's own
function Reading:take(param, raw, place, opts)
  self.settled[param.name] = true
  local value, expected = types.read(param, raw, opts or self.opts)
  if value == nil then
    self:complain(place, ("got %s, %s"):format(shown(param, raw), expected))
  elseif self.given[param.name] == nil then
    self.given[param.name], self.places[param.name], self.raw[param.name] = value, place, raw
  elseif types.of(param).repeats then
    merge(self, param, value, place)
  else
    self:complain(place, "given twice")
  end
end

-- ── what no option says ────────────────────────────────────────────────────────────────────────────────────

local BARE = "a secret does not stand in a file of parameters; give a reference: env:NAME, file:PATH or cmd:PROGRAM"

--- A list may stand in several columns of one name.
local function take_from_row(reading, param, row)
  local raw, place = row.values[param.name], row.places[param.name]
  local parts = row.columns and type(raw) == "table" and raw or { raw }
  for _, part in ipairs(parts) do
    if arguments.is_bare_secret(param, part) then
      reading.settled[param.name] = true
      reading:complain(place, BARE)
    else
      reading:take(param, part, place)
    end
  end
end

--- A default or an example in the form a given value would have. Files that are read stand beside the recipe.
local function written(reading, param, value)
  if param.type == "secret" then return core.secret.new(param.env, value) end
  local source = reading.opts.source
  if param.type == "file" and param.read and source and source:has(value) then return source:read(value) end
  local made, expected = types.read(param, value, { env = reading.opts.env }) -- the recipe's words open nothing
  if made == nil then
    reading:complain(arguments.option(param), ("got %s, %s"):format(suggest.quote(value), expected))
  end
  return made
end

local function way_in(param)
  return param.type == "secret" and param.env or arguments.option(param)
end

local function example_of(param)
  if param.example ~= nil then return param.example end
  return param.examples and param.examples[1]
end

local function note_missing(reading, param)
  local message
  if param.type == "secret" then
    message = ("%s is missing: set %s"):format(param.name, param.env)
  else
    local variable = param.env and (" (or set %s)"):format(param.env) or ""
    message = ("%s is missing%s"):format(arguments.option(param), variable)
  end
  table.insert(reading.missing, { param = param, message = message })
end

local function fill(reading, param)
  local opts, row = reading.opts, reading.opts.row
  local text = param.env and (opts.env or os.getenv)(param.env)
  if row and row.values[param.name] ~= nil then
    take_from_row(reading, param, row)
  elseif text and text ~= "" then
    reading:take(param, text, param.env, { env = opts.env, secrets = opts.secrets }) -- no file: the recipe says which
  elseif param.default ~= nil then
    reading.given[param.name] = written(reading, param, param.default)
  elseif opts.emulated and example_of(param) ~= nil then
    reading.given[param.name] = written(reading, param, example_of(param))
    table.insert(reading.examples_used, way_in(param))
  elseif param.required ~= false then
    note_missing(reading, param)
  end
end

--- What a value of the right type may yet have against it.
local function check_rules(reading, param)
  local value, place = reading.given[param.name], reading.places[param.name]
  if value == nil or place == nil then return end -- what the recipe itself names was checked when it was made
  local problem = rules.problem(param, value)
  if not problem then return end
  local raw = reading.raw[param.name]
  if type(raw) == "table" or types.of(param).repeats then return reading:complain(place, problem) end
  reading:complain(place, ("got %s, %s"):format(shown(param, raw), problem))
end

--- Reads everything there is; nothing is raised.
---@param recipe sluice.recipe
---@param args string[]
---@param opts { emulated: boolean|nil, env: function|nil, row: sluice.recipe.row|nil, source: sluice.source|nil }
---@return sluice.recipe.reading
function M.read(recipe, args, opts)
  local reading = setmetatable({ recipe = recipe, given = {}, settled = {}, places = {}, raw = {}, wrong = {},
    missing = {}, examples_used = {}, opts = opts }, Reading)
  arguments.read(reading, args)
  for _, param in ipairs(recipe.params) do
    if not reading.settled[param.name] then fill(reading, param) end
    check_rules(reading, param)
  end
  return reading
end

-- ── asking ─────────────────────────────────────────────────────────────────────────────────────────────────

local PATIENCE = 3 -- empty answers until it is taken for missing

--- What is wrong with an answer; nil when it is taken.
local function judge(reading, param, answer)
  local value, problem = types.read(param, answer, reading.opts)
  problem = value == nil and problem or rules.problem(param, value)
  if not problem and reading.opts.settle then problem = reading.opts.settle(param, value) end
  if problem then return problem end
  if reading.given[param.name] == nil then
    reading.given[param.name], reading.places[param.name] = value, "what was typed"
  else
    merge(reading, param, value, "what was typed")
  end
end

--- One answer, asked for again while it will not do; false when none comes.
local function answer_to(reading, param, question)
  local problem, silent = nil, 0
  while silent < PATIENCE do
    local answer = question(param, problem, reading.given[param.name])
    if answer == nil then
      if reading.given[param.name] ~= nil then return false end -- enough of a list
      problem, silent = "expected a value", silent + 1
    else
      problem = judge(reading, param, answer)
      if not problem then return true end
    end
  end
  return false
end

--- Asks for what is missing.
---@param reading sluice.recipe.reading
---@param question fun(param: sluice.recipe.param, problem: string|nil, so_far: any): any a text, a secret, or nil for
---  no answer; `problem` is what was wrong with the answer before
function M.ask(reading, question)
  local missing = reading.missing
  reading.missing = {}
  for _, entry in ipairs(missing) do
    local param = entry.param
    local more = answer_to(reading, param, question)
    while more and types.of(param).repeats and not types.separator(param) do
      more = answer_to(reading, param, question)
    end
    if reading.given[param.name] == nil then table.insert(reading.missing, entry) end
  end
end

-- ── what came of it ────────────────────────────────────────────────────────────────────────────────────────

--- All that is wrong or missing, with its place.
---@param reading sluice.recipe.reading
---@return { place: string|nil, message: string }[]
function M.findings(reading)
  local found, row = table.move(reading.wrong, 1, #reading.wrong, 1, {}), reading.opts.row
  for _, entry in ipairs(reading.missing) do
    found[#found + 1] = { place = row and row.place, message = entry.message }
  end
  return found
end

--- A finding as text.
---@param finding { place: string|nil, message: string }
---@return string
function M.text(finding)
  return (finding.place and finding.place .. ": " or "") .. finding.message
end

--- The kind of error: configuration when only secrets are missing.
---@param reading sluice.recipe.reading
---@return "usage"|"config"
function M.kind(reading)
  for _, entry in ipairs(reading.missing) do
    if entry.param.type ~= "secret" then return "usage" end
  end
  return #reading.wrong == 0 and "config" or "usage"
end

--- Raises what is wrong, all at once.
---@param reading sluice.recipe.reading
function M.refuse(reading)
  local found, parts = M.findings(reading), {}
  if #found == 0 then return end
  for i, finding in ipairs(found) do parts[i] = M.text(finding) end
  core.error.raise(M.kind(reading), ("%s: %s"):format(reading.recipe.name, table.concat(parts, "; ")))
end

return M
