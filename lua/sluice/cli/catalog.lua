--- `sluice catalog [NAME]`: the destinations known by name, and what there is to know of one.

local M = {
  name = "catalog",
  summary = "list the known destinations, or explain one",
  usage = "[options] [NAME]",
  argument = { name = "NAME", help = "a name of the list, a title, or a connection spec ID" },
  options = {
    { name = "--datasets", help = "the example exports datasets, not audiences" },
    { name = "--lua", help = "print the example only: a recipe to save and to run" },
    { name = "--json", help = "print one JSON document" },
  },
  notes = [[
No network is needed. What the spec documents of your organisation say, wins:
'sluice run' tells where they differ from this list.
]],
  example = "sluice catalog amazon-s3-v2\nsluice catalog sftp-v2 --lua > activate.lua",
}

local KINDS_OF_SHAPE = { legacy = "file destination of the tutorial", v2 = "cloud storage, second generation",
  streaming = "stream" }

-- ── words ──────────────────────────────────────────────────────────────────────────────────────────────────

--- A value as Lua writes it.
local function literal(value)
  local text = value:gsub("\\", "\\\\"):gsub("\t", "\\t")
  return text:find('"', 1, true) and "'" .. text .. "'" or '"' .. text .. '"'
end

local function values_of(list)
  local words = {}
  for i, value in ipairs(list) do words[i] = literal(value) end
  return table.concat(words, ", ", 1, #words - 1) .. (#words > 1 and " or " or "") .. words[#words]
end

--- What a parameter asks for, in words.
local function demands_of(param)
  local words = { param.required and "required" or "optional" }
  local function add(format, ...) words[#words + 1] = format:format(...) end
  if param.secret then add "secret" end
  if param.exports then add("for %s", param.exports) end
  if param.when then add("with %s %s", param.when.name, literal(param.when.value)) end
  if param.number then add "an integer" end
  if param.form then add("%s", param.form.says) end
  if param.values then add("%s", values_of(param.values)) end
  if param.only then add("%s", literal(param.only)) end
  if param.default then add("left out: sent as %s", literal(param.default)) end
  if param.implied then add("left out: %s", literal(param.implied)) end
  if param.from then add("left out: the %s, where it is required", param.from) end
  if param.unsettled then add("left out: %s", param.unsettled) end
  return table.concat(words, "; ")
end

-- ── pages ──────────────────────────────────────────────────────────────────────────────────────────────────

local Page = {}
Page.__index = Page

--- A line, with the source of what it says at its end.
function Page:add(source, format, ...)
  for tag in (source or ""):gmatch "[^,]+" do self.tags[tag] = true end
  self[#self + 1] = format:format(...) .. (source and ("  [%s]"):format(source) or "")
end

function Page:params(params, indent, source)
  local width = 0
  for _, param in ipairs(params) do width = math.max(width, #param.name) end
  for _, param in ipairs(params) do
    self:add(param.source or param.form and param.form.source or source, "%s%-" .. width .. "s  %s", indent, param.name,
      demands_of(param))
    if param.fields then self:params(param.fields, indent .. "  ", param.source or source) end
  end
end

function Page:flow_spec(kind, spec)
  if not spec then return end
  self:add(spec.source, "  %-21s %s", "flow spec, " .. kind, spec.id or ("%s (by name)"):format(spec.name))
end

local function add_facts(page, key, system)
  page:add(system.source, "%s: %s, %s", key, system.title, KINDS_OF_SHAPE[system.shape])
  local by = system.replaced_by
  if by then page:add(by.source, "  moved by Adobe to a newer card by July 2023: use %s", by.type) end
  page:add(system.source, "  %-21s %s", "connection spec", system.connection_spec)
  page:flow_spec("audiences", system.flow_spec)
  page:flow_spec("datasets", system.dataset_flow_spec)
end

local function add_credentials(page, system)
  if #system.auth == 0 then page:add(system.source, "\nauth: none, no credentials are needed") end
  for _, auth in ipairs(system.auth) do
    local also = auth.also and (", here and there %q"):format(auth.also) or ""
    page:add(auth.source, "\nauth, spec = %q%s%s", auth.name, also,
      auth.mode and #system.modes > 1 and (", for mode %q"):format(auth.mode) or "")
    page:params(auth.params, "  ", auth.source)
  end
end

local function add_targets(page, system)
  for _, mode in ipairs(system.modes) do
    page:add(mode.source, "\ntarget%s", mode.name and (", mode = %q"):format(mode.name) or "")
    page:params(mode.params, "  ", mode.source)
    for _, doubt in ipairs(mode.doubts or {}) do page:add(doubt.source, "  contested: %s", doubt.says) end
  end
end

--- Everything about one destination.
local function page_of(key, kind)
  local catalog = require "sluice.catalog"
  local system, page = catalog.systems[key], setmetatable({ tags = {} }, Page)
  add_facts(page, key, system)
  add_credentials(page, system)
  add_targets(page, system)
  local tags = {}
  for tag in pairs(page.tags) do tags[#tags + 1] = ("%s %s"):format(tag, catalog.sources[tag]) end
  table.sort(tags)
  page:add(nil, "\nsources: %s", table.concat(tags, "; "))
  page:add(nil, "\nexample, also by 'sluice catalog %s%s --lua'; 'sluice run FILE --emulate' tries it:\n", key,
    kind == "datasets" and " --datasets" or "")
  return table.concat(page, "\n") .. "\n" .. require("sluice.catalog.example").text(key, { kind = kind })
end

--- The list of all.
local function list()
  local catalog, rows = require "sluice.catalog", { { "NAME", "DESTINATION", "EXPORTS", "AUTH SPECS" } }
  local widths = {}
  for i, key in ipairs(catalog.keys) do
    local system = catalog.systems[key]
    rows[i + 1] = { key, system.title .. (system.replaced_by and " (replaced)" or ""),
      system.dataset_flow_spec and "audiences, datasets" or "audiences",
      #system.auth == 0 and "none" or table.concat(catalog.names(system.auth), ", ") }
  end
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, #cell) end
  end
  local lines, format = {}, ("%%-%ds  %%-%ds  %%-%ds  %%s"):format(widths[1], widths[2], widths[3])
  for i, row in ipairs(rows) do lines[i] = format:format(table.unpack(row)) end
  return table.concat(lines, "\n") .. "\n"
end

-- ── documents ──────────────────────────────────────────────────────────────────────────────────────────────

--- An entry as JSON has it: lists stay lists when they are empty.
local function document(key, kind, with_example)
  local catalog, core = require "sluice.catalog", require "sluice.core"
  local system, made = catalog.systems[key], { name = key }
  for name, value in pairs(system) do made[name] = value end
  made.auth = core.json.array(core.json.copy(system.auth))
  made.example = with_example and require("sluice.catalog.example").text(key, { kind = kind }) or nil
  return made
end

local function documents()
  local core, made = require "sluice.core", {}
  for i, key in ipairs(require("sluice.catalog").keys) do made[i] = document(key) end
  return core.json.array(made)
end

-- ── the command ────────────────────────────────────────────────────────────────────────────────────────────

local function usage_error(message, ...)
  require("sluice.cli.command").usage_error(M, message:format(...))
end

--- The entry that a word means.
local function key_of(word)
  local catalog, suggest = require "sluice.catalog", require "sluice.suggest"
  local keys = catalog.keys_of(word)
  if #keys == 1 then return keys[1] end
  if #keys > 1 then usage_error("several destinations are called '%s': %s", word, suggest.either(keys)) end
  usage_error("the catalog has no '%s': %s", word, suggest.expected(word, catalog.keys))
end

local function check_kind(key, kind)
  local system = require("sluice.catalog").systems[key]
  if kind == "datasets" and not system.dataset_flow_spec then
    usage_error("--datasets: %s takes no datasets", key)
  end
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = require("sluice.cli.command").read(M, words)
  if not values then return 0 end
  local key, kind = values.NAME and key_of(values.NAME), values.datasets and "datasets" or "audiences"
  if not key and (values.lua or values.datasets) then usage_error "--lua and --datasets go with a NAME" end
  if key then check_kind(key, kind) end
  if values.json then
    io.write(require("sluice.core").json.encode(key and document(key, kind, true) or documents(), { indent = 2 }), "\n")
  elseif values.lua then
    io.write(require("sluice.catalog.example").text(key, { kind = kind }))
  else
    io.write(key and page_of(key, kind) or list())
  end
  return 0
end

return M
