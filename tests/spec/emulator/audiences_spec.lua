local harness = require "spec.emulator.harness"

describe("audiences", function()
  local world = harness.new()
  local function get(path) return world:send("GET", "/data/core/ups/audiences" .. path, world.headers) end
  local function names(body)
    local list = {}
    for i, child in ipairs(body.children) do list[i] = child.name end
    return list
  end

  it("are listed under children, with pages, the same ones always first", function()
    local status, body, _ = get "?limit=2"
    assert.equal(200, status)
    assert.same({ "Loyal customers", "New subscribers" }, names(body))
    assert.equal(136, body._page.totalCount)
    assert.equal(68, body._page.totalPages)
    assert.equal("@/audiences?start=2&limit=2&totalCount=136", body._links.next.href)
    _, body = get "?start=2&limit=3&entityType=_xdm.context.profile"
    assert.same({ "Abandoned carts", "High value", "Trade fair contacts" }, names(body))
    _, body = get "?start=135&limit=2"
    assert.equal(1, #body.children)
    assert.same({}, body._links)
    assert.equal(20, #select(2, get "").children)
    assert.equal(400, (get "?limit=x"))
  end)

  it("come once each on the pages, whichever way start counts", function()
    for _, kind in ipairs { "offset", "page" } do
      world.emulator.options.audience_start = kind
      local seen, count, link = {}, 0, "?limit=50"
      repeat
        local _, body = get(link)
        for _, child in ipairs(body.children) do
          assert.is_nil(seen[child.id])
          seen[child.id], count = true, count + 1
        end
        link = body._links.next and body._links.next.href:match("%?.*")
      until not link
      assert.equal(136, count)
    end
    assert.equal("@/audiences?start=1&limit=2&totalCount=136", select(2, get "?limit=2")._links.next.href)
    world.emulator.options.audience_start = "offset"
  end)

  it("can be found by part of a name, property and id", function()
    local _, body = get "?name=LOYAL"
    assert.same({ "Loyal customers", "Loyal customers, north", "Look-alikes of loyal customers" },
      names(body))
    local loyal = body.children[1]
    assert.same(loyal, select(2, get("/" .. loyal.id)))
    assert.same({ "SegmentDefinition", "AEPSegments", loyal.id },
      { loyal.type, loyal.namespace, loyal.audienceId })
    assert.is_true(loyal.sandbox.default)
    assert.equal(2, #select(2, get "?property=name==Spring%20campaign").children)
    assert.equal(14, #select(2, get "?property=originName==CUSTOM_UPLOAD").children)
    assert.same({ "Best of both" }, names(select(2, get "?description=OF%20two%20audiences")))
    assert.same({ "Black Friday 2022" }, names(select(2, get "?property=lifecycleState==archived")))
  end)

  it("know those from elsewhere by their external id too", function()
    local _, uploaded = get "?property=name==Trade%20fair%20contacts"
    uploaded = uploaded.children[1]
    assert.same({ "ExternalAudience", "CustomerAudienceUpload" }, { uploaded.type, uploaded.namespace })
    assert.same(uploaded, select(2, get("/" .. uploaded.audienceId)))
    assert.not_equal(uploaded.id, uploaded.audienceId)
    local _, manager = get "/extaud9001"
    assert.same({ "aamSegments", "AUDIENCE_MANAGER", "Frequent readers" },
      { manager.namespace, manager.originName, manager.name })
    assert.same({ "Best of both" }, names(select(2, get "?property=originName==AUDIENCE_ORCHESTRATION")))
  end)

  it("can be sorted", function()
    local _, body = get "?sort=name:desc&limit=1"
    assert.same({ "Window shoppers in Jena" }, names(body))
    _, body = get "?sort=name:asc&name=spring%20campaign"
    assert.equal("Responded in spring", body.children[1].description)
  end)

  it("answer 404 in their own form", function()
    local status, body = get("/" .. harness.UNKNOWN_ID)
    assert.equal(404, status)
    assert.equal(404, body.errors["404"][1].code)
  end)
end)

describe("segment definitions", function()
  local world = harness.new()
  local function get(path)
    return world:send("GET", "/data/core/ups/segment/definitions" .. path, world.headers)
  end

  it("are all in one list when nothing is asked for, without those from elsewhere", function()
    local _, body = get ""
    assert.equal(119, #body.segments)
    assert.equal(119, body.page.totalCount)
    assert.same({}, body.link)
    for _, segment in ipairs(body.segments) do assert.not_equal("Trade fair contacts", segment.name) end
  end)

  it("have pages and one order", function()
    local _, body = get "?limit=2&start=1&sort=name:asc"
    assert.equal("Bargain hunters in Amsterdam", body.segments[1].name)
    assert.equal("Bargain hunters in Berlin", body.segments[2].name)
    local _, second = get "?limit=1&page=1&sort=name:asc"
    assert.same(body.segments[1], second.segments[1])
  end)

  it("are the audiences of their id", function()
    local _, body = get "?evaluationInfo.continuous.enabled=true"
    assert.equal(2, #body.segments)
    local found = select(2, get("/" .. body.segments[1].id))
    assert.same(body.segments[1], found)
    assert.equal("New subscribers", found.name)
    local _, audience = world:send("GET", "/data/core/ups/audiences/" .. found.id, world.headers)
    assert.equal(audience.mergePolicyId, found.mergePolicyId)
    assert.equal(404, (get("/" .. harness.UNKNOWN_ID)))
    assert.equal(404, (get "/extaud9001"))
  end)
end)
