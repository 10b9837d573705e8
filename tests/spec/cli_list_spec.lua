--- Filters and orders of `sluice list`: how they are read, what passes, what comes first.

local core = require "sluice.core"
local select = require "sluice.cli.list.select"

local COLUMNS = {
  { name = "name", get = function(item) return item.name end },
  { name = "count", get = function(item) return item.count end },
  fields = { "tags", "spec" },
}

local function read(...) return select.filters({ ... }, COLUMNS) end

--- An item's members, the filters, and whether it passes.
local CASES = {
  { { name = "a" }, { "name==a" }, true },
  { { name = "a" }, { " name == a " }, true },
  { { name = " a" }, { "name== a" }, true },
  { { name = "a" }, { "name== a" }, false },
  { { name = "Grüße" }, { "name ~ GRÜ" }, true },
  { { spec = { id = "x", [""] = "y" } }, { "spec..id==x" }, false },
  { { spec = { id = "x" } }, { "spec.id.==x" }, true },
  { { name = "a" }, { "name==A" }, false },
  { { name = "a" }, { "name!=a" }, false },
  { { name = "a" }, { "name!=b" }, true },
  { {}, { "name!=b" }, true },
  { {}, { "name==" }, true },
  { { name = core.json.null }, { "name==" }, true },
  { { name = "" }, { "name==" }, true },
  { { name = "Loyal customers" }, { "name~loyal" }, true },
  { { name = "Loyal customers" }, { "name~loyal", "count==3" }, false },
  { { name = "Loyal customers", count = 3 }, { "name~loyal", "count==3" }, true },
  { { name = "a==b~c!=d" }, { "name==a==b~c!=d" }, true },
  { { name = "%a+" }, { "name~%a+" }, true },
  { {}, { "name~x" }, false },
  { { count = 3 }, { "count==3.0" }, true },
  { { count = 3 }, { "count~3" }, true },
  { { spec = { id = true } }, { "spec.id==true" }, true },
  { { tags = core.json.array { "x", "y" } }, { "tags==y" }, true },
  { { tags = core.json.array { "x", "y" } }, { "tags!=y" }, false },
  { { tags = core.json.array { { id = "x" }, { id = "yes" } } }, { "tags[].id~YE" }, true },
  { { tags = core.json.array { { id = "x" }, { id = "yes" } } }, { "/tags/1/id==yes" }, true },
  { { tags = core.json.array {} }, { "tags[].id==x" }, false },
}

describe("a filter", function()
  for i, case in ipairs(CASES) do
    it(("%s lets pass what it should (%d)"):format(table.concat(case[2], " and "), i), function()
      assert.equal(case[3], select.passes(case[1], read(table.unpack(case[2]))))
    end)
  end

  it("has to be one", function()
    for text, words in pairs { ["name"] = "expected FIELD==VALUE", ["name=a"] = "expected FIELD==VALUE",
      ["==a"] = "expected FIELD==VALUE", ["name>1"] = "expected FIELD==VALUE", ["nam==a"] = 'did you mean "name"' } do
      local ok, failure = pcall(read, text)
      assert.is_false(ok, text)
      assert.is_true(core.error.is(failure, "usage"))
      assert.matches(words, failure.message)
    end
  end)

  it("goes to the service where its grammar can hold it", function()
    local sends = { name = "name", ["spec.id"] = "spec.id", count = "metrics.count" }
    local function where(...) return select.where(read(...), sends) end
    assert.same({ name = "a b" }, where "name==a b")
    assert.same({ ["spec.id"] = "1", ["metrics.count"] = "2" }, where("spec.id==1", "count==2", "tags==x"))
    for _, text in ipairs { "name!=a", "name~a", "name==a,b", "name==a\"b", "name==a<b", "name==", "tags==x" } do
      assert.is_nil(where(text), text)
    end
  end)
end)

describe("an order", function()
  local function sorted(descending, ...)
    local rows, keys = {}, {}
    for i, key in ipairs { ... } do
      rows[i] = { at = i }
      if key ~= "none" then rows[i].key = key end
    end
    select.sort(rows, descending)
    for i, row in ipairs(rows) do keys[i] = tostring(row.key) .. row.at end
    return table.concat(keys, " ")
  end

  it("puts numbers before texts, and what has no value last", function()
    assert.equal("23 102 a4 B5 c1 nil6", sorted(false, "c", 10, 2, "a", "B", "none"))
    assert.equal("c1 B5 a4 102 23 nil6", sorted(true, "c", 10, 2, "a", "B", "none"))
    assert.equal("false2 true1 true3", sorted(false, true, false, true))
  end)

  it("leaves equals as they came", function()
    assert.equal("A3 a1 a2 a4", sorted(false, "a", "a", "A", "a"))
    assert.equal("a1 a2 a4 A3", sorted(true, "a", "a", "A", "a"))
  end)

  it("is read with its sign", function()
    assert.is_false(select.order("name", COLUMNS).descending)
    assert.is_true(select.order("-count", COLUMNS).descending)
    assert.is_nil(select.order(nil, COLUMNS))
    assert.has_error(function() select.order("-nam", COLUMNS) end)
  end)

  it("may have an end", function()
    assert.equal(7, select.limit "7")
    assert.is_nil(select.limit(nil))
    for _, word in ipairs { "0", "-1", "1.5", "x", "", "1e3" } do
      assert.has_error(function() select.limit(word) end)
    end
  end)
end)
