--- `sluice export-now FLOW AUDIENCE…`: exports audiences now, besides their schedule.

local output = require "sluice.cli.output"
local switch = require "sluice.cli.switch"

local M = {
  name = "export-now",
  summary = "export audiences of a dataflow now, besides their schedule",
  usage = "[options] FLOW [AUDIENCE…]",
  arguments = {
    { name = "FLOW", help = "a dataflow's ID or exact name" },
    { name = "AUDIENCE", help = "ID or exact name of an audience in it", many = true, optional = true },
  },
  options = { { name = "--all", help = "all audiences of the dataflow, in place of AUDIENCE" },
    { name = "--no-wait", help = "do not wait until the files are written" } },
  notes = [[
The audiences are exported in full, at most 80 in one request, and none twice at
a time: what runs already is waited for first. The command ends when the files
are written, after an hour at most unless --deadline says otherwise; with code 4
when an export failed. Adobe exports on demand what has been in the dataflow for
an hour and has a schedule that includes today.
]],
  example = "sluice export-now \"Loyal customers to Campaign\" \"Loyal customers\"\n"
    .. "sluice export-now \"Loyal customers to Campaign\" --all --no-wait",
}
table.move(switch.options(), 1, #switch.options(), #M.options + 1, M.options)

local function check(values)
  local usage_error = require("sluice.cli.command").usage_error
  if values.all and values.AUDIENCE then
    usage_error(M, "--all and AUDIENCE exclude each other")
  elseif not values.all and not values.AUDIENCE then
    usage_error(M, "AUDIENCE is missing; name audiences of the dataflow, or give --all")
  end
end

local function document_of(result)
  local json = require("sluice.core").json
  return { flow = { id = result.flow.id, name = result.flow.name }, runs = result.runs,
    explained = json.array(result.explained), warnings = json.array(result.warnings) }
end

local function perform(aep, values)
  local page = require "sluice.cli.page"
  local _ <close> = require("sluice.cli.findings").on_failure()
  local _, item = require("sluice.cli.name").resolve(aep, { "flows" }, values.FLOW)
  local result
  do
    local _ <close> = output.progress(values, "exporting …")
    result = require("sluice.dataflow").open(aep, item.id):export_now(values.AUDIENCE,
      { wait = not values.no_wait, deadline = values.deadline and tonumber(values.deadline) })
  end
  for _, warning in ipairs(result.warnings) do output.note(values, "warning: " .. warning.message) end
  output.value(values, document_of(result), function()
    local lines = {}
    for i, sentence in ipairs(result.explained) do lines[i] = page.line(sentence) .. "\n" end
    return table.concat(lines)
  end)
  return 0
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = require("sluice.cli.command").read(M, words)
  if not values then return 0 end
  check(values)
  return require("sluice.cli.connection").during(values, function(aep) return perform(aep, values) end)
end

return M
