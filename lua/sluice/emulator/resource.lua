--- What connections, source connections, target connections and flows have in common: create, read, list,
-- patch, delete. The files of that name say what is particular to each in a definition.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local paging = require "sluice.emulator.paging"
local params = require "sluice.emulator.params"
local request = require "sluice.emulator.request"

local json = core.json

local M = {}

---@class sluice.emulator.Definition
---@field name string collection, as in the path
---@field fields sluice.emulator.Fields what filters and orderby may name
---@field writable table<string, boolean> members a PATCH may reach
---@field create fun(rq, body): table checks a POST body and gives the members to store
---@field update fun(rq, old, new, ops): table checks a patched entity and completes it
---@field refuse_delete fun(rq, item) refuses while the entity is in use
---@field created? fun(rq, item) adds members that need the new id
---@field before_patch? fun(rq, old, ops): table gives the operations to carry out

--- Members every entity has; the rest of `fields` is the collection's own.
---@param own sluice.emulator.Fields
---@return sluice.emulator.Fields
function M.fields(own)
  local fields = {
    id = "string", name = "string", description = "string", state = "string", version = "string",
    etag = "string",
    createdAt = "number", updatedAt = "number", createdBy = "string", updatedBy = "string",
    createdClient = "string", updatedClient = "string",
    sandboxId = "string", sandboxName = "string", imsOrgId = "string", inheritedAttributes = "object",
  }
  for name, kind in pairs(own) do fields[name] = kind end
  return fields
end

local function user_of(rq)
  return rq.ids:digits("user " .. rq.client_id):sub(1, 24):upper() .. "@AdobeID"
end

local function set_version(item, ids, revision) -- version and etag are the same text [D]
  item.etag = ids:etag(item.id, revision)
  item.version = item.etag
end

--- Gives a new entity what the service sets: id, times in milliseconds, owner, state, etag. [D]
---@param rq sluice.emulator.Request
---@param kind string collection
---@param item table changed in place
---@return table item
function M.stamp(rq, kind, item)
  item.id = rq.ids:uuid(rq.ids:next(kind))
  item.createdAt, item.updatedAt = rq.now, rq.now
  item.createdBy = user_of(rq)
  item.updatedBy = item.createdBy
  item.createdClient, item.updatedClient = rq.client_id, rq.client_id
  item.sandboxId, item.sandboxName, item.imsOrgId = rq.scope.sandbox_id, rq.scope.sandbox, rq.scope.org
  item.state = "enabled" -- [UPD]
  set_version(item, rq.ids, 1)
  return item
end

--- Stores a new version of an entity and gives it a new etag.
---@param rq sluice.emulator.Request
---@param kind string
---@param item table the new version; changed in place
function M.save(rq, kind, item)
  item.updatedAt, item.updatedBy, item.updatedClient = rq.now, user_of(rq), rq.client_id
  set_version(item, rq.ids, rq.scope:get(kind, item.id).revision + 1)
  rq.scope:replace(kind, item)
end

--- POST: 201 `{id, etag}` with Location [F].
---@param definition sluice.emulator.Definition
---@return function handler
function M.create(definition)
  return function(rq)
    local body = request.json_object(rq.body)
    params.text(body.name, "/name")
    params.optional_text(body.description, "/description")
    local item = definition.create(rq, body)
    item.name, item.description = body.name, body.description
    M.stamp(rq, definition.name, item)
    if definition.created then definition.created(rq, item) end
    rq.scope:add(definition.name, item)
    return 201, { id = item.id, etag = item.etag }, { Location = ("/%s/%s"):format(definition.name, item.id) }
  end
end

--- GET of one: the entity alone in `items`. [D]
---@param definition sluice.emulator.Definition
---@return function handler
function M.get(definition)
  return function(rq)
    return 200, { items = json.array { rq.scope:get(definition.name, rq.id).item } }
  end
end

--- GET of the collection.
---@param definition sluice.emulator.Definition
---@return function handler
function M.list(definition)
  return function(rq) return paging.list(rq, definition, rq.query) end
end

-- The grammar of queryString is UNKNOWN; F says it is that of `property`, so "&" separates filters here too.
local function search_query(body)
  local query = { property = {}, maximum = 1000, limit = body.limit and tostring(body.limit),
    orderby = body.orderby, count = body.count ~= nil and tostring(body.count) or nil }
  for part in (body.queryString or ""):gmatch("[^&]+") do
    table.insert(query.property, (part:gsub("^property=", "")))
  end
  return query
end

