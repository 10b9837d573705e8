--- What somebody typed: the words of it, whether it is complete, what it becomes.

local chunk = require "sluice.repl.chunk"
local lexer = require "sluice.repl.lexer"

--- The words of a text, with their kinds; an open one has a question mark.
local function words(text)
  local list = {}
  for i, token in ipairs(lexer.tokens(text)) do
    list[i] = token.kind .. (token.open and "?" or "") .. " " .. token.text
  end
  return list
end

describe("the words of a text", function()
  it("are those of Lua", function()
    assert.are.same({ "keyword local", "name a1_", "symbol =", "number 0x1Fp-2", "symbol ..", "string 'it\\'s'",
      "comment -- end" }, words "local a1_ = 0x1Fp-2 .. 'it\\'s' -- end")
    assert.are.same({ "name f", "symbol ::", "symbol ...", "symbol ~=", "symbol //", "symbol <<", "symbol ." },
      words "f :: ... ~= // << .")
    assert.are.same({ "number 1.5e+3", "number .5", "number 3" }, words "1.5e+3 .5 3")
    assert.are.same({ "string [==[ ]] \n ]==]", "comment --[[ x\n ]]", "name y" },
      words "[==[ ]] \n ]==] --[[ x\n ]] y")
    assert.are.same({ 'string "a\\\nb"', 'string "a\\z  \n  b"' }, words '"a\\\nb" "a\\z  \n  b"')
  end)

  it("may be without an end", function()
    assert.are.same({ "string? 'abc", "name next" }, words "'abc\nnext")
    assert.are.same({ "string? [[abc\nd" }, words "[[abc\nd")
    assert.are.same({ "comment? --[[ abc" }, words "--[[ abc")
    assert.are.same({ 'string? "a\\"' }, words '"a\\"')
  end)

  it("are found in anything, and each byte once", function()
    local seed = 7
    for _ = 1, 300 do
      local bytes = {}
      for i = 1, 40 do
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        bytes[i] = ("ab1 .\n\"'[]=-\\~:<z\x80{}"):sub(seed % 20 + 1, seed % 20 + 1)
      end
      local text, last = table.concat(bytes), 0
      for _, token in ipairs(lexer.tokens(text)) do
        assert.is_true(token.first > last and token.last >= token.first and token.last <= #text, text)
        assert.is_truthy(text:sub(last + 1, token.first - 1):find "^%s*$", text)
        last = token.last
      end
    end
  end)

  it("give the values of texts in quotes", function()
    assert.are.equal("a\n\65b", lexer.string(lexer.tokens '"a\\n\\65b"'[1]))
    assert.is_nil(lexer.string(lexer.tokens "'abc"[1]))
    assert.is_nil(lexer.string(lexer.tokens "abc"[1]))
  end)
end)

describe("a chunk", function()
  local function kind(text) return chunk.read(text).kind end

  it("is an expression, statements, a command or nothing", function()
    for text, expected in pairs { ["1 + 1"] = "expression", ["f()"] = "expression", ["=x"] = "expression",
      ["x = 1"] = "statement", ["return 1, 2"] = "statement", ["goto a ::a::"] = "statement",
      [":help x"] = "command", [" \n "] = "empty", ["::a::"] = "statement", ["-- words"] = "expression" } do
      assert.are.equal(expected, kind(text), text)
    end
  end)

  it("is incomplete where only its end is missing", function()
    for _, text in ipairs { "for i = 1, 2 do", "f(", "{ 1,", "x =", "1 +", "[[ text", "--[[ comment", "local",
      "function f()\n  return 1", "'text\\" } do
      assert.are.equal("incomplete", kind(text), text)
    end
    for _, text in ipairs { "print('abc", "a b", ")", "x = = 1", "1 +\n)" } do
      assert.are.equal("wrong", kind(text), text)
    end
  end)

  it("says what is wrong as Lua says it of what was meant", function()
    assert.are.equal("prompt:2: unexpected symbol near ')'", chunk.read("1 +\n)").message)
    assert.are.equal("prompt:1: unexpected symbol near '='", chunk.read("x = = 1").message)
    assert.are.equal("prompt:1: '=' or 'in' expected near '1'", chunk.read("for i 1 do").message)
    assert.are.equal("prompt:1: syntax error near 'b'", chunk.read("a b").message)
  end)

  it("runs nothing", function()
    chunk.read "error 'ran'"
  end)

  it("makes outermost locals global, line for line", function()
    for text, expected in pairs {
      ["local x = 1"] = "      x = 1",
      ["local x"] = "      x = nil",
      ["local x, y\nlocal z = x"] = "      x, y = nil\n      z = x",
      ["local x <const>, y = 1, 2"] = "      x        , y = 1, 2",
      ["local function f() local a = 1 return a end"] = "      function f() local a = 1 return a end",
      ["do local a = 1 end local b = 2"] = "do local a = 1 end       b = 2",
      ["repeat local a = 1 until a local b"] = "repeat local a = 1 until a       b = nil",
      ["if x then local y = 1 end"] = "if x then local y = 1 end",
      ["local f <close> = io.open 'x'"] = "local f <close> = io.open 'x'",
      ["local a -- local b\nlocal c"] = "      a = nil -- local b\n      c = nil",
      ["x = 'local y'"] = "x = 'local y'",
    } do
      assert.are.equal(expected, chunk.keep_locals(text))
      assert.is_truthy(load(chunk.keep_locals(text)), text)
    end
  end)
end)
