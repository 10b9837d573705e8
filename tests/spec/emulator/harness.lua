--- Talks to an emulator without a network, and builds the entities of the tutorial in it.
local core = require "sluice.core"
local emulator = require "sluice.emulator"

local json = core.json

local M = {}

M.NOW = 1700000000000 -- milliseconds
M.PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
M.DATA_LAKE = "23598e46-f560-407b-88d5-ea6207e49db0"
M.CAMPAIGN = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97"
M.ELOQUA = "c1e44b6b-e7c8-404b-9031-58f0ef760604"
M.S3_V2 = "4fce964d-3f37-408f-9778-e597338a21ee"
M.KINESIS = "86043421-563b-46ec-8e6c-e23184711bf6"
M.UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"

local FLOW_SERVICE = "/data/foundation/flowservice"

local World = {}
World.__index = World

--- Makes an emulator with a clock that stands still, and a token.
function M.new(options)
  local given = { seed = "spec", log = function(trace) error(trace, 0) end }
  for k, v in pairs(options or {}) do given[k] = v end
  local self = setmetatable({ now = M.NOW }, World)
  given.now = function() return self.now end
  self.emulator = emulator.new(given)
  self.headers = self:identify("client", "Org@AdobeOrg")
  return self
end

--- Gets a token; gives the headers that go with it.
function World:identify(client_id, org)
  local _, _, body = self.emulator:handle { method = "POST", path = "/ims/token/v3",
    headers = { ["content-type"] = "application/x-www-form-urlencoded" },
    body = "grant_type=client_credentials&scope=openid&client_id=" .. client_id .. "&client_secret=secret" }
  return { authorization = "Bearer " .. json.decode(body).access_token, ["x-api-key"] = client_id,
    ["x-gw-ims-org-id"] = org, ["content-type"] = "application/json" }
end

--- Sends a request as it stands; path is absolute.
function World:send(method, address, headers, body)
  local path, query = address:match("^([^?]*)%??(.*)$")
  if body ~= nil and type(body) ~= "string" then body = json.encode(body) end
  local status, answer_headers, text = self.emulator:handle { method = method, path = path, headers = headers,
    query = query ~= "" and query or nil, body = body or "" }
  return status, text ~= "" and json.decode(text) or nil, answer_headers
end

--- Sends an authorised request to the Flow Service. `extra` adds headers, or removes those it maps to false.
function World:call(method, path, body, extra)
  local headers = {}
  for name, value in pairs(self.headers) do headers[name] = value end
  for name, value in pairs(extra or {}) do headers[name] = value or nil end
  return self:send(method, FLOW_SERVICE .. path, headers, body)
end

--- Creates an entity that must succeed; gives its id and etag.
function World:create(collection, body)
  local status, answer = self:call("POST", "/" .. collection, body)
  assert(status == 201, json.encode(answer))
  return answer.id, answer.etag
end

--- Creates a base connection to the Profile Store, the simplest entity there is.
function World:profile_store(name)
  return self:create("connections", { name = name, connectionSpec = M.spec(M.PROFILE_STORE) })
end

--- Reads one entity that must exist.
function World:item(collection, id)
  local status, answer = self:call("GET", "/" .. collection .. "/" .. id)
  assert(status == 200, json.encode(answer))
  return answer.items[1]
end

--- Sends a PATCH with the current etag.
function World:patch(collection, id, operations)
  return self:call("PATCH", "/" .. collection .. "/" .. id, operations,
    { ["if-match"] = self:item(collection, id).etag })
end

function M.spec(id) return { id = id, version = "1.0" } end

function M.campaign_auth()
  return { specName = "SFTP with Password",
    params = { domain = "d.example", host = "h.example", username = "u", password = "p" } }
end

--- A GeneralTransform without audiences and attributes.
function M.skeleton()
  return { { name = "GeneralTransform", params = { segmentSelectors = { selectors = json.array {} },
    profileSelectors = { selectors = json.array {} } } } }
end

--- An audience selector for a file-based card.
function M.audience(id, changes)
  local value = { id = id, name = "Audience " .. id,
    filenameTemplate = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
    exportMode = "DAILY_FULL_EXPORT",
    schedule = { frequency = "ONCE", triggerType = "SCHEDULED", startDate = "2023-12-20",
      startTime = "17:00" } }
  for k, v in pairs(changes or {}) do value[k] = v end
  return { type = "PLATFORM_SEGMENT", value = value }
end

function M.attribute(path) return { type = "JSON_PATH", value = { path = path } } end

--- Asks for an absolute path with this body; gives what was answered, which must be a success.
function World:ask(method, path, body)
  local status, answer = self:send(method, path, self.headers, body)
  assert(status == 200, json.encode(answer))
  return answer
end

local CONVERSION = "/data/foundation/conversion"

--- Stores a mapping set in the way of a client: input schema, output schema with the columns, set. A mapping
--- is { source, column }.
function World:mapping_set(...)
  local profile = self:ask("GET", "/data/core/ups/config/entityTypes/_xdm.context.profile"
    .. "?property=fullSchema==true&property=includeRelationshipDescriptors==true")
  local partner = self:item("connectionSpecs", M.S3_V2).targetSpec.attributes.partnerSchema.jsonSchema
  local mappings = json.array {}
  for i, pair in ipairs { ... } do
    partner.properties[pair[2]] = { type = "string" }
    mappings[i] = { source = pair[1], destination = pair[2], sourceType = "ATTRIBUTE" }
  end
  local schema = function(document)
    return { id = self:ask("POST", CONVERSION .. "/schemas", { name = "n", jsonSchema = document }).id }
  end
  return self:send("POST", CONVERSION .. "/mappingSets", self.headers, { inputSchema = schema(profile),
    outputSchema = schema(partner), mappings = mappings, xdmVersion = "1.0" })
