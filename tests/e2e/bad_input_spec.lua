--- Bad input of every kind: one clear line that says where and what was expected, the right exit code, no secret.

local program = require "support.program"

local RECIPE = "scripts/activate_adobe_campaign.lua"
local NOWHERE = "http://127.0.0.1:1" -- nobody listens there
local OPTIONS = {
  "--host", "campaign.example.com", "--username", "u", "--remote-path", "/in",
  "--audience", "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1",
  "--first-day", "2030-01-01", "--end-day", "2030-02-01",
}
local SECRETS = { CAMPAIGN_SFTP_PASSWORD = program.SECRET }

--- Runs the recipe with all it needs on a service.
local function run_on(url, env, words)
  local command = { "run", RECIPE, "--base-url", url, "--ims-url", url, "--attempts", "2" }
  table.move(words or OPTIONS, 1, #(words or OPTIONS), #command + 1, command)
  return program.run(command, { env = env, secrets = SECRETS })
end

local function text_script(text)
  return program.write(program.folder(), "script.lua", text)
end

--- One line on standard error that names everything given, nothing on standard output, the expected code.
local function assert_refused(result, code, ...)
  assert.are.equal(code, result.code, result.err)
  assert.are.equal("", result.out)
  local last = result.err:match "([^\n]*)\n$"
  assert.is_truthy(last and last:find "^sluice: ", result.err)
  assert.is_nil(result.err:find("traceback", 1, true), result.err)
  for _, text in ipairs { ... } do assert.is_truthy(last:find(text, 1, true), text .. " is missing in: " .. last) end
  assert.is_nil(result.err:find(program.SECRET, 1, true))
end

--- A destination written by hand, in a recipe of its own, emulated.
local function run_destination(fields)
  local script = text_script(([[
    local sluice = require "sluice"
    return sluice.recipe { name = "r", version = "1", summary = "s", params = {}, run = function(ctx)
      local d = {
        name = "D", type = "sftp", auth = { host = "h.example.com", username = "u", password = "p" },
        target = { remotePath = "/in" }, attributes = { "person.name.firstName" },
        audiences = { { id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1",
          filename = "%%DESTINATION_NAME%%_%%SEGMENT_ID%%_%%TIMESTAMP%%",
          schedule = sluice.schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" } } },
      }
      %s
      return ctx.apply(sluice.destination(d))
    end }]]):format(fields))
  return program.run { "run", "--emulate", script }
end

describe("bad input", function()
  teardown(program.clean)

  it("the hand-written destination of these tests is good", function()
    local result = run_destination ""
    assert.are.equal(0, result.code, result.err)
  end)

  it("no credentials at all", function()
    assert_refused(run_on(NOWHERE, {}), 3, "AEP_ORG_ID", "AEP_CLIENT_ID", "AEP_CLIENT_SECRET")
  end)

  it("one credential missing", function()
    local env = { AEP_ORG_ID = "x@AdobeOrg", AEP_CLIENT_ID = "id", AEP_SCOPES = "openid" }
    assert_refused(run_on(NOWHERE, env), 3, "AEP_CLIENT_SECRET")
  end)

  it("a credential file that is not there, or is no JSON", function()
    local words = { "--config", "nowhere.json", table.unpack(OPTIONS) }
    assert_refused(run_on(NOWHERE, {}, words), 3, "nowhere.json")
    local broken = program.write(program.folder(), "broken.json", '{"org_id": "x@AdobeOrg",\n "client_id": }')
    local result = run_on(NOWHERE, {}, { "--config", broken, table.unpack(OPTIONS) })
    assert_refused(result, result.code, "broken.json", "line 2")
  end)

  it("the wrong secret", function()
    local server <close> = program.emulate { "--client", "client-id:the-right-one" }
    local result = run_on(server.url, program.CREDENTIALS)
    assert_refused(result, 3, "/ims/token/v3")
  end)

  it("a token that the service did not issue", function()
    local server <close> = program.emulate()
    local result = run_on(server.url, program.TOKEN)
    assert_refused(result, 3, "401013", "access token")
  end)

  it("an unknown option of the recipe, and one without its value", function()
    assert_refused(run_on(NOWHERE, program.CREDENTIALS, { "--hots", "x" }), 2, "--hots", "--host")
    assert_refused(run_on(NOWHERE, program.CREDENTIALS, { "--host" }), 2, "--host")
  end)

  it("a misspelt option of ours behind the recipe", function()
    assert_refused(program.run { "run", RECIPE, "--emulat" }, 2, "'--emulat'", "did you mean '--emulate'?")
    assert_refused(program.run { RECIPE, "--emulate", "--jsn=1" }, 2, "'--jsn'", "did you mean '--json'?")
  end)

  it("a parameter with the name of an option of ours", function()
    local script = text_script [[
      return require("sluice").recipe { name = "r", version = "1", summary = "s", run = print,
        params = { { name = "sandbox", help = "h" } } }]]
    assert_refused(program.run { script }, 1, "recipe r: parameter sandbox", "--sandbox")
  end)

  it("a parameter and a secret that are missing", function()
    assert_refused(run_on(NOWHERE, program.CREDENTIALS, {}), 2, "--host", "CAMPAIGN_SFTP_HOST", "--remote-path")
    local words = { "run", RECIPE, "--base-url", NOWHERE, table.unpack(OPTIONS) }
    local result = program.run(words, { env = program.CREDENTIALS })
    assert_refused(result, 3, "CAMPAIGN_SFTP_PASSWORD")
  end)

  it("an unknown destination type", function()
    assert_refused(run_destination 'd.type = "adobe-campain"', 1, "adobe-campain", "adobe-campaign")
  end)

  it("an auth name that the system does not have", function()
    assert_refused(run_destination 'd.auth.spec = "Basic Authentication"', 1, "Basic Authentication for sftp")
  end)

  it("a missing parameter of the account", function()
    assert_refused(run_destination "d.auth.host = nil", 1, "host")
  end)

  it("a mode that does not go with the auth", function()
    assert_refused(run_destination 'd.target.mode = "S3"', 1, "S3", "FTP")
  end)

  it("a bad file name template", function()
    assert_refused(run_destination 'd.audiences[1].filename = "%DESTINATION_NAME%_%SEGMENT_IDS%_%TIMESTAMP%"', 1,
      "unknown macro %SEGMENT_IDS%", '"%SEGMENT_ID%"')
  end)

  it("an existing resource that differs", function()
    local server <close> = program.emulate()
    local words = { "run", RECIPE, "--base-url", server.url, "--ims-url", server.url, table.unpack(OPTIONS) }
    local options = { env = program.CREDENTIALS, secrets = SECRETS }
    assert.are.equal(0, program.run(words, options).code)
    for i, word in ipairs(words) do
      if word == "/in" then words[i] = "/elsewhere" end
    end
    local result = program.run(words, options)
    assert_refused(result, 1, "sluice: the existing target connection", "/elsewhere", '"/in"')
  end)

  it("a script with a syntax error", function()
    local script = text_script "local x = 1\nreturn x +"
    assert_refused(program.run { "run", "--emulate", script }, 1, "script.lua:2:", "<eof>")
  end)

  it("a script that returns something almost like a recipe", function()
    local script = text_script 'local sluice = require "sluice"\n\nreturn sluice.recipe {\n  name = "x",\n}'
    local result = program.run { "run", script }
    assert.are.equal(1, result.code)
    assert.is_truthy(result.err:find("script.lua:3: sluice.recipe: version: expected a string", 1, true), result.err)
  end)

  it("a server that is not there", function()
    assert_refused(run_on(NOWHERE, program.CREDENTIALS), 5, "127.0.0.1")
    assert_refused(run_on(NOWHERE, program.TOKEN), 5, "127.0.0.1")
  end)

  it("a base URL that is none, or plain http to elsewhere", function()
    for _, url in ipairs { "nonsense", "ftp://127.0.0.1", "http://platform.example.com" } do
      local result = run_on(url, program.TOKEN)
      assert_refused(result, 3, url)
    end
  end)

  it("an answer that is HTML, cut off, not JSON, not HTTP", function()
    local said = { html = "text/html", truncated = "/connectionSpecs", broken = "line 1", garbage = "HTTP" }
    for way, word in pairs(said) do
      local server <close> = program.bad_server(way)
      assert_refused(run_on(server.url, program.TOKEN), 5, server.url, word)
    end
  end)

  it("the same from the token service", function()
    for _, way in ipairs { "html", "truncated", "garbage" } do
      local server <close> = program.bad_server(way)
      local result = run_on(server.url, program.CREDENTIALS)
      assert_refused(result, result.code, "/ims/token/v3")
      assert.is_true(result.code == 5 or result.code == 3, result.err)
    end
  end)

  it("an answer of 50 MB", function()
    local server <close> = program.bad_server "big"
    local script = text_script 'print(#require("sluice").connect({ max_body = 1 << 20 }):request { path = "/x" })'
    local result = program.run({ "run", "--base-url", server.url, script }, { env = program.TOKEN })
    assert_refused(result, 5, server.url)
    script = text_script 'print(#require("sluice").connect():request { path = "/x" })'
    result = program.run({ "run", "--base-url", server.url, script }, { env = program.TOKEN })
    assert.is_true(result.code == 0 and result.out == "0\n" or result.code == 5, result.err)
  end)

  it("a server that never answers", function()
    local server <close> = program.bad_server "silent"
    local script = text_script 'require("sluice").connect({ timeout = 0.2 }).flows:list()'
    local result = program.run({ "run", "--base-url", server.url, script }, { env = program.TOKEN })
    assert_refused(result, 5, server.url)
  end)

  it("Ctrl-C while the server is silent", function()
    local server <close> = program.bad_server "silent"
    local process = program.start({ "run", "--base-url", server.url, RECIPE, table.unpack(OPTIONS) },
      { env = program.TOKEN, secrets = SECRETS })
    os.execute "sleep 0.2"
    process:signal "INT"
    assert.are.equal(130, process:wait())
    assert.is_truthy(process:errors():find "^sluice: interrupted", process:errors())
  end)
end)
