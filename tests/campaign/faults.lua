--- Random fault rules for the operations that a piece of work calls.

local M = {}

local random = math.random

--- What can go wrong with reading: nothing that is read can be doubled.
local READING = {
  "500", "502", "503", "504", "408", "429", "429:retry-after=0", "503:retry-after=1", "400", "404", "reset", "close",
  "hang", "html", "html:502", "no-http", "empty", "garbage", "truncated", "wrong-length", "drip=0", "delay=0.1",
  "delay-after=0.1", "expired-token",
}

--- And with writing. What the service refuses (4xx) it has not done; late work comes within the client's patience, for
--- nobody can tell work that will still be done from work that never will.
local WRITING = {
  "503-after", "500-after", "502-after", "504-after", "408-after", "reset-after", "close-after", "hang-after",
  "html-after", "html-after:502", "no-http-after", "delay-after=1.3",
}

--- Lists that lag do so for less than the client's `settle`.
local LISTING = { "lag=0.04", "lag-calls=1", "lag-calls=2" }

local function one_of(list) return list[random(#list)] end

local function is_list(operation) return operation:find "%.list$" ~= nil end

local function is_write(operation)
  return operation:find "%.create$" or operation:find "%.update$" or operation:find "%.delete$"
    or operation:find "%.action$"
end

local ENTITIES = { connections = true, source_connections = true, target_connections = true, flows = true }

local function kinds_for(operation)
  local kinds = { table.unpack(READING) }
  if is_write(operation) then table.move(WRITING, 1, #WRITING, #kinds + 1, kinds) end
  if operation:find "%.update$" then kinds[#kinds + 1] = "edited" end
  if is_list(operation) and ENTITIES[operation:match "^[^.]+"] then
    table.move(LISTING, 1, #LISTING, #kinds + 1, kinds)
  end
  return kinds
end

--- When: at one call, at some, by chance, or at all of them.
local function condition(most)
  local way = random(10)
  if way <= 6 then return ("nth=%d:"):format(random(most)) end
  if way <= 8 then return ("nth=%d-%d:"):format(random(most), most + random(3)) end
  if way == 9 then return ("p=0.%d:"):format(random(1, 9)) end
  return ""
end

--- Every fault at every operation, in an order that is always the same.
---@param counts table<string, integer> operation → how often the work calls it
---@return { [1]: string, [2]: string }[] list operation and fault
function M.pairs_of(counts)
  local operations, list = {}, {}
  for operation in pairs(counts) do operations[#operations + 1] = operation end
  table.sort(operations)
  for _, operation in ipairs(operations) do
    for _, kind in ipairs(kinds_for(operation)) do list[#list + 1] = { operation, kind } end
  end
  return list
end

--- Rules for one run: a pair of the list, and none to three others.
---@param counts table<string, integer>
---@param place integer which pair comes first; beyond the list it begins anew
---@return string[] rules
function M.rules(counts, place)
  local all = M.pairs_of(counts)
  local chosen = { all[(place - 1) % #all + 1] }
  for _ = 1, random(0, 3) do chosen[#chosen + 1] = one_of(all) end
  local rules = {}
  for i, pair in ipairs(chosen) do
    rules[i] = ("%s:%s%s"):format(pair[1], i == 1 and ("nth=%d:"):format(random(counts[pair[1]]))
      or condition(counts[pair[1]]), pair[2])
  end
  return rules
end

local REFUSALS = { ["400"] = true, ["404"] = true }
local NONSENSE = { html = true, empty = true, garbage = true, ["wrong-length"] = true }

--- Must work end well under these rules? Under one fault at one call it must, unless the fault is a refusal, or an
--- answer to a reading that is a success and cannot be read.
---@param rules string[]
---@return boolean
function M.must_pass(rules)
  local operation, fault = (rules[1] or ""):match "^([^:]*):nth=%d+:(.*)$"
  if #rules ~= 1 or not operation or REFUSALS[fault] then return false end
  return is_write(operation) or not NONSENSE[fault]
end

--- The same for a run that follows upon another one. By now lists show what that one made, unless they lag by number.
---@param rules string[]
---@return string[]
function M.for_later(rules)
  local kept = {}
  for _, rule in ipairs(rules) do
    if not rule:find("lag-calls", 1, true) then kept[#kept + 1] = rule end
  end
  return kept
end

return M
