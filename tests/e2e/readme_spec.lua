--- What the README tells people to type works as printed.

local files = require "support.files"
local program = require "support.program"

local README = files.read "README.md"

--- Runs a shell line of the README with the program under test; after a minute it is taken for stuck.
local function shell(line)
  local output = program.folder() .. "/out"
  line = line:gsub("build/bin/sluice", program.PATH):gsub("build/lib", program.PATH:gsub("bin/sluice$", "lib"))
  local script = program.write(program.folder(), "line.sh", line .. "\n")
  local _, _, code = os.execute(("timeout 60 sh %s >%s 2>&1 </dev/null"):format(script, output))
  return code, program.read(output)
end

describe("the README", function()
  teardown(program.clean)

  it("has commands that run as they stand", function()
    local count = 0
    for block in README:gmatch "```sh\n(.-)```" do
      for line in block:gmatch "[^\n]+" do
        if line:find "%-%-emulate" or line:find "%-%-help" or line:find "^LUA_PATH" then
          local code, output = shell(line)
          assert.are.equal(0, code, line .. "\n" .. output)
          count = count + 1
        end
      end
    end
    assert.is_true(count >= 4, "the tour has lost its commands")
  end)

  it("has a second run that creates nothing", function()
    local server <close> = program.emulate()
    local line = README:match "(export AEP_ORG_ID.-)```":gsub("http://127.0.0.1:8080", server.url)
    assert.are.equal(0, (shell(line)))
    local code, output = shell(line)
    assert.are.equal(0, code, output)
    assert.is_truthy(output:find(README:match "ends with “([^”]+)”", 1, true), output)
  end)

  it("has Lua examples that run", function()
    local said = {
      "\n0 connections, 0 dataflows in sandbox prod\n$", "^7 created, 5 changed, dataflow %x+%-",
      "\nDataflow: Newsletter north\n",
    }
    local count, key = 0, { S3_SECRET_KEY = ("A/+1"):rep(10) }
    for text in README:gmatch "```lua\n(.-)```" do
      local script = program.write(program.folder(), "list.lua", text)
      local result = program.run({ "run", "--emulate", script }, { secrets = key })
      assert.are.equal(0, result.code, result.err)
      count = count + 1
      assert.is_truthy(result.out:find(assert(said[count])), result.out)
    end
    assert.are.equal(#said, count)
  end)

  it("names every error kind with the code it ends with", function()
    for code, kinds in README:gmatch "\n| (%d) | [^|]+ | ([^|\n]+) |" do
      for kind in kinds:gmatch "`(%l+)`" do
        local script = ("require('sluice').error.raise(%q, 'x', { status = 400 })"):format(kind)
        local result = program.run({ "run", "-" }, { stdin = script })
        if not (kind == "service" and code == "5") then assert.are.equal(math.tointeger(code), result.code, kind) end
      end
    end
  end)
end)
