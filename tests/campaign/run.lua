--- Set-ups and changes under faults, as TAP: COUNT cases, each with a destination and faults of its own, many at the
--- same time, all in this process.
---   COUNT  how many cases (default 1000)            SEED   where they come from (default: the time)
---   FROM   number of the first case (default 1)     WIDTH  how many at the same time (default 40)
--- Case number N of a seed has the same destination and the same faults in every run. Of a case that is not as it
--- should be, all calls are printed, and the line that repeats it.

local campaign = require "campaign.campaign"
local kinds = require "campaign.kinds"

local function setting(name, default)
  local text = os.getenv(name) or ""
  if text == "" then return default end
  return math.tointeger(tonumber(text)) or error(name .. " is a whole number, not " .. text, 0)
end

local MOST_SHOWN = 5 -- of the failures of one kind
local COUNT, FROM, WIDTH = setting("COUNT", 1000), setting("FROM", 1), setting("WIDTH", 40)
local SEED = setting("SEED", os.time())

local function print_failures(failures)
  for i, failure in ipairs(failures) do
    if i > MOST_SHOWN then return print(("#   … and %d more"):format(#failures - MOST_SHOWN)) end
    print("#   " .. failure.text:gsub("\n", "\n#   "))
    print(("#   SEED=%d FROM=%d COUNT=1 repeats it"):format(SEED, failure.number))
  end
end

print(("# SEED=%d COUNT=%d"):format(SEED, COUNT))
io.flush()
local report, failed, ran = campaign.run(SEED, FROM, COUNT, WIDTH), 0, 0
for _, kind in ipairs(kinds.list) do
  local tally = report.tallies[kind.name]
  if tally.cases > 0 then
    ran, failed = ran + 1, failed + (#tally.failures > 0 and 1 or 0)
    print(("%s %d - %s (%d cases, %d ended in an error at first)"):format(#tally.failures > 0 and "not ok" or "ok", ran,
      kind.name, tally.cases, tally.errors))
    print_failures(tally.failures)
  end
end
print(("# %d faults struck: %d of different kinds, at %d operations, %d of %d pairs of both"):format(report.struck,
  report.faults, report.operations, report.pairs, report.possible))
print(("1..%d"):format(ran))
os.exit(failed == 0 and ran > 0, true)
