--- An emulator that already holds dataflows and their runs: put into its store as they are, thousands if need be.

local core = require "sluice.core"
local live = require "spec.support.live"

local M = {}

local ORG = "0123456789ABCDEF01234567@AdobeOrg"

--- The time at which the clock of these emulators stands: 2030-01-08T00:00Z.
M.NOW = 1894060800
M.HOUR, M.DAY = 3600, 86400

--- IDs of dataflows, as good as any.
function M.id(n) return ("f10f0000-92a1-4b0a-9c3d-%012d"):format(n) end

local Past = {}
Past.__index = function(self, key) return Past[key] or self.live[key] end

--- Puts a dataflow in; gives its ID. `fields` replaces what it has.
function Past:flow(n, fields)
  local flow = { id = M.id(n), name = "Flow " .. n, state = "enabled", createdAt = (M.NOW - 100 * M.DAY) * 1000,
    inheritedAttributes = { properties = { isDestinationFlow = true } }, transformations = core.json.array {} }
  for name, value in pairs(fields or {}) do flow[name] = value ~= false and value or nil end
  self.scope:add("flows", flow)
  return flow.id
end

--- An audience's selector with a schedule that has gone on for months.
function M.audience(id, schedule)
  local plan = { frequency = "DAILY", startDate = "2029-01-01", startTime = "06:00", endDate = "2031-01-01" }
  for name, value in pairs(schedule or {}) do plan[name] = value ~= false and value or nil end
  return { type = "PLATFORM_SEGMENT", value = { id = id, name = "Audience " .. id, schedule = plan } }
end

--- The transformations of a dataflow with audiences.
function M.audiences(...)
  return core.json.array { { name = "GeneralTransform", params = { segmentSelectors = {
    selectors = core.json.array { ... } } } } }
end

local function metrics(started, fields)
  local status = fields.status or "success"
  local entities = core.json.array {}
  for i, id in ipairs(fields.audiences or {}) do entities[i] = { id = "segment:" .. id } end
  return { durationSummary = { startedAtUTC = started * 1000,
      completedAtUTC = status ~= "processing" and (started + (fields.lasted or 300)) * 1000 or nil },
    recordSummary = { inputRecordCount = fields.input, outputRecordCount = fields.output,
      targetSummaries = core.json.array { { entitySummaries = entities } } },
    statusSummary = { status = status, errors = status == "failed" and core.json.array { {
      code = fields.code or "ACTIVATION_BATCH-0000-FAILED", message = fields.message or "Job aborted." } } or nil } }
end

--- Puts a run in, or a new version of one: { status =, audiences =, input =, output =, lasted =, id = }; gives its ID.
function Past:run(flow, started, fields)
  fields = fields or {}
  self.count = self.count + 1
  local run = { id = fields.id or ("a0a0a0a0-92a1-4b0a-9c3d-%012d"):format(self.count), flowId = flow,
    createdAt = started * 1000, metrics = metrics(started, fields) }
  if self.scope:find("runs", run.id) then self.scope:replace("runs", run) else self.scope:add("runs", run) end
  return run.id
end

--- The queries of the lists of a collection that were asked for.
function Past:queries(collection)
  local list = {}
  for _, request in ipairs(self.live.sent) do
    if request.path:find("/" .. collection .. "$") then
      list[#list + 1] = (request.query or ""):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    end
  end
  return list
end

function Past:forget() self.live:forget() end

--- Starts one. Options are the emulator's; its clock stands at M.NOW.
function M.start(options)
  local given = { clock = "2030-01-08T00:00Z" }
  for name, value in pairs(options or {}) do given[name] = value end
  local self = setmetatable({ live = live.start(given), count = 0 }, Past)
  self.scope = self.live.server.emulator.store:scope(ORG, "prod")
  return self
end

--- A clock that stands at M.NOW until it is moved.
function M.clock()
  return { time = M.NOW, now = function(self) return self.time end }
end

return M
