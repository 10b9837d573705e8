--- A run's facts, from the documents' own samples and from much that they do not rule out.

local core = require "sluice.core"
local facts = require "sluice.runs.facts"

--- The sample of activation.md §9, shortened.
local function sample()
  return core.json.decode [[{"id":"r1","createdAt":1000000000000,"flowId":"f1","metrics":{
    "durationSummary":{"startedAtUTC":1000000100000,"completedAtUTC":1000000305999},
    "sizeSummary":{"inputBytes":7,"outputBytes":2048},
    "recordSummary":{"inputRecordCount":7823447,"createdRecordCount":7808223,"outputRecordCount":7808223,
      "skippedRecordCount":15224,
      "sourceSummaries":[{"id":"s1","entitySummaries":[{"id":"segment:a1","inputRecordCount":0}]}],
      "targetSummaries":[{"id":"t1","entitySummaries":[{"id":"segment:a1"},{"id":"segment:a2"}]}],
      "skippedInfo":[{"code":"ACTIVATION_BATCH-0000-SKIP","message":"Records didn't match.","count":15224}]},
    "fileSummary":{"inputFileCount":3,"outputFileCount":2},
    "statusSummary":{"status":"success","activityRefs":["x"]}}}]]
end

local function with(metrics) return facts.of { id = "r", flowId = "f", metrics = metrics } end

describe("the facts of a run", function()
  it("are those of the documents' sample", function()
    assert.same({ id = "r1", flow = "f1", status = "success", outcome = "succeeded", started = 1000000100,
      ended = 1000000305, duration = 205, input = 7823447, output = 7808223, skipped = 15224, files = 2, bytes = 2048,
      subjects = { "a1", "a2" } }, facts.of(sample()))
  end)

  it("name the first error of a failed run, wherever it stands", function()
    local aborted = { code = "ACTIVATION_BATCH-0000-FAILED", message = "Job aborted." }
    local found = with { statusSummary = { status = "Failed", errors = { aborted } } }
    assert.same({ "failed", "failed", aborted.code, aborted.message },
      { found.status, found.outcome, found.code, found.message })
    found = with { statusSummary = { status = "failed" },
      recordSummary = { failedInfo = { aborted }, failedRecordCount = 3 } }
    assert.same({ aborted.code, 3 }, { found.code, found.failed })
    assert.same({ "17" }, { with { statusSummary = { status = "failed", errors = { { code = 17 } } } }.code })
    assert.is_nil(with { statusSummary = { status = "failed" } }.code)
    assert.is_nil(with { statusSummary = { status = "success", errors = { aborted } } }.code)
  end)

  it("know the words of all documents", function()
    local expected = { Success = "succeeded", COMPLETED = "succeeded", Failed = "failed", PARTIAL_FAILURE = "failed",
      PARTIAL_SUCCESS = "failed", Processing = "going on", Waiting = "going on", inProgress = "going on",
      IN_PROGRESS = "going on", QUEUED = "going on" }
    for word, outcome in pairs(expected) do
      assert.equal(outcome, with { statusSummary = { status = word } }.outcome, word)
    end
  end)

  it("take another word for an end where there is one", function()
    local over = { completedAtUTC = 1000000305999 }
    assert.equal("going on", with { statusSummary = { status = "resting" } }.outcome)
    assert.equal("succeeded", with { statusSummary = { status = "resting" }, durationSummary = over }.outcome)
    assert.equal("failed", with { statusSummary = { status = "x", errors = { {} } }, durationSummary = over }.outcome)
    assert.equal("inprogress", facts.of({ state = "inProgress" }).status)
  end)

  it("have an end of either name, and none while it goes on", function()
    local time = { startedAtUTC = 1000000000000, stoppedAtUTC = 1000000060000 }
    assert.equal(60, with { durationSummary = time, statusSummary = { status = "success" } }.duration)
    local going = with { durationSummary = time, statusSummary = { status = "processing" } }
    assert.same({}, { going.duration, going.ended })
    time.stoppedAtUTC = 999999999000
    assert.equal(0, with { durationSummary = time, statusSummary = { status = "success" } }.duration)
  end)

  it("begin when the run was made, where nothing else is told", function()
    assert.equal(1000000000, facts.of({ createdAt = 1000000000000 }).started)
    assert.is_nil(facts.of({}).started)
  end)

  it("leave out what is no count or no time", function()
    for _, bad in ipairs { "7", -1, 0.5, 1e300, true, {} } do
      local found = with { recordSummary = { inputRecordCount = bad }, fileSummary = { outputFileCount = bad },
        durationSummary = { startedAtUTC = bad, completedAtUTC = bad }, sizeSummary = { outputBytes = bad } }
      assert.same({}, { found.input, found.files, found.bytes, found.started, found.ended })
    end
    assert.equal(5, with { recordSummary = { createdRecordCount = 5.0 } }.output)
  end)

  it("come from any shape of document", function()
    local word = "text"
    for _, odd in ipairs { word, 5, true, core.json.null, { word }, { { word } } } do
      assert.equal("unknown", facts.of({ id = odd, flowId = odd, metrics = odd }).status)
      local found = with { durationSummary = odd, recordSummary = odd, fileSummary = odd, sizeSummary = odd,
        statusSummary = odd }
      assert.equal("going on", found.outcome)
      found = with { statusSummary = { status = "failed", errors = odd }, recordSummary = { targetSummaries = odd,
        failedInfo = odd, sourceSummaries = { odd, { entitySummaries = { odd } } } } }
      assert.same({ "failed", {} }, { found.outcome, found.subjects })
    end
  end)
end)
