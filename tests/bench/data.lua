--- The documents that the benches work on.

local json = require "sluice.core".json

local M = {}

--- An audience as a dataflow holds it, about 600 bytes.
function M.audience(flow, i)
  return {
    type = "PLATFORM_SEGMENT",
    value = {
      id = ("%08x-0000-4000-8000-%012d"):format(flow, i), name = "Audience " .. i, namespace = "AAM",
      description = "Members of audience " .. i
        .. ", refreshed every day by the streaming evaluation of the profile store; owned by marketing, Europe",
      filenameTemplate = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
      exportMode = "DAILY_FULL_EXPORT", createTime = 1670880253121 + i, updateTime = 1670880253121,
      schedule = {
        frequency = "DAILY", triggerType = "SCHEDULED", startDate = "2026-12-01", endDate = "2027-12-01",
        startTime = "17:00",
      },
    },
  }
end

function M.attribute(i)
  return { type = "JSON_PATH", value = { operator = "EXISTS", path = "person.attributes.field" .. i } }
end

local function list(count, make)
  local items = json.array()
  for i = 1, count do items[i] = make(i) end
  return items
end

--- A dataflow with so many audiences and attributes.
function M.flow(number, audiences, attributes)
  return {
    id = ("%08x-1111-4111-8111-111111111111"):format(number), createdAt = 1670880253121 + number,
    updatedAt = 1670880253121, createdBy = "0000@example.com", name = "Flow " .. number,
    description = "Exports \"audiences\" — daily", version = number % 9,
    state = number % 2 == 0 and "enabled" or "disabled", ratio = (number + 0.5) / 7,
    etag = ('"%08x"'):format(number),
    sourceConnectionIds = { "a5" .. number }, targetConnectionIds = { "b5" .. number },
    flowSpec = { id = "71471eba-b620-49e4-90fd-23f1fa0174d8", version = "1.0" },
    transformations = { { name = "GeneralTransform", params = {
      segmentSelectors = { selectors = list(audiences, function(i) return M.audience(number, i) end) },
      profileSelectors = { selectors = list(attributes, M.attribute) },
    } } },
  }
end

M.SELECTORS = "/transformations/0/params/segmentSelectors/selectors"
M.ATTRIBUTES = "/transformations/0/params/profileSelectors/selectors"

return M
