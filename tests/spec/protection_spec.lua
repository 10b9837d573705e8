--- Protected profiles: what writes waits for the sandbox's name, whatever calls it.
local core = require "sluice.core"
local protection = require "sluice.protection"

local count = 0

--- Settings of a protected profile, in a sandbox that no other test has named.
local function settings_of(fields)
  count = count + 1
  local settings = { protected = true, source = "profile live", sandbox = "live-" .. count }
  for name, value in pairs(fields or {}) do settings[name] = value end
  protection.ask_again()
  protection.attach(settings)
  return settings
end

local function call(settings, method, path)
  return pcall(settings.intercept, { method = method, url = "https://platform.adobe.io" .. path })
end

local FLOWS = "/data/foundation/flowservice/flows"

describe("protection", function()
  it("leaves other profiles alone", function()
    assert.is_nil(settings_of({ protected = false }).intercept)
  end)

  it("lets reads pass, also those that are asked by POST", function()
    local settings = settings_of()
    for _, case in ipairs { { "GET", FLOWS }, { "GET", FLOWS .. "?x=/search" }, { "POST", FLOWS .. "/search" },
      { "HEAD", "" }, { "POST", "/data/foundation/access-control/acl/effective-policies" } } do
      assert.is_true((call(settings, case[1], case[2])))
    end
  end)

  it("refuses every write where nobody can be asked", function()
    for _, case in ipairs { { "POST", FLOWS }, { "PATCH", FLOWS .. "/1" }, { "DELETE", FLOWS .. "/1" },
      { "PUT", FLOWS }, { "POST", FLOWS .. "/1/action?op=enable" }, { "POST", FLOWS .. "/search/x" },
      { "POST", FLOWS .. "?a=/search" }, { "post", "" } } do
      local settings = settings_of()
      local ok, err = call(settings, case[1], case[2])
      assert.is_false(ok, case[1] .. case[2])
      assert.is_true(core.error.is(err, "usage"))
      assert.equal("protected", err.code)
      local message = "profile live is protected, and nothing was written in sandbox %s: there is no terminal to ask at"
      assert.equal(message:format(settings.sandbox), err.message)
      assert.equal(("--yes-production %s says that you mean it"):format(settings.sandbox), err.hint)
    end
  end)

  it("asks once, and goes on with the right name", function()
    local asked = 0
    local settings = settings_of { ask_production = function(asking)
      asked = asked + 1
      return asking.sandbox
    end }
    assert.is_true((call(settings, "POST", FLOWS)))
    assert.is_true((call(settings, "DELETE", FLOWS .. "/1")))
    assert.equal(1, asked)
  end)

  it("asks once when the name does not come, and again when it is told to", function()
    local asked, typed = 0, "prod"
    local settings = settings_of { ask_production = function(asking)
      asked = asked + 1
      return typed or asking.sandbox
    end }
    for _ = 1, 3 do
      local ok, err = call(settings, "POST", FLOWS)
      assert.is_false(ok)
      assert.is_truthy(err.message:find("what was typed is not its name", 1, true))
    end
    assert.equal(1, asked)
    protection.ask_again()
    typed = nil
    assert.is_true((call(settings, "POST", FLOWS)))
    assert.equal(2, asked)
  end)

  it("asks no more after Ctrl-C", function()
    local asked = 0
    local settings = settings_of { ask_production = function()
      asked = asked + 1
      core.error.raise("interrupted", "interrupted")
    end }
    for _ = 1, 2 do
      local _, err = call(settings, "POST", FLOWS)
      assert.is_true(core.error.is(err, "interrupted"))
    end
    assert.equal(1, asked)
  end)

  it("takes the name from the options, the right one", function()
    local settings = settings_of { yes_production = "prd", ask_production = function() error "asked" end }
    local ok, err = call(settings, "POST", FLOWS)
    assert.is_false(ok)
    assert.is_truthy(err.message:find('--yes-production names "prd"', 1, true))
    settings = settings_of()
    settings.yes_production = settings.sandbox
    assert.is_true((call(settings, "POST", FLOWS)))
  end)

  it("needs no name for what is not sent", function()
    local answer = { status = 201 }
    local settings = settings_of { intercept = function() return answer end }
    local ok, given = call(settings, "POST", FLOWS)
    assert.is_true(ok)
    assert.equal(answer, given)
    settings.intercept = nil
    protection.attach(settings)
    assert.is_false((call(settings, "POST", FLOWS))) -- nor has it been named by that
  end)

  it("keeps to the sandbox and the profile that were named", function()
    local settings = settings_of { yes_production = "prod", sandbox = "prod" }
    assert.is_true((call(settings, "POST", FLOWS)))
    assert.is_false((call(settings_of(), "POST", FLOWS)))
    assert.is_false((call(settings_of { source = "profile other", sandbox = "prod" }, "POST", FLOWS)))
  end)
end)
