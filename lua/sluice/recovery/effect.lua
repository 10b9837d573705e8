--- Does an entity, as it is now, hold what a patch was to bring about? The service adds to what it stores, so what is
--- there must contain what was sent, not equal it.

local core = require "sluice.core"

local M = {}

--- Does a value hold all of another one? What is secret cannot be compared.
---@param value any
---@param wanted any
---@return boolean
local function holds(value, wanted)
  if core.secret.is(wanted) then return true end
  if type(wanted) ~= "table" or wanted == core.json.null then return core.json.equal(value, wanted) end
  if type(value) ~= "table" or core.json.is_array(value) ~= core.json.is_array(wanted) then return false end
  if core.json.is_array(wanted) and #value ~= #wanted then return false end
  for key, part in pairs(wanted) do
    if not holds(value[key], part) then return false end
  end
  return true
end

M.holds = holds

local function any_holds(list, wanted)
  for _, value in ipairs(type(list) == "table" and list or {}) do
    if holds(value, wanted) then return true end
  end
  return false
end

--- The pointer of what holds a place, and whether that is an array in the document.
local function holder(document, path)
  local parent = path:match "^(.*)/[^/]*$"
  local value = core.pointer.get(document, parent)
  return parent, core.json.is_array(value)
end

--- What each operation is to bring about, judged on the entity before and now.
local EFFECT = {}

function EFFECT.add(before, operation, current)
  local parent, in_array = holder(before, operation.path)
  if in_array or operation.path:sub(-2) == "/-" then
    return any_holds(core.pointer.get(current, parent), operation.value)
  end
  return holds(core.pointer.get(current, operation.path), operation.value)
end

EFFECT.replace = EFFECT.add

function EFFECT.remove(before, operation, current)
  local removed = core.pointer.get(before, operation.path)
  local parent, in_array = holder(before, operation.path)
  if in_array then return not any_holds(core.pointer.get(current, parent), removed) end
  return core.pointer.get(current, operation.path) == nil
end

local function apply_one(operation, document) return core.patch.new({ operation }):apply(document) end

--- Is the effect of every operation there? Operations that are not known by their effect (move, copy, test) are taken
--- as not done.
---@param before table the entity that the patch was made for
---@param patch table a plain patch
---@param current table the entity now
---@return boolean
function M.is_there(before, patch, current)
  local document = before
  for _, operation in ipairs(patch) do
    local effect = EFFECT[operation.op]
    if not effect or not effect(document, operation, current) then return false end
    local ok, changed = pcall(apply_one, operation, document)
    if not ok then return false end
    document = changed
  end
  return true
end

return M
