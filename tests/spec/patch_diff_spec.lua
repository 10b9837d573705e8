--- Specs of core.patch.diff: right for every pair, no longer than a replace, arrays by position and by key.
local core = require "sluice.core"
local json, patch = core.json, core.patch

local SELECTORS = "/transformations/0/params/segmentSelectors/selectors"

local function diff(a, b, options)
  return tostring(patch.diff(json.decode(a), json.decode(b), options))
end

--- A flow whose audiences have these IDs; `change` may alter one of them.
local function flow(ids, change)
  local selectors = json.array {}
  for i, id in ipairs(ids) do
    selectors[i] = { type = "PLATFORM_SEGMENT", value = { id = id, name = "Audience " .. id,
      schedule = { frequency = "DAILY", startDate = "2026-12-01", endDate = "2026-12-31", startTime = "17:00" } } }
  end
  if change then change(selectors) end
  return { name = "f", transformations = { { params = { segmentSelectors = { selectors = selectors } } } } }
end

local function ids_of(document)
  local ids = {}
  for _, selector in ipairs(document.transformations[1].params.segmentSelectors.selectors) do
    ids[#ids + 1] = selector.value.id
  end
  return table.concat(ids, " ")
end

--- What each operation does, in short: "replace /3".
local function summary(p)
  local list = {}
  for i, op in ipairs(p) do list[i] = op.op .. " " .. op.path:gsub("^" .. SELECTORS, "") end
  return table.concat(list, ", ")
end

describe("patch.diff", function()
  it("says what changed, in the order of the names", function()
    local long = '"a text long enough to be worth keeping"'
    local cases = { -- a, b, operations
      { "1", "1", "[]" },
      { "1", "1.0", "[]" },
      { "-0.0", "0", "[]" },
      { "1", "2", '[{"op":"replace","path":"","value":2}]' },
      { "null", "false", '[{"op":"replace","path":"","value":false}]' },
      { "[]", "{}", '[{"op":"replace","path":"","value":{}}]' },
      { "{}", "[]", '[{"op":"replace","path":"","value":[]}]' },
      { '{"k":' .. long .. '}', '{"k":' .. long .. ',"b":null}', '[{"op":"add","path":"/b","value":null}]' },
      { '{"k":' .. long .. ',"b":null}', '{"k":' .. long .. '}', '[{"op":"remove","path":"/b"}]' },
      { '{"k":' .. long .. ',"b":null}', '{"k":' .. long .. ',"b":0}', '[{"op":"replace","path":"/b","value":0}]' },
      { '{"k":[' .. long .. ',"' .. ("x"):rep(80) .. '"],"z":1,"a":1}', '{"k":[' .. long .. ',"' .. ("x"):rep(80)
        .. '"],"b":1,"a":2}', '[{"op":"replace","path":"/a","value":2},{"op":"add","path":"/b","value":1},'
        .. '{"op":"remove","path":"/z"}]' },
      { '{"":' .. long .. ',"~/é":{"a/":[1]}}', '{"":' .. long .. ',"~/é":{"a/":[1,[]]}}',
        '[{"op":"add","path":"/~0~1é/a~1/-","value":[]}]' },
    }
    for _, case in ipairs(cases) do assert.equal(case[3], diff(case[1], case[2]), case[1] .. " → " .. case[2]) end
  end)

  it("finds what went and came in an array", function()
    local function list(text)
      local array = json.array {}
      for word in text:gmatch "%S+" do array[#array + 1] = word .. ("-"):rep(40) end
      return array
    end
    local cases = { -- before, after, operations
      { "a b c d", "a b d", "remove /2" },
      { "a b c d", "b c d", "remove /0" },
      { "a b c d e", "b d e", "remove /2, remove /0" },
      { "a b c d", "a x b c d", "add /1" },
      { "a b c d", "a b c d x y", "add /-, add /-" },
      { "a b c d", "x y a b c d", "add /0, add /1" },
      { "a b c d", "a x c d", "replace /1" },
      { "a b c d e f", "a x y c d f", "remove /4, add /2, replace /1" },
      { "a b c d e f g h", "b a c d e f g h", "remove /1, add /0" },
      { "a a a a b", "a a a b", "remove /3" },
    }
    for _, case in ipairs(cases) do
      local a, b = list(case[1]), list(case[2])
      local p = patch.diff(a, b)
      assert.equal(case[2], table.concat(p:apply(a), " "):gsub("%-", ""), case[1])
      if case[1] ~= "a b c d e f g h" and not case[1]:find "a a" then assert.equal(case[3], summary(p), case[1]) end
      local _, expected = case[3]:gsub(",", "")
      assert.equal(expected + 1, #p, case[1])
    end
  end)

  it("finds elements far from where they were, however their tables came about", function()
    local names = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l" }
    local function element(n, backwards)
      local t = {}
      for i = 1, backwards and 60 or 0 do t["x" .. i] = true end
      for i = 1, #names do
        local name = names[backwards and #names + 1 - i or i]
        t[name] = { n, name:rep(30) }
      end
      for i = 1, backwards and 60 or 0 do t["x" .. i] = nil end
      return t
    end
    local a, b = {}, {}
    for n = 1, 60 do
      a[n] = element(n)
      b[n <= 5 and n or n <= 25 and n + 35 or n - 20] = element(n, true)
    end
    local p = patch.diff(a, b)
    assert.equal(40, #p)
    assert.equal("remove /24", p[21].op .. " " .. p[21].path)
    assert.is_true(json.equal(b, p:apply(a)))
  end)

  it("changes an element where it stands, though others come and go before it", function()
    local text = ("t"):rep(100)
    local a = json.decode(('[{"n":0,"t":"%s"},{"n":1,"t":"%s"},{"n":2,"t":"%s"},5]'):format(text, text, text))
    local b = json.decode(('[{"n":1,"t":"%s"},{"n":7,"t":"%s"},5]'):format(text, text))
    assert.equal('[{"op":"replace","path":"/2/n","value":7},{"op":"remove","path":"/0"}]', tostring(patch.diff(a, b)))
  end)

  it("is never longer than replacing the whole, or a part", function()
    assert.equal('[{"op":"replace","path":"","value":[3,2,1]}]', diff("[1,2,3]", "[3,2,1]"))
    local kept = ("k"):rep(200)
    assert.equal('[{"op":"replace","path":"/b","value":{"x":1,"y":2}}]',
      diff('{"a":"' .. kept .. '","b":{"p":1,"q":2,"r":3}}', '{"a":"' .. kept .. '","b":{"x":1,"y":2}}'))
    assert.equal('[{"op":"replace","path":"","value":{"~~~~~~~~~~~~~~~~~~~~~~~~":0}}]',
      diff('{"~~~~~~~~~~~~~~~~~~~~~~~~":1}', '{"~~~~~~~~~~~~~~~~~~~~~~~~":0}'))
  end)

  it("leaves both documents alone and shares no work with the next call", function()
    local a, b = flow { "A", "B" }, flow { "B", "C" }
    local before_a, before_b = json.encode(a), json.encode(b)
    local first = tostring(patch.diff(a, b))
    assert.equal(first, tostring(patch.diff(json.copy(a), json.copy(b))))
    assert.equal(before_a, json.encode(a))
    assert.equal(before_b, json.encode(b))
  end)

  it("keeps in step with json.equal over random pairs", function()
    local names = { "a", "", "~", "/", "é", '"' }
    local function value(depth)
      local kind = math.random(depth > 0 and 8 or 5)
      if kind == 1 then return math.random(0, 2) end
      if kind == 2 then return math.random(0, 2) + 0.0 end
      if kind == 3 then return ("x"):rep(math.random(0, 30)) end
      if kind == 4 then return json.null end
      if kind == 5 then return math.random() < 0.5 end
      local t = kind == 6 and json.object {} or json.array {}
      for i = 1, math.random(0, 6) do t[kind == 6 and names[math.random(#names)] or i] = value(depth - 1) end
      return t
    end
    for seed = 1, 3000 do
      math.randomseed(seed)
      local a, b = value(4), value(4)
      if seed % 2 == 0 then b = { a = a, b = { b, a } } a = { a = json.copy(a), b = { a, b, a } } end
      for _, options in ipairs { {}, { test = true } } do
        local p = patch.diff(a, b, options)
        assert.is_true(json.equal(b, p:apply(a)), "seed " .. seed)
        assert.equal(json.equal(a, b), #p == 0, "seed " .. seed)
      end
      local replaced = patch.new():replace("", b)
      assert.is_true(#json.encode(patch.diff(a, b)) <= #json.encode(replaced), "seed " .. seed)
    end
  end)

  it("copes with large arrays of every kind", function()
    local up, down, odd, coins, other = {}, {}, {}, {}, {}
    math.randomseed(7)
    for i = 1, 20000 do
      up[i], down[i], odd[i] = i, 20001 - i, i % 100 == 0 and -i or i
      coins[i], other[i] = math.random(2), math.random(2)
    end
    for _, pair in ipairs { { up, down }, { down, up }, { coins, other }, { up, json.array {} }, { {}, up } } do
      assert.is_true(json.equal(pair[2], patch.diff(pair[1], pair[2]):apply(pair[1])))
    end
    local p = patch.diff(up, odd)
    assert.equal(200, #p)
    assert.is_true(json.equal(odd, p:apply(up)))
  end)

  it("holds no more operations than a patch may", function()
    local a, b = {}, {}
    for i = 1, 100001 do
      a[i], b[i] = { v = i, text = ("t"):rep(60) }, { v = -i, text = ("t"):rep(60) }
    end
    local p = patch.diff(a, b)
    assert.equal(1, #p)
    assert.equal("replace", p[1].op)
    assert.is_true(json.equal(b, p:apply(a)))
  end)

  it("refuses what is not JSON, and what is too deep", function()
    local deep_a, deep_b = 1, 2
    for _ = 1, 513 do deep_a, deep_b = { deep_a }, { deep_b } end
    local cyclic_a, cyclic_b = {}, {}
    cyclic_a.a, cyclic_b.a = cyclic_a, cyclic_b
    local cases = { -- a, b, message
      { { a = 1 }, { a = print }, "a function has no JSON form" },
      { { a = 1 }, { a = 0 / 0 }, "NaN is not JSON" },
      { { 1, 2 }, { 2, 0 / 0, 3 }, "cannot compare NaN" },
      { json.object { "x" }, json.object { "y" }, "a name that is no string" },
      { { { "x", y = 1 }, 2 }, { 3, { { "x" }, [5] = 1, [2.5] = 2 } }, "." },
      { deep_a, deep_b, "nested deeper than 512 levels" },
      { cyclic_a, cyclic_b, "nested deeper than 512 levels" },
      { { cyclic_a, 1 }, { 1, cyclic_b, 2 }, "nested deeper than 512 levels" },
    }
    for i, case in ipairs(cases) do
      local ok, err = pcall(patch.diff, case[1], case[2])
      assert.is_false(ok, "case " .. i)
      assert.is_true(core.error.is(err, "json"), tostring(err))
      assert.is_truthy(tostring(err):find(case[3]), tostring(err))
    end
    deep_a, deep_b = deep_a[1], deep_b[1]
    assert.is_true(json.equal(deep_b, patch.diff(deep_a, deep_b):apply(deep_a)))
  end)

  it("takes a secret for the text it hides", function()
    local one, same, other = core.secret.new("A", "x"), core.secret.new("C", "x"), core.secret.new("B", "y")
    assert.equal("[]", tostring(patch.diff({ p = one }, { p = one })))
    assert.equal("[]", tostring(patch.diff({ p = one, l = { one, 1 } }, { p = same, l = { "x", 1 } })))
    assert.equal('[{"op":"replace","path":"/p","value":"‹secret B›"}]',
      tostring(patch.diff({ p = one, q = ("q"):rep(80) }, { p = other, q = ("q"):rep(80) })))
  end)

  it("says which options there are", function()
    for _, case in ipairs {
      { { kays = {} }, 'patch.diff has no option "kays": it has keys, test and whole' },
      { { keys = "flows" }, 'patch.diff: keys is a table of array pointers and key pointers, or "flow"' },
      { { keys = { a = "/b" } }, 'patch.diff: keys: the array "a" is no JSON pointer: '
        .. "it must be empty or begin with '/'" },
      { { keys = { ["/a"] = 5 } }, "patch.diff: keys: the key is a number: a JSON pointer was expected" },
    } do
      local ok, err = pcall(patch.diff, {}, {}, case[1])
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "usage"))
      assert.equal(case[2], err.message)
    end
    assert.has_error(function() patch.diff({}) end)
  end)
end)

describe("patch.diff with tests", function()
  it("guards each change by the value before", function()
    local kept = ("k"):rep(300)
    assert.equal('[{"op":"test","path":"/a","value":1},{"op":"replace","path":"/a","value":2},'
      .. '{"op":"add","path":"/b","value":1},{"op":"test","path":"/z","value":[0]},{"op":"remove","path":"/z"}]',
      diff('{"k":"' .. kept .. '","a":1,"z":[0]}', '{"k":"' .. kept .. '","a":2,"b":1}', { test = true }))
    assert.equal('[{"op":"test","path":"","value":1},{"op":"replace","path":"","value":2}]',
      diff("1", "2", { test = true }))
  end)

  it("guards whole elements of keyed arrays", function()
    local a = flow({ "A", "B", "C" })
    local b = flow({ "C", "B" }, function(selectors) selectors[2].value.name = "new" end)
    local p = patch.diff(a, b, { keys = "flow", test = true })
    assert.equal("test /1, replace /1, test /0, remove /0", summary(p))
    assert.equal("A", p[3].value.value.id)
    local changed = json.copy(a)
    changed.transformations[1].params.segmentSelectors.selectors[1].value.name = "changed meanwhile"
    local ok, err = pcall(p.apply, p, changed)
    assert.is_false(ok)
    assert.equal("test_failed", err.code)
  end)
end)

describe("patch.diff by key", function()
  local keyed = { keys = "flow" }

  it("takes another order for no change", function()
    assert.equal(0, #patch.diff(flow { "A", "B", "C" }, flow { "C", "A", "B" }, keyed))
    assert.is_true(#patch.diff(flow { "A", "B", "C" }, flow { "C", "A", "B" }) > 0)
  end)

  it("makes one operation of each change: replace, remove from the end, append", function()
    local a = flow { "A", "B", "C", "D", "E" }
    local b = flow({ "X", "D", "C", "Y", "B" }, function(selectors)
      selectors[2].value.name, selectors[5].value.schedule.startTime = "new", "18:00"
    end)
    local p = patch.diff(a, b, keyed)
    assert.equal("replace /1, replace /3, remove /4, remove /0, add /-, add /-", summary(p))
    assert.equal("PLATFORM_SEGMENT", p[1].value.type)
    local result = p:apply(a)
    assert.equal("B C D X Y", ids_of(result))
    assert.equal(0, #patch.diff(result, b, keyed))
  end)

  it("looks inside the elements where that is asked", function()
    local a = flow { "A", "B" }
    local b = flow({ "B", "A" }, function(selectors) selectors[1].value.schedule.startTime = "18:00" end)
    local p = patch.diff(a, b, { keys = "flow", whole = false })
    assert.equal("replace /1/value/schedule/startTime", summary(p))
    assert.equal("replace /1", summary(patch.diff(a, b, { keys = "flow", whole = true })))
  end)

  it("goes by position where a key is missing or doubled", function()
    local whole = flow { "A", "B" }
    for _, broken in ipairs {
      flow { "B", "B" }, flow { "C", "C" },
      flow({ "B", "A" }, function(selectors) selectors[2].value.id = nil end),
      flow({ "B", "A" }, function(selectors) selectors[2] = 5 end),
      flow({ "B", "A" }, function(selectors) selectors[2].value.id = json.null end),
    } do
      for _, pair in ipairs { { whole, broken }, { broken, whole } } do
        assert.is_true(json.equal(pair[2], patch.diff(pair[1], pair[2], keyed):apply(pair[1])))
      end
    end
  end)

  it("takes keys of one's own, the most exact pattern first", function()
    local a = json.decode '{"x":[{"id":1,"n":"a"},{"id":2,"n":"b"}],"y":[{"id":1,"n":"a"},{"id":2,"n":"b"}]}'
    local b = json.decode '{"x":[{"id":2,"n":"b"},{"id":1,"n":"a"}],"y":[{"id":2,"n":"a"},{"id":1,"n":"b"}]}'
    assert.equal("replace /y/0, replace /y/1",
      summary(patch.diff(a, b, { keys = { ["/x"] = "/id", ["/y"] = "/n" } })))
    assert.equal("replace /y/0, replace /y/1",
      summary(patch.diff(a, b, { keys = { ["/*"] = "/n", ["/x"] = "/id" } })))
    assert.equal("[]", diff('{"x":[{"id":1,"n":0},{"id":2,"n":0}]}', '{"x":[{"id":2,"n":0},{"id":1,"n":0}]}',
      { keys = { ["/*"] = "/n", ["/x"] = "/id" } }))
    assert.equal("[]", diff('["a","b"]', '["b","a"]', { keys = { [""] = "" } }))
    assert.equal("[]", diff("[[1,2],[3,4]]", "[[3,4],[1,2]]", { keys = { [""] = "/1" } }))
    assert.equal("[]", diff('{"a/b":[1,2.5,true]}', '{"a/b":[true,1.0,2.5]}', { keys = { ["/a~1b"] = "" } }))
  end)

  it("takes another order for no change in keyed arrays inside keyed elements, too", function()
    local keys = { ["/g"] = "/id", ["/g/*/m"] = "/id" }
    local a = '{"g":[{"id":1,"m":[{"id":"x"},{"id":"y"}]},{"id":2}]}'
    assert.equal("[]", diff(a, '{"g":[{"id":2},{"id":1,"m":[{"id":"y"},{"id":"x"}]}]}', { keys = keys }))
    assert.equal('[{"op":"replace","path":"/g/0","value":{"id":1,"m":[{"id":"y"},{"id":"z"}]}}]',
      diff(a, '{"g":[{"id":2},{"id":1,"m":[{"id":"y"},{"id":"z"}]}]}', { keys = keys }))
  end)

  it("knows the arrays of a dataflow", function()
    assert.same({ ["/transformations/*/params/segmentSelectors/selectors"] = "/value/id",
      ["/transformations/*/params/profileSelectors/selectors"] = "/value/path" }, patch.flow_keys)
    local function attributes(...)
      local selectors = json.array {}
      for i, path in ipairs { ... } do selectors[i] = { type = "JSON_PATH", value = { path = path } } end
      return { transformations = { { params = { profileSelectors = { selectors = selectors } } } } }
    end
    local p = patch.diff(attributes("a", "b", "c"), attributes("c", "d", "a"), keyed)
    assert.equal("remove,add", p[1].op .. "," .. p[2].op)
    assert.equal("/transformations/0/params/profileSelectors/selectors/1", p[1].path)
  end)

  it("needs one operation for each of 501 changes in 5,000 audiences, whichever way it compares", function()
    local ids = {}
    for i = 1, 5000 do ids[i] = ("%08x"):format(i) end
    local a = flow(ids)
    local b = flow(ids, function(selectors)
      for i = 1, 401 do selectors[i * 12].value.schedule.startTime = "18:00" end
      for i = 50, 1, -1 do table.remove(selectors, i * 90 + 1) end
      for i = 1, 50 do selectors[#selectors + 1] = { value = { id = "new" .. i } } end
    end)
    for _, options in ipairs { {}, keyed } do
      local p = patch.diff(a, b, options)
      assert.equal(501, #p)
      assert.is_true(json.equal(b, p:apply(a)))
    end
  end)
end)
