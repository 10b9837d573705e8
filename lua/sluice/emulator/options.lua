--- The emulator's switches: every behaviour the sources disagree about, and the few figures a user may set.
-- One table serves the emulator, `sluice emulate --help` and the tests. Not here: what the sources agree on.
--
-- Source tags, here and in the other files of this room, name the Adobe document a rule comes from:
--   T      tutorial "Connect to and activate batch destinations"
--   D, F   OpenAPI documents of the destinations and of the Flow Service
--   UPD, EDIT, DELF, DELA   how to update a dataflow, edit a connection, delete a dataflow, delete an account
--   ACT, MIG, MAP   file-based destinations: activation, migration guide, mapping reference
--   EXP, STR        dataset export; streaming destinations
--   SF, ERR, TRB    filters and order; list of error codes; troubleshooting guide
--   MON, MOND       monitoring of dataflows, of destinations
--   ADHOC, AH       ad hoc activation: guide, OpenAPI document
--   SEG, SBX, ACL, XSR      OpenAPI documents of Segmentation, sandboxes, access control, schema registry
--   GRD             guardrails of destinations
--   AEPP            the aepp Python client
--   UI              export guide of the user interface
--   UNKNOWN         no document says it; the emulator had to choose
local core = require "sluice.core"

local M = {}

---@class sluice.emulator.Option
---@field name string key in `emulator.new`; on the command line `--patch-status` for `patch_status`
---@field flag? string on the command line, where it is another word than the name
---@field kind "choice"|"integer"|"number"|"text"|"list"
---@field values? string[] the values of a choice
---@field min? integer
---@field max? integer
---@field default? string|integer
---@field source string who disagrees with whom, or who sets the value
---@field value? string what the value is called in help
---@field help string

