--- The first draft of a recipe for an entry of the catalog: with parameters, and with words on what to change. It runs
--- on the emulator as it is.

local catalog = require "sluice.catalog"
local example = require "sluice.catalog.example"
local filename = require "sluice.activation.filename"

local M = {}

-- ── parameters ─────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.catalog.Draft
---@field key string of the catalog
---@field system sluice.catalog.system
---@field params string[] lines that declare parameters
---@field declared table<string, string> the API's name → the parameter's
---@field package prefix string of variables for secrets

--- Declares a parameter once; gives the words that stand for it.
local function declare(draft, param, line)
  if not draft.declared[param.name] then
    draft.declared[param.name] = "params." .. example.snake(param.name)
    table.insert(draft.params, line)
  end
  return draft.declared[param.name]
end

--- The kind of a parameter, as a recipe declares it.
local function kind_of(param)
  if param.values then
    local quoted = {}
    for i, value in ipairs(param.values) do quoted[i] = ("%q"):format(value) end
    return (' type = "enum", values = { %s },'):format(table.concat(quoted, ", "))
  end
  return param.number and ' type = "integer",' or ""
end

--- The parameter of the recipe that gives a parameter of the API.
local function given(draft, param, what)
  local name = example.snake(param.name)
  local value = example.value(param)
  if type(value) == "table" then return nil end
  if param.secret then
    local env = (draft.prefix .. "_" .. name):upper()
    return declare(draft, param, ('{ name = %q, type = "secret", help = "%s of %s", env = %q,\n      example = %q },')
      :format(name, param.name, what, env, value))
  end
  if param.number then value = math.tointeger(tonumber(value)) or 1 end
  return declare(draft, param, ('{ name = %q,%s help = "%s of %s", example = %s },'):format(name, kind_of(param),
    param.name, what, type(value) == "string" and ("%q"):format(value) or tostring(value)))
end

--- The required ones of a list, as lines of a table: `bucketName = params.bucket_name,`.
local function lines_of(draft, params, what)
  local lines = {}
  for _, param in ipairs(params) do
    local wanted = param.required and (param.exports == nil or param.exports == "audiences") and not param.when
    local value = wanted and (param.only and ("%q"):format(param.only) or given(draft, param, what))
    if value then lines[#lines + 1] = ("%s = %s,"):format(param.name, value) end
  end
  return lines
end

-- ── the definition ─────────────────────────────────────────────────────────────────────────────────────────

local function add(lines, indent, list)
  for _, line in ipairs(list) do lines[#lines + 1] = indent .. line end
end

local function add_auth(draft, lines, auth)
  if not auth then return end
  add(lines, "      ", { "auth = {", ("  spec = %q,"):format(auth.name) })
  add(lines, "        ", lines_of(draft, auth.params, "the account"))
  add(lines, "      ", { "}," })
end

local function add_target(draft, lines, mode)
  add(lines, "      ", { "target = {" })
  if #draft.system.modes > 1 then add(lines, "        ", { ("mode = %q,"):format(mode.name) }) end
  add(lines, "        ", lines_of(draft, mode.params, "the target"))
  add(lines, "      ", { "}," })
end

local DAYS = {
  '{ name = "first_day", type = "date", help = "day of the first export", example = "2030-01-01" },',
  '{ name = "end_day", type = "date", help = "day after the last export", example = "2030-12-31" },',
}

local function add_audience(draft, lines)
  table.insert(draft.params, '{ name = "audience", type = "list", of = "audience", help = "ID or exact name of an '
    .. 'audience",\n      example = { "Loyal customers" } },')
  if draft.system.shape == "streaming" then
    add(lines, "      ", { "audiences = ctx.audiences(params.audience)," })
    return
  end
  for _, line in ipairs(DAYS) do table.insert(draft.params, line) end
  add(lines, "      ", { "audiences = ctx.audiences(params.audience, {",
    ("  filename = %q,"):format(draft.system.shape == "v2" and filename.USUAL_V2 or filename.USUAL),
    '  schedule = sluice.schedule.daily { at = "02:00", from = params.first_day, to = params.end_day },', "})," })
end

local ATTRIBUTES = {
  streaming = { '-- what each event says of a profile: paths of the union schema',
    'attributes = { "person.name.firstName", "personalEmail.address" },' },
  files = { "-- the columns of the files: paths of the union schema", "attributes = {", '  "person.name.firstName",',
    '  { path = "personalEmail.address", mandatory = true, deduplicate = true },', "}," },
}

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

local TEXT = [[
-- %s
local sluice = require "sluice"

return sluice.recipe {
  name = %q,
  version = "1.0.0",
  summary = %q,
  -- Each parameter is an option: first_day is --first-day. What has a default may be left out; the example is used
  -- with --emulate only. A secret comes from its variable, never from an argument.
  params = {
    { name = "name", help = "what the dataflow is called", unique = true, default = %q },
    %s
  },
  run = function(ctx, params)
    -- Said again with other values, this adds what lacks and changes what differs; it takes nothing away.
    return ctx.apply(sluice.destination {
      name = params.name,
      type = %q, -- 'sluice catalog %s' says what it takes
%s
    })
  end,
}
]]

--- The text of a recipe.
---@param key string of the catalog
---@param name string of the recipe
---@return string lua
function M.text(key, name)
  local system = catalog.systems[key]
  local draft = { key = key, system = system, params = {}, declared = {}, prefix = (name:gsub("%W", "_")) }
  local auth = system.auth[1]
  local mode = auth and catalog.named(system.modes, auth.mode) or system.modes[1]
  local lines = {}
  add_auth(draft, lines, auth)
  add_target(draft, lines, mode)
  add_audience(draft, lines)
  add(lines, "      ", ATTRIBUTES[system.shape == "streaming" and "streaming" or "files"])
  local summary = "Sends an audience to " .. system.title
  return TEXT:format(summary, name, summary, "Loyal customers to " .. system.title,
    table.concat(draft.params, "\n    "), key, key, table.concat(lines, "\n"))
end

return M
