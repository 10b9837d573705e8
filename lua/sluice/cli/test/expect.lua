--- `assert` of tests: Lua's own, with the assertions that people know from busted.
---
---     assert(value, "message")                    assert.equal(expected, got)        assert.same(expected, got)
---     assert.is_true(got)  .is_nil  .is_table …   assert.matches(pattern, text)      assert.near(1.5, got, 0.1)
---     assert.has_error(fn, "message")             assert.error_matches(fn, pattern)
---
--- The words is, are, was, has, have, does stand where they please; not and no turn an assertion round:
--- `assert.is_not_nil(x)`, `assert.are.same(a, b)`, `assert.has_no.errors(fn)`.

local core = require "sluice.core"
local show = require "sluice.cli.test.show"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.test.Failure what a failed assertion raises
---@field message string
local Failure = {}
Failure.__index = Failure
Failure.__tostring = function(self) return self.message end

--- Is it what a failed assertion raised?
---@param value any
---@return boolean
function M.is_failure(value)
  return getmetatable(value) == Failure
end

-- ── comparing ──────────────────────────────────────────────────────────────────────────────────────────────

--- Are they the same, with all that is in them? Metatables do not count; what raised `a == b` is not asked.
local function same(a, b, pairs_seen)
  if type(a) ~= "table" or type(b) ~= "table" or a == b then return a == b end
  pairs_seen[a] = pairs_seen[a] or {}
  if pairs_seen[a][b] then return true end
  pairs_seen[a][b] = true
  for key, value in next, a do
    if not same(value, rawget(b, key), pairs_seen) then return false end
  end
  for key in next, b do
    if rawget(a, key) == nil then return false end
  end
  return true
end

--- The text of what was raised, without the place that Lua puts before it.
local function texts_of(value)
  local ok, text = pcall(tostring, value)
  if not ok then return "", "" end
  return text, type(value) == "string" and text:gsub("^[^\n]-:%d+: ", "", 1) or core.error.is(value) and value.message
    or text
end

local function is_expected(raised, expected)
  if expected == nil then return true end
  if type(expected) == "string" then
    local text, message = texts_of(raised)
    return text == expected or message == expected
  end
  if type(expected) ~= "table" or type(raised) ~= "table" then return raised == expected end
  for key, value in pairs(expected) do
    if not same(value, raised[key], {}) then return false end
  end
  return true
end

--- Runs what is to fail. Ctrl-C is no failure that a test could expect.
local function raised_by(fn)
  if type(fn) ~= "function" then error("expected a function to call, got " .. suggest.quote(fn), 0) end
  local ok, raised = pcall(fn)
  if not ok and core.error.is(raised, "interrupted") then error(raised, 0) end
  return not ok, raised
end

-- ── the assertions ─────────────────────────────────────────────────────────────────────────────────────────

local function text_of(value) return table.concat(show.lines(value), "\n") end

local function expected(what, got) return ("expected: %s\n     got: %s"):format(what, got) end

---@class sluice.test.Assertion
---@field takes integer values at least
---@field holds fun(...): boolean, any does it hold; what a function raised, where it is about that
---@field wanted fun(...): string said when it does not hold; of errors, the last value is what was raised
---@field unwanted fun(...): string said when it holds and should not

---@type table<string, sluice.test.Assertion>
local ASSERTIONS = {
  equal = {
    takes = 2,
    holds = function(wanted, got) return wanted == got end,
    wanted = function(wanted, got)
      local told = show.difference(wanted, got)
      if not same(wanted, got, {}) then return told end
      return told .. "\nthey look alike and are two; assert.same compares what is in them"
    end,
    unwanted = function(_, got) return "expected another value than " .. text_of(got) end,
  },
  same = {
    takes = 2,
    holds = function(wanted, got) return same(wanted, got, {}) end,
    wanted = show.difference,
    unwanted = function(_, got) return "expected another value than " .. text_of(got) end,
  },
  near = {
    takes = 3,
    holds = function(wanted, got, tolerance) return type(got) == "number" and math.abs(wanted - got) <= tolerance end,
    wanted = function(wanted, got, tolerance)
      return expected(("%s, give or take %s"):format(wanted, tolerance), text_of(got))
    end,
    unwanted = function(wanted, got) return ("expected nothing near %s, got %s"):format(wanted, text_of(got)) end,
  },
  matches = {
    takes = 2,
    holds = function(pattern, text, init, plain)
      return type(text) == "string" and text:find(pattern, init, plain) ~= nil
    end,
    wanted = function(pattern, text)
      return expected("a text that matches " .. suggest.quote(pattern), text_of(text))
    end,
    unwanted = function(pattern, text)
      return expected("a text that does not match " .. suggest.quote(pattern), text_of(text))
    end,
  },
  error = {
    takes = 1,
    holds = function(fn, wanted)
      local failed, raised = raised_by(fn)
      return failed and is_expected(raised, wanted), { failed = failed, raised = raised }
    end,
    wanted = function(_, wanted, seen)
      if not seen.failed then return "expected an error, and there was none" end
      return expected("the error " .. text_of(wanted), (texts_of(seen.raised)))
    end,
    unwanted = function(_, _, seen) return "expected no error, got: " .. texts_of(seen.raised) end,
  },
  error_matches = {
    takes = 2,
    holds = function(fn, pattern)
      local failed, raised = raised_by(fn)
      return failed and texts_of(raised):find(pattern) ~= nil, { failed = failed, raised = raised }
    end,
    wanted = function(_, pattern, seen)
      if not seen.failed then return "expected an error, and there was none" end
      return expected("an error that matches " .. suggest.quote(pattern), (texts_of(seen.raised)))
    end,
    unwanted = function(_, _, seen) return "expected no such error, got: " .. texts_of(seen.raised) end,
  },
}

