--- Lua text taken apart into its words, also when it is unfinished or wrong. It decides nothing: what a text means is
--- for Lua to say.

local M = {}

---@class sluice.repl.Token
---@field kind "name"|"keyword"|"number"|"string"|"comment"|"symbol"
---@field text string as it stands there
---@field first integer byte
---@field last integer byte
---@field open true|nil a string or comment that has no end

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
  until while]]):gmatch "%S+" do KEYWORDS[word] = true end

--- Those that a dot or two may continue come first.
local SYMBOLS = { "...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", ".." }

--- The end of `[[…]]` or `[=[…]=]` that begins at `at`; nil when none begins there, false when it has no end.
local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if not level then return nil end
  local _, last = text:find("]" .. level .. "]", at, true)
  return last or false
end

--- The end of a string in quotes; false when its line ends first.
local function quoted(text, at)
  local quote, i = text:sub(at, at), at + 1
  while i <= #text do
    local byte = text:sub(i, i)
    if byte == quote then return i end
    if byte == "\n" then return false end
    if byte == "\\" and text:find("^z%s", i + 1) then
      i = select(2, text:find("^%s*", i + 2)) + 1
    else
      i = byte == "\\" and i + 2 or i + 1
    end
  end
  return false
end

local function comment(text, at)
  local last = long_bracket(text, at + 2)
  if last == nil then return (text:find("\n", at, true) or #text + 1) - 1 end
  return last
end

local function number(text, at)
  local last = select(2, text:find("^0[xX][%x.]*", at))
  local exponent = last and "^[pP][+-]?%d+" or "^[eE][+-]?%d+"
  last = last or select(2, text:find("^%d*%.?%d*", at))
  return select(2, text:find(exponent, last + 1)) or last
end

--- Kind and last byte of what begins at `at`; false for one without an end.
local function word_at(text, at)
  local _, last = text:find("^[%a_][%w_]*", at)
  if last then return KEYWORDS[text:sub(at, last)] and "keyword" or "name", last end
  if text:find("^%.?%d", at) then return "number", number(text, at) end
  if text:find("^%-%-", at) then return "comment", comment(text, at) end
  if text:find("^[\"']", at) then return "string", quoted(text, at) end
  local long = long_bracket(text, at)
  if long ~= nil then return "string", long end
  for _, symbol in ipairs(SYMBOLS) do
    if text:sub(at, at + #symbol - 1) == symbol then return "symbol", at + #symbol - 1 end
  end
  return "symbol", at
end

--- The end of something unfinished: a string in quotes ends with its line.
local function open_end(text, at)
  local line_end = text:find("^[\"']", at) and text:find("\n", at, true)
  return line_end and line_end - 1 or #text
end

--- All words of a text.
---@param text string
---@return sluice.repl.Token[]
function M.tokens(text)
  local tokens, at = {}, 1
  while true do
    at = text:find("%S", at)
    if not at then return tokens end
    local kind, last = word_at(text, at)
    local open = last == false or nil
    last = last or open_end(text, at)
    tokens[#tokens + 1] = { kind = kind, text = text:sub(at, last), first = at, last = last, open = open }
    at = last + 1
  end
end

--- The value of a string as it is written; nil when it has no end or is wrong.
---@param token sluice.repl.Token
---@return string|nil
function M.string(token)
  if token.kind ~= "string" or token.open then return nil end
  local chunk = load("return " .. token.text, "=string", "t", {})
  return chunk and chunk()
end

return M
