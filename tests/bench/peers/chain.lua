--- The calls of a set-up and no others, as a script of Sluice: `sluice run chain.lua NAME`. What `sluice.destination`
--- adds to them (checks, look-ups, proof) is what it differs in from the recipe beside it.

local sluice = require "sluice"
local aep, name = sluice.connect(), ...

local function spec(id) return { id = id, version = "1.0" } end

local PROFILE_STORE = spec "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
local AMAZON_S3 = spec "4890fc95-5a1f-4983-94bb-e060c08e3f81"
local PARAMS = "/transformations/0/params/"
local list = sluice.json.array

local store, account = sluice.all {
  function() return aep.connections:create { name = name .. " - Profile Store", connectionSpec = PROFILE_STORE } end,
  function()
    return aep.connections:create { name = name .. " - account", connectionSpec = AMAZON_S3,
      auth = { specName = "Access Key", params = { s3AccessKey = "AKIAEXAMPLEEXAMPLE22",
        s3SecretKey = "exampleexampleexampleexampleexampleexamp" } } }
  end,
}
local source, target = sluice.all {
  function()
    return aep.source_connections:create { name = name .. " - Profile Store source", connectionSpec = PROFILE_STORE,
      baseConnectionId = store.id, data = { format = "CSV", schema = sluice.json.null }, params = {} }
  end,
  function()
    return aep.target_connections:create { name = name .. " - target", connectionSpec = AMAZON_S3,
      baseConnectionId = account.id, data = { format = "json", schema = { id = "1.0", version = "1.0" } },
      params = { mode = "S3", bucketName = "example-audiences", path = "exports/daily", format = "CSV" } }
  end,
}
local flow = aep.flows:create { name = name, flowSpec = spec "71471eba-b620-49e4-90fd-23f1fa0174d8",
  sourceConnectionIds = { source.id }, targetConnectionIds = { target.id },
  transformations = { { name = "GeneralTransform", params = {
    profileSelectors = { selectors = list {} }, segmentSelectors = { selectors = list {} } } } } }

local patch = sluice.patch():add(PARAMS .. "segmentSelectors/selectors/-", { type = "PLATFORM_SEGMENT", value = {
  id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", name = "Loyal customers", exportMode = "DAILY_FULL_EXPORT",
  filenameTemplate = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
  schedule = { frequency = "DAILY", triggerType = "SCHEDULED", startDate = "2030-01-01", endDate = "2030-12-31",
    startTime = "02:00" } } })
for _, path in ipairs { "person.name.firstName", "person.name.lastName", "personalEmail.address",
  "segmentMembership.seg_namespace.seg_id.status" } do
  patch:add(PARAMS .. "profileSelectors/selectors/-", { type = "JSON_PATH", value = { path = path } })
end
patch:add(PARAMS .. "profileSelectors/mandatoryFields", { "personalEmail.address" })
patch:add(PARAMS .. "profileSelectors/primaryFields",
  { { fieldType = "ATTRIBUTE", attributePath = "personalEmail.address" } })
aep.flows:update(flow.id, patch, { etag = flow.etag })
aep.flows:get(flow.id)
