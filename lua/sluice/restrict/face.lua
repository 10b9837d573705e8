--- `sluice` and `cjson` as a restricted recipe has them: tables of its own with the house's functions in them, so that
--- nothing it puts into them is found by anybody else.

local base = require "sluice.restrict.base"
local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local refusal = require "sluice.restrict.refusal"

local raw_metatable = debug.getmetatable

local M = {}

-- ── copies ─────────────────────────────────────────────────────────────────────────────────────────────────────────

local copy

--- What is called stays the house's own; what is called with it is the copy's business.
local function callable(original, copied)
  return setmetatable(copied, { __call = function(_, ...) return original(...) end })
end

--- The metatable of arrays marks them and does nothing else.
local function is_marked(value)
  return core.json.is_array(value) and raw_metatable(value) == raw_metatable(core.json.array {})
end

local function copy_table(value, seen)
  local copied, metatable = {}, raw_metatable(value)
  seen[value] = copied
  for key, item in pairs(value) do copied[key] = copy(item, seen) end
  if metatable == nil then return copied end
  if is_marked(value) then return core.json.array(copied) end
  if metatable.__call then return callable(value, copied) end
  core.error.raise("internal", "a table with a metatable of its own is no part of the restricted face")
end

copy = function(value, seen)
  if type(value) ~= "table" then return value end
  return seen[value] or copy_table(value, seen)
end

-- ── parts of its own ───────────────────────────────────────────────────────────────────────────────────────────────

local CONNECTION = { sandbox = "string", base_url = "string", ims_url = "string", connect_timeout = "number",
  timeout = "number", call_timeout = "number", attempts = "number", max_body = "number" }
local MAY_CHOOSE = "the connection is the run's own; a restricted recipe may choose sandbox, base_url, ims_url "
  .. "(permissions.sandboxes, permissions.hosts), attempts and time limits"

--- The run's own connection, to another sandbox or host if that is allowed: the core sees to it.
local function connect(options)
  local chosen = {}
  for name, value in pairs(options or {}) do
    if not CONNECTION[name] then
      refusal.never(("sluice.connect { %s = … }"):format(tostring(name)), MAY_CHOOSE)
    elseif type(value) ~= CONNECTION[name] then
      error(("sluice.connect: %s: expected a %s, got a %s"):format(name, CONNECTION[name], type(value)), 2)
    end
    chosen[name] = value
  end
  return require("sluice").connect(chosen)
end

--- Secrets: from where the recipe may read, and never back to text.
local function secrets(getenv)
  local own = { new = core.secret.new, is = core.secret.is, mask = core.secret.mask, stdin = core.secret.stdin }
  function own.prompt(label) return core.secret.prompt(clean.line(label)) end
  function own.env(variable, name)
    local text = getenv(variable)
    return text and text ~= "" and core.secret.new(name or variable, text) or nil
  end
  function own.file(path, name) return core.secret.file(core.policy.place(path, "read"), name or path) end
  function own.command(command, name)
    core.policy.command(type(command) == "table" and tostring(command[1]) or tostring(command))
    return require("sluice.secret").command(command, name)
  end
  return base.outward(own)
end

local function try(...)
  local outcome = table.pack(base.caught(pcall(...)))
  if outcome[1] then return table.unpack(outcome, 2, outcome.n) end
  return nil, outcome[2]
end

--- What runs functions in tasks: Ctrl-C reaches each of them.
local function in_tasks(watch)
  local tasks = require "sluice.tasks"
  local function watched(fn)
    if type(fn) ~= "function" or not watch then return fn end
    return function(...)
      watch((coroutine.running()))
      return fn(...)
    end
  end
  local function all(fns)
    local list = type(fns) == "table" and {} or fns
    for i, fn in ipairs(type(fns) == "table" and fns or {}) do list[i] = watched(fn) end
    return tasks.all(list)
  end
  return { all = all, map = function(list, fn, options) return tasks.map(list, watched(fn), options) end }
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────────────

--- The names of `sluice` that a copy is given of.
M.copied = { "account", "catalog", "dataflow", "deadline", "destination", "error", "json", "merge_patch",
  "patch", "pointer", "recipe", "schedule", "sleep", "target", "version" }

--- Those that are made anew.
M.made = { "all", "connect", "map", "secret", "try" }

--- `require "sluice"`: what is behind a name is loaded when the name is first used.
---@param getenv fun(variable: string): string|nil
---@param watch? fun(co: thread)
---@return table
function M.sluice(getenv, watch)
  local known = {}
  for _, name in ipairs(M.copied) do known[name] = true end
  local tasks = in_tasks(watch)
  local face = base.outward { connect = connect, try = try, all = tasks.all, map = tasks.map }
  face.secret = secrets(getenv)
  return setmetatable(face, { __index = function(self, name)
    if not known[name] then return nil end
    local value = copy(require("sluice")[name], {})
    rawset(self, name, value)
    return value
  end })
end

local CJSON = { "array_mt", "decode", "empty_array", "empty_array_mt", "null", "_NAME", "_VERSION" }

--- `require "cjson"`, which it cannot configure: limits that the house relies on stay. It writes by the core's encoder:
--- its own counts the bytes of a long text in an int, and writes where no memory is.
---@return table
function M.cjson()
  local fresh, own = require("cjson").new(), {}
  for _, name in ipairs(CJSON) do own[name] = fresh[name] end
  function own.encode(value) return core.json.encode(value) end
  return own
end

return M
