--- Profiles: what is read, changed and written, and what is refused with the file as it was.
local core = require "sluice.core"
local outcome = require "spec.support.outcome"
local profiles = require "sluice.config.profile"

local ORG = "0123456789ABCDEF01234567@AdobeOrg"
local PLAIN = [[{"org_id":"%s","client_id":"c","secret":"p8e-hush","sandbox-name":"dev","scopes":["openid","AdobeID"]}]]

describe("profiles", function()
  local home, folder

  local function env(name) return name == "HOME" and home or nil end
  local function shell(command) assert(os.execute((command:gsub("%%s", folder)))) end

  local function files()
    local list = {}
    local pipe <close> = assert(io.popen(("ls -A '%s' 2>/dev/null"):format(folder)))
    for name in pipe:lines() do list[#list + 1] = name end
    return list
  end

  local function write(name, content)
    shell "mkdir -p %s; chmod 700 %s"
    local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
    file:write((content:gsub("%%s", ORG)))
  end

  local function read(name)
    local file <close> = assert(io.open(folder .. "/" .. name, "rb"))
    return file:read "a"
  end

  local function set(name, changes)
    return profiles.edit(name, function(profile)
      local document = profile and profile.document or {}
      profiles.change(document, changes, profile and profile.identity.form)
      return document
    end, env)
  end

  local function mode(name) return ("%o"):format(core.files.look(folder .. name).mode) end

  before_each(function()
    local pipe <close> = assert(io.popen "mktemp -d")
    home = pipe:read "l"
    folder = home .. "/.config/sluice/profiles"
  end)
  after_each(function() os.execute(("chmod -R u+w %s; rm -r %s"):format(home, home)) end)

  it("are where they are looked for", function()
    assert.equal(folder, profiles.folder(env))
    assert.same({}, profiles.names(files, env))
    assert.is_nil(profiles.folder(function() end))
    assert.is_nil(profiles.load("live", env))
    write("b.json", PLAIN)
    write("a.json", PLAIN)
    for _, other in ipairs { ".c.json", "notes.txt", "-x.json", "d.json.bak" } do write(other, "x") end
    assert.same({ "a", "b" }, profiles.names(files, env))
    assert.equal("dev", profiles.load("a", env).identity.sandbox)
  end)

  it("say which there are when one is not", function()
    assert.matches("there are none yet", outcome.failure(profiles.get, "live", files, env).message)
    write("live.json", PLAIN)
    local failure = outcome.failure(profiles.get, "liev", files, env)
    assert.equal("config", failure.kind)
    assert.equal('there is no profile "liev"; expected "live"; did you mean "live"?', failure.message)
    assert.equal("config", outcome.failure(profiles.get, "../x", files, env).kind)
  end)

  it("are made whole, for the owner alone", function()
    local path, closed = set("live", { { "org_id", ORG }, { "client_id", "c" }, { "sandbox", "dev" },
      { "protected", "true" }, { "secret", "env:SECRET" } })
    assert.equal(folder .. "/live.json", path)
    assert.is_nil(closed)
    assert.same({ org_id = ORG, client_id = "c", ["sandbox-name"] = "dev", protected = true, secret = "env:SECRET" },
      core.json.decode(read "live.json"))
    assert.matches('{\n  "client_id": "c",\n', read "live.json")
    assert.same({ "600", "700" }, { mode "/live.json", mode "" })
  end)

  it("are changed in place, whatever their keys are called", function()
    write("live.json", '{"IMS_ORG_ID":"%s","API_KEY":"old","CLIENT_SECRETS":["hush"],"extra":[1]}')
    shell "chmod 644 %s/live.json; chmod 755 %s"
    local _, closed = set("live", { { "client_id", "new" }, { "org_id", "X@AdobeOrg" }, { "scopes", "openid" } })
    assert.equal(folder, closed)
    assert.same({ org_id = "X@AdobeOrg", client_id = "new", CLIENT_SECRETS = { "hush" }, extra = { 1 },
      scopes = "openid" }, core.json.decode(read "live.json"))
    assert.same({ "600", "700" }, { mode "/live.json", mode "" })
    set("live", { { "secret", core.secret.new("s", "typed") }, { "scopes", "" } })
    local document = core.json.decode(read "live.json")
    assert.same({ "typed" }, { document.secret, document.CLIENT_SECRETS, document.scopes })
  end)

  it("stay as they are when something is wrong", function()
    write("live.json", PLAIN)
    local before = read "live.json"
    for _, case in ipairs {
      { "sandbx-name", "x", 'there is no key "sandbx-name"; did you mean "sandbox-name"?' },
      { "colour", "x", 'there is no key "colour"; expected "org_id"' },
      { "protected", "yes", 'protected: expected true or false, got "yes"' },
      { "secret", "p8e-argument", "secret: a secret is never given as an argument" },
      { "org_id", "nobody", 'organisation ID "nobody"' },
      { "sandbox-name", "a b", 'sandbox "a b"' },
      { "base_url", "http://example.com", "expected https" },
      { "environment", "support", "has an endpoint of its own" },
    } do
      local failure = outcome.failure(set, "live", { { "scopes", "other" }, { case[1], case[2] } })
      assert.equal("config", failure.kind)
      assert.is_truthy(failure.message:find(case[3], 1, true), failure.message)
      assert.is_nil(tostring(failure):find("p8e", 1, true))
      assert.equal(before, read "live.json")
    end
  end)

  it("of another form can be protected, and no more", function()
    local text = '{"values":[{"key":"API_KEY","value":"c"},{"key":"IMS_ORG","value":"%s"}]}'
    write("live.json", text)
    set("live", { { "protected", "true" } })
    assert.is_true(profiles.load("live", env).identity.protected)
    local failure = outcome.failure(set, "live", { { "scopes", "openid" } })
    assert.equal("scopes cannot be changed in a Postman environment, only protected can", failure.message)
    assert.matches("sluice config import", failure.hint)
  end)

  it("are changed by one at a time", function()
    write("live.json", PLAIN)
    local store <close> = core.store.open(folder)
    assert(store:lock "live.json")
    assert.matches("is being changed by another process", outcome.failure(set, "live", { { "scopes", "x" } }).message)
  end)

  it("cannot be written where the folder is another's or a file", function()
    shell "mkdir -p %s; rmdir %s; touch %s"
    local failure = outcome.failure(set, "live", { { "org_id", ORG }, { "client_id", "c" } })
    assert.equal("io", failure.kind)
    assert.is_truthy(failure.message:find(folder, 1, true))
  end)

  it("are removed", function()
    write("live.json", PLAIN)
    assert.is_true(profiles.remove("live", env))
    assert.is_false(profiles.remove("live", env))
    assert.is_nil(profiles.load("live", env))
  end)

  it("come from files, without their secret unless that is asked for", function()
    local identity = { org = ORG, client_id = "c", client_secret = "hush", scopes = { "openid", "AdobeID" },
      sandbox = "dev", ims_url = "https://ims.example", token = nil, protected = true }
    local document, left_out = profiles.of_identity(identity, false)
    assert.same({ org_id = ORG, client_id = "c", scopes = "openid,AdobeID", ["sandbox-name"] = "dev",
      ims_url = "https://ims.example", protected = true }, document)
    assert.equal("secret", left_out)
    document, left_out = profiles.of_identity(identity, true)
    assert.is_true(document.secret == core.secret.new("", "hush"))
    assert.is_nil(left_out)
    identity.client_secret = "cmd:pass show aep"
    document, left_out = profiles.of_identity(identity, false)
    assert.same({ "cmd:pass show aep" }, { document.secret, left_out })
    identity.client_secret = "file:secret.txt"
    assert.matches("expected a whole path", outcome.failure(profiles.of_identity, identity, false).message)
    document, left_out = profiles.of_identity({ org = ORG, client_id = "c", token = "hush" }, true)
    assert.same({ org_id = ORG, client_id = "c" }, document)
    assert.equal("token", left_out)
  end)
end)
