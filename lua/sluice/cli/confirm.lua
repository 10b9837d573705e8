--- Makes sure that somebody means what a command is about to write.

local core = require "sluice.core"

local M = {}

--- To be appended to a command's own options.
---@type sluice.cli.Option[]
M.options = {
  { name = "--yes", help = "do it without asking" },
  { name = "--yes-production", value = "NAME", help = "the name of a protected profile's sandbox" },
}

--- Asks for yes or no.
local function ask(question)
  local asking = require "sluice.cli.asking"
  if asking.is_possible() then return asking.yes(question) end
  return core.error.raise("usage", ("%s nothing was done, for there is no terminal to ask at"):format(question), {
    hint = "--yes says that you mean it" })
end

--- Asks whether something that is not the platform's is to be done.
---@param values table<string, any> of the options
---@param question string such as "remove profile X?"
---@return boolean meant false: the answer was no, which this has said; raises kind "usage" without a terminal to ask at
function M.ask(values, question)
  if values.yes or ask(question) then return true end
  require("sluice.cli.progress").log "nothing was done"
  return false
end

--- Asks whether something is to be written. A protected profile's sandbox has to be named in place of a yes, even with
--- --yes: by --yes-production, or typed.
---@param aep sluice.Client
---@param values table<string, any> of the options
---@param what string a question, such as "delete dataflow X?"
---@return boolean meant false: the answer was no, which this has said; raises kind "usage" without a terminal to ask at
function M.write(aep, values, what)
  if aep.protected then
    require("sluice.cli.progress").log(what)
    require("sluice.protection").check { sandbox = aep.sandbox, source = aep.source,
      yes_production = values.yes_production, ask_production = require("sluice.cli.production").ask }
    return true
  end
  return M.ask(values, what)
end

return M
