--- Exporting audiences now, on the emulator.

local live = require "spec.support.live"
local outcome = require "spec.support.outcome"
local sluice = require "sluice"

local ADHOC = "/adhocrun$"
local TODAY = os.date "!%Y-%m-%d"
local QUICK = { poll = 0, deadline = 60 }

describe("an export now", function()
  local service
  setup(function() service = live.start() end)
  teardown(function() service.server.stop() end)
  before_each(function() service:forget() end)

  local function flow_of(name, count)
    local audiences = {}
    for i = 1, count or 2 do
      audiences[i] = live.audience(i, { schedule = sluice.schedule.once { at = "23:00", on = TODAY, past = true } })
    end
    return (service:flow { name = name, audiences = audiences })
  end

  local function posts()
    local bodies = {}
    for _, request in ipairs(service:requests "POST") do
      if request.path:find(ADHOC) then bodies[#bodies + 1] = sluice.json.decode(request.body) end
    end
    return bodies
  end

  --- Lets runs go on for some looks at them, and end with a status.
  local function runs_take(looks, status)
    local seen = {}
    service.after = function(request, code, headers, body)
      local id = request.method == "GET" and request.path:match "/runs/(.+)$"
      if not id then return end
      seen[id] = (seen[id] or 0) + 1
      local shown = seen[id] <= looks and "processing" or status or "success"
      return code, headers, (body:gsub('"status":"%a+"', '"status":"' .. shown .. '"'))
    end
    return seen
  end

  it("is asked for once, by version 2, and followed to its end", function()
    local flow = flow_of "Now"
    local seen = runs_take(2)
    local result = flow:export_now({ "Audience 1", live.id(2) }, QUICK)
    assert.equal(2, result.changed)
    assert.same({ { activationInfo = { [flow.id] = { live.id(1), live.id(2) } } } }, posts())
    assert.equal("application/vnd.adobe.adhoc.activation+json; version=2", service:requests("POST")[1].headers.accept)
    assert.same({ "success", "success" }, { result.runs[1].status, result.runs[2].status })
    assert.equal(3, seen[result.runs[1].id])
    assert.same({ live.id(1), "Audience 1" }, { result.runs[1].audience, result.runs[1].name })
    assert.truthy(result.explained[1]:find("exported audience 'Audience 1'", 1, true), result.explained[1])
  end)

  it("takes all audiences when none is named, and may just be started", function()
    local flow = flow_of "All"
    local seen = runs_take(1000)
    local result = flow:export_now(nil, { wait = false })
    assert.equal(2, result.changed)
    assert.same({}, seen)
    assert.truthy(result.explained[1]:find("started the export of audience", 1, true))
  end)

  it("goes in parts of eighty", function()
    local flow = flow_of("Many", 161)
    local result = flow:export_now(nil, QUICK)
    local bodies = posts()
    assert.same({ 3, 80, 80, 1, 161 }, { #bodies, #bodies[1].activationInfo[flow.id],
      #bodies[2].activationInfo[flow.id], #bodies[3].activationInfo[flow.id], #result.runs })
  end)

  it("sends an audience once, however often it is named", function()
    local flow = flow_of "Doubles"
    flow:export_now({ "Audience 1", live.id(1) }, QUICK)
    assert.same({ live.id(1) }, posts()[1].activationInfo[flow.id])
  end)

  it("by version 1 names the newest export of profiles", function()
    local flow = flow_of "Version 1"
    service.before = function(request)
      if request.path:find "/export/jobs$" then
        return 200, {}, '{"records":[{"id":7,"status":"SUCCEEDED","creationTime":9,"schema":{"name":"other"}},'
          .. '{"id":"b","status":"SUCCEEDED","creationTime":5,"schema":{"name":"_xdm.context.profile"}},'
          .. '{"id":"c","status":"FAILED","creationTime":8,"schema":{"name":"_xdm.context.profile"}},'
          .. '{"id":"a","status":"SUCCEEDED","creationTime":4,"schema":{"name":"_xdm.context.profile"}}]}'
      elseif request.path:find(ADHOC) then
        return 200, {}, ('{"order":[{"segment":"%s","order":"x","statusURL":"https://x/runs/r1"}]}'):format(live.id(1))
      end
    end
    local result = flow:export_now({ "Audience 1" }, { version = 1, wait = false })
    assert.same({ "b" }, posts()[1].exportIds)
    assert.is_nil((service:requests("POST")[1].headers.accept or ""):find("vnd.", 1, true))
    assert.equal("r1", result.runs[1].id)
    service.before = function(request)
      if request.path:find "/export/jobs$" then return 200, {}, '{"records":[]}' end
    end
    local failure = outcome.failure(flow.export_now, flow, nil, { version = 1 })
    assert.equal("no_export", failure.code)
  end)

  it("waits for a run of the same audience that the service names", function()
    local flow, times = flow_of "Busy", 0
    local run = flow:export_now({ "Audience 1" }, QUICK).runs[1].id
    service:forget()
    local seen = runs_take(1)
    service.before = function(request)
      if not request.path:find(ADHOC) then return end
      times = times + 1
      if times == 1 then
        return 400, {}, ('{"message":"Run already going on for audience %s for order %s with run id %s"}'):format(
          live.id(1), flow.id, run)
      end
    end
    local result = flow:export_now({ "Audience 1" }, QUICK)
    assert.same({ 2, 2, 1 }, { times, seen[run], #result.runs })
    assert.truthy(result.explained[1]:find("waited for run " .. run, 1, true), result.explained[1])
  end)

  it("starts nothing while a run of the same audience shows in the list", function()
    local flow = flow_of "Listed"
    local run = flow:export_now({ "Audience 1" }, QUICK).runs[1].id
    service:forget()
    local order = {}
    service.after = function(request, code, headers, body)
      if request.path:find "/runs$" then
        return code, headers, (body:gsub('"status":"success"', '"status":"Waiting"'))
      end
      if request.path:find(run, 1, true) then order[#order + 1] = "look" end
      if request.path:find(ADHOC) then order[#order + 1] = "start" end
    end
    flow:export_now({ "Audience 2" }, QUICK)
    flow:export_now({ "Audience 1" }, QUICK)
    assert.same({ "start", "look", "start" }, order)
  end)

  it("that does not end in time is an error that names what goes on", function()
    local flow = flow_of "Slow"
    runs_take(1000)
    local failure = outcome.failure(flow.export_now, flow, nil, { poll = 0.01, deadline = 0.02 })
    assert.same({ "limit", "deadline" }, { failure.kind, failure.code })
    assert.truthy(failure.message:find("2 of 2 exports had not ended", 1, true), failure.message)
    assert.truthy(failure.message:find("goes on by itself", 1, true), failure.message)
  end)

  it("that failed is an error with its reason", function()
    local flow = flow_of "Failed"
    service.after = function(request, code, headers, body)
      if request.path:find "/runs/" then
        return code, headers, (body:gsub('"statusSummary":{', '"statusSummary":{"errors":[{"code":"X-1",'
          .. '"message":"Job aborted."}],'):gsub('"status":"success"', '"status":"Failed"'))
      end
    end
    local failure = outcome.failure(flow.export_now, flow, nil, QUICK)
    assert.same({ "service", "export_failed" }, { failure.kind, failure.code })
    assert.truthy(failure.message:find("2 of 2 exports failed", 1, true), failure.message)
    assert.truthy(failure.message:find("X-1 Job aborted.", 1, true), failure.message)
  end)

  it("that is refused, or whose answer is lost, says what was started", function()
    local flow, times = flow_of("Refused", 81), 0
    service.before = function(request)
      if not request.path:find(ADHOC) then return end
      times = times + 1
      if times == 2 then return 503, {}, "" end
    end
    local failure = outcome.failure(flow.export_now, flow, nil, QUICK)
    assert.equal(503, failure.status)
    assert.truthy(failure.message:find("started so far: Audience 1 (run ", 1, true), failure.message)
    assert.truthy(failure.message:find("is not known", 1, true), failure.message)
    service.before = function(request)
      if request.path:find(ADHOC) then return 200, {}, '{"order":[]}' end
    end
    assert.equal("not_activated", outcome.failure(flow.export_now, flow, nil, QUICK).code)
  end)

  it("whose run cannot be read says what was started", function()
    local flow = flow_of "Unreadable"
    service.before = function(request)
      if request.path:find "/runs/" then return 404, {}, '{"errorMessage":"gone"}' end
    end
    local failure = outcome.failure(flow.export_now, flow, nil, QUICK)
    assert.truthy(failure.message:find("gone; started so far: Audience 1 (run ", 1, true), failure.message)
  end)

  it("is refused here for what the service would refuse", function()
    local flow = service:flow { name = "Range", audiences = {
      live.audience(1), live.audience(2, { schedule = sluice.schedule.daily { at = "01:00", from = "2020-01-01",
        to = "2020-02-01", past = true } }) } }
    local failure = outcome.failure(flow.export_now, flow, nil, QUICK)
    assert.same({ "recipe", 2 }, { failure.kind, #failure.findings })
    assert.truthy(failure.message:find("a schedule that has begun", 1, true), failure.message)
    assert.truthy(failure.message:find("ended on 2020-02-01", 1, true), failure.message)
    failure = outcome.failure(flow.export_now, flow, { "Audience 3" }, { version = 3, poll = -1, deadline = "soon" })
    assert.equal(4, #failure.findings)
    assert.same({}, service:requests())
    assert.equal("Range", flow:read().name)
  end)
end)
