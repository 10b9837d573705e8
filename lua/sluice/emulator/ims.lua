--- The token endpoint of the identity service: OAuth server-to-server. Answers follow the developer reference
-- of that credential; the bodies of its refusals are UNKNOWN and follow OAuth (RFC 6749 §5.2).
local errors = require "sluice.emulator.errors"
local request = require "sluice.emulator.request"

local M = {}

local MAX_TOKENS = 10000 -- the oldest token is forgotten first

---@class sluice.emulator.Token
---@field client_id string who asked for it
---@field expires integer milliseconds
---@field org? string organization of its first use; it serves no other

local Tokens = {}
Tokens.__index = Tokens

--- Makes an empty set of tokens.
---@param ids table source of token texts
---@return table tokens
function M.tokens(ids)
  return setmetatable({ ids = ids, by_text = {}, texts = {}, first = 1, last = 0 }, Tokens)
end

local function issue(tokens, client_id, expires)
  local name = tokens.ids:next("token")
  local part = function(n) return tokens.ids:digits(("%s %d"):format(name, n)) end
  local text = table.concat({ part(1), part(2), part(3) }, ".") -- three parts, as a JWT has
  tokens.last = tokens.last + 1
  tokens.texts[tokens.last], tokens.by_text[text] = text, { client_id = client_id, expires = expires }
  if tokens.last - tokens.first >= MAX_TOKENS then
    tokens.by_text[tokens.texts[tokens.first]], tokens.texts[tokens.first] = nil, nil
    tokens.first = tokens.first + 1
  end
  return text
end

--- Finds a token that is still good.
---@param text string
---@param now integer milliseconds
---@return sluice.emulator.Token? token
function Tokens:find(text, now)
  local token = self.by_text[text]
  return token and token.expires > now and token or nil
end

--- Ends a token before its time.
---@param text string
function Tokens:forget(text) self.by_text[text] = nil end

local function refuse(status, code, description)
  errors.throw(status, { error = code, error_description = description })
end

-- The four values come in the body, in the query, or in both.
local function parameters(rq)
  local values = {}
  for _, pair in ipairs(request.pairs(rq.query_text)) do values[pair.name] = pair.value end
  if rq.body == "" then return values end
  local media_type = (rq.headers["content-type"] or ""):lower():match("^%s*([^;%s]*)")
  if media_type ~= "application/x-www-form-urlencoded" then
    refuse(400, "invalid_request", "the body must be application/x-www-form-urlencoded")
  end
  for _, pair in ipairs(request.pairs(rq.body)) do values[pair.name] = pair.value end
  return values
end

local function given(values, name)
  return values[name] ~= nil and values[name] ~= ""
end

--- POST /ims/token/v3: 200 `{access_token, token_type, expires_in}`, expires_in in seconds.
---@param rq sluice.emulator.Request without scope
---@return integer status, table body
--- Any client id and secret get a token, unless the option `client` names the one pair that does. Scopes are
--- not checked.
function M.token(rq)
  local values = parameters(rq)
  for _, name in ipairs { "grant_type", "client_id", "client_secret" } do
    if not given(values, name) then refuse(400, "invalid_request", name .. " is missing") end
  end
  if values.grant_type ~= "client_credentials" then
    refuse(400, "unsupported_grant_type", "grant_type must be client_credentials")
  end
  local pair = rq.options.client
  if pair and pair ~= values.client_id .. ":" .. values.client_secret then
    refuse(401, "invalid_client", "client id or secret is wrong")
  end
  local lifetime = rq.options.token_lifetime
  local text = issue(rq.emulator.tokens, values.client_id, rq.wall + lifetime * 1000)
  return 200, { access_token = text, token_type = "bearer", expires_in = lifetime }
end

return M
