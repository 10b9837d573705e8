local audience = require "sluice.activation.audience"
local outcome = require "spec.support.outcome"
local schedule = require "sluice.activation.schedule"

local UUID = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d%d"

local function item(number, name, more)
  local made = { id = UUID:format(number), audienceId = UUID:format(number), name = name, namespace = "AEPSegments",
    originName = "REAL_TIME_CUSTOMER_PROFILE", lifecycleState = "published" }
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

local STORED = {
  item(1, "Loyal customers"), item(2, "Loyal customers (old)"), item(3, "New subscribers"),
  item(4, "New subscribers", { lifecycleState = "archived" }),
  item(5, "Trade fair", { audienceId = "extaud9001", namespace = "aamSegments", originName = "AUDIENCE_MANAGER" }),
  item(6, "Sleeping", { lifecycleState = "draft" }),
}

--- A connection whose audiences answer as the service does: a name is contained, in any case.
local function connection(stored)
  local aep = { sandbox = "prod", asked = {} }
  aep.audiences = { list = function(_, query)
    aep.asked[#aep.asked + 1] = query.name
    local found = {}
    for _, one in ipairs(stored) do
      if one.name:lower():find(query.name:lower(), 1, true) then found[#found + 1] = one end
    end
    return found
  end }
  return aep
end

describe("audiences known by name", function()
  it("get their ID and keep all else", function()
    local aep = connection(STORED)
    local given = { { name = "Loyal customers", filename = "f" }, { id = "x", name = "Whatever" } }
    local resolved, report = audience.resolve(aep, given)
    assert.equal("", outcome.lines(report))
    assert.same({ { id = UUID:format(1), name = "Loyal customers", filename = "f" }, { id = "x", name = "Whatever" } },
      resolved)
    assert.is_nil(given[1].id)
    assert.same({ "Loyal customers" }, aep.asked)
  end)

  it("made elsewhere go by their own ID, with the platform's beside it", function()
    local resolved = audience.resolve(connection(STORED), { { name = "Trade fair" } })
    assert.same({ { id = "extaud9001", systemSegmentId = UUID:format(5), namespace = "aamSegments",
      name = "Trade fair" } }, resolved)
  end)

  for _, case in ipairs {
    { { "New subscribers" }, "error /audiences/0/name: 2 audiences are named \"New subscribers\"; write the ID of the "
      .. "one you mean: id = " .. UUID:format(3) .. " (REAL_TIME_CUSTOMER_PROFILE, published), " .. UUID:format(4)
      .. " (REAL_TIME_CUSTOMER_PROFILE, archived)" },
    { { "loyal customers" }, 'error /audiences/0/name: there is no audience named "loyal customers" in sandbox "prod"; '
      .. 'did you mean "Loyal customers"?' },
    { { "Loyal custmers" }, 'there is no audience named "Loyal custmers" in sandbox "prod"' },
    { { "Trade fiar" }, 'did you mean "Trade fair"?' },
    { { "Nobody" }, 'error /audiences/0/name: there is no audience named "Nobody" in sandbox "prod"' },
    { { "Sleeping" }, 'warning /audiences/0/name: "Sleeping" is draft: it may hold nobody to export' },
    { { "Loyal customers", "Loyal customers" }, "error /audiences/1: is the same audience as /audiences/0 ("
      .. UUID:format(1) },
  } do
    it("are told about: " .. case[2], function()
      local given = {}
      for i, name in ipairs(case[1]) do given[i] = { name = name } end
      local _, report = audience.resolve(connection(STORED), given)
      local found = outcome.lines(report)
      assert.truthy(found:find(case[2], 1, true), found)
      assert.equal(1, #report, found)
    end)
  end

  describe("and younger than a day", function()
    local MADE = 1893456000 + 36000 -- 2030-01-01 10:00
    local function found(changes, from, now)
      local fresh = item(1, "Fresh", { createEpoch = MADE })
      for key, value in pairs(changes) do fresh[key] = value end
      local _, report = audience.resolve(connection { fresh }, { { name = "Fresh",
        schedule = schedule.daily { at = "09:00", from = from, to = "2030-12-31" } } }, nil, { now = now })
      return outcome.lines(report)
    end
    local WARNING = 'warning /audiences/0/name: "Fresh" is younger than a day: its first export may find nobody; '
      .. "start on 2030-01-03"

    it("are warned about when their first export is near", function()
      assert.equal(WARNING, found({}, "2030-01-02", MADE + 60))
      assert.equal(WARNING, found({ createEpoch = false, creationTime = MADE * 1000 }, "2030-01-02", MADE + 60))
    end)

    it("are fine when they are evaluated all the time, start later, or are older", function()
      assert.equal("", found({ evaluationInfo = { continuous = { enabled = true } } }, "2030-01-02", MADE + 60))
      assert.equal("", found({}, "2030-01-03", MADE + 60))
      assert.equal("", found({}, "2030-01-02", MADE + 86400))
      assert.equal("", found({ createEpoch = false }, "2030-01-02", MADE + 60))
    end)
  end)

  it("are warned about when too many were uploaded", function()
    local stored, given = {}, {}
    for i = 1, 11 do
      stored[i] = item(0, ("List %02d"):format(i),
        { id = "u" .. i, audienceId = "e" .. i, originName = "CUSTOM_UPLOAD" })
      given[i] = { name = stored[i].name }
    end
    local _, report = audience.resolve(connection(stored), given, "/add")
    assert.equal("warning /add: has 11 custom-upload audiences: the user interface allows at most 10 in one dataflow",
      outcome.lines(report))
  end)
end)
