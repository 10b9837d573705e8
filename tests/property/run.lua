--- Random tests of JSON, JSON Pointer and JSON Patch, as TAP: each property on COUNT random cases.
---   COUNT  how many cases a property (default 3000)    SEED  where they come from (default: the time)
---   FROM   number of the first case (default 1)         ONLY  a part of the names of the properties to run
--- Case number N of a seed is the same in every run. A failure is made small and printed with the line that repeats it.

local json = require "sluice.core".json
local properties = require "property.properties"
local shrink = require "property.shrink"

local function setting(name, default)
  local text = os.getenv(name) or ""
  if text == "" then return default end
  return math.tointeger(tonumber(text)) or error(name .. " is a whole number, not " .. text, 0)
end

local COUNT, FROM = setting("COUNT", 3000), setting("FROM", 1)
local SEED = setting("SEED", os.time())
local ONLY = os.getenv "ONLY" or ""

local function fault_of(property, case)
  local done, fault = xpcall(property.check, function(err)
    return type(err) == "string" and debug.traceback(err) or "raises " .. tostring(err)
  end, case)
  return (not done or fault ~= nil) and tostring(fault) or nil
end

local function show(value)
  local done, text = pcall(json.encode, value)
  return done and text or tostring(text)
end

--- The same on copies: what is tested may have changed its arguments.
local function fault_of_copy(property, case)
  local copy = {}
  for name, value in pairs(case) do copy[name] = json.copy(value) end
  return fault_of(property, copy)
end

local function make(property, number, place)
  math.randomseed(SEED, number * 16 + place)
  return property.make()
end

local function diagnose(property, number, case)
  local small = shrink.shrink(case, property.parts, function(other) return fault_of_copy(property, other) ~= nil end)
  local again = ("SEED=%d FROM=%d COUNT=1 ONLY=%q repeats it"):format(SEED, number, property.name)
  local lines = { fault_of_copy(property, small) or "fails, but not a second time", again }
  for name, value in pairs(small) do
    local shown = type(value) ~= "table" and tostring(value) or show(value)
    table.insert(lines, 2, name .. " = " .. (type(value) == "string" and show(value) or shown))
  end
  return "#   " .. table.concat(lines, "\n"):gsub("\n", "\n#   ")
end

--- Runs a property on all its cases; the first that fails ends it.
local function run(property, place)
  for number = FROM, FROM + COUNT - 1 do
    if fault_of(property, make(property, number, place)) then
      return diagnose(property, number, make(property, number, place))
    end
  end
end

local failed, ran = 0, 0
print(("# SEED=%d COUNT=%d"):format(SEED, COUNT))
for place, property in ipairs(properties) do
  if property.name:find(ONLY, 1, true) then
    local start = os.clock()
    local diagnosis = run(property, place)
    failed, ran = failed + (diagnosis and 1 or 0), ran + 1
    local verdict = diagnosis and "not ok" or "ok"
    print(("%s %d - %s (%d cases, %.1f s)"):format(verdict, place, property.name, COUNT, os.clock() - start))
    if diagnosis then print(diagnosis) end
    io.flush()
  end
end
print(("1..%d"):format(ran))
if ran == 0 then print(("not ok - no property has %q in its name"):format(ONLY)) end
os.exit(failed == 0 and ran > 0, true)
