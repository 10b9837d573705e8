local config = require "sluice.config"
local core = require "sluice.core"
local outcome = require "spec.support.outcome"

local ORG, OTHER_ORG = "0123456789ABCDEF01234567@AdobeOrg", "FFFFFFFFFFFFFFFFFFFFFFFF@AdobeOrg"
local ENVIRONMENT = {
  AEP_ORG_ID = ORG, AEP_CLIENT_ID = "env-client", AEP_CLIENT_SECRET = "env-secret",
  AEP_SCOPES = "openid, session",
}

local AEPP = [[{"org_id":"%s","client_id":"aepp-client","secret":"aepp-secret","sandbox-name":"dev",
  "environment":"prod","scopes":"openid, AdobeID"}]]
local WORKSPACE = [[{"project":{"org":{"ims_org_id":"%s"},"workspace":{"details":{"credentials":[
  {"id":"7","integration_type":"service","jwt":{"client_id":"jwt-client","client_secret":"jwt-secret"}},
  {"id":"8","integration_type":"oauth_server_to_server","oauth_server_to_server":{"client_id":"ws-client",
   "client_secrets":["ws-secret","old-secret"],"scopes":["openid","AdobeID"]}}]}}}}]]
local FLAT = [[{"CLIENT_ID":"flat-client","CLIENT_SECRETS":["flat-secret"],"ORG_ID":"%s",
  "SCOPES":"openid AdobeID"}]]
local LOWER = [[{"ims_org_id":"%s","client_id":"low-client","client_secrets":["low-secret"],
  "scopes":["openid","AdobeID"],"oauth_enabled":true}]]
local POSTMAN = [[{"id":"x","name":"n","_postman_variable_scope":"environment","values":[
  {"key":"CLIENT_SECRET","value":"pm-secret","enabled":true},{"key":"API_KEY","value":"pm-client"},
  {"key":"CLIENT_SECRET","value":"disabled","enabled":false},{"key":"ACCESS_TOKEN","value":"expired"},
  {"key":"SCOPES","value":"[\"openid\",\"AdobeID\"]"},{"key":"IMS","value":"ims-na1.adobelogin.com"},
  {"key":"IMS_ORG","value":"%s"},{"key":"SANDBOX_NAME","value":"stage"},{"key":"PORT","value":8080},
  {"key":"PLATFORM_URL","value":"https://platform-stage.adobe.io/"}]}]]

