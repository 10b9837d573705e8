--- Where clients read what an export may contain: the union schema of profiles, from Profile
-- (/data/core/ups/config/entityTypes [ACT]) and from the Schema Registry (/tenant/unions [XSR]), and the
-- namespaces of identities (/data/core/idnamespace/identities [ACT]).
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local union_schema = require "sluice.emulator.union_schema"

local json = core.json

local M = {}

local PROFILE = "_xdm.context.profile"
local UNION_ID = "https://ns.adobe.com/xdm/context/profile__union"
local ALT_ID = "_xdm.context.profile__union"
local CLASS = "https://ns.adobe.com/xdm/context/profile"

--- GET /data/core/ups/config/entityTypes/{id}: the schema itself, which clients put into an input schema as
--- it is [ACT]; without property=fullSchema==true its shape is UNKNOWN, and the same here.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.entity_type(rq)
  if rq.id == PROFILE then return 200, union_schema.build() end
  errors.problem(404, "Not Found", "no entity type has the id " .. rq.id)
end

-- Namespaces
-- -------------------------------------------------------------------------

-- { code, name, idType, id, members of its own }: the standard ones of ACT, and two of an organization.
local NAMESPACES = {
  { "CORE", "CORE", "COOKIE", 0 }, { "ECID", "ECID", "COOKIE", 4 },
  { "Email", "Email", "Email", 6 }, { "Phone", "Phone", "PHONE_NUMBER", 7 },
  { "Email_LC_SHA256", "Emails (SHA256, lowercased)", "Email", 11,
    { hashFunction = "SHA256", transform = "lowercase" } },
  { "Phone_SHA256", "Phone (SHA256)", "Phone", 15, { hashFunction = "SHA256" } },
  { "Phone_E.164", "Phone (E.164)", "Phone", 17 },
  { "Phone_SHA256_E.164", "Phone (SHA256_E.164)", "Phone", 18, { hashFunction = "SHA256" } },
  { "GAID", "Google Ad ID (GAID)", "DEVICE", 20914 },
  { "IDFA", "Apple IDFA (ID for Advertisers)", "DEVICE", 20915 },
  { "CRMID", "CRM ID", "CROSS_DEVICE", 10000001, { custom = true, namespaceType = "Custom" } },
  { "Loyalty", "Loyalty card", "CROSS_DEVICE", 10000002, { custom = true, namespaceType = "Custom" } },
}

local CREATED = 1551688425455 -- milliseconds

--- GET /data/core/idnamespace/identities: a bare array. [ACT]
---@return integer status, table body
function M.identities()
  local list = json.array {}
  for i, row in ipairs(NAMESPACES) do
    list[i] = { code = row[1], name = row[2], idType = row[3], id = row[4], namespaceType = "Standard",
      custom = false, status = "ACTIVE", createTime = CREATED, updateTime = CREATED }
    for k, v in pairs(row[5] or {}) do list[i][k] = v end
  end
  return 200, list
end

-- Schema Registry
-- -------------------------------------------------------------------------

local LIST_TYPES = {
  ["application/vnd.adobe.xed-id+json"] = "id", ["application/vnd.adobe.xed+json"] = "short",
}
local ONE_TYPES = {
  ["application/vnd.adobe.xed+json"] = "short", ["application/vnd.adobe.xed-notext+json"] = "short",
  ["application/vnd.adobe.xed-full+json"] = "full", ["application/vnd.adobe.xed-full-notext+json"] = "full",
  ["application/vnd.adobe.xed-full-desc+json"] = "full",
}

local function refuse_accept(accept)
  errors.throw(400, { type = "http://ns.adobe.com/aep/errors/XDM-1006-400", title = "Accept header invalid",
    status = 400, report = { accept = accept },
    detail = ("the Accept header '%s' is not one this address knows"):format(accept) })
end

local function accepted(rq, types, version)
  local accept = rq.headers.accept or ""
  local media_type, parameters = accept:lower():match("^%s*([^;%s]*)%s*;?%s*(.-)%s*$")
  local form = types[media_type]
  if not form or (version and parameters ~= "version=" .. version) then refuse_accept(accept) end
  if not version and parameters ~= "" then refuse_accept(accept) end
  return form
end

local function head()
  return { ["$id"] = UNION_ID, ["meta:altId"] = ALT_ID, title = union_schema.TITLE, version = "1" }
end

--- GET /tenant/unions; without a version in Accept. [XSR]
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.unions(rq)
  local item = head()
  if accepted(rq, LIST_TYPES) == "short" then
    item.type, item["meta:class"] = "object", CLASS
  end
  return 200, { results = json.array { item }, _page = { count = 1 }, _links = {} }
end

--- GET /tenant/unions/{id}, by meta:altId or $id; with version=1 in Accept. [XSR]
---@param rq sluice.emulator.Request
---@return integer status, table body with `properties` in a full form, references in a short one
function M.union(rq)
  local form, item = accepted(rq, ONE_TYPES, "1"), head()
  if rq.id ~= ALT_ID and rq.id ~= UNION_ID then
    errors.throw(404, { type = "http://ns.adobe.com/aep/errors/XDM-1010-404", title = "Resource not found",
      status = 404, report = {}, detail = "no union schema has the id " .. rq.id }) -- its code is UNKNOWN
  end
  item.type, item["meta:class"], item["meta:immutable"] = "object", CLASS, true
  if form == "full" then
    item.properties = union_schema.build().properties
  else
    item.allOf = json.array { { ["$ref"] = CLASS } }
  end
  return 200, item
end

return M
