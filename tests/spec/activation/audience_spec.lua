local audience = require "sluice.activation.audience"
local findings = require "sluice.findings"
local outcome = require "spec.support.outcome"
local schedule = require "sluice.activation.schedule"

local ID = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"
local NAME = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"

local function entry(changes)
  local made = { id = ID, name = "Loyal", filename = NAME,
    schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" } }
  for key, value in pairs(changes or {}) do made[key] = value ~= "none" and value or nil end
  return made
end

local function check(list, shape)
  local report = findings.new()
  audience.check(report, "/audiences", list, { shape = shape or "legacy", today = "2029-06-15" })
  return outcome.lines(report)
end

--- The i-th audience, exported daily at an hour.
local function numbered(i, hour, from, to)
  return entry { id = ("%08x-0000-4000-8000-000000000000"):format(i),
    schedule = schedule.daily { at = ("%02d:00"):format(hour), from = from or "2030-01-01", to = to or "2030-12-31" } }
end

local UPLOADED = { enabled = true, sourceType = "AUDIENCE_DATASET", mappingSet = { id = "m", version = 0 } }
local NAMELESS = "%DESTINATION%_%TIMESTAMP%"
local OTHER_ID = "1b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"

describe("audiences", function()
  it("become the tutorial's selector", function()
    assert.same({ type = "PLATFORM_SEGMENT", value = {
      id = ID, name = "Loyal", filenameTemplate = NAME, exportMode = "DAILY_FULL_EXPORT",
      schedule = { frequency = "DAILY", triggerType = "SCHEDULED", startDate = "2030-01-01",
        startTime = "02:00", endDate = "2030-12-31" },
    } }, audience.selector(entry()))
  end)

  it("made elsewhere keep their own ID beside the system's", function()
    local external = entry { id = "extaud9001", systemSegmentId = ID, namespace = "aamSegments" }
    assert.equal("", check { external })
    local value = audience.selector(external).value
    assert.same({ "extaud9001", ID, "aamSegments" }, { value.id, value.systemSegmentId, value.namespace })
  end)

  for _, case in ipairs {
    { { entry() }, "" },
    { {}, "warning /audiences: is empty: nothing will be exported" },
    { "all", 'error /audiences: expected a list, got "all"' },
    { entry(), "error /audiences: expected a list, got a table with keys" },
    { { ID }, ('error /audiences/0: expected a table, got "%s"'):format(ID) },
    { { entry { id = "none", name = "none" } }, "error /audiences/0/id: missing: expected the audience's ID" },
    { { entry { id = "loyal" } }, 'error /audiences/0/id: "loyal" is not an audience ID: expected a UUID' },
    { { entry(), entry() }, "error /audiences/1/id: is the same audience as /audiences/0" },
    { { entry { filename = "none" } }, "error /audiences/0/filename: missing: expected a template" },
    { { entry { schedule = "none" } }, "error /audiences/0/schedule: missing: expected a schedule" },
    { { entry { filenmae = "x" } },
      'error /audiences/0/filenmae: unknown key; did you mean "filename"?' },
    { { entry { name = 7 } }, "error /audiences/0/name: expected text, got 7" },
  } do
    it("are checked: " .. (case[2] == "" and "fine" or case[2]), function()
      local found = check(case[1])
      if case[2] == "" then return assert.equal("", found) end
      assert.truthy(found:find(case[2], 1, true), found)
    end)
  end

  it("are warned about above the guardrail", function()
    local list = {}
    for i = 1, 251 do list[i] = numbered(i, i % 24) end
    assert.equal("warning /audiences: has 251 audiences: one dataflow is meant for at most 250", check(list))
  end)

  it("uploaded from a list bring their enrichment", function()
    local value = audience.selector(entry { enrichmentInfo = { mappingSet = { id = "m", version = 0 } } }).value
    assert.same(UPLOADED, value.enrichmentInfo)
    value = audience.selector(entry { enrichmentInfo = { enabled = false } }).value
    assert.same({ enabled = false, sourceType = "AUDIENCE_DATASET" }, value.enrichmentInfo)
  end)

  -- shape, list, what is found: "" = nothing
  for _, case in ipairs {
    { "legacy", { entry { id = "none", name = "Loyal" } }, "" },
    { "legacy", { entry { enrichmentInfo = UPLOADED } }, "" },
    { "v2", { entry { filename = "%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%" } }, "" },
    { "streaming", { { id = ID, name = "Loyal", description = "d" }, { name = "Other" } }, "" },
    { nil, { { id = ID } }, "" },
    { nil, { { id = ID }, { name = ID } }, "" },
    { nil, { entry { filename = "%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%" } }, "" },
    { "legacy", { entry { id = "none", name = "A" }, entry { id = "none", name = "A" } },
      "error /audiences/1/name: is the same audience as /audiences/0" },
    { "legacy", { entry { id = "none", name = 7 } }, "error /audiences/0/name: expected text, got 7" },
    { "legacy", { entry { id = "ext", systemSegmentId = "short" } },
      'error /audiences/0/systemSegmentId: "short" is not the platform\'s ID of an audience' },
    { "legacy", { entry { systemSegmentId = ID } }, "warning /audiences/0/systemSegmentId: is the same as id" },
    { "legacy", { entry { namespace = "aamSegments" } },
      "warning /audiences/0/namespace: belongs to an audience made elsewhere" },
    { "legacy", { entry { enrichmentInfo = true } }, "error /audiences/0/enrichmentInfo: expected a table, got true" },
    { "legacy", { entry { enrichmentInfo = { enabled = "yes", mappingSet = UPLOADED.mappingSet } } },
      'error /audiences/0/enrichmentInfo/enabled: expected true or false, got "yes"' },
    { "legacy", { entry { enrichmentInfo = { sourceType = "DATASET", mappingSet = UPLOADED.mappingSet } } },
      'error /audiences/0/enrichmentInfo/sourceType: expected "AUDIENCE_DATASET", got "DATASET"' },
    { "legacy", { entry { enrichmentInfo = {} } }, "warning /audiences/0/enrichmentInfo/mappingSet: missing: the" },
    { "legacy", { entry { enrichmentInfo = { mappingSet = { id = "m" } } } },
      "error /audiences/0/enrichmentInfo/mappingSet/version: missing: expected a whole number" },
    { "legacy", { entry { enrichmentInfo = { mappingSet = { version = 0 } } } },
      "error /audiences/0/enrichmentInfo/mappingSet/id: missing: expected the ID of a mapping set" },
    { "streaming", { { id = ID, filename = NAME } },
      "error /audiences/0/filename: a streaming destination sends members as they change" },
    { "streaming", { { id = ID, export = "DAILY_FULL_EXPORT" } }, "error /audiences/0/export: a streaming" },
    { "streaming", { { id = ID, schedule = {} } }, "error /audiences/0/schedule: a streaming destination" },
    { nil, { { id = ID, filename = "%WEEK%_%TIMESTAMP%" } }, "error /audiences/0/filename: unknown macro %WEEK%" },
    { nil, { { id = ID, export = "DAILY_FULL_EXPORT" } }, "error /audiences/0/schedule: missing: expected a schedule" },
  } do
    local shape, list, expected = table.unpack(case, 1, 3)
    it(("of a %s destination: %s"):format(shape, expected == "" and "fine" or expected), function()
      local report = findings.new()
      audience.check(report, "/audiences", list, { shape = shape, today = "2029-06-15" })
      local found = outcome.lines(report)
      if expected == "" then return assert.equal("", found) end
      assert.truthy(found:find(expected, 1, true), found)
      assert.equal(1, #report, found)
    end)
  end

  it("whose files would overwrite one another are told", function()
    local found = check({ entry { filename = NAMELESS }, entry { id = OTHER_ID, filename = NAMELESS } }, "v2")
    assert.truthy(found:find("warning /audiences/1/filename: is the same name as /audiences/0/filename", 1, true))
    found = check({ entry { filename = NAMELESS }, entry { id = OTHER_ID, filename = NAMELESS .. "_b" } }, "v2")
    assert.falsy(found:find("same name", 1, true), found)
    found = check({ entry { filename = NAMELESS .. "_%SEGMENT_NAME%" },
      entry { id = OTHER_ID, filename = NAMELESS .. "_%SEGMENT_NAME%" } }, "v2")
    assert.falsy(found:find("same name", 1, true), found)
  end)

  it("are warned about when more than a hundred leave in one hour", function()
    local list = {}
    for i = 1, 100 do list[i] = numbered(i, 2) end
    assert.equal("", check(list))
    list[101] = numbered(101, 3)
    assert.equal("", check(list))
    list[101] = numbered(101, 2, "2031-01-01", "2031-12-31")
    assert.equal("", check(list))
    list[101] = numbered(101, 2, "2030-06-01", "2031-12-31")
    assert.equal("warning /audiences: 101 audiences are exported at 02:00 UTC from 2030-06-01 on: at most 100 an hour "
      .. "are meant; spread them over the day", check(list))
    list[101] = entry { id = OTHER_ID,
      schedule = schedule.every_hours(12) { at = "14:00", from = "2030-01-01", to = "2030-12-31" } }
    assert.truthy(check(list):find("101 audiences are exported at 02:00 UTC", 1, true))
    list[101] = entry { id = OTHER_ID,
      schedule = schedule.after_evaluation { from = "2030-01-01", to = "2030-12-31" } }
    assert.equal("", check(list))
  end)

  it("are warned about when more than ten were uploaded", function()
    local list = {}
    for i = 1, 10 do
      list[i] = numbered(i, i)
      list[i].enrichmentInfo = UPLOADED
    end
    assert.equal("", check(list))
    list[11] = numbered(11, 11)
    list[11].enrichmentInfo = UPLOADED
    assert.equal("warning /audiences: has 11 custom-upload audiences: the user interface allows at most 10 in one "
      .. "dataflow", check(list))
  end)

  it("tell all that is wrong at once", function()
    local found = check { entry { id = "x", filename = "none" }, entry { schedule = "none" } }
    assert.equal(2 + 1, select(2, found:gsub("error ", "")), found)
  end)
end)
