--- `sluice runs` and `sluice health` on the emulator: what became of exports, and how dataflows fare.

local clocked = require "support.clocked"
local core = require "sluice.core"
local crowd = require "support.crowd"
local program = require "support.program"

local DEAD = { AEP_BASE_URL = "http://127.0.0.1:1", AEP_IMS_URL = "http://127.0.0.1:1" }
for name, value in pairs(program.TOKEN) do DEAD[name] = value end

local function lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  return list
end

--- What no terminal may get, and tables not have at all: control characters and turns of direction.
local function is_harmless(text)
  return not text:find "[%z\1-\9\11-\31\127]" and not text:find "\u{202E}" and not text:find "\u{9B}"
end

describe("sluice runs", function()
  local org
  setup(function()
    org = clocked.start { flows = 12, careful = true, emulator = { fail_runs = 25 } }
    org:advance "4d" -- exports on 1, 2, 3 and 4 January
  end)
  teardown(function()
    org:__close()
    program.clean()
  end)

  it("tells the runs of a dataflow by its name or ID, the newest first", function()
    local runs = org:json { "runs", "Flow 00012", "--since", "30d" }
    local same = org:json { "runs", crowd.id("flows", 12), "--since", "30d" }
    assert.same(runs, same)
    assert.equal(0, #runs) -- it is disabled
    runs = org:json { "runs", crowd.id("flows", 10), "--since", "30d" }
    assert.equal(8, #runs) -- two audiences
    assert.matches("^2030%-01%-04T02:00:00Z$", runs[1].started)
    assert.matches("^2030%-01%-01T02:00:00Z$", runs[8].started)
    for _, run in ipairs(runs) do
      assert.equal(1, #run.audiences)
      assert.equal(crowd.id("flows", 10), run.dataflow_id)
      if run.state == "success" then
        assert.is_true(run.input > 0 and run.output > 0 and run.bytes > 0 and run.files >= 1)
        assert.equal(core.json.null, run.error)
      else
        assert.same({ "failed", "ACTIVATION_BATCH-0000-FAILED: Job aborted.", core.json.null },
          { run.state, run.error, run.output })
      end
    end
  end)

  it("shows them as a table with thousands, sizes and reasons", function()
    local result = org:run { "runs", crowd.id("flows", 10), "--since", "30d" }
    assert.equal(0, result.code, result.err)
    assert.equal("", result.err)
    local rows = lines(result.out)
    assert.equal(1 + 8, #rows)
    assert.matches("^STARTED +DURATION  STATE +IN +OUT  FAILED  FILES +SIZE  ERROR$", rows[1])
    local good, bad = 0, 0
    for i = 2, #rows do
      if rows[i]:find "^2030%-01%-0%d 02:00 +%d+m[ %ds]-  success +%d+,%d%d%d +%d[%d,]+ +1 +%d+%.%d MB$" then
        good = good + 1
      elseif rows[i]:find "^2030%-01%-0%d 02:00 +%d+m.-  failed +ACTIVATION_BATCH%-0000%-FAILED: Job aborted%.$" then
        bad = bad + 1
      end
    end
    assert.is_true(bad > 0, result.out)
    assert.equal(8 - bad, good, result.out)
  end)

  it("keeps to a window, to failures and to a number, and says when there are more", function()
    local all = org:json { "runs", crowd.id("flows", 10), "--since", "30d" }
    local late = org:json { "runs", crowd.id("flows", 10), "--since", "23h" }
    assert.equal(2, #late) -- the clock stands at 2030-01-05 00:00
    local failed, wanted = org:json { "runs", crowd.id("flows", 10), "--failed" }, {}
    for _, run in ipairs(all) do
      if run.state == "failed" then wanted[#wanted + 1] = run end
    end
    assert.same(wanted, failed)
    local few, result = org:json { "runs", crowd.id("flows", 10), "--limit", "3" }
    assert.same({ all[1], all[2], all[3] }, few)
    assert.equal("there are more; --limit and --since say how many are shown\n", result.err)
    assert.same(all, (org:json { "runs", crowd.id("flows", 10), "--limit", tostring(math.maxinteger) }))
    few, result = org:json { "runs", crowd.id("flows", 10), "--limit", "8" }
    assert.same(all, few)
    assert.equal("", result.err)
    result = org:run { "runs", crowd.id("flows", 9), "--limit", "1", "--quiet", "--columns",
      "dataflow,id" }
    assert.matches("^DATAFLOW +ID *\n=1%+1 +%x+%-[%x-]+\n$", result.out)
    assert.equal("", result.err)
  end)

  it("reckons --since by the service's time", function()
    local result = org:run { "runs", crowd.id("flows", 10), "--since", "1h" }
    assert.same({ 0, "", "no run of this dataflow began in the last 1h\n" }, { result.code, result.out, result.err })
    assert.matches("no failed run of this dataflow\n",
      org:run({ "runs", crowd.id("flows", 12), "--failed", "--limit", "5" }).err)
  end)

  it("tells several dataflows apart, each once, with one list", function()
    local before = #org:calls()
    local runs = org:json { "runs", crowd.id("flows", 10), crowd.CAREFUL[1], crowd.id("flows", 10), "--since", "23h" }
    local names = {}
    for _, run in ipairs(runs) do names[run.dataflow] = (names[run.dataflow] or 0) + 1 end
    assert.same({ [crowd.CAREFUL[10]] = 2, [crowd.CAREFUL[1]] = 2 }, names)
    local lists = 0
    for i, call in ipairs(org:calls()) do
      if i > before and call.path:find "/runs$" then lists = lists + 1 end
    end
    assert.equal(1, lists)
  end)

  it("takes any name, and lets none steer the terminal", function()
    local words = { "runs", "--since", "23h", "--" }
    for i, name in ipairs(crowd.CAREFUL) do
      if i % 4 ~= 0 then words[#words + 1] = name end -- the others are disabled
    end
    local result = org:run(words)
    assert.equal(0, result.code, result.err)
    assert.is_true(is_harmless(result.out), result.out)
    for _, text in ipairs { "Grüße aus Köln – 東京 🎉", "two\\nlines\\r\\nand a\\ttab", "c1 \\u{9b}31m", "=1+1", "--json",
      "\\u{202e}gnp.exe" } do
      assert.is_truthy(result.out:find(text, 1, true), text)
    end
    table.insert(words, 2, "--csv")
    result = org:run(words)
    assert.is_truthy(result.out:find('"with ""quotes"", ', 1, true), result.out)
  end)

  it("says which name is near, and what is wrong with options", function()
    local result = org:run { "runs", "Flow 00022" }
    assert.same({ 4, "" }, { result.code, result.out })
    assert.matches('there is no dataflow called "Flow 00022" in sandbox prod; did you mean "Flow 00012"?', result.err,
      1, true)
    for text, words in pairs { ["missing argument 'FLOW'"] = { "runs" },
      ["--limit is '0'; expected a whole number above 0"] = { "runs", "x", "--limit", "0" },
      ['--since is "7"; expected a length of time'] = { "runs", "x", "--since", "7" },
      ["exclude each other"] = { "runs", "x", "--json", "--csv" },
      ['did you mean "bytes"?'] = { "runs", "x", "--columns", "byte" } } do
      result = program.run(words, { env = DEAD })
      assert.same({ 2, "" }, { result.code, result.out })
      assert.is_truthy(result.err:find(text, 1, true), result.err)
    end
  end)
end)

describe("sluice health", function()
  teardown(program.clean)

  it("tells for each dataflow whether it is well, and says so by its code", function()
    local org <close> = clocked.start { flows = 5, careful = true, emulator = { fail_runs = 30 } }
    local reports, result = org:json { "health" }
    assert.same({ 0, 5 }, { result.code, #reports })
    assert.same({ "never ran", 0, 0, "2030-01-01T02:00:00Z", core.json.null }, { reports[1].verdict, reports[1].runs,
      reports[1].failures, reports[1].next_export, reports[1].last_success })
    assert.equal("5 dataflows: 1 disabled, 4 never ran\n", result.err)
    org:advance "36h"
    reports, result = org:json { "health" }
    local unwell = {}
    for _, report in ipairs(reports) do
      local runs = org:json { "runs", report.id, "--since", "30d" }
      assert.equal(#runs, report.runs)
      local last_bad, failures = {}, 0
      for _, run in ipairs(runs) do -- the newest first
        local audience = run.audiences[1]
        if last_bad[audience] == nil then last_bad[audience] = run.state == "failed" end
        failures = failures + (run.state == "failed" and 1 or 0)
      end
      local bad = false
      for _, is in pairs(last_bad) do bad = bad or is end
      assert.same({ failures, report.state == "disabled" and "disabled" or bad and "failing" or "ok" },
        { report.failures, report.verdict })
      if bad then unwell[#unwell + 1] = report.id end
    end
    assert.is_true(#unwell > 0)
    assert.equal(1, result.code)
    local only = org:json { "health", "--failed-only" }
    for i, report in ipairs(only) do only[i] = report.id end
    assert.same(unwell, only)
  end)

  it("shows how far things are from now, harmlessly", function()
    local org <close> = clocked.start { flows = 13, careful = true }
    org:advance "36h"
    local result = org:run { "health" }
    assert.equal(0, result.code, result.err)
    assert.matches("^VERDICT +NAME +LAST SUCCESS +RUNS  FAILED  NEXT EXPORT +REASON\n", result.out)
    assert.is_truthy(result.out:find "\nok +Grüße aus Köln – 東京 🎉 +9h %d+m ago +4 +0  in 14h")
    assert.is_truthy(result.out:find "\ndisabled +\\x1b%[31mred\\x1b%[0m ")
    assert.is_true(is_harmless(result.out), result.out)
    assert.equal("13 dataflows: 10 ok, 3 disabled\n", result.err)
    result = org:run { "health", "Flow 00013", "--since", "1h", "--csv" }
    assert.matches("^verdict,name,last_success,runs,failures,next_export,reason\r\n"
      .. "ok,Flow 00013,2030%-01%-02T02:%d%d:%d%dZ,0,0,2030%-01%-03T02:00:00Z,\r\n$", result.out)
  end)

  it("finds those that do not run when they should", function()
    local org <close> = clocked.start { flows = 3 }
    local aep = org:aep()
    aep.flows:disable(crowd.id("flows", 2))
    org:advance "36h"
    aep.flows:enable(crowd.id("flows", 2))
    local reports, result = org:json { "health", "Flow 00002", "Flow 00001" }
    assert.equal(1, result.code)
    assert.same({ "late", "ok" }, { reports[1].verdict, reports[2].verdict })
    assert.matches("^the export of 2030%-01%-02 02:00 UTC %(.+%) has not begun$", reports[1].reason)
    assert.equal("2 dataflows: 1 ok, 1 late\n", result.err)
  end)

  it("asks gently about a thousand dataflows", function()
    local org <close> = clocked.start { flows = 1000 }
    org:advance "1d"
    local result = org:run { "health", "--ndjson" }
    assert.equal(0, result.code, result.err)
    assert.equal(1000, #lines(result.out))
    assert.equal("1,000 dataflows: 750 ok, 250 disabled\n", result.err)
    local lists, most = 0, 0
    for _, call in ipairs(org:calls()) do
      if call.path:find "/runs$" then lists = lists + 1 end
      most = math.max(most, #call.path + #(call.query or ""))
    end
    assert.is_true(lists < 80, lists) -- 1,500 runs by the hundred, some for 40 dataflows at a time
    assert.is_true(most < 2048)
    assert.equal(2, #(org:json { "runs", "Flow 00999", "--since", "30d" }))
  end)

  it("ends in order where there is nothing, no permission, and no service", function()
    do
      local org <close> = clocked.start { empty = true }
      local result = org:run { "health" }
      assert.same({ 0, "", "there are no dataflows to destinations in sandbox prod\n" },
        { result.code, result.out, result.err })
      assert.same({}, (org:json { "health" }))
      assert.equal(4, org:run({ "runs", "anything" }).code)
    end
    do
      local org <close> = clocked.start { flows = 2, emulator = { permissions = "view-profiles" } }
      for _, words in ipairs { { "health" }, { "runs", crowd.id("flows", 1) }, { "watch" } } do
        local result = org:run(words)
        assert.same({ 4, "" }, { result.code, result.out })
        assert.matches("2118%-403", result.err)
      end
    end
    for _, words in ipairs { { "health" }, { "runs", "x" }, { "watch" } } do
      table.insert(words, "--attempts")
      table.insert(words, "1")
      local result = program.run(words, { env = DEAD })
      assert.same({ 5, "" }, { result.code, result.out })
      assert.matches("check the URL and the network", result.err)
    end
  end)
end)
