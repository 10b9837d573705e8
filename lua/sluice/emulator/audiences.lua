--- The audiences of Segmentation, /data/core/ups/audiences and /segment/definitions [SEG]: those of
-- `audience_examples`, the same in every sandbox, so that scripts have something to activate.
local core = require "sluice.core"
local errors = require "sluice.emulator.errors"
local examples = require "sluice.emulator.audience_examples"
local request = require "sluice.emulator.request"

local json = core.json

local M = {}

local CREATED = 1700000000 -- seconds

-- Namespaces: AEPSegments is SEG's, aamSegments D's; the others are the emulator's.
local ORIGINS = {
  platform = { "AEPSegments", "REAL_TIME_CUSTOMER_PROFILE", "SegmentDefinition" },
  composition = { "AEPSegments", "AUDIENCE_ORCHESTRATION", "SegmentDefinition" },
  upload = { "CustomerAudienceUpload", "CUSTOM_UPLOAD", "ExternalAudience" },
  manager = { "aamSegments", "AUDIENCE_MANAGER", "ExternalAudience" },
}

local function evaluation(row)
  return { batch = { enabled = not row.streaming },
    continuous = { enabled = row.streaming == true },
    synchronous = { enabled = false } }
end

local function id_of(rq, row) return rq.ids:uuid("audience " .. row.key) end

-- The external id of an external audience, else the same as id. [SEG]
local function audience_id(rq, row)
  local id = id_of(rq, row)
  return row.external_id or (row.origin == "upload" and "external-" .. id:sub(1, 8)) or id
end

local function sandbox(rq)
  local prod = rq.scope.sandbox == "prod"
  return { sandboxId = rq.scope.sandbox_id, sandboxName = rq.scope.sandbox,
    type = prod and "production" or "development", default = prod }
end

local function audience(rq, row)
  local id, origin = id_of(rq, row), ORIGINS[row.origin or "platform"]
  return {
    id = id, name = row.name, description = row.text, audienceId = audience_id(rq, row),
    namespace = origin[1], originName = origin[2], type = origin[3],
    lifecycleState = row.state or "published",
    evaluationInfo = not row.origin and evaluation(row) or nil,
    mergePolicyId = not row.origin and rq.ids:uuid "merge policy" or nil,
    imsOrgId = rq.scope.org, schema = { name = "_xdm.context.profile" }, labels = json.array {},
    sandbox = sandbox(rq), creationTime = CREATED * 1000, createEpoch = CREATED,
    _etag = rq.ids:etag(id, 1),
  }
end

-- id or external id → row, made once an emulator.
local function index(rq)
  local known = rq.emulator.audience_index
  if known then return known end
  known = {}
  for _, row in ipairs(examples.list) do known[id_of(rq, row)], known[audience_id(rq, row)] = row, row end
  rq.emulator.audience_index = known
  return known
end

--- Looks up an audience by its id, or the external id of an external one.
---@param rq { ids: table, emulator: table, scope: table }
---@param id string
---@return table? audience as GET /audiences/{id} shows it
function M.find(rq, id)
  local row = index(rq)[id]
  return row and audience(rq, row)
end

-- Lists
-- -------------------------------------------------------------------------

local function contains(text, part)
  return part == nil or text:lower():find(part:lower(), 1, true) ~= nil
end

local function has_property(item, expressions)
  for _, expression in ipairs(expressions) do
    local name, value = expression:match("^([%w_]+)==(.*)$")
    if not name or tostring(item[name]) ~= value then return false end
  end
  return true
end

-- Equals keep their order; table.sort alone would not see to it.
local function sort(items, text)
  local field, direction = (text or ""):match("^([%w_]+):(%l+)$")
  if not field then return end
  local places = {}
  for i, item in ipairs(items) do places[item] = i end
  table.sort(items, function(a, b)
    local x, y = tostring(a[field]), tostring(b[field])
    if x == y then return places[a] < places[b] end
    if direction == "desc" then x, y = y, x end
    return x < y
  end)
end

local function number(text, default, name)
  if text == nil then return default end
  local value = text:match("^%d+$") and math.tointeger(tonumber(text))
  return value or errors.problem(400, "BadRequestError", ("%s must be a whole number"):format(name))
end

