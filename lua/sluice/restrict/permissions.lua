--- What a recipe may do: the shape of `permissions`, its check, and its words for people. What is left out has its
--- default; `permissions.default` is what a recipe gets that says nothing.
---
---     permissions = {
---       hosts = { "files.example.com", "*.example.org:8443" },  -- besides the platform and token service of the run;
---                                                               -- without a port that of https
---       sandboxes = { "dev", "stage" },                         -- { "*" }: any; left out: the one that the run is for
---       operations = { "read", "create", "update", "delete" },  -- left out: all but "delete"; which call is what:
---                                                               -- core/engine/policy.c
---       paths = { read = { "data" }, write = { "~/out" } },     -- files, or folders with all below them; relative to
---                                                               -- the working directory; left out: none
---       environment = { "BUCKET" },                             -- for os.getenv; the `env` of the recipe's parameters
---                                                               -- needs no leave; left out: none
---       commands = false,                                       -- true: may run any program, and so do anything
---     }

local clean = require "sluice.terminal.clean"
local findings = require "sluice.findings"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.permissions
---@field hosts string[]|nil
---@field sandboxes string[]|nil
---@field operations ("read"|"create"|"update"|"delete")[]|nil
---@field paths { read: string[]|nil, write: string[]|nil }|nil
---@field environment string[]|nil
---@field commands boolean|nil

--- What a recipe may do that says nothing.
---@type sluice.permissions
M.default = {
  hosts = {}, operations = { "read", "create", "update" }, paths = { read = {}, write = {} }, environment = {},
  commands = false,
}

M.operations = { "read", "create", "update", "delete" }

local KEYS = { "hosts", "sandboxes", "operations", "paths", "environment", "commands" }
local MOST = 100 -- entries of a list
local MOST_BYTES = 2000 -- of all entries: people who are asked have to see it all

--- Is it what people see of it?
local function is_plain(text) return clean.line(text) == text end

-- ── checking ───────────────────────────────────────────────────────────────────────────────────────────────────────

local function is_host(text)
  local name = text:gsub("^%*%.", ""):gsub(":%d+$", "")
  local port = tonumber(text:match ":(%d+)$")
  if port and (port < 1 or port > 65535) then return false end
  if name:find "^%[[%x:.]+%]$" then return not text:find "^%*" end
  return name:find "^[%w%-]+[%w.%-]*$" ~= nil and not name:find "%.%." and not name:find "%.$"
end

--- What a text of each list has to be: a test, and its words.
local FORMS = {
  hosts = { is_host, "a host such as files.example.com, *.example.com or 127.0.0.1:8080" },
  sandboxes = { function(text) return text == "*" or text:find "^%w[%w-]*$" ~= nil end,
    'the name of a sandbox, or "*" for any' },
  environment = { function(text) return text:find "^[%a_][%w_]*$" ~= nil end, "the name of an environment variable" },
  paths = { function(text) return is_plain(text) and not text:find "^~[^/]" end,
    "a path such as data/rows.csv, /srv/data or ~/data" },
}

