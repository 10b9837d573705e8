local check = require "sluice.cli.check"
local example = require "sluice.catalog.example"
local catalog = require "sluice.catalog"
local files = require "support.files"
local knowledge = require "sluice.cli.check.known"
local sources = require "sluice.source"

local known = knowledge.new()

--- The findings in a text, a line each: "3:7 error field message".
local function findings(text, name)
  local source = sources.of_library(name or "x.lua", "x.lua", { ["x.lua"] = text, ["beside/part.lua"] = "" })
  local lines = {}
  for i, finding in ipairs(check.examine(source, known)) do
    lines[i] = ("%d:%d %s %s"):format(finding.line, finding.column, finding.level, finding.message)
  end
  return lines
end

local BEGINNING = 'local sluice = require "sluice"\nlocal aep = sluice.connect()\n'

--- The findings in what follows such a beginning, by the line behind it.
local function after_beginning(text)
  local lines = findings(BEGINNING .. text)
  for i, line in ipairs(lines) do
    lines[i] = line:gsub("^%d+", function(number) return tostring(math.tointeger(number) - 2) end)
  end
  return lines
end

--- A recipe whose function has this body.
local function recipe(body, params)
  return ('local sluice = require "sluice"\nreturn sluice.recipe { name = "x", version = "1.0.0", summary = "x",\n'
    .. "params = { %s },\nrun = function(ctx, params)\n%s\nend }\n"):format(params or '{ name = "bucket" }', body)
end

