--- Making a bundle: what goes into it, where it goes, and what is said of it.

local bundle = require "sluice.bundle"
local core = require "sluice.core"
local source = require "sluice.source"

local M = {}

local PROGRAM = "/proc/self/exe"

local function fail(kind, message, ...) core.error.raise(kind, message:format(...)) end

local function warn(text) io.stderr:write("warning: ", text, "\n") end

-- ── what goes into it ──────────────────────────────────────────────────────────────────────────────────────────────

--- The files below a folder, hidden ones left out.
local function expand(path, names, name)
  local entries = require("sluice.host").files(path)
  table.sort(entries)
  for _, entry in ipairs(entries) do
    local plain = entry:gsub("/$", "")
    if plain:find "^%." then goto continue end
    local below = path .. "/" .. plain
    local found = core.files.look(below)
    if found and found.kind == "folder" then
      expand(below, names, name .. plain .. "/")
    else
      names[#names + 1] = name .. plain
    end
    ::continue::
  end
end

--- The names, beside the recipe, of what --include says.
local function included(paths, src)
  local names = {}
  if paths and src.kind ~= "folder" then fail("usage", "--include: a recipe of the library has no files beside it") end
  local root = paths and core.archive.place(src.path):match "^.*/"
  for _, path in ipairs(paths or {}) do
    local found, place = core.files.look(path), core.archive.place(path)
    if not found then fail("usage", "--include: there is no %s", path) end
    if found.kind == "folder" then place = (place .. "/"):gsub("//$", "/") end
    if place:sub(1, #root) ~= root then
      fail("usage", "--include: %s is not below the recipe's folder %s", path, root)
    end
    if found.kind == "folder" then expand(place:sub(1, -2), names, place:sub(#root + 1))
    else names[#names + 1] = place:sub(#root + 1) end
  end
  return names
end

local function gather(src, values)
  local gathered = bundle.gather(src, included(values.include, src))
  for _, warning in ipairs(gathered.warnings) do warn(warning) end
  local problems = gathered.problems
  if #problems == 0 then return gathered.files end
  for i = 1, #problems - 1 do io.stderr:write("error: ", problems[i], "\n") end
  fail("recipe", "%s", problems[#problems])
end

--- The recipe of the file, for what it says of itself.
local function load_recipe(src)
  src:install()
  local value = src:chunk()()
  if require("sluice.recipe").is(value) then return value end
  fail("recipe", "%s returns no recipe; a bundle holds one: return sluice.recipe { … }", src.path)
end

local function read_key(reference)
  if not reference then return nil end
  local secret = require "sluice.secret"
  return secret.from(reference, "signing key") or secret.file(reference, "signing key")
end

--- The program's own bytes.
local function read_program()
  local file <close>, missing = io.open(PROGRAM, "rb")
  if not file then fail("io", "cannot open %s", missing) end
  local bytes = file:read "a"
  local members, front = core.archive.parse(bytes)
  return members and bytes:sub(1, front) or bytes
end

-- ── where it goes ──────────────────────────────────────────────────────────────────────────────────────────────────

--- Only a bundle is ever overwritten.
local function check_output(path)
  local found = core.files.look(path)
  if not found then return path end
  if found.kind ~= "file" then fail("usage", "cannot write %s: it is no file", path) end
  local file <close>, missing = io.open(path, "rb")
  if not file then fail("usage", "cannot open %s", missing) end
  if file:read(4) ~= "PK\3\4" and not core.archive.read(path) then
    fail("usage", "%s is there, and no bundle: it is not overwritten; choose another name with -o", path)
  end
  return path
end

local function output_of(values, src)
  local name = src.entry:gsub("%.lua$", "")
  return values.output or values.exe and name or name .. ".sluice"
end

local function summary(path, manifest, bytes, signed)
  local count = 0
  for _ in pairs(manifest.members) do count = count + 1 end
  return ("%s: %s %s, %d %s, %d bytes, %s\n"):format(path, manifest.name, manifest.version, count,
    count == 1 and "file" or "files", #bytes, signed and "signed" or "not signed")
end

--- Makes a bundle, and says so on standard output.
---@param values table of the command line
---@return integer exit_code
function M.make(values)
  local src = source.open(values.FILE, require("sluice.recipe.library").open)
  if src.kind == "bundle" then fail("usage", "%s is a bundle already; expected a recipe's Lua file", values.FILE) end
  local output = check_output(output_of(values, src))
  local key = read_key(values.sign)
  local files = gather(src, values)
  local program = values.exe and read_program() or nil
  local archive, manifest = require("sluice.bundle.write").write(load_recipe(src), src.entry, files,
    { program = program, key = key, key_name = values.sign })
  local bytes = (program or "") .. archive
  core.archive.save(output, bytes, values.exe and "program" or "data")
  io.write(summary(output, manifest, bytes, key ~= nil))
  return 0
end

return M
