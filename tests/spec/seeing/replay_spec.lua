--- Cassettes: what was recorded comes back without a network, and what differs is said.
local core = require "sluice.core"
local platform = require "sluice.client"
local seeing = require "sluice.seeing"
local watched = require "spec.support.watched"

local running

local function settings()
  return { base_url = "https://nowhere.example", ims_url = "https://nowhere.example", org = "O", sandbox = "s",
    token = "nobody's", client_id = "c" }
end

--- Records what `work(client)` does in front of `answer`; gives the cassette's path.
local function record(answer, work, extra)
  local path = watched.file()
  running = watched.start({ record = path, started = { time = 1234 } }, answer)
  work(running:client(extra))
  assert.is_true(running.watch:finish())
  running.server.close()
  return path
end

--- A client that is answered from a cassette, and its watch, and what it told.
local function replay(path, match)
  local lines = {}
  local watch = seeing.open({ replay = path, replay_match = match },
    { line = function(text) lines[#lines + 1] = text end })
  local given = settings()
  watch:attach(given)
  return core.client.new(given), watch, lines
end

local function failure(client, request)
  local ok, err = pcall(client.request, client, request)
  assert.is_false(ok)
  return err
end

local function write(text)
  local path = watched.file()
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
  return path
end

local HEAD = '{"sluice_cassette":1,"sluice":"0"}\n'

describe("a cassette", function()
  after_each(function()
    if running then running.server.close() end
    running = nil
  end)
  teardown(watched.clean)

  it("gives back what was answered, once and in order", function()
    local count = 0
    local function work(client)
      local seen = {}
      for _ = 1, 2 do
        local value, head = client:request { path = "/a", query = { q = "x y" } }
        seen[#seen + 1] = { value.count, head.status, head.headers.etag }
      end
      client:request { method = "POST", path = "/b", body = { list = core.json.array {}, n = 1.5 } }
      return seen
    end
    local first
    local path = record(function()
      count = count + 1
      return 200 + count % 2, { etag = '"' .. count .. '"' }, { count = count }
    end, function(client) first = work(client) end)
    local client, watch, lines = replay(path)
    assert.same(first, work(client))
    assert.is_true(watch:finish())
    assert.same({}, lines)
    local err = failure(client, { path = "/a", query = { q = "x y" } })
    assert.same({ "io", "not_recorded" }, { err.kind, err.code })
    assert.is_truthy(err.message:find("GET /a?q=x%20y: recorded, but made once more than it was", 1, true), err.message)
  end)

  it("holds no secret, and needs none", function()
    local function work(client, password, name)
      return client:request { method = "POST", path = "/a", body = { auth = { params = { password = password,
        host = "h" } }, key = core.secret.new(name or "KEY", password) } }
    end
    local path = record(function()
      return 200, { ["set-cookie"] = "session-sentinel" }, { secretKey = "their-own-secret", echo = watched.SECRET }
    end, function(client) work(client, "first-sentinel") end)
    local text = watched.read(path)
    for _, secret in ipairs { "first-sentinel", "their-own-secret", watched.SECRET, "token-1", "session-sentinel" } do
      assert.is_nil(text:find(secret, 1, true), secret)
    end
    assert.is_truthy(tostring(work((replay(path)), "another one", "OTHER").secretKey):find "^‹secret ")
  end)

  it("is private, and a line each call, so that it can be read at any time", function()
    local path = record(function() return 200, {}, {} end, function(client)
      client:request { path = "/a" }
      client:request { path = "/b" }
    end)
    local pipe <close> = assert(io.popen("stat -c %a " .. path))
    assert.equal("600", pipe:read "l")
    local lines = {}
    for line in watched.read(path):gmatch "([^\n]*)\n" do lines[#lines + 1] = core.json.decode(line) end
    assert.same({ 1, 1234, core.version }, { lines[1].sluice_cassette, lines[1].time, lines[1].sluice })
    assert.same({ "/a", "/b" }, { lines[2].request.path, lines[3].request.path })
    local cut = write(watched.read(path):sub(1, -5)) -- broken off in the last line
    local client = replay(cut)
    client:request { path = "/a" }
    assert.equal("not_recorded", failure(client, { path = "/b" }).code)
  end)

  it("keeps the last attempt alone, and how many there were", function()
    local times = 2
    local path = record(function()
      times = times - 1
      return times >= 0 and 503 or 404, { ["Retry-After"] = "0" }, { title = "gone" }
    end, function(client) failure(client, { method = "DELETE", path = "/a" }) end, { attempts = 5 })
    local err = failure((replay(path)), { method = "DELETE", path = "/a" })
    assert.same({ 404, 3 }, { err.status, err.attempts })
  end)

  it("fails where the call had no answer, and is as unsure as it was", function()
    local path = record(function() return nil end, function(client)
      failure(client, { path = "/a" })
      failure(client, { method = "POST", path = "/b", body = {} })
    end)
    local client = replay(path)
    local reading = failure(client, { path = "/a" })
    assert.same({ "http", nil }, { reading.kind, reading.unsure })
    local writing = failure(client, { method = "POST", path = "/b", body = {} })
    assert.same({ "http", true }, { writing.kind, writing.unsure })
  end)

  it("carries through what recovery does", function()
    local deleted = false
    local path = watched.file()
    running = watched.start({ record = path }, function()
      if deleted then return 404, {}, { title = "no" } end
      deleted = true
      return nil -- done, and the answer is lost
    end)
    local given = { base_url = running.server.url, ims_url = running.server.url, org = "O", sandbox = "s",
      token = core.secret.new("t", "a-ready-made-one"), attempts = 3 }
    running.watch:attach(given)
    platform.new(given).flows:delete "5"
    running.watch:finish()

    local watch, again = seeing.open({ replay = path }, {}), settings()
    watch:attach(again)
    platform.new(again).flows:delete "5"
    assert.is_true(watch:finish())
  end)

  describe("compared strictly", function()
    local path
    before_each(function()
      path = record(function() return 200, {}, { ok = true } end, function(client)
        client:request { method = "POST", path = "/a", query = { q = "1" }, body = { name = "n", deep = { x = 1 } } }
        client:request { path = "/b" }
      end)
    end)

    local function said(request)
      return failure((replay(path)), request).message:match ": ([%u]+ /.*)$"
    end

    it("says what is different", function()
      assert.equal("GET /none: nothing like it was recorded", said { path = "/none" })
      assert.equal("POST /a?q=2: recorded with another query: /a?q=1",
        said { method = "POST", path = "/a", query = { q = "2" }, body = {} })
      assert.equal("POST /a?q=1: recorded with another body, different at /deep/x",
        said { method = "POST", path = "/a", query = { q = "1" }, body = { name = "n", deep = { x = 2 } } })
      assert.equal("POST /a?q=1: recorded with a body", said { method = "POST", path = "/a", query = { q = "1" } })
    end)

    it("is a failure when recorded calls were not made", function()
      local client, watch, lines = replay(path)
      client:request { path = "/b" }
      assert.is_false(watch:finish())
      assert.same({ ("sluice: --replay %s: 1 recorded call was not made; the first is POST /a?q=1"):format(path) },
        lines)
      local _, failed, quiet = replay(path)
      assert.is_true(failed:finish(true)) -- the run's own failure says enough
      assert.same({}, quiet)
    end)
  end)

  it("compared loosely, goes by method and path", function()
    local count = 0
    local path = record(function()
      count = count + 1
      return 200, {}, { count = count }
    end, function(client)
      for q = 1, 3 do client:request { method = "POST", path = "/a", query = { q = q }, body = { x = q } } end
    end)
    local client, watch, lines = replay(path, "loose")
    local function ask(q, x)
      return client:request { method = "POST", path = "/a", query = { q = q }, body = { x = x } }.count
    end
    assert.same({ 2, 3, 1 }, { ask(2, 2), ask(3, 9), ask(9, 9) })
    assert.equal(3, ask(9, 9)) -- all are used up: the last again
    assert.equal("not_recorded", failure(client, { path = "/a" }).code)
    assert.is_true(watch:finish())
    assert.same({}, lines)
  end)

  it("has to be one", function()
    local function refused(path, kind, text)
      local ok, err = pcall(seeing.open, { replay = path }, {})
      assert.is_false(ok)
      assert.equal(kind, err.kind)
      assert.is_truthy(err.message:find(text, 1, true), err.message)
    end
    refused("/nowhere/x", "io", "--replay /nowhere/x: No such file or directory")
    refused("/tmp", "io", "--replay /tmp: Is a directory")
    refused(write "", "io", "expected a file that `sluice run --record` has written")
    refused(write '{"log":{}}\n', "io", "expected a file that `sluice run --record` has written")
    refused(write "root:x\n", "io", "expected a file that `sluice run --record` has written")
    refused(write '{"sluice_cassette":2,"sluice":"9.9"}\n', "io", "a cassette of form 2, written by sluice 9.9")
    refused(write(HEAD .. "{]\n"), "json", "line 2")
    for _, entry in ipairs { "1", "{}", '{"request":{"method":"GET","path":"/"}}',
      '{"request":{"method":1,"path":"/"},"answer":{"status":200}}',
      '{"request":{"method":"GET","path":"/"},"answer":{"status":"x"}}' } do
      refused(write(HEAD .. entry .. "\n"), "io", "line 2: expected a request with its answer")
    end
  end)
end)
