local core = require "sluice.core"
local emulator = require "sluice.emulator"
local fault_rule = require "sluice.emulator.fault_rule"
local faults = require "sluice.emulator.faults"
local harness = require "spec.emulator.harness"
local ids = require "sluice.emulator.ids"
local outcome = require "spec.support.outcome"
local routes = require "sluice.emulator.routes"

local function read(text) return fault_rule.read(text, routes.operations) end

describe("a fault rule", function()
  it("names operations, by patterns and in the service's own spelling", function()
    assert.same({ ["flows.create"] = true }, read("flows.create:503").operations)
    assert.same({ token = true, ["flows.list"] = true }, read("token,flows.list:503").operations)
    assert.same({ ["source_connections.get"] = true }, read("sourceConnections.get:503").operations)
    assert.same({ ["flows.update"] = true, ["connections.update"] = true, ["source_connections.update"] = true,
      ["target_connections.update"] = true }, read("*:edited").operations)
    local all, count = read("*:503").operations, 0
    for _ in pairs(all) do count = count + 1 end
    assert.equal(#routes.operations, count)
  end)

  for text, expected in pairs {
    ["flows.get:503"] = { name = "STATUS", status = 503, time = "before" },
    ["flows.get:503-after:retry-after=2"] = { name = "STATUS", status = 503, time = "after", retry_after = 2 },
    ["flows.get:retry-date=2:429"] = { name = "STATUS", status = 429, time = "before", retry_date = 2 },
    ["flows.get:reset-after:nth=2"] = { name = "reset", time = "after", from = 2, to = 2 },
    ["flows.get:nth=2-4:close"] = { name = "close", time = "before", from = 2, to = 4 },
    ["flows.get:nth=3-:hang"] = { name = "hang", time = "before", from = 3, to = math.maxinteger },
    ["flows.get:p=0.25:times=3:seed=x:html"] = { name = "html", time = "before", p = 0.25, times = 3, seed = "x" },
    ["flows.get:html-after:502"] = { name = "html", time = "after", status = 502 },
    ["flows.get:502:html"] = { name = "html", time = "before", status = 502 },
    ["flows.get:delay=1.5"] = { name = "delay", time = "before", value = 1.5 },
    ["flows.get:delay-after=1"] = { name = "delay", time = "after", value = 1 },
    ["flows.get:drip"] = { name = "drip", time = "after", value = 0.1 },
    ["flows.list:lag-calls=3"] = { name = "lag-calls", time = "before", value = 3 },
    ["flows.get:expired-token"] = { name = "expired-token", time = "before" },
  } do
    it("is read: " .. text, function()
      local rule = read(text)
      expected.from, expected.to = expected.from or 1, expected.to or math.maxinteger
      expected.p, expected.times = expected.p or 1, expected.times or math.huge
      for field, value in pairs(expected) do
        assert.equal(value, field == "name" and rule.kind.name or rule[field], field)
      end
    end)
  end

  for text, message in pairs {
    [""] = "a fault is a text such as",
    ["503"] = "fault '503': expected OPERATION:FAULT, or a name: bad-network, busy, lagging, slow",
    ["flows.creat:503"] = "no operation is called 'flows.creat', did you mean \"flows.create\"?",
    ["flows.create:"] = "'' is no fault and no condition",
    ["flows.create:nth=2"] = "no fault in it, such as 503",
    ["flows.create:resett"] = "'resett' is no fault and no condition",
    ["flows.create:200"] = "status 200; expected 400 to 599",
    ["flows.create:503:504"] = "503 and 504 are two statuses; write a rule for each",
    ["flows.create:503:hang"] = "'STATUS' and 'hang' are two faults; write a rule for each",
    ["flows.create:nth=0:503"] = "nth is '0'; expected a whole number of at least 1",
    ["flows.create:nth=3-2:503"] = "nth is '2'; expected a whole number of at least 3",
    ["flows.create:nth=x:503"] = "nth is 'x'; expected a number, or a range such as 2-4 or 2-",
    ["flows.create:p=2:503"] = "p is '2'; expected a probability from 0 to 1",
    ["flows.create:times=0:503"] = "times is '0'",
    ["flows.create:delay"] = "'delay' needs a number of seconds, such as delay=2",
    ["flows.create:delay=soon"] = "delay is 'soon'; expected seconds",
    ["flows.create:hang=3"] = "'hang' takes no value",
    ["flows.create:garbage-before"] = "'garbage' cannot be before the work",
    ["flows.create:edited"] = "'edited' means something for updates only, such as flows.update",
    ["flows.get:lag=1"] = "'lag' means something for lists only, such as flows.list",
    ["flows.create:retry-after=1:hang"] = "retry-after and retry-date go with a status",
    ["flows.create:retry-after"] = 'did you mean "retry-after="?',
  } do
    it("is refused: " .. (text == "" and "nothing" or text), function()
      local failure = outcome.failure(read, text)
      assert.equal("usage", failure.kind)
      assert.is_truthy(failure.message:find(message, 1, true), failure.message)
    end)
  end

  it("may be the name of several", function()
    local rules = fault_rule.read_all({ "busy", "token:503" }, routes.operations)
    assert.equal(#fault_rule.presets.busy.rules + 1, #rules)
    for _, preset in pairs(fault_rule.presets) do fault_rule.read_all(preset.rules, routes.operations) end
  end)
end)

describe("faults", function()
  local function strikes(texts, count, seed)
    local made, list = faults.new(texts, routes.operations, ids.new(seed or "a seed")), {}
    for i = 1, count do list[i] = made:plan "flows.get" and "x" or "-" end
    return table.concat(list)
  end

  it("strike at the calls that are counted", function()
    assert.equal("-x---", strikes({ "flows.get:nth=2:503" }, 5))
    assert.equal("-xx--", strikes({ "flows.get:nth=2-3:503" }, 5))
    assert.equal("xx---", strikes({ "flows.get:times=2:503" }, 5))
    assert.equal("-----", strikes({ "flows.create:503" }, 5))
    assert.equal("x-x--", strikes({ "flows.get:nth=1:503", "flows.*:nth=3:reset" }, 5))
  end)

  it("strike by chance, the same with the same seed", function()
    local once = strikes({ "*:p=0.3:503" }, 1000)
    local _, count = once:gsub("x", "")
    assert.is_true(count > 220 and count < 380, count)
    assert.equal(once, strikes({ "*:p=0.3:503" }, 1000))
    assert.not_equal(once, strikes({ "*:p=0.3:503" }, 1000, "another"))
    assert.equal(strikes({ "*:p=0.3:seed=7:503" }, 100), strikes({ "*:p=0.3:seed=7:503" }, 100, "another"))
    assert.equal(("-"):rep(50), strikes({ "*:p=0:503" }, 50))
  end)

  it("add up, but one answer has one fault", function()
    local made = faults.new({ "*:delay=1", "*:delay=0.5", "*:delay-after=2", "*:503", "*:hang" }, routes.operations,
      ids.new "x")
    local plan = made:plan "flows.get"
    assert.same({ 1.5, 2, 503 }, { plan.delay_before, plan.delay_after, plan.answer.status })
    assert.same({ "*:delay=1", "*:delay=0.5", "*:delay-after=2", "*:503" }, plan.rules)
  end)
end)

describe("an emulator with faults", function()
  local server
  after_each(function() server.stop() end)

  --- A client of an emulator; one attempt for each call, unless told.
  local function start(rules, settings, options)
    local given = { seed = "faults", faults = rules }
    for name, value in pairs(options or {}) do given[name] = value end
    server = emulator.start(given)
    local all = { base_url = server.url, ims_url = server.url, org = "O@AdobeOrg", sandbox = "prod", client_id = "c",
      client_secret = "s", scopes = "openid", attempts = 1, timeout = 5 }
    for name, value in pairs(settings or {}) do all[name] = value end
    local client = core.client.new(all)
    return function(operation, arguments) return core.flow_service.call(client, operation, arguments) end
  end

  local BODY = { name = "store", connectionSpec = harness.spec(harness.PROFILE_STORE) }
  local function made() return server.emulator:counts().connections end

  -- Rule, what the client's error holds, was the work done, may the client be sure?
  for _, row in ipairs {
    { "503", { status = 503, kind = "service" }, 0, true },
    { "503-after", { status = 503, kind = "service" }, 1, true },
    { "429", { status = 429 }, 0, nil },
    { "reset", { kind = "http" }, 0, true },
    { "reset-after", { kind = "http" }, 1, true },
    { "close", { kind = "http" }, 0, true },
    { "close-after", { kind = "http" }, 1, true },
    { "html", { kind = "http" }, 0, true },
    { "html-after", { kind = "http" }, 1, true },
    { "html:502", { status = 502 }, 0, true },
    { "no-http", { kind = "http", hint = "check the URL and the network" }, 0, true },
    { "no-http-after", { kind = "http", hint = "check the URL and the network" }, 1, true },
    { "garbage", { kind = "http" }, 1, true },
    { "truncated", { kind = "http" }, 1, true },
    { "wrong-length", { kind = "http" }, 1, true },
  } do
    it("spoils an answer: " .. row[1], function()
      local call = start { "connections.create:" .. row[1] }
      local failure = outcome.failure(call, "connections.create", { body = BODY })
      for field, value in pairs(row[2]) do assert.equal(value, failure[field], tostring(failure)) end
      assert.equal(row[3], made())
      assert.equal(row[4], failure.unsure, tostring(failure))
    end)
  end

  it("lets a client wait for ever", function()
    local call = start({ "connections.create:nth=1:hang", "connections.create:nth=2:hang-after" }, { timeout = 0.1 })
    for done = 0, 1 do
      local failure = outcome.failure(call, "connections.create", { body = BODY })
      assert.same({ "http", true, done }, { failure.kind, failure.unsure, made() })
    end
  end)

  it("empties an answer, and drips it", function()
    local call = start { "connections.create:empty", "connections.list:drip=0" }
    assert.is_nil((call("connections.create", { body = BODY })))
    assert.equal(1, #call("connections.list").items)
  end)

  it("is late, and then does the work all the same", function()
    local call = start({ "connections.create:delay=0.2" }, { timeout = 0.05 })
    outcome.failure(call, "connections.create", { body = BODY })
    assert.equal(0, made())
    for _ = 1, 500 do
      if made() == 1 then break end
      core.task.sleep(0.01)
    end
    assert.equal(1, made())
  end)

  it("is slow as a whole", function()
    local call = start({}, { timeout = 0.05 }, { latency = 0.2 })
    outcome.failure(call, "connections.list")
  end)

  it("asks to come back later, in seconds and by date", function()
    for _, detail in ipairs { "retry-after=1", "retry-date=1" } do
      local seen = {}
      local call = start({ "connections.list:429:times=1:" .. detail },
        { attempts = 2, on_call = function(event) seen[#seen + 1] = event.headers or false end })
      call "connections.list"
      assert.is_truthy(seen[2]["retry-after"]) -- the first call was for the token
      assert.equal(detail == "retry-after=1", seen[2]["retry-after"] == "1")
      server.stop()
    end
  end)

  it("ends a token before its time", function()
    local tokens = 0
    local call = start({ "connections.list:expired-token:nth=2" },
      { on_call = function(event) tokens = tokens + (event.token and 1 or 0) end })
    for _ = 1, 3 do call "connections.list" end
    assert.equal(2, tokens)
    server.emulator:set_faults { "connections.list:expired-token" }
    assert.equal("401013", outcome.failure(call, "connections.list").code)
  end)

  it("lets somebody else be quicker", function()
    local call = start { "connections.update:edited:nth=1" }
    local id = call("connections.create", { body = BODY }).id
    local item = call("connections.get", { id = id })
    local patch = core.patch.new():replace("/name", "mine")
    local failure = outcome.failure(call, "connections.update", { id = id, etag = item.etag, body = patch })
    assert.equal(412, failure.status)
    item = call("connections.get", { id = id })
    assert.same({ "store", "edited by somebody else" }, { item.name, item.description })
    assert.not_equal(item.createdBy, item.updatedBy)
    call("connections.update", { id = id, etag = item.etag, body = patch })
    assert.equal("mine", call("connections.get", { id = id }).name)
  end)

  it("shows what is new later, by number and by time", function()
    local call = start { "connections.list:lag-calls=2" }
    call("connections.create", { body = BODY })
    local counts = {}
    for i = 1, 4 do counts[i] = #call("connections.list").items end
    assert.same({ 0, 0, 1, 1 }, counts)
    server.emulator:set_faults { "connections.list:lag=0.1" }
    assert.equal(0, #call("connections.list").items)
    core.task.sleep(0.11)
    assert.equal(1, #call("connections.list").items)
  end)

  it("changes nothing about its own addresses, and keeps a journal without secrets", function()
    local call = start({ "*:nth=2:503", "flows.list:nth=1:503-after" }, { client_secret = "sentinel-7c1f" })
    outcome.failure(call, "connections.create", { body = BODY })
    call("connections.create", { body = BODY })
    outcome.failure(call, "flows.list")
    outcome.failure(call, "flows.get", { id = "none" })
    local answer = core.http.request { url = server.url .. "/_emulator/journal" }
    local calls = core.json.decode(answer.body).calls
    assert.is_nil(answer.body:find("sentinel", 1, true))
    local seen = {}
    for i, entry in ipairs(calls) do
      assert.same({ i, "number" }, { entry.call, type(entry.seconds) })
      seen[i] = { entry.operation, entry.method, entry.status, entry.fault }
    end
    assert.same({
      { "token", "POST", 200 }, { "connections.create", "POST", nil, "*:nth=2:503" },
      { "connections.create", "POST", 201 }, { "flows.list", "GET", 200, "flows.list:nth=1:503-after" },
      { "flows.get", "GET", 404 } }, seen)
    assert.matches("^%x+%-", calls[3].id)
  end)

  it("writes its journal, a line for each call", function()
    local path = os.tmpname()
    local call = start({ "flows.list:nth=1:503-after" }, nil, { journal = path })
    local id = call("connections.create", { body = BODY }).id
    outcome.failure(call, "flows.list")
    server.emulator.journal:finish(server.emulator.journal:begin { method = "GET", path = "/no/\xFF" })
    local lines = {}
    for _ = 1, 200 do -- a call is over a moment after its answer
      lines = {}
      for line in io.lines(path) do lines[#lines + 1] = core.json.decode(line) end
      if #lines == 4 then break end
      core.task.sleep(0.01)
    end
    os.remove(path)
    assert.same({ "token", "connections.create", "flows.list" },
      { lines[1].operation, lines[2].operation, lines[3].operation })
    assert.equal(id, lines[2].id)
    assert.same({ 200, "flows.list:nth=1:503-after" }, { lines[3].status, lines[3].fault })
    assert.equal("/no/%FF", lines[4].path)
  end)

  it("forgets the oldest calls", function()
    local journal = require "sluice.emulator.journal"
    local kept = journal.new(nil, print)
    for i = 1, journal.MOST + 5 do kept:finish(kept:begin({ method = "GET", path = "/" .. i })) end
    local list = kept:list()
    assert.same({ journal.MOST, "/6" }, { #list, list[1].path })
    start {}
  end)

  it("refuses rules that mean nothing, and a journal that cannot be", function()
    start {}
    assert.equal("usage", outcome.failure(emulator.new, { faults = { "x" } }).kind)
    assert.equal("usage", outcome.failure(emulator.new, { faults = "x" }).kind)
    assert.equal("usage", outcome.failure(emulator.new, { latency = -1 }).kind)
    assert.equal("io", outcome.failure(emulator.new, { journal = "/nowhere/at/all" }).kind)
  end)
end)
