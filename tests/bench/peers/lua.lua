--- lua.lua CONTESTANT FOLDER TASK: Sluice and plain lua-cjson. Like all programs here it does the task again and again,
--- prints the seconds of one time, and writes the result to FOLDER/out. A task that applies goes there and back again:
--- one time is two patches.

local cjson = require "cjson"
local core = require "sluice.core"

local json, patch = core.json, core.patch
local contestant, folder, task = table.unpack(arg)
local kind = task:match "^%a+"

local function read(ending)
  local file <close> = assert(io.open(("%s/%s.%s"):format(folder, task, ending), "rb"))
  return file:read "a"
end

local function apply()
  local document, there, back = json.decode(read "a"), patch(json.decode(read "there")), patch(json.decode(read "back"))
  return function() return back:apply(there:apply(document)) end,
    function() return json.encode(there:apply(document)) end
end

local function diff(options)
  return function()
    local a, b = json.decode(read "a"), json.decode(read "b")
    return function() return patch.diff(a, b, options) end, json.encode
  end
end

local function decode(library)
  return function()
    local text = read "a"
    return function() return library.decode(text) end, json.encode
  end
end

local function encode(library)
  return function()
    local value = json.decode(read "a")
    return function() return library.encode(value) end, function(text) return text end
  end
end

local CONTESTANTS = {
  ["sluice"] = { apply = apply, diff = diff(), decode = decode(json), encode = encode(json) },
  ["sluice-keyed"] = { diff = diff { keys = "flow" } },
  ["lua-cjson"] = { decode = decode(cjson), encode = encode(cjson) },
}

--- The least seconds of one time: batches of 50 ms for a second, or the first time if that takes long.
local function measure(f)
  local start = os.clock()
  f()
  local first = os.clock() - start
  if first > 1 then return first end
  local count, best, stop = math.max(1, math.floor(0.05 / math.max(first, 1e-6))), math.huge, os.clock() + 1
  repeat
    start = os.clock()
    for _ = 1, count do f() end
    best = math.min(best, (os.clock() - start) / count)
  until os.clock() > stop
  return best
end

local make = CONTESTANTS[contestant][kind]
local f, write = make()
local seconds = measure(f)
local file = assert(io.open(folder .. "/out", "wb"))
assert(file:write(write(f())))
file:close()
print(("%.9f"):format(seconds))
