--- What there is on this machine: the program, its libraries, the configuration and who can read it.

local core = require "sluice.core"

local OTHERS = 63 -- rights of group and others: 0077

--- "libcurl/7.88.1 OpenSSL/3.0.19 …" → "libcurl 7.88.1 with OpenSSL 3.0.19 and nghttp2 1.52.0".
local function curl_version(text)
  local parts = {}
  for name, version in text:gmatch "([%w_-]+)/([%w.]+)" do parts[#parts + 1] = { name, version } end
  if #parts == 0 then return text end
  local words = { "libcurl " .. parts[1][2] }
  for i, part in ipairs(parts) do
    if i == 2 or part[1] == "nghttp2" then words[#words + 1] = part[1] .. " " .. part[2] end
  end
  return table.concat(words, " with ", 1, 2) .. (words[3] and " and " .. words[3] or "")
end

local function library_words(library)
  if library.name == "libcurl" then return curl_version(library.version) end
  local number = library.version:match "%d[%w.]*"
  return number and library.name .. " " .. number or library.name
end

local ESSENTIAL = { libcurl = true, libcrypto = true } -- without the others there is just no emulator, or no prompt

local function libraries(doctor)
  local words, missing, packages, serious = {}, {}, {}, false
  for _, library in ipairs(core.library.versions()) do
    if library.problem then
      missing[#missing + 1] = ("%s, needed for %s: %s"):format(library.name, library.purpose, library.problem)
      packages[#packages + 1] = library.package
      serious = serious or ESSENTIAL[library.name]
    else
      words[#words + 1] = library_words(library)
    end
  end
  if #missing == 0 then return doctor.ok(table.concat(words, ", ")) end
  local message, advice = table.concat(missing, "; "), "apt install " .. table.concat(packages, " ")
  return serious and doctor.failed(doctor.CONFIGURATION, message, advice) or doctor.warning(message, advice)
end

-- ── configuration ──────────────────────────────────────────────────────────────────────────────────────────

--- Connects as any command would, and keeps what that found out. Nothing is sent.
local function connect(state)
  local sluice = require "sluice"
  return sluice.connect { observe = function(settings)
    local others = require("sluice.defaults").observe
    if others then others(settings) end
    state.settings = settings
  end }
end

--- Does the file hold a secret that others can read?
local function open_secret(path)
  local found = path and core.files.look(path)
  if not found or found.mode & OTHERS == 0 then return nil, found end
  local file, secret = require "sluice.config.file", require "sluice.secret"
  local identity = file.parse(assert(file.read(path)), path)
  local kept = identity.client_secret or identity.token
  return kept ~= nil and not secret.is_reference(kept), found
end

local function configuration(doctor, state)
  local ok, aep = pcall(connect, state)
  if not ok then
    if core.error.is(aep, "config") then
      aep.hint = aep.hint or "'sluice config import FILE' makes a profile, 'sluice help config' tells more"
    end
    error(aep, 0)
  end
  state.aep = aep
  local settings = state.settings
  local is_open, found = open_secret(settings.file)
  local message = settings.source .. (found and (", mode %04o"):format(found.mode) or "")
  if is_open then
    return doctor.warning(message .. ": others can read the secret in it", "chmod go= " .. settings.file)
  end
  return doctor.ok(message)
end

--- Which of the two hosts are meant, also where there are no credentials.
local function hosts(doctor, state)
  local usual = require("sluice.config").USUAL
  local function host(field, variable)
    local settings = state.settings
    if settings then return settings[field] end
    local set = os.getenv(variable)
    return state.options[field] or (set ~= "" and set) or usual[field]
  end
  state.hosts = { platform = host("base_url", "AEP_BASE_URL"), ["token service"] = host("ims_url", "AEP_IMS_URL") }
  local settings = state.settings
  if not settings then
    local shown = require("sluice.config").shown_url
    return doctor.ok("%s, tokens from %s", shown(state.hosts.platform), shown(state.hosts["token service"]))
  end
  local function origin(field) return settings.origins[field]:match "^[^,]+" end -- without its file
  return doctor.ok("%s (%s), tokens from %s (%s)", settings.base_url, origin "base_url", settings.ims_url,
    origin "ims_url")
end

return function(doctor)
  local function add(name, run, needs) table.insert(doctor.checks, { name = name, run = run, needs = needs }) end
  add("program", function() return doctor.ok("sluice %s, %s", core.version, _VERSION) end)
  add("libraries", function() return libraries(doctor) end)
  add("configuration", function(state) return configuration(doctor, state) end)
  add("hosts", function(state) return hosts(doctor, state) end)
end
