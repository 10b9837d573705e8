--- The words in which the catalog's entries are written: kinds of parameters, and the forms plain values have.

local M = {}

---@class sluice.catalog.param
---@field name string the API's own spelling
---@field required boolean|nil
---@field secret boolean|nil
---@field form table|nil what a plain value must look like: pattern, says, level, source, own
---@field number boolean|nil an integer, not text
---@field only string|nil the only valid value
---@field values string[]|nil the valid values
---@field default string|nil sent when the definition says nothing
---@field implied string|nil what the service takes when nothing is sent; never sent by itself
---@field exports "audiences"|"datasets"|nil only in a destination that exports these
---@field fields sluice.catalog.param[]|nil the keys of a nested object
---@field when { name: string, value: string }|nil only where another parameter has this value
---@field from string|nil takes the value of this parameter when it is required and not given
---@field unsettled string|nil why it should be given although it need not
---@field schema table|nil what the organisation's spec document says of it
---@field source string|nil

--- Forms a plain value must have: `pattern` in the dialect of the spec documents, and in words. `level` is how
--- serious a mismatch is; `own` marks a pattern that no document prints, made from words of the source.
M.FORM = {
  access_key = { pattern = "^[A-Z2-7]{20}$", source = "T,ACT", level = "error",
    says = "20 characters out of A-Z and 2-7" },
  secret_key = { pattern = "^[A-Za-z0-9/+]{40}$", source = "T,ACT", level = "error",
    says = "40 characters out of A-Z, a-z, 0-9, / and +" },
  base64 = { pattern = [[^[A-Za-z0-9+/\s]{3,}=*\s*$]], own = true, source = "T,ACT", level = "error",
    says = "the private key in Base64" },
  bucket = { source = "D", level = "error",
    pattern = [[(?=^.{3,63}$)(?!^(\d+\.)+\d+$)(^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*]]
      .. [[([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])$)]],
    says = "3 to 63 characters: lower-case letters, digits, hyphens, and dots between labels" },
  google_bucket = { source = "EXP", level = "error", own = true,
    pattern = [[^(?!goog)(?!.*google)(?!(\d+\.)+\d+$)(?=[^.]{3,63}$|(?=.*\.).{3,222}$)[a-z0-9._-]+$]],
    says = "3 to 63 characters (222 with dots): lower-case letters, digits, - and _, no address, nothing of Google" },
  container = { pattern = "^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$", source = "EXP", level = "error",
    says = "3 to 63 characters: lower-case letters, digits, single hyphens" },
  macro_path = { source = "EXP", level = "error",
    pattern = [[^[0-9a-zA-Z\/\!\-_\.\*\''\(\)]*((\%SEGMENT_(NAME|ID)\%)?\/?)+$]],
    says = "letters without accents, digits, / ! - _ . * ' ( ), and %SEGMENT_NAME% or %SEGMENT_ID% at the end" },
  path = { pattern = [[^[0-9a-zA-Z\/\!\-_\.\*\'\(\)]+$]], source = "EXP", level = "error",
    says = "letters without accents, digits, / ! - _ . * ' ( ); no macros" },
}
-- Known from the newer Azure Blob Storage card only, hence a warning.
M.FORM.legacy_container = { pattern = M.FORM.container.pattern, says = M.FORM.container.says, source = "EXP",
  level = "warning" }

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
