--- Signatures of bundles: Ed25519 over the manifest, which holds the SHA-256 of all else.

local core = require "sluice.core"
local manifests = require "sluice.bundle.manifest"

local M = {}

--- What is signed says what it is, so that no other signature by the same key could be taken for one of a bundle.
local function signed_text(manifest_bytes)
  return "sluice bundle 1\n" .. manifest_bytes
end

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local function key_failure(name, problem)
  core.error.raise("config", ("the key %s %s"):format(name, problem))
end

--- The document of a signature.
---@param manifest_bytes string
---@param key sluice.Secret|string the private key, PEM
---@param key_name? string what errors call it
---@return string bytes
--- Raises kind "config" for what is no such key.
function M.sign(manifest_bytes, key, key_name)
  local signature, public = core.signature.make(key, signed_text(manifest_bytes))
  if not signature then key_failure(key_name or "to sign with", public) end
  return manifests.encode { algorithm = "Ed25519", key = core.signature.digest(public), signature = hex(signature) }
end

--- Is a bundle signed by the key? Only this tells whose it is: until then, a signature is a claim.
---@param bundle sluice.bundle
---@param key string the public key, PEM
---@param key_name? string what errors call it
---@return string fingerprint of the key
--- Raises kind "recipe" when it is not, "config" for what is no such key.
function M.verify(bundle, key, key_name)
  local refuse, claim = require("sluice.bundle.read").refuse, bundle.signature
  local good, public = core.signature.check(key, signed_text(bundle.bytes), claim and claim.bytes or ("\0"):rep(64))
  if good == nil then key_failure(key_name or "to verify with", public) end
  local fingerprint = core.signature.digest(public)
  if not claim then refuse(bundle.path, "not signed") end
  if claim.key ~= fingerprint then
    refuse(bundle.path, "signed by another key: %s, not %s", claim.key:sub(1, 16), fingerprint:sub(1, 16))
  end
  if not good then refuse(bundle.path, "the signature is not one of this bundle") end
  return fingerprint
end

--- Is the program before a bundle the one of the manifest? Raises kind "recipe" when it is not.
---@param bundle sluice.bundle
---@param path string where it is
function M.check_program(bundle, path)
  local program = bundle.manifest.program
  if not program then return end
  local file <close>, missing = io.open(path, "rb")
  if not file then core.error.raise("usage", "cannot open " .. missing) end
  if core.signature.digest(file:read(program.size) or "") ~= program.sha256 then
    require("sluice.bundle.read").refuse(bundle.path, "the program before the bundle is not the one of the manifest")
  end
end

return M
