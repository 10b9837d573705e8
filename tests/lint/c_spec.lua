--- House rules of the C sources that neither compiler nor formatter checks.

local files = require "support.files"

local BANNED = { "strcpy", "strcat", "sprintf", "vsprintf", "strtok", "atoi", "atol", "sscanf", "gets", "strncpy" }
local ALLOCATION = { "malloc", "calloc", "realloc", "free", "strdup", "strndup" }
local OUTPUT = { "printf", "puts", "putchar", "exit", "abort" }

local function sources(folder)
  local paths = files.list(folder, ".c")
  return table.move(files.list(folder, ".h"), 1, 1000, #paths + 1, paths)
end

--- Every call of one of the functions in the given files.
local function calls(paths, functions)
  local found = {}
  for _, path in ipairs(paths) do
    local code = files.c_code(path)
    for _, name in ipairs(functions) do
      for _, place in ipairs(files.places(path, code, "%f[%w_]" .. name .. "%s*%(")) do found[#found + 1] = place end
    end
  end
  return found
end

local function without(paths, exempt)
  local kept = {}
  for _, path in ipairs(paths) do
    if path ~= exempt then kept[#kept + 1] = path end
  end
  return kept
end

describe("C sources", function()
  it("call no banned function", function()
    assert.are.same({}, calls(sources "core", BANNED))
  end)

  it("allocate in one file only", function()
    assert.are.same({}, calls(without(sources "core", "core/engine/memory.c"), ALLOCATION))
  end)

  it("print and exit in the host only", function()
    assert.are.same({}, calls(sources "core/engine", OUTPUT))
    assert.are.same({}, calls(sources "core/module", OUTPUT))
  end)

  it("push data with its length", function()
    local found = {}
    for _, path in ipairs(sources "core/module") do
      for _, place in ipairs(files.places(path, files.c_code(path), "lua_pushstring%s*%([^)]*body")) do
        found[#found + 1] = place
      end
    end
    assert.are.same({}, found)
  end)

  it("begin with their licence and say what they are for", function()
    for _, path in ipairs(sources "core") do
      assert.is_truthy(files.read(path):find "^/%* SPDX%-License%-Identifier: MIT", path .. " names no licence")
    end
    for _, path in ipairs(files.list("core", ".h")) do
      local purpose = files.read(path):find "^/%* SPDX%-License%-Identifier: MIT\n %* [%u`]"
      assert.is_truthy(purpose, path .. " does not say what it is for")
    end
  end)

  it("stay small and within 100 columns", function()
    for _, path in ipairs(sources "core") do
      local _, lines = files.read(path):gsub("\n", "")
      assert.is_true(lines <= 600, path .. " has " .. lines .. " lines")
      assert.are.same({}, files.places(path, files.read(path), ("."):rep(101)))
    end
  end)

  it("include their own header first", function()
    for _, path in ipairs(files.list("core", ".c")) do
      local header = path:gsub("^core/", ""):gsub("%.c$", ".h")
      local file = io.open("core/" .. header)
      if file then
        file:close()
        assert.are.equal(header, files.read(path):match '#include "([^"]+)"', path)
      end
    end
  end)
end)
