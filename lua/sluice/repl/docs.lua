--- What the comments of the sources say (LuaCATS): functions, classes and modules with their arguments, fields and
--- results. Texts are read when they are asked for; nothing is run.

local M = {}

---@class sluice.docs.Field an argument, a field or a result
---@field name string|nil nil for a result
---@field type string
---@field optional boolean
---@field text string

---@class sluice.docs.Entry
---@field kind "function"|"class"|"module"|"value"
---@field name string
---@field holder string|nil what the source calls the table that it is in
---@field method boolean|nil it is called with a colon
---@field arguments string|nil as the source writes them
---@field text string
---@field params sluice.docs.Field[]
---@field returns sluice.docs.Field[]
---@field fields sluice.docs.Field[] of a class
---@field path string
---@field line integer of the code

-- ── one comment ────────────────────────────────────────────────────────────────────────────────────────────

local CLOSING = { ["("] = ")", ["{"] = "}", ["["] = "]", ["<"] = ">" }

--- The last byte of a type: it may hold blanks between brackets and behind the colon of a function's result.
local function type_end(text, at)
  local waiting = {}
  while at <= #text do
    local byte = text:sub(at, at)
    local top = waiting[#waiting]
    if top and byte == top then
      waiting[#waiting] = nil
    elseif CLOSING[byte] then
      waiting[#waiting + 1] = CLOSING[byte]
    elseif byte:find "%s" and not top and not text:find("^[:|]%s", at - 1) then
      return at - 1
    end
    at = at + 1
  end
  return #text
end

local function split_type(text)
  local last = type_end(text, 1)
  return text:sub(1, last), (text:sub(last + 1):match "^%s*(.-)%s*$")
end

local function param(text)
  local name, optional, rest = text:match "^([%w_.]+)(%??)%s*(.*)$"
  if not name then return nil end
  local kind, about = split_type(rest)
  optional = optional == "?" or kind:find "|nil$" ~= nil
  return { name = name, type = (kind:gsub("|nil$", "")), optional = optional, text = about }
end

local function result(text)
  local kind, about = split_type(text)
  return { type = kind, optional = false, text = about }
end

local TAGS = {
  param = function(entry, text) table.insert(entry.params, param(text)) end,
  field = function(entry, text)
    if not text:find "^private%s" then table.insert(entry.fields, param(text)) end
  end,
  ["return"] = function(entry, text) table.insert(entry.returns, result(text)) end,
  type = function(entry, text)
    local kind, about = split_type(text)
    entry.value_type = kind
    if about ~= "" then table.insert(entry.lines, about) end
  end,
  class = function(entry, text)
    local about
    entry.class, about = text:match "^([%w_.]+)%s*:?%s*(.*)$"
    if about ~= "" then table.insert(entry.lines, about) end
  end,
  operator = function() end, generic = function() end, meta = function() end, private = function() end,
  alias = function() end, overload = function() end,
}

--- Takes a comment apart. A tag goes on in lines that begin with two blanks.
---@param block string[] its lines, without the hyphens
local function parse(block)
  local entry = { lines = {}, params = {}, returns = {}, fields = {} }
  local tag, text
  local function close()
    if tag and TAGS[tag] then TAGS[tag](entry, text) end
    tag = nil
  end
  for _, line in ipairs(block) do
    local name, rest = line:match "^@(%w+)%s*(.*)$"
    if name then
      close()
      tag, text = name, rest
    elseif tag and line:find "^%s%s" then
      text = text .. " " .. line:match "^%s*(.*)$"
    elseif not line:find "^|" then
      close()
      table.insert(entry.lines, (line:gsub("^%s", "", 1)))
    end
  end
  close()
  entry.text = table.concat(entry.lines, "\n"):match "^%s*(.-)%s*$"
  entry.lines = nil
  return entry
end

-- ── a source ───────────────────────────────────────────────────────────────────────────────────────────────

local FORMS = {
  { "^function ([%w_.]+)([.:])([%w_]+)%s*%((.-)%)" },
  { "^([%w_.]+)(%.)([%w_]+) = function%s*%((.-)%)" },
}

--- What a line of code defines: a function of a table.
local function function_in(line)
  for _, form in ipairs(FORMS) do
    local holder, separator, name, arguments = line:match(form[1])
    if holder then return holder, separator == ":", name, arguments or "" end
  end
end

local function add(source, block, line, number, path)
  local entry = parse(block)
  entry.path, entry.line = path, number
  local holder, method, name, arguments = function_in(line)
  if holder then
    entry.kind, entry.holder, entry.method, entry.name, entry.arguments = "function", holder, method, name, arguments
  elseif entry.class then
    entry.kind, entry.name, entry.holder = "class", entry.class, line:match "^local ([%w_]+) ="
    source.classes[entry.class:lower()] = entry
    if entry.holder then source.class_of[entry.holder] = entry.class end
  else
    entry.holder, entry.name = line:match "^([%w_.]+)%.([%w_]+) = "
    entry.kind = #entry.params > 0 and "function" or "value"
    if not entry.name then return end
    local list = {}
    for i, argument in ipairs(entry.params) do list[i] = argument.name end
    entry.arguments = table.concat(list, ", ")
  end
  source[#source + 1] = entry
end

--- The comment at the top of a file is about all of it.
local function take_head(source, block, path)
  local entry = parse(block)
  entry.kind, entry.name, entry.path, entry.line = "module", path, path, 1
  source.module = entry
end

--- Everything that a text says of itself.
---@param text string
---@param path string
---@return table source entries in order; `module`, `classes` by name in lower case, `class_of` variable
function M.parse(text, path)
  local source, block, number = { classes = {}, class_of = {} }, {}, 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    local about = line:match "^%-%-%-(.*)$" or (#block > 0 and number <= #block + 1 and line:match "^%-%-(.*)$")
    if about then
      block[#block + 1] = about
    elseif #block > 0 then
      if number == #block + 1 and not block[1]:find "^@" then
        take_head(source, block, path)
      else
        add(source, block, line, number, path)
      end
      block = {}
    elseif function_in(line) and not line:find "^function M%.?__" then
      add(source, block, line, number, path)
    end
  end
  return source
end

-- ── all sources ────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.Docs
---@field read fun(module: string): string|nil, string|nil text and path of a module
local Docs = {}
Docs.__index = Docs

--- What a module says; nil when there is none.
---@param module string such as "sluice.client"
---@return table|nil source
function Docs:source(module)
  if self.sources[module] == nil then
    local text, path = self.read(module)
    self.sources[module] = text and M.parse(text, path) or false
  end
  return self.sources[module] or nil
end

--- The module of a path in the tree: lua/sluice/client.lua, lua/sluice/init.lua.
local function module_of(path)
  local module = path:match "^lua/(.+)%.lua$"
  return module and (module:gsub("/init$", ""):gsub("/", "."))
end

--- What is said of a function that Lua runs.
---@param fn function
---@return sluice.docs.Entry|nil
---@return string|nil class it belongs to
function Docs:of_function(fn)
  local info = debug.getinfo(fn, "S")
  local module = info.what ~= "C" and module_of(info.source:match "^@(.*)$" or "")
  local source = module and self:source(module)
  for _, entry in ipairs(source or {}) do
    if entry.kind == "function" and entry.line == info.linedefined then
      return entry, source.class_of[entry.holder]
    end
  end
end

--- What a module says of one of its functions or values.
---@param module string
---@param holder string as the source calls it
---@param name string
---@return sluice.docs.Entry|nil
function Docs:member(module, holder, name)
  for _, entry in ipairs(self:source(module) or {}) do
    if entry.holder == holder and entry.name == name and entry.kind ~= "class" then return entry end
  end
end

--- All functions of a table in a module.
---@param module string
---@param holder string
---@return sluice.docs.Entry[]
function Docs:functions(module, holder)
  local found = {}
  for _, entry in ipairs(self:source(module) or {}) do
    if entry.kind == "function" and entry.holder == holder then found[#found + 1] = entry end
  end
  return found
end

--- Where help about things in scope comes from.
M.MODULES = { "sluice", "meta.sluice.core", "sluice.client", "sluice.listing", "sluice.dataflow", "sluice.account",
  "sluice.target", "sluice.destination", "sluice.recipe", "sluice.activation.schedule",
  "sluice.activation.schedule.datasets", "sluice.catalog", "sluice.preview", "sluice.tasks", "sluice.explain",
  "sluice.findings" }

--- A class, wherever it is described.
---@param name string in any case
---@return sluice.docs.Entry|nil
---@return string|nil module
function Docs:class(name)
  for _, module in ipairs(M.MODULES) do
    local source = self:source(module)
    local entry = source and source.classes[name:lower()]
    if entry then return entry, module end
  end
end

--- Reads from the program, or, under an interpreter of one's own, from the files that `require` would find.
local function default_reader()
  local inside, host = pcall(require, "sluice.host")
  if inside then return host.source end
  return function(module)
    local path = package.searchpath(module, package.path .. ";lua/?.lua")
    if module:find "^meta%." then path = "lua/" .. module:gsub("%.", "/") .. ".lua" end
    local file <close> = path and io.open(path, "rb")
    if file then return file:read "a", path end
  end
end

---@param read? fun(module: string): string|nil, string|nil
---@return sluice.Docs
function M.new(read)
  return setmetatable({ read = read or default_reader(), sources = {} }, Docs)
end

return M
