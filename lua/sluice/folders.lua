--- Where a user's own files lie: the folders of the XDG Base Directory specification.

local M = {}

local function whole(path) return path and path:find "^/" and path or nil end

--- A folder that a variable names by its whole path (one that is not whole does not count), or its usual place below
--- the home folder.
---@param variable string such as "XDG_CONFIG_HOME"
---@param usual string such as ".config"
---@param env? fun(variable: string): string|nil default os.getenv
---@return string|nil path nil when neither the variable nor HOME names a folder
function M.of(variable, usual, env)
  env = env or os.getenv
  local home = whole(env "HOME")
  return whole(env(variable)) or home and home .. "/" .. usual
end

return M
