--- `sluice emulate`: the emulated service as a server of its own, for curl, other clients and tests.

local core = require "sluice.core"
local command = require "sluice.cli.command"
local fault_help = require "sluice.cli.fault_help"
local options = require "sluice.emulator.options"

local M = {
  name = "emulate",
  summary = "serve an emulated Flow Service and token service on this machine",
  usage = "[options]",
  options = {
    { name = "--port", value = "N", help = "port on 127.0.0.1; 0, the default, takes a free one" },
    { name = "--port-file", value = "FILE", help = "write the port to this file once the server listens" },
  },
  notes = [[
It listens on 127.0.0.1 only, keeps everything in memory and ends with code 0
on Ctrl-C or SIGTERM. Any client ID and secret get a token, and any organisation
that ends in @AdobeOrg is served; --client names the one pair that is let in.
With --clock time stands still until POST /_emulator/clock moves it, with
{"to": "2030-01-31T00:00Z"} or {"advance": "6h"}; GET shows it. On its way
scheduled exports happen: runs, and with --exports DIR their files. Invented,
for no document says it: audiences are evaluated at 03:00 UTC, all counts, and
the rows. GZIP files hold their data uncompressed; for Parquet a text says what
the file would hold.
]],
  example = "sluice emulate --port 8080 --seed 1\nsluice emulate --fault flows.create:nth=1:reset-after --fault busy",
}

M.notes = M.notes .. "\n" .. fault_help.text()

local function flag_of(option) return option.flag or "--" .. option.name:gsub("_", "-") end

for _, option in ipairs(options.list) do
  table.insert(M.options, {
    name = flag_of(option),
    value = option.value or (option.kind == "integer" and "N" or "TEXT"),
    many = option.kind == "list",
    choices = option.values,
    help = option.help .. (option.default and (" (default: %s)"):format(option.default) or ""),
  })
end

local GUIDE = [[
token service and platform share this port; to use it
  sluice   sluice run RECIPE --base-url %s --ims-url %s
           with AEP_ORG_ID=…@AdobeOrg AEP_CLIENT_ID=any AEP_CLIENT_SECRET=any AEP_SCOPES=openid
  curl     curl -d 'grant_type=client_credentials&client_id=any&client_secret=any&scope=openid' \
             %s/ims/token/v3
  others   replace https://platform.adobe.io and https://ims-na1.adobelogin.com by %s
end it with Ctrl-C
]]

local CLOCK = [[
  clock    curl -H 'Content-Type: application/json' -d '{"advance":"6h"}' %s/_emulator/clock
]]

local function guide(server, settings)
  local text = settings.clock and GUIDE:gsub("end it", function(words) return CLOCK .. words end) or GUIDE
  return (text:gsub("%%s", server.url))
end

local function port_of(word)
  local port = word == nil and 0 or word:match "^%d+$" and math.tointeger(tonumber(word))
  if port and port >= 0 and port <= 65535 then return port end
  return command.usage_error(M, ("--port is '%s'; expected a number from 0 to 65535"):format(word))
end

--- Readers see the whole number or no file.
local function write_port(path, port)
  local partial = path .. ".part"
  local file, reason = io.open(partial, "w")
  local ok = file and file:write(port, "\n") and file:close()
  if ok then ok, reason = os.rename(partial, path) end
  if not ok then core.error.raise("usage", ("cannot write the port file: %s"):format(reason or path)) end
end

local function wait_for_signal()
  local ok, err
  repeat
    ok, err = pcall(core.task.sleep, 3600)
  until not ok
  if not core.error.is(err, "interrupted") then error(err, 0) end
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = command.read(M, words)
  if not values then return 0 end
  local settings = { port = port_of(values.port) }
  for _, option in ipairs(options.list) do
    settings[option.name] = values[flag_of(option):sub(3):gsub("-", "_")]
  end
  local server = require("sluice.emulator").start(settings)
  print("listening on " .. server.url)
  io.stdout:flush()
  io.stderr:write(guide(server, settings))
  if values.port_file then write_port(values.port_file, server.port) end
  wait_for_signal()
  server.stop()
  if values.port_file then os.remove(values.port_file) end
  return 0
end

return M
