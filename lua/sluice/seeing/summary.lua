--- `--summary`: what a run has cost, at its end.

local bytes = require("sluice.seeing.trace").bytes
local core = require "sluice.core"

local M = {}

---@class sluice.seeing.Summary
local Summary = {}
Summary.__index = Summary

---@param call sluice.seeing.Call
function Summary:call(call)
  local event, sums = call.event, self.sums
  if call.note then
    sums.not_sent = sums.not_sent + 1
    return
  end
  sums.attempts = sums.attempts + 1
  if event.attempt == 1 then
    sums.calls = sums.calls + 1
    if event.token then sums.token_calls = sums.token_calls + 1 end
  end
  sums.bytes_sent, sums.bytes_received = sums.bytes_sent + event.sent, sums.bytes_received + event.received
  sums.connections = sums.connections + event.connections
  sums.seconds_in_service = sums.seconds_in_service + event.seconds
  sums.seconds_waited = sums.seconds_waited + (event.wait or 0)
end

--- The figures, for programs.
---@return table<string, number> figures calls, token_calls (of these), attempts, repeated, not_sent (answered without
---  a network), bytes_sent, bytes_received, connections, seconds_in_service, seconds_waited, seconds
function Summary:document()
  local document = {}
  for name, value in pairs(self.sums) do document[name] = value end
  document.repeated = document.attempts - document.calls
  document.seconds = core.task.now() - self.began
  return document
end

local function plural(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

function Summary:finish()
  local sums = self:document()
  local token = sums.token_calls > 0 and (" (%d for a token)"):format(sums.token_calls) or ""
  local not_sent = sums.not_sent > 0 and ("; %d more answered without a network"):format(sums.not_sent) or ""
  self.out.line(("%s%s in %s, %d repeated%s"):format(plural(sums.calls, "call"), token,
    plural(sums.attempts, "attempt"), sums.repeated, not_sent))
  self.out.line(("%s sent, %s received, %s opened"):format(bytes(sums.bytes_sent), bytes(sums.bytes_received),
    plural(sums.connections, "connection")))
  self.out.line(("%.3f s in the service and %.3f s waited before repeats, calls added up; %.3f s from start to end")
    :format(sums.seconds_in_service, sums.seconds_waited, sums.seconds))
end

---@param out sluice.seeing.Output
---@return sluice.seeing.Summary
function M.new(out)
  return setmetatable({ out = out, began = core.task.now(), sums = { calls = 0, token_calls = 0, attempts = 0,
    not_sent = 0, bytes_sent = 0, bytes_received = 0, connections = 0, seconds_in_service = 0,
    seconds_waited = 0 } }, Summary)
end

return M
