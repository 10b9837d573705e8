--- Documents of the cloud-storage cards of the second generation. [ACT, EXP, D, MIG]
-- They differ from those of the tutorial's cards in what they say about files: type, compression, csvOptions,
-- and a schema that the columns of a mapping set are added to.
local json = require("sluice.core").json
local parts = require "sluice.emulator.spec_parts"
local patterns = require "sluice.emulator.patterns"

local M = {}

local auth, secret, text = parts.auth, parts.secret, parts.text

-- What is sent
-- -------------------------------------------------------------------------

-- A closed list as ACT prints it: oneOf with a title and a const each.
local function one_of(default, ...)
  local choices = json.array {}
  for i, value in ipairs { ... } do choices[i] = { title = value, const = value } end
  return text { oneOf = choices, default = default }
end

local function csv_options(options)
  local quote = options.csv_quote_default == "quote" and '"' or ""
  return { type = "object", title = "CSV Options",
    conditional = { field = "fileType", operator = "EQUALS", value = "CSV" },
    properties = {
      delimiter = one_of(",", ",", "\t", "|", ";", ":"), quote = one_of(quote, '"', ""),
      escape = one_of("\\", "\\", "'"), nullValue = one_of("null", "null", '""', ""),
      emptyValue = one_of("", "null", '""', ""),
    } }
end

local function only_for(operator, ...)
  local property = parts.enum(...)
  property.title = "File Type"
  property.conditional = { field = "flowSpec.attributes._workflow", operator = operator, value = "DATASETS" }
  return property
end

-- `required` names both file types; each is conditional on the workflow, so one is sent. [D, EXP]
-- `mode` is in every sample, yet not in `required`.
local function target(options, ...)
  local required = {}
  local properties = {
    mode = parts.enum "Server-to-server", compression = parts.enum("NONE", "GZIP"),
    csvOptions = csv_options(options),
    fileType = only_for("NOT_CONTAINS", "CSV", "JSON", "PARQUET"),
    datasetFileType = only_for("CONTAINS", "JSON", "PARQUET"),
  }
  for _, key in ipairs { ... } do
    required[#required + 1] = key[1]
    properties[key[1]] = text { title = key[2], pattern = key[3] }
  end
  table.move({ "datasetFileType", "compression", "fileType" }, 1, 3, #required + 1, required)
  return parts.object(required, properties)
end

-- Entities that were migrated from the tutorial's card show `FTP`. [MIG]
local function sftp_target(options)
  local schema = target(options, { "remotePath", "Folder path" })
  schema.properties.mode = parts.enum("Server-to-server", "FTP")
  return schema
end

local function folder(pattern) return { "path", "Folder path", pattern } end

-- What is mapped
-- -------------------------------------------------------------------------

local function map(entries)
  return { type = "object", ["meta:xdmType"] = "map", additionalProperties = entries }
end

local function fields(...)
  local properties = {}
  for _, name in ipairs { ... } do properties[name] = { type = "string" } end
  return { type = "object", ["meta:xdmType"] = "object", properties = properties }
end

-- Three maps [ACT]; of the members of an entry only those an export can be about.
local function partner_schema()
  return { jsonSchema = { title = "defaultschema", type = "object", properties = {
    attributes = map(fields "value"),
    identityMap = map { type = "array", ["meta:xdmType"] = "array",
      items = fields("id", "primary", "authenticatedState") },
    segmentMembership = map(map(fields("status", "lastQualificationTime", "version", "validUntil"))),
  } } }
end

-- The cards
-- -------------------------------------------------------------------------

local function pgp() -- [ACT]
  local algorithm = text { enum = json.array { "PGPGPG", "NONE" }, default = "PGPGPG" }
  return { name = "File PGP/GPG Encryption", type = "FileAsymmetric",
    spec = parts.object({ "encryptionAlgo", "publicKey" },
      { encryptionAlgo = algorithm, publicKey = text() }) }
end

local function card(id, name, encryption, target_spec, ...)
  return parts.card { family = "v2", category = "cloudStorage", id = id, name = name, auth = { ... },
    target = target_spec, encryption = encryption, partner_schema = partner_schema() }
end

local function sftp(name, key, property) -- [ACT]; port in a newer sample of MIG only
  return auth(name, "SFTP", { "domain", "username", key },
    { domain = text(), username = text(), [key] = property, port = { type = "integer" } })
end

local function amazon_s3(options)
  return card("4fce964d-3f37-408f-9778-e597338a21ee", "Amazon S3", pgp(),
    target(options, { "bucketName", "Bucket name", patterns.BUCKET }, folder(patterns.PATH)),
    auth("Access Key", "KeyBased", { "s3SecretKey", "s3AccessKey" },
      { s3AccessKey = text { pattern = patterns.KEY_ID },
        s3SecretKey = secret { pattern = patterns.SECRET_KEY } }),
    auth("Assumed Role", "S3RoleBased", { "s3Role" }, { s3Role = secret() }))
end

local function adls_gen2(options)
  return card("be2c3209-53bc-47e7-ab25-145db8b873e1", "Azure Data Lake Gen2", pgp(),
    target(options, folder()),
    auth("Azure Service Principal Auth", "AzureServicePrincipal",
      { "servicePrincipalKey", "url", "tenant", "servicePrincipalId" },
      { url = text(), servicePrincipalId = text(), servicePrincipalKey = secret(), tenant = text() }))
end

local function google_cloud_storage(options)
  return card("c5d93acb-ea8b-4b14-8f53-02138444ae99", "Google Cloud Storage", pgp(),
    target(options, { "bucketName", "Bucket name", patterns.GOOGLE_BUCKET }, folder(patterns.PATH)),
    auth("Google Cloud Storage authentication credentials", "GoogleCloudStorageAuth",
      { "accessKeyId", "secretAccessKey" }, { accessKeyId = text(), secretAccessKey = secret() }))
end

--- Builds the documents of the six cards.
---@param options table resolved options
---@return sluice.emulator.ConnectionSpec[] list
function M.build(options)
  return {
    amazon_s3(options),
    card("6d6b59bf-fb58-4107-9064-4d246c0e5bb2", "Azure Blob Storage", pgp(),
      target(options, { "container", "Container", patterns.CONTAINER }, folder(patterns.BLOB_PATH)),
      parts.connection_string "ConnectionString"),
    card("36965a81-b1c6-401b-99f8-22508f1e6a26", "SFTP", pgp(), sftp_target(options),
      sftp("SFTP with Password", "password", secret()),
      sftp("SFTP with SSH Key", "sshKey", secret { contentEncoding = "base64" })),
    adls_gen2(options),
    -- No authentication, and no encryption [ACT]; the UI lists an optional key for files.
    card("10440537-2a7b-4583-ac39-ed38d4b848e8", "Data Landing Zone",
      options.landing_zone_encryption == "offered" and pgp() or nil, target(options, folder())),
    google_cloud_storage(options),
  }
end

return M