describe("sluice check", function()
  it("finds nothing in what is right", function()
    local texts = {}
    for _, path in ipairs(files.list("scripts", ".lua")) do texts[path] = files.read(path) end
    local readme = files.read "README.md"
    for text in readme:gmatch "```lua\n(.-)```" do texts["README: " .. text] = text end
    for _, key in ipairs(catalog.keys) do
      for _, auth in ipairs(catalog.systems[key].auth) do
        texts[key .. auth.name] = example.text(key, { auth = auth.name })
      end
      local takes_datasets = catalog.systems[key].dataset_flow_spec
      if takes_datasets then texts[key .. " datasets"] = example.text(key, { kind = "datasets" }) end
    end
    local count = 0
    for name, text in pairs(texts) do
      count = count + 1
      assert.same({}, findings(text), name)
    end
    assert.is_true(count > 50, count)
  end)

  it("reads in the comments of the sources all keys that there are", function()
    local function described(text)
      local set = {}
      for name in pairs(known:fields(text)) do set[name] = true end
      return set
    end
    local function set_of(list)
      local set = {}
      for _, name in ipairs(list) do set[name] = true end
      return set
    end
    local definition = require "sluice.recipe.definition"
    assert.same(set_of(definition.KEYS), described(known:entry({ live = known.sluice.recipe }).params[1].type))
    assert.same(set_of(definition.PARAM_KEYS), described "sluice.recipe.param")
    assert.same(set_of(require("sluice.destination.check").KEYS),
      described(known:entry({ live = known.sluice.destination }).params[1].type))
  end)

  it("says where a text is no Lua", function()
    assert.same({ "2:5 error expected expression near '='" }, findings "a = 1\nb = = 2")
    assert.same({ "1:1 error compiled Lua; expected Lua source text" }, findings "\27Lua")
    assert.same({ "3:1 error expected 'end' (to close 'if' on line 1) near <eof>" }, findings "if a then\n  b()\n")
  end)

  it("finds fields and methods that our API has not", function()
    assert.same({
      "1:14 error sluice has no field 'destinaton'; did you mean 'destination'?",
      "2:11 error aep.flows has no method 'lst'; did you mean 'list'?",
      "3:17 error aep.connections has no method 'enable'",
      "4:19 error sluice.json has no field 'decoode'; did you mean 'decode'?",
      "5:16 error sluice.Patch has no method 'ad'; did you mean 'add'?",
      "6:39 error sluice.dataflow has no method 'diable'; did you mean 'disable'?",
      "7:14 error aep has no field 'flws'; did you mean 'flows'?",
      "8:14 error string has no field 'fromat'; did you mean 'format'?",
      "9:13 error a text has no method 'uper'; did you mean 'upper'?",
    }, after_beginning [[
print(sluice.destinaton {})
aep.flows:lst()
aep.connections:enable "x"
print(sluice.json.decoode "1")
sluice.patch():ad("/a", 1)
sluice.dataflow(sluice.connect(),"x"):diable()
for _ in aep.flws:each() do break end
print(string.fromat "x")
print(("a"):uper())
]])
  end)

  it("knows what flows into locals, arguments and results", function()
    assert.same({
      "4:34 error p has no method 'ad'; did you mean 'add'?",
      "5:40 error client.flows has no method 'gt'; did you mean 'get'?",
    }, after_beginning [[
local changed = sluice.patch()
changed:anything()
changed = 1
local p = sluice.patch.new() p:  ad()
local function f(client) client.flows: gt "x" end
f(aep)
f(aep)
local function g(client) return client.anything end
g(aep)
g {}
local function h(client) return client.anything end
h(aep)
print(pcall(h, {}))
local function k(client) return client.anything end
k = print
k(aep)
print(sluice.error.new({ kind = "io", message = "x" }).anything)
sluice.mine = 1
print(sluice.mine)
]])
  end)

  it("tells methods from functions", function()
    assert.same({
      "1:11 error list is a method: call it with a colon, aep.flows:list(…)",
      "2:8 error connect is no method: call it with a dot, sluice.connect(…)",
      "4:30 error aep.request takes no 'pth'; did you mean 'path'?",
    }, after_beginning("aep.flows.list { limit = 1 }\nsluice:connect()\naep.flows.list(aep.flows, { limit = 1 })\n"
      .. "aep.request(aep, { path = 1, pth = 1 })"))
  end)

  it("finds keys that a definition cannot have", function()
    assert.same({
      "1:18 error sluice.connect takes no 'profil'; did you mean 'profile'?",
      "2:30 error sluice.destination takes no 'typ'; did you mean 'type'?",
      "3:10 warning the auth of amazon-s3-v2 takes no 's3AccesKey'; did you mean 's3AccessKey'?",
      "3:39 warning the target of amazon-s3-v2 takes no 'bucket'; did you mean 'bucketName'?",
      "4:17 error an audience takes no 'nam'; did you mean 'name'?",
      "4:63 error sluice.schedule.daily takes no 'att'; did you mean 'at'?",
      "5:18 error an attribute takes no 'pat'; did you mean 'path'?",
    }, after_beginning [[
sluice.connect { profil = "x" }
local d = { name = "x",      typ = 1, type = "amazon-s3-v2",
auth = { s3AccesKey = 1 }, target = { bucket = "x" },
audiences = { { nam = "x", schedule = sluice.schedule.daily { att = "02:00", from = "2030-01-01", to = "x" } } },
attributes = { { pat = "x" } } }
sluice.destination(d):apply(aep)
]])
  end)

  it("knows a recipe's context and its parameters", function()
    assert.same({}, findings(recipe "ctx.log(params.bucket:upper())"))
    assert.same({}, findings(recipe "return ctx.params.bucket"))
    for body, expected in pairs {
      ["print(params.bucket) ctx.parms()"] = "5:26 error ctx has no field 'parms'; did you mean 'params'?",
      ["print(params.bucket, ctx.params.buket)"] =
        "5:33 error the recipe has no parameter 'buket'; did you mean 'bucket'?",
      ["ctx.audiences(params.bucket, { filname = 'x', filename = 'x' })"] =
        "5:32 error an audience takes no 'filname'; did you mean 'filename'?",
      ["ctx.aep.flows:lst(params.bucket)"] = "5:15 error ctx.aep.flows has no method 'lst'; did you mean 'list'?",
      ["print(params)\nprint(params.bucket:uper())"] =
        "6:21 error params.bucket has no method 'uper'; did you mean 'upper'?",
      ["return ctx"] = nil,
      ["return ctx.emulated"] = "3:21 warning the parameter 'bucket' is never used",
    } do
      assert.same({ expected }, findings(recipe(body)), body)
    end
    assert.same({ "3:31 error an entry of params takes no 'hlp'; did you mean 'help'?" },
      findings(recipe("return params.bucket", '{ name = "bucket", hlp = "x" }')))
  end)

  it("leaves parameters alone that go where it cannot follow", function()
    for _, body in ipairs { "return tostring(params)", "return pcall(print, ctx)", "return { params }",
      "for k in pairs(params) do print(k) end", "local n = 'bucket' return params[n]",
      "local p = params return p.bucket" } do
      assert.same({}, findings(recipe(body)), body)
    end
    local function with(helper)
      return (recipe("return use(params, ctx)"):gsub("\n", "\n" .. helper .. "\n", 1))
    end
    assert.same({}, findings(with "local function use(p, c) return p.bucket, c.log end"))
    assert.same({ "4:21 warning the parameter 'bucket' is never used" },
      findings(with "local function use(_, c) return c.emulated end"))
    local computed = 'local more = {}\n' .. recipe("return params.anything", '{ name = "bucket" }, more')
    assert.same({}, findings(computed))
  end)

  it("finds globals that are not defined, and those that are written", function()
    assert.same({ "1:1 warning 'count' is written as a global; write: local count",
      "2:7 error 'strng' is not defined; did you mean 'string'?",
      "2:14 error 'sluice' is not defined; a script begins with: local sluice = require \"sluice\"" },
      findings "count = 1\nprint(strng, sluice, count, arg, _G, _VERSION)")
    assert.same({}, findings "local _ENV = { a = 1 } return a, b")
    assert.same({}, findings "_G.a = 1 print(a)")
    assert.same({ "1:19 error 'reslut' is not defined; did you mean 'result'?" },
      findings "local result = 1; reslut(result)")
  end)

  it("finds secrets that are written out", function()
    local advice = '; give it as sluice.secret.env, sluice.secret.file or a parameter of type "secret"'
    for text, what in pairs {
      ['return { password = "hunter2hunter2" }'] = "21 error a secret is written out under 'password'",
      ['local ftpPassword = "hunter2" return ftpPassword'] = "21 error a secret is written out under 'ftpPassword'",
      ['local t = {} t.client_secret = "p-abc" return t'] = "32 error a secret is written out under 'client_secret'",
      ['return "-----BEGIN RSA PRIVATE KEY-----"'] = "8 error a private key is written out",
      ["return 'eyJhbGciOiJ.eyJzdWIiOi.SflKxwRJ'"] = "8 error a token (JWT) is written out",
      ["return 'AKIAABCDEFGHIJKLMNOP'"] = "8 error an AWS access key is written out",
      ["return 'https://me:sesame@files.test/x'"] = "8 error a password in a URL is written out",
      ["-- AKIAABCDEFGHIJKLMNOP"] = "1 error an AWS access key is written out, in a comment",
      ['return require "sluice".secret.new("X", "sesame-open")'] = "41 error a secret is written out",
    } do
      assert.same({ "1:" .. what .. advice }, findings(text))
    end
    for _, text in ipairs { 'return { password = "example-1234" }', 'return { password = "" }',
      'return { secretKey = "s3SecretKey", password = "SFTP_PASSWORD" }',
      'return { password = "the password of SFTP" }',
      "return 'AKIAEXAMPLEABCDEFG23'", 'return { password = "…", secret = "<your secret>" }',
      'return require "sluice".secret.new("X", os.getenv "X")', "return 'https://files.test/a@b'" } do
      assert.same({}, findings(text), text)
    end
  end)

  it("does not take for secrets what a test makes up, but keys that look like some", function()
    assert.same({}, findings('return { password = "sesame-open" }', "a_test.lua"))
    assert.equal(1, #findings('return { password = "AKIAABCDEFGHIJKLMNOP" }', "a_test.lua"))
  end)

  it("finds modules that are nowhere", function()
    assert.same({ "1:9 error the module 'beside.prt' is neither beside the file nor in the program",
      "2:9 error the module 'sluce' is neither beside the file nor in the program; did you mean 'sluice'?" },
      findings('local a=require "beside.prt"\nlocal b=require "sluce"\n'
        .. 'return a, b, require "beside.part", pcall(require, "c")'))
  end)

  it("finds locals that are never used", function()
    assert.same({ "1:7 warning 'a' is never used", "1:26 warning 'b' is assigned and never used",
      "2:16 warning 'f' is never used" },
      findings "local a = 1;       local b = 1\nlocal function f() b = 2 end local _ = 1 local _x = 2")
  end)

  it("knows what tests have", function()
    local text = 'local sluice = require "sluice"\ndescribe("x", function()\n'
      .. '    local result = sluice.test.run("x.lua", {})\n    assert.same({}, result)\n'
      .. "    sluice.test.emulator:count()\nend)\n"
    assert.same({ "5:26 error sluice.test.emulator has no method 'count'; did you mean 'counts'?" },
      findings(text, "x_test.lua"))
    assert.same({ "2:1 error 'describe' is not defined", "3:27 error sluice has no field 'test'",
      "5:12 error sluice has no field 'test'" }, findings(text))
  end)

  it("looks into texts of any kind", function()
    for _, text in ipairs { "", "\0", "\xff\xfe", ("x"):rep(100000), "return " .. ("{"):rep(300), ("a=1 "):rep(50000),
      "return '" .. ("\\z\n"):rep(1000) .. "'", "--[[", "--[==[ x ]=]", "goto x", "::x:: ::x::", "break" } do
      assert.is_table(findings(text))
    end
    assert.same({ "1:1 error larger than 4 MiB: too large to be looked into" }, findings((" "):rep((4 << 20) + 1)))
  end)

  it("leaves words alone that are no secrets", function()
    assert.is_table(known.sluice)
    assert.equal("GET /none", require("sluice.core").secret.mask "GET /none")
  end)
end)
