--- The recipes inside the program: listed, shown, written out, run by name, with their files or without.

local core = require "sluice.core"
local files = require "support.files"
local program = require "support.program"

local NAMES = {}
for _, path in ipairs(files.list("scripts", ".lua")) do NAMES[#NAMES + 1] = path:match "([%w_]+)%.lua$" end

--- Runs the program in a folder where nothing else is.
local function run(words, folder, options)
  options = options or {}
  options.prefix = "cd " .. (folder or program.folder()) .. " &&"
  return program.run(words, options)
end

describe("the library", function()
  teardown(program.clean)

  it("holds every recipe of scripts/, byte for byte", function()
    local listed = core.json.decode(run({ "recipes", "--json" }).out)
    local names = {}
    for i, entry in ipairs(listed) do
      names[i] = entry.name
      assert.truthy(#entry.summary > 10 and entry.version)
      assert.equal(files.read("scripts/" .. entry.name .. ".lua"), run({ "recipes", "show", entry.name, "--lua" }).out)
    end
    assert.same(NAMES, names)
  end)

  it("is listed for people", function()
    local result = run { "recipes" }
    assert.equal(0, result.code)
    assert.truthy(result.out:find "^NAME +VERSION +SUMMARY\nactivate_adls_gen2 +%d")
    assert.equal("", result.err)
  end)

  it("explains a recipe, also for programs", function()
    local page = run({ "recipes", "show", "activate-oracle-eloqua" }).out
    assert.truthy(page:find("--audience AUDIENCE  ", 1, true), page)
    assert.truthy(page:find("Example:\n  sluice run activate_oracle_eloqua --emulate\n", 1, true), page)
    for line in page:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 80, line) end
    local document = core.json.decode(run({ "recipes", "show", "activate_oracle_eloqua", "--json" }).out)
    assert.same({ "name", "--name", "string" },
      { document.params[1].name, document.params[1].option, document.params[1].type })
  end)

  it("gives the same as the file does", function()
    for _, name in ipairs { "activate_amazon_s3_v2", "reschedule" } do
      local options = { "--emulate", "--json", "--clock", "2030-01-01T00:00Z" }
      local by_name = run { "run", name, table.unpack(options) }
      local by_file = program.run { "run", "scripts/" .. name .. ".lua", table.unpack(options) }
      assert.equal(0, by_name.code, by_name.err)
      assert.equal((by_file.out:gsub('"ms": [%d.]+', "")), (by_name.out:gsub('"ms": [%d.]+', "")))
    end
    assert.equal(0, run({ "preview", "activate-sftp" }).code)
  end)

  it("comes before a file of that name, and says so; a path is a file", function()
    local folder = program.folder()
    program.write(folder, "activate_sftp", "print 'the file'")
    local result = run({ "run", "activate_sftp", "--help" }, folder)
    assert.truthy(result.out:find("activate_sftp 1", 1, true), result.out)
    local note = "activate_sftp is the library's recipe; the file of that name here is ./activate_sftp"
    assert.truthy(result.err:find(note, 1, true), result.err)
    assert.equal("the file\n", run({ "run", "./activate_sftp" }, folder).out)
    program.write(folder, "mine", "print 'mine'")
    assert.equal("mine\n", run({ "run", "mine" }, folder).out)
  end)

  it("is no list of commands, but says how a recipe is run", function()
    local result = run { "activate-sftp" }
    assert.equal(2, result.code)
    assert.truthy(result.err:find("; 'sluice run activate-sftp' runs the recipe of that name", 1, true), result.err)
  end)

  it("knows near names", function()
    local result = run { "run", "activate_sftpp" }
    assert.equal(2, result.code)
    assert.truthy(result.err:find("there is neither a file activate_sftpp nor a recipe of that name; did you mean "
      .. "activate_sftp?", 1, true), result.err)
    for words, expected in pairs {
      ["show nothing_like_it"] = "no recipe \"nothing_like_it\"; 'sluice recipes' lists them",
      ["show"] = "NAME is missing", ["shwo x"] = 'did you mean "show"?',
      ["eject activate_sftp --lua"] = "--lua is for show",
      ["show activate_sftp x"] = 'unexpected word "x"', ["list --overwrite"] = "--overwrite is for eject",
    } do
      local list = { "recipes" }
      for word in words:gmatch "%S+" do list[#list + 1] = word end
      local refused = run(list)
      assert.equal(2, refused.code)
      assert.truthy(refused.err:find(expected, 1, true), refused.err)
    end
  end)

  it("is written out, and nothing is overwritten unless that is said", function()
    local folder = program.folder()
    local result = run({ "recipes", "eject", "activate-sftp" }, folder)
    assert.equal(0, result.code, result.err)
    assert.equal("wrote activate_sftp.lua; 'sluice run ./activate_sftp.lua' runs it\n", result.err)
    local path = folder .. "/activate_sftp.lua"
    assert.equal(files.read "scripts/activate_sftp.lua", program.read(path))
    assert.equal(0, run({ "run", "./activate_sftp.lua", "--emulate" }, folder).code)
    program.write(folder, "activate_sftp.lua", "-- mine")
    result = run({ "recipes", "eject", "activate_sftp", folder })
    assert.equal(2, result.code)
    assert.truthy(result.err:find("activate_sftp.lua is there already, and stays as it is (--overwrite", 1, true))
    assert.equal("-- mine", program.read(path))
    result = run({ "recipes", "eject", "activate_sftp", folder, "--overwrite" })
    assert.truthy(result.err:find("^replaced "), result.err)
    assert.equal(files.read "scripts/activate_sftp.lua", program.read(path))
    local missing = run { "recipes", "eject", "activate_sftp", folder .. "/nowhere" }
    assert.equal(1, missing.code)
    local hint = "(make the folder first: mkdir -p " .. folder .. "/nowhere)\n"
    assert.truthy(missing.err:find(hint, 1, true), missing.err)
    missing = run { "recipes", "eject", "activate_sftp", "" }
    assert.equal(2, missing.code)
    assert.truthy(missing.err:find("DIR is empty", 1, true), missing.err)
  end)

  it("is written out as a whole or not at all, and into nothing that is no file", function()
    for command, said in pairs { ["ln -s nowhere"] = "a link, which is not followed", mkdir = "a folder",
      mkfifo = "neither a file nor a folder" } do
      local folder = program.folder()
      os.execute(("cd %s && %s activate_sftp.lua"):format(folder, command))
      for _, option in ipairs { {}, { "--overwrite" } } do
        local result = run({ "recipes", "eject", "activate_sftp", table.unpack(option) }, folder)
        assert.equal(2, result.code)
        assert.equal(("sluice: activate_sftp.lua is %s (remove it, or write elsewhere)\n"):format(said), result.err)
      end
      assert.is_nil(program.read(folder .. "/nowhere"))
    end
    local folder = program.folder()
    local full = program.run({ "recipes", "eject", "activate_sftp", folder },
      { prefix = "trap '' XFSZ; ulimit -f 1;" })
    assert.equal(1, full.code)
    assert.equal(("sluice: cannot write %s/activate_sftp.lua: File too large\n"):format(folder), full.err)
    assert.is_nil(program.read(folder .. "/activate_sftp.lua"))
  end)
end)
