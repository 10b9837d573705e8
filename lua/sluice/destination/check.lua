--- What a destination's definition must look like: the check of type, credentials and target, by the catalog or,
--- where it was read, by the organisation's spec document. Audiences and attributes are checked by `activation`.

local attribute = require "sluice.activation.attribute"
local audience = require "sluice.activation.audience"
local catalog = require "sluice.catalog"
local extras = require "sluice.destination.extras"
local findings = require "sluice.findings"
local schema = require "sluice.schema"
local suggest = require "sluice.suggest"
local values = require "sluice.destination.values"

local M = {}

--- The keys of a definition.
M.KEYS = {
  "name", "description", "type", "flow_spec", "auth", "target", "audiences", "attributes",
  "datasets", "schedule", "folder", "marketing_actions",
}

-- ── choosing by the keys given ─────────────────────────────────────────────────────────────────────────────

--- Can a table of params be of this kind? Exactly: nothing unknown, nothing missing. Roughly: nothing
--- unknown.
local function fits(given, params, selector, exactly)
  for key in pairs(given) do
    if key ~= selector and not catalog.named(params, key) then return false end
  end
  for _, param in ipairs(exactly and params or {}) do
    if param.required and not param.from and given[param.name] == nil then return false end
  end
  return true
end

local function only_fitting(given, kinds, selector)
  for _, exactly in ipairs { true, false } do
    local chosen, count = nil, 0
    for _, kind in ipairs(kinds) do
      if fits(given, kind.params, selector, exactly) then chosen, count = kind, count + 1 end
    end
    if count == 1 then return chosen end
  end
end

--- The auth spec a definition means: the one it names, or the only one there is, or the only one its keys leave.
local function auth_spec_of(system, auth)
  if auth.spec == nil then
    return #system.auth == 1 and system.auth[1] or only_fitting(auth, system.auth, "spec")
  end
  for _, spec in ipairs(system.auth) do
    if auth.spec == spec.name or auth.spec == spec.also then return spec end
  end
end

-- ── the parts ──────────────────────────────────────────────────────────────────────────────────────────────

--- Tells where the spec document differs from the catalog.
local function tell(report, differences)
  for _, difference in ipairs(differences or {}) do
    report:warning(difference.place, difference.source, difference.message)
  end
end

local function check_joined(report, place, entry, given)
  if entry.schema then schema.check_joined(report, place, entry.schema, given) end
end

local function check_auth(report, system, auth, kind)
  if #system.auth == 0 then
    if auth ~= nil then report:error("/auth", system.source, "%s takes no credentials: leave it out", system.title) end
    return nil
  end
  if type(auth) ~= "table" then
    report:error("/auth", system.source, "%sexpected a table with the credentials of %s",
      auth == nil and "missing: " or "", system.title)
    return nil
  end
  local spec = auth_spec_of(system, auth)
  if spec then
    values.check(report, "/auth", auth, { params = spec.params, selector = "spec", of = suggest.quote(spec.name),
      source = spec.source, kind = kind })
    tell(report, spec.differences)
    check_joined(report, "/auth", spec, auth)
    return spec
  end
  local names = catalog.names(system.auth)
  if auth.spec ~= nil then
    report:error("/auth/spec", system.source, "%s has no auth spec %s; %s", system.title,
      suggest.quote(auth.spec), suggest.expected(auth.spec, names))
  else
    report:error("/auth/spec", system.source, "missing, and the other keys do not settle it: %s",
      suggest.expected(nil, names))
  end
end

