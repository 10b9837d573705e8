--- Where a recipe's files come from: its folder, a bundle, standard input, or the library inside the program. Whatever
--- the form, names are relative to the recipe, and `require` finds modules beside it, never in the working directory.

local core = require "sluice.core"
local text = require "sluice.source.text"

local M = {}

M.MAX_BYTES = 16 * 1024 * 1024 -- of one file

local ZIPPED = { ["PK\3\4"] = true, ["PK\5\6"] = true, ["\127ELF"] = true } -- how bundles begin, and programs

---@class sluice.source
---@field kind "folder"|"bundle"|"stdin"|"library"
---@field path string as the user gave it
---@field entry string the recipe's file, relative to its folder
---@field manifest sluice.bundle.manifest|nil of a bundle
---@field signature { key: string }|nil of a bundle that claims to be signed: the key's fingerprint
---@field package fetch fun(name: string): string|nil, string|nil bytes, or why there are none
---@field package prefix string what errors put before a name
local Source = { __name = "sluice.source" }
Source.__index = Source

local function fail(kind, message, ...)
  core.error.raise(kind, message:format(...))
end

--- All of a file that is not too large; `first` are the bytes that have been read of it.
local function read_file(file, path, first)
  local bytes, reason = file:read(M.MAX_BYTES + 1)
  if reason then return nil, ("cannot read %s: %s"):format(path, reason) end
  bytes = (first or "") .. (bytes or "")
  if #bytes > M.MAX_BYTES then return nil, ("%s: larger than %d MiB"):format(path, M.MAX_BYTES >> 20) end
  return bytes
end

--- The bytes of a file beside the recipe.
local function fetcher_of(folder)
  return function(name)
    local file <close>, missing = io.open(folder .. name, "rb")
    if not file then return nil, "cannot open " .. missing end
    return read_file(file, folder .. name)
  end
end

local function new(fields)
  return setmetatable(fields, Source)
end

-- ── the forms ──────────────────────────────────────────────────────────────────────────────────────────────────────

--- The entry is read once, so that a pipe does, too.
local function with_entry(source, bytes)
  source.bytes = bytes
  return source
end

--- The same of the recipe's file. Raises.
local function read_entry(file, path, first)
  local bytes, reason = read_file(file, path, first)
  if bytes then return bytes end
  if reason:find "^cannot" then fail("usage", "%s", reason) end
  fail("recipe", "%s, no script is", reason)
end

local function of_stdin()
  local bytes = read_entry(io.stdin, "standard input")
  local function nothing(name) return nil, ("%s: a recipe from standard input has no files beside it"):format(name) end
  return with_entry(new { kind = "stdin", path = "-", entry = "stdin", prefix = "", fetch = nothing }, bytes)
end

