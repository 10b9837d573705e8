--- `sluice run crowd_server.lua JSON`: serves an emulated organisation with the options of support/crowd.lua, until it
--- is ended. One set-up is made through the service; the others are copies of it, put straight into its store.

local core = require "sluice.core"
local emulator = require "sluice.emulator"
local examples = require "sluice.emulator.audience_examples"

local json = core.json
local options = json.decode(arg[1])
local SANDBOX, PER_ACCOUNT = "prod", 10
local ORG = "0123456789ABCDEF01234567@AdobeOrg"
local PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
local BORN = 1700000000000 -- milliseconds; what is newer is a minute younger
local FLOW_SERVICE = "/data/foundation/flowservice"
local CAREFUL = options.careful_names or {}

local settings = { seed = "crowd" }
for name, value in pairs(options.emulator or {}) do settings[name] = value end

-- Audiences
-- ---------

if options.empty then options.flows, options.audiences = 0, 0 end
if options.audiences then
  for i = #examples.list, 1, -1 do examples.list[i] = nil end
  for i = 1, options.audiences do
    local name = CAREFUL[i] or ("Audience %04d"):format(i)
    examples.list[i] = { name = name, text = "the audience of number " .. i, key = "crowd audience " .. i }
  end
end

local server = emulator.start(settings)
local service = server.emulator
local held = service.options.permissions
service.options.permissions = "all" -- while it is filled

-- What is made through the service
-- --------------------------------

local function call(method, path, headers, body)
  local status, _, answer = service:handle { method = method, path = path, headers = headers, body = body }
  assert(status < 300, answer)
  return json.decode(answer)
end

local TOKEN = call("POST", "/ims/token/v3", { ["content-type"] = "application/x-www-form-urlencoded" },
  "grant_type=client_credentials&client_id=client-id&client_secret=any&scope=openid").access_token
local HEADERS = { authorization = "Bearer " .. TOKEN, ["x-api-key"] = "client-id", ["x-gw-ims-org-id"] = ORG,
  ["x-sandbox-name"] = SANDBOX, ["content-type"] = "application/json" }

local function make(kind, body)
  body.name = "template"
  return call("POST", FLOW_SERVICE .. "/" .. kind, HEADERS, json.encode(body)).id
end

local function spec(id) return { id = id, version = "1.0" } end

local CARDS = {
  { spec = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97", flow_spec = "upsToCampaign",
    auth = { specName = "SFTP with Password", params = { domain = "files.example.com", host = "files.example.com",
      username = "marketing", password = "not-to-be-shown" } }, params = { mode = "FTP", remotePath = "/in" } },
}

local function audience(i)
  return { type = "PLATFORM_SEGMENT", value = { id = service.ids:uuid("audience " .. examples.list[i].key),
    name = examples.list[i].name, filenameTemplate = "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%",
    exportMode = "DAILY_FULL_EXPORT", schedule = { frequency = "DAILY", triggerType = "SCHEDULED",
      startDate = "2030-01-01", endDate = "2030-12-31", startTime = "02:00" } } }
end

local function flow_spec_of(name)
  for id, document in pairs(service.flow_specs) do
    if document.name == name then return id end
  end
end

