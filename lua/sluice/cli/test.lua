--- `sluice test [FILE…]`: runs the tests of recipes, each on an emulator of its own.

local M = {
  name = "test",
  summary = "run the tests of recipes, each on an emulator of its own",
  usage = "[--filter TEXT] [--tap] [FILE…]",
  arguments = { { name = "FILE", help = "tests; without one, all *_test.lua of this folder", many = true,
    optional = true } },
  options = {
    { name = "--filter", value = "TEXT", help = "run those tests only that have TEXT in their name" },
    { name = "--tap", help = "tell the outcomes as TAP, for programs" },
  },
  notes = [[
A test is written with describe, it, before_each, after_each, pending and
assert (equal, same, is_true, is_nil, has_error, matches, …). What is under
test runs with
  local sluice = require "sluice"
  local result = sluice.test.run("activate.lua", { bucket = "example" })
sluice.test.emulator tells what is there then, lets time pass and calls go
wrong: :counts() :items "flows" :calls() :advance "31d" :faults { RULE };
sluice.test.aep is a connection to it, sluice.test.log what was said.
In each test it is 2030-01-01T00:00Z. Nothing is sent beyond this machine, and
no credentials are looked for.
Exit codes: 0 all passed, 1 one failed or none ran, 2 usage.
]],
  example = "sluice test\nsluice test --filter \"second run\" activate_test.lua",
}

-- ── telling ────────────────────────────────────────────────────────────────────────────────────────────────

local WORDS = { passed = "ok      ", failed = "FAILED  ", pending = "pending " }

local function indented(text, margin) return margin .. text:gsub("\n", "\n" .. margin) end

--- Each outcome on a line, under the name of its file.
local function plain()
  return {
    file = function(path) return path end,
    outcome = function(outcome)
      local line = ("  %s%s"):format(WORDS[outcome.state], outcome.name)
      return outcome.text and line .. "\n" .. indented(outcome.text, "          ") or line
    end,
    last = function(text) return text end,
  }
end

--- The Test Anything Protocol.
local function tap()
  local number = 0
  return {
    file = function(path) return "# " .. path end,
    outcome = function(outcome)
      number = number + 1
      local line = ("%s %d - %s: %s"):format(outcome.state == "failed" and "not ok" or "ok", number, outcome.file,
        (outcome.name:gsub("#", "\\#")))
      if outcome.state == "pending" then return line .. " # SKIP " .. outcome.text:gsub("\n", " ") end
      return outcome.text and line .. "\n" .. indented(outcome.text, "# ") or line
    end,
    last = function(text) return ("1..%d\n# %s"):format(number, text) end,
  }
end

local function printer()
  local core, printable = require "sluice.core", require("sluice.host").printable
  return function(text)
    for line in (core.secret.mask(text) .. "\n"):gmatch "(.-)\n" do io.write(printable(line), "\n") end
    io.stdout:flush()
  end
end

-- ── running ────────────────────────────────────────────────────────────────────────────────────────────────

--- The tests of the folder, when none are named.
local function default_files()
  local found = {}
  for _, name in ipairs(require("sluice.host").files ".") do
    if name:find "_test%.lua$" then found[#found + 1] = name end
  end
  table.sort(found)
  if #found > 0 then return found end
  local problem = "there is no file *_test.lua in this folder; name the tests to run"
  return require("sluice.cli.command").usage_error(M, problem)
end

--- All files are opened before the first test runs. Tests are trusted as scripts are, and so may be in no bundle.
local function sources_of(files)
  local sources = {}
  for i, path in ipairs(files) do
    sources[i] = require("sluice.source").open(path)
    if sources[i].kind == "bundle" then
      require("sluice.cli.command").usage_error(M, path .. " is a bundle; expected a file of tests")
    end
  end
  return sources
end

local function summary(counts)
  local pending = counts.pending > 0 and (", %d pending"):format(counts.pending) or ""
  return ("%d passed, %d failed%s"):format(counts.passed, counts.failed, pending)
end

function M.run(words)
  local values = require("sluice.cli.command").read(M, words)
  if not values then return 0 end
  local sources = sources_of(values.FILE or default_files())
  local form, write, counts = values.tap and tap() or plain(), printer(), { passed = 0, failed = 0, pending = 0 }
  local function wanted(test) return not values.filter or test.name:find(values.filter, 1, true) ~= nil end
  local function tell(outcome)
    counts[outcome.state] = counts[outcome.state] + 1
    write(form.outcome(outcome))
  end
  local ok, failure = pcall(function()
    local _ <close> = require("sluice.cli.test.world").apart()
    for _, source in ipairs(sources) do
      write(form.file(source.path))
      require("sluice.cli.test.runner").run(source, wanted, tell)
    end
  end)
  write(form.last(summary(counts)))
  if not ok then error(failure, 0) end
  if counts.passed + counts.failed + counts.pending == 0 then io.stderr:write "sluice: no test was run\n" end
  return (counts.failed > 0 or counts.passed + counts.pending == 0) and 1 or 0
end

return M
