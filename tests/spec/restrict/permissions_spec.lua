local permissions = require "sluice.restrict.permissions"

local function messages(value)
  local list = {}
  for i, finding in ipairs(permissions.check(value)) do list[i] = finding.place .. ": " .. finding.message end
  return list
end

describe("permissions.check", function()
  it("takes nothing, the default, and all that there is", function()
    assert.same({}, messages(nil))
    assert.same({}, messages {})
    assert.same({}, messages(permissions.default))
    assert.same({}, messages {
      hosts = { "files.example.com", "*.example.org:8443", "127.0.0.1:80", "[::1]:8080", "localhost" },
      sandboxes = { "*", "dev-2" }, operations = { "delete", "read" },
      paths = { read = { ".", "/srv/data", "~/in.csv" }, write = { "out/" } }, environment = { "BUCKET_2" },
      commands = true })
  end)

  it("says all that is wrong, and where", function()
    local found = messages { host = {}, hosts = { "https://x.example", "*", "a..b", "*.[::1]", "a:0", "a@b", "a/b" },
      sandboxes = "prod", operations = { "raed" }, paths = { read = { "" }, writes = {} }, environment = { "A-B", 7 },
      commands = "rm" }
    assert.equal('/host: unknown key; expected "hosts", "sandboxes", "operations", "paths", "environment" or '
      .. '"commands"; did you mean "hosts"?', found[1])
    for i, host in ipairs { "https://x.example", "*", "a..b", "*.[::1]", "a:0", "a@b", "a/b" } do
      assert.equal(("/hosts/%d: expected a host such as files.example.com, *.example.com or 127.0.0.1:8080, got %q")
        :format(i - 1, host), found[1 + i])
    end
    assert.same({
      '/sandboxes: expected a list, got "prod"',
      '/environment/0: expected the name of an environment variable, got "A-B"',
      "/environment/1: expected a text, got 7",
      '/operations/0: expected "read", "create", "update" or "delete"; did you mean "read"?',
      '/paths/writes: unknown key; expected "read" or "write"; did you mean "write"?',
      '/paths/read/0: expected a text, got ""',
      '/commands: expected true or false, got "rm"',
    }, table.move(found, 9, #found, 1, {}))
  end)

  it("refuses what could deceive who reads it", function()
    assert.equal(1, #messages { paths = { read = { "a\27[2Kb" } } })
    assert.equal(1, #messages { paths = { read = { "a\u{202E}b" } } })
    assert.equal(1, #messages { paths = { read = { "a\u{9B}b" } } })
    for _, hidden in ipairs { "\u{200B}", "\u{2028}", "\u{61C}", "\u{FEFF}", "\u{E0041}", "\xff" } do
      assert.equal(1, #messages { paths = { write = { "a" .. hidden } } })
    end
    assert.same({}, messages { paths = { read = { "räume/日本" } } })
    assert.equal(1, #messages { paths = { read = { "~other/b" } } })
    assert.same({ ": expected a table, got 3" }, messages(3))
  end)
end)

describe("permissions.check", function()
  it("takes no more than people read", function()
    local long = {}
    for i = 1, 30 do long[i] = ("a"):rep(98) .. i end
    assert.same({ ": 2991 bytes in all entries, expected at most 2000, so that people can read them" },
      messages { paths = { read = long } })
    local hosts, paths = table.move(long, 1, 10, 1, {}), { write = table.move(long, 1, 9, 1, {}) }
    assert.same({}, messages { hosts = hosts, paths = paths })
  end)
end)

describe("permissions.complete", function()
  it("fills gaps, and shares nothing", function()
    local given = { operations = { "read" }, paths = { read = { "a" } } }
    local whole = permissions.complete(given)
    assert.same({ hosts = {}, operations = { "read" }, paths = { read = { "a" }, write = {} }, environment = {},
      commands = false }, whole)
    whole.operations[2], whole.hosts[1] = "delete", "x"
    assert.equal(1, #given.operations)
    assert.equal(0, #permissions.default.hosts)
  end)
end)

describe("permissions.explain", function()
  it("tells the default", function()
    assert.same({
      "hosts: the platform and token service of the run only",
      "sandboxes: the one that the run is for",
      "operations: read, create, change; never delete",
      "files it may read: none but its own",
      "files it may write: none",
      "environment variables: none but those of its parameters",
      "programs: none",
    }, permissions.explain())
  end)

  it("tells the variables of parameters", function()
    local params = { { name = "b", env = "B" }, { name = "a", env = "A" }, { name = "c", env = "A" }, { name = "d" } }
    assert.equal("environment variables: A, B for its parameters", permissions.explain(nil, params)[6])
    assert.equal("environment variables: A, B for its parameters; any use: C, D",
      permissions.explain({ environment = { "C", "D" } }, params)[6])
    assert.equal("environment variables: none", permissions.explain(nil, {})[6])
    for i = 1, 30 do params[i] = { name = "p", env = ("V%02d"):format(i) } end
    assert.matches("V19, V20 and 10 more for its parameters", permissions.explain(nil, params)[6], 1, true)
  end)

  it("tells what was asked for", function()
    assert.same({
      "hosts: the platform and token service of the run, and, with your credentials, *.example.com, x.example:81",
      "sandboxes: dev, stage",
      "operations: read, create, change, delete",
      "files it may read: data, ~/in.csv",
      "files it may write: out",
      "environment variables: A, B",
      "programs: any, so that it may do whatever you may",
    }, permissions.explain { hosts = { "*.example.com", "x.example:81" }, sandboxes = { "dev", "stage" },
      operations = { "delete", "update", "create", "read" },
      paths = { read = { "data", "~/in.csv" }, write = { "out" } }, environment = { "A", "B" }, commands = true })
    assert.equal("operations: none", permissions.explain({ operations = {} })[3])
    assert.equal("sandboxes: any", permissions.explain({ sandboxes = { "dev", "*" } })[2])
    assert.equal("sandboxes: none", permissions.explain({ sandboxes = {} })[2])
  end)
end)
