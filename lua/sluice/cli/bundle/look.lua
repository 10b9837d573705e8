--- Looking into a bundle: its list, its check, its files. Nothing of it is run.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local permissions = require "sluice.restrict.permissions"
local read = require "sluice.bundle.read"

local M = {}

local SHOWN = 16 -- digits of a digest that tables show

-- ── list ───────────────────────────────────────────────────────────────────────────────────────────────────────────

--- What is claimed of whose it is.
local function signature_text(bundle)
  local claim = bundle.signature
  if not claim then return "not signed" end
  return ("signed, as it says by the key %s; 'sluice verify --key PUB FILE' tells"):format(claim.key:sub(1, SHOWN))
end

local function param_line(param)
  local help = param.help and ": " .. clean.line(param.help) or ""
  return ("  %s (%s)%s"):format(param.name, param.type or "string", help)
end

local function member_lines(bundle, lines)
  local width = 0
  for _, member in ipairs(bundle.members) do width = math.max(width, utf8.len(member.name)) end
  for _, member in ipairs(bundle.members) do
    lines[#lines + 1] = ("  %s%s  %9d  %s"):format(member.name, (" "):rep(width - utf8.len(member.name)),
      #member.bytes, member.sha256:sub(1, SHOWN))
  end
end

local function list_text(bundle)
  local manifest = bundle.manifest
  local lines = { ("%s %s: %s"):format(manifest.name, manifest.version, manifest.summary), signature_text(bundle),
    ("runs %s; needs Sluice %s"):format(manifest.entry, manifest.requires_sluice), "", "It may use:" }
  local may = permissions.explain(manifest.permissions, manifest.params)
  for _, line in ipairs(may) do lines[#lines + 1] = "  " .. line end
  lines[#lines + 1] = "\nParameters:"
  for _, param in ipairs(manifest.params) do lines[#lines + 1] = param_line(param) end
  if #manifest.params == 0 then lines[#lines + 1] = "  none" end
  lines[#lines + 1] = "\nFiles, with bytes and the beginning of their SHA-256:"
  member_lines(bundle, lines)
  return table.concat(lines, "\n") .. "\n"
end

local function list_document(bundle)
  local members = core.json.array {}
  for i, member in ipairs(bundle.members) do
    members[i] = { name = member.name, size = #member.bytes, sha256 = member.sha256 }
  end
  return { file = bundle.path, manifest = bundle.manifest, members = members,
    signature = bundle.signature and { algorithm = "Ed25519", key = bundle.signature.key } or core.json.null }
end

--- Tells what a bundle is.
---@param values table of the command line
---@return integer exit_code
function M.list(values)
  local bundle = read.open(values.FILE)
  require("sluice.cli.output").value(values, list_document(bundle), function() return list_text(bundle) end)
  return 0
end

-- ── verify ─────────────────────────────────────────────────────────────────────────────────────────────────────────

--- Checks every byte.
---@param values table of the command line
---@return integer exit_code
function M.verify(values)
  local bundle = read.open(values.FILE)
  require("sluice.bundle.signing").check_program(bundle, values.FILE)
  io.write(("%s: %s %s is whole; %s\n"):format(values.FILE, bundle.manifest.name, bundle.manifest.version,
    signature_text(bundle)))
  return 0
end

-- ── extract ────────────────────────────────────────────────────────────────────────────────────────────────────────

local function default_folder(path)
  local name = path:match "[^/]*$"
  local bare = name:gsub("%.%w+$", "")
  return bare ~= "" and bare ~= name and bare or name .. "-files"
end

--- Writes the files into a folder that is not there yet.
---@param values table of the command line
---@return integer exit_code
function M.extract(values)
  local bundle = read.open(values.FILE)
  local folder = values.output or default_folder(values.FILE)
  core.archive.make_folder(folder)
  for _, member in ipairs(bundle.members) do
    local path = folder .. "/" .. member.name
    core.files.make_folder((path:match "^(.*)/"))
    core.archive.save(path, member.bytes, "new")
  end
  io.write(("%s: %d files\n"):format(folder, #bundle.members))
  return 0
end

return M
