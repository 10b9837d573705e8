local core = require "sluice.core"
local server = require "support.server"
local sluice_client = require "sluice.client"
local tasks = require "sluice.tasks"

local BASE = "/data/foundation/flowservice"

local here, answer
local function connect()
  here = server.platform(function(request) return answer(request) end)
  local settings = {
    base_url = here.url, ims_url = here.url, org = "ORG@AdobeOrg", sandbox = "dev", client_id = "client",
    client_secret = core.secret.new("client_secret", "s"), scopes = "openid",
  }
  return sluice_client.new(settings)
end

local function last() return here.requests[#here.requests] end

describe("flow service", function()
  local aep
  before_each(function()
    answer = function() return 200, {}, { items = { { id = "1" } }, _links = { _ = 1 } } end
    aep = connect()
  end)
  after_each(function() here.close() end)

  it("has every operation that a client may call", function()
    local methods = {}
    for _, operation in ipairs(core.flow_service.operations) do
      methods[operation.name] = operation.method .. " " .. operation.path
    end
    local expected = {
      ["connection_specs.list"] = "GET /connectionSpecs", ["connection_specs.get"] = "GET /connectionSpecs/{id}",
      ["connection_specs.configs"] = "GET /connectionSpecs/{id}/configs",
      ["connection_specs.explore"] = "GET /connectionSpecs/{id}/explore",
      ["flow_specs.list"] = "GET /flowSpecs", ["flow_specs.get"] = "GET /flowSpecs/{id}",
      ["flow_specs.search"] = "POST /flowSpecs/search",
      ["connections.test"] = "GET /connections/{id}/test", ["connections.explore"] = "GET /connections/{id}/explore",
      ["connections.configs"] = "GET /connections/{id}/configs", ["connections.search"] = "POST /connections/search",
      ["flows.search"] = "POST /flows/search",
      ["runs.list"] = "GET /runs", ["runs.get"] = "GET /runs/{id}", ["runs.create"] = "POST /runs",
      ["runs.update"] = "PUT /runs/{id}", ["runs.action"] = "POST /runs/{id}/action",
    }
    for resource, path in pairs { connections = "/connections", source_connections = "/sourceConnections",
      target_connections = "/targetConnections", flows = "/flows" } do
      expected[resource .. ".list"] = "GET " .. path
      expected[resource .. ".get"] = "GET " .. path .. "/{id}"
      expected[resource .. ".create"] = "POST " .. path
      expected[resource .. ".update"] = "PATCH " .. path .. "/{id}"
      expected[resource .. ".delete"] = "DELETE " .. path .. "/{id}"
      expected[resource .. ".action"] = "POST " .. path .. "/{id}/action"
    end
    assert.same(expected, methods)
  end)

  it("unwraps one entity and escapes its ID", function()
    answer = function() return 200, {}, { items = { { id = "a/../b?c" } } } end
    assert.same({ id = "a/../b?c" }, aep.flows:get "a/../b?c")
    assert.equal(BASE .. "/flows/a%2F..%2Fb%3Fc", last().path)
    answer = function() return 200, {}, { id = "bare" } end
    assert.equal("bare", aep.flows:get("BARE").id)
  end)

  it("refuses another entity than the one that was asked for, and one without an ID", function()
    for text, words in pairs { ['{"id":"other"}'] = "asked for x, the service shows other",
      ['{"id":null}'] = "expected an ID at /id", ['{"id":""}'] = "expected an ID at /id",
      ['{"name":"x"}'] = "expected an ID at /id" } do
      answer = function() return 200, {}, { items = core.json.array { core.json.decode(text) } } end
      for _, kind in ipairs { "flows", "connections", "runs", "connection_specs" } do
        for _, method in ipairs { "get", not text:find "other" and "list" or nil } do
          local _, err = tasks.try(function() return aep[kind][method](aep[kind], method == "get" and "x" or nil) end)
          assert.is_true(core.error.is(err, "http"))
          assert.truthy(tostring(err):find(words, 1, true), tostring(err))
        end
      end
    end
  end)

  it("refuses an answer of another shape", function()
    for _, body in ipairs { {}, { items = {} }, core.json.array { 1 } } do
      answer = function() return 200, {}, body end
      local _, err = tasks.try(aep.flows.get, aep.flows, "x")
      assert.is_true(core.error.is(err, "http"))
    end
    answer = function() return 200, {}, { children = {} } end
    local _, err = tasks.try(aep.flows.list, aep.flows)
    assert.matches("no list of items", tostring(err))
    for _, body in ipairs { '{"items":{}}', '{"items":[null]}', '{"items":[1]}', '{"items":"x"}', "[1]" } do
      answer = function() return 200, {}, body end
      _, err = tasks.try(aep.flows.list, aep.flows)
      assert.matches("no list of items", tostring(err))
    end
  end)

  it("follows the next link whole, keeping its =", function()
    local pages = {
      [BASE .. "/flows?limit=2"] = { items = { { id = "1" }, { id = "2" } },
        _links = { next = { href = "/flows?continuationToken=a==b/c&limit=2" } } },
      [BASE .. "/flows?continuationToken=a==b/c&limit=2"] = { items = { { id = "3" } },
        _links = { next = { href = BASE .. "/flows?continuationToken=z z" } } },
      [BASE .. "/flows?continuationToken=z%20z"] = { items = { { id = "4" } },
        _links = { next = { href = "https://platform.adobe.io" .. BASE .. "/flows?p=5" } } },
      [BASE .. "/flows?p=5"] = { items = { { id = "5" } }, _links = {} },
    }
    answer = function(request) return 200, {}, pages[request.path .. "?" .. request.query] end
    local ids = {}
    for flow in aep.flows:each { limit = 2 } do ids[#ids + 1] = flow.id end
    assert.equal("12345", table.concat(ids))
    assert.equal(5, #aep.flows:list { limit = 2 })
  end)

  it("refuses a link that leads away or in a circle", function()
    for _, href in ipairs { "https://example.com/x", "//example.com/x", "http://example.com" .. BASE .. "/flows?x" } do
      answer = function() return 200, {}, { items = { { id = "1" } }, _links = { next = { href = href } } } end
      local _, err = tasks.try(aep.flows.list, aep.flows)
      assert.matches("leads elsewhere", tostring(err))
    end
    answer = function()
      return 200, {}, { items = core.json.array {}, _links = { next = { href = "/flows?continuationToken=x" } } }
    end
    local before = #here.requests
    local _, err = tasks.try(aep.flows.list, aep.flows)
    assert.is_true(core.error.is(err, "limit"))
    assert.equal(before + 2, #here.requests)
    answer = function(request) -- p5 leads back to p3
      local page = tonumber(request.query:match "%d+$") or 0
      local link = { next = { href = "/flows?p=" .. (page == 5 and 3 or page + 1) } }
      return 200, {}, { items = core.json.array {}, _links = link }
    end
    before = #here.requests
    _, err = tasks.try(aep.flows.list, aep.flows, { limit = 0 })
    assert.is_true(core.error.is(err, "limit"))
    assert.is_true(#here.requests < before + 15)
  end)

  it("does not take a link that is none for the end of the list", function()
    for _, href in ipairs { 5, true } do
      answer = function() return 200, {}, { items = { { id = "1" } }, _links = { next = { href = href } } } end
      local _, err = tasks.try(aep.flows.list, aep.flows)
      assert.matches("flows: the link to the next page is no text but ", tostring(err))
    end
    for _, text in ipairs { "{}", "null", "[]", '{"next":null}', '{"next":{}}', '{"next":""}' } do
      answer = function() return 200, {}, { items = { { id = "1" } }, _links = core.json.decode(text) } end
      assert.equal(1, #aep.flows:list())
    end
  end)

  it("gives an entity once where pages overlap", function()
    answer = function(request)
      local second = request.query and request.query:find "p=2"
      if second then return 200, {}, { items = { { id = "2" }, { id = "3" } } } end
      local link = { next = { href = "/flows?p=2" } }
      return 200, {}, { items = { { id = "1" }, { id = "2" }, { id = "2" } }, _links = link }
    end
    local ids = {}
    for flow in aep.flows:each() do ids[#ids + 1] = flow.id end
    assert.equal("123", table.concat(ids))
  end)

  it("refuses a list that does not end", function()
    local pages, most = 0, sluice_client.MAX_PAGES
    sluice_client.MAX_PAGES = 3
    answer = function()
      pages = pages + 1
      local link = { next = { href = "/flows?continuationToken=" .. pages } }
      return 200, {}, { items = core.json.array {}, _links = link }
    end
    local _, err = tasks.try(aep.flows.list, aep.flows)
    sluice_client.MAX_PAGES = most
    assert.is_true(core.error.is(err, "limit"))
    assert.equal(3, pages)
  end)

  it("tells whether a base connection's credentials work", function()
    for given, said in pairs { ["true"] = true, ["false"] = false, ['"true"'] = false, ["null"] = false } do
      answer = function() return 200, {}, core.json.decode('{"result":' .. given .. "}") end
      assert.equal(said, aep.connections:test "x")
    end
  end)

  it("filters on both sides", function()
    answer = function() return 200, {}, { items = { { id = "1", name = "A" }, { id = "2", name = "a" } } } end
    assert.equal("2", aep.flows:find({ name = "a" }).id)
    assert.equal("property=name%3D%3Da", last().query)
    aep.flows:list { property = { "state==enabled", "createdAt>5" }, where = { state = "x", ["flowSpec.id"] = "y" },
      orderby = "-createdAt" }
    assert.equal("orderby=-createdAt&property=state%3D%3Denabled&property=createdAt%3E5"
      .. "&property=flowSpec.id%3D%3Dy&property=state%3D%3Dx", last().query)
  end)

  it("asks by name alone and compares the rest itself", function()
    answer = function()
      return 200, {}, { items = {
        { id = "1", name = "a", s = { id = "x" } }, { id = "2", name = "a", s = { id = "y" } },
      } }
    end
    assert.equal("2", aep.flows:find({ name = "a", ["s.id"] = "y" }).id)
    assert.equal("property=name%3D%3Da", last().query)
  end)

  it("finds a name that the filter grammar cannot hold", function()
    answer = function() return 200, {}, { items = { { id = "1", name = "a, b" }, { id = "2", name = "a" } } } end
    assert.equal("1", aep.flows:find({ name = "a, b" }).id)
    assert.is_nil(last().query)
  end)

  it("names the candidates when several match", function()
    answer = function() return 200, {}, { items = { { id = "1", name = "a" }, { id = "2", name = "a" } } } end
    local _, err = tasks.try(aep.flows.find, aep.flows, { name = "a" })
    assert.equal("ambiguous", err.code)
    assert.matches("2 match, expected one: 1 %(a%), 2 %(a%)", err.message)
    assert.is_nil(aep.flows:find { name = "none" })
  end)

  it("reads the etag itself, and sends it in one pair of quotes", function()
    for _, etag in ipairs { '"e-1"', "e-1", '""e-1""', '\\"e-1\\"' } do
      answer = function(request)
        if request.method == "GET" then return 200, {}, { items = { { id = "x", etag = etag } } } end
        return 200, {}, { id = "x", etag = "new" }
      end
      assert.equal("new", aep.flows:update("x", core.patch.new():replace("/name", "n")).etag)
      assert.equal('"e-1"', last().headers["if-match"])
      assert.equal('[{"op":"replace","path":"/name","value":"n"}]', last().body)
    end
    local before = #here.requests
    aep.flows:update("x", { { op = "Add", path = "/a", value = 1 } }, { etag = "given" })
    assert.equal(before + 1, #here.requests)
    assert.equal('"given"', last().headers["if-match"])
    assert.equal('[{"op":"add","path":"/a","value":1}]', last().body)
  end)

  it("resolves a patch by identity on the entity as it is when the patch is sent", function()
    local reads = 0
    answer = function(request)
      if request.method == "PATCH" then return 200, {}, { id = "x", etag = "new" } end
      reads = reads + 1
      return 200, {}, { items = { { id = "x", etag = "read-" .. reads, list = { { id = "A" }, { id = "B" } } } } }
    end
    local patch = core.patch.new():remove_by("/list", { ["/id"] = "A" }):remove_by("/list", { ["/id"] = "B" })
    for i, options in ipairs { {}, { etag = "given" } } do
      assert.equal("new", aep.flows:update("x", patch, options).etag)
      assert.equal('[{"op":"remove","path":"/list/1"},{"op":"remove","path":"/list/0"}]', last().body)
      assert.equal(('"read-%d"'):format(i), last().headers["if-match"])
    end
    assert.is_false(patch:is_plain())
    local _, err = tasks.try(aep.flows.update, aep.flows, "x", core.patch.new():remove_by("/list", { ["/id"] = "C" }))
    assert.equal("not_found", err.code)
    assert.equal("GET", last().method)
    local there = core.patch.new():add_unless("/list", { ["/id"] = "A" }, { id = "A" })
    assert.same({ id = "x", etag = "read-4" }, aep.flows:update("x", there))
    assert.equal("GET", last().method)
  end)

  it("sends no empty patch, no bad ID, no body that is none", function()
    local before = #here.requests
    for _, call in ipairs {
      function() aep.flows:update("x", {}, { etag = "e" }) end, function() aep.flows:get(1) end,
      function() aep.flows:get "" end, function() aep.flows:delete ".." end, function() aep.flows:get "." end,
      function() aep.flows:create "x" end, function() aep.flows:list { lmit = 1 } end,
      function() core.flow_service.call(aep.client, "flows.update", { id = "x", body = { 1 } }) end,
      function() core.flow_service.call(aep.client, "flows.nothing", {}) end,
    } do
      assert.is_false((pcall(call)))
    end
    assert.equal(before, #here.requests)
  end)

  it("acts, deletes and tests", function()
    answer = function() return 200, {}, { id = "x", etag = "e", result = true } end
    assert.equal("e", aep.flows:enable("x").etag)
    assert.equal("POST" .. BASE .. "/flows/x/action?op=enable", last().method .. last().path .. "?" .. last().query)
    assert.equal("", last().body)
    aep.flows:disable "x"
    assert.equal("op=disable", last().query)
    core.flow_service.call(aep.client, "connections.action", { id = "x", op = "PUBLISH", sub_op = "APPLY" })
    assert.equal("op=PUBLISH&subOp=APPLY", last().query)
    assert.is_true(aep.connections:test "c")
    answer = function() return 204, {}, "" end
    assert.is_nil(aep.connections:delete "c")
    assert.equal("DELETE", last().method)
  end)

  it("offers just what the service offers", function()
    assert.error_matches(function() aep.flows:lst() end, "no method 'lst', did you mean 'list'?", nil, true)
    assert.has_error(function() return aep.connection_specs.create end)
    assert.has_error(function() return aep.connections.enable end)
    assert.is_function(aep.runs.each)
  end)
end)
