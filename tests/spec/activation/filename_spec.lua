local filename = require "sluice.activation.filename"
local findings = require "sluice.findings"
local outcome = require "spec.support.outcome"

local function check(template)
  local report = findings.new()
  filename.check(report, "/f", template, { shape = "legacy" })
  return outcome.lines(report)
end

describe("file name templates", function()
  it("accepts what the tutorial and the update guide write", function()
    for _, template in ipairs {
      filename.USUAL,
      "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%",
      "%DESTINATION_NAME%_%SEGMENT_ID%_%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%_custom-text",
      "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%_%this is custom text%",
      "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%" .. ("x"):rep(255 - 43),
    } do
      assert.equal("", check(template), template)
    end
  end)

  for template, expected in pairs {
    ["%DESTINATION_NAME%_%TIMESTAMP%"] = "error /f: lacks %SEGMENT_ID%; a usual template is ",
    ["%SEGMENT_ID%_%TIMESTAMP%"] = "error /f: lacks %DESTINATION_NAME%",
    ["%DESTINATION_NAME%_%SEGMNT_ID%_%TIMESTAMP%"] =
      'error /f: unknown macro %SEGMNT_ID%; did you mean "%SEGMENT_ID%"',
    ["%destination_name%_%SEGMENT_ID%_%TIMESTAMP%"] = 'did you mean "%DESTINATION_NAME%"',
    ["%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYY-MM-dd)%"] =
      "error /f: the only date pattern is %DATETIME(YYYYMMdd_HHmmss)%, got %DATETIME(YYYY-MM-dd)%",
    ["%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%_%TIMESTAMP%"] =
      "error /f: has both .*choose one",
    ["%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%"] =
      "error /f: %DESTINATION% is a macro of the newer cloud-storage cards; write %DESTINATION_NAME%",
    ["%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%_%SANDBOX_NAME%"] =
      "is a macro of the newer cloud-storage cards",
    ["%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%_%WEEK%"] = "error /f: unknown macro %WEEK%; expected",
    ["%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%_50%"] =
      "error /f: a percent sign at character 47 has no partner",
    ["%DESTINATION_NAME%_%SEGMENT_ID%"] = "warning /f: has neither .*each export overwrites",
    ["%DESTINATION_NAME%_%SEGMENT_ID%_DATETIME(YYYYMMdd_HHmmss)"] =
      "warning /f: DATETIME stands without percent signs: the tutorial's table .* the update guide write",
    ["%my text%_%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%"] = "warning /f: own text belongs at the end",
  } do
    it("says what is wrong with " .. template, function()
      local found = check(template)
      assert.truthy(found:find((expected:gsub("[%%()%-]", "%%%0"))), found)
      assert.falsy(found:find("\n", 1, true), found)
    end)
  end

  it("wants a template of at most 255 characters", function()
    assert.truthy(check(nil):find('error /f: missing: expected a template such as "%DESTINATION_NAME%', 1,
      true))
    assert.truthy(check(12):find("got 12", 1, true))
    assert.truthy(check "  ":find("error /f: expected a template", 1, true))
    local long = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%" .. ("x"):rep(255 - 42)
    assert.equal("error /f: is 256 characters long: 255 are allowed", check(long))
  end)

  it("names the source of the rule", function()
    local report = findings.new()
    filename.check(report, "/f", "%DESTINATION_NAME%_%TIMESTAMP%", { shape = "legacy" })
    assert.equal("T,UPD", report[1].source)
  end)

  -- kind, template, what is found: "" = nothing
  for _, case in ipairs {
    { "v2", filename.USUAL_V2, "" },
    { "v2", "%DESTINATION%_%SEGMENT_ID%_%SEGMENT_NAME%_%DESTINATION_INSTANCE_ID%_%DESTINATION_INSTANCE_NAME%_"
      .. "%ORGANIZATION_NAME%_%SANDBOX_NAME%_%TIMESTAMP%", "" },
    { "v2", "%own text%_%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%_%custom-text%", "" },
    { "v2", "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%",
      "warning /f: the list of macros in the API description has %DESTINATION%, its sample writes %DESTINATION_NAME%" },
    { "v2", "%SEGMENT_ID%_%TIMESTAMP%",
      "warning /f: lacks %DESTINATION%: the user interface does not let one leave it out, the API description" },
    { "v2", "%DESTINATION%_%TIMESTAMP%", "warning /f: lacks %SEGMENT_ID%: the user interface" },
    { "v2", "%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%_%DATETIME(YYYYMMdd_HHmmss)%",
      "warning /f: has both .*the tutorial says to choose one, the API description calls each optional" },
    { "v2", "%DESTINATION%_%SEGMENT_ID%", "warning /f: has neither .*each export overwrites the file before" },
    { "v2", "%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%_%DATASET_ID%",
      "error /f: %DATASET_ID% is a macro of the folders of datasets; leave it out" },
    { "v2", "%DESTINATION%_%SEGMENT_ID%_%TIMESTAMP%_%SANDBOX%",
      'unknown macro %SANDBOX%; did you mean "%SANDBOX_NAME%"' },
    { "legacy", "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%_%EXPORT_TIME%",
      "error /f: %EXPORT_TIME% is a macro of the folders of datasets; leave it out" },
    { nil, "%SANDBOX_NAME%_%TIMESTAMP%", "" },
    { nil, filename.USUAL, "" },
    { nil, "%SEGMENT_ID%", "warning /f: has neither" },
    { "folder", "%DESTINATION%_%DATASET_ID%_%DATETIME(YYYYMMdd_HHmmss)%", "" },
    { "folder", "%DATASET_NAME%/%EXPORT_TIME%", "" },
    { "folder", "plain", "" },
    { "folder", "%DESTINATION_NAME%/%DATASET_ID%", "warning /f: the list of macros .* its sample writes" },
    { "folder", "%SEGMENT_ID%", "error /f: %SEGMENT_ID% is a macro of audiences; leave it out" },
    { "folder", "%DATASETID%", 'error /f: unknown macro %DATASETID%; did you mean "%DATASET_ID%"' },
    { "folder", 7, "error /f: expected a template such as .*, got 7" },
  } do
    local kind, template, expected = table.unpack(case, 1, 3)
    it(("of the kind %s: %s"):format(kind, template), function()
      local report = findings.new()
      if kind == "folder" then
        filename.check_folder(report, "/f", template)
      else
        filename.check(report, "/f", template, { shape = kind })
      end
      local found = outcome.lines(report)
      if expected == "" then return assert.equal("", found) end
      assert.truthy(found:find((expected:gsub("[%%()%-]", "%%%0"))), found)
      assert.equal(1, #report, found)
    end)
  end

  it("counts characters, not bytes", function()
    assert.equal("", check("%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%" .. ("é"):rep(255 - 43)))
  end)

  it("leaves the folder of datasets to the service when nothing is said", function()
    local report = findings.new()
    filename.check_folder(report, "/f", nil)
    assert.equal(0, #report)
  end)
end)
