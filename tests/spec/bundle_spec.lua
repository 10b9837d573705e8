--- Bundles: what goes into one, how it is written, read and signed.

local bundle = require "sluice.bundle"
local bundles = require "support.bundles"
local core = require "sluice.core"
local read = require "sluice.bundle.read"
local signing = require "sluice.bundle.signing"
local source = require "sluice.source"
local write = require "sluice.bundle.write"

local function failure(kind, f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert.is_true(core.error.is(err, kind), tostring(err))
  return err.message
end

local folder
local function put(name, bytes)
  local path = folder .. "/" .. name
  core.files.make_folder((path:match "^(.*)/"))
  local file <close> = assert(io.open(path, "wb"))
  file:write(bytes)
  return path
end

local function names_of(files)
  local names = {}
  for name in pairs(files) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Without the lists of Lua files that this machine happens to have.
local function gather(text, include)
  return bundle.gather(source.open(put("recipe.lua", text)), include)
end

describe("bundle", function()
  setup(function()
    local pipe <close> = assert(io.popen "mktemp -d")
    folder = pipe:read "l"
  end)
  teardown(function() os.execute("rm -r " .. folder) end)

  describe("gathers", function()
    it("the modules that a recipe requires, and those that they require", function()
      put("lib/one.lua", "return require 'lib.two'")
      put("lib/two/init.lua", "require 'lib.one' return 2")
      put("unused.lua", "")
      local found = gather "local sluice = require 'sluice' local json = require 'sluice.core'.json require 'lib.one'"
      assert.same({ "lib/one.lua", "lib/two/init.lua", "recipe.lua" }, names_of(found.files))
      assert.same({ {}, {} }, { found.problems, found.warnings })
      assert.equal("return require 'lib.two'", found.files["lib/one.lua"])
    end)

    it("names what is missing, with its place, and what cannot be told", function()
      put("lib/three.lua", "\n\nrequire 'lib.nowhere'")
      local found = gather "require 'lib.three'\nlocal name = 'x'\nrequire(name)\npcall(require, 'lib.maybe')"
      assert.same({ 'lib/three.lua:3: the module "lib.nowhere": neither beside the recipe, nor installed, nor ' ..
        "inside the program" }, found.problems)
      assert.equal("recipe.lua:3: cannot tell what this requires: require(name); if it is a file of yours, add it " ..
        "with --include", found.warnings[1])
      assert.matches('^recipe.lua:4: the module "lib.maybe" is left out: ', found.warnings[2])
    end)

    it("modules that are installed here, but none in C", function()
      local path = package.path
      package.path = folder .. "/installed/?.lua;" .. folder .. "/installed/?/init.lua"
      put("installed/far.lua", "return require 'far.below'")
      put("installed/far/below/init.lua", "return 1")
      local found = gather "require 'far'"
      package.path = path
      assert.same({ "far.lua", "far/below/init.lua", "recipe.lua" }, names_of(found.files))
      assert.matches('the module "lfs": a module in C %(.*lfs.so%), which no bundle can hold',
        gather "require 'lfs'".problems[1])
    end)

    it("what is included, whatever it is", function()
      put("data/a.csv", "a\0b")
      put("more.lua", "require 'lib.two'")
      local found = gather("return 1", { "data/a.csv", "more.lua" })
      assert.same({ "data/a.csv", "lib/one.lua", "lib/two/init.lua", "more.lua", "recipe.lua" }, names_of(found.files))
      assert.equal("a\0b", found.files["data/a.csv"])
    end)

    it("nothing that no bundle may hold", function()
      put("code.lua", string.dump(function() end))
      put("DATA/a.csv", "")
      put("sluice/x.csv", "")
      local found = gather("require 'code'", { "data/a.csv", "DATA/a.csv", "sluice/x.csv", "none.csv", "../x" })
      assert.same({
        "code.lua: compiled Lua; expected Lua source text",
        '"data/a.csv" and "DATA/a.csv" are one file where names are compared without regard to case',
        '"sluice/x.csv" is a name that bundles keep for themselves',
      }, table.move(found.problems, 1, 3, 1, {}))
      assert.matches("none.csv: No such file", found.problems[4])
      assert.matches("leads out of its folder", found.problems[5])
      assert.matches("^recipe.lua:1:", gather("return x y").problems[1])
    end)
  end)

  describe("is written", function()
    it("as the same bytes from the same files", function()
      assert.equal(bundles.good(), bundles.good())
      local recipe = bundles.recipe { params = { { name = "b" }, { name = "a", default = "x" } } }
      local bytes = write.write(recipe, "a.lua", { ["a.lua"] = "" })
      assert.equal(bytes, (write.write(recipe, "a.lua", { ["a.lua"] = "" })))
      assert.not_equal(bytes, (write.write(recipe, "a.lua", { ["a.lua"] = " " })))
    end)

    it("with a manifest that says what it is", function()
      local manifest = read.of("x", core.archive.parse(bundles.good())).manifest
      assert.same({ 1, "tried", "1.0.0", "Tries", "a.lua", ">= " .. core.version }, { manifest.format, manifest.name,
        manifest.version, manifest.summary, manifest.entry, manifest.requires_sluice })
      assert.equal(core.signature.digest "x,y\n", manifest.members["data/b.csv"])
      assert.same({ "read", "create", "update" }, table.move(manifest.permissions.operations, 1, 9, 1, {}))
      local recipe = bundles.recipe {
        params = { { name = "often", type = "enum", values = { "a", "b" }, default = "a", help = "how" },
          { name = "n", type = "integer", min = 1, check = function() return true end, example = 3 } },
        permissions = { operations = { "read" }, sandboxes = { "dev" } } }
      manifest = read.of("x", core.archive.parse((write.write(recipe, "a.lua", { ["a.lua"] = "" })))).manifest
      assert.equal('[{"default":"a","help":"how","name":"often","type":"enum","values":["a","b"]},' ..
        '{"example":3,"min":1,"name":"n","type":"integer"}]', core.json.encode(manifest.params))
      assert.equal('{"commands":false,"environment":[],"hosts":[],"operations":["read"],"paths":{"read":[],' ..
        '"write":[]},"sandboxes":["dev"]}', core.json.encode(manifest.permissions))
    end)

    it("not at all when the recipe says what no manifest may", function()
      assert.equal("recipe tried: the manifest summary: holds what cannot be shown", failure("recipe", write.write,
        bundles.recipe { summary = "a\27[2J" }, "a.lua", { ["a.lua"] = "" }))
    end)

    it("behind a program, which it knows", function()
      local program = ("program"):rep(1000)
      local path = put("behind", program .. bundles.good(nil, { program = program }))
      local found = read.open(path)
      assert.equal(7000, found.front)
      assert.same({ size = 7000, sha256 = core.signature.digest(program) }, found.manifest.program)
      signing.check_program(found, path)
      path = put("other", ("Program"):rep(1000) .. bundles.good(nil, { program = program }))
      assert.equal(path .. ": the program before the bundle is not the one of the manifest", failure("recipe",
        signing.check_program, read.open(path), path))
    end)
  end)

  describe("as a source", function()
    it("gives its files as a folder does", function()
      local path = put("x.sluice", bundles.good { ["a.lua"] = "#!x\nreturn require 'lib.one'",
        ["lib/one.lua"] = "return { ... }", ["broken.lua"] = "\nerror 'here'" })
      local src = source.open(path)
      assert.same({ "bundle", path, "a.lua", "tried" }, { src.kind, src.path, src.entry, src.manifest.name })
      assert.equal("return { ... }", src:read "lib/one.lua")
      assert.is_false(src:has "data/b.csv")
      assert.equal(("data/b.csv: the bundle %s has no such file"):format(path), failure("io", src.read, src,
        "data/b.csv"))
      assert.is_false(src:has "sluice/manifest.json")
      local loader, place = src:searcher(_G) "lib.one"
      assert.equal("lib/one.lua", place)
      assert.same({ "x" }, loader "x")
      assert.same({ false, "broken.lua:2: here" }, { pcall((src:searcher(_G) "broken")) })
    end)

    it("is refused when it is none", function()
      local path = put("y.sluice", bundles.good():sub(1, -2))
      assert.equal(path .. ": the archive is cut off, or has further bytes or a comment at its end", failure("recipe",
        source.open, path))
      assert.equal(put("z.lua", "return 1") .. ": no bundle", failure("recipe", read.open, folder .. "/z.lua"))
      assert.equal("/bin/ls: a program without a bundle, or one that is cut off", failure("recipe", read.open,
        "/bin/ls"))
      assert.equal(put("empty", "") .. ": no bundle", failure("recipe", read.open, folder .. "/empty"))
      assert.equal(folder .. " cannot be opened: it is no regular file", failure("usage", read.open, folder))
      assert.equal("/nowhere cannot be opened: No such file or directory", failure("usage", read.open, "/nowhere"))
    end)
  end)

  describe("is signed", function()
    local keys = {}
    setup(function()
      for _, name in ipairs { "one", "two" } do
        local path = folder .. "/" .. name
        assert(os.execute(("openssl genpkey -algorithm ed25519 -out %s.key && openssl pkey -in %s.key -pubout -out " ..
          "%s.pub"):format(path, path, path)))
        keys[name] = { private = core.secret.file(path .. ".key") }
        local file <close> = assert(io.open(path .. ".pub"))
        keys[name].public = file:read "a"
      end
    end)

    local function opened(bytes) return read.of("x", core.archive.parse(bytes)) end

    it("by a key, and verified by its other half alone", function()
      local bytes = bundles.good(nil, { key = keys.one.private })
      assert.equal(bytes, bundles.good(nil, { key = keys.one.private }))
      local fingerprint = signing.verify(opened(bytes), keys.one.public)
      assert.equal(opened(bytes).signature.key, fingerprint)
      assert.equal(("x: signed by another key: %s, not %s"):format(fingerprint:sub(1, 16), opened(bundles.good(nil,
        { key = keys.two.private })).signature.key:sub(1, 16)), failure("recipe", signing.verify, opened(bytes),
        keys.two.public))
      assert.equal("x: not signed", failure("recipe", signing.verify, opened(bundles.good()), keys.one.public))
    end)

    it("for this bundle alone", function()
      local manifests = require "sluice.bundle.manifest"
      local other = opened(bundles.good({ ["a.lua"] = "return 2" }, { key = keys.one.private }))
      local members = core.archive.parse(bundles.good(nil, { key = keys.one.private }))
      for _, member in ipairs(members) do
        if member.name == manifests.SIGNATURE then
          for _, theirs in ipairs(other.members) do
            if theirs.name == member.name then member.bytes = theirs.bytes end
          end
        end
      end
      assert.equal("x: the signature is not one of this bundle", failure("recipe", signing.verify,
        opened(core.archive.write(members)), keys.one.public))
    end)

    it("by nothing that is no key", function()
      assert.matches("^the key k is no private key of Ed25519", failure("config", bundles.good, nil,
        { key = keys.one.public, key_name = "k" }))
      local signed = opened(bundles.good(nil, { key = keys.one.private }))
      assert.matches("^the key p is no public key", failure("config", signing.verify, signed, "", "p"))
      local file <close> = assert(io.open(folder .. "/one.key"))
      assert.matches("is a private key", failure("config", signing.verify, signed, file:read "a"))
    end)
  end)
end)
