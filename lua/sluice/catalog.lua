--- The destinations known by name: spec IDs, ways to authenticate, target modes, flow specs. Data; the only
--- code is look-up. Each fact names its source: T the tutorial, D the Destinations API description, ACT the
--- file-based activation guide, EXP the export guide, CARD the destination's own page, derived a conclusion.
--- The spec documents of a real organisation have the last word; `destination` asks for them before it
--- creates anything.

local M = {}

--- Forms a plain value must have. `match` is a Lua pattern, `never` lists patterns it must not match; `level`
--- is how serious a mismatch is.
local FORM = {
  access_key = { match = "^[A-Z2-7]+$", min = 20, max = 20, source = "T,ACT", level = "error",
    says = "20 characters out of A-Z and 2-7" },
  secret_key = { match = "^[A-Za-z0-9/+]+$", min = 40, max = 40, source = "T,ACT", level = "error",
    says = "40 characters out of A-Z, a-z, 0-9, / and +" },
  base64 = { match = "^[A-Za-z0-9+/%s]+=*%s*$", min = 4, source = "T,ACT", level = "error",
    says = "the private key in Base64" },
  bucket = { match = "^[a-z0-9][a-z0-9.-]*[a-z0-9]$", min = 3, max = 63, source = "D", level = "error",
    never = { "^%d[%d.]*%.%d+$", "%.%.", "%.%-", "%-%." },
    says = "3 to 63 characters: lower-case letters, digits, hyphens, and dots between labels" },
  -- Known from the newer Azure Blob Storage card only, hence a warning.
  container = { match = "^[a-z0-9][a-z0-9-]*[a-z0-9]$", min = 3, max = 63, source = "EXP", level = "warning",
    never = { "%-%-" }, says = "3 to 63 characters: lower-case letters, digits, single hyphens" },
}

local function required(name, form) return { name = name, required = true, form = form } end
local function secret(name, form) return { name = name, required = true, secret = true, form = form } end

local SFTP_PASSWORD = { name = "SFTP with Password", mode = "FTP", source = "T",
  params = { required "domain", required "host", required "username", secret "password" } }
local SFTP_SSH_KEY = { name = "SFTP with SSH Key", mode = "FTP", source = "T,ACT",
  params = { required "domain", required "host", required "username", secret("sshKey", FORM.base64) } }

-- Only CSV is written by these specs; `default` is what a body carries when the definition says nothing.
local CSV = { name = "format", only = "CSV", default = "CSV", source = "T" }
local MODE = {
  S3 = { name = "S3", source = "T,D",
    params = { required("bucketName", FORM.bucket), required "path", CSV } },
  AZURE_BLOB = { name = "AZURE_BLOB", source = "T",
    params = { required("container", FORM.container), required "path", CSV } },
  FTP = { name = "FTP", source = "T,D", params = { required "remotePath", CSV } },
  -- The tutorial's plain SFTP sample carries no `format`.
  FTP_PLAIN = { name = "FTP", source = "T,D",
    params = { required "remotePath", { name = "format", only = "CSV", source = "T" } } },
}

local EMAIL_AUTH = { SFTP_PASSWORD, SFTP_SSH_KEY }
-- The tutorial shows S3 mode for the three, yet none of them has a credential for it (T, CARD): FTP is the
-- one to use.
local EMAIL_MODES = { MODE.FTP, MODE.S3 }

---@class sluice.catalog.param
---@field name string the API's own spelling
---@field required boolean|nil
---@field secret boolean|nil
---@field form table|nil what a plain value must look like: match, never, min, max, says, level, source
---@field number boolean|nil an integer, not text
---@field only string|nil the only valid value
---@field default string|nil sent when the definition says nothing

---@class sluice.catalog.auth
---@field name string specName, exact to the letter
---@field also string|nil the name some organisations' spec has in its place
---@field mode string the target mode it goes with
---@field params sluice.catalog.param[]
---@field source string

---@class sluice.catalog.system
---@field title string
---@field connection_spec string ID
---@field flow_spec { id: string|nil, name: string|nil, source: string } by ID, or to be looked up by name
---@field auth sluice.catalog.auth[]
---@field modes { name: string, params: sluice.catalog.param[], source: string }[]
---@field source string

