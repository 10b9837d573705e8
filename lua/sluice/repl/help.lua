--- Help about anything in scope, from the comments of the sources (see `sluice.repl.docs`).

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local examples = require "sluice.repl.examples"
local names = require "sluice.repl.names"
local page = require "sluice.repl.page"
local suggest = require "sluice.suggest"

local M = {}

local MANUAL = "https://www.lua.org/manual/5.4/manual.html#pdf-"
local META = "meta.sluice.core"

---@class sluice.repl.Help
---@field docs sluice.Docs
---@field scope table
---@field width integer
---@field style sluice.terminal.Style
local Help = {}
Help.__index = Help

-- ── entries ────────────────────────────────────────────────────────────────────────────────────────────────

local function signature(name, entry)
  return ("%s(%s)"):format(name, entry.arguments or "")
end

function Help:page() return page.new(self.style) end

local function example_text(name, key)
  local example = examples.of[name] or examples.of[key]
  return example and "  " .. example:gsub("\n$", ""):gsub("\n", "\n  ") or ""
end

--- Methods of what a function gives, and what its module says, where the function stands for both.
local function add_class(self, made, entry)
  local class = entry.returns[1] and entry.returns[1].type:match "^sluice%.[%w_.]+$"
  local described, module = self.docs:class(class or "")
  local source = module and self.docs:source(module)
  if not described or not described.holder or described.path ~= entry.path then return end
  if source.module then made:section("About", page.flow(source.module.text, "", self.width)) end
  made:section("Methods of what it gives", self:list(self.docs:functions(module, described.holder)))
end

function Help:function_page(name, entry, key)
  local made = self:page()
  made:add(self.style:paint("heading", signature(name, entry)))
  if entry.text ~= "" then
    made:add("")
    made:add(page.flow(entry.text, "", self.width))
  end
  made:section("Takes", page.fields(self, entry.params))
  made:section("Gives", page.fields(self, entry.returns))
  made:section("Example", example_text(name, key))
  add_class(self, made, entry)
  return table.concat(made, "\n")
end

