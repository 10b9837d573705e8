--- The export jobs of Segmentation, /data/core/ups/export/jobs [SEG]: for each of the last days one of
-- profiles and, somewhat later, one of accounts, so that a client has to look for the right one. All of it
-- is invented.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"

local json = core.json

local M = {}

local DAY = 86400000 -- milliseconds
local DAYS = 6
local PROFILE, ACCOUNT = "_xdm.context.profile", "_xdm.context.account"
local STATUSES = { NEW = true, PROCESSING = true, SUCCEEDED = true, FAILED = true }

-- { schema, milliseconds after midnight, days ago → status if not SUCCEEDED }
local KINDS = {
  { ACCOUNT, 4 * 3600000, {} },
  { PROFILE, 3 * 3600000, { [2] = "FAILED" } },
}

-- A number in SEG, text in AH's sample of ad hoc activation.
local function id_of(rq, day, kind)
  if rq.options.export_job_id == "uuid" then return rq.ids:uuid(("export job %d %d"):format(day, kind)) end
  return day * 10 + kind
end

local function job(rq, day, ago, kind)
  local row = KINDS[kind]
  local created, status = day * DAY + row[2], row[3][ago] or "SUCCEEDED"
  return {
    id = id_of(rq, day, kind), jobType = "BATCH", imsOrgId = rq.scope.org, status = status,
    schema = { name = row[1] }, profileInstanceId = "ups", fields = "identities.id",
    mergePolicy = { id = rq.ids:uuid "merge policy", version = 1 },
    destination = { segmentPerBatch = false, datasetId = rq.ids:digits("export " .. row[1]):sub(1, 24) },
    errors = json.array { status == "FAILED" and { code = "1100000000", msg = "Job aborted." } or nil },
    metrics = {}, computeGatewayJobId = {}, creationTime = created, updateTime = created + 1800000,
    requestId = rq.ids:digits(("export request %d %d"):format(day, kind)),
  }
end

-- Newest first; a job that is still to come is not there.
local function jobs(rq)
  local list, today = {}, rq.now // DAY
  for ago = 0, DAYS - 1 do
    for kind = 1, #KINDS do
      local item = job(rq, today - ago, ago, kind)
      if item.updateTime <= rq.now then list[#list + 1] = item end
    end
  end
  return list
end

local function whole(text, default, name)
  local value = text == nil and default or text:match("^%d+$") and math.tointeger(tonumber(text))
  return value or errors.problem(400, "BadRequestError", ("%s must be a whole number"):format(name))
end

--- GET of the list: `records` and `link`. [SEG]
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.list(rq)
  local query, found = rq.query, {}
  if query.status and not STATUSES[query.status] then
    errors.problem(400, "BadRequestError", "status must be NEW, PROCESSING, SUCCEEDED or FAILED")
  end
  for _, item in ipairs(jobs(rq)) do
    if not query.status or item.status == query.status then found[#found + 1] = item end
  end
  local offset, limit = whole(query.offset, 0, "offset"), math.max(1, whole(query.limit, 100, "limit"))
  local records = json.array { table.unpack(found, offset + 1, math.min(offset + limit, #found)) }
  local after = offset + #records
  local link = after < #found and { next = ("/export/jobs?limit=%d&offset=%d"):format(limit, after) } or {}
  return 200, { records = records, link = link, page = { sortField = "createdTime", sort = "desc",
    pageOffset = tostring(offset), pageSize = #records } }
end

local function find(rq, id)
  for _, item in ipairs(jobs(rq)) do
    if tostring(item.id) == tostring(id) then return item end
  end
end

--- GET of one.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.get(rq)
  return 200, find(rq, rq.id) or errors.problem(404, "Not Found", "no export job has the id " .. rq.id)
end

--- Tells whether a job has an export of profiles ready.
---@param rq sluice.emulator.Request
---@param id any
---@return boolean
function M.succeeded(rq, id)
  local item = find(rq, id)
  return item ~= nil and item.status == "SUCCEEDED" and item.schema.name == PROFILE
end

return M
