--- Specs of sluice.explain: one plain sentence for each operation of a patch.
local sluice = require "sluice"
local core = require "sluice.core"
local json, patch = core.json, sluice.patch

local PARAMS = "/transformations/0/params"
local AUDIENCES = PARAMS .. "/segmentSelectors/selectors"
local ATTRIBUTES = PARAMS .. "/profileSelectors/selectors"

local function audience(id, name, changes)
  local value = { id = id, name = name, filenameTemplate = "%DESTINATION_NAME%_%SEGMENT_ID%",
    exportMode = "DAILY_FULL_EXPORT", schedule = { frequency = "DAILY", triggerType = "SCHEDULED",
      startDate = "2026-12-01", endDate = "2026-12-31", startTime = "17:00" } }
  for key, item in pairs(changes or {}) do value[key] = item end
  return { type = "PLATFORM_SEGMENT", value = value }
end

local function attribute(path) return { type = "JSON_PATH", value = { path = path } } end

local function flow()
  return { name = "old", policy = { enforcementRefs = { "/m/1", "/m/2" } }, transformations = { { params = {
    segmentSelectors = { selectors = { audience("A", "Loyal customers"), audience("B", "New ones") } },
    profileSelectors = { selectors = { attribute "person.name.firstName" }, mandatoryFields = { "a.b", "c" },
      primaryFields = { { fieldType = "ATTRIBUTE", attributePath = "personalEmail.address" } } },
  } } } }
end

