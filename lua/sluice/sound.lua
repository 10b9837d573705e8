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
  id = { "an ID", function(value) return type(value) == "string" and value ~= "" end },
  object = { "an object", is_object },
  list = { "a list", is_list },
}

--- What entities have (flow-service-api.md §2 to §10). A place may be absent or null, but for elements of a list (`*`)
--- and for what has an exclamation mark.
local function rules(list)
  local all = { { "/id", "id!" }, { "/name", "text" }, { "/state", "text" }, { "/etag", "text" } }
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

--- The part of a tree below a name, made when it is not there; `*` stands for every element of a list.
local function branch(node, name)
  for _, child in ipairs(node) do
    if child.name == name then return child end
  end
  node[#node + 1] = { name = name }
  return node[#node]
end

--- Rules as a tree, so that an entity is walked through once: every one that is read goes through here.
local function tree_of(list)
  local root = {}
  for _, rule in ipairs(list) do
    local node = root
    for name in rule[1]:gmatch "[^/]+" do node = branch(node, name) end
    node.required = rule[2]:find("!", 1, true) ~= nil or node.name == "*"
    node.what, node.is_fine = table.unpack(KINDS[rule[2]:gsub("!", "")])
  end
  return root
end

local CONNECTION_TREE, SPEC_TREE = tree_of(CONNECTION), tree_of { { "/id", "id!" }, { "/name", "text" } }
local TREES = { flows = tree_of(FLOW), connections = CONNECTION_TREE, source_connections = CONNECTION_TREE,
  target_connections = CONNECTION_TREE, connection_specs = SPEC_TREE, flow_specs = SPEC_TREE,
  runs = tree_of { { "/id", "id!" } } }

local problem

--- The same of what a value holds.
local function problem_within(value, node)
  for _, child in ipairs(node) do
    if child.name ~= "*" then
      local place, what = problem(value[child.name], child)
      if place then return ("/%s%s"):format(child.name, place), what end
    end
    for i = 1, child.name == "*" and #value or 0 do
      local place, what = problem(value[i], child)
      if place then return ("/%d%s"):format(i - 1, place), what end
    end
  end
end

--- The first place, from a value on, that is not as its rule has it, and what is expected there; nil when all are.
function problem(value, node)
  if value == nil or value == core.json.null then
    if node.required then return "", node.what end
    return nil
  end
  if node.is_fine and not node.is_fine(value) then return "", node.what end
  if type(value) == "table" then return problem_within(value, node) end
end

--- Gives an entity back when it has the form of its kind.
---@param name string of the resource, as in `aep.flows`
---@param entity table
---@return table entity; raises kind "http" with the first place that has another form
function M.entity(name, entity)
  local place, what = problem(entity, TREES[name])
  if place then
    core.error.raise("http", ("%s: %s cannot be understood as the service shows it: expected %s at %s"):format(name,
      type(entity.id) == "string" and entity.id or "an entity", what, place), { hint = "is the base URL right?" })
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
    if type(id) ~= "string" or id == "" or label ~= nil and type(label) ~= "string" then M.entity(name, item) end
  end
  return items
end

return M
