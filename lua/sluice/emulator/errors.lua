--- What the emulator says when it refuses: one table of codes and the body variants the service is known to
-- use. A refusal is thrown with `error` and becomes the answer;
-- any other Lua error is a defect of the emulator.
local M = {}

---@class sluice.emulator.Refusal
---@field status integer HTTP status
---@field body table the JSON body

local Refusal = {}

-- The number after the hyphen is the HTTP status. Titles are the meanings ERR gives; the service's own
-- wording and the member names of these bodies are UNKNOWN, `type`, `title`,
-- `status` and `detail` being the likely ones.
local TITLES = {
  ["1400-500"] = "Internal error",
  ["1401-400"] = "limit and count cannot be used together",
  ["1402-400"] = "Finalize is only for providers",
  ["1403-400"] = "If-Match header is missing",
  ["1404-412"] = "Stale version",
  ["1405-400"] = "Request body is null or empty",
  ["1410-400"] = "state cannot be given when a flow is created",
  ["1412-400"] = "Mapping version is not valid",
  ["1413-400"] = "Invalid spec id",
  ["1414-400"] = "The connection spec of a connection cannot be changed",
  ["1415-400"] = "Authentication spec name is unknown for the connection spec",
  ["1418-400"] = "Base connection is still used by flows",
  ["1419-400"] = "Mapping validation failed",
  ["1420-400"] = "State cannot be updated",
  ["1422-400"] = "Action is not applicable",
  ["1423-400"] = "Unhandled field in spec filtering",
  ["1426-400"] = "A user token may not write connection specs",
  ["1427-400"] = "A user token may not write runs",
  ["1432-400"] = "The sign of an orderby field must be + or -",
  ["1433-400"] = "Unknown orderby field",
  ["1434-400"] = "Unsupported patch operation",
  ["1435-400"] = "Unknown sub action",
  ["1436-400"] = "PROGRESS cannot be used with enable",
  ["1440-400"] = "Operator ~ is not implemented",
  ["1443-400"] = "A range operator takes one value",
  ["1447-400"] = "Active flows contain this id",
  ["1448-400"] = "A range operator cannot be used on id",
  ["1449-400"] = "Bad filter field",
  ["1450-400"] = "Invalid operator",
  ["1451-400"] = "Bad query parameter",
  ["1452-400"] = "Bad value",
  ["1453-400"] = "Empty value",
  ["1454-400"] = "Unhandled value type",
  ["1455-400"] = "Validation failed",
  ["2100-404"] = "Sandbox not found",
  ["2105-400"] = "Sandbox header is missing",
  ["2110-400"] = "x-sandbox-id cannot be used with a user token",
  ["2111-403"] = "Cross-sandbox requests are not open to user tokens",
  ["2118-403"] = "Permission missing",
}

-- Gateway errors, texts word for word [TRB]. The status is the first three digits.
local GATEWAY = {
  ["403010"] = "Oauth token is missing.",
  ["401013"] = "Oauth token is not valid",
  ["403000"] = "Api Key is required",
  ["403003"] = "Api Key is invalid",
  ["400003"] = "Missing header",
  ["403025"] = "Profile is not valid",
  ["403027"] = "User region is missing",
}

--- Throws an answer.
---@param status integer
---@param body table
function M.throw(status, body)
  error(setmetatable({ status = status, body = body }, Refusal), 0)
end

--- Tells a refusal from a defect.
---@param value any what pcall caught
---@return boolean
function M.is(value)
  return getmetatable(value) == Refusal
end

--- Refuses with a code of ERR.
---@param code string such as "1403-400"
---@param detail string format of one sentence that names the place
---@param ... any its arguments
function M.refuse(code, detail, ...)
  local status = math.tointeger(code:match("%-(%d+)$"))
  M.throw(status, {
    type = "https://ns.adobe.com/aep/errors/FLOW-" .. code,
    title = TITLES[code] or error("no title for " .. code),
    status = status,
    detail = select("#", ...) > 0 and detail:format(...) or detail,
    error_code = code,
  })
end

--- Refuses a value in a request body. Which code and text the service uses for these is UNKNOWN; 1455-400 is
-- documented for patches ("missing field named") and stands in for all of them.
---@param pointer string JSON Pointer of the bad value
---@param expected string format of what was expected there
---@param ... any its arguments
function M.invalid(pointer, expected, ...)
  local text = select("#", ...) > 0 and expected:format(...) or expected
  M.refuse("1455-400", "%s: %s", pointer, text)
end

--- Refuses at the gateway [TRB].
---@param code string six digits
---@param as "string"|"number" type of the code in the body
function M.gateway(code, as)
  M.throw(math.tointeger(code:sub(1, 3)),
    { error_code = as == "number" and math.tointeger(code) or code, message = GATEWAY[code] })
end

--- 404 of an entity [D]. `errorDetails` is absent for flows; its wording elsewhere is UNKNOWN.
---@param kind string collection name, as in the path
---@param id string
function M.not_found(kind, id)
  M.throw(404, {
    errorMessage = ("%s not found with id = [%s]"):format(kind, id),
    errorDetails = kind ~= "flows" and "No such entity in this organization and sandbox." or nil,
  })
end

--- 412 of a PATCH whose If-Match is not the current etag [D, ERR 1404-412]. What the service prints as the
--- entity is UNKNOWN; the emulator prints the current version.
---@param supplied string
---@param current string
function M.stale(supplied, current)
  local text = "Supplied version=[%s] does not match the current version on entity=[%s]"
  M.throw(412, { errorMessage = text:format(supplied, current), errorDetails = "1404-412" })
end

--- A problem document without a code of ERR. [TRB: shape of the content type error]
---@param status integer
---@param title string
---@param detail string
function M.problem(status, title, detail)
  M.throw(status, { type = "/placeholder/type/uri", status = status, title = title, detail = detail })
end

return M