local function check_list(report, place, list, check)
  if list == nil or not report:list(place, list) then return end
  if #list > MOST then report:error(place, nil, "%d entries, expected at most %d", #list, MOST) end
  for i = 1, math.min(#list, MOST) do
    local at = findings.at(place, i)
    if report:text(at, list[i], "a text") then check(at, list[i]) end
  end
end

local function check_form(report, place, list, form)
  check_list(report, place, list, function(at, text)
    if not form[1](text) then report:error(at, nil, "expected %s, got %s", form[2], suggest.quote(text)) end
  end)
end

local function check_operations(report, list)
  local known = {}
  for _, operation in ipairs(M.operations) do known[operation] = true end
  check_list(report, "/operations", list, function(at, text)
    if not known[text] then report:error(at, nil, "%s", suggest.expected(text, M.operations)) end
  end)
end

local function check_paths(report, paths)
  if paths == nil or not report:object("/paths", paths, { "read", "write" }) then return end
  check_form(report, "/paths/read", paths.read, FORMS.paths)
  check_form(report, "/paths/write", paths.write, FORMS.paths)
end

--- The bytes of all texts in it.
local function size_of(value)
  if type(value) ~= "table" then return type(value) == "string" and #value or 0 end
  local size = 0
  for _, element in pairs(value) do size = size + size_of(element) end
  return size
end

--- What is wrong with permissions as they were written down.
---@param value any nil: the default
---@return sluice.finding[] findings empty when all is well; places such as "/paths/read/0"
function M.check(value)
  local report = findings.new()
  if value == nil or not report:object("", value, KEYS) then return report end
  check_form(report, "/hosts", value.hosts, FORMS.hosts)
  check_form(report, "/sandboxes", value.sandboxes, FORMS.sandboxes)
  check_form(report, "/environment", value.environment, FORMS.environment)
  check_operations(report, value.operations)
  check_paths(report, value.paths)
  if value.commands ~= nil and type(value.commands) ~= "boolean" then
    report:error("/commands", nil, "expected true or false, got %s", suggest.quote(value.commands))
  end
  if #report == 0 and size_of(value) > MOST_BYTES then
    report:error("", nil, "%d bytes in all entries, expected at most %d, so that people can read them", size_of(value),
      MOST_BYTES)
  end
  return report
end

-- ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────────────

local function copy(list)
  return list and table.move(list, 1, #list, 1, {})
end

local function one_of(value, default)
  if value == nil then return default end
  return value
end

--- Permissions with the default of all that was left out, in tables of their own.
---@param value sluice.permissions|nil checked
---@return sluice.permissions
function M.complete(value)
  value = value or {}
  local paths = value.paths or {}
  return {
    hosts = copy(value.hosts or M.default.hosts), sandboxes = copy(value.sandboxes),
    operations = copy(value.operations or M.default.operations),
    paths = { read = copy(paths.read or {}), write = copy(paths.write or {}) },
    environment = copy(value.environment or M.default.environment),
    commands = one_of(value.commands, M.default.commands),
  }
end

-- ── words ──────────────────────────────────────────────────────────────────────────────────────────────────────────

local DOES = { read = "read", create = "create", update = "change", delete = "delete" }

local function named(list, none)
  return #list == 0 and none or table.concat(list, ", ")
end

local function operations_of(list)
  local allowed, may, may_not = {}, {}, {}
  for _, operation in ipairs(list) do allowed[operation] = true end
  for _, operation in ipairs(M.operations) do
    local words = allowed[operation] and may or may_not
    words[#words + 1] = DOES[operation]
  end
  if #may == 0 then return "none" end
  return table.concat(may, ", ") .. (#may_not > 0 and ("; never %s"):format(table.concat(may_not, ", ")) or "")
end

local function sandboxes_of(list)
  if not list then return "the one that the run is for" end
  for _, name in ipairs(list) do
    if name == "*" then return "any" end
  end
  return named(list, "none")
end

local SHOWN = 20 -- variables of parameters

--- The variables that parameters are read from, by name.
local function variables_of(params)
  local seen, variables = {}, {}
  for _, param in ipairs(params or {}) do
    if param.env and not seen[param.env] then
      seen[param.env], variables[#variables + 1] = true, param.env
    end
  end
  table.sort(variables)
  if #variables <= SHOWN then return table.concat(variables, ", ") end
  return ("%s and %d more"):format(table.concat(variables, ", ", 1, SHOWN), #variables - SHOWN)
end

local function environment_of(list, params)
  local own = variables_of(params)
  if own == "" then return named(list, params and "none" or "none but those of its parameters") end
  return ("%s for its parameters%s"):format(own, #list > 0 and "; any use: " .. table.concat(list, ", ") or "")
end

--- What permissions come to, for people.
---@param value sluice.permissions|nil checked; nil: the default
---@param params table[]|nil the recipe's, if they are known
---@return string[] lines such as "sandboxes: dev, stage"
function M.explain(value, params)
  local whole = M.complete(value)
  local further = #whole.hosts > 0 and ", and, with your credentials, " .. table.concat(whole.hosts, ", ") or " only"
  return {
    "hosts: the platform and token service of the run" .. further,
    "sandboxes: " .. sandboxes_of(whole.sandboxes),
    "operations: " .. operations_of(whole.operations),
    "files it may read: " .. named(whole.paths.read, "none but its own"),
    "files it may write: " .. named(whole.paths.write, "none"),
    "environment variables: " .. environment_of(whole.environment, params),
    "programs: " .. (whole.commands and "any, so that it may do whatever you may" or "none"),
  }
end

return M
