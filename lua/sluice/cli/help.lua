--- `sluice help [command]`

local cli = require "sluice.cli"

local M = {
  name = "help",
  summary = "list the commands, or explain one",
  usage = "[COMMAND]",
  argument = { name = "COMMAND", help = "the command to explain" },
  options = { { name = "--man", help = "print the manual page sluice(1) as roff, for 'man -l' and to install" } },
  example = "sluice help run",
}

local HEAD = [[
Sluice composes Adobe Experience Platform destinations from Lua recipes.

Usage: sluice COMMAND [options] …
       sluice FILE.lua [arguments]      short for 'sluice run FILE.lua'

Commands:
]]

local TAIL = [[

'sluice help COMMAND' explains a command.

Example:
  sluice run scripts/activate_adobe_campaign.lua --emulate
]]

--- The list of commands.
---@return string
function M.short()
  local lines = {}
  for i, name in ipairs(cli.COMMANDS) do
    lines[i] = ("  %-12s%s\n"):format(name, require("sluice.cli." .. name).summary)
  end
  return HEAD .. table.concat(lines) .. TAIL
end

---@param words string[]
function M.run(words)
  if #words == 0 then
    io.write(M.short())
    return
  end
  local command = require "sluice.cli.command"
  local values = command.parse(M, words)
  if values.man then
    io.write(require("sluice.cli.man").page())
    return
  end
  local name = values.help and "help" or values.COMMAND
  for _, known in ipairs(cli.COMMANDS) do
    if known == name then
      io.write(command.help(require("sluice.cli." .. name)))
      return
    end
  end
  local nearest = require("sluice.suggest").nearest(name, cli.COMMANDS)
  command.usage_error(M, ("no command '%s'%s"):format(name, nearest and ("; did you mean '%s'?"):format(nearest) or ""))
end

return M
