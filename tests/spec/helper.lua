--- Shared set-up of all specs: collects twice after each run of the suite, so that finalizers are exercised too.
--- SLUICE_GC=hostile lets the collector run all the time, which brings to light what is used after it may be freed.
local busted = require "busted"

if os.getenv "SLUICE_GC" == "hostile" then
  collectgarbage "incremental"
  collectgarbage("setpause", 0)
  collectgarbage("setstepmul", 1000)
end

busted.subscribe({ "suite", "end" }, function()
  collectgarbage()
  collectgarbage()
  return nil, true
end)

-- The modules of luacheck that the program has inside: Debian puts them where Lua 5.1 looks.
local LUACHECK = "/usr/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?.lua"
table.insert(package.searchers, function(name)
  local path = name:find "^luacheck%." and package.searchpath(name, LUACHECK)
  if path then return assert(loadfile(path, "t")), path end
end)
