--- Source connections: where a dataflow reads, the Profile Store or datasets of the Data Lake.
local core = require "sluice.core"
local connection_specs = require "sluice.emulator.connection_specs"
local connections = require "sluice.emulator.connections"
local errors = require "sluice.emulator.errors"
local params = require "sluice.emulator.params"
local request = require "sluice.emulator.request"
local resource = require "sluice.emulator.resource"

local M = {}

--- Finds the base connection a body names and checks that it is of the same spec (the service's texts are
--- UNKNOWN).
---@param rq sluice.emulator.Request
---@param id any value of baseConnectionId
---@param reference { id: string, version: string } connectionSpec of the new entity
---@return table item
function M.base_of(rq, id, reference)
  local base = rq.scope:get("connections", params.text(id, "/baseConnectionId")).item
  if base.connectionSpec.id ~= reference.id then
    errors.invalid("/connectionSpec/id", "the base connection has spec %s", base.connectionSpec.id)
  end
  return base
end

--- Refuses to delete a connection an enabled flow uses. [ERR 1447; for disabled flows UNKNOWN, so it is let
--- through]
---@param rq sluice.emulator.Request
---@param key "sourceConnectionIds"|"targetConnectionIds"
---@param id string
function M.refuse_if_active(rq, key, id)
  for _, record in ipairs(rq.scope:newest "flows") do
    for _, used in ipairs(record.item[key]) do
      if used == id and record.item.state == "enabled" then
        errors.refuse("1447-400", "flow %s contains %s", record.item.id, id)
      end
    end
  end
end

local function check_dataset(dataset, pointer, options)
  if not request.is_object(dataset) then errors.invalid(pointer, "expected {dataSetId, name}") end
  if not params.text(dataset.dataSetId, pointer .. "/dataSetId"):match("^" .. ("%x"):rep(24) .. "$") then
    errors.invalid(pointer .. "/dataSetId", "expected 24 hexadecimal digits")
  end
  params.optional_text(dataset.name, pointer .. "/name")
  if dataset.name == nil and options.dataset_name == "required" then
    errors.invalid(pointer .. "/name", "required")
  end
end

local function check_datasets(given, options)
  local datasets = request.is_object(given) and given.datasets
  if not core.json.is_array(datasets) or #datasets == 0 then
    errors.invalid("/params/datasets", "required: an array of {dataSetId, name}")
  end
  for i, dataset in ipairs(datasets) do
    check_dataset(dataset, ("/params/datasets/%d"):format(i - 1), options)
  end
end

local function check(item, options)
  if item.data ~= nil and not request.is_object(item.data) then
    errors.invalid("/data", "expected an object")
  end
  if item.params ~= nil and not request.is_object(item.params) then
    errors.invalid("/params", "expected an object")
  end
  if item.connectionSpec.id == connection_specs.DATA_LAKE then check_datasets(item.params, options) end
end

-- Without baseConnectionId the service attaches a base connection of its own [D]. Whether that one is listed
-- is UNKNOWN; here it is an id only, the same for every source of a spec in a sandbox.
local function inherited(rq, base, reference)
  local id = base and base.id or rq.ids:uuid(("attached %s %s"):format(rq.scope.sandbox_id, reference.id))
  return { baseConnection = { id = id, connectionSpec = reference } }
end

local function create(rq, body)
  local _, reference = connections.spec_of(rq, body)
  local base
  if body.baseConnectionId ~= nil then
    base = M.base_of(rq, body.baseConnectionId, reference)
  elseif rq.options.source_base == "required" and reference.id == connection_specs.PROFILE_STORE then
    errors.invalid("/baseConnectionId", "required")
  end
  local item = { connectionSpec = reference, baseConnectionId = body.baseConnectionId, data = body.data,
    params = body.params, inheritedAttributes = inherited(rq, base, reference) }
  check(item, rq.options)
  return item
end

-- The datasets of an export cannot be changed: make another source connection [EXP];
-- the refusal's text is UNKNOWN.
local function update(rq, old, new)
  check(new, rq.options)
  if old.connectionSpec.id == connection_specs.DATA_LAKE and not core.json.equal(old.params, new.params) then
    errors.invalid("/params/datasets", "the datasets of a source connection cannot be changed")
  end
  return new
end

M.definition = {
  name = "sourceConnections",
  fields = resource.fields { connectionSpec = "object", baseConnectionId = "string", data = "object",
    params = "object" },
  writable = { name = true, description = true, data = true, params = true },
  create = create, update = update,
  refuse_delete = function(rq, item) M.refuse_if_active(rq, "sourceConnectionIds", item.id) end,
}

return M
