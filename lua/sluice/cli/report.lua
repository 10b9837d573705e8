--- The result of a run: the dataflow as the service holds it, as text or as one JSON document.

local apply = require "sluice.destination.apply"
local arguments = require "sluice.recipe.arguments"
local catalog = require "sluice.catalog"
local core = require "sluice.core"
local text = require "sluice.cli.text"

local M = {}

local Page = {}
Page.__index = Page

function Page:add(format, ...)
  self[#self + 1] = format:format(...)
end

function Page:field(label, value)
  if value ~= nil and value ~= "" then self:add("  %-15s %s", label, text.line(value)) end
end

--- The parameters of a target connection that say where files land: "FTP, remotePath /in".
local function place(target)
  local params = type(target.params) == "table" and target.params or {}
  local names, words = {}, { params.mode }
  for name, value in pairs(params) do
    if name ~= "mode" and (type(value) == "string" or type(value) == "number") then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do words[#words + 1] = name .. " " .. tostring(params[name]) end
  return table.concat(words, ", ")
end

--- One end of the flow: "SFTP: Loyal customers - target (8e45…)".
local function end_of_flow(title, item, id)
  return ("%s: %s (%s)"):format(title, item.name or "no name", id)
end

--- A list of the flow; what the service left out, or holds in another shape, counts as empty.
local function list_at(flow, pointer)
  local value = core.pointer.get(flow, "/transformations/0/params" .. pointer)
  return core.json.is_array(value) and value or {}
end

--- The list at one of the two places where a flow may keep it.
local function list_at_either(flow, name)
  local list = list_at(flow, "/profileSelectors/" .. name)
  return #list > 0 and list or list_at(flow, "/" .. name)
end

local function value_of(selector)
  local value = type(selector) == "table" and selector.value
  return type(value) == "table" and value or {}
end

local function add_list(page, title, items, word)
  page:add("\n%s: %s", title, #items == 0 and "none" or #items)
  for _, item in ipairs(items) do page:add("  %s", word(item)) end
end

local function add_audiences(page, audiences, shape)
  page:add("\nAudiences: %s", #audiences == 0 and "none" or #audiences)
  for _, selector in ipairs(audiences) do
    local audience = value_of(selector)
    page:add("  %s", text.line(audience.name and ("%s (%s)"):format(audience.name, audience.id) or audience.id))
    if shape ~= "streaming" then
      page:add("    schedule   %s", text.schedule(audience))
      page:add("    file name  %s", text.line(audience.filenameTemplate or "the destination's default"))
    end
  end
end

--- The columns of a mapping set: the name in the file, and the attribute behind it.
local function add_columns(page, flow, mappings)
  if not mappings then
    return page:add("\nColumns: those of mapping set %s", text.line(core.pointer.get(flow,
      "/transformations/0/params/profileMapping/mappingId")))
  end
  add_list(page, "Columns", mappings, function(row)
    return text.line(("%s  %s"):format(row.destination, row.source))
  end)
end

local function add_datasets(page, result)
  local datasets = core.pointer.get(result.source, "/params/datasets")
  page:field("schedule", text.dataset_schedule(result.flow.scheduleParams))
  add_list(page, "Datasets", core.json.is_array(datasets) and datasets or {}, function(dataset)
    return text.line(dataset.name and ("%s (%s)"):format(dataset.name, dataset.dataSetId) or dataset.dataSetId)
  end)
end

local function add_profiles(page, result)
  local flow = result.flow
  add_audiences(page, list_at(flow, "/segmentSelectors/selectors"), result.shape)
  if result.shape == "v2" then
    add_columns(page, flow, result.mappings)
  else
    add_list(page, "Attributes", list_at(flow, "/profileSelectors/selectors"), function(selector)
      return text.line(value_of(selector).path)
    end)
  end
  if result.shape == "streaming" then return end
  add_list(page, "Mandatory fields", list_at_either(flow, "mandatoryFields"), text.line)
  add_list(page, "Deduplication keys", list_at_either(flow, "primaryFields"), text.key)
end

local PLACES = { streaming = "messages go to" } -- all others write files

--- The page for people.
---@param result table what a destination's apply gave back
---@return string
function M.dataflow(result)
  local flow, ids = result.flow, result.ids
  local page = setmetatable({}, Page)
  local source = result.shape == "datasets" and catalog.data_lake or catalog.profile_store
  page:add("\nDataflow: %s", text.line(flow.name))
  page:field("id", flow.id)
  page:field("description", flow.description)
  page:field("state", flow.state)
  page:field("source", end_of_flow(source.title, result.source, ids.source_connection))
  page:field("target", end_of_flow(result.title, result.target, ids.target_connection))
  page:field("base connection", ids.base_connection)
  page:field(PLACES[result.shape] or "files go to", place(result.target))
  if result.shape == "datasets" then add_datasets(page, result) else add_profiles(page, result) end
  local policy = core.pointer.get(flow, "/policy/enforcementRefs")
  if core.json.is_array(policy) and #policy > 0 then add_list(page, "Marketing actions", policy, text.line) end
  return table.concat(page, "\n") .. "\n"
end

--- What a change was made of, under the word for it.
local CHANGED = { { "flow", "Dataflow" }, { "account", "Account" }, { "target", "Target connection" } }

--- The page for people of a change.
---@param result sluice.change.result
---@return string
function M.change(result)
  local page = setmetatable({}, Page)
  for _, row in ipairs(CHANGED) do
    local item = result[row[1]]
    if item then
      page:add("\n%s: %s", row[2], text.line(item.name))
      page:field("id", item.id)
      page:field("state", item.state)
    end
  end
  if result.target then page:field("files go to", place(result.target)) end
  page:add("\n%s:", result.changed > 0 and "What was done" or "Nothing had to be done")
  for _, sentence in ipairs(result.explained) do page:add("  %s", text.line(sentence)) end
  local audiences = result.flow and list_at(result.flow, "/segmentSelectors/selectors") or {}
  if #audiences > 0 then
    add_audiences(page, audiences, value_of(audiences[1]).schedule == nil and "streaming" or nil)
  end
  return table.concat(page, "\n") .. "\n"
end

--- Is this what a change gave back? There is none before its module is loaded.
---@param result any what the recipe gave back
---@return boolean
function M.is_change(result)
  local change = package.loaded["sluice.dataflow.change"]
  return change ~= nil and change.is_result(result)
end

--- The document for programs: the fields of what an apply or a change gave back, or anything else under `result`.
---@param recipe table
---@param result any what the recipe gave back
---@param emulated boolean
---@return table
function M.document(recipe, result, emulated)
  local document = { recipe = { name = recipe.name, version = recipe.version }, emulated = emulated }
  if not apply.is_result(result) and not M.is_change(result) then
    document.result = result
    return document
  end
  for name, value in pairs(result) do document[name] = value end
  for _, name in ipairs { "steps", "warnings" } do
    document[name] = result[name] and core.json.array(result[name])
  end
  return document
end

local IDENTITY = { "AEP_ORG_ID", "AEP_CLIENT_ID", "AEP_CLIENT_SECRET", "AEP_SCOPES" }

local function is_option(option, words)
  for _, word in ipairs(words) do
    if word == option or word:sub(1, #option + 1) == option .. "=" then return true end
  end
  return false
end

local function is_given(param, option, words, row)
  return is_option(option, words) or param.env ~= nil and (os.getenv(param.env) or "") ~= ""
    or row ~= nil and row.values[param.name] ~= nil
end

--- The one line that runs the same recipe on the platform.
---@param recipe table
---@param call sluice.cli.Call how it was run on the emulator
---@param options table of `sluice run`
---@param row sluice.recipe.row|nil of a file of parameters
---@return string
function M.on_the_platform(recipe, call, options, row)
  local words = { text.shell(call.program) }
  if not call.itself then words[2] = "run" end
  for _, name in ipairs { "sandbox", "params" } do
    if options[name] then words[#words + 1] = ("--%s %s"):format(name, text.shell(options[name])) end
  end
  if not call.itself then words[#words + 1] = text.shell(call.script) end
  local variables = table.move(IDENTITY, 1, #IDENTITY, 1, {})
  for _, word in ipairs(call.rest) do words[#words + 1] = text.shell(word) end
  for _, param in ipairs(recipe.params) do
    local option = arguments.option(param)
    if param.type == "secret" then
      local in_row = row ~= nil and row.values[param.name] ~= nil
      if not is_option(option, call.rest) and not in_row then variables[#variables + 1] = param.env end
    elseif param.default == nil and param.required ~= false and not is_given(param, option, call.rest, row) then
      words[#words + 1] = option .. " " .. param.name:upper()
    end
  end
  return ("On the real platform, with %s set: %s"):format(text.list(variables), table.concat(words, " "))
end

return M