--- A line for each function: how it is called, what it does.
function Help:list(entries, shown)
  local lines = {}
  for _, entry in ipairs(entries) do
    if not shown or shown[entry.name] ~= nil then
      lines[#lines + 1] = "  " .. self.style:paint("name", signature(entry.name, entry))
      local about = page.first_sentence(entry.text)
      if about ~= "" then lines[#lines + 1] = page.wrap(about, "      ", self.width) end
    end
  end
  return table.concat(lines, "\n")
end

function Help:class_page(name, entry, module, value)
  local made = self:page()
  made:add(self.style:paint("heading", name))
  local head = entry.text ~= "" and entry.text or (self.docs:source(module).module or {}).text or ""
  if head ~= "" then
    made:add("")
    made:add(page.flow(head, "", self.width))
  end
  made:section("Fields", page.fields(self, entry.fields))
  local functions = entry.holder and self.docs:functions(module, entry.holder) or {}
  made:section("Methods", self:list(functions, value ~= nil and names.members(value) or nil))
  return table.concat(made, "\n")
end

--- A line for each thing in a table: functions as they are called, tables by what their modules say.
function Help:contents(value)
  local list, lines = {}, {}
  for name in pairs(names.members(value)) do list[#list + 1] = name end
  table.sort(list)
  for _, name in ipairs(list) do
    local member, about = names.get(value, name), ""
    if type(member) == "function" then
      local entry = self:function_entry(member)
      about, name = entry and entry.text or "", entry and signature(name, entry) or name .. "(…)"
    elseif type(member) == "table" then
      about = self:about_module(member)
    end
    lines[#lines + 1] = "  " .. self.style:paint("name", name)
    if about ~= "" then lines[#lines + 1] = page.wrap(page.first_sentence(about), "      ", self.width) end
  end
  return table.concat(lines, "\n")
end

function Help:module_page(name, value)
  local made, text = self:page(), self:about_module(value)
  made:add(self.style:paint("heading", name))
  if text ~= "" then
    made:add("")
    made:add(page.flow(text, "", self.width))
  end
  made:section("In it", self:contents(value))
  made:section("Example", example_text(name))
  return table.concat(made, "\n")
end

-- ── finding what something is ──────────────────────────────────────────────────────────────────────────────

--- Functions of the C module have no source: they are known by being themselves.
function Help:c_functions()
  if self.known then return self.known end
  self.known = {}
  local source = self.docs:source(META)
  for library, content in pairs(core) do
    for name, fn in pairs(type(content) == "table" and content or {}) do
      if type(fn) == "function" then self.known[fn] = { holder = "core." .. library, name = name } end
    end
  end
  for holder, class in pairs(source and source.class_of or {}) do
    local metatable = debug.getregistry()[class:lower()]
    local index = type(metatable) == "table" and rawget(metatable, "__index")
    for name, fn in pairs(type(index) == "table" and index or {}) do
      self.known[fn] = self.known[fn] or { holder = holder, name = name }
    end
  end
  return self.known
end

--- How a script calls a function: `sluice.all` and not where it is kept; nil for one that is not in reach.
local function public_name(fn)
  for name, part in pairs(names.members(require "sluice")) do
    if rawequal(part, fn) then return "sluice." .. name end
    for member, value in next, type(part) == "table" and part or {} do
      if rawequal(value, fn) then return ("sluice.%s.%s"):format(name, member) end
    end
  end
end

--- What is said of a function that another one made: where it is kept in a module.
function Help:kept_in_module(fn)
  for module, content in pairs(package.loaded) do
    if module:find "^sluice%." and type(content) == "table" then
      for name, value in next, content do
        local entry = rawequal(value, fn) and self.docs:member(module, "M", name)
        if entry then return entry end
      end
    end
  end
end

--- What the sources say of a function.
---@return sluice.docs.Entry|nil entry
---@return string|nil key under which it has an example
function Help:function_entry(fn)
  local known = self:c_functions()[fn]
  if known then
    local entry = self.docs:member(META, known.holder, known.name)
    local class = self.docs:source(META).class_of[known.holder]
    return entry, (class or known.holder:gsub("^core%.", "sluice.")) .. (class and ":" or ".") .. known.name
  end
  local entry, class = self.docs:of_function(fn)
  if class then return entry, class .. ":" .. entry.name end
  entry = entry or self:kept_in_module(fn)
  return entry, entry and (public_name(fn) or entry.name)
end

--- The page of a function of Lua's own.
local function standard(fn)
  for library, content in pairs { _G = _G, string = string, table = table, math = math, io = io, os = os, utf8 = utf8,
    coroutine = coroutine, debug = debug, package = package } do
    for name, member in next, content do
      if rawequal(member, fn) then
        local full = library == "_G" and name or library .. "." .. name
        return ("%s is Lua's own: %s%s"):format(full, MANUAL, full)
      end
    end
  end
end

function Help:of_function(name, fn)
  local entry, key = self:function_entry(fn)
  if entry then return self:function_page(name or key, entry, key) end
  local own = standard(fn)
  if own then return own end
  local info = debug.getinfo(fn, "S")
  local place = info.what == "C" and "written in C" or ("of %s, line %d"):format(info.short_src, info.linedefined)
  return ("A function %s; its source says nothing of it."):format(clean.line(place))
end

--- The module that a table is, and the variable that its source has for it.
local function module_of(value)
  if type(value) ~= "table" then return nil end
  for library, content in pairs(core) do
    if rawequal(content, value) then return META, "core." .. library end
  end
  for name, module in pairs(package.loaded) do
    if rawequal(module, value) and type(name) == "string" and name:find "^sluice" then
      return name == "sluice.core" and META or name, name == "sluice.core" and "core" or "M"
    end
  end
end

--- What is said of a module, or of a table of the C module.
function Help:about_module(value)
  local module, holder = module_of(value)
  local source = module and self.docs:source(module)
  if not source then return "" end
  if holder == "M" then return (source.module or {}).text or "" end
  local entry = self.docs:member(module, "core", holder:gsub("^core%.", ""))
  return entry and entry.text or ""
end

--- The class of a value: by its name, or by that of one of its methods.
function Help:class_of(value)
  local name = names.class(value)
  local entry, module = self.docs:class(name or "")
  if entry then return entry, module end
  for _, member in pairs(name and names.members(value) or {}) do
    local class = type(member) == "function" and select(2, self.docs:of_function(member))
    if class then return self.docs:class(class) end
  end
end

local function plain_table(name, value)
  local count, shown = 0, {}
  for key in next, value do
    count = count + 1
    shown[#shown + 1] = clean.line(tostring(key))
  end
  table.sort(shown)
  return ("%s is a table of %d: %s"):format(name or "It", count, suggest.some(shown))
end

--- What is known of a value.
---@param value any
---@param name string|nil what it was asked for as
---@return string page
function Help:of_value(value, name)
  if type(value) == "function" then return self:of_function(name, value) end
  local entry, module = self:class_of(value)
  if entry then return self:class_page(name or entry.name, entry, module, value) end
  module = module_of(value)
  if module and self.docs:source(module) then return self:module_page(name or module, value) end
  if type(value) == "table" then return plain_table(name, value) end
  return ("%s is a %s: %s"):format(name or "It", type(value), clean.line(tostring(value)))
end

--- Functions anywhere that are called so.
function Help:search(word)
  local found = {}
  for _, module in ipairs(require("sluice.repl.docs").MODULES) do
    for _, entry in ipairs(self.docs:source(module) or {}) do
      if entry.kind == "function" and entry.name == word then
        local source = self.docs:source(module)
        local holder = source.class_of[entry.holder] or entry.holder:gsub("^core", "sluice"):gsub("^M$", module)
        found[#found + 1] = self:function_page(holder .. (entry.method and ":" or ".") .. entry.name, entry)
      end
    end
  end
  return table.concat(found, "\n\n")
end

--- The value under a name, and what it is asked for as: the parts of `sluice` and `aep` need not be named with these.
function Help:lookup(text)
  for _, before in ipairs { "", "sluice.", "aep." } do
    local steps = names.path(before .. text)
    local value, holder
    if steps then value, holder = names.value(steps, self.scope) end
    if value ~= nil then return value, before .. text end
    if before == "" and holder ~= nil then self.missed = holder end
  end
end

--- What is known under a name, without running anything.
---@param text string such as "aep.flows:list"
---@return string|nil page nil when nothing is
---@return string|nil near what is known instead
function Help:of_name(text)
  self.missed = self.scope
  local value, name = self:lookup(text)
  if value ~= nil then return self:of_value(value, name) end
  local entry, module = self.docs:class(text)
  if entry then return self:class_page(entry.name, entry, module) end
  local last = text:match "([%w_]+)$"
  local found = last and self:search(last) or ""
  if found ~= "" then return found end
  local list = {}
  for known in pairs(names.members(self.missed)) do list[#list + 1] = known end
  table.sort(list)
  return nil, suggest.nearest(last, list)
end

--- A helper.
---@param fields { docs: sluice.Docs, scope: table, width: integer, style: sluice.terminal.Style }
---@return sluice.repl.Help
function M.new(fields) return setmetatable(fields, Help) end

return M
