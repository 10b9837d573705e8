--- The gateway in front of the platform's services: token, api key, organization, sandbox, content type.
-- The order in which it looks is UNKNOWN; this is the order in which TRB lists the errors.
local errors = require "sluice.emulator.errors"

local M = {}

local function refuse(rq, code)
  errors.gateway(code, rq.options.gateway_code)
end

-- An empty header counts as missing.
local function header(rq, name)
  local value = rq.headers[name]
  return value and value:find("%S") and value or nil
end

local function check_token(rq)
  local authorization = header(rq, "authorization")
  if not authorization then refuse(rq, "403010") end
  local scheme, text = authorization:match("^%s*(%S+)%s+(%S+)%s*$")
  if rq.plan and rq.plan.expired and text then rq.emulator.tokens:forget(text) end
  local token = scheme and scheme:lower() == "bearer" and rq.emulator.tokens:find(text, rq.wall)
  return token or refuse(rq, "401013")
end

local function check_api_key(rq, token)
  local key = header(rq, "x-api-key")
  if not key then refuse(rq, "403000") end
  if key ~= token.client_id then refuse(rq, "403003") end
end

-- A token belongs to the organization it is first used with; in another it is refused like a foreign one.
local function check_org(rq, token)
  local org = header(rq, "x-gw-ims-org-id")
  if not org then refuse(rq, "400003") end
  if not org:match("^[^@%s]+@AdobeOrg$") then refuse(rq, "403027") end
  token.org = token.org or org
  if token.org ~= org then refuse(rq, "403025") end
  return org
end

--- Checks token, key and organization. [TRB, D]
---@param rq sluice.emulator.Request
---@return string org
---@return string client_id
function M.identify(rq)
  local token = check_token(rq)
  check_api_key(rq, token)
  return check_org(rq, token), token.client_id
end

--- Reads the sandbox headers.
---@param rq sluice.emulator.Request
---@return string name `prod` when absent, if the options say so
--- Refuses with 2105-400 (missing), 2100-404 (unknown), 2110-400 (x-sandbox-id), 2111-403 (`*`). [ERR]
function M.sandbox(rq)
  if header(rq, "x-sandbox-id") then errors.refuse("2110-400", "send x-sandbox-name") end
  local name = header(rq, "x-sandbox-name")
  if not name then
    if rq.options.sandbox_header == "required" then errors.refuse("2105-400", "send x-sandbox-name") end
    name = "prod"
  end
  if name == "*" then errors.refuse("2111-403", "name one sandbox") end
  if not rq.emulator.sandboxes[name] then errors.refuse("2100-404", "no sandbox is named '%s'", name) end
  return name
end

--- Checks the content type of a request with a body. [TRB]
---@param rq sluice.emulator.Request
function M.check_content_type(rq)
  if rq.body == "" then return end
  local media_type = (rq.headers["content-type"] or ""):lower():match("^%s*([^;%s]*)")
  if media_type ~= "application/json" then
    errors.problem(400, "BadRequestError", "A valid content-type must be specified")
  end
end

return M
