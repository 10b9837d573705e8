local child = require "spec.support.child"

--- A sealed process: the functions of core.policy that the house's own code stands on.
local SEALED = [[
local core = require "sluice.core"
local policy = { hosts = {}, sandboxes = {}, operations = { "read" }, read = { "in" }, write = { "out" },
  own_read = { "own" }, own_write = { "kept" }, never = { "in/kept", "kept/never" }, commands = false }
for name, value in pairs(CHANGES or {}) do policy[name] = value end
local free = core.policy.seal(policy)
local function try(what, f, ...)
  local ok, value = pcall(f, ...)
  print(what, ok and tostring(value) or core.error.is(value) and value.kind .. ": " .. value.message or value)
  return ok and value
end
]]

describe("core.policy", function()
  local folder

  before_each(function()
    folder = child.folder()
    os.execute(("cd %s && mkdir in out own kept away && ln -s ../away in/link && ln -s ../away out/link")
      :format(folder))
    child.write(folder .. "/in/a", "text")
    child.write(folder .. "/away/a", "secret")
    child.write(folder .. "/own/a", "own")
  end)
  after_each(function() child.remove(folder) end)

  local function run(text)
    local output, code = child.run(folder, SEALED .. text)
    assert.equal(0, code, output)
    return output
  end

  it("is sealed once", function()
    local output = run [[
      print(core.policy.sealed())
      try("again", core.policy.seal, policy)
    ]]
    assert.equal("true\nagain\tusage: the policy of this process is sealed already\n", output)
  end)

  it("does not stand in the way before", function()
    assert.is_false(require("sluice.core").policy.sealed())
    require("sluice.core").policy.command "true"
  end)

  it("wants a whole policy, of which nothing holds before it is sealed", function()
    local output = child.run(folder, [[
      local core = require "sluice.core"
      local function seal(changes)
        local policy = { hosts = {}, sandboxes = {}, operations = {}, read = {}, write = {}, own_read = {},
          own_write = {}, never = {} }
        for name, value in pairs(changes) do policy[name] = value or nil end
        print(pcall(core.policy.seal, policy))
      end
      seal { hosts = false }
      seal { operations = { "destroy" } }
      seal { hosts = { {} } }
      seal { read = { "missing/../x" } }
      print(core.policy.sealed())
    ]])
    local lines = {}
    for line in output:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.is_truthy(lines[1]:find("a policy with all its lists expected", 1, true), output)
    assert.is_truthy(lines[2]:find("no such operation", 1, true), output)
    assert.is_truthy(lines[3]:find("string expected", 1, true), output)
    assert.is_truthy(lines[4]:find("false\tpermissions: ", 1, true), output)
    assert.equal("false", lines[5])
  end)

  it("opens what may be opened, and follows no link out of it", function()
    local output = run [[
      print(core.policy.open("in/a"):read "a")
      try("own", core.policy.open, "own/a")
      print(core.policy.open("own/a", "rb", true):read "a")
      try("linked", core.policy.open, "in/link/a")
      try("dots", core.policy.open, "in/../away/a")
      try("written", core.policy.open, "in/a", "w")
      try("both", core.policy.open, "in/a", "r+")
      core.policy.open("out/b", "w"):write("x"):close()
      core.policy.open("out/b", "a"):write("y"):close()
      core.policy.open("kept/b", "w", true):close()
      try("linked", core.policy.open, "out/link/new", "w")
      try("read back", core.policy.open, "out/b")
      try("append and read", core.policy.open, "out/b", "a+")
      try("mode", core.policy.open, "out/b", "rw")
      print(core.policy.open("in/missing"))
    ]]
    assert.equal(table.concat({
      "text",
      "own\tpermission: not permitted: reading own/a; permitted: ROOT/in",
      "own",
      "linked\tpermission: not permitted: reading in/link/a; permitted: ROOT/in",
      "dots\tpermission: not permitted: reading in/../away/a; permitted: ROOT/in",
      "written\tpermission: not permitted: writing in/a; permitted: ROOT/out",
      "both\tpermission: not permitted: writing in/a; permitted: ROOT/out",
      "linked\tpermission: not permitted: writing out/link/new; permitted: ROOT/out",
      "read back\tpermission: not permitted: reading out/b; permitted: ROOT/in",
      "append and read\tpermission: not permitted: reading out/b; permitted: ROOT/in",
      "mode\tbad argument #2 to '?' (invalid mode)",
      "nil\tin/missing: No such file or directory\t2", "" }, "\n"), (output:gsub(folder:gsub("%p", "%%%0"), "ROOT")))
    assert.equal("xy", child.read(folder .. "/out/b"))
    assert.equal("text", child.read(folder .. "/in/a"))
    assert.is_nil(child.read(folder .. "/away/new"))
    assert.equal("", child.read(folder .. "/kept/b"))
  end)

  it("keeps closed what is never to be had, but for the program to write", function()
    os.execute(("cd %s && mkdir in/kept kept/never && ln -s kept/a in/other"):format(folder))
    child.write(folder .. "/in/kept/a", "token")
    local output = run [[
      try("read", core.policy.open, "in/kept/a")
      try("linked", core.policy.open, "in/other")
      try("own", core.policy.open, "in/kept/a", "r", true)
      try("written", core.policy.open, "kept/never/a", "w")
      core.policy.open("kept/never/a", "w", true):close()
    ]]
    local function told(name) return ("ROOT/%s, but never what Sluice keeps for itself"):format(name) end
    assert.equal(table.concat({
      "read\tpermission: not permitted: reading in/kept/a; permitted: " .. told "in",
      "linked\tpermission: not permitted: reading in/other; permitted: " .. told "in",
      "own\tpermission: not permitted: reading in/kept/a; permitted: " .. told "in",
      "written\tpermission: not permitted: writing kept/never/a; permitted: " .. told "out", "" }, "\n"),
      (output:gsub(folder:gsub("%p", "%%%0"), "ROOT")))
    assert.equal("", child.read(folder .. "/kept/never/a"))
  end)

  it("holds for what the core does with files, programs and servers", function()
    local output = run [[
      try("folder", core.files.make_folder, "away/new")
      try("file", core.files.create, "away/new")
      try("look", core.files.look, "away/a")
      try("close", core.files.close_to_others, "away/a")
      try("store", core.store.open, "away", true)
      try("secret", core.secret.file, "away/a")
      try("command", core.secret.command, { "touch", "away/ran" })
      try("listener", core.listener.new, {})
      try("kept", core.files.make_folder, "kept/new")
      try("may", core.secret.file, "in/a")
      try("free", free.file, "away/a")
      try("free", free.command, { "echo", "hi" })
    ]]
    for line in output:gmatch "[^\n]+" do
      local what = line:match "^%w+"
      local refused = line:find("permission: not permitted: ", 1, true) ~= nil
      assert.equal(what ~= "kept" and what ~= "may" and what ~= "free", refused, line)
    end
    assert.equal("secret", child.read(folder .. "/away/a"))
    assert.is_nil(child.read(folder .. "/away/ran"))
  end)

  it("lets programs run where it says so", function()
    local output = child.run(folder, "CHANGES = { commands = true }\n" .. SEALED .. [[
      try("command", core.secret.command, { "echo", "hi" })
    ]])
    assert.equal("command\t‹secret echo›\n", output)
  end)

  it("bounds the memory of Lua", function()
    local output = run [[
      print(pcall(string.rep, "x", (1 << 31) - 1))
      print(#string.rep("x", 1 << 20))
    ]]
    assert.equal("false\tnot enough memory\n1048576\n", output)
  end)
end)
