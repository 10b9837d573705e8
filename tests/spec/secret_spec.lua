--- `sluice.secret`: command lines and references. What a secret is, is in core_secret_spec.lua.

local sluice = require "sluice"
local outcome = require "spec.support.outcome"

local secret = sluice.secret

describe("sluice.secret", function()
  it("has all there is to secrets", function()
    for _, name in ipairs { "new", "env", "file", "command", "prompt", "stdin", "is", "mask", "from" } do
      assert.equal("function", type(secret[name]), name)
    end
  end)

  for line, words in pairs {
    ["pass show aep"] = { "pass", "show", "aep" },
    ["  pass\tshow \n"] = { "pass", "show" },
    [""] = {},
    [" "] = {},
    ["a 'b c' \"d e\""] = { "a", "b c", "d e" },
    ["a'b 'c\" d\"e"] = { "ab c de" },
    ["'' \"\""] = { "", "" },
    ["'$x `y` \\ \"'"] = { '$x `y` \\ "' },
    ['"\\$x \\` \\" \\\\ \\n \'"'] = { '$x ` " \\ \\n \'' },
    ["\\$x a\\ b \\'c \\"] = { "$x", "a b", "'c", "\\" },
    ["get *.txt ~/x #y {a,b} a=b !z ?"] = { "get", "*.txt", "~/x", "#y", "{a,b}", "a=b", "!z", "?" },
  } do
    it("splits a command line as a shell would: " .. ("%q"):format(line), function()
      assert.same(words, secret.words(line))
    end)
  end

  for line, expected in pairs {
    ["a | b"] = "an unquoted |", ["a; b"] = "an unquoted ;", ["a && b"] = "an unquoted &", ["a > b"] = "an unquoted >",
    ["a < b"] = "an unquoted <", ["echo $HOME"] = "an unquoted $", ["echo `x`"] = "an unquoted `",
    ["(a)"] = "an unquoted (", ['"$HOME"'] = "an unquoted $", ['"`x`"'] = "an unquoted `",
    ["a 'b"] = "a single quote that has no end", ['a "b'] = "a double quote that has no end",
  } do
    it("refuses what asks for a shell: " .. line, function()
      local failure = outcome.failure(secret.words, line)
      assert.equal("config", failure.kind)
      assert.truthy(failure.message:find(expected, 1, true), failure.message)
    end)
  end

  it("calls a program by a line or by its words", function()
    local expected = secret.new("expected", "a b|$HOME|")
    assert.is_true(expected == secret.command [[printf '%s|' "a b" '$HOME']])
    assert.is_true(expected == secret.command { "printf", "%s|", "a b", "$HOME" })
    assert.equal("‹secret printf›", tostring(secret.command "printf x"))
    assert.equal("‹secret key›", tostring(secret.command("printf x", "key")))
  end)

  it("tells references from what may only be a secret", function()
    for _, text in ipairs { "env:X", "file:/x", "file:", "cmd:x y" } do assert.is_true(secret.is_reference(text)) end
    for _, text in ipairs { "", "x", "env", "Env:X", "vault:x", " env:X", "p8e-env:X" } do
      assert.is_false(secret.is_reference(text))
      assert.is_nil(secret.from(text, "name"))
    end
  end)

  it("follows a reference, once", function()
    local function env(name) return ({ A = "env:B", B = "b", EMPTY = "", HOME = "/dev" })[name] end
    assert.is_true(secret.new("", "env:B") == secret.from("env:A", "n", { env = env }))
    assert.equal("‹secret n›", tostring(secret.from("env:A", "n", { env = env })))
    assert.matches("is not set", outcome.failure(secret.from, "env:EMPTY", "n", { env = env }).message)
    assert.matches("from /dev/null: it is empty",
      outcome.failure(secret.from, "file:~/null", "n", { env = env }).message)
    assert.matches("from /dev/null: it is empty",
      outcome.failure(secret.from, "file:null", "n", { folder = "/dev" }).message)
    assert.is_true(secret.from("env:PATH", "n") == secret.env "PATH")
  end)
end)
