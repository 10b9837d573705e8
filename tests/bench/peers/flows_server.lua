--- A fast server of one long list: `lua5.4 flows_server.lua FLOWS` tells its address. A page of a hundred dataflows is
--- made once; from page to page only the number in front of each ID and name changes, and the link to the next page.

local core = require "sluice.core"
local data = require "bench.data"

local PAGE = 100
local NUMBER = "0000beef" -- stands for the number of a page in hexadecimal
local count = math.tointeger(arg[1])

local items = core.json.array()
for i = 1, PAGE do
  items[i] = data.flow(i, 2, 4)
  items[i].id, items[i].name = ("%s-1111-4111-8111-%012d"):format(NUMBER, i), NUMBER .. " flow " .. i
end
local template = core.json.encode(items)

local function page(number)
  local filled = template:gsub(NUMBER, ("%08x"):format(number))
  local link = ""
  if number * PAGE < count then
    link = ('"next":{"href":"/flows?limit=%d&continuationToken=%d"}'):format(PAGE, number + 1)
  end
  return ('{"items":%s,"_links":{%s}}'):format(filled, link)
end

local TOKEN = '{"access_token":"token","token_type":"bearer","expires_in":86399}'

local listener = core.listener.new {}
print("listening on http://127.0.0.1:" .. listener.port)
io.stdout:flush()
for exchange in function() return listener:accept() end do
  local number = (exchange.query or ""):match "continuationToken=(%d+)"
  exchange:respond(200, { ["Content-Type"] = "application/json" },
    exchange.path == "/ims/token/v3" and TOKEN or page(math.tointeger(tonumber(number or 1))))
end
