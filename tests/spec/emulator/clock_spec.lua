--- Virtual time: what happens when, and what it leaves behind.
local calendar = require "sluice.emulator.calendar"
local core = require "sluice.core"
local harness = require "spec.emulator.harness"
local timed = require "spec.emulator.timed"

local DAY, HOUR = timed.DAY, timed.HOUR

local function instant(text) return calendar.instant(text, "spec") end

--- What the exports have in one field; times as text.
local function each(made, field)
  local list = {}
  for i, export in ipairs(made) do
    list[i] = export[field]
    if field == "started" or field == "completed" then list[i] = calendar.format(list[i], "iso"):sub(1, 16) end
  end
  return list
end

local function failure(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  return err
end

describe("the emulator's clock", function()
  it("passes through a month of a six-hour schedule", function()
    local world = timed.world()
    local flow = timed.campaign(world, { timed.six_hourly "a1" })
    local made = world.emulator:advance(31 * DAY)
    assert.equal(31 * 4, #made)
    for i, export in ipairs(made) do
      local at = instant(timed.START) + (i - 1) * 6 * HOUR * 1000
      assert.equal(at, export.started)
      assert.is_true(export.completed > at and export.completed < at + HOUR * 1000)
      assert.same({ i == 1 and "full" or "incremental", "success" }, { export.mode, export.status })
      assert.same({ ("in/Adobe_Campaign_a1_%s.csv"):format(calendar.format(at, "stamp")) }, export.files)
      assert.is_true(i == 1 or export.records * 10 < made[1].records)
    end
    assert.equal(124, timed.count(world, "flowId==" .. flow))
    assert.equal(124, world.emulator:counts().runs)
    assert.same({}, world.emulator:advance(365 * DAY))
  end)

  it("gives runs the shape of the documents", function()
    local world = timed.world()
    local flow = timed.campaign(world, { timed.six_hourly "a1" }, { "personalEmail.address" })
    local before = world:item("flows", flow)
    local made = world.emulator:advance(HOUR)
    local run = world:item("runs", made[1].run)
    assert.same({ made[1].started, made[1].completed }, { run.createdAt, run.updatedAt })
    assert.same({ "aep_activation_batch@AdobeID", "aep_activation_batch", "acp_foundation_connectors@AdobeID",
      "acp_foundation_connectors" }, { run.createdBy, run.createdClient, run.updatedBy, run.updatedClient })
    assert.same({ startedAtUTC = run.createdAt, completedAtUTC = run.updatedAt }, run.metrics.durationSummary)
    assert.matches("^%x+$", run.providerRefId)
    assert.equal(32, #run.providerRefId)
    assert.same({ inputFileCount = 1, outputFileCount = 1 }, run.metrics.fileSummary)
    local counts = run.metrics.recordSummary
    assert.same({ { code = "ACTIVATION_BATCH-0000-SKIP", message = "Records didn't match attribute filter.",
      count = counts.skippedRecordCount } }, counts.skippedInfo)
    assert.is_true(counts.skippedRecordCount > 0)
    assert.equal(counts.inputRecordCount, counts.skippedRecordCount + counts.createdRecordCount)
    assert.same({ id = "segment:a1", inputRecordCount = counts.inputRecordCount,
      skippedRecordCount = counts.skippedRecordCount }, counts.sourceSummaries[1].entitySummaries[1])
    assert.same({ id = "segment:a1", createdRecordCount = counts.createdRecordCount,
      outputRecordCount = counts.createdRecordCount }, counts.targetSummaries[1].entitySummaries[1])
    assert.same({ "Activation Batch XdmProcessor Activity", "Activation Batch Publisher Activity" },
      { run.activities[1].name, run.activities[2].name })
    assert.same({ run.activities[1].id }, run.metrics.statusSummary.activityRefs)
    local after = world:item("flows", flow)
    assert.same({ id = run.id, state = "success", startedAtUTC = run.createdAt, completedAtUTC = run.updatedAt },
      after.lastRunDetails)
    assert.not_equal(before.etag, after.etag)
    assert.equal(run.updatedAt, after.updatedAt)
  end)

  it("shows a run when it has ended, not before", function()
    local world = timed.world()
    timed.campaign(world, { timed.six_hourly "a1" })
    assert.same({}, world.emulator:advance(2 * 60))
    assert.equal(0, timed.count(world))
    local made = world.emulator:advance(30 * 60)
    assert.same({ "2030-01-01T00:00" }, each(made, "started"))
    assert.is_true(world.emulator.now() >= made[1].completed)
    assert.equal(1, timed.count(world))
  end)

  it("comes to the same in one step and in many", function()
    local function pass(steps)
      local world, all = timed.world(), {}
      timed.campaign(world, { timed.six_hourly "a1", timed.daily("a2", "2030-01-01", "2030-01-05", "05:00") })
      for _ = 1, steps do
        table.move(world.emulator:advance(7 * DAY // steps), 1, 1000, #all + 1, all)
      end
      return all
    end
    local once = pass(1)
    assert.equal(28 + 4, #once)
    assert.same(once, pass(7 * 24 * 4))
    assert.same(once, pass(7))
  end)

  it("leaves nothing of a disabled flow, and goes on with an enabled one", function()
    local world = timed.world()
    local flow = timed.campaign(world, { timed.six_hourly "a1" })
    world:call("POST", "/flows/" .. flow .. "/action?op=disable")
    assert.same({}, world.emulator:advance(10 * DAY))
    assert.is_nil(world:item("flows", flow).lastRunDetails)
    world:call("POST", "/flows/" .. flow .. "/action?op=enable")
    local made = world.emulator:advance(DAY)
    assert.same({ "2030-01-11T00:00", "2030-01-11T06:00", "2030-01-11T12:00", "2030-01-11T18:00" },
      each(made, "started"))
    assert.same({ "full", "incremental", "incremental", "incremental" }, each(made, "mode"))
  end)

  it("lets an export end that began before its flow was disabled or deleted", function()
    local world = timed.world()
    local flow = timed.campaign(world, { timed.six_hourly "a1" })
    world.emulator:advance(60)
    world:call("POST", "/flows/" .. flow .. "/action?op=disable")
    assert.equal(1, #world.emulator:advance(DAY))
    world:call("POST", "/flows/" .. flow .. "/action?op=enable")
    assert.same({}, world.emulator:advance(6 * HOUR))
    assert.equal(202, (world:call("DELETE", "/flows/" .. flow)))
    assert.equal(1, #world.emulator:advance(DAY))
    assert.equal(2, world.emulator:counts().runs)
  end)

  it("follows a schedule from the moment it is changed", function()
    local world = timed.world()
    local flow = timed.campaign(world, { timed.six_hourly "a1" })
    assert.equal(40, #world.emulator:advance(10 * DAY))
    local selector = world:item("flows", flow).transformations[1].params.segmentSelectors.selectors[1]
    local value = core.json.copy(selector.value)
    value.schedule = { frequency = "DAILY", startDate = "2030-01-05", startTime = "09:00", endDate = "2030-01-14" }
    assert.equal(202, (world:patch("flows", flow, { { op = "replace", path = harness.AUDIENCES .. "/0",
      value = { type = selector.type, value = value } } })))
    local made = world.emulator:advance(21 * DAY)
    assert.same({ "2030-01-11T09:00", "2030-01-12T09:00", "2030-01-13T09:00" }, each(made, "started"))
    assert.same({ "incremental", "incremental", "incremental" }, each(made, "mode"))
  end)

  it("begins in full again with an audience that was taken out and put in anew", function()
    local world = timed.world()
    local flow = timed.campaign(world, { timed.six_hourly "a1" })
    assert.equal("full", world.emulator:advance(DAY)[1].mode)
    world:patch("flows", flow, { { op = "remove", path = harness.AUDIENCES .. "/0" } })
    assert.same({}, world.emulator:advance(DAY))
    timed.add(world, flow, { timed.six_hourly "a1" })
    assert.equal("full", world.emulator:advance(DAY)[1].mode)
  end)

  it("keeps audiences and flows in the order of time", function()
    local world = timed.world()
    timed.campaign(world, { timed.daily("a1", "2030-01-01", "2030-02-01", "07:00"),
      timed.daily("a2", "2030-01-02", "2030-01-04", "03:00") })
    timed.campaign(world, { timed.daily("a3", "2030-01-01", "2030-01-03", "05:00") })
    local made = world.emulator:advance(3 * DAY)
    local ids = {}
    for i, export in ipairs(made) do ids[i] = export.audiences[1].id end
    assert.same({ "a3", "a1", "a2", "a3", "a1", "a2", "a1" }, ids)
    assert.same({ "full", "full", "full", "full", "full", "full", "full" }, each(made, "mode"))
    local _, list = world:call("GET", "/runs?orderby=createdAt&limit=3")
    assert.equal(made[1].run, list.items[1].id)
  end)

  it("ends exports in the order of their ends, though they begin together", function()
    local world, audiences = timed.world(), {}
    for i = 1, 20 do audiences[i] = timed.daily("a" .. i, "2030-01-01", "2030-01-02", "03:00") end
    timed.campaign(world, audiences)
    local ends = {}
    for i, export in ipairs(world.emulator:advance(DAY)) do ends[i] = export.completed end
    local sorted = table.move(ends, 1, #ends, 1, {})
    table.sort(sorted)
    assert.equal(20, #ends)
    assert.same(sorted, ends)
    assert.is_true(ends[1] < ends[20])
  end)

  it("takes the first export that succeeds for the full one", function()
    local made
    local number = 0
    repeat
      number = number + 1
      local world = timed.world { seed = "seed " .. number, fail_runs = 40 }
      timed.campaign(world, { timed.six_hourly "a1" })
      made = world.emulator:advance(31 * DAY)
    until made[1].status == "failed"
    local modes = {}
    for _, export in ipairs(made) do
      if export.status == "success" then modes[#modes + 1] = export.mode end
    end
    assert.same({ "full", "incremental" }, { modes[1], modes[2] })
  end)

  it("crosses the end of a month, of a leap year's February too", function()
    local world = timed.world { clock = "2028-02-27T12:00Z" }
    timed.campaign(world, { timed.daily("a1", "2028-01-01", "2028-03-02", "23:00") })
    assert.same({ "2028-02-27T23:00", "2028-02-28T23:00", "2028-02-29T23:00", "2028-03-01T23:00" },
      each(world.emulator:advance(30 * DAY), "started"))
  end)

  it("exports once, and after the evaluation", function()
    local world = timed.world()
    local once = { frequency = "ONCE", startDate = "2030-01-03", startTime = "17:00" }
    local after = { frequency = "DAILY", triggerType = "AFTER_SEGMENT_EVAL", startDate = "2030-01-02",
      endDate = "2030-01-04" }
    timed.campaign(world, { harness.audience("a1", { schedule = once }), harness.audience("a2", { schedule = after }) })
    assert.same({ "2030-01-02T03:00", "2030-01-03T03:00", "2030-01-03T17:00" },
      each(world.emulator:advance(30 * DAY), "started"))
  end)

  it("fails as many runs as it is told, the same for a seed", function()
    local function pass(seed, percent)
      local world = timed.world { seed = seed, fail_runs = percent }
      timed.campaign(world, { timed.six_hourly "a1" })
      local made = world.emulator:advance(31 * DAY)
      return made, world
    end
    local made, world = pass("spec", 30)
    local statuses, failed, full = each(made, "status"), 0, nil
    for i, export in ipairs(made) do
      if export.status == "failed" then
        failed = failed + 1
        assert.same({ 0, {} }, { export.records, export.files })
        local run = world:item("runs", export.run)
        local reason = { { code = "ACTIVATION_BATCH-0000-FAILED", message = "Job aborted." } }
        assert.same(reason, run.metrics.statusSummary.errors)
        assert.same(reason, run.metrics.recordSummary.failedInfo)
        assert.same({ {}, {} }, { run.metrics.sizeSummary, run.metrics.fileSummary })
        assert.equal(1, #run.activities)
        assert.same({ { id = "segment:a1" } }, run.metrics.recordSummary.targetSummaries[1].entitySummaries)
      elseif export.mode == "full" then
        assert.is_nil(full)
        full = i
      end
    end
    assert.is_true(failed > 15 and failed < 60, failed)
    assert.equal(failed, timed.count(world, "metrics.statusSummary.status==failed"))
    assert.same(statuses, each((pass("spec", 30)), "status"))
    assert.not_same(statuses, each((pass("other", 30)), "status"))
    assert.same({ "failed" }, { (pass("spec", 100))[124].status })
  end)

  it("takes the counts from the seed", function()
    local function counts(seed)
      local world = timed.world { seed = seed }
      timed.campaign(world, { timed.six_hourly "a1" }, { "personalEmail.address" })
      return each(world.emulator:advance(2 * DAY), "records")
    end
    assert.same(counts "one", counts "one")
    assert.not_same(counts "one", counts "two")
  end)

  it("runs streams by the hour", function()
    local world = timed.world()
    timed.stream(world)
    local made = world.emulator:advance(DAY)
    assert.equal(23, #made) -- the window that ends at midnight is told the day after
    assert.same({ "2030-01-01T01:00", "stream", {} }, { each(made, "started")[1], made[1].mode, made[1].files })
    local run = world:item("runs", made[1].run)
    assert.same({ "segment:a1", "segment:a2" }, { run.metrics.recordSummary.targetSummaries[1].entitySummaries[1].id,
      run.metrics.recordSummary.targetSummaries[1].entitySummaries[2].id })
    assert.is_nil(run.metrics.fileSummary)
    local summary = run.metrics.recordSummary
    assert.equal(summary.createdRecordCount, summary.targetSummaries[1].createdRecordCount)
  end)

  it("exports datasets at their intervals", function()
    local world = timed.world()
    local start = instant "2030-01-01T01:30Z" // 1000
    timed.datasets(world, { exportMode = "FIRST_FULL_THEN_INCREMENTAL", timeUnit = "hour", interval = 9,
      startTime = start, endTime = start + 3 * DAY })
    timed.datasets(world, { exportMode = "DAILY_FULL_EXPORT", timeUnit = "day", interval = 0,
      startTime = start + DAY })
    local made = world.emulator:advance(10 * DAY)
    assert.same({ "2030-01-01T01:30", "2030-01-01T10:30", "2030-01-01T19:30", "2030-01-02T01:30" },
      { table.unpack(each(made, "started"), 1, 4) })
    assert.same({ "full", "incremental", "incremental", "full" }, { table.unpack(each(made, "mode"), 1, 4) })
    assert.equal(8 + 1, #made)
    assert.matches("^zone/5ef3e3259ad2a1191ab7dd7d/exportTime=203001010130/part%-[%x-]+%.json%.gz$", made[1].files[1])
    assert.not_equal(made[1].files[1]:match "part.*", made[2].files[1]:match "part.*")
  end)

  it("gives exports out of turn counts and files as well", function()
    local folder = timed.folder()
    local world = timed.world { exports = folder }
    local flow = timed.campaign(world, { timed.six_hourly "a1" })
    world.emulator:advance(7 * HOUR)
    local status, body = world:ad_hoc({ activationInfo = { [flow] = { "a1" } } })
    assert.equal(200, status, body.message)
    local run = world.emulator:add_run(flow, "a1")
    assert.same({ instant "2030-01-01T07:00Z", instant "2030-01-01T07:00Z" }, { run.createdAt, run.updatedAt })
    assert.is_true(run.metrics.recordSummary.createdRecordCount > 100)
    assert.same({ "in/Adobe_Campaign_a1_20300101_000000.csv", "in/Adobe_Campaign_a1_20300101_060000.csv",
      "in/Adobe_Campaign_a1_20300101_070000.csv" }, timed.files(folder))
    assert.equal("incremental", world.emulator:advance(DAY)[1].mode)
  end)

  it("fails the runs of a flow whose target is gone", function()
    local world = timed.world()
    local flow = timed.campaign(world, { timed.six_hourly "a1" })
    local target = world:item("flows", flow).targetConnectionIds[1]
    world:call("POST", "/flows/" .. flow .. "/action?op=disable")
    assert.equal(202, (world:call("DELETE", "/targetConnections/" .. target)))
    world:call("POST", "/flows/" .. flow .. "/action?op=enable")
    assert.same({ "failed" }, each(world.emulator:advance(HOUR), "status"))
  end)

  it("does not go back, nor too far at once", function()
    local world = timed.world()
    for _, seconds in ipairs { -1, 3661 * DAY, 1.5 } do
      local err = failure(world.emulator.advance, world.emulator, seconds)
      assert.is_true(core.error.is(err, "usage"))
      assert.matches("the clock stands at 2030-01-01T00:00:00Z; it can be moved", err.message, 1, true)
    end
    assert.same({}, world.emulator:advance(0))
    assert.same({}, timed.world { clock = "9999-12-30" }.emulator:advance(DAY))
    assert.is_true(core.error.is(failure(harness.new, { clock = "soon" }), "usage"))
    for _, options in ipairs { { exports = "/tmp" }, { fail_runs = 5 } } do
      assert.matches("needs the option 'clock'", failure(harness.new, options).message)
    end
    local still = harness.new()
    assert.matches("has no clock", failure(still.emulator.advance, still.emulator, 1).message)
  end)

  it("stops when the emulator is full, and says so", function()
    local world = timed.world()
    timed.campaign(world, { timed.six_hourly "a1" })
    local store = world.emulator.store
    store.limit = store.size + 5
    local err = failure(world.emulator.advance, world.emulator, 31 * DAY)
    assert.is_true(core.error.is(err, "limit"))
    assert.matches("maximum of", err.message)
    assert.equal("2030-01-02T06", calendar.format(world.emulator.now(), "iso"):sub(1, 13))
    store.limit = store.limit + 1000
    assert.equal(124 - 5, #world.emulator:advance(31 * DAY))
    assert.equal(124, timed.count(world))
  end)

  it("lets tokens live by the client's time", function()
    local world = timed.world()
    world.emulator:advance(300 * DAY)
    assert.equal(200, (world:call("GET", "/flows")))
    world.now = world.now + 86399 * 1000
    assert.equal(401, (world:call("GET", "/flows")))
  end)

  teardown(timed.clean)
end)

describe("POST /_emulator/clock", function()
  local function post(world, body, headers)
    return world:send("POST", "/_emulator/clock", headers or { ["content-type"] = "application/json" }, body)
  end

  it("moves the clock without credentials and counts what happened", function()
    local world = timed.world { fail_runs = 10 }
    timed.campaign(world, { timed.six_hourly "a1" })
    local status, body = world:send("GET", "/_emulator/clock", {})
    assert.equal(200, status)
    assert.same({ now = "2030-01-01T00:00:00Z", virtual = true }, body)
    status, body = post(world, { to = "2030-01-31T00:00Z" })
    assert.equal(200, status)
    local failed = timed.count(world, "metrics.statusSummary.status==failed")
    assert.same({ now = "2030-01-31T00:00:00Z", virtual = true, runs = 120, failed = failed,
      files = 120 - failed }, body)
    assert.is_true(failed > 0)
    status, body = post(world, { advance = "7h" })
    assert.same({ 200, "2030-01-31T07:00:00Z", 2 }, { status, body.now, body.runs })
    assert.equal(calendar.instant("2030-01-31T07:00Z", "x"), world.emulator.now())
    local id = world:profile_store "later"
    assert.equal(world.emulator.now(), world:item("connections", id).createdAt)
  end)

  it("moves the date of every answer", function()
    local world = timed.world()
    post(world, { advance = "30h" })
    assert.equal("Wed, 02 Jan 2030 06:00:00 GMT", select(3, world:call("GET", "/flows")).Date)
    assert.equal("Wed, 02 Jan 2030 06:00:00 GMT", select(3, world:call("GET", "/nothing")).Date)
    assert.is_nil(select(3, harness.new():call("GET", "/flows")).Date)
  end)

  it("refuses what is no time", function()
    local world = timed.world()
    for _, body in ipairs { { to = "tomorrow" }, { advance = "6" }, { to = "2029-12-31T00:00Z" }, { other = 1 },
      { to = "2031-01-01", advance = "1d" }, { to = 5 }, "[1]", "{", { advance = "99999d" } } do
      local status, answer = post(world, body)
      assert.equal(400, status)
      assert.is_truthy(answer.detail)
    end
    assert.equal(400, (post(world, { advance = "1h" }, { ["content-type"] = "text/plain" })))
    assert.equal(calendar.instant(timed.START, "x"), world.emulator.now())
    assert.equal(405, (world:send("DELETE", "/_emulator/clock", {})))
  end)

  it("has nothing to move without a clock", function()
    local world = harness.new()
    local _, body = world:send("GET", "/_emulator/clock", {})
    assert.same({ now = "2023-11-14T22:13:20Z", virtual = false }, body)
    local status, answer = post(world, { advance = "1h" })
    assert.equal(409, status)
    assert.matches("--clock", answer.detail, 1, true)
  end)
end)
