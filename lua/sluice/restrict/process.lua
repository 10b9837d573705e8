--- The process under a sealed policy: Lua's own functions for files, programs, chunks and C modules are checked for
--- everybody in it, so that what gets hold of them gains nothing. The house's lists count here, beside the recipe's.

local core = require "sluice.core"
local refusal = require "sluice.restrict.refusal"

local M = {}

local loaded = package.loaded
local io, os, package, string = loaded.io, loaded.os, loaded.package, loaded.string -- the tables that everybody shares
local open = core.policy.open

local function open_own(path, mode) return open(path, mode, true) end

local function checked_place(path) return core.policy.place(path, "write", true) end

-- ── files and programs ─────────────────────────────────────────────────────────────────────────────────────────────

local function lines_of(real)
  return function(path, ...)
    if path == nil then return real() end
    local file, reason = open_own(path)
    if not file then error(reason, 2) end
    return file:lines(...), nil, nil, file
  end
end

--- `io.input` or `io.output` with a checked file in place of a name.
local function default_of(real, mode)
  return function(file)
    if type(file) ~= "string" then return real(file) end
    local opened, reason = open_own(file, mode)
    if not opened then error(reason, 2) end
    return real(opened)
  end
end

local function harden_files()
  local popen, execute, remove, rename = io.popen, os.execute, os.remove, os.rename
  io.open, io.lines = open_own, lines_of(io.lines)
  io.input, io.output = default_of(io.input, "r"), default_of(io.output, "w")
  io.tmpfile = refusal.stub("io.tmpfile", "open a file that is allowed")
  io.popen = function(command, ...)
    core.policy.command(tostring(command))
    return popen(command, ...)
  end
  os.execute = function(command)
    if command ~= nil then core.policy.command(tostring(command)) end
    return execute(command)
  end
  os.remove = function(path) return remove(checked_place(path)) end
  os.rename = function(from, to) return rename(checked_place(from), checked_place(to)) end
  os.tmpname = refusal.stub("os.tmpname", "name a file that is allowed")
end

-- ── code ───────────────────────────────────────────────────────────────────────────────────────────────────────────

--- Finds modules where the house's were found until now, as text.
local function text_searcher()
  local path, search, read, real_load = package.path, package.searchpath, io.open, load
  return function(name)
    local place, tried = search(name, path)
    if not place then return tried end
    local file <close> = assert(read(place, "rb"))
    return assert(real_load(file:read "a", "@" .. place, "t")), place
  end
end

--- Lua's own three searchers for files come last: Lua, C, C in a package.
local function harden_packages()
  local searchers = package.searchers
  local first = #searchers - 2
  searchers[first] = text_searcher()
  searchers[first + 1], searchers[first + 2] = nil, nil
  package.cpath = ""
  package.loadlib = refusal.stub("package.loadlib", "C modules cannot be restricted")
end

local function harden_code()
  local real_load = load
  local function load_text(chunk, name, _, ...)
    if select("#", ...) > 0 then return real_load(chunk, name, "t", (...)) end
    return real_load(chunk, name, "t")
  end
  _G.load = load_text
  _G.loadfile = refusal.stub("loadfile", "read the file, and load its text")
  _G.dofile = refusal.stub("dofile", "read the file, and load its text")
  string.dump = nil
  for name in pairs(loaded.debug) do
    if name ~= "traceback" then loaded.debug[name] = nil end
  end
end

-- ── classes ────────────────────────────────────────────────────────────────────────────────────────────────────────

--- A class whose objects find their methods in it, and nothing else: `object.__index` would be the class itself, which
--- all objects share.
local function methods_only(class)
  return function(_, key)
    if type(key) == "string" and key:find "^__" then return nil end
    return class[key]
  end
end

--- What the house makes from here on may get into the recipe's hands.
local function harden_classes()
  local set_metatable, rawget = setmetatable, rawget
  _G.setmetatable = function(value, metatable)
    if type(metatable) == "table" and rawget(metatable, "__index") == metatable then
      metatable.__index = methods_only(metatable)
    end
    return set_metatable(value, metatable)
  end
end

--- Replaces the functions, once the policy is sealed. There is no way back.
function M.harden()
  harden_packages() -- first: its searcher reads files as the house always did
  harden_files()
  harden_code()
  harden_classes()
end

return M
