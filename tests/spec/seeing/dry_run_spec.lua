--- A dry run sends reads alone, goes on to the end, and plans what a real run then does.
local combinations = require "support.combinations"
local core = require "sluice.core"
local live = require "spec.support.live"
local redact = require "sluice.seeing.redact"
local seeing = require "sluice.seeing"
local sluice = require "sluice"

local here

--- A connection to the emulator that is a dry run's.
local function planned()
  local lines = {}
  local watch = seeing.open({ dry_run = true, trace = "line" }, { line = function(text) lines[#lines + 1] = text end })
  local server = here.server
  local aep = sluice.connect { base_url = server.url, ims_url = server.url, org = "0123456789ABCDEF01234567@AdobeOrg",
    client_id = "c", client_secret = "s", scopes = "openid", sandbox = "prod", token_cache = false,
    observe = function(settings) watch:attach(settings) end }
  return aep, watch, lines
end

--- Requests in a form in which those of two runs can be compared: without IDs, in order of their text.
local function comparable(requests, ids, body_of)
  local list = {}
  for i, request in ipairs(requests) do
    local body = body_of(request)
    local text = ("%s %s %s"):format(request.method, request.path, body ~= nil and core.json.encode(body) or "")
    for _, id in ipairs(ids) do text = text:gsub((id:gsub("%p", "%%%0")), "ID") end
    text = text:gsub("00000000%-0000%-4000%-8000%-%x+", "ID")
    list[i] = text:gsub("‹secret [^›]*›", "‹secret›")
  end
  table.sort(list)
  return list
end

local function values(map)
  local list = {}
  for _, value in pairs(map) do list[#list + 1] = value end
  return list
end

describe("a dry run", function()
  before_each(function() here = live.start() end)
  after_each(function() here.server.stop() end)

  for _, combination in ipairs(combinations.list) do
    it("plans what is then done: " .. combination.title, function()
      local definition = combinations.definition(combination, "Dry")
      local aep, watch, lines = planned()
      local plan = sluice.destination(definition):apply(aep)
      assert.same({}, here:requests(), "nothing but reads is sent")
      assert.same({ 0, 0 }, { here.server.emulator:counts().connections, here.server.emulator:counts().flows })
      assert.is_true(watch:finish())
      assert.equal(("dry run: %d writes not sent, nothing was changed"):format(#watch.dry_run.writes), lines[#lines])

      local result = sluice.destination(definition):apply(here.aep)
      assert.same({ result.created, result.changed }, { plan.created, plan.changed })
      local redactor = redact.new()
      local ids = values(result.ids)
      local set = core.pointer.get(result.flow, "/transformations/0/params/profileMapping/mappingId")
      if set then ids[#ids + 1] = set end
      for _, request in ipairs(here:requests()) do
        if request.path:find "/conversion/mappingSets" then
          local body = core.json.decode(request.body)
          table.move({ body.inputSchema.id, body.outputSchema.id }, 1, 2, #ids + 1, ids)
        end
      end
      assert.same(comparable(here:requests(), ids, function(request)
        return redactor:value(core.json.decode(request.body))
      end), comparable(watch.dry_run.writes, ids, function(request) return request.body end))
    end)
  end

  it("finds what it has planned, so that two destinations share it", function()
    local aep, watch = planned()
    local first = sluice.destination(live.definition()):apply(aep)
    local second = sluice.destination(live.definition()):apply(aep)
    assert.same({ 5, 0, 0 }, { first.created, second.created, second.changed })
    assert.same(first.ids, second.ids)
    assert.equal(6, #watch.dry_run.writes)
  end)

  it("changes what is live in thought only", function()
    local _, result = here:flow()
    local aep, watch = planned()
    local flow = sluice.dataflow(aep, result.ids.flow, { pause = 0 })
    assert.equal(1, flow:add_audiences({ live.audience(3) }).changed)
    assert.same({ live.id(1), live.id(2), live.id(3) }, live.audiences(aep.flows:get(result.ids.flow)))
    flow:disable()
    assert.equal("disabled", aep.flows:get(result.ids.flow).state)
    assert.same({}, here:requests())
    assert.same({ live.id(1), live.id(2) }, live.audiences(here.aep.flows:get(result.ids.flow)))
    assert.same({ "PATCH", "POST" }, { watch.dry_run.writes[1].method, watch.dry_run.writes[2].method })
  end)

  it("exports now in thought only", function()
    local _, result = here:flow()
    local aep = planned()
    local done = sluice.dataflow(aep, result.ids.flow, { pause = 0,
      now = 1900000000 }):export_now({ live.id(1) }, { poll = 0 })
    assert.equal(1, #done.runs)
    assert.same({}, here:requests())
  end)

  it("deletes in thought only", function()
    local _, result = here:flow()
    local aep = planned()
    aep.flows:delete(result.ids.flow)
    local ok, err = pcall(aep.flows.get, aep.flows, result.ids.flow)
    assert.is_false(ok)
    assert.equal(404, err.status)
    assert.same({}, here:requests())
    assert.equal(result.ids.flow, here.aep.flows:get(result.ids.flow).id)
  end)

  it("sends searches, which read by POST", function()
    local aep, watch = planned()
    assert.same({}, aep.flows:search { queryString = "name==x" })
    assert.equal(1, #here:requests "POST")
    assert.same({}, watch.dry_run.writes)
  end)

  it("answers reads of what exists in it only", function()
    local aep = planned()
    local made = aep.connections:create { name = "n", connectionSpec = { id = "s", version = "1.0" } }
    here:forget()
    assert.equal("n", aep.connections:get(made.id).name)
    assert.same({}, aep.runs:list { property = "flowId==" .. made.id })
    local ok, err = pcall(aep.connections.explore, aep.connections, made.id)
    assert.is_false(ok)
    assert.same({ 404, "what it is part of exists in this dry run only" }, { err.status, err.message })
    assert.same({}, here.sent)
  end)

  it("lists what it has planned by its name, and gives each state an etag of its own", function()
    local aep = planned()
    local spec = { id = "s", version = "1.0" }
    local made = aep.connections:create { name = "one", connectionSpec = spec }
    aep.connections:create { name = "two", connectionSpec = spec }
    local found = aep.connections:list { property = "name==one" }
    assert.same({ 1, made.id, made.etag }, { #found, found[1].id, found[1].etag })
    aep.connections:update(made.id, { { op = "add", path = "/description", value = "d" } })
    local after = aep.connections:get(made.id)
    assert.equal("d", after.description)
    assert.not_equal(made.etag, after.etag)
  end)

  it("refuses patches that fit nothing", function()
    local aep = planned()
    local made = aep.connections:create { name = "n", connectionSpec = { id = "s", version = "1.0" } }
    local ok, err = pcall(aep.connections.update, aep.connections, made.id, { { op = "remove", path = "/none/x" } })
    assert.is_false(ok)
    assert.same({ "service", 400 }, { err.kind, err.status })
  end)

  it("goes on where a change is of something never read", function()
    local aep = planned()
    local answer = aep:request { method = "PATCH", path = "/data/foundation/flowservice/flows/7",
      body = { { op = "add", path = "/name", value = "n" } } }
    assert.equal("7", answer.id)
    assert.is_nil((aep:request { method = "DELETE", path = "/data/other/7" }))
    assert.equal("7", aep:request { method = "PUT", path = "/data/other/7", body = { a = 1 } }.id)
    assert.equal("enabled", aep:request { path = "/data/foundation/flowservice/flows/" .. aep:request {
      method = "POST", path = "/data/foundation/flowservice/flows", body = { name = "f" } }.id }.items[1].state)
    assert.is_string(aep:request { method = "POST", path = "/data/other", body = core.json.array { 1 } }.id)
  end)

  it("prints what would be written, without secrets", function()
    local aep, _, lines = planned()
    aep.connections:create { name = "n", auth = { params = { host = "h", password = "hidden-sentinel" } } }
    local text = table.concat(lines, "\n")
    assert.is_nil(text:find("hidden-sentinel", 1, true))
    assert.is_truthy(text:find([[
dry run, not sent: POST /data/foundation/flowservice/connections
  {
    "auth": {
      "params": {
        "host": "h",
        "password": "‹secret password›"
      }
    },
    "name": "n"
  }
  goes on with the made-up ID 00000000-0000-4000-8000-000000000001
]], 1, true), text)
  end)

  it("says so when there was nothing to write", function()
    local aep, watch, lines = planned()
    aep.flows:list()
    watch:finish()
    assert.equal("dry run: there was nothing to write", lines[#lines])
  end)
end)
