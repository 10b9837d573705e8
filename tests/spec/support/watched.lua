--- A client whose calls are seen, on a server inside the test; what is told to people is kept.

local seeing = require "sluice.seeing"
local support = require "support.server"

local M = {}

M.SECRET = "p8e-sentinel-9b1d07"

local Watched = {}
Watched.__index = Watched

function Watched:text() return table.concat(self.lines, "\n") end

--- Makes the client; `extra` are settings of its own.
function Watched:client(extra)
  local settings = { base_url = self.server.url, ims_url = self.server.url, org = "ORG@AdobeOrg", sandbox = "dev",
    client_id = "client", client_secret = require("sluice.core").secret.new("AEP_CLIENT_SECRET", M.SECRET),
    scopes = "openid,AdobeID", timeout = 5, attempts = 1 }
  for name, value in pairs(extra or {}) do settings[name] = value end
  self.watch:attach(settings)
  return require("sluice.core").client.new(settings)
end

--- Watches as `options` say, in front of a platform that answers by `answer`.
---@param options sluice.seeing.Options
---@param answer fun(request: table): integer|nil, table|nil, any
---@return table watched with `lines`, `text()`, `client(extra)`, `watch`, `server`
function M.start(options, answer)
  collectgarbage() -- secrets of other tests, which would be looked for
  collectgarbage()
  local watched = setmetatable({ lines = {} }, Watched)
  watched.server = support.platform(answer)
  watched.watch = seeing.open(options, { line = function(line, painted)
    local before = painted and (options.colour and painted.code .. ":" or "") .. painted.before or ""
    table.insert(watched.lines, before .. line)
  end })
  return watched
end

--- A file of its own for each call, gone when the suite ends.
function M.file()
  local path = os.tmpname()
  M.files = M.files or {}
  table.insert(M.files, path)
  return path
end

function M.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

function M.clean()
  for _, path in ipairs(M.files or {}) do os.remove(path) end
  M.files = {}
end

return M
