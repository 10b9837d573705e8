--- Long patches over few arrays: the elements are moved about as numbers, which must not show. What comes out is
--- compared with the plain model of tests/property.
local core = require "sluice.core"
local model = require "property.model"
local json, patch = core.json, core.patch

local SEED, PATCHES, OPERATIONS = 20261123, 200, 120
local ARRAYS = { "/a", "/b", "/o/list", "/a/0", "/o/list/1/deep" }

local function element(i)
  return ({ { id = i }, { id = i, deep = json.array { i, i + 1 } }, json.array { i }, i })[i % 4 + 1]
end

local function array(count)
  local list = json.array()
  for i = 1, count do list[i] = element(i) end
  return list
end

local function document()
  return { a = array(30), b = array(12), o = { list = array(20), name = "x" } }
end

--- A place in an array, mostly one that is there.
local function place(path, after)
  local list = model.get(after, path)
  local count = type(list) == "table" and json.is_array(list) and #list or 1
  local index = math.random(0, count)
  return path .. "/" .. (index == count and math.random(3) > 1 and "-" or index)
end

local MAKE = {
  function(at, _, i) return { op = "add", path = at, value = element(i) } end,
  function(at) return { op = "remove", path = at } end,
  function(at, _, i) return { op = "replace", path = at, value = element(i) } end,
  function(at, other) return { op = "move", from = at, path = other } end,
  function(at, other) return { op = "copy", from = at, path = other } end,
  function(at, _, i) return { op = "replace", path = at .. "/id", value = i } end,
  function(at, _, i) return { op = "add", path = at .. "/deep/0", value = element(i) } end,
  function(at, _, _, after) return { op = "test", path = at, value = model.get(after, at) } end,
  function(_, _, i) return { op = "replace", path = "/o/name", value = "name " .. i } end,
}

--- Operations that can be carried out one after the other, and what they make of the document. They stay with one array
--- for a while, as those of a diff do.
local function operations()
  local list, after, path = {}, document(), ARRAYS[1]
  for i = 1, OPERATIONS do
    if math.random(6) == 1 then path = ARRAYS[math.random(#ARRAYS)] end
    local other = math.random(3) == 1 and ARRAYS[math.random(#ARRAYS)] or path
    local op = MAKE[math.random(#MAKE)](place(path, after), place(other, after), i, after)
    local before = json.copy(after)
    local ok, result = pcall(model.apply, after, { op })
    after = ok and result or before
    if ok and result then list[#list + 1] = op end
  end
  return list, after
end

describe("patches that move elements about", function()
  it("do what they say, and leave the document as it was", function()
    math.randomseed(SEED)
    for i = 1, PATCHES do
      local list, after = operations()
      local before, p = document(), patch.new(list)
      assert.is_true(#p > OPERATIONS / 4)
      local result = p:apply(before)
      assert.equal(json.encode(after), json.encode(result), "patch " .. i)
      assert.equal(json.encode(document()), json.encode(before))
      assert.is_true(json.equal(p:inverse(before):apply(result), before))
    end
  end)

  it("say what is missing as it then stands", function()
    local function message(...)
      local p = patch.new(json.decode(...))
      local ok, err = pcall(p.apply, p, json.decode '{"a":[{"b":1},2,3]}')
      assert.is_false(ok)
      return err.message
    end
    local removed = '[{"op":"remove","path":"/a/2"},'
    assert.equal("operation 2 (remove /a/2): /a has no element 2: it has 2 of them, counted from 0",
      message(removed .. '{"op":"remove","path":"/a/2"}]'))
    assert.equal("operation 2 (add /a/4): /a has no element 4: it has 2 of them, counted from 0",
      message(removed .. '{"op":"add","path":"/a/4","value":0}]'))
    assert.equal('operation 2 (replace /a/01): /a is an array, and "01" is no index: '
      .. 'digits without sign or leading zero', message(removed .. '{"op":"replace","path":"/a/01","value":0}]'))
    assert.equal("operation 2 (test /a/0/c): /a/0 has no member \"c\"",
      message(removed .. '{"op":"test","path":"/a/0/c","value":0}]'))
    assert.equal("operation 2 (test /a/1): the value there is 2, not 0",
      message(removed .. '{"op":"test","path":"/a/1","value":0}]'))
  end)

  it("may stand in arrays that are not marked as such", function()
    local before = { { 1, 2, 3 }, "x" }
    local p = patch.new():remove("/0/1"):add("/0/0", 9):remove("/1"):move("/0/0", "/0/-"):add("/-", 5)
    assert.equal("[[1,3,9],5]", json.encode(p:apply(before)))
    assert.equal('[[1,2,3],"x"]', json.encode(before))
    assert.equal("[]", json.encode(patch.new():remove("/0"):remove("/0"):apply(before)))
  end)
end)
