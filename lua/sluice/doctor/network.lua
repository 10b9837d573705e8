--- The way to the two hosts: names, connections, TLS; and the time they tell.

local core = require "sluice.core"
local service_time = require "sluice.service_time"

local LARGEST = 1024 * 1024 -- bytes of an answer to nobody's question
local SKEW = 60 -- seconds by which clocks may differ: kept tokens are not believed beyond that (see sluice.tokens)

--- What libcurl says when there is no answer, and what to do about it; %s and %p speak of the proxy.
local PROBLEMS = {
  { "resolve proxy", "the name of the proxy is not known: see %s" },
  { "Unsupported proxy", "the proxy is given in a way that is not understood: see %s" },
  { "resolve host", "the name is not known here: check how it is written, the name server, and whether a proxy is "
    .. "needed (https_proxy)" },
  { "not yet valid", "a certificate that is not valid yet: is this machine's clock right?" },
  { "has expired", "a certificate that has ended: is this machine's clock right?" },
  { "no alternative certificate subject name", "the certificate is for another host: is the URL right?" },
  { "CAfile", "the file of --cacert has to hold certificates in PEM form" },
  { "setting certificate", "the file of --cacert has to hold certificates in PEM form" },
  { "[Cc]ertificate", "the other side could not be verified: where a proxy or company has a CA of its own, "
    .. "--cacert FILE trusts it; on Debian the usual ones come with the package ca-certificates" },
  { "[Ff]ailed to connect", "nobody listens there, or a firewall stands between: is the URL right, %p?" },
  { "CONNECT tunnel", "the proxy lets nobody through: see %s" },
  { "[Tt]imed? ?out", "no answer in time: a firewall may swallow it; %p?" },
}

local PROXIES = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }

--- The variable that names the proxy for https, if one does.
local function proxy()
  for _, variable in ipairs(PROXIES) do
    local value = os.getenv(variable)
    if value and value ~= "" then return variable end
  end
end

local function fill(advice, variable)
  return (advice:gsub("%%%a", { ["%s"] = variable or "the proxy's settings",
    ["%p"] = variable and ("is the proxy right that %s names"):format(variable)
      or "is a proxy needed (https_proxy)" }))
end

local function advice_for(failure)
  for _, problem in ipairs(PROBLEMS) do
    if failure.message:find(problem[1]) then return fill(problem[2], proxy()) end
  end
  return failure.hint
end

--- Asks for nothing in particular: any answer shows that the way is open.
local function reach(doctor, state, name)
  local url = state.hosts[name]
  local began = core.task.now()
  local ok, answer = pcall(core.http.request, { url = url .. "/", cacert = state.options.cacert, max_body = LARGEST,
    timeout = tonumber(state.options.timeout) })
  if ok then
    local told = service_time.parse(answer.headers.date)
    state.off = state.off or {}
    state.off[name] = told and core.task.time() // 1 - told | 0 -- now: the other host may take its time
    local through = url:find "^https" and proxy()
    return doctor.ok("%s answers, %s%s%.0f ms", url, url:find "^https" and "TLS verified, " or "",
      through and ("proxy of %s, "):format(through) or "", (core.task.now() - began) * 1000)
  end
  if not core.error.is(answer, "http") then return doctor.refused(answer) end
  local shown = require("sluice.config").shown_url(url)
  return doctor.failed(doctor.NETWORK, ("%s: %s"):format(shown, answer.message), advice_for(answer))
end

local function span(seconds)
  if seconds < 120 then return ("%d s"):format(seconds) end
  if seconds < 7200 then return ("%d min"):format(seconds // 60) end
  return seconds < 172800 and ("%d h"):format(seconds // 3600) or ("%d days"):format(seconds // 86400)
end

local function clock(doctor, state)
  local known = state.off or {}
  local off = known.platform or known["token service"]
  if not off then return doctor.skipped "no service has told its time" end
  if math.abs(off) <= SKEW then return doctor.ok("as the service's, within %s", span(math.max(math.abs(off), 1))) end
  local message = ("%s %s the service's"):format(span(math.abs(off)), off > 0 and "ahead of" or "behind")
  return doctor.failed(doctor.CONFIGURATION, message,
    "set it, for kept tokens and certificates are judged by it: timedatectl set-ntp true")
end

return function(doctor)
  local function add(name, run, needs) table.insert(doctor.checks, { name = name, run = run, needs = needs }) end
  for _, name in ipairs { "token service", "platform" } do
    add(name, function(state) return reach(doctor, state, name) end, { "libraries" })
  end
  add("clock", function(state) return clock(doctor, state) end)
end
