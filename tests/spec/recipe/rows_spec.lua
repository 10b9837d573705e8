--- Files of parameters in all their forms.

local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"
local rows = require "sluice.recipe.rows"

local demo = recipe.new { name = "demo", version = "1", summary = "s", run = function() end, params = {
  { name = "bucket_name" }, { name = "count", type = "integer" }, { name = "tags", type = "list", required = false },
} }

local folder, written = os.tmpname(), {}
os.remove(folder)
os.execute("mkdir " .. folder)

local function write(name, text)
  local path = folder .. "/" .. name
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
  written[#written + 1] = path
  return path
end

local function read(name, text) return rows.read(write(name, text), demo) end

--- The values of all rows.
local function values(found)
  local list = {}
  for i, row in ipairs(found.rows) do list[i] = row.values end
  return list
end

--- What a refusal says, without the folder.
local function refusal(name, text)
  local failure = outcome.failure(read, name, text)
  assert.equal("usage", failure.kind)
  return (failure.message:gsub(folder:gsub("%p", "%%%0") .. "/", ""))
end

describe("a file of parameters", function()
  teardown(function()
    for _, path in ipairs(written) do os.remove(path) end
    os.remove(folder)
  end)

  it("is one run, or many, as its form says", function()
    for name, text in pairs {
      ["a.json"] = '{"bucket-name":"x","count":3,"tags":null}',
      ["a.lua"] = '{ bucket_name = "x", count = 3 }',
      ["b.lua"] = '-- data\nlocal n = 3\nreturn { ["bucket-name"] = "x", count = n }',
    } do
      local found = read(name, text)
      assert.is_false(found.many)
      assert.same({ { bucket_name = "x", count = 3 } }, values(found))
    end
    for name, text in pairs {
      ["a.json"] = '[{"bucket_name":"x","count":3},{"bucket_name":"y","count":4}]',
      ["a.lua"] = 'return { { bucket_name = "x", count = 3 }, { bucket_name = "y", count = 4 } }',
      ["a.ndjson"] = '{"bucket_name":"x","count":3}\n\n{"bucket_name":"y","count":4}\n',
      ["a.jsonl"] = '{"bucket_name":"x","count":3}\r\n{"bucket_name":"y","count":4}',
    } do
      local found = read(name, text)
      assert.is_true(found.many)
      assert.same({ { bucket_name = "x", count = 3 }, { bucket_name = "y", count = 4 } }, values(found))
    end
  end)

  it("has texts in columns, of which a list may have several, and empty ones are none", function()
    local found = read("a.CSV", 'bucket-name,count,tags,tags\nx,3,a,"b,c"\n"y\nz",,,\n')
    assert.same({ { bucket_name = "x", count = "3", tags = { "a", "b,c" } }, { bucket_name = "y\nz" } }, values(found))
    assert.same({ "bucket_name", "count", "tags", "tags" }, found.columns)
    assert.truthy(found.rows[2].place:find "a.CSV:3$")
    assert.truthy(found.rows[1].places.count:find "a.CSV:2, count$")
    local reading = recipe.read(demo, {}, { row = found.rows[1] })
    assert.same({ bucket_name = "x", count = 3, tags = { "a", "b", "c" } }, reading.given)
  end)

  it("tells places as pointers", function()
    local found = read("a.json", '[{"bucket_name":"x"},{"count":"y"}]')
    assert.truthy(found.rows[2].places.count:find "a.json: /1/count$")
    found = read("a.json", '{"count":"y"}')
    assert.truthy(found.rows[1].places.count:find "a.json: /count$")
    found = read("a.ndjson", '\n{"count":"y"}')
    assert.truthy(found.rows[1].places.count:find "a.ndjson:2: /count$")
  end)

  it("may be what a run left behind: later lines of a row stand in the place of earlier ones", function()
    local found = read("o.csv", "row,bucket_name,count,outcome,error,ids\n7,x,1,not begun,,\n9,y,2,done,,{}\n"
      .. "7,x,1,begun,,\n7,x,1,failed,no,\n")
    assert.is_true(found.continued)
    assert.equal(2, #found.rows)
    assert.same({ 7, "failed", "no" }, { found.rows[1].number, found.rows[1].outcome, found.rows[1].error })
    assert.same({ 9, "done", "{}" }, { found.rows[2].number, found.rows[2].outcome, found.rows[2].ids })
    assert.same({ bucket_name = "y", count = "2" }, found.rows[2].values)
    found = read("o.ndjson", '{"row":1,"bucket_name":"x","outcome":"begun","error":null,"ids":null}\n'
      .. '{"row":1,"bucket_name":"x","outcome":"done","error":null,"ids":{"flow":"f"}}\n')
    assert.same({ "done", { flow = "f" } }, { found.rows[1].outcome, found.rows[1].ids })
  end)

  for _, row in ipairs {
    { "a.csv", "bucket,count\nx,1\n", 'demo: a.csv:1: unknown column "bucket"; expected ' },
    { "a.csv", "count,count\n1,1\n", 'demo: a.csv:1: the column "count" stands there twice; only a list may' },
    { "a.csv", "bucket_name,count\nx\n", "demo: a.csv:2: has 1 cells, expected 2" },
    { "a.csv", "bucket_name;count\nx;1\n", "a.csv:1: the columns are separated by semicolons; expected commas" },
    { "a.csv", "", "a.csv: is empty" },
    { "a.csv", "count\n", "a.csv has no rows" },
    { "a.csv", "count\n\xff\n", "a.csv is not UTF-8" },
    { "a.csv", 'count\n"1', "a.csv:2: a quoted cell begins here" },
    { "a.json", "{", "a.json: line 1" },
    { "a.json", "[1]", "demo: a.json: /0: expected an object of parameters" },
    { "a.json", '"x"', "demo: a.json: expected an object of parameters" },
    { "a.json", '{"cuont":1}', 'demo: a.json: unknown key "cuont"; expected "bucket_name", "count" or "tags"; did' },
    { "a.ndjson", '{"count":1}\n{"count":', "a.ndjson:2: line 1" },
    { "a.lua", "return 5", "demo: a.lua: expected an object of parameters" },
    { "a.lua", "{ count = }", "a.lua:1: unexpected symbol" },
    { "a.lua", "return { count = os.time() }", "a.lua: 1: attempt to index a nil value (global 'os')" },
    { "a.lua", "return { bucket_name = ('x'):rep(3) }", "a.lua: 1: attempt to index a string value" },
    { "a.lua", "while true do end", "a.lua: takes too long; data needs no such work" },
    { "a.lua", "\27Lua", "a.lua: compiled Lua" },
    { "a.txt", "", "--params: cannot tell what a.txt holds" },
  } do
    it("is refused: " .. row[3], function()
      local message = refusal(row[1], row[2])
      assert.truthy(message:find(row[3], 1, true), message)
    end)
  end

  it("leaves the methods of strings as they were", function()
    pcall(read, "a.lua", "error 'x'")
    assert.equal("A", ("a"):upper())
  end)

  it("tells all that is wrong at once, but not without end", function()
    local lines = { "bucket_name,count" }
    for i = 1, 100 do lines[#lines + 1] = "x,1," .. i end
    local failure = outcome.failure(read, "a.csv", table.concat(lines, "\n"))
    assert.equal(100, failure.count)
    assert.equal(51, #failure.findings)
    assert.equal("and 50 more", failure.findings[51].message)
  end)

  it("has at most ten thousand rows", function()
    assert.truthy(refusal("a.csv", "count\n" .. ("1\n"):rep(10001)):find("10001 rows, at most 10000", 1, true))
  end)
end)
