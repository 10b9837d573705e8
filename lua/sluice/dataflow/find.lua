--- The one entity that a user means: by its ID, or by its exact name.

local core = require "sluice.core"
local suggest = require "sluice.suggest"

local M = {}

local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

--- Is this the ID of an entity?
---@param text any
---@return boolean
function M.is_id(text) return type(text) == "string" and text:match(UUID) ~= nil end

local function not_found(collection, what, name)
  local names = {}
  for _, item in ipairs((collection:page { limit = 100 })) do names[#names + 1] = item.name end
  local near = suggest.nearest(name, names)
  core.error.raise("recipe", ("there is no %s called %s in this sandbox%s"):format(what, suggest.quote(name),
    near and (", did you mean %s?"):format(suggest.quote(near)) or ""), { code = "not_found" })
end

local function ambiguous(items, what, name)
  local ids = {}
  for i, item in ipairs(items) do ids[i] = tostring(item.id) end
  table.sort(ids)
  core.error.raise("recipe", ("%d %ss are called %s: %s; say which by its ID"):format(#items, what,
    suggest.quote(name), suggest.some(ids)), { code = "ambiguous", candidates = items })
end

--- The ID of what `ref` names. An ID is taken as it is: nothing is asked.
---@param collection sluice.Resource
---@param what string for messages, such as "dataflow"
---@param ref string an ID, or an exact name
---@param keep? fun(item: table): boolean the entities that may be meant
---@return string id; raises kind "usage" for no text, kind "recipe" for a name that none or several have (code
---  "not_found", "ambiguous")
function M.id(collection, what, ref, keep)
  if type(ref) ~= "string" or not ref:find "%S" then
    core.error.raise("usage", ("expected the ID or the exact name of a %s, got %s"):format(what, suggest.quote(ref)))
  end
  if M.is_id(ref) then return ref end
  local found = {}
  for _, item in ipairs(collection:list { where = { name = ref } }) do
    if not keep or keep(item) then found[#found + 1] = item end
  end
  if #found == 0 then not_found(collection, what, ref) end
  if #found > 1 then ambiguous(found, what, ref) end
  return found[1].id
end

return M
