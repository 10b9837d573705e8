--- Secrets in definitions: written out they work, and draw a warning.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local destination = require "sluice.destination"
local fake_aep = require "spec.support.fake_aep"
local schedule = require "sluice.activation.schedule"

local WARNING = "^the secret is written out here, for every reader of the recipe: take it from sluice.secret.env"

local function definition(password)
  return { name = "N", type = "adobe-campaign",
    auth = { domain = "d", host = "h", username = "user-name", password = password }, target = { remotePath = "/in" },
    audiences = { { id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", name = "Loyal",
      filename = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%",
      schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2999-12-31" } } },
    attributes = { "person.name.firstName" } }
end

local function warnings(given)
  local found = {}
  for _, finding in ipairs(destination.new(given):validate()) do
    if finding.message:find(WARNING) then found[#found + 1] = finding.level .. " " .. finding.place end
  end
  return found
end

describe("a secret in a definition", function()
  it("draws a warning when it is written out, and is not shown", function()
    assert.same({ "warning /auth/password" }, warnings(definition "hush-hush"))
    for _, finding in ipairs(destination.new(definition "hush-hush"):validate()) do
      assert.falsy(finding.message:find("hush-hush", 1, true))
    end
  end)

  it("draws none when it is a secret", function()
    assert.same({}, warnings(definition(core.secret.new("PASSWORD", "hush-hush"))))
  end)

  it("draws none when it is missing, which is an error", function()
    assert.same({}, warnings(definition()))
    assert.same({}, warnings(definition ""))
  end)

  it("works all the same, and is a secret when it is sent", function()
    local aep = fake_aep.new()
    local result = destination.new(definition "hush-hush"):apply(aep)
    local told = {}
    for _, warning in ipairs(result.warnings) do told[#told + 1] = warning.level .. " " .. warning.place end
    assert.same({ "warning /auth/password" }, told)
    for _, item in ipairs(aep.connections.items) do
      local password = item.auth and item.auth.params and item.auth.params.password
      assert.is_true(password == nil or password == core.secret.new("p", "hush-hush"))
    end
  end)

  it("is known as one in every card of the catalog", function()
    local count = 0
    for _, key in ipairs(catalog.keys) do
      for _, auth in ipairs(catalog.systems[key].auth) do
        for _, param in ipairs(auth.params) do
          if param.secret then
            count = count + 1
            -- What the service tells of it is hidden, too.
            local answer = core.secret.wrap { auth = { params = { [param.name] = "hush-hush" } } }
            assert.is_true(core.secret.is(answer.auth.params[param.name]), param.name)
          end
        end
      end
    end
    assert.is_true(count > 10)
  end)
end)
