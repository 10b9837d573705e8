--- `sluice version`

local M = {
  name = "version",
  summary = "print the version of Sluice and of its Lua",
  options = {},
  example = "sluice version",
}

---@param words string[]
function M.run(words)
  if #words > 0 then
    local command = require "sluice.cli.command"
    local values = command.parse(M, words)
    if values.help then
      io.write(command.help(M))
      return
    end
  end
  print(("sluice %s (%s)"):format(require("sluice.core").version, _VERSION))
end

return M
