--- Runs somebody else's chunk in a restricted process of its own, beside an emulated service that keeps a journal.

local child = require "spec.support.child"

local M = {}

local PREAMBLE = [[
local core = require "sluice.core"
local defaults, emulator, restrict = require "sluice.defaults", require "sluice.emulator", require "sluice.restrict"
local server = emulator.start { sandboxes = "prod,dev" }
local second = emulator.start { sandboxes = "prod,dev" }
for name, value in pairs { base_url = server.url, ims_url = server.url, sandbox = "prod", client_id = "emulated",
  org = "0123456789ABCDEF01234567@AdobeOrg", scopes = "openid", token_cache = false,
  client_secret = core.secret.new("client_secret", "emulated-client-secret") } do
  defaults[name] = value
end
local second_host = second.url:match "//(.*)$"
local function calls(of)
  local list = {}
  for _, call in ipairs(of.emulator.journal:list()) do list[#list + 1] = call.method .. " " .. call.path end
  return list
end
local text = io.open("stranger.lua"):read "a"
local permissions = load("local second_host = ...; return " .. (...))(second_host)
local options = load("return " .. (select(2, ...)))()
local src = options.src and require("sluice.source").open(options.src)
local env, trusted = restrict.enter(permissions, src, options)
env.SECOND, env.passed = second.url, {}
function env.try(what, fn, ...)
  local ok, value = pcall(fn, ...)
  local shown = ok and tostring(value) or core.error.is(value) and value.kind .. ": " .. tostring(value.message)
    or tostring(value)
  print(what .. ": " .. (ok and "" or "! ") .. shown)
  return ok and value or nil
end
]]

local RUN = [[
local ok, failure = pcall(src and src:chunk(env) or assert(load(text, "@stranger.lua", "t", env)))
if not ok then print("failed: " .. tostring(failure)) end
]]

local JOURNAL = [[
print "--"
print(table.concat(calls(server), "\n"))
print "--"
print(table.concat(calls(second), "\n"))
]]

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

--- Runs a chunk.
---@param folder string the working directory
---@param permissions string a Lua expression, in which second_host is that of a second service
---@param text string the chunk; `try(what, fn, …)` tells what came of a call, `SECOND` is the second service
---@param options? { options?: string, first?: string, before?: string, after?: string } Lua: an expression for
---  restrict.enter, lines of the house at the beginning, before and after the chunk's run
---@return string[] said lines
---@return string[] calls of the run's service
---@return string[] others of the second service
function M.run(folder, permissions, text, options)
  options = options or {}
  child.write(folder .. "/stranger.lua", text)
  local whole = (options.first or "") .. PREAMBLE .. (options.before or "") .. RUN .. (options.after or "") .. JOURNAL
  local output, code = child.run(folder, whole, permissions, options.options or "{}")
  assert(code == 0, output)
  local said, calls, others = output:match "^(.-)%-%-\n(.-)%-%-\n(.*)$"
  assert(said, output)
  return lines_of(said), lines_of(calls), lines_of(others)
end

return M
