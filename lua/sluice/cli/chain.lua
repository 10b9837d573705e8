--- The chain that an entity belongs to (`sluice.overview.chain`) as a page for people.

local core = require "sluice.core"
local facts = require "sluice.overview.facts"
local page_of = require "sluice.cli.page"
local run_facts = require "sluice.runs.facts"
local running = require "sluice.cli.running"
local span = require "sluice.span"
local text = require "sluice.cli.text"

local M = {}

local MANY = 20 -- entities of a list that a page shows of an entity that many use

local NOUNS = {}
for _, kind in pairs(facts.KINDS) do NOUNS[kind.word] = kind.noun end

local function name_of(item) return facts.text(item.name) or "without a name" end

local function title(noun) return noun:sub(1, 1):upper() .. noun:sub(2) end

-- ── parts of entities ──────────────────────────────────────────────────────────────────────────────────────

--- The plain members of an object in an order of their own: "mode FTP, remotePath /in".
local function members(value)
  local names, words = {}, {}
  for name, member in pairs(type(value) == "table" and value or {}) do
    if member ~= core.json.null then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    local member = value[name]
    words[i] = ("%s %s"):format(name, type(member) == "table" and core.json.encode(member) or tostring(member))
  end
  return #words > 0 and table.concat(words, ", ") or nil
end

--- What every entity of the Flow Service has.
local function add_common(page, item)
  page:field("ID", item.id)
  page:field("description", item.description)
  page:field("state", item.state)
end

local function add_times(page, item)
  page:field("created", page_of.moment(item.createdAt))
  if item.updatedAt ~= item.createdAt then page:field("changed", page_of.moment(item.updatedAt)) end
end

local function spec_words(document, item)
  local id = facts.spec_id(item)
  for _, spec in ipairs(document.connection_specs or {}) do
    if spec.id == id and spec.name then return spec.name end
  end
  return id
end

--- Whose account it is, and with which credentials; no secret among them.
local function credentials(account)
  local auth = type(account.auth) == "table" and account.auth or {}
  local params = members(auth.params)
  return auth.specName and params and ("%s: %s"):format(tostring(auth.specName), params) or auth.specName or params
end

local function add_account(page, document, account)
  page:heading("Account", name_of(account))
  add_common(page, account)
  page:field("destination", spec_words(document, account))
  page:field("credentials", credentials(account))
  page:field("encryption", facts.at(account, "encryption", "specName"))
end

local function add_connection(page, noun, item)
  page:heading(title(noun), name_of(item))
  add_common(page, item)
  local params = type(item.params) == "table" and item.params or {}
  local datasets = params.datasets
  if type(datasets) ~= "table" then return page:field("parameters", members(params)) end
  for _, dataset in ipairs(datasets) do
    page:field("dataset", page_of.named { id = facts.at(dataset, "dataSetId"), name = facts.at(dataset, "name") })
  end
end

-- ── parts of dataflows ─────────────────────────────────────────────────────────────────────────────────────

