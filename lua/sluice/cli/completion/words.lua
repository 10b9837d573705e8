--- What may stand next on the command line: commands, options and their values, recipes of the library and their
--- options. Reads profiles and the program itself, asks no network, and never runs a user's file.

local cli = require "sluice.cli"

local M = {}

---@class sluice.cli.Candidate
---@field [1] string the word
---@field [2] string|nil what it means, in a few words

-- ── where words come from ──────────────────────────────────────────────────────────────────────────────────

local function plain(names)
  local list = {}
  for i, name in ipairs(names) do list[i] = { name } end
  return list
end

local function command_named(name)
  for _, known in ipairs(cli.COMMANDS) do
    if known == name then return require("sluice.cli." .. name) end
  end
end

local function commands()
  local list = {}
  for i, name in ipairs(cli.COMMANDS) do
    list[i] = { name, command_named(name).summary }
  end
  return list
end

local function recipes()
  local library, list = require "sluice.recipe.library", {}
  for i, name in ipairs(library.names()) do list[i] = { name, library.load(name).summary } end
  return list
end

local function catalog()
  local list = {}
  local known = require "sluice.catalog"
  for i, key in ipairs(known.keys) do list[i] = { key, known.systems[key].title } end
  return list
end

local function kinds()
  local list = {}
  for i, kind in ipairs(require("sluice.cli.list.kinds").list) do list[i] = { kind.name, kind.help } end
  return list
end

local function profile_names() return require("sluice.config.profile").names(require("sluice.host").files) end

local function profiles() return plain(profile_names()) end

