--- Decode and encode of a large list of flows beside plain lua-cjson, in one run, as ratios.
--- Usage: lua5.4 tests/bench/json.lua [flows] [rounds], with LUA_PATH at tests/?.lua, LUA_CPATH at the module's build.
local cjson = require "cjson"
local data = require "bench.data"
local json = require "sluice.core".json

local FLOWS = tonumber(arg[1]) or 10000
local ROUNDS = tonumber(arg[2]) or 7
local SELECTORS = 5

local function list(empty)
  local items = {}
  for i = 1, FLOWS do
    items[i] = data.flow(i, SELECTORS, 1)
    items[i].labels = empty
  end
  return { items = items }
end

--- The least CPU time of `f` over all rounds; the rounds of all contestants alternate, so that all meet the same
--- machine.
local function race(contestants)
  for _ = 1, ROUNDS do
    for _, c in ipairs(contestants) do
      collectgarbage()
      collectgarbage()
      local start = os.clock()
      c.f()
      c.best = math.min(c.best or math.huge, os.clock() - start)
    end
  end
end

local function report(title, contestants, bytes)
  race(contestants)
  print(("%s, %.1f MB"):format(title, bytes / 1e6))
  for _, c in ipairs(contestants) do
    print(("  %-28s %7.1f ms  %6.1f MB/s  %.2f ×"):format(c.name, c.best * 1e3, bytes / 1e6 / c.best,
      c.best / contestants[1].best))
  end
end

local function decode_race(title, text)
  report(title, {
    { name = "lua-cjson", f = function() return cjson.decode(text) end },
    { name = "sluice, faithful", f = function() return json.decode(text) end },
  }, #text)
end

local plain = json.encode(list())
decode_race("decode, nothing to rewrite", plain)
decode_race("decode, an empty array a flow", json.encode(list(json.array())))

local value = json.decode(plain)
report("encode", {
  { name = "lua-cjson, any order", f = function() return cjson.encode(value) end },
  { name = "sluice, sorted and exact", f = function() return json.encode(value) end },
}, #plain)
