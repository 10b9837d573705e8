--- One plain sentence for each operation of a JSON Patch: in the words of dataflows where the path is one of theirs
--- (`sluice.explain.flow`), else by path and value.

local core = require "sluice.core"
local flow = require "sluice.explain.flow"
local words = require "sluice.explain.words"

local M = {}

local value_text, place_text = words.value, words.place

--- The pointer of what holds a place, and the place's last part.
local function split(path)
  local parent, last = path:match "^(.*)/([^/]*)$"
  return parent or "", last or ""
end

local function before_text(old) return old ~= nil and (" (before: %s)"):format(value_text(old)) or "" end

local function is_in_array(path, document)
  local parent, last = split(path)
  if last == "-" then return true end
  return document ~= nil and core.json.is_array(core.pointer.get(document, parent))
end

local function explain_add(op, old, document)
  local parent, last = split(op.path)
  if op.path ~= "" and last == "-" then return ("appends %s to %s"):format(value_text(op.value), place_text(parent)) end
  if op.path ~= "" and is_in_array(op.path, document) then
    return ("inserts %s into %s before index %s"):format(value_text(op.value), place_text(parent), last)
  end
  return ("sets %s to %s%s"):format(place_text(op.path), value_text(op.value), before_text(old))
end

--- What an operation means where nothing is known about the place.
local GENERAL = {
  add = explain_add,
  remove = function(op, old) return ("removes %s%s"):format(place_text(op.path), before_text(old)) end,
  replace = function(op, old)
    return ("sets %s to %s%s"):format(place_text(op.path), value_text(op.value), before_text(old))
  end,
  move = function(op) return ("moves %s to %s"):format(place_text(op.from), place_text(op.path)) end,
  copy = function(op) return ("copies %s to %s"):format(place_text(op.from), place_text(op.path)) end,
  test = function(op) return ("checks that %s is %s"):format(place_text(op.path), value_text(op.value)) end,
  remove_by = function(op)
    return ("removes what matches %s from %s"):format(value_text(op.match), place_text(op.path))
  end,
  replace_by = function(op)
    return ("replaces what matches %s in %s by %s"):format(value_text(op.match), place_text(op.path),
      value_text(op.value))
  end,
  add_unless = function(op)
    return ("appends %s to %s unless something there matches %s"):format(value_text(op.value), place_text(op.path),
      value_text(op.match))
  end,
}

--- What is at the place of the operation before it, nil where that is nothing or not known.
local function old_value(op, document)
  if document == nil then return nil end
  return (core.pointer.get(document, op.path))
end

local function sentence(op, document)
  local old = old_value(op, document)
  return flow.explain(op, old, document) or GENERAL[op.op](op, old, document)
end

--- Explains a patch, an operation a sentence. With the document that it is meant for, the sentences name what indexes
--- stand for and what was there before; an operation that cannot be carried out on it says so, and those after it
--- are then explained without the document.
---@param patch table a `sluice.patch`, or a list of operations
---@param document? any the document before the patch; it is left as it is
---@return string[] sentences without a full stop; raises kind "patch" where the patch is wrong in itself
function M.explain(patch, document)
  local sentences = core.json.array {}
  for i, op in ipairs(core.patch.new(patch)) do
    local text = sentence(op, document)
    if document ~= nil then
      local single = core.patch.new { op }
      local ok, result = pcall(single.apply, single, document)
      if ok then
        document = result
      else
        local message = core.error.is(result) and result.message or tostring(result)
        text = ("%s; this cannot be done: %s"):format(text, (message:gsub("^operation 1 %b(): ", "")))
        document = nil
      end
    end
    sentences[i] = text:gsub("%c", " ")
  end
  return sentences
end

return M
