--- Specs of core.merge_patch: RFC 7396, with its appendix.
local core = require "sluice.core"
local json, merge_patch = core.json, core.merge_patch

--- Applies a merge patch; both arguments and the result are JSON texts.
local function apply(document, patch)
  document, patch = json.decode(document), json.decode(patch)
  local before = json.encode(document) .. json.encode(patch)
  local result = json.encode(merge_patch.apply(document, patch))
  assert.equal(before, json.encode(document) .. json.encode(patch))
  return result
end

local function create(a, b) return json.encode(merge_patch.create(json.decode(a), json.decode(b))) end

describe("merge_patch.apply", function()
  it("does what appendix A of the RFC says", function()
    for _, case in ipairs { -- document, patch, result
      { '{"a":"b"}', '{"a":"c"}', '{"a":"c"}' },
      { '{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}' },
      { '{"a":"b"}', '{"a":null}', "{}" },
      { '{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}' },
      { '{"a":["b"]}', '{"a":"c"}', '{"a":"c"}' },
      { '{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}' },
      { '{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}' },
      { '{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}' },
      { '["a","b"]', '["c","d"]', '["c","d"]' },
      { '{"a":"b"}', '["c"]', '["c"]' },
      { '{"a":"foo"}', "null", "null" },
      { '{"a":"foo"}', '"bar"', '"bar"' },
      { '{"e":null}', '{"a":1}', '{"a":1,"e":null}' },
      { "[1,2]", '{"a":"b","c":null}', '{"a":"b"}' },
      { "{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}' },
    } do
      assert.equal(case[3], apply(case[1], case[2]), case[1] .. " + " .. case[2])
    end
  end)

  it("does what section 3 of the RFC says", function()
    assert.equal('{"author":{"givenName":"John"},"content":"This will be unchanged","phoneNumber":"+01-123-456-7890",'
      .. '"tags":["example"],"title":"Hello!"}',
      apply('{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],'
        .. '"content":"This will be unchanged"}',
        '{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}'))
  end)

  it("keeps arrays arrays, and nulls in them", function()
    assert.equal('{"a":[],"b":[null,{"c":null}]}', apply('{"a":[1]}', '{"a":[],"b":[null,{"c":null}]}'))
  end)

  it("shares what it does not touch", function()
    local kept = { 1 }
    assert.equal(kept, merge_patch.apply({ kept = kept, gone = 1 }, { gone = json.null }).kept)
  end)
end)

describe("merge_patch.create", function()
  it("says what changed", function()
    for _, case in ipairs { -- a, b, patch
      { "1", "1", "1" },
      { "{}", "{}", "{}" },
      { '{"a":1}', '{"a":1.0}', "{}" },
      { '{"a":1}', '{"a":2}', '{"a":2}' },
      { '{"a":{"b":{"c":1}}}', '{"a":{"b":{"c":1}}}', "{}" },
      { '{"a":1}', "{}", '{"a":null}' },
      { '{"a":1}', '{"b":{"c":[null]}}', '{"a":null,"b":{"c":[null]}}' },
      { '{"a":{"b":1,"c":{"d":1}}}', '{"a":{"b":1,"c":{"d":2}}}', '{"a":{"c":{"d":2}}}' },
      { '{"a":{"b":1}}', '{"a":{}}', '{"a":{"b":null}}' },
      { '{"a":5}', '{"a":{}}', '{"a":{}}' },
      { '{"a":{}}', '{"a":[]}', '{"a":[]}' },
      { '{"a":[1,2]}', '{"a":[1,3]}', '{"a":[1,3]}' },
      { '{"a":null,"b":{"c":null}}', '{"a":null,"b":{"c":null,"d":1}}', '{"b":{"d":1}}' },
      { '{"a":1}', "null", "null" },
      { '{"a":1}', '[null,{"x":null}]', '[null,{"x":null}]' },
      { "[]", '{"a":1}', '{"a":1}' },
    } do
      assert.equal(case[3], create(case[1], case[2]), case[1] .. " → " .. case[2])
      assert.equal(json.encode(json.decode(case[2])):gsub("1%.0", "1"),
        apply(case[1], case[3]):gsub("1%.0", "1"))
    end
  end)

  it("says where null cannot be had", function()
    for _, case in ipairs { -- a, b, pointer
      { '{"a":1}', '{"a":null}', "/a" },
      { "{}", '{"a":null}', "/a" },
      { "5", '{"a":{"b/c":null}}', "/a/b~1c" },
      { '{"x":{"y":1}}', '{"x":{"y":1,"~":{"":null}}}', "/x/~0/" },
    } do
      local ok, err = pcall(create, case[1], case[2])
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "patch"))
      assert.equal("not_expressible", err.code)
      assert.equal(case[3], err.pointer)
      assert.equal("a merge patch cannot set " .. case[3]
        .. " to null, for null removes: use a JSON Patch (patch.diff)", err.message)
    end
  end)

  it("is undone by nothing but the result over random pairs", function()
    local function value(depth)
      local kind = math.random(depth > 0 and 6 or 3)
      if kind < 3 then return math.random(3) end
      if kind == 3 then return "s" end
      if kind == 4 then return json.array { math.random(2), json.null } end
      local t = {}
      for _ = 1, math.random(0, 3) do t[({ "a", "b", "c" })[math.random(3)]] = value(depth - 1) end
      return t
    end
    for seed = 1, 3000 do
      math.randomseed(seed)
      local a, b = value(4), value(4)
      assert.is_true(json.equal(b, merge_patch.apply(a, merge_patch.create(a, b))), "seed " .. seed)
    end
  end)
end)

describe("merge patch limits", function()
  it("goes no deeper than a document may", function()
    local function nested(levels, value)
      for _ = 1, levels do value = { a = value } end
      return value
    end
    assert.is_table(merge_patch.apply(nested(500, 1), nested(500, 2)))
    assert.is_table(merge_patch.create(nested(500, 1), nested(500, 2)))
    local loop = {}
    loop.a = loop
    for _, call in ipairs {
      function() merge_patch.apply({}, nested(600, 1)) end, function() merge_patch.apply({}, loop) end,
      function() merge_patch.create({}, nested(600, 1)) end, function() merge_patch.create(loop, { a = loop }) end,
      function() merge_patch.apply({}, { a = 1, [5] = 2 }) end, function() merge_patch.create({ [5] = 1 }, {}) end,
    } do
      local ok, err = pcall(call)
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "json"), tostring(err))
    end
    assert.has_error(function() merge_patch.apply({}) end)
    assert.has_error(function() merge_patch.create({}) end)
  end)

  it("is reached as sluice.merge_patch", function()
    assert.equal(merge_patch, require("sluice").merge_patch)
  end)
end)
