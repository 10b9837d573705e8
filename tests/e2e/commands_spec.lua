--- The command line itself: commands, help pages, usage errors.

local program = require "support.program"

local run = program.run

--- One clear line on standard error, nothing on standard output, code 2.
local function refused(words, ...)
  local result = run(words)
  assert.are.equal(2, result.code, result.err)
  assert.are.equal("", result.out)
  assert.is_truthy(result.err:find "^sluice: [^\n]+\n$", result.err)
  for _, text in ipairs { ... } do assert.is_truthy(result.err:find(text, 1, true), result.err) end
end

describe("the command line", function()
  teardown(program.clean)

  it("prints its version", function()
    for _, word in ipairs { "version", "--version", "-V" } do
      local result = run { word }
      assert.are.equal("sluice 0.1.0 (Lua 5.4)\n", result.out)
      assert.are.equal("", result.err)
      assert.are.equal(0, result.code)
    end
  end)

  it("has a help page for every command, within 80 columns and with an example", function()
    for _, name in ipairs { "", table.unpack(require("sluice.cli").COMMANDS) } do
      local page = run { "help", name ~= "" and name or nil }
      assert.are.equal(0, page.code)
      assert.are.equal("", page.err)
      assert.is_truthy(page.out:find("Example:\n  sluice", 1, true), page.out)
      for line in page.out:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 80, line) end
    end
  end)

  it("shows the same page with --help", function()
    for _, name in ipairs(require("sluice.cli").COMMANDS) do
      assert.are.equal(run({ "help", name }).out, run({ name, "--help" }).out)
      assert.are.equal(run({ "help", name }).out, run({ name, "-h" }).out)
    end
  end)

  it("refuses an unknown command and names the nearest", function()
    refused({ "emulat" }, "'emulat'", "did you mean 'emulate'?")
    refused({ "help", "rum" }, "did you mean 'run'?")
    refused({ "--json", "list", "flows" }, "a command comes before its options: sluice list …")
    refused({ "xyzzy" }, "'xyzzy' is neither a command nor a file")
  end)

  it("refuses an unknown option and names the nearest", function()
    refused({ "run", "--profil", "x" }, "--profil", "--profile")
    refused({ "emulate", "--prot", "1" }, "--prot", "--port")
    refused({ "version", "--verbos" }, "--verbos")
  end)

  it("refuses a missing or impossible value", function()
    refused({ "run" }, "RECIPE")
    refused({ "run", "--config" }, "--config")
    refused({ "emulate", "--port", "x" }, "--port", "65535")
    refused({ "emulate", "--port", "70000" }, "70000")
    refused({ "emulate", "--port", "0x10" }, "0x10")
    refused({ "emulate", "--patch-status", "404" }, "--patch-status", "202")
    refused({ "emulate", "--client", "sentinel" }, "'client'", "ID:SECRET")
    refused({ "emulate", "extra" }, "too many arguments")
  end)

  it("refuses a file that is not there, or is a folder", function()
    refused({ "nowhere.lua" }, "nowhere.lua", "No such file")
    refused({ "run", "nowhere.lua" }, "nowhere.lua", "No such file")
    refused({ "run", "tests" }, "tests", "directory")
  end)

  it("refuses an emulated run that names another service", function()
    local recipe = "scripts/activate_sftp.lua"
    refused({ "run", "--emulate", "--base-url", "http://127.0.0.1:1", recipe }, "--emulate", "--base-url")
  end)

  it("reports output that did not arrive", function()
    local errors = program.folder() .. "/err"
    local _, _, code = os.execute(("%s version >/dev/full 2>%s"):format(program.PATH, errors))
    assert.are.equal(1, code)
    assert.are.equal("sluice: cannot write to standard output: No space left on device\n", program.read(errors))
  end)
end)
