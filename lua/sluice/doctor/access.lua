--- What the credentials let somebody do: a token, the sandbox, permissions, and what the service shows with them.

local core = require "sluice.core"
local suggest = require "sluice.suggest"
local tokens = require "sluice.tokens"

-- ── token ──────────────────────────────────────────────────────────────────────────────────────────────────

--- The scopes that credentials for the platform usually have (auth.md §2, PMENV); which ones a credential needs is
--- for the Developer Console to say.
local SCOPES = { "openid", "session", "AdobeID", "read_organizations", "additional_info.projectedProductContext" }

local function missing_scopes(settings)
  local held, missing = {}, {}
  for scope in (settings.scopes or ""):gmatch "[^,%s]+" do held[scope] = true end
  for _, scope in ipairs(SCOPES) do
    if not held[scope] then missing[#missing + 1] = scope end
  end
  return missing
end

local function minutes(seconds)
  if seconds < 7200 then return ("%d min"):format(seconds // 60) end
  return ("%d h"):format(seconds // 3600)
end

local function token(doctor, state)
  local settings = state.settings
  local kept = not settings.token and settings.token_cache ~= false and tokens.find(settings) or nil
  state.aep.client:authorise()
  if settings.token then return doctor.ok "ready-made; the service judges it below" end
  local message = "got a new one"
  if kept and kept.seconds > 0 then message = ("kept, good for another %s"):format(minutes(kept.seconds)) end
  local missing = missing_scopes(settings)
  if #missing == 0 then return doctor.ok(message) end
  return doctor.warning(("%s; without the usual scopes %s"):format(message, table.concat(missing, ", ")),
    "compare the scopes with those of the credential in the Developer Console")
end

-- ── sandbox ────────────────────────────────────────────────────────────────────────────────────────────────

local function sandbox_words(doctor, state, found)
  local message = ("%s, %s, %s"):format(found.name, tostring(found.type), tostring(found.state))
  if found.state ~= "active" then
    return doctor.failed(doctor.REFUSED, message, "wait until it is active, or use another: --sandbox NAME")
  elseif state.settings.protected then
    return doctor.ok(message .. "; the profile is protected")
  end
  return doctor.ok(message)
end

local function sandbox(doctor, state)
  local name, names = state.settings.sandbox, {}
  for found in state.aep.sandboxes:each() do
    if found.name == name then return sandbox_words(doctor, state, found) end
    names[#names + 1] = tostring(found.name)
  end
  local near = suggest.nearest(name, names)
  return doctor.failed(doctor.REFUSED, ("%s is none of the sandboxes that these credentials may use: %s"):format(
    suggest.quote(name), #names > 0 and suggest.some(names) or "there are none"),
    near and ("did you mean --sandbox %s?"):format(near) or "choose one with --sandbox NAME or AEP_SANDBOX")
end

--- Whoever may not see the list learns from what follows whether the sandbox is the right one.
local function sandbox_if_told(doctor, state)
  local ok, found = pcall(sandbox, doctor, state)
  if ok then return found end
  if core.error.is(found, "service") and found.status == 403 and not found.hint then
    return doctor.warning(("%s; the service does not list sandboxes to these credentials"):format(
      state.settings.sandbox), "the checks below show whether it works")
  end
  return doctor.refused(found)
end

-- ── permissions ────────────────────────────────────────────────────────────────────────────────────────────

--- The permissions whose names are known (auth.md §5), and what each is for (activation.md §7, ACH). One that is
--- `covered` comes with another, one that is `optional` is for some destinations only.
local PERMISSIONS = {
  { "view-destinations", "to see accounts, connections and dataflows", covered = "manage-destinations" },
  { "manage-destinations", "to create, change and delete them" },
  { "activate-destinations", "to activate audiences and export" },
  { "view-profiles", "to choose attributes of profiles", covered = "manage-profiles" },
  { "view-datasets", "to export datasets", covered = "manage-datasets", optional = true },
}

local function path_of(name) return "/permissions/" .. name end

--- What is asked about: the permissions, and those that cover them.
local function paths()
  local list, seen = core.json.array {}, {}
  for _, permission in ipairs(PERMISSIONS) do
    for _, name in ipairs { permission[1], permission.covered } do
      if not seen[name] then list[#list + 1], seen[name] = path_of(name), true end
    end
  end
  return list
end

--- What tells whether one is held: it then comes with a list of what it allows, else it is left out.
local function ask(state)
  local answer = state.aep:request { method = "POST", body = paths(), repeatable = true,
    path = "/data/foundation/access-control/acl/effective-policies" }
  local held = type(answer) == "table" and type(answer.policies) == "table" and answer.policies or {}
  return function(name)
    local allowed = name and held[path_of(name)]
    return type(allowed) == "table" and next(allowed) ~= nil
  end
end

local function permissions(doctor, state)
  local is_held, missing, serious = ask(state), {}, false
  for _, permission in ipairs(PERMISSIONS) do
    if not (is_held(permission[1]) or is_held(permission.covered)) then
      missing[#missing + 1] = ("%s (%s)"):format(permission[1], permission[2])
      serious = serious or not permission.optional
    end
  end
  if #missing == 0 then return doctor.ok "view, manage and activate destinations, view profiles and datasets" end
  local words = "missing: " .. table.concat(missing, ", ")
  return serious and doctor.failed(doctor.REFUSED, words, doctor.ADMINISTRATOR)
    or doctor.warning(words, doctor.ADMINISTRATOR)
end

--- Whoever may not ask what they may do learns it from what follows.
local function permissions_if_told(doctor, state)
  local ok, found = pcall(permissions, doctor, state)
  if ok then return found end
  if core.error.is(found, "service") and found.status == 403 then
    return doctor.warning("the service does not tell them to these credentials", "the checks below show what works")
  end
  return doctor.refused(found)
end

-- ── what the service shows ─────────────────────────────────────────────────────────────────────────────────

local function dataflows(doctor, state)
  local items, more = state.aep.flows:page { limit = 1 }
  local words = more and "there are several" or #items > 0 and "there is one" or "there are none yet"
  return doctor.ok("readable; %s", words)
end

--- The permission View Segments has no name that is known, so that it shows only here.
local function audiences(doctor, state)
  local ok, found = pcall(state.aep.audiences.page, state.aep.audiences, { limit = 1 })
  if ok then return doctor.ok("readable; there are %s", #found > 0 and "some" or "none yet") end
  local outcome = doctor.refused(found)
  if core.error.is(found, "service") and found.status == 403 then
    outcome.advice = "the permission View Segments is missing: an administrator adds it to a role of the credential"
  end
  return outcome
end

--- Which destinations of the catalog the organisation has.
local function connection_specs(doctor, state)
  local catalog, known, count = require "sluice.catalog", {}, 0
  for spec in state.aep.connection_specs:each() do
    known[spec.id], count = true, count + 1
  end
  local lacking = {}
  for _, key in ipairs(catalog.keys) do
    if not known[catalog.systems[key].connection_spec] then lacking[#lacking + 1] = key end
  end
  if count == 0 then
    return doctor.failed(doctor.REFUSED, "the list is empty", "is Real-Time CDP part of the organisation's contract?")
  end
  local words = #lacking == 0 and "all destinations of the catalog among them"
    or "but not for " .. suggest.some(lacking)
  return (#lacking == 0 and doctor.ok or doctor.warning)(("%d, %s"):format(count, words),
    #lacking > 0 and "those destinations are not available in this organisation" or nil)
end

local function flow_specs(doctor, state)
  local count = 0
  for _ in state.aep.flow_specs:each() do count = count + 1 end
  if count > 0 then return doctor.ok("%d", count) end
  return doctor.failed(doctor.REFUSED, "the list is empty", "is Real-Time CDP part of the organisation's contract?")
end

return function(doctor)
  local function add(name, run, needs)
    table.insert(doctor.checks, { name = name, needs = needs, run = function(state) return run(doctor, state) end })
  end
  local served = { "platform", "token", "sandbox" }
  add("token", token, { "configuration", "token service" })
  add("sandbox", sandbox_if_told, { "configuration", "platform", "token" })
  add("permissions", permissions_if_told, served)
  add("dataflows", dataflows, served)
  add("audiences", audiences, served)
  add("connection specs", connection_specs, served)
  add("flow specs", flow_specs, served)
end
