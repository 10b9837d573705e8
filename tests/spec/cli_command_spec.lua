--- The words of a command: plain ones are read without argparse, all others by it, to the same effect.

local core = require "sluice.core"

local COMMAND = { name = "test", summary = "a test", example = "x", options = {
  { name = "--base-url", value = "URL", help = "a URL" }, { name = "--json", help = "a flag" },
  { name = "--trace", optional = "full", help = "a flag with a value" },
  { name = "--how", value = "HOW", choices = { "strict", "loose" }, help = "one of two" },
  { name = "--fault", value = "RULE", many = true, help = "several" },
}, argument = { name = "FILE", help = "a file" } }

--- Words, what they say, and whether argparse is needed to tell.
local CASES = {
  { {}, {} },
  { { "--json" }, { json = true } },
  { { "--base-url", "http://x", "--json" }, { base_url = "http://x", json = true } },
  { { "--base-url", "" }, { base_url = "" } },
  { { "--base-url=http://x" }, { base_url = "http://x" }, true },
  { { "--base-url", "a", "--base-url", "b" }, { base_url = "b" }, true },
  { { "--json", "--json" }, { json = true }, true },
  { { "--base-url" }, "requires an argument", true },
  { { "--base-url", "--json" }, "requires an argument", true },
  { { "--jso" }, "unknown option '%-%-jso'; did you mean '%-%-json'", true },
  { { "--trace=full" }, { trace = { "full" } }, true },
  { { "--how", "loose" }, { how = "loose" }, true },
  { { "--how", "else" }, "must be one of", true },
  { { "--fault", "a", "--fault", "b" }, { fault = { "a", "b" } }, true },
  { { "file" }, { FILE = "file" }, true },
  { { "--json", "file" }, { json = true, FILE = "file" }, true },
  { { "-h" }, { help = true }, true },
}

--- The same with arguments that have to be given, and a value that may begin with a minus sign.
local WITH_ARGUMENTS = { name = "test", summary = "a test", example = "x", options = {
  { name = "--json", help = "a flag" }, { name = "--sort", value = "FIELD", signed = true, help = "a field" },
}, arguments = { { name = "FLOW", help = "one" }, { name = "AUDIENCE", many = true, optional = true, help = "some" } } }

local ARGUMENT_CASES = {
  { { "f" }, { FLOW = "f" } },
  { { "f", "a", "--json", "b" }, { FLOW = "f", AUDIENCE = { "a", "b" }, json = true } },
  { { "--sort", "-name", "f" }, { FLOW = "f", sort = "-name" } },
  { { "--sort=-name", "f" }, { FLOW = "f", sort = "-name" } },
  { { "--sort", "name", "f" }, { FLOW = "f", sort = "name" } },
  { { "--sort", "--json", "f" }, "requires an argument" },
  { {}, "missing argument 'FLOW'" },
}

describe("the words of a command", function()
  for _, case in ipairs(CASES) do
    it(("%q say what they should"):format(table.concat(case[1], " ")), function()
      package.loaded.argparse, package.loaded["sluice.cli.command"] = nil, nil
      local ok, values = pcall(require("sluice.cli.command").parse, COMMAND, case[1])
      if type(case[2]) == "table" then
        assert.same(case[2], ok and values or tostring(values))
      else
        assert.is_true(core.error.is(values, "usage"))
        assert.matches(case[2], tostring(values))
      end
      assert.equal(case[3] or false, package.loaded.argparse ~= nil)
    end)
  end

  for _, case in ipairs(ARGUMENT_CASES) do
    it(("%q say what they should, with arguments"):format(table.concat(case[1], " ")), function()
      local ok, values = pcall(require("sluice.cli.command").parse, WITH_ARGUMENTS, case[1])
      if type(case[2]) == "table" then return assert.same(case[2], ok and values or tostring(values)) end
      assert.is_true(core.error.is(values, "usage"))
      assert.matches(case[2], tostring(values))
    end)
  end

  it("may have to be at least one", function()
    local command = { name = "test", summary = "a test", example = "x", options = {},
      arguments = { { name = "FLOW", many = true, help = "some" } } }
    local parse = require("sluice.cli.command").parse
    assert.same({ FLOW = { "a", "b" } }, parse(command, { "a", "b" }))
    assert.has_error(function() parse(command, {}) end)
  end)
end)
