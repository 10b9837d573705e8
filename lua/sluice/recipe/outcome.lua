--- The file in which a run over many rows keeps what became of each: the rows as they were given, with four columns
--- more. It holds all rows from the beginning, gets a line more for whatever happens to one, and at the end is put in
--- order; of several lines of a row the last counts. So it can be given as parameters again, whatever ended the run.

local core = require "sluice.core"
local csv = require "sluice.recipe.csv"
local rows = require "sluice.recipe.rows"

local M = {}

---@class sluice.recipe.outcome_file
---@field path string
---@field failed string|nil why it can no longer be written
local File = {}
File.__index = File

-- ── a row as it is written ─────────────────────────────────────────────────────────────────────────────────

local function as_text(value)
  if value == nil then return "" end
  if type(value) == "table" then return core.json.encode(value) end
  return tostring(value)
end

--- What may be written of a parameter: of a secret its reference alone.
local function kept(param, value)
  if param and param.type == "secret" then
    local is_reference = type(value) == "string" and require("sluice.secret").is_reference(value)
    return is_reference and value or nil
  end
  return value
end

local function mask(text) return text and core.secret.mask(tostring(text)) end

--- The cells of a row; a list takes as many columns as the file has for it.
local function cells_of(file, row, state)
  local cells, used = { tostring(row.number) }, {}
  for _, name in ipairs(file.columns) do
    local value = kept(file.params[name], row.values[name])
    if row.columns and type(value) == "table" then
      used[name] = (used[name] or 0) + 1
      value = value[used[name]]
    elseif used[name] then
      value = nil
    else
      used[name] = 1
    end
    cells[#cells + 1] = as_text(value)
  end
  table.move({ state.outcome, mask(state.error) or "", state.ids and as_text(state.ids) or "" }, 1, 3, #cells + 1,
    cells)
  return cells
end

local function object_of(file, row, state)
  local object = { row = row.number, outcome = state.outcome, error = mask(state.error) or core.json.null,
    ids = state.ids or core.json.null }
  for name, value in pairs(row.values) do
    value = kept(file.params[name], value)
    object[name] = type(value) == "table" and #value > 0 and core.json.array(core.json.copy(value)) or value
  end
  return object
end

local WRITE = {
  csv = function(file, row, state) return csv.record(cells_of(file, row, state)) end,
  ndjson = function(file, row, state) return core.json.encode(object_of(file, row, state)) .. "\n" end,
}

local function head_of(file)
  if file.format ~= "csv" then return "" end
  local names = { "row", table.unpack(file.columns) }
  table.move({ "outcome", "error", "ids" }, 1, 3, #names + 1, names)
  return csv.record(names)
end

-- ── the file ───────────────────────────────────────────────────────────────────────────────────────────────

--- All rows as they stand, put in the place of what was there.
function File:put()
  local draft = self.path .. ".part"
  local handle <close> = core.files.create(draft)
  local parts = { head_of(self) }
  for i, row in ipairs(self.rows) do parts[i + 1] = WRITE[self.format](self, row, self.states[row]) end
  local ok, reason = handle:write(table.concat(parts))
  if ok then ok, reason = handle:close() end
  if ok then ok, reason = os.rename(draft, self.path) end
  if not ok then
    os.remove(draft)
    core.error.raise("io", ("--outcome: cannot write %s: %s"):format(self.path, reason))
  end
end

--- Begins the file: every row stands in it, as what it is by now.
function File:begin()
  self:put()
  local handle, reason = io.open(self.path, "ab")
  if not handle then core.error.raise("io", "--outcome: cannot open " .. reason) end
  handle:setvbuf "no" -- a line is one call of the system, so that nothing that is told can be lost
  self.handle = handle
end

--- Notes what became of a row, at once.
---@param row sluice.recipe.row
---@param state { outcome: string, error: string|nil, ids: table|nil }
---@return boolean written
function File:note(row, state)
  self.states[row] = state
  if not self.handle or self.failed then return not self.failed end
  local ok, reason = self.handle:write(WRITE[self.format](self, row, state))
  if not ok then self.failed = tostring(reason) end
  return ok ~= nil
end

--- Ends the file: one line a row, in their order.
function File:finish()
  if not self.handle then return end
  self.handle:close()
  self.handle = nil
  self:put()
end

--- Refuses a recipe whose parameters are called as the file's own columns are.
local function check_names(recipe)
  for _, param in ipairs(recipe.params) do
    for _, name in ipairs(rows.OWN) do
      if param.name == name then
        core.error.raise("usage", ("--outcome: the recipe has a parameter %s, and the file a column of that name")
          :format(name))
      end
    end
  end
end

--- What is already there is not lost: only the file that is gone on with may be written over.
local function check_place(path, read)
  local there = io.open(path, "rb")
  if not there then return end
  there:close()
  if path == read.path and read.continued then return end
  core.error.raise("usage", ("--outcome: %s is there already"):format(path), { hint = path == read.path
    and "the rows that somebody wrote stay as they are; name another file"
    or "to go on from there, give it as --params as well; else remove it" })
end

local function without_own(columns, continued)
  if not continued then return columns end
  local kept_ones = {}
  for _, name in ipairs(columns) do
    local own = false
    for _, other in ipairs(rows.OWN) do own = own or name == other end
    if not own then kept_ones[#kept_ones + 1] = name end
  end
  return kept_ones
end

--- Prepares the file; nothing is written yet.
---@param path string
---@param recipe sluice.recipe
---@param read sluice.recipe.rows
---@param states table<sluice.recipe.row, { outcome: string, error: string|nil, ids: any|nil }>
---@return sluice.recipe.outcome_file
--- Raises kind "usage" for a file that is there, or whose name tells no format.
function M.new(path, recipe, read, states)
  local format = rows.format_of(path)
  if format ~= "csv" and format ~= "ndjson" then
    core.error.raise("usage", ("--outcome: %s: expected a name that ends in .csv or .ndjson"):format(path))
  end
  check_names(recipe)
  check_place(path, read)
  local params = {}
  for _, param in ipairs(recipe.params) do params[param.name] = param end
  return setmetatable({ path = path, format = format, rows = read.rows, params = params, states = states,
    columns = without_own(read.columns, read.continued) }, File)
end

return M
