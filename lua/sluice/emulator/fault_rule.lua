--- The grammar of fault rules: which calls, when, and what goes wrong.
--
--     OPERATION[:WHEN…]:FAULT[:DETAIL]
--
--     flows.create:nth=2:reset-after        the second creation of a dataflow is done, its answer is lost
--     *:p=0.05:503:retry-after=1            one call of twenty is turned away, for a second
--     *.create,*.update:hang:times=3        the first three writes get no answer at all
--
-- The parts behind the operation may stand in any order. One of them is the fault.
local core = require "sluice.core"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.emulator.FaultKind
---@field name string
---@field times string[] at which moments it may strike; the first one unless the rule says another: "before" the
---  work is done, or "after" it
---@field value? "seconds"|"calls" what follows behind "="
---@field default? number where the value may be left out
---@field only? "update"|"list" the operations it has a meaning for
---@field family "answer"|"delay"|"service" of one rule each may strike at the same call; "service" all
---@field help string

---@type sluice.emulator.FaultKind[]
M.kinds = {
  { name = "STATUS", family = "answer", times = { "before", "after" },
    help = "such as 503, from 400 to 599; with retry-after=SECONDS or, as a date, retry-date=SECONDS" },
  { name = "reset", family = "answer", times = { "before", "after" }, help = "the connection is reset, no answer" },
  { name = "close", family = "answer", times = { "before", "after" }, help = "the connection ends without an answer" },
  { name = "hang", family = "answer", times = { "before", "after" }, help = "no answer until the client gives up" },
  { name = "html", family = "answer", times = { "before", "after" },
    help = "a page of HTML in place of the answer; with a STATUS or with 200" },
  { name = "no-http", family = "answer", times = { "before", "after" }, help = "bytes that are no HTTP at all" },
  { name = "empty", family = "answer", times = { "after" }, help = "the answer's status without its body" },
  { name = "garbage", family = "answer", times = { "after" }, help = "the answer's body is noise" },
  { name = "truncated", family = "answer", times = { "after" }, help = "the connection ends within the answer's body" },
  { name = "wrong-length", family = "answer", times = { "after" },
    help = "Content-Length is less than the body, which is cut there" },
  { name = "drip", family = "answer", times = { "after" }, value = "seconds", default = 0.1,
    help = "the answer comes byte by byte, this far apart" },
  { name = "delay", family = "delay", times = { "before", "after" }, value = "seconds",
    help = "the work is done late; after: answered late" },
  { name = "expired-token", family = "service", times = { "before" },
    help = "the call's token is no longer good (401013)" },
  { name = "edited", family = "service", times = { "before" }, only = "update",
    help = "somebody else changes the entity just before (412): its audiences in another order, or its description" },
  { name = "lag", family = "service", times = { "before" }, value = "seconds", only = "list",
    help = "a list shows what was created so long ago, no sooner" },
  { name = "lag-calls", family = "service", times = { "before" }, value = "calls", only = "list",
    help = "so many lists do not show a new entity yet" },
}

--- Names for sets of rules.
M.presets = {
  ["bad-network"] = { rules = { "*:p=0.04:reset-before", "*:p=0.04:reset-after", "*:p=0.02:truncated" },
    help = "one call of ten is cut off" },
  busy = { rules = { "*:p=0.1:429:retry-after=1", "*:p=0.05:503" }, help = "429 and 503 now and then" },
  slow = { rules = { "*:p=0.2:delay=2", "*:p=0.02:hang" }, help = "answers that take seconds, or never come" },
  lagging = { rules = { "*.list:lag=2" }, help = "lists that show new entities two seconds later" },
}

local by_name = {}
for _, kind in ipairs(M.kinds) do by_name[kind.name] = kind end
by_name.STATUS = nil

local CONDITIONS = { "nth", "p", "times", "seed" }
local DETAILS = { "retry-after", "retry-date" }

