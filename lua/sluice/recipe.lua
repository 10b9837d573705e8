--- A recipe: a named piece of work with declared parameters. This file makes recipes, gives their usage text,
--- turns options, files and the environment into parameters, and runs them.

local readings = require "sluice.recipe.reading"
local shape = require "sluice.recipe.definition"

---@alias sluice.recipe.type_name
---| "string" | "integer" | "number" | "boolean" | "enum" | "date" | "time" | "list" | "map" | "file" | "secret"
---| "sandbox" | "audience" | "destination_type"

---@class sluice.recipe.param
---@field name string lower_snake; the option is --lower-snake
---@field type sluice.recipe.type_name|nil default "string"
---@field help string|nil one line
---@field env string|nil environment variable; a secret must have one
---@field example any used with --emulate when nothing else is given
---@field examples any[]|nil several of them, the first of which is used
---@field default any makes the parameter optional
---@field required boolean|nil false: may be left out without a default; its value is then nil
---@field values string[]|nil of an enum
---@field of string|sluice.recipe.param|nil what a list or a map holds: a type, or { type = …, pattern = … }; "string"
---@field separator string|false|nil what separates the items of a list in one text; "," but for audiences
---@field pattern string|nil Lua pattern that the whole of a string must match
---@field form string|nil the pattern in words, for messages and help
---@field min any least number, day, hour, count of characters or of entries
---@field max any
---@field check fun(value: any): boolean|string, string|nil true, or false and a message, or the message
---@field read boolean|nil of a file: its bytes are the value; else its name, and that it can be read
---@field unique boolean|nil no two rows of a run over many may have the same

---@class sluice.recipe
---@field name string
---@field version string
---@field summary string one line
---@field description string|nil paragraphs, for its help
---@field params sluice.recipe.param[]
---@field permissions table|nil what it may do when it runs restricted; see `sluice.restrict.permissions`
---@field run fun(ctx: sluice.recipe.context, params: table): any

---@class sluice.recipe.context
---@field aep table the connection
---@field params table
---@field emulated boolean
---@field log fun(text: string) one line for people
---@field apply fun(destination: sluice.destination): table applies a destination, telling its steps
---@field audiences fun(list: table[], fields: table|nil): table[] the audiences of a parameter as a definition has
---  them, each with these fields: file name, schedule
---@field example_dataflow fun(name: string) sets up something to change, on an emulator that holds no dataflow
---@field step fun(name: string, fn: function, ...): any calls a function: timed, shown, and named in its errors
---@field progress fun(total: integer|nil): sluice.recipe.progress tells how far a longer piece of work is
---@field confirm fun(question: string): boolean asks somebody at the terminal; --yes answers beforehand
---@field output fun(value: any) what the run gives: the document's `result` with --json, else printed
---@field read fun(name: string): string the bytes of a file beside the recipe

---@class sluice.recipe.progress
---@field step fun(self: sluice.recipe.progress, n: integer|nil, text: string|nil) n: how many are done, nil: one more

local Recipe = { __name = "sluice.recipe" }
Recipe.__index = Recipe

local M = {}

--- Makes a recipe. Raises at the caller's line when its table is not one.
---@param definition sluice.recipe
---@return sluice.recipe
function M.new(definition)
  local problem = shape.problem(definition)
  if problem then error("sluice.recipe: " .. problem, 2) end
  return setmetatable(definition, Recipe)
end

--- Is this a recipe?
---@param value any
---@return boolean
function M.is(value)
  return getmetatable(value) == Recipe
end

--- The text that explains a recipe: summary, description, options, secrets.
---@param recipe sluice.recipe
---@return string text ends with a newline
function M.usage(recipe)
  return require("sluice.recipe.usage").text(recipe)
end

-- ── parameters ─────────────────────────────────────────────────────────────────────────────────────────────

--- Reads parameters from arguments, a row of a file, the environment, defaults and, emulated, examples, in this order,
--- and asks for what is missing if there is somebody to ask. Raises kind "usage" for what is wrong or missing, kind
--- "config" when only secrets are missing; everything is said at once.
---@param recipe sluice.recipe
---@param args string[] such as { "--bucket-name", "x" } or { "--bucket-name=x" }
---@param opts { emulated: boolean|nil, env: (fun(variable: string): string|nil)|nil, row: sluice.recipe.row|nil,
---  source: sluice.source|nil, ask: function|nil, settle: function|nil }|nil env by default os.getenv; ask: see
---  `sluice.recipe.reading`.ask
---@return sluice.recipe.reading
function M.read(recipe, args, opts)
  opts = opts or {}
  local reading = readings.read(recipe, args, opts)
  if opts.ask and #reading.wrong == 0 then readings.ask(reading, opts.ask) end
  readings.refuse(reading)
  return reading
end

--- The same, for those who want the parameters alone. Audiences are as they were written: `{ id = … }` or
--- `{ name = … }`.
---@param recipe sluice.recipe
---@param args string[]
---@param opts table|nil as of `read`
---@return table params by name
---@return { examples_used: string[] } info options and variables whose example was taken
function M.resolve(recipe, args, opts)
  local reading = M.read(recipe, args, opts)
  return reading.given, { examples_used = reading.examples_used }
end

--- Has the platform settle what only it can: which audience a name means, whether a sandbox is there. Raises kind
--- "usage" for those that it does not know.
---@param reading sluice.recipe.reading
---@param aep table
---@param log (fun(text: string))|nil told what is doubtful
function M.settle(reading, aep, log)
  local lookup = require "sluice.recipe.lookup"
  if not lookup.is_needed(reading.recipe) then return end
  lookup.new(aep, log and function(text) log("warning: " .. text) end):settle(reading)
  readings.refuse(reading)
end

-- ── running ────────────────────────────────────────────────────────────────────────────────────────────────

local function nothing() end

--- The context of a run.
---@param params table
---@param opts table as of `execute`
---@return sluice.recipe.context ctx
---@return fun(): any output
function M.context(params, opts)
  return require("sluice.recipe.context").new {
    aep = opts.aep, params = params, emulated = opts.emulated, log = opts.log or nothing, on_step = opts.on_step,
    show = opts.show, confirm = opts.confirm, source = opts.source,
    apply = function(destination)
      if opts.before_apply then opts.before_apply(destination) end
      return destination:apply(opts.aep, { on_step = opts.on_step })
    end,
  }
end

--- Runs a recipe.
---@param recipe sluice.recipe
---@param opts { aep: table, args: string[]|nil, reading: sluice.recipe.reading|nil, emulated: boolean|nil, env:
---  function|nil, on_step: function|nil, log: (fun(text: string))|nil, show: function|nil, confirm: function|nil,
---  source: sluice.source|nil } log receives the context's lines, and the one that names the examples used; reading:
---  parameters that were read already
---@return any result what the recipe's run returned, {} for nothing
---@return any output what it gave to `ctx.output`
function M.execute(recipe, opts)
  local log = opts.log or nothing
  local reading = opts.reading or M.read(recipe, opts.args or {}, opts)
  if #reading.examples_used > 0 then
    log("not given, so the recipe's examples are used: " .. table.concat(reading.examples_used, ", "))
  end
  M.settle(reading, opts.aep, log)
  local ctx, output = M.context(reading.given, opts)
  local result = recipe.run(ctx, reading.given)
  return result == nil and {} or result, output()
end

return M
