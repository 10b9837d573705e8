--- The container of a Data Landing Zone, /data/foundation/connectors/landingzone: one a sandbox and kind,
-- with credentials that can be renewed. On Azure or on Amazon, as an option says.
local errors = require "sluice.emulator.errors"

local M = {}

local TYPES = { dlz_destination = "dlz-destination", user_drop_zone = "dlz-user-container" }
local DAYS = 7 -- files are deleted after
local LIFETIME = 7 * 86400000 -- milliseconds that credentials last; invented

local function container(rq)
  local name = TYPES[rq.query.type]
  if not name then
    errors.problem(400, "BadRequestError", "type must be dlz_destination or user_drop_zone")
  end
  return name
end

local function folder(rq, name)
  return ("%s-%s"):format(name, rq.ids:digits("zone " .. rq.scope.sandbox_id):sub(1, 12))
end

--- GET of the container. [AEPP]
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.get(rq)
  local name = container(rq)
  if rq.options.landing_zone == "azure" then
    return 200, { containerName = name, containerTTL = tostring(DAYS) }
  end
  return 200, { dlzProvider = "Amazon S3", dlzPath = { dlzFolder = folder(rq, name) },
    dataTTL = { timeUnit = "days", timeQuantity = DAYS } }
end

local function secret(rq, name)
  local renewals = rq.scope.landing_zone or {}
  return rq.ids:digits(("%s %s %s %d"):format(name, rq.query.type, rq.scope.sandbox_id,
    renewals[rq.query.type] or 0))
end

local function azure(rq, name)
  local account = "dlz" .. rq.ids:digits("account " .. rq.scope.org):sub(1, 16)
  local token = ("sv=2020-10-02&sr=c&sp=racwdlm&sig=%s%s"):format(secret(rq, "sas 1"), secret(rq, "sas 2"))
  return { containerName = name, SASToken = token, storageAccountName = account,
    SASUri = ("https://%s.blob.core.windows.net/%s?%s"):format(account, name, token) }
end

local function amazon(rq, name)
  return { dlzProvider = "Amazon S3", expiryTime = (rq.now + LIFETIME) // 1000,
    dlzPath = { bucketName = "dlz-" .. rq.ids:digits("bucket " .. rq.scope.org):sub(1, 12),
      dlzFolder = folder(rq, name) },
    credentials = { awsAccessKeyId = "ASIA" .. secret(rq, "key"):sub(1, 16):upper(),
      awsSecretAccessKey = secret(rq, "secret") .. secret(rq, "rest"):sub(1, 8),
      awsSessionToken = secret(rq, "session 1") .. secret(rq, "session 2") } }
end

--- GET of the credentials.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.credentials(rq)
  local name = container(rq)
  return 200, (rq.options.landing_zone == "azure" and azure or amazon)(rq, name)
end

--- POST …/credentials?action=refresh: others from now on. Documented for Azure; for Amazon UNKNOWN, and the
--- same here.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.refresh(rq)
  container(rq)
  if rq.query.action ~= "refresh" then errors.problem(400, "BadRequestError", "action must be refresh") end
  local renewals = rq.scope.landing_zone or {}
  renewals[rq.query.type] = (renewals[rq.query.type] or 0) + 1
  rq.scope.landing_zone = renewals
  return M.credentials(rq)
end

return M
