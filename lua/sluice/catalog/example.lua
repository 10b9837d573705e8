--- A ready recipe for an entry of the catalog: text of Lua that loads, runs on the emulator and passes the checks.

local catalog = require "sluice.catalog"
local filename = require "sluice.activation.filename"

local M = {}

local WIDTH = 100 -- columns up to which a table stays on one line

--- Values of parameters that are plain, and of those that show nothing when they are real.
local VALUES = {
  accessId = "AKIAEXAMPLEEXAMPLE22", s3AccessKey = "AKIAEXAMPLEEXAMPLE22", accessKeyId = "EXAMPLEACCESSKEYID",
  s3SecretKey = "exampleexampleexampleexampleexampleexamp", sshKey = "ZXhhbXBsZQ==",
  domain = "sftp.example.com", host = "sftp.example.com", username = "adobe",
  url = "https://example.dfs.core.windows.net", servicePrincipalId = "example-application", tenant = "example-tenant",
  region = "eu-west-1", sasKeyName = "example-policy", namespace = "example-namespace",
  bucketName = "example-audiences", container = "example-audiences", path = "exports/daily", remotePath = "/incoming",
  stream = "example-stream", eventHubName = "example-hub",
  compression = "GZIP", fileType = "CSV", datasetFileType = "PARQUET", csvOptions = { delimiter = ";", quote = '"' },
}

-- ── writing Lua ────────────────────────────────────────────────────────────────────────────────────────────

--- Text that stands for itself in the example.
local function code(text) return { code = text } end

local write

local function quote(text)
  if text:find('"', 1, true) and not text:find("'", 1, true) then return "'" .. text .. "'" end
  return ("%q"):format(text)
end

--- A table of { key, value } pairs, or of values, on one line when it fits.
local function write_table(entries, indent, used)
  local parts = {}
  for i, entry in ipairs(entries) do
    parts[i] = (entry.key and entry.key .. " = " or "") .. write(entry.value, indent .. "  ", 0)
  end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line + #indent + used <= WIDTH and not line:find "\n" then return line end
  local inner = indent .. "  "
  return "{\n" .. inner .. table.concat(parts, ",\n" .. inner) .. ",\n" .. indent .. "}"
end

function write(value, indent, used)
  if type(value) == "string" then return quote(value) end
  if type(value) ~= "table" then return tostring(value) end
  if value.code then return value.code end
  return (value.helper or "") .. write_table(value, indent, used)
end

local function pair(list, key, value)
  list[#list + 1] = { key = key, value = value }
end

local function pairs_of(map)
  local keys, list = {}, {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do pair(list, key, map[key]) end
  return list
end

-- ── the parts ──────────────────────────────────────────────────────────────────────────────────────────────

--- A name in the form of a recipe's parameter: s3SecretKey → s3_secret_key.
---@param name string
---@return string
function M.snake(name)
  return (name:gsub("%u", function(letter) return "_" .. letter:lower() end))
end

local snake = M.snake

--- A value that a parameter may have.
---@param param sluice.catalog.param
---@return string|table value a table for one with fields
function M.value(param)
  return VALUES[param.name] or param.values and param.values[1] or param.secret and "example-secret" or "example"
end

--- The credentials: secrets come from the recipe's parameters.
local function auth_of(auth, key, params)
  local table_of_auth = {}
  pair(table_of_auth, "spec", auth.name)
  for _, param in ipairs(auth.params) do
    if param.required and param.secret then
      local name = snake(param.name)
      pair(table_of_auth, param.name, code("params." .. name))
      local declared = {}
      pair(declared, "name", name)
      pair(declared, "type", "secret")
      pair(declared, "env", (key .. "_" .. name):gsub("%W", "_"):upper())
      pair(declared, "example", M.value(param))
      params[#params + 1] = { value = declared }
    elseif param.required then
      pair(table_of_auth, param.name, M.value(param))
    end
  end
  return table_of_auth
end

local function target_of(mode, kind, has_several)
  local target = {}
  if has_several then pair(target, "mode", mode.name) end
  for _, param in ipairs(mode.params) do
    local is_wanted = param.required or param.fields
    if is_wanted and (param.exports == nil or param.exports == kind) then
      local value = M.value(param)
      pair(target, param.name, type(value) == "table" and pairs_of(value) or value)
    end
  end
  return target
end

local DAYS = { { key = "from", value = "2030-01-01" }, { key = "to", value = "2030-12-31" } }

local function audiences_of(shape)
  local audience = {}
  pair(audience, "id", "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1")
  pair(audience, "name", "Loyal customers")
  if shape ~= "streaming" then
    pair(audience, "filename", shape == "v2" and filename.USUAL_V2 or filename.USUAL)
    pair(audience, "schedule", { helper = "sluice.schedule.daily ", { key = "at", value = "02:00" }, DAYS[1], DAYS[2] })
  end
  return { { value = audience } }
end

local ATTRIBUTES = {
  { value = "person.name.firstName" },
  { value = { { key = "path", value = "personalEmail.address" }, { key = "mandatory", value = true },
    { key = "deduplicate", value = true } } },
}
local STREAMED = { { value = "person.name.firstName" }, { value = "personalEmail.address" } }

local function datasets_of()
  return { { value = { { key = "id", value = "5ef3e3259ad2a1191ab7dd7d" }, { key = "name", value = "Loyalty" } } } }
end

local function what_of(definition, shape, kind)
  if kind == "datasets" then
    pair(definition, "datasets", datasets_of())
    pair(definition, "schedule", { helper = "sluice.schedule.datasets.every_hours(6) ", DAYS[1], DAYS[2] })
  else
    pair(definition, "audiences", audiences_of(shape))
    pair(definition, "attributes", shape == "streaming" and STREAMED or ATTRIBUTES)
  end
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────

local TEXT = [[
local sluice = require "sluice"

return sluice.recipe {
  name = %q,
  version = "1.0.0",
  summary = %q,
  params = %s,
  run = function(%s)
    return ctx.apply(sluice.destination %s)
  end,
}
]]

--- The text of a recipe that sets a destination up.
---@param key string of the catalog
---@param opts { kind: "audiences"|"datasets"|nil, auth: string|nil }|nil what is exported, default audiences; the
---  auth spec, default the first
---@return string lua
function M.text(key, opts)
  local system, kind = catalog.systems[key], opts and opts.kind or "audiences"
  local auth = opts and opts.auth and catalog.named(system.auth, opts.auth) or system.auth[1]
  local mode = auth and catalog.named(system.modes, auth.mode) or system.modes[1]
  local params, definition = {}, {}
  pair(definition, "name", kind == "datasets" and "Loyalty datasets" or "Loyal customers")
  pair(definition, "type", key)
  if auth then pair(definition, "auth", auth_of(auth, key, params)) end
  pair(definition, "target", target_of(mode, kind, #system.modes > 1))
  what_of(definition, system.shape, kind)
  local summary = ("Sends %s to %s"):format(kind == "datasets" and "a dataset" or "an audience", system.title)
  local name = kind == "datasets" and "export_to_" .. key or "activate_" .. key
  return TEXT:format((name:gsub("%W", "_")), summary, #params == 0 and "{}" or write_table(params, "  ", WIDTH),
    #params == 0 and "ctx" or "ctx, params", write_table(definition, "    ", WIDTH))
end

return M
