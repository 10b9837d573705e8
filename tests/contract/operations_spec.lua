--- Every operation of the Flow Service that the client knows, over the official contract.

local core = require "sluice.core"
local live = require "spec.support.live"
local proxy = require "contract.proxy"
local sluice = require "sluice"

local BASE = "/data/foundation/flowservice"
local NOBODY = { id = "00000000-0000-4000-8000-000000000000" }

--- What is for those alone who provide a service; here it is refused.
local REFUSED = {
  ["connections.action"] = true, ["source_connections.action"] = true, ["target_connections.action"] = true,
  ["runs.create"] = true, ["runs.update"] = true, ["runs.action"] = true,
}

local KINDS = { -- in an order in which they can be deleted
  { "flows", "flow" }, { "target_connections", "target_connection" }, { "source_connections", "source_connection" },
  { "connections", "base_connection" },
}

--- A destination that can be exported today.
local function definition()
  local schedule = sluice.schedule.once { at = "00:00", on = os.date "!%Y-%m-%d", past = true }
  return live.definition { audiences = { { name = "Loyal customers", filename = live.TEMPLATE, schedule = schedule } } }
end

local function replace_description(item) return sluice.patch():add("/description", "changed " .. item.id) end

--- Calls every operation, by name or by what calls it; `made` holds IDs by kind.
local function use_everything(aep, made)
  local function call(name, args) return core.flow_service.call(aep.client, name, args) end
  local function refused(name, args)
    local result, err = sluice.try(call, name, args)
    assert.is_nil(result)
    assert.is_true(core.error.is(err, "service"), tostring(err))
  end
  local spec = aep.connections:get(made.base_connection).connectionSpec.id
  aep.connection_specs:list()
  aep.connection_specs:get(spec)
  aep.connection_specs:configs(spec, { outputType = "activationDatasets", outputField = "datasets" })
  aep.connection_specs:explore(spec)
  aep.flow_specs:list()
  aep.flow_specs:get(made.flow_spec)
  aep.flow_specs:search { queryString = "name==x" }
  aep.connections:test(made.base_connection)
  aep.connections:explore(made.base_connection)
  aep.connections:configs(made.base_connection)
  aep.connections:search { queryString = "property=name==x", limit = 5 }
  aep.flows:search { queryString = "property=name==x", orderby = "name" }
  for _, kind in ipairs(KINDS) do
    local resource, id = aep[kind[1]], made[kind[2]]
    assert.is_true(#resource:list { limit = 1 } > 0)
    resource:update(id, replace_description(resource:get(id)))
  end
  aep.flows:disable(made.flow)
  aep.flows:enable(made.flow)
  sluice.dataflow(aep, made.flow):export_now()
  aep.runs:get(aep.runs:list({ where = { flowId = made.flow } })[1].id)
  refused("connections.action", { id = made.base_connection, op = "PUBLISH", sub_op = "APPLY" })
  refused("source_connections.action", { id = made.source_connection, op = "PUBLISH" })
  refused("target_connections.action", { id = made.target_connection, op = "PUBLISH" })
  refused("runs.create", { body = { flowId = made.flow, params = { startTime = 1670455537 } } })
  refused("runs.update", { id = NOBODY.id, etag = "1", body = { flowId = made.flow } })
  refused("runs.action", { id = NOBODY.id, op = "RE_TRIGGER" })
  for _, kind in ipairs(KINDS) do aep[kind[1]]:delete(made[kind[2]]) end
end

describe("over the official contract", function()
  it("goes every operation of the Flow Service", function()
    local way <close> = proxy.open()
    local result = sluice.destination(definition()):apply(way.aep)
    local made = result.ids
    made.flow_spec = result.flow.flowSpec.id
    use_everything(way.aep, made)
    local alarms, statuses = way:checked()
    assert.equal("", alarms)
    for _, operation in ipairs(core.flow_service.operations) do
      local status = statuses[operation.method .. " " .. BASE .. operation.path]
      assert.is_not_nil(status, operation.name .. " was not called")
      assert.equal(REFUSED[operation.name] or false, status >= 400, operation.name .. ": " .. status)
    end
  end)

  it("is seen where it is broken", function()
    local way <close> = proxy.open()
    sluice.try(way.aep.request, way.aep, { method = "PATCH", path = BASE .. "/flows/" .. NOBODY.id, body = {} })
    sluice.try(way.aep.request, way.aep, { path = BASE .. "/flows", query = { limit = 101 } })
    local alarms = way:checked()
    assert.matches("PATCH " .. BASE .. "/flows/{id}, %d+: request body", alarms)
    assert.matches("GET " .. BASE .. "/flows, %d+: request query.limit", alarms)
  end)
end)
