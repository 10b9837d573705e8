--- What was asked of the emulator, and what it did: one entry a call, in the order of arrival. Holds no headers and no
--- bodies, so no secrets.
local core = require "sluice.core"

local M = {}

M.MOST = 10000 -- entries in memory; the oldest is forgotten first

---@class sluice.emulator.Call one entry
---@field call integer 1 for the first
---@field at number seconds since the emulator was made
---@field seconds number|nil it took, once it is over
---@field operation string|nil such as "flows.create"; nil when nothing is served there
---@field client string|nil ID of the client, when it says who it is
---@field method string
---@field path string
---@field query string|nil
---@field status integer|nil of the answer as the service gave it; nil while, or because, the work was not done
---@field id string|nil of the entity that was created
---@field fault string|nil the rules that struck, separated by blanks

local Journal = {}
Journal.__index = Journal

-- An entry is text, whatever came.
local function text(bytes)
  if not bytes or utf8.len(bytes) then return bytes end
  return (bytes:gsub("[\128-\255]", function(byte) return ("%%%02X"):format(byte:byte()) end))
end

local function milliseconds(seconds) return math.floor(seconds * 1000 + 0.5) / 1000 end

--- Begins an entry.
---@param incoming table the request
---@param operation string|nil
---@param client? string
---@return sluice.emulator.Call call
function Journal:begin(incoming, operation, client)
  self.last = self.last + 1
  local call = { call = self.last, at = milliseconds(core.task.now() - self.began), operation = operation,
    client = text(client), method = text(incoming.method), path = text(incoming.path),
    query = operation ~= "token" and text(incoming.query) or nil } -- a secret may stand there
  self.calls[self.last] = call
  if self.last - self.first >= M.MOST then
    self.calls[self.first] = nil
    self.first = self.first + 1
  end
  return call
end

--- Ends an entry, and writes it where it has to be written.
---@param call sluice.emulator.Call
function Journal:finish(call)
  if call.seconds then return end
  call.seconds = math.max(0, milliseconds(core.task.now() - self.began - call.at))
  if not self.file then return end
  local ok, reason = self.file:write(core.json.encode(call), "\n")
  if ok then ok, reason = self.file:flush() end
  if ok then return end
  self.file:close()
  self.file = nil
  self.log(("the journal ends here, it cannot be written: %s"):format(reason))
end

--- The entries in memory, the oldest first.
---@return sluice.emulator.Call[] calls
function Journal:list()
  return core.json.array(table.move(self.calls, self.first, self.last, 1, {}))
end

--- Begins a journal.
---@param path string|nil a file that gets every entry as a line of JSON when the call is over
---@param log fun(text: string) is told when the file cannot be written any more
---@return table journal
--- Raises kind "io" when the file cannot be made.
function M.new(path, log)
  return setmetatable({ calls = {}, first = 1, last = 0, began = core.task.now(), log = log,
    file = path and core.files.create(path) or nil }, Journal)
end

return M
