--- Rotating the credentials of an account, on the emulator.

local live = require "spec.support.live"
local outcome = require "spec.support.outcome"
local sluice = require "sluice"

describe("an account", function()
  local service
  setup(function() service = live.start() end)
  teardown(function() service.server.stop() end)
  before_each(function() service:forget() end)

  local function account(extra)
    local _, result = service:flow(extra)
    return sluice.account(service.aep, result.ids.base_connection, { pause = 0 })
  end

  local function refused(code, fn, ...)
    local failure = outcome.failure(fn, ...)
    assert.same({ "recipe", code }, { failure.kind, failure.code })
    assert.same({}, service:requests())
    return failure
  end

  it("is found by its name", function()
    local made = account { name = "Named" }
    assert.equal(made.id, sluice.account(service.aep, "Named - account").id)
    refused("not_found", sluice.account, service.aep, "Nameless - account")
  end)

  it("says of which kind its credentials are", function()
    assert.same({ spec = "SFTP with Password", secret = "password", identity = "username",
      others = { "domain", "host", "username" } }, account({ name = "Kind" }):kind())
  end)

  it("takes a new secret; all else stays, and all is sent", function()
    local made = account { name = "Rotates" }
    local result = made:rotate_credentials { password = sluice.secret.new("NEW", "second password") }
    assert.equal(1, result.changed)
    local patch = service:patch()
    assert.same({ { op = "replace", path = "/auth/params", value = { domain = "d.example.com",
      host = "h.example.com", username = "u", password = "second password" } } }, patch)
    assert.truthy(service:requests("PATCH")[1].headers["if-match"])
    local text = table.concat(result.explained, "\n")
    assert.truthy(text:find("replaces the credentials (domain, host, password and username)", 1, true), text)
    assert.truthy(text:find("the destination takes the new credentials", 1, true), text)
    assert.is_nil((text .. sluice.json.encode(result.account)):find("second", 1, true))
  end)

  it("takes what else changes, too, and a plain secret as a secret", function()
    local made = account { name = "Rotates more" }
    local result = made:rotate_credentials({ username = "v", password = "third" }, { try = false })
    assert.equal("v", result.account.auth.params.username)
    for _, request in ipairs(service.sent) do assert.is_nil(request.path:find "/test$") end
  end)

  describe("whose change was not answered clearly", function()
    local made

    --- What comes of the first PATCHes: "lost", "done" (and lost), "edited" (somebody else was quicker).
    local function befall(fates)
      local count = 0
      service.before = function(request)
        if request.method ~= "PATCH" then return nil end
        count = count + 1
        if fates[count] == "lost" then return 408, {}, "" end
        if fates[count] == "refused" then return 400, {}, '{"message":"no"}' end
        if fates[count] ~= "edited" then return nil end
        service:meddle(request, { { op = "add", path = "/description", value = "x" } })
      end
      service.after = function(request)
        if request.method == "PATCH" and fates[count] == "done" then return 408, {}, "" end
      end
    end

    local function password()
      for _, scope in pairs(service.server.emulator.store.scopes) do
        if scope.connections[made.id] then return scope.connections[made.id].item.auth.params.password end
      end
    end

    before_each(function() made = account { name = "Doubtful " .. math.random(0) } end)

    for _, fates in ipairs { { "edited" }, { "lost", "edited" }, { "done" }, { "done", "edited" } } do
      it("gets it all the same: " .. table.concat(fates, ", "), function()
        befall(fates)
        made:rotate_credentials({ password = "second" }, { try = false })
        assert.equal("second", password())
      end)
    end

    it("does not say that all is as it was after that", function()
      befall { "done", "edited", "refused" }
      local failure = outcome.failure(made.rotate_credentials, made, { password = "second" })
      assert.same({ 400, "second" }, { failure.status, password() })
      assert.truthy(failure.message:find("is not known", 1, true), failure.message)
    end)

    it("says that it is not known when it stays so", function()
      befall { "lost", "lost", "lost", "lost", "lost", "lost", "lost", "lost", "lost", "lost" }
      local failure = outcome.failure(made.rotate_credentials, made, { password = "second" })
      assert.truthy(failure.message:find("is not known: reading it does not show that", 1, true), failure.message)
    end)
  end)

  it("refuses what is wrong, all at once, and sends nothing", function()
    local made = account { name = "Rotates wrong" }
    local failure = refused(nil, made.rotate_credentials, made, { pasword = "x", host = "" })
    assert.truthy(failure.message:find("/auth/pasword", 1, true), failure.message)
    assert.truthy(failure.message:find("/auth/password: missing", 1, true), failure.message)
    assert.truthy(failure.message:find("/auth/host", 1, true), failure.message)
    failure = refused(nil, made.rotate_credentials, made, { spec = "SFTP with SSH Key", sshKey = "AAAA" })
    assert.truthy(failure.message:find("make a new account", 1, true), failure.message)
    refused(nil, made.rotate_credentials, made, "secret")
    refused(nil, made.rotate_credentials, made, {})
  end)

  it("is an error when the service takes the change and does not make it", function()
    local made = account { name = "Forgets" }
    service.before = function(request)
      if request.method == "PATCH" then return 200, {}, "{}" end
    end
    local failure = outcome.failure(made.rotate_credentials, made, { password = "x" })
    assert.equal("not_activated", failure.code)
  end)

  it("is changed once more when somebody else changed it meanwhile", function()
    local made, done = account { name = "Others" }, false
    service.before = function(request)
      if request.method ~= "PATCH" or done then return end
      done = true
      service:meddle(request, { { op = "add", path = "/description", value = "other" } })
    end
    local result = made:rotate_credentials { password = "x" }
    assert.same({ "other", 2 }, { result.account.description, #service:requests "PATCH" })
  end)

  it("never sends back a value that was masked", function()
    local made = account { name = "Masked" }
    service.after = function(request, status, headers, body)
      if request.method == "GET" then return status, headers, (body:gsub('"h.example.com"', '"*****"')) end
    end
    local failure = refused(nil, made.rotate_credentials, made, { password = "x" })
    assert.truthy(failure.message:find("/auth/host: missing", 1, true), failure.message)
  end)

  it("says when the destination does not take what is now stored", function()
    local made = account { name = "Refused" }
    service.after = function(request)
      if request.path:find "/test$" then return 200, {}, '{"result":false}' end
    end
    local failure = outcome.failure(made.rotate_credentials, made, { password = "x" })
    assert.equal("credentials_refused", failure.code)
    assert.truthy(failure.message:find("rotate again", 1, true), failure.message)
    service.after = function(request)
      if request.path:find "/test$" then return 404, {}, "" end
    end
    local result = made:rotate_credentials { password = "x" }
    assert.truthy(result.warnings[#result.warnings].message:find("could not be tried", 1, true))
  end)

  it("without credentials has none to rotate", function()
    local id = service.aep.connections:create { name = "Landing",
      connectionSpec = { id = "10440537-2a7b-4583-ac39-ed38d4b848e8", version = "1.0" } }.id
    service:forget()
    local made = sluice.account(service.aep, id)
    refused("no_credentials", made.rotate_credentials, made, { password = "x" })
  end)
end)
