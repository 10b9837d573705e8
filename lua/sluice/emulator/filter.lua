--- The `property` filters of a list. Several expressions are AND-ed. [SF]
--   path==v   path==v1,v2 (any of them)   path<v path>v path<=v path>=v (numbers)   array[].path==v
local errors = require "sluice.emulator.errors"

local M = {}

--- What a collection's filter and orderby may name: first path segment → JSON type of that member. Deeper
--- segments
-- are free: "any property may be filtered when its path is known" [SF].
---@alias sluice.emulator.Fields table<string, "string"|"number"|"object"|"array">

local RANGE = {
  ["<"] = function(a, b) return a < b end,
  ["<="] = function(a, b) return a <= b end,
  [">"] = function(a, b) return a > b end,
  [">="] = function(a, b) return a >= b end,
}

-- The first run of operator characters decides; anything but these is 1450-400. [ERR]
local function split(expression)
  local path, operator, value = expression:match("^([^=<>~!]*)([=<>~!]+)(.*)$")
  if not path then errors.refuse("1450-400", "'%s' has no operator; expected field==value", expression) end
  if operator == "~" then errors.refuse("1440-400", "in '%s'", expression) end
  if operator ~= "==" and operator ~= "=" and not RANGE[operator] then
    errors.refuse("1450-400", "'%s' in '%s'", operator, expression)
  end
  return path, operator, value
end

local function parse_path(path, expression)
  local segments = {}
  for part in (path .. "."):gmatch("([^.]*)%.") do
    local name, each = part:match("^([%w_@$:%-]+)(%[?%]?)$")
    if not name or (each ~= "" and each ~= "[]") then
      errors.refuse("1449-400", "'%s' in '%s' is not a path such as a.b or a[].b", path, expression)
    end
    segments[#segments + 1] = { name = name, each = each == "[]" }
  end
  return segments
end

-- ERR: 1449 bad field, 1454 unhandled value type. Where exactly the service draws these lines is UNKNOWN.
local function check_field(path, kind, expression)
  local first = path[1]
  if not kind then errors.refuse("1449-400", "'%s' in '%s'", first.name, expression) end
  if (kind == "array") ~= first.each then
    errors.refuse("1449-400", "'%s' in '%s': arrays, and only arrays, are written with []", first.name,
      expression)
  end
  if kind == "object" and #path == 1 then
    errors.refuse("1454-400", "'%s' in '%s' is an object; name a member of it", first.name, expression)
  end
end

local function parse_values(text, expression)
  local values = {}
  for value in (text .. ","):gmatch("([^,]*),") do
    if value == "" then errors.refuse("1453-400", "in '%s'", expression) end
    values[#values + 1] = value
  end
  return values
end

local function check_range(path, values, expression)
  if #path == 1 and path[1].name == "id" then errors.refuse("1448-400", "in '%s'", expression) end
  if #values > 1 then errors.refuse("1443-400", "in '%s'", expression) end
  if not tonumber(values[1]) then
    errors.refuse("1452-400", "'%s' in '%s' is not a number", values[1], expression)
  end
end

local function check_values(path, kind, values, expression)
  if #path > 1 or kind ~= "number" then return end
  for _, value in ipairs(values) do
    if not tonumber(value) then
      errors.refuse("1452-400", "'%s' in '%s' is not a number", value, expression)
    end
  end
end

-- Is `test` true for the value at the path, or for one of them where the path fans out?
local function any(value, path, depth, test)
  local segment = path[depth]
  if not segment then return test(value) end
  if type(value) ~= "table" then return false end
  local child = value[segment.name]
  if child == nil then return false end
  if not segment.each then return any(child, path, depth + 1, test) end
  if type(child) ~= "table" then return false end
  for _, element in ipairs(child) do
    if any(element, path, depth + 1, test) then return true end
  end
  return false
end

local function equals_one_of(values, fold)
  local wanted = {}
  for _, value in ipairs(values) do
    wanted[fold and value:lower() or value] = true
    local number = tonumber(value)
    if number then wanted[number] = true end
  end
  return function(value)
    if type(value) == "boolean" then value = tostring(value) end
    if fold and type(value) == "string" then value = value:lower() end
    return (type(value) == "string" or type(value) == "number") and wanted[value] == true
  end
end

local function in_range(operator, limit)
  local compare = RANGE[operator]
  return function(value) return type(value) == "number" and compare(value, limit) end
end

local function compile(expression, definition, fold_case)
  local text, operator, right = split(expression)
  local path = parse_path(text, expression)
  local first = path[1].name
  if definition.spec_collection then
    if not definition.fields[first] then errors.refuse("1423-400", "'%s' in '%s'", first, expression) end
    if first == "attributes" then
      operator, right = operator:gsub("^=$", "=="), right:gsub('^"(.*)"$', "%1")
    end
  end
  check_field(path, definition.fields[first], expression)
  if operator == "=" then errors.refuse("1450-400", "'=' in '%s'; equality is ==", expression) end
  local values = parse_values(right, expression)
  if RANGE[operator] then
    check_range(path, values, expression)
    return path, in_range(operator, tonumber(values[1]))
  end
  check_values(path, definition.fields[first], values, expression)
  return path, equals_one_of(values, fold_case and first == "metrics")
end

--- Compiles filters.
---@param expressions string[] such as "name==Campaign"
---@param definition { fields: sluice.emulator.Fields, spec_collection?: boolean } of the collection. In the
--- two spec
--- collections other fields are 1423-400, and attributes.x="abc" is read like attributes.x==abc [ERR, SF].
---@param fold_case? boolean whether metrics of runs are compared without regard to letter case
---@return fun(item: table): boolean
--- Refuses with 1440, 1443, 1448, 1449, 1450, 1452, 1453 or 1454-400. [ERR]
function M.compile(expressions, definition, fold_case)
  local tests = {}
  for i, expression in ipairs(expressions) do
    local path, test = compile(expression, definition, fold_case)
    tests[i] = function(item) return any(item, path, 1, test) end
  end
  return function(item)
    for _, test in ipairs(tests) do
      if not test(item) then return false end
    end
    return true
  end
end

return M
