--- `sluice doctor`: is everything there that a run needs, and what to do where it is not.

local connection = require "sluice.cli.connection"
local output = require "sluice.cli.output"

local M = {
  name = "doctor",
  summary = "check configuration, network, credentials and permissions",
  usage = "[options]",
  options = connection.with(output.options),
  notes = [[
One line a check: ok, warning, failed or skipped, and below it what to do.
Checks go on after a failure, where they can. Nothing is written to the
platform. Exit codes: 0 all is well, 3 configuration, credentials or clock, 4
the service refused, 5 network or service failed: that of the first check that
failed.
]],
  example = "sluice doctor --profile stage",
}

local COLUMNS = {
  { name = "check", get = function(item) return item.check end },
  { name = "status", get = function(item) return item.status end },
  { name = "message", get = function(item) return item.message end },
  { name = "advice", get = function(item) return item.advice end },
  { name = "exit", get = function(item) return item.exit end },
}

local KINDS = { ok = "string", warning = "number", failed = "bad", skipped = "faint" }
local NAME, INDENT = 17, 26 -- columns of a check's name, and in front of its message

--- A text in lines that fit, all but the first indented.
local function wrapped(text, indent, room)
  local width, lines, line = require "sluice.terminal.width", {}, ""
  for word in text:gmatch "%S+" do
    local longer = line == "" and word or line .. " " .. word
    if line ~= "" and width.of(longer) > room - indent then
      lines[#lines + 1], line = line, word
    else
      line = longer
    end
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n" .. (" "):rep(indent))
end

--- Prints a check as soon as it is done.
local function printer()
  local core, clean, style = require "sluice.core", require "sluice.terminal.clean", require "sluice.terminal.style"
  local room = core.terminal.size "stdout"
  local painter = style.new(room ~= nil and style.wanted())
  local function fit(line, indent) return room and wrapped(line, indent, math.max(room, 60)) or line end
  return function(found)
    local word = painter:paint(KINDS[found.status], ("%-9s"):format(found.status))
    io.write(word, ("%-" .. NAME .. "s"):format(found.check), fit(clean.line(found.message), INDENT), "\n")
    if found.advice then io.write((" "):rep(INDENT), "→ ", fit(clean.line(found.advice), INDENT + 2), "\n") end
    io.stdout:flush()
  end
end

local function plural(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

local function tell(values, counts)
  if counts.failed == 0 and counts.warning == 0 then return output.note(values, "all is well") end
  local words = {}
  if counts.failed > 0 then words[1] = plural(counts.failed, "check") .. " failed" end
  if counts.skipped > 0 then words[#words + 1] = counts.skipped .. " skipped" end
  if counts.warning > 0 then words[#words + 1] = plural(counts.warning, "warning") end
  output.note(values, table.concat(words, ", "))
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = require("sluice.cli.command").read(M, words)
  if not values then return 0 end
  local is_table = output.check(values, COLUMNS) == "table" and not values.columns
  local session = require("sluice.cli.session").open(values)
  return session:during(function()
    local next_check = require("sluice.doctor").run { options = values }
    local counts, exit = { ok = 0, warning = 0, failed = 0, skipped = 0 }, 0
    local function counted()
      local found = next_check()
      if not found then return nil end
      counts[found.status] = counts[found.status] + 1
      if found.exit and exit == 0 then exit = found.exit end
      return found
    end
    if is_table then
      local print_check = printer()
      for found in counted do print_check(found) end
    else
      output.rows(values, COLUMNS, counted)
    end
    tell(values, counts)
    return exit
  end)
end

return M
