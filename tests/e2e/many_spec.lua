--- One recipe over many rows, through the built program: a hundred set-ups under faults, interruptions of every kind,
--- and what is found before anything is sent.

local core = require "sluice.core"
local csv = require "sluice.recipe.csv"
local program = require "support.program"

local SECRET = ("sentinelSecret7c1f"):rep(2) .. "abcd" -- as long as a key of AWS
local ENV = { AWS_ACCESS_KEY_ID = "AKIAEXAMPLEEXAMPLE22" }
for name, value in pairs(program.CREDENTIALS) do ENV[name] = value end

local OPTIONS = { "--path", "exports", "--first-day", "2030-01-01", "--end-day", "2030-12-31" }

--- A file with so many rows.
local function rows(folder, count)
  local lines = { "name,bucket,audience,audience\r\n" }
  for i = 1, count do
    lines[#lines + 1] = csv.record { ("Set-up %d, of %d"):format(i, count), ("bucket-%03d"):format(i),
      "Loyal customers, north", i % 2 == 0 and "High value" or "" }
  end
  return program.write(folder, "rows.csv", table.concat(lines))
end

local function words_for(server, params, outcome, ...)
  local words = { "run", "activate-amazon-s3", "--base-url", server.url, "--ims-url", server.url, "--params", params,
    table.unpack(OPTIONS) }
  if outcome then table.move({ "--outcome", outcome }, 1, 2, #words + 1, words) end
  return table.move({ ... }, 1, select("#", ...), #words + 1, words)
end

local SETTINGS = { env = ENV, secrets = { AWS_SECRET_ACCESS_KEY = SECRET } }

local function run(server, params, outcome, ...)
  return program.run(words_for(server, params, outcome, ...), SETTINGS)
end

--- What an outcome file says: the outcomes of all rows, and how many there are of each.
local function outcomes(path)
  local list, counts, text = {}, {}, program.read(path)
  assert.falsy(text:find(SECRET, 1, true))
  local records = csv.parse(text, path)
  local at = #records[1] - 2
  assert.same({ "row", "outcome", "error", "ids" },
    { records[1][1], records[1][at], records[1][at + 1], records[1][at + 2] })
  for i = 2, #records do
    local number = tonumber(records[i][1])
    list[number] = { outcome = records[i][at], error = records[i][at + 1], ids = records[i][at + 2] }
  end
  for _, entry in pairs(list) do counts[entry.outcome] = (counts[entry.outcome] or 0) + 1 end
  return list, counts, #records - 1
end

--- The names of what the service holds, each collection's; fails when one is there twice.
local function inventory(server)
  local script = program.write(program.folder(), "names.lua", [[
    local sluice = require "sluice"
    local aep, all = sluice.connect(), {}
    for _, kind in ipairs { "source_connections", "target_connections", "flows" } do
      all[kind] = sluice.json.array {}
      for item in aep[kind]:each { limit = 100 } do table.insert(all[kind], item.name) end
    end
    print(sluice.json.encode(all))]])
  local result = program.run({ "run", "--base-url", server.url, "--ims-url", server.url, script }, SETTINGS)
  assert.equal(0, result.code, result.err)
  local all = core.json.decode(result.out)
  for kind, names in pairs(all) do
    local seen = {}
    for _, name in ipairs(names) do
      assert.is_nil(seen[name], kind .. ": twice: " .. name)
      seen[name] = true
    end
  end
  return all
end

--- Runs the outcome file again until every row is done.
local function to_the_end(server, outcome)
  for _ = 1, 20 do
    local result = run(server, outcome, outcome, "--attempts", "3")
    if result.code == 0 then return result end
  end
  error "never done"
end

--- Waits until a file holds so many of a text.
local function wait_for(path, text, count)
  for _ = 1, 500 do
    local _, found = (program.read(path) or ""):gsub(text, "")
    if found >= count then return end
    os.execute "sleep 0.02"
  end
  error("never came: " .. text)
end

describe("many rows", function()
  teardown(program.clean)

  it("make a hundred set-ups under faults, none of them twice", function()
    local server <close> = program.emulate { "--seed", "7", "--fault", "*.create:p=0.04:reset-after", "--fault",
      "*.create:p=0.04:503", "--fault", "*.list:p=0.02:reset", "--fault", "*.get:p=0.02:truncated", "--fault",
      "flows.update:p=0.05:503-after" }
    local folder = program.folder()
    local outcome = folder .. "/outcome.csv"
    local first = run(server, rows(folder, 100), outcome, "--concurrency", "8", "--attempts", "1")
    local _, counts, lines = outcomes(outcome)
    assert.truthy((counts.failed or 0) > 0, "no row failed: the faults do nothing")
    assert.truthy((counts.done or 0) > 0, first.err)
    assert.equal(100, lines)
    assert.truthy(first.code == 4 or first.code == 5, first.err)
    assert.truthy(first.err:find("100 rows: ", 1, true), first.err)
    local last = to_the_end(server, outcome)
    assert.truthy(last.err:find("100 rows: 100 done (", 1, true), last.err)
    local list = outcomes(outcome)
    local all = inventory(server)
    assert.same({ 100, 100, 100 }, { #all.flows, #all.target_connections, #all.source_connections })
    for i = 1, 100 do
      assert.equal("done", list[i].outcome)
      assert.truthy(core.json.decode(list[i].ids).flow)
    end
  end)

  it("lose nothing that was done when the process is killed", function()
    local server <close> = program.emulate { "--latency", "0.03" }
    local folder = program.folder()
    local outcome = folder .. "/outcome.csv"
    local process = program.start(words_for(server, rows(folder, 30), outcome, "--concurrency", "4"), SETTINGS)
    wait_for(outcome, "done", 6)
    process:signal "KILL"
    process:wait()
    local _, counts = outcomes(outcome)
    assert.truthy(counts.done >= 6 and counts.begun >= 1 and counts["not begun"] >= 1)
    local last = to_the_end(server, outcome).err
    assert.truthy(last:find("30 rows: 30 done (" .. counts.done .. " of them before)", 1, true), last)
    assert.equal(30, #inventory(server).flows)
  end)

  it("end cleanly on Ctrl-C, and say what became of each", function()
    local server <close> = program.emulate { "--latency", "0.05" }
    local folder = program.folder()
    local outcome = folder .. "/outcome.csv"
    local process = program.start(words_for(server, rows(folder, 30), outcome, "--concurrency", "3"), SETTINGS)
    wait_for(outcome, "done", 3)
    process:signal "INT"
    assert.equal(130, process:wait())
    local list, counts, lines = outcomes(outcome)
    assert.equal(30, lines) -- in order again, one each
    assert.equal(3, counts.interrupted)
    assert.truthy(counts.done >= 3 and counts["not begun"] >= 1)
    for _, entry in pairs(list) do
      if entry.outcome == "interrupted" then assert.truthy(entry.error:find "interrupted", entry.error) end
    end
    assert.truthy(process:errors():find("3 interrupted", 1, true), process:errors())
    assert.truthy(process:errors():find "\nsluice: interrupted\n$", process:errors())
    to_the_end(server, outcome)
    assert.equal(30, #inventory(server).flows)
  end)

  it("go on after one that fails, and only that one runs again", function()
    local journal = program.folder() .. "/journal"
    local server <close> = program.emulate { "--fault", "source_connections.create:nth=2:400", "--journal", journal }
    local folder = program.folder()
    local params = program.write(folder, "rows.ndjson", table.concat({
      '{"name":"A","bucket":"bucket-a","audience":"High value"}',
      '{"name":"B","bucket":"bucket-b","audience":["High value","Abandoned carts"]}',
      '{"name":"C","bucket":"bucket-c","audience":["High value"]}' }, "\n"))
    local outcome = folder .. "/outcome.ndjson"
    local result = run(server, params, outcome, "--concurrency", "1", "--json")
    assert.equal(4, result.code, result.err)
    local document = core.json.decode(result.out)
    assert.same({ rows = 3, done = 2, failed = 1 }, document.totals)
    assert.same({ "done", "failed", "done" },
      { document.rows[1].outcome, document.rows[2].outcome, document.rows[3].outcome })
    assert.truthy(document.rows[1].ids.flow)
    assert.truthy(document.rows[2].error:find("400", 1, true))
    local advice = ("--params %s --outcome %s goes on"):format(outcome, outcome)
    assert.truthy(result.err:find(advice, 1, true), result.err)
    local _, before = program.read(journal):gsub('"flows.create"', "")
    local again = run(server, outcome, outcome)
    assert.equal(0, again.code, again.err)
    local _, after = program.read(journal):gsub('"flows.create"', "")
    assert.equal(before + 1, after)
    assert.truthy(again.err:find("3 rows: 3 done (2 of them before)", 1, true), again.err)
    local rest = run(server, outcome, outcome)
    assert.equal(0, rest.code, rest.err)
  end)

  --- Runs what must be refused before anything is written.
  local function refused(text, code, ...)
    local journal = program.folder() .. "/journal"
    local server <close> = program.emulate { "--journal", journal }
    local folder = program.folder()
    local outcome = folder .. "/outcome.csv"
    local result = run(server, program.write(folder, "rows.csv", text), outcome)
    assert.equal(code, result.code, result.err)
    for _, part in ipairs { ... } do assert.truthy(result.err:find(part, 1, true), part .. "\n" .. result.err) end
    assert.falsy((program.read(journal) or ""):find(".create", 1, true))
    assert.is_nil(program.read(outcome))
  end

  it("are refused when two would make the same", function()
    refused("name,bucket,audience\nA,bucket-a,High value\nB,bucket-b,High value\nA,bucket-c,High value\n", 2,
      'rows.csv:4, name: --name is "A", as in ', "rows.csv:2; every row needs its own")
    refused("bucket,audience\nbucket-a,High value\nbucket-b,High value\n", 2,
      'rows.csv:3: --name is "Loyal customers to S3", as in')
  end)

  it("are refused with all that is wrong in any of them", function()
    refused("name,bucket,audience,time\nA,,High value,02:00\nB,bucket-b,,2 o'clock\n", 2,
      "error    ", "rows.csv:2: --bucket is missing", "rows.csv:3: --audience is missing",
      'rows.csv:3, time: got "2 o\'clock", expected a time',
      "activate_amazon_s3 has 3 errors, listed above; nothing was sent")
    refused("name,bucket,audience\nA,bucket-a,High value\nB,bucket-b,Hihg value\nC,bucket-c,Spring campaign\n", 2,
      'rows.csv:3, audience: there is no audience named "Hihg value"', "rows.csv:4, audience: 2 audiences are named")
    refused("name,bucket,audience,time\nA,bucket-a,High value,01:00\nB,bucket-b,High value,02:30\n", 1,
      "rows.csv:3: /audiences/0/schedule/at: ")
  end)

  it("want an outcome file that is not there yet", function()
    local server <close> = program.emulate()
    local folder = program.folder()
    local params = rows(folder, 2)
    local there = program.write(folder, "there.csv", "mine")
    local result = run(server, params, there)
    assert.equal(2, result.code)
    assert.truthy(result.err:find("there.csv is there already", 1, true), result.err)
    assert.equal("mine", program.read(there))
    assert.equal(2, run(server, params, folder .. "/o.txt").code)
    assert.equal(2, run(server, params, nil, "--concurrency", "0").code)
    assert.equal(1, run(server, params, folder .. "/no/folder.csv").code)
  end)

  it("count what was only tried as still to do", function()
    local folder = program.folder()
    local params, outcome = rows(folder, 3), folder .. "/outcome.csv"
    local words = { "run", "activate_amazon_s3", "--emulate", "--params", params, "--outcome", outcome }
    local result = program.run(words)
    assert.equal(0, result.code, result.err)
    local _, counts = outcomes(outcome)
    assert.same({ emulated = 3 }, counts)
    local table_of = program.run { "run", "activate_amazon_s3", "--emulate", "--params", params }
    assert.truthy(table_of.out:find "^ *ROW  OUTCOME   NAME +DATAFLOW", table_of.out)
    assert.truthy(table_of.out:find("3  emulated  Set-up 3, of 3", 1, true), table_of.out)
    local server <close> = program.emulate()
    local dry = run(server, outcome, outcome, "--dry-run")
    assert.equal(0, dry.code, dry.err)
    assert.same({ planned = 3 }, select(2, outcomes(outcome)))
    assert.equal(0, #inventory(server).flows)
  end)

  it("stop at credentials that are refused", function()
    local server <close> = program.emulate { "--client", "other:other" }
    local folder = program.folder()
    local outcome = folder .. "/outcome.csv"
    local text = "name,bucket,audience\n"
    for i = 1, 4 do text = text .. ("N%d,bucket-a,0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1\n"):format(i) end
    local params = program.write(folder, "rows.csv", text)
    local result = run(server, params, outcome, "--concurrency", "1")
    assert.equal(3, result.code, result.err)
    assert.same({ failed = 1, ["not begun"] = 3 }, select(2, outcomes(outcome)))
  end)

  it("keep to the deadline, and say what became of each", function()
    local server <close> = program.emulate { "--latency", "0.1" }
    local folder = program.folder()
    local outcome = folder .. "/outcome.csv"
    local result = run(server, rows(folder, 10), outcome, "--concurrency", "2", "--deadline", "1.5")
    assert.equal(5, result.code, result.err)
    local _, counts = outcomes(outcome)
    assert.truthy(counts["not begun"] >= 1 and counts.interrupted >= 1, result.err)
    assert.truthy(result.err:find("--deadline gave the run 1.5 seconds", 1, true), result.err)
  end)
end)