---@type sluice.emulator.Option[]
M.list = {
  { name = "seed", kind = "text", source = "emulator",
    help = "text from which all ids, etags and tokens follow; without it every start differs" },
  { name = "client", kind = "text", source = "emulator", form = "^[^:]+:.+$", says = "ID:SECRET",
    help = "ID:SECRET, the only credential that gets a token; without it any does" },
  { name = "token_lifetime", kind = "integer", min = 1, max = 86400, default = 86399,
    source = "IMS: expires_in 86399",
    help = "seconds until a token is refused with 401013" },
  { name = "clock", kind = "text", value = "TIME", source = "emulator",
    help = "virtual time that stands at TIME, such as 2030-01-01T00:00Z, until POST /_emulator/clock moves it; on its "
      .. "way scheduled exports happen" },
  { name = "exports", kind = "text", value = "DIR", source = "emulator",
    help = "with --clock: write the files that destinations would receive below this folder" },
  { name = "export_rows", kind = "integer", min = 0, max = 10000, default = 10, source = "emulator",
    help = "with --exports: most rows of a file; metrics count all" },
  { name = "fail_runs", kind = "integer", min = 0, max = 100, default = 0, source = "emulator",
    help = "with --clock: how many of 100 runs fail; which ones follows from the seed" },
  { name = "faults", flag = "--fault", kind = "list", value = "RULE", source = "emulator",
    help = "what goes wrong, and when: OPERATION[:WHEN]:FAULT, see below; as often as you like" },
  { name = "latency", kind = "number", value = "SECONDS", min = 0, max = 3600, default = 0, source = "emulator",
    help = "time that every call is under way, half of it there, half of it back" },
  { name = "journal", kind = "text", value = "FILE", source = "emulator",
    help = "write a line of JSON for each call to this file; GET /_emulator/journal shows the last 10,000" },
  { name = "sandboxes", kind = "text", default = "prod,dev,stage", source = "emulator",
    help = "names of the sandboxes every organization has, separated by commas; other names are 404" },
  { name = "page_size", kind = "integer", min = 1, max = 100, default = 100,
    source = "default of `limit` UNKNOWN",
    help = "items in a list page when the request sets no limit" },
  { name = "patch_status", kind = "choice", values = { "202", "200" }, default = "202",
    source = "T, STR: 202 empty / D, F, UPD: 200 {id,etag}", help = "success answer of PATCH /flows/{id}" },
  { name = "connection_patch", kind = "choice", values = { "id", "items" }, default = "id",
    source = "EDIT: {id,etag} / F: list of items",
    help = "body of a successful PATCH of a source or target connection" },
  { name = "delete_status", kind = "choice", values = { "202", "204" }, default = "202",
    source = "D, DELF: 202 / F, DELA: 204", help = "success answer of DELETE" },
  { name = "gateway_code", kind = "choice", values = { "string", "number" }, default = "string",
    source = "TRB: \"403000\" / D: 401013", help = "type of error_code in the gateway's refusals" },
  { name = "sandbox_header", kind = "choice", values = { "prod", "required" }, default = "prod",
    source = "UPD, DELF, DELA: absent means prod / D, ERR 2105-400: required",
    help = "what a request without x-sandbox-name means" },
  { name = "count_body", kind = "choice", values = { "number", "list" }, default = "number",
    source = "SF: the number alone / F: items, _links and count together", help = "answer to count=true" },
  { name = "limit_over_100", kind = "choice", values = { "reject", "accept" }, default = "reject",
    source = "D: at most 100 / F: no maximum", help = "reaction to a list limit above 100" },
  { name = "target_mode", kind = "choice", values = { "required", "optional" }, default = "required",
    source = "T: always sent / D: not listed for S3 and SFTP",
    help = "params.mode in a target connection of a legacy card that offers one mode only" },
  { name = "source_base", kind = "choice", values = { "optional", "required" }, default = "optional",
    source = "T: sent / D, ACT: not sent",
    help = "baseConnectionId in a source connection to the Profile Store" },
  { name = "target_data", kind = "choice", values = { "optional", "required" }, default = "optional",
    source = "T, F: sent / D, ACT: absent", help = "data in a target connection" },
  { name = "sftp_domain", kind = "choice", values = { "optional", "required" }, default = "optional",
    source = "T: absent / D: required", help = "auth parameter `domain` of the legacy SFTP card" },
  { name = "sftp_ssh_name", kind = "choice", default = "SFTP with SSH Key",
    values = { "SFTP with SSH Key", "SSH PublicKey Authentication for sftp" },
    source = "D: both, in schema and sample", help = "name of the legacy SFTP card's key authentication" },
  { name = "transformation_name", kind = "choice", values = { "either", "GeneralTransform" },
    default = "either",
    source = "T, all samples: GeneralTransform / D schema: General Transform",
    help = "names allowed for a flow's transformation" },
  { name = "filename_key", kind = "choice", values = { "filenameTemplate", "either" },
    default = "filenameTemplate",
    source = "T, all samples: filenameTemplate / D schema: fileNameTemplate",
    help = "spelling of an audience's file name template" },
  { name = "after_eval_incremental", kind = "choice", values = { "reject", "accept" }, default = "reject",
    source = "T, D: trigger only with full exports / no source forbids it",
    help = "AFTER_SEGMENT_EVAL with FIRST_FULL_THEN_INCREMENTAL" },
  { name = "trigger_type", kind = "choice", values = { "optional", "required" }, default = "optional",
    source = "T sample, UPD: absent / T table: mandatory", help = "triggerType with DAILY_FULL_EXPORT" },
  { name = "start_minutes", kind = "choice", values = { "reject", "accept" }, default = "reject",
    source = "D: minutes must be 00 / reaction UNKNOWN", help = "a startTime off the full hour" },
  { name = "dataset_schedule", kind = "choice", values = { "required", "optional" }, default = "required",
    source = "D, EXP: required / one D sample lacks it", help = "scheduleParams of a dataset flow" },
  { name = "dataset_json", kind = "choice", values = { "any", "compressed" }, default = "any",
    source = "EXP samples, D: JSON with compression NONE / EXP text: JSON only compressed",
    help = "compression of a target connection for datasets as JSON" },
  { name = "workflow", kind = "choice", values = { "array", "text" }, default = "array",
    source = "type of a flow spec's attributes._workflow UNKNOWN",
    help = "how flow specs say that they export datasets" },
  { name = "csv_quote_default", kind = "choice", values = { "none", "quote" }, default = "none",
    source = "ACT: empty, no quoting / D: \"", help = "default of csvOptions.quote in the spec documents" },
  { name = "landing_zone_encryption", kind = "choice", values = { "none", "offered" }, default = "none",
    source = "ACT: encryptionSpecs is empty / UI: an optional key",
    help = "encryption of files in the Data Landing Zone" },
  { name = "kinesis_region", kind = "choice", values = { "region", "connectionUrl" }, default = "region",
    source = "STR: region / another version of STR: connectionUrl",
    help = "name of the third credential of Amazon Kinesis" },
  { name = "mapping_columns", kind = "choice", values = { "declared", "any" }, default = "declared",
    source = "ACT: columns are added to the output schema / its older text: the schema is used as it is",
    help = "columns a mapping set may name" },
  { name = "mapping_set_get", kind = "choice", values = { "offered", "absent" }, default = "offered",
    source = "GET of a mapping set: no source of destinations names it",
    help = "whether a mapping set can be read back" },
  { name = "audience_start", kind = "choice", values = { "offset", "page" }, default = "offset",
    source = "SEG: an integer / its sample: start=1 follows a page of two",
    help = "what `start` counts in the list of audiences" },
  { name = "audience_check", kind = "choice", values = { "any", "known" }, default = "any",
    source = "reaction to an audience that does not exist UNKNOWN",
    help = "audiences a dataflow may hold" },
  { name = "streaming_schedule", kind = "choice", values = { "reject", "accept" }, default = "reject",
    source = "STR: id, name and description only / reaction UNKNOWN",
    help = "file name, export mode or schedule of an audience that goes to a stream" },
  { name = "filled_selectors", kind = "choice", values = { "accept", "reject" }, default = "accept",
    source = "D: empty arrays when a flow is created / no other source",
    help = "POST /flows with audiences or attributes in it" },
  { name = "dataset_interval_8", kind = "choice", values = { "reject", "accept" }, default = "reject",
    source = "D, EXP: 3, 6, 9 or 12 hours / EXPU: 3, 6, 8 or 12", help = "datasets every 8 hours" },
  { name = "dataset_name", kind = "choice", values = { "optional", "required" }, default = "optional",
    source = "D: required / AEPP: not sent", help = "name of a dataset in a source connection" },
  { name = "foldername_key", kind = "choice", values = { "foldernameTemplate", "either" },
    default = "foldernameTemplate",
    source = "EXP, AEPP: foldernameTemplate / D schema: folderNameTemplate",
    help = "spelling of the folder template in scheduleParams" },
  { name = "configs_spec", kind = "choice", values = { "any", "data-lake" }, default = "any",
    source = "D, EXP: the Data Lake's / AEPP: the destination's",
    help = "connection spec whose configs list the datasets" },
  { name = "landing_zone", kind = "choice", values = { "azure", "amazon" }, default = "azure",
    source = "AEPP, documentation of the card: both", help = "where the Data Landing Zone is" },
  { name = "export_job_id", kind = "choice", values = { "number", "uuid" }, default = "number",
    source = "SEG: a number / AH sample: a UUID", help = "form of an export job's id" },
  { name = "marketing_check", kind = "choice", values = { "any", "known" }, default = "any",
    source = "reaction to a marketing action that does not exist UNKNOWN",
    help = "marketing actions a flow's policy may name" },
  { name = "permissions", kind = "text", default = "all", source = "T, ACL, EFF",
    help = "permissions of the client, separated by commas, such as view-destinations; what they do not "
      .. "allow is 2118-403" },
  { name = "adhoc_range", kind = "choice", values = { "check", "ignore" }, default = "check",
    source = "AH: 400 outside the schedule",
    help = "ad hoc activation of an audience whose schedule is over or to come" },
  { name = "adhoc_wait", kind = "integer", min = 0, max = 86400, default = 0,
    source = "ADHOC: an hour", help = "seconds from mapping an audience until it can be activated ad hoc" },
  { name = "adhoc_seconds", kind = "integer", min = 0, max = 86400, default = 0, source = "emulator",
    help = "how long an ad hoc run goes on; meanwhile another of the same audience is refused" },
  { name = "adhoc_word", kind = "choice", values = { "audience", "segment" }, default = "audience",
    source = "AH: audience / its older text: segment", help = "word in the refusal of a second ad hoc run" },
  { name = "status_case", kind = "choice", values = { "exact", "ignore" }, default = "exact",
    source = "D data: success, failed / D schema, SF: Success, Failed",
    help = "letter case in filters on metrics of runs" },
}

