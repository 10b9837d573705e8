--- `sluice auth status|login|logout`: the access token that is kept for later runs.

local M = {
  name = "auth",
  summary = "show, get or remove the token that is kept for later runs",
  usage = "[options] status|login|logout",
  argument = { name = "ACTION", help = "status, login or logout" },
  options = {
    { name = "--profile", value = "NAME", help = "credentials of ~/.config/sluice/profiles/NAME.json" },
    { name = "--config", value = "FILE", help = "credentials of this file" },
    { name = "--ims-url", value = "URL", help = "another host of the token service (AEP_IMS_URL)" },
    { name = "--cacert", value = "FILE", help = "certificates to trust besides the system's" },
    { name = "--json", help = "print the result as one JSON document" },
  },
  notes = [[
status  tells whose credentials are used, and how long their token lasts
login   gets a token now, whether or not one is kept, and keeps it; asks for the
        client secret at the terminal when it is not configured
logout  removes the token from this machine; at the service it lasts until its
        own end

A run takes the token that is kept, and gets and keeps one when there is none.
Credentials without a client secret do as long as a token is kept. The token
lies below $XDG_STATE_HOME/sluice/tokens, by default ~/.local/state/sluice/
tokens, where nobody else can read it.
]],
  example = "sluice auth status\nsluice auth login --profile stage",
}

local ACTIONS = { "status", "login", "logout" }

-- ── words ──────────────────────────────────────────────────────────────────────────────────────────────────

local function moment(seconds) return os.date("!%Y-%m-%d %H:%M UTC", seconds) end

local function span(seconds)
  if seconds < 60 then return ("%d s"):format(seconds) end
  if seconds < 3600 then return ("%d min"):format(seconds // 60) end
  return ("%d h %d min"):format(seconds // 3600, seconds % 3600 // 60)
end

--- What there is to say of a token, in a word for programs and a sentence for people.
local function describe(settings, entry)
  if settings.token then return { state = "ready-made" }, "ready-made; it is not kept, and its end is not known" end
  if not entry then return { state = "none" }, "none is kept; the next run gets one" end
  local token = { expires = os.date("!%Y-%m-%dT%H:%M:%SZ", entry.expires), seconds = entry.seconds }
  if entry.seconds == 0 then
    token.state = "ended"
    return token, ("ended on %s; the next run gets another one"):format(moment(entry.expires))
  end
  token.state = "kept"
  return token, ("kept until %s, for another %s"):format(moment(entry.expires), span(entry.seconds))
end

-- ── actions ────────────────────────────────────────────────────────────────────────────────────────────────

local function status(settings, tokens)
  local document = { source = settings.source, org = settings.org, client_id = settings.client_id,
    scopes = settings.scopes, ims_url = settings.ims_url, folder = tokens.folder() }
  local token, words = describe(settings, not settings.token and tokens.find(settings) or nil)
  document.token = token
  return document, {
    { "credentials", settings.source }, { "organisation", settings.org }, { "client", settings.client_id },
    { "scopes", settings.scopes }, { "token service", settings.ims_url }, { "token", words },
    { "kept in", document.folder or "no folder: neither XDG_STATE_HOME nor HOME names one" },
  }
end

--- Asks for the secret that is not configured.
local function ask(settings)
  local core = require "sluice.core"
  local ok, typed = pcall(core.secret.prompt, "Client secret of " .. settings.client_id)
  if not ok and core.error.is(typed, "config") then typed.hint = "or set AEP_CLIENT_SECRET" end
  if not ok then error(typed, 0) end
  settings.client_secret = core.secret.new("client secret", typed)
  return true
end

local function login(settings, tokens)
  local core = require "sluice.core"
  if settings.token then
    core.error.raise("config", "a ready-made token is in use, so there is nothing to get one with",
      { hint = "leave AEP_ACCESS_TOKEN out" })
  end
  tokens.attach(settings, { anew = true })
  core.client.new(settings):authorise()
  return status(settings, tokens)
end

local function logout(settings, tokens)
  local entry = tokens.find(settings)
  local removed = tokens.forget(settings)
  local words = "none was kept"
  if removed and entry and entry.seconds > 0 then
    words = ("removed; at the service it lasts until %s"):format(moment(entry.expires))
  elseif removed then
    words = "removed"
  end
  return { removed = removed }, { { "client", settings.client_id }, { "token", words } }
end

local RUN = { status = status, login = login, logout = logout }

-- ── the command ────────────────────────────────────────────────────────────────────────────────────────────

local function print_rows(rows)
  local text = require "sluice.cli.text"
  for _, row in ipairs(rows) do
    if row[2] then io.write(("%-15s%s\n"):format(row[1], text.line(row[2]))) end
  end
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local command = require "sluice.cli.command"
  local values = command.read(M, words)
  if not values then return 0 end
  local run = RUN[values.ACTION]
  if not run then
    local expected = require("sluice.suggest").expected(values.ACTION, ACTIONS)
    command.usage_error(M, values.ACTION and ("no action '%s': %s"):format(values.ACTION, expected)
      or "the action is missing: " .. expected)
  end
  local settings = require("sluice.config").resolve { profile = values.profile, config = values.config,
    ims_url = values.ims_url, cacert = values.cacert,
    secretless = values.ACTION == "login" and ask or function() return true end }
  local document, rows = run(settings, require "sluice.tokens")
  if values.json then
    io.write(require("sluice.core").json.encode(document, { indent = 2 }), "\n")
  else
    print_rows(rows)
  end
  return 0
end

return M
