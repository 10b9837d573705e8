--- `sluice config list|show|set|import|remove`: profiles, and what is used now.

local output = require "sluice.cli.output"

local M = {
  name = "config",
  summary = "list, show, make and change profiles",
  usage = "[options] list|show|set|import|remove [WORD…]",
  arguments = {
    { name = "ACTION", optional = true, help = "list, show, set, import or remove" },
    { name = "WORD", optional = true, many = true, help = "what the action is about, see below" },
  },
  options = {
    { name = "--as", value = "NAME", help = "import: the profile to make (by default the file's name)" },
    { name = "--replace", help = "import: in place of a profile that is there" },
    { name = "--with-secret", help = "import: write the file's client secret, too; set: ask for it, and write it" },
    { name = "--yes", help = "remove: do not ask" },
    table.unpack(output.options),
  },
  notes = [[
list                    the profiles
show                    what is used now, and where it comes from
show NAME               what a profile holds
set NAME KEY=VALUE…     change a profile or make one; KEY= takes a key away
import FILE             make a profile of a credential file: aepp's JSON, a
                        Developer Console workspace or credential, a Postman
                        environment
remove NAME             remove a profile

Keys: org_id, client_id, secret, scopes, sandbox-name, environment, base_url,
ims_url, protected. The profile 'default' is used when nothing else brings
credentials. A secret is a reference, env:NAME, file:PATH or cmd:PROGRAM, and
is itself written only with --with-secret; it is never shown. Profiles lie in
~/.config/sluice/profiles (below $XDG_CONFIG_HOME if that is set), where nobody
else can read what this command has written.

With protected=true every write asks for the sandbox's name, whatever command,
recipe or line at the prompt it comes from, unless --yes-production NAME says
it.
]],
  example = "sluice config import workspace.json --as stage\nsluice config set stage sandbox-name=dev protected=true\n"
    .. "sluice config show stage",
}

local function modules()
  return require "sluice.config.profile", require "sluice.core", require "sluice.suggest"
end

local function files(folder) return require("sluice.host").files(folder) end

local function usage_error(message, ...) require("sluice.cli.command").usage_error(M, message:format(...)) end

-- ── what is told of a profile ──────────────────────────────────────────────────────────────────────────────

--- What may be known of a secret.
local function secret_of(identity)
  local kept = identity.client_secret
  if kept and require("sluice.secret").is_reference(kept) then return kept end
  if kept then return "kept in the file" end
  return identity.token and "none, but an access token" or "none"
end

local function document_of(profile)
  local identity = profile.identity
  local function url(field) return identity[field] and require("sluice.config").shown_url(identity[field]) end
  return { name = profile.name, file = profile.path, form = identity.form, org = identity.org,
    client_id = identity.client_id, secret = secret_of(identity), sandbox = identity.sandbox,
    scopes = require("sluice.config.file").scopes(identity.scopes), base_url = url "base_url",
    ims_url = url "ims_url", protected = identity.protected or false, open_to_others = profile.open_to_others }
end

local ROWS = { { "profile", "name" }, { "file", "file" }, { "form", "form" }, { "organisation", "org" },
  { "client", "client_id" }, { "secret", "secret" }, { "scopes", "scopes" }, { "sandbox", "sandbox" },
  { "platform", "base_url" }, { "token service", "ims_url" }, { "protected", "protected" } }

local SAID = { [true] = "yes", [false] = "no" }

