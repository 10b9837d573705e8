local core = require "sluice.core"
local harness = require "spec.emulator.harness"

local json = core.json
local AUDIENCES, ATTRIBUTES = harness.AUDIENCES, harness.ATTRIBUTES

local function add(path, value) return { op = "add", path = path .. "/-", value = value } end

describe("flows", function()
  local world, ids
  local function setup_world(options)
    world = harness.new(options)
    ids = world:campaign()
  end
  before_each(function() setup_world() end)

  local function body(changes)
    local flow = { name = "another", flowSpec = harness.spec(world:flow_spec("upsToCampaign")),
      sourceConnectionIds = { ids.source }, targetConnectionIds = { ids.target },
        transformations = harness.skeleton() }
    for key, value in pairs(changes or {}) do flow[key] = value ~= json.null and value or nil end
    return flow
  end

  local function selectors(path)
    local params = world:item("flows", ids.flow).transformations[1].params
    return (path == AUDIENCES and params.segmentSelectors or params.profileSelectors).selectors
  end

  local function audience_ids()
    local list = {}
    for i, selector in ipairs(selectors(AUDIENCES)) do list[i] = selector.value.id end
    return table.concat(list, " ")
  end

  describe("when created", function()
    it("are enabled and inherit both ends", function()
      local flow = world:item("flows", ids.flow)
      assert.equal("enabled", flow.state)
      assert.same({ ids.source }, flow.sourceConnectionIds)
      assert.same({ properties = { isDestinationFlow = true },
        sourceConnections = { { id = ids.source, connectionSpec = harness.spec(harness.PROFILE_STORE),
          baseConnection = { id = ids.store, connectionSpec = harness.spec(harness.PROFILE_STORE) },
          typeInfo = { type = "ProfileFragments", id = "ups" } } },
        targetConnections = { { id = ids.target, connectionSpec = harness.spec(harness.CAMPAIGN),
          baseConnection = { id = ids.base, connectionSpec = harness.spec(harness.CAMPAIGN) } } },
      }, flow.inheritedAttributes)
      assert.equal("/runs?property=flowId==" .. ids.flow, flow.runs)
      assert.same({ started = harness.NOW, updated = harness.NOW, percentCompleted = 100, ops = {},
        operation = "create", status = { value = "completed", properties = json.null, errors = {} } },
        flow.lastOperation)
      assert.equal("[]", json.encode(flow.transformations[1].params.segmentSelectors.selectors))
    end)

    local cases = {
      { "state", { state = "enabled" }, "1410-400" },
      { "an unknown flow spec", { flowSpec = harness.spec(harness.UNKNOWN_ID) }, "1413-400" },
      { "a flow spec for another destination",
        { flowSpec = harness.spec "51d675ce-e270-408d-91fc-22717bdf2148" },
        "1413-400" },
      { "Campaign's spec as only a sample shows it",
        { flowSpec = harness.spec "71471eba-b620-49e4-90fd-23f1fa0174d8" },
        "1413-400" },
      { "no flow spec", { flowSpec = json.null }, "1455-400" },
      { "another version of the flow spec", { flowSpec = { id = "CAMPAIGN", version = "2.0" } }, "1455-400" },
      { "a description that is no text", { description = 1 }, "1455-400" },
      { "two sources", { sourceConnectionIds = { "a", "b" } }, "1455-400" },
      { "a source id that is no text", { sourceConnectionIds = { 1 } }, "1455-400" },
      { "a transformation without params", { transformations = { { name = "GeneralTransform" } } },
        "1455-400" },
      { "no name", { name = json.null }, "1455-400" },
      { "no source", { sourceConnectionIds = json.null }, "1455-400" },
      { "an empty source list", { sourceConnectionIds = json.array {} }, "1455-400" },
      { "no transformations", { transformations = json.null }, "1455-400" },
      { "another transformation", { transformations = { { name = "Other", params = {} } } }, "1455-400" },
      { "transformations of another type", { transformations = { name = "x" } }, "1455-400" },
    }
    for _, case in ipairs(cases) do
      it("are refused with " .. case[1], function()
        local flow = body(case[2])
        if flow.flowSpec and flow.flowSpec.id == "CAMPAIGN" then
          flow.flowSpec.id = world:flow_spec "upsToCampaign"
        end
        local status, answer = world:call("POST", "/flows", flow)
        assert.equal(400, status)
        assert.equal(case[3], answer.error_code, answer.detail)
      end)
    end

    it("are refused with connections that don't exist", function()
      for key, kind in pairs { sourceConnectionIds = "sourceConnections",
        targetConnectionIds = "targetConnections" } do
        local status, answer = world:call("POST", "/flows", body { [key] = { harness.UNKNOWN_ID } })
        assert.equal(404, status)
        assert.equal(kind .. " not found with id = [" .. harness.UNKNOWN_ID .. "]", answer.errorMessage)
      end
    end)

    it("may leave out the version of the flow spec", function()
      local id = world:create("flows", body { flowSpec = { id = world:flow_spec "upsToCampaign" } })
      assert.equal("1.0", world:item("flows", id).flowSpec.version)
    end)

    it("may have no transformation, and either spelling of the name", function()
      world:create("flows", body { transformations = json.array {} })
      local spaced = harness.skeleton()
      spaced[1].name = "General Transform"
      world:create("flows", body { transformations = spaced })
      world.emulator.options.transformation_name = "GeneralTransform"
      assert.equal(400, (world:call("POST", "/flows", body { transformations = spaced })))
    end)
  end)

  describe("when patched", function()
    it("answer 202 without a body, and show everything in the next GET", function()
      local operations = {
        add(AUDIENCES, harness.audience "a1"),
        add(ATTRIBUTES, harness.attribute "person.name.firstName"),
        { op = "add", path = "/transformations/0/params/profileSelectors/mandatoryFields",
          value = { "person.name.firstName" } },
        { op = "add", path = "/transformations/0/params/profileSelectors/primaryFields",
          value = { { fieldType = "ATTRIBUTE", attributePath = "personalEmail.address" } } },
      }
      local before = world:item("flows", ids.flow)
      local status, answer, headers = world:patch("flows", ids.flow, operations)
      assert.equal(202, status)
      assert.is_nil(answer)
      assert.is_nil(headers["Content-Type"])
      local flow = world:item("flows", ids.flow)
      assert.not_equal(before.etag, flow.etag)
      local stored = harness.audience("a1").value
      stored.createTime, stored.updateTime = "1700000000", "1700000000"
      assert.same({ { type = "PLATFORM_SEGMENT", value = stored } }, selectors(AUDIENCES))
      assert.same({ { type = "JSON_PATH", value = { path = "person.name.firstName", operator = "EXISTS",
        mapping = {
        sourceType = "text/x.schema-path", source = "person.name.firstName",
          destination = "person.name.firstName",
        identity = false, primaryIdentity = false, functionVersion = 0, copyModeMapping = false,
        sourceAttribute = "person.name.firstName", destinationXdmPath = "person.name.firstName" } } } },
        selectors(ATTRIBUTES))
      assert.same({ "person.name.firstName" },
        flow.transformations[1].params.profileSelectors.mandatoryFields)
      assert.equal("update", flow.lastOperation.operation)
      assert.same(operations, flow.lastOperation.ops)
    end)

    it("answer 200 with id and etag when the option says so", function()
      setup_world { patch_status = 200 }
      local status, answer = world:patch("flows", ids.flow,
        { { op = "replace", path = "/name", value = "new" } })
      assert.equal(200, status)
      assert.same({ id = ids.flow, etag = world:item("flows", ids.flow).etag }, answer)
      assert.equal("new", world:item("flows", ids.flow).name)
    end)

    it("carry out operations one after the other on the changing document", function()
      local list = {}
      for i = 1, 4 do list[i] = add(AUDIENCES, harness.audience("a" .. i)) end
      world:patch("flows", ids.flow, list)
      assert.equal("a1 a2 a3 a4", audience_ids())
      world:patch("flows", ids.flow,
        { { op = "remove", path = AUDIENCES .. "/0" }, { op = "remove", path = AUDIENCES .. "/1" } })
      assert.equal("a2 a4", audience_ids()) -- not "a3 a4": the second index counts what the first left
      world:patch("flows", ids.flow, { { op = "remove", path = AUDIENCES .. "/1",
        value = { type = "PLATFORM_SEGMENT",
        value = {} } }, { op = "remove", path = AUDIENCES .. "/0" } })
      assert.equal("", audience_ids())
    end)

    it("keep createTime and touch updateTime of what changed only", function()
      world:patch("flows", ids.flow, { add(AUDIENCES, harness.audience "a1"),
        add(AUDIENCES, harness.audience "a2") })
      world.now = world.now + 60000
      local second = selectors(AUDIENCES)[2]
      second.value.name = "renamed"
      world:patch("flows", ids.flow, { { op = "replace", path = AUDIENCES .. "/1", value = second } })
      local list = selectors(AUDIENCES)
      assert.equal("1700000000", list[1].value.updateTime)
      assert.equal("1700000000", list[2].value.createTime)
      assert.equal("1700000060", list[2].value.updateTime)
      assert.equal(harness.NOW + 60000, world:item("flows", ids.flow).updatedAt)
    end)

    it("take upper-case operations and store them in lower case", function()
      assert.equal(202, (world:patch("flows", ids.flow,
        { { op = "ADD", path = "/description", value = "d" } })))
      assert.equal("add", world:item("flows", ids.flow).lastOperation.ops[1].op)
    end)

    it("take marketing actions", function()
      world:patch("flows", ids.flow, { { op = "add", path = "/policy",
        value = { enforcementRefs = json.array {} } },
        { op = "add", path = "/policy/enforcementRefs/-",
          value = "/dulepolicy/marketingActions/custom/x/constraints" } })
      assert.same({ "/dulepolicy/marketingActions/custom/x/constraints" },
        world:item("flows", ids.flow).policy.enforcementRefs)
    end)

    local function patch_cases()
      return {
        { "move", { { op = "move", from = "/name", path = "/description" } }, "1434-400" },
        { "copy", { { op = "copy", from = "/name", path = "/description" } }, "1434-400" },
        { "test", { { op = "test", path = "/name", value = "flow" } }, "1434-400" },
        { "no op", { { path = "/name", value = "x" } }, "1455-400" },
        { "no value", { { op = "add", path = "/name" } }, "1455-400" },
        { "a path without slash", { { op = "add", path = "name", value = "x" } }, "1455-400" },
        { "the whole document", { { op = "replace", path = "/", value = {} } }, "1455-400" },
        { "a missing parent", { { op = "add", path = "/transformations/1/params/x", value = 1 } },
          "1455-400" },
        { "a missing index", { { op = "remove", path = AUDIENCES .. "/0" } }, "1455-400" },
        { "a missing member to replace", { { op = "replace", path = "/scheduleParams", value = {} } },
          "1455-400" },
        { "state", { { op = "replace", path = "/state", value = "disabled" } }, "1420-400" },
        { "id", { { op = "replace", path = "/id", value = "x" } }, "1455-400" },
        { "no name left", { { op = "remove", path = "/name" } }, "1455-400" },
        { "an empty list", "[]", "1405-400" },
        { "no body", "", "1405-400" },
        { "a lone operation", { op = "replace", path = "/name", value = "x" }, "1455-400" },
        { "an operation that is a string", { "add" }, "1455-400" },
        { "a reference that is no text",
          { { op = "add", path = "/policy", value = { enforcementRefs = {
            "/dulepolicy/marketingActions/custom/newsletter/constraints", 1 } } } }, "1455-400",
          "/policy/enforcementRefs/1" },
        { "a bad second operation", { { op = "remove", path = "/description" }, { path = "/name" } },
          "1455-400",
          "/1/op" },
        { "a schedule for datasets that is none",
          { { op = "add", path = "/scheduleParams", value = { a = 1 } } },
          "1455-400", "/scheduleParams/startTime" },
        { "a policy of another form", { { op = "add", path = "/policy", value = { "x" } } }, "1455-400" },
      }
    end
    for _, case in ipairs(patch_cases()) do
      it("refuse " .. case[1], function()
        local before = world:item("flows", ids.flow)
        local status, answer = world:patch("flows", ids.flow, case[2])
        assert.equal(400, status)
        assert.equal(case[3], answer.error_code, answer.detail)
        if case[4] then assert.equal(case[4], answer.detail:match("^[^:]*")) end
        assert.same(before, world:item("flows", ids.flow))
      end)
    end

    it("change nothing when a later operation fails", function()
      local before = world:item("flows", ids.flow)
      local status, answer = world:patch("flows", ids.flow,
        { { op = "replace", path = "/name", value = "new" }, { op = "remove", path = AUDIENCES .. "/7" } })
      assert.equal(400, status)
      assert.matches("/7", answer.detail)
      assert.same(before, world:item("flows", ids.flow))
    end)

    it("can go to another source connection of the same kind", function()
      local other = world:create("sourceConnections",
        { name = "s2", connectionSpec = harness.spec(harness.PROFILE_STORE) })
      world:patch("flows", ids.flow, { { op = "replace", path = "/sourceConnectionIds", value = { other } } })
      assert.equal(other, world:item("flows", ids.flow).inheritedAttributes.sourceConnections[1].id)
      assert.equal(404, (world:patch("flows", ids.flow,
        { { op = "replace", path = "/sourceConnectionIds", value = { harness.UNKNOWN_ID } } })))
    end)
  end)

  describe("with If-Match", function()
    local function rename(etag)
      return world:call("PATCH", "/flows/" .. ids.flow, { { op = "replace", path = "/name", value = "n" } },
        { ["if-match"] = etag })
    end

    it("refuse its absence", function()
      local status, answer = rename(false)
      assert.equal(400, status)
      assert.equal("1403-400", answer.error_code)
    end)

    it("refuse a stale, an unquoted and a doubly quoted etag with the documented text", function()
      local etag = world:item("flows", ids.flow).etag
      assert.equal(202, (rename(etag)))
      local current = world:item("flows", ids.flow).etag
      for _, wrong in ipairs { etag, current:gsub('"', ""), '"' .. current .. '"', "*" } do
        local status, answer = rename(wrong)
        assert.equal(412, status)
        assert.equal(("Supplied version=[%s] does not match the current version on entity=[%s]"):format(wrong,
          current),
          answer.errorMessage)
        assert.equal("1404-412", answer.errorDetails)
      end
      assert.equal(202, (rename(current)))
    end)

    it("give each version its own etag", function()
      local seen = {}
      for _ = 1, 20 do
        local etag = world:item("flows", ids.flow).etag
        assert.is_nil(seen[etag])
        seen[etag] = true
        assert.equal(202, (rename(etag)))
      end
    end)
  end)

  describe("by action", function()
    local function act(query) return world:call("POST", "/flows/" .. ids.flow .. "/action" .. query) end

    it("are disabled and enabled again", function()
      local etag = world:item("flows", ids.flow).etag
      local status, answer = act "?op=disable"
      assert.equal(200, status)
      assert.equal(ids.flow, answer.id)
      assert.not_equal(etag, answer.etag)
      assert.equal("disabled", world:item("flows", ids.flow).state)
      assert.equal(200, (act "?op=ENABLE&subOp=APPLY"))
      assert.equal("enabled", world:item("flows", ids.flow).state)
    end)

    for query, code in pairs {
      ["?op=enable"] = "1422-400", ["?op=PUBLISH"] = "1422-400", ["?op=FINALIZE"] = "1402-400",
        [""] = "1451-400",
      ["?op=disable&subOp=NOTHING"] = "1435-400", ["?op=enable&subOp=PROGRESS"] = "1436-400",
      ["?op=disable&x=1"] = "1451-400",
    } do
      it("refuse " .. query, function()
        local status, answer = act(query)
        assert.equal(400, status)
        assert.equal(code, answer.error_code)
        assert.equal("enabled", world:item("flows", ids.flow).state)
      end)
    end
  end)

  describe("and deletion", function()
    it("goes flow, then source and target, then base", function()
      local status, answer = world:call("DELETE", "/connections/" .. ids.base)
      assert.equal(400, status)
      assert.equal("1418-400", answer.error_code)
      assert.equal("1418-400", select(2, world:call("DELETE", "/connections/" .. ids.store)).error_code)
      for _, path in ipairs { "/sourceConnections/" .. ids.source, "/targetConnections/" .. ids.target } do
        assert.equal("1447-400", select(2, world:call("DELETE", path)).error_code)
      end
      for _, path in ipairs { "/flows/" .. ids.flow, "/targetConnections/" .. ids.target,
        "/sourceConnections/" .. ids.source, "/connections/" .. ids.base, "/connections/" .. ids.store } do
        local code, empty = world:call("DELETE", path)
        assert.equal(202, code)
        assert.is_nil(empty)
        assert.equal(404, (world:call("GET", path)))
        assert.equal(404, (world:call("DELETE", path)))
      end
      assert.same({ connections = 0, sourceConnections = 0, targetConnections = 0, flows = 0, runs = 0 },
        world.emulator:counts())
    end)

    it("lets a base connection go that no flow uses", function()
      local idle = world:profile_store "idle"
      world:create("sourceConnections", { name = "idle", connectionSpec = harness.spec(harness.PROFILE_STORE),
        baseConnectionId = idle })
      assert.equal(202, (world:call("DELETE", "/connections/" .. idle)))
    end)

    it("lets a disabled flow lose its connections", function()
      world:call("POST", "/flows/" .. ids.flow .. "/action?op=disable")
      assert.equal(202, (world:call("DELETE", "/targetConnections/" .. ids.target)))
    end)

    it("answers 204 when the option says so", function()
      setup_world { delete_status = 204 }
      assert.equal(204, (world:call("DELETE", "/flows/" .. ids.flow)))
    end)

    it("answers 404 with the flow's own form", function()
      local _, answer = world:call("DELETE", "/flows/" .. harness.UNKNOWN_ID)
      assert.same({ errorMessage = "flows not found with id = [" .. harness.UNKNOWN_ID .. "]" }, answer)
    end)
  end)
end)

