--- `sluice bundle RECIPE`: puts a recipe and all that it needs into one file; with --list, --verify, --extract it looks
--- into such a file, and runs nothing of it.

local command = require "sluice.cli.command"
local core = require "sluice.core"

local M = {
  name = "bundle",
  summary = "put a recipe and all that it needs into one file",
  usage = "[options] RECIPE | --list|--verify|--extract FILE",
  arguments = { { name = "FILE", help = "a recipe; with --list, --verify or --extract a bundle" } },
  options = {
    { name = "--output", short = "-o", value = "PATH",
      help = "the bundle's file (NAME.sluice; with --exe NAME), or the folder of --extract (NAME)" },
    { name = "--include", value = "PATH", many = true,
      help = "a file or folder below the recipe's that it reads; may be given again and again" },
    { name = "--exe", help = "put the bundle behind the program: one executable file" },
    { name = "--sign", value = "KEY",
      help = "sign it with this private key: a file (Ed25519, PEM), env:NAME, file:PATH or cmd:PROGRAM" },
    { name = "--list", help = "tell what a bundle is, what it may do, and what is in it" },
    { name = "--verify", help = "check every byte of a bundle" },
    { name = "--extract", help = "write a bundle's files into a new folder" },
    { name = "--json", help = "with --list: print one JSON document" },
  },
  notes = [[
A bundle holds the recipe, the Lua modules that it requires (found by reading;
what cannot be found is named), what --include names, and a manifest. Hidden
files of a folder are left out. The same inputs make the same bytes. Run one
with 'sluice run FILE'; check whose it is with 'sluice verify --key PUB FILE'.
Keys: openssl genpkey -algorithm ed25519 -out KEY
      openssl pkey -in KEY -pubout -out PUB
]],
  example = "sluice bundle scripts/activate_sftp.lua -o activate.sluice",
}

local function fail(kind, message, ...) core.error.raise(kind, message:format(...)) end

local MODES = { "list", "verify", "extract" }

--- What is asked for. Raises kind "usage" for what does not go together.
local function mode_of(values)
  local mode
  for _, name in ipairs(MODES) do
    if values[name] and mode then command.usage_error(M, ("--%s and --%s exclude each other"):format(mode, name)) end
    mode = values[name] and name or mode
  end
  for _, name in ipairs { "include", "exe", "sign" } do
    if mode and values[name] then command.usage_error(M, ("--%s makes a bundle, --%s reads one"):format(name, mode)) end
  end
  if values.json and mode ~= "list" then command.usage_error(M, "--json needs --list") end
  if values.output and (mode == "list" or mode == "verify") then
    command.usage_error(M, ("--%s writes no file"):format(mode))
  end
  return mode
end

--- Does what the command line says.
---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = command.read(M, words)
  if not values then return 0 end
  local mode = mode_of(values)
  if mode then return require("sluice.cli.bundle.look")[mode](values) end
  if values.FILE == "-" then fail("usage", "a recipe from standard input has no name; expected a file") end
  return require("sluice.cli.bundle.make").make(values)
end

return M
