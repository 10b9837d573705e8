--- What is told of definitions of every shape, by the catalog alone.

local catalog = require "sluice.catalog"
local check = require "sluice.destination.check"
local core = require "sluice.core"
local example = require "sluice.catalog.example"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"
local sluice = require "sluice"

local TODAY = { today = "2029-12-01" }
local UUID = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"

--- The definition of the catalog's own example, with changes; "none" takes a key away.
local function definition_of(key, options, changes)
  local text, found = example.text(key, options), nil
  local made = assert(load(text, "=" .. key, "t"))()
  assert(recipe.is(made))
  local params = recipe.resolve(made, {}, { emulated = true, env = function() return nil end })
  made.run({ apply = function(destination) found = destination.definition end }, params)
  for name, value in pairs(changes or {}) do found[name] = value ~= "none" and value or nil end
  return found
end

local function told(definition)
  local report = check.check(definition, TODAY)
  local rest = {}
  for _, finding in ipairs(report) do
    if not finding.message:find "^Adobe moved" then rest[#rest + 1] = finding end
  end
  return outcome.lines(rest)
end

local function with(part, changes, key, options)
  local made = definition_of(key or "amazon-s3-v2", options)
  for name, value in pairs(changes) do made[part][name] = value ~= "none" and value or nil end
  return made
end

local function s3(changes) return definition_of("amazon-s3-v2", nil, changes) end
local function target(changes) return with("target", changes) end
local function datasets(changes) return definition_of("amazon-s3-v2", { kind = "datasets" }, changes) end
local function dataset_target(changes) return with("target", changes, "amazon-s3-v2", { kind = "datasets" }) end

local ACTION = "/dulepolicy/marketingActions/custom/email/constraints"

--- Definitions and all that is told of them, in order; a text stands for the beginning of a line.
local CASES = {
  -- values out of a list, conditions, nested options
  { target { compression = "ZIP" },
    'error /target/compression: unknown value "ZIP"; expected "NONE" or "GZIP"; did you' },
  { target { compression = "none" }, "error /target/compression: missing" },
  { target { fileType = "XML" }, 'error /target/fileType: unknown value "XML"; expected "CSV", "JSON" or "PARQUET"',
    "error /target/csvOptions: goes with fileType" },
  { target { fileType = "JSON" }, 'error /target/csvOptions: goes with fileType "CSV" only: leave it out' },
  { target { fileType = "JSON", csvOptions = "none" } },
  { target { csvOptions = "none" } },
  { target { csvOptions = ";" }, 'error /target/csvOptions: expected a table, got ";"' },
  { target { csvOptions = { delimiter = "x", quote = "", escap = "'" } },
    'error /target/csvOptions/escap: unknown key; expected .*did you mean "escape"',
    'error /target/csvOptions/delimiter: unknown value "x"; expected ",", "\\9", "|", ";" or ":"' },
  { target { csvOptions = { delimiter = "\t" } }, "warning /target/csvOptions/quote: left out: D says" },
  { target { csvOptions = { quote = "", nullValue = '""', emptyValue = "", escape = "\\" } } },
  { target { datasetFileType = "JSON" }, "error /target/datasetFileType: only where datasets are exported" },
  { target { mode = "FTP" }, 'error /target/mode: Amazon S3 has no target mode "FTP"; expected "Server-to-server"' },
  { target { mode = "Server-to-server" } },
  { target { path = "a b" }, "error /target/path: expected letters without accents" },
  { target { path = "in/%SEGMENT_NAME%/" } },
  { target { path = "%SEGMENT_NAME%/in" }, "error /target/path" },
  { target { bucketName = 5 }, "error /target/bucketName: expected text, got 5" },
  { with("target", { path = "%SEGMENT_ID%" }, "azure-blob-v2"), "error /target/path: .*no macros" },
  { with("target", { container = "a--b" }, "azure-blob-v2"), "error /target/container: expected 3 to 63" },
  { with("target", { bucketName = "goog-x" }, "google-cloud-storage"), "error /target/bucketName" },
  { with("target", { bucketName = "my_google_x" }, "google-cloud-storage"), "error /target/bucketName" },
  { with("target", { bucketName = "10.0.0.1" }, "google-cloud-storage"), "error /target/bucketName" },
  { with("target", { bucketName = ("a"):rep(64) }, "google-cloud-storage"), "error /target/bucketName" },
  { with("target", { bucketName = ("a"):rep(60) .. ".b_c" .. ("d"):rep(60) }, "google-cloud-storage") },
  -- credentials
  { s3 { auth = { s3Role = "arn:aws:iam::123456789012:role/x" } } },
  { s3 { auth = { spec = "Assumed Rol", s3Role = "x" } }, 'error /auth/spec: .*did you mean "Assumed Role"' },
  { definition_of("amazon-s3", nil, { auth = { accessId = "a", secretKey = "x" } }),
    "error /auth/accessId: unknown key",
    'error /auth/secretKey: unknown key; .*did you mean "s3SecretKey"', "error /auth/s3AccessKey: missing",
    "error /auth/s3SecretKey: missing" },
  { s3 { auth = { user = "x" } }, "error /auth/spec: missing, and the other keys do not settle it: expected" },
  { s3 { auth = "none" }, "error /auth: missing: expected a table with the credentials of Amazon S3" },
  { definition_of("data-landing-zone", nil, { auth = { user = "me" } }),
    "error /auth: Data Landing Zone takes no credentials: leave it out" },
  { with("auth", { port = 22 }, "sftp-v2") },
  { with("auth", { port = "22" }, "sftp-v2"), 'error /auth/port: expected an integer, got "22"' },
  { with("auth", { host = "h" }, "sftp-v2"), "error /auth/host: unknown key" },
  { with("auth", { sasKey = 5 }, "azure-event-hubs"), "error /auth/sasKey: expected a secret or text" },
  { with("target", { mode = "x" }, "amazon-kinesis"), "error /target/mode: the targets of Amazon Kinesis have no" },
  { with("target", { region = "none" }, "amazon-kinesis"), "error /target/region: missing: required by Amazon" },
  -- datasets
  { datasets {} },
  { datasets { datasets = {} }, "error /datasets: empty" },
  { datasets { datasets = { a = 1 } }, "error /datasets: expected a list" },
  { datasets { datasets = { {}, "x" } }, "error /datasets/0/id: missing", "error /datasets/1: expected a table" },
  { datasets { datasets = { { id = "abc", name = "n" } } }, "warning /datasets/0/id: dataset IDs have 24" },
  { datasets { datasets = { { id = ("a"):rep(24) }, { id = ("a"):rep(24) } } },
    "error /datasets/1/id: the dataset is there twice: also at /datasets/0/id" },
  { datasets { schedule = "none" }, "error /schedule: missing" },
  { datasets { folder = "%DATASET_NAM%" }, "error /folder" },
  { datasets { folder = "%DATASET_ID%/%EXPORT_TIME%" } },
  { datasets { audiences = {}, attributes = {} }, "error /audiences: a destination exports audiences or datasets",
    "error /attributes: is for audiences" },
  { dataset_target { datasetFileType = "CSV" },
    'error /target/datasetFileType: unknown value "CSV"; expected "JSON" or "PARQ' },
  { dataset_target { fileType = "CSV" }, "error /target/fileType: only where audiences are exported" },
  { dataset_target { csvOptions = {} }, "error /target/csvOptions: only where audiences are exported" },
  { dataset_target { datasetFileType = "JSON", compression = "NONE" },
    "warning /target/compression: D exports datasets in JSON only compressed, samples of EXP pair it with NONE" },
  { dataset_target { datasetFileType = "PARQUET", compression = "NONE" } },
  { definition_of("adobe-campaign", nil, { datasets = { { id = ("a"):rep(24) } }, audiences = "none",
    attributes = "none", schedule = sluice.schedule.datasets.daily { from = "2030-01-01", to = "2030-02-01" } }),
    "error /datasets: Adobe Campaign takes no datasets; they go to \"amazon-s3-v2\"" },
  { s3 { schedule = {}, folder = "x" }, "error /schedule: is for datasets", "error /folder: is for datasets" },
  -- texts
  { s3 { description = "", flow_spec = 5 }, "error /description: expected text", "error /flow_spec: expected text" },
  { s3 { description = "fine", flow_spec = "upsToS3", marketing_actions = { ACTION } } },
  { s3 { marketing_actions = { ACTION, ACTION, "email", 5 } }, "error /marketing_actions/1: the marketing action is",
    "error /marketing_actions/2: expected a marketing action such as",
    "error /marketing_actions/3: expected a marketing" },
  { s3 { marketing_actions = ACTION }, "error /marketing_actions: expected a list" },
  -- types
  { s3 { type = "amazon-s4-v2" }, 'error /type: unknown destination type .*did you mean "amazon-s3-v2"' },
  { s3 { type = "Amazon S3" }, 'error /type: "Amazon S3" is the name of several destinations: expected "amazon-s3"' },
  { s3 { type = "4fce964d-3f37-408f-9778-e597338a21ee" } },
  { definition_of("data-landing-zone", nil, { type = "Data Landing Zone" }) },
  { s3 { type = 5 }, "error /type: unknown destination type 5" },
  { s3 { type = "TikTok" }, 'warning /type: "TikTok" is not in the catalog: credentials and target are checked by' },
  { s3 { type = UUID }, "warning /type" },
  { s3 { type = "TikTok", auth = 5, target = "none" }, "warning /type",
    "error /auth: expected a table with credentials", "error /target: missing" },
  { s3 { type = "\xFF!" }, "error /type: expected a destination, got bytes that are not UTF-8" },
}

describe("a definition by the catalog", function()
  for i, case in ipairs(CASES) do
    it(("%d is told: %s"):format(i, case[2] or "nothing"), function()
      local lines = {}
      for line in told(case[1]):gmatch "[^\n]+" do lines[#lines + 1] = line end
      assert.equal(#case - 1, #lines, table.concat(lines, "\n"))
      for n, line in ipairs(lines) do
        local start = case[n + 1]:gsub("[%-?()^$+%[%]|]", "%%%0")
        assert.truthy(line:find("^" .. start), line)
      end
    end)
  end

  it("of each example is fine, with every auth spec, for audiences and datasets", function()
    for _, key in ipairs(catalog.keys) do
      local system = catalog.systems[key]
      for _, kind in ipairs { "audiences", system.dataset_flow_spec and "datasets" or nil } do
        for _, auth in ipairs(#system.auth > 0 and catalog.names(system.auth) or { false }) do
          local made = definition_of(key, { kind = kind, auth = auth or nil })
          assert.equal("", told(made), key)
          local _, chosen = check.check(made, TODAY)
          assert.same({ system, auth or nil, kind }, { chosen.system, chosen.auth and chosen.auth.name, chosen.kind })
          assert.equal(chosen.auth and chosen.auth.mode or system.modes[1].name, chosen.mode.name)
        end
      end
    end
  end)

  it("names the source of each rule, and only keys of its own kind of export", function()
    local report = check.check(dataset_target { fileType = "CSV", filType = "x", bucketName = "none" }, TODAY)
    local sources = {}
    for _, finding in ipairs(report) do sources[finding.place] = finding.source end
    assert.same({ ["/target/fileType"] = "D,EXP", ["/target/filType"] = "D,EXP", ["/target/bucketName"] = "D,EXP" },
      sources)
    report = check.check(dataset_target { filType = "x" }, TODAY)
    assert.falsy(report[1].message:find('"fileType"', 1, true), report[1].message)
    assert.truthy(report[1].message:find('"datasetFileType"', 1, true), report[1].message)
    report = check.check(target { csvOptions = { quote = "" }, compression = "none" }, TODAY)
    assert.same({ "/target/compression", "D" }, { report[1].place, report[1].source })
    assert.equal(1, #report)
  end)

  it("of an older storage card is told its successor", function()
    for _, key in ipairs { "amazon-s3", "azure-blob", "sftp" } do
      local report = check.check(definition_of(key), TODAY)
      assert.equal(1, #report)
      assert.same({ "/type", "warning", "MIG" }, { report[1].place, report[1].level, report[1].source })
      assert.truthy(report[1].message:find(('use "%s-v2"'):format(key), 1, true), report[1].message)
    end
  end)

  it("that only the service knows has no system", function()
    local _, chosen = check.check(s3 { type = "TikTok" }, TODAY)
    assert.equal("audiences", chosen.kind)
    assert.is_nil(chosen.system)
  end)

  it("checked again keeps what was said of its audiences, unless its shape is another", function()
    local definition = s3()
    local first, chosen = check.check(definition, TODAY)
    local function again(shape)
      local system = setmetatable({ shape = shape }, { __index = chosen.system })
      return outcome.lines((check.check(definition, { today = TODAY.today, system = system, before = chosen })))
    end
    assert.equal(outcome.lines(first), again(chosen.system.shape))
    chosen.exports.findings[1] = { place = "/kept", level = "warning", message = "from before" }
    assert.matches("/kept: from before", again(chosen.system.shape))
    assert.not_matches("/kept", again "streaming")
  end)

  it("keeps what is no JSON out, and secrets out of messages", function()
    local text = told(s3 { auth = { spec = "Access Key", s3AccessKey = ("A"):rep(20), s3SecretKey = "hush" } })
    assert.truthy(text:find "error /auth/s3SecretKey: expected 40 characters")
    assert.falsy(text:find "hush")
    assert.equal("", told(s3 { auth = { spec = "Access Key", s3AccessKey = ("A"):rep(20),
      s3SecretKey = core.secret.new("K", "x") } }))
    for _, value in ipairs { print, 5, true, {}, core.json.null } do
      assert.truthy(told(target { compression = value }):find "error /target/compression")
    end
  end)
end)
