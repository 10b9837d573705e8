local core = require "sluice.core"
local harness = require "spec.emulator.harness"

local json = core.json
local FULL, INCREMENTAL = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"

describe("an audience's schedule", function()
  local world, flow
  local function start(options)
    world = harness.new(options)
    flow = world:campaign().flow
  end

  local function try(mode, schedule)
    local status, answer = world:patch("flows", flow, { { op = "add", path = harness.AUDIENCES .. "/-",
      value = harness.audience("a", { exportMode = mode, schedule = schedule }) } })
    return status, answer and answer.detail
  end

  local D, E, T = "2024-02-29", "2024-03-31", "17:00"
  -- { accepted, exportMode, frequency, triggerType, startDate, startTime, endDate, place of the refusal }
  local rows = {
    { true, FULL, "ONCE", "SCHEDULED", D, T },
    { true, FULL, "ONCE", nil, D, T },
    { true, FULL, "ONCE", "AFTER_SEGMENT_EVAL", D },
    { true, FULL, "DAILY", "SCHEDULED", D, T, E },
    { true, FULL, "DAILY", nil, D, T, E },
    { true, FULL, "DAILY", "AFTER_SEGMENT_EVAL", D, nil, E },
    { true, FULL, "DAILY", "AFTER_SEGMENT_EVAL", D, T, E },
    { true, INCREMENTAL, "DAILY", nil, D, T, E },
    { true, INCREMENTAL, "DAILY", "SCHEDULED", D, T, E },
    { true, INCREMENTAL, "EVERY_3_HOURS", nil, D, T, E },
    { true, INCREMENTAL, "EVERY_6_HOURS", "SCHEDULED", D, T, E },
    { true, INCREMENTAL, "EVERY_8_HOURS", nil, D, T, E },
    { true, INCREMENTAL, "EVERY_12_HOURS", nil, D, T, E },
    { false, FULL, "EVERY_3_HOURS", "SCHEDULED", D, T, E, "frequency" },
    { false, FULL, "WEEKLY", "SCHEDULED", D, T, E, "frequency" },
    { false, FULL, "CHAINED", "SCHEDULED", D, T, E, "frequency" },
    { false, FULL, nil, "SCHEDULED", D, T, E, "frequency" },
    { false, INCREMENTAL, "ONCE", nil, D, T, nil, "frequency" },
    { false, INCREMENTAL, "EVERY_4_HOURS", nil, D, T, E, "frequency" },
    { false, INCREMENTAL, "DAILY", "AFTER_SEGMENT_EVAL", D, T, E, "triggerType" },
    { false, FULL, "DAILY", "NEVER", D, T, E, "triggerType" },
    { false, FULL, "ONCE", "SCHEDULED", D, T, E, "endDate" },
    { false, FULL, "DAILY", "SCHEDULED", D, T, nil, "endDate" },
    { false, INCREMENTAL, "DAILY", nil, D, T, nil, "endDate" },
    { false, FULL, "ONCE", "SCHEDULED", nil, T, nil, "startDate" },
    { false, FULL, "ONCE", "SCHEDULED", D, nil, nil, "startTime" },
    { false, INCREMENTAL, "DAILY", nil, D, nil, E, "startTime" },
    { false, FULL, "ONCE", "SCHEDULED", "2023-02-29", T, nil, "startDate" },
    { false, FULL, "ONCE", "SCHEDULED", "20.12.2023", T, nil, "startDate" },
    { false, FULL, "ONCE", "SCHEDULED", "2023-13-01", T, nil, "startDate" },
    { false, FULL, "DAILY", "SCHEDULED", D, T, "2024-04-31", "endDate" },
    { false, FULL, "ONCE", "SCHEDULED", D, "24:00", nil, "startTime" },
    { false, FULL, "ONCE", "SCHEDULED", D, "5 pm", nil, "startTime" },
    { false, FULL, "ONCE", "SCHEDULED", D, "17:30", nil, "startTime" },
    { false, nil, "ONCE", "SCHEDULED", D, T, nil, "exportMode" },
    { false, "ONCE", "ONCE", "SCHEDULED", D, T, nil, "exportMode" },
  }
  for _, row in ipairs(rows) do
    local accepted, mode, frequency, trigger, from, at, to, place = table.unpack(row, 1, 8)
    it(("%s %s, %s, trigger %s, from %s at %s to %s"):format(accepted and "takes" or "refuses", mode,
      frequency,
      trigger, from, at, to), function()
      start()
      local schedule = { frequency = frequency, triggerType = trigger, startDate = from, startTime = at,
        endDate = to }
      -- harness.audience has an export mode of its own, so a missing one is removed here
      local status, detail = try(mode or false, schedule)
      if accepted then
        assert.equal(202, status, detail)
      else
        assert.equal(400, status)
        assert.matches("/selectors/0/value/.*" .. place .. ": ", detail)
      end
    end)
  end

  it("must be an object", function()
    start()
    assert.equal(400, (try(FULL, "daily")))
    assert.equal(400, (try(FULL, json.array {})))
  end)

  it("follows the options where the sources disagree", function()
    local once = { frequency = "ONCE", startDate = D, startTime = "17:30", triggerType = "SCHEDULED" }
    start { start_minutes = "accept" }
    assert.equal(202, (try(FULL, once)))
    start { after_eval_incremental = "accept" }
    assert.equal(202, (try(INCREMENTAL,
      { frequency = "DAILY", triggerType = "AFTER_SEGMENT_EVAL", startDate = D, startTime = T,
        endDate = E })))
    start { trigger_type = "required" }
    assert.equal(400, (try(FULL, { frequency = "ONCE", startDate = D, startTime = T })))
    assert.equal(202, (try(INCREMENTAL, { frequency = "DAILY", startDate = D, startTime = T, endDate = E })))
  end)
end)