--- Those that profiles and the environment name, and the usual one.
local function sandboxes()
  local seen, list = {}, {}
  local function add(name)
    if name and name ~= "" and not seen[name] then list[#list + 1] = { name } end
    seen[name or ""] = true
  end
  add(os.getenv "AEP_SANDBOX")
  for _, name in ipairs(profile_names()) do
    local ok, profile = pcall(require("sluice.config.profile").load, name)
    add(ok and profile and profile.identity.sandbox)
  end
  add(require("sluice.config").USUAL.sandbox)
  return list
end

local function operations()
  local list = {}
  for i, name in ipairs(require("sluice.emulator.routes").operations) do list[i] = { name .. ":" } end
  return list, "open"
end

local function files() return {}, "files" end
local function folders() return {}, "folders" end
local function nothing() return {} end

local function words(...)
  local list = plain { ... }
  return function() return list end
end

local KEYS = { protected = words("protected=true", "protected=false") }

--- What an action of `sluice config` is about.
local function config_word(place)
  local action = place.arguments[1]
  if action == "import" then return files() end
  if #place.arguments == 1 then return profiles() end
  if action ~= "set" then return {} end
  local list = {}
  for _, key in ipairs(require("sluice.config.profile").KEYS) do
    if KEYS[key.name] then
      for _, word in ipairs(KEYS[key.name]()) do list[#list + 1] = word end
    else
      list[#list + 1] = { key.name .. "=" }
    end
  end
  return list, "open"
end

local function recipe_word(place)
  local action = place.arguments[1]
  if #place.arguments == 1 then return recipes() end
  return action == "eject" and folders() or {}
end

--- Recipes are in the library or in files.
local function recipes_and_files() return recipes(), "files" end

--- The arguments of commands, in their order; the last one stands for all that follow.
local ARGUMENTS = {
  run = { recipes_and_files }, preview = { recipes_and_files }, check = { files }, test = { files },
  bundle = { recipes_and_files }, verify = { files }, catalog = { catalog, nothing }, help = { commands, nothing },
  list = { kinds, nothing }, auth = { words("status", "login", "logout"), nothing },
  recipes = { words("show", "eject"), recipe_word },
  config = { words("list", "show", "set", "import", "remove"), config_word },
  completion = { words("bash", "zsh", "fish"), nothing },
}

local BY_OPTION = { ["--profile"] = profiles, ["--sandbox"] = sandboxes, ["--yes-production"] = sandboxes,
  ["--fault"] = operations }
local BY_VALUE = { FILE = files, PATH = files, KEY = files, PUB = files, DIR = folders }

-- ── options ────────────────────────────────────────────────────────────────────────────────────────────────

--- The first words of an explanation.
local function brief(text)
  text = text:gsub("\n", " ")
  return #text <= 60 and text or text:sub(1, 57):gsub("[\x80-\xBF]*$", ""):gsub("[\xC0-\xFF]$", "") .. "..."
end

local function value_of(option)
  if option.choices then return plain(option.choices) end
  local source = BY_OPTION[option.name] or BY_VALUE[option.value]
  if source then return source() end
  return {}
end

--- The parameters of a recipe as options. A secret is nothing for the command line but as a reference.
local function options_of_recipe(recipe)
  local option_of, list = require("sluice.recipe.arguments").option, {}
  for i, param in ipairs(recipe.params) do
    list[i] = { name = option_of(param), help = param.help or "", choices = param.values,
      value = param.type ~= "boolean" and (param.type == "file" and "FILE" or "TEXT") or nil }
  end
  return list
end

--- The recipe of the library that was named; a user's file is never loaded.
local function recipe_of(name)
  local library = require "sluice.recipe.library"
  local ok, recipe = pcall(function() return library.load(name) end)
  return ok and recipe or nil
end

local RUNS = { run = true, preview = true }

--- Options in the order of help, by their names.
---@param place table
local function options_of(place)
  local list, by_name = {}, {}
  local function add(options)
    for _, option in ipairs(options) do
      if not by_name[option.name] then list[#list + 1] = option end
      by_name[option.name] = by_name[option.name] or option
    end
  end
  local script = RUNS[place.command.name] and place.arguments[1]
  local recipe = script and recipe_of(script)
  if recipe then add(options_of_recipe(recipe)) end
  add(place.command.options)
  add { { name = "--help", help = "show the help page" } }
  return list, by_name
end

local function option_words(place)
  local list = {}
  for _, option in ipairs(place.options) do
    if option.many or not place.given[option.name] then list[#list + 1] = { option.name, brief(option.help) } end
  end
  return list
end

-- ── the place ──────────────────────────────────────────────────────────────────────────────────────────────

--- What stands before the current word: arguments, options that were given, and one that waits for its value.
local function read(command, before)
  local place = { command = command, arguments = {}, given = {} }
  place.options, place.by_name = options_of(place)
  local only_arguments = false
  for _, word in ipairs(before) do
    local name = not only_arguments and word:match "^(%-%-[^=]+)"
    local option = name and place.by_name[name]
    if place.waiting then
      place.waiting = nil
    elseif word == "--" then
      only_arguments = true
    elseif name then
      place.given[name] = true
      place.waiting = option and option.value and name == word and option or nil
    elseif not word:find "^%-." or only_arguments then
      place.arguments[#place.arguments + 1] = word
      if #place.arguments == 1 then place.options, place.by_name = options_of(place) end
    end
  end
  place.only_arguments = only_arguments
  return place
end

local function argument(place)
  local sources = ARGUMENTS[place.command.name]
  if not sources then return {} end
  if RUNS[place.command.name] and #place.arguments > 0 then return {}, "files" end
  return (sources[#place.arguments + 1] or sources[#sources])(place)
end

--- `--name=…`: the values, each with the name in front.
local function joined_value(place, current)
  local name = current:match "^(%-%-[^=]+)="
  local option = name and place.by_name[name]
  if not option then return nil end
  local list, kind = {}, nil
  if option.optional then
    list = { { option.optional } }
  elseif option.value then
    list, kind = value_of(option)
  end
  local joined = {}
  for i, candidate in ipairs(list) do joined[i] = { name .. "=" .. candidate[1], candidate[2] } end
  return joined, kind
end

local function candidates(place, current)
  if place.waiting then return value_of(place.waiting) end
  if not place.only_arguments then
    local joined, kind = joined_value(place, current)
    if joined then return joined, kind end
    if current:find "^%-" then return option_words(place) end
  end
  return argument(place)
end

--- The first word: a command, or a file that is to be run.
local function first(current)
  if current:find "^%-" then
    local place = read(command_named "run", {})
    local joined, kind = joined_value(place, current)
    if joined then return joined, kind end
    local list = option_words(place)
    table.insert(list, { "--version", "show the version" })
    return list
  end
  return commands(), "files"
end

--- What may stand in the place of the last word.
---@param line string[] the words behind the program's name; the last is the one that is being typed
---@return sluice.cli.Candidate[] candidates that begin like it
---@return "files"|"folders"|"open"|nil kind names of files or folders fit as well; open: no blank follows the word
function M.complete(line)
  local current, list, kind = line[#line] or ""
  if #line <= 1 then
    list, kind = first(current)
  else
    local command = command_named(line[1])
    local before = table.move(line, command and 2 or 1, #line - 1, 1, {})
    list, kind = candidates(read(command or command_named "run", before), current)
  end
  local fitting = {}
  for _, candidate in ipairs(list) do
    if candidate[1]:sub(1, #current) == current then fitting[#fitting + 1] = candidate end
  end
  return fitting, kind
end

return M
