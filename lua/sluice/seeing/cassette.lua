--- `--record`: the calls of a run and their answers, redacted, a line of JSON each, for `--replay`. This file knows the
--- form; `replay` answers from it.

local core = require "sluice.core"
local file = require "sluice.seeing.file"

local M = {}

M.FORM = 1 -- of the file
M.MAX_BYTES = 256 * 1024 * 1024

--- Headers that speak of one transfer, not of the answer.
local LEFT_OUT = { ["content-length"] = true, ["content-encoding"] = true, ["transfer-encoding"] = true,
  connection = true, ["keep-alive"] = true, date = true, ["set-cookie"] = true }

-- ── recording ──────────────────────────────────────────────────────────────────────────────────────────────

local function answer_of(call)
  local event = call.event
  if event.error then return nil, { message = call:failure(), sent = event.sent > 0 } end
  local headers = core.json.object {}
  for _, row in ipairs(call:answer_headers()) do
    if not LEFT_OUT[row[1]] then headers[row[1]] = row[2] end
  end
  local value, text = call:answer()
  return { status = event.status, headers = headers, body = value, text = value == nil and text or nil }
end

--- The entry of a call: what was asked, and the answer of its last attempt.
---@param call sluice.seeing.Call
---@return table
function M.entry(call)
  local event = call.event
  local answer, failure = answer_of(call)
  return {
    request = { method = event.method, path = call:target(), body = call:body() },
    answer = answer, failure = failure, attempts = event.attempt > 1 and event.attempt or nil,
  }
end

---@class sluice.seeing.Recorder
local Recorder = {}
Recorder.__index = Recorder

--- Tokens are not recorded, nor attempts that were followed by another.
---@param call sluice.seeing.Call
function Recorder:call(call)
  if call.event.token or call.event.wait then return end
  self.file:write(core.json.encode(M.entry(call)) .. "\n")
end

function Recorder:finish() self.file:close() end

---@class sluice.seeing.Started how a recorded run began
---@field time integer|nil seconds since 1970, by the clock that checks go by
---@field emulated boolean|nil

--- Begins a cassette. Raises kind "io".
---@param path string
---@param say fun(message: string)
---@param started? sluice.seeing.Started
---@return sluice.seeing.Recorder
function M.record(path, say, started)
  local recorder = setmetatable({ file = file.create(path, "--record", say) }, Recorder)
  local head = { sluice_cassette = M.FORM, sluice = core.version }
  for name, value in pairs(started or {}) do head[name] = value end
  recorder.file:write(core.json.encode(head) .. "\n")
  return recorder
end

-- ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

local function fail(message, ...)
  core.error.raise("io", "--replay " .. message:format(...))
end

local function check_head(head, path)
  if type(head) ~= "table" or head.sluice_cassette == nil then
    fail("%s: expected a file that `sluice run --record` has written", path)
  elseif head.sluice_cassette ~= M.FORM then
    fail("%s: a cassette of form %s, written by sluice %s; this is sluice %s, which reads form %d", path,
      tostring(head.sluice_cassette), tostring(head.sluice), core.version, M.FORM)
  end
end

local function is_entry(entry)
  local request = type(entry) == "table" and entry.request
  if type(request) ~= "table" then return false end
  if type(request.method) ~= "string" or type(request.path) ~= "string" then return false end
  local answer = entry.answer
  if answer == nil then return type(entry.failure) == "table" end
  return type(answer) == "table" and math.type(answer.status) == "integer"
end

local function read_text(path)
  local handle <close>, missing = io.open(path, "rb")
  if not handle then fail("%s", missing) end
  local text, reason = handle:read(M.MAX_BYTES + 1)
  if reason then fail("%s: %s", path, reason) end
  if text and #text > M.MAX_BYTES then fail("%s: larger than %d MiB", path, M.MAX_BYTES >> 20) end
  return text or ""
end

--- Reads a cassette. The beginning of a line with which a recording broke off is left out. Raises kind "io" or "json".
---@param path string
---@return table[] entries
---@return sluice.seeing.Started started
function M.read(path)
  local entries, number, head = {}, 0, nil
  for line in read_text(path):gmatch "([^\n]*)\n" do
    number = number + 1
    if not head and not line:find "^%s*{" then break end
    local value = core.json.decode(line, ("--replay %s, line %d"):format(path, number))
    if number == 1 then
      check_head(value, path)
      head = value
    elseif is_entry(value) then
      entries[#entries + 1] = value
    else
      fail("%s, line %d: expected a request with its answer", path, number)
    end
  end
  check_head(head, path)
  return entries, { time = math.tointeger(head.time), emulated = head.emulated == true }
end

return M
