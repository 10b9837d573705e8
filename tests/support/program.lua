--- Runs the built program as a user would: a shell, files for its output, a clean environment. Loopback only.

local core = require "sluice.core"

local M = {}

M.PATH = assert(os.getenv "SLUICE", "SLUICE must name the built program; tests/run.sh sets it")
M.SECRET = "sentinel-secret-7c1f" -- given as every secret; must never come out anywhere

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- A new empty folder, removed by M.clean.
local folders = {}
function M.folder()
  local pipe <close> = assert(io.popen "mktemp -d")
  folders[#folders + 1] = pipe:read "l"
  return folders[#folders]
end

--- Removes all folders made so far.
function M.clean()
  for _, folder in ipairs(folders) do os.execute("rm -rf " .. quote(folder)) end
  folders = {}
end

function M.read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a" or nil
end

--- Writes a file, with folder and name given apart; gives its path.
function M.write(folder, name, content)
  local path = folder .. "/" .. name
  local file <close> = assert(io.open(path, "wb"))
  file:write(content)
  return path
end

--- Credentials that any emulated service takes.
M.CREDENTIALS = {
  AEP_ORG_ID = "0123456789ABCDEF01234567@AdobeOrg", AEP_CLIENT_ID = "client-id", AEP_CLIENT_SECRET = M.SECRET,
  AEP_SCOPES = "openid",
}

--- A ready-made token in place of a secret: no token service is asked.
M.TOKEN = {
  AEP_ORG_ID = "0123456789ABCDEF01234567@AdobeOrg", AEP_CLIENT_ID = "client-id", AEP_ACCESS_TOKEN = M.SECRET,
}

local function command_line(folder, words, options)
  local line = { "env -i " .. (options.signals or "--default-signal=INT") .. ' PATH="$PATH" HOME=' .. quote(folder) }
  for _, variables in ipairs { options.env or {}, options.secrets or {} } do
    for name, value in pairs(variables) do line[#line + 1] = name .. "=" .. quote(value) end
  end
  line[#line + 1] = quote(options.program or M.PATH)
  for _, word in ipairs(words) do line[#line + 1] = quote(word) end
  return table.concat(line, " ")
end

--- Runs the program to its end; after a minute it is taken for stuck.
---@param words string[] its command line
---@param options? { env: table, secrets: table, stdin: string, program: string, prefix: string }
---@return { code: integer, out: string, err: string }
function M.run(words, options)
  options = options or {}
  local folder = M.folder()
  local input = options.stdin and M.write(folder, "in", options.stdin) or "/dev/null"
  local _, _, code = os.execute(("%s timeout 60 %s <%s >%s/out 2>%s/err"):format(options.prefix or "",
    command_line(folder, words, options), input, folder, folder))
  return { code = code, out = M.read(folder .. "/out"), err = M.read(folder .. "/err") }
end

--- Waits until `ready()` gives something; gives nil after about ten seconds.
local function wait_for(ready)
  for _ = 1, 500 do
    local value = ready()
    if value then return value end
    core.task.sleep(0.02) -- tasks of the test go on
  end
end

local Process = {}
Process.__index = Process

--- Starts the program beside the test.
---@param words string[]
---@param options? table as for M.run, and `signals`, an option of env; SIGINT has its default action without it
---@return table process with `wait`, `signal`, `out`, `err`
function M.start(words, options)
  local folder = M.folder()
  local line = "(%s </dev/null >%s/out 2>%s/err & echo $! >%s/pid; wait $!; echo $? >%s/code) 2>/dev/null &"
  os.execute(line:format(command_line(folder, words, options or {}), folder, folder, folder, folder))
  local pid = wait_for(function() return (M.read(folder .. "/pid") or ""):match "%d+" end)
  return setmetatable({ folder = folder, pid = assert(pid) }, Process)
end

---@param name string such as "INT"
function Process:signal(name)
  os.execute(("kill -%s %s 2>/dev/null"):format(name, self.pid))
end

--- Waits for the end; gives the exit code, or nil when it does not end.
function Process:wait()
  return math.tointeger(wait_for(function() return (M.read(self.folder .. "/code") or ""):match "%d+" end))
end

--- Waits until its output (or its errors) hold the text.
function Process:says(text, stream)
  return wait_for(function()
    return (M.read(self.folder .. "/" .. (stream or "out")) or ""):find(text, 1, true) ~= nil
  end) or false
end

--- Ends it, when the test's block ends.
function Process:__close()
  self:signal "TERM"
  self:wait()
end

function Process:output() return M.read(self.folder .. "/out") end
function Process:errors() return M.read(self.folder .. "/err") end

--- Starts `sluice emulate` on a free port.
---@param words? string[] further options
---@return table process with `url` and `port`
function M.emulate(words)
  local port_file = M.folder() .. "/port"
  local process = M.start { "emulate", "--port-file", port_file, table.unpack(words or {}) }
  process.port_file = port_file
  process.port = assert(wait_for(function() return (M.read(port_file) or ""):match "%d+" end), process:errors())
  process.url = "http://127.0.0.1:" .. process.port
  return process
end

--- Starts a server that behaves badly; see tests/support/bad_server.pl for the ways.
---@param way string
---@return table process with `url`
function M.bad_server(way)
  local process = M.start({ "tests/support/bad_server.pl", way }, { program = "perl" })
  assert(process:says "\n", process:errors())
  process.url = "http://127.0.0.1:" .. process:output():match "%d+"
  return process
end

return M
