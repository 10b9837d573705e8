--- Secrets of the C module: what they show, what can be done with them, where they come from, and how they are found.

local core = require "sluice.core"

local secret = core.secret

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

--- A file that goes when the variable does.
local function file(content)
  local name = os.tmpname()
  local handle <close> = assert(io.open(name, "wb"))
  handle:write(content)
  return name, setmetatable({}, { __close = function() os.remove(name) end })
end

describe("a secret", function()
  local hidden = secret.new("NAME", "hidden\0value")

  it("shows its name only", function()
    assert.equal("‹secret NAME›", tostring(hidden))
    assert.equal("‹secret NAME›", ("%s"):format(hidden))
    assert.equal('{"a":"‹secret NAME›"}', core.json.encode { a = hidden })
    assert.equal("secret", getmetatable(hidden))
  end)

  it("says what it is where its text is asked for", function()
    assert.error_matches(function() return hidden.value end, "cannot be read %(‹secret NAME›%)")
    assert.error_matches(function() return hidden:upper() end, "has no fields or methods")
    assert.error_matches(function() hidden.value = 1 end, "attempt to index")
    assert.error_matches(function() return ("x"):rep(2, hidden) end, "string expected, got secret")
    assert.error_matches(function() return ("%q"):format(hidden) end, "no literal form")
    assert.error_matches(function() io.stderr:write(hidden) end, "string expected, got secret")
    assert.error_matches(function() return table.concat { hidden } end, "invalid value")
    assert.error_matches(function() return hidden + 1 end, "arithmetic on a secret value")
  end)

  it("is equal to one of the same bytes, and has no order", function()
    assert.is_true(hidden == secret.new("OTHER", hidden))
    assert.is_false(hidden == secret.new("NAME", "other"))
    assert.is_false(hidden == secret.new("NAME", "hidden\0valuf"))
    assert.is_false(hidden == "hidden\0value")
    assert.error_matches(function() return hidden < hidden end, "no order")
    assert.error_matches(function() return "a" <= hidden end, "no order")
  end)

  it("keeps what it is part of secret, under its name", function()
    for _, whole in ipairs { "a:" .. hidden .. "/b", ("a:" .. hidden) .. "/b", "a:" .. (hidden .. "/b") } do
      assert.is_true(secret.is(whole))
      assert.equal("‹secret NAME›", tostring(whole))
      assert.is_true(whole == secret.new("", "a:hidden\0value/b"))
    end
    assert.is_true(hidden .. 12 == secret.new("", "hidden\0value12"))
    assert.equal("‹secret A›", tostring(secret.new("A", "x") .. secret.new("B", "y")))
    assert.error_matches(function() return hidden .. {} end, "concatenate a secret and a table")
    assert.error_matches(function() return nil .. hidden end, "concatenate a secret and a nil")
  end)

  it("has a length", function()
    assert.equal(12, #hidden)
    assert.equal(0, #secret.new("empty", ""))
  end)

  it("is to JSON the text it hides", function()
    local same = secret.new("same", "hidden\0value")
    assert.is_true(core.json.equal({ p = hidden }, { p = same }))
    assert.is_true(core.json.equal({ p = hidden }, { p = "hidden\0value" }))
    assert.is_true(core.json.equal("hidden\0value", hidden))
    assert.is_false(core.json.equal(hidden, "hidden"))
    assert.is_false(core.json.equal(hidden, 1))
    assert.equal(0, #core.patch.diff({ p = hidden, q = 1 }, { p = same, q = 1 }))
    assert.equal(1, #core.patch.diff({ p = hidden }, { p = secret.new("NAME", "new") }))
    assert.same({ p = hidden, q = 1 }, core.patch():test("/p", same):add("/q", 1):apply { p = hidden })
  end)
end)

describe("secret.mask", function()
  it("finds a secret in whatever form", function()
    local key = secret.new("key", 'a "b"/c')
    for _, text in ipairs { 'a "b"/c', "a+%22b%22%2Fc", [[a \\"b\\"\\/c]], "YSAiYiIvYw==" } do
      assert.equal("<‹secret key›>", secret.mask("<" .. text .. ">"))
    end
    assert.equal("‹secret key›\0‹secret key›", secret.mask 'a "b"/c\0a "b"/c')
    assert.equal("", secret.mask "")
    assert.is_true(secret.is(key))
  end)

  it("knows a secret as long as it lives, and no longer", function()
    local function make() secret.new("gone", "surely-collected") end
    make()
    collectgarbage()
    collectgarbage()
    assert.equal("surely-collected", secret.mask "surely-collected")
  end)

  it("knows the whole that a secret became part of", function()
    local part = secret.new("part", "needle-in")
    local whole = part .. "-haystack"
    assert.equal("a ‹secret part› b", secret.mask "a needle-in-haystack b")
    assert.is_true(secret.is(whole))
  end)
end)

describe("a secret comes", function()
  it("from the environment, or not at all", function()
    assert.is_nil(secret.env "SLUICE_SURELY_UNSET")
    assert.equal("‹secret PATH›", tostring(secret.env "PATH"))
    assert.equal("‹secret password›", tostring(secret.env("PATH", "password")))
    assert.is_true(secret.env "PATH" == secret.new("", os.getenv "PATH"))
  end)

  it("from a file, without the line end at its end", function()
    local name, _ <close> = file "hush\n"
    assert.is_true(secret.file(name) == secret.new("", "hush"))
    assert.equal("‹secret " .. name .. "›", tostring(secret.file(name)))
    assert.equal("‹secret key›", tostring(secret.file(name, "key")))
  end)

  it("from a program, called without a shell", function()
    assert.is_true(secret.command { "printf", "%s|", "a b", "$HOME", "*" } == secret.new("", "a b|$HOME|*|"))
    assert.equal("‹secret echo›", tostring(secret.command { "echo", "hush" }))
    assert.equal("‹secret vault›", tostring(secret.command({ "echo", "hush" }, "vault")))
  end)

  it("or it is said why not, without a word of what was read", function()
    local empty, _ <close> = file "\n"
    -- Valgrind starts programs otherwise: that there is none shows as what a shell would end with.
    local reason = os.getenv "WRAP" and "it ended with code 127" or "cannot be started: No such file or directory"
    for expected, source in pairs {
      ["the secret from /no/where: cannot be opened: No such file or directory"] = { secret.file, "/no/where" },
      ["the secret from " .. empty .. ": it is empty"] = { secret.file, empty },
      ["the secret from /dev/zero: the secret is larger than its limit of 65536 bytes"] = { secret.file, "/dev/zero" },
      ["the secret from the command sh: it ended with code 2"] =
        { secret.command, { "sh", "-c", "echo hush; exit 2" } },
      ["the secret from the command no-such-program-here: " .. reason] =
        { secret.command, { "no-such-program-here" } },
      ["the secret from standard input: it is empty"] = { secret.stdin },
    } do
      local err = failure(table.unpack(source))
      assert.is_true(core.error.is(err, "config"), tostring(err))
      assert.equal(expected, err.message)
    end
  end)

  it("and misuse is told at the caller's place", function()
    assert.error_matches(function() secret.command {} end, "a list of words, the program first")
    assert.error_matches(function() secret.command { "a\0b" } end, "strings without NUL")
    assert.error_matches(function() secret.command { "echo", 1 } end, "strings without NUL")
    assert.error_matches(function() secret.command "echo hush" end, "table expected")
    assert.error_matches(function() secret.file "a\0b" end, "a path holds no NUL")
    assert.error_matches(function() secret.file("/dev/null", "a\27[2J") end, "no control characters")
    assert.error_matches(function() secret.prompt "" end, "not empty")
  end)
end)

describe("secrets in answers", function()
  local function wrapped(text) return core.json.encode(secret.wrap(core.json.decode(text))) end

  it("are known by their keys, in any case, at any depth", function()
    assert.equal('{"items":[{"auth":{"params":{"PassWord":"‹secret PassWord›","host":"h"}}}]}',
      wrapped '{"items":[{"auth":{"params":{"PassWord":"hush","host":"h"}}}]}')
    for _, key in ipairs { "secretKey", "s3SecretKey", "password", "sshKey", "connectionString", "servicePrincipalKey",
      "secretAccessKey", "sasKey", "s3Role", "SASToken", "SASUri", "awsSecretAccessKey", "awsSessionToken",
      "access_token", "client_secret" } do
      assert.equal(("[{%q:\"‹secret %s›\"}]"):format(key, key), wrapped(("[{%q:\"hush\"}]"):format(key)))
    end
  end)

  it("are texts; lists of texts, too", function()
    assert.equal('{"client_secrets":["‹secret client_secrets›",1,null],"password":false,"secretKey":{"type":"string"}}',
      wrapped '{"client_secrets":["p8e",1,null],"password":false,"secretKey":{"type":"string"}}')
    assert.equal('"hush"', wrapped '"hush"')
    assert.equal("null", wrapped "null")
  end)

  it("stay as they are where the service masks them", function()
    assert.equal('{"password":"****","sasKey":""}', wrapped '{"password":"****","sasKey":""}')
  end)

  it("are also what a spec document called a password, inside of credentials", function()
    local account = '{"auth":{"params":{"magicWord":"hush"}},"magicWord":"harmless"}'
    assert.equal('{"auth":{"params":{"magicWord":"hush"}},"magicWord":"harmless"}', wrapped(account))
    wrapped '{"spec":{"properties":{"magicWord":{"type":"string","format":"password"}}}}'
    assert.equal('{"auth":{"params":{"magicWord":"‹secret magicWord›"}},"magicWord":"harmless"}', wrapped(account))
  end)

  it("go to the wire again as they came", function()
    local document = secret.wrap { password = "hush-hush-hush" }
    assert.is_true(document.password == secret.new("word", "hush-hush-hush"))
    assert.equal("‹secret password›", secret.mask "hush-hush-hush")
  end)

  it("are not looked for without end", function()
    local endless = {}
    endless.inner = endless
    assert.equal("nested deeper than 512 levels", failure(secret.wrap, endless).message)
  end)
end)