local function of_folder(path, file, first)
  local bytes = read_entry(file, path, first)
  local folder = path:match "^.*/" or ""
  return with_entry(new { kind = "folder", path = path, entry = path:sub(#folder + 1), prefix = folder,
    fetch = fetcher_of(folder) }, bytes)
end

--- A recipe of the library inside the program.
---@param name string as the user calls it
---@param entry string its file
---@param files table<string, string> the bytes of its files by name, the entry among them
---@return sluice.source
function M.of_library(name, entry, files)
  local function fetch(file)
    if files[file] then return files[file] end
    return nil, ("%s: the recipe %s of the library has no such file"):format(file, name)
  end
  return with_entry(new { kind = "library", path = name, entry = entry, prefix = "", fetch = fetch }, files[entry])
end

local function of_bundle(path, shown)
  local bundle = require("sluice.bundle.read").open(path, shown)
  local entry, files = bundle.manifest.entry, bundle.files
  local function fetch(name)
    if files[name] then return files[name] end
    return nil, ("%s: the bundle %s has no such file"):format(name, shown or path)
  end
  return with_entry(new { kind = "bundle", path = shown or path, entry = entry, prefix = "", fetch = fetch,
    manifest = bundle.manifest, signature = bundle.signature }, files[entry])
end

--- The bundle behind the program itself.
---@param shown string what the program was called as
---@return sluice.source
--- Raises kind "recipe" for one that is no good bundle.
function M.own(shown)
  return of_bundle("/proc/self/exe", shown)
end

--- Opens what the user named. Raises kind "usage" when it cannot be read, "recipe" when it is too large, or no good
--- bundle.
---@param path string a Lua file, a bundle, or an executable that is one; "-" for standard input
---@param library? fun(name: string): sluice.source|nil finds a recipe of the library; asked when there is no such file
---@return sluice.source
function M.open(path, library)
  if path == "-" then return of_stdin() end
  local file <close>, missing = io.open(path, "rb")
  local first = file and file:read(4)
  if ZIPPED[first] or file and path:lower():find "%.sluice$" then return of_bundle(path) end -- never as trusted Lua
  if file then return of_folder(path, file, first or "") end
  local found = library and library(path)
  return found or fail("usage", "cannot open %s", missing)
end

-- ── what is in it ──────────────────────────────────────────────────────────────────────────────────────────────────

--- Raises kind "usage" at a name that could lead elsewhere.
local function check_name(name)
  local problem = require("sluice.source.name").problem(name)
  if problem then
    local shown = require("sluice.suggest").quote(name)
    fail("usage", "the name %s %s; expected one relative to the recipe's folder", shown, problem)
  end
end

--- The bytes of a file beside the recipe.
---@param name string relative to the recipe's folder, with "/"; the entry is one of them
---@return string bytes at most 16 MiB
--- Raises kind "usage" for a name that leads elsewhere, "io" when there is no such file or it is too large.
function Source:read(name)
  if name == self.entry then return self.bytes end
  check_name(name)
  local bytes, reason = self.fetch(name)
  if not bytes then fail("io", "%s", reason) end
  return bytes
end

--- Is there such a file beside the recipe?
---@param name string
---@return boolean
function Source:has(name)
  if name == self.entry then return true end
  return not require("sluice.source.name").problem(name) and self.fetch(name) ~= nil
end

--- Where a file is, as errors show it: a chunk's name.
---@param name string
---@return string place
function Source:place(name)
  return self.kind == "stdin" and "=stdin" or "@" .. self.prefix .. name
end

--- A stranger's Lua never has the program's own globals, whoever loads it.
local function check_globals(source, env)
  if env or source.kind ~= "bundle" then return end
  fail("usage", "%s is a bundle, which is run or previewed only: 'sluice run' holds it to its permissions", source.path)
end

--- The recipe's file, loaded as text and not run.
---@param env? table its globals; by default those of the program
---@return function chunk gives the first value that the file returns
--- Raises kind "recipe" when it is not Lua text, "usage" for a bundle's without globals of its own.
function Source:chunk(env)
  check_globals(self, env)
  return text.load_entry(self.bytes, self:place(self.entry), env)
end

-- ── modules ────────────────────────────────────────────────────────────────────────────────────────────────────────

--- The files in which a module may be.
local function candidates(module)
  local base = module:gsub("%.", "/")
  return { base .. ".lua", base .. "/init.lua" }
end

--- The file beside the recipe that a module is in.
---@param module string as in `require`
---@return string|nil name
---@return string[]|nil tried names that are not there
function Source:find_module(module)
  local names = candidates(module)
  for _, name in ipairs(names) do
    if self:has(name) then return name end
  end
  return nil, names
end

--- What `package.searchers` may hold, to find modules beside the recipe.
---@param env? table the globals of what it loads; by default those of the program
---@return fun(module: string): (function|string), string|nil
--- Raises kind "usage" for a bundle's without globals of its own.
function Source:searcher(env)
  check_globals(self, env)
  return function(module)
    local name, tried = self:find_module(module)
    if not name then return ("no file '%s' beside the recipe"):format(table.concat(tried, "' or '")) end
    return text.load(self:read(name), self:place(name), env), self:place(name):sub(2)
  end
end

--- Lets `require` find modules beside the recipe: after those inside the program, before those of the system.
---@param env? table the globals of what it loads; by default those of the program
function Source:install(env)
  local searchers = (env and env.package or package).searchers
  local system = 3 -- Lua's own three for files come last
  table.insert(searchers, math.max(#searchers - system + 1, 1), self:searcher(env))
end

return M
