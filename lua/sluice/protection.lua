--- Protected profiles (`"protected": true`): nothing is written with their credentials before somebody has named the
--- sandbox. The calls themselves are watched, so that no command, recipe or script goes round it; reads are free.

local core = require "sluice.core"
local reading = require "sluice.reading"
local suggest = require "sluice.suggest"

local M = {}

local named = {} -- places that somebody has named in this process
local refused = {} -- by place: what was answered when the name did not come; asked once

--- Many organisations have a sandbox of the same name: it is named for one profile only.
local function place_of(settings) return settings.source .. "\n" .. settings.sandbox end

--- The next write asks again, after one for which the name did not come.
function M.ask_again() refused = {} end

local function refuse(settings, message, hint)
  local failure = core.error.new { kind = "usage", code = "protected", hint = hint,
    message = ("%s is protected, and nothing was written in sandbox %s: %s"):format(settings.source,
      settings.sandbox, message) }
  refused[place_of(settings)] = failure
  error(failure, 0)
end

--- What somebody types. Ctrl-C, which may come at any instruction, is an answer for all tasks that would ask.
local function ask(settings)
  if not settings.ask_production then return nil end
  local place = place_of(settings)
  refused[place] = core.error.new { kind = "interrupted", message = "interrupted" }
  local name = settings.ask_production(settings)
  refused[place] = nil
  return name
end

local OPTION = "--yes-production %s says that you mean it"

--- Makes sure that the sandbox is meant. Raises kind "usage", code "protected".
---@param settings { sandbox: string, source: string, yes_production: string|nil, ask_production: function|nil }
---  ask_production(settings) gives the name that was typed, or nil where there is nobody to ask
function M.check(settings)
  local sandbox, place = settings.sandbox, place_of(settings)
  if named[place] then return end
  if refused[place] then error(refused[place], 0) end
  local name = settings.yes_production
  if name and name ~= sandbox then
    refuse(settings, ("--yes-production names %s"):format(suggest.quote(name)), OPTION:format(sandbox))
  end
  name = name or ask(settings)
  if not name then refuse(settings, "there is no terminal to ask at", OPTION:format(sandbox)) end
  if name ~= sandbox then refuse(settings, "what was typed is not its name", OPTION:format(sandbox)) end
  named[place] = true
end

--- Watches the calls of a client, if its profile is protected. What others answer in place of the service, as a dry run
--- does, is not sent and needs no name.
---@param settings table of `core.client.new`, with `protected`
function M.attach(settings)
  if not settings.protected then return end
  local others = settings.intercept
  settings.intercept = function(request)
    local answer = others and others(request)
    if answer then return answer end
    if not reading.is_read(request.method, request.url:match "^%a+://[^/]*([^?]*)" or "") then M.check(settings) end
  end
end

return M
