--- The files that exports write: where, under which name, with what in them.
local core = require "sluice.core"
local formats = require "sluice.emulator.formats"
local harness = require "spec.emulator.harness"
local places = require "sluice.emulator.places"
local timed = require "spec.emulator.timed"

local DAY = timed.DAY

--- A world with a folder for its files.
local function exporting(options)
  local given = { exports = timed.folder() }
  for name, value in pairs(options or {}) do given[name] = value end
  return timed.world(given), given.exports
end

local function lines(text)
  local list = {}
  for line in text:gmatch "([^\n]*)\n" do list[#list + 1] = line end
  return list
end

local ONCE = { frequency = "ONCE", triggerType = "SCHEDULED", startDate = "2030-01-01", startTime = "06:00" }

local function once(id, changes)
  local value = { schedule = ONCE }
  for name, change in pairs(changes or {}) do value[name] = change end
  return harness.audience(id, value)
end

describe("exported files", function()
  teardown(timed.clean)

  it("have a header and a few rows", function()
    local world, folder = exporting { export_rows = 40 }
    timed.campaign(world, { timed.six_hourly "a1" }, { "personalEmail.address" })
    world.emulator:advance(DAY)
    local files = timed.files(folder)
    assert.equal(4, #files)
    local text = lines(timed.read(folder .. "/" .. files[1]))
    assert.equal("person.name.firstName,person.name.lastName,personalEmail.address,"
      .. "segmentMembership.seg_namespace.seg_id.status", text[1])
    assert.equal(41, #text)
    local without, exited = 0, 0
    for i = 2, #text do
      assert.matches(",[%w.]+@example%.com,realized$", text[i]) -- nobody without a mandatory field
      if text[i]:find "^null," then without = without + 1 end
    end
    assert.is_true(without > 0 and without < 20, without)
    for _, line in ipairs(lines(timed.read(folder .. "/" .. files[2]))) do
      if line:find ",exited$" then exited = exited + 1 end
    end
    assert.is_true(exited > 0 and exited < 30, exited)
  end)

  it("are the same for a seed, to the byte, in any time zone", function()
    local function digest(seed, zone)
      local folder = timed.folder()
      local script = ([[package.path = "tests/?.lua;" .. package.path
        local timed = require "spec.emulator.timed"
        local world = timed.world { exports = %q, seed = %q }
        timed.campaign(world, { timed.six_hourly "a1" })
        world.emulator:advance(31 * timed.DAY)]]):format(folder, seed)
      local path = timed.folder() .. "/script.lua"
      local file = assert(io.open(path, "w"))
      file:write(script)
      file:close()
      assert(os.execute(("TZ=%s lua5.4 %s"):format(zone, path)))
      local pipe <close> = assert(io.popen("cd " .. folder .. " && find . -type f | LC_ALL=C sort | xargs sha256sum"))
      return pipe:read "a"
    end
    local first = digest("one", "UTC")
    assert.equal(124, #lines(first))
    assert.equal(first, digest("one", "America/New_York"))
    assert.not_equal(first, digest("two", "UTC"))
  end)

  it("have names from their template, and folders from their target", function()
    local world, folder = exporting()
    timed.v2(world, {
      once("a1", { name = "Loyal customers", filenameTemplate =
        "%DESTINATION%_%DESTINATION_NAME%_%SEGMENT_ID%_%SEGMENT_NAME%_%TIMESTAMP%_%my own%" }),
      once("a2", { name = "b", filenameTemplate = "%DESTINATION_INSTANCE_NAME%-%ORGANIZATION_NAME%-%SANDBOX_NAME%-"
        .. "%DATETIME(YYYYMMdd_HHmmss)%" }),
      once("a4", { filenameTemplate = "%DESTINATION_INSTANCE_ID%" }),
    }, { path = "in//to/%SEGMENT_NAME%/%SEGMENT_ID%/" })
    world.emulator:advance(DAY)
    local flow = select(2, world:call("GET", "/flows")).items[1].id
    assert.same({ "my-bucket/in/to/Audience_a4/a4/" .. flow .. ".csv",
      "my-bucket/in/to/Loyal_customers/a1/Amazon_S3_Amazon_S3_a1_Loyal_customers_1893477600_my own.csv",
      "my-bucket/in/to/b/a2/To_S3-Org-prod-20300101_060000.csv" }, timed.files(folder))
  end)

  it("name an audience as its own service does when the dataflow does not", function()
    local world, folder = exporting()
    local known = world:ask("GET", "/data/core/ups/audiences?name=loyal").children[1]
    local nameless = once(known.id, { filenameTemplate = "%SEGMENT_NAME%" })
    nameless.value.name = nil
    local stranger = once("stranger", { filenameTemplate = "%SEGMENT_NAME%" })
    stranger.value.name = nil
    timed.v2(world, { nameless, stranger })
    world.emulator:advance(DAY)
    assert.same({ "my-bucket/in/Loyal_customers.csv", "my-bucket/in/stranger.csv" }, timed.files(folder))
  end)

  it("are overwritten by the next when their name has no time", function()
    local world, folder = exporting()
    timed.v2(world, { harness.audience("a1", { filenameTemplate = "%SEGMENT_ID%", exportMode = "DAILY_FULL_EXPORT",
      schedule = { frequency = "DAILY", startDate = "2030-01-01", startTime = "06:00", endDate = "2030-01-05" } }) })
    assert.equal(4, #world.emulator:advance(10 * DAY))
    assert.same({ "my-bucket/in/a1.csv" }, timed.files(folder))
  end)

  it("are split past five million records", function()
    local world, folder = exporting { export_rows = 2 }
    local audiences = {}
    for i = 1, 40 do audiences[i] = once("a" .. i) end
    timed.campaign(world, audiences)
    local split = 0
    for _, export in ipairs(world.emulator:advance(DAY)) do
      local parts = (export.records + 4999999) // 5000000
      assert.equal(parts, #export.files)
      assert.equal(parts, world:item("runs", export.run).metrics.fileSummary.outputFileCount)
      if parts > 1 then
        split = split + 1
        assert.equal((export.files[1]:gsub("%.csv$", "_2.csv")), export.files[2])
        assert.not_equal(timed.read(folder .. "/" .. export.files[1]), timed.read(folder .. "/" .. export.files[2]))
      end
    end
    assert.is_true(split > 0 and split < 20, split)
  end)

  it("are written as JSON, compressed, or described", function()
    local world, folder = exporting { export_rows = 3 }
    for _, kind in ipairs { "JSON", "PARQUET", "CSV" } do
      timed.v2(world, { once(kind, { filenameTemplate = "%SEGMENT_ID%" }) }, { fileType = kind, compression = "GZIP" })
    end
    local start = 1893456000 + 3600
    timed.datasets(world, { timeUnit = "day", interval = 0, startTime = start,
      foldernameTemplate = "%DATASET_NAME%/%EXPORT_TIME%" })
    timed.datasets(world, { timeUnit = "day", interval = 0, startTime = start,
      foldernameTemplate = "p_%DATETIME(YYYYMMdd_HHmmss)%" }, { datasetFileType = "PARQUET", compression = "NONE" })
    world.emulator:advance(DAY)
    local files = timed.files(folder)
    assert.same({ "my-bucket/in/CSV.csv.gz", "my-bucket/in/JSON.json.gz", "my-bucket/in/PARQUET.gz.parquet.txt" },
      { table.unpack(files, 1, 3) })
    assert.matches("^zone/All_orders/exportTime=203001010100/part%-[%x-]+%.json%.gz$", files[4])
    assert.matches("^zone/p_20300101_010000/part%-[%x-]+%.parquet%.txt$", files[5])
    local pipe <close> = assert(io.popen("gunzip -c " .. folder .. "/" .. files[4]))
    local rows = lines(pipe:read "a")
    assert.equal(3, #rows)
    for _, row in ipairs(rows) do assert.is_string(core.json.decode(row)._id) end
    assert.matches("^PARQUET%.gz%.parquet would be here: a Parquet file of %d+ records%.\n",
      timed.read(folder .. "/" .. files[3]))
  end)

  it("take the columns and rules of the card", function()
    local world, folder = exporting { export_rows = 20 }
    local flow = timed.v2(world, { once("a1", { filenameTemplate = "%SEGMENT_ID%" }) },
      { csvOptions = { delimiter = ";", quote = '"', nullValue = "", emptyValue = '""' } })
    local status, set = world:mapping_set({ "person.name.lastName", "last_name" }, { "person.name.firstName", "first" })
    assert.equal(200, status)
    assert.equal(202, (world:patch("flows", flow, { { op = "add", path = "/transformations/0/params/profileMapping",
      value = { mappingId = set.id, mappingVersion = 0 } } })))
    world.emulator:advance(DAY)
    local text = lines(timed.read(folder .. "/my-bucket/in/a1.csv"))
    assert.equal("last_name;first", text[1])
    assert.equal(21, #text)
    assert.is_nil(table.concat(text):find("null", 1, true))
  end)

  it("never leave their folder, whatever the names", function()
    local world, folder = exporting()
    local hostile = { "../../../../tmp/a", "/etc/passwd", "..", ".", "a/b\\c", "a\nb\27[31m\127", "$(touch x)'\";`id`",
      ("é"):rep(200), "%SEGMENT_ID%", "-rf *" }
    local audiences = {}
    for i, name in ipairs(hostile) do
      audiences[i] = once(i == 1 and "../../x" or "a" .. i, { name = name, filenameTemplate = "%SEGMENT_NAME%" })
    end
    timed.v2(world, audiences, { path = "%SEGMENT_NAME%/%SEGMENT_ID%" })
    local base = world:create("connections", { name = "b", connectionSpec = harness.spec(harness.CAMPAIGN),
      auth = harness.campaign_auth() })
    local target = world:create("targetConnections", { name = "t", baseConnectionId = base,
      connectionSpec = harness.spec(harness.CAMPAIGN), params = { mode = "FTP", format = "CSV",
        remotePath = "/../..//./../etc\0/./" } })
    local ids = world:campaign()
    local flow = world:create("flows", { name = "../f", flowSpec = world:item("flows", ids.flow).flowSpec,
      sourceConnectionIds = { ids.source }, targetConnectionIds = { target }, transformations = harness.skeleton() })
    timed.add(world, flow, { once("../y", { filenameTemplate = "../%DESTINATION_NAME%_%SEGMENT_ID%" }) })
    local made = world.emulator:advance(DAY)
    local count, found = 0, false
    for _, export in ipairs(made) do
      for _, path in ipairs(export.files) do
        count = count + 1
        found = found or path == "%2E%2E/%2E%2E/%2E/%2E%2E/etc%00/%2E/..%2FAdobe_Campaign_..%2Fy.csv"
        assert.is_nil(("/" .. path .. "/"):find("/../", 1, true), path)
        assert.is_nil(("/" .. path .. "/"):find("/./", 1, true), path)
        assert.is_nil(path:find "[%c]", path)
        assert.is_truthy(path:find "^my%-bucket/[^/]" or path:find "^%%2E%%2E/", path)
        assert.is_truthy(io.open(folder .. "/" .. path), path)
      end
    end
    local pipe <close> = assert(io.popen(("find %s -type f -print0 | tr -cd '\\000' | wc -c"):format(folder)))
    assert.equal(count, pipe:read "n")
    assert.equal(#hostile + 1, #made)
    assert.is_true(found)
  end)

  it("have names that fit, kept apart by a digest", function()
    local ids = { digits = function(_, text) return ("%08x"):format(#text) .. text:sub(-24):gsub("%W", "0") end }
    local name = places.safe(("é"):rep(150) .. ".csv.gz", ids)
    assert.is_true(#name <= 255 and #name > 250)
    assert.is_truthy(utf8.len(name))
    assert.matches("~%x+%.csv%.gz$", name)
    assert.equal(("x"):rep(255), places.safe(("x"):rep(255), ids))
    assert.equal("%2E%2E", places.safe("..", ids))
    assert.equal("...", places.safe("...", ids))
    assert.equal("a%2Fb%00c%0A", places.safe("a/b\0c\n", ids))
  end)

  it("say why they cannot be written", function()
    local file = timed.folder() .. "/file"
    assert(io.open(file, "w")):close()
    for _, folder in ipairs { file, file .. "/below", "/proc/nowhere" } do
      local ok, err = pcall(timed.world, { exports = folder })
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "io"))
      assert.matches(file == folder and "Not a directory" or "cannot make the folder", err.message)
    end
  end)

  it("stop the clock on a full disk, and are written when there is room", function()
    local world, folder = exporting()
    timed.campaign(world, { timed.six_hourly "a1" })
    local full = folder .. "/in/Adobe_Campaign_a1_20300101_120000.csv"
    assert(os.execute(("mkdir %s/in && ln -s /dev/full %s"):format(folder, full)))
    local ok, err = pcall(world.emulator.advance, world.emulator, 31 * DAY)
    assert.is_false(ok)
    assert.is_true(core.error.is(err, "io"))
    assert.equal(("cannot write the export %s: No space left on device"):format(full), err.message)
    assert.equal(2, timed.count(world))
    local status, body = world:send("POST", "/_emulator/clock", { ["content-type"] = "application/json" },
      { advance = "1h" })
    assert.equal(507, status)
    assert.matches("the clock has stopped: cannot write the export .*No space left on device", body.detail)
    local flow = select(2, world:call("GET", "/flows")).items[1].id
    assert(os.execute(("ln -sf /dev/full %s/in/Adobe_Campaign_a1_20300101_%s.csv"):format(folder,
      os.date("!%H%M%S", world.emulator.now() // 1000))))
    status, body = world:ad_hoc({ activationInfo = { [flow] = { "a1" } } })
    assert.equal(507, status)
    assert.matches("No space left on device", body.detail)
    os.remove(full)
    world.emulator:advance(DAY)
    assert.equal(5, timed.count(world) - 1)
    assert.is_true(#timed.read(full) > 100)
  end)
end)

describe("formats", function()
  it("write CSV by its options", function()
    local rows = { { "a", 'say "x"', false }, { "a;b", "", "c\nd" }, { "e,f", "'", "g\\" } }
    assert.equal('x,y,z\na,"say \\"x\\"",null\na;b,,"c\nd"\n"e,f",\',g\\\n', formats.csv({ "x", "y", "z" }, rows))
    assert.equal('x|y|z\na|say "x"|\na;b|""|c\nd\ne,f|\'|g\\\n', formats.csv({ "x", "y", "z" }, rows,
      { delimiter = "|", quote = "", nullValue = "", emptyValue = '""' }))
    assert.equal("x;y;z\na;\"say '\"x'\"\";null\n", formats.csv({ "x", "y", "z" }, { rows[1] },
      { delimiter = ";", escape = "'" }))
    assert.equal('x\na"b\n', formats.csv({ "x" }, { { 'a"b' } }, nil, ""))
    assert.equal("x\n", formats.csv({ "x" }, {}, { delimiter = 5 }))
    assert.equal("", formats.csv({}, { {} }))
  end)

  it("write one JSON object a line", function()
    assert.equal('{"x":"1","y.z":"2"}\n{"y.z":"\\""}\n', formats.json({ "x", "y.z" }, { { "1", "2" }, { false, '"' } }))
  end)

  it("write gzip that gunzip reads", function()
    local path = timed.folder() .. "/x.gz"
    for _, size in ipairs { 0, 1, 5000, 65535, 65536, 131070, 131071 } do
      local text = ("0123456789abcdefg"):rep(size // 17 + 1):sub(1, size)
      local file = assert(io.open(path, "wb"))
      file:write(formats.gzip(text))
      file:close()
      local pipe = assert(io.popen("gzip -t " .. path .. " && gzip -dc " .. path))
      assert.equal(text, pipe:read "a")
      assert.is_true(pipe:close())
    end
    timed.clean()
  end)
end)
