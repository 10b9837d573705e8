--- Small private documents: what is kept, and what is refused. The files themselves are in tests/unit/test_private.c.

local core = require "sluice.core"
local outcome = require "spec.support.outcome"

describe("core.store", function()
  local folder

  local function run(command) assert(os.execute((command:gsub("%%s", folder)))) end

  before_each(function()
    local pipe <close> = assert(io.popen "mktemp -d")
    folder = pipe:read "l"
  end)
  after_each(function() run "rm -r %s" end)

  it("keeps documents with their secrets, for nobody else", function()
    local store <close> = core.store.open(folder .. "/a/b", true)
    assert.is_nil(store:read "x")
    store:write("x", { access_token = core.secret.new("t", "hush"), n = 1, list = core.json.array {} })
    local read = store:read "x"
    assert.is_true(core.secret.is(read.access_token))
    assert.is_true(read.access_token == core.secret.new("", "hush"))
    assert.equal(1, read.n)
    local pipe <close> = assert(io.popen(("stat -c %%a %s/a %s/a/b %s/a/b/x"):format(folder, folder, folder)))
    assert.equal("700\n700\n600\n", pipe:read "a")
  end)

  it("writes for people, too", function()
    local store <close> = core.store.open(folder)
    store:write("x", { b = { 1 }, a = core.secret.new("t", "hush") }, { indent = 2 })
    local file <close> = assert(io.open(folder .. "/x"))
    assert.equal('{\n  "a": "hush",\n  "b": [\n    1\n  ]\n}\n', file:read "a")
    assert.has_error(function() store:write("x", {}, { indent = 17 }) end)
    assert.has_error(function() store:write("x", {}, 2) end)
  end)

  it("is not there until it is made", function()
    assert.is_nil(core.store.open(folder .. "/nowhere"))
    assert.is_truthy(core.store.open(folder .. "/nowhere", true))
    assert.is_truthy(core.store.open(folder .. "/nowhere"))
  end)

  it("says what is wrong, with kind io", function()
    run "chmod 755 %s"
    local failure = outcome.failure(core.store.open, folder)
    assert.equal("io", failure.kind)
    assert.matches("is open to others (mode 0755); close it: chmod go= ", failure.message, 1, true)
    run "chmod 700 %s; echo x > %s/x; chmod 604 %s/x"
    local store <close> = core.store.open(folder)
    assert.matches("x is open to others", outcome.failure(store.read, store, "x").message)
    run "chmod 600 %s/x"
    failure = outcome.failure(store.read, store, "x")
    assert.equal("json", failure.kind)
    run "mkdir %s/y"
    assert.matches("cannot write y: Is a directory", outcome.failure(store.write, store, "y", {}).message)
    failure = outcome.failure(store.write, store, "z", { ("x"):rep(70000) })
    assert.equal("limit", failure.kind)
    assert.equal("json", outcome.failure(store.write, store, "z", { print }).kind)
    assert.is_nil(store:read "z")
  end)

  it("refuses names that lead elsewhere", function()
    local store <close> = core.store.open(folder)
    for _, name in ipairs { "../x", "/x", "", ".x", "a b" } do
      for _, method in ipairs { "read", "remove", "lock" } do
        assert.equal("usage", outcome.failure(store[method], store, name).kind)
      end
    end
    assert.error_matches(function() store:read "a\0b" end, "holds a NUL")
  end)

  it("locks one name at a time, without waiting", function()
    local one, two = core.store.open(folder), core.store.open(folder)
    assert.is_true(one:lock "x")
    assert.is_false(two:lock "x")
    one:unlock()
    assert.is_true(two:lock "x")
    two:close()
    two:close()
    assert.is_true(one:lock "x")
    one:close()
    assert.error_matches(function() one:read "x" end, "the store is closed")
  end)

  it("gives a lock back when it is collected", function()
    local function leave() assert.is_true(core.store.open(folder):lock "x") end
    leave()
    collectgarbage()
    collectgarbage()
    local store <close> = core.store.open(folder)
    assert.is_true(store:lock "x")
  end)

  it("names things so that the name tells nothing", function()
    assert.matches("^%x+$", core.store.name("a", "b"))
    assert.equal(64, #core.store.name())
    assert.equal(core.store.name("a", "b"), core.store.name("a", "b"))
    assert.not_equal(core.store.name("a", "b"), core.store.name("ab", ""))
    assert.not_equal(core.store.name("a", "b"), core.store.name("b", "a"))
    assert.not_equal(core.store.name "a", core.store.name("a", ""))
  end)
end)
