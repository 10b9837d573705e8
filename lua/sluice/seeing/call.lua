--- One attempt of a call, as it may be shown: what `on_call` tells, redacted, and worked out when somebody asks.

local core = require "sluice.core"
local redact = require "sluice.seeing.redact"

local M = {}

---@class sluice.seeing.Call
---@field event sluice.CallEvent
---@field settings table of the client that made it
---@field note string|nil "dry run" or "replayed": it was not sent
local Call = {}
Call.__index = Call

--- Headers that come from the client's settings.
local IDENTITY = { { "x-api-key", "client_id" }, { "x-gw-ims-org-id", "org" }, { "x-sandbox-name", "sandbox" } }

local BROKEN = "‹%d bytes of broken JSON, not shown: secrets could be in them›"

--- Text that is not UTF-8 could stand in no JSON document.
local function as_utf8(text)
  if utf8.len(text) then return text end
  local parts, at = {}, 1
  while at <= #text do
    local _, bad = utf8.len(text, at)
    parts[#parts + 1] = text:sub(at, (bad or #text + 1) - 1)
    parts[#parts + 1] = bad and "\u{FFFD}" or nil
    at = (bad or #text) + 1
  end
  return table.concat(parts)
end

--- The URL.
---@return string
function Call:url()
  if not self.shown_url then
    local ascii = self.event.url:gsub("[\x80-\xff]", function(byte) return ("%%%02X"):format(byte:byte()) end)
    self.shown_url = self.redactor:url(ascii)
  end
  return self.shown_url
end

--- The URL without scheme and host.
---@return string
function Call:target()
  return M.target(self:url())
end

--- The headers that were sent (flow-service-api.md §1.1), besides those that every HTTP client adds.
---@param hide? fun(name: string): string what stands in a secret's place
---@return { [1]: string, [2]: string }[] names and values
function Call:headers(hide)
  local event, settings, list = self.event, self.settings, {}
  local function add(name, value)
    if value ~= nil then list[#list + 1] = { name, as_utf8(self.redactor:header(name, value, hide)) } end
  end
  if event.token then
    add("Accept", "application/json")
    add("Content-Type", "application/x-www-form-urlencoded")
    return list
  end
  local given, own = event.request.headers or {}, {}
  for name in pairs(given) do own[#own + 1], own[name:lower()] = name, true end
  table.sort(own)
  list[1] = not own.authorization and { "Authorization", "Bearer " .. (hide or redact.shown)("access token") } or nil
  for _, row in ipairs(IDENTITY) do
    if not own[row[1]] then add(row[1], settings[row[2]]) end
  end
  if event.request.body ~= nil and not own["content-type"] then add("Content-Type", "application/json") end
  for _, name in ipairs(own) do add(name, given[name]) end
  return list
end

--- The fields of a token request.
---@param hide? fun(name: string): string
---@return { [1]: string, [2]: string }[] names and values
function Call:form(hide)
  local settings = self.settings
  return {
    { "grant_type", "client_credentials" }, { "client_id", redact.mask(settings.client_id or "") },
    { "client_secret", (hide or redact.shown) "client_secret" }, { "scope", redact.mask(settings.scopes or "") },
  }
end

--- The body that was sent, with secrets hidden; nil when there was none.
---@param hide? fun(name: string): string
---@return any
function Call:body(hide)
  local request = self.event.request
  if not request or request.body == nil then return nil end
  return self.redactor:value(request.body, hide)
end

local function read_answer(self)
  local event = self.event
  if event.token and event.status then return nil, "‹not shown: a token›" end
  local text = event.body
  if text == nil or text == "" then return nil, nil end
  local ok, value = pcall(core.json.decode, text)
  if ok and type(value) == "table" then
    self.redactor:learn(value)
    return self.redactor:value(value), nil
  end
  if not ok and text:find "^%s*[%[{]" then return nil, BROKEN:format(#text) end
  return nil, self.redactor:text(as_utf8(text))
end

--- What was answered.
---@return any value decoded, with secrets hidden; nil when it is no JSON object or array
---@return string|nil text of any other answer; nil when there was none
function Call:answer()
  if not self.answer_read then
    self.answer_read = true
    self.answer_value, self.answer_text = read_answer(self)
  end
  return self.answer_value, self.answer_text
end

--- The answer as one text, "" when it was empty.
---@return string
function Call:answer_as_text()
  local value, text = self:answer()
  if value == nil then return text or "" end
  return core.json.encode(value)
end

--- Headers of the answer, by name.
---@return { [1]: string, [2]: string }[] names and values
function Call:answer_headers()
  local list = {}
  for name, value in pairs(self.event.headers or {}) do
    list[#list + 1] = { name, as_utf8(self.redactor:header(name, value)) }
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

--- Why there was no answer; nil when there was one.
---@return string|nil
function Call:failure()
  return self.event.error and redact.mask(self.event.error)
end

--- A URL without scheme and host.
---@param url string
---@return string
function M.target(url)
  local rest = url:match "^%a[%w+.-]*://[^/?#]*(.*)$" or url
  return rest ~= "" and rest or "/"
end

--- A call to be shown.
---@param event sluice.CallEvent
---@param settings table of the client
---@param redactor sluice.seeing.Redactor
---@param note? string
---@return sluice.seeing.Call
function M.new(event, settings, redactor, note)
  return setmetatable({ event = event, settings = settings, redactor = redactor, note = note }, Call)
end

return M
