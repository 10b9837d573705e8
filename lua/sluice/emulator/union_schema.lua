--- The union schema of profiles: what an organization knows about people, invented but in the shape and with
-- the names of the standard field groups of XDM, and one tenant field group. Every sandbox has the same.
-- ACT shows part of `person` and how the document begins; the rest is the emulator's choice.
local json = require("sluice.core").json

local M = {}

local function text(title)
  return { type = "string", title = title, ["meta:xdmType"] = "string" }
end

local function typed(kind, xdm_type, extra)
  local property = { type = kind, ["meta:xdmType"] = xdm_type }
  for k, v in pairs(extra or {}) do property[k] = v end
  return property
end

local function date() return typed("string", "date", { format = "date" }) end
local function time() return typed("string", "date-time", { format = "date-time" }) end
local function whole() return typed("integer", "int") end
local function number() return typed("number", "double") end
local function truth() return typed("boolean", "boolean") end

local function enum(...)
  return typed("string", "string", { enum = json.array { ... } })
end

local function object(title, properties)
  return { type = "object", title = title, ["meta:xdmType"] = "object", properties = properties }
end

local function map(entries)
  return { type = "object", ["meta:xdmType"] = "map", additionalProperties = entries }
end

local function list(items)
  return { type = "array", ["meta:xdmType"] = "array", items = items }
end

-- Field groups
-- -------------------------------------------------------------------------

local function person() -- [ACT]
  return object("Person", {
    birthDate = date(), birthDayAndMonth = text "Birth date (MM-DD)", birthYear = typed("integer", "short"),
    gender = enum("male", "female", "not_specified", "non_specific"),
    maritalStatus = enum("married", "single", "divorced", "widowed", "not_specified"),
    nationality = text "Nationality", taxId = text "Tax ID", type = text "Type",
    name = object("Full name", {
      courtesyTitle = text "Courtesy title", firstName = text "First name", fullName = text "Full name",
      lastName = text "Last name", middleName = text "Middle name", suffix = text "Suffix",
    }),
  })
end

local STATUSES = { "active", "incomplete", "pending_verification", "denylisted", "blocked" }

local function mail(title)
  return object(title, { address = text "Address", primary = truth(), label = text "Label",
    status = enum(table.unpack(STATUSES)) })
end

local function phone(title)
  return object(title, { number = text "Number", countryCode = text "Country code",
    extension = text "Extension", primary = truth(), status = enum(table.unpack(STATUSES)) })
end

local function address(title)
  return object(title, { street1 = text "Street 1", street2 = text "Street 2", city = text "City",
    postalCode = text "Postal code", region = text "Region", state = text "State",
    stateProvince = text "State", country = text "Country", countryCode = text "Country code",
    primary = truth(), label = text "Label",
    status = enum(table.unpack(STATUSES)) })
end

local function loyalty()
  return object("Loyalty", { loyaltyID = list(text "Loyalty ID"), points = number(), tier = text "Tier",
    joinDate = time(), status = text "Status", program = text "Program" })
end

local function consents()
  local choice = function(title) return object(title, { val = enum("y", "n", "p", "u"), time = time() }) end
  return object("Consents", { collect = choice "Collect", share = choice "Share",
    marketing = object("Marketing", { preferred = text "Preferred channel", any = choice "Any",
      email = choice "Email", sms = choice "SMS", call = choice "Call", push = choice "Push",
      postalMail = choice "Postal mail" }) })
end

local function identity_item()
  return object("Identity", { id = text "Identifier", primary = truth(),
    authenticatedState = enum("ambiguous", "authenticated", "loggedOut") })
end

local function membership()
  return object("Segment membership", { status = enum("existing", "realized", "exited"),
    lastQualificationTime = time(), version = text "Version", validUntil = time() })
end

local function tenant()
  return object("Tenant", {
    crmId = text "CRM ID", accountManager = text "Account manager", lifetimeValue = number(),
    loyalty = object("Loyalty", { id = text "Loyalty card", level = text "Level", points = whole() }),
    preferences = object("Preferences", { language = text "Language", store = text "Store",
      categories = list(text "Category") }),
  })
end

M.TITLE = "XDM Individual Profile" -- [ACT]

--- Builds the schema.
---@return table schema JSON Schema: title, description, type, properties
function M.build()
  return { title = M.TITLE, description = "What is known about a person.", type = "object", properties = {
    _id = text "Identifier", _repo = object("Repository", { createDate = time(), modifyDate = time() }),
    createdByBatchID = text "Created by batch", modifiedByBatchID = text "Modified by batch",
    person = person(),
    personalEmail = mail "Personal email", workEmail = mail "Work email",
    mobilePhone = phone "Mobile phone", homePhone = phone "Home phone", workPhone = phone "Work phone",
    faxPhone = phone "Fax",
    homeAddress = address "Home address", workAddress = address "Work address",
    billingAddress = address "Billing address", shippingAddress = address "Shipping address",
    preferredLanguage = text "Preferred language", timeZone = text "Time zone",
    loyalty = loyalty(), consents = consents(), organizations = list(text "Organization"),
    testProfile = truth(),
    userAccount = object("User account", { ID = text "Identifier", startDate = date() }),
    identityMap = map(list(identity_item())), segmentMembership = map(map(membership())),
    _tenant = tenant(),
  } }
end

return M
