--- Specs of patch:inverse: the patch that undoes a patch.
local core = require "sluice.core"
local json, patch, pointer = core.json, core.patch, core.pointer

--- Applies operations and their inverse; gives the inverse as text.
local function undo(document, operations)
  document = json.decode(document)
  local before = json.encode(document)
  local p = patch.new(json.decode(operations))
  local after = p:apply(document)
  local inverse = p:inverse(document)
  assert.equal(before, json.encode(inverse:apply(after)), operations)
  assert.equal(before, json.encode(document))
  assert.equal(json.encode(after), json.encode(inverse:inverse(after):apply(document)))
  return tostring(inverse)
end

describe("patch:inverse", function()
  it("undoes each operation", function()
    local document = '{"a":[1,2,3],"o":{"x":null,"y":{"z":[]}},"n":5}'
    local cases = { -- operation, inverse
      { '{"op":"add","path":"/new","value":1}', '[{"op":"remove","path":"/new"}]' },
      { '{"op":"add","path":"/n","value":1}', '[{"op":"replace","path":"/n","value":5}]' },
      { '{"op":"add","path":"/o/x","value":1}', '[{"op":"replace","path":"/o/x","value":null}]' },
      { '{"op":"add","path":"/a/1","value":9}', '[{"op":"remove","path":"/a/1"}]' },
      { '{"op":"add","path":"/a/-","value":9}', '[{"op":"remove","path":"/a/3"}]' },
      { '{"op":"add","path":"","value":9}', '[{"op":"replace","path":"","value":{"a":[1,2,3],"n":5,'
        .. '"o":{"x":null,"y":{"z":[]}}}}]' },
      { '{"op":"remove","path":"/a/0"}', '[{"op":"add","path":"/a/0","value":1}]' },
      { '{"op":"remove","path":"/a/2"}', '[{"op":"add","path":"/a/2","value":3}]' },
      { '{"op":"remove","path":"/o/x"}', '[{"op":"add","path":"/o/x","value":null}]' },
      { '{"op":"replace","path":"/o/y","value":0}', '[{"op":"replace","path":"/o/y","value":{"z":[]}}]' },
      { '{"op":"move","from":"/n","path":"/o/n"}', '[{"from":"/o/n","op":"move","path":"/n"}]' },
      { '{"op":"move","from":"/a/0","path":"/a/-"}', '[{"from":"/a/2","op":"move","path":"/a/0"}]' },
      { '{"op":"move","from":"/a/2","path":"/a/0"}', '[{"from":"/a/0","op":"move","path":"/a/2"}]' },
      { '{"op":"move","from":"/n","path":"/a"}',
        '[{"op":"replace","path":"/a","value":[1,2,3]},{"op":"add","path":"/n","value":5}]' },
      { '{"op":"move","from":"/o/y/z","path":"/o/y"}',
        '[{"op":"replace","path":"/o/y","value":{}},{"op":"add","path":"/o/y/z","value":[]}]' },
      { '{"op":"move","from":"/n","path":""}', '[{"op":"replace","path":"","value":{"a":[1,2,3],'
        .. '"o":{"x":null,"y":{"z":[]}}}},'
        .. '{"op":"add","path":"/n","value":5}]' },
      { '{"op":"move","from":"/n","path":"/n"}', "[]" },
      { '{"op":"copy","from":"/a","path":"/o/a"}', '[{"op":"remove","path":"/o/a"}]' },
      { '{"op":"copy","from":"/a","path":"/n"}', '[{"op":"replace","path":"/n","value":5}]' },
      { '{"op":"copy","from":"/n","path":"/a/-"}', '[{"op":"remove","path":"/a/3"}]' },
      { '{"op":"test","path":"/n","value":5}', "[]" },
    }
    for _, case in ipairs(cases) do assert.equal(case[2], undo(document, "[" .. case[1] .. "]"), case[1]) end
  end)

  it("undoes a move to a place above its own", function()
    assert.equal('[{"op":"remove","path":"/0"},{"op":"add","path":"/0/x","value":[1]}]',
      undo('[{"x":[1]},2]', '[{"op":"move","from":"/0/x","path":"/0"}]'))
  end)

  it("undoes the last operation first, and keeps what was there between them", function()
    assert.equal('[{"op":"add","path":"/a","value":{"b":{"c":2}}},{"op":"remove","path":"/a/b"},'
      .. '{"op":"replace","path":"/a","value":1}]',
      undo('{"a":1}', '[{"op":"add","path":"/a","value":{}},{"op":"add","path":"/a/b","value":{"c":2}},'
        .. '{"op":"remove","path":"/a"}]'))
    undo('{"a":{"b":[1]},"c":{}}', [=[[{"op":"add","path":"/a/b/-","value":2},{"op":"move","from":"/a","path":"/c"},
      {"op":"add","path":"/c/b/-","value":3},{"op":"copy","from":"/c","path":"/d"},{"op":"remove","path":"/d/b/0"}]]=])
  end)

  it("undoes identity operations", function()
    local document = json.decode '{"l":[{"id":1},{"id":2},{"id":3}]}'
    local p = patch.new():remove_by("/l", { ["/id"] = 1 }):replace_by("/l", { ["/id"] = 3 }, { id = 4 })
      :add_unless("/l", { ["/id"] = 9 }, { id = 9 })
    local inverse = p:inverse(document)
    assert.is_true(inverse:is_plain())
    assert.equal(json.encode(document), json.encode(inverse:apply(p:apply(document))))
  end)

  it("fails as applying fails", function()
    local p = patch.new():add("/b", 1):remove("/a/0")
    local ok, err = pcall(p.inverse, p, {})
    assert.is_false(ok)
    assert.equal("not_found", err.code)
    assert.equal(2, err.index)
    assert.has_error(function() p:inverse() end)
  end)

  it("holds over random patches", function()
    local function value(depth)
      local kind = math.random(depth > 0 and 6 or 3)
      if kind == 1 then return math.random(9) end
      if kind == 2 then return "s" .. math.random(9) end
      if kind == 3 then return json.null end
      local t = kind < 5 and json.array {} or json.object {}
      for i = 1, math.random(0, 3) do t[kind < 5 and i or ({ "a", "b/", "~" })[i]] = value(depth - 1) end
      return t
    end
    local function places(v, tokens, list)
      list[#list + 1] = pointer.format(tokens)
      if type(v) ~= "table" then return list end
      list[#list + 1] = pointer.format(tokens) .. (json.is_array(v) and "/-" or "/new")
      for k, w in pairs(v) do
        tokens[#tokens + 1] = math.type(k) and k - 1 or k
        places(w, tokens, list)
        tokens[#tokens] = nil
      end
      return list
    end
    local names, undone = { "add", "remove", "replace", "move", "copy", "test" }, 0
    for seed = 1, 3000 do
      math.randomseed(seed)
      local document = value(4)
      local before, now, operations = json.encode(document), document, {}
      for _ = 1, 8 do
        local list = places(now, {}, {})
        table.sort(list)
        local op = { op = names[math.random(#names)], path = list[math.random(#list)], from = list[math.random(#list)],
          value = value(2) }
        local ok, result = pcall(function() return patch.new({ op }):apply(now) end)
        if ok then operations[#operations + 1], now = op, result end
      end
      local p = patch.new(operations)
      local inverse = p:inverse(document)
      assert.equal(before, json.encode(inverse:apply(p:apply(document))), "seed " .. seed)
      assert.equal(before, json.encode(document), "seed " .. seed)
      undone = undone + #inverse
    end
    assert.is_true(undone > 6000, undone)
  end)
end)
