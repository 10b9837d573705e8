--- Lua's basic functions as a restricted recipe has them: those that reach no further than what they are given, and
--- safe ones in place of the others.

local core = require "sluice.core"
local refusal = require "sluice.restrict.refusal"

local raw_metatable, set_metatable, real_load = debug.getmetatable, setmetatable, load

local M = {}

-- ── what a script catches ──────────────────────────────────────────────────────────────────────────────────────────

local ended = function() return false end

--- What tells of an interruption, whatever the script has made of its error since.
---@param interrupted fun(): boolean
function M.heed(interrupted) ended = interrupted end

local function is_interruption(failure) return core.error.is(failure, "interrupted") or ended() end

--- The results of a protected call. An interruption is not the script's to catch.
---@param ok boolean
---@param ... any
---@return boolean, ...
function M.caught(ok, ...)
  if ok or not is_interruption((...)) then return ok, ... end
  if core.error.is((...), "interrupted") then error((...), 0) end
  return core.error.raise("interrupted", "interrupted")
end

local caught = M.caught

-- ── errors at the script's own place ───────────────────────────────────────────────────────────────────────────────

local OURS = "^%S*lua/sluice/restrict/[%w_/]+%.lua:%d+: "

--- A wrong argument is told with the line that gave it, not with one of ours.
local function outward(ok, ...)
  if ok then return ... end
  local failure = ...
  if type(failure) == "string" then error((failure:gsub(OURS, "")), 2) end
  error(failure, 0)
end

--- The same for all functions of a library, in place.
---@param library table
---@return table library
function M.outward(library)
  for name, fn in pairs(library) do
    if type(fn) == "function" then
      library[name] = function(...) return outward(pcall(fn, ...)) end
    end
  end
  return library
end

-- ── metatables ─────────────────────────────────────────────────────────────────────────────────────────────────────

--- `getmetatable` and `setmetatable` for metatables that the script has made itself. All others belong to values that
--- the house, too, works with: of those it learns nothing but that there is one.
local function metatables()
  local own = setmetatable({}, { __mode = "k" })
  local function get(value)
    local metatable, shown = raw_metatable(value), getmetatable(value)
    if metatable == nil or own[metatable] or type(shown) ~= "table" then return shown end
    return false
  end
  local function set(value, metatable)
    if type(value) ~= "table" then error("bad argument #1 to 'setmetatable' (table expected)", 2) end
    local present = raw_metatable(value)
    if present ~= nil and (not own[present] or rawget(present, "__metatable") ~= nil) then
      error("cannot change a protected metatable", 2)
    elseif metatable ~= nil and type(metatable) ~= "table" then
      error("bad argument #2 to 'setmetatable' (nil or table expected)", 2)
    end
    if type(metatable) == "table" then
      if rawget(metatable, "__gc") ~= nil then
        refusal.never("a metatable with __gc", "let a to-be-closed variable (local x <close>) tidy up")
      end
      own[metatable] = true
    end
    return set_metatable(value, metatable)
  end
  return get, set
end

-- ── chunks ─────────────────────────────────────────────────────────────────────────────────────────────────────────

--- The bytes of a file that the policy lets be read.
local function read_chunk(path)
  local file, reason = core.policy.open(path, "rb")
  if not file then return nil, "cannot open " .. reason end
  local _ <close> = file
  local text = file:read "a"
  return text and text:gsub("^\xEF\xBB\xBF", ""):gsub("^#[^\n]*", "")
end

--- `load`, `loadfile` and `dofile`: text only, and with the script's own globals.
local function loaders(env)
  local function checked(chunk, reason)
    if not chunk and core.error.is(reason, "interrupted") then error(reason, 0) end -- of a function that gives pieces
    return chunk, reason
  end
  local function load_text(chunk, name, mode, ...)
    if mode ~= nil and not tostring(mode):find("t", 1, true) then
      refusal.never("loading compiled Lua", "load Lua text: what is compiled cannot be checked")
    end
    local globals = env
    if select("#", ...) > 0 then globals = (...) end
    return checked(real_load(chunk, name, "t", globals))
  end
  local function load_file(path, mode, ...)
    if path == nil then refusal.never("loading standard input", "read it, and load the text") end
    local text, reason = read_chunk(path)
    if not text then return nil, reason end
    return load_text(text, "@" .. path, mode, ...)
  end
  local function do_file(path)
    local chunk, reason = load_file(path)
    if not chunk then error(reason, 0) end
    return chunk()
  end
  return load_text, load_file, do_file
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────────────

local SAFE = { "_VERSION", "assert", "error", "ipairs", "next", "pairs", "rawequal", "rawget", "rawlen", "rawset",
  "select", "tonumber", "tostring", "type" }
local LIBRARIES = { "math", "table", "utf8" }

local function copy(library)
  local copied = {}
  for name, value in pairs(library) do copied[name] = value end
  return copied
end

--- Without `dump`: nothing that could be done with compiled code is allowed.
local function strings()
  local copied = copy(string)
  copied.dump = refusal.stub("string.dump", "keep the text instead")
  return copied
end

local function count_garbage(option)
  if option ~= "count" then
    refusal.never("collectgarbage " .. tostring(option or "collect"), 'collectgarbage "count" is all there is')
  end
  return collectgarbage "count"
end

--- Fills in the basic functions and the libraries that reach nothing outside.
---@param env table
function M.fill(env)
  for _, name in ipairs(SAFE) do env[name] = _G[name] end
  for _, name in ipairs(LIBRARIES) do env[name] = copy(_G[name]) end
  env._G, env.string, env.collectgarbage = env, strings(), count_garbage
  env.getmetatable, env.setmetatable = metatables()
  env.load, env.loadfile, env.dofile = loaders(env)
  env.pcall = function(...) return caught(pcall(...)) end
  env.xpcall = function(fn, handler, ...)
    return caught(xpcall(fn, function(failure)
      if is_interruption(failure) then return failure end
      return handler(failure)
    end, ...))
  end
  env.warn = function(...)
    local clean, text = require "sluice.terminal.clean", table.concat { ... }
    if not text:find "^@" then warn(clean.text(text)) end -- control messages are the house's
  end
end

return M
