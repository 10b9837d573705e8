--- `sluice run many.lua NAME COUNT AT_ONCE`: so many destinations, by `sluice.map`.

local sluice = require "sluice"
local aep = sluice.connect()
local name, count, at_once = ...

local names = {}
for i = 1, count do names[i] = name .. " " .. i end
sluice.map(names, function(each)
  return sluice.destination {
    name = each, type = "amazon-s3",
    auth = { s3AccessKey = "AKIAEXAMPLEEXAMPLE22", s3SecretKey = sluice.secret.env "AWS_SECRET_ACCESS_KEY" },
    target = { bucketName = "example-audiences", path = "exports/daily" },
    audiences = { { id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", name = "Loyal customers",
      filename = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
      schedule = sluice.schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" } } },
    attributes = { "person.name.firstName", "person.name.lastName",
      { path = "personalEmail.address", mandatory = true, deduplicate = true },
      "segmentMembership.seg_namespace.seg_id.status" },
  }:apply(aep)
end, { concurrency = math.tointeger(at_once) })
