local core = require "sluice.core"
local emulator = require "sluice.emulator"
local server = require "support.server"
local sluice_client = require "sluice.client"
local tasks = require "sluice.tasks"

local AUDIENCES = "/data/core/ups/audiences"
local SANDBOXES = "/data/foundation/sandbox-management"

local function connect(url)
  return sluice_client.new { base_url = url, ims_url = url, org = "ORG@AdobeOrg", sandbox = "prod",
    client_id = "client", client_secret = core.secret.new("client_secret", "s"), scopes = "openid" }
end

local function ids(items)
  local list = {}
  for i, item in ipairs(items) do list[i] = item.id or item.name end
  return table.concat(list, " ")
end

local function page(items, next)
  return { children = core.json.array(items), _links = { next = next and { href = next } or nil } }
end

describe("the lists of neighbouring APIs", function()
  local here, answer, aep
  before_each(function()
    here = server.platform(function(request) return answer(request) end)
    aep = connect(here.url)
  end)
  after_each(function() here.close() end)

  local function queries()
    local list = {}
    for i, request in ipairs(here.requests) do list[i] = request.query or "" end
    table.remove(list, 1) -- the token's
    return list
  end

  it("ask for audiences by what the service understands, and compare the rest", function()
    answer = function()
      return 200, {}, page { { id = "1", name = "Loyal, men" }, { id = "2", name = "Not so Loyal, men" } }
    end
    assert.equal("1", ids(aep.audiences:list { where = { name = "Loyal, men" } }))
    assert.equal("1 2", ids(aep.audiences:list { name = "loyal", limit = 5, sort = "name:asc", property = { "a==1" } }))
    assert.same({ "name=Loyal%2C%20men", "limit=5&name=loyal&property=a%3D%3D1&sort=name%3Aasc" }, queries())
    assert.equal(AUDIENCES, here.requests[2].path)
    assert.equal("application/json", here.requests[2].headers.accept)
  end)

  it("come page by page, each asked for when its turn comes", function()
    local pages = { ["limit=2"] = page({ { id = "1", name = "a" }, { id = "2", name = "b" } }, "@/audiences?start=1"),
      ["limit=2&start=1"] = page({ { id = "2", name = "b" } }, "@/audiences?start=2"),
      ["limit=2&start=2"] = page { { id = "3", name = "b" } } }
    answer = function(request) return 200, {}, pages[request.query] end
    local next_page = aep.audiences:pages { limit = 2 }
    assert.same({}, here.requests)
    assert.equal("1 2", ids(next_page()))
    assert.equal(1, #queries())
    assert.equal("", ids(next_page())) -- the page before had it
    assert.equal("3", ids(next_page()))
    assert.is_nil(next_page())
    assert.equal(3, #queries())
    next_page = aep.audiences:pages { limit = 2, where = { name = "b" } }
    pages["limit=2&name=b"], pages["limit=2&name=b&start=1"] = pages["limit=2"], pages["limit=2&start=2"]
    assert.equal("2", ids(next_page()))
    assert.equal("3", ids(next_page()))
    assert.is_nil(next_page())
  end)

  it("of the Flow Service come page by page, too", function()
    answer = function(request)
      local second = (request.query or ""):find("continuationToken", 1, true)
      return 200, {}, { items = core.json.array { { id = second and "2" or "1", name = second and "b" or "a" } },
        _links = { next = not second and { href = "/flows?continuationToken=x" } or nil } }
    end
    local next_page = aep.flows:pages { limit = 1 }
    assert.same({}, here.requests)
    assert.equal("1", ids(next_page()))
    assert.equal(1, #queries())
    assert.equal("2", ids(next_page()))
    assert.is_nil(next_page())
    next_page = aep.flows:pages { where = { name = "b" } }
    assert.same({}, next_page())
    assert.equal("2", ids(next_page()))
    assert.is_nil(next_page())
    assert.equal("1 2", ids(aep.flows:list()))
  end)

  it("go on where the service says, with the filters its links leave out, and give each entity once", function()
    local pages = {
      ["limit=2&name=x"] = page({ { id = "1" }, { id = "2" } }, "@/audiences?start=1&limit=2&totalCount=3"),
      ["limit=2&name=x&start=1"] = page({ { id = "2" }, { id = "3" } }, "@/audiences?start=%33&limit=2"),
      ["limit=2&name=x&start=3"] = page {},
    }
    answer = function(request) return 200, {}, pages[request.query] end
    assert.equal("1 2 3", ids(aep.audiences:list { name = "x", limit = 2 }))
  end)

  it("refuse a link in a circle, and an answer of another shape", function()
    answer = function() return 200, {}, page({ { id = "1" } }, "@/audiences?start=0") end
    local _, err = tasks.try(aep.audiences.list, aep.audiences)
    assert.is_true(core.error.is(err, "limit"), tostring(err))
    assert.equal(2, #queries())
    for _, body in ipairs { {}, { items = core.json.array {} }, { children = { a = 1 } }, core.json.array { 1 } } do
      answer = function() return 200, {}, body end
      _, err = tasks.try(aep.audiences.list, aep.audiences)
      assert.is_true(core.error.is(err, "http"), tostring(err))
      assert.matches("holds no list of children", tostring(err))
    end
  end)

  it("find one by exact values, and name the candidates when there are several", function()
    answer = function()
      return 200, {}, page { { id = "1", name = "A" }, { id = "2", name = "A" }, { id = "3", name = "B" } }
    end
    assert.equal("3", aep.audiences:find({ name = "B" }).id)
    assert.is_nil(aep.audiences:find { name = "C" })
    local _, err = tasks.try(aep.audiences.find, aep.audiences, { name = "A" })
    assert.equal("ambiguous", err.code)
    assert.equal(2, #err.candidates)
    assert.matches("2 match, expected one: 1 %(A%), 2 %(A%)", tostring(err))
  end)

  it("refuse query fields and methods that do not exist", function()
    local _, err = tasks.try(aep.audiences.list, aep.audiences, { were = {} })
    assert.matches("no field 'were', did you mean 'where'", tostring(err))
    local ok, message = pcall(function() return aep.sandboxes.create end)
    assert.is_false(ok)
    assert.matches("listing_spec.lua:%d+: aep.sandboxes has no method 'create'; it has each, find", message)
  end)

  it("read one, whatever its key", function()
    answer = function() return 200, {}, { id = "a/b?c" } end
    assert.equal("a/b?c", aep.audiences:get("a/b?c").id)
    assert.equal(AUDIENCES .. "/a%2Fb%3Fc", here.requests[2].path)
    answer = function() return 404, {}, { title = "No audience" } end
    local _, err = tasks.try(aep.audiences.get, aep.audiences, "x")
    assert.equal(404, err.status)
  end)

  it("read sandboxes", function()
    answer = function(request)
      if request.path == SANDBOXES .. "/sandboxes/dev" then return 200, {}, { name = "dev" } end
      assert.equal(SANDBOXES .. "/", request.path)
      return 200, {}, { sandboxes = core.json.array { { name = "prod" }, { name = "dev" } } }
    end
    assert.equal("prod dev", ids(aep.sandboxes:list()))
    assert.equal("dev", aep.sandboxes:find({ name = "dev" }).name)
    assert.equal("dev", aep.sandboxes:get("dev").name)
  end)

  it("are those of the emulator as well", function()
    local emulated = emulator.start {}
    finally(emulated.stop)
    local client = connect(emulated.url)
    local all = client.audiences:list { limit = 2 }
    assert.is_true(#all > 2)
    assert.equal(all[3].name, client.audiences:get(all[3].id).name)
    assert.equal(all[3].id, client.audiences:find({ name = all[3].name }).id)
    assert.equal("prod", client.sandboxes:get("prod").name)
    assert.equal("prod", client.sandboxes:find({ name = "prod" }).name)
  end)
end)