end

M.AUDIENCES = "/transformations/0/params/segmentSelectors/selectors"
M.ATTRIBUTES = "/transformations/0/params/profileSelectors/selectors"

function World:flow_spec(name)
  local _, answer = self:call("GET", "/flowSpecs?property=name==" .. name)
  return answer.items[1].id
end

--- A dataflow to the card of the second generation on Amazon S3; gives its id.
function World:v2_flow(params)
  local source = self:create("sourceConnections", { name = "s", connectionSpec = M.spec(M.PROFILE_STORE) })
  local base = self:create("connections", { name = "b", connectionSpec = M.spec(M.S3_V2), auth = {
    specName = "Access Key", params = { s3AccessKey = ("A"):rep(20), s3SecretKey = ("b"):rep(40) } } })
  local target = self:create("targetConnections", { name = "t", baseConnectionId = base,
    connectionSpec = M.spec(M.S3_V2), params = params or { mode = "Server-to-server",
      bucketName = "my-bucket", path = "in/%SEGMENT_NAME%", compression = "NONE", fileType = "CSV" } })
  return self:create("flows", { name = "f", flowSpec = M.spec "1a0514a6-33d4-4c7f-aff8-594799c47549",
    sourceConnectionIds = { source }, targetConnectionIds = { target }, transformations = { {
      name = "GeneralTransform", params = { mandatoryFields = json.array {}, primaryFields = json.array {},
        profileMapping = json.object {}, segmentSelectors = { selectors = json.array {} } } } } })
end

M.KINESIS_FLOW = "71471eba-b620-49e4-90fd-23f1fa0174d8"

--- A dataflow to Amazon Kinesis; gives its id.
function World:stream()
  local spec, data = M.spec(M.KINESIS), { format = "json" }
  local store = self:profile_store "store"
  local source = self:create("sourceConnections", { name = "s", connectionSpec = M.spec(M.PROFILE_STORE),
    baseConnectionId = store, data = data, params = json.object {} })
  local base = self:create("connections", { name = "b", connectionSpec = spec, auth = {
    specName = "Aws Kinesis authentication credentials",
    params = { accessKeyId = "a", secretKey = "b", region = "eu-west-1" } } })
  local target = self:create("targetConnections", { name = "t", baseConnectionId = base,
    connectionSpec = spec, data = data, params = { stream = "s", region = "eu-west-1" } })
  return self:create("flows", { name = "f", flowSpec = M.spec(M.KINESIS_FLOW),
    sourceConnectionIds = { source }, targetConnectionIds = { target }, transformations = M.skeleton() })
end

M.LANDING_ZONE = "10440537-2a7b-4583-ac39-ed38d4b848e8"
M.LANDING_ZONE_DATASETS = "cd2fc47e-e838-4f38-a581-8fff2f99b63a"

--- Asks for a dataflow of a dataset to the Data Landing Zone; `changes` go into its body.
function World:post_dataset_flow(schedule, changes, target_params)
  local dlz = M.spec(M.LANDING_ZONE)
  local source = self:create("sourceConnections", { name = "s", connectionSpec = M.spec(M.DATA_LAKE),
    params = { datasets = { { dataSetId = "5ef3e3259ad2a1191ab7dd7d", name = "Orders" } } } })
  local base = self:create("connections", { name = "b", connectionSpec = dlz })
  local target = self:create("targetConnections", { name = "t", baseConnectionId = base, connectionSpec = dlz,
    params = target_params or { path = "p", compression = "GZIP", datasetFileType = "JSON" } })
  local body = { name = "f", flowSpec = M.spec(M.LANDING_ZONE_DATASETS), sourceConnectionIds = { source },
    targetConnectionIds = { target }, transformations = json.array {}, scheduleParams = schedule }
  for k, v in pairs(changes or {}) do body[k] = v end
  return self:call("POST", "/flows", body)
end

--- The same, which must succeed; gives its id.
function World:dataset_flow(schedule)
  local status, answer = self:post_dataset_flow(schedule)
  assert(status == 201, json.encode(answer))
  return answer.id
end

--- Asks for an ad hoc activation; `accept` is that of version 2 unless given, none when false.
function World:ad_hoc(body, accept)
  local headers = {}
  for name, value in pairs(self.headers) do headers[name] = value end
  if accept == nil then accept = "application/vnd.adobe.adhoc.activation+json; version=2" end
  headers.accept = accept or nil
  return self:send("POST", "/data/core/activation/disflowprovider/adhocrun", headers, body)
end

--- Everything the tutorial creates for Adobe Campaign on SFTP; gives the ids.
function World:campaign()
  local ids = {}
  ids.store = self:profile_store "store"
  ids.source = self:create("sourceConnections", { name = "source", connectionSpec = M.spec(M.PROFILE_STORE),
    baseConnectionId = ids.store, data = { format = "CSV", schema = json.null }, params = {} })
  ids.base = self:create("connections", { name = "base", connectionSpec = M.spec(M.CAMPAIGN),
    auth = M.campaign_auth() })
  ids.target = self:create("targetConnections", { name = "target", baseConnectionId = ids.base,
    connectionSpec = M.spec(M.CAMPAIGN), data = { format = "json", schema = { id = "1.0", version = "1.0" } },
    params = { mode = "FTP", remotePath = "/in", format = "CSV" } })
  ids.flow = self:create("flows", { name = "flow", flowSpec = M.spec(self:flow_spec("upsToCampaign")),
    sourceConnectionIds = { ids.source }, targetConnectionIds = { ids.target },
      transformations = M.skeleton() })
  return ids
end

return M
