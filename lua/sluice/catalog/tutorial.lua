--- The seven destinations of the tutorial: four e-mail cards, and the storage cards that newer ones replace.

local param = require "sluice.catalog.param"

local FORM, required, optional, secret = param.FORM, param.required, param.optional, param.secret

local M = {}

local SFTP_PASSWORD = { name = "SFTP with Password", mode = "FTP", source = "T",
  params = { required "domain", required "host", required "username", secret "password" } }
local SFTP_SSH_KEY = { name = "SFTP with SSH Key", mode = "FTP", source = "T,ACT",
  params = { required "domain", required "host", required "username",
    secret("sshKey", { form = FORM.base64 }) } }

-- Only CSV is written by these specs; `default` is what a body carries when the definition says nothing.
local CSV = optional("format", { only = "CSV", default = "CSV", source = "T" })
local BUCKET = required("bucketName", { form = FORM.bucket })
local MODE = {
  S3 = { name = "S3", source = "T,D", params = { BUCKET, required "path", CSV } },
  AZURE_BLOB = { name = "AZURE_BLOB", source = "T",
    params = { required("container", { form = FORM.legacy_container }), required "path", CSV } },
  FTP = { name = "FTP", source = "T,D", params = { required "remotePath", CSV } },
  -- The tutorial's plain SFTP sample carries no `format`.
  FTP_PLAIN = { name = "FTP", source = "T,D",
    params = { required "remotePath", optional("format", { only = "CSV", source = "T" }) } },
}

local EMAIL_AUTH = { SFTP_PASSWORD, SFTP_SSH_KEY }
-- The tutorial shows S3 mode for the three, yet none of them has a credential for it (T, CARD): FTP is the
-- one to use.
local EMAIL_MODES = { MODE.FTP, MODE.S3 }

-- The flow spec of "cloud storage (S3, SFTP, Blob) and Eloqua" (T).
local SHARED_FLOW_SPEC = { id = "71471eba-b620-49e4-90fd-23f1fa0174d8", source = "T" }

M.keys = {
  "adobe-campaign", "oracle-eloqua", "oracle-responsys", "salesforce-marketing-cloud",
  "amazon-s3", "azure-blob", "sftp",
}

M.systems = {
  ["adobe-campaign"] = {
    title = "Adobe Campaign", shape = "legacy", source = "T",
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
    title = "Oracle Eloqua", shape = "legacy", source = "T",
    connection_spec = "c1e44b6b-e7c8-404b-9031-58f0ef760604",
    flow_spec = SHARED_FLOW_SPEC,
    auth = EMAIL_AUTH,
    modes = EMAIL_MODES,
  },
  ["oracle-responsys"] = {
    title = "Oracle Responsys", shape = "legacy", source = "T",
    connection_spec = "a5e28ddf-e265-426e-83a1-9d03a3a6822b",
    flow_spec = { id = "51d675ce-e270-408d-91fc-22717bdf2148", source = "T" },
    auth = EMAIL_AUTH,
    modes = EMAIL_MODES,
  },
  ["salesforce-marketing-cloud"] = {
    title = "Salesforce Marketing Cloud", shape = "legacy", source = "T",
    connection_spec = "f599a5b3-60a7-4951-950a-cc4115c7ea27",
    flow_spec = { id = "493b2bd6-26e4-4167-ab3b-5e910bba44f0", source = "T" },
    auth = EMAIL_AUTH,
    modes = EMAIL_MODES,
  },
  ["amazon-s3"] = {
    title = "Amazon S3", shape = "legacy", source = "T",
    connection_spec = "4890fc95-5a1f-4983-94bb-e060c08e3f81",
    flow_spec = SHARED_FLOW_SPEC,
    replaced_by = { type = "amazon-s3-v2", source = "MIG" },
    auth = {
      { name = "Access Key", mode = "S3", source = "T,ACT",
        params = { required("s3AccessKey", { form = FORM.access_key }),
          secret("s3SecretKey", { form = FORM.secret_key }) } },
    },
    modes = { MODE.S3 },
  },
  ["azure-blob"] = {
    title = "Azure Blob", shape = "legacy", source = "T",
    connection_spec = "e258278b-a4cf-43ac-b158-4fa0ca0d948b",
    flow_spec = SHARED_FLOW_SPEC,
    replaced_by = { type = "azure-blob-v2", source = "MIG" },
    auth = {
      { name = "ConnectionString", mode = "AZURE_BLOB", source = "T",
        params = { secret "connectionString" } },
    },
    modes = { MODE.AZURE_BLOB },
  },
  sftp = {
    title = "SFTP", shape = "legacy", source = "T",
    connection_spec = "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0",
    flow_spec = SHARED_FLOW_SPEC,
    replaced_by = { type = "sftp-v2", source = "MIG" },
    auth = {
      -- T sends no domain, D marks it required: sent when given, or, as the host, when the organisation's spec
      -- asks for it.
      { name = "Basic Authentication for sftp", mode = "FTP", source = "T",
        params = { required "host", required "username", secret "password",
          optional("domain", { source = "D", from = "host" }) } },
      -- T has no sample; D's enumeration and sample differ in the name: the organisation's spec decides.
      { name = "SFTP with SSH Key", also = "SSH PublicKey Authentication for sftp", mode = "FTP",
        source = "D",
        params = { required "domain", required "host", required "username",
          secret("sshKey", { form = FORM.base64 }), optional("port", { number = true, source = "D" }) } },
    },
    modes = { MODE.FTP_PLAIN },
  },
}

return M
