--- What somebody typed, made ready to run: an expression whose values are shown, statements, or not yet complete.

local lexer = require "sluice.repl.lexer"

local M = {}

M.NAME = "prompt" -- the place in messages: "prompt:1: …"

local OPENERS = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true }
local CLOSERS = { ["end"] = true, ["until"] = true }

--- Edits of a text, made from its end on so that places stay right.
local function edited(text, edits)
  for i = #edits, 1, -1 do
    local edit = edits[i]
    text = text:sub(1, edit.first - 1) .. edit.with .. text:sub(edit.last + 1)
  end
  return text
end

local function blank(token, edits)
  edits[#edits + 1] = { first = token.first, last = token.last, with = (" "):rep(#token.text) }
end

--- `local a <const>, b = …` from its first name on; gives the index of the last word taken, or nil for what has to
--- stay local: a variable to be closed.
local function open_names(tokens, i, edits)
  local own, last = {}, nil
  while tokens[i] and tokens[i].kind == "name" do
    last = tokens[i]
    if tokens[i + 1] and tokens[i + 1].text == "<" then
      if not tokens[i + 3] or tokens[i + 2].text == "close" then return nil end
      for j = i + 1, i + 3 do blank(tokens[j], own) end
      i, last = i + 3, tokens[i + 3]
    end
    if not tokens[i + 1] or tokens[i + 1].text ~= "," then break end
    i = i + 2
  end
  if not last then return nil end
  table.move(own, 1, #own, #edits + 1, edits)
  if not tokens[i + 1] or tokens[i + 1].text ~= "=" then
    edits[#edits + 1] = { first = last.last + 1, last = last.last, with = " = nil" }
  end
  return i
end

local function without_comments(text)
  local tokens = {}
  for _, token in ipairs(lexer.tokens(text)) do
    if token.kind ~= "comment" then tokens[#tokens + 1] = token end
  end
  return tokens
end

--- The text with its outermost `local`s made global, so that what one line names the next one knows.
---@param text string
---@return string text with every line where it was
function M.keep_locals(text)
  local tokens, edits, depth, i = without_comments(text), {}, 0, 1
  while i <= #tokens do
    local word, following = tokens[i].text, tokens[i + 1]
    if OPENERS[word] then depth = depth + 1 end
    if CLOSERS[word] then depth = depth - 1 end
    if word == "local" and depth == 0 and following then
      local own = {}
      blank(tokens[i], own)
      local last = following.text == "function" and i or open_names(tokens, i + 1, own)
      if last then
        table.move(own, 1, #own, #edits + 1, edits)
        i = last
      end
    end
    i = i + 1
  end
  return edited(text, edits)
end

---@class sluice.repl.Chunk
---@field kind "empty"|"command"|"expression"|"statement"|"incomplete"|"wrong"
---@field text string without blanks and line ends around it
---@field run function|nil
---@field message string|nil what is wrong

--- Does it lack only its end? A string in quotes ends with its line, so another line does not help.
local function is_incomplete(message, text)
  if message:find("unfinished string near", 1, true) and not text:find "\\$" then return false end
  return message:find "<eof>%s*$" ~= nil
end

local STATEMENTS = { "break", "do", "for", "function", "goto", "if", "local", "repeat", "return", "while" }

--- What is wrong with a text, as Lua says it of an expression or of statements, whichever it was meant to be.
local function fault(text, of_expression, of_statement)
  local word = text:match "^%a+"
  for _, keyword in ipairs(STATEMENTS) do
    if word == keyword then return of_statement end
  end
  return of_expression:find("<eof>'? expected") and of_statement or of_expression
end

--- Reads a text; runs nothing.
---@param text string
---@return sluice.repl.Chunk
function M.read(text)
  text = text:match "^%s*(.-)%s*$"
  if text == "" then return { kind = "empty", text = text } end
  if text:find "^:%a" then return { kind = "command", text = text } end
  local source = text:gsub("^=", "", 1)
  local run, expression_message = load("return " .. source, "=" .. M.NAME, "t")
  if run then return { kind = "expression", text = source, run = run } end
  local message
  run, message = load(M.keep_locals(source), "=" .. M.NAME, "t")
  if run then return { kind = "statement", text = source, run = run } end
  if is_incomplete(expression_message, text) or is_incomplete(message, text) then
    return { kind = "incomplete", text = text }
  end
  return { kind = "wrong", text = source, message = fault(source, expression_message, message) }
end

return M