--- The modes that can be named.
local function mode_names(system)
  local names = {}
  for _, mode in ipairs(system.modes) do names[#names + 1] = mode.name end
  return names
end

local function named_mode(report, system, target, spec)
  local names = mode_names(system)
  local mode = catalog.named(system.modes, target.mode)
  if not mode and #names == 0 then
    report:error("/target/mode", system.source, "the targets of %s have no mode: leave it out", system.title)
  elseif not mode then
    report:error("/target/mode", system.source, "%s has no target mode %s; %s", system.title,
      suggest.quote(target.mode), suggest.expected(target.mode, names))
  elseif spec and spec.mode and spec.mode ~= target.mode and catalog.named(system.modes, spec.mode) then
    report:error("/target/mode", system.source, "%s does not go with the credentials %s; expected %s",
      suggest.quote(target.mode), suggest.quote(spec.name), suggest.quote(spec.mode))
    return nil -- what its params should be is open
  end
  return mode
end

--- The mode that follows from the credentials, or the only one that the catalog knows, or the only one there is.
local function implied_mode(report, system, spec)
  local known = system.type and catalog.systems[system.type].modes or {}
  local mode = spec and catalog.named(system.modes, spec.mode)
    or #known == 1 and catalog.named(system.modes, known[1].name)
  if mode or #system.modes == 1 then return mode or system.modes[1] end
  if spec or #system.auth == 0 then
    report:error("/target/mode", system.source, "missing: %s", suggest.expected(nil, mode_names(system)))
  end
end

--- The target as it will be sent, as far as it can be known.
local function with_defaults(target, mode)
  local full = { mode = mode.name }
  for _, param in ipairs(mode.params) do full[param.name] = param.default end
  for key, value in pairs(target) do full[key] = value end
  return full
end

local function check_target(report, system, target, spec, kind)
  if type(target) ~= "table" then
    report:error("/target", system.source, "%sexpected a table that says where the %s go",
      target == nil and "missing: " or "", system.shape == "streaming" and "events" or "files")
    return nil
  end
  local mode
  if target.mode ~= nil and not catalog.named(system.modes[1].params, "mode") then
    mode = named_mode(report, system, target, spec)
  else
    mode = implied_mode(report, system, spec)
  end
  if mode then
    local of = mode.name and "mode " .. suggest.quote(mode.name) or system.title
    values.check(report, "/target", target, { params = mode.params, selector = "mode", of = of, source = mode.source,
      kind = kind })
    values.check_doubts(report, "/target", target, mode.doubts)
    tell(report, mode.differences)
    check_joined(report, "/target", mode, with_defaults(target, mode))
  end
  return mode
end

-- ── the type ───────────────────────────────────────────────────────────────────────────────────────────────

local LATER = "%s is not in the catalog: credentials and target are checked by its spec document, with a connection"

--- The system a type means. Keys of the catalog are lower case; any other text can be the ID or the exact name of
--- a connection spec that only the service knows.
local function system_of(report, type_name)
  local keys = catalog.keys_of(type_name)
  if #keys > 1 then
    report:error("/type", "derived", "%s is the name of several destinations: expected %s", suggest.quote(type_name),
      suggest.either(keys))
  end
  if #keys > 0 then return #keys == 1 and catalog.systems[keys[1]] or nil end
  if type(type_name) == "string" and type_name:find "[^%l%d-]" or M.is_id(type_name) then
    if report:text("/type", type_name, "a destination") then
      report:warning("/type", "derived", LATER, suggest.quote(type_name))
    end
    return nil
  end
  local what = type_name == nil and "missing" or "unknown destination type " .. suggest.quote(type_name)
  report:error("/type", "T", "%s: %s", what, suggest.expected(type_name, catalog.keys))
end

--- Is this the ID of a spec?
---@param text any
---@return boolean
function M.is_id(text)
  return type(text) == "string" and text:find "^%x+%-%x+%-%x+%-%x+%-%x+$" ~= nil and #text == 36
end

local function check_replaced(report, system)
  local by = system.replaced_by
  if by then
    report:warning("/type", by.source, "Adobe moved the destinations of this card to a newer one by July 2023: use %s",
      suggest.quote(by.type))
  end
end

--- Of a destination that is not known yet, only the types of the parts can be told.
local function check_roughly(report, definition)
  if definition.auth ~= nil and type(definition.auth) ~= "table" then
    report:error("/auth", nil, "expected a table with credentials")
  end
  if type(definition.target) ~= "table" then
    report:error("/target", nil, "%sexpected a table that says where the files go",
      definition.target == nil and "missing: " or "")
  end
end

--- The checks of credentials and of a target, for what is changed by itself.
---@type fun(report: sluice.report, system: sluice.catalog.system, auth: any, kind: "audiences"|"datasets"):
---  sluice.catalog.auth|nil
M.check_auth = check_auth
---@type fun(report: sluice.report, system: sluice.catalog.system, target: any, spec: sluice.catalog.auth|nil, kind:
---  "audiences"|"datasets"): sluice.catalog.mode|nil
M.check_target = check_target

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

--- Could the organisation's spec document clear the definition of all its errors? It decides on credentials and
--- target; the catalog only knows what the sources say of them.
---@param definition any
---@param report sluice.report of a check by the catalog
---@return boolean
function M.is_contestable(definition, report)
  local errors = report:only "error"
  for _, finding in ipairs(errors) do
    if not (finding.place:find "^/auth%f[/%z]" or finding.place:find "^/target%f[/%z]") then return false end
  end
  return #errors > 0 and #catalog.keys_of(definition.type) == 1
end

--- Audiences and attributes. What is said of them hangs on the shape alone, so that it holds for a second check.
---@return { shape: string|nil, findings: sluice.finding[] }
local function check_exports(definition, present, before)
  if before and before.shape == present.shape then return before end
  local report = findings.new()
  audience.check(report, "/audiences", definition.audiences or {}, present)
  attribute.check(report, "/attributes", definition.attributes or {}, present)
  return { shape = present.shape, findings = report }
end

--- Checks a whole definition.
---@param definition any
---@param opts { today: string|nil, now: integer|nil, system: sluice.catalog.system|nil, before: table|nil }|nil today:
---  YYYY-MM-DD, now: Unix seconds, default the clock's; system: what `demands` made of the organisation's spec
---  document, in place of the catalog's entry; before: what an earlier check of this definition made of it
---@return sluice.report report
---@return { system: table|nil, auth: table|nil, mode: table|nil, kind: "audiences"|"datasets", exports: table|nil }|nil
---  chosen what the definition means; nil when there are errors; no `system` where only the service knows it
function M.check(definition, opts)
  opts = opts or {}
  local report = findings.new()
  if not report:object("", definition, M.KEYS) then return report end
  extras.check_texts(report, definition)
  local kind = definition.datasets ~= nil and "datasets" or "audiences"
  local system = opts.system or system_of(report, definition.type)
  local spec, mode
  if system then
    check_replaced(report, system)
    tell(report, system.differences)
    spec = check_auth(report, system, definition.auth, kind)
    mode = check_target(report, system, definition.target, spec, kind)
  else
    check_roughly(report, definition)
  end
  local present = { shape = system and system.shape, today = opts.today, now = opts.now }
  extras.check_datasets(report, definition, system, kind, present)
  local exports
  if kind == "audiences" then
    exports = check_exports(definition, present, opts.before and opts.before.exports)
    table.move(exports.findings, 1, #exports.findings, #report + 1, report)
  end
  if #report:only "error" > 0 then return report end
  return report, { system = system, auth = spec, mode = mode, kind = kind, exports = exports }
end

return M
