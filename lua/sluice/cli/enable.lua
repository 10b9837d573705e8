--- `sluice enable FLOW…`

local switch = require "sluice.cli.switch"

local M = {
  name = "enable",
  summary = "let dataflows export again",
  usage = "[options] FLOW…",
  arguments = { { name = "FLOW", help = "a dataflow's ID or exact name", many = true } },
  options = switch.options(),
  notes = [[
Of several dataflows all are looked up before the first is enabled. One that is
enabled already needs nothing, and is said so.
]],
  example = "sluice enable \"Loyal customers to Campaign\"",
}

---@param words string[]
---@return integer exit_code
function M.run(words) return switch.run(M, words) end

return M
