--- How an answer goes out: as it is, late, spoilt, or not at all.
local core = require "sluice.core"

local M = {}

local WATCH = 0.05 -- seconds between two looks whether a client has given up
local PAGE = [[<!DOCTYPE html>
<html><head><title>Gateway</title></head><body><h1>%s</h1><p>The gateway has nothing else to say.</p></body></html>
]]

local REASONS = { [200] = "OK", [201] = "Created", [202] = "Accepted", [204] = "No Content",
  [429] = "Too Many Requests", [500] = "Internal Server Error", [502] = "Bad Gateway", [503] = "Service Unavailable",
  [504] = "Gateway Timeout" }

local function reason_of(status) return REASONS[status] or "Status " .. status end

--- A wait that ends when the client gives up.
local function wait_for_end(exchange)
  while exchange:is_open() do core.task.sleep(WATCH) end
end

--- Bytes as they are; all of them, however slowly the client reads.
local function write(exchange, bytes)
  while bytes ~= "" do
    local written = exchange:write(bytes)
    bytes = bytes:sub(written + 1)
    if written == 0 then core.task.sleep(WATCH) end
  end
end

--- An answer as it stands on the wire.
local function wire_text(answer, length)
  local lines = { ("HTTP/1.1 %d %s"):format(answer.status, reason_of(answer.status)) }
  for name, value in pairs(answer.headers) do lines[#lines + 1] = ("%s: %s"):format(name, value) end
  lines[#lines + 1] = "Content-Length: " .. (length or #answer.body)
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. answer.body
end

--- A time as HTTP writes it.
---@param seconds integer since 1970
---@return string such as "Tue, 01 Jan 2030 06:00:00 GMT"
function M.date(seconds)
  return os.date("!%a, %d %b %Y %H:%M:%S GMT", seconds) --[[@as string]]
end

local function with_body(answer, body, content_type)
  local headers = {}
  for name, value in pairs(answer.headers) do headers[name] = value end
  headers["Content-Type"] = content_type
  return { status = answer.status, headers = headers, body = body }
end

local function respond(exchange, answer) exchange:respond(answer.status, answer.headers, answer.body) end

--- What each fault does to an answer (nil: there is none, the work was not done). Gives the word of the journal.
local FAULTS = {}

function FAULTS.STATUS(exchange, _, rule)
  local headers = { ["Content-Type"] = "application/json" }
  if rule.retry_after then headers["Retry-After"] = tostring(rule.retry_after) end
  if rule.retry_date then headers["Retry-After"] = M.date(os.time() + rule.retry_date) end
  respond(exchange, { status = rule.status, headers = headers, body = core.json.encode {
    type = "/placeholder/type/uri", title = reason_of(rule.status), status = rule.status,
    detail = "fault " .. rule.text } })
end

function FAULTS.reset(exchange) exchange:reset() end

function FAULTS.close(exchange) exchange:drop() end

function FAULTS.hang(exchange)
  wait_for_end(exchange)
  exchange:drop()
end

function FAULTS.html(exchange, _, rule)
  local status = rule.status or 200
  respond(exchange, { status = status, headers = { ["Content-Type"] = "text/html" },
    body = PAGE:format(reason_of(status)) })
end

FAULTS["no-http"] = function(exchange)
  write(exchange, "\0\255\1 this is not the protocol you are looking for\n")
  exchange:drop()
end

function FAULTS.empty(exchange, answer) respond(exchange, with_body(answer, "")) end

function FAULTS.garbage(exchange, answer)
  respond(exchange, with_body(answer, ('\251{"\1\2'):rep(20), "application/json"))
end

-- Of an answer without a body the last byte of the header is missing.
function FAULTS.truncated(exchange, answer)
  local text = wire_text(answer)
  write(exchange, text:sub(1, #text - math.max(1, (#answer.body + 1) // 2)))
  exchange:drop()
end

FAULTS["wrong-length"] = function(exchange, answer)
  write(exchange, wire_text(answer, #answer.body // 2))
  exchange:drop()
end

function FAULTS.drip(exchange, answer, rule)
  local text = wire_text(answer)
  for i = 1, #text do
    if not exchange:is_open() then break end
    write(exchange, text:sub(i, i))
    core.task.sleep(rule.value)
  end
  exchange:drop()
end

--- Sends an answer. Whether the client is still there is not asked: it may have gone.
---@param exchange sluice.Exchange
---@param answer { status: integer, headers: table<string, string>, body: string }|nil nil when the work was not done
---@param rule sluice.emulator.FaultRule|nil what spoils it
function M.send(exchange, answer, rule)
  if rule then
    pcall(FAULTS[rule.kind.name], exchange, answer, rule)
  else
    pcall(respond, exchange, answer)
  end
end

return M
