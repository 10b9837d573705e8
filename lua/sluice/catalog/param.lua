--- The words in which the catalog's entries are written: kinds of parameters, and the forms plain values have.

local M = {}

---@class sluice.catalog.param
---@field name string the API's own spelling
---@field required boolean|nil
---@field secret boolean|nil
---@field form table|nil what a plain value must look like: match, never, min, max, says, level, source
---@field number boolean|nil an integer, not text
---@field only string|nil the only valid value
---@field values string[]|nil the valid values
---@field default string|nil sent when the definition says nothing
---@field implied string|nil what the service takes when nothing is sent; never sent by itself
---@field exports "audiences"|"datasets"|nil only in a destination that exports these
---@field fields sluice.catalog.param[]|nil the keys of a nested object
---@field when { name: string, value: string }|nil only where another parameter has this value
---@field example any shown in the example of `sluice catalog`
---@field source string|nil

--- Forms a plain value must have. `match` is a Lua pattern, `never` lists patterns it must not match; `level`
--- is how serious a mismatch is.
M.FORM = {
  access_key = { match = "^[A-Z2-7]+$", min = 20, max = 20, source = "T,ACT", level = "error",
    says = "20 characters out of A-Z and 2-7" },
  secret_key = { match = "^[A-Za-z0-9/+]+$", min = 40, max = 40, source = "T,ACT", level = "error",
    says = "40 characters out of A-Z, a-z, 0-9, / and +" },
  base64 = { match = "^[A-Za-z0-9+/%s]+=*%s*$", min = 4, source = "T,ACT", level = "error",
    says = "the private key in Base64" },
  bucket = { match = "^[a-z0-9][a-z0-9.-]*[a-z0-9]$", min = 3, max = 63, source = "D", level = "error",
    never = { "^%d[%d.]*%.%d+$", "%.%.", "%.%-", "%-%." },
    says = "3 to 63 characters: lower-case letters, digits, hyphens, and dots between labels" },
  -- Known from the newer Azure Blob Storage card only, hence a warning.
  container = { match = "^[a-z0-9][a-z0-9-]*[a-z0-9]$", min = 3, max = 63, source = "EXP", level = "warning",
    never = { "%-%-" }, says = "3 to 63 characters: lower-case letters, digits, single hyphens" },
}

local function copy(param, extra)
  for key, value in pairs(extra or {}) do param[key] = value end
  return param
end

--- A parameter that has to be there.
---@param name string
---@param extra table|nil further fields
---@return sluice.catalog.param
function M.required(name, extra)
  return copy({ name = name, required = true }, extra)
end

--- A parameter that may be left out.
---@param name string
---@param extra table|nil further fields
---@return sluice.catalog.param
function M.optional(name, extra)
  return copy({ name = name }, extra)
end

--- A required parameter that never shows.
---@param name string
---@param extra table|nil further fields
---@return sluice.catalog.param
function M.secret(name, extra)
  return copy({ name = name, required = true, secret = true }, extra)
end

return M
