--- What each way of seeing shows of calls: lines, bodies, archives, sums. Never a secret.
local core = require "sluice.core"
local har = require "support.har"
local seeing = require "sluice.seeing"
local trace = require "sluice.seeing.trace"
local watched = require "spec.support.watched"

local running

local function start(options, answer)
  running = watched.start(options, answer or function() return 200, { ["x-request-id"] = "r-1" }, { ok = true } end)
  return running
end

local function failing(times, status, headers)
  return function()
    times = times - 1
    if times >= 0 then return status, headers or {}, { title = "no" } end
    return 200, {}, { ok = true }
  end
end

local function find(list, text)
  for _, line in ipairs(list) do
    if line:find(text, 1, true) then return line end
  end
end

describe("seeing", function()
  after_each(function()
    if running then running.server.close() end
    running = nil
  end)
  teardown(watched.clean)

  describe("a trace", function()
    it("has one line a call, with all there is to know", function()
      local here = start { trace = "line" }
      here:client():request { method = "POST", path = "/a/b", query = { q = "x y" }, body = { name = "n" } }
      assert.equal(2, #here.lines)
      assert.is_truthy(here.lines[1]:find
        "^200 POST +%d+%.%d ms +%d+ B out +%d+ B in  try 1  /ims/token/v3  %(token%)$")
      assert.is_truthy(here.lines[2]:find
        "^200 POST +%d+%.%d ms +%d+ B out +%d+ B in  try 1  /a/b%?q=x%%20y  request r%-1$", here.lines[2])
    end)

    it("tells of repeats, and why", function()
      local here = start({ trace = "line" }, failing(1, 503, { ["Retry-After"] = "0" }))
      here:client { attempts = 3, token = "t" }:request { path = "/x" }
      assert.is_truthy(here.lines[1]:find "^503 GET .* try 1  /x  again in %d+%.%d s")
      assert.is_truthy(here.lines[2]:find "^200 GET .* try 2  /x$", here.lines[2])
    end)

    it("tells of calls without an answer", function()
      local here = start({ trace = "line" }, function() return nil end)
      pcall(function() here:client { token = "t" }:request { path = "/x" } end)
      assert.is_truthy(here.lines[1]:find "^  %- GET .* try 1  /x  %a", here.lines[1])
    end)

    it("is in colour where that is wanted", function()
      local here = start({ trace = "line", colour = true }, failing(1, 404))
      local client = here:client { token = "t" }
      pcall(client.request, client, { path = "/x" })
      client:request { path = "/x" }
      assert.is_truthy(here.lines[1]:find "^33:404 GET")
      assert.is_truthy(here.lines[2]:find "^32:200 GET")
    end)

    it("shows bodies when it is full, without secrets", function()
      local here = start({ trace = "full" }, function()
        return 200, {}, { auth = { params = { host = "h", password = "their-own-password" } }, echo = watched.SECRET }
      end)
      here:client():request { method = "POST", path = "/x", body = { password = "plain-password", name = "n",
        key = core.secret.new("KEY", "key-sentinel") } }
      local text = here:text()
      for _, line in ipairs { "> grant_type=client_credentials&client_id=client&client_secret=‹secret client_secret›"
        .. "&scope=openid,AdobeID", "< ‹not shown: a token›", '>   "name": "n",', '>   "key": "‹secret KEY›",',
        '>   "password": "‹secret password›"', '<       "host": "h",', '<       "password": "‹secret password›"',
        '<   "echo": "‹secret AEP_CLIENT_SECRET›"' } do
        assert.is_truthy(find(here.lines, line), line .. "\nin\n" .. text)
      end
      for _, secret in ipairs { watched.SECRET, "plain-password", "key-sentinel", "their-own-password", "token-1" } do
        assert.is_nil(text:find(secret, 1, true), secret)
      end
    end)

    it("shows answers that are no JSON, but none that is broken JSON", function()
      local bodies = { "<h1>Bad\r\ngateway</h1>\xff", '{"password": "their-own-password', "" }
      local here = start({ trace = "full" }, function() return 500, {}, table.remove(bodies, 1) end)
      local client = here:client { token = "t" }
      for _ = 1, 3 do pcall(client.request, client, { path = "/x" }) end
      assert.same({ "< <h1>Bad", "< gateway</h1>\u{FFFD}" }, { here.lines[2], here.lines[3] })
      assert.is_truthy(here.lines[5]:find "^< ‹32 bytes of broken JSON, not shown")
      assert.equal(6, #here.lines)
    end)

    it("writes numbers of bytes for people", function()
      assert.same({ "0 B", "999 B", "1.0 kB", "999.9 kB", "1.0 MB", "32.0 MB" },
        { trace.bytes(0), trace.bytes(999), trace.bytes(1000), trace.bytes(999949), trace.bytes(999950),
          trace.bytes(32000000) })
    end)
  end)

  describe("an archive", function()
    it("is valid HAR 1.2 after each call, and holds all of them", function()
      local path = watched.file()
      local here = start({ har = path }, failing(1, 503, { ["Retry-After"] = "0" }))
      assert.same({}, har.problems(watched.read(path)))
      here:client { attempts = 2 }:request { method = "PUT", path = "/a", query = { q = { "1==ü", "2" } },
        body = { password = "plain-password", a = core.json.array {} }, headers = { ["If-Match"] = '"e"' } }
      local problems, document = har.problems(watched.read(path))
      assert.same({}, problems)
      local entries = document.log.entries
      assert.equal(3, #entries)
      assert.is_true(here.watch:finish())
      assert.same(document, select(2, har.problems(watched.read(path))))

      local first, last = entries[1], entries[3]
      assert.same({ "POST", 200, "‹not shown: a token›" },
        { first.request.method, first.response.status, first.response.content.text })
      assert.same({ name = "client_secret", value = "‹secret client_secret›" }, first.request.postData.params[3])
      assert.equal("repeated after 0.000 s", entries[2].comment:gsub("%d%.%d+", "0.000"))
      assert.same({ "PUT", 200, "OK", "HTTP/1.1", "attempt 2" }, { last.request.method, last.response.status,
        last.response.statusText, last.response.httpVersion, last.comment })
      assert.same({ { name = "q", value = "1==ü" }, { name = "q", value = "2" } }, last.request.queryString)
      assert.equal('{"a":[],"password":"‹secret password›"}', last.request.postData.text)
      assert.equal("application/json", last.request.postData.mimeType)
      assert.equal('{"ok":true}', last.response.content.text)
    end)

    it("names the headers that were sent", function()
      local path = watched.file()
      local here = start { har = path }
      here:client():request { method = "POST", path = "/a", body = {}, headers = { Accept = "x/y", ["X-Own"] =
        core.secret.new("own", "own-sentinel") } }
      local sent = here.server.requests[2].headers
      here:client { token = "t" }:request { path = "/a" }
      local _, document = har.problems(watched.read(path))
      local shown = {}
      for _, header in ipairs(document.log.entries[3].request.headers) do
        assert.not_equal("Content-Type", header.name)
      end
      here:client { token = "t" }:request { method = "POST", path = "/a", body = {}, headers = {
        ["X-Sandbox-Name"] = "other", ["content-type"] = "text/x", authorization = "own" } }
      local own = {}
      for i, header in ipairs(select(2, har.problems(watched.read(path))).log.entries[4].request.headers) do
        own[i] = header.name .. ": " .. header.value
      end
      assert.same({ "x-api-key: client", "x-gw-ims-org-id: ORG@AdobeOrg", "X-Sandbox-Name: other",
        "authorization: ‹secret authorization›", "content-type: text/x" }, own)
      for _, header in ipairs(document.log.entries[2].request.headers) do shown[header.name:lower()] = header.value end
      assert.same({ authorization = "Bearer ‹secret access token›", ["x-own"] = "‹secret own›", accept = sent.accept,
        ["content-type"] = sent["content-type"], ["x-api-key"] = sent["x-api-key"],
        ["x-gw-ims-org-id"] = sent["x-gw-ims-org-id"], ["x-sandbox-name"] = sent["x-sandbox-name"] }, shown)
      for name in pairs(sent) do -- besides what every HTTP client adds
        local added = name:find "^accept%-encoding$" or name:find "^host$" or name:find "^user%-agent$"
          or name:find "^content%-length$"
        assert.is_truthy(shown[name] or added, name)
      end
    end)

    it("shows of accounts what spec documents call harmless", function()
      local path = watched.file()
      local here = start({ har = path }, function(request)
        if request.method == "POST" then return 200, {}, {} end
        local properties = { tenantName = { type = "string" } }
        return 200, {}, { items = { { authSpec = { { spec = { properties = properties } } } } } }
      end)
      local client = here:client { token = "t" }
      client:request { path = "/connectionSpecs/1" }
      local auth = { params = { tenantName = "t", k = "v" } }
      client:request { method = "POST", path = "/connections", body = { auth = auth } }
      local _, document = har.problems(watched.read(path))
      assert.equal('{"auth":{"params":{"k":"‹secret k›","tenantName":"t"}}}',
        document.log.entries[2].request.postData.text)
    end)

    it("is JSON whatever bytes a query holds", function()
      local path = watched.file()
      local here = start { har = path }
      here:client { token = "t" }:request { path = "/a?x=%FF&y=a+b", headers = { ["X-Own"] = "\xE9" } }
      here:client { token = "t" }:request { path = "/a\xE9" }
      local problems, document = har.problems(watched.read(path))
      assert.same({}, problems)
      assert.same({ { name = "x", value = "%FF" }, { name = "y", value = "a b" } },
        document.log.entries[1].request.queryString)
      assert.is_truthy(document.log.entries[2].request.url:find "/a%%E9$")
    end)

    it("holds calls that had no answer", function()
      local path = watched.file()
      local here = start({ har = path }, function() return nil end)
      local client = here:client { token = "t" }
      pcall(client.request, client, { path = "/x" })
      local problems, document = har.problems(watched.read(path))
      assert.same({}, problems)
      assert.equal(0, document.log.entries[1].response.status)
      assert.is_string(document.log.entries[1].response._error)
    end)

    it("may go to a pipe", function()
      local folder = watched.file()
      os.remove(folder)
      assert(os.execute("mkfifo " .. folder))
      local reader = assert(io.popen("cat " .. folder))
      local here = start { har = folder }
      here:client():request { path = "/x" }
      assert.is_true(here.watch:finish())
      local problems, document = har.problems(reader:read "a")
      reader:close()
      assert.same({}, problems)
      assert.equal(2, #document.log.entries)
    end)
  end)

  describe("a summary", function()
    it("adds up what calls came to", function()
      local here = start({ summary = true }, failing(1, 503, { ["Retry-After"] = "0" }))
      here:client { attempts = 3 }:request { path = "/x" }
      assert.is_true(here.watch:finish())
      assert.equal("2 calls (1 for a token) in 3 attempts, 1 repeated", here.lines[1])
      assert.is_truthy(here.lines[2]:find "^%d+ B sent, %d+ B received, %d connections? opened$", here.lines[2])
      assert.is_truthy(here.lines[3]:find
        "^[%d.]+ s in the service and [%d.]+ s waited before repeats, calls added up; [%d.]+ s from start to end$")
      local figures = here.watch.summary:document()
      assert.same({ 2, 1, 3, 1, 0 }, { figures.calls, figures.token_calls, figures.attempts, figures.repeated,
        figures.not_sent })
    end)

    it("counts what was not sent apart", function()
      local here = start { summary = true, dry_run = true }
      local client = here:client { token = "t" }
      client:request { path = "/x" }
      client:request { method = "POST", path = "/x", body = {} }
      here.watch:finish()
      assert.equal("1 call in 1 attempt, 0 repeated; 1 more answered without a network", here.lines[4])
    end)

    it("is told once, whatever ends", function()
      local here = start { summary = true }
      here.watch:finish(true)
      here.watch:finish()
      assert.equal("0 calls in 0 attempts, 0 repeated", here.lines[1])
      assert.equal(3, #here.lines)
    end)
  end)

  describe("whatever shows calls", function()
    it("keeps the hooks that a script has set", function()
      local seen, asked = 0, 0
      local here = start { trace = "line" }
      local client = here:client { token = "t", on_call = function() seen = seen + 1 end,
        intercept = function() asked = asked + 1 end }
      client:request { path = "/x" }
      assert.same({ 1, 1, 1 }, { seen, asked, #here.lines })
    end)

    it("asks a script's own intercept first", function()
      local here = start { dry_run = true }
      local client = here:client { token = "t", intercept = function() return { status = 200, body = '{"own":1}' } end }
      assert.same({ own = 1 }, (client:request { method = "POST", path = "/x", body = {} }))
      assert.same({}, here.lines)
    end)

    it("says once when a file cannot be written, and the run goes on", function()
      for _, option in ipairs { "har", "record" } do
        local here = start { [option] = "/dev/full" }
        local client = here:client { token = "t" }
        for _ = 1, 3 do assert.same({ ok = true }, (client:request { path = "/x" })) end
        assert.is_false(here.watch:finish())
        local said = "sluice: --%s /dev/full: No space left on device; it lacks what follows from here on"
        assert.same({ said:format(option) }, here.lines)
        running.server.close()
      end
    end)

    it("leaves a readable archive where a disk is full", function()
      local path = watched.file()
      local here = start { har = path }
      local client = here:client { token = "t" }
      client:request { path = "/one" }
      local file, broken = here.watch.har.file, {}
      local handle = file.handle
      function broken.write(_, text) -- a part of it fits
        if not text:find "/two" then return handle:write(text) end
        handle:write(text:sub(1, 100))
        return nil, "No space left on device"
      end
      function broken.seek(_, ...) return handle:seek(...) end
      function broken.close() return handle:close() end
      file.handle = broken
      client:request { path = "/two" }
      client:request { path = "/three" }
      assert.is_false(here.watch:finish())
      local problems, document = har.problems(watched.read(path))
      assert.same({}, problems)
      assert.equal(1, #document.log.entries)
      assert.equal(1, #here.lines)
    end)

    it("says that something went wrong in it, and lets the run be", function()
      local here = start { trace = "line" }
      here.watch.trace.call = function() error("broken by the test", 0) end
      local client = here:client { token = "t" }
      for _ = 1, 2 do client:request { path = "/x" } end
      assert.same({ "sluice: calls are not shown any more: broken by the test" }, here.lines)
      assert.is_false(here.watch:finish())
    end)

    it("lets Ctrl-C through", function()
      local here = start { trace = "line" }
      here.watch.trace.call = function() core.error.raise("interrupted", "interrupted") end
      local client = here:client { token = "t" }
      local ok, err = pcall(client.request, client, { path = "/x" })
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "interrupted"))
    end)
  end)

  it("refuses options that make no sense together", function()
    local function refused(options, text)
      local ok, err = pcall(seeing.open, options, {})
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "usage"))
      assert.is_truthy(err.message:find(text, 1, true), err.message)
    end
    refused({ replay = "a", record = "b" }, "--replay and --record exclude each other")
    refused({ replay = "a", dry_run = true }, "--replay and --dry-run exclude each other")
    refused({ record = "a", dry_run = true }, "--record and --dry-run exclude each other")
    refused({ replay_match = "loose" }, "--replay-match needs --replay")
    refused({ har = "a", record = "a" }, "the same file, a")
  end)

  it("says which file cannot be made", function()
    local ok, err = pcall(seeing.open, { har = "/nowhere/x" }, {})
    assert.is_false(ok)
    assert.is_true(core.error.is(err, "io"))
    assert.equal("--har: cannot write /nowhere/x: No such file or directory", err.message)
  end)
end)
