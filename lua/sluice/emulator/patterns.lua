--- The regular expressions of the spec documents, and the same rules as Lua predicates: Lua has none.
-- Sources: bucket, container and paths EXP, ACT; keys of S3 ACT, EXP.
local M = {}

M.BUCKET = [[(?=^.{3,63}$)(?!^(\d+\.)+\d+$)(^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*]]
  .. [[([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])$)]]
M.GOOGLE_BUCKET = [[(?!^goog.*$)(?!^.*g(o|0)(o|0)gle.*$)(((?=^.{3,63}$)(^([a-z0-9]|[a-z0-9][a-z0-9\-_]*)]]
  .. [[[a-z0-9]$))|((?=^.{3,222}$)(?!^(\d+\.)+\d+$)(^(([a-z0-9]{1,63}|[a-z0-9][a-z0-9\-_]{1,61}]]
  .. [[[a-z0-9])\.)*([a-z0-9]{1,63}|[a-z0-9][a-z0-9\-_]{1,61}[a-z0-9])$)))]]
M.CONTAINER = "^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$"
M.PATH = [[^[0-9a-zA-Z\/\!\-_\.\*\''\(\)]*((\%SEGMENT_(NAME|ID)\%)?\/?)+$]]
M.BLOB_PATH = [[^[0-9a-zA-Z\/\!\-_\.\*\'\(\)]+$]]
M.KEY_ID = "^[A-Z2-7]{20}$"
M.SECRET_KEY = "^[A-Za-z0-9/+]{40}$"

local function labels(value, is_label)
  for label in (value .. "."):gmatch("([^.]*)%.") do
    if not is_label(label) then return false end
  end
  return true
end

local function bucket_label(label)
  return label:match("^[%l%d]$") ~= nil or label:match("^[%l%d][%l%d-]*[%l%d]$") ~= nil
end

local function google_label(label)
  return #label <= 63 and (label:match("^[%l%d]+$") ~= nil
    or (#label >= 3 and label:match("^[%l%d][%l%d_-]+[%l%d]$") ~= nil))
end

---@type table<string, fun(value: string): boolean>
M.matches = {
  [M.BUCKET] = function(value)
    return #value >= 3 and #value <= 63 and not value:match("^[%d.]+%.%d+$") and labels(value, bucket_label)
  end,
  [M.GOOGLE_BUCKET] = function(value)
    if value:find("^goog") or value:find("g[o0][o0]gle") or #value < 3 or #value > 222 then return false end
    if #value <= 63 and value:match("^[%l%d][%l%d_-]*[%l%d]$") then return true end
    return not value:match("^[%d.]+%.%d+$") and labels(value, google_label)
  end,
  [M.CONTAINER] = function(value)
    return #value >= 3 and #value <= 63 and not value:find("--", 1, true)
      and value:match("^[%l%d][%l%d-]*[%l%d]$") ~= nil
  end,
  [M.PATH] = function(value)
    local macros = value:match("^[%w/!%-_.*'()]*(.*)$")
    return macros:gsub("%%SEGMENT_NAME%%", ""):gsub("%%SEGMENT_ID%%", ""):gsub("/", "") == ""
  end,
  [M.BLOB_PATH] = function(value) return value:match("^[%w/!%-_.*'()]+$") ~= nil end,
  [M.KEY_ID] = function(value) return #value == 20 and value:match("^[A-Z2-7]+$") ~= nil end,
  [M.SECRET_KEY] = function(value) return #value == 40 and value:match("^[%w/+]+$") ~= nil end,
}

return M
