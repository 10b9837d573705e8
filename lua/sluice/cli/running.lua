--- What the commands that tell of runs share: how figures are written, which dataflows are meant, and what time it is
--- at the service.

local core = require "sluice.core"
local span = require "sluice.span"

local M = {}

-- ── figures ────────────────────────────────────────────────────────────────────────────────────────────────

--- A count with its thousands parted: "12,345".
---@param count integer
---@return string
function M.count(count)
  local text = tostring(count):reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (text:gsub("^,", ""))
end

--- A count and what is counted: "1 run", "2 runs".
---@param count integer
---@param noun string
---@return string
function M.plural(count, noun) return ("%s %s%s"):format(M.count(count), noun, count == 1 and "" or "s") end

local UNITS = { "kB", "MB", "GB", "TB", "PB" }

--- Bytes: "512 B", "1.4 MB".
---@param bytes integer
---@return string
function M.bytes(bytes)
  if bytes < 1000 then return bytes .. " B" end
  local value, unit = bytes / 1000, 1
  while value >= 999.95 and unit < #UNITS do value, unit = value / 1000, unit + 1 end
  return ("%.1f %s"):format(value, UNITS[unit])
end

--- A moment for programs: "2030-01-01T06:00:00Z".
---@param seconds integer|nil since 1970
---@return string|nil
function M.iso(seconds) return seconds and os.date("!%Y-%m-%dT%H:%M:%SZ", seconds) --[[@as string]] end

--- The same for people: "2030-01-01 06:00".
---@param iso string
---@return string
function M.short(iso) return (iso:sub(1, 16):gsub("T", " ")) end

--- The first error of a run: "CODE: message".
---@param run sluice.run.Facts
---@return string|nil
function M.error(run)
  if run.code and run.message then return run.code .. ": " .. run.message end
  return run.code or run.message
end

local COLOURS = { succeeded = "string", failed = "bad", ["going on"] = "number" }

--- The colour of a run's state.
---@param run sluice.run.Facts
---@return string kind of `sluice.terminal.style`
function M.colour(run) return COLOURS[run.outcome] end

--- The columns of runs, for `sluice.cli.output`.
---@param names table<string, string> of dataflows, by ID
---@param several boolean runs of more than one dataflow are shown
---@return sluice.cli.Column[]
function M.columns(names, several)
  local function of(field) return function(run) return run[field] end end
  local states = {}
  return {
    { name = "started", get = function(run) return M.iso(run.started) end, show = M.short, width = 16 },
    { name = "duration", get = of "duration", show = span.text, right = true, goes = 2, width = 8 },
    { name = "state", width = 10, colour = function(state) return states[state] end, get = function(run)
      states[run.status] = M.colour(run)
      return run.status
    end },
    { name = "input", title = "IN", get = of "input", show = M.count, right = true, goes = 3, width = 9 },
    { name = "output", title = "OUT", get = of "output", show = M.count, right = true, width = 9 },
    { name = "failed", get = of "failed", show = M.count, right = true, goes = 4 },
    { name = "files", get = of "files", show = M.count, right = true, goes = 5 },
    { name = "bytes", title = "SIZE", get = of "bytes", show = M.bytes, right = true, goes = 6, width = 8 },
    { name = "dataflow", get = function(run) return names[run.flow] end, show = M.name, extra = not several },
    { name = "error", get = M.error, cut = true },
    { name = "skipped", get = of "skipped", show = M.count, right = true, extra = true },
    { name = "ended", get = function(run) return M.iso(run.ended) end, show = M.short, extra = true },
    { name = "audiences", extra = true, get = function(run) return core.json.array(run.subjects) end },
    { name = "id", get = of "id", extra = true },
    { name = "dataflow_id", get = of "flow", extra = true },
  }
end

local NAME = 28 -- columns of a dataflow's name on a terminal, at most, and a part of its width

--- A name among other columns: cut where it is for a terminal.
---@param name string
---@return string
function M.name(name)
  local room = core.terminal.size "stdout"
  if not room then return name end
  return require("sluice.terminal.width").cut(require("sluice.terminal.clean").line(name), math.min(NAME, room // 4))
end

-- ── options ────────────────────────────────────────────────────────────────────────────────────────────────

--- A length of time that an option gives. Raises kind "usage".
---@param values table<string, any> of the options
---@param name string such as "since"
---@return integer|nil seconds
function M.span(values, name) return values[name] and span.seconds(values[name], "--" .. name) end

-- ── the service ────────────────────────────────────────────────────────────────────────────────────────────

--- A clock that hears every answer of the connections made from here on.
---@return sluice.ServiceTime
function M.clock()
  local defaults, clock = require "sluice.defaults", require("sluice.service_time").new()
  local others = defaults.observe
  defaults.observe = function(settings)
    if others then others(settings) end
    clock:attach(settings)
  end
  return clock
end

--- The dataflows that the words of a command line mean, each once.
---@param aep sluice.Client
---@param words string[] IDs or exact names
---@return table[] flows
function M.flows(aep, words)
  local name, flows, seen = require "sluice.cli.name", {}, {}
  local found = require("sluice.tasks").map(words, function(word)
    return (select(2, name.resolve(aep, { "flows" }, word)))
  end, { concurrency = 4 })
  for _, flow in ipairs(found) do
    if not seen[flow.id] then flows[#flows + 1], seen[flow.id] = flow, true end
  end
  return flows
end

--- The filter of dataflows to destinations; sources have dataflows, too (flow-service-api.md §11).
M.DESTINATIONS = "inheritedAttributes.properties.isDestinationFlow==true"

--- A dataflow's name, or its ID where it has none.
---@param flow table
---@return string
function M.name_of(flow) return type(flow.name) == "string" and flow.name or flow.id end

return M
