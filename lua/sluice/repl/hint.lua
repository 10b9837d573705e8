--- Asks "did you mean …?" for names that are not there; the answer is found without running anything.

local lexer = require "sluice.repl.lexer"
local names = require "sluice.repl.names"
local suggest = require "sluice.suggest"

local M = {}

local function sorted_names(value)
  local list = {}
  for name in pairs(names.members(value)) do list[#list + 1] = name end
  table.sort(list)
  return list
end

--- The name that was meant: the shortest that begins so, else the one most like it.
local function nearest_name(word, list)
  local shortest
  for _, name in ipairs(list) do
    if name:sub(1, #word) == word and (not shortest or #name < #shortest) then shortest = name end
  end
  return #word > 2 and shortest or suggest.nearest(word, list)
end

--- What is near a name that is missing at the end of a chain; nil for one that is there, or has no neighbour.
local function near(steps, scope)
  for last = 1, #steps do
    local part = table.move(steps, 1, last, 1, {})
    local value, holder = names.value(part, scope)
    if value == nil then
      local nearest = nearest_name(steps[last].name, sorted_names(holder))
      return nearest and ("did you mean '%s'?"):format(nearest) or nil
    end
  end
end

--- For an expression that gave nil: `aep.flow`.
---@param text string
---@param scope table
---@return string|nil
function M.of_nothing(text, scope)
  local steps = names.path(text)
  return steps and near(steps, scope)
end

--- Chains that end with a name.
local function chains_to(text, name)
  local tokens, found = lexer.tokens(text), {}
  for i, token in ipairs(tokens) do
    if token.kind == "name" and token.text == name then found[#found + 1] = names.chain(tokens, i) end
  end
  return found
end

--- For what Lua says of a nil: "attempt to call a nil value (method 'lst')".
---@param message string
---@param text string what was run
---@param scope table
---@return string|nil
function M.of_message(message, text, scope)
  local name = message:match "a nil value %(%l+ '([^']+)'%)"
  for _, steps in ipairs(name and chains_to(text, name) or {}) do
    local found = near(steps, scope)
    if found then return found end
  end
end

return M
