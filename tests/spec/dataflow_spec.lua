--- Changes of a live dataflow's audiences, schedules, names and state, on the emulator.

local live = require "spec.support.live"
local outcome = require "spec.support.outcome"
local sluice = require "sluice"

local SELECTORS = "/transformations/0/params/segmentSelectors/selectors"
local LATER = sluice.schedule.daily { at = "05:00", from = "2031-01-01", to = "2031-06-30" }

local function says(result, ...)
  local text = table.concat(result.explained, "\n")
  for _, words in ipairs { ... } do assert.truthy(text:find(words, 1, true), words .. " is missing in\n" .. text) end
end

local function refused(service, kind, code, fn, ...)
  local failure = outcome.failure(fn, ...)
  assert.same({ kind, code }, { failure.kind, failure.code })
  assert.same({}, service:requests())
  return failure
end

describe("a dataflow", function()
  local service
  setup(function() service = live.start() end)
  teardown(function() service.server.stop() end)
  before_each(function() service:forget() end)

  describe("taken hold of", function()
    it("by its ID asks nothing, by its name once", function()
      local flow = service:flow { name = "By name" }
      sluice.dataflow(service.aep, flow.id)
      assert.equal(0, #service.sent)
      assert.equal(flow.id, sluice.dataflow(service.aep, "By name").id)
      assert.equal(1, #service.sent)
    end)

    it("refuses what names none, and says which is near", function()
      service:flow { name = "Spring sale" }
      local failure = refused(service, "recipe", "not_found", sluice.dataflow, service.aep, "Spring sail")
      assert.truthy(failure.message:find('did you mean "Spring sale"?', 1, true), failure.message)
      refused(service, "usage", nil, sluice.dataflow, service.aep, nil)
      refused(service, "usage", nil, sluice.dataflow, service.aep, "")
    end)

    it("refuses a name that two have, and names both", function()
      service:flow { name = "Twins" }
      local second = service:flow { name = "Twin" }
      second:rename "Twins"
      service:forget()
      local failure = refused(service, "recipe", "ambiguous", sluice.dataflow, service.aep, "Twins")
      assert.truthy(failure.message:find(second.id, 1, true), failure.message)
      assert.equal(2, #failure.candidates)
    end)
  end)

  describe("of a kind", function()
    --- Lets the service show the dataflow as one to a card that nobody knows.
    local function estrange(change)
      service.after = function(request, status, headers, body)
        if request.method ~= "GET" or not request.path:find "/flows/" then return end
        body = body:gsub("0b23e41a%-cb4a%-4321%-a78f%-3b654f5d7d97", "00000000-0000-4000-8000-000000000000")
        return status, headers, change and change(body) or body
      end
    end

    it("that the catalog knows says which", function()
      assert.equal("legacy", service:flow({ name = "Kind" }):kind())
    end)

    it("that nobody knows is told by its contents", function()
      local flow = service:flow { name = "Stranger" }
      estrange()
      assert.equal("legacy", flow:kind())
      assert.equal(2, flow:reschedule(LATER).changed)
      estrange(function(body) return (body:gsub('"profileSelectors"', '"profileMapping"')) end)
      assert.equal("v2", flow:kind())
      estrange(function(body) return (body:gsub('"selectors":%b[]', '"selectors":[]')) end)
      assert.is_nil(flow:kind())
      service.sent = {}
      refused(service, "recipe", "unknown_destination", flow.add_attributes, flow, { "a.b" })
    end)

    it("that leads to no destination, or has no place for audiences, is refused", function()
      local flow, made = service:flow { name = "Source" }
      service.after = function(request, status, headers, body)
        if request.method ~= "GET" then return end
        return status, headers, (body:gsub('"isDestinationFlow":true', '"isDestinationFlow":false'))
      end
      refused(service, "recipe", "not_a_destination", flow.remove_audiences, flow, { live.id(1) })
      local bare = service.aep.flows:create { name = "Bare", flowSpec = made.flow.flowSpec,
        sourceConnectionIds = made.flow.sourceConnectionIds, targetConnectionIds = made.flow.targetConnectionIds,
        transformations = sluice.json.array {} }
      service:forget()
      flow = sluice.dataflow(service.aep, bare.id)
      refused(service, "recipe", "no_audiences", flow.add_audiences, flow, { live.audience(1) })
    end)
  end)

  describe("gets audiences", function()
    it("all in one guarded patch, and reads them back", function()
      local flow = service:flow { name = "Adds" }
      local result = flow:add_audiences { live.audience(3), live.audience(4) }
      assert.equal(2, result.changed)
      assert.same({ live.id(1), live.id(2), live.id(3), live.id(4) }, live.audiences(result.flow))
      local patch = service:patch()
      assert.same({ "add", SELECTORS .. "/-" }, { patch[1].op, patch[1].path })
      assert.truthy(service:requests("PATCH")[1].headers["if-match"])
      assert.same({ "GET", "PATCH", "GET" },
        { service.sent[1].method, service.sent[2].method, service.sent[3].method })
      says(result, "adds audience 'Audience 3' (id " .. live.id(3) .. "), full export, daily at 02:00 UTC")
    end)

    it("by name, through the Segmentation API", function()
      local flow = service:flow { name = "Adds by name" }
      local result = flow:add_audiences { live.audience(3, { id = false, name = "New subscribers" }) }
      assert.equal(1, result.changed)
      assert.equal("New subscribers",
        result.flow.transformations[1].params.segmentSelectors.selectors[3].value.name)
    end)

    it("but sends nothing when they are there so already", function()
      local flow = service:flow { name = "Adds none" }
      local result = flow:add_audiences { live.audience(1) }
      assert.equal(0, result.changed)
      assert.same({}, service:requests())
      says(result, "leaves audience", "exports it so already")
    end)

    it("and refuses one that is there otherwise", function()
      local flow = service:flow { name = "Adds other" }
      local failure = refused(service, "recipe", "differs", flow.add_audiences, flow,
        { live.audience(1, { schedule = LATER }) })
      assert.truthy(failure.message:find("reschedule", 1, true), failure.message)
    end)

    it("only when all of them are right, and reports all findings", function()
      local flow = service:flow { name = "Adds wrong" }
      local failure = refused(service, "recipe", nil, flow.add_audiences, flow, {
        live.audience(3, { id = "no-id" }), live.audience(4, { filename = "%SEGMENT_ID%" }),
        live.audience(5, { schedule = { frequency = "WEEKLY" } }) })
      assert.truthy(#failure.findings >= 3)
      assert.truthy(failure.message:find("/audiences/0/id", 1, true), failure.message)
      assert.truthy(failure.message:find("nothing was changed", 1, true), failure.message)
      refused(service, "recipe", nil, flow.add_audiences, flow, "text")
      refused(service, "recipe", nil, flow.add_audiences, flow, { live.audience(3, { id = false, name = "Nobody" }) })
    end)
  end)

  describe("loses audiences", function()
    it("by ID and by name, in one patch that says what kind they are", function()
      local flow = service:flow { name = "Removes",
        audiences = { live.audience(1), live.audience(2), live.audience(3) } }
      local result = flow:remove_audiences { live.id(1), "Audience 3" }
      assert.equal(2, result.changed)
      assert.same({ live.id(2) }, live.audiences(result.flow))
      local patch = service:patch()
      assert.same({ op = "remove", path = SELECTORS .. "/2", value = { type = "PLATFORM_SEGMENT", value = {} } },
        patch[1])
      assert.equal(SELECTORS .. "/0", patch[2].path)
      says(result, "removes audience 'Audience 1'", "removes audience 'Audience 3'")
    end)

    it("once: what is not there needs nothing", function()
      local flow = service:flow { name = "Removes none" }
      local result = flow:remove_audiences { live.id(9), "Loyal customers" }
      assert.equal(0, result.changed)
      assert.same({}, service:requests())
      says(result, "the dataflow has no audience Loyal customers")
    end)

    it("and refuses a name that no audience has", function()
      local flow = service:flow { name = "Removes slip" }
      local failure = refused(service, "recipe", nil, flow.remove_audiences, flow, { "Audience1" })
      assert.truthy(failure.message:find('did you mean "Audience 1"?', 1, true), failure.message)
      refused(service, "recipe", nil, flow.remove_audiences, flow, {})
      refused(service, "recipe", nil, flow.remove_audiences, flow, { 7 })
    end)
  end)

  describe("exports audiences otherwise", function()
    it("when they are replaced, with the times that the service gave them", function()
      local flow = service:flow { name = "Replaces" }
      local result = flow:replace_audiences { live.audience(2, { schedule = LATER }), live.audience(1) }
      assert.equal(1, result.changed)
      local patch = service:patch()
      assert.same({ "replace", SELECTORS .. "/1" }, { patch[1].op, patch[1].path })
      assert.truthy(patch[1].value.value.createTime)
      assert.equal("05:00", patch[1].value.value.schedule.startTime)
      says(result, "changes audience 'Audience 2'", "daily at 05:00 UTC", "leaves audience")
      refused(service, "recipe", "not_found", function()
        service:forget()
        flow:replace_audiences { live.audience(7) }
      end)
    end)

    it("all of them, or some, when they are rescheduled", function()
      local flow = service:flow { name = "Reschedules" }
      assert.equal(1, flow:reschedule(LATER, { audiences = { "Audience 1" } }).changed)
      local result = flow:reschedule(LATER)
      assert.equal(1, result.changed)
      says(result, "changes audience 'Audience 2'", "leaves audience")
      service:forget()
      assert.equal(0, flow:reschedule(LATER).changed)
      assert.same({}, service:requests())
    end)

    it("in the mode that goes with the schedule: their own, or the schedule's", function()
      local flow = service:flow { name = "Modes", audiences = {
        live.audience(1, { export = "FIRST_FULL_THEN_INCREMENTAL" }), live.audience(2) } }
      local function modes(result)
        local list = {}
        for i, selector in ipairs(result.flow.transformations[1].params.segmentSelectors.selectors) do
          list[i] = selector.value.exportMode
        end
        return list
      end
      assert.same({ "FIRST_FULL_THEN_INCREMENTAL", "DAILY_FULL_EXPORT" }, modes(flow:reschedule(LATER)))
      local often = sluice.schedule.every_hours(6) { at = "00:00", from = "2031-01-01", to = "2031-06-30" }
      assert.same({ "FIRST_FULL_THEN_INCREMENTAL", "FIRST_FULL_THEN_INCREMENTAL" }, modes(flow:reschedule(often)))
      local raw = { frequency = "DAILY", startDate = "2031-01-01", startTime = "01:00", endDate = "2031-02-01" }
      assert.equal(2, flow:reschedule(raw, { export = "DAILY_FULL_EXPORT" }).changed)
    end)

    it("but not by a schedule that is wrong, nor for an audience that is not there", function()
      local flow = service:flow { name = "Reschedules wrong" }
      local wrong = sluice.schedule.daily { at = "05:30", from = "2031-02-30", to = "2031-06-30" }
      local failure = refused(service, "recipe", nil, flow.reschedule, flow, wrong)
      assert.equal(2, #failure.findings) -- once, not once for each audience
      assert.truthy(failure.message:find("/schedule/at", 1, true), failure.message)
      failure = refused(service, "recipe", nil, flow.reschedule, flow, LATER, { audiences = { "Audience" } })
      assert.truthy(failure.message:find("did you mean", 1, true), failure.message)
      refused(service, "recipe", nil, flow.reschedule, flow, nil)
      refused(service, "recipe", nil, flow.reschedule, flow, "daily")
    end)

    it("under another file name", function()
      local flow = service:flow { name = "Renames files" }
      local template = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%"
      local result = flow:rename_files(template)
      assert.equal(2, result.changed)
      says(result, "file name '" .. template .. "'")
      assert.equal(0, flow:rename_files(template).changed)
      service:forget()
      refused(service, "recipe", nil, flow.rename_files, flow, "%SEGMENT_NAME%")
    end)
  end)

  describe("says of itself", function()
    it("another name and description", function()
      local flow = service:flow { name = "Old name" }
      local result = flow:rename "New name"
      assert.same({ 1, "New name" }, { result.changed, result.flow.name })
      assert.same({ { op = "replace", path = "/name", value = "New name" } }, service:patch())
      assert.equal(0, flow:rename("New name").changed)
      assert.equal("Why it is", flow:describe("Why it is").flow.description)
      assert.equal("Why it was", flow:describe("Why it was").flow.description)
      service:forget()
      refused(service, "recipe", nil, flow.rename, flow, "  ")
      refused(service, "recipe", nil, flow.describe, flow, nil)
    end)

    it("which marketing actions it enforces", function()
      local flow = service:flow { name = "Marketing" }
      local action = "/dulepolicy/marketingActions/custom/%s/constraints"
      local list = { action:format "a", action:format "b" }
      local result = flow:set_marketing_actions(list)
      assert.same({ 1, 2 }, { result.changed, #result.flow.policy.enforcementRefs })
      says(result, "enforces these marketing actions")
      assert.equal(0, flow:set_marketing_actions({ list[2], list[1] }).changed)
      assert.same({}, flow:set_marketing_actions({}).flow.policy.enforcementRefs)
      service:forget()
      assert.equal(0, flow:set_marketing_actions({}).changed)
      local failure = refused(service, "recipe", nil, flow.set_marketing_actions, flow,
        { "custom/a", list[1], list[1] })
      assert.equal(2, #failure.findings)
    end)

    it("that it is enabled or disabled", function()
      local flow = service:flow { name = "Pause" }
      assert.equal(0, flow:enable().changed)
      assert.same({}, service:requests())
      local result = flow:disable()
      assert.same({ 1, "disabled" }, { result.changed, result.flow.state })
      assert.equal("the dataflow is disabled", result.warnings[1].message)
      assert.equal(0, flow:disable().changed)
      assert.equal("enabled", flow:enable().flow.state)
    end)
  end)

  describe("is changed for certain:", function()
    it("a patch that is accepted and does nothing is an error", function()
      local flow = service:flow { name = "Forgetful" }
      service.before = function(request)
        if request.method == "PATCH" then return 202, {}, "" end
      end
      local failure = outcome.failure(flow.add_audiences, flow, { live.audience(3) })
      assert.same({ "service", "not_activated" }, { failure.kind, failure.code })
      assert.truthy(failure.message:find("still to be done: adds audience 'Audience 3'", 1, true), failure.message)
      failure = outcome.failure(flow.remove_audiences, flow, { live.id(1) })
      assert.equal("not_activated", failure.code)
      service.before = function(request)
        if request.path:find "/action$" then return 200, {}, "{}" end
      end
      failure = outcome.failure(flow.disable, flow)
      assert.equal("not_activated", failure.code)
    end)

    it("a change by others in between is taken in, once", function()
      local flow, times = service:flow { name = "Concurrent" }, 0
      local most = 1
      service.before = function(request)
        if request.method ~= "PATCH" or times >= most then return end
        times = times + 1
        service:meddle(request, { { op = "replace", path = "/name", value = "Concurrent " .. times } })
      end
      local result = flow:remove_audiences { live.id(1) }
      assert.same({ 1, "Concurrent 1", { live.id(2) } },
        { result.changed, result.flow.name, live.audiences(result.flow) })
      times, most = 0, 2
      local failure = outcome.failure(flow.remove_audiences, flow, { live.id(2) })
      assert.same({ "service", "conflict" }, { failure.kind, failure.code })
      assert.truthy(failure.message:find("it was not made", 1, true), failure.message)
    end)

    it("what others did already is not sent again", function()
      local flow = service:flow { name = "Twice" }
      service.before = function(request)
        if request.method ~= "PATCH" then return end
        service.before = nil
        service:meddle(request, { { op = "remove", path = SELECTORS .. "/0" } })
      end
      local result = flow:remove_audiences { live.id(1) }
      assert.equal(0, result.changed)
      assert.equal(1, #service:requests())
      says(result, "the dataflow has no audience")
    end)

    it("a lost answer is looked after: done, or not", function()
      local flow = service:flow { name = "Lost" }
      service.after = function(request)
        if request.method == "PATCH" then return 503, {}, "" end
      end
      local result = flow:add_audiences { live.audience(3) }
      assert.same({ 1, 3 }, { result.changed, #live.audiences(result.flow) })
      service:forget()
      local first = true -- the answer to the first attempt is lost, the second is outdated by it
      service.after = function(request)
        if request.method ~= "PATCH" or not first then return end
        first = false
        return 503, {}, ""
      end
      result = flow:remove_audiences { live.id(3) }
      assert.same({ 1, 2 }, { result.changed, #live.audiences(result.flow) })
      says(result, "removes audience 'Audience 3'")
      service:forget()
      service.before = function(request)
        if request.method == "PATCH" then return 503, {}, "" end
      end
      local failure = outcome.failure(flow.add_audiences, flow, { live.audience(4) })
      assert.equal(503, failure.status)
      assert.truthy(failure.message:find("is as it was", 1, true), failure.message)
      local gone = false
      service.before = function(request)
        gone = gone or request.method == "PATCH"
        return gone and 503 or nil, {}, ""
      end
      failure = outcome.failure(flow.add_audiences, flow, { live.audience(4) })
      assert.truthy(failure.message:find("is not known", 1, true), failure.message)
    end)

    it("an answer that makes no sense is no end, but two of them are", function()
      local flow, pages = service:flow { name = "Pages" }, 1
      service.before = function(request)
        if request.method ~= "PATCH" or pages == 0 then return end
        pages = pages - 1
        return 200, { ["Content-Type"] = "text/html" }, "<html></html>"
      end
      assert.equal("Called otherwise", flow:rename("Called otherwise").flow.name)
      pages = 2
      local failure = outcome.failure(flow.rename, flow, "Not called so")
      assert.truthy(failure.message:find(flow.id .. ") is as it was", 1, true), failure.message)
    end)

    it("what the service refuses leaves all as it was, and says so", function()
      local flow = service:flow { name = "Refused" }
      service.before = function(request)
        if request.method == "PATCH" then return 400, {}, '{"message":"no"}' end
      end
      local failure = outcome.failure(flow.rename, flow, "Other")
      assert.equal(400, failure.status)
      assert.truthy(failure.message:find('dataflow "Refused" (' .. flow.id .. ") is as it was", 1, true),
        failure.message)
    end)

    it("it waits while the service is at work on it", function()
      local flow, left = service:flow { name = "Busy" }, 2
      service.after = function(request, status, headers, body)
        if request.method ~= "GET" or left == 0 then return end
        left = left - 1
        return status, headers, (body:gsub('"state":"enabled"', '"state":"updating"'))
      end
      assert.equal(1, flow:rename("Not busy").changed)
      assert.equal(0, left)
      left = math.huge
      assert.equal("busy", outcome.failure(flow.rename, flow, "Busy").code)
    end)
  end)
end)