describe("flows to cards of the second generation", function()
  local world, flow
  before_each(function()
    world = harness.new()
    flow = world:v2_flow()
  end)

  it("take mapping sets, and forget attribute selectors they accepted", function()
    local _, set = world:mapping_set { "person.name.firstName", "firstName" }
    local status = world:patch("flows", flow, {
      add(ATTRIBUTES, harness.attribute "person.name.firstName"),
      { op = "add", path = "/transformations/0/params/profileMapping",
        value = { mappingId = set.id, mappingVersion = 0 } },
      { op = "add", path = "/transformations/0/params/primaryFields",
        value = { { fieldType = "IDENTITY", identityNamespace = "GAID" } } },
    })
    assert.equal(202, status)
    local params = world:item("flows", flow).transformations[1].params
    assert.is_nil(params.profileSelectors)
    assert.equal(set.id, params.profileMapping.mappingId)
    assert.equal("GAID", params.primaryFields[1].identityNamespace)
    local code, answer = world:patch("flows", flow,
      { { op = "add", path = "/transformations/0/params/profileMapping",
      value = { mappingId = 1 } } })
    assert.equal(400, code)
    assert.equal("1419-400", answer.error_code)
  end)

  it("take file names without the mandatory macros", function()
    assert.equal(202, (world:patch("flows", flow, { add(AUDIENCES, harness.audience("a",
      { filenameTemplate = "%DESTINATION%_%TIMESTAMP%" })) })))
  end)
end)

