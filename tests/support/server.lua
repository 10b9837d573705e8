--- A small HTTP server inside the test's own process: what comes is kept, what goes is the test's to say.

local core = require "sluice.core"

local M = {}

--- Starts one. `answer(request)` gives status, headers, body (a table is sent as JSON); it may wait.
---@param answer fun(request: table): integer|nil, table|nil, any nil: the connection is closed without an answer
---@return { url: string, port: integer, requests: table[], close: fun() }
function M.start(answer)
  local listener = core.listener.new {}
  local server = { url = "http://127.0.0.1:" .. listener.port, port = listener.port, requests = {} }
  local function respond(exchange)
    local status, headers, body = answer(exchange)
    if not status then return exchange:drop() end
    exchange:respond(status, headers, type(body) == "table" and core.json.encode(body) or body)
  end
  core.task.spawn(function()
    for exchange in function() return listener:accept() end do
      local kept = { method = exchange.method, path = exchange.path, query = exchange.query,
        headers = exchange.headers, body = exchange.body }
      server.requests[#server.requests + 1] = kept
      core.task.spawn(respond, exchange)
    end
  end)
  function server.close() listener:close() end
  return server
end

--- A token service and a platform on one port; `answer` sees all but the token requests.
---@param answer fun(request: table): integer|nil, table|nil, any
---@param tokens? { lifetime?: integer, delay?: number } seconds
---@return table server with `tokens`, the number of tokens given out
function M.platform(answer, tokens)
  tokens = tokens or {}
  local server
  server = M.start(function(request)
    if request.path ~= "/ims/token/v3" then return answer(request) end
    core.task.sleep(tokens.delay or 0)
    server.tokens = server.tokens + 1
    return 200, {}, { access_token = "token-" .. server.tokens, expires_in = tokens.lifetime or 86399 }
  end)
  server.tokens = 0
  return server
end

--- A client of such a server.
---@param server table
---@param extra? table further settings
function M.client(server, extra)
  local settings = {
    base_url = server.url, ims_url = server.url, org = "ORG@AdobeOrg", sandbox = "dev", client_id = "client",
    client_secret = core.secret.new("client_secret", "p8e-&= x"), scopes = "openid,AdobeID", timeout = 5, attempts = 1,
  }
  for name, value in pairs(extra or {}) do settings[name] = value ~= false and value or nil end
  return core.client.new(settings)
end

return M
