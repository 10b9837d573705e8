--- Emulators with a clock, for specs: dataflows of every kind, and folders for what they export.
local harness = require "spec.emulator.harness"

local json = require("sluice.core").json

local M = {}

M.START = "2030-01-01T00:00Z"
M.HOUR, M.DAY = 3600, 86400 -- seconds

local folders = {}

--- A new empty folder; M.clean removes them all.
function M.folder()
  local pipe <close> = assert(io.popen "mktemp -d")
  folders[#folders + 1] = pipe:read "l"
  return folders[#folders]
end

function M.clean()
  for _, folder in ipairs(folders) do os.execute("rm -rf " .. folder) end
  folders = {}
end

--- The files below a folder, sorted, by their paths from there.
function M.files(folder)
  local list = {}
  local pipe <close> = assert(io.popen(("cd %s && find . -type f | LC_ALL=C sort"):format(folder)))
  for path in pipe:lines() do list[#list + 1] = path:sub(3) end
  return list
end

function M.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

--- A world with a clock that stands at the first hour of 2030.
function M.world(options)
  local given = { clock = M.START }
  for name, value in pairs(options or {}) do given[name] = value end
  return harness.new(given)
end

--- An audience exported every six hours of January 2030, in full first.
function M.six_hourly(id, changes)
  local value = { name = "Loyal customers", exportMode = "FIRST_FULL_THEN_INCREMENTAL", schedule = {
    frequency = "EVERY_6_HOURS", startDate = "2030-01-01", startTime = "00:00", endDate = "2030-02-01" } }
  for name, change in pairs(changes or {}) do value[name] = change end
  return harness.audience(id, value)
end

--- An audience exported in full every day.
function M.daily(id, from, to, at)
  return harness.audience(id, { schedule = { frequency = "DAILY", triggerType = "SCHEDULED", startDate = from,
    startTime = at, endDate = to } })
end

local COLUMNS = { "person.name.firstName", "person.name.lastName", "personalEmail.address",
  "segmentMembership.seg_namespace.seg_id.status" }

--- Adobe Campaign with these audiences and four attributes; gives the flow's id.
function M.campaign(world, audiences, mandatory)
  local flow = world:campaign().flow
  M.add(world, flow, audiences)
  local operations = {}
  for i, path in ipairs(COLUMNS) do
    operations[i] = { op = "add", path = harness.ATTRIBUTES .. "/-", value = harness.attribute(path) }
  end
  if mandatory then
    operations[#operations + 1] = { op = "add", value = mandatory,
      path = "/transformations/0/params/profileSelectors/mandatoryFields" }
  end
  assert(world:patch("flows", flow, operations) == 202)
  return flow
end

--- Adds audiences to a flow.
function M.add(world, flow, audiences)
  for _, audience in ipairs(audiences) do
    local status, answer = world:patch("flows", flow,
      { { op = "add", path = harness.AUDIENCES .. "/-", value = audience } })
    assert(status == 202, answer and json.encode(answer))
  end
end

local DLZ = "10440537-2a7b-4583-ac39-ed38d4b848e8"

--- Datasets to the Data Landing Zone.
function M.datasets(world, schedule, target, datasets)
  local source = world:create("sourceConnections", { name = "s", connectionSpec = harness.spec(harness.DATA_LAKE),
    params = { datasets = datasets or { { dataSetId = "5ef3e3259ad2a1191ab7dd7d", name = "All orders" } } } })
  local base = world:create("connections", { name = "b", connectionSpec = harness.spec(DLZ) })
  local params = { mode = "Server-to-server", path = "zone", compression = "GZIP", datasetFileType = "JSON" }
  for name, value in pairs(target or {}) do params[name] = value end
  local id = world:create("targetConnections", { name = "t", baseConnectionId = base,
    connectionSpec = harness.spec(DLZ), params = params })
  return world:create("flows", { name = "f", flowSpec = harness.spec "cd2fc47e-e838-4f38-a581-8fff2f99b63a",
    sourceConnectionIds = { source }, targetConnectionIds = { id }, transformations = json.array {},
    scheduleParams = schedule })
end

--- Amazon S3 of the second generation; `target` changes its params.
function M.v2(world, audiences, target)
  local source = world:create("sourceConnections", { name = "s", connectionSpec = harness.spec(harness.PROFILE_STORE) })
  local base = world:create("connections", { name = "b", connectionSpec = harness.spec(harness.S3_V2), auth = {
    specName = "Access Key", params = { s3AccessKey = ("A"):rep(20), s3SecretKey = ("b"):rep(40) } } })
  local params = { mode = "Server-to-server", bucketName = "my-bucket", path = "in", compression = "NONE",
    fileType = "CSV" }
  for name, value in pairs(target or {}) do params[name] = value end
  local id = world:create("targetConnections", { name = "t", baseConnectionId = base,
    connectionSpec = harness.spec(harness.S3_V2), params = params })
  local flow = world:create("flows", { name = "To S3", flowSpec = harness.spec "1a0514a6-33d4-4c7f-aff8-594799c47549",
    sourceConnectionIds = { source }, targetConnectionIds = { id }, transformations = { { name = "GeneralTransform",
      params = { segmentSelectors = { selectors = json.array {} } } } } })
  M.add(world, flow, audiences)
  return flow
end

--- Amazon Kinesis with two audiences.
function M.stream(world)
  local spec = harness.spec(harness.KINESIS)
  local source = world:create("sourceConnections", { name = "s", connectionSpec = harness.spec(harness.PROFILE_STORE),
    data = { format = "json" }, params = json.object {} })
  local base = world:create("connections", { name = "b", connectionSpec = spec, auth = {
    specName = "Aws Kinesis authentication credentials",
    params = { accessKeyId = "k", secretKey = "s", region = "eu-west-1" } } })
  local target = world:create("targetConnections", { name = "t", baseConnectionId = base, connectionSpec = spec,
    data = { format = "json" }, params = { stream = "events", region = "eu-west-1" } })
  local flow = world:create("flows", { name = "f", flowSpec = harness.spec "71471eba-b620-49e4-90fd-23f1fa0174d8",
    sourceConnectionIds = { source }, targetConnectionIds = { target }, transformations = harness.skeleton() })
  for _, id in ipairs { "a1", "a2" } do
    M.add(world, flow, { { type = "PLATFORM_SEGMENT", value = { id = id, name = "Audience " .. id } } })
  end
  return flow
end

--- How many runs the service lists, filtered.
function M.count(world, property)
  local path = "/runs?count=true" .. (property and "&property=" .. property or "")
  return select(2, world:call("GET", path)).count
end

return M
