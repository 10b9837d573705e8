--- Every destination end to end through the built program, each applied twice on one emulated service: the second time
--- nothing is created and nothing changed.

local combinations = require "support.combinations"
local program = require "support.program"

--- Applies every combination twice and tells, a line each, what came of it; at the end, what the service holds.
local SCRIPT = [[
local sluice = require "sluice"
local combinations = assert(loadfile("tests/support/combinations.lua", "t"))()
local aep = sluice.connect()
for round = 1, 2 do
  for i, combination in ipairs(combinations.list) do
    local made = sluice.destination(combinations.definition(combination, "N" .. i))
    local result, failure = sluice.try(made.apply, made, aep)
    print(("%d.%d %s"):format(i, round, result and result.created .. " created, " .. result.changed .. " changed, "
      .. result.shape or tostring(failure)))
  end
  for _, name in ipairs { "connections", "source_connections", "target_connections", "flows" } do
    print(("%s.%d %d"):format(name, round, #aep[name]:list()))
  end
end
]]

-- What the first patch changes.
local CHANGED = { legacy = 5, v2 = 3, streaming = 3, datasets = 0 }

describe("a destination", function()
  local lines = {}

  setup(function()
    local script = program.write(program.folder(), "all.lua", SCRIPT)
    local result = program.run { "run", "--emulate", script }
    assert.are.equal(0, result.code, result.err)
    for key, text in result.out:gmatch "([%w_.]+) ([^\n]*)\n" do lines[key] = text end
  end)
  teardown(program.clean)

  for i, combination in ipairs(combinations.list) do
    it("is set up once: " .. combination.title, function()
      local shape = combination.shape
      assert.are.equal(("%d created, %d changed, %s"):format(combination.created, CHANGED[shape], shape),
        lines[i .. ".1"])
      assert.are.equal("0 created, 0 changed, " .. shape, lines[i .. ".2"])
    end)
  end

  it("leaves nothing double", function()
    for _, name in ipairs { "connections", "source_connections", "target_connections", "flows" } do
      assert.are.equal(lines[name .. ".1"], lines[name .. ".2"])
    end
    assert.are.equal(tostring(#combinations.list), lines["flows.2"])
  end)
end)
