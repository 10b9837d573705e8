--- `--har`: the calls as an HTTP Archive 1.2, which browsers and proxies show. The file is a whole document after each
--- entry: an entry is written over the document's end, together with a new one.

local core = require "sluice.core"
local file = require "sluice.seeing.file"

local M = {}

local TAIL = "\n]}}\n"

--- Names of statuses as HTTP has them.
local REASONS = {
  [200] = "OK", [201] = "Created", [202] = "Accepted", [204] = "No Content", [400] = "Bad Request",
  [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found", [405] = "Method Not Allowed",
  [408] = "Request Timeout", [409] = "Conflict", [412] = "Precondition Failed", [413] = "Content Too Large",
  [415] = "Unsupported Media Type", [422] = "Unprocessable Content", [429] = "Too Many Requests",
  [500] = "Internal Server Error", [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout",
}

local UNKNOWN = -1 -- what the format has for sizes and times that are not known

local function pairs_of(list)
  local made = core.json.array {}
  for i, row in ipairs(list) do made[i] = { name = row[1], value = row[2] } end
  return made
end

--- Without escapes, unless that gives no text.
local function unescape(text)
  local plain = text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  return utf8.len(plain) and plain or text
end

local function query_of(url)
  local list = core.json.array {}
  for part in (url:match "%?([^#]*)" or ""):gmatch "[^&]+" do
    local name, value = part:match "^([^=]*)=?(.*)$"
    list[#list + 1] = { name = unescape(name), value = unescape(value) }
  end
  return list
end

local function header_of(list, name)
  for _, row in ipairs(list) do
    if row[1]:lower() == name then return row[2] end
  end
  return ""
end

local function version_of(event)
  if event.http_version == 2.0 then return "HTTP/2" end
  return event.http_version and event.http_version > 0 and ("HTTP/%.1f"):format(event.http_version) or "HTTP/1.1"
end

local function moment(seconds)
  local whole = math.floor(seconds)
  return ("%s.%03dZ"):format(os.date("!%Y-%m-%dT%H:%M:%S", whole), math.floor((seconds - whole) * 1000))
end

local function request_of(call)
  local event, headers = call.event, call:headers()
  local request = {
    method = event.method, url = call:url(), httpVersion = version_of(event), cookies = core.json.array {},
    headers = pairs_of(headers), queryString = query_of(call:url()), headersSize = UNKNOWN, bodySize = UNKNOWN,
  }
  local body = call:body()
  if event.token then
    request.postData = { mimeType = header_of(headers, "content-type"), params = pairs_of(call:form()), text = "" }
  elseif body ~= nil then
    request.postData = { mimeType = header_of(headers, "content-type"), text = core.json.encode(body) }
  else
    request.bodySize = 0
  end
  return request
end

local function response_of(call)
  local event, headers = call.event, call:answer_headers()
  local status = event.status or 0
  return {
    status = status, statusText = REASONS[status] or "", httpVersion = version_of(event),
    cookies = core.json.array {}, headers = pairs_of(headers), redirectURL = header_of(headers, "location"),
    content = { size = event.body and #event.body or 0, mimeType = header_of(headers, "content-type"),
      text = call:answer_as_text() },
    headersSize = UNKNOWN, bodySize = UNKNOWN, _error = call:failure(),
  }
end

--- What there is to say that the format has no place for.
local function comment_of(call)
  local event, words = call.event, {}
  if call.note then words[1] = call.note .. ": not sent" end
  if event.attempt > 1 then words[#words + 1] = "attempt " .. event.attempt end
  if event.wait then words[#words + 1] = ("repeated after %.3f s"):format(event.wait) end
  return #words > 0 and table.concat(words, "; ") or nil
end

--- The entry of a call that has just ended.
---@param call sluice.seeing.Call
---@return table
function M.entry(call)
  local event = call.event
  local first = math.min(event.first_byte, event.seconds)
  return {
    startedDateTime = moment(core.task.time() - event.seconds), time = event.seconds * 1000,
    request = request_of(call), response = response_of(call), cache = core.json.object {},
    timings = { blocked = UNKNOWN, dns = UNKNOWN, connect = UNKNOWN, ssl = UNKNOWN, send = 0, wait = first * 1000,
      receive = (event.seconds - first) * 1000 },
    comment = comment_of(call), _attempt = event.attempt, _requestId = event.request_id,
    _bytesSent = event.sent, _bytesReceived = event.received, _connectionsOpened = event.connections,
  }
end

---@class sluice.seeing.Har
local Har = {}
Har.__index = Har

--- Leaves a readable document where the last entry did not fit: the old end, and blanks over what follows it.
function Har:repair()
  if not self.seekable then return end
  local handle = self.file.handle
  local size = handle:seek "end" or 0
  if handle:seek("set", self.at) then handle:write(TAIL .. (" "):rep(size - self.at - #TAIL)) end
end

---@param call sluice.seeing.Call
function Har:call(call)
  if self.file.failed then return end
  local text = (self.entries > 0 and ",\n" or "\n") .. core.json.encode(M.entry(call))
  if self.seekable then self.file:seek(self.at) end
  if self.file:write(self.seekable and text .. TAIL or text) then
    self.entries, self.at = self.entries + 1, self.at + #text
  else
    self:repair()
  end
end

function Har:finish()
  if not self.seekable then self.file:write(TAIL) end
  self.file:close()
end

--- Begins the archive. Raises kind "io".
---@param path string
---@param say fun(message: string)
---@return sluice.seeing.Har
function M.new(path, say)
  local har = setmetatable({ file = file.create(path, "--har", say), entries = 0 }, Har)
  local head = ('{"log": {"version": "1.2", "creator": %s, "entries": ['):format(
    core.json.encode { name = "sluice", version = core.version })
  har.at, har.seekable = #head, har.file:seek(0)
  har.file:write(har.seekable and head .. TAIL or head)
  return har
end

return M
