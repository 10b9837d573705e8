--- `sluice config`: profiles made, shown, changed and removed, and what must not happen on the way.

local core = require "sluice.core"
local program = require "support.program"
local tmux = require "support.tmux"

local ORG = "0123456789ABCDEF01234567@AdobeOrg"
local SECRET = program.SECRET
local FORMS = {
  aepp = [[{"org_id":"%s","client_id":"c","secret":"%s","sandbox-name":"dev","environment":"stage",
    "scopes":"openid"}]],
  workspace = [[{"project":{"org":{"ims_org_id":"%s"},"workspace":{"details":{"credentials":[
    {"oauth_server_to_server":{"client_id":"c","client_secrets":["%s"],"scopes":["openid"]}}]}}}}]],
  flat = [[{"CLIENT_ID":"c","ORG_ID":"%s","CLIENT_SECRETS":["%s"],"SCOPES":"openid"}]],
  postman = [[{"values":[{"key":"IMS_ORG","value":"%s"},{"key":"CLIENT_SECRET","value":"%s"},
    {"key":"API_KEY","value":"c"},{"key":"SCOPES","value":"openid"},{"key":"IMS","value":"ims.example.com"}]}]],
}

describe("sluice config", function()
  local home

  local function run(words, options)
    options = options or {}
    local env = { XDG_CONFIG_HOME = home .. "/config" }
    for name, value in pairs(options.env or {}) do env[name] = value end
    local outcome = program.run({ "config", table.unpack(words) }, { env = env, stdin = options.stdin,
      prefix = options.prefix })
    assert.is_nil((outcome.out .. outcome.err):find(SECRET, 1, true), outcome.out .. outcome.err)
    return outcome
  end

  local function path_of(name) return ("%s/config/sluice/profiles/%s.json"):format(home, name) end
  local function document(name) return core.json.decode(assert(program.read(path_of(name)))) end
  local function shell(command) assert(os.execute((command:gsub("%%s", home)))) end
  local function file(form) return program.write(home, form .. ".json", FORMS[form]:format(ORG, SECRET)) end

  local function good(words, options)
    local outcome = run(words, options)
    assert.equal(0, outcome.code, outcome.err)
    return outcome
  end

  local function bad(code, words, message, options)
    local outcome = run(words, options)
    assert.equal(code, outcome.code, outcome.err)
    assert.is_truthy(outcome.err:find(message, 1, true), outcome.err)
    assert.equal("", outcome.out)
    return outcome
  end

  before_each(function() home = program.folder() end)
  teardown(program.clean)

  for form in pairs(FORMS) do
    it("imports the form " .. form .. " without its secret", function()
      local outcome = good { "import", file(form) }
      assert.is_truthy(outcome.err:find("the client secret was not written", 1, true))
      assert.is_nil(program.read(path_of(form)):find(SECRET, 1, true))
      local made = document(form)
      assert.same({ ORG, "c", "openid" }, { made.org_id, made.client_id, made.scopes })
      assert.is_truthy(outcome.out:find("secret         none", 1, true), outcome.out)
      assert.equal(tonumber("600", 8), core.files.look(path_of(form)).mode)
      assert.equal(tonumber("700", 8), core.files.look(home .. "/config/sluice/profiles").mode)
    end)

    it("imports the form " .. form .. " with its secret, if asked", function()
      local outcome = good { "import", file(form), "--with-secret", "--as", "live" }
      assert.equal("", outcome.err)
      assert.equal(SECRET, document("live").secret)
      assert.equal(tonumber("600", 8), core.files.look(path_of "live").mode)
    end)
  end

  it("keeps the hosts of a file", function()
    good { "import", file "aepp" }
    good { "import", file "postman" }
    assert.equal("https://platform-stage.adobe.io", document("aepp").base_url)
    assert.equal("https://ims.example.com", document("postman").ims_url)
    local shown = core.json.decode(good({ "show", "aepp", "--json" }).out)
    assert.same({ "dev", "none", false }, { shown.sandbox, shown.secret, shown.protected })
  end)

  it("replaces no profile unasked, and then leaves it protected", function()
    good { "import", file "flat", "--as", "live" }
    good { "set", "live", "protected=true" }
    bad(3, { "import", file "aepp", "--as", "live" }, '--replace puts this one in its place')
    good { "import", file "aepp", "--as", "live", "--replace" }
    assert.same({ true, "dev" }, { document("live").protected, document("live")["sandbox-name"] })
  end)

  it("makes and changes profiles key by key", function()
    good { "set", "live", "org_id=" .. ORG, "client_id=c", "secret=env:SECRET", "scopes=openid", "protected=true" }
    good { "set", "live", "scopes=", "sandbox=dev" }
    assert.same({ org_id = ORG, client_id = "c", secret = "env:SECRET", protected = true, ["sandbox-name"] = "dev" },
      document "live")
    assert.is_truthy(good({ "list" }).out:find("live  dev      yes        c          env:SECRET", 1, true))
  end)

  it("writes a secret that is piped in, and takes none from the command line", function()
    good { "import", file "flat", "--as", "live" }
    bad(3, { "set", "live", "secret=" .. SECRET }, "a secret is never given as an argument")
    good({ "set", "live", "--with-secret" }, { stdin = SECRET .. "\n" })
    assert.equal(SECRET, document("live").secret)
    bad(3, { "set", "live", "--with-secret" }, "it is empty")
  end)

  it("asks for a secret at a terminal, unseen", function()
    good { "import", file "flat", "--as", "live" }
    local terminal <close> = tmux.start({ "config", "set", "live", "--with-secret" },
      { env = { XDG_CONFIG_HOME = home .. "/config" } })
    terminal:sees "Client secret of profile live:"
    terminal:type(SECRET)
    terminal:press "Enter"
    local screen = terminal:sees "ended with 0"
    assert.is_nil(screen:find(SECRET, 1, true))
    assert.equal(SECRET, document("live").secret)
  end)

  it("tells what is used, and from where", function()
    bad(3, { "show" }, "no credentials")
    good { "import", file "aepp", "--as", "default", "--with-secret" }
    local out = good({ "show" }, { env = { AEP_SANDBOX = "stage" } }).out
    assert.is_truthy(out:find("credentials    profile default, " .. path_of "default", 1, true), out)
    assert.is_truthy(out:find("sandbox        stage, from the environment", 1, true), out)
    assert.is_truthy(out:find("platform       https://platform-stage.adobe.io, from profile default", 1, true), out)
    out = good({ "show", "--json" }, { env = program.CREDENTIALS }).out
    local shown = core.json.decode(out)
    assert.same({ "the environment", "found", "the default", "prod" },
      { shown.source, shown.secret, shown.origins.sandbox, shown.sandbox })
  end)

  it("suggests what may have been meant", function()
    good { "import", file "flat", "--as", "live" }
    bad(3, { "show", "lvie" }, 'did you mean "live"?')
    bad(3, { "set", "lvie", "sandbox=x" }, 'did you mean "live"?')
    bad(3, { "set", "live", "sandbx=x" }, 'did you mean "sandbox-name"?')
    bad(2, { "lst" }, 'did you mean "list"?')
    bad(2, {}, "the action is missing")
    bad(2, { "set" }, "set needs NAME")
    bad(2, { "set", "live", "sandbox" }, "expected KEY=VALUE")
    bad(2, { "set", "live", "--as", "x", "a=b" }, "--as goes with import")
    bad(2, { "list", "--with-secret" }, "--with-secret goes with import and set")
    bad(2, { "import" }, "import takes one FILE, got 0")
    bad(2, { "import", file "flat", "a", "b" }, "import takes one FILE, got 3")
  end)

  it("refuses names that lead elsewhere, and files that are none", function()
    for _, name in ipairs { "../x", "a/b", "-x", "", "a\nb", "\27[31m", ("a"):rep(96) } do
      local outcome = run { "import", file "flat", "--as=" .. name }
      assert.equal(name == "" and 2 or 3, outcome.code, name)
      assert.is_nil(outcome.err:find "[\27\r]")
    end
    bad(3, { "import", home .. "/nothing.json" }, "cannot be read: No such file or directory")
    bad(3, { "import", home }, "cannot be read: Is a directory")
    bad(3, { "import", program.write(home, "x.json", "[]") }, "expected a JSON object")
    bad(3, { "import", program.write(home, "y.json", '{"a":') }, "line 1")
    bad(3, { "import", program.write(home, "z.json", '{"protect":true,"client_id":"c"}') }, 'did you mean "protected"?')
    bad(3, { "import", program.write(home, "o.json", '{"client_id":"c","org_id":"o"}') }, home .. "/o.json")
    assert.is_nil(core.files.look(home .. "/config/sluice/profiles/x.json"))
  end)

  it("shows foreign text so that it cannot steer a terminal", function()
    shell "mkdir -p -m 700 %s/config/sluice/profiles"
    program.write(home .. "/config/sluice/profiles", "evil.json",
      '{"client_id":"a\\u001b[31mb\\nc\\u202ed","scopes":"\\u001b]0;x\\u0007"}')
    for _, words in ipairs { { "list" }, { "show", "evil" }, { "list", "--json" }, { "show", "evil", "--json" } } do
      local out = good(words).out
      assert.is_nil(out:find "[\27\7]" or out:find("\u{202E}", 1, true), table.concat(words, " "))
    end
  end)

  it("shows no password of a URL", function()
    shell "mkdir -p -m 700 %s/config/sluice/profiles"
    program.write(home .. "/config/sluice/profiles", "live.json",
      ('{"client_id":"c","base_url":"https://u:%s@p.example","ims_url":"u:%s@i.example"}'):format(SECRET, SECRET))
    local out = good({ "show", "live" }).out -- that the secret is not there is seen in every run
    assert.is_truthy(out:find("https://…@p.example", 1, true), out)
    good { "show", "live", "--json" }
    good { "list" }
    bad(3, { "set", "live", "org_id=" .. ORG }, "https://…@p.example")
  end)

  it("lists a profile that cannot be read, with the reason", function()
    good { "import", file "flat", "--as", "live" }
    program.write(home .. "/config/sluice/profiles", "broken.json", "{")
    local out = good({ "list" }).out
    assert.is_truthy(out:find "broken.*line 1")
    assert.is_truthy(out:find "live")
    bad(3, { "show", "broken" }, "line 1")
    bad(3, { "set", "broken", "protected=true" }, "line 1")
    good { "remove", "broken", "--yes" }
    assert.is_nil(good({ "list" }).out:find "broken")
  end)

  it("is not held up by what is no file, nor upset by a link to nothing", function()
    shell "mkdir -p -m 700 %s/config/sluice/profiles"
    shell "mkfifo %s/config/sluice/profiles/default.json && ln -s nothing %s/config/sluice/profiles/gone.json"
    local out = good({ "list" }).out
    assert.is_truthy(out:find "default.*it is no regular file")
    assert.is_truthy(out:find "gone.*its file is not there")
    bad(3, { "show" }, "it is no regular file")
    bad(3, { "show", "default" }, "it is no regular file")
  end)

  it("says that others can read a secret, and closes what it writes", function()
    good { "import", file "flat", "--as", "live", "--with-secret" }
    shell "chmod 644 %s/config/sluice/profiles/live.json; chmod 755 %s/config/sluice/profiles"
    assert.is_truthy(good({ "show", "live" }).err:find("chmod go= " .. path_of "live", 1, true))
    local outcome = good { "set", "live", "sandbox=dev" }
    assert.is_truthy(outcome.err:find("was open to others; it is closed now", 1, true))
    assert.equal("", good({ "show", "live" }).err)
  end)

  it("removes a profile that is meant", function()
    good { "import", file "flat", "--as", "live" }
    bad(2, { "remove", "live" }, "--yes says that you mean it")
    bad(3, { "remove", "lvie", "--yes" }, 'did you mean "live"?')
    assert.is_truthy(document "live")
    good { "remove", "live", "--yes" }
    assert.is_nil(program.read(path_of "live"))
  end)

  it("says where there is no place for profiles", function()
    local outcome = program.run({ "config", "import", file "flat" }, { env = { HOME = "" } })
    assert.equal(3, outcome.code)
    assert.is_truthy(outcome.err:find("neither XDG_CONFIG_HOME nor HOME is set", 1, true))
  end)

  it("leaves what is there when the disk is full or the folder cannot be written", function()
    good { "import", file "flat", "--as", "live" }
    local before = program.read(path_of "live")
    local outcome = run({ "set", "live", "sandbox=dev" }, { prefix = "ulimit -f 0; trap '' XFSZ;" })
    assert.is_true(outcome.code ~= 0)
    assert.equal(before, program.read(path_of "live"))
    program.write(home, "config2", "a file")
    outcome = program.run({ "config", "import", file "flat" }, { env = { XDG_CONFIG_HOME = home .. "/config2" } })
    assert.equal(1, outcome.code)
    assert.is_truthy(outcome.err:find("cannot make the folder", 1, true), outcome.err)
  end)

  it("says so when its output cannot be written", function()
    good { "import", file "flat", "--as", "live" }
    local outcome = program.run({ "-c", program.PATH .. " config show live >/dev/full" },
      { program = "sh", env = { XDG_CONFIG_HOME = home .. "/config" } })
    assert.equal(1, outcome.code)
    assert.is_truthy(outcome.err:find("No space left on device", 1, true))
  end)
end)
