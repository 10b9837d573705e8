--- Every destination there is, as definitions: the 13 combinations of system and credentials of the tutorial, each
--- newer card with each of its credentials, file formats and compressions, each stream, each dataset export.

local M = {}

local AUDIENCE = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"
local TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
local ONCE = { frequency = "ONCE", triggerType = "SCHEDULED", startDate = "2030-01-01", startTime = "17:00" }

local KEY = "BASE64BASE64"
local PASSWORD = { domain = "d.example.com", host = "h.example.com", username = "u", password = "p" }
local SSH_KEY = { domain = "d.example.com", host = "h.example.com", username = "u", sshKey = KEY }
local ACCESS_KEY = { s3AccessKey = ("A2"):rep(10), s3SecretKey = ("aB1/"):rep(10) }
local CONNECTION_STRING = { connectionString = "cs" }

-- What the target connection carries.
local IN = { mode = "FTP", remotePath = "/in", format = "CSV" }
local BUCKET = { mode = "S3", bucketName = "b-1", path = "p", format = "CSV" }
local CONTAINER = { mode = "AZURE_BLOB", container = "c-1", path = "p", format = "CSV" }

-- Type, auth spec, its params, the params of the target connection.
local TUTORIAL = {
  { "adobe-campaign", "S3", { accessId = "AKIA", secretKey = "s" }, BUCKET },
  { "adobe-campaign", "SFTP with Password", PASSWORD, IN },
  { "adobe-campaign", "SFTP with SSH Key", SSH_KEY, IN },
  { "adobe-campaign", "Azure Blob", CONNECTION_STRING, CONTAINER },
  { "oracle-eloqua", "SFTP with Password", PASSWORD, IN },
  { "oracle-eloqua", "SFTP with SSH Key", SSH_KEY, IN },
  { "oracle-responsys", "SFTP with Password", PASSWORD, IN },
  { "oracle-responsys", "SFTP with SSH Key", SSH_KEY, IN },
  { "salesforce-marketing-cloud", "SFTP with Password", PASSWORD, IN },
  { "salesforce-marketing-cloud", "SFTP with SSH Key", SSH_KEY, IN },
  { "amazon-s3", "Access Key", ACCESS_KEY, BUCKET },
  { "azure-blob", "ConnectionString", CONNECTION_STRING, CONTAINER },
  { "sftp", "Basic Authentication for sftp", { host = "h.example.com", username = "u", password = "p" },
    { mode = "FTP", remotePath = "/in" } },
}

-- Type, where the files go, its auth specs; the first one stands in every format.
local CARDS = {
  { "amazon-s3-v2", { bucketName = "b-1", path = "p" }, {
    { "Access Key", ACCESS_KEY }, { "Assumed Role", { s3Role = "arn:aws:iam::123456789012:role/export" } } } },
  { "azure-blob-v2", { container = "c-1", path = "p" }, { { "ConnectionString", CONNECTION_STRING } } },
  { "adls-gen2", { path = "p" }, { { "Azure Service Principal Auth",
    { url = "https://x.dfs.core.windows.net", servicePrincipalId = "i", servicePrincipalKey = "k", tenant = "t" } } } },
  { "data-landing-zone", { path = "p" }, { {} } },
  { "google-cloud-storage", { bucketName = "b-1", path = "p" }, {
    { "Google Cloud Storage authentication credentials", { accessKeyId = "i", secretAccessKey = "s" } } } },
  { "sftp-v2", { remotePath = "/in" }, {
    { "SFTP with Password", { domain = "d.example.com", username = "u", password = "p" } },
    { "SFTP with SSH Key", { domain = "d.example.com", username = "u", sshKey = KEY } } } },
}

local STREAMS = {
  { "amazon-kinesis", "Aws Kinesis authentication credentials",
    { accessKeyId = "i", secretKey = "k", region = "eu-central-1" }, { stream = "s", region = "eu-central-1" } },
  { "azure-event-hubs", "Azure EventHub authentication credentials",
    { sasKeyName = "n", sasKey = "k", namespace = "ns" }, { eventHubName = "hub" } },
}

