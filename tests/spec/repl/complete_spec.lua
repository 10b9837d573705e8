--- What Tab offers, and that it runs nothing for it.

local complete = require "sluice.repl.complete"
local docs = require "sluice.repl.docs"
local hint = require "sluice.repl.hint"
local names = require "sluice.repl.names"
local sluice = require "sluice"

assert(sluice.schedule and sluice.dataflow and sluice.destination) -- loaded, as at the prompt

local function never() error "a metamethod was called" end

local Class = { one = function() end, two = function() end, field = 1 }

local scope = {
  print = print, sluice = sluice,
  aep = sluice.connect { org = "o@AdobeOrg", client_id = "c", token = "some-token" },
  trap = setmetatable({ inside = 1 }, { __index = never, __newindex = never, __len = never, __pairs = never,
    __tostring = never, __metatable = "hidden" }),
  object = setmetatable({ own = 1, _hidden = 2 }, { __index = Class }),
  declared = setmetatable({}, { __index = never, methods = { open = function() end } }),
  deep = { ["not a name"] = 1, fine = { finer = 2 } },
}

local tester = complete.new {
  scope = scope, docs = docs.new(),
  modules = function() return { "sluice", "sluice.client", "string" } end,
  files = function(folder)
    return folder == "." and { "list.lua", "lua/" } or folder == "lua/" and { "sluice/", "x y.lua" } or {}
  end,
  commands = function()
    return { { name = "save", completes = "file" }, { name = "sandbox", completes = "sandbox" },
      { name = "json", completes = "name" } }
  end,
  resources = function() return { "Abandoned carts", 'with "quotes"', "with \27 escape" } end,
  types = function() return { "sftp", "sftp-v2" } end,
  sandboxes = function() return { "dev", "prod" } end,
  columns = function() return 40 end,
}

