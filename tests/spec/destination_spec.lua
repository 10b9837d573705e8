local core = require "sluice.core"
local destination = require "sluice.destination"
local fake_aep = require "spec.support.fake_aep"
local outcome = require "spec.support.outcome"
local schedule = require "sluice.activation.schedule"

local LOYAL, NEW = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", "1c5ee19f-a3b2-4c1b-8d4e-803d77b2f6e2"
local TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
local SELECTORS = "/transformations/0/params/segmentSelectors/selectors"

local function audience(id, changes)
  local made = { id = id, filename = TEMPLATE,
    schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2999-12-31" } }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

local function campaign(changes)
  local made = {
    name = "Loyal", type = "adobe-campaign",
    auth = { domain = "d.example.com", host = "h.example.com", username = "u",
      password = core.secret.new("PASSWORD", "hush-hush") },
    target = { remotePath = "/in" },
    audiences = { audience(LOYAL) },
    attributes = { "person.name.firstName", { path = "personalEmail.address", mandatory = true,
      deduplicate = true } },
  }
  for key, value in pairs(changes or {}) do made[key] = value ~= "none" and value or nil end
  return made
end

local function with(part, changes)
  local made = {}
  for key, value in pairs(campaign()[part]) do made[key] = value end
  for key, value in pairs(changes) do made[key] = value ~= "none" and value or nil end
  return campaign { [part] = made }
end

--- What is told, but for the one warning that every older storage card draws.
local function findings(definition)
  local told = {}
  for _, finding in ipairs(destination.new(definition):validate()) do
    if not finding.message:find "^Adobe moved" then told[#told + 1] = finding end
  end
  return outcome.lines(told)
end

local function apply(aep, definition, options)
  return destination.new(definition or campaign()):apply(aep, options)
end

describe("a definition", function()
  it("is fine as the tutorial has it", function()
    assert.equal("", findings(campaign()))
  end)

  local S3 = { s3AccessKey = ("A2"):rep(10), s3SecretKey = core.secret.new("K", "x") }
  local function s3(auth, target)
    return { name = "n", type = "amazon-s3", auth = auth or S3, target = target or { bucketName = "abc",
      path = "p" },
      audiences = { audience(LOYAL) }, attributes = { "a" } }
  end

  for i, case in ipairs {
    { campaign { name = "none" }, "error /name: missing: expected a name for the dataflow" },
    { campaign { name = "a\xFFb" }, "error /name: expected a name for the dataflow, got bytes that are not UTF-8" },
    { with("target", { remotePath = "\xC3" }), "error /target/remotePath: expected text, got bytes" },
    { campaign { audiences = { audience(LOYAL, { name = "\xC3(" }) } },
      "error /audiences/0/name: expected text, got bytes" },
    { campaign { type = "none" }, 'error /type: missing: expected "adobe-campaign", ' },
    { campaign { type = "adobe-campain" }, 'error /type: unknown destination type "adobe-campain": '
      .. 'did you mean "adobe-campaign"?' },
    { campaign { audience = {} }, 'error /audience: unknown key; did you mean "audiences"?' },
    { campaign { auth = "none" },
      "error /auth: missing: expected a table with the credentials of Adobe Campaign" },
    { campaign { target = "none" }, "error /target: missing: expected a table that says where the files go" },
    { with("auth", { spec = "SFTP with pasword" }), 'error /auth/spec: Adobe Campaign has no auth spec '
      .. '"SFTP with pasword"; expected .*did you mean "SFTP with Password"?' },
    { with("auth", { password = "none" }), 'error /auth/spec: missing, and the other keys do not settle it' },
    { with("auth", { spec = "SFTP with Password", password = "none" }),
      'error /auth/password: missing: required by "SFTP with Password"' },
    { with("auth", { host = "none" }), 'error /auth/host: missing: required by "SFTP with Password"' },
    { with("auth", { host = 7 }), "error /auth/host: expected text, got 7" },
    { with("auth", { spec = "SFTP with Password", pasword = "hush-hush" }),
      'error /auth/pasword: unknown key; .*did you mean "password"?' },
    { with("auth", { password = 12345 }), "error /auth/password: expected a secret or text" },
    { with("auth", { password = "none", sshKey = "-----BEGIN KEY-----" }),
      "error /auth/sshKey: expected the private key in Base64" },
    { with("target", { mode = "S3" }), 'error /target/mode: "S3" does not go with the credentials '
      .. '"SFTP with Password"; expected "FTP"' },
    { with("target", { mode = "SFTP" }), 'error /target/mode: Adobe Campaign has no target mode "SFTP"; '
      .. 'expected "S3", "AZURE_BLOB" or "FTP"; did you mean "FTP"?' },
    { with("target", { remotePath = "none" }), 'error /target/remotePath: missing: required by mode "FTP"' },
    { with("target", { remotepath = "/x" }),
      'error /target/remotepath: unknown key; .*did you mean "remotePath"?' },
    { with("target", { format = "JSON" }), 'error /target/format: expected "CSV", got "JSON"' },
    { with("target", { format = "CSV" }), "" },
    { s3(), "" },
    { s3 { s3AccessKey = "akia", s3SecretKey = S3.s3SecretKey },
      'error /auth/s3AccessKey: expected 20 characters out of A-Z and 2-7, got "akia"' },
    { s3 { s3AccessKey = S3.s3AccessKey, s3SecretKey = "hush-hush" },
      "error /auth/s3SecretKey: expected 40 characters out of A-Z, a-z, 0-9, / and +" },
    { s3(nil, { bucketName = "My_Bucket", path = "p" }),
      'error /target/bucketName: expected 3 to 63 characters' },
    { s3(nil, { bucketName = "192.168.0.1", path = "p" }), "error /target/bucketName: expected 3 to 63" },
    { s3(nil, { bucketName = "a.-b", path = "p" }), "error /target/bucketName: expected 3 to 63" },
    { s3(nil, { bucketName = "a.b-1", path = "p" }), "" },
    { { name = "n", type = "azure-blob", auth = { connectionString = "cs" },
      target = { container = "$web", path = "p" }, audiences = { audience(LOYAL) }, attributes = { "a" } },
      'warning /target/container: expected 3 to 63 characters: .*, got "$web"' },
    { { name = "n", type = "sftp", auth = { domain = "d", host = "h", username = "u", sshKey = "AAAA",
      port = "22" },
      target = { remotePath = "/" }, audiences = { audience(LOYAL) }, attributes = { "a" } },
      'error /auth/port: expected an integer, got "22"' },
  } do
    it(("%d is told: %s"):format(i, case[2] == "" and "nothing" or case[2]), function()
      local found = findings(case[1])
      if case[2] == "" then return assert.equal("", found) end
      assert.truthy(found:find((case[2]:gsub("[%-?()$]", "%%%0"))), found)
      assert.falsy(found:find("\n", 1, true), found)
      assert.falsy(found:find("hush", 1, true))
    end)
  end

  it("is told everything at once, and nothing is sent", function()
    local aep = fake_aep.new()
    local wrong = campaign { type = "sftp", name = "none", audiences = { audience "x" },
      attributes = { "a b" } }
    local failure = outcome.failure(apply, aep, wrong)
    assert.equal("recipe", failure.kind)
    assert.equal(3, #failure.findings:only "error")
    for _, place in ipairs { "/name", "/audiences/0/id", "/attributes/0" } do
      assert.truthy(failure.message:find(place .. ": ", 1, true), failure.message)
    end
    assert.equal(4, #failure.findings)
    assert.equal(0, #aep.requests)
  end)

  it("is told of the newer card in place of an older one", function()
    assert.equal('warning /type: Adobe moved the destinations of this card to a newer one by July 2023: use '
      .. '"amazon-s3-v2"', outcome.lines(destination.new(s3()):validate()))
  end)

  it("must be a table", function()
    local ok, message = pcall(function()
      local made = destination.new "campaign"
      return made
    end)
    assert.is_false(ok)
    assert.truthy(message:find('destination_spec.lua:%d+: [%w.]+: expected a table, got "campaign"$'))
    assert.is_true(destination.is(destination.new {}))
    assert.is_false(destination.is {})
  end)
end)

describe("applying", function()
  local aep
  before_each(function() aep = fake_aep.new() end)

  local function item(collection, body)
    return aep[collection]:find_item(aep[collection]:create(body).id)
  end

  it("creates everything, tells each step, and gives the result", function()
    local told = {}
    local result = apply(aep, nil,
      { on_step = function(step) told[#told + 1] = step.action .. " " .. step.what end })
    assert.same({
      "found flow spec", "created Profile Store connection", "created base connection",
      "created source connection", "created target connection", "created dataflow", "updated activation",
      "verified verification",
    }, told)
    assert.equal(#told, #result.steps)
    for _, step in ipairs(result.steps) do
      assert.truthy(step.id and step.name and math.type(step.ms))
    end
    assert.same({ "Loyal", "adobe-campaign", 5, 5 }, { result.name, result.type, result.created,
      result.changed })
    assert.same({
      profile_store_connection = "connections-1", base_connection = "connections-2",
      source_connection = "source_connections-1", target_connection = "target_connections-1",
        flow = "flows-1",
    }, result.ids)
    assert.equal("flows-1", result.flow.id)
    assert.same({ mode = "FTP", remotePath = "/in", format = "CSV" }, result.target.params)
    assert.equal("connections-1", result.source.baseConnectionId)
    assert.same({}, result.warnings)
  end)

  it("again creates and changes nothing", function()
    apply(aep)
    aep.requests = {}
    local result = apply(aep)
    assert.same({ 0, 0 }, { result.created, result.changed })
    assert.equal(0, #fake_aep.requests(aep, "create") + #fake_aep.requests(aep, "update"))
    assert.equal("found dataflow", result.steps[6].action .. " " .. result.steps[6].what)
  end)

  it("adds what is missing to an existing dataflow, and leaves the rest", function()
    apply(aep)
    local selectors = core.pointer.get(aep.flows.items[1], SELECTORS)
    selectors[1].value.createTime = "1640000000"
    aep.requests = {}
    local result = apply(aep, campaign {
      audiences = { audience(NEW), audience(LOYAL) },
      attributes = { { path = "person.name.firstName", mandatory = true }, "person.name.lastName",
        { path = "personalEmail.address", deduplicate = true } },
    })
    assert.equal(3, result.changed)
    local patch = fake_aep.requests(aep, "update")[1].patch
    assert.same({ "add", SELECTORS .. "/-", NEW }, { patch[1].op, patch[1].path, patch[1].value.value.id })
    assert.equal("person.name.lastName", patch[2].value.value.path)
    assert.same({ "personalEmail.address", "person.name.firstName" }, patch[3].value)
    assert.equal("1 audience, 1 attribute, mandatory fields", result.steps[7].name)
  end)

  it("replaces an audience whose schedule or file name differs, with everything the service added", function()
    apply(aep)
    local stored = core.pointer.get(aep.flows.items[1], SELECTORS)[1].value
    stored.createTime, stored.updateTime = "1640000000", "1640000001"
    aep.requests = {}
    local late = schedule.daily { at = "05:00", from = "2030-01-01", to = "2999-12-31" }
    local result = apply(aep, campaign { audiences = { audience(NEW), audience(LOYAL,
      { schedule = late }) } })
    assert.equal(2, result.changed)
    local operation = fake_aep.requests(aep, "update")[1].patch[2]
    assert.same({ "replace", SELECTORS .. "/0" }, { operation.op, operation.path })
    assert.same({ "1640000000", "1640000001", "05:00", LOYAL, TEMPLATE }, { operation.value.value.createTime,
      operation.value.value.updateTime, operation.value.value.schedule.startTime, operation.value.value.id,
      operation.value.value.filenameTemplate })
    assert.equal(0, apply(aep, campaign { audiences = { audience(LOYAL, { schedule = late }) } }).changed)
  end)

  for key, value in pairs { filename = TEMPLATE .. "_x", export = "FIRST_FULL_THEN_INCREMENTAL" } do
    it("replaces an audience that differs in its " .. key, function()
      apply(aep)
      assert.equal(1, apply(aep, campaign { audiences = { audience(LOYAL, { [key] = value }) } }).changed)
    end)
  end

  it("does not mind what the service writes in its own way", function()
    apply(aep, campaign { audiences = {
      audience(LOYAL, { export = "FIRST_FULL_THEN_INCREMENTAL" }),
      audience(NEW, { schedule = schedule.after_evaluation { from = "2030-01-01", to = "2999-12-31" } }),
    } })
    local selectors = core.pointer.get(aep.flows.items[1], SELECTORS)
    selectors[1].value.name = "the audience's own name"
    selectors[1].value.schedule.triggerType = "SCHEDULED"
    selectors[2].value.schedule.startTime = "00:00"
    selectors[2].value.schedule.endTime = core.json.null
    local result = apply(aep, campaign { audiences = {
      audience(LOYAL, { name = "Loyal", export = "FIRST_FULL_THEN_INCREMENTAL" }),
      audience(NEW, { schedule = schedule.after_evaluation { from = "2030-01-01", to = "2999-12-31" } }),
    } })
    assert.equal(0, result.changed)
  end)

  it("puts other deduplication keys right as a whole", function()
    apply(aep)
    local other = { path = "person.name.firstName", deduplicate = true }
    local result = apply(aep, campaign { attributes = { other } })
    assert.equal(1, result.changed)
    assert.same({ { fieldType = "ATTRIBUTE", attributePath = "person.name.firstName" } },
      core.pointer.get(result.flow, "/transformations/0/params/profileSelectors/primaryFields"))
  end)

  it("does not leave a second deduplication key standing", function()
    local both = { { path = "a", deduplicate = true }, { path = "b", deduplicate = true } }
    apply(aep, campaign { attributes = both })
    assert.equal(0, apply(aep, campaign { attributes = both }).changed)
    assert.equal(1, apply(aep, campaign { attributes = { both[1], "b" } }).changed)
  end)

  it("makes a secret of a password that is given as text", function()
    apply(aep, with("auth", { password = "hush-hush" }))
    local auth = fake_aep.requests(aep, "create")[2].body.auth
    assert.is_true(core.secret.is(auth.params.password))
    assert.equal("u", auth.params.username)
  end)

  it("leaves deduplication keys alone when none is wanted", function()
    apply(aep, campaign { attributes = { { path = "a", deduplicate = true } } })
    assert.equal(0, apply(aep, campaign { attributes = { "a" } }).changed)
  end)

  it("takes no connection of another parent for its own", function()
    apply(aep)
    aep.connections.items[2].name, aep.flows.items = "renamed", {}
    local result = apply(aep)
    assert.equal("target_connections-2", result.ids.target_connection)
  end)

  it("uses the etag of the creation, and reads the dataflow again when it changed meanwhile", function()
    apply(aep)
    assert.equal('"1"', fake_aep.requests(aep, "update")[1].options.etag)
    aep = fake_aep.new()
    local touched = false
    aep.before = function(request)
      if request.verb == "update" and not touched then
        touched = true
        aep.flows.items[1].etag = '"2"'
      end
    end
    assert.equal(5, apply(aep).changed)
    assert.same({ '"1"', '"2"' }, { fake_aep.requests(aep, "update")[1].options.etag,
      fake_aep.requests(aep, "update")[2].options.etag })
  end)

  it("gives up when the dataflow keeps changing", function()
    aep.before = function(request)
      if request.verb == "update" then aep.flows.items[1].etag = aep.flows.items[1].etag .. "x" end
    end
    assert.equal(412, outcome.failure(apply, aep).status)
    assert.equal(3, #fake_aep.requests(aep, "update"))
  end)

  --- Lets the answers to updates be lost: of the first `count` ones, before or after the work was done.
  local function lose_updates(count, done)
    local update = aep.flows.update
    rawset(aep.flows, "update", function(self, id, patch, options)
      count = count - 1
      if count < 0 or done then update(self, id, patch, options) end
      if count >= 0 then core.error.raise("http", "no answer", { unsure = true }) end
    end)
  end

  it("reads the dataflow again when the answer to its patch is lost", function()
    lose_updates(1, true)
    assert.equal(5, apply(aep).changed)
    assert.equal(1, #fake_aep.requests(aep, "update"))
  end)

  it("sends its patch once more when it was not done", function()
    lose_updates(1, false)
    assert.equal(5, apply(aep).changed)
    assert.equal(1, #fake_aep.requests(aep, "update"))
  end)

  it("gives up when the answer to its patch is lost twice", function()
    lose_updates(2, false)
    local failure = outcome.failure(apply, aep)
    assert.equal(true, failure.unsure)
    assert.equal(5, #failure.created)
    assert.equal(0, #fake_aep.requests(aep, "update"))
    lose_updates(0)
    assert.equal(5, apply(aep).changed)
  end)

  it("leaves the doubt when the dataflow cannot be read after a lost answer", function()
    lose_updates(1, false)
    aep.before = function(request)
      if request.verb == "get" and request.collection == "flows" then
        core.error.raise("http", "the network is gone")
      end
    end
    local failure = outcome.failure(apply, aep)
    assert.truthy(failure.message:find('^no answer; whether dataflow "Loyal" %(flows%-1%) was activated is not known, '
      .. "for it could not be read: the network is gone; created so far: "), failure.message)
  end)

  it("does not take a success answer for proof", function()
    aep.forgetful = true
    local failure = outcome.failure(apply, aep)
    assert.equal("service", failure.kind)
    for _, part in ipairs { 'dataflow "Loyal" (flows-1) lacks: audience ' .. LOYAL,
      "attribute person.name.firstName",
      "mandatory personalEmail.address", "deduplication by personalEmail.address", "created so far: " } do
      assert.truthy(failure.message:find(part, 1, true), failure.message)
    end
  end)

  for verb, case in pairs {
    ["target_connections"] = { 3, "source connection" },
    ["flows"] = { 4, "target connection" },
  } do
    it("names what exists when creating in " .. verb .. " fails, and continues the next time", function()
      aep.before = function(request)
        if request.verb == "create" and request.collection == verb then
          core.error.raise("service", "Refused", { status = 403 })
        end
      end
      local failure = outcome.failure(apply, aep)
      assert.equal(403, failure.status)
      assert.equal(case[1], #failure.created)
      assert.same({ what = "Profile Store connection", name = "Loyal - Profile Store", id = "connections-1" },
        failure.created[1])
      assert.equal(case[2], failure.created[case[1]].what)
      local said = '^Refused; created so far: Profile Store connection "Loyal %- Profile Store" '
        .. "%(connections%-1%), .*; run the same recipe again to continue from there$"
      assert.truthy(failure.message:find(said), failure.message)
      assert.falsy(tostring(failure):find("hush", 1, true))
      aep.before = nil
      assert.equal(5 - case[1], apply(aep).created)
      assert.equal(2, #aep.connections.items)
    end)
  end

  for kind, status in pairs { http = false, limit = false, interrupted = false, service = 504 } do
    it("says that a creation may have happened when its answer is lost: " .. kind, function()
      aep.before = function(request)
        if request.verb == "create" and request.body.auth then
          core.error.raise(kind, "no answer", { status = status or nil, unsure = kind ~= "interrupted" })
        end
      end
      local failure = outcome.failure(apply, aep)
      assert.truthy(failure.message:find('^no answer; whether the base connection "Loyal %- account" was '
        .. "created is not known; created so far: Profile Store connection .*; run the same recipe again"),
        failure.message)
    end)
  end

  it("says which creations were under way when it is interrupted", function()
    aep.before = function(request)
      if request.verb == "create" then core.task.sleep(60) end
    end
    local task = core.task.spawn(apply, aep)
    while #fake_aep.requests(aep, "create") < 2 do core.task.sleep(0) end
    task:cancel()
    local failure = outcome.failure(task.wait, task)
    assert.equal("interrupted", failure.kind)
    assert.truthy(failure.message:find('; whether the Profile Store connection "Loyal - Profile Store" and the base '
      .. 'connection "Loyal - account" were created is not known; run the same recipe again', 1, true),
      failure.message)
  end)

  it("says nothing of a creation that surely did not happen", function()
    aep.before = function(request)
      if request.verb == "create" and request.body.auth then core.error.raise("http", "nobody listens") end
    end
    assert.truthy(outcome.failure(apply, aep).message:find "^nobody listens; created so far: Profile Store connection")
  end)

  it("does not tell a doubt twice", function()
    aep.before = function(request)
      if request.verb == "create" and request.body.auth then
        core.error.raise("http", 'no answer; whether "Loyal - account" was created is not known', { unsure = true })
      end
    end
    local _, count = outcome.failure(apply, aep).message:gsub("is not known", "")
    assert.equal(1, count)
  end)

  it("says nothing of creations when there were none", function()
    aep.before = function() core.error.raise("http", "no answer") end
    local failure = outcome.failure(apply, aep)
    assert.equal("no answer", failure.message)
    assert.same({}, failure.created)
  end)

  it("names a flow spec that the service does not have", function()
    aep.flow_specs.items = {}
    local failure = outcome.failure(apply, aep)
    local said = 'no flow spec called "upsToCampaign": Adobe Campaign is not available'
    assert.truthy(failure.message:find(said, 1, true), failure.message)
    assert.equal(0, #fake_aep.requests(aep, "create"))
  end)

  it("refuses to choose among several", function()
    apply(aep)
    item("target_connections", aep.target_connections.items[1])
    local failure = outcome.failure(apply, aep)
    assert.equal("ambiguous", failure.code)
    assert.truthy(failure.message:find('2 existing target connections are called "Loyal - target": '
      .. "target_connections-1, target_connections-2", 1, true), failure.message)
  end)

  it("takes of several dataflows the one that joins the right connections", function()
    apply(aep)
    item("flows", aep.flows.items[1]).sourceConnectionIds = { "elsewhere" }
    assert.equal("flows-1", apply(aep).ids.flow)
  end)

  for what, case in pairs {
    ["target connection"] = {
      function(service) service.target_connections.items[1].params.remotePath = "/out" end,
      '"Loyal - target" (target_connections-1) differs: remotePath is "/out", wanted "/in"' },
    ["dataflow"] = { function(service) service.flows.items[1].targetConnectionIds = { "t-9" } end,
      'existing dataflow "Loyal" (flows-1) differs: target is "t-9", wanted "target_connections-1"' },
    ["dataflow of a lost source"] = { function(service) service.source_connections.items = {} end,
      'existing dataflow "Loyal" (flows-1) differs: source is "source_connections-1", wanted "a new one"' },
    ["account"] = { function(service)
      service.connections.items[2].auth.params.username = nil
      service.connections.items[2].auth.params.userName = "other"
    end,
      'base connection "Loyal - account" (connections-2) differs: username is "other", wanted "u"' },
    ["kind of account"] = { function(service) service.connections.items[2].auth.specName = "S3" end,
      'differs: specName is "S3", wanted "SFTP with Password"' },
  } do
    it("never silently uses another " .. what, function()
      apply(aep)
      case[1](aep)
      aep.requests = {}
      local failure = outcome.failure(apply, aep)
      assert.equal("differs", failure.code)
      assert.truthy(failure.message:find(case[2], 1, true), failure.message)
      assert.equal(0, #fake_aep.requests(aep, "create"))
    end)
  end

  it("does not compare what cannot be seen", function()
    apply(aep)
    aep.connections.items[2].auth.params = { username = "***", password = "****" }
    assert.equal(0, apply(aep).created)
  end)

  it("uses connections only under their own parent", function()
    apply(aep)
    aep.flows.items = {}
    aep.source_connections.items[1].baseConnectionId = "elsewhere"
    local result = apply(aep)
    assert.equal(2, result.created)
    assert.equal("source_connections-2", result.ids.source_connection)
  end)

  it("warns of a disabled dataflow", function()
    apply(aep)
    aep.flows.items[1].state = "disabled"
    assert.equal("the dataflow is disabled", apply(aep).warnings[1].message)
  end)

  it("passes the definition's warnings on", function()
    local result = apply(aep, campaign { attributes = {} })
    assert.equal("/attributes", result.warnings[1].place)
  end)

  it("copes with names that cannot stand in a filter", function()
    local definition = campaign { name = 'Loyal, "best" = first' }
    assert.equal(5, apply(aep, definition).created)
    assert.equal(0, apply(aep, definition).created)
  end)
end)

describe("the organisation's own spec", function()
  local aep, document

  local function sftp(auth)
    return campaign { type = "sftp", auth = auth or { host = "h.example.com", username = "u",
      password = "p" } }
  end

  before_each(function()
    aep = fake_aep.new()
    document = aep.connection_specs:find_item "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0"
  end)

  it("gets a domain where it asks for one: the host's", function()
    document.authSpec = { { name = "Basic Authentication for sftp",
      spec = { required = { "host", "username", "password", "domain" } } } }
    apply(aep, sftp())
    assert.equal("h.example.com", aep.connections.items[2].auth.params.domain)
    aep = fake_aep.new()
    apply(aep, sftp())
    assert.is_nil(aep.connections.items[2].auth.params.domain)
  end)

  it("cannot get a domain where there is no host", function()
    document = aep.connection_specs:find_item "4890fc95-5a1f-4983-94bb-e060c08e3f81"
    document.authSpec = { { name = "Access Key", spec = { required = { "domain" }, properties = { domain = {} } } } }
    local failure = outcome.failure(apply, aep, campaign { type = "amazon-s3",
      auth = { s3AccessKey = ("A2"):rep(10), s3SecretKey = ("a"):rep(40) },
      target = { bucketName = "abc", path = "p" } })
    local said = '/auth/domain: missing: required by "Access Key"'
    assert.truthy(failure.message:find(said, 1, true), failure.message)
  end)

  for expected, change in pairs {
    ['/auth/spec: SFTP has no auth spec "Basic Authentication for sftp"; expected "SFTP with Password"'] =
      function() document.authSpec = { { name = "SFTP with Password" } } end,
    ['/auth/region: missing: required by "Basic Authentication for sftp"'] = function()
      document.authSpec = { { name = "Basic Authentication for sftp",
        spec = { required = { "region" }, properties = { region = {} } } } }
    end,
    ['/target/mode: SFTP has no target mode "FTP"; expected "Server-to-server"'] = function()
      document.targetSpec = { spec = { properties = { mode = { enum = { "Server-to-server" } } } } }
    end,
    ['/target/compression: missing: required by mode "FTP"'] = function()
      document.targetSpec = { spec = { required = { "mode", "compression" }, properties = { compression = {} } } }
    end,
  } do
    it("has the last word: " .. expected, function()
      change()
      local wanted = sftp { spec = "Basic Authentication for sftp", host = "h.example.com", username = "u",
        password = "p" }
      wanted.target.mode = "FTP"
      local failure = outcome.failure(apply, aep, wanted)
      assert.equal("recipe", failure.kind)
      assert.truthy(failure.message:find(expected, 1, true), failure.message)
      assert.equal(0, #fake_aep.requests(aep, "create"))
      local told = outcome.lines(destination.new(wanted):validate(aep))
      assert.truthy(told:find("error " .. expected, 1, true), told)
    end)
  end

  it("decides between two names of one auth spec", function()
    document.authSpec = { { name = "SSH PublicKey Authentication for sftp" } }
    apply(aep, sftp { domain = "d", host = "h", username = "u", sshKey = "AAAA", port = 22 })
    assert.equal("SSH PublicKey Authentication for sftp", aep.connections.items[2].auth.specName)
    assert.equal(22, aep.connections.items[2].auth.params.port)
    aep = fake_aep.new()
    apply(aep, sftp { spec = "SSH PublicKey Authentication for sftp", domain = "d", host = "h",
      username = "u", sshKey = "AAAA" })
    assert.equal("SFTP with SSH Key", aep.connections.items[2].auth.specName)
  end)

  it("must exist", function()
    aep.connection_specs.items = {}
    assert.equal(404, outcome.failure(apply, aep, sftp()).status)
    assert.equal(0, #fake_aep.requests(aep, "create"))
  end)
end)
