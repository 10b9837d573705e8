--- Specs of the operations that name elements by what they are: remove_by, replace_by, add_unless.
local core = require "sluice.core"
local json, patch = core.json, core.patch

local LIST = "/transformations/0/params/segmentSelectors/selectors"

local function selector(id, name) return { type = "PLATFORM_SEGMENT", value = { id = id, name = name or id } } end

local function flow(...)
  local selectors = json.array {}
  for i, id in ipairs { ... } do selectors[i] = selector(id) end
  return { etag = "x", transformations = { { params = { segmentSelectors = { selectors = selectors } } } } }
end

local function by(id) return { ["/value/id"] = id } end

--- What each operation does, in short: "remove /3".
local function summary(p)
  local list = {}
  for i, op in ipairs(p) do list[i] = op.op .. " " .. op.path:gsub("^" .. LIST, "") end
  return table.concat(list, ", ")
end

local function ids(document)
  local list = {}
  for i, item in ipairs(core.pointer.get(document, LIST)) do list[i] = item.value.name end
  return table.concat(list, " ")
end

local function failure(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert.is_true(core.error.is(err, "patch"), tostring(err))
  return err
end

describe("identity operations", function()
  it("resolve into plain ones, removals from the end on", function()
    local cases = { -- document, build, operations, ids after
      { flow("A", "B", "C"), function(p) p:remove_by(LIST, by "B") end, "remove /1", "A C" },
      { flow("A", "B", "C"), function(p) p:remove_by(LIST, by "A"):remove_by(LIST, by "B") end,
        "remove /1, remove /0", "C" },
      { flow("A", "B", "A"), function(p) p:remove_by(LIST, by "A") end, "remove /2, remove /0", "B" },
      { flow("A", "B"), function(p) p:replace_by(LIST, by "B", selector("B", "new")) end, "replace /1", "A new" },
      { flow("A", "B"), function(p) p:add_unless(LIST, by "B", selector "B") end, "", "A B" },
      { flow("A", "B"), function(p) p:add_unless(LIST, by "C", selector "C") end, "add /-", "A B C" },
      { flow(), function(p) p:add_unless(LIST, by "C", selector "C"):add_unless(LIST, by "C", selector "C") end,
        "add /-", "C" },
      { flow("A", "B", "C", "D"), function(p)
        p:remove_by(LIST, by "A"):add_unless(LIST, by "E", selector "E"):replace_by(LIST, by "C", selector("C", "c"))
          :remove_by(LIST, by "D")
      end, "replace /2, remove /3, remove /0, add /-", "B c E" },
      { flow("A", "B"), function(p) p:replace_by(LIST, by "A", selector "X"):remove_by(LIST, by "X") end,
        "remove /0", "B" },
      { flow("A"), function(p)
        p:add_unless(LIST, by "X", selector "X"):replace_by(LIST, by "X", selector("X", "x"))
      end, "add /-", "A x" },
      { flow("A"), function(p) p:add_unless(LIST, by "X", selector "X"):remove_by(LIST, by "X") end, "", "A" },
      { flow("A"), function(p) p:remove_by(LIST, by "A"):add_unless(LIST, by "A", selector("A", "a")) end,
        "remove /0, add /-", "a" },
      { flow("A", "B"), function(p) p:remove_by(LIST, by "A"):remove(LIST .. "/0"):add("/n", 1) end,
        "remove /0, remove /0, add /n", "" },
      { flow("A", "B"), function(p)
        p:add(LIST .. "/0", selector "Z"):remove_by(LIST, { ["/value/id"] = "A", ["/type"] = "PLATFORM_SEGMENT" })
      end, "add /0, remove /1", "Z B" },
    }
    for i, case in ipairs(cases) do
      local document, p = case[1], patch.new()
      case[2](p)
      local before, text = json.encode(document), tostring(p)
      local resolved = p:resolve(document)
      assert.equal(case[3], summary(resolved), "case " .. i)
      assert.is_true(resolved:is_plain())
      assert.equal(case[4], ids(p:apply(document)), "case " .. i)
      assert.equal(json.encode(p:apply(document)), json.encode(resolved:apply(document)))
      assert.equal(before, json.encode(document))
      assert.equal(text, tostring(p))
    end
  end)

  it("give the same whichever way indexes are counted", function()
    local document = flow("A", "B", "C", "D", "E")
    local p = patch.new():remove_by(LIST, by "A"):remove_by(LIST, by "D"):remove_by(LIST, by "B")
    local resolved = p:resolve(document)
    local gone = {}
    for _, op in ipairs(resolved) do gone[tonumber(op.path:match "%d+$")] = true end
    assert.same({ [0] = true, [1] = true, [3] = true }, gone)
    assert.equal("C E", ids(resolved:apply(document)))
  end)

  it("work on several arrays at once, and on one inside another", function()
    local document = { a = { { id = 1 }, { id = 2 } },
      b = { { id = 1 }, { id = 2, c = { { n = "x" }, { n = "y" } } } } }
    local p = patch.new():remove_by("/a", { ["/id"] = 1 }):remove_by("/b", { ["/id"] = 1 })
      :remove_by("/a", { ["/id"] = 2 }):remove_by("/b/0/c", { ["/n"] = "x" })
    assert.equal('[{"op":"remove","path":"/a/1"},{"op":"remove","path":"/a/0"},{"op":"remove","path":"/b/0"},'
      .. '{"op":"remove","path":"/b/0/c/0"}]', tostring(p:resolve(document)))
    assert.equal('{"a":[],"b":[{"c":[{"n":"y"}],"id":2}]}', json.encode(p:apply(document)))
  end)

  it("take many arrays in turn", function()
    local document, p = {}, patch.new()
    for i = 1, 40 do
      document["a" .. i] = { i, "x" }
      p:remove_by("/a" .. i, { [""] = i })
    end
    for _, list in pairs(p:apply(document)) do assert.same({ "x" }, list) end
  end)

  it("compare as JSON does, deep and with null", function()
    local document = json.decode '{"l":[{"k":1.0,"v":null},{"k":[1,{"a":2}]},5,"x"]}'
    for _, case in ipairs {
      { { ["/k"] = 1 }, 0 }, { { ["/v"] = json.null }, 0 }, { { ["/k"] = { 1, { a = 2 } } }, 1 },
      { { ["/k/1/a"] = 2 }, 1 }, { { [""] = 5.0 }, 2 }, { { [""] = "x" }, 3 },
    } do
      assert.equal("/l/" .. case[2], patch.new():remove_by("/l", case[1]):resolve(document)[1].path)
    end
  end)

  it("keep the value of a removal, which the service wants", function()
    local p = patch.new():remove_by(LIST, by "A", { type = "PLATFORM_SEGMENT", value = json.object {} })
    assert.equal('[{"op":"remove","path":"' .. LIST .. '/0","value":{"type":"PLATFORM_SEGMENT","value":{}}}]',
      tostring(p:resolve(flow "A")))
  end)

  it("stay what they are in a copy of the patch, and are not written before they are resolved", function()
    local p = patch.new():add("/n", 1):remove_by(LIST, by "A")
    assert.is_false(p:is_plain())
    assert.is_true(patch.new():add("/n", 1):is_plain())
    assert.is_true(patch.new():is_plain())
    for _, unresolved in ipairs { p, patch.new(p), json.copy(p), { inside = { p } } } do
      local err = failure(json.encode, unresolved)
      assert.equal("unresolved", err.code)
      assert.matches("resolve it against the document first", err.message)
    end
    assert.equal('[{"op":"add","path":"/n","value":1},{"match":{"/value/id":"A"},"op":"remove_by","path":"' .. LIST
      .. '"}]', tostring(p))
    assert.equal("B", ids(patch.new(p):apply(flow("A", "B"))))
  end)

  it("say what does not fit", function()
    local document = flow("A", "B", "B")
    local cases = { -- build, code, message
      { function(p) p:remove_by(LIST, by "X") end, "not_found",
        "operation 1 (remove_by " .. LIST .. '): no element there matches {"/value/id":"X"}' },
      { function(p) p:add("/n", 1):replace_by(LIST, by "X", 1) end, "not_found",
        "operation 2 (replace_by " .. LIST .. '): no element there matches {"/value/id":"X"}' },
      { function(p) p:replace_by(LIST, by "B", 1) end, "ambiguous",
        "operation 1 (replace_by " .. LIST
          .. '): 2 elements there match {"/value/id":"B"}: replace_by changes exactly one' },
      { function(p) p:remove_by(LIST, by "A"):remove_by(LIST, by "A") end, "not_found",
        "operation 2 (remove_by " .. LIST .. '): no element there matches {"/value/id":"A"}' },
      { function(p) p:add_unless("/nothing", by "A", 1) end, "not_found",
        'operation 1 (add_unless /nothing): the document has no member "nothing"' },
      { function(p) p:remove_by("/etag", by "A") end, "not_array",
        "operation 1 (remove_by /etag): the value there is no array: "
          .. "only elements of arrays are found by what they are" },
    }
    for _, case in ipairs(cases) do
      local p = patch.new()
      case[1](p)
      for _, method in ipairs { "apply", "resolve", "inverse" } do
        local err = failure(p[method], p, document)
        assert.equal(case[2], err.code)
        assert.equal(case[3], err.message)
      end
    end
  end)

  it("are checked when they are built", function()
    local p = patch.new()
    for _, case in ipairs {
      { "remove_by", LIST, nil, nil, "wrong_match", 'the member "match" must be a table such as' },
      { "remove_by", LIST, "A", nil, "wrong_match", 'the member "match" must be a table such as' },
      { "remove_by", LIST, {}, nil, "wrong_match", '"match" is empty: it would match every element' },
      { "remove_by", LIST, { "A" }, nil, "wrong_match", 'the names in "match" are JSON pointers' },
      { "remove_by", LIST, { id = "A" }, nil, "wrong_match", 'the name "id" in "match" is no JSON pointer' },
      { "remove_by", "list", by "A", nil, "pointer_syntax", "is wrong" },
      { "replace_by", LIST, by "A", nil, "missing_member", '"value" is missing' },
      { "add_unless", LIST, by "A", nil, "missing_member", '"value" is missing' },
    } do
      local err = failure(p[case[1]], p, case[2], case[3], case[4])
      assert.equal(case[5], err.code)
      assert.is_truthy(err.message:find(case[6], 1, true), err.message)
    end
    assert.equal(0, #p)
    assert.has_error(function() p.remove_by({}, LIST, by "A") end)
    local err = failure(patch.new, { { op = "remove_buy", path = "/a", match = by "A" } })
    assert.matches('did you mean "remove_by"', err.message)
  end)
end)
