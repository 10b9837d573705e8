--- TLS against a real server (openssl s_server) with certificates made for the purpose.

local core = require "sluice.core"

local folder, pids

local function shell(command)
  assert(os.execute(("cd '%s' && set -e && exec >log 2>&1\n%s"):format(folder, command)), command)
end

--- A CA, and certificates of it: a good one, one for another host, one whose time is over.
local CERTIFICATES = [[
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca
make() { # NAME SUBJECT_ALT_NAME OPTIONS…
  name=$1 san=$2; shift 2
  openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
  printf 'subjectAltName=%s' "$san" >$name.ext
  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $name.pem -extfile $name.ext "$@"
}
make good IP:127.0.0.1 -days 2
make other DNS:other.example -days 2
make expired IP:127.0.0.1 -days -1
openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.pem -days 2 -subj /CN=x \
  -addext subjectAltName=IP:127.0.0.1
]]

--- Starts a server and gives its URL.
local function serve(name, options)
  local pipe = assert(io.popen(
    ("cd '%s' && echo $$ && exec openssl s_server -accept 127.0.0.1:0 -cert %s.pem -key %s.key -www %s 2>&1 </dev/null")
      :format(folder, name, name, options or "")))
  pids[#pids + 1] = pipe:read "n"
  for line in pipe:lines() do
    local port = line:match "^ACCEPT .*:(%d+)$"
    if port then return "https://127.0.0.1:" .. port .. "/" end
  end
  error "openssl s_server did not start"
end

local function refusal(options)
  local ok, err = pcall(core.http.request, options)
  assert.is_false(ok)
  assert.is_true(core.error.is(err, "http"))
  return tostring(err)
end

describe("TLS", function()
  setup(function()
    local pipe <close> = assert(io.popen "mktemp -d")
    folder, pids = pipe:read "l", {}
    shell(CERTIFICATES)
  end)

  teardown(function()
    for _, pid in ipairs(pids) do os.execute("kill " .. pid) end
    os.execute(("rm -rf '%s'"):format(folder))
  end)

  it("accepts a private CA when it is added, and only then", function()
    local url = serve "good"
    assert.equal(200, core.http.request({ url = url, cacert = folder .. "/ca.pem" }).status)
    assert.matches("certificate", refusal { url = url })
  end)

  it("refuses a certificate that signs itself", function()
    assert.matches("self%-signed", refusal { url = serve "self", cacert = folder .. "/ca.pem" })
  end)

  it("refuses a certificate of another host", function()
    assert.matches("no alternative certificate subject name",
      refusal { url = serve "other", cacert = folder .. "/ca.pem" })
  end)

  it("refuses a certificate whose time is over", function()
    assert.matches("expired", refusal { url = serve "expired", cacert = folder .. "/ca.pem" })
  end)

  it("refuses what is older than TLS 1.2", function()
    assert.matches("protocol version", refusal { url = serve("good", "-tls1_1 -cipher ALL:@SECLEVEL=0"),
      cacert = folder .. "/ca.pem" })
  end)

  it("names a CA file that cannot be read", function()
    assert.matches("ca%-absent.pem", refusal { url = serve "good", cacert = folder .. "/ca-absent.pem" })
  end)
end)
