--- Runs asked for gently: what is sent, and what comes back.

local core = require "sluice.core"
local past = require "spec.support.past"
local runs = require "sluice.runs"

local NOW, HOUR, DAY = past.NOW, past.HOUR, past.DAY

local function all(iterator)
  local list = {}
  for run in iterator do list[#list + 1] = run end
  return list
end

describe("runs of dataflows", function()
  local world
  before_each(function() world = past.start() end)
  after_each(function() world.live.server.stop() end)

  it("come newest first, a page at a time, as many as are wanted", function()
    local flow = world:flow(1)
    for i = 1, 250 do world:run(flow, NOW - 1000 * HOUR + i * HOUR) end
    local found = all(runs.each(world.aep, { flows = { flow } }))
    assert.equal(250, #found)
    assert.equal(NOW - 750 * HOUR, found[1].started)
    assert.equal(3, #world:queries "runs")
    assert.equal("limit=100&property=flowId==" .. flow, world:queries "runs"[1])
    world:forget()
    assert.equal(7, #all(runs.each(world.aep, { flows = { flow }, limit = 7 })))
    assert.equal("limit=7&property=flowId==" .. flow, world:queries "runs"[1])
    assert.equal(1, #world:queries "runs")
    assert.equal(0, #all(runs.each(world.aep, { flows = { flow }, limit = 0 })))
    assert.equal(1, #world:queries "runs")
  end)

  it("are those that began in a window, and of one outcome", function()
    local flow = world:flow(1)
    world:run(flow, NOW - 3 * HOUR, { status = "failed" })
    world:run(flow, NOW - 2 * HOUR)
    local edge = world:run(flow, NOW - HOUR, { status = "Failed" })
    local found = all(runs.each(world.aep, { flows = { flow }, since = NOW - HOUR }))
    assert.same({ edge }, { found[1].id, found[2] and found[2].id })
    assert.equal(2, #all(runs.each(world.aep, { flows = { flow }, outcome = "failed" })))
    assert.equal(1, #all(runs.each(world.aep, { outcome = "succeeded" })))
    assert.equal(3, #all(runs.each(world.aep, {})))
  end)

  it("are the same from a service that heeds only one of several filters", function()
    local flow, other = world:flow(1), world:flow(2)
    world:run(flow, NOW - 3 * HOUR, { status = "failed" })
    world:run(flow, NOW - 2 * HOUR)
    local wanted = world:run(flow, NOW - HOUR, { status = "failed" })
    world:run(other, NOW - HOUR, { status = "failed" })
    local emulator = world.live.server.emulator
    local handle = emulator.handle
    for heeded = 1, 3 do
      function emulator.handle(self, request)
        local count, i = select(2, (request.query or ""):gsub("property=", "")), 0
        local query = (request.query or ""):gsub("&property=[^&]*", function()
          i = i + 1
          return count > 1 and i ~= heeded and "" or nil
        end)
        return handle(self, { method = request.method, path = request.path, headers = request.headers,
          body = request.body, query = query ~= "" and query or nil })
      end
      local found = all(runs.each(world.aep, { flows = { flow }, since = NOW - HOUR, outcome = "failed" }))
      assert.same({ wanted }, { found[1] and found[1].id, found[2] and found[2].id }, heeded)
    end
  end)

  it("of many dataflows come in few lists", function()
    local flows = {}
    for i = 1, 90 do
      flows[i] = world:flow(i)
      world:run(flows[i], NOW - i * HOUR)
    end
    world:run(world:flow(91), NOW - HOUR)
    assert.equal(90, #all(runs.each(world.aep, { flows = flows })))
    assert.equal(3, #world:queries "runs")
    for _, request in ipairs(world.live.sent) do assert.is_true(#request.path + #(request.query or "") < 2048) end
    world:forget()
    local by_flow = runs.since(world.aep, flows, NOW - 45 * HOUR)
    assert.equal(3, #world:queries "runs")
    assert.equal(1, #by_flow[flows[45]])
    assert.same({}, by_flow[flows[46]])
    assert.is_nil(by_flow[past.id(91)])
  end)

  it("of a window stand newest first, whatever the service's order", function()
    local flow = world:flow(1)
    local later = world:run(flow, NOW - HOUR)
    world:run(flow, NOW - 2 * HOUR) -- touched last, so listed first
    assert.equal(later, runs.since(world.aep, { flow }, NOW - DAY)[flow][1].id)
  end)

  it("give the newest of each, though one dataflow fills the pages", function()
    local quiet, empty, loud = world:flow(1), world:flow(2), world:flow(3)
    local old = world:run(quiet, NOW - 99 * DAY, { status = "failed" })
    local good = world:run(quiet, NOW - 98 * DAY)
    local bad = world:run(quiet, NOW - 97 * DAY, { status = "failed" })
    for i = 1, 150 do world:run(loud, NOW - 1000 * HOUR + i * HOUR) end
    local newest = runs.newest(world.aep, { quiet, empty, loud })
    assert.equal(bad, newest[quiet].id)
    assert.equal(NOW - 850 * HOUR, newest[loud].started)
    assert.is_nil(newest[empty])
    assert.equal(2, #world:queries "runs")
    assert.equal(good, runs.newest(world.aep, { quiet, empty }, "succeeded")[quiet].id)
    assert.not_equal(old, good)
  end)

  it("of a service that repeats itself do not keep it busy for ever", function()
    local flow = world:flow(1)
    local page = { items = core.json.array {}, _links = { next = { href = "/runs?continuationToken=x" } } }
    world.live.before = function(request)
      if request.path:find "/runs$" then return 200, {}, core.json.encode(page) end
    end
    assert.same({}, runs.newest(world.aep, { flow }))
  end)
end)
