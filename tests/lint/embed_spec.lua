--- What is inside the program is what is in the tree, byte for byte, and every module in it loads.

local files = require "support.files"

local SLUICE = os.getenv "SLUICE"

--- Runs Lua text in the program and gives what it prints.
local function inside(text)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(text)
  file:close()
  local pipe = assert(io.popen(("%s %s 2>&1"):format(SLUICE, name)))
  local output = pipe:read "a"
  local ok = pipe:close()
  os.remove(name)
  assert.is_true(ok, output)
  return output
end

local function module_of(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

describe("the program", function()
  it("holds every module under the name and place it has in the tree", function()
    local paths = files.list("lua/sluice", ".lua")
    local lines = {}
    for _, path in ipairs(paths) do
      lines[#lines + 1] = ("print(select(2, package.searchers[2](%q)))"):format(module_of(path))
    end
    local output = inside(table.concat(lines, "\n"))
    assert.are.equal(table.concat(paths, "\n") .. "\n", output)
  end)

  it("loads every module", function()
    local lines = {}
    for _, path in ipairs(files.list("lua/sluice", ".lua")) do
      lines[#lines + 1] = ("assert(require(%q))"):format(module_of(path))
    end
    assert.are.equal("", inside(table.concat(lines, "\n")))
  end)

  it("is embedded alike each time", function()
    local script = "core/cmake/EmbedLua.cmake"
    local outputs = {}
    for i = 1, 2 do
      local output = os.tmpname()
      local command = "cmake -D SOURCE=lua/sluice/cli/init.lua -D OUTPUT=%s -D SYMBOL=x -P %s"
      assert(os.execute(command:format(output, script)))
      outputs[i] = files.read(output)
      os.remove(output)
    end
    assert.are.equal(outputs[1], outputs[2])
    local bytes = {}
    for byte in outputs[1]:gmatch "0x(%x%x)," do bytes[#bytes + 1] = string.char(tonumber(byte, 16)) end
    assert.are.equal(files.read "lua/sluice/cli/init.lua", table.concat(bytes))
  end)
end)
