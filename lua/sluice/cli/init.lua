--- The command line: finds the command and runs it. One file a command, loaded when it is called.

local M = {}

--- The commands, in the order in which help lists them.
M.COMMANDS = { "run", "recipes", "repl", "preview", "list", "show", "tree", "runs", "watch", "health",
  "enable", "disable", "delete", "export-now", "catalog", "new", "check", "test", "doctor", "bundle", "verify",
  "completion", "config", "auth", "emulate", "version", "help" }

local SPELLINGS = { ["-h"] = "help", ["--help"] = "help", ["-V"] = "version", ["--version"] = "version" }
for _, name in ipairs(M.COMMANDS) do SPELLINGS[name] = name end

local function is_file(word)
  local file = io.open(word, "rb")
  return file ~= nil and file:close()
end

--- `sluice FILE args…` and `sluice --emulate FILE args…` are short for run.
local function means_run(word)
  return word:find("^%-") or word:find("/", 1, true) or word:find("%.lua$") or is_file(word)
end

local function unknown(word)
  local nearest = require("sluice.suggest").nearest(word, M.COMMANDS)
  local message = ("'%s' is neither a command nor a file"):format(word)
  if require("sluice.recipe.library").text(word) then
    nearest, message = nil, ("%s; 'sluice run %s' runs the recipe of that name"):format(message, word)
  end
  if nearest then message = ("%s; did you mean '%s'?"):format(message, nearest) end
  require("sluice.core").error.raise("usage", message, { hint = "'sluice help' lists the commands" })
end

--- `sluice` alone: the prompt at a terminal, else a script from standard input, as lua does.
local function alone(args)
  if require("sluice.host").isatty "stdin" then return require("sluice.cli.repl").run {} end
  return require("sluice.cli.run").run({ "-" }, args)
end

--- How a protected profile's sandbox is asked for, in whatever command.
local function ask_production(settings) return require("sluice.cli.production").ask(settings) end

--- Runs the program.
---@param args string[] the command line, args[0] is the program; errors are raised, the host prints them
---@return integer exit_code
function M.main(args)
  require("sluice.defaults").ask_production = ask_production
  local word = args[1]
  if word == nil then return alone(args) or 0 end
  local name, first = SPELLINGS[word], 2
  if not name then
    if not means_run(word) then unknown(word) end
    name, first = "run", 1
  end
  return require("sluice.cli." .. name).run(table.move(args, first, #args, 1, {}), args) or 0
end

--- Runs the recipe of the bundle behind the program: all words are its own, or options of `run`.
---@param args string[] the command line
---@return integer exit_code
function M.own(args)
  local source = require("sluice.source").own(args[0])
  return require("sluice.cli.run").run_source(source, table.move(args, 1, #args, 1, {}), args) or 0
end

return M
