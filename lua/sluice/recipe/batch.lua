--- The parameters of many rows: read, asked for where all lack the same, looked up, compared. All that is wrong with
--- any of them is said at once, before the first row is run.

local arguments = require "sluice.recipe.arguments"
local core = require "sluice.core"
local readings = require "sluice.recipe.reading"
local rows = require "sluice.recipe.rows"
local suggest = require "sluice.suggest"

local M = {}

M.DONE = "done" -- the outcome of rows that are left out

--- Has an earlier run done this row?
---@param row sluice.recipe.row
---@return boolean
function M.is_done(row) return row.outcome == M.DONE end

-- ── what all rows lack ─────────────────────────────────────────────────────────────────────────────────────

--- The parameters that every reading lacks, as they stand in the first one.
local function lacking_in_all(list)
  local counts, shared = {}, {}
  for _, reading in ipairs(list) do
    for _, entry in ipairs(reading.missing) do
      counts[entry.param] = (counts[entry.param] or 0) + 1
    end
  end
  for _, entry in ipairs(list[1] and list[1].missing or {}) do
    if counts[entry.param] == #list then shared[#shared + 1] = entry end
  end
  return shared
end

local function without(missing, param)
  local kept = {}
  for _, entry in ipairs(missing) do
    if entry.param ~= param then kept[#kept + 1] = entry end
  end
  return kept
end

local function copy(value)
  return type(value) == "table" and core.json.copy(value) or value
end

--- Asks once for what stands in no row.
local function ask_for_all(list, ask)
  local shared = lacking_in_all(list)
  if #shared == 0 then return end
  local first = list[1]
  local others = {}
  for _, entry in ipairs(first.missing) do
    local is_shared = false
    for _, one in ipairs(shared) do is_shared = is_shared or one == entry end
    if not is_shared then others[#others + 1] = entry end
  end
  first.missing = shared
  readings.ask(first, ask)
  for _, entry in ipairs(shared) do
    local value = first.given[entry.param.name]
    for i = 2, value ~= nil and #list or 1 do
      list[i].given[entry.param.name] = copy(value)
      list[i].missing = without(list[i].missing, entry.param)
    end
  end
  table.move(others, 1, #others, #first.missing + 1, first.missing)
end

-- ── rows that would make the same ──────────────────────────────────────────────────────────────────────────

local function as_key(value)
  return type(value) == "table" and core.json.encode(value) or tostring(value)
end

local TWICE = "%s is %s, as in %s; every row needs its own"

--- Complains about values that may be there once only, and are there twice.
local function compare(list, param)
  local first = {}
  for _, reading in ipairs(list) do
    local value, row = reading.given[param.name], reading.opts.row
    local key = value ~= nil and as_key(value)
    if key and first[key] then
      local of_row = M.is_done(row) and first[key] or reading
      local other = of_row == reading and first[key] or reading
      of_row:complain(of_row.places[param.name] or of_row.opts.row.place, TWICE:format(arguments.option(param),
        suggest.quote(key), other.opts.row.place))
    elseif key then
      first[key] = reading
    end
  end
end

local function compare_all(recipe, list)
  for _, param in ipairs(recipe.params) do
    if param.unique then compare(list, param) end
  end
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

local function look_up(recipe, list, opts)
  local lookup = require "sluice.recipe.lookup"
  if not opts.connect or not lookup.is_needed(recipe) then return end
  local found = lookup.new(opts.connect(), opts.warn)
  found:prepare(list)
  for _, reading in ipairs(list) do found:settle(reading) end
end

--- What is wrong with an option is wrong with every row, and what all lack, all lack: both are said once.
local function refuse(recipe, list)
  local found, kind, said = {}, "config", {}
  for _, entry in ipairs(#list > 1 and lacking_in_all(list) or {}) do
    found[#found + 1] = { message = entry.message }
    for _, reading in ipairs(list) do
      said[readings.text { place = reading.opts.row.place, message = entry.message }] = true
    end
  end
  for _, reading in ipairs(list) do
    local own = readings.findings(reading)
    if #own > 0 and readings.kind(reading) == "usage" then kind = "usage" end
    for _, finding in ipairs(own) do
      local text = readings.text(finding)
      if not said[text] then found[#found + 1] = finding end
      said[text] = true
    end
  end
  rows.refuse(found, recipe.name, kind)
end

local function is_complete(list)
  for _, reading in ipairs(list) do
    if #reading.wrong > 0 then return false end
  end
  return true
end

---@class sluice.recipe.batch
---@field entries { row: sluice.recipe.row, params: table, reading: sluice.recipe.reading }[] of the rows that are to do
---@field examples_used string[]

--- Reads the parameters of all rows.
---@param recipe sluice.recipe
---@param args string[] they hold for every row, and come before it
---@param read sluice.recipe.rows
---@param opts { emulated: boolean|nil, env: function|nil, source: table|nil, ask: function|nil, connect:
---  (fun(): table)|nil, warn: function|nil } connect: gives the connection on which names are looked up
---@return sluice.recipe.batch
--- Raises kind "usage", or "config" when only secrets are missing, with all that is wrong.
function M.read(recipe, args, read, opts)
  local all, open = {}, {}
  for i, row in ipairs(read.rows) do
    local own = setmetatable({ row = row }, { __index = opts })
    all[i] = readings.read(recipe, args, own)
    if not M.is_done(row) then open[#open + 1] = all[i] end
  end
  if opts.ask and is_complete(open) then ask_for_all(open, opts.ask) end
  compare_all(recipe, all)
  refuse(recipe, open)
  look_up(recipe, open, opts)
  refuse(recipe, open)
  local entries = {}
  for i, reading in ipairs(open) do
    entries[i] = { row = reading.opts.row, params = reading.given, reading = reading }
  end
  return { entries = entries, examples_used = open[1] and open[1].examples_used or {} }
end


return M
