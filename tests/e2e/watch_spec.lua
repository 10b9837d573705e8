--- `sluice watch` on the emulator: in a pipe, at a terminal, against trouble. A test moves the clock while it looks.

local clocked = require "support.clocked"
local core = require "sluice.core"
local crowd = require "support.crowd"
local program = require "support.program"
local tmux = require "support.tmux"

local TICK = { "--interval", "1" }

--- Starts a watch in a pipe, and waits until it has looked once.
local function start(org, words)
  local before = #org:calls()
  local process = program.start({ "watch", table.unpack(words) }, { env = org.env })
  for _ = 1, 500 do
    for i, call in ipairs(org:calls()) do
      if i > before and call.path:find "/runs$" and call.status then return process end
    end
    os.execute "sleep 0.02"
  end
  error("it never looked: " .. tostring(process:errors()))
end

local function json_lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = core.json.decode(line) end
  return list
end

local function words(...) return table.move(TICK, 1, #TICK, select("#", ...) + 1, { ... }) end

describe("sluice watch in a pipe", function()
  teardown(program.clean)

  it("tells each change of a run in a line, and ends when it is done", function()
    local org <close> = clocked.start { flows = 3 }
    org:advance "30h"
    local process <close> = start(org, words("Flow 00001", "--until-done"))
    org:export(1)
    assert.is_true(process:says "processing")
    org:advance "11m"
    assert.equal(0, process:wait())
    local began, ended = process:output():match "^(.-)\n(.-)\n$"
    assert.equal("2030-01-02T06:00:00Z  processing  Flow 00001: started 2030-01-02 06:00", began)
    assert.matches("^2030%-01%-02T06:11:00Z  success     Flow 00001: started 2030%-01%-02 06:00, 10m, %d[%d,]* in, "
      .. "%d[%d,]* out, 1 file, %d+%.%d MB$", ended)
    assert.equal("0 going on, 1 succeeded, 0 failed\n", process:errors())
  end)

  it("prints JSON for programs, and ends with 1 when something failed", function()
    local org <close> = clocked.start { flows = 2, careful = true, emulator = { fail_runs = 100 } }
    local process <close> = start(org, words("--ndjson", "--quiet", "--until-done"))
    org:advance "3h"
    assert.equal(1, process:wait())
    assert.equal("", process:errors())
    local changes, names = json_lines(process:output()), {}
    assert.equal(4, #changes)
    for _, change in ipairs(changes) do
      names[change.dataflow.name] = change.dataflow.id
      assert.same({ "ended", "2030-01-01T03:00:00Z", "failed", "failed", "2030-01-01T02:00:00Z",
        "ACTIVATION_BATCH-0000-FAILED", "Job aborted." }, { change.change, change.time, change.run.state,
        change.run.outcome, change.run.started, change.run.code, change.run.message })
    end
    assert.same({ [crowd.CAREFUL[1]] = crowd.id("flows", 1), [crowd.CAREFUL[2]] = crowd.id("flows", 2) }, names)
  end)

  it("sees earlier runs only when it is asked to, and no run is no failure", function()
    local org <close> = clocked.start { flows = 1, emulator = { fail_runs = 100 } }
    org:advance "10h"
    local result = org:run(words("watch", "--for", "0s"))
    assert.same({ 0, "" }, { result.code, result.out })
    result = org:run(words("watch", "--for", "0s", "--since", "9h"))
    assert.equal(1, result.code)
    assert.equal(2, select(2, result.out:gsub("\n", "")))
    result = org:run(words("watch", "--for", "0s", "--until-done"))
    assert.same({ 1, "", "0 going on, 0 succeeded, 0 failed\nthe time of --for is over and no run was seen\n" },
      { result.code, result.out, result.err })
    org:export(1)
    result = org:run(words("watch", "--for", "0s", "--until-done"))
    assert.equal(1, result.code)
    assert.equal("1 going on, 0 succeeded, 0 failed\nthe time of --for is over while runs go on\n", result.err)
  end)

  it("looks at a thousand dataflows by one list, and sees one that is made meanwhile", function()
    local org <close> = clocked.start { flows = 1000 }
    local process <close> = start(org, words "--until-done")
    local before = #org:calls()
    org:aep().flows:disable(crowd.id("flows", 1))
    local flow = org:aep().flows:get(crowd.id("flows", 2))
    local made = org:aep().flows:create { name = "Made \27[2Jmeanwhile", flowSpec = flow.flowSpec,
      sourceConnectionIds = flow.sourceConnectionIds, targetConnectionIds = flow.targetConnectionIds,
      transformations = flow.transformations }
    org:advance "3h"
    assert.equal(0, process:wait())
    local _, seen = process:output():gsub("\n", "")
    assert.equal(2 * 750, seen) -- a quarter was disabled, and one more; another one came
    assert.is_truthy(process:output():find("  success     Made \\x1b[2Jmeanwhile: ", 1, true))
    assert.equal("0 going on, 1,500 succeeded, 0 failed\n", process:errors())
    local flow_lists = 0
    for i, call in ipairs(org:calls()) do
      if call.path:find "/runs$" then assert.is_nil(call.query:find "flowId") end
      if i > before and call.method == "GET" and call.path:find "/flows$" then flow_lists = flow_lists + 1 end
    end
    assert.equal(1, flow_lists) -- for the stranger
    assert.is_truthy(made.id)
  end)

  it("tells a look that failed, and goes on", function()
    local faults = { "runs.list:nth=2:503", "runs.list:nth=3:503" }
    local org <close> = clocked.start { flows = 2, emulator = { faults = faults } }
    local process <close> = start(org, words("--attempts", "1", "--until-done"))
    assert.is_true(process:says("the service answers again", "err"))
    org:advance "3h"
    assert.equal(0, process:wait())
    assert.matches("^cannot look, again in 1 s: GET http[^\n]*503[^\n]*\nthe service answers again\n0 going on, 4 succ",
      process:errors())
  end)

  it("ends at once when it is refused", function()
    local org <close> = clocked.start { flows = 2, emulator = { faults = { "runs.list:nth=2:403" } } }
    local process <close> = start(org, words("--attempts", "1"))
    assert.equal(4, process:wait())
    assert.matches("^sluice: GET http", process:errors())
  end)

  it("ends with 130 on Ctrl-C, and says what it has seen", function()
    local org <close> = clocked.start { flows = 2 }
    local process <close> = start(org, TICK)
    org:advance "3h"
    assert.is_true(process:says "success")
    process:signal "INT"
    assert.equal(130, process:wait())
    assert.matches("^0 going on, 4 succeeded, 0 failed\nsluice: interrupted", process:errors())
  end)

  it("says what is wrong with its options before anything is sent", function()
    for text, given in pairs { ["--interval is '0.5'; expected a number of seconds from 1 to 3600"] =
      { "--interval", "0.5" }, ['--for is "5"; expected a length of time'] = { "--for", "5" },
      ['--since is "1y"'] = { "--since", "1y" }, ["unknown option '--csv'"] = { "--csv" } } do
      local result = program.run({ "watch", table.unpack(given) }, { env = program.TOKEN })
      assert.same({ 2, "" }, { result.code, result.out })
      assert.is_truthy(result.err:find(text, 1, true), result.err)
    end
  end)
end)

describe("sluice watch at a terminal", function()
  teardown(program.clean)

  local org, terminal
  before_each(function() org = clocked.start { flows = 6, careful = true, emulator = { fail_runs = 40 } } end)
  after_each(function()
    if terminal then terminal:close() end
    org:__close()
  end)

  it("redraws a table in its place, whatever names and sizes there are", function()
    terminal = tmux.start({ "watch", "--interval", "1" }, { env = org.env, columns = 150, rows = 20 })
    terminal:sees "no run yet"
    org:advance "3h"
    local screen = terminal:sees "0 going on, 5 succeeded, 5 failed"
    assert.matches("^6 dataflows in prod, looked at every 1 s; Ctrl%-C ends\n"
      .. "STARTED +DURATION  STATE +IN +OUT  FILES +SIZE  DATAFLOW +ERROR\n", screen)
    assert.is_nil(screen:find "no run yet")
    assert.equal(10, select(2, screen:gsub("\n2030%-01%-01 02:00 ", "")))
    assert.equal(5, select(2, screen:gsub("  failed .-ACTIVATION_BATCH%-0000%-FAILED: Job aborted%.", "")))
    assert.is_truthy(screen:find("two\\nlines\\r\\nand a\\ttab", 1, true), screen)
    assert.is_truthy(screen:find("Grüße aus Köln – 東京 🎉", 1, true), screen)
    assert.is_truthy(terminal:coloured_screen():find "\27%[31mfailed")
    org:export(1)
    screen = terminal:sees "1 going on, 5 succeeded, 5 failed"
    assert.matches("\nSTARTED [^\n]+\n2030%-01%-01 03:00 +%d+s  processing ", screen)
    terminal:press "C-c"
    screen = terminal:sees "ended with 130"
    assert.equal(1, select(2, screen:gsub("6 dataflows in prod", "")))
    assert.equal(1, select(2, screen:gsub("STARTED", "")))
    assert.equal(1, select(2, screen:gsub("going on", "")))
  end)

  it("keeps to the terminal's size as it changes", function()
    terminal = tmux.start({ "watch", "--interval", "1", "--for", "1h" }, { env = org.env, columns = 120, rows = 20 })
    terminal:sees "no run yet"
    org:advance "3h"
    terminal:sees "succeeded"
    terminal:resize(50, 8)
    local screen = terminal:sees "… and 7 more"
    local last = screen:match "6 dataflows in prod[^\n]*\nSTARTED +STATE +DATAFLOW[^\n]*\n.*$"
    assert.is_truthy(last, screen)
    for line in last:gmatch "[^\n]+" do assert.is_true(utf8.len(line) < 50, line) end
    terminal:resize(150, 30)
    screen = terminal:sees "SIZE  DATAFLOW"
    assert.equal(10, select(2, screen:match "SIZE  DATAFLOW.*$":gsub("\n2030%-01%-01 02:00 ", "")))
  end)

  it("shows trouble below the table while it lasts", function()
    terminal = tmux.start({ "watch", "--interval", "1", "--attempts", "1" }, { env = org.env, columns = 120 })
    terminal:sees "no run yet"
    org.crowd:signal "KILL"
    terminal:sees "cannot look, again in 1 s: GET http"
    terminal:press "C-c"
    local screen = terminal:sees "ended with 130"
    assert.is_nil(screen:find "cannot look")
  end)

  it("writes lines where the terminal can do nothing, or calls are traced", function()
    terminal = tmux.start({ "watch", "--interval", "1", "--for", "2s", "--trace" }, { env = org.env, columns = 150 })
    terminal:sees "ended with 0"
    assert.is_nil(terminal:screen():find "looked at every")
  end)
end)
