--- What a stranger tries on whoever runs, previews, tests or reads what he sent: with the program as people have it.

local program = require "support.program"

describe("a stranger's recipe", function()
  teardown(program.clean)

  local SECRETS = { TRIED = "now", FIRST_TOKEN = program.SECRET, SECOND_TOKEN = program.SECRET }

  --- A folder with the recipe, and the recipe as a bundle.
  local function place(text, bundled)
    local folder = program.folder()
    program.write(folder, "tries.lua", text)
    if bundled then
      local made = program.run({ "bundle", "tries.lua" }, { prefix = "env -C " .. folder })
      assert.equal(0, made.code, made.err)
    end
    return folder
  end

  local function run(folder, words, env)
    return program.run(words, { prefix = "env -C " .. folder, env = env })
  end

  it("stays the recipe that it was while its parameters are read", function()
    local folder = place([[
local sluice = require "sluice"
local params, later = {}, { type = "secret" }
params[1] = { name = "tried", env = "TRIED", check = function(value)
  if value == "now" then params[2].type, later.type, params[4].name = nil, nil, "other" end
  return true
end }
params[2] = { name = "first", type = "secret", env = "FIRST_TOKEN" }
params[3] = setmetatable({ name = "second", type = "secret", env = "SECOND_TOKEN" }, { __index = later })
params[4] = { name = "third", example = "e" }
return sluice.recipe { name = "tries", version = "1", summary = "Tries", params = params,
  run = function(_, given) print(given.first, given.second, given.third) end }
]], true)
    for _, words in ipairs { { "run", "--restrict", "--emulate", "tries.lua" },
      { "run", "--trust", "--emulate", "tries.sluice" } } do
      local result = run(folder, words, SECRETS)
      assert.equal("‹secret FIRST_TOKEN›\t‹secret SECOND_TOKEN›\te\n", result.out, result.err)
    end
  end)

  it("is not believed that it is still one", function()
    local folder = place [[
local r = require("sluice").recipe { name = "tries", version = "1", summary = "Tries", params = {}, run = print }
r.params[1] = { name = "bucket", env = "NO NAME" }
return r
]]
    local result = run(folder, { "run", "--restrict", "--emulate", "tries.lua" })
    assert.equal(1, result.code)
    assert.matches("sluice.recipe: parameter bucket: env: expected the name of an environment variable",
      result.err, 1, true)
  end)

  it("opens no file that a variable happens to name", function()
    local folder = place([[
return require("sluice").recipe { name = "tries", version = "1", summary = "Tries",
  params = { { name = "file", type = "file", read = true, env = "KUBECONFIG", example = "tries.lua" } },
  run = function(_, params) print(params.file) end }
]], true)
    local private = program.write(program.folder(), "private", "nobody's business")
    for _, words in ipairs { { "run", "--restrict", "--emulate", "tries.lua" },
      { "run", "--trust", "--emulate", "tries.sluice" }, { "preview", "tries.sluice" } } do
      local result = run(folder, words, { KUBECONFIG = private })
      assert.equal(1, result.code)
      assert.equal("", result.out)
      assert.matches("not permitted: reading " .. private .. "; permitted: none", result.err, 1, true)
    end
    local given = run(folder, { "run", "--restrict", "--emulate", "tries.lua", "--file", private })
    assert.equal("nobody's business\n", given.out)
  end)

  it("tells the variables of its parameters before it runs", function()
    local folder = place([[
return require("sluice").recipe { name = "tries", version = "1", summary = "Tries",
  params = { { name = "token", type = "secret", env = "SECOND_TOKEN" }, { name = "b", env = "TRIED", default = "x" } },
  run = print }
]], true)
    local told = "environment variables: SECOND_TOKEN, TRIED for its parameters"
    assert.matches(told, run(folder, { "run", "--emulate", "tries.sluice" }).err, 1, true)
    assert.matches(told, run(folder, { "bundle", "--list", "tries.sluice" }).out, 1, true)
  end)

  it("reads no credentials, whatever else it may read", function()
    local folder = place [[
return require("sluice").recipe { name = "tries", version = "1", summary = "Tries", params = {},
  permissions = { paths = { read = { "." } } },
  run = function(ctx)
    print(pcall(io.open, "credentials.json"))
    print(pcall(ctx.read, "credentials.json"))
    print(pcall(io.open, "config/sluice/profiles/own.json"))
    print(pcall(io.open, "state/sluice/tokens/x"))
    print(io.open("tries.lua") ~= nil)
  end }
]]
    local credentials = ('{ "org_id": "0123456789ABCDEF01234567@AdobeOrg", "client_id": "c", "secret": "%s", '
      .. '"scopes": "openid" }'):format(program.SECRET)
    program.write(folder, "credentials.json", credentials)
    os.execute(("cd %s && chmod 600 credentials.json && mkdir -p config/sluice/profiles state/sluice/tokens")
      :format(folder))
    program.write(folder, "config/sluice/profiles/own.json", credentials)
    local nowhere = "http://127.0.0.1:9"
    local result = run(folder, { "run", "--restrict", "--config", "credentials.json", "--base-url", nowhere,
      "--ims-url", nowhere, "tries.lua" },
      { XDG_CONFIG_HOME = folder .. "/config", XDG_STATE_HOME = folder .. "/state" })
    assert.equal(0, result.code, result.err)
    local lines, refusals = {}, 0
    for line in result.out:gmatch "[^\n]+" do
      lines[#lines + 1] = line
      if line:find("^false\tnot permitted: reading .*but never what Sluice keeps for itself") then
        refusals = refusals + 1
      end
    end
    assert.equal(4, refusals, result.out)
    assert.equal("true", lines[5])
  end)

  it("steers no terminal by its help", function()
    local folder = place [[
local r = require("sluice").recipe { name = "tries", version = "1", summary = "Tries", params = {}, run = print }
r.summary = "over \27[2J \u{202E}there"
return r
]]
    for _, words in ipairs { { "run", "--restrict", "tries.lua", "--help" }, { "preview", "tries.lua", "--help" } } do
      local result = run(folder, words)
      assert.equal(0, result.code, result.err)
      assert.matches("over \\x1b[2J \\u{202e}there", result.out, 1, true)
    end
  end)

  it("is none that is trusted because of its name", function()
    local folder = place [[os.execute "echo x > made"]]
    program.write(folder, "named.sluice", [[os.execute "echo x > made"]])
    program.write(folder, "Named.SLUICE", "")
    for _, name in ipairs { "named.sluice", "Named.SLUICE" } do
      local result = run(folder, { "run", name })
      assert.equal(1, result.code)
      assert.matches(name .. ": ", result.err, 1, true)
    end
    assert.is_nil(program.read(folder .. "/made"))
  end)

  it("does nothing in a preview, whatever its permissions are, for nobody was asked", function()
    local folder = place([[
return require("sluice").recipe { name = "tries", version = "1", summary = "Tries", params = {},
  permissions = { commands = true, paths = { read = { "seen" }, write = { "." } }, environment = { "TRIED" } },
  run = function()
    print(pcall(os.execute, "echo x > made"))
    print(pcall(io.open, "made", "w"))
    print(io.open("seen"):read "a", os.getenv "TRIED")
  end }
]], true)
    program.write(folder, "seen", "seen")
    local result = run(folder, { "preview", "tries.sluice" }, SECRETS)
    assert.is_nil(program.read(folder .. "/made"))
    assert.matches("^false\tnot permitted: running a program.*\nfalse\tnot permitted: writing made", result.out)
    assert.matches("\nseen\tnow\n", result.out, 1, true)
  end)

  it("runs nowhere but where it is held to its permissions", function()
    local folder = place([[
local opened = io.popen and pcall(io.popen, "echo x > made")
return require("sluice").recipe { name = "tries", version = "1", summary = tostring(opened), params = {}, run = print }
]], true)
    os.remove(folder .. "/made")
    program.write(folder, "a_test.lua", [[
it("runs a bundle", function() require("sluice").test.run "tries.sluice" end)]])
    local tested = run(folder, { "test", "tries.sluice" })
    assert.equal(2, tested.code)
    assert.matches("tries.sluice is a bundle; expected a file of tests", tested.err, 1, true)
    tested = run(folder, { "test", "a_test.lua" })
    assert.equal(1, tested.code)
    assert.matches("tries.sluice is a bundle, which is run or previewed only", tested.out, 1, true)
    for _, words in ipairs { { "run", "--trust", "--emulate", "tries.sluice" }, { "preview", "tries.sluice" },
      { "check", "tries.sluice" }, { "bundle", "--list", "tries.sluice" }, { "bundle", "tries.sluice" },
      { "run", "tries.sluice", "--help" } } do
      run(folder, words)
    end
    assert.is_nil(program.read(folder .. "/made"))
  end)
end)
