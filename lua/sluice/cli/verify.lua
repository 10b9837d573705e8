--- `sluice verify --key PUB FILE`: whose a bundle is.

local command = require "sluice.cli.command"
local core = require "sluice.core"

local M = {
  name = "verify",
  summary = "check that a bundle is signed by a key, and whole",
  usage = "--key PUB FILE",
  arguments = { { name = "FILE", help = "a bundle, or an executable that is one" } },
  options = {
    { name = "--key", value = "PUB", help = "the public key's file (Ed25519, PEM)" },
  },
  notes = [[
Exit codes: 0 when every byte is as it was signed; 1 when it is not, or not
signed by this key. Nothing of the bundle is run.
]],
  example = "sluice verify --key team.pub activate.sluice",
}

local MAX_KEY = 64 * 1024

local function read_key(path)
  local file <close>, missing = io.open(path, "rb")
  if not file then core.error.raise("config", "cannot open the key " .. missing) end
  local bytes, reason = file:read(MAX_KEY)
  if reason then core.error.raise("config", ("cannot read the key %s: %s"):format(path, reason)) end
  return bytes or ""
end

--- Does what the command line says.
---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = command.read(M, words)
  if not values then return 0 end
  if not values.key then command.usage_error(M, "--key is missing; expected the public key's file") end
  local signing = require "sluice.bundle.signing"
  local key = read_key(values.key)
  local bundle = require("sluice.bundle.read").open(values.FILE)
  local fingerprint = signing.verify(bundle, key, values.key)
  signing.check_program(bundle, values.FILE)
  io.write(("%s: %s %s, signed by %s (%s)\n"):format(values.FILE, bundle.manifest.name, bundle.manifest.version,
    values.key, fingerprint:sub(1, 16)))
  return 0
end

return M
