--- Names in place of IDs: the one that is meant, several, none.

local core = require "sluice.core"
local emulator = require "sluice.emulator"
local name = require "sluice.cli.name"
local sluice = require "sluice"

local UNKNOWN = "00000000-0000-4000-8000-000000000000"

describe("a name", function()
  local server, aep, ids
  setup(function()
    server = emulator.start { seed = "names" }
    aep = sluice.connect { base_url = server.url, ims_url = server.url, org = "ORG@AdobeOrg", client_id = "client",
      client_secret = core.secret.new("secret", "s"), scopes = "openid", token_cache = false }
    ids = {}
    local spec = { id = "8a9c3494-9708-43d7-ae3f-cda01e5030e1", version = "1.0" }
    local function make(kind, called)
      ids[#ids + 1] = aep[kind]:create({ name = called, connectionSpec = spec }).id
    end
    make("connections", "Store")
    make("connections", "Twice")
    make("source_connections", "Twice")
    make("source_connections", UNKNOWN:gsub("^0", "1"))
  end)
  teardown(function() server.stop() end)

  local BOTH = { "connections", "source_connections" }

  local function fails(kinds, text)
    local ok, failure = pcall(name.resolve, aep, kinds, text)
    assert.is_false(ok)
    return failure
  end

  it("means what has it, of whatever kind", function()
    local kind, item = name.resolve(aep, BOTH, "Store")
    assert.same({ "connections", ids[1] }, { kind, item.id })
    kind, item = name.resolve(aep, { "source_connections" }, "Twice")
    assert.same({ "source_connections", ids[3] }, { kind, item.id })
  end)

  it("may be an ID, or look like one", function()
    local kind, item = name.resolve(aep, BOTH, ids[3])
    assert.same({ "source_connections", "Twice" }, { kind, item.name })
    kind, item = name.resolve(aep, BOTH, (UNKNOWN:gsub("^0", "1")))
    assert.same({ "source_connections", ids[4] }, { kind, item.id })
  end)

  it("that several have lists them and stops", function()
    local failure = fails(BOTH, "Twice")
    assert.equal("ambiguous", failure.code)
    assert.equal(2, #failure.candidates)
    assert.equal(('2 are called "Twice": account %s (enabled), source connection %s (enabled) (say which by its ID)')
      :format(ids[2], ids[3]), tostring(failure))
  end)

  it("that nobody has gets the nearest", function()
    local failure = fails(BOTH, "Stoer")
    assert.equal("not_found", failure.code)
    assert.equal('there is no account or source connection called "Stoer" in sandbox prod; did you mean "Store"?',
      tostring(failure)) -- nobody's status: it is our own finding
    assert.matches("no account, dataflow or run called \"xyz\" in sandbox prod$",
      fails({ "connections", "flows", "runs" }, "xyz").message)
    local all = { "flows", "connections", "source_connections", "audiences", "sandboxes" }
    assert.matches("^nothing is called \"xyz\" in sandbox prod$", fails(all, "xyz").message)
    assert.matches("^nothing has the ID [%x-]+ in sandbox prod$", fails(all, UNKNOWN).message)
    assert.equal('there is no sandbox called "dv"; did you mean "dev"?', fails({ "sandboxes" }, "dv").message)
    for _, odd in ipairs { "\xff\xfe", ("x"):rep(100000), "a,b~c==d" } do
      assert.equal("not_found", fails(BOTH, odd).code)
      assert.equal("not_found", fails({ "audiences" }, odd).code)
    end
    assert.matches("^there is no account with the ID " .. UNKNOWN:gsub("%-", "%%-") .. " in sandbox prod$",
      fails({ "connections" }, UNKNOWN).message)
  end)

  it("that nobody has is not found, also when what is near cannot be read", function()
    local function with_failure(kind)
      rawset(aep.connections, "each", function() core.error.raise(kind, kind) end)
      rawset(aep.connections, "list", function() return {} end)
      local failure = fails({ "connections" }, "Stoer")
      rawset(aep.connections, "each", nil)
      rawset(aep.connections, "list", nil)
      return failure
    end
    assert.equal("not_found", with_failure("http").code)
    assert.equal("interrupted", with_failure("interrupted").kind)
  end)

  it("does not count where others of that name may be, if all are to be looked through", function()
    rawset(aep.connections, "list", function() core.error.raise("service", "closed", { status = 403 }) end)
    assert.equal("source_connections", (name.resolve(aep, BOTH, "Twice")))
    local ok, failure = pcall(name.resolve, aep, BOTH, "Twice", true)
    assert.equal("source_connections", (name.resolve(aep, BOTH, ids[3], true)))
    rawset(aep.connections, "list", nil)
    assert.same({ false, 403 }, { ok, failure.status })
  end)

  it("of an audience, a spec or a sandbox is one, too", function()
    local kind, item = name.resolve(aep, { "flows", "audiences" }, "High value")
    assert.same({ "audiences", "High value" }, { kind, item.name })
    assert.equal("audiences", (name.resolve(aep, { "flows", "audiences" }, item.id)))
    assert.equal("connection_specs", (name.resolve(aep, { "connection_specs" }, "Adobe Campaign")))
    assert.equal("sandboxes", (name.resolve(aep, { "sandboxes", "flows" }, "stage")))
    assert.matches("audience [%x-]+ %(published%), audience [%x-]+ %(published%)",
      tostring(fails({ "audiences" }, "Spring campaign")))
  end)

  it("has to be something, and failures of the service are told as they are", function()
    assert.is_true(core.error.is(fails(BOTH, " "), "usage"))
    server.emulator.options.permissions = "view-profiles"
    assert.equal("2118-403", fails(BOTH, "Store").code)
    assert.equal("2118-403", fails(BOTH, ids[1]).code)
    server.emulator.options.permissions = "all"
  end)
end)
