--- What the Tab key offers: names in scope, fields and methods, modules, files, names of resources. Nothing that was
--- typed is run: values are looked at as they lie there (see `sluice.repl.names`), results of calls are known by what
--- the sources say of them.

local clean = require "sluice.terminal.clean"
local lexer = require "sluice.repl.lexer"
local names = require "sluice.repl.names"
local width = require "sluice.terminal.width"

local M = {}

M.LISTED = 200 -- names shown at most

---@class sluice.repl.Completer
---@field scope table globals
---@field docs sluice.Docs
---@field commands fun(): table[] { name, completes = "name"|"sandbox"|"file"|nil }
---@field modules fun(): string[]
---@field files fun(folder: string): string[] names in a folder, folders with a slash; empty where it cannot be read
---@field resources fun(): string[] names of resources that were seen, of destinations and specs
---@field types fun(): string[] what may be a destination's `type`
---@field sandboxes fun(): string[]
---@field columns fun(): integer
local Completer = {}
Completer.__index = Completer

local KEYWORDS = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local",
  "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }

local function keys(members, only_functions)
  local list = {}
  for name, value in pairs(members) do
    if not only_functions or type(value) == "function" then list[#list + 1] = name end
  end
  return list
end

-- ── Lua names ──────────────────────────────────────────────────────────────────────────────────────────────

--- The opening bracket that belongs to the closing one at `last`.
local function opening(tokens, last)
  local depth = 0
  for i = last, 1, -1 do
    local text = tokens[i].kind == "symbol" and tokens[i].text
    if text == ")" or text == "}" or text == "]" then depth = depth + 1 end
    if text == "(" or text == "{" or text == "[" then depth = depth - 1 end
    if depth == 0 then return i end
  end
end

--- The function that the call ending at `last` calls, as the sources describe it.
function Completer:called(tokens, last)
  local first = tokens[last].kind == "string" and last or opening(tokens, last)
  local steps = first and names.chain(tokens, first - 1)
  local fn = steps and #steps > 0 and names.value(steps, self.scope)
  return type(fn) == "function" and self.docs:of_function(fn) or nil
end

--- Names that the result of a call has: its class, as the sources say.
function Completer:of_call(tokens, last)
  local entry = self:called(tokens, last)
  local class = entry and entry.returns[1] and entry.returns[1].type:match "^sluice%.[%w_.]+"
  local described, module = self.docs:class(class or "")
  if not described or not described.holder then return {} end
  local list = {}
  for _, method in ipairs(self.docs:functions(module, described.holder)) do list[#list + 1] = method.name end
  return list
end

--- Names after `….` or `…:`, which is token `last`.
function Completer:after(tokens, last)
  local before, only_functions = tokens[last - 1], tokens[last].text == ":"
  if not before then return {} end
  if before.kind == "name" then
    local steps = names.chain(tokens, last - 1)
    local value = steps and names.value(steps, self.scope)
    return value ~= nil and keys(names.members(value), only_functions) or {}
  end
  if before.text == ")" or before.text == "}" or before.kind == "string" then
    local found = self:of_call(tokens, last - 1)
    if #found == 0 and before.kind == "string" and only_functions then return keys(string) end
    return found
  end
  return {}
end

function Completer:lua_names(tokens, partial)
  local last = #tokens - (partial ~= "" and 1 or 0)
  local separator = tokens[last]
  if separator and separator.kind == "symbol" and (separator.text == "." or separator.text == ":") then
    return self:after(tokens, last)
  end
  if partial == "" then return {} end
  local list = keys(names.members(self.scope))
  return table.move(KEYWORDS, 1, #KEYWORDS, #list + 1, list)
end

-- ── texts in quotes ────────────────────────────────────────────────────────────────────────────────────────

local FILE_FUNCTIONS = { open = true, lines = true, input = true, output = true }

--- What the quotes are for, told by the words before them.
local function purpose(tokens)
  local i = #tokens - 1
  local before = tokens[i]
  if before and before.text == "(" then
    i = i - 1
    before = tokens[i]
  end
  if not before then return "resource" end
  if before.text == "require" then return "module" end
  if FILE_FUNCTIONS[before.text] then return "file" end
  if before.text == "=" and tokens[i - 1] and tokens[i - 1].text == "type" then return "type" end
  return "resource"
end

--- The files that a beginning may stand for.
function Completer:file_names(partial)
  local folder = partial:match "^(.*/)" or ""
  local list = {}
  for i, name in ipairs(self.files(folder == "" and "." or folder)) do list[i] = folder .. name end
  return list
end

--- Texts as they stand between quotes.
local function written(list)
  local made = {}
  for i, text in ipairs(list) do made[i] = clean.quoted(text):sub(2, -2) end
  return made
end

function Completer:quoted(tokens, partial)
  local kind = purpose(tokens)
  if kind == "module" then return self.modules() end
  if kind == "type" then return written(self.types()) end
  if kind == "file" or partial:find("/", 1, true) then return self:file_names(partial), true end
  return partial ~= "" and written(self.resources()) or {}
end

-- ── commands ───────────────────────────────────────────────────────────────────────────────────────────────

function Completer:command_line(head)
  local word, rest = head:match "^:(%a*)(.*)$"
  if rest == "" then
    local list = {}
    for i, command in ipairs(self.commands()) do list[i] = command.name end
    return list, word
  end
  for _, command in ipairs(self.commands()) do
    if command.name == word then
      local partial = rest:match "%S*$"
      if command.completes == "file" then return self:file_names(partial), partial, nil, true end
      if command.completes == "sandbox" then return self.sandboxes(), partial end
      if command.completes == "name" then return self:lua(rest:match "^%s*(.*)$") end
    end
  end
  return {}, ""
end

-- ── choosing ───────────────────────────────────────────────────────────────────────────────────────────────

--- What may stand at the end of a Lua text.
---@return string[] candidates
---@return string partial what is typed of it
---@return string|nil quote that ends it
---@return boolean|nil is_file
function Completer:lua(head)
  local tokens = lexer.tokens(head)
  local last = tokens[#tokens]
  if not last or last.kind == "comment" and (last.open or last.last == #head) then return {}, "" end
  if last.kind == "string" and last.open then
    local quote = last.text:match "^[\"']"
    if not quote then return {}, "" end
    local partial = last.text:sub(2)
    local list, is_file = self:quoted(tokens, partial)
    return list, partial, not is_file and quote or nil, is_file
  end
  local partial = head:match "[%a_][%w_]*$" or ""
  if partial == "" and last.last < #head and last.kind ~= "symbol" or last.kind == "number" then return {}, "" end
  return self:lua_names(tokens, partial), partial
end

local function begins(name, partial) return name:sub(1, #partial) == partial end

--- The candidates that begin so; failing these, those that do in any case.
local function matching(list, partial)
  local found, seen = {}, {}
  for _, fold in ipairs { function(text) return text end, string.lower } do
    for _, name in ipairs(list) do
      if begins(fold(name), fold(partial)) and not seen[name] and (partial ~= "" or not begins(name, "_")) then
        found[#found + 1], seen[name] = name, true
      end
    end
    if #found > 0 then break end
  end
  table.sort(found)
  return found
end

local function common_beginning(list)
  local common = list[1]
  for _, name in ipairs(list) do
    while not begins(name, common) do common = common:sub(1, #common - 1) end
  end
  while common ~= "" and not utf8.len(common) do common = common:sub(1, #common - 1) end -- whole characters
  if #common < #list[1] and #common:match "\\*$" % 2 == 1 then common = common:sub(1, #common - 1) end -- and escapes
  return common
end

--- Names in columns, as many as the terminal has room for; of files without their folder.
local function listing(list, columns, is_file)
  local shown, widest = {}, 1
  for i = 1, math.min(#list, M.LISTED) do
    shown[i] = clean.line(width.cut(is_file and list[i]:match "([^/]+/?)$" or list[i], columns - 1))
    widest = math.max(widest, width.of(shown[i]))
  end
  local across = math.max(1, (columns + 1) // (widest + 2))
  local down = (#shown + across - 1) // across
  local lines = {}
  for row = 1, down do
    local cells = {}
    for i = row, #shown, down do cells[#cells + 1] = width.pad(shown[i], widest) end
    lines[row] = table.concat(cells, "  "):gsub("%s+$", "")
  end
  if #list > #shown then lines[#lines + 1] = ("… %d more"):format(#list - #shown) end
  return table.concat(lines, "\r\n") .. "\r\n"
end

--- Answers the Tab key.
---@param text string
---@param before integer bytes before the cursor
---@return integer remove bytes before the cursor that go
---@return string|nil insert what comes in their place
---@return string|nil shown what is listed below
function Completer:complete(text, before)
  local head = text:sub(1, before)
  if head:find "\n%s*$" or head:find "^%s+$" then return 0, "  " end -- the beginning of a line
  local candidates, partial, quote, is_file
  if head:find "^:%a*" and not head:find "^::" then
    candidates, partial, quote, is_file = self:command_line(head)
  else
    candidates, partial, quote, is_file = self:lua(head)
  end
  local found = matching(candidates, partial)
  if #found == 0 then return 0 end
  local common = common_beginning(found)
  if #found == 1 then
    local ends = quote and not begins(text:sub(before + 1), quote) and quote or ""
    return #partial, common .. ends
  end
  if #common > #partial then return #partial, common end
  return 0, nil, listing(found, self.columns(), is_file)
end

--- A completer; see the fields of its class.
---@param fields table
---@return sluice.repl.Completer
function M.new(fields) return setmetatable(fields, Completer) end

return M
