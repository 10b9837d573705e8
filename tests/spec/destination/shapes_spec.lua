--- Destinations beyond the tutorial, on a service in memory: mapping sets, streams, datasets, and what a second run
--- makes of what it finds.

local core = require "sluice.core"
local destination = require "sluice.destination"
local fake_aep = require "spec.support.fake_aep"
local outcome = require "spec.support.outcome"
local schedule = require "sluice.activation.schedule"

local LOYAL, NEW = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", "1c5ee19f-a3b2-4c1b-8d4e-803d77b2f6e2"
local PARAMS = "/transformations/0/params"
local ACTION = "/dulepolicy/marketingActions/custom/%s/constraints"

local function changed(base, changes)
  for key, value in pairs(changes or {}) do base[key] = value ~= "none" and value or nil end
  return base
end

local function landing_zone(changes)
  return changed({
    name = "Zone", type = "data-landing-zone", target = { path = "p", fileType = "CSV", compression = "NONE" },
    audiences = { { id = LOYAL, filename = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
      schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2999-12-31" } } },
    attributes = { "person.name.firstName", { path = "personalEmail.address", column = "mail" } },
  }, changes)
end

local function stream(changes)
  return changed({
    name = "Stream", type = "azure-event-hubs", auth = { sasKeyName = "n", sasKey = "k", namespace = "ns" },
    target = { eventHubName = "hub" }, audiences = { { id = LOYAL, name = "Loyal" } },
    attributes = { "person.name.firstName" },
  }, changes)
end

local ORDERS, VISITS = { id = "5ef3e3259ad2a1191ab7dd7d", name = "Orders" }, { id = ("ab"):rep(12), name = "Visits" }

local function export(changes)
  return changed({
    name = "Orders", type = "data-landing-zone",
    target = { path = "p", datasetFileType = "JSON", compression = "GZIP" },
    datasets = { ORDERS }, schedule = schedule.datasets.every_hours(6) { from = "2030-01-01", to = "2999-12-31" },
  }, changes)
end

local function steps_of(result, action)
  local names = {}
  for _, step in ipairs(result.steps) do
    if step.action == action then names[#names + 1] = step.what end
  end
  return table.concat(names, ", ")
end

local aep

local function apply(definition) return destination.new(definition):apply(aep) end

local function writes()
  return #fake_aep.requests(aep, "create") + #fake_aep.requests(aep, "update")
end

describe("a second-generation card", function()
  before_each(function() aep = fake_aep.new() end)

  it("gets a mapping set, made last, and named by the patch", function()
    local result = apply(landing_zone())
    assert.equal("source connection, base connection, target connection, dataflow, input schema, output schema, "
      .. "mapping set", steps_of(result, "created"))
    assert.equal(7, result.created)
    assert.equal("mappingSets-1", result.ids.mapping_set)
    assert.same({ mappingId = "mappingSets-1", mappingVersion = 0 },
      core.pointer.get(result.flow, PARAMS .. "/profileMapping"))
    local set = aep.prepared.mappingSets[1]
    assert.same({ { destination = "person_name_firstName", source = "person.name.firstName", sourceType = "ATTRIBUTE" },
      { destination = "mail", source = "personalEmail.address", sourceType = "ATTRIBUTE" } }, set.mappings)
    assert.same({ title = "union", properties = {} }, aep.prepared.schemas[1].jsonSchema)
    assert.same({ identityMap = { type = "object" }, mail = { type = "string" },
      person_name_firstName = { type = "string" } }, aep.prepared.schemas[2].jsonSchema.properties)
    assert.same(result.mappings, set.mappings)
  end)

  it("without credentials has a base connection without them", function()
    apply(landing_zone())
    assert.is_nil(aep.connections.items[1].auth)
    assert.is_nil(aep.target_connections.items[1].data)
    assert.same({ mode = "Server-to-server", path = "p", fileType = "CSV", compression = "NONE" },
      aep.target_connections.items[1].params)
  end)

  it("again makes nothing", function()
    apply(landing_zone())
    local before = writes()
    local result = apply(landing_zone())
    assert.same({ 0, 0, before }, { result.created, result.changed, writes() })
  end)

  it("without attributes has no mapping set", function()
    local result = apply(landing_zone { attributes = {} })
    assert.equal(4, result.created)
    assert.equal(0, #aep.prepared.mappingSets)
  end)

  it("gets a new mapping set when columns lack or come from elsewhere, with what it had", function()
    apply(landing_zone())
    local result = apply(landing_zone { attributes = { "person.name.lastName", { identity = "Phone_E.164" },
      { path = "mobilePhone.number", column = "mail" } } })
    assert.same({ 3, 1 }, { result.created, result.changed })
    assert.equal("mapping set", result.steps[8].name)
    local rows = {}
    for i, row in ipairs(aep.prepared.mappingSets[2].mappings) do rows[i] = row.destination .. "=" .. row.source end
    assert.same({ "person_name_firstName=person.name.firstName", "mail=mobilePhone.number",
      "person_name_lastName=person.name.lastName", "Phone_E_164=identityMap.Phone_E//.164" }, rows)
    assert.equal("mappingSets-2", core.pointer.get(result.flow, PARAMS .. "/profileMapping/mappingId"))
  end)

  it("is left with the mapping set it has where that cannot be read", function()
    apply(landing_zone())
    aep.unreadable = true
    local result = apply(landing_zone { attributes = { "person.name.lastName" } })
    assert.same({ 0, 0 }, { result.created, result.changed })
    assert.truthy(result.warnings[#result.warnings].message:find("mapping set mappingSets-1 of the existing dataflow "
      .. "cannot be read", 1, true))
  end)

  it("is told before anything is created when its spec has no partner schema", function()
    for _, document in ipairs(aep.connection_specs.items) do document.targetSpec = nil end
    local failure = outcome.failure(apply, landing_zone())
    assert.truthy(failure.message:find("/targetSpec/attributes/partnerSchema/jsonSchema", 1, true), failure.message)
    assert.equal(0, writes())
  end)

  it("names the mapping set that is left over when the patch fails", function()
    aep.before = function(request)
      if request.verb == "update" then core.error.raise("service", "Refused", { status = 400 }) end
    end
    local failure = outcome.failure(apply, landing_zone())
    assert.truthy(failure.message:find('mapping set "Zone - mapping set" (mappingSets-1)', 1, true), failure.message)
  end)

  it("has mandatory fields and deduplication keys directly in its params", function()
    local result = apply(landing_zone { attributes = { { path = "a", mandatory = true, deduplicate = true } } })
    assert.same({ "a" }, core.pointer.get(result.flow, PARAMS .. "/mandatoryFields"))
    assert.same({ { fieldType = "ATTRIBUTE", attributePath = "a" } },
      core.pointer.get(result.flow, PARAMS .. "/primaryFields"))
  end)

  it("carries options of CSV files, and is not used when they differ", function()
    local options = { fileType = "CSV", compression = "GZIP", path = "p", csvOptions = { delimiter = ";", quote = "" } }
    local result = apply(landing_zone { target = options })
    assert.same(options.csvOptions, result.target.params.csvOptions)
    assert.equal(0, apply(landing_zone { target = options }).created)
    options.csvOptions = { delimiter = "|", quote = "" }
    local failure = outcome.failure(apply, landing_zone { target = options })
    assert.truthy(failure.message:find('csvOptions.delimiter is ";", wanted "|"', 1, true), failure.message)
  end)
end)

describe("a stream", function()
  before_each(function() aep = fake_aep.new() end)

  it("speaks JSON and has neither files nor schedules", function()
    local result = apply(stream())
    assert.equal(5, result.created)
    assert.same({ format = "json" }, aep.source_connections.items[1].data)
    assert.same({ format = "json" }, aep.target_connections.items[1].data)
    assert.same({ eventHubName = "hub" }, result.target.params)
    assert.same({ { type = "PLATFORM_SEGMENT", value = { id = LOYAL, name = "Loyal" } } },
      core.pointer.get(result.flow, PARAMS .. "/segmentSelectors/selectors"))
    assert.equal("EXISTS", core.pointer.get(result.flow, PARAMS .. "/profileSelectors/selectors/0/value/operator"))
  end)

  it("again makes nothing, whatever name the service gives its audience", function()
    apply(stream())
    core.pointer.get(aep.flows.items[1], PARAMS .. "/segmentSelectors/selectors")[1].value.name = "its own"
    local result = apply(stream())
    assert.same({ 0, 0 }, { result.created, result.changed })
  end)
end)

describe("a dataset export", function()
  before_each(function() aep = fake_aep.new() end)

  it("has its schedule in the dataflow, and no patch", function()
    local result = apply(export { folder = "%DATASET_ID%" })
    assert.same({ 4, 0 }, { result.created, result.changed })
    assert.same({ datasets = { { dataSetId = ORDERS.id, name = "Orders" } } }, result.source.params)
    assert.same({}, result.flow.transformations)
    assert.same({ timeUnit = "hour", interval = 6, exportMode = "FIRST_FULL_THEN_INCREMENTAL", startTime = 1893456000,
      endTime = 32503593600, foldernameTemplate = "%DATASET_ID%" }, result.flow.scheduleParams)
    assert.same({ mode = "Server-to-server", path = "p", datasetFileType = "JSON", compression = "GZIP" },
      result.target.params)
    assert.equal(0, #fake_aep.requests(aep, "update"))
  end)

  it("again makes nothing, also where the service added to its schedule", function()
    apply(export())
    aep.flows.items[1].scheduleParams.foldernameTemplate = "the default"
    local result = apply(export())
    assert.same({ 0, 0 }, { result.created, result.changed })
  end)

  it("gets another schedule by a patch", function()
    apply(export())
    local result = apply(export { schedule = schedule.datasets.daily { from = "2030-01-01", to = "2999-12-31" } })
    assert.same({ 0, 1 }, { result.created, result.changed })
    assert.same({ "replace", "/scheduleParams", "day" }, { fake_aep.requests(aep, "update")[1].patch[1].op,
      fake_aep.requests(aep, "update")[1].patch[1].path, result.flow.scheduleParams.timeUnit })
  end)

  it("gets other datasets by another source connection, and finds the first again", function()
    local first = apply(export())
    local second = apply(export { datasets = { ORDERS, VISITS } })
    assert.same({ 1, 1, first.ids.flow }, { second.created, second.changed, second.ids.flow })
    assert.same({ "source_connections-2" }, second.flow.sourceConnectionIds)
    assert.equal(0, apply(export { datasets = { VISITS, ORDERS } }).changed)
    local third = apply(export())
    assert.same({ 0, 1, first.ids.source_connection }, { third.created, third.changed, third.ids.source_connection })
  end)
end)

describe("an audience", function()
  local UPLOADED = "2d6f0e31-4b7a-4e0e-9a53-0c9d1e2f3a4b"
  local ENRICHMENT = { sourceType = "AUDIENCE_DATASET", mappingSet = { id = "m1", version = 0 } }

  before_each(function()
    aep = fake_aep.new()
    aep.audience_items = { { id = LOYAL, name = "Loyal" }, { id = UPLOADED, name = "Uploaded", audienceId = "ext-9",
      namespace = "CustomerAudienceUpload" } }
  end)

  local function selectors(result) return core.pointer.get(result.flow, PARAMS .. "/segmentSelectors/selectors") end

  local function named(name, changes)
    local made = landing_zone()
    local entry = changed(made.audiences[1], changes)
    entry.id, entry.name = nil, name
    return made
  end

  it("may go by its name", function()
    local result = apply(named "Loyal")
    assert.same({ LOYAL, "Loyal" }, { selectors(result)[1].value.id, selectors(result)[1].value.name })
    assert.equal(0, apply(named "Loyal").changed)
  end)

  it("made elsewhere goes by the ID it has there", function()
    local value = selectors(apply(named "Uploaded"))[1].value
    assert.same({ "ext-9", UPLOADED, "CustomerAudienceUpload" }, { value.id, value.systemSegmentId, value.namespace })
    assert.equal(0, apply(named "Uploaded").changed)
  end)

  it("that is not there, or several times, stops everything before the first creation", function()
    aep.audience_items[3] = { id = NEW, name = "Loyal" }
    for name, said in pairs { Loyal = "2 audiences are named", Royal = 'no audience named "Royal"' } do
      local failure = outcome.failure(apply, named(name))
      assert.equal("recipe", failure.kind)
      assert.truthy(failure.message:find("/audiences/0/name: ", 1, true), failure.message)
      assert.truthy(failure.message:find(said, 1, true), failure.message)
    end
    assert.equal(0, writes())
  end)

  it("carries its enrichment, and is replaced when that differs", function()
    local result = apply(named("Loyal", { enrichmentInfo = ENRICHMENT }))
    assert.same(ENRICHMENT.mappingSet, selectors(result)[1].value.enrichmentInfo.mappingSet)
    selectors({ flow = aep.flows.items[1] })[1].value.enrichmentInfo.enabled = true
    assert.equal(0, apply(named("Loyal", { enrichmentInfo = ENRICHMENT })).changed)
    local other = { sourceType = "AUDIENCE_DATASET", mappingSet = { id = "m2", version = 0 } }
    assert.equal(1, apply(named("Loyal", { enrichmentInfo = other })).changed)
  end)
end)

describe("every destination", function()
  local governance, research = ACTION:format "governance", ACTION:format "research"

  before_each(function() aep = fake_aep.new() end)

  for name, make in pairs { ["a card"] = landing_zone, ["a stream"] = stream, ["a dataset export"] = export } do
    it("has a description and marketing actions: " .. name, function()
      local result = apply(make { description = "First", marketing_actions = { governance } })
      assert.equal("First", result.flow.description)
      assert.same({ enforcementRefs = { governance } }, result.flow.policy)
      result = apply(make { description = "Second", marketing_actions = { research } })
      assert.equal("marketing actions, description", result.steps[#result.steps - 1].name)
      assert.same({ governance, research }, result.flow.policy.enforcementRefs)
      assert.equal("Second", result.flow.description)
      assert.equal(0, apply(make { description = "Second", marketing_actions = { governance } }).changed)
      assert.equal(0, apply(make()).changed)
    end)
  end
end)
