--- `sluice check FILE…`: finds slips in recipes and scripts without running them.

local M = {
  name = "check",
  summary = "find mistakes in recipes and scripts without running them",
  usage = "[--json] FILE…",
  arguments = { { name = "FILE", help = "a Lua file or a recipe of the library; - is standard input", many = true,
    optional = true } },
  options = {
    { name = "--json", help = "print the findings as one JSON array" },
  },
  notes = [[
Finds what is no Lua, globals that are not defined, fields and methods that
Sluice does not have, keys that a definition cannot have, parameters that a
recipe does not declare or never uses, secrets that are written out, modules
that are nowhere, locals that are never used. Nothing of a file is run.
One finding a line: FILE:LINE:COLUMN: error: what is wrong.
Exit codes: 0 nothing was found, 1 something was, 2 usage.
]],
  example = "sluice check activate.lua activate_test.lua",
}

local LARGEST = 4 * 1024 * 1024 -- bytes of a file that is looked into; its tree takes about 100 times as much

local function is_test(path)
  return path:find "_test%.lua$" ~= nil
end

--- What a file says of itself.
---@param source sluice.source
---@param known sluice.check.Known
---@return sluice.check.Finding[] findings in the order of the text
function M.examine(source, known)
  local reports, text = require "sluice.cli.check.report", source:read(source.entry)
  if #text > LARGEST then
    local report = reports.new(source.path)
    report:error("syntax", { line = 1, column = 1 }, "larger than %d MiB: too large to be looked into", LARGEST >> 20)
    return report
  end
  local tree, problem = require("sluice.analysis.syntax").read(text)
  local report = reports.new(source.path, tree)
  if not tree then
    report:error("syntax", problem, problem.message)
    return report
  end
  local testing = is_test(source.path)
  known:for_tests(testing)
  local types = require("sluice.cli.check.flow").new(tree, known)
  require("sluice.cli.check.fields").check(report, tree, types)
  require("sluice.cli.check.globals").check(report, tree, known.globals)
  require("sluice.cli.check.secrets").check(report, tree, types, testing)
  require("sluice.cli.check.modules").check(report, text, source)
  require("sluice.cli.check.unused").check(report, tree, types)
  return report:sorted()
end

local function print_lines(findings)
  local printable = require("sluice.host").printable
  for _, finding in ipairs(findings) do
    io.write(printable(("%s:%d:%d: %s: %s"):format(finding.file, finding.line, finding.column, finding.level,
      finding.message)), "\n")
  end
end

function M.run(words)
  local core, command = require "sluice.core", require "sluice.cli.command"
  local values = command.read(M, words)
  if not values then return 0 end
  if not values.FILE then command.usage_error(M, "FILE is missing: name the files to check") end
  local sources, findings = {}, core.json.array {}
  for i, path in ipairs(values.FILE) do sources[i] = require("sluice.cli.chunk").open(path) end
  local known = require("sluice.cli.check.known").new()
  for _, source in ipairs(sources) do
    local found = M.examine(source, known)
    table.move(found, 1, #found, #findings + 1, findings)
    if not values.json then print_lines(found) end
  end
  if values.json then io.write(core.json.encode(findings, { indent = 2 }), "\n") end
  return #findings > 0 and 1 or 0
end

return M
