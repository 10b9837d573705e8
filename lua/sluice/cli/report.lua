--- The result of a run: the dataflow as the service holds it, as text or as one JSON document.

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
  if value ~= nil and value ~= "" then self:add("  %-11s %s", label, text.line(value)) end
end

--- The parameters of a target connection that say where files land: "FTP, remotePath /in".
local function place(target)
  local params = type(target) == "table" and target.params or {}
  local names, words = {}, { params.mode }
  for name, value in pairs(params) do
    if name ~= "mode" and (type(value) == "string" or type(value) == "number") then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do words[#words + 1] = name .. " " .. tostring(params[name]) end
  return table.concat(words, ", ")
end

--- One end of the flow: "SFTP: Loyal customers - target (8e45…)".
local function end_of_flow(system, item, id)
  local name = type(item) == "table" and item.name and ("%s (%s)"):format(item.name, item.id or id) or id
  return name and (system and system.title .. ": " or "") .. name
end

--- The parameters of the flow's transformation; both places where a flow keeps mandatory fields and keys are read.
local function selection(flow)
  local transformation = type(flow.transformations) == "table" and flow.transformations[1] or {}
  local params = transformation.params or {}
  local profile = params.profileSelectors or {}
  return {
    audiences = params.segmentSelectors and params.segmentSelectors.selectors or {},
    attributes = profile.selectors or {},
    mandatory = profile.mandatoryFields or params.mandatoryFields or {},
    keys = profile.primaryFields or params.primaryFields or {},
  }
end

local function add_list(page, title, items, word)
  page:add("\n%s: %s", title, #items == 0 and "none" or #items)
  for _, item in ipairs(items) do page:add("  %s", word(item)) end
end

local function add_audiences(page, audiences)
  page:add("\nAudiences: %s", #audiences == 0 and "none" or #audiences)
  for _, selector in ipairs(audiences) do
    local audience = selector.value or {}
    page:add("  %s", text.line(audience.name and ("%s (%s)"):format(audience.name, audience.id) or audience.id))
    page:add("    schedule   %s", text.schedule(audience))
    page:add("    file name  %s", text.line(audience.filenameTemplate or "the destination's default"))
  end
end

--- The page for people.
---@param result table what a destination's apply gave back; anything else gives ""
---@return string
function M.dataflow(result)
  local flow = type(result) == "table" and result.flow
  if type(flow) ~= "table" then return "" end
  local ids, chosen = result.ids or {}, selection(flow)
  local page = setmetatable({}, Page)
  page:add("\nDataflow: %s", text.line(flow.name))
  page:field("id", flow.id)
  page:field("state", flow.state)
  page:field("source", end_of_flow(catalog.profile_store, result.source, ids.source_connection))
  page:field("target", end_of_flow(catalog.systems[result.type], result.target, ids.target_connection))
  page:field("account", ids.base_connection)
  page:field("files go to", place(result.target))
  add_audiences(page, chosen.audiences)
  add_list(page, "Attributes", chosen.attributes, function(item) return text.line(item.value and item.value.path) end)
  add_list(page, "Mandatory fields", chosen.mandatory, text.line)
  add_list(page, "Deduplication keys", chosen.keys, text.key)
  return table.concat(page, "\n") .. "\n"
end

--- The document for programs: the fields of what an apply gave back, or anything else under `result`.
---@param recipe table
---@param result any what the recipe gave back
---@param emulated boolean
---@return table
function M.document(recipe, result, emulated)
  local document = { recipe = { name = recipe.name, version = recipe.version }, emulated = emulated }
  if type(result) ~= "table" or not result.flow then
    document.result = result
    return document
  end
  for name, value in pairs(result) do document[name] = value end
  for _, name in ipairs { "steps", "warnings" } do document[name] = core.json.array(result[name] or {}) end
  return document
end

local IDENTITY = { "AEP_ORG_ID", "AEP_CLIENT_ID", "AEP_CLIENT_SECRET", "AEP_SCOPES" }

local function is_given(param, option, words)
  for _, word in ipairs(words) do
    if word == option or word:sub(1, #option + 1) == option .. "=" then return true end
  end
  return param.env ~= nil and os.getenv(param.env) ~= nil
end

--- The one line that runs the same recipe on the platform.
---@param recipe table
---@param call sluice.cli.Call how it was run on the emulator
---@return string
function M.on_the_platform(recipe, call)
  local words = { text.shell(call.program), "run", text.shell(call.script) }
  local variables = table.move(IDENTITY, 1, #IDENTITY, 1, {})
  for _, word in ipairs(call.rest) do words[#words + 1] = text.shell(word) end
  for _, param in ipairs(recipe.params) do
    local option = "--" .. param.name:gsub("_", "-")
    if param.type == "secret" then
      variables[#variables + 1] = param.env
    elseif param.default == nil and not is_given(param, option, call.rest) then
      words[#words + 1] = option .. " " .. param.name:upper()
    end
  end
  return ("On the real platform, with %s set: %s"):format(text.list(variables), table.concat(words, " "))
end

return M
