--- Where a recipe's files come from.

local core = require "sluice.core"
local source = require "sluice.source"
local names = require "sluice.source.name"

local function failure(kind, f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert.is_true(core.error.is(err, kind), tostring(err))
  return err.message
end

describe("source", function()
  local folder, loaded
  local function write(name, bytes)
    local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(bytes)
    return folder .. "/" .. name
  end
  setup(function()
    local pipe <close> = assert(io.popen "mktemp -d")
    folder = pipe:read "l"
    os.execute(("mkdir -p %s/lib/deep"):format(folder))
    loaded = { table.unpack(package.searchers) }
  end)
  after_each(function()
    for i = #package.searchers, 1, -1 do package.searchers[i] = loaded[i] end
    for _, module in ipairs { "lib.one", "lib.deep", "source_broken" } do package.loaded[module] = nil end
  end)
  teardown(function() os.execute("rm -r " .. folder) end)

  it("opens a file in its folder", function()
    local src = source.open(write("a.lua", "return 1, ..."))
    assert.same({ "folder", folder .. "/a.lua", "a.lua" }, { src.kind, src.path, src.entry })
    assert.equal("return 1, ...", src:read "a.lua")
    assert.equal(1, src:chunk()(2))
  end)

  it("gives a bundle's Lua globals of its own, or does not load it", function()
    local src = source.open(write("good.sluice", require("support.bundles").good()))
    assert.matches("good.sluice is a bundle, which is run or previewed only", failure("usage", src.chunk, src), 1, true)
    failure("usage", src.install, src)
    assert.is_function(src:chunk {})
  end)

  it("reads files beside it, by safe names only", function()
    local src = source.open(write("a.lua", ""))
    write("lib/data.csv", "x\0y\r\n")
    assert.equal("x\0y\r\n", src:read "lib/data.csv")
    assert.is_true(src:has "lib/data.csv")
    assert.is_false(src:has "lib/none.csv")
    assert.is_false(src:has "lib")
    assert.is_false(src:has "../lib/data.csv")
    assert.equal(("cannot open %s/none.csv: No such file or directory"):format(folder), failure("io", src.read, src,
      "none.csv"))
    for name, problem in pairs { ["/etc/passwd"] = "is absolute", ["lib/../../x"] = "leads out of its folder",
      ["lib//data.csv"] = "has an empty part", ["./a"] = "has a part '.'", ["a\\b"] = "has a backslash",
      ["a\0b"] = "has a control character", [""] = "is empty", ["\xff"] = "is no UTF-8", ["C:x"] = "is absolute",
      [("x"):rep(256)] = "has more than 255 bytes", [("x/"):rep(16) .. "x"] = "has more than 16 parts" } do
      assert.matches(problem, failure("usage", src.read, src, name), 1, true)
      assert.matches(problem, names.problem(name), 1, true)
    end
    assert.equal("is no text", names.problem(7))
    assert.is_nil(names.problem "a b/ü.lua")
  end)

  it("tells errors with the file's own lines", function()
    local path = write("b.lua", "#!/usr/bin/env sluice\n\nerror 'here'")
    local ok, err = pcall(source.open(path):chunk())
    assert.is_false(ok)
    assert.equal(path .. ":3: here", err)
    write("c.lua", "return x y")
    assert.matches("c.lua:1: ", failure("recipe", function() source.open(folder .. "/c.lua"):chunk() end), 1, true)
    write("d.lua", "\27Lua" .. "S")
    assert.matches("d.lua: compiled Lua", failure("recipe", function() source.open(folder .. "/d.lua"):chunk() end), 1,
      true)
  end)

  it("gives a file globals of its own", function()
    local env = {}
    source.open(write("e.lua", "answer = 42")):chunk(env)()
    assert.equal(42, env.answer)
    assert.is_nil(rawget(_G, "answer"))
  end)

  it("lets require find modules beside it", function()
    write("lib/one.lua", "return { ... }")
    write("lib/deep/init.lua", "error('deep', 1)")
    local src = source.open(write("a.lua", "return require 'lib.one'"))
    src:install()
    assert.same({ "lib.one", folder .. "/lib/one.lua" }, src:chunk()())
    assert.equal("lib/deep/init.lua", src:find_module "lib.deep")
    local ok, err = pcall(require, "lib.deep")
    assert.is_false(ok)
    assert.equal(folder .. "/lib/deep/init.lua:1: deep", err)
    ok, err = pcall(require, "lib.none")
    assert.is_false(ok)
    assert.matches("no file 'lib/none.lua' or 'lib/none/init.lua' beside the recipe", err, 1, true)
    write("source_broken.lua", "x y")
    assert.matches("source_broken.lua:1: ", failure("recipe", require, "source_broken"), 1, true)
  end)

  it("never lets them stand before what the program has, nor behind the system's", function()
    local src = source.open(write("a.lua", ""))
    local before = #package.searchers
    src:install()
    assert.equal(before + 1, #package.searchers)
    assert.equal(loaded[1], package.searchers[1])
    assert.equal(loaded[before - 2], package.searchers[before - 1])
  end)

  it("opens a recipe of the library when there is no such file", function()
    local function library(name)
      return name == "known" and source.of_library(name, "known.lua", { ["known.lua"] = "return require 'lib.one'",
        ["lib/one.lua"] = "return 'one'" }) or nil
    end
    local src = source.open("known", library)
    src:install()
    assert.same({ "library", "one" }, { src.kind, src:chunk()() })
    assert.equal("x.csv: the recipe known of the library has no such file", failure("io", src.read, src, "x.csv"))
    assert.matches("cannot open unknown", failure("usage", source.open, "unknown", library), 1, true)
  end)

  it("refuses what no file of a recipe is", function()
    local path = write("large.lua", ("-"):rep(source.MAX_BYTES + 1))
    assert.equal(path .. ": larger than 16 MiB, no script is", failure("recipe", source.open, path))
    assert.matches("cannot read " .. folder .. ": ", failure("usage", source.open, folder), 1, true)
    write("large.csv", ("-"):rep(source.MAX_BYTES + 1))
    local src = source.open(write("a.lua", ""))
    assert.matches("larger than 16 MiB", failure("io", src.read, src, "large.csv"), 1, true)
  end)
end)
