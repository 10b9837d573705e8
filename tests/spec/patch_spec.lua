--- Specs of core.patch: building, checking, applying without touching the caller's document.
local core = require "sluice.core"
local json, patch = core.json, core.patch

local function failure(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert.is_true(core.error.is(err, "patch"), tostring(err))
  return err
end

--- Applies operations written as JSON; checks that the document given stays as it is.
local function apply(document, operations)
  local before = json.encode(document)
  local ok, result = pcall(function() return patch.new(json.decode(operations)):apply(document) end)
  assert.equal(before, json.encode(document))
  return ok and json.encode(result) or result
end

describe("patch building", function()
  it("chains and is its own RFC 6902 document", function()
    local p = patch.new():add("/a", 1):remove("/b"):replace("/c", json.array())
      :move("/d", "/e"):copy("/f", "/g"):test("/h", json.null)
    assert.equal(6, #p)
    assert.same({ op = "move", from = "/d", path = "/e" }, p[4])
    assert.equal('[{"op":"add","path":"/a","value":1},{"op":"remove","path":"/b"},'
      .. '{"op":"replace","path":"/c","value":[]},{"from":"/d","op":"move","path":"/e"},'
      .. '{"from":"/f","op":"copy","path":"/g"},{"op":"test","path":"/h","value":null}]', json.encode(p))
    assert.equal(json.encode(p), tostring(p))
    assert.equal("[]", tostring(patch.new()))
    assert.is_true(json.is_array(patch.new()))
  end)

  it("takes decoded JSON, names in any case, and leaves unknown members out", function()
    local operations = json.decode [[[
      {"op":"ADD","path":"/a","value":1,"comment":"x"}, {"op":"Copy","path":"","from":"/a"}]
    ]]
    local p = patch(operations)
    assert.equal('[{"op":"add","path":"/a","value":1},{"from":"/a","op":"copy","path":""}]', tostring(p))
    assert.equal("ADD", operations[1].op)
  end)

  it("keeps the value of a remove, which the service wants", function()
    local p = patch.new():remove("/a", { id = 1 })
    assert.equal('[{"op":"remove","path":"/a","value":{"id":1}}]', tostring(p))
    assert.equal('{"b":2}', json.encode(p:apply { a = 0, b = 2 }))
  end)

  it("shows secrets by name", function()
    local p = patch.new():add("/password", core.secret.new("PW", "example-password"))
    assert.equal('[{"op":"add","path":"/password","value":"‹secret PW›"}]', tostring(p))
  end)

  it("says what is wrong, and at which operation", function()
    local cases = { -- operations, code, op, pointer, message
      { '[{"op":"add","path":"/a","value":1},{"op":"ad","path":"/a","value":1}]', "unknown_op", nil, nil,
        'operation 2: unknown operation "ad": did you mean "add"?' },
      { '[{"op":"Replce","path":"/a","value":1}]', "unknown_op", nil, nil,
        'operation 1: unknown operation "Replce": did you mean "replace"?' },
      { '[{"op":"append","path":"/a","value":1}]', "unknown_op", nil, nil,
        'operation 1: unknown operation "append": expected add, remove, replace, move, copy or test' },
      { '[{"path":"/a","value":1}]', "missing_member", nil, nil, 'operation 1: the member "op" is missing' },
      { '[{"op":"add","value":1}]', "missing_member", "add", nil, 'operation 1: the member "path" is missing' },
      { '[{"op":"test","path":"/a"}]', "missing_member", "test", "/a",
        'operation 1 (test /a): the member "value" is missing (core.json.null is JSON\'s null)' },
      { '[{"op":"move","path":"/a"}]', "missing_member", "move", "/a",
        'operation 1 (move /a): the member "from" is missing' },
      { '[{"op":"remove","path":5}]', "wrong_member", "remove", nil,
        'operation 1: the member "path" is a number: a string was expected' },
      { '[{"op":"remove","path":"a"}]', "pointer_syntax", "remove", "a",
        'operation 1 (remove a): the JSON pointer "a" is wrong: it must be empty or begin with \'/\'' },
      { '[{"op":"copy","path":"/b","from":"/a~"}]', "pointer_syntax", "copy", "/a~",
        'operation 1 (copy /b): the JSON pointer "/a~" is wrong: '
          .. "'~' must be followed by 0 (for '~') or 1 (for '/')" },
      { '[{"op":"move","path":"/a/b","from":"/a"}]', "move_into_itself", "move", "/a/b",
        "operation 1 (move /a/b): /a cannot move into itself" },
      { '[{"op":"move","path":"/a","from":""}]', "move_into_itself", "move", "/a",
        "operation 1 (move /a): the document cannot move into itself" },
      { "[5]", "wrong_operation", nil, nil, "operation 1: an operation is a table { op, path, … }, not a number" },
      { '{"op":"remove","path":"/a"}', "wrong_patch", nil, nil, "a patch is an array of operations, not an object" },
      { "5", "wrong_patch", nil, nil, "a patch is an array of operations, not number" },
    }
    for _, case in ipairs(cases) do
      local err = failure(patch.new, json.decode(case[1]))
      assert.equal(case[5], err.message)
      assert.equal(case[2], err.code)
      assert.equal(case[3], err.op)
      assert.equal(case[4], err.pointer)
    end
  end)

  it("names the operation that a chain was about to append", function()
    local p = patch.new():add("/a", 1)
    local err = failure(p.add, p, "b", 1)
    assert.equal(2, err.index)
    assert.equal(1, #p)
    assert.equal("missing_member", failure(p.replace, p, "/a").code)
  end)

  it("moves to a place whose name only begins alike", function()
    assert.equal('{"ab":1}', apply({ a = 1 }, '[{"op":"move","from":"/a","path":"/ab"}]'))
  end)

  it("wants its methods called with a colon", function()
    assert.error_matches(function() patch.new().add("/a", 1) end, "with ':'")
  end)
end)

describe("patch:apply", function()
  it("checks again what was changed since it was built", function()
    local p = patch.new():add("/a", 1)
    p[1].path = "a"
    assert.equal("pointer_syntax", failure(p.apply, p, {}).code)
    p[1].path, p[1].op = "/a", "AdD"
    assert.equal('{"a":1}', json.encode(p:apply {}))
  end)

  it("reads array indexes in sequence", function()
    assert.equal('["b","d"]', apply({ "a", "b", "c", "d" },
      '[{"op":"remove","path":"/0"},{"op":"remove","path":"/1"}]'))
    assert.equal('["x","a","y","b","z"]', apply({ "a", "b" }, [[[{"op":"add","path":"/0","value":"x"},
      {"op":"add","path":"/2","value":"y"}, {"op":"add","path":"/-","value":"z"}]
    ]]))
  end)

  it("leaves an emptied array an array", function()
    assert.equal('{"a":[]}', apply({ a = { 1 } }, '[{"op":"remove","path":"/a/0"}]'))
    assert.equal("[2]", apply({ 1 }, '[{"op":"remove","path":"/0"},{"op":"add","path":"/0","value":2}]'))
  end)

  it("shares what it does not touch", function()
    local document = json.decode '{"a":{"b":{"c":1}},"d":{"e":[1]}}'
    local result = patch.new():replace("/a/b/c", 2):apply(document)
    assert.equal(document.d, result.d)
    assert.not_equal(document.a, result.a)
    assert.equal(1, document.a.b.c)
    assert.equal(2, result.a.b.c)
  end)

  it("never writes to a value that belongs to the patch", function()
    local value = { list = { 1 } }
    local p = patch.new():add("/a", value):add("/a/list/-", 2):add("/b", value):add("/b/x", 1)
      :remove("/a/list/0")
    assert.equal('{"a":{"list":[2]},"b":{"list":[1],"x":1}}', json.encode(p:apply {}))
    assert.equal('{"list":[1]}', json.encode(value))
    assert.equal('{"a":{"list":[2]},"b":{"list":[1],"x":1}}', json.encode(p:apply {}))
  end)

  it("keeps copies apart from their origin", function()
    assert.equal('{"a":{"n":[1,2]},"b":{"n":[1,3]}}', apply({ a = { n = {} } }, [[[
      {"op":"replace","path":"/a/n","value":[]}, {"op":"add","path":"/a/n/0","value":1},
      {"op":"copy","from":"/a","path":"/b"},
      {"op":"add","path":"/a/n/-","value":2}, {"op":"add","path":"/b/n/-","value":3}]
    ]]))
    assert.equal('{"a":{"a":{"x":1},"x":1},"x":2}', apply({ x = 1 }, [[[{"op":"copy","from":"","path":"/a"},
      {"op":"copy","from":"/a","path":"/a/a"}, {"op":"replace","path":"/x","value":2}]
    ]]))
  end)

  it("replaces the whole document", function()
    assert.equal("1", apply({ a = 1 }, '[{"op":"replace","path":"","value":1}]'))
    assert.equal('{"a":1}', apply({ x = { a = 1 } }, '[{"op":"move","from":"/x","path":""}]'))
    assert.equal('{"a":2}', apply({ x = { a = 1 } },
      '[{"op":"copy","from":"/x","path":""},{"op":"replace","path":"/a","value":2}]'))
  end)

  it("forgets where it was when the document or a part on the way is another", function()
    for operations, expected in pairs {
      ['[{"op":"add","path":"/y","value":1},{"op":"replace","path":"","value":{}},'
        .. '{"op":"add","path":"/x","value":2}]'] = '{"x":2}',
      ['[{"op":"add","path":"/y","value":1},{"op":"add","path":"","value":[]},{"op":"add","path":"/-","value":2}]'] =
        "[2]",
      ['[{"op":"add","path":"/a/n","value":1},{"op":"copy","from":"/a","path":""},{"op":"add","path":"/n","value":2},'
        .. '{"op":"add","path":"/m","value":3}]'] = '{"m":3,"n":2,"o":0}',
      ['[{"op":"add","path":"/a/n","value":1},{"op":"replace","path":"/a","value":{}},'
        .. '{"op":"add","path":"/a/m","value":2}]'] = '{"a":{"m":2}}',
      ['[{"op":"add","path":"/a/n","value":1},{"op":"move","from":"/a","path":"/b"},'
        .. '{"op":"add","path":"/b/m","value":2}]'] = '{"b":{"m":2,"n":1,"o":0}}',
    } do
      assert.equal(expected, apply({ a = { o = 0 } }, operations))
    end
  end)

  it("goes on after operations by identity, whose text is gone", function()
    local p = patch.new():remove_by("/list", { ["/id"] = 1 }):add("/list/0", { id = 3 })
      :remove_by("/list", { ["/id"] = 2 }):add("/list/-", { id = 4 })
    local document = json.decode '{"list":[{"id":1},{"id":2}]}'
    for _ = 1, 50 do
      assert.equal('{"list":[{"id":3},{"id":4}]}', json.encode(p:apply(document)))
      collectgarbage()
    end
  end)

  it("says what failed, and changes nothing", function()
    local document = json.decode '{"a":[1,2],"o":{"x":null},"s":"text"}'
    local cases = { -- operation, code, pointer, message
      { '{"op":"remove","path":"/o/y"}', "not_found", "/o/y", '(remove /o/y): /o has no member "y"' },
      { '{"op":"replace","path":"/a/2","value":1}', "not_found", "/a/2",
        "(replace /a/2): /a has no element 2: it has 2 of them, counted from 0" },
      { '{"op":"add","path":"/a/3","value":1}', "not_found", "/a/3",
        "(add /a/3): /a has no element 3: it has 2 of them, counted from 0" },
      { '{"op":"add","path":"/a/01","value":1}', "bad_index", "/a/01",
        '(add /a/01): /a is an array, and "01" is no index: digits without sign or leading zero' },
      { '{"op":"replace","path":"/a/-","value":1}', "bad_index", "/a/-",
        '(replace /a/-): "-" is the place after the last element of /a: only add may use it' },
      { '{"op":"add","path":"/s/x","value":1}', "not_found", "/s/x",
        "(add /s/x): /s is a string and holds nothing" },
      { '{"op":"add","path":"/o/x/y","value":1}', "not_found", "/o/x/y",
        "(add /o/x/y): /o/x is a null and holds nothing" },
      { '{"op":"add","path":"/n/x/y","value":1}', "not_found", "/n/x/y",
        '(add /n/x/y): the document has no member "n"' },
      { '{"op":"move","from":"/n","path":"/m"}', "not_found", "/n",
        '(move /m): /n: the document has no member "n"' },
      { '{"op":"move","from":"/n","path":"/n"}', "not_found", "/n",
        '(move /n): the document has no member "n"' },
      { '{"op":"copy","from":"/a/9","path":"/m"}', "not_found", "/a/9",
        "(copy /m): /a/9: /a has no element 9: it has 2 of them, counted from 0" },
      { '{"op":"remove","path":""}', "remove_document", "",
        "(remove ): the whole document cannot be removed" },
      { '{"op":"test","path":"/s","value":1}', "test_failed", "/s",
        '(test /s): the value there is "text", not 1' },
      { '{"op":"test","path":"/o/x","value":false}', "test_failed", "/o/x",
        "(test /o/x): the value there is null, not false" },
      { '{"op":"test","path":"/a","value":[2,1]}', "test_failed", "/a",
        "(test /a): the value there is not the expected one" },
    }
    for _, case in ipairs(cases) do
      local err = apply(document, '[{"op":"add","path":"/new","value":1},{"op":"remove","path":"/a/0"},'
        .. '{"op":"add","path":"/a/0","value":1},' .. case[1] .. "]")
      assert.equal("operation 4 " .. case[4], err.message)
      assert.equal(case[2], err.code)
      assert.equal(case[3], err.pointer)
      assert.equal(4, err.index)
      assert.equal(json.decode(case[1]).op, err.op)
    end
  end)

  it("tells part and nearest parent", function()
    local err = apply({ a = { b = {} } }, '[{"op":"remove","path":"/a/b/c/d"}]')
    assert.equal("c", err.part)
    assert.equal("/a/b", err.nearest)
  end)

  it("does not let copies grow without bound", function()
    local p = patch.new():add("/a", json.array { 1 })
    for _ = 1, 40 do
      p:copy("/a", "/a/-"):copy("/a", "/a/-")
    end
    local err = failure(p.apply, p, {})
    assert.equal("limit", err.code)
    assert.matches("at most 10000000 values", err.message)
  end)

  it("does not nest deeper than a document may", function()
    local function nested(levels)
      local value = 1
      for _ = 1, levels do
        value = { value }
      end
      return value
    end
    assert.is_table(patch.new():add("/a", nested(511)):apply {})
    local p = patch.new():add("/a", nested(300)):copy("/a", "/a" .. ("/0"):rep(299) .. "/-")
    assert.matches("deeper than 512", failure(p.apply, p, {}).message)
    local move = patch.new():add("/a", nested(300)):add("/b", nested(300))
      :move("/b", "/a" .. ("/0"):rep(299) .. "/-")
    assert.matches("deeper than 512", failure(move.apply, move, {}).message)
    local loop = {}
    loop[1] = loop
    local add = patch.new():add("/a", loop)
    assert.matches("deeper than 512", failure(add.apply, add, {}).message)
  end)
end)