--- POST …/search [F]: a list whose query stands in the body.
---@param definition sluice.emulator.Definition
---@return function handler
function M.search(definition)
  return function(rq)
    local body = request.json_object(rq.body)
    params.optional_text(body.queryString, "/queryString")
    params.optional_text(body.orderby, "/orderby")
    local query = search_query(body)
    query.continuationToken = rq.query.continuationToken
    return paging.list(rq, definition, query)
  end
end

local function check_if_match(rq, item)
  local supplied = rq.headers["if-match"]
  if not supplied then errors.refuse("1403-400", "send the current etag in If-Match") end
  -- An unquoted value is refused like any other that is not the etag; the service's reaction is UNKNOWN.
  if supplied ~= item.etag then errors.stale(supplied, item.etag) end
end

local OPERATIONS = { add = true, replace = true, remove = true } -- [D]; test and copy: UNKNOWN, refused

local function check_target(path, writable, pointer)
  local member = path:match("^/([^/]*)")
  if not member then errors.invalid(pointer .. "/path", "expected a JSON Pointer that begins with /") end
  if writable[member] then return end
  if member == "state" then errors.refuse("1420-400", "use the action enable or disable") end
  if member == "connectionSpec" then errors.refuse("1414-400", "'%s'", path) end
  -- For other members of the service (id, etag, createdAt …) its reaction is UNKNOWN.
  errors.invalid(pointer .. "/path", "'%s' cannot be changed", path)
end

local function check_operation(operation, index, writable)
  local pointer = ("/%d"):format(index)
  if not request.is_object(operation) then
    errors.invalid(pointer, "expected an operation {op, path, value}")
  end
  local op = params.text(operation.op, pointer .. "/op"):lower() -- F writes upper case
  if not OPERATIONS[op] then
    errors.refuse("1434-400", "'%s'; expected add, replace or remove", operation.op)
  end
  check_target(params.text(operation.path, pointer .. "/path"), writable, pointer)
  if op ~= "remove" and operation.value == nil then
    errors.invalid(pointer .. "/value", "required with %s", op)
  end
  return { op = op, path = operation.path, value = operation.value }
end

local function read_operations(text, writable)
  local body = request.json(text)
  if not json.is_array(body) then errors.invalid("/", "expected an array of operations") end
  local operations = json.array {}
  for i, operation in ipairs(body) do operations[i] = check_operation(operation, i - 1, writable) end
  return operations
end

-- Operations work in order on the changing document, all or none. [RFC 6902, UPD]
local function apply(operations, item)
  local ok, result = pcall(function() return core.patch.new(operations):apply(item) end)
  if ok then return result end
  if not core.error.is(result, "patch") then error(result, 0) end
  errors.refuse("1455-400", result.message)
end

local function shallow_copy(item)
  local copy = {}
  for k, v in pairs(item) do copy[k] = v end
  return copy
end

local SELECTORS = "/transformations/0/params/segmentSelectors/selectors"

local function reverse(list)
  for i = 1, #list // 2 do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
end

-- What somebody else does to an entity in a moment when it matters (see fault_rule, `edited`): nothing that anybody
-- would miss, but places in it change.
local function edit_by_another(rq, kind)
  local item = json.copy(rq.scope:get(kind, rq.id).item)
  local audiences = core.pointer.get(item, SELECTORS)
  if type(audiences) == "table" and #audiences > 1 then
    reverse(audiences)
  else
    item.description = "edited by somebody else"
  end
  M.save(setmetatable({ client_id = "somebody else" }, { __index = rq }), kind, item)
end

--- PATCH: If-Match, then the operations, then the checks of a create. [T, UPD, ERR]
---@param definition sluice.emulator.Definition
---@param answer fun(options: table, item: table): integer, table? status and body of success
---@return function handler
function M.patch(definition, answer)
  return function(rq)
    if rq.plan and rq.plan.edited then edit_by_another(rq, definition.name) end
    local old = rq.scope:get(definition.name, rq.id).item
    local operations = read_operations(rq.body, definition.writable)
    check_if_match(rq, old)
    local new = shallow_copy(apply(definition.before_patch and definition.before_patch(rq, old, operations)
      or operations, old))
    params.text(new.name, "/name")
    params.optional_text(new.description, "/description")
    new = definition.update(rq, old, new, operations)
    M.save(rq, definition.name, new)
    return answer(rq.options, new)
  end
end

--- DELETE: no If-Match, empty answer; a second one is 404. [D, DELF]
---@param definition sluice.emulator.Definition
---@return function handler
function M.delete(definition)
  return function(rq)
    definition.refuse_delete(rq, rq.scope:get(definition.name, rq.id).item)
    rq.scope:remove(definition.name, rq.id)
    return math.tointeger(tonumber(rq.options.delete_status))
  end
end

return M
