--- Error objects, plain HTTP and the listener.

local core = require "sluice.core"
local server = require "support.server"

describe("error", function()
  it("is one line that leaves out what is absent", function()
    assert.equal("plain", tostring(core.error.new { kind = "io", message = "plain" }))
    assert.equal("GET https://x/y: 400 1403-400 no header [request r] (read it)", tostring(core.error.new {
      kind = "service", message = "no header", method = "GET", url = "https://x/y", status = 400, code = "1403-400",
      request_id = "r", hint = "read it",
    }))
  end)

  it("knows its kinds", function()
    local ok, err = pcall(core.error.raise, "config", "no", { hint = "do" })
    assert.is_false(ok)
    assert.is_true(core.error.is(err))
    assert.is_true(core.error.is(err, "config"))
    assert.is_false(core.error.is(err, "io"))
    assert.is_false(core.error.is { kind = "config", message = "no" })
    assert.is_false(core.error.is "config")
    assert.equal("do", err.hint)
    assert.error_matches(function() core.error.raise("cnfig", "x") end, "unknown error kind 'cnfig'")
    assert.error_matches(function() core.error.new { kind = "io" } end, "needs a message")
  end)
end)

describe("http.request", function()
  it("gives any status back, headers in lower case", function()
    local here = server.start(function(request)
      return 418, { ["X-Seen"] = request.headers["x-sent"], ["Content-Type"] = "text/plain" }, request.body .. "!"
    end)
    local answer = core.http.request { method = "PUT", url = here.url .. "/a?b=c", body = "body\0",
      headers = { ["X-Sent"] = "yes" } }
    here.close()
    assert.equal(418, answer.status)
    assert.equal("body\0!", answer.body)
    assert.equal("yes", answer.headers["x-seen"])
    assert.same({ "PUT", "/a", "b=c" }, { here.requests[1].method, here.requests[1].path, here.requests[1].query })
  end)

  it("sends secrets, empty headers, and asks for a head alone", function()
    local here = server.start(function(request) return 200, {}, request.body end)
    local secret = core.secret.new("s", "hidden\0body")
    assert.equal("hidden\0body", core.http.request({ method = "POST", url = here.url, body = secret }).body)
    core.http.request { url = here.url, headers = { ["X-Secret"] = core.secret.new("s", "hidden"), ["X-Empty"] = "" } }
    assert.equal("hidden", here.requests[2].headers["x-secret"])
    assert.equal("", here.requests[2].headers["x-empty"])
    assert.equal(200, core.http.request({ method = "HEAD", url = here.url }).status)
    here.close()
  end)

  it("keeps what it was given, even if that was made on the spot", function()
    local here = server.start(function() return 200 end)
    local made = setmetatable({}, { __index = function(_, name)
      if name == "url" then return here.url .. ("/x"):rep(20) end
      if name == "cacert" then return "/nowhere/" .. ("x"):rep(20) end
      if name == "headers" then collectgarbage() collectgarbage() end
    end })
    assert.equal(200, core.http.request(made).status)
    here.close()
  end)

  it("understands compressed answers", function()
    -- gzip of "hello hello hello"
    local packed = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9"
      .. "\xc9\x57\xc8\x40\x90\x00\x80\x88\xf9\xe5\x11\x00\x00\x00"
    local here = server.start(function() return 200, { ["Content-Encoding"] = "gzip" }, packed end)
    assert.equal("hello hello hello", core.http.request({ url = here.url }).body)
    here.close()
  end)

  it("runs hundreds at once on a bounded number of connections", function()
    local here = server.start(function() return 200, {}, "x" end)
    local calls = {}
    for i = 1, 400 do
      calls[i] = core.task.spawn(function() return core.http.request({ url = here.url }).body end)
    end
    for _, call in ipairs(calls) do assert.equal("x", call:wait()) end
    here.close()
  end)

  it("refuses what is not safe, before anything is sent", function()
    for _, url in ipairs { "http://example.com/", "https://u:p@example.com/", "file:///etc/passwd", "x" } do
      assert.is_false((pcall(core.http.request, { url = url })))
    end
    for _, wrong in ipairs {
      { url = "http://127.0.0.1:1/\0" }, { method = "GET\0" }, { method = "GE T" }, { headers = { "a: b" } },
      { headers = { ["Content-Length"] = "1" } }, { body = 5 },
    } do
      wrong.url = wrong.url or "http://127.0.0.1:1"
      local ok, err = pcall(core.http.request, wrong)
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "usage"), tostring(err))
    end
    assert.has_error(function() core.http.request {} end)
    assert.has_error(function() core.http.request { url = "http://127.0.0.1:1", timeout = 0 } end)
  end)
end)

describe("listener", function()
  it("hands out requests in order and ends", function()
    local listener = core.listener.new {}
    local answers = {}
    for i = 1, 3 do
      answers[i] = core.task.spawn(function()
        return core.http.request({ url = ("http://127.0.0.1:%d/%d"):format(listener.port, i) }).body
      end)
    end
    for _ = 1, 3 do
      local exchange = listener:accept()
      exchange:respond(200, nil, exchange.path)
      assert.has_error(function() exchange:respond(200) end)
    end
    for i = 1, 3 do assert.equal("/" .. i, answers[i]:wait()) end
    listener:close()
    listener:close()
    assert.is_nil(listener:accept())
  end)

  it("refuses headers that would be cut", function()
    local listener = core.listener.new {}
    local call = core.task.spawn(core.http.request, { url = "http://127.0.0.1:" .. listener.port })
    local exchange = listener:accept()
    assert.has_error(function() exchange:respond(200, { a = "b\0c" }) end)
    assert.has_error(function() exchange:respond(200, { a = "b\r\nc: d" }) end)
    exchange:respond(204, {})
    assert.equal(204, call:wait().status)
    listener:close()
  end)

  it("listens on the loopback address only", function()
    local listener = core.listener.new {}
    local file <close> = assert(io.open "/proc/net/tcp")
    local address = file:read("a"):match(("(%%x+):%04X 00000000:0000 0A"):format(listener.port))
    listener:close()
    assert.equal("0100007F", address) -- 127.0.0.1, its bytes as the kernel prints them
  end)

  it("says when a port is taken", function()
    local listener = core.listener.new {}
    local ok, err = pcall(core.listener.new, { port = listener.port })
    listener:close()
    assert.is_false(ok)
    assert.matches("cannot listen on 127.0.0.1 port %d+: Address already in use", tostring(err))
  end)

  it("refuses a body that is too large", function()
    local listener = core.listener.new { max_body = 10 }
    local url = "http://127.0.0.1:" .. listener.port
    local answer = core.http.request { method = "POST", url = url, body = ("x"):rep(11) }
    listener:close()
    assert.equal(413, answer.status)
  end)
end)
