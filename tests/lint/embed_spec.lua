--- What is inside the program is what is in the tree, byte for byte, and every module in it loads.

local files = require "support.files"

local SLUICE = os.getenv "SLUICE"

--- Runs Lua text in the program and gives what it prints.
local function inside(text, environment)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(text)
  file:close()
  local pipe = assert(io.popen(("%s %s %s 2>&1"):format(environment or "", SLUICE, name)))
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

  it("gives the text of every module as it is in the tree", function()
    local lines = { "local host, differ = require 'sluice.host', {}" }
    for _, path in ipairs(files.list("lua/sluice", ".lua")) do
      lines[#lines + 1] = ("if host.source(%q) ~= io.open(%q, 'rb'):read 'a' then print(%q) end"):format(
        module_of(path), path, path)
    end
    assert.are.equal("", inside(table.concat(lines, "\n")))
  end)

  it("loads every module", function()
    local lines = {}
    for _, path in ipairs(files.list("lua/sluice", ".lua")) do
      lines[#lines + 1] = ("assert(require(%q))"):format(module_of(path))
    end
    assert.are.equal("", inside(table.concat(lines, "\n")))
  end)

  --- What a module is embedded as: its text and its code.
  local function embedded(path)
    local output = os.tmpname()
    assert(os.execute(("%s/core/host/embed_lua %s %s x %s"):format(os.getenv "SLUICE_BUILD", path, path, output)))
    local arrays, written = {}, files.read(output)
    os.remove(output)
    for name, list in written:gmatch "([%l_]+)%[%] = {(.-)0}" do
      local bytes = {}
      for byte in list:gmatch "0x(%x%x)," do bytes[#bytes + 1] = string.char(tonumber(byte, 16)) end
      arrays[name] = table.concat(bytes)
      assert.equal(#bytes, tonumber(written:match(" " .. name .. "_size = (%d+);")))
    end
    return arrays, written
  end

  it("is embedded alike each time, as text and as what Lua makes of it", function()
    local path = "lua/sluice/cli/init.lua"
    local arrays, written = embedded(path)
    assert.equal(written, select(2, embedded(path)))
    local text = files.read(path)
    assert.equal(#text, tonumber(written:match " x_length = (%d+);"))
    assert.is_true(#arrays.x < #text)
    assert.equal(string.dump(assert(load(text, "@" .. path, "t"))), arrays.x_code)
  end)

  it("is not built from what is not Lua", function()
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "w"))
    file:write "local function"
    file:close()
    local pipe <close> = assert(io.popen(("%s/core/host/embed_lua %s x x /dev/null 2>&1"):format(
      os.getenv "SLUICE_BUILD", path)))
    assert.matches("embed_lua: " .. path .. ": x:1: .*expected", pipe:read "a")
    os.remove(path)
  end)

  it("loads the text where another release of Lua runs than it was built with", function()
    local library = os.tmpname()
    local pipe <close> = assert(io.popen("cc -shared -o " .. library .. " -x c -", "w"))
    pipe:write 'const char lua_ident[] = "$LuaVersion: Lua 5.4.99  Copyright (C) nobody $";'
    assert.is_true(pipe:close())
    assert.equal("yes\n", inside('print(require "sluice.suggest" and "yes")', "LD_PRELOAD=" .. library))
    os.remove(library)
  end)
end)