describe("config", function()
  local folder

  local function write(name, content)
    local path = folder .. "/" .. name
    local file <close> = assert(io.open(path, "wb"))
    file:write(content)
    return path
  end

  local function env_of(variables)
    return function(name)
      if variables[name] ~= nil then return variables[name] end
      return name == "HOME" and folder or nil
    end
  end

  local function resolve(opts, variables)
    local settings = { env = env_of(variables or {}) }
    for key, value in pairs(opts) do settings[key] = value end
    return config.resolve(settings)
  end

  local function file(content, variables, name)
    return resolve({ config = write(name or "credentials.json", content) }, variables)
  end

  local function profile(name, content)
    os.execute(("mkdir -p %s/.config/sluice/profiles"):format(folder))
    return write((".config/sluice/profiles/%s.json"):format(name), content)
  end

  local function is_secret(value) return core.secret.is(value) end

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
  end)
  after_each(function() os.execute("rm -r " .. folder) end)

  it("takes everything from the environment", function()
    local settings = resolve({}, ENVIRONMENT)
    assert.equal(ORG, settings.org)
    assert.equal("env-client", settings.client_id)
    assert.equal("openid,session", settings.scopes)
    assert.is_true(is_secret(settings.client_secret))
    assert.is_nil(settings.token)
    assert.same({ "prod", "https://platform.adobe.io", "https://ims-na1.adobelogin.com", "the environment" },
      { settings.sandbox, settings.base_url, settings.ims_url, settings.source })
  end)

  it("accepts a ready-made token in place of secret and scopes", function()
    local settings = resolve({}, { AEP_ORG_ID = ORG, AEP_CLIENT_ID = "c", AEP_ACCESS_TOKEN = " tok\n" })
    assert.is_true(is_secret(settings.token))
    assert.is_nil(settings.client_secret)
  end)

  it("takes sandbox and hosts from options before the environment", function()
    local variables = { AEP_SANDBOX = "dev", AEP_BASE_URL = "http://127.0.0.1:80/",
      AEP_IMS_URL = "http://localhost:1" }
    for key, value in pairs(ENVIRONMENT) do variables[key] = value end
    local settings = resolve({}, variables)
    assert.same({ "dev", "http://127.0.0.1:80", "http://localhost:1" },
      { settings.sandbox, settings.base_url, settings.ims_url })
    settings = resolve({ sandbox = "mine", base_url = "https://x.example.com", timeout = 5 }, variables)
    assert.same({ "mine", "https://x.example.com", 5 }, { settings.sandbox, settings.base_url,
      settings.timeout })
  end)

  for form, expected in pairs {
    ["aepp configuration"] = { AEPP, "aepp-client", "dev" },
    ["Developer Console workspace"] = { WORKSPACE, "ws-client", "prod" },
    ["Developer Console credential"] = { FLAT, "flat-client", "prod" },
    ["lower-case Developer Console credential"] = { LOWER, "low-client", "prod" },
    ["Postman environment"] = { POSTMAN, "pm-client", "stage", "https://platform-stage.adobe.io" },
  } do
    it("reads the form: " .. form, function()
      local settings = file(expected[1]:format(ORG))
      assert.same({ ORG, expected[2], "openid,AdobeID", expected[3],
        expected[4] or "https://platform.adobe.io" },
        { settings.org, settings.client_id, settings.scopes, settings.sandbox, settings.base_url })
      assert.is_true(is_secret(settings.client_secret))
      assert.is_nil(settings.token)
      assert.truthy(settings.source:find(form:gsub("^lower%-case ", ""), 1, true), settings.source)
    end)
  end

  for name, case in pairs {
    aepp = { AEPP, "aepp-client:aepp-secret" },
    workspace = { WORKSPACE, "ws-client:ws-secret" },
    flat = { FLAT, "flat-client:flat-secret" },
    lower = { LOWER, "low-client:low-secret" },
    postman = { POSTMAN, "pm-client:pm-secret" },
  } do
    it("finds the right secret in the form: " .. name, function()
      local server = require("sluice.emulator").start { client = case[2] }
      local ok, failure = pcall(function()
        local settings = resolve { config = write("c.json", case[1]:format(ORG)), sandbox = "prod",
          base_url = server.url, ims_url = server.url }
        return require("sluice.client").new(settings).flows:list()
      end)
      server.stop()
      assert.is_true(ok, tostring(failure))
    end)
  end

  it("uses a Postman token only where there is no secret", function()
    local settings = file(([[{"values":[{"key":"API_KEY","value":"c"},{"key":"IMS_ORG","value":"%s"},
      {"key":"ACCESS_TOKEN","value":"t"},{"key":"CLIENT_SECRET","value":""}]}]]):format(ORG))
    assert.is_true(is_secret(settings.token))
    assert.is_nil(settings.client_secret)
  end)

  it("takes from aepp's keys the ones that count", function()
    local content = AEPP:format(ORG):gsub("^{", '{"api_key":"first","sandbox":"x","auth_code":"a",')
    local settings = file(content)
    assert.same({ "first", "dev", "openid,AdobeID" }, { settings.client_id, settings.sandbox, settings.scopes })
  end)

  it("turns aepp's environment into hosts", function()
    local settings = file((AEPP:format(ORG):gsub('"environment":"prod"', '"environment":"va7"')))
    assert.equal("https://platform-va7.adobe.io", settings.base_url)
    assert.equal("https://ims-na1-stg1.adobelogin.com", settings.ims_url)
  end)

  for what, case in pairs {
    ["no credential file"] = { '{"a":1}', 'not a credential file: looked for "project"' },
    ["a list"] = { "[]", "not a credential file: expected a JSON object" },
    ["broken JSON"] = { '{"org_id": "x",\n "client_id" }', "credentials.json: line 2, column" },
    ["a workspace without the right credential"] = {
      '{"project":{"workspace":{"details":{"credentials":[{"jwt":{"client_id":"x"}}]}}}}',
      "without OAuth server-to-server credential: looked for project.workspace.details.credentials" },
    ["a workspace with two"] = {
      '{"project":{"workspace":{"details":{"credentials":[{"oauth_server_to_server":{}},'
        .. '{"oauth_server_to_server":{}}]}}}}', "with 2 OAuth server-to-server credentials" },
    ["the authorization-code grant"] =
      { '{"org_id":"x","client_id":"c","auth_code":"a"}', "authorization-code grant" },
    ["a sandbox key nobody reads"] = {
      '{"org_id":"x","client_id":"c","sandbox_name":"dev"}',
        'key "sandbox_name" is not read; did you mean "sandbox-name"?' },
    ["the support environment"] = { '{"org_id":"x","environment":"support"}', "give it as base URL" },
    ["a strange environment"] =
      { '{"org_id":"x","environment":"a.b/c"}', 'environment "a.b/c" is not a word' },
    ["one key in two spellings"] = { '{"client_id":"a","CLIENT_ID":"b"}', 'holds the key "client_id" twice' },
  } do
    it("refuses a file with " .. what, function()
      local failure = outcome.failure(file, case[1])
      assert.equal("config", failure.kind)
      assert.truthy(failure.message:find(case[2], 1, true), failure.message)
    end)
  end

  it("refuses files that are missing, folders, or too large", function()
    local failure = outcome.failure(resolve, { config = folder .. "/none.json" })
    assert.equal("config", failure.kind)
    assert.truthy(failure.message:find("none.json: cannot be read: .*No such file"), failure.message)
    assert.truthy(outcome.failure(resolve, { config = folder }).message:find("cannot be read", 1, true))
    failure = outcome.failure(file, (" "):rep(1024 * 1024 + 1))
    assert.truthy(failure.message:find("larger than 1 MiB", 1, true), failure.message)
  end)

  it("prefers a named file to the environment, and an option to both", function()
    assert.equal("aepp-client", file(AEPP:format(ORG), ENVIRONMENT).client_id)
    local settings = resolve({ config = write("c.json", AEPP:format(ORG)), org = OTHER_ORG, client_id = "opt",
      client_secret = "s", scopes = "openid" }, ENVIRONMENT)
    assert.same({ OTHER_ORG, "opt", "the options" }, { settings.org, settings.client_id, settings.source })
    assert.equal("dev", settings.sandbox) -- not part of the identity: the file's
  end)

  it("uses profiles by name, and the default one when there is nothing else", function()
    profile("stage", FLAT:format(ORG))
    assert.equal("flat-client", resolve({ profile = "stage" }, ENVIRONMENT).client_id)
    profile("default", AEPP:format(ORG))
    assert.equal("aepp-client", resolve({}).client_id)
    assert.equal("dev", resolve({}).sandbox)
    assert.equal("env-client", resolve({}, ENVIRONMENT).client_id)
    assert.equal("prod", resolve({}, ENVIRONMENT).sandbox) -- the default profile is out of the game
    local elsewhere = { XDG_CONFIG_HOME = folder .. "/.config", HOME = "/nowhere" }
    assert.equal("flat-client", resolve({ profile = "stage" }, elsewhere).client_id)
    assert.truthy(outcome.failure(resolve,
      { profile = "../x" }).message:find("expected a name of letters", 1, true))
    assert.truthy(outcome.failure(resolve,
      { profile = "nix" }).message:find("profile nix, .*nix.json: cannot be read"))
    elsewhere = { XDG_CONFIG_HOME = "", HOME = folder }
    assert.equal("flat-client", resolve({ profile = "stage" }, elsewhere).client_id)
    for _, name in ipairs { "", ".", ".hidden", "a/b" } do
      assert.truthy(outcome.failure(resolve, { profile = name }).message:find("expected a name of letters", 1, true))
    end
    local both = { profile = "stage", config = write("c.json", AEPP:format(ORG)) }
    assert.truthy(outcome.failure(resolve, both).message:find("not both", 1, true))
  end)

  it("fills a gap of a file from the environment only for the same client", function()
    local gap = ('{"org_id":"%s","client_id":"c","scopes":"openid"}'):format(ORG)
    assert.is_true(is_secret(file(gap, { AEP_CLIENT_SECRET = "s" }).client_secret))
    assert.is_true(is_secret(file(gap, { AEP_CLIENT_SECRET = "s", AEP_CLIENT_ID = "c" }).client_secret))
    local settings = file(gap, { AEP_ACCESS_TOKEN = "t" })
    assert.is_true(is_secret(settings.token))
    assert.is_nil(file(AEPP:format(ORG), { AEP_ACCESS_TOKEN = "t" }).token) -- it has a secret
    local failure = outcome.failure(file, gap, { AEP_CLIENT_SECRET = "hush", AEP_CLIENT_ID = "other" })
    assert.truthy(failure.message:find("its AEP_CLIENT_ID is another client", 1, true), failure.message)
    assert.truthy(failure.message:find("client secret .*AEP_ACCESS_TOKEN or the key client_secrets%)"),
      failure.message)
    assert.falsy(failure.message:find("hush", 1, true))
  end)

  it("names all missing pieces at once, and how to give each", function()
    local failure = outcome.failure(resolve, {}, { AEP_CLIENT_ID = "c" })
    assert.equal("config", failure.kind)
    for _, part in ipairs { "set AEP_ORG_ID", "set AEP_CLIENT_SECRET or AEP_ACCESS_TOKEN",
      "set AEP_SCOPES" } do
      assert.truthy(failure.message:find(part, 1, true), failure.message)
    end
    failure = outcome.failure(file, '{"values":[{"key":"API_KEY","value":"c"}]}')
    for _, part in ipairs { "AEP_ORG_ID or the key IMS_ORG", "or the key CLIENT_SECRET",
      "or the key SCOPES" } do
      assert.truthy(failure.message:find(part, 1, true), failure.message)
    end
  end)

  it("says what to do when there is nothing at all", function()
    local failure = outcome.failure(resolve, {})
    assert.equal("config", failure.kind)
    assert.truthy(failure.message:find("no credentials: set AEP_ORG_ID", 1, true))
    assert.truthy(failure.message:find("--profile NAME", 1, true))
  end)

  for what, case in pairs {
    ["an organisation of another form"] =
      { { AEP_ORG_ID = "1234" }, 'organisation ID "1234" from the environment: expected .*@AdobeOrg' },
    ["an organisation without its own part"] = { { AEP_ORG_ID = "@AdobeOrg" }, "expected an ID that ends in" },
    ["an organisation with more behind"] = { { AEP_ORG_ID = "A@AdobeOrg.x" }, "expected an ID that ends in" },
    ["a client ID with a line break inside"] =
      { { AEP_CLIENT_ID = "a\nb" }, "client ID from the environment: expected text without blanks" },
    ["a secret with blanks inside"] =
      { { AEP_CLIENT_SECRET = "hush hush" }, "client secret from the environment: expected text" },
    ["a sandbox with blanks"] =
      { { AEP_SANDBOX = "my sandbox" }, 'sandbox "my sandbox": expected a name of letters' },
    ["every sandbox at once"] = { { AEP_SANDBOX = "*" }, 'sandbox "%*": expected' },
    ["plain http to another machine"] = { { AEP_BASE_URL = "http://platform.adobe.io" }, "expected https" },
    ["a host that only looks like loopback"] =
      { { AEP_BASE_URL = "http://127.0.0.1.example.com" }, "expected https" },
    ["a host that only begins like this machine"] =
      { { AEP_BASE_URL = "http://localhost.example.com" }, "expected https" },
    ["no URL"] =
      { { AEP_IMS_URL = "ims-na1.adobelogin.com" }, "IMS URL .* expected a URL such as https://ims" },
    ["a URL with a user"] =
      { { AEP_BASE_URL = "https://a:hush@example.com" }, 'base URL "https://…@example.com": expected a URL' },
    ["a URL with a query"] = { { AEP_BASE_URL = "https://example.com/?x=1" }, "base URL .* expected a URL" },
    ["another scheme"] = { { AEP_BASE_URL = "ftp://example.com" }, "expected https" },
  } do
    it("refuses " .. what, function()
      local variables = {}
      for key, value in pairs(ENVIRONMENT) do variables[key] = value end
      for key, value in pairs(case[1]) do variables[key] = value end
      local failure = outcome.failure(resolve, {}, variables)
      assert.equal("config", failure.kind)
      assert.truthy(failure.message:find(case[2]), failure.message)
      assert.falsy(failure.message:find("hush", 1, true))
    end)
  end

  for what, case in pairs {
    ["a secret that is a number"] = { AEPP, '"aepp%-secret"', "12345", "secret: expected text, got a number" },
    ["a list where the organisation stands"] =
      { AEPP, '"%%s"', '["%%s"]', "org_id: expected text, got a list" },
    ["a sandbox that is a number"] = { AEPP, '"dev"', "5", "sandbox%-name: expected text, got a number" },
    ["an environment that is none"] = { AEPP, '"prod"', "true", "environment: expected text, got a boolean" },
    ["scopes that are a number"] = { AEPP, '"openid, AdobeID"', "5", "scopes: expected text or a list of texts" },
    ["scopes that are lists"] =
      { WORKSPACE, '%["openid","AdobeID"%]', '["openid",["x"]]', "scopes: expected text or a list of texts" },
    ["a client ID that is an object"] =
      { WORKSPACE, '"ws%-client"', '{"a":"b"}', "client_id: expected text, got an object" },
    ["a list of secrets with a number"] =
      { FLAT, '"flat%-secret"', "12345", "client_secrets: expected text, got a number" },
    ["a Postman value that is a number"] = { POSTMAN, '"pm%-client"', "5", "API_KEY: expected text, got a number" },
  } do
    it("refuses in a file " .. what, function()
      local content, count = case[1]:gsub(case[2], case[3], 1)
      assert.equal(1, count)
      local failure = outcome.failure(file, content:format(ORG), ENVIRONMENT)
      assert.equal("config", failure.kind)
      assert.truthy(failure.message:find("credentials%.json: " .. case[4] .. "$"), failure.message)
      assert.falsy(failure.message:find("12345", 1, true))
    end)
  end

  it("takes null for absent, and a file with a byte order mark and Windows line ends", function()
    local settings = file("\xEF\xBB\xBF" .. AEPP:format(ORG):gsub('"dev"', "null"):gsub("\n", "\r\n"))
    assert.same({ ORG, "aepp-client", "prod" }, { settings.org, settings.client_id, settings.sandbox })
  end)

  it("says in a few words why a file cannot be read", function()
    assert.truthy(outcome.failure(resolve, { config = folder }).message:find ": cannot be read: Is a directory$")
    assert.truthy(outcome.failure(file, "").message:find "credentials.json: cannot be read: it is empty$")
    assert.truthy(outcome.failure(resolve, { config = folder .. "/nowhere" }).message
      :find "/nowhere: cannot be read: No such file or directory$")
  end)

  it("takes http for this machine in every spelling", function()
    for _, url in ipairs { "http://localhost:8080", "http://127.0.0.1", "http://127.1.2.3:9",
      "http://[::1]:7/x" } do
      local settings = resolve({ org = ORG, client_id = "c", client_secret = "s", scopes = "o",
        base_url = url })
      assert.equal(url, settings.base_url)
    end
  end)

  it("takes a secret or a token by reference", function()
    local function is(expected, secret) return assert.is_true(core.secret.new("", expected) == secret) end
    local function flat(reference)
      return ([[{"org_id":"%s","client_id":"c","secret":"%s","scopes":"openid"}]]):format(ORG, reference)
    end
    write("key", "from a file\n")
    os.execute("mkdir " .. folder .. "/sub")
    is("from env", file(flat "env:MINE", { MINE = "from env" }).client_secret)
    is("from a file", file(flat("file:" .. folder .. "/key")).client_secret)
    is("from a file", file(flat "file:~/key").client_secret)
    is("from a file", file(flat "file:key").client_secret) -- beside the file that names it
    is("from a file", file(flat "file:../key", {}, "sub/credentials.json").client_secret)
    is("a b", file(flat "cmd:echo  a 'b'").client_secret)
    is("from a file", resolve({}, { AEP_ORG_ID = ORG, AEP_CLIENT_ID = "c",
      AEP_ACCESS_TOKEN = "file:" .. folder .. "/key" }).token)
    is("p8e-file:x", file(flat "p8e-file:x").client_secret)
    assert.equal("‹secret AEP_CLIENT_SECRET›", tostring(file(flat "env:MINE", { MINE = "x" }).client_secret))
  end)

  for reference, expected in pairs {
    ["env:MINE"] = "env:MINE: that environment variable is not set",
    ["env:A B"] = "env:A B: expected the name of an environment variable",
    ["file:/no/where"] = "the secret from /no/where: cannot be opened: No such file or directory",
    ["file:"] = "file: expected the path of a file behind it",
    ["cmd:"] = "a command without a word; expected a program",
    ["cmd:false"] = "the secret from the command false: it ended with code 1",
    ["cmd:pass aep | head"] =
      "a command with an unquoted |: it is called without a shell; quote it, or write sh -c '…'",
  } do
    it("says what is wrong with a reference: " .. reference, function()
      local failure = outcome.failure(file, ([[{"org_id":"%s","client_id":"c","secret":"%s","scopes":"openid"}]])
        :format(ORG, reference))
      assert.equal("config", failure.kind)
      assert.equal(expected, failure.message)
      assert.matches("^client secret from file .*credentials.json %(aepp configuration%)$", failure.where)
    end)
  end

  it("follows no reference that is not needed", function()
    local settings = resolve({ config = write("c.json", ([[{"org_id":"%s","client_id":"c","secret":"cmd:false"}]])
      :format(ORG)), org = ORG, client_id = "mine", client_secret = "s", scopes = "o" })
    assert.equal("mine", settings.client_id)
  end)

  it("lets somebody else say what to do without a secret, and only then", function()
    local asked = 0
    local function secretless(settings)
      asked = asked + 1
      assert.equal("env-client", settings.client_id)
      assert.equal("https://ims-na1.adobelogin.com", settings.ims_url)
      settings.token = core.secret.new("T", "t")
      return asked == 1
    end
    local variables = { AEP_ORG_ID = ORG, AEP_CLIENT_ID = "env-client", AEP_SCOPES = "openid" }
    assert.equal("‹secret T›", tostring(resolve({ secretless = secretless }, variables).token))
    assert.matches("lack: client secret or access token", outcome.failure(resolve, { secretless = secretless },
      variables).message)
    variables.AEP_SCOPES = nil
    assert.matches("lack: .*; scopes", outcome.failure(resolve, { secretless = secretless }, variables).message)
    assert.equal(2, asked)
    resolve({ secretless = secretless }, ENVIRONMENT)
    assert.equal(2, asked)
  end)

  it("keeps a secret that is one already", function()
    local secret = core.secret.new("MINE", "s")
    assert.equal(secret, resolve({ org = ORG, client_id = "c", client_secret = secret,
      scopes = "o" }).client_secret)
  end)

  it("reads from every form whether the profile is protected", function()
    for _, form in ipairs { AEPP, WORKSPACE, FLAT, LOWER, POSTMAN } do
      local text = form:format(ORG)
      assert.is_false(file(text).protected)
      assert.is_false(file((text:gsub("^{", '{"protected":false,'))).protected)
      assert.is_true(file((text:gsub("^{", '{"protected":true,'))).protected)
      assert.is_true(file((text:gsub("^{", '{"Protected":true,'))).protected)
    end
  end)

  it("refuses what may have been meant to protect", function()
    local name = "protect.json"
    local function failure(member)
      local _, err = pcall(file, (AEPP:format(ORG):gsub("^{", "{" .. member .. ",")), nil, name)
      return err.message
    end
    assert.is_truthy(failure('"protected":"yes"'):find("protected: expected true or false", 1, true))
    for _, key in ipairs { "protect", "protcted", "Protectd", "proteced" } do
      local message = failure(('"%s":true'):format(key))
      assert.is_truthy(message:find(('key "%s" is not read; did you mean "protected"?'):format(key), 1, true), message)
    end
  end)

  it("is protected by a profile that brings the sandbox only", function()
    profile("live", '{"sandbox-name":"live","client_id":"env-client","protected":true}')
    assert.is_true(resolve({ profile = "live" }, ENVIRONMENT).protected)
    profile("default", '{"protected":true,"client_id":"x"}')
    assert.is_false(resolve({}, ENVIRONMENT).protected)
  end)

  it("tells where sandbox and hosts come from, and which file the identity", function()
    local path = write("hosts.json", (AEPP:format(ORG):gsub('"environment":"prod"', '"base_url":"https://a.example/"')))
    local settings = resolve({ config = path, ims_url = "https://b.example" }, { AEP_BASE_URL = "https://c.example" })
    assert.same({ "https://a.example", "https://b.example", path },
      { settings.base_url, settings.ims_url, settings.file })
    assert.same({ base_url = settings.source, ims_url = "the options", sandbox = settings.source }, settings.origins)
    settings = resolve({}, ENVIRONMENT)
    assert.is_nil(settings.file)
    assert.same({ base_url = "the default", ims_url = "the default", sandbox = "the default" }, settings.origins)
  end)
end)
