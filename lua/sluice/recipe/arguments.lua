--- From words on the command line to values: which word is which parameter's.

local secret = require "sluice.secret"
local suggest = require "sluice.suggest"
local types = require "sluice.recipe.types"

local M = {}

--- The option of a parameter: bucket_name → --bucket-name.
---@param param sluice.recipe.param
---@return string
function M.option(param)
  return "--" .. param.name:gsub("_", "-")
end

--- The option as usage texts show it: `--bucket-name TEXT`.
---@param param sluice.recipe.param
---@return string
function M.synopsis(param)
  local placeholder = types.placeholder(param)
  return M.option(param) .. (placeholder ~= "" and " " .. placeholder or "")
end

--- A secret that stands where others can see it.
---@param param sluice.recipe.param
---@param text any
---@return boolean
function M.is_bare_secret(param, text)
  return param.type == "secret" and not (type(text) == "string" and secret.is_reference(text))
end

local function options_of(recipe)
  local by_option, names = {}, {}
  for _, param in ipairs(recipe.params) do
    local option = M.option(param)
    by_option[option] = param
    if param.type ~= "secret" then names[#names + 1] = option end
  end
  return by_option, names
end

local BARE = "a secret is never an argument, where other users could see it; set %s, or give a reference: env:NAME, "
  .. "file:PATH or cmd:PROGRAM"

local function refuse_secret(reading, param, option)
  reading:complain(option, BARE:format(param.env))
  reading.settled[param.name] = true -- not missing as well
end

local function refuse_word(reading, option, names)
  local is_option = option:find("^%-.")
  local hint = is_option and #names > 0 and "; " .. suggest.expected(option, names) or ""
  reading:complain(nil, (is_option and "unknown option " or "unexpected argument ") .. suggest.quote(option) .. hint)
end

--- Reads one word, or two; gives the index of the next.
local function read_word(reading, args, i, by_option, names)
  local word = args[i]
  local option, value = word:match("^(%-%-[^=]+)=(.*)$")
  option = option or word
  local param = by_option[option]
  if not param then
    refuse_word(reading, option, names)
    local has_value = option:find("^%-%-") and not value and args[i + 1] and not args[i + 1]:find("^%-")
    return has_value and i + 2 or i + 1
  elseif param.type == "secret" and M.is_bare_secret(param, value or args[i + 1] or "") then
    refuse_secret(reading, param, option)
    return value and i + 1 or i + 2
  elseif value then
    reading:take(param, value, option)
  elseif param.type == "boolean" then
    reading:take(param, "true", option)
  elseif args[i + 1] == nil or by_option[args[i + 1]] then
    reading:complain(option, "needs a value")
    reading.settled[param.name] = true
  else
    reading:take(param, args[i + 1], option)
    return i + 2
  end
  return i + 1
end

--- Reads all words.
---@param reading sluice.recipe.reading receives what they say
---@param args string[]
function M.read(reading, args)
  local by_option, names = options_of(reading.recipe)
  local i = 1
  while i <= #args do i = read_word(reading, args, i, by_option, names) end
end

return M
