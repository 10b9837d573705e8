--- `sluice run RECIPE`: runs a recipe of the library, of a file or a bundle, or any Lua script.

local M = {
  name = "run",
  summary = "run a recipe or a Lua script",
  usage = "[options] RECIPE [recipe's options]",
  argument = { name = "RECIPE", help = "a recipe of the library, a Lua file, a bundle; - reads standard input" },
  options = {
    { name = "--emulate", help = "run against an emulated service inside this process; needs no credentials" },
    { name = "--profile", value = "NAME", help = "credentials of ~/.config/sluice/profiles/NAME.json" },
    { name = "--config", value = "FILE", help = "credentials of this file" },
    { name = "--sandbox", value = "NAME", help = "the sandbox to work in (AEP_SANDBOX, prod)" },
    { name = "--base-url", value = "URL", help = "another host of the platform (AEP_BASE_URL)" },
    { name = "--ims-url", value = "URL", help = "another host of the token service (AEP_IMS_URL)" },
    { name = "--cacert", value = "FILE", help = "certificates to trust besides the system's" },
    { name = "--yes-production", value = "NAME",
      help = "the sandbox of a protected profile: write there without asking for its name" },
    { name = "--no-token-cache", help = "neither take a token that an earlier run got, nor keep one" },
    { name = "--clock", value = "TIME",
      help = "with --emulate: virtual time that begins at TIME, such as 2030-01-01T00:00Z" },
    { name = "--through", value = "SPAN",
      help = "with --clock: let SPAN pass after the recipe (6h, 31d) and tell which exports happen" },
    { name = "--exports", value = "DIR", help = "with --clock: write their files below DIR" },
    { name = "--fault", value = "RULE", many = true,
      help = "with --emulate: let go wrong what RULE says, such as flows.create:503 ('sluice help emulate')" },
    { name = "--latency", value = "SECONDS", help = "with --emulate: time that every call is under way" },
    { name = "--journal", value = "FILE", help = "with --emulate: write a line of JSON for each call to FILE" },
    { name = "--params", value = "FILE",
      help = "parameters from a file: .json, .lua, or many rows of them: .csv, .ndjson" },
    { name = "--concurrency", value = "N", help = "rows at a time, 1 to 64 (default: 8)" },
    { name = "--outcome", value = "FILE",
      help = "keep what became of each row in FILE (.csv, .ndjson), which may be the next --params" },
    { name = "--yes", help = "answer the recipe's questions with yes" },
    { name = "--restrict", help = "hold a recipe to the permissions that it declares, as bundles always are" },
    { name = "--trust", help = "run a bundle that has not been run here before without asking" },
    { name = "--json", help = "print the result as one JSON document" },
    { name = "--trace", optional = "full", help = "a line for each call on standard error; full: bodies, too" },
    { name = "--curl", help = "each call as a curl command on standard error, with variables for secrets" },
    { name = "--har", value = "FILE", help = "keep the calls in FILE as an HTTP Archive, without secrets" },
    { name = "--summary", help = "tell at the end what the calls came to" },
    { name = "--dry-run", help = "send reads only; print what would be written, and go on as if it were" },
    { name = "--record", value = "FILE", help = "keep calls and answers in FILE, without secrets" },
    { name = "--replay", value = "FILE", help = "answer calls from FILE; needs neither network nor credentials" },
    { name = "--replay-match", value = "HOW", choices = { "strict", "loose" },
      help = "calls must be as recorded (strict, the default), or alike in method and path (loose)" },
    { name = "--attempts", value = "N", help = "attempts of one call at most, 1 to 100 (default: 5)" },
    { name = "--timeout", value = "SECONDS", help = "time for one attempt (default: 60)" },
    { name = "--deadline", value = "SECONDS", help = "time for the whole run (default: no limit)" },
  },
  notes = [[
RECIPE without a slash or an ending is a recipe of the library ('sluice
recipes' lists them) if there is one of that name, else a file.
These options may stand before or after RECIPE. All else after RECIPE, and all
after --, is the recipe's own; 'sluice run RECIPE --help' lists its options.
What is still missing is asked for at a terminal. Options come before --params,
that before variables, and those before defaults.
A script that returns no recipe gets its arguments in 'arg' and '...'.
Exit codes: 0 done, 1 the script failed, 2 usage, 3 configuration or
credentials, 4 the service refused, 5 network or service failed, 6 internal,
130 interrupted. With many rows: that of the first row that failed.
]],
  example = "sluice run scripts/activate_adobe_campaign.lua --emulate",
}

local OURS = { ["-h"] = "flag", ["--help"] = "flag" }
for _, option in ipairs(M.options) do OURS[option.name] = option.value and "value" or "flag" end -- optional: a flag

--- Loaded when the command line needs it, which a plain script does not.
local function command()
  return require "sluice.cli.command"
end

---@class sluice.cli.Call
---@field program string as it was called
---@field script? string the name of what to run
---@field source? sluice.source where it comes from
---@field is_restricted? boolean
---@field itself? boolean the program is the recipe
---@field trusted? sluice.restrict.trusted of a restricted run
---@field arg? table the words as the script sees them
---@field first? integer where the script stands among the words
---@field own string[] words that are options of `run`
---@field rest string[] words for the script
---@field help_for_script boolean

--- Takes one word, or two with an option's value; gives the index of the next.
local function take(call, words, i)
  local word = words[i]
  local name = word:match "^(%-%-[^=]+)=" or word
  local kind = OURS[name]
  if kind and call.script and (name == "-h" or name == "--help") then
    call.help_for_script = true
  elseif kind then
    table.insert(call.own, word)
    if kind == "value" and name == word then
      table.insert(call.own, words[i + 1])
      return i + 2
    end
  elseif call.script then
    table.insert(call.rest, word)
  elseif word:find "^%-." then
    table.insert(call.own, word) -- unknown: the parser says so
  else
    call.script, call.first = word, i
  end
  return i + 1
end

--- Tells our options from the script and its arguments.
---@param words string[]
---@param program string
---@return sluice.cli.Call
---@param source? sluice.source what to run, where no word says it
local function split(words, program, source)
  local call = { program = program, own = {}, rest = {}, help_for_script = false, source = source,
    script = source and source.path, first = source and 0, itself = source ~= nil }
  local i = 1
  while i <= #words and words[i] ~= "--" do i = take(call, words, i) end
  if words[i] == "--" then i = i + 1 end
  if i <= #words and not call.script then call.script, call.first, i = words[i], i, i + 1 end
  table.move(words, i, #words, #call.rest + 1, call.rest)
  return call
end

--- The global `arg` as lua5.4 makes it: the script at 0, what stood before it below.
local function make_arg(call, args, word_count)
  local made = table.move(call.rest, 1, #call.rest, 1, {})
  local at = #args - word_count + call.first -- where the script stands in the command line
  for i = 0, at do made[i - at] = args[i] end
  return made
end

local function is_recipe(value)
  return type(value) == "table" and require("sluice.recipe").is(value)
end

local OF_RUN = [[

Further options are those of 'sluice run': --profile NAME, --config FILE and
--sandbox NAME say where to work, and as whom; --emulate tries it without
credentials, --dry-run sends reads only; --params FILE has values, or rows of
them; --json, --trace and --summary tell more; --yes asks nothing.
]]

local function recipe_help(recipe, call)
  local shell = require("sluice.cli.text").shell
  local name = call.itself and shell(call.program) or "sluice run " .. shell(call.script)
  local usage = require("sluice.terminal.clean").text(require("sluice.recipe").usage(recipe))
  return ("Usage: %s [options]\n\n%s%s\nExample:\n  %s --emulate\n"):format(name, usage, OF_RUN, name)
end

--- Our options may stand behind the recipe, so a misspelt one lands among the recipe's: it is caught here, and so is
--- a parameter that could never be given.
local function check_options(recipe, rest)
  local known, names = {}, {}
  for name in pairs(OURS) do names[#names + 1] = name end
  for _, param in ipairs(recipe.params) do
    local option = require("sluice.recipe.arguments").option(param)
    if OURS[option] then
      local message = "recipe %s: parameter %s cannot be given, for %s is an option of sluice run; rename it"
      require("sluice.core").error.raise("recipe", message:format(recipe.name, param.name, option))
    end
    known[option], names[#names + 1] = true, option
  end
  table.sort(names)
  for _, word in ipairs(rest) do
    local name = word:match "^%-%-[%w-]+"
    local nearest = name and not known[name] and require("sluice.suggest").nearest(name, names)
    if OURS[nearest] then
      command().usage_error(M, ("unknown option '%s'; did you mean '%s'?"):format(name, nearest))
    end
  end
end

local function read_options(call)
  if #call.own == 0 and call.script then return {} end
  local options = command().parse(M, call.own)
  if not call.script and not options.help then
    command().usage_error(M, "RECIPE is missing; expected the name of a Lua file")
  end
  return options
end

local FOR_RECIPES = { "params", "concurrency", "outcome", "yes" }

--- Options that a plain script would not heed.
local function refuse_options(options, call)
  for _, name in ipairs(FOR_RECIPES) do
    if options[name] then
      command().usage_error(M, ("--%s is for recipes, and %s returned none"):format(name, call.script))
    end
  end
end

--- Runs the script; if it turns out to be a recipe, the recipe, too.
local function perform(call, chunk, options, session)
  local value = chunk(table.unpack(call.arg))
  if not is_recipe(value) then
    if session then session:pass_time() end
    if next(options) then refuse_options(options, call) end
    return 0
  end
  if call.trusted then value = call.trusted.recipe(value) end
  if call.help_for_script then
    io.write(recipe_help(value, call))
    return 0
  end
  check_options(value, call.rest)
  session = session or require("sluice.cli.session").open(options)
  return session:run(value, call)
end

--- Loads the script: a stranger's with globals of its own, and held to its permissions from here on.
local function load_script(call, options)
  local restriction = call.is_restricted and require "sluice.cli.restriction"
  if restriction then
    local chunk, env = restriction.load(call, options)
    env.arg = call.arg
    return chunk
  end
  local chunk = call.source:chunk()
  call.source:install()
  _G.arg = call.arg
  return chunk
end

--- Reads the command line and runs what it names.
local function run(call, word_count, args)
  local options = read_options(call)
  if options.help then
    io.write(command().help(M))
    return 0
  end
  call.source = call.source or require("sluice.cli.chunk").open(call.script)
  if call.help_for_script and call.source.manifest then
    io.write(recipe_help(call.source.manifest, call)) -- nothing of it has to run for that
    return 0
  end
  call.is_restricted = call.source.kind == "bundle" or options.restrict
  if call.is_restricted then require("sluice.cli.restriction").ask(call, options) end
  local session
  if next(options) or call.is_restricted then session = require("sluice.cli.session").open(options) end
  call.arg = make_arg(call, args, word_count)
  if call.help_for_script then table.insert(call.arg, "--help") end
  local chunk = load_script(call, options)
  local function work() return perform(call, chunk, options, session) end
  return session and session:during(work) or work()
end

--- Runs a script.
---@param words string[] what follows the command
---@param args string[] the whole command line
---@return integer|nil exit_code
function M.run(words, args)
  return run(split(words, args[0]), #words, args)
end

--- Runs what is known already, as the program itself: all words are options of `run` or the recipe's own.
---@param source sluice.source
---@param words string[] the command line
---@param args string[] the same with the program's name at 0
---@return integer|nil exit_code
function M.run_source(source, words, args)
  M.help_page = require("sluice.cli.text").shell(args[0]) .. " --help"
  return run(split(words, args[0], source), #words, args)
end

return M
