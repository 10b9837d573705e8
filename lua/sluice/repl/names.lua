--- What stands under a name, and which names there are, told without running anything: tables are read raw, and of
--- metatables only what they declare: `__index` where it is a table, the table `methods` of our own classes.

local lexer = require "sluice.repl.lexer"

local M = {}

local DEPTH = 8 -- of classes that inherit

--- The tables in which a value's names are looked for, itself first.
local function tables_of(value)
  local found = { type(value) == "table" and value or nil }
  for _ = 1, DEPTH do
    local metatable = debug.getmetatable(value)
    local index = metatable and rawget(metatable, "__index")
    local methods = metatable and rawget(metatable, "methods")
    if type(methods) == "table" then found[#found + 1] = methods end
    if type(index) ~= "table" then break end
    found[#found + 1] = index
    value = index
  end
  return found
end

--- The value under a key; nil when none is declared.
---@param value any
---@param key any
---@return any
function M.get(value, key)
  for _, holder in ipairs(tables_of(value)) do
    local found = rawget(holder, key)
    if found ~= nil then return found end
  end
end

--- All names under a value.
---@param value any
---@return table<string, any> values by name
function M.members(value)
  local found = {}
  for _, holder in ipairs(tables_of(value)) do
    for key, member in next, holder do
      if type(key) == "string" and key:find "^[%a_][%w_]*$" and found[key] == nil then found[key] = member end
    end
  end
  return found
end

--- The name that a class has: "sluice.flows"; nil for values of none.
---@param value any
---@return string|nil
function M.class(value)
  local metatable = debug.getmetatable(value)
  local name = metatable and rawget(metatable, "__name")
  return type(name) == "string" and name or nil
end

---@class sluice.repl.Step
---@field separator "."|":"|nil nil for the first
---@field name string

--- The chain `a.b:c` that ends with token `last`; what stands before it is given as well.
---@param tokens sluice.repl.Token[]
---@param last integer
---@return sluice.repl.Step[]|nil steps nil when a call or an index stands in it
---@return integer before index of the token before the chain
function M.chain(tokens, last)
  local steps, i = {}, last
  while tokens[i] and tokens[i].kind == "name" do
    local separator = tokens[i - 1] and tokens[i - 1].text
    local joined = separator == "." or separator == ":"
    table.insert(steps, 1, { separator = joined and separator or nil, name = tokens[i].text })
    if not joined then return steps, i - 1 end
    i = i - 2
  end
  return nil, i
end

--- The value at the end of a chain.
---@param steps sluice.repl.Step[]
---@param scope table
---@return any value
---@return any holder of the last name
function M.value(steps, scope)
  local value, holder = scope, nil
  for _, step in ipairs(steps) do
    holder, value = value, M.get(value, step.name)
    if value == nil then return nil, holder end
  end
  return value, holder
end

--- The steps of a text that is nothing but a chain: "aep.flows:list".
---@param text string
---@return sluice.repl.Step[]|nil
function M.path(text)
  local tokens = lexer.tokens(text)
  local steps, before = M.chain(tokens, #tokens)
  return steps and before == 0 and #steps > 0 and steps or nil
end

return M
