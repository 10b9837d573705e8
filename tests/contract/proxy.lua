--- The way to the emulator through the official contract; contract.sh has started the proxy. The contract knows the
--- Flow Service, ad hoc activation and the token service: what goes to other services goes straight to the emulator.

local core = require "sluice.core"
local program = require "support.program"
local sluice = require "sluice"

local M = {}

local CONTRACT = os.getenv "CONTRACT_BASE"
local EMULATOR_PORT = os.getenv "CONTRACT_EMULATOR_PORT"
local LOG = os.getenv "CONTRACT_LOG"

local CHECKED = { "^/data/foundation/flowservice/", "^/data/core/activation/disflowprovider/", "^/ims/" }

-- A connection's own, which each side makes for itself.
local OWN = { host = true, connection = true, ["content-length"] = true, ["transfer-encoding"] = true,
  ["keep-alive"] = true, expect = true, ["accept-encoding"] = true, date = true }

-- Where we know better. The first is in the contract's README, too: a new dataflow has its selectors, where the
-- document wants empty lists. A dataflow is enabled as the vendor's guide does it [UPD], in lower case and without a
-- subOp, which the document wants [F]. A list takes several filters [SF], where the document knows one; what comes is
-- compared by us, too.
local EXPECTED = {
  { method = "POST", url = "/flows$", at = "selectors" },
  { method = "POST", url = "/flows/[%x-]+/action%?op=enable$", at = "query" },
  { method = "POST", url = "/flows/[%x-]+/action%?op=disable$", at = "query" },
  { method = "GET", url = "/runs%?.*property=.*property=", at = "query.property" },
}

local function is_expected(exchange, violation)
  for _, known in ipairs(EXPECTED) do
    if exchange.method == known.method and exchange.url:find(known.url)
      and violation.side == "request" and violation.at:find(known.at, 1, true) then
      return true
    end
  end
  return false
end

local function plain(headers)
  local kept = {}
  for name, value in pairs(headers) do
    if not OWN[name] then kept[name] = value end
  end
  return kept
end

local function base_of(path, emulator)
  for _, pattern in ipairs(CHECKED) do
    if path:find(pattern) then return CONTRACT end
  end
  return emulator.url
end

local function pass_on(exchange, emulator)
  local query = exchange.query and "?" .. exchange.query or ""
  local response = core.http.request {
    method = exchange.method, url = base_of(exchange.path, emulator) .. exchange.path .. query,
    headers = plain(exchange.headers), body = #exchange.body > 0 and exchange.body or nil,
  }
  exchange:respond(response.status, plain(response.headers), response.body)
end

--- The exchanges since the proxy was started, once all of them are in its log.
local function exchanges()
  local totals = core.http.request { method = "GET", url = CONTRACT .. "/__contract" }
  local count = core.json.decode(totals.body).exchanges
  for _ = 1, 500 do
    local list = {}
    for line in program.read(LOG):gmatch "([^\n]*)\n" do list[#list + 1] = core.json.decode(line) end
    if #list >= count then return list end
    core.task.sleep(0.01)
  end
  error "the contract's log lacks exchanges"
end

local Way = {}
Way.__index = Way

--- Starts a new `sluice emulate` behind the contract. What this gives must be closed.
---@return { aep: table, url: string } way a connection of Sluice's by that way, and where it leads
function M.open()
  local emulator = program.emulate { "--port", EMULATOR_PORT, "--seed", "1" }
  local listener = core.listener.new {}
  core.task.spawn(function()
    for exchange in function() return listener:accept() end do core.task.spawn(pass_on, exchange, emulator) end
  end)
  local url = "http://127.0.0.1:" .. listener.port
  local aep = sluice.connect { base_url = url, ims_url = url, sandbox = "prod", client_id = "client-id",
    org = "0123456789ABCDEF01234567@AdobeOrg", client_secret = core.secret.new("client_secret", "example"),
    scopes = "openid" }
  return setmetatable({ aep = aep, url = url, listener = listener, emulator = emulator, seen = #exchanges() }, Way)
end

function Way:__close()
  self.listener:close()
  self.emulator:__close()
  program.clean()
end

--- What has gone over the checked part of the way since it was opened.
---@return string alarms one line each; empty where all of it keeps to the contract
---@return table<string, integer> statuses by "METHOD /path/{id}", the lowest of each
function Way:checked()
  local list, alarms, statuses = exchanges(), {}, {}
  for i = self.seen + 1, #list do
    local exchange = list[i]
    local kind = exchange.method .. " " .. exchange.url:gsub("%?.*", ""):gsub("%x+%-%x+%-%x+%-%x+%-%x+", "{id}")
    statuses[kind] = math.min(exchange.status, statuses[kind] or exchange.status)
    for _, violation in ipairs(exchange.violations) do
      if not is_expected(exchange, violation) then
        alarms[#alarms + 1] = ("%s, %d: %s %s: %s"):format(kind, exchange.status, violation.side, violation.at,
          violation.message)
      end
    end
  end
  return table.concat(alarms, "\n"), statuses
end

return M
