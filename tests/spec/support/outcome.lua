--- Short ways to look at findings and failures in specs.

local core = require "sluice.core"

local M = {}

--- Findings as lines such as "error /audiences/0/id: missing: …", but for the warning that secrets draw which are
--- written out, as many are in specs (see destination/secrets_spec.lua).
---@param list table[]
---@return string
function M.lines(list)
  local lines = {}
  for _, finding in ipairs(list) do
    if not finding.message:find "^the secret is written out" then
      lines[#lines + 1] = ("%s %s: %s"):format(finding.level, finding.place, finding.message)
    end
  end
  return table.concat(lines, "\n")
end

--- Calls a function that must raise an error object, and gives that.
---@param fn function
---@return table failure
function M.failure(fn, ...)
  local ok, failure = pcall(fn, ...)
  assert(not ok, "expected a failure")
  assert(core.error.is(failure), "expected an error object, got " .. tostring(failure))
  return failure
end

return M
