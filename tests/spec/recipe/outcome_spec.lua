--- The file that keeps what became of each row, and that can be given as parameters again.

local core = require "sluice.core"
local outcome_file = require "sluice.recipe.outcome"
local folder = os.tmpname()
local recipe = require "sluice.recipe"
local refusal = require "spec.support.outcome"
local rows = require "sluice.recipe.rows"

local demo = recipe.new { name = "demo", version = "1", summary = "s", run = function() end, params = {
  { name = "name" }, { name = "tags", type = "list", required = false },
  { name = "key", type = "secret", env = "KEY" }, { name = "map", type = "map", required = false },
} }

os.remove(folder)
os.execute("mkdir " .. folder)

local function path_of(name) return folder .. "/" .. name end

local function write(name, text)
  local file <close> = assert(io.open(path_of(name), "wb"))
  file:write(text)
  return path_of(name)
end

local function text_of(name)
  local file <close> = assert(io.open(path_of(name), "rb"))
  return file:read "a"
end

local TEXT = 'name,tags,tags,key\n"a, b",x,"y\nz",env:MINE\nc,,,\n'

--- An outcome file for the rows of a text.
local function begin(name, text, params)
  os.remove(path_of(name))
  local read = rows.read(write(params or "in.csv", text or TEXT), demo)
  local states = {}
  for _, row in ipairs(read.rows) do states[row] = { outcome = "not begun" } end
  return outcome_file.new(path_of(name), demo, read, states), read
end

describe("an outcome file", function()
  teardown(function() os.execute("rm -r " .. folder) end)

  it("holds every row from the beginning, and a line more for whatever happens", function()
    local file, read = begin "out.csv"
    file:begin()
    assert.equal('row,name,tags,tags,key,outcome,error,ids\r\n1,"a, b",x,"y\nz",env:MINE,not begun,,\r\n'
      .. "2,c,,,,not begun,,\r\n", text_of "out.csv")
    file:note(read.rows[2], { outcome = "done", ids = { flow = "f" } })
    assert.truthy(text_of("out.csv"):find('not begun,,\r\n2,c,,,,done,,"{""flow"":""f""}"\r\n$'))
    local again = rows.read(path_of "out.csv", demo)
    assert.same({ "not begun", "done" }, { again.rows[1].outcome, again.rows[2].outcome })
    assert.same(read.rows[1].values, again.rows[1].values)
    file:finish()
    assert.truthy(text_of("out.csv"):find('\r\n2,c,,,,done,,"{""flow"":""f""}"\r\n$'))
    assert.falsy(text_of("out.csv"):find "2,c,,,,not begun")
  end)

  it("has no secret in it, whatever the rows hold", function()
    local secret = core.secret.new("KEY", "hunter2-hunter2")
    local file, read = begin("out.csv", "name,key\na,hunter2-hunter2\n")
    file:begin()
    file:note(read.rows[1], { outcome = "failed", error = "refused hunter2-hunter2" })
    assert.falsy(text_of("out.csv"):find("hunter2", 1, true), text_of "out.csv")
    assert.truthy(text_of("out.csv"):find("refused ‹secret KEY›", 1, true), tostring(secret))
    file:finish()
  end)

  it("may be lines of JSON, and keeps values as they were", function()
    local text = '{"name":"a","tags":["x"],"map":{"k":"v"}}\n{"name":"b"}\n'
    local file, read = begin("out.ndjson", text, "in.ndjson")
    file:begin()
    file:note(read.rows[1], { outcome = "done", ids = { flow = "f" } })
    file:finish()
    local again = rows.read(path_of "out.ndjson", demo)
    assert.same({ name = "a", tags = { "x" }, map = { k = "v" } }, again.rows[1].values)
    assert.same({ "done", { flow = "f" }, "not begun" },
      { again.rows[1].outcome, again.rows[1].ids, again.rows[2].outcome })
    local csv_file = begin("other.csv", text, "in.ndjson")
    csv_file:begin()
    local reading = recipe.read(demo, { "--key=cmd:echo x" }, { row = rows.read(path_of "other.csv", demo).rows[1] })
    assert.same({ "a", { "x" }, { k = "v" } }, { reading.given.name, reading.given.tags, reading.given.map })
    csv_file:finish()
  end)

  it("takes the place of the file that is gone on with, and of no other", function()
    local _, read = begin "out.csv"
    write("there.csv", "mine")
    assert.equal("usage", refusal.failure(outcome_file.new, path_of "there.csv", demo, read, {}).kind)
    local failure = refusal.failure(outcome_file.new, read.path, demo, read, {})
    assert.truthy(failure.hint:find "stay as they are")
    local file = begin "left.csv"
    file:begin()
    file:finish()
    local left = rows.read(path_of "left.csv", demo)
    assert.truthy(outcome_file.new(left.path, demo, left, {}))
    local clash = recipe.new { name = "n", version = "1", summary = "s", run = print, params = { { name = "error" } } }
    assert.truthy(refusal.failure(outcome_file.new, path_of "o.csv", clash, read, {}).message:find("parameter error"))
  end)

  it("is for its owner alone", function()
    local file = begin "out.csv"
    file:begin()
    local pipe <close> = assert(io.popen("stat -c %a " .. path_of "out.csv"))
    assert.equal("600\n", pipe:read "a")
    file:finish()
  end)
end)
