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

local function check(list)
  local report = findings.new()
  audience.check(report, "/audiences", list, { shape = "legacy", today = "2029-06-15" })
  return outcome.lines(report)
end

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
    for i = 1, 251 do list[i] = entry { id = ("%08x-0000-4000-8000-000000000000"):format(i) } end
    assert.equal("warning /audiences: has 251 audiences: one dataflow is meant for at most 250", check(list))
  end)

  it("tell all that is wrong at once", function()
    local found = check { entry { id = "x", filename = "none" }, entry { schedule = "none" } }
    assert.equal(2 + 1, select(2, found:gsub("error ", "")), found)
  end)
end)
