--- Chains: what belongs to an entity of each kind, without secrets, and with what could not be read.

local chain = require "sluice.overview.chain"
local live = require "spec.support.live"
local outcome = require "spec.support.outcome"
local sluice = require "sluice"

local function names(list)
  local found = {}
  for i, item in ipairs(list) do found[i] = item.name end
  return found
end

describe("the chain", function()
  local service, aep, ids
  setup(function()
    service = live.start { seed = "chain" }
    aep = service.aep
    ids = select(2, service:flow()).ids
    for _, status in ipairs { "success", "failed" } do
      service.server.emulator:add_run(ids.flow, live.id(1), status)
    end
  end)
  teardown(function() service.server.stop() end)
  before_each(function() service:forget() end)

  local function of(kind, id) return chain.of(aep, kind, aep[kind]:get(id)) end

  it("of a dataflow goes from the account to the last runs", function()
    local document = of("flows", ids.flow)
    assert.same({ "flow", "Loyal customers to Campaign", "upsToCampaign" },
      { document.kind, document.flow.name, document.flow_spec.name })
    assert.same({ { "Loyal customers to Campaign - target" }, { "Loyal customers to Campaign - Profile Store source" },
      { "Loyal customers to Campaign - account", "Loyal customers to Campaign - Profile Store" } },
      { names(document.target_connections), names(document.source_connections), names(document.accounts) })
    assert.same({ "Audience 1", "Audience 2" }, names(document.audiences))
    assert.equal("2030-01-01", document.audiences[1].schedule.startDate)
    assert.same({ 2, "failed" }, { #document.runs, document.runs[1].metrics.statusSummary.status })
    assert.same({}, document.unread)
  end)

  it("never shows a secret, whatever the service shows", function()
    local auth = { specName = "SFTP with Password", params = { username = "u", password = "in-the-clear",
      token_of_tomorrow = "in-the-clear", authorizedDate = "2022-06-09" } }
    service.after = function(request, status, headers, body)
      if not request.path:find "/connections/" or status ~= 200 then return end
      local answer = sluice.json.decode(body)
      answer.items[1].auth = auth
      return status, headers, sluice.json.encode(answer)
    end
    for _, document in ipairs { of("flows", ids.flow), of("connections", ids.base_connection),
      of("target_connections", ids.target_connection) } do
      local shown = (document.account or document.accounts[1]).auth.params
      assert.same({ "u", "‹secret password›", "‹secret token_of_tomorrow›", "2022-06-09" },
        { shown.username, shown.password, shown.token_of_tomorrow, shown.authorizedDate })
      assert.is_nil(sluice.json.encode(document):find("in-the-clear", 1, true))
    end
  end)

  it("learns from the spec document of an unknown card what is secret", function()
    local spec = "00000000-0000-4000-8000-000000000001"
    service.before = function(request)
      if request.path:find "/connectionSpecs/" then
        return 200, {}, sluice.json.encode { items = sluice.json.array { { id = spec, name = "Someone's card",
          authSpec = sluice.json.array { { spec = { properties = { account = { type = "string" },
            pin = { type = "string", format = "password" } } } } } } } }
      end
    end
    local document = chain.of(aep, "connections", { id = "c", connectionSpec = { id = spec },
      auth = { params = { account = "A-1", pin = "4711", other = "x" } } })
    assert.same({ account = "A-1", pin = "‹secret pin›", other = "‹secret other›" }, document.account.auth.params)
    assert.same({ { id = spec, name = "Someone's card" } }, document.connection_specs)
  end)

  it("of an account has its connections and the dataflows on them", function()
    local document = of("connections", ids.base_connection)
    assert.same({ { "Loyal customers to Campaign - target" }, {}, { "Loyal customers to Campaign" } },
      { names(document.target_connections), document.source_connections, names(document.flows) })
    document = of("connections", ids.profile_store_connection)
    assert.same({ 0, 1, { "Loyal customers to Campaign" } },
      { #document.target_connections, #document.source_connections, names(document.flows) })
  end)

  it("of a connection has its account and its dataflows", function()
    for kind, key in pairs { target_connections = "target_connection", source_connections = "source_connection" } do
      local document = of(kind, ids[key])
      assert.same({ 1, { "Loyal customers to Campaign" } }, { #document.accounts, names(document.flows) })
    end
  end)

  it("of an audience has the dataflows that export it, with its schedule in each", function()
    local document = chain.of(aep, "audiences", { id = live.id(1), audienceId = "outside-1", name = "Audience 1" })
    assert.same({ "Loyal customers to Campaign" }, names(document.flows))
    assert.equal("DAILY", document.flows[1].audience.schedule.frequency)
    assert.truthy(service.sent[1].query:find("outside-1", 1, true), service.sent[1].query)
    assert.same({}, chain.of(aep, "audiences", { id = live.id(9) }).flows)
  end)

  it("of a spec has who uses it", function()
    local flow = aep.flows:get(ids.flow)
    assert.same({ "Loyal customers to Campaign" }, names(of("flow_specs", flow.flowSpec.id).flows))
    local document = of("connection_specs", "0b23e41a-cb4a-4321-a78f-3b654f5d7d97")
    assert.same({ "adobe-campaign", { "Loyal customers to Campaign - account" } },
      { document.catalog, names(document.accounts) })
  end)

  it("of a run has its dataflow", function()
    local run = aep.runs:list()[1]
    assert.equal("Loyal customers to Campaign", chain.of(aep, "runs", run).flow.name)
  end)

  it("of a sandbox is the sandbox", function()
    local document = chain.of(aep, "sandboxes", aep.sandboxes:get "prod")
    assert.same({ "sandbox", "prod" }, { document.kind, document.sandbox.name })
  end)

  it("tells what is gone and what may not be read, and fails for anything else", function()
    service.before = function(request)
      if request.path:find "/targetConnections/" then return 404, {}, '{"errorMessage":"not there"}' end
      if request.path:find "/runs$" then return 403, {}, '{"message":"not for you"}' end
    end
    local document = of("flows", ids.flow)
    table.sort(document.unread, function(a, b) return a.kind < b.kind end)
    assert.same({ "runs", "target_connections", true }, { document.unread[1].kind, document.unread[2].kind,
      document.unread[2].gone })
    assert.truthy(document.unread[1].reason:find("not for you", 1, true))
    assert.is_nil(document.runs)
    service.before = function(request)
      if request.path:find "/runs$" then return 400, {}, '{"message":"nonsense"}' end
    end
    assert.equal(400, outcome.failure(of, "flows", ids.flow).status)
  end)
end)