describe("the contents of a transformation", function()
  local world, flow
  before_each(function()
    world = harness.new()
    flow = world:campaign().flow
  end)

  local function audience(changes)
    local status, answer = world:patch("flows", flow, { { op = "add", path = harness.AUDIENCES .. "/-",
      value = harness.audience("a", changes) } })
    return status, answer and answer.detail
  end

  local function add(path, value)
    local status, answer = world:patch("flows", flow, { { op = "add", path = path, value = value } })
    return status, answer and answer.detail
  end

  for template, reason in pairs {
    ["%DESTINATION_NAME%_%SEGMENT_ID%"] = false,
    ["%SEGMENT_NAME%_%SEGMENT_ID%_%DESTINATION_NAME%_%TIMESTAMP%_custom-text"] = false,
    ["%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%_%this is custom text%"] = false,
    ["%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"] = "%DESTINATION_NAME% is mandatory",
    ["%DESTINATION_NAME%_%TIMESTAMP%"] = "%SEGMENT_ID% is mandatory",
    ["%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%_%DATETIME(YYYYMMdd_HHmmss)%"] = "use one of",
    [("%DESTINATION_NAME%_%SEGMENT_ID%"):rep(9)] = "at most 255 characters",
    [""] = "non-empty string",
  } do
    it("judges the file name " .. template:sub(1, 60), function()
      local status, detail = audience { filenameTemplate = template }
      if reason then
        assert.equal(400, status)
        assert.is_truthy(detail:find("/value/filenameTemplate", 1, true))
        assert.is_truthy(detail:find(reason, 1, true), detail)
      else
        assert.equal(202, status, detail)
      end
    end)
  end

  it("knows one spelling of the template's key, or two", function()
    local selector = harness.audience "a"
    selector.value.filenameTemplate, selector.value.fileNameTemplate = nil, selector.value.filenameTemplate
    assert.equal(400, (add(harness.AUDIENCES .. "/-", selector)))
    world.emulator.options.filename_key = "either"
    assert.equal(202, (add(harness.AUDIENCES .. "/-", selector)))
    assert.equal(202, (audience()))
  end)

  for name, case in pairs {
    ["audience of another type"] = { "AUDIENCES", { type = "SEGMENT", value = {} }, "/type" },
    ["audience without value"] = { "AUDIENCES", { type = "PLATFORM_SEGMENT" }, "/value" },
    ["audience without id"] = { "AUDIENCES", { type = "PLATFORM_SEGMENT", value = { name = "n" } },
      "/value/id" },
    ["audience with a description that is no text"] = { "AUDIENCES",
      { type = "PLATFORM_SEGMENT", value = { id = "a", description = 1 } }, "/value/description" },
    ["audience that is a string"] = { "AUDIENCES", "a", "audience selector" },
    ["attribute of another type"] = { "ATTRIBUTES", { type = "PATH", value = { path = "a" } }, "/type" },
    ["attribute without value"] = { "ATTRIBUTES", { type = "JSON_PATH" }, "/selectors/0/value: " },
    ["attribute that is a string"] = { "ATTRIBUTES", "a", "/selectors/0: expected an attribute selector" },
    ["attribute without path"] = { "ATTRIBUTES", { type = "JSON_PATH", value = {} }, "/value/path" },
  } do
    it("refuses an " .. name, function()
      local status, detail = add(harness[case[1]] .. "/-", case[2])
      assert.equal(400, status)
      assert.is_truthy(detail:find(case[3], 1, true), detail)
    end)
  end

  it("must be objects and arrays where the documents have them", function()
    for _, pair in ipairs { { "/transformations/0/params", "x" }, { "/transformations/0", "x" },
      { "/transformations/0/params/segmentSelectors", "x" },
        { "/transformations/0/params/profileSelectors", "x" },
      { "/transformations/0/params/segmentSelectors/selectors", {} },
      { "/transformations/0/params/profileMapping", "x" } } do
      local status, detail = add(pair[1], pair[2])
      assert.equal(400, status)
      assert.equal(pair[1], detail:match("^[^:]*"))
    end
    assert.equal(202, (add("/transformations/0/params/profileMapping", core.json.object {})))
  end)

  it("names the second selector as 1", function()
    local status, answer = world:patch("flows", flow, {
      { op = "add", path = harness.ATTRIBUTES .. "/-", value = harness.attribute "a" },
      { op = "add", path = harness.ATTRIBUTES .. "/-", value = harness.attribute "" } })
    assert.equal(400, status)
    assert.matches("^/transformations/0/params/profileSelectors/selectors/1/value/path: ", answer.detail)
    local _
    _, answer = world:patch("flows", flow, {
      { op = "add", path = "/transformations/0/params/primaryFields",
        value = { { fieldType = "ATTRIBUTE", attributePath = "a" }, { fieldType = "ATTRIBUTE" } } } })
    assert.matches("^/transformations/0/params/primaryFields/1/attributePath: ", answer.detail)
  end)

  it("keeps what a client says about an attribute", function()
    world:patch("flows", flow, { { op = "add", path = harness.ATTRIBUTES .. "/-",
      value = { type = "JSON_PATH",
      value = { path = "Email", operator = "EXISTS", identity = { namespace = "Email" } } } } })
    local value = world:item("flows", flow).transformations[1].params.profileSelectors.selectors[1].value
    assert.same({ namespace = "Email" }, value.identity)
    assert.equal("EXISTS", value.operator)
    assert.is_false(value.mapping.identity)
    assert.equal("Email", value.mapping.source)
  end)

  local attribute = function(path) return { fieldType = "ATTRIBUTE", attributePath = path } end
  local identity = function(code) return { fieldType = "IDENTITY", identityNamespace = code } end
  for name, case in pairs {
    ["one attribute"] = { 202, { attribute "a" } },
    ["two attributes"] = { 202, { attribute "a", attribute "b" } },
    ["one namespace"] = { 202, { identity "GAID" } },
    ["no key"] = { 202, json.array {} },
    ["three attributes"] = { 400, { attribute "a", attribute "b", attribute "c" } },
    ["two namespaces"] = { 400, { identity "a", identity "b" } },
    ["a mixture"] = { 400, { attribute "a", identity "b" } },
    ["another type"] = { 400, { { fieldType = "COLUMN" } } },
    ["an attribute without path"] = { 400, { { fieldType = "ATTRIBUTE" } } },
    ["a string"] = { 400, "personalEmail.address" },
  } do
    it("judges deduplication by " .. name, function()
      assert.equal(case[1], (add("/transformations/0/params/profileSelectors/primaryFields", case[2])))
    end)
  end

  it("takes lists of strings as mandatory fields only", function()
    local path = "/transformations/0/params/profileSelectors/mandatoryFields"
    assert.equal(202, (add(path, { "a", "b" })))
    assert.equal(400, (add(path, "a")))
    local status, detail = add(path, { "a", 1 })
    assert.equal(400, status)
    assert.matches("^/transformations/0/params/profileSelectors/mandatoryFields/1: ", detail)
    assert.equal(400, (add("/transformations/0/params/mandatoryFields", "a"))) -- where V2 cards have them
  end)

  it("needs neither file name nor schedule for a stream", function()
    local kinesis = harness.spec(harness.KINESIS)
    local source = world:create("sourceConnections",
      { name = "s", connectionSpec = harness.spec(harness.PROFILE_STORE) })
    local base = world:create("connections", { name = "b", connectionSpec = kinesis, auth = {
      specName = "Aws Kinesis authentication credentials",
      params = { accessKeyId = "a", secretKey = "s", region = "r" } } })
    local target = world:create("targetConnections",
      { name = "t", baseConnectionId = base, connectionSpec = kinesis,
      data = { format = "json" }, params = { stream = "s", region = "r" } })
    flow = world:create("flows", { name = "f", flowSpec = harness.spec "71471eba-b620-49e4-90fd-23f1fa0174d8",
      sourceConnectionIds = { source }, targetConnectionIds = { target },
        transformations = harness.skeleton() })
    assert.equal(202, (add(harness.AUDIENCES .. "/-", { type = "PLATFORM_SEGMENT", value = { id = "a" } })))
  end)
end)
