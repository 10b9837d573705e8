--- `--trace`: one line a call, as it ends; with `--trace=full` what was sent and what came back below it.

local core = require "sluice.core"

local M = {}

---@class sluice.seeing.Output where lines for people go
---@field line fun(text: string, painted?: { before: string, code: string }) writes a line; `before` it another text,
---  in a colour where there is any: the code of an SGR sequence

---@class sluice.seeing.Trace
local Trace = {}
Trace.__index = Trace

--- A number of bytes for people: "512 B", "1.4 kB", "2.0 MB".
---@param bytes integer
---@return string
function M.bytes(bytes)
  if bytes < 1000 then return ("%d B"):format(bytes) end
  if bytes < 999950 then return ("%.1f kB"):format(bytes / 1000) end
  return ("%.1f MB"):format(bytes / 1000000)
end

--- Green: done, yellow: refused, red: the service or the network failed.
local function colour_of(event)
  local status = event.status or 0
  return status >= 200 and status < 400 and "32" or status >= 400 and status < 500 and "33" or "31"
end

--- What follows the target: why, what comes next, by what the service knows it.
local function remarks(call)
  local event, words = call.event, {}
  if event.token then words[1] = "(token)" end
  if call.note then words[#words + 1] = ("(%s)"):format(call.note) end
  if event.error then words[#words + 1] = call:failure() end
  if event.wait then words[#words + 1] = ("again in %.1f s"):format(event.wait) end
  if event.request_id then words[#words + 1] = "request " .. call.redactor:text(event.request_id) end
  return #words > 0 and "  " .. table.concat(words, "; ") or ""
end

local function add_lines(out, mark, text)
  for line in (text:gsub("\n$", "") .. "\n"):gmatch "(.-)\r?\n" do out.line(mark .. line) end
end

local function add_bodies(out, call)
  local sent = call:body()
  if call.event.token then
    local fields = {}
    for i, row in ipairs(call:form()) do fields[i] = row[1] .. "=" .. row[2] end
    add_lines(out, "> ", table.concat(fields, "&"))
  elseif sent ~= nil then
    add_lines(out, "> ", core.json.encode(sent, { indent = 2 }))
  end
  local value, text = call:answer()
  if value ~= nil then text = core.json.encode(value, { indent = 2 }) end
  if text then add_lines(out, "< ", text) end
end

---@param call sluice.seeing.Call
function Trace:call(call)
  local event = call.event
  local figures = ("%-6s %9.1f ms %8s out %8s in  try %d  %s%s"):format(event.method, event.seconds * 1000,
    M.bytes(event.sent), M.bytes(event.received), event.attempt, call:target(), remarks(call))
  self.out.line(figures, { before = ("%3s "):format(event.status or "-"), code = colour_of(event) })
  if self.full then add_bodies(self.out, call) end
end

---@param out sluice.seeing.Output
---@param full boolean
---@return sluice.seeing.Trace
function M.new(out, full)
  return setmetatable({ out = out, full = full }, Trace)
end

return M