--- An assertion about one value: whether it is of a kind.
local function about(what, is)
  return {
    takes = 1,
    holds = is,
    wanted = function(got) return expected(what, text_of(got)) end,
    unwanted = function(got) return expected("anything but " .. what, text_of(got)) end,
  }
end

ASSERTIONS["true"] = about("true", function(got) return got == true end)
ASSERTIONS["false"] = about("false", function(got) return got == false end)
ASSERTIONS["nil"] = about("nil", function(got) return got == nil end)
ASSERTIONS.truthy = about("anything but nil and false", function(got) return not not got end)
ASSERTIONS.falsy = about("nil or false", function(got) return not got end)
for _, name in ipairs { "string", "number", "table", "function", "boolean", "userdata" } do
  ASSERTIONS[name] = about("a " .. name, function(got) return type(got) == name end)
end

local OTHER = { equals = "equal", match = "matches", errors = "error", error_match = "error_matches" }
for other, name in pairs(OTHER) do ASSERTIONS[other] = ASSERTIONS[name] end

-- ── words ──────────────────────────────────────────────────────────────────────────────────────────────────

local NEUTRAL = { is = true, are = true, was = true, were = true, has = true, have = true, does = true, be = true }
local NEGATING = { ["not"] = true, no = true }

local function names()
  local list = {}
  for name in pairs(ASSERTIONS) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function fail(message, said)
  if said ~= nil then message = tostring(said) .. "\n" .. message end
  error(setmetatable({ message = message }, Failure), 0)
end

--- The function behind a name. A message may follow the values of a comparison. It gives the last of the values, or
--- what a function raised.
local function check_of(name, negated)
  local assertion = ASSERTIONS[name]
  return function(...)
    local values, count = table.pack(...), assertion.takes
    if values.n < count and count > 1 then -- a function that gives nothing gives nil
      error(("assert.%s: expected %d values, got %d"):format(name, count, values.n), 2)
    end
    local holds, seen = assertion.holds(...)
    if holds == not negated then
      if seen then return seen.raised end
      return values[count]
    end
    local say = assertion[negated and "unwanted" or "wanted"]
    if seen then return fail(say(values[1], values[2], seen)) end
    return fail(say(...), name ~= "matches" and name ~= "match" and values[count + 1] or nil)
  end
end

local chain

--- What stands behind a name: an assertion, or further words to come.
local function meaning(name, negated)
  local rest = {}
  for word in name:gmatch "[^_]+" do
    if #rest == 0 and NEGATING[word] then
      negated = not negated
    elseif #rest > 0 or not NEUTRAL[word] then
      rest[#rest + 1] = word
    end
  end
  local wanted = table.concat(rest, "_")
  if wanted == "" then return chain(negated) end
  if ASSERTIONS[wanted] then return check_of(wanted, negated) end
  local nearest = suggest.nearest(wanted, names())
  return error(("assert has no '%s'%s"):format(name, nearest and ("; did you mean '%s'?"):format(nearest) or ""), 3)
end

function chain(negated)
  return setmetatable({}, {
    __index = function(_, name) return meaning(tostring(name), negated) end,
    __call = function(_, value, message, ...)
      if value then return value, message, ... end
      if message ~= nil and type(message) ~= "string" then error(message, 0) end
      return fail(message or "assertion failed!")
    end,
  })
end

--- The table that tests know as `assert`.
---@return table
function M.new() return chain(false) end

return M
