--- Marketing actions, /data/foundation/dulepolicy/marketingActions: what the policy of a dataflow refers to
-- [ACT, AEPP]. The sources know the form of a reference; actions and answers here are invented.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local request = require "sluice.emulator.request"

local json = core.json

local M = {}

local ROOT = "/data/foundation/dulepolicy/marketingActions"

local ACTIONS = {
  core = { "analytics", "crossSiteTargeting", "dataScience", "emailTargeting", "exportToThirdParty",
    "onsitePersonalization" },
  custom = { "newsletter", "partnerMailing", "printedCatalog" },
}

local function action(kind, name)
  return { name = name, description = ("Example action %s"):format(name),
    _links = { self = { href = ("%s/%s/%s"):format(ROOT, kind, name) } } }
end

local function known(kind, name)
  for _, candidate in ipairs(ACTIONS[kind]) do
    if candidate == name then return true end
  end
  return false
end

local function existing(kind, rq)
  if known(kind, rq.id) then return rq.id end
  errors.problem(404, "Not Found", ("no %s marketing action is named '%s'"):format(kind, rq.id))
end

--- GET of all of a kind.
---@param kind "core"|"custom"
---@return function handler
function M.list(kind)
  return function()
    local children = json.array {}
    for i, name in ipairs(ACTIONS[kind]) do children[i] = action(kind, name) end
    return 200, { children = children, _page = { count = #children }, _links = {} }
  end
end

--- GET of one.
---@param kind "core"|"custom"
---@return function handler
function M.get(kind)
  return function(rq) return 200, action(kind, existing(kind, rq)) end
end

--- GET …/constraints, which references name: no policy is violated here.
---@param kind "core"|"custom"
---@return function handler
function M.constraints(kind)
  return function(rq)
    local name = existing(kind, rq)
    return 200, { marketingActionRef = ("%s/%s/%s"):format(ROOT, kind, name), imsOrg = rq.scope.org,
      timestamp = rq.now, duleLabels = json.array {}, violatedPolicies = json.array {} }
  end
end

local function check_reference(rq, reference, pointer)
  local kind, name = tostring(reference):match("^/dulepolicy/marketingActions/(%l+)/([^/]+)/constraints$")
  if type(reference) ~= "string" or not ACTIONS[kind] then
    errors.invalid(pointer, "expected /dulepolicy/marketingActions/custom/<name>/constraints, or core")
  end
  if rq.options.marketing_check == "known" and not known(kind, name) then
    errors.invalid(pointer, "no %s marketing action is named '%s'", kind, name)
  end
end

--- Checks the policy of a dataflow.
---@param rq sluice.emulator.Request
---@param policy any
--- Refuses anything but `{enforcementRefs: [reference…]}`; the service's texts are UNKNOWN.
function M.check_policy(rq, policy)
  if policy == nil then return end
  if not request.is_object(policy) or not json.is_array(policy.enforcementRefs) then
    errors.invalid("/policy", "expected {enforcementRefs: []}")
  end
  for i, reference in ipairs(policy.enforcementRefs) do
    check_reference(rq, reference, ("/policy/enforcementRefs/%d"):format(i - 1))
  end
end

return M
