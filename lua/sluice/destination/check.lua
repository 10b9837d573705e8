--- What a destination's definition must look like: the check of name, type, credentials and target, by the
--- catalog. Audiences and attributes are checked by `activation`.

local core = require "sluice.core"
local attribute = require "sluice.activation.attribute"
local audience = require "sluice.activation.audience"
local catalog = require "sluice.catalog"
local findings = require "sluice.findings"
local suggest = require "sluice.suggest"

local M = {}

local KEYS = {
  "name", "description", "type", "flow_spec", "auth", "target", "audiences", "attributes",
  "datasets", "schedule", "folder", "marketing_actions",
}

local function keys_with(first, params)
  local keys = { first }
  for _, param in ipairs(params) do keys[#keys + 1] = param.name end
  return keys
end

-- ── choosing by the keys given ─────────────────────────────────────────────────────────────────────────────

--- Can a table of params be of this kind? Exactly: nothing unknown, nothing missing. Roughly: nothing
--- unknown.
local function fits(given, params, selector, exactly)
  for key in pairs(given) do
    if key ~= selector and not catalog.named(params, key) then return false end
  end
  for _, param in ipairs(exactly and params or {}) do
    if param.required and given[param.name] == nil then return false end
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

--- The auth spec a definition means: the one it names, or the only one its keys leave.
local function auth_spec_of(system, auth)
  if auth.spec == nil then return only_fitting(auth, system.auth, "spec") end
  for _, spec in ipairs(system.auth) do
    if auth.spec == spec.name or auth.spec == spec.also then return spec end
  end
end

-- ── values ─────────────────────────────────────────────────────────────────────────────────────────────────

local function has_form(value, form)
  if #value < form.min or #value > (form.max or math.huge) then return false end
  if not value:match(form.match) then return false end
  for _, pattern in ipairs(form.never or {}) do
    if value:match(pattern) then return false end
  end
  return true
end

--- Checks one value. A secret's own value is out of sight; a wrong plain value of a secret param is never
--- shown.
local function check_value(report, place, param, value)
  if core.secret.is(value) then return end
  if param.number then
    if math.type(value) ~= "integer" then
      report:error(place, param.source, "expected an integer, got %s", suggest.quote(value))
    end
    return
  end
  if param.secret and type(value) ~= "string" then
    report:error(place, param.source, "expected a secret or text")
    return
  end
  if not report:text(place, value, "text", param.source) then return end
  local form = param.form
  if form and not has_form(value, form) then
    local shown = param.secret and "" or ", got " .. suggest.quote(value)
    report[form.level](report, place, form.source, "expected %s%s", form.says, shown)
  end
  if param.only and value ~= param.only then
    report:error(place, param.source, "expected %s, got %s", suggest.quote(param.only), suggest.quote(value))
  end
end

--- Checks the params of an auth spec or a target mode.
local function check_params(report, place, given, params, selector, of, source)
  report:object(place, given, keys_with(selector, params), source)
  for _, param in ipairs(params) do
    local value = given[param.name]
    if value ~= nil then
      check_value(report, findings.at(place, param.name), param, value)
    elseif param.required then
      report:error(findings.at(place, param.name), param.source or source, "missing: required by %s", of)
    end
  end
end

-- ── the parts ──────────────────────────────────────────────────────────────────────────────────────────────

local function check_auth(report, system, auth)
  if #system.auth == 0 then
    if auth ~= nil then report:error("/auth", system.source, "%s takes no credentials", system.title) end
    return nil
  end
  if type(auth) ~= "table" then
    report:error("/auth", system.source, "%sexpected a table with the credentials of %s",
      auth == nil and "missing: " or "", system.title)
    return nil
  end
  local spec = auth_spec_of(system, auth)
  if spec then
    check_params(report, "/auth", auth, spec.params, "spec", suggest.quote(spec.name), spec.source)
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

local function check_mode(report, system, target, spec)
  local names = catalog.names(system.modes)
  local mode = catalog.named(system.modes, target.mode)
  if not mode then
    report:error("/target/mode", system.source, "%s has no target mode %s; %s", system.title,
      suggest.quote(target.mode), suggest.expected(target.mode, names))
  elseif spec and spec.mode ~= target.mode then
    report:error("/target/mode", system.source, "%s does not go with the credentials %s; expected %s",
      suggest.quote(target.mode), suggest.quote(spec.name), suggest.quote(spec.mode))
    return nil -- what its params should be is open
  end
  return mode
end

local function check_target(report, system, target, spec)
  if type(target) ~= "table" then
    report:error("/target", system.source, "%sexpected a table that says where the files go",
      target == nil and "missing: " or "")
    return nil
  end
  local mode
  if target.mode ~= nil then
    mode = check_mode(report, system, target, spec)
  elseif spec then
    mode = catalog.named(system.modes, spec.mode)
  else
    mode = #system.modes == 1 and system.modes[1] or nil
  end
  if mode then
    local of = "mode " .. suggest.quote(mode.name)
    check_params(report, "/target", target, mode.params, "mode", of, mode.source)
  end
  return mode
end

local function check_type(report, type_name)
  local system = type(type_name) == "string" and catalog.systems[type_name] or nil
  if not system then
    local what = type_name == nil and "missing" or "unknown destination type " .. suggest.quote(type_name)
    report:error("/type", "T", "%s: %s", what, suggest.expected(type_name, catalog.keys))
  end
  return system
end

--- Checks a whole definition.
---@param definition any
---@param today string|nil YYYY-MM-DD, default today in UTC
---@return sluice.report report
---@return { system: table, auth: table, mode: table }|nil chosen what the definition means; nil when there
---  are errors
function M.check(definition, today)
  local report = findings.new()
  if not report:object("", definition, KEYS) then return report end
  report:text("/name", definition.name, "a name for the dataflow", "D")
  local system = check_type(report, definition.type)
  local spec, mode
  if system then
    spec = check_auth(report, system, definition.auth)
    mode = check_target(report, system, definition.target, spec)
  end
  local opts = { shape = system and (system.shape or "legacy"), today = today }
  audience.check(report, "/audiences", definition.audiences or {}, opts)
  attribute.check(report, "/attributes", definition.attributes or {}, opts)
  if #report:only "error" > 0 then return report end
  return report, { system = system, auth = spec, mode = mode }
end

return M
