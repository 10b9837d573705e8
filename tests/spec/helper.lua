--- Shared set-up of all specs: collects twice after each run of the suite, so that finalizers are exercised too.
local busted = require "busted"

busted.subscribe({ "suite", "end" }, function()
  collectgarbage()
  collectgarbage()
  return nil, true
end)
