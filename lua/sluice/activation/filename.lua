--- File name templates of the tutorial's destinations: macros between percent signs, own text at the end.

local suggest = require "sluice.suggest"

local M = {}

--- What a template usually looks like (T).
M.USUAL = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"

local LONGEST = 255 -- characters (UI)

local REQUIRED = { "DESTINATION_NAME", "SEGMENT_ID" } -- T, UPD
local WHEN = { "DATETIME(YYYYMMdd_HHmmss)", "TIMESTAMP" } -- T: one of the two
local MACROS = { REQUIRED[1], REQUIRED[2], "SEGMENT_NAME", WHEN[1], WHEN[2] } -- T, UPD
-- Macros of the newer cloud-storage cards (D) and what to write here in their place.
local NEWER = {
  DESTINATION = "DESTINATION_NAME", DESTINATION_INSTANCE_ID = false, DESTINATION_INSTANCE_NAME = false,
  ORGANIZATION_NAME = false, SANDBOX_NAME = false,
}

local KNOWN = {}
for _, macro in ipairs(MACROS) do KNOWN[macro] = true end

local function macro(name) return "%" .. name .. "%" end

local function macros()
  local list = {}
  for i, name in ipairs(MACROS) do list[i] = macro(name) end
  return list
end

--- Why a text between percent signs is not acceptable, and the macro it was probably meant to be. Nothing
--- when it is text of one's own.
local function objection(body)
  if NEWER[body] ~= nil then
    return ("%s is a macro of the newer cloud-storage cards%s"):format(macro(body),
      NEWER[body] and "; write " .. macro(NEWER[body]) or ""), "D", NEWER[body] or nil
  end
  if body:match("^DATETIME%b()$") then
    return ("the only date pattern is %s, got %s"):format(macro(WHEN[1]), macro(body)), "T", WHEN[1]
  end
  local near = suggest.nearest(body, MACROS)
  if near or body:match("^[%u%d_]*%b()$") or body:match("^[%u%d_]*$") then
    local expected = suggest.expected(macro(body), macros())
    return ("unknown macro %s; %s"):format(macro(body), expected), "T,UPD", near
  end
end

--- The macros of a template. Problems met while reading are reported; a misspelt macro counts as seen, so
--- that it is not called missing too.
local function read(template, place, report)
  local seen, position = {}, 1
  while true do
    local from = template:find("%", position, true)
    if not from then return seen end
    local to = template:find("%", from + 1, true)
    if not to then
      report:error(place, "T", "a percent sign at character %d has no partner in %s", from,
        suggest.quote(template))
      return seen
    end
    local body = template:sub(from + 1, to - 1)
    local problem, source, meant = nil, nil, body
    if not KNOWN[body] then problem, source, meant = objection(body) end
    if meant then seen[meant] = true end
    if problem then
      report:error(place, source, problem)
    elseif not KNOWN[body] and to < #template then
      report:warning(place, "T,UPD",
        "own text belongs at the end of a file name; %s stands before other parts",
        suggest.quote(macro(body)))
    end
    position = to + 1
  end
end

local function check_when(seen, template, place, report)
  if seen[WHEN[1]] and seen[WHEN[2]] then
    report:error(place, "T", "has both %s and %s: choose one", macro(WHEN[1]), macro(WHEN[2]))
  elseif not seen[WHEN[1]] and template:gsub("%%", ""):find(WHEN[1], 1, true) then
    report:warning(place, "T,UPD", "DATETIME stands without percent signs: the tutorial's table prints it "
      .. "so, its request and the update guide write %s", macro(WHEN[1]))
  elseif not seen[WHEN[1]] and not seen[WHEN[2]] then
    report:warning(place, "UI", "has neither %s nor %s: each export overwrites the file before",
      macro(WHEN[1]), macro(WHEN[2]))
  end
end

--- Checks a file name template.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the template
---@param template any nil counts as missing
function M.check(report, place, template)
  if not report:text(place, template, "a template such as " .. suggest.quote(M.USUAL), "T") then return end
  if #template > LONGEST then
    report:error(place, "UI", "is %d characters long: %d are allowed", #template, LONGEST)
  end
  local seen = read(template, place, report)
  for _, name in ipairs(REQUIRED) do
    if not seen[name] then
      report:error(place, "T,UPD", "lacks %s; a usual template is %s", macro(name), suggest.quote(M.USUAL))
    end
  end
  check_when(seen, template, place, report)
end

return M
