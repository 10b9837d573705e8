--- Each recipe, with its examples, over the official contract; each on a new emulator.

local files = require "support.files"
local proxy = require "contract.proxy"
local recipe = require "sluice.recipe"

describe("over the official contract", function()
  for _, path in ipairs(files.list("scripts", ".lua")) do
    it("goes " .. path, function()
      local way <close> = proxy.open()
      recipe.execute(assert(loadfile(path, "t"))(), { aep = way.aep, emulated = true })
      local alarms, statuses = way:checked()
      assert.equal("", alarms)
      assert.equal(201, statuses["POST /data/foundation/flowservice/flows"])
    end)
  end
end)
