--- A command's table turned into its parser and its help page.
---
---     { name, summary, usage, arguments, options, example, notes, run = function(words, args) → exit code }
---
--- An option is { name = "--profile", value = "NAME", help = "…", choices = {…} }; without `value` it is a flag.
--- An argument is { name = "FLOW", help = "…", many = true, optional = true }.

local core = require "sluice.core"

local M = {}

local WIDTH = 79 -- columns of a help page

---@class sluice.cli.Option
---@field name string "--port-file"; its value is found under `port_file`
---@field short? string a second spelling, "-o"
---@field value? string what the value is called in help; nil: a flag
---@field optional? string a flag that may have this value: --name or --name=VALUE
---@field choices? string[]
---@field many? boolean may be given again and again; its values are a list
---@field signed? boolean its value may begin with a minus sign
---@field help string

---@class sluice.cli.Argument
---@field name string "FLOW"; its value is found under `FLOW`
---@field many? boolean one or more; its values are a list
---@field optional? boolean may be left out; its value is then nil
---@field help string

---@class sluice.cli.Command
---@field name string
---@field summary string one line for the list of commands
---@field usage? string what follows the name
---@field argument? { name: string, help: string } the only argument, which may be left out
---@field arguments? sluice.cli.Argument[] in their order
---@field options sluice.cli.Option[]
---@field example string
---@field notes? string further text of the help page
---@field help_page? string what shows the page (default: sluice help NAME)
---@field run fun(words: string[], args: string[]): integer|nil

local function add_option(parser, option)
  local names = option.short and option.short .. " " .. option.name or option.name
  local made = option.value and parser:option(names):argname(option.value)
    or option.optional and parser:option(names):args("?"):argname("=" .. option.optional)
    or parser:flag(names)
  made:description(option.help)
  if option.optional then made:choices { option.optional } end
  if option.many then made:count "*" end
  if option.choices then made:choices(option.choices):argname(table.concat(option.choices, "|")) end
end

--- How many words an argument takes, as argparse writes it.
local function count_of(argument)
  if argument.many then return argument.optional and "*" or "+" end
  return argument.optional and "?" or 1
end

--- The arguments of a command, whichever way it tells them.
local function arguments_of(command)
  local one = command.argument
  return command.arguments or { one and { name = one.name, help = one.help, optional = true } }
end

local function parser_of(command)
  local parser = require "argparse"("sluice " .. command.name):add_help(false)
  parser:usage(table.concat({ "Usage: sluice", command.name, command.usage }, " "))
  parser:help_max_width(WIDTH):help_description_margin(24):help_usage_margin(2):description(command.summary)
  for _, argument in ipairs(arguments_of(command)) do
    parser:argument(argument.name):description(argument.help):args(count_of(argument))
  end
  for _, option in ipairs(command.options) do add_option(parser, option) end
  parser:flag("-h --help"):description "show this page"
  return parser
end

--- Raises kind "usage" in the form all commands share.
---@param command sluice.cli.Command
---@param message string
function M.usage_error(command, message)
  local page = command.help_page or "sluice help " .. command.name
  core.error.raise("usage", message, { hint = ("'%s' says more"):format(page) })
end

local function key_of(option) return (option.name:sub(3):gsub("-", "_")) end

--- What may be given again and again and was not given at all is absent, like anything else.
local function without_empty(values, command)
  for _, list in ipairs { command.options, arguments_of(command) } do
    for _, entry in ipairs(list) do
      local key = entry.name:find "^%-%-" and key_of(entry) or entry.name
      if entry.many and #values[key] == 0 then values[key] = nil end
    end
  end
  return values
end

--- Joins the values that may begin with a minus sign to their options, so that they are not taken for some.
local function with_signs(command, words)
  local signed, joined, i = {}, {}, 1
  for _, option in ipairs(command.options) do signed[option.name] = option.signed end
  while i <= #words do
    local word, value = words[i], words[i + 1]
    if signed[word] and value and value:find "^%-[^-]" then word, i = word .. "=" .. value, i + 1 end
    joined[#joined + 1], i = word, i + 1
  end
  return joined
end

--- Can the command be called with options alone?
local function needs_arguments(command)
  for _, argument in ipairs(arguments_of(command)) do
    if not argument.optional then return true end
  end
  return false
end

--- What plain words say: options spelt in full, once, each with its value. All else is argparse's to judge and to put
--- into words; loading it takes longer than most commands take without it.
---@return table<string, string|boolean>|nil values
local function read_plainly(command, words)
  if needs_arguments(command) then return nil end
  local plain, values, i = {}, {}, 1
  for _, option in ipairs(command.options) do
    if not (option.optional or option.choices or option.many) then plain[option.name] = option end
  end
  while i <= #words do
    local option, value = plain[words[i]], true
    if option and option.value then value, i = words[i + 1], i + 1 end
    local key = option and key_of(option)
    if not key or values[key] or not value or value ~= true and value:find "^%-" then return nil end
    values[key], i = value, i + 1
  end
  return values
end

--- Who asks for the help page need not give the arguments.
local function asks_for_help(words)
  for _, word in ipairs(words) do
    if word == "--" then return false end
    if word == "-h" or word == "--help" then return true end
  end
end

--- Reads a command's own words.
---@param command sluice.cli.Command
---@param words string[]
---@return table<string, any> values by option and argument name
--- Raises kind "usage" for an unknown option, a missing or impossible value.
function M.parse(command, words)
  local plain = read_plainly(command, words)
  if plain then return plain end
  if needs_arguments(command) and asks_for_help(words) then return { help = true } end
  local ok, values = parser_of(command):pparse(with_signs(command, words))
  if ok then return without_empty(values, command) end
  return M.usage_error(command, (values:gsub("\nDid you mean ", "; did you mean "):gsub("one of these: ", "one of ")))
end

--- The help page, at most 80 columns wide.
---@param command sluice.cli.Command
---@return string
function M.help(command)
  local page = parser_of(command):get_help():gsub(" (%[=%w+%])", "%1 ") .. "\n" -- --trace[=full] is one word
  if command.notes then page = page .. "\n" .. command.notes end
  return page .. "\nExample:\n  " .. command.example:gsub("\n", "\n  ") .. "\n"
end

--- Reads a command's own words, and prints its help page where that is asked for.
---@param command sluice.cli.Command
---@param words string[]
---@return table<string, any>|nil values nil: the page is printed, and all is done; raises what `parse` raises
function M.read(command, words)
  local values = M.parse(command, words)
  if not values.help then return values end
  io.write(M.help(command))
end

return M
