--- A recipe: a named piece of work with declared parameters. This file makes recipes, gives their usage text,
--- turns options and the environment into parameters, and runs them.

local arguments = require "sluice.recipe.arguments"
local shape = require "sluice.recipe.definition"

---@class sluice.recipe.param
---@field name string lower_snake; the option is --lower-snake
---@field type "string"|"integer"|"number"|"boolean"|"enum"|"list"|"secret" default "string"
---@field help string one line
---@field env string|nil environment variable; the only way in for a secret
---@field example any used with --emulate when nothing else is given
---@field default any makes the parameter optional
---@field values string[]|nil of an enum

---@class sluice.recipe
---@field name string
---@field version string
---@field summary string one line
---@field params sluice.recipe.param[]
---@field run fun(ctx: sluice.recipe.context, params: table): any

---@class sluice.recipe.context
---@field aep table the connection
---@field params table
---@field emulated boolean
---@field log fun(text: string) one line for people
---@field apply fun(destination: sluice.destination): table applies a destination, telling its steps

local Recipe = { __name = "sluice.recipe" }
Recipe.__index = Recipe

local M = {}

--- Makes a recipe. Raises at the caller's line when its table is not one.
---@param definition { name: string, version: string, summary: string, params: sluice.recipe.param[], run:
---  function }
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

-- ── usage ──────────────────────────────────────────────────────────────────────────────────────────────────

local function shown(value)
  return type(value) == "table" and table.concat(value, ",") or tostring(value)
end

--- The help of a parameter with what else there is to know.
local function explanation(param)
  local notes = {}
  if param.values then notes[#notes + 1] = table.concat(param.values, ", ") end
  if param.env and param.type ~= "secret" then notes[#notes + 1] = "or " .. param.env end
  if param.default ~= nil then
    notes[#notes + 1] = "default " .. shown(param.default)
  elseif param.example ~= nil and param.type ~= "secret" then
    notes[#notes + 1] = "such as " .. shown(param.example)
  end
  local text = param.help or ""
  return #notes > 0 and ("%s (%s)"):format(text, table.concat(notes, "; ")) or text
end

local WIDTH = 79 -- columns of a usage text

--- Words filled into lines of at most `width` characters; a longer word gets a line of its own.
local function fill(text, width)
  local lines = { "" }
  for word in text:gmatch "%S+" do
    local line = lines[#lines]
    if line ~= "" and utf8.len(line, 1, -1, true) + 1 + utf8.len(word, 1, -1, true) > width then
      lines[#lines + 1] = word
    else
      lines[#lines] = line == "" and word or line .. " " .. word
    end
  end
  return lines
end

local function block(title, rows)
  if #rows == 0 then return "" end
  local width, lines = 0, { title }
  for _, row in ipairs(rows) do width = math.max(width, #row[1]) end
  local margin = (" "):rep(width + 4)
  for _, row in ipairs(rows) do
    local text = table.concat(fill(row[2], WIDTH - #margin), "\n" .. margin)
    lines[#lines + 1] = ("  %s%s  %s"):format(row[1], (" "):rep(width - #row[1]), text)
  end
  return table.concat(lines, "\n") .. "\n"
end

--- The text that explains a recipe's own options and secrets.
---@param recipe sluice.recipe
---@return string text ends with a newline
function M.usage(recipe)
  local options, secrets = {}, {}
  for _, param in ipairs(recipe.params) do
    if param.type == "secret" then
      secrets[#secrets + 1] = { ("%s, %s REF"):format(param.env, arguments.option(param)), explanation(param) }
    else
      options[#options + 1] = { arguments.synopsis(param), explanation(param) }
    end
  end
  local head = ("%s %s: %s"):format(recipe.name, recipe.version, recipe.summary)
  local parts = { table.concat(fill(head, WIDTH), "\n") .. "\n",
    block("Options:", options),
    block("Secrets, from the environment, or by a REF: env:NAME, file:PATH, cmd:PROGRAM", secrets) }
  return (table.concat(parts, "\n"):gsub("\n+$", "\n"))
end

-- ── running ────────────────────────────────────────────────────────────────────────────────────────────────

--- Parameters from arguments, environment, defaults and, emulated, examples. Raises kind "usage" for wrong
--- arguments or missing options, kind "config" when only secrets are missing; everything wrong is said at
--- once.
---@param recipe sluice.recipe
---@param args string[] such as { "--bucket-name", "x" } or { "--bucket-name=x" }
---@param opts { emulated: boolean|nil, env: (fun(variable: string): string|nil)|nil }|nil env by default
---  os.getenv
---@return table params by name
---@return { examples_used: string[] } info options and variables whose example was taken
function M.resolve(recipe, args, opts)
  return arguments.resolve(recipe, args, opts or {})
end

--- Runs a recipe.
---@param recipe sluice.recipe
---@param opts { aep: table, args: string[]|nil, emulated: boolean|nil, env: function|nil, on_step:
---  function|nil, log: (fun(text: string))|nil } log receives the context's lines, and the one that names the
---  examples used
---@return any result what the recipe's run returned, {} for nothing
function M.execute(recipe, opts)
  local log = opts.log or function() end
  local params, info = M.resolve(recipe, opts.args or {}, opts)
  if #info.examples_used > 0 then
    log("not given, so the recipe's examples are used: " .. table.concat(info.examples_used, ", "))
  end
  local ctx = {
    aep = opts.aep,
    params = params,
    emulated = opts.emulated or false,
    log = log,
    apply = function(destination) return destination:apply(opts.aep, { on_step = opts.on_step }) end,
  }
  local result = recipe.run(ctx, params)
  return result == nil and {} or result
end

return M
