--- Runs followed from look to look: what is told, and what is asked for.

local core = require "sluice.core"
local past = require "spec.support.past"
local watching = require "sluice.runs.watch"

local NOW, HOUR, DAY = past.NOW, past.HOUR, past.DAY

local function told(changes)
  local list = {}
  for i, change in ipairs(changes) do list[i] = change.kind .. " " .. change.run.status end
  return list
end

local function counts(watch) return { watch.going, watch.succeeded, watch.failed } end

describe("watching runs", function()
  local world, clock, flow
  before_each(function()
    world, clock = past.start(), past.clock()
    flow = world:flow(1)
  end)
  after_each(function() world.live.server.stop() end)

  local function watch(options)
    local given = { flows = { flow }, since = NOW, clock = clock }
    for name, value in pairs(options or {}) do given[name] = value or nil end
    return watching.new(world.aep, given)
  end

  it("tells what begins, goes on and ends, each once", function()
    world:run(flow, NOW - 2 * HOUR)
    local going = world:run(flow, NOW - HOUR, { status = "processing" })
    local here = watch()
    assert.same({ "began processing" }, told(here:look()))
    assert.same({ 1, 0, 0 }, counts(here))
    assert.same({}, told(here:look()))
    world:run(flow, NOW - HOUR, { id = going, status = "processing", input = 5 })
    assert.same({ "went on processing" }, told(here:look()))
    assert.equal(5, here.list[1].input)
    local failed = world:run(flow, NOW + 60, { status = "failed" })
    world:run(flow, NOW - HOUR, { id = going, input = 5, output = 5 })
    local changes = here:look()
    assert.same({ "ended success", "ended failed" }, told(changes))
    assert.same({ going, failed }, { changes[1].run.id, changes[2].run.id })
    assert.same({ failed, going }, { here.list[1].id, here.list[2].id })
    assert.same({ 0, 1, 1 }, counts(here))
    assert.same({}, told(here:look()))
    assert.is_true(here:is_done())
  end)

  it("leaves out what was over before, unless it is asked for", function()
    world:run(flow, NOW - 2 * HOUR, { status = "failed" })
    world:run(flow, NOW - 3 * HOUR)
    local here = watch()
    assert.same({}, here:look())
    assert.is_false(here:is_done())
    assert.same({ "ended failed" }, told(watch { since = NOW - 2 * HOUR }:look()))
    here:look()
    world:run(flow, NOW - 600) -- seen late, and new all the same
    assert.same({ "ended success" }, told(here:look()))
  end)

  it("asks once a look, and only for what may have changed", function()
    local here = watch()
    here:look()
    clock.time = NOW + 6 * HOUR
    here:look()
    world:run(flow, NOW + 5 * HOUR, { status = "processing" })
    here:look()
    clock.time = NOW + 12 * HOUR
    here:look()
    clock.time = NOW + 18 * HOUR
    here:look()
    local since = {}
    for i, query in ipairs(world:queries "runs") do
      since[i] = (math.tointeger(query:match "startedAtUTC>(%d+)") + 1 - NOW * 1000) // 1000 / HOUR
    end
    assert.same({ -24, -1, 5, 5, 5 }, since)
  end)

  it("reads no further than what is new, but for a look now and then, and for runs that go on", function()
    local here = watch { since = NOW - HOUR }
    for i = 1, 250 do world:run(flow, NOW - i) end
    local function pages()
      world:forget()
      here:look()
      return #world:queries "runs"
    end
    assert.equal(3, pages())
    local going = world:run(flow, NOW + 1, { status = "processing" })
    assert.equal(2, pages()) -- a hundred that are known, one of them on the second page
    for i = 2, 200 do world:run(flow, NOW + i) end
    assert.equal(3, pages()) -- 199 new ones, and a hundred
    assert.equal(2, pages()) -- down to the one that goes on
    world:run(flow, NOW + 1, { id = going })
    assert.equal(2, pages())
    assert.same({ 0, 450, 0 }, counts(here))
    local looks = {}
    for i = 6, 11 do looks[i - 5] = pages() end
    assert.same({ 1, 1, 1, 1, 1, 5 }, looks)
  end)

  it("asks for many dataflows by one list of all runs", function()
    local flows = {}
    for i = 1, 41 do flows[i] = world:flow(i + 1) end
    local stranger = world:flow(99)
    world:run(flows[41], NOW - HOUR, { status = "processing" })
    world:run(stranger, NOW - HOUR, { status = "processing" })
    assert.same({ "began processing" }, told(watch { flows = flows }:look()))
    local asked = {}
    local here = watch { flows = false, wanted = function(id)
      asked[id] = true
      return id == stranger
    end }
    assert.same({ "began processing" }, told(here:look()))
    assert.same({ [stranger] = true, [flows[41]] = true }, asked)
    for _, query in ipairs(world:queries "runs") do assert.is_nil(query:find "flowId") end
    assert.equal(2, #world:queries "runs")
  end)

  it("tells after a look that failed what it would have told", function()
    local here = watch()
    here:look()
    world:run(flow, NOW + 60)
    world.live.before = function() return 400, {}, "{}" end
    assert.is_true(core.error.is(select(2, pcall(here.look, here)), "service"))
    world.live.before = nil
    assert.same({ "ended success" }, told(here:look()))
  end)

  it("does not grow for ever", function()
    local here = watch { kept = 100 }
    here:look()
    for hour = 1, 5 do
      for i = 1, 60 do world:run(flow, NOW + hour * DAY + i) end
      clock.time = NOW + hour * DAY + HOUR
      here:look()
      clock.time = clock.time + 12 * HOUR
      assert.same({}, here:look())
    end
    assert.same({ 0, 300, 0 }, counts(here))
    assert.equal(100, #here.list)
    assert.equal(NOW + 5 * DAY + 60, here.list[1].started)
  end)
end)
