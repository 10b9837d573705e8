local core = require "sluice.core"
local outcome = require "spec.support.outcome"

--- A listener whose requests are answered by a function of the exchange.
local function serving(answer, settings)
  local listener = core.listener.new()
  core.task.spawn(function()
    for exchange in function() return listener:accept() end do core.task.spawn(answer, exchange) end
  end)
  return listener, function()
    local request = { url = ("http://127.0.0.1:%d/"):format(listener.port), timeout = 5 }
    for name, value in pairs(settings or {}) do request[name] = value end
    return core.http.request(request)
  end
end

describe("an exchange", function()
  local listener, ask
  after_each(function() listener:close() end)

  it("is answered once", function()
    local failure
    listener, ask = serving(function(exchange)
      exchange:respond(200, nil, "yes")
      failure = select(2, pcall(exchange.respond, exchange, 200))
    end)
    assert.equal("yes", ask().body)
    assert.matches("answered already", tostring(failure))
  end)

  it("takes bytes that are no answer of its own making", function()
    listener, ask = serving(function(exchange)
      exchange:write "HTTP/1.1 203 Fancy\r\nContent-Length: 9\r\nX-Odd: \r\n\r\nby"
      core.task.sleep(0.01)
      exchange:write "te by byte and more than that"
      exchange:drop()
    end)
    local answer = ask()
    assert.same({ 203, "byte by b" }, { answer.status, answer.body })
  end)

  it("takes no answer after bytes", function()
    local failure
    listener, ask = serving(function(exchange)
      exchange:write "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
      failure = outcome.failure(exchange.respond, exchange, 200)
      exchange:drop()
    end)
    assert.equal("ok", ask().body)
    assert.matches("answered already", failure.message)
  end)

  it("takes as many bytes as there is room for", function()
    local counts = {}
    listener = serving(function(exchange)
      local block = ("x"):rep(1 << 20)
      exchange:write(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"):format(64 << 20))
      for i = 1, 64 do counts[i] = exchange:write(block) end -- nobody reads meanwhile
      exchange:drop()
    end)
    local url = ("http://127.0.0.1:%d/"):format(listener.port)
    assert.is_false(pcall(core.http.request, { url = url, max_body = 100 << 20 }))
    assert.equal(64, #counts)
    assert.is_true(counts[64] < 1 << 20)
  end)

  it("can end in a reset, before or within the answer", function()
    local begun = ""
    listener, ask = serving(function(exchange)
      if begun ~= "" then exchange:write(begun) end
      exchange:reset()
      assert.is_false(exchange:is_open())
    end)
    assert.matches("reset", outcome.failure(ask).message:lower())
    begun = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"
    assert.is_true(core.error.is(outcome.failure(ask), "http"))
  end)

  it("knows whether the client still waits", function()
    local seen, failures = {}, {}
    listener, ask = serving(function(exchange)
      seen[1] = exchange:is_open()
      while exchange:is_open() do core.task.sleep(0.01) end
      seen[2] = exchange:is_open()
      failures[1] = exchange:drop()
      seen[3] = exchange:is_open()
      failures[1] = select(2, pcall(exchange.write, exchange, "x"))
    end, { timeout = 0.1 })
    outcome.failure(ask)
    for _ = 1, 500 do
      if #seen == 3 then break end
      core.task.sleep(0.01)
    end
    assert.same({ true, false, false }, seen)
    assert.matches("answered already", tostring(failures[1]))
  end)
end)
