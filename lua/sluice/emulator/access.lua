--- Who may do what: /data/foundation/access-control/acl [ACL], and the refusals of the Flow Service that
-- follow. The option `permissions` says what the client holds.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local request = require "sluice.emulator.request"

local json = core.json

local M = {}

-- The names that are known [ACL, EFF]. Those of View Segments, View Identity Graph and dataset activation are
-- UNKNOWN, so nothing asks for them.
local PERMISSIONS = { "activate-destinations", "manage-datasets", "manage-destinations", "manage-profiles",
  "view-datasets", "view-destinations", "view-identity-namespaces", "view-monitoring-dashboard",
  "view-profiles", "view-sandboxes", "view-schemas" }
local RESOURCE_TYPES = { "connections", "datasets", "destinations", "profiles", "segments" }

local function held(options)
  local set, text = {}, options.permissions
  if text == "all" then text = table.concat(PERMISSIONS, ",") end
  for name in text:gmatch("[^,%s]+") do set[name] = true end
  return set
end

-- What a permission means for resources: view-… reads, manage-… does all. That of segments is UNKNOWN.
local function actions(options, resource)
  if options.permissions == "all" then return json.array { "read", "write", "delete" } end
  local set = held(options)
  if set["manage-" .. resource] then return json.array { "read", "write", "delete" } end
  return set["view-" .. resource] and json.array { "read" } or nil
end

local function contains(list, value)
  for _, element in ipairs(list) do
    if element == value then return true end
  end
  return false
end

--- POST /acl/effective-policies: an array of names; what is not held is left out of the answer. [ACL]
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.effective_policies(rq)
  local body, policies, set = request.json(rq.body), {}, held(rq.options)
  if not json.is_array(body) then errors.problem(400, "BadRequestError", "expected an array of names") end
  for _, name in ipairs(body) do
    local kind, rest = tostring(name):match("^/([%w-]+)/([%w-]+)$")
    if kind == "permissions" and set[rest] then
      policies[name] = json.array { "*" }
    elseif kind == "resource-types" and contains(RESOURCE_TYPES, rest) then
      policies[name] = actions(rq.options, rest)
    end
  end
  return 200, { policies = json.object(policies) }
end

local function links(kind, names)
  local map = {}
  for _, name in ipairs(names) do map[name] = { href = ("/%s/%s"):format(kind, name) } end
  return map
end

--- GET /acl/reference: names and links [ACL]; how a link looks is UNKNOWN.
---@return integer status, table body
function M.reference()
  return 200, { permissions = links("permissions", PERMISSIONS),
    ["resource-types"] = links("resource-types", RESOURCE_TYPES) }
end

local VIEW, MANAGE, ACTIVATE = "view-destinations", "manage-destinations", "activate-destinations"

-- Managing covers reading; activating needs one of the two besides. [ACH, T] That every PATCH of a dataflow
-- counts as activating is the emulator's reading.
local NEEDS = {
  read = { { VIEW, MANAGE } },
  manage = { { MANAGE } },
  activate = { { VIEW, MANAGE }, { ACTIVATE } },
}

local function check(options, action)
  if options.permissions == "all" then return end
  local set = held(options)
  for _, alternatives in ipairs(NEEDS[action]) do
    local found = false
    for _, name in ipairs(alternatives) do found = found or set[name] == true end
    if not found then errors.refuse("2118-403", "needed: %s", table.concat(alternatives, " or ")) end
  end
end

--- Makes a handler ask for permissions first.
---@param action "read"|"manage"|"activate"
---@param handler function
---@return function handler refuses with 2118-403 what the client may not do [ERR]
function M.needing(action, handler)
  return function(rq)
    check(rq.options, action)
    return handler(rq)
  end
end

return M