local function with(base, more)
  local made = {}
  for key, value in pairs(base or {}) do made[key] = value end
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

--- Without what the definition leaves to the catalog.
local function target_of(params)
  local target = with(params)
  target.mode, target.format = nil, nil
  return target
end

local list = {}

---@class tests.combination
---@field title string
---@field shape "legacy"|"v2"|"streaming"|"datasets"
---@field auth table|nil as it is sent: { specName, params }
---@field target table the params of the target connection as they are sent
---@field definition table without `name`
---@field created integer resources of a first run

local function add(title, shape, created, auth, target, definition)
  definition.auth = auth.params and with(auth.params, { spec = auth.specName })
  definition.target = target_of(target)
  list[#list + 1] = { title = title, shape = shape, created = created, auth = auth.params and auth, target = target,
    definition = definition }
end

for _, row in ipairs(TUTORIAL) do
  add(("%s with %s"):format(row[1], row[2]), "legacy", 5, { specName = row[2], params = row[3] }, row[4], {
    type = row[1],
    audiences = { { id = AUDIENCE, name = "Loyal", filename = TEMPLATE, export = "DAILY_FULL_EXPORT",
      schedule = ONCE } },
    attributes = { "person.name.firstName", { path = "personalEmail.address", mandatory = true, deduplicate = true } },
  })
end

local function card(row, auth, format, compression)
  local target = with(row[2], { mode = "Server-to-server", fileType = format, compression = compression })
  if format == "CSV" then target.csvOptions = { delimiter = ";", quote = '"' } end
  add(("%s with %s, %s %s"):format(row[1], auth[1] or "no credentials", format, compression), "v2", 7,
    { specName = auth[1], params = auth[2] }, target, {
      type = row[1],
      audiences = { { id = AUDIENCE, name = "Loyal", filename = TEMPLATE, export = "DAILY_FULL_EXPORT",
        schedule = ONCE } },
      attributes = { { path = "person.name.firstName", column = "firstName" },
        { path = "personalEmail.address", mandatory = true }, { identity = "Email" } },
    })
end

for _, row in ipairs(CARDS) do
  for _, format in ipairs { "CSV", "JSON", "PARQUET" } do
    for _, compression in ipairs { "NONE", "GZIP" } do card(row, row[3][1], format, compression) end
  end
  for i = 2, #row[3] do card(row, row[3][i], "CSV", "NONE") end
end

for _, row in ipairs(STREAMS) do
  add(row[1], "streaming", 5, { specName = row[2], params = row[3] }, row[4],
    { type = row[1], audiences = { { id = AUDIENCE, name = "Loyal" } },
      attributes = { "person.name.firstName", "personalEmail.address" } })
end

for _, row in ipairs(CARDS) do
  for _, file in ipairs { { "JSON", "GZIP" }, { "PARQUET", "GZIP" }, { "PARQUET", "NONE" } } do
    add(("datasets to %s, %s %s"):format(row[1], file[1], file[2]), "datasets", 4,
      { specName = row[3][1][1], params = row[3][1][2] },
      with(row[2], { mode = "Server-to-server", datasetFileType = file[1], compression = file[2] }), {
        type = row[1], datasets = { { id = "5ef3e3259ad2a1191ab7dd7d", name = "Orders" } },
        folder = "%DESTINATION%_%DATASET_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
        schedule = { exportMode = "FIRST_FULL_THEN_INCREMENTAL", timeUnit = "hour", interval = 6,
          startTime = 1893456000, endTime = 1924992000 },
      })
  end
end

---@type tests.combination[]
M.list = list

--- A definition of a combination under a name of its own.
---@param combination tests.combination
---@param name string
---@return table
function M.definition(combination, name) return with(combination.definition, { name = name }) end

return M
