--- House rules of the Lua sources.

local files = require "support.files"

describe("Lua sources", function()
  it("are clean under luacheck", function()
    local pipe = assert(io.popen "luacheck --no-color -q lua scripts tests 2>&1")
    local output = pipe:read "a"
    assert.is_true(pipe:close(), output)
  end)

  it("stay small", function()
    for _, path in ipairs(files.list("lua/sluice", ".lua")) do
      local _, lines = files.read(path):gsub("\n", "")
      assert.is_true(lines <= 400, path .. " has " .. lines .. " lines")
    end
    for _, path in ipairs(files.list("scripts", ".lua")) do
      local _, lines = files.read(path):gsub("\n", "")
      assert.is_true(lines <= 120, path .. " has " .. lines .. " lines")
    end
  end)

  it("begin with a sentence that says what they are for", function()
    for _, path in ipairs(files.list("lua/sluice", ".lua")) do
      assert.is_truthy(files.read(path):find "^%-%-%- ?[%u`]", path)
    end
  end)

  it("are never loaded as anything but text", function()
    for _, path in ipairs(files.list("lua/sluice", ".lua")) do
      for call in files.read(path):gmatch "%f[%w_.:]load%s*%b()" do
        assert.is_truthy(call:find('"t"', 1, true), path .. ": " .. call)
      end
      assert.are.same({}, files.places(path, files.read(path), "%f[%w_]loadfile%s*%("))
      assert.are.same({}, files.places(path, files.read(path), "%f[%w_]dofile%s*%("))
    end
  end)

  it("end the process nowhere: the host does", function()
    for _, path in ipairs(files.list("lua/sluice", ".lua")) do
      local text = files.read(path)
      if path == "lua/sluice/cli/seeing.lua" then text = text:gsub("os%.exit", "", 3) end -- stands before a script's
      assert.are.same({}, files.places(path, text, "os%.exit"))
    end
  end)

  it("hold no unfinished work", function()
    for _, folder in ipairs { "lua", "scripts", "core" } do
      for _, ending in ipairs { ".lua", ".c", ".h" } do
        for _, path in ipairs(files.list(folder, ending)) do
          assert.are.same({}, files.places(path, files.read(path), "%f[%w]TODO%f[%W]"))
          assert.are.same({}, files.places(path, files.read(path), "%f[%w]FIXME%f[%W]"))
        end
      end
    end
  end)
end)
