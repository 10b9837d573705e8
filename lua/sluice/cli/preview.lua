--- `sluice preview RECIPE`: shows what a recipe will export, and sends nothing.

local M = {
  name = "preview",
  summary = "show what a recipe will export: names, times, folders",
  usage = "[options] RECIPE [recipe's options]",
  argument = { name = "RECIPE", help = "a recipe of the library, a Lua file, a bundle; - reads standard input" },
  options = {
    { name = "--exports", value = "N", help = "show the next N exports of each audience (7)" },
    { name = "--rows", value = "N", help = "profiles in an audience: shows the parts of split files" },
    { name = "--sandbox", value = "NAME", help = "the sandbox, for file names (AEP_SANDBOX, prod)" },
    { name = "--organization", value = "NAME", help = "the organisation's name, for file names" },
    { name = "--json", help = "print one JSON document" },
  },
  notes = [[
No network and no credentials are needed, and nothing is sent; a bundle may
read what it declares, and do nothing else. What the recipe wants and is not
given is taken from its examples. Times are shown in UTC and in the local time
zone (TZ). These options may stand before or after RECIPE, unless the recipe
has one of the same name; 'sluice preview RECIPE --help' lists the recipe's own.
]],
  example = "sluice preview scripts/activate_amazon_s3.lua",
}

local KINDS = { ["-h"] = "flag", ["--help"] = "flag" }
for _, option in ipairs(M.options) do KINDS[option.name] = option.value and "value" or "flag" end

local function command() return require "sluice.cli.command" end

local function usage_error(message, ...) command().usage_error(M, message:format(...)) end

-- ── the command line ───────────────────────────────────────────────────────────────────────────────────────

local function name_of(word) return word:match "^(%-%-[^=]+)=" or word end

--- Moves one word, or two with an option's value; gives the index of the next.
local function move(words, i, list)
  local word = words[i]
  list[#list + 1] = word
  if KINDS[word] ~= "value" then return i + 1 end
  list[#list + 1] = words[i + 1]
  return i + 2
end

--- Our options before the script, the script, and everything behind it.
---@param words string[]
---@return { own: string[], script: string|nil, rest: string[] }
local function split(words)
  local call, i = { own = {}, rest = {} }, 1
  while i <= #words and words[i] ~= "--" and words[i]:find "^%-." do i = move(words, i, call.own) end
  if words[i] == "--" then i = i + 1 end
  call.script = words[i]
  table.move(words, i + 1, #words, 1, call.rest)
  return call
end

local function options_of(recipe)
  local known = {}
  for _, param in ipairs(recipe.params) do known[require("sluice.recipe.arguments").option(param)] = true end
  return known
end

--- A misspelt option of ours is not to be taken for one of the recipe's.
local function check_spelling(name, known)
  local names = {}
  for ours in pairs(KINDS) do names[#names + 1] = ours end
  for theirs in pairs(known) do names[#names + 1] = theirs end
  table.sort(names)
  local nearest = not known[name] and name:find "^%-%-%w" and require("sluice.suggest").nearest(name, names)
  if KINDS[nearest] then usage_error("unknown option '%s'; did you mean '%s'?", name, nearest) end
end

--- Tells our options behind the script from the recipe's, which come first where both have one.
---@return string[] args of the recipe
local function claim(call, recipe)
  local args, known, i = {}, options_of(recipe), 1
  while i <= #call.rest and call.rest[i] ~= "--" do
    local name = name_of(call.rest[i])
    if KINDS[name] and not known[name] then
      i = move(call.rest, i, call.own)
    else
      check_spelling(name, known)
      args[#args + 1], i = call.rest[i], i + 1
    end
  end
  return table.move(call.rest, i + 1, #call.rest, #args + 1, args)
end

local function whole_number(text) return text and text:find "^%d+$" and math.tointeger(tonumber(text)) or text end

--- What the preview is made with.
local function settings_of(values)
  local sandbox = os.getenv "AEP_SANDBOX" or ""
  local settings = {
    exports = whole_number(values.exports), rows = whole_number(values.rows), organization = values.organization,
    sandbox = values.sandbox or (sandbox ~= "" and sandbox or "prod"),
  }
  local problem = require("sluice.preview").problem(settings)
  if problem then usage_error("--%s", problem) end
  return settings
end

-- ── running ────────────────────────────────────────────────────────────────────────────────────────────────

--- Loads the script; a stranger's is held to its permissions.
local function load_script(call)
  call.source = require("sluice.cli.chunk").open(call.script)
  if call.source.kind == "bundle" then return (require("sluice.cli.restriction").load(call)) end
  call.source:install()
  return call.source:chunk()
end

--- Runs the script's file. Whoever connects in it gets nothing that could send.
local function load_recipe(call)
  local chunk = load_script(call)
  require("sluice").connect = function() return require("sluice.preview.recipe").no_service "sluice.connect()" end
  rawset(_G, "arg", table.move(call.rest, 1, #call.rest, 1, { [0] = call.script }))
  local value = chunk(table.unpack(call.rest))
  local is_recipe = require("sluice.recipe").is(value)
  if is_recipe then return call.trusted and call.trusted.recipe(value) or value end
  usage_error("%s returns no recipe; only recipes can be previewed", call.script)
end

local function recipe_help(recipe, script)
  script = require("sluice.cli.text").shell(script)
  return ("Usage: sluice preview %s [options]\n\n%s\nExample:\n  sluice preview %s\n"):format(script,
    require("sluice.terminal.clean").text(require("sluice.recipe").usage(recipe)), script)
end

local function document(recipe, previews)
  local core = require "sluice.core"
  return core.json.encode({ recipe = { name = recipe.name, version = recipe.version },
    destinations = core.json.array(previews) }, { indent = 2 }) .. "\n"
end

local function pages(previews)
  local texts = {}
  for i, preview in ipairs(previews) do texts[i] = tostring(preview) end
  return table.concat(texts, "\n" .. ("-"):rep(80) .. "\n\n")
end

--- Runs the recipe and prints what it would export.
local function show(recipe, args, values, call)
  local progress = require "sluice.cli.progress"
  local _ <close> = require("sluice.cli.findings").on_failure()
  local previews = require("sluice.preview.recipe").run(recipe, { args = args, log = progress.log,
    source = call.source, trusted = call.trusted, preview = settings_of(values) })
  io.write(values.json and document(recipe, previews) or pages(previews))
  io.stdout:flush() -- what follows comes last, wherever both streams go
  progress.log(("nothing was sent; 'sluice run %s' applies it"):format(
    require("sluice.cli.text").shell(call.script)))
  return 0
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local call = split(words)
  local values = command().read(M, call.own)
  if not values then return 0 end
  if not call.script then usage_error "RECIPE is missing; expected the name of a Lua file" end
  local recipe = load_recipe(call)
  local args = claim(call, recipe)
  values = command().parse(M, call.own)
  if values.help then
    io.write(recipe_help(recipe, call.script))
    return 0
  end
  return show(recipe, args, values, call)
end

return M
