--- The tree of a sandbox: what belongs to what, what nothing uses, and how often the service is asked for it.

local live = require "spec.support.live"
local outcome = require "spec.support.outcome"
local sluice = require "sluice"
local tree = require "sluice.overview.tree"

local json = sluice.json

local function names(list)
  local found = {}
  for i, item in ipairs(list) do found[i] = item.name or item.id end
  return found
end

describe("the tree", function()
  local service, aep
  before_each(function()
    service = live.start { seed = "tree" }
    aep = service.aep
  end)
  after_each(function() service.server.stop() end)

  local function set_up(extra)
    local _, result = service:flow(extra)
    return result
  end

  --- Answers the list of a collection in place of the service.
  local function pretend(lists)
    service:forget()
    service.before = function(request)
      local items = lists[request.path:match "/flowservice/(%a+)$"]
      if items then return 200, {}, json.encode { items = json.array(items), _links = {} } end
    end
  end

  it("shows accounts with their target connections, dataflows and audiences", function()
    set_up()
    local seen = {}
    local found = tree.read(aep, function(kind, count) seen[kind] = count end)
    assert.same({ connections = 2, target_connections = 1, source_connections = 1, flows = 1 }, seen)
    local account = found.accounts[1]
    assert.same({ 1, "Loyal customers to Campaign - account", "Adobe Campaign" },
      { #found.accounts, account.name, account.connection_spec.name })
    local flow = account.target_connections[1].flows[1]
    assert.same({ { "Loyal customers to Campaign - target" }, "Loyal customers to Campaign",
      { "Audience 1", "Audience 2" } }, { names(account.target_connections), flow.name, names(flow.audiences) })
    assert.same({ "Loyal customers to Campaign - Profile Store" }, names(found.sources))
    assert.equal(1, found.sources[1].source_connections[1].used)
    assert.same({}, found.orphans)
    assert.same({ accounts = 1, target_connections = 1, source_connections = 1, flows = 1, disabled_flows = 0,
      audiences = 2, orphans = 0 }, found.counts)
  end)

  it("asks for each kind once, a page at a time", function()
    for i = 1, 5 do set_up { name = "Flow " .. i } end
    service:forget()
    tree.read(aep)
    local paths = {}
    for i, request in ipairs(service.sent) do paths[i] = request.path:match "[^/]+$" .. "?" .. request.query end
    table.sort(paths)
    assert.same({ "connections?limit=100", "flows?limit=100", "sourceConnections?limit=100",
      "targetConnections?limit=100" }, paths)
  end)

  it("marks what nothing uses, and says what deletes it", function()
    local ids = set_up().ids
    aep.flows:delete(ids.flow)
    local found = tree.read(aep)
    assert.is_true(found.accounts[1].target_connections[1].orphan)
    assert.is_nil(found.accounts[1].orphan)
    assert.same({ "target_connection", "source_connection" }, { found.orphans[1].kind, found.orphans[2].kind })
    assert.same({ ids.target_connection, "--with-connections" }, found.orphans[1].delete)
    assert.equal("no dataflow uses it", found.orphans[1].reason)
    aep.target_connections:delete(ids.target_connection)
    aep.source_connections:delete(ids.source_connection)
    found = tree.read(aep)
    assert.is_true(found.accounts[1].orphan)
    assert.is_true(found.sources[1].orphan)
    assert.same({ { "account", { ids.profile_store_connection } }, { "account", { ids.base_connection } } },
      { { found.orphans[1].kind, found.orphans[1].delete }, { found.orphans[2].kind, found.orphans[2].delete } })
  end)

  it("takes an account along only with its last target connection", function()
    local ids = set_up().ids
    aep.flows:delete(ids.flow)
    local first = aep.target_connections:get(ids.target_connection)
    aep.target_connections:create { name = "Second", baseConnectionId = ids.base_connection,
      connectionSpec = first.connectionSpec, params = first.params }
    local found = tree.read(aep)
    assert.same({ 3, { ids.target_connection } }, { #found.orphans, found.orphans[1].delete })
  end)

  it("shows what has lost what it belongs to", function()
    pretend {
      connections = {}, sourceConnections = {},
      targetConnections = { { id = "t", name = "Target", baseConnectionId = "gone" }, { id = "u", name = "Bare" } },
      flows = { { id = "f", name = "Flow", state = "disabled", targetConnectionIds = json.array { "t" } },
        { id = "g", name = "Lost", targetConnectionIds = json.array { "nowhere" } },
        { id = "h", name = "From a source", targetConnectionIds = json.array { "nowhere" },
          inheritedAttributes = { properties = { isDestinationFlow = false } } } },
    }
    local found = tree.read(aep)
    assert.same({ { "", true, { "Bare" } }, { "gone", true, { "Target" } } }, {
      { found.accounts[1].id, found.accounts[1].gone, names(found.accounts[1].target_connections) },
      { found.accounts[2].id, found.accounts[2].gone, names(found.accounts[2].target_connections) } })
    assert.same({ "Lost" }, names(found.flows))
    assert.same({ "u" }, { found.orphans[1].id, found.orphans[2] })
    assert.same({ 0, 2, 1 }, { found.counts.accounts, found.counts.flows, found.counts.disabled_flows })
  end)

  it("leaves accounts alone that dataflows from sources use", function()
    local from_source = { properties = { isDestinationFlow = false } }
    pretend {
      connections = { { id = "c", name = "Salesforce" }, { id = "d", name = "Data Lake" } },
      sourceConnections = { { id = "s", name = "Contacts", baseConnectionId = "c" } },
      targetConnections = { { id = "t", name = "Dataset", baseConnectionId = "d" } },
      flows = { { id = "f", name = "Import", sourceConnectionIds = json.array { "s" },
        targetConnectionIds = json.array { "t" }, inheritedAttributes = from_source } },
    }
    local found = tree.read(aep)
    assert.same({ {}, { "Salesforce" }, {}, {} },
      { names(found.accounts), names(found.sources), found.flows, found.orphans })
  end)

  it("asks once for the names of all specs that the catalog does not know", function()
    local function spec(n) return { id = ("00000000-0000-4000-8000-%012d"):format(n), version = "1.0" } end
    pretend {
      connections = { { id = "a", connectionSpec = spec(1) }, { id = "b", connectionSpec = spec(2) },
        { id = "c", connectionSpec = spec(1) } }, sourceConnections = {}, targetConnections = {}, flows = {},
      connectionSpecs = { { id = spec(1).id, name = "Someone's card" }, { id = "other", name = "Other" } },
    }
    local found = tree.read(aep)
    assert.same({ id = spec(1).id, name = "Someone's card" }, found.accounts[1].connection_spec)
    assert.same({ id = spec(2).id }, found.accounts[2].connection_spec)
    assert.equal("limit=100&property=id%3D%3D" .. spec(1).id .. "%2C" .. spec(2).id, service.sent[5].query)
  end)

  it("of nothing is empty, and a refusal is one", function()
    assert.same({ 0, 0, {} }, { #tree.read(aep).accounts, tree.read(aep).counts.flows, tree.read(aep).orphans })
    service.before = function(request)
      if request.path:find "targetConnections" then return 403, {}, '{"message":"no"}' end
    end
    assert.equal(403, outcome.failure(tree.read, aep).status)
  end)
end)
