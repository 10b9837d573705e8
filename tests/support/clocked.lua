--- A crowd whose clock a test moves: the daily exports of its dataflows begin on 2030-01-01 at 02:00.

local core = require "sluice.core"
local crowd = require "support.crowd"
local program = require "support.program"

local M = {}

local Clocked = {}
Clocked.__index = function(self, key) return Clocked[key] or self.crowd[key] end
Clocked.__close = function(self) self.crowd:__close() end

local function post(url, body)
  local answer = core.http.request { method = "POST", url = url, headers = { ["Content-Type"] = "application/json" },
    body = core.json.encode(body) }
  assert(answer.status == 200, answer.body)
  return core.json.decode(answer.body)
end

--- Moves the clock on by a span such as "3d"; gives what the emulator tells of it.
function Clocked:advance(span) return post(self.url .. "/_emulator/clock", { advance = span }) end

--- Runs the program on it.
function Clocked:run(words, options)
  local given = { env = self.env }
  for name, value in pairs(options or {}) do given[name] = value end
  return program.run(words, given)
end

--- The same with --json; gives the document.
function Clocked:json(words)
  local given = { words[1], "--json", table.unpack(words, 2) }
  local result = self:run(given)
  assert(result.code < 2, result.err)
  return core.json.decode(result.out), result
end

function Clocked:aep()
  return require("sluice").connect { base_url = self.url, ims_url = self.url, org = program.CREDENTIALS.AEP_ORG_ID,
    client_id = "client-id", client_secret = "any", scopes = "openid", sandbox = "prod", token_cache = false }
end

--- Lets an audience of the i-th dataflow be exported now; it takes 10 minutes.
function Clocked:export(i)
  local aep, id = self:aep(), crowd.id("flows", i)
  local selectors = aep.flows:get(id).transformations[1].params.segmentSelectors.selectors
  aep:request { method = "POST", path = "/data/core/activation/disflowprovider/adhocrun",
    headers = { Accept = "application/vnd.adobe.adhoc.activation+json; version=2" },
    body = { activationInfo = { [id] = core.json.array { selectors[1].value.id } } } }
end

--- The calls it has answered so far, those for tokens left out: { method, path, query, … }.
function Clocked:calls()
  local answer = core.http.request { method = "GET", url = self.url .. "/_emulator/journal" }
  local calls = {}
  for _, call in ipairs(core.json.decode(answer.body).calls) do
    if not call.path:find "^/ims" then calls[#calls + 1] = call end
  end
  return calls
end

--- Starts one. The options are a crowd's.
function M.start(options)
  local given, settings = {}, { clock = "2030-01-01T00:00Z", adhoc_seconds = 600 }
  for name, value in pairs(options or {}) do given[name] = value end
  for name, value in pairs(given.emulator or {}) do settings[name] = value end
  given.emulator = settings
  return setmetatable({ crowd = crowd.start(given) }, Clocked)
end

return M
