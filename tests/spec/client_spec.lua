local core = require "sluice.core"
local server = require "support.server"
local tasks = require "sluice.tasks"

local function ok() return 200, { ["Content-Type"] = "application/json" }, { fine = true } end

--- What a call raises.
local function failure(fn, ...)
  local value, err = tasks.try(fn, ...)
  assert.is_nil(value)
  assert.is_true(core.error.is(err), tostring(err))
  return err
end

local running
local function platform(...)
  running = server.platform(...)
  return running
end

describe("client", function()
  after_each(function()
    if running then running.close() end
    running = nil
  end)

  it("sends the headers of the platform, and Content-Type with a body only", function()
    local here = platform(ok)
    local client = server.client(here)
    assert.same({ fine = true }, (client:request { path = "/x", query = { b = { "2", "a b" }, a = true } }))
    client:request { method = "PATCH", path = "/x", body = { 1 }, headers = { ["If-Match"] = '"e"' } }
    local _, get, patch = table.unpack(here.requests)
    assert.equal("Bearer token-1", get.headers.authorization)
    assert.equal("client", get.headers["x-api-key"])
    assert.equal("ORG@AdobeOrg", get.headers["x-gw-ims-org-id"])
    assert.equal("dev", get.headers["x-sandbox-name"])
    assert.matches("^sluice/%d", get.headers["user-agent"])
    assert.is_nil(get.headers["content-type"])
    assert.equal("a=true&b=2&b=a%20b", get.query)
    assert.equal("application/json", patch.headers["content-type"])
    assert.equal('"e"', patch.headers["if-match"])
    assert.equal("[1]", patch.body)
  end)

  it("posts without a body and without a type, as actions want it", function()
    local here = platform(ok)
    server.client(here):request { method = "POST", path = "/flows/1/action", query = { op = "enable" } }
    local post = here.requests[2]
    assert.equal("", post.body)
    assert.is_nil(post.headers["content-type"])
  end)

  it("reveals secrets to the wire and nowhere else", function()
    local here = platform(ok)
    server.client(here):request { method = "POST", path = "/x", body = { key = core.secret.new("k", "hidden") } }
    assert.equal('{"key":"hidden"}', here.requests[2].body)
  end)

  it("gives what an answer tells of credentials as secrets", function()
    local here = platform(function(request)
      return 200, {}, { auth = { params = { username = "me", password = "hush-hush" } }, got = request.body }
    end)
    local client = server.client(here)
    local item = client:request { path = "/x" }
    assert.equal('{"params":{"password":"‹secret password›","username":"me"}}', core.json.encode(item.auth))
    client:request { method = "PATCH", path = "/x", body = item.auth }
    assert.equal('{"params":{"password":"hush-hush","username":"me"}}', here.requests[3].body)
  end)

  it("masks the secrets that a refusal repeats", function()
    running = server.start(function(request)
      if request.path == "/ims/token/v3" then
        return 200, {}, { access_token = "token-of-the-day", expires_in = 1000 }
      elseif request.path == "/text" then
        return 400, { ["Content-Type"] = "text/plain" }, ("."):rep(50) .. "hushed word"
      end
      return 400, {}, { title = "hushed word",
        message = "hushed word, hushed word and p8e-&= long; token-of-the-day; hushed wor and short" }
    end)
    local secrets = core.json.array { core.secret.new("key", "hushed word"), core.secret.new("short", "short") }
    local client = server.client(running, { client_secret = core.secret.new("client_secret", "p8e-&= long") })
    local err = failure(client.request, client, { method = "POST", path = "/x", body = secrets })
    assert.equal("‹secret key›, ‹secret key› and ‹secret client_secret›; ‹secret access token›; "
      .. "hushed wor and ‹secret short›", err.message)
    assert.equal("‹secret key›", err.title)
    err = failure(client.request, client, { method = "POST", path = "/text", body = secrets })
    assert.truthy(err.message:find("'" .. ("."):rep(50) .. "‹secret '", 1, true), err.message)
  end)

  it("never sends a body again by itself when a kept connection ends without an answer", function()
    for _, method in ipairs { "POST", "PATCH" } do
      local here = platform(function() return nil end) -- the token's connection is kept, and used again
      local client = server.client(here)
      local err = failure(client.request, client, { method = method, path = "/x", body = {} })
      assert.equal("http", err.kind)
      assert.equal("the connection ended before an answer came", err.message)
      assert.equal(1, #here.requests - here.tokens)
      here.close()
    end
  end)

  describe("token", function()
    it("is asked for when first needed, form-encoded, once for many", function()
      local here = platform(ok, { delay = 0.02 })
      local client = server.client(here)
      local calls = {}
      for i = 1, 20 do calls[i] = function() return (client:request { path = "/" .. i }) end end
      tasks.all(calls)
      assert.equal(1, here.tokens)
      assert.equal(21, #here.requests)
      assert.equal("grant_type=client_credentials&client_id=client&client_secret=p8e-%26%3D%20x"
        .. "&scope=openid%2CAdobeID", here.requests[1].body)
      assert.equal("application/x-www-form-urlencoded", here.requests[1].headers["content-type"])
    end)

    it("is renewed before it ends", function()
      local here = platform(ok, { lifetime = 1 })
      local client = server.client(here)
      client:request { path = "/1" }
      client:request { path = "/2" }
      assert.equal(1, here.tokens)
      core.task.sleep(0.95)
      client:request { path = "/3" }
      assert.equal(2, here.tokens)
    end)

    it("is renewed once on 401013, whether the code is text or a number", function()
      for _, code in ipairs { '"401013"', "401013" } do
        local here = platform(function(request)
          if request.headers.authorization == "Bearer token-2" then return ok() end
          return 401, {}, ('{"error_code":%s,"message":"Oauth token is not valid"}'):format(code)
        end)
        assert.same({ fine = true }, (server.client(here):request { path = "/x" }))
        assert.equal(2, here.tokens)
        here.close()
      end
    end)

    it("is renewed once for all who were refused, however late they learn of it", function()
      local late = 0
      local here = platform(function(request)
        if request.headers.authorization ~= "Bearer token-1" then return ok() end
        late = late + 0.01
        core.task.sleep(late)
        return 401, {}, { error_code = "401013", message = "Oauth token is not valid" }
      end)
      local client = server.client(here)
      tasks.map({ 1, 2, 3, 4 }, function() return client:request { path = "/x" } end)
      assert.equal(2, here.tokens)
    end)

    it("is used once even when it has ended on the way", function()
      local asked = 0
      running = server.start(function(request)
        if request.path ~= "/ims/token/v3" then return ok() end
        asked = asked + 1
        return asked < 5 and 200 or 400, {}, { access_token = "short", expires_in = 1e-9 }
      end)
      assert.same({ fine = true }, (server.client(running):request { path = "/x" }))
      assert.equal(1, asked)
    end)

    it("is not renewed for ever, nor for another 401", function()
      local here = platform(function() return 401, {}, { error_code = "401013", message = "not valid" } end)
      local err = failure(function() server.client(here):request { path = "/x" } end)
      assert.equal("auth", err.kind)
      assert.equal("401013", err.code)
      assert.equal(2, here.tokens)
      local other = server.platform(function() return 401, {}, { title = "2000-401 no access" } end)
      err = failure(function() server.client(other):request { path = "/x" } end)
      assert.equal("2000-401", err.code)
      assert.equal(1, other.tokens)
      other.close()
    end)

    it("may be ready-made; without a secret a refusal is final", function()
      local here = platform(function(request)
        if request.headers.authorization == "Bearer mine" then return ok() end
        return 401, {}, { error_code = "401013" }
      end)
      local fine = server.client(here, { token = core.secret.new("t", "mine"), client_secret = false })
      assert.same({ fine = true }, (fine:request { path = "/x" }))
      local stale = server.client(here, { token = "old", client_secret = false })
      assert.equal("auth", failure(stale.request, stale, { path = "/x" }).kind)
      assert.equal(0, here.tokens)
    end)

    it("that is refused fails all who wait, with one request", function()
      local asked = 0
      local here = server.start(function()
        asked = asked + 1
        core.task.sleep(0.02)
        return 400, {}, { error = "invalid_client", error_description = "no such client" }
      end)
      local client = server.client(here)
      local messages = tasks.map({ 1, 2, 3, 4 }, function() return failure(client.request, client, { path = "/x" }) end)
      for _, err in ipairs(messages) do
        assert.equal("auth", err.kind)
        assert.equal("no such client", err.message)
      end
      assert.equal(1, asked)
      assert.equal("auth", failure(client.request, client, { path = "/x" }).kind)
      assert.equal(2, asked)
      here.close()
    end)

    it("is asked for by the next when the first is cancelled", function()
      local here = platform(ok, { delay = 0.05 })
      local client = server.client(here)
      local first = core.task.spawn(function() client:request { path = "/1" } end)
      local second = core.task.spawn(function() return (client:request { path = "/2" }) end)
      core.task.sleep(0.01)
      first:cancel()
      assert.same({ fine = true }, second:wait())
    end)

    it("cannot be had of a service that is down, which says nothing of credentials", function()
      for _, status in ipairs { 503, 429 } do
        running = server.start(function() return status, {}, { error = "busy" } end)
        local client = server.client(running)
        local err = failure(client.request, client, { path = "/x" })
        assert.equal("service", err.kind)
        assert.equal(status, err.status)
        running.close()
      end
    end)

    it("is not shown when its answer cannot be read", function()
      local answers = { [200] = "access_token=hidden", [201] = '{"access_token":"hidden', [500] = "hidden" }
      for status, body in pairs(answers) do
        running = server.start(function() return status, {}, body end)
        local client = server.client(running)
        local err = failure(client.request, client, { path = "/x" })
        assert.is_nil(tostring(err):find "hidden")
        running.close()
      end
    end)

    it("is refused when it is empty or absent", function()
      for _, body in ipairs { '{"access_token":"","expires_in":9}', "{}", '{"access_token":5}' } do
        local here = server.start(function() return 200, {}, body end)
        local client = server.client(here)
        assert.matches("holds no access_token", failure(client.request, client, { path = "/x" }).message)
        assert.equal(1, #here.requests)
        here.close()
      end
    end)

    it("cannot be had without credentials", function()
      local here = platform(ok)
      local client = server.client(here, { client_secret = false })
      assert.matches("AEP_CLIENT_SECRET", failure(client.request, client, { path = "/x" }).message)
      assert.equal(0, #here.requests)
    end)
  end)

  it("lets the caller's headers win, each sent once", function()
    local here = platform(ok)
    server.client(here):request { method = "POST", path = "/x", body = {}, headers = {
      ["content-type"] = "application/json-patch+json", ["X-Sandbox-Name"] = "other", ["X-Empty"] = "" } }
    local headers = here.requests[2].headers
    assert.equal("application/json-patch+json", headers["content-type"])
    assert.equal("other", headers["x-sandbox-name"])
    assert.equal("", headers["x-empty"])
  end)

  it("sends a # in a path instead of ending there", function()
    local here = platform(ok)
    server.client(here):request { path = "/x#y", query = { a = 1 } }
    assert.equal("/x%23y?a=1", here.requests[2].path .. "?" .. here.requests[2].query)
  end)

  it("ends a request that is cancelled at once, without a collection", function()
    local here = platform(function() core.task.sleep(60) end)
    local client = server.client(here, { token = "ready" })
    local function connections()
      local file <close> = assert(io.open "/proc/net/tcp")
      local _, count = file:read("a"):gsub((":%04X 0100007F:%%x+ 01 "):format(here.url:match "%d+$"), "")
      return count
    end
    collectgarbage "stop"
    local counts = {}
    for i, call in ipairs {
      function() client:request { path = "/x" } end,
      function() core.http.request { url = here.url } end,
    } do
      local slow = core.task.spawn(call)
      repeat core.task.sleep(0.001) until #here.requests == i
      slow:cancel()
      pcall(slow.wait, slow)
      counts[i] = connections()
    end
    collectgarbage "restart"
    assert.same({ 0, 0 }, counts)
  end)

  it("never asks for what is no place of the platform", function()
    local here = platform(ok)
    local client = server.client(here)
    for _, request in ipairs {
      {}, { path = "x" }, { path = 1 }, { path = "/x", method = 1 }, { path = "/x", query = 1 },
      { path = "/x", query = { a = {} , [1] = "x" } }, { path = "/x", query = { a = print } },
      { path = "/x", headers = { ["a b"] = "c" } }, { path = "/x", headers = { a = "b\r\nc: d" } },
      { path = "/x", headers = { ["a\0"] = "b" } }, { path = "/x", headers = { [""] = "b" } },
      { path = "/x", headers = { "a: b" } }, { path = "/x", headers = "a: b" },
      { path = "/x", headers = { ["content-length"] = "1" } },
      { path = "/x", headers = { ["Transfer-Encoding"] = "x" } },
      { path = "/x", method = "GE T" }, { path = "/x", method = "GET\0" },
      { path = "/x", method = "GET / HTTP/1.1\r\na:" },
      { path = "/x", body = { print } },
    } do
      assert.is_not_nil(failure(client.request, client, request))
    end
    assert.is_true(#here.requests <= 1) -- nothing but a token
  end)

  it("checks its settings at once", function()
    for setting, wrong in pairs {
      base_url = "http://platform.adobe.io", ims_url = "ftp://x", timeout = -1, max_body = 0, connect_timeout = "x",
      org = false, sandbox = false, cacert = 5, client_id = print, client_secret = {}, scopes = { "openid" }, token = 5,
    } do
      assert.is_true(core.error.is(failure(server.client, { url = "http://127.0.0.1:1" }, { [setting] = wrong })),
        setting)
    end
    for _, wrong in ipairs {
      { base_url = "https://platform.adobe.io?x" }, { ims_url = "https://ims.adobe.io#x" }, { sandbox = "" },
      { base_url = "https://platform.adobe.io\0" }, { token = core.secret.new("t", "") },
    } do
      assert.equal("config", failure(server.client, { url = "http://127.0.0.1:1" }, wrong).kind)
    end
  end)
end)

--- One row for each way an answer goes wrong: the answer, and what the error must hold.
local FAILURES = {
  { "html", { 200, { ["Content-Type"] = "text/html" }, "<html>hello</html>" },
    { kind = "http", status = 200, message = "text/html.*begins with '<html>hello" } },
  { "a truncated body", { 200, {}, '{"items":[1,' }, { kind = "http", message = "line 1, column 13" } },
  { "a body that is too large", { 200, {}, '"' .. ("x"):rep(2e6) .. '"' },
    { kind = "limit", message = "limit of 1048576 bytes" } },
  { "a redirect", { 302, { Location = "https://example.com/" }, "" }, { kind = "service", status = 302,
    message = "not followed" } },
  { "no answer", {}, { kind = "http", message = "Empty reply" } },
  { "an empty 403", { 403, {}, "" }, { kind = "service", status = 403, message = "gave no reason" } },
  { "a page of a gateway", { 502, { ["Content-Type"] = "text/html" }, "<h1>Bad Gateway</h1>" },
    { kind = "service", status = 502, message = "begins with '<h1>Bad Gateway" } },
  { "variant 1, text", { 403, {}, { error_code = "403000", message = "Api Key is required" } },
    { kind = "auth", code = "403000", message = "Api Key is required", hint = "AEP_CLIENT_ID" } },
  { "variant 1, number", { 403, {}, { error_code = 403010, message = "Oauth token is missing." } },
    { kind = "auth", code = "403010", hint = "AEP_ACCESS_TOKEN" } },
  { "403003", { 403, {}, { error_code = "403003", message = "Api Key is invalid" } },
    { kind = "auth", hint = "API key" } },
  { "403025", { 403, {}, { error_code = "403025", message = "Profile is not valid" } }, { kind = "auth",
    hint = "organisation" } },
  { "variant 2", { 404, {}, { errorMessage = "flows not found with id = [x]", errorDetails = "more" } },
    { kind = "service", status = 404, message = "flows not found", details = "more" } },
  { "variant 3, 412", { 412, {}, { errorMessage = "Supplied version=[a]" } }, { kind = "service", status = 412,
    hint = "somebody else" } },
  { "variant 4", { 400, {}, { message = "Please provide a valid spec id" } }, { message = "valid spec id" } },
  { "variant 5", { 400, {}, { type = "/placeholder/type/uri", status = 400, title = "BadRequestError",
    detail = "A valid content-type must be specified" } }, { title = "BadRequestError", message = "content%-type" } },
  { "variant 6", { 400, {}, { type = "https://ns.adobe.com/aep/errors/FLOW-1415-400", title = "Bad", status = 400,
    detail = "no such auth" } }, { code = "1415%-400", message = "no such auth", hint = "authSpec" } },
  { "a code in the title", { 400, {}, { title = "1403-400: If-Match", detail = "absent" } }, { code = "1403%-400" } },
  { "422", { 422, {}, { message = "version" } }, { status = 422, hint = "connectionSpec" } },
  { "a request id in the header", { 500, { ["x-request-id"] = "abc" }, { message = "no" } }, { request_id = "abc" } },
  { "a body that is no object", { 500, {}, "[1]" }, { status = 500, message = "gave no reason" } },
  { "control characters", { 400, {}, { message = "a\nb" } }, { line = "a b" } },
}

describe("answer", function()
  for _, row in ipairs(FAILURES) do
    local name, answer, expected = table.unpack(row)
    it("of the service: " .. name, function()
      local here = server.platform(function() return answer[1], answer[2], answer[3] end)
      local client = server.client(here, { max_body = 1 << 20 })
      local err = failure(client.request, client, { path = "/some/path", method = "GET" })
      here.close()
      assert.equal("GET", err.method)
      assert.equal(here.url .. "/some/path", err.url)
      for field, value in pairs(expected) do
        local found = field == "line" and tostring(err) or err[field]
        if type(value) == "number" then assert.equal(value, found)
        else assert.matches(value, tostring(found)) end
      end
    end)
  end

  it("that does not come is given up", function()
    local here = server.platform(function() core.task.sleep(1) return 200 end)
    local client = server.client(here, { timeout = 0.05 })
    local err = failure(client.request, client, { path = "/x" })
    here.close()
    assert.equal("http", err.kind)
    assert.matches("did not answer in time", err.hint)
  end)

  it("of a dead server names the place", function()
    local client = server.client { url = "http://127.0.0.1:1" }
    assert.matches("POST http://127.0.0.1:1/ims/token/v3: .*connect",
      tostring(failure(client.request, client, { path = "/x" })))
  end)

  it("may be empty", function()
    local here = server.platform(function() return 202, {}, "" end)
    local value, response = server.client(here):request { method = "PATCH", path = "/x", body = { 1 } }
    here.close()
    assert.is_nil(value)
    assert.equal(202, response.status)
  end)
end)
