--- setup.lua FOLDER SLUICE RUNS PYTHON: the work of setup.sh. The contestants take turns, so that whatever else the
--- machine does meets all of them.

local certificates = require "support.certificates"
local client = require "sluice.client"
local core = require "sluice.core"

local folder, sluice, runs, python = table.unpack(arg)
runs = math.tointeger(runs)
local tls = certificates.make()
local ROUND_TRIP = 50 -- ms

-- ── the other side ─────────────────────────────────────────────────────────────────────────────────────────

local function listen(command)
  return tls:start(command, function(line) return line:match "listening on %S-127%.0%.0%.1:(%d+)" end)
end

--- An emulator, and what stands in front of it.
local function open(link)
  local place = { port = listen(sluice .. " emulate --port 0 --seed bench") }
  place.emulator = "http://127.0.0.1:" .. place.port
  local function front()
    if link.scheme == "http" then return place.emulator end
    local port = tls:front(place.port)
    if link.delay > 0 then port = listen(("%s/relay %d %d"):format(folder, port, link.delay)) end
    return "https://127.0.0.1:" .. port
  end
  place.platform, place.ims = front(), front()
  place.cacert = link.scheme == "https" and tls.cacert or ""
  return place
end

local function read(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "a"
end

local IDENTITY = { org = "0123456789ABCDEF01234567@AdobeOrg", client_id = "client", sandbox = "prod" }

local function token_of(place)
  local answer = core.http.request { method = "POST", url = place.emulator .. "/ims/token/v3",
    headers = { ["Content-Type"] = "application/x-www-form-urlencoded" },
    body = "grant_type=client_credentials&client_id=client&client_secret=secret&scope=openid" }
  return core.json.decode(answer.body).access_token
end

--- How many dataflows the emulator holds, each of them whole.
local function count_flows(place)
  local settings, count = { base_url = place.emulator, ims_url = place.emulator }, 0
  for name, value in pairs(IDENTITY) do settings[name] = value end
  settings.token = core.secret.new("token", place.token)
  for flow in client.new(settings).flows:each { limit = 100 } do
    local params = flow.transformations[1].params
    assert(#params.segmentSelectors.selectors == 1 and #params.profileSelectors.selectors == 4, flow.name)
    count = count + 1
  end
  return count
end

-- ── the contestants ────────────────────────────────────────────────────────────────────────────────────────

local function quote(word) return "'" .. word:gsub("'", "'\\''") .. "'" end

local function command_line(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = quote(word) end
  return table.concat(quoted, " ")
end

--- A cold run asks for its token; one that may keep it finds what the runs before it kept.
local function run_sluice(place, keeps_token, script, ...)
  local words = { sluice, "run", "--base-url", place.platform, "--ims-url", place.ims }
  if not keeps_token then words[#words + 1] = "--no-token-cache" end
  if place.cacert ~= "" then table.move({ "--cacert", place.cacert }, 1, 2, #words + 1, words) end
  table.move({ script, ... }, 1, select("#", ...) + 1, #words + 1, words)
  return command_line(words)
end

local function recipe(place, keeps_token)
  return run_sluice(place, keeps_token, "scripts/activate_amazon_s3.lua", "--name", "sluice {}", "--access-key",
    "AKIAEXAMPLEEXAMPLE22", "--bucket", "example-audiences", "--path", "exports/daily", "--audience",
    "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", "--first-day", "2030-01-01",
    "--end-day", "2030-12-31")
end

local function chain(way, ...)
  local further = { ... }
  return function(place)
    return command_line { folder .. "/chain", way, place.platform, place.ims, place.cacert, way .. " {}",
      table.unpack(further) }
  end
end

local function script(...)
  local words = { ... }
  return function(place)
    local all = table.move(words, 1, #words, 1, {})
    table.move({ place.platform, place.ims, place.cacert, words[1] .. " {}" }, 1, 4, #all + 1, all)
    return command_line(all)
  end
end

local ONE = {
  { "sluice, a recipe", function(place) return recipe(place, false) end },
  { "sluice, its token kept", function(place) return recipe(place, true) end },
  { "C on multi, all its calls", chain "checked", base = true },
  { "sluice, the calls alone", function(place)
    return run_sluice(place, false, "tests/bench/peers/chain.lua", "calls {}")
  end },
  { "C on multi", chain "overlapped" },
  { "C, one after the other", chain "sequential" },
  { "curl in a shell script", script "tests/bench/peers/chain.sh" },
}
if python ~= "" then table.insert(ONE, { "Python requests", script(python, "tests/bench/peers/chain.py") }) end

local MANY = {
  { "sluice.map", function(place)
    return run_sluice(place, false, "tests/bench/peers/many.lua", "many {}", "100", "10")
  end },
  { "C on multi, all its calls", chain("checked", "100", "10"), base = true },
  { "C on multi", chain("overlapped", "100", "10") },
}

-- ── measuring ──────────────────────────────────────────────────────────────────────────────────────────────

--- One run: wall and CPU in milliseconds, KiB.
local function measure(contestant, place)
  local errors = folder .. "/errors"
  local command = ("STDERR=%s %s/timed 1 %s"):format(errors, folder, contestant[2](place))
  local wall, _, cpu, kib = read(command):match "(%S+)\t(%S+)\t(%S+)\t(%S+)"
  if not wall then error(("%s failed: %s"):format(contestant[1], read("head -c 2000 " .. errors)), 0) end
  return { wall = tonumber(wall), cpu = tonumber(cpu), kib = tonumber(kib) }
end

local function median(list, field)
  local values = {}
  for i, run in ipairs(list) do values[i] = run[field] end
  table.sort(values)
  return values[(#values + 1) // 2]
end

local function print_table(title, link, contestants, results)
  local base
  for i, contestant in ipairs(contestants) do
    if contestant.base then base = results[i] end
  end
  local row = "  %-26s %9s %7s %12s %9s %7s %9s"
  print(("\n%s, %s"):format(title, link.title))
  print(row:format("", "wall ms", "ratio", "round trips", "CPU ms", "ratio", "peak MiB"))
  for i, contestant in ipairs(contestants) do
    local wall, cpu = median(results[i], "wall"), median(results[i], "cpu")
    local trips = link.delay > 0 and ("%.2f"):format(wall / link.delay) or ""
    print(("  %-26s %9.1f %7.2f %12s %9.1f %7.2f %9.1f"):format(contestant[1], wall, wall / median(base, "wall"), trips,
      cpu, cpu / median(base, "cpu"), median(results[i], "kib") / 1024))
  end
end

--- `fresh`: each run has an emulator of its own.
local function compare(title, link, contestants, rounds, each, fresh)
  local results, made, place = {}, 0, nil
  for i in ipairs(contestants) do results[i] = {} end
  for _ = 1, rounds do
    for i, contestant in ipairs(contestants) do
      if fresh or not place then
        tls:stop()
        place, made = open(link), 0
        place.token = token_of(place)
      end
      table.insert(results[i], measure(contestant, place))
      made = made + each
      if fresh then assert(count_flows(place) == made, contestant[1] .. " lost a dataflow") end
    end
  end
  assert(count_flows(place) == made, "a dataflow was lost")
  print_table(title, link, contestants, results)
end

local LINKS = {
  { title = "http, no delay", scheme = "http", delay = 0 },
  { title = "TLS and HTTP/2, no delay", scheme = "https", delay = 0 },
  { title = ("TLS and HTTP/2, a round trip of %d ms"):format(ROUND_TRIP), scheme = "https", delay = ROUND_TRIP },
}

local ok, problem = xpcall(function()
  for _, link in ipairs(LINKS) do compare("One set-up", link, ONE, runs, 1, false) end
  for _, link in ipairs(LINKS) do compare("100 set-ups, ten at a time", link, MANY, runs // 3, 100, true) end
end, debug.traceback)
tls:close()
if not ok then error(problem, 0) end
