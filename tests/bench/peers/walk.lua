--- `sluice run walk.lua FLOWS`: walks through a list, and sees to it that nothing is left out.

local sluice = require "sluice"
local wanted, count = math.tointeger(tonumber((...))), 0
for flow in sluice.connect().flows:each { limit = 100 } do
  assert(flow.name == ("%08x flow %d"):format(count // 100 + 1, count % 100 + 1), flow.name)
  count = count + 1
end
assert(count == wanted, count)