local function count_heading(page, words, list) page:heading(words, #list == 0 and "none" or #list) end

local function add_audiences(page, document)
  local audiences = document.audiences
  if #audiences == 0 and document.flow.scheduleParams ~= nil then return end
  count_heading(page, "Audiences", audiences)
  for _, audience in ipairs(audiences) do
    page:put("  ", page_of.named { id = facts.id(audience), name = facts.text(audience.name) })
    if audience.schedule or audience.filenameTemplate then
      page:put("    ", page_of.line(text.schedule(audience)))
      page:put("    ", page_of.line(audience.filenameTemplate or "named as the destination does by default"))
    end
  end
end

--- Attributes as the tutorial's cards have them; the columns of newer cards are in a mapping set.
local function add_attributes(page, flow)
  local params = core.pointer.get(flow, "/transformations/0/params")
  local list = {}
  for _, selector in ipairs(facts.at(params, "profileSelectors", "selectors") or {}) do
    list[#list + 1] = page_of.line(facts.at(selector, "value", "path"))
  end
  if #list > 0 then
    page:heading("Attributes", #list)
    for _, path in ipairs(list) do page:add("  " .. path) end
  end
  page:field("mapping set", facts.at(params, "profileMapping", "mappingId"))
end

local COLOURS = { succeeded = "string", failed = "bad" }
local RUN_COLUMNS = { {}, {}, { goes = 3 }, { goes = 1 }, { goes = 2 }, {}, { goes = 0, cut = true } }

local function add_runs(page, runs)
  if not runs then return end
  count_heading(page, "Last runs, times in UTC", runs)
  local rows, outcomes = {}, {}
  for i, run in ipairs(runs) do
    local known = run_facts.of(run)
    outcomes[i] = known.outcome
    rows[i] = { known.status, known.started and os.date("!%Y-%m-%d %H:%M", known.started) or "",
      known.duration and span.text(known.duration) or "",
      known.output and running.plural(known.output, "record") or "",
      known.files and running.plural(known.files, "file") or "", known.id, running.error(known) or "" }
  end
  page:rows(rows, RUN_COLUMNS, function(i) return COLOURS[outcomes[i]] end)
end

local LIST_COLUMNS = { { cut = true }, {}, { goes = 1 }, { goes = 2 } }

--- Entities that belong to something; `last` says what stands behind each.
local function add_list(page, words, items, last)
  local rows = {}
  count_heading(page, words, items)
  for i = 1, math.min(#items, MANY) do
    local item = items[i]
    rows[i] = { item.name or "", item.id, item.state or "", last and last(item) or "" }
  end
  page:rows(rows, LIST_COLUMNS)
  if #items > MANY then page:add(("  … %d more; --json shows all"):format(#items - MANY)) end
end

local function audience_count(flow) return running.plural(#flow.audiences, "audience") end

--- Dataflows that something belongs to.
local function add_flows(page, document, last)
  add_list(page, "Dataflows", document.flows, last or audience_count)
end

-- ── pages ──────────────────────────────────────────────────────────────────────────────────────────────────

local PAGES = {}

local function add_ends(page, document)
  for _, item in ipairs(document.target_connections or {}) do add_connection(page, "target connection", item) end
  for _, item in ipairs(document.source_connections or {}) do add_connection(page, "source connection", item) end
end

function PAGES.flow(page, document)
  local flow = document.flow
  page:heading("Dataflow", name_of(flow))
  add_common(page, flow)
  local spec = document.flow_spec
  page:field("flow spec", spec and page_of.named(spec))
  if flow.scheduleParams ~= nil then page:field("schedule", text.dataset_schedule(flow.scheduleParams)) end
  page:field("marketing", members(facts.at(flow, "policy", "enforcementRefs")))
  add_times(page, flow)
  for _, account in ipairs(document.accounts) do add_account(page, document, account) end
  add_ends(page, document)
  add_audiences(page, document)
  add_attributes(page, flow)
  add_runs(page, document.runs)
end

function PAGES.account(page, document)
  add_account(page, document, document.account)
  add_times(page, document.account)
  add_list(page, "Target connections", document.target_connections)
  if #document.source_connections > 0 then add_list(page, "Source connections", document.source_connections) end
  add_flows(page, document)
end

local function end_page(word)
  return function(page, document)
    add_connection(page, NOUNS[word], document[word])
    page:field("system", spec_words(document, document[word]))
    add_times(page, document[word])
    for _, account in ipairs(document.accounts) do add_account(page, document, account) end
    add_flows(page, document)
  end
end

PAGES.target_connection, PAGES.source_connection = end_page "target_connection", end_page "source_connection"

function PAGES.audience(page, document)
  local audience = document.audience
  page:heading("Audience", name_of(audience))
  add_common(page, audience)
  page:field("state", audience.lifecycleState)
  page:field("type", audience.type)
  page:field("origin", audience.originName)
  page:field("own ID", audience.audienceId ~= audience.id and audience.audienceId or nil)
  page:field("namespace", audience.namespace)
  page:field("expression", facts.at(audience, "expression", "value"))
  add_times(page, { createdAt = audience.creationTime, updatedAt = audience.updateTime })
  add_flows(page, document, function(flow) return flow.audience and text.schedule(flow.audience) or "" end)
end

--- Parameters of a schema: those that are required, those that need not be.
local function add_schema(page, label, schema)
  local properties, required = facts.at(schema, "properties"), {}
  for _, name in ipairs(facts.texts(facts.at(schema, "required"))) do required[name] = true end
  local names = {}
  for name in pairs(type(properties) == "table" and properties or {}) do
    if not required[name] then names[#names + 1] = name end
  end
  table.sort(names)
  local needed = facts.texts(facts.at(schema, "required"))
  page:field(label, (#needed > 0 and table.concat(needed, ", ") or "none required")
    .. (#names > 0 and "; optional: " .. table.concat(names, ", ") or ""))
end

function PAGES.connection_spec(page, document)
  local spec = document.connection_spec
  page:heading("Connection spec", name_of(spec))
  page:field("ID", spec.id)
  page:field("version", spec.version)
  page:field("in the catalog", document.catalog)
  for _, auth in ipairs(type(spec.authSpec) == "table" and spec.authSpec or {}) do
    page:heading("Credentials", facts.at(auth, "name"))
    add_schema(page, "parameters", facts.at(auth, "spec"))
  end
  local target = facts.at(spec, "targetSpec", "spec")
  if target then
    page:heading "Target"
    add_schema(page, "parameters", target)
  end
  add_list(page, "Accounts", document.accounts)
end

function PAGES.flow_spec(page, document)
  local spec = document.flow_spec
  page:heading("Flow spec", name_of(spec))
  page:field("ID", spec.id)
  page:field("version", spec.version)
  for label, member in pairs { sources = "sourceConnectionSpecIds", targets = "targetConnectionSpecIds" } do
    local words = {}
    for i, id in ipairs(facts.texts(spec[member])) do
      words[i] = page_of.named { id = id, name = facts.known_title(id) }
    end
    if #words > 0 then page:field(label, table.concat(words, ", ")) end
  end
  add_flows(page, document)
end

function PAGES.run(page, document)
  local run = run_facts.of(document.run)
  local function time(seconds) return seconds and os.date("!%Y-%m-%d %H:%M:%S UTC", seconds) end
  page:heading("Run", run.id)
  page:field("status", run.status)
  page:field("dataflow", document.flow and page_of.named(document.flow) or run.flow)
  page:field("began", time(run.started))
  page:field("ended", time(run.ended))
  for _, name in ipairs { "input", "output", "failed", "skipped" } do
    page:field("records " .. name, run[name] and running.count(run[name]))
  end
  page:field("files", run.files and running.count(run.files))
  page:field("size", run.bytes and running.bytes(run.bytes))
  page:field("error", running.error(run))
  local names = {}
  for _, audience in ipairs(document.flow and document.flow.audiences or {}) do names[audience.id] = audience.name end
  for _, id in ipairs(run.subjects) do page:field("exported", page_of.named { id = id, name = names[id] }) end
end

function PAGES.sandbox(page, document)
  local sandbox = document.sandbox
  page:heading("Sandbox", sandbox.name)
  for _, row in ipairs { { "title", "title" }, { "state", "state" }, { "type", "type" }, { "region", "region" },
    { "default", "isDefault" }, { "created", "createdDate" } } do page:field(row[1], sandbox[row[2]]) end
end

--- What could not be read: what is gone stands first among what matters.
local function add_unread(page, unread)
  for i, entry in ipairs(unread) do
    if i == 1 then page:heading "Not shown" end
    local what = entry.kind == "runs" and "last runs" or facts.KINDS[entry.kind].noun .. " " .. entry.id
    page:put("  ", page_of.line(what .. (entry.gone and " is gone" or ": " .. entry.reason)))
  end
end

--- The page.
---@param document table of `sluice.overview.chain`
---@return string text of whole lines
function M.text(document)
  local page = page_of.new()
  PAGES[document.kind](page, document)
  add_unread(page, document.unread)
  return page:text()
end

return M
