--- What a deletion takes along, what it leaves to others, and what is said when it stops half-way.

local deleting = require "sluice.overview.deleting"
local live = require "spec.support.live"
local outcome = require "spec.support.outcome"
local removal = require "sluice.overview.removal"
local sluice = require "sluice"

--- "flow:Name" and so on, in the plan's order.
local function words(steps)
  local list = {}
  for i, step in ipairs(steps) do list[i] = ("%s: %s"):format(step.kind, step.name) end
  return list
end

describe("a deletion", function()
  local service, aep
  before_each(function()
    service = live.start { seed = "removal" }
    aep = service.aep
  end)
  after_each(function() service.server.stop() end)

  --- A whole set-up, and its entities by the names of `aep`.
  local function set_up(extra)
    local _, result = service:flow(extra)
    local ids = result.ids
    return { flows = aep.flows:get(ids.flow), target_connections = aep.target_connections:get(ids.target_connection),
      source_connections = aep.source_connections:get(ids.source_connection),
      connections = aep.connections:get(ids.base_connection), ids = ids }
  end

  local function plan(entries, with_connections)
    service:forget()
    local chosen = {}
    for i, entry in ipairs(entries) do chosen[i] = { kind = entry[1], item = entry[2] } end
    return removal.plan(aep, chosen, with_connections)
  end

  local function carry_out(made)
    local done = {}
    deleting.carry_out(aep, made.steps, function(step, how) done[#done + 1] = how .. " " .. step.kind end)
    return done
  end

  --- A second dataflow on what the first one uses; `changes` takes other connections.
  local function another_flow(chain, name, changes)
    local flow = chain.flows
    local body = { name = name, flowSpec = flow.flowSpec, sourceConnectionIds = flow.sourceConnectionIds,
      targetConnectionIds = flow.targetConnectionIds, transformations = sluice.json.array {} }
    for key, value in pairs(changes or {}) do body[key] = value end
    return aep.flows:create(body).id
  end

  it("of a dataflow takes the dataflow alone, asking nobody", function()
    local chain = set_up()
    local made = plan { { "flows", chain.flows } }
    assert.same({ "flows: Loyal customers to Campaign" }, words(made.steps))
    assert.same({}, made.kept)
    assert.equal(0, #service.sent)
    assert.same({ "deleted flows" }, carry_out(made))
    assert.same({ 0, 1 }, { #aep.flows:list(), #aep.target_connections:list() })
  end)

  it("with connections takes the whole chain, in the order in which it can go", function()
    local chain = set_up()
    local made = plan({ { "flows", chain.flows } }, true)
    local name = "Loyal customers to Campaign"
    assert.same({ "flows: " .. name, "target_connections: " .. name .. " - target",
      "source_connections: " .. name .. " - Profile Store source", "connections: " .. name .. " - account",
      "connections: " .. name .. " - Profile Store" }, words(made.steps))
    assert.equal("enabled", made.steps[1].state)
    assert.same({}, made.kept)
    assert.equal(5, #carry_out(made))
    local counts = service.server.emulator:counts()
    assert.same({ 0, 0, 0, 0 },
      { counts.flows, counts.targetConnections, counts.sourceConnections, counts.connections })
  end)

  it("leaves what others use, and knows who they are", function()
    local chain = set_up()
    local other = another_flow(chain, "Other", { targetConnectionIds = sluice.json.array {
      aep.target_connections:create { name = "Other target", baseConnectionId = chain.connections.id,
        connectionSpec = chain.connections.connectionSpec, params = { mode = "FTP", remotePath = "/other" } }.id } })
    local made = plan({ { "flows", chain.flows } }, true)
    assert.same({ "flows: Loyal customers to Campaign", "target_connections: Loyal customers to Campaign - target" },
      words(made.steps))
    assert.same({ "source_connections: Loyal customers to Campaign - Profile Store source",
      "connections: Loyal customers to Campaign - account",
      "connections: Loyal customers to Campaign - Profile Store" }, words(made.kept))
    assert.equal(('dataflow "Other" (%s)'):format(other), removal.users(made.kept[1]))
    assert.truthy(removal.users(made.kept[2]):find('^target connection "Other target" %('))
    assert.same({ "deleted flows", "deleted target_connections" }, carry_out(made))
    assert.equal("Other", aep.flows:get(other).name)
  end)

  it("of all that share something takes that, too", function()
    local chain = set_up()
    local other = another_flow(chain, "Other")
    local made = plan({ { "flows", chain.flows }, { "flows", aep.flows:get(other) } }, true)
    assert.same({ 6, 0 }, { #made.steps, #made.kept })
    assert.equal(6, #carry_out(made))
  end)

  it("of what others use is refused, and nothing is sent", function()
    local chain = set_up()
    another_flow(chain, "Other")
    local function refused(kind, ...)
      local failure = outcome.failure(plan, { { kind, chain[kind] } }, ...)
      assert.same({ "service", "in_use" }, { failure.kind, failure.code })
      for _, text in ipairs { chain[kind].id, "nothing was deleted" } do
        assert.truthy(failure.message:find(text, 1, true), failure.message)
      end
      assert.equal(0, #service:requests())
      return failure.message
    end
    assert.truthy(refused("target_connections"):find 'is used by dataflow "[^"]+" %([%x-]+%) and 1 more; nothing')
    refused("source_connections", true)
    assert.truthy(refused("connections"):find('is used by target connection "Loyal customers to Campaign - target"', 1,
      true))
    refused("connections", true)
  end)

  it("of an account takes its unused connections along", function()
    local chain = set_up()
    aep.flows:delete(chain.flows.id)
    assert.equal("in_use", outcome.failure(plan, { { "connections", chain.connections } }).code)
    local made = plan({ { "connections", chain.connections } }, true)
    assert.same({ "target_connections: Loyal customers to Campaign - target",
      "connections: Loyal customers to Campaign - account" }, words(made.steps))
    assert.equal(2, #carry_out(made))
  end)

  it("of a connection takes its account along, if nobody else has it", function()
    local chain = set_up()
    aep.flows:delete(chain.flows.id)
    local made = plan({ { "target_connections", chain.target_connections } }, true)
    assert.same({ "target_connections: Loyal customers to Campaign - target",
      "connections: Loyal customers to Campaign - account" }, words(made.steps))
    assert.equal(1, #plan { { "target_connections", chain.target_connections } }.steps)
  end)

  it("does not believe a list that shows what is gone", function()
    local chain = set_up()
    local stale = sluice.json.encode { items = sluice.json.array { chain.flows }, _links = {} }
    aep.flows:delete(chain.flows.id)
    service.before = function(request)
      if request.method == "GET" and request.path:find "/flows$" then return 200, {}, stale end
    end
    local chosen = { { kind = "target_connections", item = chain.target_connections } }
    assert.equal(1, #removal.plan(aep, chosen, false).steps)
  end)

  it("does not trust a list of users that lacks one that is known", function()
    local chain = set_up()
    local function spoil(path, items)
      service.after = function(request, status, headers)
        if request.method == "GET" and request.path:find(path .. "$") and request.query:find "property" then
          return status, headers, sluice.json.encode { items = sluice.json.array(items), _links = {} }
        end
      end
    end
    for path, said in pairs { ["/flows"] = 'uses target connection "Loyal customers to Campaign - target"',
      ["/targetConnections"] = 'uses account "Loyal customers to Campaign - account"' } do
      service:forget()
      spoil(path, {})
      local failure = outcome.failure(removal.plan, aep, { { kind = "flows", item = chain.flows } }, true)
      assert.equal("incomplete", failure.code)
      assert.truthy(failure.message:find(said, 1, true), failure.message)
      assert.truthy(failure.message:find("nothing was deleted", 1, true), failure.message)
    end
    spoil("/flows", { { id = "f", targetConnectionIds = "no list" } })
    local failure = outcome.failure(removal.plan, aep,
      { { kind = "target_connections", item = chain.target_connections } }, false)
    assert.truthy(tostring(failure):find("f cannot be understood as the service shows it: expected a list at "
      .. "/targetConnectionIds", 1, true), tostring(failure))
    assert.equal(0, #service:requests())
  end)

  --- A plan of a whole chain on a service that fails as the rules say.
  local function failing(...)
    service.server.stop()
    service = live.start { seed = "removal", faults = { ... } }
    aep = service.aep
    return plan({ { "flows", set_up().flows } }, true)
  end

  it("goes on when answers are lost", function()
    local made = failing("flows.delete:nth=1:reset-after", "connections.delete:nth=1:503-after")
    assert.same({ "deleted flows", "deleted target_connections", "deleted source_connections", "deleted connections",
      "deleted connections" }, carry_out(made))
  end)

  it("goes on when something is gone already", function()
    local made = failing()
    aep.flows:delete(made.steps[1].id)
    aep.source_connections:delete(made.steps[3].id)
    assert.same({ "gone flows", "deleted target_connections", "gone source_connections", "deleted connections",
      "deleted connections" }, carry_out(made))
    assert.same({ "gone flows", "gone target_connections" }, { table.unpack(carry_out(made), 1, 2) })
  end)

  --- The steps of a plan from one to another.
  local function steps(made, first, last) return table.move(made.steps, first, last, 1, {}) end

  it("that is refused half-way says what stands", function()
    local made = failing "source_connections.delete:403"
    local failure = outcome.failure(carry_out, made)
    assert.same({ 403, "; 2 of 5 deleted" }, { failure.status, failure.message:sub(-16) })
    assert.same({ steps(made, 1, 2), steps(made, 3, 5) }, { failure.deleted, failure.left })
    assert.is_nil(failure.unknown)
  end)

  it("that is in doubt half-way says so, and can be done again by IDs", function()
    local made = failing("target_connections.delete:times=3:reset-after", "target_connections.get:nth=4-9:reset")
    local failure = outcome.failure(carry_out, made)
    assert.same({ "http", steps(made, 1, 1), steps(made, 2, 5), made.steps[2] },
      { failure.kind, failure.deleted, failure.left, failure.unknown })
    assert.truthy(failure.message:find("; 1 of 5 deleted, and whether " .. removal.label(made.steps[2])
      .. " is deleted is not known", 1, true), failure.message)
    local chosen = {}
    for i, step in ipairs(steps(made, 3, 5)) do chosen[i] = { step.kind, aep[step.kind]:get(step.id) } end
    assert.equal(404, outcome.failure(aep.target_connections.get, aep.target_connections, made.steps[2].id).status)
    assert.equal(3, #carry_out(plan(chosen)))
  end)

  it("that somebody ends leaves one step in doubt and asks no more", function()
    local made, calls = failing(), 0
    rawset(aep.source_connections, "delete", function() sluice.error.raise("interrupted", "interrupted") end)
    rawset(aep.source_connections, "get", function() calls = calls + 1 end)
    local failure = outcome.failure(carry_out, made)
    assert.same({ "interrupted", made.steps[3], 0 }, { failure.kind, failure.unknown, calls })
  end)
end)
