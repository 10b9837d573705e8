--- Names of files that belong to a recipe: relative to its folder, with "/" between their parts, the same in a folder,
--- in a bundle and in an executable.

local M = {}

M.MAX_BYTES = 255 -- of a whole name
M.MAX_PARTS = 16

local PARTS = { [""] = "has an empty part", ["."] = "has a part '.'", [".."] = "leads out of its folder" }

local function part_problem(name)
  local count = 0
  for part in (name .. "/"):gmatch "([^/]*)/" do
    count = count + 1
    if PARTS[part] then return PARTS[part] end
  end
  if count > M.MAX_PARTS then return ("has more than %d parts"):format(M.MAX_PARTS) end
end

--- What is wrong with a name.
---@param name any
---@return string|nil problem such as "is absolute"; nil when all is well
function M.problem(name)
  if type(name) ~= "string" then return "is no text" end
  if name == "" then return "is empty" end
  if #name > M.MAX_BYTES then return ("has more than %d bytes"):format(M.MAX_BYTES) end
  if name:find "[%c\127]" then return "has a control character" end
  if name:find("\\", 1, true) then return "has a backslash; parts are separated by '/'" end
  if not utf8.len(name) then return "is no UTF-8" end
  if name:find "^/" or name:find "^%a:" then return "is absolute" end
  return part_problem(name)
end

return M
