--- Base connections: an account at a destination, or the Profile Store.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local params = require "sluice.emulator.params"
local request = require "sluice.emulator.request"
local resource = require "sluice.emulator.resource"

local M = {}

local function auth_spec(spec, name)
  for _, candidate in ipairs(spec.document.authSpec) do
    if candidate.name == name then return candidate end
  end
  errors.refuse("1415-400", "'%s' is not an authentication of %s", tostring(name), spec.document.name)
end

-- The params must hold what the spec requires; authorizedDate is the service's [D]. Without params (a patch
-- may remove them [D]) there is nothing to check. Whether creating tries the credentials is UNKNOWN; the
-- emulator does not.
local function finish_auth(rq, spec, auth)
  if not request.is_object(auth) then errors.invalid("/auth", "expected an object") end
  local chosen = auth_spec(spec, auth.specName)
  local result = { specName = auth.specName }
  if auth.params ~= nil then
    params.check(auth.params, chosen.spec, "/auth/params")
    result.params = { authorizedDate = os.date("!%Y-%m-%d", rq.now // 1000) }
    for key, value in pairs(auth.params) do
      if key ~= "authorizedDate" then result.params[key] = value end
    end
  end
  return result
end

--- Reads the connectionSpec of a POST body.
---@param rq sluice.emulator.Request
---@param body table
---@return sluice.emulator.ConnectionSpec spec
---@return { id: string, version: string } reference to store
--- Refuses an unknown id with the text D gives for connections, a missing version with 422 [D; text UNKNOWN].
function M.spec_of(rq, body)
  local given = body.connectionSpec
  if not request.is_object(given) then errors.invalid("/connectionSpec", "required: {id, version}") end
  local spec = rq.emulator.connection_specs[given.id]
  if not spec then errors.throw(400, { message = "Please provide a valid spec id" }) end
  if given.version == nil then errors.throw(422, { message = "connectionSpec.version is required" }) end
  if given.version ~= spec.document.version then
    errors.invalid("/connectionSpec/version", "expected '%s'", spec.document.version)
  end
  return spec, { id = given.id, version = given.version }
end

-- Files of a card whose document names an encryption take that one, in the form entities show: {specName,
-- params} [ACT, D]. How it is created is UNKNOWN; for the tutorial's cards, of which no document is printed,
-- any object will do.
local function check_encryption(spec, encryption)
  if encryption == nil then return end
  if not request.is_object(encryption) then errors.invalid("/encryption", "expected an object") end
  if spec.family ~= "v2" then return end
  local offered = spec.document.encryptionSpecs[1]
  if not offered then errors.invalid("/encryption", "%s offers none", spec.document.name) end
  if encryption.specName ~= offered.name then
    errors.invalid("/encryption/specName", "expected '%s'", offered.name)
  end
  params.check(encryption.params, offered.spec, "/encryption/params")
end

local function create(rq, body)
  local spec, reference = M.spec_of(rq, body)
  local item = { connectionSpec = reference }
  if body.auth ~= nil then
    item.auth = finish_auth(rq, spec, body.auth)
    if item.auth.params == nil then errors.invalid("/auth/params", "required with auth") end
  elseif #spec.document.authSpec > 0 then
    errors.invalid("/auth", "%s requires one", spec.document.name)
  end
  check_encryption(spec, body.encryption)
  item.encryption = body.encryption
  return item
end

local function update(rq, _, new)
  local spec = rq.emulator.connection_specs[new.connectionSpec.id]
  if new.auth ~= nil then new.auth = finish_auth(rq, spec, new.auth) end
  check_encryption(spec, new.encryption)
  return new
end

-- ERR 1418: only flows hold a base connection.
-- Source and target connections left behind by a deletion are UNKNOWN.
local function refuse_delete(rq, item)
  for _, record in ipairs(rq.scope:newest "flows") do
    for _, kind in ipairs { "source", "target" } do
      for _, id in ipairs(record.item[kind .. "ConnectionIds"]) do
        local used = rq.scope:find(kind .. "Connections", id)
        if used and used.item.baseConnectionId == item.id then
          errors.refuse("1418-400", "flow %s uses base connection %s", record.item.id, item.id)
        end
      end
    end
  end
end

M.definition = {
  name = "connections",
  fields = resource.fields { connectionSpec = "object", auth = "object", encryption = "object" },
  writable = { name = true, description = true, auth = true, encryption = true },
  create = create, update = update, refuse_delete = refuse_delete,
}

--- GET /connections/{id}/test [F]. The emulator never reaches a destination, so every stored account passes.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.test(rq)
  rq.scope:get("connections", rq.id)
  return 200, { result = true }
end

--- GET /connections/{id}/explore [F]: an array; nothing lies behind an emulated account.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.explore(rq)
  rq.scope:get("connections", rq.id)
  return 200, core.json.array {}
end

--- GET /connections/{id}/configs [F]: an array like that of explore.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.configs(rq)
  rq.scope:get("connections", rq.id)
  return 200, core.json.array {}
end

return M
