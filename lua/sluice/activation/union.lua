--- Are the attributes there? Their paths against the sandbox's union schema (XSR), their identities against its
--- namespaces (ACT). It costs two requests, so it is done only when it is asked for.

local core = require "sluice.core"
local findings = require "sluice.findings"
local suggest = require "sluice.suggest"
local tasks = require "sluice.tasks"

local M = {}

local SCHEMA = { path = "/data/foundation/schemaregistry/tenant/unions/_xdm.context.profile__union",
  headers = { Accept = "application/vnd.adobe.xed-full+json; version=1" } }
local NAMESPACES = { path = "/data/core/idnamespace/identities", headers = { Accept = "application/json" } }

--- Paths that are no paths of the schema: the membership's stand for every audience, the identities' are checked by
--- their namespace.
local ELSEWHERE = { "^segmentMembership%.", "^identityMap%." }

local function fields_of(node)
  local names = {}
  for name in pairs(type(node.properties) == "table" and node.properties or {}) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- One step down a schema (derived: a.b → properties.a.properties.b). The entries of a map have any name.
local function step(node, name)
  local properties = type(node.properties) == "table" and node.properties or {}
  if type(properties[name]) == "table" then return properties[name] end
  return type(node.additionalProperties) == "table" and node.additionalProperties or nil
end

--- What a path leads to; what is wrong where it leads nowhere.
local function follow(schema, path)
  local node, way = schema, {}
  for name in path:gmatch "[^.]+" do
    local below = step(node, name)
    local above = #way > 0 and table.concat(way, ".") or "the schema"
    if not below and node.type == "array" then
      return nil, ("%s is a list, whose entries cannot be exported one by one"):format(above)
    elseif not below and #fields_of(node) == 0 then
      return nil, ("%s is a single value, there is no %s in it"):format(above, suggest.quote(name))
    elseif not below then
      local near = suggest.nearest(name, fields_of(node))
      return nil, ("%s has no %s; %s"):format(above, suggest.quote(name), near
        and ("did you mean %s?"):format(suggest.quote(near)) or "it has " .. suggest.some(fields_of(node)))
    end
    way[#way + 1], node = name, below
  end
  return node
end

local function is_elsewhere(path)
  for _, pattern in ipairs(ELSEWHERE) do
    if path:find(pattern) then return true end
  end
  return false
end

--- Checks one path against a union schema.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the path
---@param path string
---@param schema table the schema with its `properties` in full
function M.check_path(report, place, path, schema)
  if is_elsewhere(path) then return end
  local node, problem = follow(schema, path)
  if not node then
    report:error(place, "XSR", "is not in the union schema of profiles: %s", problem)
  elseif #fields_of(node) > 0 then
    report:error(place, "XSR,derived", "is a group of fields, not a value; name one of them: %s",
      suggest.some(fields_of(node)))
  elseif node.type == "array" or type(node.additionalProperties) == "table" then
    report:warning(place, "GRD,UI", "is a %s: the guardrails say that lists and maps are not exported, a newer page "
      .. "has a beta for lists with JSON and Parquet", node.type == "array" and "list" or "map")
  end
end

--- Checks one identity against the sandbox's namespaces.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the identity
---@param code string
---@param namespaces { code: string }[]
function M.check_identity(report, place, code, namespaces)
  local codes = {}
  for i, namespace in ipairs(namespaces) do
    if namespace.code == code then return end
    codes[i] = tostring(namespace.code)
  end
  local near = suggest.nearest(code, codes)
  report:error(place, "ACT", "there is no identity namespace %s; %s", suggest.quote(code),
    near and ("did you mean %s?"):format(suggest.quote(near)) or "the sandbox has " .. suggest.some(codes))
end

--- Reads a document. What the credentials may not read, or the service does not have, cannot be compared: that is
--- said, and no failure.
local function read(aep, report, place, request, what)
  local ok, answer = pcall(aep.request, aep, request)
  if ok and type(answer) == "table" then return answer end
  local missing = not ok and (core.error.is(answer, "service") or core.error.is(answer, "auth"))
    and (answer.status == 403 or answer.status == 404)
  if not ok and not missing then error(answer, 0) end
  report:warning(place, "XSR", "could not be compared with %s: %s", what,
    ok and "the answer holds none" or tostring(answer.message))
end

--- An entry's path or identity, and where it stands.
local function parts_of(attribute, place)
  if type(attribute) ~= "table" then return attribute, place end
  if attribute.identity ~= nil then return nil, findings.at(place, "identity"), attribute.identity end
  return attribute.path, findings.at(place, "path")
end

local function has_identities(attributes)
  for _, attribute in ipairs(attributes) do
    if type(attribute) == "table" and attribute.identity ~= nil then return true end
  end
  return false
end

--- Checks attributes against what the sandbox has.
---@param aep table a connection
---@param report sluice.report receives the findings
---@param place string JSON pointer of the list
---@param attributes table[] checked by `sluice.activation.attribute`
function M.check(aep, report, place, attributes)
  if #attributes == 0 then return end
  local schema, namespaces = tasks.all {
    function() return read(aep, report, place, SCHEMA, "the union schema of profiles") end,
    function()
      if not has_identities(attributes) then return nil end
      return read(aep, report, place, NAMESPACES, "the identity namespaces")
    end,
  }
  for i, attribute in ipairs(attributes) do
    local path, at, identity = parts_of(attribute, findings.at(place, i))
    if identity and namespaces then
      M.check_identity(report, at, identity, namespaces)
    elseif path and schema then
      M.check_path(report, at, path, schema)
    end
  end
end

return M
