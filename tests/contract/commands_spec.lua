--- What the commands of every day send, over the official contract.

local program = require "support.program"
local proxy = require "contract.proxy"
local recipe = require "sluice.recipe"

--- In this order: what is deleted at the end was there before.
local COMMANDS = {
  { "list", "flows", "--filter", "name~Loyal", "--sort", "-updated" }, { "list", "destinations" },
  { "list", "accounts" }, { "list", "connections" }, { "list", "source-connections" }, { "list", "target-connections" },
  { "list", "specs" }, { "list", "flow-specs" }, { "list", "runs" }, { "show", "Loyal customers to Campaign" },
  { "show", "Loyal customers to Campaign - account" }, { "tree" }, { "disable", "Loyal customers to Campaign" },
  { "enable", "Loyal customers to Campaign" }, { "runs", "Loyal customers to Campaign" },
  { "watch", "Loyal customers to Campaign", "--for", "1s" }, { "health" }, { "doctor" },
  { "delete", "Loyal customers to Campaign", "--with-connections", "--yes" },
}

describe("over the official contract", function()
  it("go the commands of every day", function()
    local way <close> = proxy.open()
    recipe.execute(assert(loadfile("scripts/activate_adobe_campaign.lua", "t"))(), { aep = way.aep, emulated = true })
    local env = { AEP_BASE_URL = way.url, AEP_IMS_URL = way.url }
    for name, value in pairs(program.CREDENTIALS) do env[name] = value end
    for _, words in ipairs(COMMANDS) do
      local process <close> = program.start(words, { env = env })
      assert.equal(0, process:wait(), table.concat(words, " ") .. ": " .. process:errors())
    end
    local alarms, statuses = way:checked()
    assert.equal("", alarms)
    for _, kind in ipairs { "flows", "connections", "sourceConnections", "targetConnections" } do
      assert.is_true(statuses["DELETE /data/foundation/flowservice/" .. kind .. "/{id}"] < 300, kind)
    end
  end)
end)
