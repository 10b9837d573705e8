--- Tokens that outlive a run: who asks, who waits, what is believed, what is forgotten.

local core = require "sluice.core"
local outcome = require "spec.support.outcome"
local server = require "support.server"
local tokens = require "sluice.tokens"

describe("tokens", function()
  local folder, here, refused, clock, notices

  local function env(name) return name == "XDG_STATE_HOME" and folder .. "/state" or nil end

  local function settings(extra)
    local made = { base_url = here.url, ims_url = here.url, org = "ORG@AdobeOrg", sandbox = "dev", client_id = "client",
      client_secret = core.secret.new("client_secret", "p8e-sentinel"), scopes = "openid", timeout = 5, attempts = 1 }
    for name, value in pairs(extra or {}) do made[name] = value end
    return made
  end

  local function attached(extra)
    local made = settings(extra)
    tokens.attach(made, { env = env, now = function() return clock end, notice = function(text)
      notices[#notices + 1] = text
    end })
    return made
  end

  --- The token that a new client's first call bears.
  local function used(extra)
    core.client.new(attached(extra)):request { path = "/x" }
    return here.requests[#here.requests].headers.authorization
  end

  local function find() return tokens.find(settings(), { env = env, now = function() return clock end }) end

  local function file()
    local name = core.store.name("ORG@AdobeOrg", "client", "openid", here.url)
    return ("%s/state/sluice/tokens/%s.json"):format(folder, name)
  end

  local function read_file()
    local handle <close> = assert(io.open(file(), "rb"))
    return handle:read "a"
  end

  local function write_file(text)
    local handle <close> = assert(io.open(file(), "wb"))
    handle:write(text)
  end

  --- Another life for the token that is kept.
  local function set(changes)
    local document = core.json.decode(read_file())
    for name, value in pairs(changes) do document[name] = value end
    write_file(core.json.encode(document))
  end

  local lifetime

  before_each(function()
    local pipe <close> = assert(io.popen "mktemp -d")
    folder, refused, clock, notices, lifetime = pipe:read "l", {}, 1900000000, {}, 86399
    here = server.start(function(request)
      if request.path == "/ims/token/v3" then
        here.tokens = here.tokens + 1
        if here.broken then return 400, {}, { error = "invalid_client" } end
        return 200, {}, { access_token = "token-number-" .. here.tokens, expires_in = lifetime }
      elseif refused[request.headers.authorization] then
        return 401, {}, { error_code = "401013", message = "Oauth token is not valid" }
      end
      return 200, {}, {}
    end)
    here.tokens = 0
  end)
  after_each(function()
    here.close()
    os.execute("rm -r " .. folder)
  end)

  it("are asked for once, by whoever is first", function()
    for _ = 1, 3 do assert.equal("Bearer token-number-1", used()) end
    assert.equal(1, here.tokens)
    local entry = find()
    assert.is_true(core.secret.is(entry.token))
    assert.equal("‹secret access token›", tostring(entry.token))
    assert.same({ clock, clock + 86399, 86399 }, { entry.obtained, entry.expires, entry.seconds })
    assert.same({}, notices)
  end)

  it("are kept where nobody else looks, under a name that tells nothing", function()
    used()
    local pipe <close> = assert(io.popen(("cd %s/state && find . -printf '%%m %%f\n' | sort"):format(folder)))
    local listing = pipe:read "a"
    assert.equal(("600 .%s.lock\n600 %s\n700 .\n700 sluice\n700 tokens\n"):format(file():match "[^/]*$",
      file():match "[^/]*$"), listing)
    assert.falsy(read_file():find("sentinel", 1, true))
  end)

  for what, extra in pairs {
    organisation = { org = "OTHER@AdobeOrg" }, client = { client_id = "other" }, scopes = { scopes = "openid,session" },
  } do
    it("belong to one " .. what, function()
      used()
      assert.equal("Bearer token-number-2", used(extra))
      assert.equal("Bearer token-number-1", used())
    end)
  end

  it("belong to one token service", function()
    used()
    assert.equal("Bearer token-number-2", used { ims_url = here.url:gsub("127.0.0.1", "localhost") })
  end)

  it("are not believed when the file speaks of somebody else", function()
    used()
    set { client_id = "another" }
    assert.equal("Bearer token-number-2", used())
  end)

  for what, changes in pairs {
    ["has ended"] = { obtained = 1800000000, expires = 1800086399 },
    ["is almost over"] = { obtained = 1900000050 - 86400, expires = 1900000050 },
    ["comes from the future: the clock was put back"] = { obtained = 1900000061, expires = 1900086400 },
    ["lives longer than tokens do"] = { obtained = 1900000000, expires = 1900604801 },
    ["ends before it begins"] = { obtained = 1900000000, expires = 1900000000 },
    ["has no times"] = { obtained = "today" },
    ["has times that are no integers"] = { expires = 1900080000.5 },
    ["has another version"] = { version = 2 },
    ["is none"] = { access_token = "" },
  } do
    it("are asked for anew where the one that is kept " .. what, function()
      used()
      set(changes)
      assert.equal("Bearer token-number-2", used())
      assert.equal("Bearer token-number-2", used())
    end)
  end

  it("are asked for anew where the file is broken, or no file of ours", function()
    for i, text in ipairs { "", "{", "[]", "null", '{"version":1}' } do
      used()
      write_file(text)
      assert.equal(("Bearer token-number-%d"):format(i + 1), used())
    end
    assert.same({}, notices)
  end)

  it("are believed a minute into the future, for clocks differ", function()
    used()
    set { obtained = clock + 60, expires = clock + 86400 }
    assert.equal("Bearer token-number-1", used())
  end)

  it("are removed when the service refuses them", function()
    used()
    refused["Bearer token-number-1"] = true
    assert.equal("Bearer token-number-2", used())
    assert.equal("Bearer token-number-2", used())
    assert.equal(2, here.tokens)
  end)

  it("are removed when the service refuses them, also where there is no other", function()
    used()
    refused["Bearer token-number-1"], here.broken = true, true
    assert.equal("auth", outcome.failure(used).kind)
    assert.is_nil(find())
  end)

  it("are renewed in the middle of a run, and by one of two clients only", function()
    lifetime = 2
    local one, two = core.client.new(attached()), core.client.new(attached())
    one:request { path = "/x" }
    lifetime = 86399
    core.task.sleep(2)
    clock = clock + 2
    one:request { path = "/x" }
    two:request { path = "/x" }
    assert.equal("Bearer token-number-2", here.requests[#here.requests].headers.authorization)
    assert.equal(2, here.tokens)
  end)

  it("are taken from whoever renewed them meanwhile", function()
    local one, two = core.client.new(attached()), core.client.new(attached())
    one:request { path = "/x" }
    two:request { path = "/x" }
    refused["Bearer token-number-1"] = true
    one:request { path = "/x" }
    two:request { path = "/x" }
    assert.equal("Bearer token-number-2", here.requests[#here.requests].headers.authorization)
    assert.equal(2, here.tokens)
  end)

  it("are asked for by one of many clients that need one at the same time", function()
    local tasks = {}
    for i = 1, 10 do tasks[i] = core.task.spawn(used) end
    for _, task in ipairs(tasks) do assert.equal("Bearer token-number-1", task:wait()) end
    assert.equal(1, here.tokens)
  end)

  it("are asked for by the next one when the first fails", function()
    here.broken = true
    assert.equal("auth", outcome.failure(used).kind)
    here.broken = false
    assert.equal("Bearer token-number-2", used())
    assert.is_truthy(find())
  end)

  it("are not kept when nobody knows how long they live", function()
    lifetime = core.json.null
    assert.equal("Bearer token-number-1", used())
    assert.is_nil(find())
    assert.equal("Bearer token-number-2", used())
  end)

  it("do without their cache where it cannot be, and say so once", function()
    os.execute("mkdir -p " .. folder .. "/state/sluice/tokens")
    os.execute("chmod 755 " .. folder .. "/state/sluice/tokens")
    local client = core.client.new(attached())
    client:request { path = "/x" }
    refused["Bearer token-number-1"] = true
    client:request { path = "/x" }
    assert.equal(1, #notices)
    assert.matches("^the token is not kept for later runs: .*/tokens is open to others %(mode 0755%)", notices[1])
    assert.equal(2, here.tokens)
  end)

  for what, extra in pairs {
    ["a ready-made token"] = { token = core.secret.new("token", "ready-made") },
    ["token_cache = false"] = { token_cache = false },
    ["hooks of one's own"] = { save_token = function() end },
  } do
    it("are not kept with " .. what, function()
      used(extra)
      assert.is_nil(core.store.open(folder .. "/state"))
    end)
  end

  it("are found by status, and forgotten", function()
    assert.is_nil(find())
    assert.is_false(tokens.forget(settings(), { env = env }))
    used()
    assert.equal(86399, find().seconds)
    clock = clock + 90000
    assert.equal(0, find().seconds)
    assert.is_true(tokens.forget(settings(), { env = env }))
    assert.is_nil(find())
    assert.is_false(tokens.forget(settings(), { env = env }))
  end)

  it("serve a client that has no secret, while they last", function()
    local function take(extra)
      local made = settings(extra)
      made.client_secret = nil
      return tokens.take(made, { env = env, now = function() return clock end }), made.token
    end
    assert.is_false(take())
    used()
    local taken, token = take()
    assert.is_true(taken and token == core.secret.new("", "token-number-1"))
    assert.is_false(take { token_cache = false })
    clock = clock + 86390
    assert.is_false(take())
  end)

  it("have a folder by the XDG rules, or none", function()
    local function of(variables) return tokens.folder(function(name) return variables[name] end) end
    assert.equal("/s/sluice/tokens", of { XDG_STATE_HOME = "/s", HOME = "/h" })
    assert.equal("/h/.local/state/sluice/tokens", of { HOME = "/h" })
    assert.equal("/h/.local/state/sluice/tokens", of { XDG_STATE_HOME = "relative", HOME = "/h" })
    assert.is_nil(of {})
    assert.is_nil(of { XDG_STATE_HOME = "", HOME = "" })
    local made = settings()
    tokens.attach(made, { env = function() end })
    assert.is_nil(made.load_token)
    assert.is_nil(tokens.find(made, { env = function() end }))
    assert.is_false(tokens.forget(made, { env = function() end }))
  end)

  it("come without a request, too", function()
    local client = core.client.new(attached())
    client:authorise()
    client:authorise()
    assert.equal(1, here.tokens)
    assert.equal(1, #here.requests)
    assert.is_truthy(find())
    here.broken = true
    assert.equal("auth", outcome.failure(function() core.client.new(settings()):authorise() end).kind)
  end)
end)
