--- The connection of a command that works on the platform: the options that choose it, and the work on it, within its
--- limits and seen by --trace.

local M = {}

--- To be appended to a command's own options.
---@type sluice.cli.Option[]
M.options = {
  { name = "--profile", value = "NAME", help = "credentials of ~/.config/sluice/profiles/NAME.json" },
  { name = "--config", value = "FILE", help = "credentials of this file" },
  { name = "--sandbox", value = "NAME", help = "the sandbox to work in (AEP_SANDBOX, prod)" },
  { name = "--base-url", value = "URL", help = "another host of the platform (AEP_BASE_URL)" },
  { name = "--ims-url", value = "URL", help = "another host of the token service (AEP_IMS_URL)" },
  { name = "--cacert", value = "FILE", help = "certificates to trust besides the system's" },
  { name = "--no-token-cache", help = "neither take a token that an earlier run got, nor keep one" },
  { name = "--trace", optional = "full", help = "a line for each call on standard error; full: bodies, too" },
  { name = "--attempts", value = "N", help = "attempts of one call at most, 1 to 100 (default: 5)" },
  { name = "--timeout", value = "SECONDS", help = "time for one attempt (default: 60)" },
  { name = "--deadline", value = "SECONDS", help = "time for the whole command (default: no limit)" },
}

--- A command's own options, others such as those of `sluice.cli.output`, and these.
---@param own sluice.cli.Option[]
---@param ... sluice.cli.Option[]
---@return sluice.cli.Option[]
function M.with(own, ...)
  local lists, all = table.pack(own, ...), {}
  lists[#lists + 1] = M.options
  for _, list in ipairs(lists) do table.move(list, 1, #list, #all + 1, all) end
  return all
end

--- Which service, and as whom.
local CHOICE = { "profile", "config", "sandbox", "base_url", "ims_url", "cacert" }

--- A command on the same connection, as it is typed.
---@param values table<string, any> of the options
---@param verb string
---@param words string[] that follow
---@return string
function M.command_line(values, verb, words)
  local shell, line = require("sluice.cli.text").shell, { "sluice " .. verb }
  for _, name in ipairs(CHOICE) do
    if values[name] then line[#line + 1] = ("--%s %s"):format(name:gsub("_", "-"), shell(values[name])) end
  end
  for _, word in ipairs(words) do line[#line + 1] = shell(word) end
  return table.concat(line, " ")
end

--- Connects as the options say; nothing is sent yet.
---@param values table<string, any> of the options
---@return sluice.Client
function M.open(values)
  require("sluice.cli.session").open(values)
  return require("sluice").connect()
end

--- Works on a connection: within --deadline, and seen by --trace.
---@param values table<string, any>
---@param work fun(aep: sluice.Client): integer|nil gives the exit code; nil is 0
---@return integer exit_code
function M.during(values, work)
  local session = require("sluice.cli.session").open(values)
  return session:during(function() return work(require("sluice").connect()) or 0 end)
end

return M
