--- `--replay`: answers from a cassette in place of the network.
---   strict   a call must be like a recorded one in method, path, query and body; each recorded answer is given once,
---            in order, and all have to be asked for
---   loose    method and path must be alike; the likest answer not given yet is taken, else the last one again
--- What stands in the place of secrets is not compared.

local cassette = require "sluice.seeing.cassette"
local core = require "sluice.core"

local M = {}

--- A text in which all secrets are alike.
local function alike(text)
  return (text:gsub("‹secret [^›]*›", "‹secret›"))
end

local function body_key(body)
  return body ~= nil and alike(core.json.encode(body)) or ""
end

local function place_of(method, path) return method .. " " .. path:match "^[^?]*" end

---@class sluice.seeing.Replay
---@field path string of the cassette
---@field loose boolean
---@field entries table[]
---@field started sluice.seeing.Started
---@field places table<string, table[]> entries by method and path
local Replay = {}
Replay.__index = Replay

--- How like a call a recorded one of the same place is: 3 the same, 2 but for the body, 1 but for the query too.
local function likeness(entry, path, body)
  if alike(entry.request.path) ~= path then return 1 end
  return entry.key == body and 3 or 2
end

--- The recorded call for one that is made; and the one that is nearest to it, given already or not.
local function find(self, method, path, body)
  local best, best_score, nearest, nearest_score = nil, 0, nil, 0
  for _, entry in ipairs(self.places[place_of(method, path)] or {}) do
    local score = likeness(entry, path, body)
    if not entry.given and score > best_score then best, best_score = entry, score end
    if score > nearest_score or self.loose and score == nearest_score then nearest, nearest_score = entry, score end
  end
  if self.loose then return best or nearest, nearest end
  return best_score == 3 and best or nil, best or nearest
end

--- What makes a call another than the recorded one nearest to it.
local function difference(nearest, path, body)
  if not nearest then return "nothing like it was recorded" end
  if alike(nearest.request.path) ~= path then return "recorded with another query: " .. nearest.request.path end
  if nearest.key == body then return "recorded, but made once more than it was" end
  local recorded, asked = nearest.request.body, body ~= "" and core.json.decode(body) or nil
  if recorded == nil then return "recorded without a body" end
  if asked == nil then return "recorded with a body" end
  local first = core.patch.diff(core.json.decode(nearest.key), asked)[1]
  return ("recorded with another body, different at %s"):format(first.path ~= "" and first.path or "its root")
end

local function refuse(self, method, path, nearest, body)
  core.error.raise("io", ("--replay %s: %s %s: %s"):format(self.path, method, path, difference(nearest, path, body)),
    { code = "not_recorded", hint = not self.loose and "'--replay-match loose' compares less" or nil })
end

--- Raises what a call without an answer had raised.
local function raise_failure(entry)
  local failure, method = entry.failure, entry.request.method
  local reading = method == "GET" or method == "HEAD"
  core.error.raise("http", tostring(failure.message), { method = method, attempts = entry.attempts,
    unsure = failure.sent and not reading or nil })
end

--- The answer to a call. Raises kind "io", code "not_recorded", when there is none, kind "http" where the recorded call
--- had no answer.
---@param call sluice.seeing.Call
---@return table answer
---@return string note
function Replay:answer(call)
  local method, path, body = call.event.method, alike(call:target()), body_key(call:body())
  local entry, nearest = find(self, method, path, body)
  if not entry then refuse(self, method, path, nearest, body) end
  entry.given = true
  if entry.failure then raise_failure(entry) end
  local answer = entry.answer
  return { status = answer.status, headers = answer.headers, attempts = entry.attempts,
    body = answer.body ~= nil and core.json.encode(answer.body) or answer.text or "" }, "replayed"
end

--- Says, of a run that went well, which recorded calls were not made: it was another run then.
---@param say fun(message: string)
---@return boolean complete
function Replay:check_end(say)
  local left, first = 0, nil
  for _, entry in ipairs(self.loose and {} or self.entries) do
    if not entry.given then left, first = left + 1, first or entry end
  end
  if left == 0 then return true end
  say(("--replay %s: %d recorded call%s not made; the first is %s %s"):format(self.path, left,
    left == 1 and " was" or "s were", first.request.method, first.request.path))
  return false
end

--- Opens a cassette. Raises kind "io" or "json".
---@param path string
---@param match "strict"|"loose"|nil strict unless told
---@return sluice.seeing.Replay
function M.open(path, match)
  local entries, started = cassette.read(path)
  local places = {}
  for _, entry in ipairs(entries) do
    local place = place_of(entry.request.method, entry.request.path)
    entry.key = body_key(entry.request.body)
    places[place] = places[place] or {}
    table.insert(places[place], entry)
  end
  return setmetatable({ path = path, loose = match == "loose", entries = entries, places = places,
    started = started }, Replay)
end

return M