--- The sentence for one operation.
local function one(build, document)
  local p = patch.new()
  build(p)
  local sentences = p:explain(document)
  assert.equal(#p, #sentences)
  return sentences[#sentences]
end

local DAILY = "full export, daily at 17:00 UTC from 2026-12-01 until 2026-12-31"

describe("patch:explain", function()
  it("speaks of audiences", function()
    local later = audience("A", "Loyal customers", { schedule = { frequency = "ONCE", startDate = "2027-01-01",
      startTime = "08:00" } })
    local after = audience("C", nil, { schedule = { frequency = "DAILY", triggerType = "AFTER_SEGMENT_EVAL",
      startDate = "2027-01-01" }, exportMode = "FIRST_FULL_THEN_INCREMENTAL" })
    local cases = { -- build, without document, with document (false: the same)
      { function(p) p:add(AUDIENCES .. "/-", audience("L", "Loyal customers")) end,
        "adds audience 'Loyal customers' (id L), " .. DAILY, false },
      { function(p) p:add(AUDIENCES .. "/0", after) end,
        "adds audience (id C), a full export first, then incremental ones, daily after the audience is evaluated "
        .. "from 2027-01-01", false },
      { function(p)
        p:add(AUDIENCES .. "/-", { type = "PLATFORM_SEGMENT", value = { id = "S", name = "Streamed" } })
      end,
        "adds audience 'Streamed' (id S)", false },
      { function(p) p:add(AUDIENCES .. "/-", 5) end, "adds an audience without an ID", false },
      { function(p) p:remove(AUDIENCES .. "/1") end, "removes the audience at index 1",
        "removes audience 'New ones' (id B)" },
      { function(p) p:replace(AUDIENCES .. "/0", later) end,
        "replaces the audience at index 0 by audience 'Loyal customers' (id A), full export, "
        .. "once at 08:00 UTC on 2027-01-01",
        "changes audience 'Loyal customers' (id A): full export, once at 08:00 UTC on 2027-01-01 (before: "
        .. DAILY .. ")" },
      { function(p) p:replace(AUDIENCES .. "/1", audience("B", "Renamed", { filenameTemplate = json.null })) end,
        "replaces the audience at index 1 by audience 'Renamed' (id B), " .. DAILY,
        "changes audience 'Renamed' (id B): file name removed, name 'Renamed'" },
      { function(p) p:replace(AUDIENCES .. "/1", audience("B", "New ones", { createTime = "1" })) end,
        "replaces the audience at index 1 by audience 'New ones' (id B), " .. DAILY,
        "changes audience 'New ones' (id B): other details" },
      { function(p) p:replace(AUDIENCES .. "/1", audience("X", "Other")) end,
        "replaces the audience at index 1 by audience 'Other' (id X), " .. DAILY,
        "replaces audience 'New ones' (id B) by audience 'Other' (id X), " .. DAILY },
      { function(p) p:test(AUDIENCES .. "/1", audience("B", "New ones")) end,
        "checks that the audience at index 1 is still audience 'New ones' (id B), unchanged", false },
      { function(p) p:replace(AUDIENCES .. "/1/value/schedule/startTime", "18:00") end,
        'sets schedule/startTime of the audience at index 1 to "18:00"',
        'sets schedule/startTime of audience \'New ones\' (id B) to "18:00" (before: "17:00")' },
      { function(p) p:remove(AUDIENCES .. "/1/value/schedule") end, "removes schedule of the audience at index 1",
        "removes schedule of audience 'New ones' (id B)" },
      { function(p) p:test(AUDIENCES .. "/1/value/id", "B") end, 'checks that id of the audience at index 1 is "B"',
        'checks that id of audience \'New ones\' (id B) is "B"' },
      { function(p) p:replace(AUDIENCES, json.array { audience("X", "Ex"), audience("Y") }) end,
        "replaces all audiences by audience 'Ex' (id X) and audience (id Y)", false },
      { function(p) p:add(AUDIENCES, json.array {}) end, "replaces all audiences by none", false },
    }
    for i, case in ipairs(cases) do
      assert.equal(case[2], one(case[1]), "case " .. i)
      assert.equal(case[3] or case[2], one(case[1], flow()), "case " .. i)
    end
  end)

  it("speaks of audiences by identity", function()
    local function by(id) return { ["/value/id"] = id } end
    local cases = { -- build, without document, with document (false: the same)
      { function(p)
        p:remove_by(AUDIENCES, by "B")
      end, "removes audience (id B)", "removes audience 'New ones' (id B)" },
      { function(p) p:remove_by(AUDIENCES, by "Z") end, "removes audience (id Z)",
        "removes audience (id Z); this cannot be done: no element there matches {\"/value/id\":\"Z\"}" },
      { function(p) p:add_unless(AUDIENCES, by "Z", audience("Z", "Zed")) end,
        "adds audience 'Zed' (id Z), " .. DAILY .. ", unless it is there already", false },
      { function(p) p:add_unless(AUDIENCES, by "B", audience("B", "Bee")) end,
        "adds audience 'Bee' (id B), " .. DAILY .. ", unless it is there already",
        "leaves audience 'New ones' (id B) as it is: it is there already" },
      { function(p) p:replace_by(AUDIENCES, by "B", audience("B", "Bee")) end,
        "replaces audience (id B) by audience 'Bee' (id B), " .. DAILY,
        "changes audience 'Bee' (id B): name 'Bee'" },
      { function(p) p:remove_by(AUDIENCES, { ["/type"] = "PLATFORM_SEGMENT" }) end,
        'removes what matches {"/type":"PLATFORM_SEGMENT"} from ' .. AUDIENCES, false },
      { function(p) p:remove_by(ATTRIBUTES, { ["/value/path"] = "person.name.firstName" }) end,
        "removes attribute person.name.firstName", false },
    }
    for i, case in ipairs(cases) do
      assert.equal(case[2], one(case[1]), "case " .. i)
      assert.equal(case[3] or case[2], one(case[1], flow()), "case " .. i)
    end
  end)

  it("speaks of attributes and the rest of a dataflow", function()
    local cases = { -- build, sentence with document
      { function(p)
        p:add(ATTRIBUTES .. "/-", attribute "mobilePhone.number")
      end, "adds attribute mobilePhone.number" },
      { function(p)
        p:add(ATTRIBUTES .. "/-",
          { type = "JSON_PATH", value = { path = "Email", identity = { namespace = "Email" } } })
      end, "adds identity Email" },
      { function(p) p:remove(ATTRIBUTES .. "/0") end, "removes attribute person.name.firstName" },
      { function(p) p:replace(ATTRIBUTES .. "/0", attribute "x") end,
        "replaces attribute person.name.firstName by attribute x" },
      { function(p) p:add(PARAMS .. "/mandatoryFields", { "GAID", "x" }) end, "makes mandatory: GAID and x" },
      { function(p) p:add(PARAMS .. "/profileSelectors/mandatoryFields/-", "y") end, "makes mandatory: y" },
      { function(p) p:remove(PARAMS .. "/profileSelectors/mandatoryFields/1") end, "makes c optional" },
      { function(p) p:replace(PARAMS .. "/profileSelectors/mandatoryFields", json.array {}) end,
        "makes mandatory: nothing" },
      { function(p) p:remove(PARAMS .. "/profileSelectors/mandatoryFields") end, "makes nothing mandatory" },
      { function(p) p:add(PARAMS .. "/primaryFields", { { fieldType = "IDENTITY", identityNamespace = "GAID" } }) end,
        "leaves out duplicates by identity GAID" },
      { function(p)
        p:replace(PARAMS .. "/profileSelectors/primaryFields",
          { { fieldType = "ATTRIBUTE", attributePath = "a" }, { fieldType = "ATTRIBUTE", attributePath = "b" } })
      end, "leaves out duplicates by attribute a and attribute b" },
      { function(p) p:replace(PARAMS .. "/profileSelectors/primaryFields", json.array {}) end,
        "no longer leaves out duplicates" },
      { function(p) p:remove(PARAMS .. "/profileSelectors/primaryFields/0") end,
        "no longer leaves out duplicates by attribute personalEmail.address" },
      { function(p) p:add(PARAMS .. "/profileMapping", { mappingId = "0f", mappingVersion = 0 }) end,
        "uses mapping set 0f, version 0" },
      { function(p) p:add("/policy", { enforcementRefs = { "/m/1" } }) end, "enforces these marketing actions: /m/1" },
      { function(p)
        p:add("/policy", { enforcementRefs = json.array {} })
      end, "enforces these marketing actions: none" },
      { function(p) p:add("/policy/enforcementRefs/-", "/m/3") end, "enforces marketing action /m/3" },
      { function(p) p:remove("/policy/enforcementRefs/1") end, "no longer enforces marketing action /m/2" },
      { function(p) p:replace("/name", "new") end, "renames it to 'new'" },
      { function(p) p:add("/description", "text") end, "describes it as 'text'" },
      { function(p)
        p:add("/scheduleParams", { interval = 6, timeUnit = "hour", startTime = 1675901210 })
      end, "exports the datasets every 6 hours from 2023-02-09 00:06 UTC" },
      { function(p) p:add("/scheduleParams", { interval = 0, timeUnit = "day" }) end, "exports the datasets once" },
      { function(p)
        p:add("/scheduleParams", { interval = 1, timeUnit = "day" })
      end, "exports the datasets every day" },
      { function(p) p:add("/scheduleParams", {}) end, "sets /scheduleParams to {}" },
      { function(p) p:add("/sourceConnectionIds", { "s-1" }) end, "reads from source connection s-1" },
    }
    for i, case in ipairs(cases) do assert.equal(case[2], one(case[1], flow()), "case " .. i) end
  end)

  it("speaks of anything else by path and value", function()
    local document = { a = { 1, 2 }, o = { x = json.null } }
    local cases = { -- build, without document, with document (false: the same)
      { function(p) p:add("/n", 1) end, "sets /n to 1", false },
      { function(p) p:add("/o/x", 1) end, "sets /o/x to 1", "sets /o/x to 1 (before: null)" },
      { function(p) p:add("/a/1", 9) end, "sets /a/1 to 9", "inserts 9 into /a before index 1" },
      { function(p) p:add("/a/-", { 9 }) end, "appends [9] to /a", false },
      { function(p) p:replace("", {}) end, "sets the whole document to {}",
        'sets the whole document to {} (before: {"a":[1,2],"o":{"x":null}})' },
      { function(p) p:remove("/a/0") end, "removes /a/0", "removes /a/0 (before: 1)" },
      { function(p) p:move("/a", "/b") end, "moves /a to /b", false },
      { function(p) p:copy("", "/b") end, "copies the whole document to /b", false },
      { function(p) p:test("/a", { 1, 2 }) end, "checks that /a is [1,2]", false },
      { function(p) p:remove_by("/a", { [""] = 1 }) end, 'removes what matches {"":1} from /a', false },
      { function(p) p:replace_by("/a", { [""] = 1 }, 3) end, 'replaces what matches {"":1} in /a by 3', false },
      { function(p) p:add_unless("/a", { [""] = 3 }, 3) end, 'appends 3 to /a unless something there matches {"":3}',
        false },
    }
    for i, case in ipairs(cases) do
      assert.equal(case[2], one(case[1]), "case " .. i)
      assert.equal(case[3] or case[2], one(case[1], document), "case " .. i)
    end
  end)

  it("follows the document from operation to operation, and leaves it alone", function()
    local document = flow()
    local before = json.encode(document)
    local p = patch.new():remove(AUDIENCES .. "/0"):remove(AUDIENCES .. "/0"):remove(AUDIENCES .. "/0")
      :remove(AUDIENCES .. "/1")
    assert.same({ "removes audience 'Loyal customers' (id A)", "removes audience 'New ones' (id B)",
      "removes the audience at index 0; this cannot be done: " .. AUDIENCES
        .. " has no element 0: it has 0 of them, counted from 0",
      "removes the audience at index 1" }, p:explain(document))
    assert.equal(before, json.encode(document))
  end)

  it("never shows credentials", function()
    local secret = { accessId = "id-1", secretKey = "hidden-1" }
    local connection = { name = "c", auth = { specName = "S3", params = secret } }
    local p = patch.new():test("/auth/params", secret)
      :replace("/auth/params", { accessId = "id-2", secretKey = "hidden-2" })
      :replace("/auth/params/secretKey", "hidden-3"):add("/auth", { params = secret })
      :test("/auth", { params = secret }):test("/auth/params/accessId", "id-1")
      :remove("/auth/params/secretKey"):remove("/auth")
      :replace("", connection):add("/key", core.secret.new("KEY", "hidden-4"))
    local sentences = p:explain(connection)
    assert.equal("checks the credentials", sentences[1])
    assert.equal("replaces the credentials (accessId and secretKey)", sentences[2])
    assert.equal("changes a part of the credentials", sentences[3])
    assert.equal('sets /key to "‹secret KEY›"', sentences[10])
    for _, document in ipairs { connection, false } do
      local text = table.concat(p:explain(document or nil), "\n")
      assert.is_nil(text:find("hidden", 1, true), text)
      assert.is_nil(text:find("id-1", 1, true), text)
    end
  end)

  it("stays on one line, and short", function()
    local text = one(function(p) p:add("/x", ("é"):rep(500)) end)
    assert.is_true(#text < 150)
    assert.is_truthy(utf8.len(text))
    assert.equal("renames it to 'a b'", one(function(p) p:replace("/name", "a\nb") end))
  end)

  it("takes a list of operations, and refuses what is no patch", function()
    assert.same({ "sets /a to 1" }, sluice.patch.explain { { op = "ADD", path = "/a", value = 1 } })
    assert.same({}, patch.new():explain())
    assert.has_error(function() sluice.patch.explain { { op = "add" } } end)
  end)
end)
