--- `sluice repl`, and `sluice` alone at a terminal: the prompt.

local M = {
  name = "repl",
  summary = "a prompt for Lua that knows the platform",
  usage = "[options]",
  options = {
    { name = "--emulate", help = "work on an emulated service inside this process; needs no credentials" },
    { name = "--clock", value = "TIME",
      help = "with --emulate: virtual time that begins at TIME, such as 2030-01-01T00:00Z" },
    { name = "--profile", value = "NAME", help = "credentials of ~/.config/sluice/profiles/NAME.json" },
    { name = "--config", value = "FILE", help = "credentials of this file" },
    { name = "--sandbox", value = "NAME", help = "the sandbox to work in (AEP_SANDBOX, prod)" },
    { name = "--base-url", value = "URL", help = "another host of the platform (AEP_BASE_URL)" },
    { name = "--ims-url", value = "URL", help = "another host of the token service (AEP_IMS_URL)" },
    { name = "--cacert", value = "FILE", help = "certificates to trust besides the system's" },
    { name = "--yes-production", value = "NAME",
      help = "the sandbox of a protected profile: write there without asking for its name" },
    { name = "--keys", value = "KIND", choices = { "emacs", "vi" }, help = "keys of the line editor (emacs)" },
  },
  notes = [[
'sluice' alone starts it at a terminal; ':help' at the prompt says what it can.
Without a terminal it runs what it reads in the same way, prints values alone,
and ends with 1 if anything failed; 'sluice' alone then reads a script.
What was typed is kept for each profile in ~/.local/state/sluice/history, but
for lines that begin with a blank or hold a secret. ~/.editrc is honoured.
]],
  example = "sluice repl --emulate",
}

---@param words string[]
---@return integer exit_code
function M.run(words)
  local options = {}
  if #words > 0 then
    local command = require "sluice.cli.command"
    options = command.parse(M, words)
    if options.help then
      io.write(command.help(M))
      return 0
    end
  end
  return require("sluice.repl").run(options)
end

return M
