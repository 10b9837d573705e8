--- `sluice run odd_server.lua JSON`: an emulated organisation on a free port that behaves oddly, until it is ended.
---   off        seconds by which its clock is ahead
---   sandboxes  what its list of sandboxes holds instead of the emulator's
---   refuse     path → { status, body }: what it answers there
---   emulator   options of the emulator behind it

local core = require "sluice.core"

local options = core.json.decode(arg[1])
local emulator = require("sluice.emulator").new(options.emulator or {})
local listener = core.listener.new {}
local SANDBOXES = "/data/foundation/sandbox-management/"

local function date()
  return os.date("!%a, %d %b %Y %H:%M:%S GMT", core.task.time() // 1 + (options.off or 0) | 0)
end

local function answer(exchange)
  local refused = options.refuse and options.refuse[exchange.path]
  if refused then return refused.status, {}, core.json.encode(refused.body) end
  if options.sandboxes and exchange.path == SANDBOXES then
    return 200, {}, core.json.encode { sandboxes = options.sandboxes }
  end
  return emulator:handle { method = exchange.method, path = exchange.path, query = exchange.query,
    headers = exchange.headers, body = exchange.body }
end

print("http://127.0.0.1:" .. listener.port)
io.stdout:flush()
for exchange in function() return listener:accept() end do
  local status, headers, body = answer(exchange)
  headers = headers or {}
  headers.Date, headers["Content-Type"] = date(), headers["Content-Type"] or "application/json"
  exchange:respond(status, headers, body)
end