--- One set-up of a card; gives the ID of each part.
local function set_up(card)
  local selectors = json.array {}
  for i = 1, math.min(2, #examples.list) do selectors[i] = audience(i) end
  local made = {}
  made.connections = make("connections", { connectionSpec = spec(card.spec), auth = card.auth })
  made.sourceConnections = make("sourceConnections", { connectionSpec = spec(PROFILE_STORE) })
  made.targetConnections = make("targetConnections", { connectionSpec = spec(card.spec),
    baseConnectionId = made.connections, params = card.params })
  made.flows = make("flows", { flowSpec = spec(flow_spec_of(card.flow_spec)),
    sourceConnectionIds = json.array { made.sourceConnections },
    targetConnectionIds = json.array { made.targetConnections },
    transformations = json.array { { name = "GeneralTransform", params = {
      segmentSelectors = { selectors = selectors }, profileSelectors = { selectors = json.array {} } } } } })
  return made
end

-- The copies
-- ----------

local scope = service.store:scope(ORG, SANDBOX)
local function id_of(kind, i) return service.ids:uuid(("crowd %s %d"):format(kind, i)) end

--- Puts a copy into the store.
local function add(kind, template, i, changes)
  local item = {}
  for name, value in pairs(template) do item[name] = value end
  item.id = id_of(kind, i)
  item.etag = service.ids:etag(item.id, 1)
  item.version, item.createdAt = item.etag, BORN - i * 60000
  item.updatedAt = item.createdAt
  for name, value in pairs(changes) do item[name] = value end
  scope:add(kind, item)
end

local function account_of(i) return (i - 1) // PER_ACCOUNT + 1 end

local function add_account(template, i)
  add("connections", template, i, { name = CAREFUL[i] or ("Account %04d"):format(i) })
end

local function add_target(template, i, account)
  local base = { id = id_of("connections", account), connectionSpec = template.connectionSpec }
  add("targetConnections", template, i, { name = ("Target %05d"):format(i), baseConnectionId = base.id,
    inheritedAttributes = { baseConnection = base } })
  return base
end

local function add_flow(template, i, base)
  local source, target = id_of("sourceConnections", i), id_of("targetConnections", i)
  local inherited = template.inheritedAttributes
  local from = { id = source, connectionSpec = inherited.sourceConnections[1].connectionSpec,
    typeInfo = inherited.sourceConnections[1].typeInfo }
  add("flows", template, i, { name = CAREFUL[i] or ("Flow %05d"):format(i),
    sourceConnectionIds = json.array { source }, targetConnectionIds = json.array { target },
    state = i % 4 == 0 and "disabled" or "enabled", runs = "/runs?property=flowId==" .. id_of("flows", i),
    inheritedAttributes = { properties = inherited.properties, sourceConnections = json.array { from },
      targetConnections = json.array { { id = target, connectionSpec = base.connectionSpec, baseConnection = base } } },
  })
end

--- A dataflow from a source: it does not say that it leads to a destination.
local function add_import(template, i, name)
  add("flows", template, i, { name = name, transformations = json.array {},
    inheritedAttributes = { sourceConnections = json.array {}, targetConnections = json.array {} } })
end

local function fill(count, orphans)
  local made, templates = set_up(CARDS[1]), {}
  for kind, id in pairs(made) do templates[kind] = scope:get(kind, id).item end
  for kind, id in pairs(made) do scope:remove(kind, id) end
  for i = account_of(math.max(count, 1)) + orphans, 1, -1 do
    if count > 0 or orphans > 0 then add_account(templates.connections, i) end
  end
  for i = count + orphans, 1, -1 do -- the last one is the newest
    add("sourceConnections", templates.sourceConnections, i, { name = ("Source %05d"):format(i) })
    local base = add_target(templates.targetConnections, i, account_of(math.min(i, math.max(count, 1))))
    if i <= count then add_flow(templates.flows, i, base) end
  end
  for i = 1, options.sources or 0 do add_import(templates.flows, count + i, ("Import %04d"):format(i)) end
end

local function add_runs(count)
  for i = math.min(20, options.flows), 1, -1 do -- lists show last what is changed first
    for run = 1, count do
      service:add_run(id_of("flows", i), service.ids:uuid("audience " .. examples.list[1].key),
        run % 3 == 0 and "failed" or "success")
    end
  end
end

options.flows = options.flows or 10
if options.flows + (options.orphans or 0) > 0 then fill(options.flows, options.orphans or 0) end
if options.runs then add_runs(options.runs) end
service.options.permissions = held

print("serving " .. server.url)
io.stdout:flush()
while true do core.task.sleep(3600) end
