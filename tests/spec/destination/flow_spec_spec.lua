--- Which flow spec a dataflow gets out of those the service lists.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local demands = require "sluice.destination.demands"
local emulator = require "sluice.emulator"
local outcome = require "spec.support.outcome"

local array, null = core.json.array, core.json.null
local STORE, LAKE = catalog.profile_store.connection_spec, catalog.data_lake.connection_spec
local ACME = { title = "Acme", connection_spec = "acme", flow_spec = {} }
local S3 = catalog.systems["amazon-s3-v2"]

local function spec(id, name, target, workflow, source)
  return { id = id, name = name, targetConnectionSpecIds = array { target },
    sourceConnectionSpecIds = array { source or (workflow and LAKE or STORE) }, attributes = { _workflow = workflow } }
end

local function refused(code, words, ...)
  local failure = outcome.failure(demands.flow_spec, ...)
  assert.same({ "recipe", code }, { failure.kind, failure.code })
  assert.truthy(failure.message:find(words, 1, true), failure.message)
end

describe("the flow spec", function()
  it("of every entry is among the emulator's, as the catalog has it", function()
    local listed = emulator.new({}).documents.flowSpecs
    for _, key in ipairs(catalog.keys) do
      local system = catalog.systems[key]
      local id, warnings = demands.flow_spec(listed, system, "audiences")
      assert.same({}, warnings, key)
      if system.flow_spec.id then assert.equal(system.flow_spec.id, id) end
      if system.dataset_flow_spec then
        id, warnings = demands.flow_spec(listed, system, "datasets")
        assert.same({ system.dataset_flow_spec.id, {} }, { id, warnings }, key)
      end
    end
  end)

  it("that the definition names goes by ID, then by name", function()
    local listed = { spec("a", "upsToA", "x"), spec("b", "a", "x"), spec("c", "twice", "x"), spec("d", "twice", "x") }
    assert.equal("a", (demands.flow_spec(listed, S3, "audiences", "a")))
    assert.equal("a", (demands.flow_spec(listed, S3, "audiences", "upsToA")))
    refused("ambiguous", '2 flow specs are called "twice": "twice" (c), "twice" (d); write the ID', listed, S3,
      "audiences", "twice")
    refused("not_found", 'no flow spec "upsToB"; did you mean "upsToA"?', listed, S3, "audiences", "upsToB")
  end)

  it("of an unknown destination joins its source and target, in its workflow", function()
    local listed = { spec("a", "one", "acme"), spec("b", "two", "acme", array { "DATASETS" }), spec("c", "x", "other"),
      spec("d", "source", "acme", nil, "some other source") }
    assert.equal("a", (demands.flow_spec(listed, ACME, "audiences")))
    assert.equal("b", (demands.flow_spec(listed, ACME, "datasets")))
    listed[2].attributes._workflow = "ACTIVATION_DATASETS"
    assert.equal("b", (demands.flow_spec(listed, ACME, "datasets")))
    listed[5] = spec("e", "more", "acme")
    refused("ambiguous", '2 flow specs lead audiences to Acme: "more" (e), "one" (a); write which one', listed, ACME,
      "audiences")
    refused("not_found", "no flow spec that leads datasets to Acme", { listed[1] }, ACME, "datasets")
  end)

  it("of the catalog gives way to the one that fits, and this is told", function()
    local known, target = S3.flow_spec.id, S3.connection_spec
    local id, warnings = demands.flow_spec({ spec(known, "old", target, array { "DATASETS" }),
      spec("new", "upsToS3", target) }, S3, "audiences")
    assert.equal("new", id)
    assert.same({ 1, "warning", "/flow_spec", "D,ACT,SPEC" },
      { #warnings, warnings[1].level, warnings[1].place, warnings[1].source })
    assert.truthy(warnings[1].message:find(('says %s, but here "old" (%s) exports datasets; "upsToS3" (new)'):format(
      known, known), 1, true), warnings[1].message)
    id, warnings = demands.flow_spec({ spec("new", "upsToS3", target) }, S3, "audiences")
    assert.equal("new", id)
    assert.truthy(warnings[1].message:find("the service lists no flow spec " .. known, 1, true))
  end)

  it("of the catalog stays where no other fits, or several do", function()
    local known, target = S3.flow_spec.id, S3.connection_spec
    local id, warnings = demands.flow_spec({}, S3, "audiences")
    assert.equal(known, id)
    assert.truthy(warnings[1].message:find("is used all the same, as no other would fit", 1, true))
    id, warnings = demands.flow_spec({ spec("a", "a", target), spec("b", "b", target) }, S3, "audiences")
    assert.equal(known, id)
    assert.truthy(warnings[1].message:find("as 2 others would fit", 1, true), warnings[1].message)
  end)

  it("of Campaign is found by its name, or as the only one that fits", function()
    local campaign = catalog.systems["adobe-campaign"]
    assert.equal("a", (demands.flow_spec({ spec("a", "upsToCampaign", "x") }, campaign, "audiences")))
    local id, warnings = demands.flow_spec({ spec("b", "upsToCampaignV2", campaign.connection_spec) }, campaign,
      "audiences")
    assert.same({ "b", 1 }, { id, #warnings })
    refused("not_found", 'has no flow spec called "upsToCampaign"', {}, campaign, "audiences")
    refused("ambiguous", '2 existing flow specs are called "upsToCampaign"',
      { spec("a", "upsToCampaign", "x"), spec("b", "upsToCampaign", "x") }, campaign, "audiences")
  end)

  it("is not found in nonsense, and nothing else happens", function()
    local noise = { 5, "x", null, {}, { id = 5 }, { id = "a", name = 5, attributes = "x" }, { id = "b", name = {} },
      { id = "c", attributes = { _workflow = 5 }, sourceConnectionSpecIds = 5, targetConnectionSpecIds = "acme" },
      { id = "d", sourceConnectionSpecIds = array { 5, null, STORE }, targetConnectionSpecIds = null } }
    refused("not_found", "no flow spec that leads", noise, ACME, "audiences")
    refused("not_found", "no flow spec", noise, ACME, "audiences", "upsToX")
    for _, list in ipairs { 5, "x", null } do refused("not_found", "no flow spec", list, ACME, "audiences") end
    assert.equal(S3.flow_spec.id, (demands.flow_spec(noise, S3, "audiences")))
  end)
end)
