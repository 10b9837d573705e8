--- By what an audience is known: its own ID and, of one made elsewhere, the platform's beside it (D). A UUID is the
--- same in capitals and in small letters.

local M = {}

--- The form in which two IDs compare.
---@param id any
---@return string|nil nil for what is no text
function M.comparable(id)
  if type(id) ~= "string" then return nil end
  return id:find "^%x+%-%x+%-%x+%-%x+%-%x+$" and id:lower() or id
end

--- The IDs of an audience, each once, in the form in which they compare.
---@param audience table entry of a definition, or value of a selector
---@return string[]
function M.ids(audience)
  local own, platform = M.comparable(audience.id), M.comparable(audience.systemSegmentId)
  local list = { own }
  if platform and platform ~= own then list[#list + 1] = platform end
  return list
end

--- Are these one audience?
---@param a table
---@param b table
---@return boolean
function M.same(a, b)
  for _, id in ipairs(M.ids(a)) do
    for _, other in ipairs(M.ids(b)) do
      if id == other then return true end
    end
  end
  return false
end

return M