local by_name = {}
for _, option in ipairs(M.list) do by_name[option.name] = option end

local function known_names()
  local names = {}
  for i, option in ipairs(M.list) do names[i] = option.name end
  return table.concat(names, ", ")
end

local function usage(message, ...)
  core.error.raise("usage", string.format(message, ...))
end

local check = {}

function check.choice(option, value)
  for _, allowed in ipairs(option.values) do
    if tostring(value) == allowed then return allowed end
  end
  usage("emulator option '%s' is '%s'; expected %s", option.name, tostring(value),
    table.concat(option.values, " or "))
end

function check.integer(option, value)
  local number = math.tointeger(tonumber(value))
  if number and number >= option.min and number <= option.max then return number end
  usage("emulator option '%s' is '%s'; expected a whole number from %d to %d", option.name, tostring(value),
    option.min, option.max)
end

function check.number(option, value)
  local number = tonumber(value)
  if number and number >= option.min and number <= option.max then return number end
  usage("emulator option '%s' is '%s'; expected a number from %d to %d", option.name, tostring(value), option.min,
    option.max)
end

function check.list(option, value)
  if type(value) == "table" then return value end
  usage("emulator option '%s' must be a list, not a %s", option.name, type(value))
end

function check.text(option, value)
  if type(value) ~= "string" and math.type(value) ~= "integer" then
    usage("emulator option '%s' must be text, not a %s", option.name, type(value))
  elseif option.form and not tostring(value):find(option.form) then
    usage("emulator option '%s': expected %s", option.name, option.says) -- the value may be a secret
  end
  return tostring(value)
end

--- Completes and checks a table of options.
---@param given table<string, string|integer>
---@return table<string, string|integer> resolved all options; an absent one has its default
--- Raises kind "usage" for an unknown name or a value outside the option's range.
function M.resolve(given)
  local resolved = {}
  for name, value in pairs(given) do
    local option = by_name[name]
    if not option then usage("emulator has no option '%s'; it knows %s", tostring(name), known_names()) end
    resolved[name] = check[option.kind](option, value)
  end
  for _, option in ipairs(M.list) do
    if resolved[option.name] == nil then resolved[option.name] = option.default end
  end
  return resolved
end

return M
