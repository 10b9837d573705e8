--- Is what the service shows of the form that the documents give it? Whoever reads on takes lists for lists and texts
--- for texts; an answer of another form is refused here, with its place, before anybody stumbles over it.

local core = require "sluice.core"

local M = {}

local function is_list(value) return core.json.is_array(value) end

--- Some services write an empty object as an empty list.
local function is_object(value)
  return type(value) == "table" and (not is_list(value) or #value == 0)
end

local KINDS = {
  text = { "a text", function(value) return type(value) == "string" end },
  object = { "an object", is_object },
  list = { "a list", is_list },
}

--- What entities have (flow-service-api.md §2 to §8). A place may be absent or null, but for elements of a list (`*`)
--- and for what has an exclamation mark. Parents come before their children.
local function rules(list)
  local all = { { "/id", "text" }, { "/name", "text" }, { "/state", "text" }, { "/etag", "text" } }
  return table.move(list, 1, #list, #all + 1, all)
end

local PARAMS = "/transformations/*/params"

local FLOW = rules {
  { "/flowSpec", "object" }, { "/flowSpec/id", "text" }, { "/scheduleParams", "object" },
  { "/sourceConnectionIds", "list" }, { "/sourceConnectionIds/*", "text" },
  { "/targetConnectionIds", "list" }, { "/targetConnectionIds/*", "text" },
  { "/policy", "object" }, { "/policy/enforcementRefs", "list" }, { "/policy/enforcementRefs/*", "text" },
  { "/transformations", "list" }, { "/transformations/*", "object" }, { PARAMS, "object" },
}
for _, selectors in ipairs { "/segmentSelectors", "/profileSelectors" } do
  local place = PARAMS .. selectors
  for _, rule in ipairs { { place, "object" }, { place .. "/selectors", "list" }, { place .. "/selectors/*", "object" },
    { place .. "/selectors/*/value", "object!" } } do
    FLOW[#FLOW + 1] = rule
  end
end
for _, rule in ipairs { { "/segmentSelectors/selectors/*/value/id", "text!" },
  { "/segmentSelectors/selectors/*/value/name", "text" }, { "/segmentSelectors/selectors/*/value/schedule", "object" },
  { "/profileSelectors/selectors/*/value/path", "text" }, { "/profileMapping", "object" },
  { "/mandatoryFields", "list" }, { "/mandatoryFields/*", "text" },
  { "/primaryFields", "list" }, { "/primaryFields/*", "object" },
  { "/profileSelectors/mandatoryFields", "list" }, { "/profileSelectors/mandatoryFields/*", "text" },
  { "/profileSelectors/primaryFields", "list" }, { "/profileSelectors/primaryFields/*", "object" } } do
  FLOW[#FLOW + 1] = { PARAMS .. rule[1], rule[2] }
end

local CONNECTION = rules {
  { "/connectionSpec", "object" }, { "/connectionSpec/id", "text" }, { "/auth", "object" },
  { "/auth/params", "object" }, { "/baseConnectionId", "text" }, { "/params", "object" },
  { "/params/datasets", "list" }, { "/params/datasets/*", "object" },
}

local RULES = { flows = FLOW, connections = CONNECTION, source_connections = CONNECTION,
  target_connections = CONNECTION }

local function parts_of(pointer)
  local parts = {}
  for part in pointer:gmatch "[^/]+" do parts[#parts + 1] = part end
  return parts
end

for _, list in pairs { FLOW, CONNECTION } do
  for _, rule in ipairs(list) do
    rule.parts, rule.required = parts_of(rule[1]), rule[2]:find("!", 1, true) ~= nil or rule[1]:find "%*$" ~= nil
    rule.kind = KINDS[rule[2]:gsub("!", "")]
  end
end

--- The first place that has not the kind of a rule; nil when all have.
local function problem(value, rule, depth, place)
  local part = rule.parts[depth]
  if part == nil then
    if value == nil or value == core.json.null then return rule.required and place or nil end
    return not rule.kind[2](value) and place or nil
  end
  if type(value) ~= "table" then return nil end -- absent; a parent's kind has a rule of its own
  if part ~= "*" then return problem(value[part], rule, depth + 1, place .. "/" .. part) end
  for i = 1, #value do
    local found = problem(value[i], rule, depth + 1, ("%s/%d"):format(place, i - 1))
    if found then return found end
  end
end

--- Gives an entity back when it has the form of its kind.
---@param name string of the resource, as in `aep.flows`
---@param entity table
---@return table entity; raises kind "http" with the first place that has another form
function M.entity(name, entity)
  for _, rule in ipairs(RULES[name] or {}) do
    local place = problem(entity, rule, 1, "")
    if place then
      core.error.raise("http", ("%s: %s cannot be understood as the service shows it: expected %s at %s"):format(name,
        type(entity.id) == "string" and entity.id or "an entity", rule.kind[1], place),
        { hint = "is the base URL right?" })
    end
  end
  return entity
end

--- The same of the entities of a page, which may be many: what identifies them.
---@param name string
---@param items table[]
---@return table[] items
function M.page(name, items)
  for _, item in ipairs(items) do
    local id, label = item.id, item.name
    if type(id) ~= "string" or label ~= nil and type(label) ~= "string" then M.entity(name, item) end
  end
  return items
end

return M
