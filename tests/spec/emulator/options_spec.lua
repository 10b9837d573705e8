local core = require "sluice.core"
local emulator = require "sluice.emulator"
local options = require "sluice.emulator.options"
local harness = require "spec.emulator.harness"

describe("emulator options", function()
  it("each say name, values or range, source and help", function()
    for _, option in ipairs(options.list) do
      assert.matches("^[%l_%d]+$", option.name)
      assert.is_string(option.help)
      assert.is_string(option.source)
      if option.kind == "choice" then
        assert.is_true(#option.values > 1)
        assert.equal(option.default, options.resolve({})[option.name])
        for _, value in ipairs(option.values) do
          assert.equal(value, options.resolve({ [option.name] = value })[option.name])
        end
      end
    end
  end)

  it("take numbers for numeric words", function()
    assert.equal("200", options.resolve { patch_status = 200 }.patch_status)
  end)

  for name, case in pairs {
    ["an unknown name"] = { { patch_statsu = "200" }, "no option 'patch_statsu'; it knows seed" },
    ["a value outside the choice"] = { { patch_status = "201" }, "'201'; expected 202 or 200" },
    ["a number outside the range"] = { { page_size = 0 }, "'0'; expected a whole number from 1 to 100" },
    ["a table for text"] = { { seed = {} }, "'seed' must be text" },
  } do
    it("refuse " .. name, function()
      local ok, err = pcall(emulator.new, case[1])
      assert.is_false(ok)
      assert.is_true(core.error.is(err, "usage"))
      assert.is_truthy(err.message:find(case[2], 1, true), err.message)
    end)
  end
end)

describe("a seed", function()
  local function trace(seed)
    local world = harness.new { seed = seed }
    local ids = world:campaign()
    local flow = world:item("flows", ids.flow)
    return table.concat({ world.headers.authorization, ids.store, ids.source, ids.base, ids.target, ids.flow,
      flow.etag, flow.flowSpec.id, flow.sandboxId, flow.createdBy }, " ")
  end

  it("makes ids, etags and tokens the same in every run", function()
    assert.equal(trace("a"), trace("a"))
  end)

  it("makes them others with another seed", function()
    local seen = {}
    for word in trace("a"):gmatch("%S+") do seen[word] = word ~= "Bearer" end
    for word in trace("b"):gmatch("%S+") do assert.is_falsy(seen[word], word) end
  end)

  it("is drawn when none is given", function()
    assert.not_equal(emulator.new().ids:uuid("x"), emulator.new().ids:uuid("x"))
  end)

  it("gives ids and etags of the platform's form", function()
    local world = harness.new()
    local id, etag = world:profile_store "n"
    local hex = ("%x"):rep(4)
    assert.matches("^" .. hex .. hex .. "%-" .. hex .. "%-4%x%x%x%-[89ab]%x%x%x%-" .. hex:rep(3) .. "$", id)
    assert.matches('^"' .. hex .. hex .. "%-0000%-" .. hex .. "%-0000%-" .. hex:rep(3) .. '"$', etag)
  end)
end)
