--- What a recipe is given to work with: `ctx`.

local core = require "sluice.core"
local suggest = require "sluice.suggest"

local M = {}

local Progress = {}
Progress.__index = Progress

--- Tells how far the work is.
---@param n integer|nil how many are done; nil: one more
---@param text string|nil what is done now
function Progress:step(n, text)
  self.done = n or self.done + 1
  self.show(self.done, self.total, text)
end

-- ── steps ──────────────────────────────────────────────────────────────────────────────────────────────────

local DEFECT = "a defect of Sluice; please report it with the lines below"

--- Any other value than an error object, as one. A message that begins with a place inside the program is its defect.
local function as_error(value)
  if core.error.is(value) then return value end
  local text = tostring(value)
  local message, inner = text:match "^(.-)\n(stack traceback:.*)$"
  message = message or text
  local ours = message:find "^lua/sluice/[%w_/]+%.lua:%d+:" ~= nil
  return core.error.new { kind = ours and "internal" or "recipe", message = message, hint = ours and DEFECT or nil,
    traceback = inner or debug.traceback("", 2):gsub("^\n", "") }
end

--- Puts the step's name into what went wrong in it.
local function named(name)
  return function(value)
    local failure = as_error(value)
    if failure.kind ~= "interrupted" then
      failure.message = ("step %s: %s"):format(suggest.quote(name), tostring(failure.message))
    end
    return failure
  end
end

local function step_of(opts)
  return function(name, fn, ...)
    if type(name) ~= "string" or type(fn) ~= "function" then
      error("ctx.step: expected a name and a function, ctx.step(\"name\", function() … end)", 2)
    end
    local began = core.task.now()
    local results = table.pack(xpcall(fn, named(name), ...))
    if not results[1] then error(results[2], 0) end
    if opts.on_step then
      opts.on_step { what = "step", name = name, ms = (core.task.now() - began) * 1000, action = "done" }
    end
    return table.unpack(results, 2, results.n)
  end
end

-- ── audiences ──────────────────────────────────────────────────────────────────────────────────────────────

--- What a definition has of an audience that a parameter names.
local KNOWN = { "id", "name", "systemSegmentId", "namespace" }

local function audiences(list, fields)
  if type(list) ~= "table" then error("ctx.audiences: expected the value of a list of audiences", 2) end
  local made = {}
  for i, audience in ipairs(list.id == nil and list.name == nil and list or { list }) do
    local entry = {}
    for _, key in ipairs(KNOWN) do entry[key] = audience[key] end
    for key, value in pairs(fields or {}) do entry[key] = value end
    made[i] = entry
  end
  return made
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

local function nobody()
  core.error.raise("usage", "the recipe asks a question, and there is nobody to answer",
    { hint = "--yes answers every question with yes" })
end

local function no_files(name)
  core.error.raise("io", ("%s: there are no files beside this recipe"):format(name))
end

--- Makes the context of one run.
---@param opts { aep: table, params: table, emulated: boolean|nil, log: function, apply: function, on_step:
---  function|nil, show: (fun(done: integer, total: integer|nil, text: string|nil))|nil, confirm:
---  (fun(question: string): boolean)|nil, source: sluice.source|nil }
---@return sluice.recipe.context ctx
---@return fun(): any output what `ctx.output` was given last
function M.new(opts)
  local kept
  local ctx = {
    aep = opts.aep, params = opts.params, emulated = opts.emulated or false, log = opts.log, apply = opts.apply,
    step = step_of(opts), audiences = audiences,
    progress = function(total)
      return setmetatable({ done = 0, total = total, show = opts.show or function() end }, Progress)
    end,
    confirm = function(question)
      if type(question) ~= "string" then error("ctx.confirm: expected a question", 2) end
      return (opts.confirm or nobody)(question)
    end,
    output = function(value) kept = value end,
    read = function(name)
      if type(name) ~= "string" then error("ctx.read: expected the name of a file beside the recipe", 2) end
      if not opts.source then no_files(name) end
      return opts.source:read(name)
    end,
  }
  ctx.example_dataflow = function(name) require("sluice.recipe.example").set_up(ctx, name) end
  return ctx, function() return kept end
end

return M
