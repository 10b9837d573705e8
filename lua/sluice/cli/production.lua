--- Asks for the name of a protected sandbox before something is written there.

local M = {}

local QUESTION = [[
%s is protected, and something is about to be written in sandbox %s.
Type the sandbox's name to go on]]

--- Asks at the terminal, if somebody sits there.
---@param settings { source: string, sandbox: string }
---@return string|nil name what was typed; nil where there is nobody to ask
function M.ask(settings)
  local core, clean = require "sluice.core", require("sluice.terminal.clean").line
  if not require("sluice.cli.asking").is_possible() then return nil end
  io.stdout:flush()
  local name = core.terminal.ask(QUESTION:format(clean(settings.source), clean(settings.sandbox)))
  return name and name:match "^%s*(.-)%s*$" or ""
end

return M
