local core = require "sluice.core"
local harness = require "spec.emulator.harness"

local function encode(text)
  return (text:gsub("[^%w=.,_%-+]", function(c) return ("%%%02X"):format(c:byte()) end))
end

describe("a filter", function()
  local world, ids, now
  setup(function()
    world = harness.new()
    ids = world:campaign()
    world:patch("flows", ids.flow, { { op = "add", path = harness.AUDIENCES .. "/-",
      value = harness.audience "a1" },
      { op = "add", path = harness.AUDIENCES .. "/-", value = harness.audience "a2" } })
    now = harness.NOW
  end)

  local function names(path, expressions)
    local query = {}
    for i, expression in ipairs(expressions) do query[i] = "property=" .. encode(expression) end
    local status, body = world:call("GET", path .. "?" .. table.concat(query, "&"))
    if status ~= 200 then return body.error_code end
    local list = {}
    for i, item in ipairs(body.items) do list[i] = item.name end
    table.sort(list)
    return table.concat(list, " ")
  end

  -- { path, expressions, names in order of the alphabet, or the code of the refusal }
  local rows = {
    { "/connections", { "name==base" }, "base" },
    { "/connections", { "name==base,store" }, "base store" },
    { "/connections", { "name==base", "state==enabled" }, "base" },
    { "/connections", { "name==base", "state==disabled" }, "" },
    { "/connections", { "name==Base" }, "" },
    { "/connections", { "connectionSpec.id==" .. harness.CAMPAIGN }, "base" },
    { "/connections", { "auth.params.host==h.example" }, "base" },
    { "/connections", { "auth.params.nothing==x" }, "" },
    { "/targetConnections", { "baseConnectionId==BASE" }, "target" },
    { "/targetConnections", { "params.mode==FTP,S3" }, "target" },
    { "/flows", { "inheritedAttributes.properties.isDestinationFlow==true" }, "flow" },
    { "/flows", { "inheritedAttributes.properties.isDestinationFlow==false" }, "" },
    { "/flows", { "sourceConnectionIds[]==SOURCE" }, "flow" },
    { "/flows", { "sourceConnectionIds[]==TARGET" }, "" },
    { "/flows", { "inheritedAttributes.targetConnections[].connectionSpec.id==" .. harness.CAMPAIGN },
      "flow" },
    { "/flows", { "inheritedAttributes.targetConnections[].baseConnection.id==BASE" }, "flow" },
    { "/flows", { "inheritedAttributes.targetConnections.baseConnection.id==BASE" }, "" },
    { "/flows", { "transformations[].params.segmentSelectors.selectors[].value.id==a2" }, "flow" },
    { "/flows", { "transformations[].params.segmentSelectors.selectors[].value.id==a3" }, "" },
    { "/flows", { "createdAt==NOW" }, "flow" },
    { "/flows", { "createdAt>NOW" }, "" },
    { "/flows", { "createdAt>=NOW" }, "flow" },
    { "/flows", { "createdAt<NOW" }, "" },
    { "/flows", { "createdAt<=NOW" }, "flow" },
    { "/flows", { "createdAt>=1" }, "flow" },
    { "/flows", { "createdAt>=9999999999999" }, "" },
    { "/flows", { "createdAt<=1" }, "" },
    { "/flows", { "createdAt<=9999999999999" }, "flow" },
    { "/flows", { "createdAt<9999999999999" }, "flow" },
    { "/flows", { "createdAt>1" }, "flow" },
    { "/flows", { "name>1" }, "" },
    { "/flows", { "createdAt>1", "createdAt<9999999999999" }, "flow" },
    { "/flows", { "lastOperation.percentCompleted>=100" }, "flow" },
    { "/flows", { "id==FLOW" }, "flow" },
    { "/flows", { "name~fl" }, "1440-400" },
    { "/flows", { "createdAt<=1,2" }, "1443-400" },
    { "/flows", { "createdAt>=1,2" }, "1443-400" },
    { "/flows", { "id>=FLOW" }, "1448-400" },
    { "/flows", { "id<=FLOW" }, "1448-400" },
    { "/flows", { "nmae==flow" }, "1449-400" },
    { "/flows", { "==flow" }, "1449-400" },
    { "/flows", { "a..b==flow" }, "1449-400" },
    { "/flows", { "sourceConnectionIds==SOURCE" }, "1449-400" },
    { "/flows", { "sourceConnectionIds[0]==SOURCE" }, "1449-400" },
    { "/flows", { "name[]==flow" }, "1449-400" },
    { "/flows", { "name=flow" }, "1450-400" },
    { "/flows", { "name!=flow" }, "1450-400" },
    { "/flows", { "name===flow" }, "1450-400" },
    { "/flows", { "name=>flow" }, "1450-400" },
    { "/flows", { "name" }, "1450-400" },
    { "/flows", { "createdAt>yesterday" }, "1452-400" },
    { "/flows", { "createdAt==yesterday" }, "1452-400" },
    { "/flows", { "name==" }, "1453-400" },
    { "/flows", { "name==a,,b" }, "1453-400" },
    { "/flows", { "flowSpec==x" }, "1454-400" },
  }
  for _, row in ipairs(rows) do
    it(("%s?%s gives '%s'"):format(row[1], table.concat(row[2], " & "), row[3]), function()
      local expressions = {}
      for i, expression in ipairs(row[2]) do
        expressions[i] = expression:gsub("%u%u%u%u?%u?%u?$", { BASE = ids.base, SOURCE = ids.source,
          TARGET = ids.target, FLOW = ids.flow, NOW = tostring(now) })
      end
      assert.equal(row[3], names(row[1], expressions))
    end)
  end

  it("may be encoded in full, or with plus signs for blanks", function()
    local id = world:profile_store "two words"
    for _, query in ipairs { "property=name%3D%3Dtwo%20words", "property=name==two+words" } do
      local _, body = world:call("GET", "/connections?" .. query)
      assert.equal(1, #body.items)
      assert.equal(id, body.items[1].id)
    end
    world:call("DELETE", "/connections/" .. id)
  end)

  it("works in a search too", function()
    local status, body, _ = world:call("POST", "/flows/search",
      { queryString = "name==flow&state==enabled", limit = 1000 })
    assert.equal(200, status)
    assert.equal(1, #body.items)
    _, body = world:call("POST", "/connections/search", { queryString = "name==base", count = true })
    assert.same({ count = 1 }, body)
    assert.equal(400, (world:call("POST", "/flows/search", { limit = 1001 })))
    _, body = world:call("POST", "/connections/search", { limit = 1, orderby = "name" })
    assert.equal("base", body.items[1].name)
    local token = body._links.next.href:match("=(.*)")
    _, body = world:call("POST", "/connections/search?continuationToken=" .. token, { limit = 1 })
    assert.equal("store", body.items[1].name)
    for _, wrong in ipairs { { queryString = 1 }, { orderby = 1 }, { limit = "x" }, { count = "yes" } } do
      assert.equal(400, (world:call("POST", "/flows/search", wrong)))
    end
  end)
end)

describe("a list", function()
  local world
  before_each(function() world = harness.new() end)

  local function fill(n)
    local all = {}
    for i = 1, n do
      world.now = world.now + 1000
      all[i] = world:profile_store(("c%03d"):format((i * 7) % n)) -- names in no order of time
    end
    return all
  end

  -- Follows the links; gives the ids and the number of pages.
  local function walk(first)
    local found, pages, path = {}, 0, first
    repeat
      local status, body = world:call("GET", path)
      assert.equal(200, status)
      pages = pages + 1
      for _, item in ipairs(body.items) do found[#found + 1] = item.id end
      assert.is_table(body._links)
      path = body._links.next and body._links.next.href
      if path then assert.matches("^/connections%?continuationToken=[%w]+$", path) end
    until not path
    return found, pages
  end

  it("pages through 250 items, newest first, each once", function()
    local all = fill(250)
    local found, pages = walk "/connections"
    assert.equal(250, #found)
    assert.equal(3, pages)
    for i, id in ipairs(found) do assert.equal(all[251 - i], id) end
    found, pages = walk "/connections?limit=40&property=state==enabled&orderby=name"
    assert.equal(250, #found)
    assert.equal(7, pages)
    assert.equal("c000", world:item("connections", found[1]).name)
  end)

  it("ends with empty links, exactly when the items end", function()
    fill(4)
    local _, body = world:call("GET", "/connections?limit=4")
    assert.equal("{}", core.json.encode(body._links))
    assert.equal(4, #body.items)
    _, body = world:call("GET", "/connections?limit=3")
    assert.is_string(body._links.next.href)
  end)

  it("is an empty array when there is nothing", function()
    local _, body = world:call("GET", "/connections")
    assert.equal('{"_links":{},"items":[]}', core.json.encode(body))
  end)

  it("stays the same listing while entities come, go and change", function()
    local all = fill(6)
    local _, body = world:call("GET", "/connections?limit=2")
    world:profile_store "late"
    world:call("DELETE", "/connections/" .. all[4])
    world:patch("connections", all[1], { { op = "replace", path = "/name", value = "changed" } })
    local found = walk(body._links.next.href)
    assert.same({ all[3], all[2], all[1] }, found)
    assert.equal("changed", world:item("connections", all[1]).name)
    _, body = world:call("GET", "/connections?limit=2")
    assert.same({ all[1], "late" }, { body.items[1].id, body.items[2].name }) -- most recently written first
  end)

  it("can be followed by a client that takes the text behind the first equals sign", function()
    fill(5)
    local _, body = world:call("GET", "/connections?limit=3&property=state==enabled")
    local token = body._links.next.href:match("=([^=]*)")
    _, body = world:call("GET", "/connections?limit=3&property=state==enabled&continuationToken=" .. token)
    assert.equal(2, #body.items)
    assert.same({}, body._links)
  end)

  it("refuses a token it did not give, or gave elsewhere", function()
    fill(2)
    local _, body = world:call("GET", "/connections?limit=1")
    local token = body._links.next.href:match("=(.*)")
    for _, path in ipairs { "/connections?continuationToken=x", "/flows?continuationToken=" .. token } do
      local status, answer = world:call("GET", path)
      assert.equal(400, status)
      assert.equal("1452-400", answer.error_code)
    end
    assert.equal(400, (world:call("GET", "/connections?continuationToken=" .. token, nil,
      { ["x-sandbox-name"] = "dev" })))
  end)

  it("forgets the oldest of very many continuations", function()
    fill(2)
    local _, first = world:call("GET", "/connections?limit=1")
    for _ = 1, 1000 do world:call("GET", "/connections?limit=1") end
    assert.equal(400, (world:call("GET", first._links.next.href)))
  end)

  it("counts", function()
    fill(3)
    assert.same({ count = 3 }, select(2, world:call("GET", "/connections?count=true")))
    assert.same({ count = 1 }, select(2, world:call("GET", "/connections?count=True&property=name==c000")))
    assert.equal(2, #select(2, world:call("GET", "/connections?limit=2&count=False")).items)
    assert.equal(3, #select(2, world:call("GET", "/connections?count=false&limit=50")).items)
    local _, body = world:call("GET", "/connections?count=true&limit=1")
    assert.equal("1401-400", body.error_code)
    world.emulator.options.count_body = "list"
    _, body = world:call("GET", "/connections?count=true")
    assert.same({ 3, 3 }, { body.count, #body.items })
  end)

  for query, code in pairs {
    ["limit=0"] = "1452-400", ["limit=-1"] = "1452-400", ["limit=x"] = "1452-400", ["limit=101"] = "1452-400",
    ["limit=1.5"] = "1452-400", ["limit="] = "1452-400", ["count=yes"] = "1452-400",
      ["orderby=*name"] = "1432-400",
    ["orderby=colour"] = "1433-400", ["orderby=connectionSpec"] = "1433-400", ["orderby=name.x"] = "1433-400",
      ["orderby=--name"] = "1433-400",
    ["start=1"] = "1451-400",
  } do
    it("refuses " .. query, function()
      local status, body = world:call("GET", "/connections?" .. query)
      assert.equal(400, status)
      assert.equal(code, body.error_code)
    end)
  end

  it("takes a limit above 100 when the option says so", function()
    fill(105)
    assert.equal(400, (world:call("GET", "/connections?limit=105")))
    world.emulator.options.limit_over_100 = "accept"
    assert.equal(105, #select(2, world:call("GET", "/connections?limit=105")).items)
  end)

  it("uses the page size of the options", function()
    world = harness.new { page_size = 2 }
    fill(5)
    assert.equal(3, select(2, walk "/connections"))
  end)

  it("is ordered as asked", function()
    local function order(query)
      local _, body = world:call("GET", "/connections?orderby=" .. query)
      local list = {}
      for i, item in ipairs(body.items) do list[i] = item.name end
      return table.concat(list, " ")
    end
    for _, name in ipairs { "b", "c", "a", "b" } do
      world.now = world.now + 1000
      world:create("connections", { name = name, description = name == "c" and "has one" or nil,
        connectionSpec = harness.spec(harness.PROFILE_STORE) })
    end
    assert.equal("a b b c", order "name")
    assert.equal("a b b c", order "+name")
    assert.equal("a b b c", order "%2Bname")
    assert.equal("c b b a", order "-name")
    assert.equal("b c a b", order "createdAt")
    assert.equal("b a c b", order "-createdAt")
    assert.equal("c b a b", order "description,-createdAt")
    assert.equal("b a c b", order "connectionSpec.id")
    local _, body = world:call("GET", "/connections?orderby=name,createdAt")
    assert.is_true(body.items[2].createdAt < body.items[3].createdAt)
  end)
end)