--- The text after Tab at its end, or at "|".
local function tab(text)
  local before = (text:find("|", 1, true) or #text + 1) - 1
  text = text:gsub("|", "")
  local remove, insert, listing = tester:complete(text, before)
  if not insert then return listing end
  return text:sub(1, before - remove) .. insert .. text:sub(before + 1)
end

describe("completion", function()
  it("knows globals and keywords", function()
    assert.are.equal("x = print", tab "x = pri")
    assert.are.equal("function", tab "func")
    assert.are.equal("x = declared", tab "x = decl")
  end)

  it("knows fields and methods, and methods alone after a colon", function()
    assert.are.equal("deep.fine.finer", tab "deep.fine.f")
    assert.are.equal("deep.fine", tab "deep.")
    assert.are.equal("field  one    own    two\r\n", tab "object.")
    assert.are.equal("one  two\r\n", tab "object:")
    assert.are.equal("declared:open", tab "declared:")
    assert.are.equal("aep.flows:update", tab "aep.flows:up")
    assert.are.equal("sluice.schedule.daily", tab "sluice.schedule.dai")
  end)

  it("shows what begins with an underscore only when asked", function()
    assert.are.equal("object._hidden", tab "object._")
  end)

  it("runs nothing", function()
    assert.are.equal("trap.inside", tab "trap.")
    assert.is_nil(tab "trap.x")
    assert.is_nil(tab "trap.x.y")
    assert.is_nil(tab "declared.other.y")
    assert.is_nil(tab "declared.other")
    assert.is_nil(tab "print('x').")
    assert.is_nil(tab "deep[error()].")
  end)

  it("knows what calls give from what the sources say", function()
    assert.are.equal('sluice.dataflow(aep, "x"):reschedule', tab 'sluice.dataflow(aep, "x"):resch')
    assert.are.equal("sluice.destination { name = {} }:preview", tab "sluice.destination { name = {} }:pre")
    assert.are.equal("sluice.connect():request", tab "sluice.connect():r")
    assert.is_nil(tab "unknown():x")
  end)

  it("knows the methods of texts", function()
    assert.are.equal("'x':upper", tab "'x':upp")
  end)

  it("knows modules, files and names of resources between quotes", function()
    assert.are.equal('require "sluice.client"', tab 'require "sluice.c')
    assert.are.equal('require("string"', tab 'require("str')
    assert.are.equal('io.open "list.lua', tab 'io.open "lis')
    assert.are.equal('io.lines("lua/x y.lua', tab 'io.lines("lua/x')
    assert.are.equal('x = "lua/sluice/', tab 'x = "lua/s')
    assert.are.equal('find { name = "Abandoned carts"', tab 'find { name = "Ab')
    assert.are.equal('find { name = "Abandoned carts"}', tab 'find { name = "ab|"}')
    assert.are.equal('{ type = "sftp', tab '{ type = "sf')
    assert.are.equal("sftp     sftp-v2\r\n", tab '{ type = "sftp')
  end)

  it("writes what it inserts as Lua reads it", function()
    assert.are.equal('x = "with ', tab 'x = "wi')
    assert.are.equal('x = "with \\"quotes\\""', tab 'x = "with \\"')
    assert.are.equal('x = "with \\x1b escape"', tab 'x = "with \\x')
  end)

  it("knows commands and what they take", function()
    assert.are.equal(":sandbox", tab ":san")
    assert.are.equal(":sandbox dev", tab ":sandbox d")
    assert.are.equal(":save lua/", tab ":save lu")
    assert.are.equal(":json deep.fine", tab ":json deep.")
    assert.is_nil(tab ":nothing x")
  end)

  it("forgives upper and lower case", function()
    assert.are.equal("sluice", tab "SLUI")
  end)

  it("indents at the beginning of a line", function()
    assert.are.equal("for i = 1, 2 do\n  ", tab "for i = 1, 2 do\n")
  end)

  it("offers nothing where nothing fits", function()
    for _, text in ipairs { "", "12", "x = ", "-- pri", "'", "[[pri", "a.b.c.", "1.", "f() " } do
      assert.is_nil(tab(text), text)
    end
  end)

  it("lists in columns that fit", function()
    local many = complete.new(setmetatable({ scope = {}, resources = function()
      local list = {}
      for i = 1, 300 do list[i] = ("resource %03d"):format(i) end
      return list
    end, columns = function() return 30 end }, { __index = tester }))
    local _, insert, listing = many:complete('x = "resource ', 14)
    assert.is_nil(insert)
    assert.is_truthy(listing:find "^resource 001  resource 101\r\n")
    assert.is_truthy(listing:find "… 100 more\r\n$")
    for line in listing:gmatch "[^\r\n]+" do assert.is_true(#line <= 30, line) end
  end)
end)

describe("names", function()
  it("are found along a path, raw", function()
    assert.are.equal(2, (names.value(names.path "deep.fine.finer", scope)))
    assert.are.equal(Class.one, (names.value(names.path "object:one", scope)))
    assert.is_nil((names.value(names.path "trap.nothing", scope)))
    assert.is_nil(names.path "f().x")
    assert.is_nil(names.path "1 + x")
  end)

  it("do not follow classes without end", function()
    local loop = {}
    setmetatable(loop, { __index = loop })
    assert.is_nil(names.get(loop, "x"))
  end)
end)

describe("did you mean", function()
  it("is asked for fields that are nil", function()
    assert.are.equal("did you mean 'flows'?", hint.of_nothing("aep.flow", scope))
    assert.are.equal("did you mean 'sluice'?", hint.of_nothing("slice", scope))
    assert.is_nil(hint.of_nothing("deep.xyzzy", scope))
    assert.is_nil(hint.of_nothing("deep.fine", scope))
    assert.is_nil(hint.of_nothing("trap.insid()", scope))
  end)

  it("is asked where Lua misses a name", function()
    local function of(text)
      local _, message = pcall(load(text, "=x", "t", scope))
      return hint.of_message(message, text, scope)
    end
    assert.are.equal("did you mean 'flows'?", of "return aep.flow.list")
    assert.are.equal("did you mean 'print'?", of "prnit 'x'")
    assert.are.equal("did you mean 'one'?", of "object:onee()")
    assert.is_nil(of "local unknown; unknown()")
    assert.is_nil(of "return 1 + {}")
  end)
end)
