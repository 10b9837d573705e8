--- What only the platform can say of parameters.

local client = require "sluice.client"
local core = require "sluice.core"
local emulator = require "sluice.emulator"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"

local demo = recipe.new { name = "demo", version = "1", summary = "s", params = {
  { name = "who", type = "list", of = "audience" },
  { name = "box", type = "sandbox", default = "prod" },
  { name = "map", type = "map", of = "audience", required = false },
}, run = function() end }

describe("looking parameters up", function()
  local server, calls
  setup(function() server = emulator.start {} end)
  teardown(function() server.stop() end)

  --- A connection that notes the paths of its calls.
  local function connection(answer)
    calls = {}
    return client.new { base_url = server.url, ims_url = server.url,
      org = "0123456789ABCDEF01234567@AdobeOrg", client_id = "c", client_secret = "s",
      scopes = "openid", sandbox = "prod", intercept = function(request)
        calls[#calls + 1] = request.path
        return answer and answer(request)
      end }
  end

  local function settle(words, log, answer)
    local reading = recipe.read(demo, words)
    recipe.settle(reading, connection(answer), log)
    return reading.given
  end

  it("gives audiences their IDs, and asks once for each name", function()
    local given = settle { "--who", "High value", "--who=Loyal customers, north", "--who", "High value",
      "--map", "a=High value" }
    assert.truthy(given.who[1].id:find "^%x+%-")
    assert.equal("Loyal customers, north", given.who[2].name)
    assert.equal(given.who[1].id, given.who[3].id)
    assert.equal(given.who[1].id, given.map.a.id)
    local asked = 0
    for _, path in ipairs(calls) do asked = asked + (path:find "audiences" and 1 or 0) end
    assert.equal(2, asked)
  end)

  it("takes an ID as it is, also one that does not look like one", function()
    local id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1"
    assert.same({ { id = id } }, settle({ "--who", id }).who)
    local found = settle { "--who", "Frequent readers" }
    assert.same({ "extaud9001", "aamSegments" }, { found.who[1].id, found.who[1].namespace })
    assert.truthy(found.who[1].systemSegmentId)
  end)

  it("says what is doubtful about what it found", function()
    local lines = {}
    settle({ "--who", "Next season" }, function(line) lines[#lines + 1] = line end)
    assert.truthy(lines[1]:find 'warning: "Next season" is draft', lines[1])
  end)

  it("refuses all that is not there, at once", function()
    local failure = outcome.failure(settle, { "--who", "Nobody", "--who", "Spring campaign", "--box", "perod" })
    assert.equal("usage", failure.kind)
    for _, part in ipairs {
      '--who: there is no audience named "Nobody" in sandbox "prod"; --who: 2 audiences are named "Spring campaign"; '
        .. 'give the ID of the one you mean: ', '--box: there is no such sandbox; expected "prod"' } do
      assert.truthy(failure.message:find(part, 1, true), failure.message)
    end
  end)

  it("lets a sandbox pass where the sandboxes may not be listed", function()
    local function refuse(request)
      if not request.path:find "sandbox" then return nil end
      return { status = 403, headers = {}, body = '{"title":"Forbidden","status":403}' }
    end
    assert.equal("other", settle({ "--who", "High value", "--box", "other" }, nil, refuse).box)
  end)

  it("raises what keeps the service from answering", function()
    local failure = outcome.failure(settle, { "--who", "High value" }, nil, function()
      return { status = 500, headers = {}, body = "{}" }
    end)
    assert.equal("service", failure.kind)
    assert.truthy(core.error.is(failure))
  end)
end)
