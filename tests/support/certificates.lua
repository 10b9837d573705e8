--- Private certificates, and servers that show them. Everything lives in one folder that `close` removes.

local core = require "sluice.core"

local M = {}

--- A CA, and certificates of it: a good one, one for another host, one whose time is over, one that signs itself.
local MAKE = [[
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca
make() { # NAME SUBJECT_ALT_NAME OPTIONS…
  name=$1 san=$2; shift 2
  openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
  printf 'subjectAltName=%s' "$san" >$name.ext
  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $name.pem -extfile $name.ext "$@"
}
make good IP:127.0.0.1,DNS:localhost -days 2
make other DNS:other.example -days 2
make expired IP:127.0.0.1 -days -1
openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.pem -days 2 -subj /CN=x \
  -addext subjectAltName=IP:127.0.0.1
]]

local Folder = {}
Folder.__index = Folder

--- Makes them.
---@return table folder with `path` and `cacert`
function M.make()
  local pipe <close> = assert(io.popen "mktemp -d")
  local folder = setmetatable({ path = pipe:read "l", pids = {} }, Folder)
  local command = ("cd '%s' && set -e && exec >log 2>&1\n%s"):format(folder.path, MAKE)
  assert(os.execute(command), command)
  folder.cacert = folder.path .. "/ca.pem"
  return folder
end

--- Starts a server in the folder. Its output goes to a pipe that nobody need read; `ready` takes lines until it gives
--- something.
---@param command string of the shell, without a background sign
---@param ready fun(line: string): any
---@return any what ready gave
function Folder:start(command, ready)
  local pipe = assert(io.popen(("cd '%s' && echo $$ && exec %s 2>&1 </dev/null"):format(self.path, command)))
  self.pids[#self.pids + 1] = pipe:read "n"
  self[#self + 1] = pipe -- a closed pipe would end it
  for line in pipe:lines() do
    local value = ready(line)
    if value then return value end
  end
  error(command .. " did not start")
end

--- A server of openssl's own, with one of the certificates.
---@param name "good"|"other"|"expired"|"self"
---@param options? string
---@return string url
function Folder:serve(name, options)
  local command = ("openssl s_server -accept 127.0.0.1:0 -cert %s.pem -key %s.key -www %s"):format(name, name,
    options or "")
  return self:start(command, function(line)
    local port = line:match "^ACCEPT .*:(%d+)$"
    return port and "https://127.0.0.1:" .. port .. "/"
  end)
end

--- A port that is free at this moment.
local function free_port()
  local listener = core.listener.new {}
  local port = listener.port
  listener:close()
  return port
end

--- HTTP/2 in front of a server of HTTP/1.1 (nghttpx, which cannot choose a port).
---@param port integer of the server behind it
---@return integer port
function Folder:front(port)
  local own = free_port()
  local command = ("nghttpx --frontend='127.0.0.1,%d' --backend='127.0.0.1,%d' --workers=1 --no-ocsp --conf=/dev/null "
    .. "-L NOTICE good.key good.pem"):format(own, port)
  self:start(command, function(line) return line:find(("127.0.0.1:%d"):format(own), 1, true) end)
  return own
end

--- Ends the servers.
function Folder:stop()
  for _, pid in ipairs(self.pids) do os.execute("kill " .. pid) end
  while #self > 0 do table.remove(self):close() end
  self.pids = {}
end

--- Ends the servers and removes the folder.
function Folder:close()
  self:stop()
  os.execute(("rm -rf '%s'"):format(self.path))
end

return M
