--- Previews: the structure, its notes, and the pages for people, which are kept as files beside.

local core = require "sluice.core"
local destination = require "sluice.destination"
local files = require "support.files"
local schedule = require "sluice.activation.schedule"

local LOYAL, NEW = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", "1c5ee19f-a3b2-4c1b-8d4e-803d77b2f6e2"
local USUAL = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
local USUAL_V2 = "%DESTINATION%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
local NOW = 1893369600 -- 2029-12-31 00:00 UTC
local DAY = 86400
local HUSH = core.secret.new("KEY", "hush")

--- A definition with other values in places.
local function changed(made, changes)
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

local function audience(id, changes)
  return changed({ id = id, filename = USUAL,
    schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" } }, changes)
end

local ATTRIBUTES = { "person.name.firstName", "person.name.lastName",
  { path = "personalEmail.address", mandatory = true, deduplicate = true } }

local function campaign(changes)
  return changed({ name = "Loyal customers to Campaign", type = "adobe-campaign", target = { remotePath = "/in" },
    auth = { domain = "d.example.com", host = "h.example.com", username = "u", password = HUSH },
    audiences = { audience(LOYAL, { name = "Loyal customers" }) }, attributes = ATTRIBUTES }, changes)
end

local function s3(changes, target)
  return changed({ name = "To S3", type = "amazon-s3-v2", auth = { s3AccessKey = ("A2"):rep(10), s3SecretKey = HUSH },
    target = changed({ bucketName = "example-audiences", path = "exports", fileType = "CSV", compression = "NONE",
      csvOptions = { quote = '"' } }, target),
    audiences = { audience(LOYAL, { name = "Loyal customers", filename = USUAL_V2 }) }, attributes = ATTRIBUTES },
    changes)
end

local function datasets(changes, target)
  return changed({ name = "Orders to S3", type = "amazon-s3-v2", auth = s3().auth,
    target = changed({ bucketName = "example-datasets", path = "orders", datasetFileType = "JSON",
      compression = "GZIP" }, target),
    datasets = { { id = "5ef3e3259ad2a1191ab7dd7d", name = "Web orders" },
      { id = "5ef3e3259ad2a1191ab7dd7e", name = "Shop orders" } },
    schedule = schedule.datasets.every_hours(6) { at = "20:00", from = "2030-01-31", to = "2030-02-03" } }, changes)
end

local function kinesis(changes)
  return changed({ name = "Loyal customers, live", type = "amazon-kinesis",
    auth = { accessKeyId = "id", secretKey = HUSH, region = "eu-west-1" },
    target = { stream = "customers", region = "eu-west-1" },
    audiences = { { id = LOYAL, name = "Loyal customers" }, { id = NEW } },
    attributes = { "person.name.firstName", "personalEmail.address" } }, changes)
end

local function preview(definition, options)
  return destination.new(definition):preview(changed({ now = NOW, timezone = "UTC" }, options))
end

--- The file names of an audience's exports.
local function names_of(made, i)
  local names = {}
  for _, export in ipairs(made.audiences[i or 1].exports) do
    table.move(export.files, 1, #export.files, #names + 1, names)
  end
  return names
end

local function messages(notes)
  local list = {}
  for i, note in ipairs(notes) do list[i] = note.message end
  return table.concat(list, "\n")
end

local function has_note(made, text) return messages(made.notes):find(text, 1, true) ~= nil end

describe("a preview", function()
  it("shows the next seven exports", function()
    local made = preview(campaign())
    local entry = made.audiences[1]
    assert.equal(7, #entry.exports)
    assert.equal(364, entry.count)
    assert.equal(364, entry.left)
    assert.equal("2030-12-30T02:00:00Z", entry.last.utc)
    for i, export in ipairs(entry.exports) do
      local day = ("2030-01-%02d"):format(i)
      assert.equal(day .. "T02:00:00Z", export.time.utc)
      assert.equal(day, export.time.day)
      assert.equal("full", export.mode)
      assert.equal("/in", export.folder)
      assert.same({ ("Adobe_Campaign_%s_%s_020000.csv"):format(LOYAL, day:gsub("-", "")) }, export.files)
    end
    assert.same({ "person.name.firstName", "person.name.lastName", "personalEmail.address" }, made.header)
    assert.equal("person.name.firstName,person.name.lastName,personalEmail.address", made.header_line)
    assert.same({ "personalEmail.address" }, made.mandatory)
    assert.same({ "personalEmail.address" }, made.deduplicate)
  end)

  it("shows as many as asked for, and no more than there are", function()
    assert.equal(1, #preview(campaign(), { exports = 1 }).audiences[1].exports)
    local short = campaign { audiences = { audience(LOYAL, {
      schedule = schedule.every_hours(6) { at = "20:00", from = "2030-01-31", to = "2030-02-02" } }) } }
    assert.equal(5, #preview(short, { exports = 100 }).audiences[1].exports)
  end)

  it("has nothing to show where there is no audience", function()
    local made = preview(campaign { audiences = {} })
    assert.equal("files", made.kind)
    assert.same({}, made.audiences)
    assert.is_truthy(tostring(made):find("Warnings\n\n  - is empty: nothing will be exported (/audiences)", 1, true))
  end)

  it("begins with what is to come", function()
    local made = preview(campaign(), { now = NOW + 100 * DAY })
    assert.equal("2030-04-10T02:00:00Z", made.audiences[1].exports[1].time.utc)
    assert.equal(265, made.audiences[1].left)
  end)

  it("takes this moment when no other is given", function()
    local made = destination.new(campaign { audiences = { audience(LOYAL, {
      schedule = schedule.daily { at = "02:00", from = "2020-01-01", to = "2999-01-01" } }) } }):preview { exports = 1 }
    local first = made.audiences[1].exports[1].time.epoch
    assert.is_true(first > os.time() - 100 and first <= os.time() + DAY)
  end)

  it("tells full exports from incremental ones", function()
    local made = preview(campaign { audiences = { audience(LOYAL, {
      schedule = schedule.every_hours(12) { at = "12:00", from = "2030-01-01", to = "2030-01-05" } }) } })
    local modes = {}
    for i, export in ipairs(made.audiences[1].exports) do modes[i] = export.mode end
    assert.equal("full incremental incremental incremental incremental incremental incremental",
      table.concat(modes, " "))
    assert.is_true(has_note(made, "Who left the audience is not in it"))
  end)

  it("says that an old schedule starts with a full export only if it is new", function()
    local old = campaign { audiences = { audience(LOYAL, {
      schedule = schedule.every_hours(12) { at = "12:00", from = "2029-01-01", to = "2030-01-05" } }) } }
    local entry = preview(old).audiences[1]
    assert.equal("full", entry.exports[1].mode)
    assert.is_truthy(messages(entry.notes):find("has begun before now", 1, true))
    assert.equal("", messages(preview(old, { now = 1861920000 - DAY }).audiences[1].notes))
  end)

  it("says whether files name those who left", function()
    local made = preview(campaign {
      audiences = { audience(LOYAL, { export = "FIRST_FULL_THEN_INCREMENTAL" }) },
      attributes = { "personalEmail.address", "segmentMembership.seg_namespace.seg_id.status" } })
    assert.is_true(has_note(made, "Who left the audience is in it too"))
    assert.is_true(has_note(made, "seg_namespace and seg_id"))
  end)

  it("shows times in another zone", function()
    local time = preview(campaign(), { timezone = "-05:00", exports = 1 }).audiences[1].exports[1].time
    assert.equal("2029-12-31T21:00:00-05:00", time["local"])
    assert.equal("UTC-05:00", time.zone)
    assert.equal(-18000, time.offset)
    assert.equal("2030-01-01T02:00:00Z", time.utc)
  end)

  it("knows no time after evaluation", function()
    local made = preview(campaign { audiences = { audience(LOYAL, {
      filename = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%",
      schedule = schedule.after_evaluation { from = "2030-01-01", to = "2030-01-03" } }),
      audience(NEW, { schedule = schedule.once { on = "2030-02-28", after_evaluation = true } }) } })
    assert.same({ day = "2030-01-02", after_evaluation = true }, made.audiences[1].exports[2].time)
    assert.same({ ("Adobe_Campaign_%s_{unix-seconds}.csv"):format(LOYAL),
      ("Adobe_Campaign_%s_{unix-seconds}.csv"):format(LOYAL) }, names_of(made, 1))
    assert.same({ ("Adobe_Campaign_%s_20300228_HHmmss.csv"):format(NEW) }, names_of(made, 2))
    assert.is_true(has_note(made, "no hour known beforehand"))
    assert.is_true(has_note(made, "{unix-seconds} stands for"))
  end)

  it("is empty, and says so, when all is over", function()
    local made = preview(campaign { audiences = { audience(LOYAL, { schedule = { frequency = "ONCE", past = true,
      triggerType = "SCHEDULED", startDate = "2029-01-01", startTime = "05:00" }, export = "DAILY_FULL_EXPORT" }) } })
    assert.same({}, made.audiences[1].exports)
    assert.equal(0, made.audiences[1].left)
    assert.is_truthy(tostring(made):find("The schedule is over: nothing will be exported.", 1, true))
  end)
end)

describe("the files of a preview", function()
  local ALL = "%DESTINATION%_%DESTINATION_NAME%_%SEGMENT_ID%_%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%"
    .. "_%DESTINATION_INSTANCE_ID%_%DESTINATION_INSTANCE_NAME%_%ORGANIZATION_NAME%_%SANDBOX_NAME%_%my own%"

  local function named(template, changes, options)
    return preview(s3 { audiences = { audience(LOYAL, changed({ name = "Loyal customers", filename = template },
      changes)) } }, changed({ exports = 1 }, options))
  end

  it("know every macro", function()
    local made = named(ALL, nil, { organization = "Example Inc", sandbox = "prod" })
    assert.same({ "Amazon_S3_Amazon_S3_" .. LOYAL .. "_Loyal_customers_20300101_020000_{flow-id}_To_S3_Example_Inc_prod"
      .. "_my own.csv" }, names_of(made))
    assert.is_true(has_note(made, "{flow-id} stands for"))
    assert.is_true(has_note(made, "Blanks in names become underscores"))
    assert.is_false(has_note(made, "{organization-name}"))
    assert.same({ "1893463200_" .. LOYAL .. ".csv" }, names_of(named "%TIMESTAMP%_%SEGMENT_ID%"))
  end)

  it("have placeholders, explained, for what is not known", function()
    local made = preview(s3 { audiences = { { name = "Loyal customers", filename = ALL,
      schedule = audience(LOYAL).schedule }, audience(NEW, { filename = ALL }) } }, { exports = 1 })
    for _, word in ipairs { "flow-id", "audience-id", "audience-name", "organization-name", "sandbox-name" } do
      assert.is_truthy((names_of(made, 1)[1] .. names_of(made, 2)[1]):find(word, 1, true), word)
      assert.is_true(has_note(made, ("{%s} stands for"):format(word)), word)
    end
  end)

  it("are split where the rows ask for it, in full exports", function()
    local made = preview(campaign { audiences = { audience(LOYAL, {
      schedule = schedule.every_hours(12) { at = "12:00", from = "2030-01-01", to = "2030-01-05" } }) } },
      { rows = 5000001, exports = 2 })
    local stem = "Adobe_Campaign_" .. LOYAL
    assert.same({ stem .. "_20300101_120000.csv", stem .. "_20300101_120000_2.csv", stem .. "_20300102_000000.csv" },
      names_of(made))
    assert.is_true(has_note(made, "only full exports are shown in parts"))
    assert.is_false(has_note(made, "for CSV files only"))
    assert.equal(5000001, made.rows)
    local parquet = s3(nil, { fileType = "PARQUET" })
    parquet.target.csvOptions = nil
    made = preview(parquet, { rows = 5000001, exports = 1 })
    assert.is_true(has_note(made, "for CSV files only"))
  end)

  for ending, target in pairs {
    [".csv"] = {}, [".csv.gz"] = { compression = "GZIP" }, [".json"] = { fileType = "JSON" },
    [".json.gz"] = { fileType = "JSON", compression = "GZIP" }, [".parquet"] = { fileType = "PARQUET" },
    [".gz.parquet"] = { fileType = "PARQUET", compression = "GZIP" },
  } do
    it("end in " .. ending, function()
      local definition = s3(nil, target)
      if target.fileType then definition.target.csvOptions = nil end
      local made = preview(definition, { exports = 1 })
      assert.equal(ending, names_of(made)[1]:match "000(%..*)$")
      assert.equal(ending, made.file.ending)
      assert.equal(ending ~= ".csv", has_note(made, "the ending " .. ending .. " is assumed"))
      assert.equal(target.fileType == nil, made.header_line ~= nil)
    end)
  end

  it("with names that are too long, or the same, are noted", function()
    local long = ("x"):rep(200)
    assert.equal("", messages(named("%SEGMENT_NAME%_" .. long, { name = "short" }).audiences[1].notes))
    local made = named("%SEGMENT_NAME%_" .. long, { name = ("é"):rep(51) })
    assert.is_truthy(messages(made.audiences[1].notes):find("has 256 characters, 255 are allowed", 1, true))
    made = preview(s3 { audiences = { audience(LOYAL, { name = "Same", filename = "%SEGMENT_NAME%_%TIMESTAMP%" }),
      audience(NEW, { name = "Same", filename = "%SEGMENT_NAME%_%TIMESTAMP%" }) } })
    assert.equal("", messages(made.audiences[1].notes))
    assert.is_truthy(messages(made.audiences[2].notes):find('"Same" has files of the same name', 1, true))
  end)

  it("with a slash in a name are noted", function()
    local made = named("%SEGMENT_NAME%_%SEGMENT_ID%", { name = "A/B" })
    assert.is_truthy(messages(made.audiences[1].notes):find('The name "A/B" holds a slash', 1, true))
  end)

  it("lie where the target says, macros included", function()
    local function folder(made) return made.audiences[1].exports[1].folder end
    local made = preview(s3(nil, { path = "out/%SEGMENT_NAME%/%SEGMENT_ID%" }))
    assert.equal("example-audiences/out/Loyal_customers/" .. LOYAL, folder(made))
    assert.is_false(has_note(made, "Placeholders in folders"))
    assert.is_true(has_note(made, "Blanks in names"))
    made = preview(s3({ audiences = { audience(LOYAL, { filename = USUAL_V2 }) } }, { path = "out/%SEGMENT_NAME%" }))
    assert.equal("example-audiences/out/{audience-name}", folder(made))
    assert.is_true(has_note(made, "{audience-name} stands for"))
    made = preview { name = "n", type = "data-landing-zone", target = { path = "out/%SEGMENT_ID%", fileType = "JSON",
      compression = "NONE" }, audiences = { audience(LOYAL, { filename = USUAL_V2 }) }, attributes = ATTRIBUTES }
    assert.equal("out/%SEGMENT_ID%", folder(made))
    assert.is_true(has_note(made, "Placeholders in folders"))
    assert.is_true(has_note(made, "landing zone's own container"))
    made = preview(campaign { type = "amazon-s3", auth = s3().auth, target = { bucketName = "abc",
      path = "out/%SEGMENT_ID%" } })
    assert.equal("abc/out/%SEGMENT_ID%", folder(made))
    assert.is_true(has_note(made, "Placeholders in folders"))
  end)

  it("have the columns of their card", function()
    local attributes = { "person.name.firstName", { path = "personalEmail.address", column = "mail", mandatory = true },
      { identity = "Email" } }
    local made = preview(s3({ attributes = attributes }, { csvOptions = { delimiter = ";", quote = "" } }))
    assert.equal("person_name_firstName;mail;Email", made.header_line)
    assert.same({ "mail" }, made.mandatory)
    made = preview(campaign { attributes = { "person.name.firstName", { identity = "Email" } } })
    assert.equal("person.name.firstName,Email", made.header_line)
    assert.is_true(has_note(made, "column of an identity"))
  end)

  it("of a destination that the catalog does not know follow the others", function()
    local made = preview { name = "n", type = "Example Storage", auth = {}, target = { path = "in" },
      audiences = { audience(LOYAL) }, attributes = { "a.b" } }
    assert.equal("files", made.kind)
    assert.equal(("Example_Storage_%s_20300101_020000.csv"):format(LOYAL), names_of(made)[1])
    assert.is_true(has_note(made, '"Example Storage" is not in the catalog'))
    made = preview { name = "n", type = LOYAL, auth = {}, target = {}, audiences = { audience(LOYAL) },
      attributes = { "a.b" } }
    assert.equal(("{destination-name}_%s_20300101_020000.csv"):format(LOYAL), names_of(made)[1])
    assert.equal("stream", preview({ name = "n", type = "Example Stream", auth = {}, target = {},
      audiences = { { id = LOYAL } }, attributes = { "a.b" } }).kind)
  end)
end)

describe("a preview of an unknown destination", function()
  local function unknown(audiences)
    return preview { name = "n", type = "Example Storage", auth = {}, target = { path = "p" },
      audiences = audiences, attributes = { "a.b" } }
  end

  it("leaves open what the audience does not say", function()
    for _, entry in ipairs { { id = LOYAL }, audience(LOYAL), { id = LOYAL, filename = USUAL },
      { id = LOYAL, schedule = audience(LOYAL).schedule } } do
      local made = unknown { entry, audience(NEW) }
      local known = entry.schedule ~= nil and entry.filename ~= nil
      assert.equal(known and 7 or 0, #made.audiences[1].exports)
      assert.equal(7, #made.audiences[2].exports)
      local open = "what is exported here can only be told by the service"
      assert.equal(not known, tostring(made):gsub("%s+", " "):find(open, 1, true) ~= nil)
    end
  end)

  it("shows datasets, too", function()
    local made = preview { name = "n", type = "Example Storage", auth = {}, target = { path = "p" },
      datasets = { { id = "5ef3e3259ad2a1191ab7dd7d" } }, folder = "%DATASET_NAME%",
      schedule = schedule.datasets.once { on = "2030-01-01" } }
    assert.equal("p/{dataset-name}", made.datasets[1].exports[1].folder)
    assert.is_true(has_note(made, "{dataset-name} stands for"))
  end)
end)

describe("a preview of datasets", function()
  it("shows their folders", function()
    local made = preview(datasets())
    local folders = {}
    for i, export in ipairs(made.datasets[2].exports) do
      folders[i] = export.folder
      assert.same({}, export.files)
    end
    assert.equal("example-datasets/orders/5ef3e3259ad2a1191ab7dd7e/exportTime=203001312000", folders[1])
    assert.equal("example-datasets/orders/5ef3e3259ad2a1191ab7dd7e/exportTime=203002010200", folders[2])
    assert.equal(7, #folders)
    assert.equal(9, made.datasets[1].count)
    assert.same({ type = "JSON", ending = ".json.gz", random = true }, made.file)
    assert.is_nil(made.header)
  end)

  it("knows folder templates", function()
    local made = preview(datasets { folder = "%DESTINATION%/%DATASET_NAME%_%DATASET_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
      .. "_%DESTINATION_INSTANCE_NAME%_%SANDBOX_NAME%/%EXPORT_TIME%" }, { sandbox = "dev" })
    assert.equal("example-datasets/orders/Amazon_S3/Web_orders_5ef3e3259ad2a1191ab7dd7d_20300131_200000_Orders_to_S3"
      .. "_dev/exportTime=203001312000", made.datasets[1].exports[1].folder)
    assert.is_true(has_note(made, "folder template"))
    assert.is_true(has_note(made, "Blanks in names"))
  end)

  it("takes the API's own words", function()
    local made = preview(datasets { schedule = { startTime = NOW + 90, timeUnit = "day", interval = 0 } })
    assert.equal("full", made.datasets[1].exports[1].mode)
    assert.equal(1, made.datasets[1].count)
    made = preview(datasets { schedule = { startTime = NOW + 90, timeUnit = "day", interval = 1 } })
    assert.equal("incremental", made.datasets[1].exports[2].mode)
    assert.is_nil(made.datasets[1].count)
    assert.is_true(has_note(made, "No export mode is given"))
  end)
end)

describe("a preview of a stream", function()
  it("has no files", function()
    local made = preview(kinesis())
    assert.equal("stream", made.kind)
    assert.same({ stream = "customers", region = "eu-west-1" }, made.stream)
    assert.same({}, made.audiences[1].exports)
    assert.is_nil(made.file)
    assert.is_nil(made.header_line)
    assert.equal("person.name.firstName", made.header[1])
  end)
end)

describe("the page of a preview", function()
  local DEFINITIONS = {
    campaign = { campaign() },
    campaign_in_parts = { campaign { audiences = {
      audience(LOYAL, { name = "Loyal customers",
        schedule = schedule.every_hours(6) { at = "20:00", from = "2030-01-01", to = "2030-01-03" } }),
      audience(NEW, { schedule = schedule.after_evaluation { from = "2030-01-01", to = "2030-03-01" } }),
      audience("2c5ee19f-a3b2-4c1b-8d4e-803d77b2f6e2", { name = "Everybody",
        schedule = schedule.once { at = "17:00", on = "2032-02-29" } }),
    } }, { rows = 26000000, timezone = "+05:30", exports = 3 } },
    storage = { s3({ attributes = { "person.name.firstName", { path = "personalEmail.address", column = "mail",
      mandatory = true }, { identity = "Email" } } }, { path = "out/%SEGMENT_NAME%", compression = "GZIP",
      csvOptions = { delimiter = "\t" } }), { exports = 2 } },
    datasets = { datasets(), { exports = 2, timezone = "-08:00" } },
    stream = { kinesis() },
  }
  for name, case in pairs(DEFINITIONS) do
    local path = "tests/spec/preview/pages/" .. name .. ".txt"

    it("is as in " .. path, function()
      local page = tostring(preview(case[1], case[2]))
      assert.equal(files.read(path), page)
    end)

    it("fits 80 columns: " .. name, function()
      for line in tostring(preview(case[1], case[2])):gmatch "[^\n]+" do
        assert.is_true(utf8.len(line) <= 80 or not line:find "%S%s+%S", line)
      end
    end)
  end

  it("cannot steer a terminal", function()
    local made = campaign { name = "a\27[31m\nb\xC2\x9Bc" }
    made.audiences[1].name = "x\7y"
    local page = tostring(preview(made))
    assert.is_nil(page:find "[%z\1-\9\11-\31\127]")
    assert.is_nil(page:find "\xC2\x9B")
    assert.is_truthy(page:find("Audience: x y", 1, true))
  end)

  it("says when nothing is exported", function()
    local page = tostring(preview(campaign { audiences = { audience(LOYAL, {
      schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-01-01" } }) } }))
    assert.is_truthy(page:find("Nothing will be exported.", 1, true))
    assert.is_truthy(page:find("never: the end day", 1, true))
  end)

  it("has the warnings of the check", function()
    local made = preview(campaign { type = "amazon-s3", auth = s3().auth, target = { bucketName = "abc", path = "p" } })
    assert.equal("/type", made.warnings[1].place)
    assert.is_truthy(tostring(made):find '\nWarnings\n\n  %- [^-]*%s"amazon%-s3%-v2"%s%(/type%)\n')
  end)
end)

describe("asking for a preview", function()
  it("refuses what apply refuses, in the same words", function()
    local wrong = campaign { type = "adobe-campain", target = { remotePaht = "/in" },
      audiences = { audience("x", { filename = "%SEGMENT%" }) } }
    local ok, refused = pcall(destination.new(wrong).preview, destination.new(wrong))
    local _, applied = pcall(destination.new(wrong).apply, destination.new(wrong), {})
    assert.is_false(ok)
    assert.is_true(core.error.is(refused, "recipe"))
    assert.equal(tostring(applied), tostring(refused))
    assert.same(applied.findings, refused.findings)
    assert.is_true(#refused.findings > 2)
  end)

  it("gives a table that is JSON as it stands", function()
    for _, definition in ipairs { campaign(), s3(), datasets(), kinesis() } do
      local document = core.json.decode(core.json.encode(preview(definition)))
      assert.equal(definition.name, document.name)
      for _, list in ipairs { "notes", "warnings", definition.datasets and "datasets" or "audiences" } do
        assert.is_true(core.json.is_array(document[list]), list)
      end
    end
    assert.is_truthy(core.json.encode(preview(campaign { audiences = { audience(LOYAL) }, attributes = { "a" } }))
      :find('"mandatory":[]', 1, true))
  end)

  for problem, options in pairs {
    ['unknown option "export"; .*did you mean "exports"?'] = { export = 1 },
    ["exports: expected a whole number from 1 to 100, got 0"] = { exports = 0 },
    ["exports: expected a whole number from 1 to 100, got 101"] = { exports = 101 },
    ["rows: expected a whole number from 1 to 500000000, got 1.5"] = { rows = 1.5 },
    ["now: expected seconds since 1970"] = { now = "today" },
    ['sandbox: expected a name, got ""'] = { sandbox = "" },
    ['timezone: expected an offset such as "%+02:00", or "UTC", got "CET"'] = { timezone = "CET" },
  } do
    it("refuses wrong options at the caller's line: " .. problem, function()
      local ok, message = pcall(function() destination.new(campaign()):preview(options) end)
      assert.is_false(ok)
      assert.is_truthy(message:find("^tests/spec/preview_spec.lua:%d+: preview: "), message)
      assert.is_truthy(message:find(problem), message)
    end)
  end

  it("refuses options that are no table", function()
    assert.has_error(function() destination.new(campaign()):preview(7) end)
  end)
end)
