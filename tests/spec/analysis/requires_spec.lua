local analysis = require "sluice.analysis"
local core = require "sluice.core"

local function names(text)
  local found, unknown = analysis.requires(text, "x.lua")
  local list = {}
  for i, entry in ipairs(found) do list[i] = entry.name .. ":" .. entry.line end
  return list, unknown
end

describe("analysis.requires", function()
  it("finds the modules by reading", function()
    local list, unknown = names [[
#!/usr/bin/env sluice
local a = require "a.b"
local c, d = require("c"), require 'd'
local ok, e = pcall(require, "e")
local f = { g = function() return require [=[h]=] end }
-- require "comment"
local text = 'require "text"'
local g = require "i".j.k:l(require "m")
]]
    assert.same({ "a.b:2", "c:3", "d:3", "e:4", "h:5", "i:8", "m:8" }, list)
    assert.same({}, unknown)
  end)

  it("names the places where it cannot tell", function()
    local list, unknown = names [[
require("a" .. x)
  local r = require
pcall(require, name)
pcall(require)
require()
x.require "no"
local function f(require) return require "mine" end
]]
    assert.same({}, list)
    assert.same({ { line = 1, text = 'require("a" .. x)' }, { line = 2, text = "local r = require" },
      { line = 3, text = "pcall(require, name)" }, { line = 4, text = "pcall(require)" },
      { line = 5, text = "require()" } }, unknown)
  end)

  it("gives the whole line of a place in text that is not ASCII", function()
    local _, unknown = names 'local u = "üß" require(u) -- é\n'
    assert.same({ { line = 1, text = 'local u = "üß" require(u) -- é' } }, unknown)
  end)

  it("says where a text is no Lua, and what was expected", function()
    for text, place in pairs {
      ["local a =\n"] = "x.lua:2:1: expected expression near <eof>",
      ["a = 1\nb = = 2"] = "x.lua:2:5: expected expression near '='",
      ["a += 1"] = "x.lua:1:1: syntax error near '+'",
      ["local a <const> = 1; a = 2"] = "x.lua:1:1: attempt to assign to const variable 'a'",
      ["goto nowhere"] = "x.lua:1:1: no visible label 'nowhere'",
      ["\27Lua"] = "x.lua:1:1: compiled Lua; expected Lua source text",
      ["a = 1\0"] = "x.lua:1:6: expected statement near '\\x00'",
      ["if a then\n  b()\n"] = "x.lua:3:1: expected 'end' (to close 'if' on line 1) near <eof>",
    } do
      local ok, err = pcall(analysis.requires, text, "x.lua")
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "recipe"), tostring(err))
      assert.equal(place, err.message)
    end
  end)

  it("reads what Lua reads, however odd", function()
    for _, text in ipairs {
      "", "\xEF\xBB\xBFreturn 1", "#!x", "#!x\nreturn 1", "goto a; ::a::", "local a <close>, b <const> = nil, 1",
      "return 0x.1p4, 1e+2, 3 // 2, 1 << 2 ~ 3", "return '\\u{7FFFFFFF}\\z  \\x41\\065'", "a.b['c']:d{}'e'[1] = 1",
      "return '\xff\xfe'", "for i = 1, 2, 3 do break end ; ;", ("("):rep(150) .. "x" .. (")"):rep(150) .. "()",
      "return " .. ("a.b"):rep(2000, "."), "return x" .. ("()"):rep(3000), "return 1" .. (" + 1"):rep(3000),
    } do
      assert.same({}, (analysis.requires(text, "x.lua")))
    end
  end)

  it("refuses what is nested too deeply", function()
    for _, text in ipairs { ("("):rep(100000), "return x" .. ("()"):rep(100000),
      "return x" .. ("()"):rep(20000), ("{"):rep(1000) } do
      local ok, err = pcall(analysis.requires, text, "x.lua")
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "recipe"), tostring(err))
    end
  end)
end)
