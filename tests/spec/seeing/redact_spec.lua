--- Secrets are taken out by type, by name, by value; what is none stays.
local core = require "sluice.core"
local redact = require "sluice.seeing.redact"

local H = "‹secret %s›"

local function hidden(name) return H:format(name) end

describe("redacting", function()
  local redactor
  before_each(function() redactor = redact.new() end)

  it("hides every name of secrets, in any spelling, at any depth", function()
    for _, name in ipairs { "access_token", "client_secret", "secretKey", "s3SecretKey", "password", "sshKey",
      "connectionString", "servicePrincipalKey", "secretAccessKey", "sasKey", "s3Role", "SASToken", "SASUri",
      "awsSecretAccessKey", "awsSessionToken", "Authorization", "PASSWORD", "Client-Secret", "CLIENT_SECRETS" } do
      local shown = redactor:value { a = core.json.array { { [name] = "hunter2", other = "open" } } }
      assert.same({ a = { { [name] = hidden(name), other = "open" } } }, shown)
      assert.same({ [name] = { hidden(name), { x = hidden "x" } } }, redactor:value { [name] = { "one", { x = 2 } } })
    end
  end)

  it("shows of an account's parameters only what is known to be harmless", function()
    local shown = redactor:value { name = "n", auth = { specName = "Basic",
      params = { host = "h", username = "u", password = "p", somethingNew = "s", nested = { deep = "d" } } } }
    assert.same({ host = "h", username = "u", password = hidden "password", somethingNew = hidden "somethingNew",
      nested = { deep = hidden "deep" } }, shown.auth.params)
    assert.same({ "n", "Basic" }, { shown.name, shown.auth.specName })
  end)

  it("hides in patches what they put into an account", function()
    local patch = core.patch.new():replace("/auth/params/apiThing", "a")
      :add("/auth/params", { host = "h", other = "o" }):replace("/auth", { params = { other = "o" } })
      :add("/name", "n"):add("/password", "p")
    local shown = redactor:value(patch)
    assert.same({
      { op = "replace", path = "/auth/params/apiThing", value = hidden "apiThing" },
      { op = "add", path = "/auth/params", value = { host = "h", other = hidden "other" } },
      { op = "replace", path = "/auth", value = { params = { other = hidden "other" } } },
      { op = "add", path = "/name", value = "n" },
      { op = "add", path = "/password", value = hidden "password" },
    }, shown)
  end)

  it("learns from spec documents what is secret and what is not", function()
    local document = { authSpec = core.json.array { { name = "Basic", spec = { type = "object", properties = {
      tenant = { type = "string" }, apiThing = { type = "string", format = "password" },
      more = { type = "object", properties = { pin = { type = "string", format = "password" } } } } } } } }
    redactor:learn { items = core.json.array { document } }
    local shown = redactor:value { auth = { params = { tenant = "t", apiThing = "a" } }, apiThing = "b", pin = "1" }
    assert.same({ auth = { params = { tenant = "t", apiThing = hidden "apiThing" } }, apiThing = hidden "apiThing",
      pin = hidden "pin" }, shown)
    redactor:learn { authSpec = core.json.array { { spec = { properties = { apiThing = { type = "string" } } } } } }
    assert.equal(hidden "apiThing", redactor:value({ apiThing = "b" }).apiThing) -- secret once, secret ever
    redactor:learn { items = core.json.array { 1, { authSpec = 2 }, { authSpec = { { spec = 3 } } } } }
    redactor:learn "text"
  end)

  it("leaves schemas alone, whose fields only are called like secrets", function()
    local schema = { properties = { password = { type = "string", format = "password", title = "Password" } } }
    assert.same(schema, redactor:value(schema))
  end)

  it("hides secrets by type and by value, and keeps the value's shape", function()
    local secret = core.secret.new("MY_SECRET", "sentinel-5f2e91")
    local given = { a = secret, b = "before sentinel-5f2e91 after", c = core.json.array {}, d = core.json.null,
      e = 1.5 }
    local shown = redactor:value(given)
    assert.equal(core.json.encode { a = hidden "MY_SECRET", b = "before ‹secret MY_SECRET› after",
      c = core.json.array {}, d = core.json.null, e = 1.5 }, core.json.encode(shown))
    assert.equal(secret, given.a)
  end)

  it("puts what it is told in a secret's place", function()
    assert.same({ password = "$password" }, redactor:value({ password = "x" }, function(name) return "$" .. name end))
  end)

  it("hides tokens and signatures in texts", function()
    assert.equal("Bearer ‹secret access token›, bearer of news",
      redact.mask "Bearer eyJhbGciOiJSUzI1NiJ9.x-y_z, bearer of news")
    assert.equal("https://x/y?sv=1&sig=‹secret sig›&se=2", redact.mask "https://x/y?sv=1&sig=ab%2Fc%3D&se=2")
    assert.equal("a=1; client_secret=‹secret client_secret›&b=2", redactor:text "a=1; client_secret=p8e-x&b=2")
    assert.equal([[<p>{"password": "‹secret password›", "host": "h"}</p>]],
      redactor:text [[<p>{"password": "x y", "host": "h"}</p>]])
  end)

  it("hides in URLs the values of secret names", function()
    assert.equal("https://x/y?client_secret=‹secret client_secret›&a=b",
      redactor:url "https://x/y?client_secret=p8e&a=b")
  end)

  it("hides headers", function()
    assert.equal(hidden "Authorization", redactor:header("Authorization", "Basic abc"))
    assert.equal(hidden "set-cookie", redactor:header("set-cookie", "a=b"))
    assert.equal("x", redactor:header("etag", "x"))
    assert.equal(hidden "n", redactor:header("x-own", core.secret.new("n", "v")))
  end)
end)
