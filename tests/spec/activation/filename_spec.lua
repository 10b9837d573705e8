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
      'error /f: unknown macro %SEGMNT_ID%; expected .*did you mean "%SEGMENT_ID%"',
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
end)
