--- Values as people read them, and lists of resources as tables.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local grid = require "sluice.repl.grid"
local print_value = require("sluice.repl.print").value
local style = require "sluice.terminal.style"
local width = require "sluice.terminal.width"

local PLAIN = { style = style.new(false), width = 40 }

local function shown(value, options) return print_value(value, options or PLAIN) end

describe("values", function()
  it("print in Lua's notation", function()
    for expected, value in pairs { ["1"] = 1, ["1.0"] = 1.0, ["true"] = true, ["null"] = core.json.null,
      ['"a\\n\\"b\\\\"'] = 'a\n"b\\', ["{}"] = {}, ["{ 1, 2 }"] = { 1, 2 } } do
      assert.are.equal(expected, shown(value))
    end
    assert.are.equal("nil", shown(nil))
    assert.are.equal("function", shown(string.rep))
    assert.is_truthy(shown(shown):find "^function tests/spec/repl/print_spec.lua:%d+$")
  end)

  it("have their names sorted, numbers first, and odd ones in brackets", function()
    assert.are.equal('{ 7, [3] = 9, ["b c"] = 2, ["end"] = 3 }', shown { 7, [3] = 9, ["end"] = 3, ["b c"] = 2 })
    assert.are.equal("{ a = 1, b = 2, [true] = 3 }", shown { b = 2, a = 1, [true] = 3 })
  end)

  it("take a line each where one is too narrow", function()
    assert.are.equal('{\n  first = "some words of a text",\n  second = { 1, 2 }\n}',
      shown { first = "some words of a text", second = { 1, 2 } })
    local numbers = {}
    for i = 1, 12 do numbers[i] = 1000 + i end
    assert.are.equal("{\n  1001, 1002, 1003, 1004, 1005, 1006,\n  1007, 1008, 1009, 1010, 1011, 1012\n}",
      shown(numbers))
  end)

  it("are cut where they are deep or long, with a note", function()
    assert.are.equal("{ a = { a = { a = { a = {…} } } } }\n-- {…} stands for more; :json shows all",
      shown { a = { a = { a = { a = { a = 1 } } } } })
    local long = {}
    for i = 1, 130 do long["k" .. i] = i end
    local text = shown(long)
    assert.is_truthy(text:find("\n  … 30 more\n}\n-- long tables are cut; :json shows all", 1, true))
    assert.is_truthy(shown({ ("ä"):rep(200) }):find("ä\"… 400 bytes", 1, true))
    assert.are.equal(402, #shown(("x"):rep(400)))
    local loop = {}
    loop.loop = loop
    assert.are.equal("{ loop = {… itself} }", shown(loop))
  end)

  it("show objects by their class, and documents in them by their size", function()
    local object = setmetatable({ name = "x", run = print, flow = { 1 } }, { __name = "sluice.thing" })
    assert.are.equal('sluice.thing { flow = { 1 }, name = "x" }', shown(object, { style = PLAIN.style, width = 60 }))
    assert.are.equal("{ sluice.thing }", shown { object })
    object.flow = { a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9 }
    assert.is_truthy(shown(object):find("flow = {… 9 fields}", 1, true))
    assert.are.equal("text of it", shown(setmetatable({}, { __tostring = function() return "text of it" end })))
    assert.are.equal("{}", shown(setmetatable({}, { __tostring = function() error "no" end })))
  end)

  it("are coloured when they are to be", function()
    local text = shown({ a = "x" }, { style = style.new(true), width = 40 })
    assert.are.equal('{ \27[36ma\27[0m = \27[32m"x"\27[0m }', text)
    assert.are.equal('{ a = "x" }', style.new(true).plain(text))
  end)

  it("hide secrets", function()
    local secret = core.secret.new("word", "abracadabra")
    assert.are.equal('{ ‹secret word›, "say ‹secret word›" }', shown({ secret, "say abracadabra" },
      { style = style.new(false), width = 80 }))
  end)
end)

describe("foreign text", function()
  it("cannot steer a terminal", function()
    assert.are.equal([[\x1b[31m\a\r\x7f]], clean.line "\27[31m\a\r\127")
    assert.are.equal([[\u{9b}31m \u{202e} \u{2028} \u{feff} \u{200b}]],
      clean.line "\u{9b}31m \u{202e} \u{2028} \u{feff} \u{200b}")
    assert.are.equal([[\xff\xc3x]], clean.line "\xff\xc3x")
    assert.are.equal("wörld 💶 日本", clean.line "wörld 💶 日本")
    assert.are.equal("a\n\tb\\x1b", clean.text "a\n\tb\27")
    assert.are.equal("a\n\27b", load("return " .. clean.quoted "a\n\27b")())
  end)
end)

describe("columns", function()
  it("are counted as a terminal does", function()
    assert.are.equal(3, width.of "abc")
    assert.are.equal(3, width.of "äöü")
    assert.are.equal(4, width.of "日本")
    assert.are.equal(1, width.of "e\u{301}")
    assert.are.equal(2, width.of "\xff\xfe")
  end)

  it("cut and fill texts", function()
    assert.are.equal("abc", width.cut("abc", 3))
    assert.are.equal("ab…", width.cut("abcd", 3))
    assert.are.equal("日…", width.cut("日本語", 4))
    assert.are.equal("日  ", width.pad("日", 4))
  end)
end)

describe("lists of resources", function()
  local flows = {
    { id = "0b4dd08e", name = "Carts", state = "enabled", updatedAt = 1893456000000, version = '"x"' },
    { id = "1c5ee19f", name = "Loyal customers of the northern countries", state = "disabled" },
  }

  it("are told from other tables", function()
    assert.is_true(grid.is_resources(flows))
    assert.is_true(grid.is_resources(core.json.array { { name = "prod", type = "production" } }))
    for _, other in ipairs { {}, { 1 }, { { name = "x" } }, { { id = 1 } }, { flows[1], x = 1 }, { flows[1], "x" } } do
      assert.is_false(grid.is_resources(other))
    end
    assert.is_false(grid.is_resources "text")
    assert.is_false(grid.is_resources(setmetatable({ flows[1] }, {})))
  end)

  it("become tables", function()
    assert.are.equal([[
   NAME                                       ID        STATE     VERSION  UPDATED
1  Carts                                      0b4dd08e  enabled   "x"      2030-01-01 00:00
2  Loyal customers of the northern countries  1c5ee19f  disabled]], grid.text(flows, { style = style.new(false),
      width = 100 }))
  end)

  it("fit: names are cut, then columns go", function()
    assert.are.equal([[
   NAME                       ID        STATE     UPDATED
1  Carts                      0b4dd08e  enabled   2030-01-01 00:00
2  Loyal customers of the n…  1c5ee19f  disabled]], grid.text(flows, { style = style.new(false), width = 66 }))
    local narrow = grid.text(flows, { style = style.new(false), width = 30 })
    assert.is_truthy(narrow:find "\n2  Loyal custom.*…  1c5ee19f$")
  end)

  it("let nothing out of their cells", function()
    local text = grid.text({ { id = "i\n", name = "a\27[2J\nb" } }, { style = style.new(false), width = 60 })
    assert.is_truthy(text:find([[1  a\x1b[2J\nb  i\n]], 1, true), text)
  end)

  it("are cut when they are long", function()
    local many = {}
    for i = 1, 1200 do many[i] = { id = "i" .. i, name = "n" } end
    local text = grid.text(many, { style = style.new(false), width = 60 })
    assert.is_truthy(text:find("\n1000  n     i1000\n-- 200 more; :json shows all", 1, true))
  end)
end)
