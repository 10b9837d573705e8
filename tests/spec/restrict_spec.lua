local child = require "spec.support.child"
local stranger = require "spec.support.stranger"

local FLOWS = "/data/foundation/flowservice/flows"

--- What the message of a refusal ends in when nothing is allowed.
local function refused(what, permitted)
  return ("! permission: not permitted: %s; permitted: %s"):format(what, permitted)
end

describe("restrict.enter", function()
  local folder

  before_each(function()
    folder = child.folder()
    os.execute(("cd %s && mkdir in out away && ln -s ../away in/link && ln -s ../away out/link"):format(folder))
    child.write(folder .. "/in/a", "one\ntwo\n")
    child.write(folder .. "/away/a", "secret")
  end)
  after_each(function() child.remove(folder) end)

  local function run(permissions, text, options) return stranger.run(folder, permissions, text, options) end

  -- ── operations ───────────────────────────────────────────────────────────────────────────────────────────

  local BODY = [[
    local sluice = require "sluice"
    local aep = sluice.connect()
    local body = { name = "n", connectionSpec = { id = "x", version = "1.0" } }
  ]]

  it("stops operations that are not declared, before anything is sent", function()
    local said, calls = run("{ operations = {} }", BODY .. [[
      try("read", aep.flows.list, aep.flows)
      try("create", aep.connections.create, aep.connections, body)
      try("update", aep.flows.update, aep.flows, "id", sluice.patch():add("/a", 1), { etag = "x" })
      try("enable", aep.flows.enable, aep.flows, "id")
      try("delete", aep.flows.delete, aep.flows, "id")
      try("raw", aep.request, aep, { method = "DELETE", path = "/data/foundation/flowservice/flows/1" })
      try("method", aep.request, aep, { method = "delete", path = "/data/foundation/flowservice/flows/1" })
      try("unknown", aep.request, aep, { method = "POST", path = "/data/elsewhere", body = {} })
      try("core", aep.client.request, aep.client, { path = "/data/foundation/flowservice/flows" })
    ]])
    assert.same({
      "read: " .. refused("the operation read", "none"),
      "create: " .. refused("the operation create", "none"),
      "update: " .. refused("the operation update", "none"),
      "enable: " .. refused("the operation update", "none"),
      "delete: " .. refused("the operation delete", "none"),
      "raw: " .. refused("the operation delete", "none"),
      "method: " .. refused("the operation read, create, update, delete", "none"),
      "unknown: " .. refused("the operation read, create, update, delete", "none"),
      "core: " .. refused("the operation read", "none"),
    }, said)
    assert.same({}, calls)
  end)

  it("lets pass what is declared: reading", function()
    local said, calls = run('{ operations = { "read" } }', BODY .. [[
      try("read", function() return #aep.flows:list() end)
      try("search", function() return #aep.flows:search { queryString = "" } end)
      try("permissions", aep.request, aep, { method = "POST", body = sluice.json.array { "/permissions/x" },
        path = "/data/foundation/access-control/acl/effective-policies" })
      try("create", aep.connections.create, aep.connections, body)
    ]])
    assert.equal("read: 0", said[1])
    assert.equal("create: " .. refused("the operation create", "read"), said[4])
    assert.same({ "POST /ims/token/v3", "GET " .. FLOWS, "POST " .. FLOWS .. "/search",
      "POST /data/foundation/access-control/acl/effective-policies" }, calls)
  end)

  it("lets pass what is declared: deleting", function()
    local said, calls = run('{ operations = { "delete" } }', BODY .. [[
      try("delete", aep.request, aep, { method = "DELETE", path = "/data/foundation/flowservice/flows/1" })
      try("read", aep.flows.list, aep.flows)
    ]])
    assert.is_truthy(said[1]:find("! service", 1, true))
    assert.is_truthy(said[2]:find("! permission", 1, true))
    assert.same({ "POST /ims/token/v3", "DELETE " .. FLOWS .. "/1" }, calls)
  end)

  it("lets nothing be deleted by default, and the rest be done", function()
    local said, calls = run("nil", BODY .. [[
      try("delete", aep.flows.delete, aep.flows, "1")
      try("create", aep.connections.create, aep.connections, body)
      try("update", aep.flows.update, aep.flows, "1", sluice.patch():add("/a", 1), { etag = "x" })
      try("disguised", aep.request, aep, { path = "/x", headers = { ["X-HTTP-Method-Override"] = "DELETE" } })
    ]])
    assert.equal("delete: " .. refused("the operation delete", "read, create, update"), said[1])
    assert.is_truthy(said[2]:find("! service", 1, true))
    assert.is_truthy(said[3]:find("! service", 1, true))
    assert.equal("disguised: " .. refused("the operation delete", "read, create, update"), said[4])
    assert.same({ "POST /ims/token/v3", "POST /data/foundation/flowservice/connections", "PATCH " .. FLOWS .. "/1" },
      { calls[1], calls[2], calls[#calls] })
  end)

  it("sends as whom the run is for, and nothing that is taken for another call on the way", function()
    local said, calls = run('{ sandboxes = { "*" } }', BODY .. [[
      for _, name in ipairs { "Authorization", "x-api-key", "X-GW-IMS-Org-Id", "x-user-token", "Connection",
        "X-Original-URL" } do
        try(name, aep.request, aep, { path = "/x", headers = { [name] = "x-sandbox-name" } })
      end
    ]])
    local own = "! permission: not permitted in a restricted recipe: the header %s, for calls are made as whom the run "
      .. "is for"
    assert.same({ "Authorization: " .. own:format "Authorization", "x-api-key: " .. own:format "x-api-key",
      "X-GW-IMS-Org-Id: " .. own:format "X-GW-IMS-Org-Id", "x-user-token: " .. own:format "x-user-token",
      "Connection: ! usage: the header Connection is the transport's to say",
      "X-Original-URL: " .. refused("the operation delete", "read, create, update") }, said)
    assert.same({}, calls)
  end)

  it("says how to declare it", function()
    local said = run("{ operations = {} }", BODY .. [[
      local ok, failure = pcall(aep.flows.list, aep.flows)
      print(failure)
    ]])
    assert.is_truthy(said[1]:find("^GET http://127.0.0.1:%d+" .. FLOWS .. ": not permitted: the operation read; "
      .. "permitted: none %(a recipe declares what it needs: permissions = { operations = { … } }%)$"), said[1])
  end)

  -- ── sandboxes and hosts ──────────────────────────────────────────────────────────────────────────────────

  it("keeps to the run's own sandbox by default", function()
    local said, calls = run("nil", BODY .. [[
      try("own", function() return #aep.flows:list() end)
      local dev = sluice.connect { sandbox = "dev" }
      try("other", dev.flows.list, dev.flows)
      try("header", aep.request, aep, { path = "/x", headers = { ["x-sandbox-name"] = "dev" } })
      try("case", aep.request, aep, { path = "/x", headers = { ["X-Sandbox-Name"] = "dev" } })
      try("id", aep.request, aep, { path = "/x", headers = { ["x-sandbox-id"] = "1" } })
    ]])
    assert.same({ "own: 0", "other: " .. refused("the sandbox dev", "prod"), "header: " .. refused("the sandbox dev",
      "prod"), "case: " .. refused("the sandbox dev", "prod"),
      "id: " .. refused("the sandbox that x-sandbox-id names", "prod") }, said)
    assert.same({ "POST /ims/token/v3", "GET " .. FLOWS }, calls)
  end)

  it("goes to the sandboxes that are declared, and to no others", function()
    local said, calls = run('{ sandboxes = { "dev" } }', BODY .. [[
      try("own", aep.flows.list, aep.flows)
      try("dev", function() return #sluice.connect { sandbox = "dev" }.flows:list() end)
    ]])
    assert.same({ "own: " .. refused("the sandbox prod", "dev"), "dev: 0" }, said)
    assert.same({ "POST /ims/token/v3", "GET " .. FLOWS }, calls)
    said = run('{ sandboxes = { "*" } }', BODY .. [[
      try("own", function() return #aep.flows:list() end)
      try("dev", function() return #sluice.connect { sandbox = "dev" }.flows:list() end)
    ]])
    assert.same({ "own: 0", "dev: 0" }, said)
  end)

  local ELSEWHERE = [[
    local sluice = require "sluice"
    local there = sluice.connect { base_url = SECOND, ims_url = SECOND }
    try("read", function() return #there.flows:list() end)
    local token = sluice.connect { ims_url = SECOND }
    try("token", function() return #token.flows:list() end)
    local moved = sluice.connect()
    moved.base_url = SECOND
    try("moved", function() return #moved.flows:list() end)
    try("host", moved.request, moved, { path = "/x", headers = { Host = "evil.example" } })
  ]]

  it("keeps to the hosts of the run", function()
    local said, _, others = run("nil", ELSEWHERE)
    assert.is_truthy(said[1]:find("^read: ! permission: not permitted: the host 127.0.0.1:%d+; permitted: "), said[1])
    assert.is_truthy(said[2]:find("^token: ! permission: not permitted: the host"), said[2])
    assert.equal("moved: 0", said[3])
    assert.is_truthy(said[4]:find("^host: ! permission: not permitted: the host"), said[4])
    assert.same({}, others)
  end)

  it("goes to hosts that are declared", function()
    local said, _, others = run("{ hosts = { second_host } }", ELSEWHERE)
    assert.equal("read: 0", said[1])
    assert.same({ "POST /ims/token/v3", "GET " .. FLOWS }, { others[1], others[2] })
  end)

  it("offers the run's own connection and no other credentials", function()
    local said = run("nil", [[
      local sluice = require "sluice"
      for _, name in ipairs { "config", "profile", "org", "client_id", "client_secret", "token", "cacert", "on_call",
        "intercept", "load_token", "save_token", "observe", "resolve", "env", "token_cache" } do
        try(name, sluice.connect, { [name] = "x" })
      end
      try("type", sluice.connect, { base_url = setmetatable({}, { __tostring = function() return SECOND end }) })
      try("sandbox", sluice.connect, { sandbox = "a b" })
    ]])
    for i = 1, 15 do assert.is_truthy(said[i]:find("! permission: not permitted in a restricted recipe", 1, true)) end
    assert.equal("type: ! sluice.connect: base_url: expected a string, got a table", said[16])
    assert.is_truthy(said[17]:find("! config: sandbox", 1, true))
  end)

  it("says why there is no connection where it is asked for", function()
    local said = run("nil", [[
      try("first", require("sluice").connect)
      try("second", require("sluice").connect, { sandbox = "dev" })
    ]], { before = "", options = "{}", })
    assert.equal(2, #said)
    local output = child.run(folder, [[
      local restrict = require "sluice.restrict"
      os.getenv = function() end
      local env = restrict.enter()
      print(pcall(env.require("sluice").connect))
    ]])
    assert.is_truthy(output:find("^false\tno credentials: set AEP_ORG_ID"), output)
  end)

  it("takes the user's credentials from where they are, and no others", function()
    child.write(folder .. "/credentials.json", [[{ "org_id": "0123456789ABCDEF01234567@AdobeOrg", "client_id": "c",
      "secret": "cmd:cat away/a", "scopes": "openid", "protected": true, "sandbox-name": "dev" }]])
    local output = child.run(folder, [[
      local defaults, restrict = require "sluice.defaults", require "sluice.restrict"
      local server = require("sluice.emulator").start { sandboxes = "prod,dev" }
      for name, value in pairs { base_url = server.url, ims_url = server.url, config = "credentials.json",
        sandbox = "dev", token_cache = false } do
        defaults[name] = value
      end
      local env = restrict.enter { sandboxes = { "*" } }
      print(pcall(io.open, "credentials.json"))
      local connect = env.require("sluice").connect
      print(#connect().flows:list(), #connect { sandbox = "prod" }.flows:list(), connect().sandbox, connect().source)
      print(pcall(connect().request, connect(), { method = "DELETE", path = "/x" }))
      print(pcall(connect().request, connect(), { method = "PATCH", body = {},
        path = "/data/foundation/flowservice/flows/1" }))
    ]])
    local lines = {}
    for line in output:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.is_truthy(lines[1]:find("^false\tnot permitted: reading credentials.json"), output)
    assert.is_truthy(lines[2]:find("^0\t0\tdev\tfile credentials.json"), output)
    assert.is_truthy(lines[3]:find("not permitted: the operation delete", 1, true), output)
    assert.is_truthy(lines[4]:find("is protected, and nothing was written", 1, true), output)
  end)

  -- ── files ────────────────────────────────────────────────────────────────────────────────────────────────

  local FILES = [[
    try("read", function() return io.open("in/a"):read "l" end)
    try("lines", function() local n = 0 for _ in io.lines "in/a" do n = n + 1 end return n end)
    try("input", function() io.input "in/a" return io.read "a" and "read" end)
    try("loadfile", loadfile, "in/a")
    try("write", function() io.open("out/b", "w"):write("x"):close() return "written" end)
    try("output", function() io.output("out/c") io.write "y" io.close() return "written" end)
    try("rename", os.rename, "out/b", "out/d")
    try("remove", os.remove, "out/c")
  ]]

  it("lets no file be read or written by default", function()
    local said = run("nil", FILES)
    assert.equal(8, #said)
    for _, line in ipairs(said) do
      assert.is_truthy(line:find("! permission: not permitted: %a+ %a+/%a; permitted: none"), line)
    end
    assert.is_nil(child.read(folder .. "/out/b"))
    assert.is_nil(child.read(folder .. "/out/c"))
  end)

  it("lets files be read and written that are declared", function()
    local said = run('{ paths = { read = { "in" }, write = { "out" } } }', FILES)
    assert.same({ "read: one", "lines: 2", "input: read", "loadfile: nil", "write: written", "output: written",
      "rename: true", "remove: true" }, said)
    assert.equal("x", child.read(folder .. "/out/d"))
    assert.is_nil(child.read(folder .. "/out/c"))
  end)

  it("follows neither links nor dots out of them", function()
    local said = run('{ paths = { read = { "in" }, write = { "out" } } }', [[
      for _, path in ipairs { "in/link/a", "in/../away/a", "in/./link/../a", "out/link/a", "out/link/new", "away/a",
        "/etc/passwd", "in/\0/a", "" } do
        try("read", io.open, path)
        try("write", io.open, path, "w")
        try("remove", os.remove, path)
        try("rename", os.rename, "out/x", path)
      end
    ]])
    for _, line in ipairs(said) do assert.is_truthy(line:find ": ! ", line) end
    assert.equal("secret", child.read(folder .. "/away/a"))
    assert.is_nil(child.read(folder .. "/away/new"))
  end)

  it("knows one file from the others", function()
    local said = run('{ paths = { read = { "in/a" } } }', [[
      try("read", function() return io.open("in/a"):read "l" end)
      try("beside", io.open, "in/ab")
      try("above", io.open, "in")
    ]])
    assert.equal("read: one", said[1])
    assert.is_truthy(said[2]:find("! permission", 1, true))
    assert.is_truthy(said[3]:find("! permission", 1, true))
  end)

  it("lets secrets come from files that may be read, variables and programs that are declared", function()
    local text = [[
      local secret = require("sluice").secret
      try("file", secret.file, "in/a")
      try("variable", secret.env, "HOME")
      try("command", secret.command, "echo x")
      try("words", secret.command, { "echo", "x" })
      try("from", function() return secret.from end)
    ]]
    local said = run("nil", text)
    for i = 1, 4 do assert.is_truthy(said[i]:find("! permission: not permitted", 1, true), said[i]) end
    assert.equal("from: nil", said[5])
    said = run('{ paths = { read = { "in" } }, environment = { "HOME" }, commands = true }', text)
    assert.same({ "file: ‹secret in/a›", "variable: ‹secret HOME›", "command: ‹secret echo›", "words: ‹secret echo›",
      "from: nil" }, said)
  end)

  -- ── the environment and programs ─────────────────────────────────────────────────────────────────────────

  it("shows environment variables that are declared", function()
    local said = run('{ environment = { "HOME" } }', [[
      try("home", function() return os.getenv "HOME" ~= nil end)
      try("path", os.getenv, "PATH")
    ]])
    assert.same({ "home: true", "path: " .. refused("reading the environment variable PATH", "HOME") }, said)
  end)

  local PROGRAMS = [[
    try("popen", function() return io.popen("echo x"):read "l" end)
    try("execute", function() return os.execute "touch out/ran" end)
  ]]

  it("runs no program by default", function()
    local said = run('{ paths = { write = { "out" } } }', PROGRAMS)
    assert.same({ "popen: " .. refused("running a program, echo x", "none"),
      "execute: " .. refused("running a program, touch out/ran", "none") }, said)
    assert.is_nil(child.read(folder .. "/out/ran"))
  end)

  it("runs programs where that is declared", function()
    assert.same({ "popen: x", "execute: true" }, (run("{ commands = true }", PROGRAMS)))
    assert.equal("", child.read(folder .. "/out/ran"))
  end)

  -- ── the recipe's own ─────────────────────────────────────────────────────────────────────────────────────

  it("finds the recipe's modules, and gives them the same globals", function()
    os.execute(("mkdir -p %s/recipe/lib"):format(folder))
    child.write(folder .. "/recipe/lib/part.lua", "mark = ...\nreturn { io = io, debug = debug }")
    child.write(folder .. "/recipe/main.lua", [[
      local part = require "lib.part"
      try("same", function() return part == require "lib.part" and part.io == io and mark end)
      try("debug", function() return part.debug end)
      try("missing", require, "lib.missing")
      try("core", require, "sluice.core")
      try("house", require, "sluice.restrict")
      try("system", require, "argparse")
      try("preloaded", function() package.preload.x = function() return 7 end return require "x" end)
      try("libraries", function() return require "string" == string and require "_G" == _G end)
      try("loaded", function() package.loaded["sluice.core"] = 1 return require "sluice.core" end)
    ]])
    local said = run("nil", "", { options = '{ src = "recipe/main.lua" }',
      after = 'print("house: " .. type(package.loaded["sluice.core"]))\n' })
    assert.equal("same: lib.part", said[1])
    assert.equal("debug: nil", said[2])
    local text = table.concat(said, "\n")
    assert.is_truthy(text:find("no file 'lib/missing.lua'", 1, true), text)
    assert.is_truthy(text:find("core: ! .-module 'sluice.core' not found"), text)
    assert.is_truthy(text:find("house: ! .-module 'sluice.restrict' not found"), text)
    assert.is_truthy(text:find("system: ! .-module 'argparse' not found"), text)
    assert.is_truthy(text:find("preloaded: 7\nlibraries: true\nloaded: 1\nhouse: table", 1, true), text)
  end)

  it("lets the house read beside the recipe, and the recipe not", function()
    os.execute(("mkdir %s/recipe && ln -s ../away %s/recipe/link"):format(folder, folder))
    child.write(folder .. "/recipe/rows.csv", "rows")
    child.write(folder .. "/recipe/main.lua", [[
      try("house", read, "rows.csv")
      try("link", read, "link/a")
      try("own", io.open, "recipe/rows.csv")
    ]])
    local said = run("nil", "", { options = '{ src = "recipe/main.lua" }',
      before = "env.read = function(name) return src:read(name) end\n" })
    assert.equal("house: rows", said[1])
    assert.is_truthy(said[2]:find("! permission", 1, true))
    assert.is_truthy(said[3]:find("! permission", 1, true))
  end)

  it("tells the user's own words from the recipe's", function()
    local said = run("nil", [[
      try("trusted", passed.file)
      try("own", io.open, "away/a")
      try("given", function() return io.open("in/a"):read "l" end)
    ]], { options = '{ read = { "in/a", "away", "/", "missing" }, own = { write = { "out" } } }', before = [[
      env.passed.file = function() return trusted.open("away/a"):read "a" end
      print(require("sluice.secret").from("cmd:echo x", "name", trusted.secrets))
      print(pcall(require("sluice.secret").from, "cmd:echo x", "name"))
      io.open("out/house", "w"):close()
    ]] })
    assert.same({ "‹secret name›", "false\tnot permitted: running a program, echo; permitted: none (a recipe declares "
      .. "what it needs: permissions = { commands = true })", "trusted: secret",
      "own: " .. refused("reading away/a", folder .. "/in/a"), "given: one" }, said)
    assert.equal("", child.read(folder .. "/out/house"))
  end)

  it("gives parameters the environment, but secrets to secrets only", function()
    local said = run('{ environment = { "MY_KEY" } }', "", { first = [[
      local set = { AEP_CLIENT_SECRET = "1", SFTP_PASSWORD = "2", MY_KEY = "3", TOKENS = "4", Db_Passwd = "5",
        AWS_ACCESS_KEY_ID = "6", BUCKET = "7" }
      os.getenv = function(name) return set[name] end
    ]], before = [[
      local getenv = trusted.env { { name = "a", env = "BUCKET" }, { name = "b", env = "AEP_CLIENT_SECRET" },
        { name = "c", type = "secret", env = "SFTP_PASSWORD" }, { name = "d", env = "MY_KEY" },
        { name = "e", type = "list", of = "secret", env = "TOKENS" }, { name = "f", env = "Db_Passwd" },
        { name = "g", env = "AWS_ACCESS_KEY_ID" }, { name = "h", env = "OTHER_TOKEN" } }
      for _, name in ipairs { "BUCKET", "AEP_CLIENT_SECRET", "SFTP_PASSWORD", "MY_KEY", "TOKENS", "Db_Passwd",
        "AWS_ACCESS_KEY_ID", "OTHER_TOKEN" } do
        env.try(name, getenv, name)
      end
    ]] })
    assert.same({ "BUCKET: 7",
      "AEP_CLIENT_SECRET: " .. refused("reading AEP_CLIENT_SECRET into the parameter b, which is Sluice's own",
        "MY_KEY"),
      "SFTP_PASSWORD: 2", "MY_KEY: 3", "TOKENS: 4",
      "Db_Passwd: " .. refused("reading Db_Passwd into the parameter f, which is no secret", "MY_KEY"),
      "AWS_ACCESS_KEY_ID: 6", "OTHER_TOKEN: nil" }, said)
  end)

  it("reads a recipe once, whatever it says later", function()
    local said = run("nil", [[
      local reads = 0
      local param = setmetatable({ name = "x", example = "e" }, { __index = function(_, key)
        reads = reads + 1
        if key == "env" and reads > 100 then return "AEP_CLIENT_SECRET" end
      end })
      passed.recipe = require("sluice").recipe { name = "a", version = "1", summary = "s", params = { param },
        run = function() end }
    ]], { after = [[
      local seen = trusted.recipe(env.passed.recipe)
      env.passed.recipe.params[1].env = "PATH"
      for _ = 1, 200 do assert(seen.params[1].env == nil) end
      print(require("sluice.recipe").is(seen), seen.params[1].example)
      env.passed.recipe.params[1] = setmetatable({}, { __index = { name = "y" } })
      print(pcall(trusted.recipe, env.passed.recipe))
    ]] })
    assert.equal("true\te", said[1])
    assert.equal("false\tsluice.recipe: every parameter needs a name in lower_snake", said[2])
  end)

  it("gives no parameter the program's own credentials, nor a URL with a password", function()
    local said = run("nil", "", { first = [[
      local set = { AEP_ACCESS_TOKEN = "1", DATABASE = "postgres://me:word@host/x", HERE = "https://host/x:y@z" }
      os.getenv = function(name) return set[name] end
    ]], before = [[
      local getenv = trusted.env { { name = "a", type = "secret", env = "AEP_ACCESS_TOKEN" },
        { name = "b", env = "DATABASE" }, { name = "c", env = "HERE" } }
      for _, name in ipairs { "AEP_ACCESS_TOKEN", "DATABASE", "HERE" } do env.try(name, getenv, name) end
    ]] })
    assert.same({
      "AEP_ACCESS_TOKEN: " .. refused("reading AEP_ACCESS_TOKEN into the parameter a, which is Sluice's own", "none"),
      "DATABASE: " .. refused("reading DATABASE into the parameter b, which is no secret", "none"),
      "HERE: https://host/x:y@z" }, said)
  end)

  it("gives the parameters of a bundle what its manifest says", function()
    local said = run("nil", "", { first = "os.getenv = function(name) return name end\n", before = [[
      local told = { { name = "a", env = "A" }, { name = "b", type = "secret", env = "B" } }
      local of = require("sluice.restrict.system").of_parameters({}, told)
      local getenv = of { { name = "a", env = "A" }, { name = "b", env = "B" }, { name = "c", env = "C" } }
      for _, name in ipairs { "A", "B", "C" } do env.try(name, getenv, name) end
    ]] })
    assert.same({ "A: A",
      "B: " .. refused("reading B into the parameter b, which the manifest says otherwise", "none"),
      "C: " .. refused("reading C into the parameter c, which the manifest says otherwise", "none") }, said)
  end)

  it("refuses permissions that are none, and a second time", function()
    local output = child.run(folder, [[
      local restrict = require "sluice.restrict"
      print(pcall(restrict.enter, { operations = { "all" } }))
      print(require("sluice.core").policy.sealed())
      restrict.enter()
      print(pcall(restrict.enter))
    ]])
    assert.is_truthy(output:find('^false\tpermissions: /operations/0: expected "read"'), output)
    assert.is_truthy(output:find("\nfalse\nfalse\tthis process is restricted already", 1, true), output)
  end)
end)
