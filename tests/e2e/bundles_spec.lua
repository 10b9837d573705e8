--- Bundles and executables, as a user makes and runs them: what a recipe does from its folder it does from both, in an
--- empty folder without the sources.

local files = require "support.files"
local program = require "support.program"

--- A fixed clock makes the emulator's IDs the same each time.
local EMULATED = { "--emulate", "--clock", "2029-12-01T00:00Z" }

local function words(...)
  local list = {}
  for _, part in ipairs { ... } do
    if type(part) == "table" then table.move(part, 1, #part, #list + 1, list) else list[#list + 1] = part end
  end
  return list
end

--- Runs in a folder.
local function run_in(folder, list, options)
  local all = { prefix = "cd " .. folder .. " &&" }
  for key, value in pairs(options or {}) do all[key] = value end
  return program.run(list, all)
end

local function good(result)
  assert.are.equal(0, result.code, result.err)
  return result
end

--- One line on standard error, that names what is wrong; nothing on standard output.
local function refused(result, code, ...)
  assert.are.equal(code, result.code, result.err)
  assert.are.equal("", result.out)
  assert.is_truthy(result.err:find "^sluice: [^\n]+\n$", result.err)
  for _, text in ipairs { ... } do assert.is_truthy(result.err:find(text, 1, true), result.err) end
end

--- What a run says, without what differs from run to run: times, ports, and what the recipe was called by.
local function said(result, called)
  local text = result.err:gsub("^[^\n]+ holds .-nobody has signed it\n", "") -- before its first run
  if text:find(program.PATH, 1, true) then text = text:gsub(program.PATH:gsub("%p", "%%%0"), "sluice") end
  text = text:gsub("%d+%.%d ms", "N ms"):gsub("127%.0%.0%.1:%d+", "HOST")
  local at = text:find(called, 1, true)
  while at do
    text = text:sub(1, at - 1) .. "RECIPE" .. text:sub(at + #called)
    at = text:find(called, 1, true)
  end
  return text:gsub(" +", " ")
end

local TRIED = [[
-- Tries what a recipe may use
local sluice = require "sluice"
local helper = require "lib.helper"

return sluice.recipe {
  name = "tried", version = "1.2.3", summary = "Tries", params = {
    { name = "break_it", type = "boolean", help = "fail", default = false },
  },
  run = function(ctx, params)
    if params.break_it then helper.fail() end
    ctx.output { read = ctx.read "data/rows.csv", by = helper.name }
  end,
}
]]
local HELPER = "local M = { name = ... }\nfunction M.fail()\n  error 'broken here'\nend\nreturn M\n"

local function write_tried(folder)
  assert(os.execute(("mkdir -p %s/lib %s/data"):format(folder, folder)))
  program.write(folder, "tried.lua", TRIED)
  program.write(folder, "lib/helper.lua", HELPER)
  program.write(folder, "data/rows.csv", "a,b\r\n1,2\r\n")
  return folder
end

local function bundle(folder, ...) return good(run_in(folder, words("bundle", ...))) end

--- An empty folder, and the bundle and the executable of a recipe in two others.
local function made(folder, entry, ...)
  local there, name = program.folder(), entry:gsub("%.lua$", "")
  bundle(folder, entry, "-o", there .. "/" .. name .. ".sluice", ...)
  bundle(folder, entry, "--exe", "-o", there .. "/" .. name, ...)
  return there, name
end

describe("bundles", function()
  teardown(program.clean)

  local sanitized = os.getenv "LUA_PRELOAD" ~= nil -- a program ten times as large: a few recipes do
  for i, path in ipairs(files.list("scripts", ".lua")) do
    local entry = path:match "[^/]*$"
    if sanitized and i % 8 ~= 1 then goto continue end
    it("run " .. entry .. " as its folder does", function()
      local there, name = made("scripts", entry)
      local plain = good(run_in("scripts", words("run", entry, EMULATED)))
      local bundled = good(run_in(there, words("run", "--trust", name .. ".sluice", EMULATED)))
      local own = good(run_in(there, EMULATED, { program = "./" .. name }))
      assert.are.equal(plain.out, bundled.out)
      assert.are.equal(plain.out, own.out)
      assert.are.equal(said(plain, "sluice run " .. entry), said(bundled, "sluice run " .. name .. ".sluice"))
      assert.are.equal(said(plain, "sluice run " .. entry), said(own, "./" .. name))
      local help = good(run_in("scripts", { "run", entry, "--help" })) -- of a bundle, from its manifest
      local own_help = good(run_in(there, { "--help" }, { program = "./" .. name }))
      assert.are.equal(said({ err = help.out }, "sluice run " .. entry), said({ err = own_help.out }, "./" .. name))
    end)
    ::continue::
  end

  it("find modules and files beside the recipe, and fail with the sources' lines", function()
    local folder = write_tried(program.folder())
    local there = made(folder, "tried.lua", "--include", "data")
    local calls = { { folder, words("run", "tried.lua") }, { there, words("run", "--trust", "tried.sluice") },
      { there, {}, { program = "./tried" } } }
    for _, call in ipairs(calls) do
      local result = good(run_in(call[1], words(call[2], EMULATED, "--json"), call[3]))
      assert.is_truthy(result.out:find('"a,b\\r\\n1,2\\r\\n"', 1, true), result.out)
      assert.is_truthy(result.out:find('"lib.helper"', 1, true), result.out)
      result = run_in(call[1], words(call[2], "--break-it", EMULATED), call[3])
      assert.are.equal(1, result.code)
      assert.is_truthy(result.err:find("sluice: lib/helper.lua:3: broken here\n", 1, true), result.err)
    end
  end)

  it("are the recipe, when they are executable", function()
    local there = made(write_tried(program.folder()), "tried.lua", "--include", "data")
    local result = good(run_in(there, { "--help" }, { program = "./tried" }))
    assert.is_truthy(result.out:find("Usage: ./tried [options]\n\ntried 1.2.3: Tries\n", 1, true), result.out)
    assert.is_truthy(result.out:find("--break-it", 1, true))
    assert.is_truthy(run_in(there, { "version" }, { program = "./tried" }).code ~= 0)
    assert.is_nil(result.out:find("sluice help", 1, true)) -- which a colleague may not have
    assert.is_truthy(result.out:find("--sandbox NAME", 1, true))
    local wrong = run_in(there, { "--params" }, { program = "./tried" })
    assert.are.equal("sluice: option '--params' requires an argument ('./tried --help' says more)\n", wrong.err)
    assert.are.equal(2, wrong.code)
  end)

  it("are the same bytes in any folder, at any time, under any umask", function()
    local one, two = write_tried(program.folder()), write_tried(program.folder())
    assert(os.execute(("find %s -exec touch -d '2001-02-03 04:05:06' {} + && chmod -R go-rwx %s"):format(two, two)))
    for _, exe in ipairs { false, true } do
      local list = words("bundle", "tried.lua", "--include", "data", "-o", "out", exe and { "--exe" } or {})
      good(run_in(one, list))
      good(run_in(two, list, { prefix = "umask 077; cd " .. two .. " && TZ=Asia/Tokyo",
        env = { TZ = "Asia/Tokyo", LC_ALL = "C" } }))
      assert.is_true(program.read(one .. "/out") == program.read(two .. "/out"))
      local pipe <close> = assert(io.popen(("stat -c %%a %s/out %s/out"):format(one, two)))
      assert.are.equal(exe and "755\n755\n" or "644\n644\n", pipe:read "a")
      local listed = good(run_in(one, { "bundle", "--list", "out" })).out
      assert.are.equal(listed, good(run_in(two, { "bundle", "--list", "out" })).out)
    end
  end)

  it("are zip files to others, the executable, too", function()
    local there = made(write_tried(program.folder()), "tried.lua")
    for _, name in ipairs { "tried.sluice", "tried" } do
      local pipe = assert(io.popen(("cd %s && unzip -t %s 2>&1"):format(there, name)))
      local said_by_unzip = pipe:read "a"
      assert.is_true(pipe:close(), said_by_unzip)
      assert.is_nil(said_by_unzip:find "warning", said_by_unzip)
      assert.is_truthy(said_by_unzip:find "lib/helper.lua +OK")
    end
    assert.is_true(#program.read(there .. "/tried") <= 4 << 20 or sanitized)
  end)

  it("say what they are", function()
    local there = made(write_tried(program.folder()), "tried.lua", "--include", "data/rows.csv")
    local result = good(run_in(there, { "bundle", "--list", "tried.sluice" }))
    for _, text in ipairs { "tried 1.2.3: Tries\n", "not signed\n", "never delete", "break_it (boolean): fail",
      "data/rows.csv ", "lib/helper.lua", "tried.lua" } do
      assert.is_truthy(result.out:find(text, 1, true), result.out)
    end
    result = good(run_in(there, { "bundle", "--list", "--json", "tried" }))
    assert.is_truthy(result.out:find('"requires_sluice": ">= ', 1, true), result.out)
    assert.is_truthy(good(run_in(there, { "bundle", "--verify", "tried" })).out:find "is whole; not signed\n")
  end)

  it("give their files back, into a new folder only", function()
    local folder = write_tried(program.folder())
    local there = made(folder, "tried.lua", "--include", "data")
    assert.are.equal("tried-files: 4 files\n", good(run_in(there, { "bundle", "--extract", "tried" })).out)
    assert.are.equal("tried: 4 files\n", good(run_in(folder, { "bundle", "--extract", there .. "/tried.sluice" })).out)
    assert.are.equal(HELPER, program.read(folder .. "/tried/lib/helper.lua"))
    assert.are.equal("a,b\r\n1,2\r\n", program.read(there .. "/tried-files/data/rows.csv"))
    refused(run_in(folder, { "bundle", "--extract", there .. "/tried.sluice" }), 1, "tried: File exists")
    assert(os.execute(("ln -s /tmp %s/link"):format(folder)))
    refused(run_in(folder, { "bundle", "--extract", there .. "/tried.sluice", "-o", "link" }), 1, "link: File exists")
    good(run_in(folder, { "bundle", "tried/tried.lua", "--include", "tried/data", "-o", "again" }))
    assert.is_true(program.read(folder .. "/again") == program.read(there .. "/tried.sluice"))
  end)

  describe("with a signature", function()
    local folder, there
    setup(function()
      folder = write_tried(program.folder())
      for _, name in ipairs { "one", "two" } do
        assert(os.execute(("cd %s && openssl genpkey -algorithm ed25519 -out %s.key && " ..
          "openssl pkey -in %s.key -pubout -out %s.pub"):format(folder, name, name, name)))
      end
      there = made(folder, "tried.lua", "--sign", folder .. "/one.key")
    end)

    local function verify(file, key) return run_in(folder, { "verify", "--key", key or "one.pub", file }) end

    --- A copy with one byte changed, which `find` finds.
    local function changed(file, find)
      local bytes = program.read(there .. "/" .. file)
      local at = find(bytes)
      return program.write(program.folder(), file, bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 1) ..
        bytes:sub(at + 1))
    end

    it("are verified by its key alone", function()
      for _, file in ipairs { "tried.sluice", "tried" } do
        local result = good(verify(there .. "/" .. file))
        assert.is_truthy(result.out:find("tried 1.2.3, signed by one.pub", 1, true), result.out)
        refused(verify(there .. "/" .. file, "two.pub"), 1, file .. ": signed by another key")
        refused(verify(there .. "/" .. file, "one.key"), 3, "one.key is a private key")
      end
      bundle(folder, "tried.lua", "-o", "unsigned")
      refused(verify "unsigned", 1, "unsigned: not signed")
      refused(verify "tried.lua", 1, "tried.lua: no bundle")
      refused(verify "nowhere", 2, "nowhere cannot be opened")
      refused(verify("unsigned", "nowhere"), 3, "cannot open the key nowhere")
    end)

    it("are refused with any byte changed, by the member's name", function()
      for _, file in ipairs { "tried.sluice", "tried" } do
        local path = changed(file, function(bytes) return bytes:find("broken here", 1, true) end)
        refused(verify(path), 1, "the member lib/helper.lua is damaged")
        refused(program.run { "bundle", "--verify", path }, 1, "the member lib/helper.lua is damaged")
        refused(program.run { "run", "--trust", path, "--emulate" }, 1, "the member lib/helper.lua is damaged")
      end
      local path = changed("tried", function() return 5000 end)
      refused(verify(path), 1, "the program before the bundle is not the one of the manifest")
      refused(program.run { "bundle", "--verify", path }, 1, "the program before the bundle is not")
    end)

    it("are made with a key wherever it is kept", function()
      local first = program.read(there .. "/tried.sluice")
      for _, key in ipairs { "file:one.key", "cmd:cat one.key" } do
        bundle(folder, "tried.lua", "-o", "signed", "--sign", key)
        assert.is_true(first == program.read(folder .. "/signed"))
      end
      good(run_in(folder, { "bundle", "tried.lua", "-o", "signed", "--sign", "env:KEY" },
        { env = { KEY = program.read(folder .. "/one.key") } }))
      assert.is_true(first == program.read(folder .. "/signed"))
    end)

    it("are not made with what is no key", function()
      refused(run_in(folder, { "bundle", "tried.lua", "-o", "none", "--sign", "one.pub" }), 3,
        "the key one.pub is no private key of Ed25519")
      refused(run_in(folder, { "bundle", "tried.lua", "-o", "none", "--sign", "nowhere" }), 3, "nowhere")
      assert(os.execute(("cd %s && openssl pkey -in one.key -aes256 -passout pass:x -out locked.key"):format(folder)))
      refused(run_in(folder, { "bundle", "tried.lua", "-o", "none", "--sign", "locked.key" }), 3, "has a passphrase")
      assert.is_nil(program.read(folder .. "/none"))
    end)
  end)

  it("are not made of what is no whole recipe", function()
    local folder = write_tried(program.folder())
    program.write(folder, "plain.lua", "print 'ran'")
    program.write(folder, "broken.lua", "return require 'lib.nowhere', require 'lib.helper' x y")
    program.write(folder, "lacking.lua", "local a = require 'nowhere'\nlocal b = require 'neither'\nreturn a")
    local result = run_in(folder, { "bundle", "plain.lua" })
    assert.is_truthy(result.err:find("plain.lua returns no recipe", 1, true), result.err)
    refused(run_in(folder, { "bundle", "broken.lua" }), 1, "broken.lua:1:")
    result = run_in(folder, { "bundle", "lacking.lua" })
    assert.is_truthy(result.err:find('^error: lacking.lua:1: the module "nowhere": neither beside the recipe'),
      result.err)
    assert.is_truthy(result.err:find('\nsluice: lacking.lua:2: the module "neither"', 1, true), result.err)
    refused(run_in(folder, { "bundle", "nowhere.lua" }), 2, "nowhere.lua")
    refused(run_in(folder, { "bundle", "-" }), 2, "standard input")
    refused(run_in(folder, { "bundle" }), 2, "FILE")
    refused(run_in(folder, { "bundle", "tried.lua", "--include", "/etc/hostname" }), 2,
      "is not below the recipe's folder")
    refused(run_in(folder, { "bundle", "tried.lua", "--include", "nowhere" }), 2, "there is no nowhere")
    refused(run_in(folder, { "bundle", "--list", "--exe", "tried.lua" }), 2, "--exe makes a bundle, --list reads one")
    refused(run_in(folder, { "bundle", "--list", "--verify", "x" }), 2, "exclude each other")
    local pipe <close> = assert(io.popen("ls " .. folder))
    assert.are.equal("broken.lua\ndata\nlacking.lua\nlib\nplain.lua\ntried.lua\n", pipe:read "a")
  end)

  it("name what may be missing, and never overwrite what is no bundle", function()
    local folder = write_tried(program.folder())
    program.write(folder, "guessed.lua", "local n = 'lib.helper'\nrequire(n)\n" .. TRIED)
    local result = bundle(folder, "guessed.lua", "-o", "out")
    assert.is_truthy(result.err:find "^warning: guessed.lua:2: cannot tell what this requires: require%(n%);",
      result.err)
    bundle(folder, "tried.lua", "-o", "out")
    refused(run_in(folder, { "bundle", "tried.lua", "-o", "tried.lua" }), 2, "tried.lua is there, and no bundle")
    refused(run_in(folder, { "bundle", "tried.lua", "-o", "lib" }), 2, "cannot write lib: it is no file")
    refused(run_in(folder, { "bundle", "tried.lua", "-o", "/dev/null" }), 2, "cannot write /dev/null: it is no file")
    refused(run_in(folder, { "bundle", "tried.lua", "-o", "none/out" }), 1, "none/out")
    refused(run_in(folder, { "bundle", "out" }), 2, "out is a bundle already")
    assert.are.equal(TRIED, program.read(folder .. "/tried.lua"))
  end)

  it("are made and looked at as the README says", function()
    local folder = write_tried(program.folder())
    assert(os.execute(("cp -r scripts %s && mv %s/tried.lua %s/report.lua"):format(folder, folder, folder)))
    local section = files.read "README.md":match "\n## Bundles\n(.-)\n## "
    local blocks = {}
    for block in section:gmatch "```sh\n(.-)```" do table.insert(blocks, 1, block) end -- the keys come first
    local script = program.write(folder, "block.sh", "set -ex\n" .. table.concat(blocks))
    local path = program.PATH:match "^(.*)/"
    local pipe = assert(io.popen(("cd %s && PATH=%s:$PATH sh %s 2>&1"):format(folder, path, script)))
    local output = pipe:read "a"
    assert.is_true(pipe:close(), output)
    assert.is_truthy(output:find("report.sluice: tried 1.2.3, signed by team.pub", 1, true), output)
  end)

  it("that are hostile run nothing and write nothing", function()
    local bundles = require "support.bundles"
    local folder, marker = program.folder(), program.folder() .. "/marker"
    local evil = ("io.open(%q, 'w'):close() return nil"):format(marker)
    local members = bundles.members()
    members[1].bytes = evil
    local cases = {
      changed = bundles.zip(members),
      climbing = bundles.zip { { name = "../climbed.lua", bytes = evil } },
      packed = bundles.zip { { name = "a.lua", bytes = evil, method = 8 } },
      link = bundles.zip { { name = "a.lua", bytes = "/etc/passwd", attributes = 0xA1FF0000 } },
      huge = bundles.zip { { name = "a.lua", bytes = evil, size = 3000000000, packed = 3000000000 } },
      twice = bundles.zip { { name = "a.lua", bytes = evil }, { name = "a.lua", bytes = evil } },
      short = bundles.good():sub(1, 300),
    }
    for name, bytes in pairs(cases) do
      program.write(folder, name .. ".sluice", bytes)
      for _, list in ipairs { { "run", "--trust", "--emulate" }, { "bundle", "--list" }, { "bundle", "--verify" },
        { "bundle", "--extract" } } do
        refused(run_in(folder, words(list, name .. ".sluice")), 1, name .. ".sluice: ")
      end
      os.remove(folder .. "/" .. name .. ".sluice")
    end
    assert.is_nil(program.read(marker))
    local pipe <close> = assert(io.popen(("ls -A %s"):format(folder)))
    assert.are.equal("", pipe:read "a")
  end)
end)
