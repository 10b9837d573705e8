--- Folders: made with those above them, refused with a reason.
local core = require "sluice.core"

local function failure(path)
  local ok, err = pcall(core.files.make_folder, path)
  assert.is_false(ok)
  return err
end

describe("files", function()
  local folder
  setup(function()
    local pipe <close> = assert(io.popen "mktemp -d")
    folder = pipe:read "l"
  end)
  teardown(function() os.execute("rm -r " .. folder) end)

  it("make a folder and those above it, and leave what is there", function()
    local path = folder .. "/a/b//c"
    core.files.make_folder(path)
    local file <close> = assert(io.open(path .. "/file", "w"))
    file:write "kept"
    core.files.make_folder(path)
    core.files.make_folder(folder .. "/a/")
    core.files.make_folder "/"
    assert.is_truthy(io.open(path .. "/file"))
  end)

  it("say why one cannot be made", function()
    assert(io.open(folder .. "/file", "w")):close()
    for _, path in ipairs { "/file", "/file/below" } do
      local err = failure(folder .. path)
      assert.is_true(core.error.is(err, "io"))
      assert.equal(("cannot make the folder %s/file: Not a directory"):format(folder), (err.message:gsub("/below", "")))
    end
    assert.is_true(core.error.is(failure(("x/"):rep(4000)), "io"))
    assert.is_true(core.error.is(failure(folder .. "/" .. ("x"):rep(300)), "io"))
    assert.is_true(core.error.is(failure "", "usage"))
    assert.is_true(core.error.is(failure "a\0b", "usage"))
  end)

  it("are created for their owner alone, and emptied", function()
    local path = folder .. "/private"
    assert(io.open(path, "w")):write(("x"):rep(100)):close()
    assert(os.execute("chmod 644 " .. path))
    local file = core.files.create(path)
    assert.is_truthy(file:write "kept\0")
    assert.is_true(file:close())
    assert.equal("kept\0", assert(io.open(path, "rb")):read "a")
    local pipe <close> = assert(io.popen("stat -c %a " .. path))
    assert.equal("600", pipe:read "l")
  end)

  it("say why one cannot be created", function()
    local ok, err = pcall(core.files.create, folder)
    assert.is_false(ok)
    assert.is_true(core.error.is(err, "io"))
    assert.equal(("cannot write %s: Is a directory"):format(folder), err.message)
    assert.is_true(core.error.is(select(2, pcall(core.files.create, "a\0b")), "usage"))
    assert.has_error(function() core.files.create() end)
  end)

  it("are looked at, with their rights", function()
    local path = folder .. "/looked-at"
    assert(io.open(path, "w")):close()
    assert(os.execute("chmod 640 " .. path))
    assert.same({ kind = "file", mode = tonumber("640", 8), own = true }, core.files.look(path))
    assert(os.execute(("chmod 700 %s && ln -s %s %s/link"):format(folder, path, folder)))
    assert.same({ kind = "folder", mode = tonumber("700", 8), own = true }, core.files.look(folder))
    assert.same(core.files.look(path), core.files.look(folder .. "/link"))
    assert.equal("link", core.files.look(folder .. "/link", "link").kind)
    assert.same(core.files.look(path), core.files.look(path, "link"))
    assert(os.execute(("ln -s nowhere %s/dangling"):format(folder)))
    assert.is_nil(core.files.look(folder .. "/dangling"))
    assert.equal("link", core.files.look(folder .. "/dangling", "link").kind)
    assert.equal("other", core.files.look("/dev/null").kind)
    assert.is_nil(core.files.look(folder .. "/nothing"))
    assert.is_nil(core.files.look(path .. "/below"))
    local ok, err = pcall(core.files.look, ("x"):rep(5000))
    assert.is_false(ok)
    assert.is_true(core.error.is(err, "io"))
    assert.has_error(function() core.files.look "a\0b" end)
    assert.has_error(function() core.files.look(folder, "linked") end)
  end)

  it("are closed to others", function()
    local path = folder .. "/open"
    assert(io.open(path, "w")):close()
    assert(os.execute("chmod 755 " .. path))
    core.files.close_to_others(path)
    assert.equal(tonumber("700", 8), core.files.look(path).mode)
    local ok, err = pcall(core.files.close_to_others, folder .. "/nothing")
    assert.is_false(ok)
    assert.equal(("cannot close %s/nothing to others: No such file or directory"):format(folder), err.message)
  end)
end)
