--- What is wrong or doubtful in a definition, a line each on standard error, before the one line that ends the run.

local core = require "sluice.core"
local text = require "sluice.cli.text"

local M = {}

local function line(finding)
  local place = finding.place ~= "" and finding.place .. ": " or ""
  return ("%-7s  %s%s\n"):format(finding.level, text.line(place), text.line(finding.message))
end

local function count_errors(findings)
  local count = 0
  for _, finding in ipairs(findings) do
    if finding.level == "error" then count = count + 1 end
  end
  return count
end

--- Lists the findings of a failure; its message then only says how many errors there are. A single error stays in the
--- message, which is the run's last line.
local function list(failure)
  local findings = core.error.is(failure) and failure.findings
  if type(findings) ~= "table" then return end
  local errors = failure.count or count_errors(findings)
  for _, finding in ipairs(findings) do
    if errors > 1 or finding.level ~= "error" then io.stderr:write(line(finding)) end
  end
  if errors > 1 then
    failure.message = ("%s has %d errors, listed above; nothing was %s"):format(failure.subject or "the recipe",
      errors, failure.places and "sent" or "changed")
  end
end

--- For a variable that is to be closed: when the block ends with a failure that holds findings, they are listed.
---@return table
function M.on_failure()
  return setmetatable({}, { __close = function(_, failure) list(failure) end })
end

return M
