--- The cloud-storage cards of the second generation, for audiences and for datasets.

local param = require "sluice.catalog.param"

local FORM, required, optional, secret = param.FORM, param.required, param.optional, param.secret

local M = {}

-- ── the files ──────────────────────────────────────────────────────────────────────────────────────────────

local CSV_OPTIONS = optional("csvOptions", { source = "D", exports = "audiences",
  when = { name = "fileType", value = "CSV" },
  fields = {
    optional("delimiter", { values = { ",", "\t", "|", ";", ":" }, implied = ",", source = "D" }),
    -- An empty quote is the NUL character: no quoting.
    optional("quote", { values = { '"', "" }, source = "D,ACT",
      unsettled = "D says that it is a double quote then, the spec document (ACT) that nothing is quoted" }),
    optional("escape", { values = { "\\", "'" }, implied = "\\", source = "D" }),
    -- Two quote characters are a value of their own.
    optional("nullValue", { values = { "null", '""', "" }, implied = "null", source = "D,FMT" }),
    optional("emptyValue", { values = { "null", '""', "" }, implied = "", source = "D" }),
  } })

--- The params that every card has, after those that say where.
local FILES = {
  required("compression", { values = { "NONE", "GZIP" }, source = "D" }),
  -- The spec documents list both file types as required, each on the condition of the workflow (EXP).
  required("fileType", { values = { "CSV", "JSON", "PARQUET" }, exports = "audiences", source = "D,EXP" }),
  required("datasetFileType", { values = { "JSON", "PARQUET" }, exports = "datasets", source = "D,EXP" }),
  CSV_OPTIONS,
}

--- Combinations that one source forbids and another shows.
local DOUBTS = {
  { where = { datasetFileType = "JSON", compression = "NONE" }, param = "compression", source = "D,EXP",
    says = "D exports datasets in JSON only compressed, samples of EXP pair it with NONE" },
}

-- Every sample says `Server-to-server`; migrated SFTP entities show `FTP` (ACT, EXP, MIG).
local MODE_NAME = "Server-to-server"

local function mode(source, ...)
  local params = { ... }
  table.move(FILES, 1, #FILES, #params + 1, params)
  return { { name = MODE_NAME, source = source, params = params, doubts = DOUBTS } }
end

local function auth(name, source, ...)
  return { name = name, mode = MODE_NAME, source = source, params = { ... } }
end

-- ── the cards ──────────────────────────────────────────────────────────────────────────────────────────────

local PORT = optional("port", { number = true, source = "MIG" })

M.keys = {
  "amazon-s3-v2", "azure-blob-v2", "adls-gen2", "data-landing-zone", "google-cloud-storage", "sftp-v2",
}

M.systems = {
  ["amazon-s3-v2"] = {
    title = "Amazon S3", shape = "v2", source = "D,EXP",
    connection_spec = "4fce964d-3f37-408f-9778-e597338a21ee",
    flow_spec = { id = "1a0514a6-33d4-4c7f-aff8-594799c47549", source = "D,ACT" },
    dataset_flow_spec = { id = "269ba276-16fc-47db-92b0-c1049a3c131f", source = "D,EXP" },
    auth = {
      auth("Access Key", "ACT,EXP", required("s3AccessKey", { form = FORM.access_key }),
        secret("s3SecretKey", { form = FORM.secret_key })),
      auth("Assumed Role", "ACT", secret "s3Role"),
    },
    modes = mode("D,EXP", required("bucketName", { form = FORM.bucket }),
      required("path", { form = FORM.macro_path })),
  },
  ["azure-blob-v2"] = {
    title = "Azure Blob Storage", shape = "v2", source = "D,EXP",
    connection_spec = "6d6b59bf-fb58-4107-9064-4d246c0e5bb2",
    flow_spec = { id = "752d422f-b16f-4f0d-b1c6-26e448e3b388", source = "D,ACT" },
    dataset_flow_spec = { id = "95bd8965-fc8a-4119-b9c3-944c2c2df6d2", source = "D,EXP" },
    auth = { auth("ConnectionString", "ACT,EXP", secret "connectionString") },
    modes = mode("EXP", required("container", { form = FORM.container }),
      required("path", { form = FORM.path })),
  },
  ["adls-gen2"] = {
    title = "Azure Data Lake Gen2", shape = "v2", source = "D,EXP",
    connection_spec = "be2c3209-53bc-47e7-ab25-145db8b873e1",
    flow_spec = { id = "db060570-a155-418a-a6d3-b4d97698e5dc", source = "D" },
    dataset_flow_spec = { id = "17be2013-2549-41ce-96e7-a70363bec293", source = "D,EXP" },
    auth = {
      auth("Azure Service Principal Auth", "ACT,EXP", required "url", required "servicePrincipalId",
        secret "servicePrincipalKey", required "tenant"),
    },
    modes = mode("EXP", required "path"),
  },
  ["data-landing-zone"] = {
    title = "Data Landing Zone", shape = "v2", source = "D,EXP,AEPP",
    connection_spec = "10440537-2a7b-4583-ac39-ed38d4b848e8",
    flow_spec = { id = "7e635b9f-e59b-4546-8ba8-fce6496693c8", source = "D" },
    dataset_flow_spec = { id = "cd2fc47e-e838-4f38-a581-8fff2f99b63a", source = "D,EXP" },
    auth = {}, -- the platform's own storage: `authSpec` is empty (ACT, EXP, AEPP)
    modes = mode("EXP", required "path"),
  },
  ["google-cloud-storage"] = {
    title = "Google Cloud Storage", shape = "v2", source = "D,EXP",
    connection_spec = "c5d93acb-ea8b-4b14-8f53-02138444ae99",
    flow_spec = { id = "976d663b-80b4-4193-be6b-2d0487516623", source = "D" },
    dataset_flow_spec = { id = "585c15c4-6cbf-4126-8f87-e26bff78b657", source = "D,EXP" },
    auth = {
      auth("Google Cloud Storage authentication credentials", "ACT,EXP", required "accessKeyId",
        secret "secretAccessKey"),
    },
    modes = mode("EXP", required("bucketName", { form = FORM.google_bucket }),
      required("path", { form = FORM.macro_path })),
  },
  ["sftp-v2"] = {
    title = "SFTP", shape = "v2", source = "D,EXP",
    connection_spec = "36965a81-b1c6-401b-99f8-22508f1e6a26",
    flow_spec = { id = "fd36aaa4-bf2b-43fb-9387-43785eeeb799", source = "D,ACT" },
    dataset_flow_spec = { id = "354d6aad-4754-46e4-a576-1b384561c440", source = "D,EXP" },
    auth = {
      -- `domain` takes the place of the older card's `host` (MIG).
      auth("SFTP with Password", "ACT,MIG", required "domain", required "username", secret "password", PORT),
      auth("SFTP with SSH Key", "ACT,D", required "domain", required "username",
        secret("sshKey", { form = FORM.base64 }), PORT),
    },
    modes = mode("D,EXP", required "remotePath"),
  },
}

return M
