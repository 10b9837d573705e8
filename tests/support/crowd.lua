--- An emulated organisation with as many dataflows as a test likes, in a process of its own; see crowd_server.lua for
--- what is in it.
---
---     local org <close> = crowd.start { flows = 1000 }
---     program.run({ "list", "flows" }, { env = org.env })

local core = require "sluice.core"
local program = require "support.program"

local M = {}

--- The organisation's own names, in order; the first dataflows and accounts have them where `careful` is asked for.
M.CAREFUL = {
  "Grüße aus Köln – 東京 🎉", 'with "quotes", \'apostrophes\' and; commas', "two\nlines\r\nand a\ttab",
  "\27[31mred\27[0m \27]0;title\7 bell\7", "\u{202E}gnp.exe\u{202C} \u{2066}isolated\u{2069}",
  "c1 \u{9B}31m \u{85} end",
  "long " .. ("very "):rep(60) .. "name", " blanks ", "=1+1", "--json", "a/b~c%41&d==e",
}

--- The name of the i-th dataflow, without `careful`.
function M.flow_name(i) return ("Flow %05d"):format(i) end

--- The name of the i-th account; ten dataflows share one.
function M.account_name(i) return ("Account %04d"):format(i) end

--- The ID of the i-th entity of a kind: "flows", "connections", "sourceConnections", "targetConnections".
function M.id(kind, i) return require("sluice.emulator.ids").new("crowd"):uuid(("crowd %s %d"):format(kind, i)) end

---@class support.CrowdOptions
---@field flows? integer dataflows (default 10); the newest, which lists show first, is number 1
---@field careful? boolean the first ones have the names of `M.CAREFUL`
---@field orphans? integer accounts, target and source connections besides, which nothing uses, so many of each
---@field sources? integer dataflows besides that come from a source into the platform, "Import 0001" and so on
---@field runs? integer of each of the first 20 dataflows; every third failed
---@field audiences? integer in the list of audiences (default: the emulator's); the first have careful names
---@field empty? boolean nothing at all: no dataflows, no accounts, no audiences
---@field emulator? table its options: permissions = "view-profiles", journal = FILE, latency = 0.5, faults = {…}

--- Starts one.
---@param options? support.CrowdOptions
---@return table process with `url`, and `env`, credentials and hosts for the program; ended by `close` or `<close>`
function M.start(options)
  local given = { careful_names = options and options.careful and core.json.array(M.CAREFUL) or nil }
  for name, value in pairs(options or {}) do given[name] = value end
  local process = program.start { "run", "tests/support/crowd_server.lua", core.json.encode(core.json.object(given)) }
  if not process:says "\n" then
    local errors = process:errors()
    process:__close()
    error("the crowd does not start: " .. tostring(errors), 2)
  end
  process.url = process:output():match "http://%S+"
  process.env = { AEP_BASE_URL = process.url, AEP_IMS_URL = process.url }
  for name, value in pairs(program.CREDENTIALS) do process.env[name] = value end
  return process
end

return M
