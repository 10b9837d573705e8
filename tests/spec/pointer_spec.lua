--- Specs of core.pointer: RFC 6901, strict, with errors that say which part failed.
local core = require "sluice.core"
local pointer = core.pointer

describe("pointer.get", function()
  -- RFC 6901 §5
  local document = core.json.decode [[{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4,
    "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8, "01": 9, "-": 10, "null": null}]]

  it("finds the examples of the RFC", function()
    local cases = {
      ["/foo/0"] = "bar", ["/"] = 0, ["/a~1b"] = 1, ["/c%d"] = 2, ["/e^f"] = 3, ["/g|h"] = 4, ["/i\\j"] = 5,
      ['/k"l'] = 6, ["/ "] = 7, ["/m~0n"] = 8, ["/01"] = 9, ["/-"] = 10, ["/null"] = core.json.null,
    }
    for text, value in pairs(cases) do
      assert.equal(value, pointer.get(document, text), text)
    end
    assert.equal(document, pointer.get(document, ""))
    assert.equal(document.foo, pointer.get(document, "/foo"))
  end)

  it("reads ~01 as ~1, not as /", function()
    assert.equal(1, pointer.get({ ["~1"] = 1 }, "/~01"))
  end)

  it("says what failed and how far it came", function()
    local cases = { -- pointer, code, part, nearest, message
      { "/foo/2", "not_found", "2", "/foo",
        "/foo/2: /foo has no element 2: it has 2 of them, counted from 0" },
      { "/foo/01", "bad_index", "01", "/foo",
        '/foo/01: /foo is an array, and "01" is no index: digits without sign or leading zero' },
      { "/foo/+1", "bad_index", "+1", "/foo",
        '/foo/+1: /foo is an array, and "+1" is no index: digits without sign or leading zero' },
      { "/foo/", "bad_index", "", "/foo",
        '/foo/: /foo is an array, and "" is no index: digits without sign or leading zero' },
      { "/foo/1e0", "bad_index", "1e0", "/foo",
        '/foo/1e0: /foo is an array, and "1e0" is no index: digits without sign or leading zero' },
      { "/foo/-", "bad_index", "-", "/foo",
        '/foo/-: "-" is the place after the last element of /foo: only add may use it' },
      { "/x/y", "not_found", "x", "", '/x/y: the document has no member "x"' },
      { "/foo/0/z", "not_found", "z", "/foo/0", "/foo/0/z: /foo/0 is a string and holds nothing" },
      { "/null/z", "not_found", "z", "/null", "/null/z: /null is a null and holds nothing" },
      { "/x~1y", "not_found", "x/y", "", '/x~1y: the document has no member "x~1y"' },
    }
    for _, case in ipairs(cases) do
      local value, err = pointer.get(document, case[1])
      assert.is_nil(value)
      assert.is_true(core.error.is(err, "patch"))
      assert.same(case, { err.pointer, err.code, err.part, err.nearest, err.message })
    end
  end)

  it("refuses a wrong form", function()
    local deep = ("/a"):rep(513)
    local cases = {
      ["foo"] = "it must be empty or begin with '/'",
      ["/a~"] = "'~' must be followed by 0 (for '~') or 1 (for '/')",
      ["/a~2"] = "'~' must be followed by 0 (for '~') or 1 (for '/')",
      ["/~/0"] = "'~' must be followed by 0 (for '~') or 1 (for '/')",
      [deep] = "it has more parts than a document has levels (512)",
    }
    for text, fault in pairs(cases) do
      local value, err = pointer.get(document, text)
      assert.is_nil(value)
      assert.equal("pointer_syntax", err.code)
      assert.equal(text, err.pointer)
      assert.equal(('the JSON pointer "%s" is wrong: %s'):format(text, fault), err.message)
    end
  end)

  it("takes an index that no integer holds for one that is not there", function()
    local _, err = pointer.get({ 1 }, "/99999999999999999999")
    assert.equal("not_found", err.code)
  end)
end)

describe("pointer.parse, format, escape", function()
  it("are each other's inverse", function()
    for _, text in ipairs { "", "/", "//", "/a~1b/m~0n/0/~01", "/é/\0" } do
      assert.equal(text, pointer.format(pointer.parse(text)))
    end
    assert.same({ "a/b", "m~n", "0", "~1" }, pointer.parse "/a~1b/m~0n/0/~01")
    assert.equal("a~1b~0", pointer.escape "a/b~")
    assert.equal("/selectors/0/x~1y", pointer.format { "selectors", 0, "x/y" })
  end)

  it("refuse what is none", function()
    local ok, err = pcall(pointer.parse, "a")
    assert.is_false(ok)
    assert.equal("pointer_syntax", err.code)
    assert.error_matches(function() pointer.format { "a", {} } end, "part 2 is a table")
  end)
end)