local function matching(rq)
  local found, query = {}, rq.query
  for _, row in ipairs(examples.list) do
    if contains(row.name, query.name) and contains(row.text, query.description) then
      local item = audience(rq, row)
      if has_property(item, query.property) then found[#found + 1] = item end
    end
  end
  sort(found, query.sort)
  return found
end

--- GET of the list, whose key is `children`. What `start` counts is open: the sample's next page after two
--- audiences starts at 1.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.list(rq)
  local found, query = matching(rq), rq.query
  local start, limit = number(query.start, 0, "start"), math.max(1, number(query.limit, 20, "limit"))
  local pages = rq.options.audience_start == "page"
  local first = pages and start * limit or start
  local page = json.array { table.unpack(found, first + 1, math.min(first + limit, #found)) }
  local after, links = pages and start + 1 or start + #page, {}
  local more = first + #page < #found
  if more then
    links.next = { href = ("@/audiences?start=%d&limit=%d&totalCount=%d"):format(after, limit, #found) }
  end
  return 200, { children = page, _links = links, _page = {
    totalCount = #found, totalPages = -(-#found // limit), pageSize = #page, limit = limit,
    start = tostring(start), next = more and tostring(after) or nil } }
end

local function not_found(rq, what)
  local message = ("No %s has the id %s"):format(what, rq.id)
  errors.throw(404, { type = "https://ns.adobe.com/aep/errors/UPAPI-113430-404", title = message,
    status = 404, requestId = rq.ids:digits(rq.ids:next "request"),
    errors = { ["404"] = json.array { { code = 404, message = message } } } })
end

--- GET of one, without a wrapper.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.get(rq)
  return 200, M.find(rq, rq.id) or not_found(rq, "audience")
end

-- Segment definitions: what Segmentation made itself
-- -------------------------------------------------------------------------

local function definition(rq, row) -- the expression is invented
  local item = audience(rq, row)
  return { id = item.id, imsOrgId = item.imsOrgId, name = item.name, description = item.description,
    sandbox = item.sandbox, mergePolicyId = item.mergePolicyId, profileInstanceId = "ups",
    schema = item.schema, evaluationInfo = item.evaluationInfo, payloadSchema = "string",
    expression = { type = "PQL", format = "pql/text", value = "person.name.firstName.isNotNull()" },
    creationTime = item.creationTime, updateTime = item.creationTime, updateEpoch = CREATED,
    dataGovernancePolicy = { excludeOptOut = true } }
end

local function definitions(rq)
  local wanted, found = rq.query["evaluationInfo.continuous.enabled"], {}
  for _, row in ipairs(examples.list) do
    local fits = wanted == nil or tostring(row.streaming == true) == wanted
    if not row.origin and fits then found[#found + 1] = definition(rq, row) end
  end
  sort(found, rq.query.sort)
  return found
end

--- GET /segment/definitions: everything, unless limit, start or page ask for less. [SEG]
---@param rq sluice.emulator.Request
---@return integer status, table body `{segments, page, link}`
function M.definitions(rq)
  local found, query = definitions(rq), rq.query
  local limit = math.max(1, number(query.limit, #found, "limit"))
  local first = number(query.start, number(query.page, 0, "page") * limit, "start")
  local page = json.array { table.unpack(found, first + 1, math.min(first + limit, #found)) }
  return 200, { segments = page, link = json.object {}, page = { totalCount = #found,
    totalPages = -(-#found // limit), sortField = "creationTime", sort = "desc", pageSize = #page,
    limit = limit } }
end

--- GET /segment/definitions/{id}.
---@param rq sluice.emulator.Request
---@return integer status, table body
function M.definition(rq)
  local row = index(rq)[rq.id]
  if not row or row.origin then not_found(rq, "segment definition") end
  return 200, definition(rq, row)
end

-- What a dataflow may hold
-- -------------------------------------------------------------------------

local MAX_UPLOADS = 10 -- custom-upload audiences in a dataflow [UI: a hard limit]

local function check_known(rq, value, pointer)
  local known = M.find(rq, value.systemSegmentId or value.id)
  if not known and rq.options.audience_check == "known" then
    errors.invalid(pointer, "no audience has the id '%s'", value.systemSegmentId or value.id)
  end
  return known
end

--- Checks the audiences of a dataflow against those there are. The service's reaction to an unknown one is
--- UNKNOWN, so an option decides; its text for too many uploads too.
---@param rq sluice.emulator.Request
---@param selectors table[] each already checked by itself
---@param pointer string where they are
function M.check_selectors(rq, selectors, pointer)
  local uploads = 0
  for i, selector in ipairs(selectors) do
    local place = ("%s/%d/value/id"):format(pointer, i - 1)
    local known = check_known(rq, selector.value, place)
    if known and known.originName == "CUSTOM_UPLOAD" then uploads = uploads + 1 end
    if uploads > MAX_UPLOADS then
      errors.invalid(place, "a dataflow has at most %d uploaded audiences", MAX_UPLOADS)
    end
  end
end

local function check_mapping_set(set, pointer)
  if set == nil then return end
  if not request.is_object(set) or type(set.id) ~= "string" or math.type(set.version) ~= "integer" then
    errors.invalid(pointer, "expected {id, version}")
  end
end

--- Checks what only external and uploaded audiences have: systemSegmentId, namespace, enrichmentInfo. [D]
---@param value table of a selector
---@param pointer string where it is
function M.check_external(value, pointer)
  for _, key in ipairs { "systemSegmentId", "namespace" } do
    if value[key] ~= nil and (type(value[key]) ~= "string" or value[key] == "") then
      errors.invalid(pointer .. "/" .. key, "expected a non-empty string")
    end
  end
  local info, place = value.enrichmentInfo, pointer .. "/enrichmentInfo"
  if info == nil then return end
  if not request.is_object(info) then errors.invalid(place, "expected an object") end
  if info.enabled ~= nil and type(info.enabled) ~= "boolean" then
    errors.invalid(place .. "/enabled", "expected true or false")
  end
  if info.sourceType ~= "AUDIENCE_DATASET" then
    errors.invalid(place .. "/sourceType", "expected AUDIENCE_DATASET")
  end
  check_mapping_set(info.mappingSet, place .. "/mappingSet")
end

return M
