--- Target connections: where in the account of a base connection the files or events go.
local connection_specs = require "sluice.emulator.connection_specs"
local connections = require "sluice.emulator.connections"
local errors = require "sluice.emulator.errors"
local params = require "sluice.emulator.params"
local request = require "sluice.emulator.request"
local resource = require "sluice.emulator.resource"
local source_connections = require "sluice.emulator.source_connections"

local M = {}

-- A card with several modes needs, besides what its spec requires, the parameters of the mode chosen. [T]
local function check_params(spec, given, options)
  params.check(given, spec.document.targetSpec.spec, "/params")
  if given.datasetFileType == "JSON" and given.compression == "NONE"
    and options.dataset_json == "compressed" then
    errors.invalid("/params/compression", "JSON is exported compressed only")
  end
  if given.mode == nil or spec.family == "v2" then return end
  for _, key in ipairs(connection_specs.mode_requires(given.mode) or {}) do
    if given[key] == nil then
      errors.invalid("/params/" .. key, "mode %s requires this parameter", given.mode)
    end
  end
end

local function check_data(data, options)
  if data == nil and options.target_data == "required" then errors.invalid("/data", "required") end
  if data ~= nil and not request.is_object(data) then errors.invalid("/data", "expected an object") end
end

local function create(rq, body)
  local spec, reference = connections.spec_of(rq, body)
  if not spec.document.targetSpec then
    errors.invalid("/connectionSpec/id", "%s is not a destination", spec.document.name)
  end
  local base = source_connections.base_of(rq, body.baseConnectionId, reference)
  check_params(spec, body.params, rq.options)
  check_data(body.data, rq.options)
  return { connectionSpec = reference, baseConnectionId = base.id, params = body.params, data = body.data,
    inheritedAttributes = { baseConnection = { id = base.id, connectionSpec = reference } } }
end

-- Advertising cards take other parameters (EDIT: advertiser_id); the emulator has none of them.
local function update(rq, _, new)
  check_params(rq.emulator.connection_specs[new.connectionSpec.id], new.params, rq.options)
  check_data(new.data, rq.options)
  return new
end

M.definition = {
  name = "targetConnections",
  fields = resource.fields { connectionSpec = "object", baseConnectionId = "string", data = "object",
    params = "object" },
  writable = { name = true, description = true, data = true, params = true },
  create = create, update = update,
  refuse_delete = function(rq, item) source_connections.refuse_if_active(rq, "targetConnectionIds",
  item.id) end,
}

return M