---@type table<string, sluice.catalog.system>
M.systems = {
  ["adobe-campaign"] = {
    title = "Adobe Campaign", source = "T",
    connection_spec = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97",
    flow_spec = { name = "upsToCampaign", source = "T" },
    auth = {
      -- Campaign's own parameter names: not s3AccessKey and s3SecretKey (T).
      { name = "S3", mode = "S3", source = "T", params = { required "accessId", secret "secretKey" } },
      SFTP_PASSWORD,
      SFTP_SSH_KEY,
      { name = "Azure Blob", mode = "AZURE_BLOB", source = "T,CARD", params = { secret "connectionString" } },
    },
    modes = { MODE.S3, MODE.AZURE_BLOB, MODE.FTP },
  },
  ["oracle-eloqua"] = {
    title = "Oracle Eloqua", source = "T",
    connection_spec = "c1e44b6b-e7c8-404b-9031-58f0ef760604",
    flow_spec = { id = "71471eba-b620-49e4-90fd-23f1fa0174d8", source = "T" },
    auth = EMAIL_AUTH,
    modes = EMAIL_MODES,
  },
  ["oracle-responsys"] = {
    title = "Oracle Responsys", source = "T",
    connection_spec = "a5e28ddf-e265-426e-83a1-9d03a3a6822b",
    flow_spec = { id = "51d675ce-e270-408d-91fc-22717bdf2148", source = "T" },
    auth = EMAIL_AUTH,
    modes = EMAIL_MODES,
  },
  ["salesforce-marketing-cloud"] = {
    title = "Salesforce Marketing Cloud", source = "T",
    connection_spec = "f599a5b3-60a7-4951-950a-cc4115c7ea27",
    flow_spec = { id = "493b2bd6-26e4-4167-ab3b-5e910bba44f0", source = "T" },
    auth = EMAIL_AUTH,
    modes = EMAIL_MODES,
  },
  ["amazon-s3"] = {
    title = "Amazon S3", source = "T",
    connection_spec = "4890fc95-5a1f-4983-94bb-e060c08e3f81",
    flow_spec = { id = "71471eba-b620-49e4-90fd-23f1fa0174d8", source = "T" },
    auth = {
      { name = "Access Key", mode = "S3", source = "T,ACT",
        params = { required("s3AccessKey", FORM.access_key), secret("s3SecretKey", FORM.secret_key) } },
    },
    modes = { MODE.S3 },
  },
  ["azure-blob"] = {
    title = "Azure Blob", source = "T",
    connection_spec = "e258278b-a4cf-43ac-b158-4fa0ca0d948b",
    flow_spec = { id = "71471eba-b620-49e4-90fd-23f1fa0174d8", source = "T" },
    auth = {
      { name = "ConnectionString", mode = "AZURE_BLOB", source = "T",
        params = { secret "connectionString" } },
    },
    modes = { MODE.AZURE_BLOB },
  },
  sftp = {
    title = "SFTP", source = "T",
    connection_spec = "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0",
    flow_spec = { id = "71471eba-b620-49e4-90fd-23f1fa0174d8", source = "T" },
    auth = {
      -- T sends no domain, D marks it required: sent when given, or when the organisation's spec asks for it.
      { name = "Basic Authentication for sftp", mode = "FTP", source = "T",
        params = { required "host", required "username", secret "password",
          { name = "domain", source = "D" } } },
      -- T has no sample; D's enumeration and sample differ in the name: the organisation's spec decides.
      { name = "SFTP with SSH Key", also = "SSH PublicKey Authentication for sftp", mode = "FTP",
        source = "D",
        params = { required "domain", required "host", required "username", secret("sshKey", FORM.base64),
          { name = "port", number = true, source = "D" } } },
    },
    modes = { MODE.FTP_PLAIN },
  },
}

--- The systems' keys in the order listings show them.
M.keys = {
  "adobe-campaign", "oracle-eloqua", "oracle-responsys", "salesforce-marketing-cloud",
  "amazon-s3", "azure-blob", "sftp",
}

--- Where audiences come from: the Profile Store (Unified Profile Service), the source of every audience
--- dataflow (T).
M.profile_store = {
  title = "Profile Store", source = "T",
  connection_spec = "8a9c3494-9708-43d7-ae3f-cda01e5030e1",
}

--- The version every spec reference carries (D).
M.spec_version = "1.0"

--- The entry of a list of named things.
---@generic T
---@param list T[] entries with a `name`
---@param name any
---@return T|nil
function M.named(list, name)
  for _, entry in ipairs(list) do
    if entry.name == name then return entry end
  end
end

--- The names of a list of named things, in its order.
---@param list { name: string }[]
---@return string[]
function M.names(list)
  local names = {}
  for i, entry in ipairs(list) do names[i] = entry.name end
  return names
end

return M
