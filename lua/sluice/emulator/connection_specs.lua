--- The connection specs of the emulator, as the documents GET /connectionSpecs shows: the tutorial's cards,
-- the streams, the two sources, and those of `storage_specs`.
--
-- Facts from the sources: ids, names of authSpecs and of their parameters, which are required and which are
-- secret, target modes and parameters, patterns [T, D, ACT, EXP, STR].
-- Invented, because no source prints the documents of these cards (or not that part of them): every `type`
-- and category, the order of things, providerId outside the V2 cards, uiAttributes, and the `allOf` list that
-- says which parameters go with which mode where a card offers several.
local json = require("sluice.core").json
local parts = require "sluice.emulator.spec_parts"
local patterns = require "sluice.emulator.patterns"
local storage_specs = require "sluice.emulator.storage_specs"

local M = {}

local auth, enum, object, secret, text = parts.auth, parts.enum, parts.object, parts.secret, parts.text

local function email_sftp() -- [T]: domain and host both
  return auth("SFTP with Password", "SFTP", { "domain", "host", "username", "password" },
      { domain = text(), host = text(), username = text(), password = secret() }),
    auth("SFTP with SSH Key", "SFTP", { "domain", "host", "username", "sshKey" },
      { domain = text(), host = text(), username = text(), sshKey = secret { contentEncoding = "base64" } })
end

-- Parameters by mode [T]; only CSV is exported by these cards.
local MODES = {
  S3 = { required = { "bucketName", "path" },
    properties = { bucketName = text { pattern = patterns.BUCKET }, path = text() } },
  AZURE_BLOB = { required = { "container", "path" }, properties = { container = text(), path = text() } },
  FTP = { required = { "remotePath" }, properties = { remotePath = text() } },
}

local function mode_rule(mode)
  return { ["if"] = { properties = { mode = { const = mode } } },
    ["then"] = { required = json.array { table.unpack(MODES[mode].required) } } }
end

-- One mode: its parameters stand in `required`, where T tells clients to look. Several: only what all share.
local function file_target(options, ...)
  local modes, required = { ... }, {}
  local properties = { mode = enum(...), format = enum "CSV" }
  local rules = #modes > 1 and json.array {} or nil
  for _, mode in ipairs(modes) do
    for key, property in pairs(MODES[mode].properties) do properties[key] = property end
    if rules then rules[#rules + 1] = mode_rule(mode) end
  end
  if not rules then required = { table.unpack(MODES[modes[1]].required) } end
  if rules or options.target_mode == "required" then table.insert(required, 1, "mode") end
  local spec = object(required, properties)
  spec.allOf = rules
  return spec
end

local function email(options, id, name, ...)
  return parts.card { family = "email", category = "emailMarketing", id = id, name = name, auth = { ... },
    target = file_target(options, "S3", "FTP") }
end

local function storage(id, name, target, ...)
  return parts.card { family = "storage", category = "cloudStorage", id = id, name = name, auth = { ... },
    target = target }
end

local function campaign(options)
  local password, key = email_sftp()
  return parts.card { family = "email", category = "emailMarketing", name = "Adobe Campaign",
    id = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97",
    auth = { auth("S3", "KeyBased", { "accessId", "secretKey" }, { accessId = text(), secretKey = secret() }),
      password, key, parts.connection_string "Azure Blob" },
    target = file_target(options, "S3", "AZURE_BLOB", "FTP") }
end

local function legacy_sftp(options, name, field, property)
  local required = { "host", "username", field }
  if options.sftp_domain == "required" then table.insert(required, 1, "domain") end
  return auth(name, "SFTP", required,
    { domain = text(), host = text(), username = text(), port = { type = "integer" }, [field] = property })
end

local function tutorial_cards(options) -- [T, and D for the legacy storage cards]
  return {
    campaign(options),
    email(options, "c1e44b6b-e7c8-404b-9031-58f0ef760604", "Oracle Eloqua", email_sftp()),
    email(options, "a5e28ddf-e265-426e-83a1-9d03a3a6822b", "Oracle Responsys", email_sftp()),
    email(options, "f599a5b3-60a7-4951-950a-cc4115c7ea27", "Salesforce Marketing Cloud", email_sftp()),
    storage("4890fc95-5a1f-4983-94bb-e060c08e3f81", "Amazon S3", file_target(options, "S3"),
      auth("Access Key", "KeyBased", { "s3AccessKey", "s3SecretKey" },
        { s3AccessKey = text(), s3SecretKey = secret() })),
    storage("e258278b-a4cf-43ac-b158-4fa0ca0d948b", "Azure Blob", file_target(options, "AZURE_BLOB"),
      parts.connection_string "ConnectionString"),
    storage("64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0", "SFTP", file_target(options, "FTP"),
      legacy_sftp(options, "Basic Authentication for sftp", "password", secret()),
      legacy_sftp(options, options.sftp_ssh_name, "sshKey", secret { contentEncoding = "base64" })),
  }
end

local function stream(id, name, auth_spec, ...) -- [STR]
  local required, properties = { ... }, {}
  for _, key in ipairs(required) do properties[key] = text() end
  return parts.card { family = "streaming", category = "streaming", id = id, name = name,
    auth = { auth_spec }, target = object(required, properties) }
end

local function streams(options)
  local region = options.kinesis_region
  return {
    stream("86043421-563b-46ec-8e6c-e23184711bf6", "Amazon Kinesis",
      auth("Aws Kinesis authentication credentials", "KeyBased", { "accessKeyId", "secretKey", region },
        { accessKeyId = text(), secretKey = secret(), [region] = text() }), "stream", "region"),
    stream("bf9f5905-92b7-48bf-bf20-455bc6b60a4e", "Azure Event Hubs",
      auth("Azure EventHub authentication credentials", "KeyBased", { "sasKeyName", "sasKey", "namespace" },
        { sasKeyName = text(), sasKey = secret(), namespace = text() }), "eventHubName"),
  }
end

M.PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1" -- [T]
M.DATA_LAKE = "23598e46-f560-407b-88d5-ea6207e49db0" -- [EXP]

local function source(id, name)
  return parts.card { family = "source", category = "platform", id = id, name = name, auth = {} }
end

local function sources()
  return { source(M.PROFILE_STORE, "Unified Profile Service"), source(M.DATA_LAKE, "activation-datalake") }
end

--- Builds all connection specs.
---@param options table resolved options; several of them show in the documents
---@return sluice.emulator.ConnectionSpec[] list
function M.build(options)
  local list = {}
  for _, group in ipairs { tutorial_cards(options), storage_specs.build(options), streams(options),
    sources() } do
    table.move(group, 1, #group, #list + 1, list)
  end
  return list
end

--- Parameters a target mode of the tutorial's cards needs. [T]
---@param mode string
---@return string[]? names
function M.mode_requires(mode)
  return MODES[mode] and MODES[mode].required
end

return M
