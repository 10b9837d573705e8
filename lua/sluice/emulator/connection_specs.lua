--- The connection specs of the emulator, as the documents GET /connectionSpecs shows.
--
-- Facts from the sources: ids, names of authSpecs and of their parameters, which are required and which are
-- secret, target modes and parameters, patterns [T, D, ACT, EXP, STR].
-- Invented, because no source prints the documents of these cards (or not that part of them): every `type`
-- and category, the order of things, providerId outside the V2 cards, uiAttributes, and the `allOf` list that
-- says which parameters go with which mode where a card offers several.
local json = require("sluice.core").json

local M = {}

local PROVIDER = "14e34fac-d307-11e9-bb65-2a2ae2dbcce4" -- [ACT, EXP] for the V2 cards
local SCHEMA = "http://json-schema.org/draft-07/schema#"

local BUCKET = [[(?=^.{3,63}$)(?!^(\d+\.)+\d+$)(^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*]]
  .. [[([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])$)]]
local CONTAINER = "^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$"
local PATH = [[^[0-9a-zA-Z\/\!\-_\.\*\''\(\)]*((\%SEGMENT_(NAME|ID)\%)?\/?)+$]]
local BLOB_PATH = [[^[0-9a-zA-Z\/\!\-_\.\*\'\(\)]+$]]
local KEY_ID, SECRET_KEY = "^[A-Z2-7]{20}$", "^[A-Za-z0-9/+]{40}$"

local function text(extra)
  local property = { type = "string" }
  for k, v in pairs(extra or {}) do property[k] = v end
  return property
end

local function secret(extra) -- secrets are marked by their format [ACT]
  local property = text(extra)
  property.format = "password"
  return property
end

local function enum(...) return text { enum = json.array { ... } } end

local function object(required, properties)
  return { ["$schema"] = SCHEMA, type = "object", required = json.array(required), properties = properties }
end

local function auth(name, kind, required, properties)
  return { name = name, type = kind, spec = object(required, properties) }
end

-- Authentications shared by several cards
-- -------------------------------------------------------------------------

local function email_sftp() -- [T]: domain and host both
  return auth("SFTP with Password", "SFTP", { "domain", "host", "username", "password" },
      { domain = text(), host = text(), username = text(), password = secret() }),
    auth("SFTP with SSH Key", "SFTP", { "domain", "host", "username", "sshKey" },
      { domain = text(), host = text(), username = text(), sshKey = secret { contentEncoding = "base64" } })
end

local function v2_sftp() -- [ACT, MIG]
  return auth("SFTP with Password", "SFTP", { "domain", "username", "password" },
      { domain = text(), username = text(), password = secret(), port = { type = "integer" } }),
    auth("SFTP with SSH Key", "SFTP", { "domain", "username", "sshKey" },
      { domain = text(), username = text(), sshKey = secret { contentEncoding = "base64" },
        port = { type = "integer" } })
end

local function connection_string(name) -- [T, ACT]
  return auth(name, "ConnectionString", { "connectionString" }, { connectionString = secret() })
end

-- Targets

-- Parameters by mode [T]; only CSV is exported by these cards.
local MODES = {
  S3 = { required = { "bucketName", "path" },
    properties = { bucketName = text { pattern = BUCKET }, path = text() } },
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

local function only_for(operator, values)
  local property = enum(table.unpack(values))
  property.conditional = { field = "flowSpec.attributes._workflow", operator = operator, value = "DATASETS" }
  return property
end

-- V2 cards [D, EXP]. `required` names both file types; each is conditional on the workflow, so one is sent.
-- `mode` is in every sample, yet not in `required`; migrated SFTP entities show `FTP` [MIG].
local function v2_target(...)
  local required = {}
  local properties = {
    mode = enum("Server-to-server", "FTP"), compression = enum("NONE", "GZIP"),
    csvOptions = { type = "object" },
    fileType = only_for("NOT_CONTAINS", { "CSV", "JSON", "PARQUET" }),
    datasetFileType = only_for("CONTAINS", { "JSON", "PARQUET" }),
  }
  for _, key in ipairs { ... } do
    required[#required + 1], properties[key[1]] = key[1], text { pattern = key[2] }
  end
  table.move({ "compression", "fileType", "datasetFileType" }, 1, 3, #required + 1, required)
  return object(required, properties)
end

local function stream_target(...) -- [STR]
  local properties = {}
  for _, key in ipairs { ... } do properties[key] = text() end
  return object({ ... }, properties)
end

-- The cards

local function pgp() -- [ACT]
  local algorithm = text { enum = json.array { "PGPGPG", "NONE" }, default = "PGPGPG" }
  return { name = "File PGP/GPG Encryption", type = "FileAsymmetric",
    spec = object({ "encryptionAlgo", "publicKey" }, { encryptionAlgo = algorithm, publicKey = text() }) }
end

local function card(family, category, id, name, auth_specs, target, encryption)
  local document = { id = id, name = name, version = "1.0", providerId = PROVIDER,
    authSpec = json.array(auth_specs), encryptionSpecs = json.array { encryption },
    attributes = { category = category, isSource = family == "source" } }
  if target then
    document.targetSpec = { name = "User based target", type = "UserNamespace", spec = target,
      attributes = { uiAttributes = { isDestination = true, category = category, label = name } } }
  end
  return { family = family, document = document }
end

local function email(options, id, name, ...)
  return card("email", "emailMarketing", id, name, { ... }, file_target(options, "S3", "FTP"))
end

local function storage(id, name, auth_specs, target)
  return card("storage", "cloudStorage", id, name, auth_specs, target)
end

local function v2(id, name, auth_specs, target, encryption)
  return card("v2", "cloudStorage", id, name, auth_specs, target, encryption)
end

local function tutorial_cards(options) -- [T, and D for the legacy storage cards]
  local password, key = email_sftp()
  local s3 = auth("S3", "KeyBased", { "accessId", "secretKey" }, { accessId = text(), secretKey = secret() })
  local function sftp(name, field, property)
    local required = { "host", "username", field }
    if options.sftp_domain == "required" then table.insert(required, 1, "domain") end
    return auth(name, "SFTP", required,
      { domain = text(), host = text(), username = text(), port = { type = "integer" }, [field] = property })
  end
  return {
    card("email", "emailMarketing", "0b23e41a-cb4a-4321-a78f-3b654f5d7d97", "Adobe Campaign",
      { s3, password, key, connection_string "Azure Blob" }, file_target(options, "S3", "AZURE_BLOB", "FTP")),
    email(options, "c1e44b6b-e7c8-404b-9031-58f0ef760604", "Oracle Eloqua", email_sftp()),
    email(options, "a5e28ddf-e265-426e-83a1-9d03a3a6822b", "Oracle Responsys", email_sftp()),
    email(options, "f599a5b3-60a7-4951-950a-cc4115c7ea27", "Salesforce Marketing Cloud", email_sftp()),
    storage("4890fc95-5a1f-4983-94bb-e060c08e3f81", "Amazon S3", {
      auth("Access Key", "KeyBased", { "s3AccessKey", "s3SecretKey" },
        { s3AccessKey = text(), s3SecretKey = secret() }),
    }, file_target(options, "S3")),
    storage("e258278b-a4cf-43ac-b158-4fa0ca0d948b", "Azure Blob", { connection_string "ConnectionString" },
      file_target(options, "AZURE_BLOB")),
    storage("64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0", "SFTP", {
      sftp("Basic Authentication for sftp", "password", secret()),
      sftp(options.sftp_ssh_name, "sshKey", secret { contentEncoding = "base64" }),
    }, file_target(options, "FTP")),
  }
end

local function v2_cards() -- [ACT, EXP]
  return {
    v2("4fce964d-3f37-408f-9778-e597338a21ee", "Amazon S3", {
      auth("Access Key", "KeyBased", { "s3AccessKey", "s3SecretKey" },
        { s3AccessKey = text { pattern = KEY_ID }, s3SecretKey = secret { pattern = SECRET_KEY } }),
      auth("Assumed Role", "S3RoleBased", { "s3Role" }, { s3Role = secret() }),
    }, v2_target({ "bucketName", BUCKET }, { "path", PATH }), pgp()),
    v2("6d6b59bf-fb58-4107-9064-4d246c0e5bb2", "Azure Blob Storage", { connection_string "ConnectionString" },
      v2_target({ "container", CONTAINER }, { "path", BLOB_PATH }), pgp()),
    v2("36965a81-b1c6-401b-99f8-22508f1e6a26", "SFTP", { v2_sftp() }, v2_target { "remotePath" }, pgp()),
    v2("be2c3209-53bc-47e7-ab25-145db8b873e1", "Azure Data Lake Gen2", {
      auth("Azure Service Principal Auth", "AzureServicePrincipal",
        { "url", "servicePrincipalId", "servicePrincipalKey", "tenant" },
        { url = text(), servicePrincipalId = text(), servicePrincipalKey = secret(), tenant = text() }),
    }, v2_target { "path" }, pgp()),
    v2("10440537-2a7b-4583-ac39-ed38d4b848e8", "Data Landing Zone", {}, v2_target { "path" }),
    v2("c5d93acb-ea8b-4b14-8f53-02138444ae99", "Google Cloud Storage", {
      auth("Google Cloud Storage authentication credentials", "GoogleCloudStorageAuth",
        { "accessKeyId", "secretAccessKey" }, { accessKeyId = text(), secretAccessKey = secret() }),
    }, v2_target({ "bucketName" }, { "path", PATH }), pgp()),
  }
end

local function other_cards() -- [STR, T, EXP]
  return {
    card("streaming", "streaming", "86043421-563b-46ec-8e6c-e23184711bf6", "Amazon Kinesis", {
      auth("Aws Kinesis authentication credentials", "KeyBased", { "accessKeyId", "secretKey", "region" },
        { accessKeyId = text(), secretKey = secret(), region = text() }),
    }, stream_target("stream", "region")),
    card("streaming", "streaming", "bf9f5905-92b7-48bf-bf20-455bc6b60a4e", "Azure Event Hubs", {
      auth("Azure EventHub authentication credentials", "KeyBased", { "sasKeyName", "sasKey", "namespace" },
        { sasKeyName = text(), sasKey = secret(), namespace = text() }),
    }, stream_target("eventHubName")),
    card("source", "platform", M.PROFILE_STORE, "Unified Profile Service", {}),
    card("source", "platform", M.DATA_LAKE, "activation-datalake", {}),
  }
end

M.PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1" -- [T]
M.DATA_LAKE = "23598e46-f560-407b-88d5-ea6207e49db0" -- [EXP]

-- The patterns above as Lua predicates: Lua has no regular expressions.
M.PATTERNS = {
  [BUCKET] = function(value)
    if #value < 3 or #value > 63 or value:find("%.%.") or value:match("^[%d.]+%.%d+$") then return false end
    for label in (value .. "."):gmatch("([^.]*)%.") do
      if not label:match("^[%l%d]$") and not label:match("^[%l%d][%l%d-]*[%l%d]$") then return false end
    end
    return true
  end,
  [CONTAINER] = function(value)
    return #value >= 3 and #value <= 63 and not value:find("--", 1, true)
      and value:match("^[%l%d][%l%d-]*[%l%d]$") ~= nil
  end,
  [PATH] = function(value)
    local macros = value:match("^[%w/!%-_.*'()]*(.*)$")
    return macros:gsub("%%SEGMENT_NAME%%", ""):gsub("%%SEGMENT_ID%%", ""):gsub("/", "") == ""
  end,
  [BLOB_PATH] = function(value) return value:match("^[%w/!%-_.*'()]+$") ~= nil end,
  [KEY_ID] = function(value) return #value == 20 and value:match("^[A-Z2-7]+$") ~= nil end,
  [SECRET_KEY] = function(value) return #value == 40 and value:match("^[%w/+]+$") ~= nil end,
}

---@class sluice.emulator.ConnectionSpec
---@field family "email"|"storage"|"v2"|"streaming"|"source" rules for its dataflows; no client sees it
---@field document table what GET /connectionSpecs/{id} shows

--- Builds all connection specs.
---@param options table resolved options; target_mode, sftp_domain and sftp_ssh_name show in the documents
---@return sluice.emulator.ConnectionSpec[] list
function M.build(options)
  local list = {}
  for _, group in ipairs { tutorial_cards(options), v2_cards(), other_cards() } do
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
