local clients = require "sluice.client"
local core = require "sluice.core"
local effect = require "sluice.recovery.effect"
local recovery = require "sluice.recovery"
local server = require "support.server"
local tasks = require "sluice.tasks"

local SPEC = { id = "8a9c3494-9708-43d7-ae3f-cda01e5030e1", version = "1.0" }
local BODY = { name = "a base", connectionSpec = SPEC }

local running, store, lose, calls

--- A store of connections; `lose[n]` says what happens to the n-th write: "after" loses the answer of what was done,
--- "before" that of what was not.
local function service(request)
  local id = request.path:match "/connections/([^/]+)$"
  if request.method == "GET" and not id then
    calls.list = calls.list + 1
    local items = core.json.array {}
    for _, item in ipairs(store) do
      if not item.visible_from or calls.list >= item.visible_from then items[#items + 1] = item end
    end
    return 200, {}, { items = items, _links = {} }
  elseif request.method == "GET" then
    for _, item in ipairs(store) do
      if item.id == id then return 200, {}, { items = core.json.array { item } } end
    end
    return 404, {}, { errorMessage = "connections not found with id = [" .. id .. "]" }
  end
  calls.write = calls.write + 1
  local fate = lose[calls.write]
  if fate == "before" then return nil end
  if type(fate) == "number" then return fate, {}, "" end
  if fate == "page" then return 200, {}, "<html>" end
  local status, body = 404, { errorMessage = "not found" }
  if request.method == "POST" then
    local item = core.json.decode(request.body)
    item.id, item.etag, item.createdAt = "id-" .. calls.write, '"1"', os.time() * 1000
    item.visible_from = lose.lag and calls.list + lose.lag
    store[#store + 1] = item
    status, body = 201, { id = item.id, etag = item.etag }
  end
  for i, item in ipairs(store) do
    if item.id == id and request.method == "DELETE" then
      table.remove(store, i)
      status, body = 200, nil
    elseif item.id == id and request.headers["if-match"] ~= item.etag then
      status, body = 412, { errorMessage = "Supplied version does not match" }
    elseif item.id == id then
      store[i] = core.patch.new(core.json.decode(request.body)):apply(item)
      store[i].etag = ('"%d"'):format(tonumber(item.etag:match "%d+") + 1)
      status, body = 200, { id = id, etag = store[i].etag }
    end
  end
  if fate == "after" then return nil end
  if fate == "garbage" then return 200, { ["Content-Type"] = "text/html" }, "<html>" end
  return status, {}, body
end

local function connections(settings)
  store, lose, calls = {}, {}, { list = 0, write = 0 }
  running = server.platform(service)
  local all = { base_url = running.url, ims_url = running.url, org = "ORG@AdobeOrg", sandbox = "dev", client_id = "c",
    client_secret = "s", attempts = 3, settle = 0.05 }
  for name, value in pairs(settings or {}) do all[name] = value end
  return clients.new(all).connections
end

local function failure(fn, ...)
  local value, err = tasks.try(fn, ...)
  assert.is_nil(value)
  assert.is_true(core.error.is(err), tostring(err))
  return err
end

describe("a create", function()
  after_each(function() running.close() end)

  for _, fate in ipairs { "after", "garbage" } do
    it("whose answer was lost (" .. fate .. ") is found and adopted", function()
      local base = connections()
      lose[1] = fate
      assert.same({ id = "id-1", etag = '"1"', adopted = true }, base:create(BODY))
      assert.equal(1, #store)
    end)
  end

  it("is found in a list that lags", function()
    local base = connections()
    lose[1], lose.lag = "after", 3
    assert.equal("id-1", base:create(BODY).id)
    assert.equal(1, #store)
  end)

  for _, fate in ipairs { "before", 503, 500 } do
    it("that was not done (" .. fate .. ") is repeated after looking for it", function()
      local base = connections()
      lose[1] = fate
      assert.same({ id = "id-2", etag = '"1"' }, base:create(BODY))
      assert.equal(1, #store)
      assert.equal(3, calls.list)
    end)
  end

  it("is given up after three tries, and known not to be there", function()
    local base = connections()
    lose = { 503, 503, 503 }
    local err = failure(base.create, base, BODY)
    assert.equal(503, err.status)
    assert.is_nil(err.unsure)
    assert.matches('"a base" was looked for by its name and is not there', err.message, 1, true)
  end)

  it("is not taken for one that was there before, nor for one of another spec", function()
    local base = connections()
    store[1] = { id = "old", name = "a base", connectionSpec = SPEC, createdAt = (os.time() - 60) * 1000, etag = '"1"' }
    store[2] = { id = "other", name = "a base", connectionSpec = { id = "x" }, createdAt = os.time() * 1000 }
    lose[1] = "before"
    assert.equal("id-2", base:create(BODY).id)
  end)

  it("is not taken for another one of this program", function()
    local base = connections()
    lose[2] = "after"
    assert.equal("id-1", base:create(BODY).id)
    assert.equal("id-2", base:create(BODY).id)
    assert.equal(2, #store)
  end)

  it("is not taken for one that was seen before", function()
    local base = connections()
    store[1] = { id = "old", name = "a base", connectionSpec = SPEC, createdAt = os.time() * 1000, etag = '"1"' }
    assert.equal(1, #base:list { where = { name = "a base" } })
    lose[1] = "before"
    assert.equal("id-2", base:create(BODY).id)
  end)

  it("is not taken for one of other contents, nor repeated beside it", function()
    local base = connections()
    store[1] = { id = "theirs", name = "a base", connectionSpec = SPEC, createdAt = os.time() * 1000, etag = '"1"',
      params = { path = "/theirs" } }
    lose[1] = "before"
    local err = failure(base.create, base, { name = "a base", connectionSpec = SPEC, params = { path = "/mine" } })
    assert.equal("ambiguous", err.code)
    assert.matches("one with other params is there: theirs", err.message, 1, true)
    assert.equal(1, calls.write)
  end)

  it("is known by its contents, whatever the service adds, and secrets aside", function()
    local base = connections()
    lose[1] = "after"
    local params = { path = "/mine", key = core.secret.new("key", "hush hush") }
    assert.equal("id-1", base:create({ name = "a base", connectionSpec = SPEC, params = params }).id)
  end)

  it("stops when several may be it, and names them", function()
    local base = connections()
    store[1] = { id = "theirs", name = "a base", connectionSpec = SPEC, createdAt = os.time() * 1000, etag = '"1"' }
    lose[1] = "after"
    local err = failure(base.create, base, BODY)
    assert.equal("ambiguous", err.code)
    assert.matches("id-1, theirs", err.message, 1, true)
    assert.equal(1, calls.write)
  end)

  it("leaves the doubt when it cannot be looked for", function()
    local base = connections { attempts = 1 }
    lose[1] = "after"
    local page = base.page
    rawset(base, "page", function() core.error.raise("http", "the network is gone") end)
    local err = failure(base.create, base, BODY)
    assert.is_true(err.unsure)
    assert.matches("whether \"a base\" was created is not known", err.message, 1, true)
    rawset(base, "page", page)
  end)

  it("that is refused is refused at once", function()
    local base = connections()
    lose[1] = 400
    assert.equal(400, failure(base.create, base, BODY).status)
    assert.equal(0, calls.list)
  end)
end)

describe("a change", function()
  after_each(function() running.close() end)

  local function with_one(settings)
    local base = connections(settings)
    base:create(BODY)
    return base
  end

  it("whose answer was lost is read back, not refused", function()
    local base = with_one()
    lose[2] = "after"
    assert.same({ id = "id-1", etag = '"2"' }, base:update("id-1", core.patch.new():replace("/name", "new")))
    assert.equal("new", store[1].name)
  end)

  it("whose answer was lost is seen also without a second attempt", function()
    local base = with_one { attempts = 1 }
    lose[2] = "after"
    assert.equal('"2"', base:update("id-1", core.patch.new():replace("/name", "new")).etag)
  end)

  it("by identity is resolved anew when somebody else was quicker", function()
    local base = with_one()
    store[1].list = core.json.array { { id = "a" }, { id = "b" }, { id = "c" } }
    local get, meddled = base.get, false
    rawset(base, "get", function(self, id)
      local item = get(self, id)
      if not meddled then
        meddled = true
        table.remove(store[1].list, 1)
        store[1].etag = '"7"'
      end
      return item
    end)
    base:update("id-1", core.patch.new():remove_by("/list", { ["/id"] = "b" }))
    assert.same({ { id = "c" } }, store[1].list)
  end)

  it("by place is not sent over somebody else's", function()
    local base = with_one()
    local get, meddled = base.get, false
    rawset(base, "get", function(self, id)
      local item = get(self, id)
      if not meddled then
        meddled = true
        store[1].name, store[1].etag = "theirs", '"7"'
      end
      return item
    end)
    local err = failure(base.update, base, "id-1", core.patch.new():replace("/name", "mine"))
    assert.equal(412, err.status)
    assert.matches("somebody else changed it meanwhile", err.message, 1, true)
    assert.equal("theirs", store[1].name)
  end)

  it("leaves the doubt when it cannot be read back", function()
    local base = with_one { attempts = 1 }
    lose[2] = "after"
    local get, reads = base.get, 0
    rawset(base, "get", function(self, id)
      reads = reads + 1
      if reads > 1 then core.error.raise("http", "the network is gone") end
      return get(self, id)
    end)
    local err = failure(base.update, base, "id-1", core.patch.new():replace("/name", "new"))
    rawset(base, "get", nil)
    assert.matches("whether id%-1 was changed is not known, for it could not be read: the network is gone", err.message)
  end)

  it("that was not done is sent again", function()
    local base = with_one { attempts = 1 }
    lose[2] = "before"
    base:update("id-1", core.patch.new():replace("/name", "new"))
    assert.equal("new", store[1].name)
  end)
end)

describe("a change that was given its etag", function()
  after_each(function() running.close() end)

  it("is left to the caller when its answer is lost, also when a repeat was refused", function()
    local base = connections()
    base:create(BODY)
    lose[2] = "after"
    local err = failure(base.update, base, "id-1", core.patch.new():replace("/name", "new"), { etag = '"1"' })
    assert.same({ 412, true, "new" }, { err.status, err.unsure, store[1].name })
  end)
end)

describe("what has no name", function()
  after_each(function() running.close() end)

  --- The answers to the creations of a schema, in order.
  local function make(...)
    local answers, asked = { ... }, 0
    running = server.platform(function(request)
      asked = asked + 1
      assert.equal("POST", request.method)
      local fate = answers[math.min(asked, #answers)]
      if fate == "lost" then return nil end
      if type(fate) == "number" then return fate, {}, {} end
      return 200, {}, fate
    end)
    local aep = clients.new { base_url = running.url, ims_url = running.url, org = "ORG@AdobeOrg", sandbox = "dev",
      client_id = "c", client_secret = "s", attempts = 3 }
    local made, err = tasks.try(recovery.make, aep, { path = "/schemas", body = { name = "s" } }, "input schema")
    return made and made.id, asked, err
  end

  for title, fate in pairs { ["a lost answer"] = "lost", ["a service that is down"] = 503, ["a page"] = "<html>",
    ["no ID"] = { version = 0 }, ["nothing"] = "" } do
    it("is made again after " .. title, function()
      assert.same({ "made", 2 }, { make(fate, { id = "made" }) })
    end)
  end

  it("is made no more after a refusal", function()
    local id, asked, err = make(400)
    assert.same({ 1, 400 }, { asked, err.status }, id)
  end)

  it("is given up after three answers that make no sense", function()
    local _, asked, err = make { version = 0 }
    assert.same({ 3, true }, { asked, err.unsure })
    assert.matches("the answer to the creation of the input schema holds no ID", err.message, 1, true)
  end)
end)

describe("a deletion", function()
  after_each(function() running.close() end)

  it("whose answer was lost is done", function()
    local base = connections()
    base:create(BODY)
    lose[2] = "after"
    base:delete "id-1"
    assert.equal(0, #store)
  end)

  it("of what never was is an error", function()
    local base = connections()
    assert.equal(404, failure(base.delete, base, "nothing").status)
  end)

  it("that was not answered at all is looked after", function()
    local base = connections { attempts = 1 }
    base:create(BODY)
    lose[2] = "after"
    base:delete "id-1"
    base:create(BODY)
    lose[4] = "before"
    local err = failure(base.delete, base, "id-3")
    assert.is_true(err.unsure)
    assert.matches("id-3 is still there, though the service may yet delete it", err.message, 1, true)
  end)

  it("is asked for again when the answer makes no sense", function()
    local base = connections { attempts = 1 }
    base:create(BODY)
    lose[2] = "page"
    base:delete "id-1"
    assert.same({ 0, 3 }, { #store, calls.write })
    base:create(BODY)
    lose[5], lose[6] = "page", "page"
    assert.matches("id%-4 is still there$", failure(base.delete, base, "id-4").message)
  end)

  it("does not believe a gateway that finds nothing after a lost answer", function()
    local base = connections { attempts = 2 }
    base:create(BODY)
    lose[2], lose[3] = "before", 404
    local err = failure(base.delete, base, "id-1")
    assert.equal(404, err.status)
    assert.matches("id-1 is still there", err.message, 1, true)
  end)

  it("leaves the doubt when nobody can be asked", function()
    local base = connections { attempts = 1 }
    base:create(BODY)
    lose[2] = "after"
    rawset(base, "get", function() core.error.raise("http", "the network is gone") end)
    local err = failure(base.delete, base, "id-1")
    rawset(base, "get", nil)
    assert.matches("whether id%-1 was deleted is not known, for it could not be read: the network is gone", err.message)
  end)
end)

describe("the effect of a patch", function()
  local before = { list = core.json.array { { id = 1 }, { id = 2 } }, a = { b = 1 } }

  local function there(patch, current) return effect.is_there(before, patch, current) end

  it("is seen through what the service adds", function()
    local patch = core.patch.new():add("/list/-", { id = 3 }):replace("/a", { b = 2 })
    local list = core.json.array { { id = 1 }, { id = 2 }, { id = 3, at = 9 } }
    assert.is_true(there(patch, { list = list, a = { b = 2, c = 3 } }))
    assert.is_false(there(patch, { list = core.json.array { { id = 1 }, { id = 2 } }, a = { b = 2 } }))
    assert.is_false(there(patch, { list = core.json.array { { id = 3 } }, a = { b = 1 } }))
  end)

  it("of removals counts the elements, not the places", function()
    local patch = core.patch.new():remove("/list/0"):remove("/a/b")
    assert.is_true(there(patch, { list = core.json.array { { id = 2 } }, a = {} }))
    assert.is_false(there(patch, { list = core.json.array { { id = 1 } }, a = {} }))
    assert.is_false(there(patch, { list = core.json.array {}, a = { b = 1 } }))
  end)

  it("of other operations is not known", function()
    assert.is_false(there(core.patch.new():copy("/a", "/c"), before))
  end)
end)
