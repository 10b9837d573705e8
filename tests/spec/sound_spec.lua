--- Answers of nonsense: a list where an object should be, a number among entities, null, HTML. Whatever is read, the
--- failure says what cannot be understood, and never where Sluice stumbled.

local core = require "sluice.core"
local live = require "spec.support.live"
local sluice = require "sluice"
local sound = require "sluice.sound"

local json = core.json
local MESS = json.array { 1, "x", json.null, {} }

local SELECTORS = "/items/0/transformations/0/params/segmentSelectors/selectors"

local service, flow

--- Replaces a part of the answers whose path contains `where`.
local function spoil(where, pointer, value)
  service.after = function(request, status, headers, body)
    if not request.path:find(where, 1, true) or status >= 300 or body == "" then return end
    local document = json.decode(body)
    local ok, spoilt = pcall(function() return core.patch.new():replace(pointer, value):apply(document) end)
    if ok then return status, headers, json.encode(spoilt) end
  end
end

local function failure_of(call)
  local ok, failure = pcall(call)
  service.after = nil
  assert.is_false(ok)
  assert.is_true(core.error.is(failure), tostring(failure))
  assert.are_not.equal("internal", failure.kind, tostring(failure))
  assert.is_nil(tostring(failure):find("attempt to", 1, true), tostring(failure))
  assert.is_nil(tostring(failure):find("%.lua:%d"), tostring(failure))
  return tostring(failure)
end

local CHANGES = {
  ["adding audiences"] = function()
    return flow:add_audiences { live.audience(3) }
  end,
  rescheduling = function()
    return flow:reschedule(sluice.schedule.daily { at = "07:00", from = "2030-01-01", to = "2030-12-31" })
  end,
  ["removing an audience"] = function() return flow:remove_audiences { "Audience 1" } end,
  ["applying again"] = function() return sluice.destination(live.definition()):apply(service.aep) end,
}

describe("a service that answers nonsense", function()
  setup(function()
    service = live.start()
    flow = service:flow()
  end)
  teardown(function() service.server.stop() end)

  for title, change in pairs(CHANGES) do
    it("in a dataflow is told so: " .. title, function()
      for pointer, value in pairs { [SELECTORS] = MESS, [SELECTORS .. "/0"] = 5, [SELECTORS .. "/0/value"] = json.null,
        [SELECTORS .. "/1/value/id"] = {}, ["/items/0/transformations/0"] = "text",
        ["/items/0/name"] = json.array { 1 } } do
        spoil("/flows", pointer, value)
        local text = failure_of(change)
        assert.truthy(text:find("cannot be understood", 1, true) or text:find("is not known", 1, true), text)
      end
      assert.are.equal(2, #live.audiences(flow:read()))
    end)
  end

  it("in a list of audiences is told so", function()
    for _, audience in ipairs { 7, json.null, MESS, {}, { id = 5 }, { id = "" }, { id = "a", name = 1 } } do
      spoil("/audiences", "/children/0", audience)
      assert.truthy(failure_of(function() return service.aep.audiences:list() end):find("no list of", 1, true))
    end
  end)

  it("in place of an audience is told so", function()
    for _, body in ipairs { "null", "[]", "7", '"x"', "{}", '{"id":{}}', '{"id":"a","name":[]}' } do
      service.before = function() return 200, { ["content-type"] = "application/json" }, body end
      local text = failure_of(function() return service.aep.audiences:get "a" end)
      assert.truthy(text:find("audiences: the answer holds no entity with its id", 1, true), text)
    end
    service.before = nil
  end)

  it("in an order of exports is told so", function()
    local definition = live.definition { name = "Now", audiences = { live.audience(1, { export = "DAILY_FULL_EXPORT",
      schedule = { frequency = "ONCE", triggerType = "SCHEDULED", startDate = "2020-01-01", startTime = "02:00",
        past = true } }) } }
    local id = sluice.destination(definition):apply(service.aep).ids.flow
    for _, order in ipairs { "null", "1", "[true]", '[{"segment":1,"statusURL":{}}]', '"x"' } do
      service.before = function(request)
        if request.path:find "adhocrun" then
          return 200, { ["content-type"] = "application/json" }, ('{"order":%s}'):format(order)
        end
      end
      local text = failure_of(function() return sluice.dataflow(service.aep, id, { pause = 0 }):export_now() end)
      assert.truthy(text:find("names no run", 1, true), text)
    end
    service.before = nil
  end)

  it("may call a dataflow nothing", function()
    local nameless = service:flow { name = "Nameless", type = "amazon-s3-v2",
      auth = { s3AccessKey = ("A2"):rep(10), s3SecretKey = ("aB1/"):rep(10) },
      target = { bucketName = "b-1", path = "p", compression = "NONE", fileType = "JSON" } }
    spoil("/flows/", "/items/0/name", json.null)
    assert.are.equal(1, nameless:add_attributes({ "person.name.lastName" }).changed)
    service.after = nil
  end)

  it("is refused with the place", function()
    local entity = json.decode [[{"id":"f","transformations":[{"params":{"mandatoryFields":["a",2]}}]}]]
    local ok, failure = pcall(sound.entity, "flows", entity)
    assert.is_false(ok)
    assert.are.equal("http", failure.kind)
    assert.truthy(failure.message:find("expected a text at /transformations/0/params/mandatoryFields/1", 1, true))
  end)

  it("may leave out what nobody needs, and write an empty object as a list", function()
    for _, text in ipairs { '{"id":"f"}', '{"id":"f","name":null,"policy":[],"transformations":null}',
      '{"id":"f","transformations":[{"params":{"segmentSelectors":[]}}]}' } do
      local entity = json.decode(text)
      assert.are.equal(entity, sound.entity("flows", entity))
    end
  end)
end)
