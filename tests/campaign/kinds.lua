--- What a case may be about: setting a destination up, or changing what is live.

local changes = require "campaign.changes"
local setups = require "campaign.setups"

local M = {}

---@class campaign.Kind
---@field name string
---@field choose fun(): table the rest of a plan: title, key (plans of one key call the same operations)
---@field prepare nil|fun(case: campaign.Case, plan: table) makes what has to be there; without faults
---@field work fun(case: campaign.Case, plan: table, aep: table): any
---@field carry_out fun(case: campaign.Case, plan: table): boolean did it end well at once?

---@type campaign.Kind[]
M.list = { setups.of "legacy", setups.of "v2", setups.of "streaming", setups.of "datasets", changes.kind }

local OF_TEN = { 1, 1, 2, 2, 2, 3, 4, 5, 5, 5 }

--- A plan: what a case is about.
---@return table plan
function M.choose()
  local kind = M.list[OF_TEN[math.random(#OF_TEN)]]
  local plan = kind.choose()
  plan.kind = kind
  return plan
end

return M
