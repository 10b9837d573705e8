--- What a preview promises is what the emulated service then does: each set-up is applied over the network, time
--- passes, and runs and files are compared with the promise.

local combinations = require "support.combinations"
local calendar = require "sluice.emulator.calendar"
local dates = require "sluice.activation.dates"
local emulator = require "sluice.emulator"
local sluice = require "sluice"
local timed = require "spec.emulator.timed"

local START = calendar.instant("2030-01-01T00:00Z", "spec") // 1000
local SMALL, LARGE = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e551"
local TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"

local servers = {}

--- An emulator whose time is the client's too, with a folder for its files.
local function open()
  local folder = timed.folder()
  local server = emulator.start { clock = "2030-01-01T00:00Z", exports = folder, seed = "promise", export_rows = 1 }
  servers[#servers + 1] = server
  dates.clock = function() return server.emulator.now() // 1000 end
  return { emulator = server.emulator, folder = folder, aep = sluice.connect {
    base_url = server.url, ims_url = server.url, org = "0123456789ABCDEF01234567@AdobeOrg", client_id = "c",
    client_secret = "s", scopes = "openid", sandbox = "prod" } }
end

--- Everything promised before a moment, a hundred exports at a time, in the order of time.
local function promised(destination, rows, limit)
  local list, now, begun = {}, START, {}
  local preview
  repeat
    local last, more = now, false
    preview = destination:preview { now = now, exports = 100, rows = rows, organization = "0123456789ABCDEF01234567",
      sandbox = "prod", timezone = "UTC" }
    for _, entry in ipairs(preview.audiences or preview.datasets) do
      for _, export in ipairs(entry.exports) do
        if export.time.epoch >= limit then break end
        list[#list + 1] = { epoch = export.time.epoch, mode = begun[entry.id] and "incremental" or export.mode,
          folder = export.folder:gsub("^/", ""), files = export.files, id = entry.id }
        last = math.max(last, export.time.epoch)
      end
      begun[entry.id] = entry.exports[2] and entry.exports[2].mode == "incremental" -- a later preview begins in full
      more = more or entry.left > #entry.exports and last > now
    end
    now = last + 1
  until not more or now > limit
  table.sort(list, function(a, b)
    if a.epoch ~= b.epoch then return a.epoch < b.epoch end
    return a.id < b.id
  end)
  return list, preview
end

local function happened(made)
  table.sort(made, function(a, b)
    if a.started ~= b.started then return a.started < b.started end
    return a.audiences[1].id < b.audiences[1].id
  end)
  return made
end

--- Applies, lets the days pass, and compares; gives the preview and the world.
local function compare(definition, days, rows)
  local world = open()
  local destination = sluice.destination(definition)
  local promises, preview = promised(destination, rows, START + days * timed.DAY)
  local result = destination:apply(world.aep)
  local made = happened(world.emulator:advance(days * timed.DAY))
  assert.is_true(#promises > 0)
  assert.equal(#promises, #made)
  local expected = {}
  for i, promise in ipairs(promises) do
    if #promise.files == 0 then -- of datasets the folder is known
      assert.equal(promise.folder:gsub("/$", ""), (made[i].files[1]:gsub("/[^/]*$", "")))
    end
    local paths = {}
    for n, name in ipairs(promise.files) do
      paths[n] = promise.folder .. "/" .. name:gsub("{flow%-id}", result.ids.flow)
      expected[#expected + 1] = paths[n]
    end
    assert.equal(promise.epoch * 1000, made[i].started)
    if #paths > 0 then assert.same(paths, made[i].files) end
    assert.equal(promise.mode, made[i].mode)
  end
  table.sort(expected)
  local written = timed.files(world.folder)
  for i, path in ipairs(written) do written[i] = path:gsub("%.parquet%.txt$", ".parquet") end
  if #expected > 0 then assert.same(expected, written) end
  assert.equal(#made, #world.aep.runs:list { property = "flowId==" .. result.ids.flow })
  return preview, world, made, promises
end

local function campaign(changes)
  local definition = {
    name = "Loyal customers to Campaign", type = "adobe-campaign",
    auth = { spec = "SFTP with Password", domain = "d.example", host = "h.example", username = "u", password = "p" },
    target = { remotePath = "/in/daily" },
    audiences = { { id = SMALL, name = "Loyal customers", filename = TEMPLATE,
      schedule = sluice.schedule.every_hours(6) { at = "00:00", from = "2030-01-01", to = "2030-02-01" } } },
    attributes = { "person.name.firstName", { path = "personalEmail.address", mandatory = true, deduplicate = true },
      "segmentMembership.seg_namespace.seg_id.status" },
  }
  for name, value in pairs(changes or {}) do definition[name] = value end
  return definition
end

local function storage(changes)
  return campaign { type = "amazon-s3-v2", auth = { s3AccessKey = ("A"):rep(20), s3SecretKey = ("b"):rep(40) },
    target = changes.target, audiences = changes.audiences,
    attributes = { { path = "person.name.firstName", column = "first" }, "personalEmail.address" } }
end

local function daily(id, name, filename)
  return { id = id, name = name, filename = filename,
    schedule = sluice.schedule.daily { at = "17:00", from = "2030-01-03", to = "2030-02-10" } }
end

describe("what the preview promises happens:", function()
  after_each(function()
    for _, server in ipairs(servers) do server.stop() end
    servers, dates.clock = {}, os.time
  end)
  teardown(timed.clean)

  it("a month of a six-hour schedule", function()
    local preview, world, made, promises = compare(campaign(), 31)
    assert.equal(31 * 4, #made)
    assert.same({ "full", "incremental" }, { promises[1].mode, promises[2].mode })
    for i = 2, #made do assert.equal("incremental", made[i].mode) end
    for _, path in ipairs(timed.files(world.folder)) do
      assert.equal(preview.header_line, timed.read(world.folder .. "/" .. path):match "^[^\n]*")
    end
  end)

  it("two audiences, each in full every day", function()
    compare(campaign { audiences = { daily(SMALL, "A b", TEMPLATE),
      daily((SMALL:gsub("1$", "2")), "C", TEMPLATE .. "_%SEGMENT_NAME%_end") } }, 60)
  end)

  it("split files, when the count is known", function()
    local definition = campaign { audiences = { { id = LARGE, name = "Everybody", filename = TEMPLATE,
      schedule = sluice.schedule.once { at = "05:00", on = "2030-01-31" } } } }
    local world = open()
    sluice.destination(definition):apply(world.aep)
    local records = world.emulator:advance(31 * timed.DAY)[1].records
    assert.is_true(records > 5000000, records)
    local _, _, made = compare(definition, 31, records)
    assert.is_true(#made[1].files > 1)
  end)

  for _, kind in ipairs { "CSV", "JSON", "PARQUET" } do
    for _, compression in ipairs { "NONE", "GZIP" } do
      it(("cloud storage, %s, %s"):format(kind, compression), function()
        local preview, world = compare(storage {
          target = { bucketName = "my-bucket", path = "to/%SEGMENT_NAME%", fileType = kind, compression = compression },
          audiences = { daily(SMALL, "Loyal customers",
            "%DESTINATION%_%DESTINATION_INSTANCE_NAME%_%DESTINATION_INSTANCE_ID%_%ORGANIZATION_NAME%_%SANDBOX_NAME%_"
              .. "%SEGMENT_ID%_%SEGMENT_NAME%_%TIMESTAMP%_%mine%") } }, 60)
        if kind == "CSV" and compression == "NONE" then
          for _, path in ipairs(timed.files(world.folder)) do
            assert.equal(preview.header_line, timed.read(world.folder .. "/" .. path):match "^[^\n]*")
          end
          assert.equal("first,personalEmail_address", preview.header_line)
        end
      end)
    end
  end

  it("datasets, whose folders and times are known", function()
    local _, _, made = compare({ name = "Orders", type = "data-landing-zone",
      target = { path = "zone", compression = "GZIP", datasetFileType = "JSON" },
      datasets = { { id = "5ef3e3259ad2a1191ab7dd7d", name = "Orders" } },
      schedule = sluice.schedule.datasets.every_hours(9) { at = "01:00", from = "2030-01-02",
        to = "2030-01-20" } }, 31)
    assert.equal(18 * 24 // 9, #made)
  end)

  for _, combination in ipairs(combinations.list) do
    if combination.shape ~= "streaming" then
      it(combination.title, function() compare(combinations.definition(combination, "All of them"), 3) end)
    end
  end
end)
