--- What the README says about schedules and file names holds.

local filename = require "sluice.activation.filename"
local files = require "support.files"
local findings = require "sluice.findings"
local outcome = require "spec.support.outcome"
local schedule = require "sluice.activation.schedule"

local SECTION = files.read("README.md"):match "## Audiences, schedules and file names\n(.-)\n## "
local TODAY = { today = "2029-06-15" }

local function check(text)
  local made = assert(load("local sluice = ... return " .. text, text, "t"))({ schedule = schedule })
  local report = findings.new()
  if text:find("datasets", 1, true) then
    schedule.check_datasets(report, "", made, TODAY)
  else
    schedule.check(report, "", { schedule = made }, TODAY)
  end
  return outcome.lines(report)
end

describe("the README's section on audiences", function()
  it("has schedules that are valid", function()
    local count = 0
    for text in SECTION:gmatch "\n| `(sluice%.schedule[^`]+)`" do
      assert.equal("", check(text), text)
      count = count + 1
    end
    assert.equal(5, count)
  end)

  it("has file names that are valid where they stand", function()
    local legacy, v2 = SECTION:match "usual template | `([^`]+)` | `([^`]+)`"
    assert.equal(filename.USUAL, legacy)
    assert.equal(filename.USUAL_V2, v2)
    for macro in SECTION:match("| may have ([^\n]+)"):gmatch "`%%([%u_]+)%%`" do
      local report = findings.new()
      local template = v2:gsub("DATETIME.*", "TIMESTAMP%%")
      if macro ~= "TIMESTAMP" then template = ("%s_%%%s%%"):format(template, macro) end
      filename.check(report, "", template, { shape = "v2" })
      assert.equal("", outcome.lines(report), macro)
    end
  end)
end)
