--- POST /data/core/activation/disflowprovider/adhocrun: export mapped audiences now. Each becomes a run that
-- has already succeeded, with nothing exported.
-- The waiting times of the real service (one hour after mapping …) do not apply.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local request = require "sluice.emulator.request"
local runs = require "sluice.emulator.runs"

local json = core.json

local M = {}

local MAX_AUDIENCES = 80 -- a job with more fails; the text is UNKNOWN
local FLOW_SERVICE = "/data/foundation/flowservice"

local function fail(text, ...)
  errors.throw(400, { message = text:format(...) })
end

local function mapped(flow)
  local ids = {}
  for _, transformation in ipairs(flow.transformations) do
    local selectors = transformation.params.segmentSelectors
    for _, selector in ipairs(selectors and selectors.selectors or {}) do ids[selector.value.id] = true end
  end
  return ids
end

local function check_audiences(flow, audiences)
  if not json.is_array(audiences) or #audiences == 0 then
    fail("activationInfo: expected arrays of audience ids")
  end
  if #audiences > MAX_AUDIENCES then fail("activationInfo: at most %d audiences", MAX_AUDIENCES) end
  local known, missing = mapped(flow), {}
  for _, id in ipairs(audiences) do
    if not known[id] then missing[#missing + 1] = tostring(id) end
  end
  if #missing > 0 then
    fail("Segments %s are not part of this dataflow or out of schedule range!", table.concat(missing, ", "))
  end
end

-- Flows in a fixed order, so that ids do not depend on the order of a Lua table.
local function flow_ids(activation)
  local ids = {}
  for id in pairs(activation) do ids[#ids + 1] = id end
  table.sort(ids)
  return ids
end

--- Starts runs: 200 `{order: [{segment, order, statusURL}]}`. Both body versions are read; exportIds are
--- ignored.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.run(rq)
  local activation = request.json_object(rq.body).activationInfo
  if not request.is_object(activation) then fail("activationInfo is required") end
  local ids, order = flow_ids(activation), json.array {}
  for _, id in ipairs(ids) do check_audiences(rq.scope:get("flows", id).item, activation[id]) end
  for _, id in ipairs(ids) do
    for _, audience in ipairs(activation[id]) do
      local run = runs.add(rq, id, audience, "success")
      order[#order + 1] = { segment = audience, order = id,
        statusURL = ("http://%s%s/runs/%s"):format(rq.headers.host or "127.0.0.1", FLOW_SERVICE, run.id) }
    end
  end
  return 200, { order = order }
end

return M
