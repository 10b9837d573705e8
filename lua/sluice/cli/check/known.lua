--- What is known of our API without running a script: the tables as they are loaded, a connection that never connects,
--- and what the sources say of functions and classes, as help() reads it. Nothing here is a list of names.
---
--- A type is one of
---     { live = value }                  a table, function or text of the API or of Lua's own libraries
---     { class = entry, module = name }  what the sources describe as a class
---     { record = { [name] = type|true }, of = text }  a table with just these names

local core = require "sluice.core"
local docs = require "sluice.repl.docs"
local help = require "sluice.repl.help"
local names = require "sluice.repl.names"

local M = {}

--- Lua's own globals, as the manual lists them, and the one that the program adds.
M.LIBRARIES = { string = true, table = true, math = true, io = true, os = true, utf8 = true, coroutine = true,
  debug = true }
M.GLOBALS = { "_G", "_VERSION", "arg", "assert", "collectgarbage", "coroutine", "debug", "dofile", "error",
  "getmetatable", "io", "ipairs", "load", "loadfile", "math", "next", "os", "package", "pairs", "pcall", "print",
  "rawequal", "rawget", "rawlen", "rawset", "require", "select", "setmetatable", "string", "table", "tonumber",
  "tostring", "type", "utf8", "warn", "xpcall" }

---@alias sluice.check.Type table see the head of this file

---@class sluice.check.Known
---@field docs sluice.Docs
---@field help sluice.repl.Help
---@field sluice table the module, with all that it loads when first used
---@field globals string[] that there are besides Lua's own: those of tests, in a test
local Known = {}
Known.__index = Known

--- A connection to nowhere: it has every field and method, and nobody calls them.
local function unconnected()
  return require("sluice.client").new { base_url = "http://127.0.0.1:9", ims_url = "http://127.0.0.1:9",
    org = "none", client_id = "none", token = core.secret.new("token", "a token of no service"),
    sandbox = "prod", source = "none" }
end

--- The names of classes that a type in a comment may stand for: "sluice.Client|nil" → "sluice.Client".
local function class_name(text)
  return text and text:gsub("|nil$", ""):match "^sluice%.[%w_.]+$"
end

-- ── types ──────────────────────────────────────────────────────────────────────────────────────────────────

--- The class that a comment names.
---@param text string|nil such as "sluice.dataflow"
---@return sluice.check.Type|nil
function Known:class(text)
  local name = class_name(text)
  if not name then return nil end
  if name == "sluice.Client" then
    self.client = self.client or unconnected()
    return { live = self.client }
  end
  local entry, module = self.docs:class(name)
  return entry and { class = entry, module = module }
end

--- The type that a comment gives to a value.
function Known:described(text)
  if text and text:gsub("|nil$", "") == "string" then return { live = "" } end
  return self:class(text)
end

--- What the C module keeps as the methods of a class.
local function native_methods(class)
  local metatable = debug.getregistry()[class:lower()]
  local index = type(metatable) == "table" and rawget(metatable, "__index")
  return type(index) == "table" and index or {}
end

local function class_members(self, kind)
  local found = {}
  for _, field in ipairs(kind.class.fields) do found[field.name] = self:described(field.type) or true end
  for _, method in ipairs(kind.class.holder and self.docs:functions(kind.module, kind.class.holder) or {}) do
    found[method.name] = { entry = method }
  end
  for name in pairs(native_methods(kind.class.name)) do found[name] = found[name] or true end
  return found
end

local function live_members(self, value)
  local found = {}
  for name, member in pairs(names.members(value)) do found[name] = { live = member } end
  local entry, module = self.docs:class(names.class(value) or "")
  if entry and type(value) == "table" then
    for name, member in pairs(class_members(self, { class = entry, module = module })) do
      found[name] = found[name] or member
    end
  end
  return found
end

--- All names under a value of a type; nil when any name may be there.
---@param kind sluice.check.Type|true|nil
---@return table<string, sluice.check.Type|true>|nil
function Known:members(kind)
  if type(kind) ~= "table" then return nil end
  if kind.record then return kind.record end
  if kind.class then
    -- What has methods is an object of ours; what has none is a bag of data, and may hold more than is described.
    return (kind.class.holder or kind.closed) and class_members(self, kind) or nil
  end
  local value = kind.live
  if type(value) ~= "table" and type(value) ~= "string" then return nil end
  return live_members(self, value)
end

-- ── calls ──────────────────────────────────────────────────────────────────────────────────────────────────

--- What the sources say of a function.
---@param kind sluice.check.Type|true|nil
---@return sluice.docs.Entry|nil
function Known:entry(kind)
  if type(kind) ~= "table" then return nil end
  if kind.entry then return kind.entry end
  local value = kind.live
  local metatable = type(value) == "table" and debug.getmetatable(value)
  if metatable and rawget(metatable, "__call") then value = rawget(value, "new") end -- sluice.patch(…)
  if type(value) ~= "function" then return nil end
  return (self.help:function_entry(value))
end

--- The type of a call's first result.
---@param kind sluice.check.Type|true|nil what is called
---@return sluice.check.Type|nil
function Known:result(kind)
  local entry = self:entry(kind)
  local first = entry and entry.returns[1]
  return first and self:described(first.type) or nil
end

--- The fields that a comment gives to a table: `{ name: string, limit?: integer }`; nil where it leaves them open.
local function inline_fields(text)
  local inside = text:match "^{%s*([%a_].*)}$"
  if not inside then return nil end
  local found, depth, at_name, i = {}, 0, true, 1
  while i <= #inside do
    local name, mark = inside:match("^([%a_][%w_]*)(%??:)", i)
    local byte = inside:sub(i, i)
    if depth == 0 and at_name then
      if byte ~= " " then
        if not name then return nil end -- [string]: any
        found[name] = inside:match("^%s*([%w_.%[%]|]+)", i + #name + #mark) or true
        at_name, i = false, i + #name + #mark - 1
      end
    elseif byte:find "[%({%[<]" then
      depth = depth + 1
    elseif byte:find "[%)}%]>]" then
      depth = depth - 1
    elseif byte == "," and depth == 0 then
      at_name = true
    end
    i = i + 1
  end
  return found
end

--- The keys that a table given as an argument may have, with the types that the comments give them; nil when any may.
---@param text string type of the argument
---@return table<string, string|true>|nil
function Known:fields(text)
  text = text:gsub("|nil$", "")
  local found = inline_fields(text)
  if found then return found end
  local kind = class_name(text) and self.docs:class(class_name(text))
  if not kind or kind.holder or #kind.fields == 0 then return nil end
  found = {}
  for _, field in ipairs(kind.fields) do found[field.name] = field.type end
  return found
end

--- Goes over to what tests have, or back: `sluice.test`, and globals such as `describe`.
---@param testing boolean
function Known:for_tests(testing)
  self.globals, self.sluice.test = {}, nil
  if not testing then return end
  for name in pairs(require("sluice.cli.test.suite").scope()) do table.insert(self.globals, name) end
  self.sluice.test = require("sluice.cli.test.world").face()
end

--- What is known; made once a run, for it loads much of the program.
---@return sluice.check.Known
function M.new()
  local sluice = require "sluice"
  for name in pairs(getmetatable(sluice).places) do assert(sluice[name]) end
  local read = docs.new()
  return setmetatable({ docs = read, sluice = sluice, help = help.new { docs = read, scope = {} },
    globals = {} }, Known)
end

return M
