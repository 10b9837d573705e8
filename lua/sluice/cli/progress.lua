--- What a run says on standard error while it works: one line a step, aligned, in colour on a terminal.

local host = require "sluice.host"
local text = require "sluice.cli.text"

local M = {}

local COLOURS = { created = "32", updated = "33", found = "2", verified = "36", planned = "35" }

local function wants_colour()
  local forbidden = os.getenv "NO_COLOR"
  return host.isatty "stderr" and (forbidden == nil or forbidden == "") and os.getenv "TERM" ~= "dumb"
end

local function paint(code, padded)
  if not code or not wants_colour() then return padded end
  return ("\27[%sm%s\27[0m"):format(code, padded)
end

--- One line of progress or explanation.
---@param message any
---@param painted? { before: string, code: string } what stands before it, in a colour: the code of an SGR sequence
function M.log(message, painted)
  local before = painted and paint(painted.code, text.line(painted.before)) or ""
  io.stderr:write(before, text.line(message), "\n")
end

--- One step that is done.
---@param step { what: string, name: string, id: string, ms: number, action: string }
function M.step(step)
  local action = paint(COLOURS[step.action], ("%-9s"):format(text.line(step.action)))
  io.stderr:write(("%s %-24s %-36s %7.1f ms  %s\n"):format(action, text.line(step.what), text.line(step.id or ""),
    step.ms or 0, text.line(step.name)))
end

local function plural(count, noun)
  return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

--- What the steps came to.
---@param result table what a destination's apply, or a change, gave back
---@param planned? boolean in a dry run: none of it was done
function M.finish(result, planned)
  for _, warning in ipairs(result.warnings) do
    M.log("warning: " .. (warning.place ~= "" and warning.place .. ": " or "") .. warning.message)
  end
  local done = planned and " would be made" or " made"
  local made, changed = "nothing had to be created, ", "nothing had to be changed"
  if type(result.created) ~= "number" then
    made = "" -- a change of what is there
  elseif result.created > 0 then
    made = plural(result.created, "resource") .. (planned and " would be created, " or " created, ")
  end
  if result.runs then
    changed = plural(#result.runs, "export") .. done
  elseif result.changed > 0 then
    changed = plural(result.changed, "change") .. done
  end
  M.log(made .. changed)
end

return M
