--- Bundles that somebody made to do harm: each is refused in one clear line, before anything is given out.

local bundles = require "support.bundles"
local core = require "sluice.core"
local manifests = require "sluice.bundle.manifest"
local read = require "sluice.bundle.read"

--- Why a bundle is refused; one line that names it.
local function refusal(bytes)
  local ok, err = pcall(read.of, "x.sluice", core.archive.parse(bytes))
  assert.is_false(ok, "it was taken for a good one")
  assert.is_true(core.error.is(err, "recipe"), tostring(err))
  assert.is_nil(err.message:find "\n")
  return assert(err.message:match "^x%.sluice: (.*)$", err.message)
end

local function with_member(member, ending)
  local members = bundles.members()
  table.insert(members, 1, member)
  table.sort(members, function(a, b) return a.name < b.name end)
  return bundles.zip(members, ending)
end

--- The first member of a good bundle with other fields.
local function spoilt(fields, ending)
  local members = bundles.members()
  for key, value in pairs(fields) do members[1][key] = value end
  return bundles.zip(members, ending)
end

describe("a hostile bundle", function()
  it("is told from a good one, made by the same hand", function()
    local bundle = read.of("x.sluice", core.archive.parse(bundles.zip(bundles.members())))
    assert.same({ ["a.lua"] = bundles.RECIPE, ["data/b.csv"] = "x,y\n" }, bundle.files)
    assert.equal(bundles.good(), bundles.zip(bundles.members()))
  end)

  it("has names that lead elsewhere", function()
    for name, reason in pairs {
      ["../x"] = "leads out of its folder", ["a/../../x"] = "leads out of its folder", ["C:x"] = "is absolute",
      ["/etc/cron.d/x"] = "is absolute", ["a\\b"] = "has a backslash", ["a\0.lua"] = "has a NUL in its name",
      ["a\27[31m"] = "has a control character", ["./a"] = "has a part '.'", ["a//b"] = "has an empty part",
      ["a/"] = "has an empty part", ["e\u{301}.lua"] = "has a character U+0301, which other systems write otherwise",
      ["x\u{202E}aul.a"] = "has a character that nobody sees", [("d/"):rep(20) .. "x"] = "has more than 16 parts",
    } do
      local found = refusal(with_member { name = name })
      assert.matches("the member ", found, 1, true)
      assert.matches(reason, found, 1, true)
    end
    assert.equal("the archive is damaged: libzip does not read it", refusal(with_member { name = "\xff" }))
    assert.matches("the member  has no name", refusal(spoilt { name = "" }))
    assert.matches("name has 256 bytes", refusal(with_member { name = ("n"):rep(256) }), 1, true)
  end)

  it("has members of one name, on this system or another", function()
    local members = bundles.members()
    table.insert(members, 2, members[1])
    assert.equal("the member a.lua is there twice", refusal(bundles.zip(members)))
    for _, pair in ipairs { { "A.lua", "A.lua" }, { "\u{C4}.csv", "\u{E4}.csv" }, { "\u{416}", "\u{436}" } } do
      members = bundles.members()
      table.insert(members, { name = pair[1], bytes = "" })
      if pair[2] ~= pair[1] then table.insert(members, { name = pair[2], bytes = "" }) end
      table.sort(members, function(a, b) return a.name < b.name end)
      assert.matches("are one file where names are compared without regard to case", refusal(bundles.zip(members)), 1,
        true)
    end
    assert.matches('the member "data" is a folder to "data/b.csv"', refusal(with_member { name = "data" }), 1, true)
  end)

  it("has members that are no plain stored files", function()
    assert.matches("a.lua is encrypted", refusal(spoilt { flags = 1 }))
    assert.matches("a.lua is compressed; expected one that is stored", refusal(spoilt { method = 8 }))
    assert.matches("a.lua is a symbolic link", refusal(spoilt { attributes = 0xA1FF0000, bytes = "/etc/passwd" }))
    assert.matches("a.lua is no plain file", refusal(spoilt { attributes = 0x41ED0000 }))
    assert.matches("a.lua is no plain file", refusal(spoilt { attributes = 0x11A40000 }))
    assert.matches("a.lua is damaged, or written by another", refusal(spoilt { attributes = 0x89ED0000 }))
    assert.matches("a.lua is damaged, or written by another", refusal(spoilt { time = 1 }))
    assert.matches("a.lua is damaged, or written by another", refusal(spoilt { comment = "hidden" }))
    assert.matches("a.lua is damaged, or written by another", refusal(spoilt { extra = "UT\5\0hello" }))
    assert.matches("a.lua is damaged, or written by another", refusal(spoilt { needed = 45 }))
    assert.matches("a.lua is damaged, or written by another", refusal(spoilt { flags = 8 }))
    assert.matches("a.lua is damaged: its bytes are not those of its CRC", refusal(spoilt { crc = 1 }))
    assert.matches("a.lua is damaged: its own header", refusal(spoilt { local_name = "b.lua" }))
  end)

  it("swells, or says that it is larger than it is", function()
    assert.matches("a.lua has two sizes", refusal(spoilt { size = 1 << 30 }))
    assert.matches("a.lua has more than 16 MiB", refusal(spoilt { size = 4000000000,
      packed = 4000000000 }))
    assert.matches("a.lua reaches beyond the place of members", refusal(spoilt { size = 10000, packed = 10000 }))
    assert.matches("zip64", refusal(spoilt { size = 0xFFFFFFFF, packed = 0xFFFFFFFF }))
    assert.matches("a.lua is compressed", refusal(spoilt { method = 8, size = 16 << 20, bytes = ("\0"):rep(16000) }))
    local members = bundles.members()
    members[2].offset = 0 -- two that share their bytes
    assert.matches("data/b.csv does not stand right behind the one before it", refusal(bundles.zip(members)))
    members = {}
    for i = 1, 1001 do members[i] = { name = ("%04d"):format(i) } end
    assert.matches("has 1001 members, at most 1000", refusal(bundles.zip(members)))
  end)

  it("confuses by its end", function()
    local good = bundles.good()
    assert.matches("a comment at its end", refusal(spoilt({}, { comment = "PK" })))
    assert.equal("the archive is empty", refusal(spoilt({}, { comment = "PK\5\6" .. ("\0"):rep(18) })))
    assert.equal("the archive is empty", refusal(good .. "PK\5\6" .. ("\0"):rep(18)))
    assert.matches("further bytes", refusal(good .. "\n"))
    assert.matches("zip64", refusal(spoilt({}, { count = 0xFFFF })))
    assert.matches("zip64", refusal(spoilt({}, { offset = 0xFFFFFFFF })))
    assert.matches("its directory is not where its end says", refusal(spoilt({}, { offset = 3 })))
    assert.matches("bytes between its members and its directory", refusal(spoilt({}, { before = "hidden" })))
    assert.matches("bytes behind its directory", refusal(spoilt({}, { count = 2 })))
    assert.matches("its directory ends too early", refusal(spoilt({}, { count = 4 })))
    assert.matches("its directory is not where its end says", refusal("#!/bin/sh\n" .. good))
    assert.matches("its directory is not where its end says", refusal(good .. good))
  end)

  it("is cut off anywhere", function()
    local good = bundles.good { ["a.lua"] = "return 1" }
    for length = 0, #good - 1 do refusal(good:sub(1, length)) end
  end)

  it("is changed anywhere, by whatever bit", function()
    local good = bundles.good { ["a.lua"] = "return 1" }
    for at = 1, #good do
      local changed = good:sub(1, at - 1) .. string.char(good:byte(at) ~ 1 << at % 8) .. good:sub(at + 1)
      refusal(changed)
    end
  end)

  it("holds what its manifest does not say", function()
    assert.equal('the member "c.lua" is not in the manifest', refusal(bundles.changed(function(_, files)
      files["c.lua"] = "return 2"
    end)))
    assert.equal('the member "b.lua" of the manifest is missing', refusal(bundles.changed(function(_, files)
      files["b.lua"] = nil
    end)))
    assert.equal('the member "b.lua" is not the one of the manifest: its SHA-256 differs', refusal(bundles.changed(
      function(_, files) files["b.lua"] = "return 2" end)))
    assert.equal('the member "sluice/core.lua" is none that bundles have', refusal(bundles.changed(function(_, files)
      files["sluice/core.lua"] = "return 2"
    end)))
    assert.equal('the member "b.lua" is compiled Lua; expected Lua source text', refusal(bundles.changed(
      function(manifest, files)
        files["b.lua"] = string.dump(function() end)
        manifest.members["b.lua"] = core.signature.digest(files["b.lua"])
      end)))
    assert.equal("an archive without a manifest (sluice/manifest.json), so no bundle", refusal(bundles.changed(
      function() return "" end)))
  end)

  local function field(key, value)
    return refusal(bundles.changed(function(manifest) manifest[key] = value end))
  end

  it("has a manifest that is wrong in any field", function()
    local null, array = core.json.null, core.json.array
    for _, case in ipairs {
      { "format", nil, "has no field 'format'" }, { "format", 2, "format: expected 1, got 2" },
      { "format", "1", "format: expected 1" }, { "name", nil, "has no field 'name'" }, { "name", 7, "name: expected" },
      { "name", "", "name: is empty" }, { "name", "a\27[31m", "name: holds what cannot be shown" },
      { "name", "a\u{202E}b", "name: holds what cannot be shown" }, { "name", ("n"):rep(301), "name: has 301 bytes" },
      { "version", null, "version: expected a text" }, { "version", "1\n2", "version: holds" },
      { "summary", array { 1 }, "summary: expected a text" }, { "description", 5, "description: expected a text" },
      { "description", "a\27", "description: holds" }, { "entry", "c.lua", '"c.lua" is none of the members' },
      { "entry", "../a.lua", "leads out of its folder" }, { "entry", true, "entry: true is no text" },
      { "entry", nil, "has no field 'entry'" }, { "params", {}, "params: expected a list" },
      { "params", array { 1 }, "params: entry 1: expected an object" },
      { "params", array { { name = "A" } }, "params: entry 1: expected a name" },
      { "params", array { { name = "a", help = "\27" } }, "params: a: help: holds" },
      { "params", array { { name = "a", help = 1 } }, "params: a: help: expected a string" },
      { "params", array { { name = "a", type = "text)\nsigned by us" } }, "params: a: unknown type" },
      { "params", array { { name = "a", type = "enum", values = 1 } }, "params: a: an enum needs its values" },
      { "params", array { { name = "a", examples = 1 } }, "params: a: examples: expected a table" },
      { "params", array { { name = "a", env = "A B" } }, "params: a: env: expected the name of an environment" },
      { "params", array { { name = "a", other = 1 } }, 'params: a: unknown key "other"' },
      { "permissions", null, "permissions: expected an object" },
      { "permissions", { operations = array { "fly" } }, "permissions: /operations/0: " },
      { "permissions", { hosts = "x" }, "permissions: /hosts: " },
      { "permissions", { anything = true }, "permissions: " },
      { "permissions", { ["c\127m"] = true }, "permissions: /c\\x7fm: unknown key" },
      { "permissions", nil, "has no field 'permissions'" },
      { "requires_sluice", "0.1.0", "requires_sluice: expected a text such as" },
      { "requires_sluice", ">= 1", "requires_sluice: expected a text such as" },
      { "requires_sluice", ">= 99.0.0", "requires_sluice: needs Sluice 99.0.0 or later; this is " .. core.version },
      { "members", array {}, "members: expected an object" },
      { "members", { ["a.lua"] = "abc" }, '"a.lua": expected a SHA-256' },
      { "members", { ["../a"] = ("0"):rep(64) }, "leads out of its folder" },
      { "members", { ["sluice/a.lua"] = ("0"):rep(64) }, "is a name that bundles keep for themselves" },
      { "program", { size = 5 }, "program: expected the size and the SHA-256" },
      { "program", { size = 5, sha256 = ("0"):rep(64) }, "0 bytes stand before the bundle; its manifest says 5" },
      { "further", 1, 'has an unknown field "further"' },
    } do
      local found = field(case[1], case[2])
      assert.is_truthy(found:find(case[3], 1, true), ("%s: %s"):format(case[1], found))
    end
    local many = array {}
    for i = 1, manifests.MAX_PARAMS + 1 do many[i] = { name = "p" .. i } end
    assert.matches("params: has 201 entries", field("params", many), 1, true)
  end)

  it("has a manifest that is no document, or not written as one", function()
    for text, reason in pairs { ["{"] = "is no JSON", ["[]\n"] = "is no object", ["7\n"] = "is no object",
      ["{}"] = "is not written as in a bundle", ['{"format": 1, "format": 1}\n'] = "is not written",
      [("["):rep(1000)] = "is no JSON", [(" "):rep(manifests.MAX_BYTES + 1)] = "has 262145 bytes" } do
      assert.matches(reason, refusal(bundles.changed(function() return text end)), 1, true)
    end
  end)

  it("brings a signature that is none", function()
    local good = { algorithm = "Ed25519", key = ("0"):rep(64), signature = ("0"):rep(128) }
    local function signature(change)
      local document = {}
      for key, value in pairs(good) do document[key] = value end
      for key, value in pairs(change) do document[key] = value end
      return bundles.changed(function(_, files) files[manifests.SIGNATURE] = manifests.encode(document) end)
    end
    assert.truthy(read.of("x", core.archive.parse(signature {})).signature)
    for _, change in ipairs { { algorithm = "none" }, { key = "0" }, { key = ("G"):rep(64) }, { signature = 1 },
      { signature = ("0"):rep(127) .. "A" }, { further = 1 } } do
      assert.equal("the member sluice/signature.json is no signature", refusal(signature(change)))
    end
  end)

  it("stands behind bytes that its manifest does not know of", function()
    local members = bundles.members()
    local bytes = ("x"):rep(100) .. core.archive.write(members, 100)
    assert.equal("100 bytes stand before the bundle; its manifest says 0", refusal(bytes))
  end)
end)
