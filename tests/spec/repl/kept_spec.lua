--- What a session keeps: its history in a file, itself as a script, and secrets in neither.

local core = require "sluice.core"
local history = require "sluice.repl.history"
local script = require "sluice.repl.script"
local secrets = require "sluice.repl.secrets"

local function temporary()
  local pipe <close> = assert(io.popen "mktemp -d")
  return pipe:read "l"
end

local function environment(values)
  return function(name) return values[name] end
end

describe("history", function()
  it("lies below the state folder, a file for each profile", function()
    assert.are.equal("/s/sluice/history/live", history.path("live", environment { XDG_STATE_HOME = "/s", HOME = "/h" }))
    assert.are.equal("/h/.local/state/sluice/history/default", history.path("default", environment { HOME = "/h" }))
    assert.are.equal("/h/.local/state/sluice/history/a_b_..", history.path("a/b/..", environment { HOME = "/h" }))
    assert.are.equal("/h/.local/state/sluice/history/_._x", history.path("../x", environment { HOME = "/h" }))
    assert.is_nil(history.path("default", environment {}))
  end)

  it("comes back as it was", function()
    local path = temporary() .. "/deep/er/history"
    local texts = { "x = 1", "for i = 1, 2 do\n  print 'a\\nb'\nend", "x = [[\\]]" }
    local kept = history.open(path)
    for _, text in ipairs(texts) do kept:add(text) end
    assert.are.same(texts, (history.open(path):read()))
  end)

  it("keeps no repetition, nothing that begins with a blank, and no secret", function()
    local path = temporary() .. "/history"
    local kept, secret = history.open(path), core.secret.new("word", "open sesame")
    for _, text in ipairs { "x", "x", " y", "print 'open sesame'", "auth = { password = 'tell nobody' }", "z" } do
      kept:add(text)
    end
    assert.are.same({ "x", "z" }, (kept:read()))
    assert.is_truthy(core.secret.is(secret))
  end)

  it("is cut when it is much too long", function()
    local path = temporary() .. "/history"
    local file <close> = assert(io.open(path, "w"))
    for i = 1, 2 * history.KEPT + 1 do file:write("line ", i, "\n") end
    file:close()
    local texts = history.open(path):read()
    assert.are.equal(history.KEPT, #texts)
    assert.are.equal("line " .. 2 * history.KEPT + 1, texts[#texts])
    local lines = 0
    for _ in io.lines(path) do lines = lines + 1 end
    assert.are.equal(history.KEPT, lines)
  end)

  it("is no trouble where it cannot be written", function()
    local kept = history.open "/proc/nowhere/history"
    kept:add "x"
    assert.are.same({}, (kept:read()))
    history.open(nil):add "x"
  end)
end)

describe("a secret in a text", function()
  it("is a literal where one is expected, or the value of one that is known", function()
    local secret = core.secret.new("word", "open sesame")
    for _, text in ipairs { "{ password = 'x' }", '{ ["secretKey"] = "x" }', "secret.new('a', 'x')", "f 'open sesame'",
      "print('say open sesame')", "-- open sesame", "sluice.secret.new('a', [[x]])" } do
      assert.is_true(secrets.is_disclosing(text), text)
    end
    for _, text in ipairs { "{ password = p }", "{ name = 'x' }", "secret.new('a', b)", "{ password = '' }",
      "password == 'x'", "secret.env 'PASSWORD'" } do
      assert.is_false(secrets.is_disclosing(text), text)
    end
    assert.is_truthy(core.secret.is(secret))
  end)
end)

describe("a session as a script", function()
  --- The lines below the head; expressions are told by their number of values.
  local function lines(...)
    local done, results = {}, 0
    for i, entry in ipairs { ... } do
      local text, count = table.unpack(type(entry) == "table" and entry or { entry })
      done[i] = { kind = count and "expression" or "statement", text = text, count = count,
        first = count and count > 0 and results + 1 or nil }
      results = results + (count or 0)
    end
    local text = script.text(done, {})
    assert(load(text:gsub("^#[^\n]*", ""), "=script", "t"))
    return text:match "connect%(%)\n\n(.*)$"
  end

  it("has statements and calls as they are, and prints other expressions", function()
    assert.are.equal("x = 1\nf(x)\nprint(x + 1)\nprint(\nx -- what it is\n)\n",
      lines("x = 1", { "f(x)", 1 }, { "x + 1", 1 }, { "x -- what it is", 1 }))
  end)

  it("names the results that are used later, and no others", function()
    assert.are.equal("_1 = f()\n_ = _1\ng(_)\n", lines({ "f()", 1 }, "g(_)"))
    assert.are.equal("f()\n_2 = g()\n_ = _2\nh(_)\n", lines({ "f()", 1 }, { "g()", 1 }, "h(_)"))
    assert.are.equal("_1, _2 = f()\nprint(_2)\n", lines({ "f()", 2 }, { "_2", 1 }))
    assert.are.equal("_1 = f()\n_2 = _1 + 1\n_ = _2\nx = _\n", lines({ "f()", 1 }, { "_1 + 1", 1 }, "x = _"))
  end)

  it("refers to secrets", function()
    local secret = core.secret.new("the-word", "open sesame")
    assert.are.equal('x = sluice.secret.env "THE_WORD"\n', lines "x = 'open sesame'")
    assert.are.equal('a = { password = sluice.secret.env "PASSWORD" }\n', lines "a = { password = 'x' }")
    assert.are.equal("-- left out here: a line with a secret in it\ny = 1\n", lines("x = 'not open sesame'", "y = 1"))
    assert.are.equal("-- left out here: a line with a secret in it\n", lines "x = 1 -- open sesame")
    assert.is_truthy(core.secret.is(secret))
  end)

  it("says which variables it needs, and how it connects", function()
    local text, left_out = script.text({ { kind = "statement", text = "a = { password = 'x', token = 'y' }" },
      { kind = "connect", text = 'aep = sluice.connect { sandbox = "dev" }' } },
      { emulated = true, connect = 'sluice.connect { profile = "live" }' })
    assert.are.equal(0, left_out)
    assert.are.equal([[
#!/usr/bin/env sluice
-- A session of sluice as a script; to be run with: sluice run --emulate FILE.
-- It takes its secrets from these variables: PASSWORD, TOKEN

local sluice = require "sluice"
local aep = sluice.connect { profile = "live" }

a = { password = sluice.secret.env "PASSWORD", token = sluice.secret.env "TOKEN" }
aep = sluice.connect { sandbox = "dev" }
]], text)
  end)
end)