local function lines_of(rows)
  local clean, lines = require "sluice.terminal.clean", {}
  for _, row in ipairs(rows) do
    local value = SAID[row[2]] or row[2]
    if value ~= nil then lines[#lines + 1] = ("%-15s%s"):format(row[1], clean.line(tostring(value))) end
  end
  return table.concat(lines, "\n") .. "\n"
end

local function warn_of_others(values, profile)
  if profile.open_to_others and secret_of(profile.identity) == "kept in the file" then
    output.note(values, ("others can read the secret in %s; close it: chmod go= %s"):format(profile.path,
      require("sluice.cli.text").shell(profile.path)))
  end
end

local function tell(values, profile)
  local document, rows = document_of(profile), {}
  for i, row in ipairs(ROWS) do rows[i] = { row[1], document[row[2]] } end
  output.value(values, document, lines_of(rows))
  warn_of_others(values, profile)
end

-- ── looking ────────────────────────────────────────────────────────────────────────────────────────────────

local COLUMNS = {}
for i, name in ipairs { "name", "sandbox", "protected", "org", "client_id", "secret", "file", "problem" } do
  COLUMNS[i] = { name = name, get = function(item) return item[name] end, cut = i > 3,
    extra = name == "org" or name == "file" }
end
COLUMNS[3].show = function(value) return SAID[value] end

--- A profile that cannot be read is listed with what is wrong with it.
local function row_of(name)
  local profiles = modules()
  local ok, profile = pcall(profiles.load, name)
  if ok and profile then return document_of(profile) end
  return { name = name, problem = ok and "its file is not there" or tostring(profile) }
end

local function list(values)
  local profiles = modules()
  local rows, problem, i = {}, false, 0
  for at, name in ipairs(profiles.names(files)) do
    rows[at] = row_of(name)
    problem = problem or rows[at].problem ~= nil
  end
  local columns = table.move(COLUMNS, 1, problem and #COLUMNS or #COLUMNS - 1, 1, {})
  local function next_row()
    i = i + 1
    return rows[i]
  end
  output.rows(values, columns, next_row, ("there are no profiles in %s; 'sluice config import FILE' makes one"):format(
    profiles.folder() or "any folder: neither XDG_CONFIG_HOME nor HOME is set"))
end

--- What a run without options would use.
local function show_used(values)
  local settings = require("sluice.config").resolve { secretless = function() return true end }
  local from = settings.origins
  local secret = settings.token and "an access token in its place" or settings.client_secret and "found" or "none"
  local function placed(field) return ("%s, from %s"):format(settings[field], from[field]) end
  output.value(values, { source = settings.source, file = settings.file, org = settings.org,
    client_id = settings.client_id, secret = secret, scopes = settings.scopes, sandbox = settings.sandbox,
    base_url = settings.base_url, ims_url = settings.ims_url, origins = from, protected = settings.protected },
    lines_of { { "credentials", settings.source }, { "organisation", settings.org }, { "client", settings.client_id },
      { "secret", secret }, { "scopes", settings.scopes }, { "sandbox", placed "sandbox" },
      { "platform", placed "base_url" }, { "token service", placed "ims_url" },
      { "protected", settings.protected } })
end

local function show(values, words)
  if #words > 1 then usage_error("show takes one NAME, got %d", #words) end
  if not words[1] then return show_used(values) end
  local profiles = modules()
  tell(values, profiles.get(words[1], files))
end

-- ── changing ───────────────────────────────────────────────────────────────────────────────────────────────

local function tell_written(values, name, closed)
  local profiles = modules()
  if closed then output.note(values, closed .. " was open to others; it is closed now") end
  tell(values, profiles.get(name, files))
end

local function changes_of(words)
  local _, _, suggest = modules()
  local changes = {}
  for i = 2, #words do
    local key, value = words[i]:match "^([^=]+)=(.*)$"
    if not key then usage_error("%s: expected KEY=VALUE, such as sandbox-name=dev", suggest.quote(words[i])) end
    changes[i - 1] = { key, value }
  end
  return changes
end

--- The secret that is to be written, typed or piped in.
local function asked_secret(name)
  local _, core = modules()
  if not core.terminal.is "stdin" then return core.secret.stdin "client secret" end
  return core.secret.new("client secret", core.secret.prompt("Client secret of profile " .. name))
end

--- A profile that is not there yet begins as nothing; one without a client would be a misspelt name.
local function beginning(name, changes)
  local profiles, core, suggest = modules()
  local named = {}
  for _, change in ipairs(changes) do named[profiles.key(change[1]).name] = true end
  if named.org_id and named.client_id then return {} end
  local near = suggest.nearest(name, profiles.names(files))
  core.error.raise("config", ("there is no profile %s%s"):format(suggest.quote(name),
    near and (", did you mean %s?"):format(suggest.quote(near)) or ""),
    { hint = "a new one needs org_id=… and client_id=…, or comes from a file: sluice config import FILE" })
end

local function set(values, words)
  local profiles = modules()
  local name, changes = words[1], changes_of(words)
  if not name then usage_error "set needs NAME and KEY=VALUE" end
  if #changes == 0 and not values.with_secret then usage_error("set %s: expected KEY=VALUE", name) end
  local _, closed = profiles.edit(name, function(profile)
    local document = profile and profile.document or beginning(name, changes)
    if values.with_secret then table.insert(changes, { "secret", asked_secret(name) }) end
    profiles.change(document, changes, profile and profile.identity.form)
    return document
  end)
  tell_written(values, name, closed)
end

--- A profile's name from that of a file.
local function name_of(path)
  local name = path:match "([^/]+)$":gsub("%.json$", ""):gsub("%.postman_environment$", ""):gsub("[^%w_-]+", "-")
  return (name:gsub("^%-+", ""):gsub("%-+$", ""))
end

local LEFT_OUT = {
  secret = "the client secret was not written; give a reference (sluice config set %s secret=cmd:…), set "
    .. "AEP_CLIENT_SECRET, or import with --with-secret",
  token = "the access token was not written, for it lasts a day at most; profile %s needs a client secret",
}

local function import(values, words)
  local profiles, core, suggest = modules()
  local path, reader = words[1], require "sluice.config.file"
  if #words ~= 1 then usage_error("import takes one FILE, got %d", #words) end
  local name = values.as or name_of(path)
  if name == "" then usage_error("%s gives no name for a profile; say one with --as", suggest.quote(path)) end
  local content, reason = reader.read(path)
  if not content then core.error.raise("config", ("file %s cannot be read: %s"):format(path, reason)) end
  local identity = reader.parse(content, path)
  identity.name = path
  require("sluice.config").check(identity)
  local document, left_out = profiles.of_identity(identity, values.with_secret or false)
  local _, closed = profiles.edit(name, function(profile)
    if profile and not values.replace then
      core.error.raise("config", ("there is a profile %s already"):format(suggest.quote(name)),
        { hint = "--replace puts this one in its place, --as NAME gives another name" })
    end
    if profile and document.protected == nil then document.protected = profile.identity.protected end
    return document
  end)
  tell_written(values, name, closed)
  if left_out then output.note(values, LEFT_OUT[left_out]:format(name)) end
end

local function remove(values, words)
  local profiles, core = modules()
  if #words ~= 1 then usage_error("remove takes one NAME, got %d", #words) end
  local name = words[1]
  local path = require("sluice.config").profile_path(name, os.getenv)
  if not (path and core.files.look(path)) then profiles.get(name, files) end -- says that there is none
  if not require("sluice.cli.confirm").ask(values, ("remove profile %s (%s)?"):format(name, path)) then return 1 end
  profiles.remove(name)
  output.note(values, ("profile %s is removed"):format(name))
end

-- ── the command ────────────────────────────────────────────────────────────────────────────────────────────

local ACTIONS = { "list", "show", "set", "import", "remove" }
local RUN = { list = list, show = show, set = set, import = import, remove = remove }

--- Which action an option belongs to.
local ONLY = { { "as", "import" }, { "replace", "import" }, { "yes", "remove" } }

local function check(values)
  local action = values.ACTION
  if not RUN[action] then
    local expected = require("sluice.suggest").expected(action, ACTIONS)
    usage_error("%s%s", action and ("no action '%s': "):format(action) or "the action is missing: ", expected)
  end
  for _, pair in ipairs(ONLY) do
    if values[pair[1]] and action ~= pair[2] then usage_error("--%s goes with %s", pair[1], pair[2]) end
  end
  if values.with_secret and action ~= "import" and action ~= "set" then
    usage_error "--with-secret goes with import and set"
  end
  if action == "list" and values.WORD then usage_error "list takes no NAME; show does" end
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = require("sluice.cli.command").read(M, words)
  if not values then return 0 end
  check(values)
  return RUN[values.ACTION](values, values.WORD or {}) or 0
end

return M
