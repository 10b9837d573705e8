--- Who may call whom: engine ← module ← lua/sluice ← cli, scripts; host joins module and lua. Nothing points back.

local files = require "support.files"

local function includes(path)
  local names = {}
  for name in files.read(path):gmatch '#include%s+[<"]([^>"]+)[>"]' do names[#names + 1] = name end
  return names
end

--- Fails with every include in a folder that `forbidden` names.
local function refuse(folder, forbidden)
  local found = {}
  for _, ending in ipairs { ".c", ".h" } do
    for _, path in ipairs(files.list(folder, ending)) do
      for _, name in ipairs(includes(path)) do
        if forbidden(name, path) then found[#found + 1] = path .. " includes " .. name end
      end
    end
  end
  assert.are.same({}, found)
end

local function requires(path)
  local names = {}
  for name in files.read(path):gmatch 'require%s*%(?%s*"([%w_.]+)"' do names[#names + 1] = name end
  return names
end

local function refuse_lua(folder, forbidden)
  local found = {}
  for _, path in ipairs(files.list(folder, ".lua")) do
    for _, name in ipairs(requires(path)) do
      if forbidden(name, path) then found[#found + 1] = path .. " requires " .. name end
    end
  end
  assert.are.same({}, found)
end

local LUA_HEADERS = { ["lua.h"] = true, ["lauxlib.h"] = true, ["lualib.h"] = true, ["luaconf.h"] = true }

describe("layers", function()
  it("keep Lua out of the engine", function()
    refuse("core/engine", function(name) return LUA_HEADERS[name] or name:find "^module/" or name:find "^host/" end)
  end)

  it("keep the host out of the module", function()
    refuse("core/module", function(name) return name:find "^host/" end)
  end)

  it("let one file speak to libcurl, one to libmicrohttpd, one to libedit, one to libzip, two to libcrypto", function()
    refuse("core", function(name, path)
      return name:find "curl/" and path ~= "core/engine/transport.c"
        or name == "microhttpd.h" and path ~= "core/engine/listener.c"
        or name == "histedit.h" and path ~= "core/engine/editor_intern.h"
        or name == "zlib.h" and path ~= "core/engine/inflate.c" and path ~= "core/cmake/embed_lua.c"
        or name == "zip.h" and path ~= "core/engine/archive.c"
        or name:find "openssl/" and path ~= "core/engine/digest.c" and path ~= "core/engine/signature.c"
    end)
  end)

  it("keep the network libraries out of the program", function()
    local pipe <close> = assert(io.popen("ldd " .. os.getenv "SLUICE"))
    local libraries = pipe:read "a"
    assert.is_truthy(libraries:find("liblua5.4", 1, true))
    assert.is_nil(libraries:find("libcurl", 1, true))
    assert.is_nil(libraries:find("libmicrohttpd", 1, true))
    assert.is_nil(libraries:find("libedit", 1, true))
    assert.is_nil(libraries:find("libzip", 1, true))
    assert.is_nil(libraries:find("libz.", 1, true))
    assert.is_nil(libraries:find("libcrypto", 1, true))
  end)

  it("keep the command line out of the library", function()
    refuse_lua("lua/sluice", function(name, path)
      local outer = name:find "^sluice%.cli%f[^%w_]" or name:find "^sluice%.repl%f[^%w_]" or name == "sluice.host"
      return (outer or name == "argparse") and not path:find "/cli/" and not path:find "/repl/"
    end)
  end)

  it("let only the command line reach the emulator", function()
    refuse_lua("lua/sluice", function(name, path)
      return name:find "^sluice%.emulator" and not path:find "/cli/" and not path:find "/emulator/"
        and path ~= "lua/sluice/emulator.lua"
    end)
  end)

  it("share nothing between emulator and client but core, and words for messages", function()
    refuse_lua("lua/sluice/emulator", function(name)
      return name:find "^sluice" and not name:find "^sluice%.emulator" and name ~= "sluice.core"
        and name ~= "sluice.suggest"
    end)
  end)

  it("show one symbol in the module", function()
    local pipe <close> = assert(io.popen("nm -D --defined-only " .. os.getenv "SLUICE_BUILD" .. "/lib/sluice/core.so"))
    local symbols = {}
    for name in pipe:read("a"):gmatch " T ([%w_]+)" do symbols[#symbols + 1] = name end
    assert.are.same({ "luaopen_sluice_core" }, symbols)
  end)
end)
