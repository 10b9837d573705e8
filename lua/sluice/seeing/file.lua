--- A file that fills while the run goes on: made for its owner only, each piece written whole and at once, so that an
--- interrupted run leaves a readable one. When it cannot be written any more that is said once, and the run goes on.

local core = require "sluice.core"

local M = {}

---@class sluice.seeing.File
---@field option string that asked for it
---@field path string
---@field failed boolean
local File = {}
File.__index = File

--- Ends the writing, and says why.
---@param reason string
function File:fail(reason)
  self.failed = true
  reason = tostring(reason):gsub("^" .. self.path:gsub("%p", "%%%0") .. ": ", "")
  self.say(("%s %s: %s; it lacks what follows from here on"):format(self.option, self.path, reason))
end

--- Appends a text.
---@param text string
---@return boolean written
function File:write(text)
  if self.failed then return false end
  local ok, reason = self.handle:write(text)
  if not ok then self:fail(reason) end
  return not self.failed
end

--- Goes to a place, for files that can.
---@param at integer bytes from the beginning
---@return boolean
function File:seek(at)
  return self.handle:seek("set", at) ~= nil
end

function File:close()
  local ok, reason = self.handle:close()
  if not ok and not self.failed then self:fail(reason) end
end

--- Makes the file, or empties the one that is there. Raises kind "io".
---@param path string
---@param option string such as "--har"
---@param say fun(message: string) tells people
---@return sluice.seeing.File
function M.create(path, option, say)
  local ok, handle = pcall(core.files.create, path)
  if not ok then
    if core.error.is(handle) then handle.message = option .. ": " .. handle.message end
    error(handle, 0)
  end
  handle:setvbuf "no" -- a piece is one call of the system
  return setmetatable({ handle = handle, path = path, option = option, say = say, failed = false }, File)
end

return M
