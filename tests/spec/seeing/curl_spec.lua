--- Calls as curl commands: what a shell makes of them is what was sent, for every byte.
local call = require "sluice.seeing.call"
local core = require "sluice.core"
local curl = require "sluice.seeing.curl"
local redact = require "sluice.seeing.redact"
local watched = require "spec.support.watched"

local SETTINGS = { org = "ORG@AdobeOrg", client_id = "client", sandbox = "dev", scopes = "openid,AdobeID" }

local function command_of(request, settings, event)
  local made = { method = request.method or "GET", url = request.url or "https://x.example/y", attempt = 1,
    request = request }
  for name, value in pairs(event or {}) do made[name] = value end
  return curl.command(call.new(made, settings or SETTINGS, redact.new()))
end

local folder

--- The words that a shell gives to curl for a command.
local function words_of(command, variables)
  local script = folder .. "/script"
  local file = assert(io.open(script, "w"))
  file:write("PATH=", folder, ":$PATH\n", command, "\n")
  file:close()
  local environment = {}
  for name, value in pairs(variables or {}) do
    environment[#environment + 1] = name .. "='" .. value:gsub("'", "'\\''") .. "'"
  end
  local line = ("env %s AEP_ACCESS_TOKEN=token sh -eu %s"):format(table.concat(environment, " "), script)
  local pipe <close> = assert(io.popen(line))
  local words = {}
  for word in (pipe:read "a" .. "\0"):gmatch "([^\0]*)\0" do words[#words + 1] = word end
  words[#words] = nil -- what follows the last mark
  return words
end

local function value_after(words, option, which)
  for i, word in ipairs(words) do
    if word == option then
      which = (which or 1) - 1
      if which == 0 then return words[i + 1] end
    end
  end
end

describe("a curl command", function()
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
  end)
  before_each(function()
    local stub = assert(io.open(folder .. "/curl", "w"))
    stub:write "#!/bin/sh\nprintf '%s\\0' \"$@\"\n"
    stub:close()
    assert(os.execute("chmod +x " .. folder .. "/curl"))
  end)
  teardown(function()
    os.execute("rm -r " .. folder)
    watched.clean()
  end)

  it("says what was sent, with variables for secrets", function()
    assert.equal([[
curl -sS -X PATCH 'https://x.example/y?a=b&c' \
  -H "Authorization: Bearer $AEP_ACCESS_TOKEN" \
  -H 'x-api-key: client' \
  -H 'x-gw-ims-org-id: ORG@AdobeOrg' \
  -H 'x-sandbox-name: dev' \
  -H 'Content-Type: application/json' \
  -H 'If-Match: "etag"' \
  --data-raw '[{"op":"remove","path":"/a"}]']],
      command_of { method = "PATCH", url = "https://x.example/y?a=b&c", headers = { ["If-Match"] = '"etag"' },
        body = core.patch.new():remove "/a" })
  end)

  it("gets a token that the others use", function()
    assert.equal([[
AEP_ACCESS_TOKEN=$(curl -sS -X POST https://ims.example/ims/token/v3 \
  --data-urlencode grant_type=client_credentials \
  --data-urlencode client_id=client \
  --data-urlencode "client_secret=$AEP_CLIENT_SECRET" \
  --data-urlencode scope=openid,AdobeID |
  sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')]],
      command_of({ method = "POST", url = "https://ims.example/ims/token/v3" }, nil, { token = true }))
  end)

  it("comes to the same words for every byte", function()
    local bytes = {}
    for byte = 1, 127 do bytes[#bytes + 1] = string.char(byte) end
    local text = table.concat(bytes) .. "äöü€😀\u{85}'\"'\"$HOME`id`\\ !"
    local body = { text = text, [text] = core.json.array { text } }
    local words = words_of(command_of { method = "POST", body = body, headers = { ["X-Own"] = "a '\"$x`\\ b" } })
    assert.same(body, core.json.decode(value_after(words, "--data-raw")))
    assert.equal("Authorization: Bearer token", value_after(words, "-H"))
    assert.equal("X-Own: a '\"$x`\\ b", value_after(words, "-H", 6))
  end)

  it("keeps control characters from the terminal", function()
    local text = command_of { method = "POST", body = { a = "\27[31m\127\u{9b}31m" } }
    assert.is_nil(text:find "[\0-\9\11-\31\127]")
    assert.is_nil(text:find("\u{9b}", 1, true))
  end)

  it("puts secrets into JSON as JSON wants them", function()
    local secret = "q\"b\\n\tt'\r$HOME\n\nlast line\n"
    local key = core.secret.new("MY_KEY", "hidden too")
    local body = { auth = { params = { password = "hidden", host = "h", key = key } } }
    local text = command_of { method = "POST", body = body }
    assert.is_nil(text:find("hidden", 1, true))
    local words = words_of(text, { PASSWORD = secret, MY_KEY = "plain" })
    assert.same({ auth = { params = { password = secret, host = "h", key = "plain" } } },
      core.json.decode(value_after(words, "--data-raw")))
    assert.equal("", core.json.decode(value_after(words_of(text, { PASSWORD = "", MY_KEY = "x" }), "--data-raw"))
      .auth.params.password)
  end)

  it("is not taken in by texts that look like secrets", function()
    local words = words_of(command_of { method = "POST", body = { a = "‹secret x›", b = "<0:1>" } })
    assert.same({ a = "‹secret x›", b = "<0:1>" }, core.json.decode(value_after(words, "--data-raw")))
  end)

  it("gives long bodies another way, for an argument has bounds", function()
    local stub = assert(io.open(folder .. "/curl", "w"))
    stub:write "#!/bin/sh\ncat\n"
    stub:close()
    local body = { text = ("$HOME `id` \\ ' \" "):rep(20000), password = "x" }
    local sent = words_of(command_of { method = "POST", body = body } .. "\nprintf '\\0'", { PASSWORD = 'a"$b' })[1]
    body.password = 'a"$b'
    assert.same(body, core.json.decode(sent))
  end)

  it("names variables after secrets", function()
    local names = {}
    local body = { s3SecretKey = "x", SASUri = "x", password = "x", k = core.secret.new("7 up", "x") }
    for name in command_of({ method = "POST", body = body }):gmatch 'json "%$([%w_]+)"' do names[#names + 1] = name end
    table.sort(names)
    assert.same({ "PASSWORD", "S3_SECRET_KEY", "SASURI", "SECRET_7_UP" }, names)
  end)

  it("has the options that a call needs", function()
    local words = words_of(command_of({ method = "HEAD", url = "https://x.example/{a}[1]" },
      { org = "o", client_id = "c", sandbox = "s", cacert = "/my ca.pem" }))
    assert.same({ "-sS", "--head", "--globoff", "https://x.example/{a}[1]", "--cacert", "/my ca.pem" },
      table.move(words, 1, 6, 1, {}))
    words = words_of(command_of { headers = { ["X-Empty"] = "" } })
    assert.equal("X-Empty;", words[#words])
  end)

  it("is printed once for a call that is repeated", function()
    local times = 2
    local here = watched.start({ curl = true }, function()
      times = times - 1
      return times > 0 and 503 or 200, { ["Retry-After"] = "0" }, {}
    end)
    here:client { attempts = 3, token = "t" }:request { path = "/x" }
    here.server.close()
    assert.equal(1, select(2, here:text():gsub("curl %-sS", "")))
  end)
end)
