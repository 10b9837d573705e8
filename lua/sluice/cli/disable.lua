--- `sluice disable FLOW…`

local switch = require "sluice.cli.switch"

local M = {
  name = "disable",
  summary = "stop the exports of dataflows",
  usage = "[options] FLOW…",
  arguments = { { name = "FLOW", help = "a dataflow's ID or exact name", many = true } },
  options = switch.options(),
  notes = [[
Of several dataflows all are looked up before the first is disabled. One that is
disabled already needs nothing, and is said so. What a running export does then
is not documented.
]],
  example = "sluice disable \"Loyal customers to Campaign\"",
}

---@param words string[]
---@return integer exit_code
function M.run(words) return switch.run(M, words) end

return M
