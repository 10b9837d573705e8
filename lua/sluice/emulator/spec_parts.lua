--- The pieces that the documents of all connection specs are made of.
local json = require("sluice.core").json

local M = {}

local PROVIDER = "14e34fac-d307-11e9-bb65-2a2ae2dbcce4" -- [ACT, EXP] for the V2 cards
local SCHEMA = "http://json-schema.org/draft-07/schema#"

---@class sluice.emulator.ConnectionSpec
---@field family "email"|"storage"|"v2"|"streaming"|"source" rules for its dataflows; no client sees it
---@field document table what GET /connectionSpecs/{id} shows

--- A property that is text.
---@param extra? table further members, such as pattern
---@return table property
function M.text(extra)
  local property = { type = "string" }
  for k, v in pairs(extra or {}) do property[k] = v end
  return property
end

--- A property whose value is secret: its format says so. [ACT]
---@param extra? table
---@return table property
function M.secret(extra)
  local property = M.text(extra)
  property.format = "password"
  return property
end

--- A property with a closed list of values.
---@param ... string
---@return table property
function M.enum(...)
  return M.text { enum = json.array { ... } }
end

--- The schema of an object of parameters.
---@param required string[]
---@param properties table<string, table>
---@return table schema
function M.object(required, properties)
  return { ["$schema"] = SCHEMA, type = "object", required = json.array(required), properties = properties }
end

--- An entry of authSpec.
---@param name string
---@param kind string
---@param required string[]
---@param properties table<string, table>
---@return table entry
function M.auth(name, kind, required, properties)
  return { name = name, type = kind, spec = M.object(required, properties) }
end

--- A connection string as the whole authentication. [T, ACT]
---@param name string
---@return table entry of authSpec
function M.connection_string(name)
  return M.auth(name, "ConnectionString", { "connectionString" }, { connectionString = M.secret() })
end

--- The document of a card. A source has no target.
---@param card { family: string, category: string, id: string, name: string, auth: table[], target?: table,
--- encryption?: table, partner_schema?: table }
---@return sluice.emulator.ConnectionSpec
function M.card(card)
  local document = { id = card.id, name = card.name, version = "1.0", providerId = PROVIDER,
    authSpec = json.array(card.auth), encryptionSpecs = json.array { card.encryption },
    attributes = { category = card.category, isSource = card.family == "source" } }
  if card.target then
    document.targetSpec = { name = "User based target", type = "UserNamespace", spec = card.target,
      attributes = { partnerSchema = card.partner_schema,
        uiAttributes = { isDestination = true, category = card.category, label = card.name } } }
  end
  return { family = card.family, document = document }
end

return M