describe("flows of datasets", function()
  local function create(schedule, options)
    local world = harness.new(options)
    local dlz = harness.spec "10440537-2a7b-4583-ac39-ed38d4b848e8"
    local source = world:create("sourceConnections",
      { name = "s", connectionSpec = harness.spec(harness.DATA_LAKE),
      params = { datasets = { { dataSetId = "5ef3e3259ad2a1191ab7dd7d" } } } })
    local base = world:create("connections", { name = "b", connectionSpec = dlz })
    local target = world:create("targetConnections",
      { name = "t", baseConnectionId = base, connectionSpec = dlz,
      params = { path = "p", compression = "GZIP", datasetFileType = "JSON" } })
    return world:call("POST", "/flows", { name = "f",
      flowSpec = harness.spec "cd2fc47e-e838-4f38-a581-8fff2f99b63a",
      sourceConnectionIds = { source }, targetConnectionIds = { target }, transformations = json.array {},
      scheduleParams = schedule })
  end

  for _, case in ipairs {
    { 201, timeUnit = "hour", interval = 6, exportMode = "FIRST_FULL_THEN_INCREMENTAL", startTime = 1 },
    { 201, timeUnit = "day", interval = 1, exportMode = "FIRST_FULL_THEN_INCREMENTAL", startTime = 1,
      endTime = 2 },
    { 201, timeUnit = "day", interval = 0, exportMode = "DAILY_FULL_EXPORT", startTime = 1 },
    { 201, timeUnit = "hour", interval = 12, startTime = 1 },
    { 400, timeUnit = "day", interval = 1, exportMode = "DAILY_FULL_EXPORT", startTime = 1 },
    { 400, timeUnit = "day", interval = 0, exportMode = "FIRST_FULL_THEN_INCREMENTAL", startTime = 1 },
    { 400, timeUnit = "hour", interval = 8, exportMode = "FIRST_FULL_THEN_INCREMENTAL", startTime = 1 },
    { 400, timeUnit = "week", interval = 1, startTime = 1 },
    { 400, timeUnit = "hour", interval = 8, startTime = 1 },
    { 400, timeUnit = "hour", interval = "6", startTime = 1 },
    { 400, timeUnit = "hour", interval = 6 },
    { 400, timeUnit = "hour", interval = 6, startTime = 1, endTime = "2" },
  } do
    it(("answer %d to %s %s %s"):format(case[1], case.exportMode, case.interval, case.timeUnit), function()
      local schedule = {}
      for k, v in pairs(case) do if k ~= 1 then schedule[k] = v end end
      local status, answer = create(schedule)
      assert.equal(case[1], status, json.encode(answer))
    end)
  end

  it("need scheduleParams unless the option says otherwise", function()
    assert.equal(400, (create(nil)))
    assert.equal(201, (create(nil, { dataset_schedule = "optional" })))
  end)
end)
