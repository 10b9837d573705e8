--- Where a text that somebody typed gives a secret away: the value of a secret that is known, or a text in quotes where
--- a password or a key is expected.

local core = require "sluice.core"
local lexer = require "sluice.repl.lexer"

local M = {}

local USUAL = { "password", "passphrase", "secret", "client_secret", "clientSecret", "token", "access_token",
  "accessToken", "sshKey" }
local names

--- Names of parameters that hold secrets: the catalog knows them.
local function secret_names()
  if names then return names end
  names = {}
  for _, name in ipairs(USUAL) do names[name] = true end
  for _, system in pairs(require("sluice.catalog").systems) do
    for _, auth in ipairs(system.auth) do
      for _, param in ipairs(auth.params) do
        if param.secret then names[param.name] = true end
      end
    end
  end
  return names
end

local function words(text)
  local list = {}
  for _, token in ipairs(lexer.tokens(text)) do
    if token.kind ~= "comment" then list[#list + 1] = token end
  end
  return list
end

--- The name that a value at `i` is given: `name = …` or `["name"] = …`.
local function key_before(tokens, i)
  if not tokens[i - 1] or tokens[i - 1].text ~= "=" then return nil end
  local key = tokens[i - 2]
  if key and key.kind == "name" then return key.text end
  return key and key.text == "]" and tokens[i - 3] and lexer.string(tokens[i - 3]) or nil
end

--- Is token `i` the bytes of `secret.new(name, bytes)`? Gives the name.
local function named_secret(tokens, i)
  local function word(back) return tokens[i - back] and tokens[i - back].text end
  if word(1) == "," and word(3) == "(" and word(4) == "new" and word(6) == "secret" then
    return lexer.string(tokens[i - 2])
  end
end

---@class sluice.repl.Disclosure
---@field first integer byte of the text in quotes
---@field last integer
---@field name string|nil what the secret is called; nil: it is only part of the text

--- Every text in quotes that gives a secret away.
---@param text string
---@return sluice.repl.Disclosure[]
function M.find(text)
  local found, tokens = {}, words(text)
  for i, token in ipairs(tokens) do
    local value = lexer.string(token)
    if value and value ~= "" then
      local masked = core.secret.mask(value)
      local key = key_before(tokens, i)
      local name = named_secret(tokens, i) or masked ~= value and masked:match "^‹secret ([^›]+)›$"
        or secret_names()[key] and key
      if name or masked ~= value then
        found[#found + 1] = { first = token.first, last = token.last, name = name or nil }
      end
    end
  end
  return found
end

--- Does a text give a secret away?
---@param text string
---@return boolean
function M.is_disclosing(text)
  return core.secret.mask(text) ~= text or #M.find(text) > 0
end

return M
