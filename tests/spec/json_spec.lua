--- Specs of core.json: what comes back is what was written, and broken text is refused with its place.
local core = require "sluice.core"
local json = core.json

local function message(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert.is_true(core.error.is(err, "json"), tostring(err))
  return err.message
end

local function round(text)
  return json.encode(json.decode(text))
end

describe("json.decode", function()
  it("keeps empty arrays and objects apart", function()
    assert.equal('{"a":[],"b":{},"c":[[],{}]}', round '{"a": [ ], "b":{ },"c":[[\n],{}]}')
    assert.equal("[]", round "[]")
    assert.equal("{}", round "{}")
  end)

  it("keeps integers and floats apart", function()
    local list = json.decode "[1, 1.0, -0, -0.0, 1e2, 1670880253121153, 100000.000, 0.5]"
    local types = {}
    for i, number in ipairs(list) do
      types[i] = math.type(number)
    end
    assert.equal("integer float float float float integer float float", table.concat(types, " "))
    assert.equal("[1,1.0,-0.0,-0.0,100.0,1670880253121153,100000.0,0.5]", json.encode(list))
  end)

  it("keeps all 64 bits of an integer", function()
    assert.equal(math.maxinteger, json.decode "9223372036854775807")
    assert.equal(math.mininteger, json.decode "[-9223372036854775808]"[1])
    assert.equal(999999999999999, json.decode "999999999999999")
    assert.equal(9007199254740993, json.decode "9007199254740993")
  end)

  it("makes floats of integers beyond 64 bits", function()
    local number = json.decode "9223372036854775808"
    assert.equal("float", math.type(number))
    assert.equal(2.0 ^ 63, number)
  end)

  it("never takes a fraction that rounds to a whole number for an integer", function()
    local texts = { "123456789012345.99", "123456789012345678.5", "1.0000000000000000001", "1e-400" }
    for _, text in ipairs(texts) do
      assert.equal("float", math.type(json.decode(text)), text)
    end
  end)

  it("gives doubles back bit for bit", function()
    math.randomseed(20261201)
    for _ = 1, 20000 do
      local number = string.unpack("<d", string.pack("<i8", math.random(0)))
      if number == number and number - number == 0 then
        local text = json.encode { number }
        local back = json.decode(text)[1]
        assert.equal("float", math.type(back), text)
        assert.equal(string.pack("<d", number), string.pack("<d", back), text)
      end
    end
  end)

  it("gives integers back exactly", function()
    math.randomseed(7)
    for _ = 1, 20000 do
      local number = math.random(0) >> math.random(0, 63)
      local back = json.decode(json.encode { number })[1]
      assert.equal("integer", math.type(back))
      assert.equal(number, back)
    end
  end)

  it("keeps strings that look like its own marks", function()
    for _, text in ipairs { "\127a", "\127n12", "\127\127", "\127", "a\127" } do
      assert.equal(text, json.decode(json.encode(text)))
      local both = json.decode(json.encode { text, json.array(), { [text] = text } })
      assert.equal(text, both[1])
      assert.equal(text, both[3][text])
      assert.is_true(json.is_array(both[2]))
    end
    assert.equal("\127a", json.decode '["\\u007fa", []]'[1])
    assert.equal("\127a", json.decode '["\\u007Fa", []]'[1])
  end)

  it("reads every escape and surrogate pair", function()
    assert.equal('"\\/\b\f\n\r\t', json.decode [["\"\\\/\b\f\n\r\t"]])
    assert.equal("\u{1D11E}\0", json.decode [["\uD834\udd1e\u0000"]])
  end)

  it("takes the last of members with one name", function()
    assert.equal('{"a":[3]}', round '{"a":1,"a":{"b":2},"a":[3]}')
  end)

  it("gives lua-cjson's null", function()
    assert.equal(require "cjson".null, json.null)
    assert.equal(json.null, json.decode "null")
    assert.equal(json.null, json.decode '{"a":null}'.a)
  end)

  it("leaves lua-cjson's own settings alone", function()
    json.decode "[1]"
    assert.equal(1000, require "cjson".decode_max_depth())
  end)

  it("leaves a byte order mark out", function()
    assert.equal("[1]", round "\xEF\xBB\xBF[1]")
  end)

  it("restores a large text like a small one", function()
    local NAMES = { "a", "b", "", "name", "naïve", "quote\"", "id", "value" }
    local function value(depth)
      local kind = math.random(depth > 0 and 9 or 6)
      if kind <= 3 then
        return "text \127"
      elseif kind <= 6 then
        return ({ 1, 1.0, 0.5, true, json.null, "\127a" })[math.random(6)]
      end
      local is_list, t = kind == 7, {}
      for i = 1, math.random(0, 4) do
        t[is_list and i or NAMES[math.random(#NAMES)]] = value(depth - 1)
      end
      return is_list and json.array(t) or t
    end
    local function same(a, b)
      assert.equal(math.type(a) or type(a), math.type(b) or type(b))
      if type(a) ~= "table" then
        return assert.equal(a, b)
      end
      assert.equal(getmetatable(a), getmetatable(b))
      for k in pairs(b) do
        assert.not_nil(a[k])
      end
      for k, v in pairs(a) do
        same(v, b[k])
      end
    end
    math.randomseed(1)
    local blanks = (" "):rep(65536) -- from here on only what the scan lists is looked at
    for _ = 1, 1000 do
      local text = json.encode(value(5))
      same(json.decode(text), json.decode(text .. blanks))
    end
    local many = {}
    for i = 1, 100 do
      many["name " .. i] = i % 2 == 0 and { i } or { list = json.array(), text = "x" }
    end
    same(json.decode(json.encode(many)), json.decode(json.encode(many) .. blanks))
  end)

  it("names line, column, what was expected and what was found", function()
    local cases = {
      { "", "line 1, column 1: expected a value, found the end of the text" },
      { "[1,\n 2\n 3]", "line 3, column 2: expected ',' or ']' after a value, found '3'" },
      { '{"a":1 "b":2}', "line 1, column 8: expected ',' or '}' after a value, found '\"'" },
      { '{"é":x}', "line 1, column 6: expected a value, found 'x'" },
      { '{"a":1,}', "line 1, column 8: expected a name in double quotes after ',', found '}'" },
      { "{a:1}", "line 1, column 2: expected a name in double quotes or '}', found 'a'" },
      { '{"a" 1}', "line 1, column 6: expected ':' after the name, found '1'" },
      { "[1]\n]", "line 2, column 1: expected the end of the text after the value, found ']'" },
      { "[tru]",
        "line 1, column 2: expected a value (true, false and null are the only bare words), found 't'" },
      { "01", "line 1, column 2: expected no digit after a leading 0, found '1'" },
      { "-", "line 1, column 2: expected a digit after '-', found the end of the text" },
      { "[1.]", "line 1, column 4: expected a digit after '.', found ']'" },
      { "1e+", "line 1, column 4: expected a digit in the exponent, found the end of the text" },
      { "[-1e999]",
        "line 1, column 2: expected a number that a double can hold (up to 1.8e308), found '-'" },
      { '"a',
        "line 1, column 3: expected '\"' at the end of the string, found the end of the text" },
      { '"a\tb"',
        "line 1, column 3: expected control characters in a string to be escaped, found byte 0x09" },
      { '"\\x"', "line 1, column 3: expected one of \" \\ / b f n r t u after '\\', found 'x'" },
      { '"\\u12G4"', "line 1, column 6: expected four hexadecimal digits after '\\u', found 'G'" },
      { '"\\uD800x"',
        "line 1, column 8: expected the second half of a surrogate pair (\\uDC00 to \\uDFFF), found 'x'" },
      { '"\\uDC00"',
        "line 1, column 2: expected the first half of a surrogate pair before its second half, found '\\'" },
      { '"\xC0\x80"', "line 1, column 2: expected valid UTF-8, found byte 0xC0" },
      { "[1]\0", "line 1, column 4: expected the end of the text after the value, found byte 0x00" },
      { "[NaN]", "line 1, column 2: expected a value or ']', found 'N'" },
      { "[0x10]", "line 1, column 3: expected ',' or ']' after a value, found 'x'" },
    }
    for _, case in ipairs(cases) do
      assert.equal("answer.json: " .. case[2], message(json.decode, case[1], "answer.json"))
    end
  end)

  it("refuses text nested deeper than 512 levels", function()
    assert.is_table(json.decode(("["):rep(512) .. ("]"):rep(512)))
    assert.equal("JSON: line 1, column 513: arrays and objects are nested deeper than 512 levels",
      message(json.decode, ("["):rep(513) .. ("]"):rep(513)))
    assert.matches("nested deeper", message(json.decode, ('{"a":'):rep(100000)))
  end)

  it("takes strings only", function()
    assert.error_matches(function() json.decode(12) end, "string expected, got number")
  end)
end)

describe("json.encode", function()
  it("sorts names by their bytes", function()
    assert.equal('{"":0,"A":1,"B":2,"a":3,"a!":5,"aa":4,"é":6}',
      json.encode { a = 3, A = 1, B = 2, aa = 4, ["a!"] = 5, [""] = 0, ["é"] = 6 })
  end)

  it("sorts any number of names, in objects inside each other", function()
    for _, count in ipairs { 1, 2, 31, 32, 33, 64, 5000 } do
      local object, expected = {}, {}
      for i = 1, count do
        local name = ("%05d"):format(i)
        object[name] = { z = i, a = {}, [name] = true }
        expected[i] = ('"%s":{"%s":true,"a":{},"z":%d}'):format(name, name, i)
      end
      assert.equal("{" .. table.concat(expected, ",") .. "}", json.encode(object))
    end
  end)

  it("writes integers exactly", function()
    assert.equal("[0,-1,10,-9223372036854775808,9223372036854775807]",
      json.encode { 0, -1, 10, math.mininteger, math.maxinteger })
  end)

  it("tells arrays from objects", function()
    assert.equal("{}", json.encode {})
    assert.equal("[]", json.encode(json.array {}))
    assert.equal("[]", json.encode(json.array()))
    assert.equal("{}", json.encode(json.object(json.array())))
    assert.equal("[1,[2]]", json.encode { 1, { 2 } })
  end)

  it("writes the shortest form that reads back", function()
    assert.equal("[0.1,0.3,1.0,100000.0,1e+22,0.1234567890123456,-0.0,5]",
      json.encode { 0.1, 0.3, 1.0, 1e5, 1e22, 0.1234567890123456, -0.0, 5 })
    assert.equal("0.30000000000000004", json.encode(0.1 + 0.2))
  end)

  it("escapes what must be escaped and nothing else", function()
    assert.equal('"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001F\127é\u{1D11E}"',
      json.encode '"\\/\b\f\n\r\t\0\31\127é\u{1D11E}')
  end)

  it("indents on request", function()
    local value = { b = { 1, json.array(), {} }, a = { c = json.null } }
    assert.equal('{\n  "a": {\n    "c": null\n  },\n  "b": [\n    1,\n    [],\n    {}\n  ]\n}',
      json.encode(value, { indent = 2 }))
    assert.equal(json.encode(value), json.encode(value, { indent = 0 }))
    assert.error_matches(function() json.encode(value, { indent = 17 }) end, "0 to 16")
    assert.error_matches(function() json.encode(value, { indent = "x" }) end, "0 to 16")
  end)

  it("shows secrets by name only", function()
    assert.equal('{"password":"‹secret SFTP_PASSWORD›"}',
      json.encode { password = core.secret.new("SFTP_PASSWORD", "example-password") })
  end)

  it("refuses what has no JSON form and names the place", function()
    local loop = {}
    loop.list = { loop }
    local deep = {}
    for _ = 1, 512 do
      deep = { deep }
    end
    local cases = {
      { { a = { { ["b/c~"] = print } } }, "/a/0/b~1c~0: a function has no JSON form" },
      { nil, "the whole value: nil has no JSON form (core.json.null is JSON's null)" },
      { { x = { 1, 0 / 0 } }, "/x/1: NaN is not JSON" },
      { { 1, -1 / 0 }, "/1: infinity is not JSON" },
      { { a = "\xED\xA0\x80" }, "/a: a string that is not valid UTF-8" },
      { { a = { ["\xFF"] = 1 } }, "/a: a name that is not valid UTF-8" },
      { { a = { 1, nil, 3 } }, "/a: an array with holes (2 of 3 elements are there)" },
      { { a = { 1, b = 2 } }, "/a: a table with both names and indexes" },
      { { a = { [0] = 1 } }, "/a: a table with the key 0 (names are strings, indexes count from 1)" },
      { { a = { [true] = 1 } }, "/a: a table with the key true (names are strings, indexes count from 1)" },
      { { a = { [1.5] = 1 } }, "/a: a table with the key 1.5 (names are strings, indexes count from 1)" },
      { json.array { b = 1 }, "the whole value: an array with names" },
      { json.object { 1 }, "the whole value: an object with indexes" },
      { loop, "/list/0: a table that contains itself" },
      { deep, ("/0"):rep(512) .. ": nested deeper than 512 levels" },
      { io.stdout, "the whole value: userdata has no JSON form" },
    }
    for _, case in ipairs(cases) do
      assert.equal("cannot encode " .. case[2], message(json.encode, case[1]))
    end
  end)

  it("keeps the pointer in the error object", function()
    local _, err = pcall(json.encode, { a = { print } })
    assert.equal("/a/0", err.pointer)
  end)

  it("writes one table twice where it stands twice", function()
    local shared = { 1 }
    assert.equal('{"a":[1],"b":[1]}', json.encode { a = shared, b = shared })
  end)
end)

describe("json.equal", function()
  it("compares by value", function()
    assert.is_true(json.equal({ 1, { a = 1.0 } }, { 1.0, { a = 1 } }))
    assert.is_true(json.equal({ a = json.null, b = "x" }, { b = "x", a = json.null }))
    assert.is_true(json.equal(json.array { 1 }, { 1 }))
    assert.is_false(json.equal({}, json.array()))
    assert.is_false(json.equal({ 1, 2 }, { 1 }))
    assert.is_false(json.equal({ 1 }, { 1, 2 }))
    assert.is_false(json.equal({ a = 1 }, { a = 1, b = 2 }))
    assert.is_false(json.equal({ a = 1, b = 2 }, { a = 1, c = 2 }))
    assert.is_false(json.equal("1", 1))
    assert.is_false(json.equal(json.null, false))
    assert.is_false(json.equal(9007199254740993, 9007199254740992.0))
  end)

  it("refuses to follow a table that contains itself", function()
    local a, b = {}, {}
    a[1], b[1] = a, b
    assert.matches("nested deeper than 512 levels", message(json.equal, a, b))
  end)
end)

describe("json.copy", function()
  it("shares no table and keeps arrays arrays", function()
    local value = json.decode '{"a":[],"b":[{"c":1}]}'
    local copy = json.copy(value)
    assert.equal(json.encode(value), json.encode(copy))
    copy.b[1].c = 2
    copy.a[1] = 1
    assert.equal('{"a":[],"b":[{"c":1}]}', json.encode(value))
  end)

  it("refuses to follow a table that contains itself", function()
    local loop = {}
    loop[1] = loop
    assert.matches("nested deeper than 512 levels", message(json.copy, loop))
  end)
end)

describe("json.array and json.is_array", function()
  it("mark and tell", function()
    local list = {}
    assert.equal(list, json.array(list))
    assert.is_true(json.is_array(list))
    assert.is_true(json.is_array { 1 })
    assert.is_false(json.is_array {})
    assert.is_false(json.is_array { a = 1 })
    assert.is_false(json.is_array "x")
    assert.error_matches(function() json.array "x" end, "table expected")
  end)
end)
