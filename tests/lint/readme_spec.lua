--- The README promises nothing that is not there.

local files = require "support.files"

local README = files.read "README.md"
local SLUICE = os.getenv "SLUICE"

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

describe("README.md", function()
  it("puts the two commands on top", function()
    local first, second = README:match "```sh\n(scripts/demo%.sh)[^\n]*\n(tests/run%.sh)"
    assert.are.equal("scripts/demo.sh", first)
    assert.are.equal("tests/run.sh", second)
    assert.is_true(README:find("scripts/demo.sh", 1, true) < 2500)
  end)

  it("names only files that exist", function()
    for path in README:gmatch "%f[%w.](%l+/[%w_/.-]+%.%l+)" do
      if path:find "^core/" or path:find "^lua/" or path:find "^scripts/" or path:find "^tests/" then
        assert.is_true(exists(path), path)
      end
    end
  end)

  it("names only options that the program has", function()
    local pipe <close> = assert(io.popen(("%s help run; %s help emulate"):format(SLUICE, SLUICE)))
    local help = pipe:read "a"
    for line in README:gmatch "[^\n]+" do
      local options = line:match "^sluice emulate(.*)" or line:match "^sluice run (.-)%S+%.lua"
      for option in (options or ""):gmatch "%-%-[%w-]+" do assert.is_truthy(help:find(option, 1, true), line) end
    end
  end)

  it("has a row for every package the scripts install", function()
    for list in files.read("scripts/prepare.sh"):gmatch "_PACKAGES=%((.-)%)" do
      for package in list:gmatch "%S+" do
        assert.is_truthy(README:find("`" .. package .. "`", 1, true), package)
      end
    end
  end)

  it("has a line for every room", function()
    for _, room in ipairs { "core/engine", "core/module", "core/host", "lua/sluice", "scripts", "tests" } do
      assert.is_truthy(README:find("`" .. room, 1, true), room)
    end
  end)
end)
