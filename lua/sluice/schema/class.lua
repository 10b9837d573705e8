--- Sets of characters in regular expressions: single ones, escapes such as `\d`, and brackets such as `[^a-z]`.
--- A set is a list of ranges of code points, { from, to, from, to, …, negated = true|nil }.

local M = {}

--- Anything but an end of line.
M.ANY = { 10, 10, 13, 13, 0x2028, 0x2029, negated = true }
M.WORD = { 48, 57, 65, 90, 95, 95, 97, 122 }

local DIGIT = { 48, 57 }
local SPACE = { 9, 13, 32, 32, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F,
  0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF }

local LAST = 0x10FFFF

local function negation(set)
  local result, from = {}, 0
  for i = 1, #set, 2 do
    if set[i] > from then table.move({ from, set[i] - 1 }, 1, 2, #result + 1, result) end
    from = set[i + 1] + 1
  end
  if from <= LAST then table.move({ from, LAST }, 1, 2, #result + 1, result) end
  return result
end

local SHORTHAND = { d = DIGIT, w = M.WORD, s = SPACE,
  D = negation(DIGIT), W = negation(M.WORD), S = negation(SPACE) }
local CONTROL = { t = 9, n = 10, v = 11, f = 12, r = 13, ["0"] = 0 }
local HEX = { x = 2, u = 4 }

--- The set of one character.
---@param character string
---@return table set
function M.single(character)
  local code = utf8.codepoint(character)
  return { code, code }
end

--- Is a code point in a set?
---@param set table
---@param code integer
---@return boolean
function M.has(set, code)
  for i = 1, #set, 2 do
    if code >= set[i] and code <= set[i + 1] then return not set.negated end
  end
  return set.negated or false
end

local function hexadecimal(parser, length, refuse)
  local digits = {}
  for i = 1, length do digits[i] = parser:next() end
  local code = tonumber(table.concat(digits), 16)
  if #digits < length or not code then refuse "a code point without its digits" end
  return { code, code }
end

--- What follows a backslash.
---@param parser table at the character behind the backslash
---@param refuse fun(reason: string)
---@return table set
function M.escape(parser, refuse)
  local character = parser:next()
  if not character then refuse "a backslash at the end" end
  if SHORTHAND[character] then return SHORTHAND[character] end
  if HEX[character] then return hexadecimal(parser, HEX[character], refuse) end
  if CONTROL[character] then return { CONTROL[character], CONTROL[character] } end
  if character:find "^[%dk]$" then refuse "a reference to what a group matched" end
  if character:find "^[pPc]$" then refuse "a set that is not understood here" end
  return M.single(character)
end

local function member(parser, refuse)
  local character = parser:next()
  if not character then refuse "a bracket that is not closed" end
  if character ~= "\\" then return M.single(character) end
  if parser:take "b" then return { 8, 8 } end
  return M.escape(parser, refuse)
end

--- What follows an opening bracket.
---@param parser table
---@param refuse fun(reason: string)
---@return table set
function M.bracket(parser, refuse)
  local set = { negated = parser:take "^" or nil }
  while not parser:take "]" do
    local low = member(parser, refuse)
    if parser:peek() == "-" and parser.text[parser.at + 1] ~= "]" and #low == 2 and low[1] == low[2] then
      parser:next()
      local high = member(parser, refuse)
      if #high ~= 2 or high[1] ~= high[2] then
        low = table.move(high, 1, #high, 5, { low[1], low[1], 45, 45 }) -- `[a-\d]`: a, hyphen, digits
      elseif high[1] < low[1] then
        refuse "a range from later to earlier"
      else
        low = { low[1], high[1] }
      end
    end
    table.move(low, 1, #low, #set + 1, set)
  end
  return set
end

return M