---@class sluice.emulator.FaultRule
---@field text string as it was given
---@field operations table<string, boolean> those it is for
---@field kind sluice.emulator.FaultKind
---@field time "before"|"after"
---@field value number|nil
---@field status integer|nil
---@field retry_after integer|nil seconds
---@field retry_date integer|nil seconds
---@field from integer of the calls that it counts, the first it may strike at
---@field to integer and the last
---@field p number probability
---@field times number how often it strikes at most
---@field seed string|nil

local function refuse(text, message, ...)
  core.error.raise("usage", ("fault '%s': %s"):format(text, message:format(...)),
    { hint = "such as flows.create:nth=2:reset-after" })
end

-- ── operations ─────────────────────────────────────────────────────────────────────────────────────────────

--- Is this the operation's name, or a pattern for it? A service's own spelling (sourceConnections) will do.
local function matcher(word)
  local pattern = word:gsub("%u", function(letter) return "_" .. letter:lower() end)
  pattern = "^" .. pattern:gsub("[^%w_*]", "%%%0"):gsub("%*", ".*") .. "$"
  return function(operation) return operation:find(pattern) ~= nil end
end

local function is_of_kind(operation, kind)
  return not kind.only or operation:find("%." .. kind.only .. "$") ~= nil
end

local function operations_of(rule, words, known)
  for word in words:gmatch "[^,]+" do
    local matches, found = matcher(word), false
    for _, operation in ipairs(known) do
      if matches(operation) then
        found = true
        if is_of_kind(operation, rule.kind) then rule.operations[operation] = true end
      end
    end
    if not found then
      refuse(rule.text, "no operation is called '%s', %s", word,
        suggest.expected(word, table.move(known, 1, #known, 2, { "*" })))
    end
  end
  if not next(rule.operations) then
    refuse(rule.text, "'%s' means something for %ss only, such as flows.%s", rule.kind.name, rule.kind.only,
      rule.kind.only)
  end
end

-- ── the other parts ────────────────────────────────────────────────────────────────────────────────────────

local function number(rule, name, text, low, high, says)
  local value = tonumber(text)
  if not (text:find "^[%d.]+$" and value and value >= low and value <= high) then
    refuse(rule.text, "%s is '%s'; expected %s", name, text, says)
  end
  return value
end

local function whole(rule, name, text, low)
  local value = text:find "^%d+$" and math.tointeger(tonumber(text))
  if not value or value < low or value > 1000000 then
    refuse(rule.text, "%s is '%s'; expected a whole number of at least %d", name, text, low)
  end
  return value
end

local read = {}

function read.nth(rule, text)
  local from, dash, to = text:match "^(%d+)(%-?)(%d*)$"
  if not from then refuse(rule.text, "nth is '%s'; expected a number, or a range such as 2-4 or 2-", text) end
  rule.from = whole(rule, "nth", from, 1)
  rule.to = dash == "" and rule.from or to == "" and math.maxinteger or whole(rule, "nth", to, rule.from)
end

function read.p(rule, text) rule.p = number(rule, "p", text, 0, 1, "a probability from 0 to 1") end

function read.times(rule, text) rule.times = whole(rule, "times", text, 1) end

function read.seed(rule, text) rule.seed = text end

read["retry-after"] = function(rule, text) rule.retry_after = whole(rule, "retry-after", text, 0) end
read["retry-date"] = function(rule, text) rule.retry_date = whole(rule, "retry-date", text, 0) end

local function all_words()
  local words = {}
  for _, kind in ipairs(M.kinds) do words[#words + 1] = by_name[kind.name] and kind.name end
  for _, list in ipairs { CONDITIONS, DETAILS } do
    for _, name in ipairs(list) do words[#words + 1] = name .. "=" end
  end
  return words
end

local function set_kind(rule, kind, time)
  if rule.kind and kind ~= rule.kind then
    refuse(rule.text, "'%s' and '%s' are two faults; write a rule for each", rule.kind.name, kind.name)
  end
  rule.kind, rule.time = kind, time or rule.time
end

local function read_status(rule, text, time)
  if rule.status then refuse(rule.text, "%d and %s are two statuses; write a rule for each", rule.status, text) end
  rule.status = math.tointeger(tonumber(text))
  if rule.status < 400 or rule.status > 599 then
    refuse(rule.text, "status %s; expected 400 to 599", text)
  end
  if not (rule.kind and rule.kind.name == "html") then set_kind(rule, M.kinds[1], time) end
  rule.time = time or rule.time
end

local function read_value(rule, kind, text)
  if not kind.value and text then refuse(rule.text, "'%s' takes no value", kind.name) end
  if not kind.value then return end
  if not text and not kind.default then
    refuse(rule.text, "'%s' needs a number of %s, such as %s=2", kind.name, kind.value, kind.name)
  end
  if kind.value == "calls" then
    rule.value = whole(rule, kind.name, text, 1)
  else
    rule.value = text and number(rule, kind.name, text, 0, 86400, "seconds") or kind.default
  end
end

--- A fault by its name, with -before or -after behind it.
local function read_fault(rule, name, text)
  local stem, time = name:match "^(.-)%-(before)$"
  if not stem then stem, time = name:match "^(.-)%-(after)$" end
  if not stem then stem = name end
  if stem:find "^%d%d%d$" and not text then return read_status(rule, stem, time) end
  local kind = by_name[stem]
  if not kind then
    refuse(rule.text, "'%s' is no fault and no condition, %s", name, suggest.expected(name, all_words()))
  end
  if time and time ~= kind.times[1] and time ~= kind.times[2] then
    refuse(rule.text, "'%s' cannot be %s the work", stem, time)
  end
  if rule.kind == M.kinds[1] and kind.name == "html" then rule.kind = nil end
  set_kind(rule, kind, time)
  read_value(rule, kind, text)
end

local function read_part(rule, part)
  local name, text = part:match "^([^=]*)=(.*)$"
  local reader = text and read[name]
  if reader then return reader(rule, text) end
  return read_fault(rule, name or part, text)
end

local function check_whole(rule)
  if not rule.kind then
    refuse(rule.text, "no fault in it, such as 503, reset-after, hang or delay=2")
  end
  if (rule.retry_after or rule.retry_date) and not rule.status then
    refuse(rule.text, "retry-after and retry-date go with a status, such as 503")
  end
  rule.time = rule.time or rule.kind.times[1]
end

--- Reads one rule.
---@param text string
---@param known string[] the operations there are
---@return sluice.emulator.FaultRule
--- Raises kind "usage": it names the rule, and what was expected.
function M.read(text, known)
  if type(text) ~= "string" or not text:find "%S" then
    core.error.raise("usage", "a fault is a text such as flows.create:nth=2:reset-after")
  end
  local words, rest = text:match "^([^:]*):(.*)$"
  local rule = { text = text, operations = {}, from = 1, to = math.maxinteger, p = 1, times = math.huge }
  if not words then refuse(text, "expected OPERATION:FAULT, or a name: %s", table.concat(M.preset_names(), ", ")) end
  for part in (rest .. ":"):gmatch "([^:]*):" do read_part(rule, part) end
  check_whole(rule)
  operations_of(rule, words, known)
  return rule
end

--- The names that stand for sets of rules.
---@return string[]
function M.preset_names()
  local names = {}
  for name in pairs(M.presets) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Reads rules, and names of sets of them.
---@param texts string[]
---@param known string[] the operations there are
---@return sluice.emulator.FaultRule[]
--- Raises as `read` does.
function M.read_all(texts, known)
  local rules = {}
  for _, text in ipairs(texts) do
    local preset = M.presets[text]
    for _, one in ipairs(preset and preset.rules or { text }) do rules[#rules + 1] = M.read(one, known) end
  end
  return rules
end

return M
