--- `sluice health [FLOW…]`: how each dataflow fares.

local connection = require "sluice.cli.connection"
local output = require "sluice.cli.output"

local M = {
  name = "health",
  summary = "how each dataflow fares: last success, failures, next export",
  usage = "[FLOW...] [options]",
  arguments = { { name = "FLOW", help = "a dataflow's ID or exact name; none: all to destinations", many = true,
    optional = true } },
  options = connection.with({
    { name = "--since", value = "SPAN", help = "count the runs that began so long ago at most (default: 7d)" },
    { name = "--failed-only", help = "only dataflows that fail or are late" },
  }, output.options),
  notes = [[
Verdicts: "failing", the last run failed, or that of one audience did; "late",
an export was due over an hour ago and has not begun; "disabled"; "never ran";
else "ok". What is due and what comes next is reckoned from the schedules; one
after an audience's evaluation is due once its day is over. Streams have no
schedule and are never late. Times are the service's, in UTC.

Exit codes: 0 none fails or is late, 1 some do; others as for every command.
]],
  example = "sluice health --failed-only\nsluice health \"Loyal customers\" --since 24h --json",
}

local PAGE = 100

local function command() return require "sluice.cli.command" end

-- ── what is shown ──────────────────────────────────────────────────────────────────────────────────────────

local COLOURS = { ok = "string", late = "number", failing = "bad", disabled = "faint", ["never ran"] = "faint" }

--- How a moment is told: how far it is from now; an export after evaluation by its day.
local function columns_of(clock)
  local running, span = require "sluice.cli.running", require "sluice.span"
  local function of(field) return function(report) return report[field] end end
  local function next_of(report)
    local coming = report.next
    if not coming then return report.streams and report.verdict ~= "disabled" and "as it comes" or nil end
    return coming.after_evaluation and os.date("!%Y-%m-%d", coming.at) or running.iso(coming.at)
  end
  local function seconds(iso) return require("sluice.activation.dates").seconds(iso:sub(1, 10), iso:sub(12, 16)) end
  return {
    { name = "verdict", get = of "verdict", colour = function(verdict) return COLOURS[verdict] end, width = 9 },
    { name = "name", get = of "name", show = running.name },
    { name = "state", get = of "state", extra = true },
    { name = "last_success", title = "LAST SUCCESS", width = 12, goes = 1,
      get = function(report) return running.iso(report.last_success) end,
      show = function(iso) return span.text(math.max(0, clock:now() - seconds(iso))) .. " ago" end },
    { name = "runs", get = of "runs", right = true, goes = 3 },
    { name = "failures", title = "FAILED", get = of "failures", right = true },
    { name = "next_export", title = "NEXT EXPORT", width = 13, goes = 2, get = next_of, show = function(text)
      if not text:find "T" then return text:find "^%d" and "on " .. text or text end
      return "in " .. span.text(math.max(0, seconds(text) - clock:now()))
    end },
    { name = "reason", get = of "reason", cut = true },
    { name = "id", get = of "id", extra = true },
  }
end

-- ── what is asked ──────────────────────────────────────────────────────────────────────────────────────────

--- The dataflows that are meant, a page at a time.
local function flow_pages(aep, words)
  local running = require "sluice.cli.running"
  local query, items, link, begun = { limit = PAGE, property = running.DESTINATIONS }, nil, nil, false
  return function()
    if begun and not link then return nil end
    if words then
      items = running.flows(aep, words)
    else
      items, link = aep.flows:page(query, link)
    end
    begun = true
    return items
  end
end

local ORDER = { "ok", "failing", "late", "disabled", "never ran" }

local function summary(counts, total)
  local running, words = require "sluice.cli.running", {}
  for _, verdict in ipairs(ORDER) do
    if counts[verdict] then words[#words + 1] = ("%s %s"):format(running.count(counts[verdict]), verdict) end
  end
  return ("%s: %s"):format(running.plural(total, "dataflow"), table.concat(words, ", "))
end

local function show(aep, values, window, clock)
  local health, counts, total, unwell = require "sluice.health", {}, 0, false
  local next_flows = flow_pages(aep, values.FLOW)
  local function next_page()
    local flows = next_flows()
    if not flows then return nil end
    local shown, now = {}, clock:now()
    for _, report in ipairs(health.of(aep, flows, { since = now - window, now = now })) do
      total, counts[report.verdict] = total + 1, (counts[report.verdict] or 0) + 1
      unwell = unwell or health.is_unwell(report)
      if not values.failed_only or health.is_unwell(report) then shown[#shown + 1] = report end
    end
    return shown
  end
  output.pages(values, columns_of(clock), next_page)
  if total == 0 then
    output.note(values, ("there are no dataflows to destinations in sandbox %s"):format(aep.sandbox))
  else
    output.note(values, summary(counts, total))
  end
  return unwell and 1 or 0
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = command().read(M, words)
  if not values then return 0 end
  local running = require "sluice.cli.running"
  output.check(values, columns_of {})
  local window, clock = running.span(values, "since") or 7 * 86400, running.clock()
  return connection.during(values, function(aep) return show(aep, values, window, clock) end)
end

return M
